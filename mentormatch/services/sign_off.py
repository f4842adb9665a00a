"""A second person of the office looks at a result before it is published, where the programme asks for that."""

from __future__ import annotations

from sqlalchemy import select

from mentormatch.core.clock import now
from mentormatch.core.errors import Conflict
from mentormatch.core.policy import Actor, Permission
from mentormatch.core.roles import STAFF_ROLES
from mentormatch.models import Round, RoundState, Staff
from mentormatch.models.base import AnySession, writing
from mentormatch.queries import decisions
from mentormatch.services import audit, outbox, rounds


def ask(session: AnySession, *, actor: Actor, round_id: int) -> int:
    """Ask everybody else in the office to look at the result under review; return how many they are.

    Raises
    ------
    Conflict
        No result is under review.
    """
    with writing(session):
        found = rounds.lock(session, actor=actor, permission=Permission.PUBLISH_ROUNDS, round_id=round_id)
        if found.state is not RoundState.REVIEW or found.run_id is None:
            raise Conflict(rounds.CHANGED)
        office = select(Staff.person_id).where(Staff.programme_id == found.programme_id, Staff.role.in_(STAFF_ROLES))
        others = sorted(set(session.scalars(office)) - {actor.person_id})
        for person_id in others:
            outbox.post(
                session,
                kind="sign_off_asked",
                reason=f"run:{found.run_id}:sign_off",
                person_id=person_id,
                programme_id=found.programme_id,
                facts={"round_id": round_id, "run_id": found.run_id, "asked_by": actor.person_id},
            )
        _record(session, actor, found, "sign_off_asked")
    return len(others)


def sign(session: AnySession, *, actor: Actor, round_id: int, run_id: int) -> None:
    """Sign off the run that was looked at.

    Raises
    ------
    NotFound, NotPermitted
        The round is none of the actor's business.
    Conflict
        The round shows another run by now, or holds decisions that the run does not know.
    """
    with writing(session):
        found = rounds.lock(session, actor=actor, permission=Permission.SIGN_OFF_ROUNDS, round_id=round_id)
        if found.state is not RoundState.REVIEW or found.run_id != run_id:
            raise Conflict(rounds.CHANGED)
        if waiting := decisions.pending(session, programme_id=found.programme_id, round_id=round_id):
            raise Conflict(
                "%(number)s decisions of the admins are not applied yet. Sign off the run that knows them.",
                number=waiting,
            )
        found.signed_run_id, found.signed_by, found.signed_at = run_id, actor.person_id, now()
        _record(session, actor, found, "signed_off")


def take_back(session: AnySession, *, actor: Actor, round_id: int) -> None:
    """Take a sign-off back; what is about to be published is then withheld.

    Raises
    ------
    Conflict
        There is none, or the round is published.
    """
    with writing(session):
        found = rounds.lock(session, actor=actor, permission=Permission.SIGN_OFF_ROUNDS, round_id=round_id)
        if found.state not in {RoundState.REVIEW, RoundState.PUBLISHING} or found.signed_run_id is None:
            raise Conflict(rounds.CHANGED)
        found.signed_run_id = found.signed_by = found.signed_at = None
        _record(session, actor, found, "sign_off_taken_back")


def _record(session: AnySession, actor: Actor, found: Round, what: str) -> None:
    subject, programme_id = f"round:{found.id}", found.programme_id
    audit.record(
        session, actor=actor, action=f"round.{what}", subject=subject, programme_id=programme_id, run=found.run_id
    )
