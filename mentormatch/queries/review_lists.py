"""The lists of the review, a page at a time: pairs, hosts with their interns, answers; searched in the database."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, TypeVar

from sqlalchemy import ColumnElement, case, func, or_, select
from sqlalchemy.orm import aliased

from mentormatch.core.names import Name
from mentormatch.core.roles import Role
from mentormatch.models import Enrolment, EnrolmentState, Match, MatchState, Person, Proposal
from mentormatch.queries import Store

PAGE = 25

_FAILED = (MatchState.DECLINED, MatchState.EXPIRED)

Item = TypeVar("Item")

_Intern, _InternPerson = aliased(Enrolment), aliased(Person)
_Host, _HostPerson = aliased(Enrolment), aliased(Person)


@dataclass(frozen=True, slots=True)
class PersonLine:
    """Somebody in one line: `id` is the enrolment's, `work` faculty and year, or organisation and position."""

    id: int
    person_id: int
    role: Role
    name: Name
    work: tuple[str, ...]
    capacity: int


@dataclass(frozen=True, slots=True)
class Page(Generic[Item]):
    """One page of a list: items `first` to `last` (from 1) of `total`."""

    items: Sequence[Item]
    first: int
    total: int

    @property
    def last(self) -> int:
        """Number of the last item shown."""
        return self.first + len(self.items) - 1


@dataclass(frozen=True, slots=True)
class PairRow:
    """A proposed pair in the list; points and margin as in `Proposal`."""

    id: int
    intern: PersonLine
    host: PersonLine
    points: int
    margin: int | None


@dataclass(frozen=True, slots=True)
class HostRow:
    """A host with the interns that a run gives them: (id of the pair, the intern, points)."""

    host: PersonLine
    interns: Sequence[tuple[int, PersonLine, int]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class AnswerRow:
    """A published pair and what the host said; `pair_id` is that of the proposal it came from, if it is kept."""

    id: int
    pair_id: int | None
    intern: PersonLine
    host: PersonLine
    state: MatchState
    answer_by: datetime
    answered_at: datetime | None
    decline_reason: str
    decline_note: str


def line(row: Enrolment, person: Person) -> PersonLine:
    """Return an enrolment and its person in one line."""
    keys = ("faculty", "year") if row.role is Role.INTERN else ("organisation", "position")
    work = tuple(str(row.profile[key]) for key in keys if row.profile.get(key))
    return PersonLine(row.id, row.person_id, row.role, person.name, work, row.capacity)


def people(store: Store, programme_id: int, ids: Iterable[int]) -> dict[int, PersonLine]:
    """Return enrolments of the programme by id; one query, none for nobody."""
    wanted = set(ids)
    if not wanted:
        return {}
    found = (
        select(Enrolment, Person)
        .join(Person, Person.id == Enrolment.person_id)
        .where(Enrolment.programme_id == programme_id, Enrolment.id.in_(wanted))
    )
    return {row.id: line(row, person) for row, person in store.execute(found)}


def numbers(store: Store, programme_id: int) -> dict[int, str]:
    """Return the student or staff number of each enrolment that has one; one query."""
    found = select(Enrolment.id, Enrolment.number).where(Enrolment.programme_id == programme_id, Enrolment.number != "")
    return dict(store.execute(found).all())


def pairs(
    store: Store,
    run_id: int,
    track: Role,
    *,
    only: Collection[int] | None = None,
    search: str = "",
    order: str = "fit",
    offset: int = 0,
    limit: int | None = PAGE,
) -> Page[PairRow]:
    """Return pairs of a run in one track; two queries.

    Parameters
    ----------
    only:
        Ids of the pairs that are wanted; None for all.
    search:
        Words that must all occur in the names, the faculty or the company of a pair.
    order:
        A key of `ORDERS`.
    """
    found = _both_sides(select(Proposal, _Intern, _InternPerson, _Host, _HostPerson), Proposal)
    found = found.where(Proposal.run_id == run_id, Proposal.track == track, *map(_of_pair, search.split()))
    if only is not None:
        found = found.where(Proposal.id.in_(only))
    total = store.scalar(select(func.count()).select_from(found.with_only_columns(Proposal.id).subquery())) or 0
    rows = store.execute(found.order_by(*ORDERS[order], Proposal.intern_id).offset(offset).limit(limit))
    items = [
        PairRow(row.id, line(intern, mine), line(host, theirs), row.points, row.margin)
        for row, intern, mine, host, theirs in rows
    ]
    return Page(items, offset + 1, total)


def _both_sides(found: Any, table: Any) -> Any:
    return (
        found.select_from(table)
        .join(_Intern, _Intern.id == table.intern_id)
        .join(_InternPerson, _InternPerson.id == _Intern.person_id)
        .join(_Host, _Host.id == table.host_id)
        .join(_HostPerson, _HostPerson.id == _Host.person_id)
    )


def _reading(person: Any) -> ColumnElement[str]:
    return func.coalesce(func.nullif(person.family_kana, ""), func.lower(person.family_name), "")


ORDERS: Mapping[str, Sequence[ColumnElement[Any]]] = {
    "fit": (Proposal.points.asc(),),
    "best": (Proposal.points.desc(),),
    "wish": (Proposal.wish.is_(None).asc(), Proposal.wish.asc(), Proposal.points.asc()),
    "close": (Proposal.margin.is_(None).asc(), func.abs(Proposal.margin).asc()),
    "intern": (_reading(_InternPerson), _InternPerson.given_kana.asc(), _InternPerson.given_name.asc()),
    "host": (_reading(_HostPerson), _HostPerson.given_kana.asc(), _HostPerson.given_name.asc(), Proposal.points.asc()),
}
"""How pairs can be sorted."""


def _mentions(word: str, enrolment: Any, person: Any) -> list[ColumnElement[bool]]:
    columns = (
        person.family_name + " " + person.given_name,
        person.family_name + person.given_name,
        person.family_kana + " " + person.given_kana,
        person.romaji,
        person.preferred_name,
        enrolment.number,
        enrolment.profile["faculty"].as_string(),
        enrolment.profile["organisation"].as_string(),
    )
    return [column.icontains(word, autoescape=True) for column in columns]


def _of_pair(word: str) -> ColumnElement[bool]:
    """Match a word on either side of a pair; the word's own wildcards are plain characters."""
    return or_(*_mentions(word, _Intern, _InternPerson), *_mentions(word, _Host, _HostPerson))


def hosts(
    store: Store, programme_id: int, run_id: int, track: Role, *, search: str = "", offset: int = 0
) -> Page[HostRow]:
    """Return the hosts of a track with their interns in a run, the most interns first; three queries.

    Those who take part now are listed, and those whom the run gives somebody.
    """
    pairs_of = select(Proposal.host_id, func.count().label("number")).where(Proposal.run_id == run_id)
    counted = pairs_of.group_by(Proposal.host_id).subquery()
    mine = func.coalesce(counted.c.number, 0)
    found = (
        select(Enrolment, Person)
        .join(Person, Person.id == Enrolment.person_id)
        .outerjoin(counted, counted.c.host_id == Enrolment.id)
        .where(Enrolment.programme_id == programme_id, Enrolment.role == track)
        .where(or_(Enrolment.state == EnrolmentState.ACTIVE, mine > 0))
        .where(*(or_(*_mentions(word, Enrolment, Person)) for word in search.split()))
    )
    total = store.scalar(select(func.count()).select_from(found.with_only_columns(Enrolment.id).subquery())) or 0
    order = (mine.desc(), _reading(Person), Person.given_kana, Enrolment.id)
    rows = [line(row, person) for row, person in store.execute(found.order_by(*order).offset(offset).limit(PAGE))]
    served = _interns_of(store, run_id, [host.id for host in rows])
    return Page([HostRow(host, served.get(host.id, [])) for host in rows], offset + 1, total)


def _interns_of(store: Store, run_id: int, hosts: Collection[int]) -> dict[int, list[tuple[int, PersonLine, int]]]:
    found = (
        select(Proposal.id, Proposal.host_id, Proposal.points, _Intern, _InternPerson)
        .join(_Intern, _Intern.id == Proposal.intern_id)
        .join(_InternPerson, _InternPerson.id == _Intern.person_id)
        .where(Proposal.run_id == run_id, Proposal.host_id.in_(hosts))
        .order_by(Proposal.points.desc(), Proposal.id)
    )
    served: dict[int, list[tuple[int, PersonLine, int]]] = {}
    for pair_id, host_id, points, intern, person in store.execute(found):
        served.setdefault(host_id, []).append((pair_id, line(intern, person), points))
    return served


def answers(
    store: Store, round_id: int, run_id: int | None, track: Role, *, state: str = "", search: str = "", offset: int = 0
) -> Page[AnswerRow]:
    """Return the published pairs of a round with the hosts' answers, declined first, then waiting; two queries.

    Parameters
    ----------
    state:
        A word of `MatchState`, or nothing for all.
    """
    found = _both_sides(select(Match, Proposal.id, _Intern, _InternPerson, _Host, _HostPerson), Match)
    found = found.outerjoin(
        Proposal,
        (Proposal.run_id == run_id)
        & (Proposal.track == Match.track)
        & (Proposal.intern_id == Match.intern_id)
        & (Proposal.host_id == Match.host_id),
    ).where(Match.round_id == round_id, Match.track == track, *map(_of_pair, search.split()))
    if state:
        found = found.where(Match.state == MatchState(state))
    total = store.scalar(select(func.count()).select_from(found.with_only_columns(Match.id).subquery())) or 0
    urgency = case((Match.state.in_(_FAILED), 0), (Match.state == MatchState.PROPOSED, 1), else_=2)
    rows = store.execute(found.order_by(urgency, _reading(_InternPerson), Match.id).offset(offset).limit(PAGE))
    items = [
        AnswerRow(
            id=match.id,
            pair_id=pair_id,
            intern=line(intern, mine),
            host=line(host, theirs),
            state=match.state,
            answer_by=match.answer_by,
            answered_at=match.answered_at,
            decline_reason=match.decline_reason,
            decline_note=match.decline_note,
        )
        for match, pair_id, intern, mine, host, theirs in rows
    ]
    return Page(items, offset + 1, total)


def answer_counts(store: Store, round_id: int) -> dict[tuple[Role, MatchState], int]:
    """Return how many published pairs of a round stand where, by track and answer; one query."""
    found = (
        select(Match.track, Match.state, func.count())
        .where(Match.round_id == round_id)
        .group_by(Match.track, Match.state)
    )
    return {(track, state): number for track, state, number in store.execute(found)}
