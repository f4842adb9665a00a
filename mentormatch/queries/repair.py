"""A published round after the letters have gone: one match as the office sees it, and what it was told in private."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import aliased

from mentormatch.core.errors import NotFound
from mentormatch.core.names import Name
from mentormatch.core.roles import Role
from mentormatch.models import LIVING, Concern, Enrolment, Match, MatchOrigin, MatchState, Person, Round
from mentormatch.queries import Store
from mentormatch.queries.review_lists import PersonLine, line


@dataclass(frozen=True, slots=True)
class MatchLine:
    """One published match; the moments and reasons that do not apply are None or empty."""

    id: int
    track: Role
    state: MatchState
    origin: MatchOrigin
    intern: PersonLine
    host: PersonLine
    created_at: datetime
    answer_by: datetime
    answered_at: datetime | None
    ended_at: datetime | None
    decline_reason: str
    decline_note: str
    end_reason: str
    end_note: str

    @property
    def lives(self) -> bool:
        """Whether it holds a place and its two people."""
        return self.state in LIVING


@dataclass(frozen=True, slots=True)
class ConcernLine:
    """What somebody told the office about a match of a round; `settled_at` is None while it waits."""

    id: int
    match_id: int
    who: Name
    kind: str
    note: str
    told_at: datetime
    settled_at: datetime | None


def _lines(store: Store, wanted: Select[Match]) -> list[MatchLine]:
    intern, host, mine, theirs = aliased(Enrolment), aliased(Enrolment), aliased(Person), aliased(Person)
    rows = store.execute(
        wanted.join(intern, intern.id == Match.intern_id)
        .join(mine, mine.id == intern.person_id)
        .join(host, host.id == Match.host_id)
        .join(theirs, theirs.id == host.person_id)
        .add_columns(intern, mine, host, theirs)
    )
    return [
        MatchLine(
            id=match.id,
            track=match.track,
            state=match.state,
            origin=match.origin,
            intern=line(left, left_person),
            host=line(right, right_person),
            created_at=match.created_at,
            answer_by=match.answer_by,
            answered_at=match.answered_at,
            ended_at=match.ended_at,
            decline_reason=match.decline_reason,
            decline_note=match.decline_note,
            end_reason=match.end_reason,
            end_note=match.end_note,
        )
        for match, left, left_person, right, right_person in rows
    ]


def match(store: Store, programme_id: int, round_id: int, match_id: int) -> MatchLine:
    """Return one match of a round; one query.

    Raises
    ------
    NotFound
        The round of the programme has no such match.
    """
    of_round = select(Match).join(Round, Round.id == Match.round_id)
    found = _lines(
        store, of_round.where(Match.id == match_id, Match.round_id == round_id, Round.programme_id == programme_id)
    )
    if not found:
        raise NotFound("There is nothing here, or it is not for you to see.")
    return found[0]


def course(store: Store, found: MatchLine) -> list[MatchLine]:
    """Return all matches that the intern of a match has had in its track, oldest first; one query."""
    same = select(Match).where(Match.intern_id == found.intern.id, Match.track == found.track)
    return _lines(store, same.order_by(Match.id))


def concerns(store: Store, round_id: int, *, match_id: int | None = None) -> list[ConcernLine]:
    """Return what was told about matches of a round and waits to be dealt with, oldest first; one query.

    With `match_id`, everything that was ever told about this one.
    """
    wanted = (
        select(Concern, Person)
        .join(Match, Match.id == Concern.match_id)
        .join(Person, Person.id == Concern.person_id)
        .where(Match.round_id == round_id)
        .order_by(Concern.id)
    )
    wanted = wanted.where(Concern.settled_at.is_(None) if match_id is None else Match.id == match_id)
    return [
        ConcernLine(row.id, row.match_id, person.name, row.kind, row.note, row.told_at, row.settled_at)
        for row, person in store.execute(wanted)
    ]
