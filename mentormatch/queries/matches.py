"""Published matches as the two people in them see them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import contains_eager

from mentormatch.core.roles import Role
from mentormatch.models import Enrolment, EnrolmentState, Match, MatchState, Person
from mentormatch.queries import Store
from mentormatch.queries.participants import Participant, view


@dataclass(frozen=True, slots=True)
class MatchView:
    """One published match, with the other side as a participant. `reasons` is frozen at publication."""

    id: int
    track: Role
    state: MatchState
    other: Participant
    reasons: dict[str, Any]
    published_at: datetime
    answer_by: datetime
    answered_at: datetime | None


def of_intern(store: Store, programme_id: int, person_id: int) -> list[MatchView]:
    """Return whom an intern got, newest round first; hosts who declined are the office's affair and are left out."""
    mine = _enrolments(programme_id, person_id)
    visible = Match.state.in_([MatchState.PROPOSED, MatchState.ACCEPTED])
    return _matches(store, Match.intern_id.in_(mine) & visible, Match.host_id)


def of_host(store: Store, programme_id: int, person_id: int) -> list[MatchView]:
    """Return a host's interns, newest round first, with what the host answered."""
    return _matches(store, Match.host_id.in_(_enrolments(programme_id, person_id)), Match.intern_id)


def _enrolments(programme_id: int, person_id: int) -> Select[int]:
    """Return the person's part in the programme; who has left in one role sees nothing of it in another."""
    mine = select(Enrolment.id).where(Enrolment.programme_id == programme_id, Enrolment.person_id == person_id)
    return mine.where(Enrolment.state != EnrolmentState.WITHDRAWN)


def _matches(store: Store, wanted: ColumnElement[bool], other: Any) -> list[MatchView]:
    """Return matches with the other side, in one query. Matches exist only once their round is published."""
    rows = store.execute(
        select(Match, Enrolment)
        .join(Enrolment, Enrolment.id == other)
        .join(Enrolment.person)
        .options(contains_eager(Enrolment.person))
        .where(wanted)
        .order_by(Match.round_id.desc(), Match.track.desc(), Person.family_kana, Match.id)
    )
    return [
        MatchView(
            id=match.id,
            track=match.track,
            state=match.state,
            other=view(enrolment),
            reasons=dict(match.reasons),
            published_at=match.created_at,
            answer_by=match.answer_by,
            answered_at=match.answered_at,
        )
        for match, enrolment in rows
    ]
