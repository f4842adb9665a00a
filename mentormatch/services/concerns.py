"""What the two of a match tell the office in private: it does not fit, or the other does not answer."""

from __future__ import annotations

from sqlalchemy import ColumnElement, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import aliased

from mentormatch.core.clock import now
from mentormatch.core.errors import Conflict, InvalidInput, NotFound
from mentormatch.core.i18n import N_
from mentormatch.core.policy import Actor, Permission, authorise
from mentormatch.models import LIVING, Concern, Enrolment, EnrolmentState, Match, Round
from mentormatch.models.base import AnySession, writing
from mentormatch.services import matches

KINDS = {"fit": N_("We do not fit well"), "silent": N_("I get no answer")}
NOTHING = N_("There is nothing here, or it is not for you to see.")


def tell(session: AnySession, *, actor: Actor, programme_id: int, match_id: int, kind: str, note: str = "") -> None:
    """Tell the office about one's own living match; the admins hear that there is something to read.

    Raises
    ------
    InvalidInput
        The kind is not one of `KINDS`, or the note is too long.
    Conflict
        The office has been told already and has not dealt with it yet.
    NotFound
        It is not the actor's own living match.
    """
    authorise(actor, Permission.SEE_OWN_MATCHES, programme_id)
    if kind not in KINDS:
        raise InvalidInput("Choose what it is about.", field="kind")
    matches.check_note(note)
    with writing(session):
        match = _own(session, actor, programme_id, match_id)
        insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
        row = {"match_id": match_id, "person_id": actor.person_id, "kind": kind, "note": note.strip(), "told_at": now()}
        made = session.scalar(insert(Concern).values(row).on_conflict_do_nothing().returning(Concern.id))
        if made is None:
            raise Conflict("You have told the career centre already. They will get in touch with you.")
        matches.record(session, actor, match, programme_id, "concern_told")
        reason = f"concern:{made}"
        matches.tell_admins(session, programme_id, kind="concern_told", reason=reason, match=match)


def _own(session: AnySession, actor: Actor, programme_id: int, match_id: int) -> Match:
    intern, host = aliased(Enrolment), aliased(Enrolment)
    mine = or_(*(_takes_part(side, actor) for side in (intern, host)))
    found = session.scalar(
        select(Match)
        .join(Round, Round.id == Match.round_id)
        .join(intern, intern.id == Match.intern_id)
        .join(host, host.id == Match.host_id)
        .where(Match.id == match_id, Round.programme_id == programme_id, Match.state.in_(LIVING), mine)
    )
    if found is None:
        raise NotFound(NOTHING)
    return found


def _takes_part(side: type[Enrolment], actor: Actor) -> ColumnElement[bool]:
    return (side.person_id == actor.person_id) & (side.state != EnrolmentState.WITHDRAWN)


def settle(session: AnySession, *, actor: Actor, programme_id: int, round_id: int, concern_id: int) -> None:
    """Note that the office has dealt with what it was told.

    Raises
    ------
    NotFound
        There is no such concern that is open.
    """
    authorise(actor, Permission.PUBLISH_ROUNDS, programme_id)
    with writing(session):
        of_round = select(Match.id).join(Round, Round.id == Match.round_id)
        of_round = of_round.where(Match.round_id == round_id, Round.programme_id == programme_id)
        match_id = session.scalar(
            update(Concern)
            .where(Concern.id == concern_id, Concern.match_id.in_(of_round), Concern.settled_at.is_(None))
            .values(settled_at=now())
            .returning(Concern.match_id)
            .execution_options(synchronize_session=False)
        )
        if match_id is None:
            raise NotFound(NOTHING)
        matches.record(session, actor, session.get_one(Match, match_id), programme_id, "concern_settled")
