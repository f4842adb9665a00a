"""States, steps and figures of rounds in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from babel.numbers import format_decimal
from flask import url_for

from mentormatch.blueprints.criteria.words import RULES as RULE_NAMES
from mentormatch.blueprints.criteria.words import rule_words
from mentormatch.blueprints.request import gettext, ngettext, speech
from mentormatch.core.i18n import N_, Speech
from mentormatch.core.roles import HOST_ROLES, ROLE_LABELS, Role
from mentormatch.queries.programmes import ProgrammeView
from mentormatch.queries.rounds import RoundRow, RoundView
from mentormatch.queries.supply import Totals

STATES: Mapping[str, tuple[str, str, str]] = {
    "draft": (N_("Draft"), "", "pencil"),
    "open": (N_("Profiles open"), "teal", "pencil"),
    "matching": (N_("Matching is running"), "brand", "loader"),
    "review": (N_("In review"), "amber", "eye"),
    "publishing": (N_("About to be published"), "brand", "send"),
    "published": (N_("Published"), "green", "send"),
    "closed": (N_("Closed"), "", "check"),
}
"""State -> words, kind of pill, icon."""

RULES: Mapping[str, str] = {
    "shared_language": N_("no language in common"),
    "shared_hours": N_("too little free time in common"),
    "not_supervisor": N_("own supervisor"),
    "not_same_company": N_("same company"),
    "not_same_person": N_("the same person"),
    "never_pairs": N_("never these two"),
    "asked_not_to": N_("somebody asked not to"),
    "banned": N_("vetoed or skipped"),
    "serves_elsewhere": N_("already this intern's partner in the other role"),
}
"""Why a rule takes a host out, by its kind."""

_PAST = ("draft", "open", "matching", "review", "publishing", "published", "closed")


@dataclass(frozen=True, slots=True)
class NextStep:
    """The one thing to do next about a round."""

    label: str
    url: str
    icon: str


def number(value: int) -> str:
    """Return a whole number with the separators of the visitor's language."""
    return format_decimal(value, locale=speech().language)


def points(value: int | None) -> str:
    """Return points (100 per shown point) with one decimal place."""
    return "–" if value is None else format_decimal(value / 100, format="0.0", locale=speech().language)


def in_zone(zone: str) -> Speech:
    """Return how to speak of dates that belong to the programme, whoever reads them."""
    return Speech(speech().language, zone)


def state_words(found: RoundView) -> tuple[str, str, str]:
    """Return words, kind and icon of the pill that shows a round's state."""
    words, kind, icon = STATES[found.state]
    return gettext(words), kind, icon


def next_step(programme: ProgrammeView, row: RoundRow) -> NextStep:
    """Return what to do next about a round."""
    found = row.round
    where, words, icon = {
        "draft": ("settings", N_("Prepare this round"), "list-checks"),
        "open": ("settings", N_("Check readiness and run"), "play"),
        "matching": ("running", N_("Watch the run"), "loader"),
        "review": ("review", N_("Review the pairs"), "eye"),
        "publishing": ("review", N_("Look, or stop it"), "circle-stop"),
        "published": ("review", N_("See the answers"), "users"),
        "closed": ("review", N_("Look back"), "history"),
    }[found.state]
    return NextStep(gettext(words), address(programme, found, where), icon)


def address(programme: ProgrammeView, found: RoundView, page: str) -> str:
    """Return the address of a page of a round."""
    return url_for(f"mentormatch.rounds.{page}", programme=programme.slug, number=found.number)


def figures(row: RoundRow) -> list[tuple[str, object, str | None, str]]:
    """Return what can be counted about a round, as the macro `stats` shows it."""
    shown: list[tuple[str, object, str | None, str]] = []
    if row.pairs is not None:
        shown.append((gettext("Pairs"), number(row.pairs), None, ""))
        shown.append((gettext("Unmatched"), number(row.unmatched or 0), None, "amber" if row.unmatched else ""))
    if row.round.state in {"published", "closed"}:
        shown.append((gettext("Accepted"), number(row.accepted), None, "green"))
        shown.append((gettext("No answer yet"), number(row.waiting), None, ""))
        shown.append((gettext("Declined"), number(row.declined), None, "amber" if row.declined else ""))
    return shown


def steps(found: RoundView, zone: str) -> list[tuple[str, str, str]]:
    """Return the course of a round as the macro `timeline` shows it: done, now or still to come, with the dates."""
    said = in_zone(zone)
    at = _PAST.index(found.state)
    course: list[tuple[str, int, datetime | None]] = [
        (gettext("Profiles open"), 1, found.opens_at),
        (gettext("Matching"), 2, found.matching_at),
        (gettext("Review"), 3, None),
        (gettext("Publication"), 5, found.published_at or found.publish_at),
        (gettext("End of the round"), 6, found.closes_at),
    ]
    return [
        (
            "done" if step < at or at == len(_PAST) - 1 else "now" if step == at else "todo",
            words,
            "" if moment is None else said.moment(moment),
        )
        for words, step, moment in course
    ]


def planned(found: RoundView, zone: str) -> str:
    """Return the date of the next step in words, or nothing."""
    words = {
        "draft": N_("Profiles open on %(moment)s"),
        "open": N_("Matching planned for %(moment)s"),
        "matching": N_("Publication planned for %(moment)s"),
        "review": N_("Publication planned for %(moment)s"),
        "published": N_("Ends on %(moment)s"),
    }
    moment = found.next_date
    return gettext(words[found.state], moment=in_zone(zone).moment(moment)) if moment and found.state in words else ""


def people(counts: Mapping[str, int]) -> str:
    """Return numbers of people by role as one phrase: 76 interns, 30 mentors, 22 alumni."""
    phrases = {
        Role.INTERN: ngettext("%(num)s intern", "%(num)s interns", counts.get("intern", 0)),
        Role.MENTOR: ngettext("%(num)s mentor", "%(num)s mentors", counts.get("mentor", 0)),
        Role.ALUMNUS: ngettext("%(num)s alumnus", "%(num)s alumni", counts.get("alumnus", 0)),
    }
    joint = "・" if speech().language == "ja" else ", "
    return joint.join(words for role, words in phrases.items() if role in counts)


def supply_lines(totals: Iterable[Totals]) -> list[tuple[str, str]]:
    """Return supply and demand of each track as the macro `checks` shows it."""
    lines = []
    for one in totals:
        words = {
            Role.MENTOR: N_("Mentors: %(interns)s interns, %(places)s places with %(hosts)s mentors"),
            Role.ALUMNUS: N_("Alumni: %(interns)s interns, %(places)s places with %(hosts)s alumni"),
        }[one.track]
        told = gettext(words, interns=one.interns, places=one.places, hosts=one.hosts)
        if one.short:
            told += gettext(" – %(number)s places are missing", number=one.short)
        lines.append(("warn" if one.short else "done", told))
    return lines


def problem(message: str, fields: Mapping[str, Any]) -> str:
    """Return why there can be no run, or why one has failed, in the visitor's language."""
    told = dict(fields)
    if (track := told.get("track")) in HOST_ROLES:
        told["track"] = ROLE_LABELS[Role(track)].to(speech().language)
    if "rules" in told:
        joint = "、" if speech().language == "ja" else ", "
        told["rules"] = joint.join(_rule(key) for key in str(told["rules"]).split(", "))
    return gettext(message, **told)


def _rule(kind: str) -> str:
    if kind not in RULE_NAMES:
        return kind
    name = rule_words(kind)[0]
    return f"「{name}」" if speech().language == "ja" else f"“{name}”"
