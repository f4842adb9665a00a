"""Published matches: how both sides hear of one, the host's answer, and what follows from it."""

from __future__ import annotations

from collections.abc import Container, Iterable
from datetime import timedelta
from typing import Any

from sqlalchemy import select, update

from mentormatch.core.clock import now
from mentormatch.core.errors import Conflict, InvalidInput, NotFound
from mentormatch.core.i18n import N_
from mentormatch.core.policy import Actor, Permission, authorise
from mentormatch.core.roles import Role
from mentormatch.models import Enrolment, EnrolmentState, Match, MatchState, Programme, Round, Staff
from mentormatch.models.base import AnySession, writing
from mentormatch.services import audit, jobs, outbox

DECLINE_REASONS = {
    "time": N_("I have no time at present"),
    "field": N_("Somebody else knows this field better"),
    "known": N_("We know each other already, or work together"),
    "other": N_("Another reason"),
}
LONGEST_NOTE = 500


def announce(session: AnySession, made: Iterable[Match], programme: Programme, *, fell: Container[int] = ()) -> None:
    """Write to both sides of new matches inside the caller's transaction; the host is asked, and reminded once.

    Parameters
    ----------
    fell:
        Ids of those whose intern had somebody else before, and hears of a change.
    """
    moment, notice = now(), timedelta(days=programme.reminder_days)
    rows: list[dict[str, Any]] = []
    for match in made:
        about: dict[str, Any] = {"programme_id": programme.id, "facts": {"match_id": match.id}, "due_at": moment}
        intern = {"person_id": match.intern.person_id}
        host = {"person_id": match.host.person_id, "expires_at": match.answer_by}
        kind, reason = "match_changed" if match.id in fell else "match_intern", f"match:{match.id}"
        rows.append({"kind": kind, "reason": f"{reason}:intern", **about, **intern})
        rows.append({"kind": "match_host", "reason": f"{reason}:host", **about, **host})
        if notice and match.answer_by - notice > moment:
            about["due_at"] = match.answer_by - notice
            rows.append({"kind": "match_reminder", "reason": f"{reason}:reminder", **about, **host})
    outbox.post_all(session, rows)


def ended(session: AnySession, match: Match) -> None:
    """Follow up inside the caller's transaction when a match has ceased to live, for whatever reason.

    This is the one place for what hangs on a living match: whoever books meetings cancels those of the pair here. The
    free place, and an intern who seeks somebody else, are seen to by the job that is asked for.
    """
    jobs.renew(session, kind="fall_through", subject_id=match.round_id)


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
    """Decline a match as its host, with a reason; the programme's admins hear of it, and the place falls through.

    Raises
    ------
    InvalidInput
        The reason is not one of `DECLINE_REASONS`, or the note is too long.
    Conflict
        It has been answered before, or the time to answer is over.
    """
    if reason not in DECLINE_REASONS:
        raise InvalidInput("Choose a reason.", field="reason")
    check_note(note)
    with writing(session):
        match = _answer(session, actor, programme_id, match_id, MatchState.DECLINED)
        match.decline_reason, match.decline_note = reason, note.strip()
        match.offers = reason != "time"
        tell_admins(session, programme_id, kind="match_declined", reason=f"match:{match.id}:declined", match=match)
        ended(session, match)


def check_note(note: str) -> None:
    """Refuse a note that is too long.

    Raises
    ------
    InvalidInput
        It has more than `LONGEST_NOTE` characters.
    """
    if len(note) > LONGEST_NOTE:
        raise InvalidInput(
            "%(limit)s characters at most; this has %(found)s.", field="note", limit=LONGEST_NOTE, found=len(note)
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
    record(session, actor, found, programme_id, answer.value)
    return found


def expire(session: AnySession) -> int:
    """End the wait for answers that were due; return how many never came. Any number of workers may call this."""
    over = (Match.state == MatchState.PROPOSED, Match.answer_by <= now())
    if session.scalar(select(Match.id).where(*over).limit(1)) is None:  # an idle worker takes no write lock
        session.rollback()
        return 0
    with writing(session):
        due = select(Match, Round.programme_id).join(Round, Round.id == Match.round_id).where(*over).order_by(Match.id)
        found = session.execute(due.with_for_update(of=Match, skip_locked=True)).all()
        for match, programme_id in found:
            match.state, match.offers = MatchState.EXPIRED, False
            record(session, None, match, programme_id, "expired")
            outbox.post(
                session,
                kind="match_expired",
                reason=f"match:{match.id}:expired",
                person_id=match.host.person_id,
                programme_id=programme_id,
                facts={"match_id": match.id},
            )
            ended(session, match)
    return len(found)


def record(session: AnySession, actor: Actor | None, match: Match, programme_id: int, what: str) -> None:
    """Note in the audit trail what has become of a match."""
    subject, track = f"match:{match.id}", Role(match.track).value
    audit.record(session, actor=actor, action=f"match.{what}", subject=subject, programme_id=programme_id, track=track)


def tell_admins(session: AnySession, programme_id: int, *, kind: str, reason: str, match: Match) -> None:
    """Write a letter about a match to everybody who runs the programme."""
    for admin_id in admins(session, programme_id):
        outbox.post(
            session,
            kind=kind,
            reason=reason,
            person_id=admin_id,
            programme_id=programme_id,
            facts={"match_id": match.id},
        )


def admins(session: AnySession, programme_id: int) -> Iterable[int]:
    """Return the persons who run a programme, by id."""
    found = select(Staff.person_id).where(Staff.programme_id == programme_id, Staff.role == Role.PROGRAMME_ADMIN)
    return session.scalars(found.order_by(Staff.person_id)).all()
