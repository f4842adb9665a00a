"""Published matches: the host's answer, and what follows from it."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select, update

from mentormatch.core.clock import now
from mentormatch.core.errors import Conflict, InvalidInput, NotFound
from mentormatch.core.i18n import N_
from mentormatch.core.policy import Actor, Permission, authorise
from mentormatch.core.roles import Role
from mentormatch.models import Enrolment, EnrolmentState, Match, MatchState, Round, Staff
from mentormatch.models.base import AnySession, writing
from mentormatch.services import audit, outbox

DECLINE_REASONS = {
    "time": N_("I have no time at present"),
    "field": N_("Somebody else knows this field better"),
    "known": N_("We know each other already, or work together"),
    "other": N_("Another reason"),
}
LONGEST_NOTE = 500


def accept(session: AnySession, *, actor: Actor, programme_id: int, match_id: int) -> None:
    """Accept a match as its host; the intern hears of it.

    Raises
    ------
    Conflict
        It has been answered before, or the time to answer is over.
    """
    with writing(session):
        match = _answer(session, actor, programme_id, match_id, MatchState.ACCEPTED)
        outbox.post(
            session,
            kind="match_accepted",
            reason=f"match:{match.id}:accepted",
            person_id=match.intern.person_id,
            programme_id=programme_id,
            facts={"match_id": match.id},
        )


def decline(
    session: AnySession, *, actor: Actor, programme_id: int, match_id: int, reason: str, note: str = ""
) -> None:
    """Decline a match as its host, with a reason; the programme's admins hear of it, the intern hears from them.

    Raises
    ------
    InvalidInput
        The reason is not one of `DECLINE_REASONS`, or the note is too long.
    Conflict
        It has been answered before, or the time to answer is over.
    """
    if reason not in DECLINE_REASONS:
        raise InvalidInput("Choose a reason.", field="reason")
    if len(note) > LONGEST_NOTE:
        raise InvalidInput(
            "%(limit)s characters at most; this has %(found)s.", field="note", limit=LONGEST_NOTE, found=len(note)
        )
    with writing(session):
        match = _answer(session, actor, programme_id, match_id, MatchState.DECLINED)
        match.decline_reason, match.decline_note = reason, note.strip()
        for admin_id in _admins(session, programme_id):
            outbox.post(
                session,
                kind="match_declined",
                reason=f"match:{match.id}:declined",
                person_id=admin_id,
                programme_id=programme_id,
                facts={"match_id": match.id},
            )


def _answer(session: AnySession, actor: Actor, programme_id: int, match_id: int, answer: MatchState) -> Match:
    """Set the answer if the match still waits for it: of two answers at the same moment the first one counts."""
    authorise(actor, Permission.ANSWER_OWN_MATCHES, programme_id)
    found = session.scalar(
        select(Match)
        .join(Match.round)
        .join(Enrolment, Enrolment.id == Match.host_id)
        .where(Match.id == match_id, Round.programme_id == programme_id, Enrolment.person_id == actor.person_id)
        .where(Enrolment.state != EnrolmentState.WITHDRAWN)
    )
    if found is None:
        raise NotFound("There is nothing here, or it is not for you to see.")
    moment = now()
    changed = session.scalar(
        update(Match)
        .where(Match.id == match_id, Match.state == MatchState.PROPOSED, Match.answer_by > moment)
        .values(state=answer, answered_at=moment)
        .returning(Match.id)
    )
    if changed is None:
        raise Conflict("This match has been answered already, or the time to answer is over.")
    session.refresh(found)
    audit.record(
        session,
        actor=actor,
        action=f"match.{answer.value}",
        subject=f"match:{match_id}",
        programme_id=programme_id,
        track=Role(found.track).value,
    )
    return found


def _admins(session: AnySession, programme_id: int) -> Iterable[int]:
    return session.scalars(
        select(Staff.person_id).where(Staff.programme_id == programme_id, Staff.role == Role.PROGRAMME_ADMIN)
    ).all()
