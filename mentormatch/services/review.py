"""What an admin does with whole runs under review: choose one of them."""

from __future__ import annotations

from sqlalchemy import select

from mentormatch.core.errors import Conflict, NotFound
from mentormatch.core.policy import Actor, Permission
from mentormatch.models import RoundState, Run
from mentormatch.models.base import AnySession, writing
from mentormatch.services import audit, rounds


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
