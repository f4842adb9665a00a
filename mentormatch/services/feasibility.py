"""What is known of a round before its run is worked out in the background: asked for, done, kept.

What is kept is ``{"tracks": figures of queries.feasibility, or "error": {"message", "fields"}, "markets": {track:
queries.supply.Market}, "profiles": queries.participation.Completeness}``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from mentormatch.core.errors import MentorMatchError
from mentormatch.core.policy import Actor, Permission
from mentormatch.core.roles import Role
from mentormatch.models import Feasibility, Job, JobState, Round
from mentormatch.models.base import AnySession, writing
from mentormatch.queries import criteria, participation, problems, readiness, supply
from mentormatch.queries.rounds import view_of
from mentormatch.services import jobs, rounds, run_record

LISTED = 20
"""At most so many people with open profiles are named."""


def ask(session: AnySession, *, actor: Actor, round_id: int) -> None:
    """Have it worked out what is possible in a round, unless that is under way already.

    Raises
    ------
    NotFound
        There is no such round, or it is none of the actor's business.
    """
    try:
        with writing(session):
            rounds.lock(session, actor=actor, permission=Permission.RUN_ROUNDS, round_id=round_id)
            waiting = select(Job.id).where(
                Job.kind == readiness.JOB, Job.subject_id == round_id, Job.state == JobState.DUE
            )
            if session.scalar(waiting) is None:
                jobs.enqueue(session, kind=readiness.JOB, subject_id=round_id)
    except IntegrityError:  # somebody else asked at the same moment
        return


class _Superseded(Exception):
    """Another worker has this job by now: leave it alone."""


def work_out(session: AnySession, *, round_id: int, keep_alive: Callable[[], bool]) -> None:
    """Work out what is possible in a round and keep it in place of what was known before.

    A problem that cannot be matched at all is kept as its error.

    Parameters
    ----------
    keep_alive:
        Prolongs the lease of the job; false when another worker holds it.
    """
    from mentormatch.queries import feasibility  # loads SciPy: only where it is used

    def tick() -> None:
        if not keep_alive():
            raise _Superseded

    programme_id = session.scalar(select(Round.programme_id).where(Round.id == round_id))
    if programme_id is None:
        return
    state = readiness.stamp(session, programme_id)  # before all else: what changes meanwhile makes the figures old
    figures = _counted(session, session.get_one(Round, round_id, populate_existing=True))
    try:
        problem = problems.of_round(session, programme_id=programme_id, round_id=round_id)
        session.rollback()
        figures["tracks"] = feasibility.figures(problem, tick)
    except MentorMatchError as error:
        figures["error"] = run_record.failure(error)
    except _Superseded:
        return
    with writing(session):
        session.execute(delete(Feasibility).where(Feasibility.round_id == round_id))
        if session.scalar(select(Round.id).where(Round.id == round_id)) is not None:
            session.add(Feasibility(round_id=round_id, stamp=state, figures=figures))


def _counted(session: AnySession, found: Round) -> dict[str, Any]:
    """Return supply, demand and the completeness of profiles, as JSON."""
    rules = criteria.setting(session, found.programme_id).rules
    levels = [int(rule.params.get("min_level", 2)) for rule in rules if rule.active and rule.kind == "shared_language"]
    tracks = [Role(track) for track in found.programme.tracks]
    markets = supply.markets(session, view_of(found), tracks, level=max(levels, default=1))
    profiles = participation.completeness(session, found.programme_id, listed=LISTED)
    return {
        "markets": {str(track): market.to_json() for track, market in markets.items()},
        "profiles": profiles.to_json(),
    }
