"""The end of a published match: with thanks to both sides, and with somebody else for the intern if wished."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import delete, or_, select, text, update
from sqlalchemy.orm import joinedload

from mentormatch.core.clock import now
from mentormatch.core.errors import Conflict, InvalidInput, NotFound
from mentormatch.core.i18n import N_
from mentormatch.core.policy import Actor, Permission, authorise
from mentormatch.models import LIVING, Concern, Decision, DecisionKind, Enrolment, Match, MatchOrigin, MatchState, Round
from mentormatch.models.base import AnySession, writing
from mentormatch.services import fall_through, matches, outbox, rounds
from mentormatch.services.fall_through import Plan, Question

REASONS = {
    "left": N_("One of the two has left"),
    "fit": N_("The two do not fit"),
    "silent": N_("One of the two does not answer"),
    "other": N_("Another reason"),
}
"""Why the office ends a match; only the office reads it."""

OVER = N_("This match has ended already. Reload the page to see where it stands.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """How a match ends.

    Attributes
    ----------
    reason:
        One of `REASONS`.
    note:
        For the office alone.
    never:
        Whether these two are never to be paired again, in later rounds either.
    seeks:
        Whether the intern is to get somebody else.
    offers:
        Whether the host's place is free for others in this round.
    """

    reason: str
    note: str = ""
    never: bool = False
    seeks: bool = True
    offers: bool = True


def preview(session: AnySession, *, actor: Actor, programme_id: int, match_id: int, how: Ending) -> Plan:
    """Return who would get whom if a match ended so; the end is tried inside a transaction that is rolled back.

    Raises
    ------
    NotFound
        The match is none of the actor's business.
    Conflict
        It has ended already.
    InvalidInput
        `how` cannot be used; or the criteria and rules of the programme make no problem.
    """
    _check(how)
    with _supposing(session):
        match = _living(session, actor, programme_id, match_id)
        question = _ended(session, actor, match, programme_id, how)
    return fall_through.decide(question)


def end(session: AnySession, *, actor: Actor, programme_id: int, match_id: int, how: Ending, stamp: str) -> int:
    """End a match, thank both sides, and make the pairs that the preview has shown; return their number.

    Parameters
    ----------
    stamp:
        That of the preview which the admin has looked at.

    Raises
    ------
    NotFound, InvalidInput
        As `preview`.
    Conflict
        The match has ended already, or the preview is no longer what would be done.
    """
    plan = preview(session, actor=actor, programme_id=programme_id, match_id=match_id, how=how)
    if plan.stamp != stamp:
        raise Conflict(fall_through.CHANGED)
    with writing(session):
        match = _living(session, actor, programme_id, match_id)
        fall_through.hold_all(session, match.round, plan)
        if _ended(session, actor, match, programme_id, how).stamp != stamp:
            raise Conflict(fall_through.CHANGED)
        fall_through.write(session, match.round, plan, actor=actor, origin=MatchOrigin.OFFICE)
    return len(plan.pairs)


def leave(session: AnySession, *, actor: Actor, enrolment: Enrolment) -> int:
    """End inside the caller's transaction all living matches of somebody who leaves; return their number.

    The office decides who comes instead: their interns wait until it does, and a place that an intern leaves is free.
    """
    mine = or_(Match.intern_id == enrolment.id, Match.host_id == enrolment.id)
    found = session.scalars(select(Match).where(mine, Match.state.in_(LIVING)).order_by(Match.id).with_for_update())
    listed = found.all()
    for match in listed:
        host_leaves = match.host_id == enrolment.id
        how = Ending(reason="left", seeks=host_leaves, offers=not host_leaves)
        _end(session, actor, match, enrolment.programme_id, how)
    return len(listed)


@contextmanager
def _supposing(session: AnySession) -> Iterator[None]:
    """Run the block in a transaction of which nothing stays."""
    session.rollback()
    if session.get_bind().dialect.name == "sqlite":
        session.execute(text("BEGIN IMMEDIATE"))
    try:
        yield
    finally:
        session.rollback()


def _check(how: Ending) -> None:
    if how.reason not in REASONS:
        raise InvalidInput("Choose a reason.", field="reason")
    matches.check_note(how.note)


def _living(session: AnySession, actor: Actor, programme_id: int, match_id: int) -> Match:
    """Return a living match of the programme with its people, locked after its round."""
    authorise(actor, Permission.PUBLISH_ROUNDS, programme_id)
    of_programme = select(Match.round_id).join(Round, Round.id == Match.round_id)
    round_id = session.scalar(of_programme.where(Match.id == match_id, Round.programme_id == programme_id))
    if round_id is None:
        raise NotFound("There is nothing here, or it is not for you to see.")
    rounds.lock(session, actor=actor, permission=Permission.PUBLISH_ROUNDS, round_id=round_id)
    wanted = select(Match).where(Match.id == match_id).with_for_update(of=Match)
    people = joinedload(Match.intern), joinedload(Match.host), joinedload(Match.round).joinedload(Round.programme)
    found = session.scalars(wanted.options(*people).execution_options(populate_existing=True)).one()
    if found.state not in LIVING:
        raise Conflict(OVER)
    return found


def _ended(session: AnySession, actor: Actor, match: Match, programme_id: int, how: Ending) -> Question:
    """End the match and return what there is to decide then."""
    _end(session, actor, match, programme_id, how)
    return fall_through.ask(session, match.round, by_itself=False)


def _end(session: AnySession, actor: Actor, match: Match, programme_id: int, how: Ending) -> None:
    match.state, match.ended_at = MatchState.ENDED, now()
    match.end_reason, match.end_note = how.reason, how.note.strip()
    match.seeks, match.offers = how.seeks, how.offers
    if how.never:
        _veto(session, actor, match)
    _settle(session, match)
    matches.record(session, actor, match, programme_id, "ended")
    for side, person_id in (("intern", match.intern.person_id), ("host", match.host.person_id)):
        outbox.post(
            session,
            kind=f"match_ended_{side}",
            reason=f"match:{match.id}:ended:{side}",
            person_id=person_id,
            programme_id=programme_id,
            facts={"match_id": match.id},
        )
    matches.ended(session, match)
    session.flush()


def _veto(session: AnySession, actor: Actor, match: Match) -> None:
    """Forbid the pair for good, in place of what the round has decided on it."""
    pair = {"round_id": match.round_id, "track": match.track, "intern_id": match.intern_id, "host_id": match.host_id}
    same = [getattr(Decision, name) == value for name, value in pair.items()]
    session.execute(delete(Decision).where(*same).execution_options(synchronize_session=False))
    session.add(Decision(**pair, kind=DecisionKind.VETO, decided_by=actor.person_id))
    session.flush()


def _settle(session: AnySession, match: Match) -> None:
    """Regard what the two have told the office as dealt with."""
    session.execute(
        update(Concern)
        .where(Concern.match_id == match.id, Concern.settled_at.is_(None))
        .values(settled_at=now())
        .execution_options(synchronize_session=False)
    )
