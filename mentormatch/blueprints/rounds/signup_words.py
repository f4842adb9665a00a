"""Who has signed up, how far their profiles are, and how many may still come, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mentormatch.blueprints.request import gettext, speech
from mentormatch.blueprints.rounds import words
from mentormatch.core.i18n import N_
from mentormatch.core.roles import ROLE_LABELS, Role
from mentormatch.queries.forecast import CHANCE, Silence
from mentormatch.queries.participation import SignUps
from mentormatch.queries.readiness import Known
from mentormatch.queries.rounds import RoundView
from mentormatch.queries.supply import Totals

SILENCES: Mapping[Silence, str] = {
    Silence.NO_DATE: N_("Plan the day of the matching, and a forecast stands here."),
    Silence.PAST: N_("The planned day of the matching has come."),
    Silence.FEW_DAYS: N_("Sign-up began only a few days ago: too early to say."),
    Silence.FEW: N_("Too few have signed up in the last two weeks to say anything."),
    Silence.BURST: N_("Most came on one day, as by an import: that says nothing about the days to come."),
}


def forecasts(
    found: RoundView, totals: Mapping[Role, Totals], signups: Mapping[Role, SignUps], zone: str
) -> list[dict[str, str]]:
    """Return for interns and for the places of each track what is there and what is expected at the matching."""
    if found.state not in {"draft", "open"}:
        return []
    seeking = max((one.interns for one in totals.values()), default=0)
    until = "" if found.matching_at is None else words.in_zone(zone).short_day(found.matching_at)
    made = [{"label": gettext("Interns"), **_forecast(seeking, 1.0, signups[Role.INTERN], until)}]
    for track, one in totals.items():
        each = one.places / one.hosts if one.hosts else 1.0
        places = gettext({Role.MENTOR: N_("Places with mentors"), Role.ALUMNUS: N_("Places with alumni")}[track])
        made.append({"label": places, **_forecast(one.places, each, signups[track], until)})
    return made


def _forecast(here: int, each: float, so_far: SignUps, until: str) -> dict[str, str]:
    """Return what is there and what is expected; `each` is how many places one more host brings."""
    line = {"now": words.number(here)}
    more = so_far.expected
    if isinstance(more, Silence):
        return {**line, "range": "", "basis": gettext(SILENCES[more])}
    low, high = here + round(more.low * each), here + round(more.high * each)
    basis = gettext(
        "%(seen)s signed up in the last %(days)s days. If that goes on until %(date)s, "
        "the number lies in this range in %(chance)s of 10 cases.",
        seen=more.seen,
        days=more.days,
        date=until,
        chance=round(10 * CHANCE),
    )
    return {**line, "range": f"{words.number(low)}–{words.number(high)}", "basis": basis}


def signup_rows(signups: Mapping[Role, SignUps], tracks: Sequence[Role]) -> dict[str, Any]:
    """Return the sign-ups of each day as a table."""
    roles = [Role.INTERN, *tracks]
    days = sorted({day for role in roles for day, _ in signups[role].days}, reverse=True)
    counts = {role: dict(signups[role].days) for role in roles}
    return {
        "head": [gettext("Date"), *(ROLE_LABELS[role].to(speech().language) for role in roles)],
        "rows": [(speech().short_day(day), *(counts[role].get(day, "–") for role in roles)) for day in days],
    }


def profiles(known: Known, tracks: Sequence[Role]) -> dict[str, Any] | None:
    """Return how complete the profiles of each role are, with those who have left most open, or None if unknown."""
    found = known.profiles
    if found is None:
        return None
    language = speech().language
    rows = [_profile_row(role, found.groups[role]) for role in (Role.INTERN, *tracks)]
    named = [
        {"id": id_, "name": known.names[id_].full(language), "role": str(role), "missing": missing}
        for id_, role, missing in found.most
        if id_ in known.names
    ]
    return {
        "incomplete": found.incomplete,
        "rows": [row for row in rows if row["total"]],
        "table": [(row["label"], *row["counts"]) for row in rows],
        "most": named,
        "more": found.incomplete - len(named),
    }


def _profile_row(role: Role, counts: Sequence[int]) -> dict[str, Any]:
    total = sum(counts)
    return {
        "label": ROLE_LABELS[role].to(speech().language),
        "text": gettext("%(done)s of %(all)s complete", done=words.number(counts[-1]), all=words.number(total)),
        "counts": counts,
        "parts": [("f", counts[4]), ("p", counts[2] + counts[3]), ("e", counts[0] + counts[1])],
        "total": total,
    }
