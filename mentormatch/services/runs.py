"""Runs of a round: asked for, stopped, computed in the background, repeated."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from mentormatch.core.clock import now
from mentormatch.core.errors import Conflict, InvalidInput
from mentormatch.core.policy import Actor, Permission
from mentormatch.core.roles import Role
from mentormatch.models import Job, Round, RoundState, Run, RunState
from mentormatch.models.base import AnySession, writing
from mentormatch.queries import programmes
from mentormatch.queries.run_settings import RunSettings
from mentormatch.queries.runs import UNFINISHED
from mentormatch.services import audit, jobs, rounds
from mentormatch.services.run_execution import Repeated, execute, repeat_check

__all__ = ["Repeated", "execute", "repeat_check", "start", "stop"]


def start(session: AnySession, *, actor: Actor, round_id: int, settings: RunSettings | None = None) -> int:
    """Ask for a run of a round in draft, open or review; return its id. The worker does the rest.

    Without `settings`, the run is set as the one under review was, or as usual.

    Raises
    ------
    Conflict
        A run of this round is under way, or the round is past matching.
    InvalidInput
        There is nobody to match.
    """
    try:
        with writing(session):
            found = rounds.lock(session, actor=actor, permission=Permission.RUN_ROUNDS, round_id=round_id)
            if found.state is RoundState.MATCHING:
                raise Conflict("This round is being matched already.")
            _check_people(session, found)
            if found.state is RoundState.DRAFT:
                rounds.take_step(session, actor=actor, round_id=round_id, step=rounds.Step.OPEN)
            rounds.take_step(session, actor=actor, round_id=round_id, step=rounds.Step.MATCH)
            last = session.scalar(select(func.max(Run.number)).where(Run.round_id == round_id))
            run = Run(round_id=round_id, number=1 + (last or 0), started_by=actor.person_id)
            kept = {} if found.run is None else {**found.run.settings, "name": ""}
            run.settings = kept if settings is None else settings.to_json()
            run.progress = {"stage": "queued", "fraction": 0.0, "facts": {}}
            session.add(run)
            session.flush()
            jobs.enqueue(session, kind="run", subject_id=run.id)
            run_id = run.id
    except IntegrityError as error:
        raise Conflict("This round is being matched already.") from error
    return run_id


def _check_people(session: AnySession, found: Round) -> None:
    supply = programmes.supply(session, found.programme_id)
    hosts = sum(supply[Role(track)].places for track in found.programme.tracks)
    if not supply[Role.INTERN].people or not hosts:
        raise InvalidInput("There is nobody to match yet: a run needs at least one intern and one host with a place.")


def stop(session: AnySession, *, actor: Actor, round_id: int) -> bool:
    """End the round's run: it takes the best that it has found so far.

    A run that no worker has begun, or whose worker is gone, is called off instead, and the round goes back to where it
    was. Return whether the run was called off.

    Raises
    ------
    Conflict
        No run is under way.
    """
    with writing(session):
        found = rounds.lock(session, actor=actor, permission=Permission.RUN_ROUNDS, round_id=round_id)
        run = session.scalar(select(Run).where(Run.round_id == round_id, Run.state.in_(UNFINISHED)).with_for_update())
        if run is None:
            raise Conflict("No run is under way. Reload the page to see its result.")
        lease = session.scalar(select(Job.lease_until).where(Job.kind == "run", Job.subject_id == run.id))
        called_off = run.state is RunState.QUEUED or lease is None or lease < now()
        run.stop_requested = True
        if called_off:
            run.state, run.finished_at = RunState.STOPPED, now()
            run.progress = {**run.progress, "stage": "cancelled"}
            session.flush()
            rounds.leave_matching(session, actor=actor, round_id=round_id)
        audit.record(
            session,
            actor=actor,
            action="run.cancelled" if called_off else "run.stopped",
            subject=f"run:{run.id}",
            programme_id=found.programme_id,
        )
    return called_off
