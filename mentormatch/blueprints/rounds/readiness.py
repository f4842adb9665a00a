"""Before the run: what will happen before it happens, and who still has something to do."""

from __future__ import annotations

from typing import Any

from flask import redirect, render_template, request
from werkzeug.wrappers import Response

from mentormatch.blueprints.guard import guard
from mentormatch.blueprints.redirects import notice
from mentormatch.blueprints.request import actor, store
from mentormatch.blueprints.rounds import readiness_words as told
from mentormatch.blueprints.rounds import signup_words, words
from mentormatch.blueprints.rounds.area import area
from mentormatch.core.clock import now
from mentormatch.core.policy import Permission
from mentormatch.core.roles import Role
from mentormatch.queries import participation, supply
from mentormatch.queries import readiness as reading
from mentormatch.queries import rounds as every_round
from mentormatch.queries.programmes import ProgrammeView
from mentormatch.queries.rounds import RoundView
from mentormatch.services import feasibility, rounds

_POSSIBLE = "mm-possible"


@area.get("/programmes/<programme>/rounds/<int:number>/readiness")
@guard(Permission.RUN_ROUNDS)
def check_readiness(programme: ProgrammeView, number: int) -> str:
    """Show supply and demand, what the rules leave possible, a forecast, and incomplete profiles."""
    found = every_round.by_number(store(), programme.id, number)
    if "HX-Request" in request.headers:
        return _part(programme, found)
    context = _context(programme, found)
    known, track = context["known"], context["track"]
    signups = participation.signups(
        store(), programme.id, zone=programme.timezone, until=found.matching_at, moment=now()
    )
    market = known.markets.get(track)
    return render_template(
        "mentormatch/rounds/readiness.html",
        **context,
        forecasts=signup_words.forecasts(found, context["totals"], signups, programme.timezone),
        signups=signup_words.signup_rows(signups, context["tracks"]),
        topics=told.topics(market) if market else [],
        week=told.week(market) if market else None,
        profiles=signup_words.profiles(known, context["tracks"]),
    )


def _part(programme: ProgrammeView, found: RoundView) -> str:
    """Return the part of a page that asks for itself: what is possible, or the round in brief."""
    context = _context(programme, found)
    if request.headers.get("HX-Target") == _POSSIBLE:
        return render_template("mentormatch/rounds/readiness_possible.html", **context)
    return render_template("mentormatch/rounds/readiness_part.html", **context)


def _context(programme: ProgrammeView, found: RoundView) -> dict[str, Any]:
    """Return what every part of the page uses: the round, the track that is looked at, and what is known possible."""
    tracks = programme.tracks or (Role.MENTOR,)
    track = next((one for one in tracks if str(one) == request.args.get("track")), tracks[0])
    known = reading.known(store(), programme.id, found.id)
    return {
        "programme": programme,
        "round": found,
        "at": {"programme": programme.slug, "number": found.number},
        "tracks": tracks,
        "track": track,
        "known": known,
        "totals": supply.totals(store(), found, tracks),
        "work": str(known.work),
        "possible": told.possible(known, track),
        "coverage": [told.coverage(known.tracks[one], one) for one in tracks if one in known.tracks],
        "told": told,
        "words": words,
    }


@area.post("/programmes/<programme>/rounds/<int:number>/readiness")
@guard(Permission.RUN_ROUNDS)
def work_out(programme: ProgrammeView, number: int) -> Response | str:
    """Have it worked out what is possible; the page looks for the result by itself where scripts run."""
    found = every_round.by_number(store(), programme.id, number)
    feasibility.ask(store(), actor=actor(), round_id=found.id)
    if "HX-Request" in request.headers:
        return _part(programme, found)
    return redirect(words.address(programme, found, "check_readiness"), 303)


@area.post("/programmes/<programme>/rounds/<int:number>/remind")
@guard(Permission.RUN_ROUNDS)
def remind(programme: ProgrammeView, number: int) -> Response:
    """Remind those whose profile is not complete."""
    found = every_round.by_number(store(), programme.id, number)
    reminded = rounds.remind(store(), actor=actor(), round_id=found.id)
    notice("%(number)s people get a reminder, each at most one a day.", number=reminded)
    return redirect(words.address(programme, found, "settings"), 303)
