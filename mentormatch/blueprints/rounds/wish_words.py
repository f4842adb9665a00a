"""Wishes on the review page, in words: for admins alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mentormatch.blueprints.request import gettext, ngettext
from mentormatch.blueprints.wishes.words import choice
from mentormatch.core.i18n import N_
from mentormatch.queries.review import PairFact, Scenario

_TOP = 3


def pill(fact: PairFact) -> tuple[str, str]:
    """Return what a pair is among the intern's wishes, as text and kind of a pill."""
    if fact.wish is None:
        return gettext("no wish"), ""
    if fact.is_unwished:
        return gettext("Not a wish"), ""
    if fact.is_preferred:
        return gettext("preferred"), "teal"
    return choice(fact.wish), "teal" if fact.wish <= _TOP else ""


def part(kind: str, shared: Mapping[str, Any], labels: Mapping[str, str], called: Mapping[str, str]) -> str:
    """Return what both sides of a pair have asked for, or named as what matters most.

    Parameters
    ----------
    labels:
        Key of a criterion -> its name.
    called:
        ``intern`` and ``host``: the names of the two.
    """
    numbers: Sequence[Any] = shared.get("numbers") or (None, None)
    told = [
        gettext("%(who)s: %(what)s", who=called[side], what=_said(kind, value, labels))
        for side, value in zip(("intern", "host"), numbers, strict=True)
        if value is not None
    ]
    if told:
        return " · ".join(told)
    return gettext(_NOTHING[kind])


_NOTHING: Mapping[str, str] = {
    "wishes": N_("Neither has asked for the other"),
    "priority": N_("Neither has named anything: the average of all criteria"),
}


def _said(kind: str, value: Any, labels: Mapping[str, str]) -> str:
    if kind == "priority":
        return labels.get(str(value), str(value))
    return choice(value) if value else gettext("preferred")


def met(figures: Mapping[str, Any]) -> str:
    """Return how many top-3 wishes a run meets in a track, or nothing where nobody has any."""
    found = figures.get("wishes")
    if not found or not found["asked"]:
        return ""
    return gettext("top-3 wishes met: %(met)s of %(asked)s", met=found["top3"], asked=found["asked"])


def gained(other: Scenario, base: Scenario) -> tuple[str, bool] | None:
    """Return how many interns more or fewer get a top-3 wish in another run, and whether it is more; None for none."""
    if other.top3 is None or base.top3 is None or other.top3 == base.top3:
        return None
    gap = abs(other.top3 - base.top3)
    if other.top3 > base.top3:
        return ngettext("gives %(num)s more intern a top-3 wish", "gives %(num)s more interns a top-3 wish", gap), True
    return ngettext("gives %(num)s intern fewer a top-3 wish", "gives %(num)s interns fewer a top-3 wish", gap), False
