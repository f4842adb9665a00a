"""What an admin does on the review page: choose a run, decide on a pair."""

from __future__ import annotations

from sqlalchemy import select

from mentormatch.core.errors import Conflict, InvalidInput, NotFound
from mentormatch.core.policy import Actor, Permission
from mentormatch.core.roles import Role
from mentormatch.models import DecisionKind, RoundState, Run
from mentormatch.models.base import AnySession, writing
from mentormatch.services import audit, decisions, rounds


def choose_run(session: AnySession, *, actor: Actor, round_id: int, run_id: int, rev: int) -> None:
    """Put a finished run under review; decisions stay, and count as not applied where this run does not know them.

    Parameters
    ----------
    rev:
        The round's revision that the admin saw.

    Raises
    ------
    NotFound
        The round is none of the actor's business, or has no such run with a result.
    Conflict
        The round is not in review, or somebody has changed it since `rev`.
    """
    with writing(session):
        found = rounds.lock(session, actor=actor, permission=Permission.RUN_ROUNDS, round_id=round_id)
        run = session.scalar(select(Run).where(Run.id == run_id, Run.round_id == round_id))
        if run is None or "pairs" not in run.summary:
            raise NotFound("There is nothing here, or it is not for you to see.")
        if found.state is not RoundState.REVIEW or found.rev != rev:
            raise Conflict(rounds.CHANGED)
        found.run_id = run_id
        found.rev += 1
        audit.record(
            session,
            actor=actor,
            action="round.run_chosen",
            subject=f"round:{round_id}",
            programme_id=found.programme_id,
            run=run.number,
        )


def decide(
    session: AnySession,
    *,
    actor: Actor,
    round_id: int,
    track: Role,
    intern_id: int,
    host_id: int,
    kind: str,
    note: str = "",
    instead: bool = False,
    despite: bool = False,
) -> None:
    """Decide on one pair in the words of a form: pin, veto, skip, or nothing to take the decision back.

    Raises
    ------
    InvalidInput
        There is no such decision.
    NotFound, Conflict
        As `decisions.decide`.
    """
    if kind and kind not in set(DecisionKind):
        raise InvalidInput("Choose to pin, veto or skip this pair.", field="kind")
    decisions.decide(
        session,
        actor=actor,
        round_id=round_id,
        track=track,
        intern_id=intern_id,
        host_id=host_id,
        kind=DecisionKind(kind) if kind else None,
        note=note,
        instead=instead,
        despite=despite,
    )
