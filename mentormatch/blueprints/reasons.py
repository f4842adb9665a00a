"""Why two people were matched, in words for them: no points, no ranks, both sides' own words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from babel import Locale

from mentormatch.blueprints.request import gettext, speech
from mentormatch.blueprints.showing import window
from mentormatch.core.i18n import N_
from mentormatch.core.names import Name

ICONS = {
    "text": "target",
    "tags": "building-2",
    "complement": "wrench",
    "hours": "clock",
    "languages": "languages",
    "ordinal": "scale",
    "equality": "check",
}
_TITLES = {
    "text": N_("You think about the same things"),
    "complement": N_("What one wants to learn, the other can offer"),
    "hours": N_("Time that fits you both"),
    "languages": N_("A language you share"),
}
NOT_USED = {
    "gender": N_("gender"),
    "age": N_("age"),
    "nationality": N_("nationality"),
    "grades": N_("grades"),
    "photo": N_("photo"),
    "name": N_("name"),
    "faculty": N_("faculty"),
    "place": N_("place of living"),
}
_LONGEST = 120
_HOUR = 60


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason, as the macro `reasons` shows it."""

    icon: str
    title: str
    strength: int
    words: str | None
    evidence: list[tuple[str, str]]


def told(frozen: Mapping[str, Any], *, other: Name, reader: str) -> list[Reason]:
    """Return the reasons of a published match in words.

    Parameters
    ----------
    frozen:
        `Match.reasons`.
    other:
        The other person's name.
    reader:
        ``"intern"`` or ``"host"``: whose words are "you wrote".
    """
    return [_reason(item, other, reader) for item in frozen.get("reasons", ())]


def not_used(frozen: Mapping[str, Any]) -> str:
    """Return the kinds of personal information that played no part, as one phrase; computed, never a fixed text."""
    joint = "・" if speech().language == "ja" else ", "
    return joint.join(gettext(NOT_USED[kind]) for kind in frozen.get("not_used", ()) if kind in NOT_USED)


def _reason(item: Mapping[str, Any], other: Name, reader: str) -> Reason:
    language = speech().language
    kind = item["kind"]
    title = gettext(_TITLES[kind]) if kind in _TITLES else str(item["label"][language])
    mine, theirs = _both_sides(kind, item["shared"])
    if reader == "host":
        mine, theirs = theirs, mine
    name = other.called(language)
    said = [(gettext("You wrote"), mine), (gettext("%(name)s wrote", name=name), theirs)]
    if mine and mine == theirs:
        said = [(gettext("Both of you"), mine)]
    return Reason(ICONS.get(kind, "check"), title, item["strength"], None, [line for line in said if line[1]])


def _both_sides(kind: str, shared: Mapping[str, Any]) -> tuple[str, str]:
    if kind == "hours":
        common = _hours(shared)
        return common, common
    if kind == "languages":
        common = _languages(shared)
        return common, common
    if tags := shared.get("tags"):
        return _listed(intern for intern, _ in tags), _listed(host for _, host in tags)
    return _words(shared.get("intern_words", ())), _words(shared.get("host_words", ()))


def _hours(shared: Mapping[str, Any]) -> str:
    language = speech().language
    windows = [window(day, start, end, language) for day, start, end in shared.get("windows", ())]
    minutes = shared.get("minutes") or 0
    total = gettext("%(hours)s hours a week in common", hours=f"{minutes / _HOUR:g}")
    return f"{_listed(windows[:3])}（{total}）" if language == "ja" else f"{_listed(windows[:3])} ({total})"


def _languages(shared: Mapping[str, Any]) -> str:
    names = Locale(speech().language).languages
    return _listed(names.get(code, code) for code, _, _ in shared.get("languages", ()))


def _words(words: Iterable[Mapping[str, Any]]) -> str:
    """Return the first of a side's own words, shortened; words that the other side may not see were never stored."""
    for item in words:
        if value := item["value"]:
            text = _listed(map(str, value)) if isinstance(value, list) else str(value)
            return text if len(text) <= _LONGEST else f"{text[:_LONGEST].rstrip()}…"
    return ""


def _listed(texts: Iterable[str]) -> str:
    joint = "、" if speech().language == "ja" else ", "
    return joint.join(dict.fromkeys(texts))
