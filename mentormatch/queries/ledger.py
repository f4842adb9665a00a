"""The ledger of a programme: what published rounds gave each intern, and what they asked of each host."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, Select, Subquery, case, func, or_, select
from sqlalchemy.orm import aliased

from mentormatch.core.roles import Role
from mentormatch.models import (
    LIVING,
    Enrolment,
    EnrolmentState,
    Match,
    MatchState,
    Person,
    Proposal,
    Round,
    Wish,
    WishKind,
)
from mentormatch.queries import Store
from mentormatch.queries.participants import BY_READING, containing
from mentormatch.queries.review_lists import PAGE, Page, PersonLine, line
from mentormatch.queries.waiting import FAILED, missed

_MOST_WORDS = 6

INTERN_ORDERS = ("waiting", "name", "fit", "rounds", "rematched")
HOST_ORDERS = ("load", "name", "served", "declined", "free")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one published round gave an intern in a track.

    `host` is None if it gave nobody; `points` as in `Proposal`, None for a pair that no run proposed; `wish` is the
    rank that the intern gave this host, 0 for gladly without a rank, None for no wish.
    """

    number: int
    host: PersonLine | None = None
    state: MatchState | None = None
    points: int | None = None
    wish: int | None = None


@dataclass(frozen=True, slots=True)
class InternRow:
    """One intern over all published rounds in one track.

    `rounds` is in how many they took part, `alone` how many left them without anybody, `since` the first of these;
    `settled` tells whether they have somebody now; `points` the mean of their pairs; `rematched` how often they got
    somebody else.
    """

    intern: PersonLine
    rounds: int
    alone: int
    since: int | None
    settled: bool
    points: float | None
    rematched: int
    outcomes: Sequence[Outcome] = ()

    @property
    def waits(self) -> bool:
        """Whether they have been left alone and still are."""
        return self.alone > 0 and not self.settled


@dataclass(frozen=True, slots=True)
class HostRow:
    """One host over all published rounds in one track.

    `load` counts the interns whom they have now, `served` all whom they ever got and did not refuse, `declined` and
    `expired` the pairs that came to nothing; `by_round` maps a round's number to the interns it gave them.
    """

    host: PersonLine
    load: int
    served: int
    declined: int
    expired: int
    by_round: Mapping[int, int]

    @property
    def free(self) -> int:
        """Places that are left."""
        return max(0, self.host.capacity - self.load)


def _published(programme_id: int, track: Role) -> Select[Any]:
    """Return matches of published rounds in a track, with their rounds, to be given columns."""
    found = select(Match).join(Round, Round.id == Match.round_id)
    return found.where(Round.programme_id == programme_id, Round.published_at.is_not(None), Match.track == track)


def _matched(programme_id: int, track: Role) -> Subquery:
    """Return for each intern: rounds that gave somebody, matches in all, how many live, mean points."""
    held = Match.state.not_in(FAILED)
    proposal = aliased(Proposal)
    found = _published(programme_id, track).outerjoin(
        proposal,
        (proposal.run_id == Round.run_id)
        & (proposal.track == Match.track)
        & (proposal.intern_id == Match.intern_id)
        & (proposal.host_id == Match.host_id),
    )
    return (
        found.with_only_columns(
            Match.intern_id,
            func.count(case((held, Match.round_id)).distinct()).label("rounds"),
            func.count().label("matches"),
            func.sum(case((Match.state.in_(LIVING), 1), else_=0)).label("living"),
            func.avg(case((held, proposal.points))).label("points"),
        )
        .group_by(Match.intern_id)
        .subquery()
    )


def _alone(programme_id: int, track: Role) -> Subquery:
    found = missed(programme_id)
    return (
        select(found.c.intern_id, func.count().label("rounds"), func.min(found.c.number).label("since"))
        .where(found.c.track == track)
        .group_by(found.c.intern_id)
        .subquery()
    )


def _people(programme_id: int, role: Role, search: str, history: ColumnElement[bool]) -> list[ColumnElement[bool]]:
    """Return the conditions of a list: those who take part, and those who have left but have a history."""
    words = search.replace("\0", " ").split()[:_MOST_WORDS]
    present = or_(Enrolment.state != EnrolmentState.WITHDRAWN, history)
    return [Enrolment.programme_id == programme_id, Enrolment.role == role, present, *map(containing, words)]


def interns(
    store: Store,
    programme_id: int,
    track: Role,
    *,
    search: str = "",
    order: str = "waiting",
    offset: int = 0,
    limit: int | None = PAGE,
) -> Page[InternRow]:
    """Return interns with what published rounds gave them in a track; four queries.

    Parameters
    ----------
    order:
        One of `INTERN_ORDERS`.
    limit:
        None for all.
    """
    got, alone = _matched(programme_id, track), _alone(programme_id, track)
    missing, living = func.coalesce(alone.c.rounds, 0), func.coalesce(got.c.living, 0)
    rounds = func.coalesce(got.c.rounds, 0) + missing
    again = case((got.c.matches > 1, got.c.matches - 1), else_=0)
    orders: Mapping[str, Sequence[ColumnElement[Any]]] = {
        "waiting": (case((living > 0, 0), else_=missing).desc(), alone.c.since.is_(None), alone.c.since),
        "name": (),
        "fit": (got.c.points.is_(None), got.c.points),
        "rounds": (rounds.desc(),),
        "rematched": (again.desc(),),
    }
    found = (
        select(Enrolment, Person, rounds, missing, alone.c.since, living, got.c.points, again)
        .join(Person, Person.id == Enrolment.person_id)
        .outerjoin(got, got.c.intern_id == Enrolment.id)
        .outerjoin(alone, alone.c.intern_id == Enrolment.id)
        .where(*_people(programme_id, Role.INTERN, search, rounds > 0))
    )
    total = store.scalar(select(func.count()).select_from(found.with_only_columns(Enrolment.id).subquery())) or 0
    page = store.execute(found.order_by(*orders[order], *BY_READING, Enrolment.id).offset(offset).limit(limit)).all()
    rows = [
        InternRow(line(row, person), taken, left, since, bool(lives), None if mean is None else float(mean), more)
        for row, person, taken, left, since, lives, mean, more in page
    ]
    told = _outcomes(store, programme_id, track, None if limit is None else [row.intern.id for row in rows])
    return Page([replace(row, outcomes=told.get(row.intern.id, ())) for row in rows], offset + 1, total)


def _outcomes(
    store: Store, programme_id: int, track: Role, only: Collection[int] | None
) -> Mapping[int, Sequence[Outcome]]:
    """Return what each round gave the interns, in the order of the rounds; two queries. None means everybody."""
    proposal, wish = aliased(Proposal), aliased(Wish)
    found = (
        _published(programme_id, track)
        .join(Enrolment, Enrolment.id == Match.host_id)
        .join(Person, Person.id == Enrolment.person_id)
        .outerjoin(
            proposal,
            (proposal.run_id == Round.run_id)
            & (proposal.track == Match.track)
            & (proposal.intern_id == Match.intern_id)
            & (proposal.host_id == Match.host_id),
        )
        .outerjoin(
            wish, (wish.author_id == Match.intern_id) & (wish.other_id == Match.host_id) & (wish.kind != WishKind.AVOID)
        )
        .with_only_columns(
            Match.intern_id, Round.number, Enrolment, Person, Match.state, proposal.points, wish.id, wish.rank
        )
        .order_by(Round.number, Match.id)
    )
    left = missed(programme_id)
    alone = select(left.c.intern_id, left.c.number).where(left.c.track == track)
    if only is not None:
        found, alone = found.where(Match.intern_id.in_(only)), alone.where(left.c.intern_id.in_(only))
    told: dict[int, list[Outcome]] = defaultdict(list)
    for intern, number, host, person, state, points, wished, rank in store.execute(found):
        told[intern].append(Outcome(number, line(host, person), state, points, None if wished is None else rank or 0))
    for intern, number in store.execute(alone):
        told[intern].append(Outcome(number))
    return {intern: sorted(outcomes, key=lambda one: one.number) for intern, outcomes in told.items()}


def _asked(programme_id: int, track: Role) -> Subquery:
    """Return for each host with matches: interns now, interns in all, pairs declined and never answered."""

    def number(*states: MatchState) -> ColumnElement[int]:
        return func.sum(case((Match.state.in_(states), 1), else_=0))

    return (
        _published(programme_id, track)
        .with_only_columns(
            Match.host_id,
            number(*LIVING).label("load"),
            func.count(case((Match.state.not_in(FAILED), Match.intern_id)).distinct()).label("served"),
            number(MatchState.DECLINED).label("declined"),
            number(MatchState.EXPIRED).label("expired"),
        )
        .group_by(Match.host_id)
        .subquery()
    )


def hosts(
    store: Store,
    programme_id: int,
    track: Role,
    *,
    search: str = "",
    order: str = "load",
    offset: int = 0,
    limit: int | None = PAGE,
) -> Page[HostRow]:
    """Return hosts of a track with what published rounds asked of them; three queries.

    Parameters
    ----------
    order:
        One of `HOST_ORDERS`.
    limit:
        None for all.
    """
    asked = _asked(programme_id, track)
    load, served, declined, expired = (
        func.coalesce(column, 0) for column in (asked.c.load, asked.c.served, asked.c.declined, asked.c.expired)
    )
    orders: Mapping[str, Sequence[ColumnElement[Any]]] = {
        "load": (load.desc(),),
        "name": (),
        "served": (served.desc(),),
        "declined": ((declined + expired).desc(),),
        "free": ((Enrolment.capacity - load).desc(),),
    }
    found = (
        select(Enrolment, Person, load, served, declined, expired)
        .join(Person, Person.id == Enrolment.person_id)
        .outerjoin(asked, asked.c.host_id == Enrolment.id)
        .where(*_people(programme_id, track, search, asked.c.host_id.is_not(None)))
    )
    total = store.scalar(select(func.count()).select_from(found.with_only_columns(Enrolment.id).subquery())) or 0
    page = store.execute(found.order_by(*orders[order], *BY_READING, Enrolment.id).offset(offset).limit(limit)).all()
    each = _published(programme_id, track).where(Match.state.not_in(FAILED))
    if limit is not None:
        each = each.where(Match.host_id.in_([row.id for row, *_ in page]))
    counted: dict[int, dict[int, int]] = defaultdict(dict)
    grouped = each.with_only_columns(Match.host_id, Round.number, func.count()).group_by(Match.host_id, Round.number)
    for host, round_, number in store.execute(grouped.order_by(Round.number)):
        counted[host][round_] = number
    rows = [
        HostRow(line(row, person), int(now), int(ever), int(refused), int(silent), counted.get(row.id, {}))
        for row, person, now, ever, refused, silent in page
    ]
    return Page(rows, offset + 1, total)


@dataclass(frozen=True, slots=True)
class Spread:
    """How a track's load is spread over the hosts who take part: interns of the busiest, of the least busy, the mean.

    `waiting` counts the interns whom published rounds have left alone and who still are.
    """

    hosts: int
    most: int
    least: int
    mean: float
    waiting: int

    @property
    def gap(self) -> int:
        """Interns of the busiest host less those of the least busy one."""
        return self.most - self.least


def spread(store: Store, programme_id: int, track: Role) -> Spread:
    """Return how the load is spread now, and how many interns wait; two queries."""
    asked = _asked(programme_id, track)
    load = func.coalesce(asked.c.load, 0)
    found = (
        select(func.count(), func.coalesce(func.max(load), 0), func.coalesce(func.min(load), 0), func.avg(load))
        .select_from(Enrolment)
        .outerjoin(asked, asked.c.host_id == Enrolment.id)
        .where(Enrolment.programme_id == programme_id, Enrolment.role == track, Enrolment.capacity > 0)
        .where(Enrolment.state == EnrolmentState.ACTIVE)
    )
    number, most, least, mean = store.execute(found).one()
    got, alone = _matched(programme_id, track), _alone(programme_id, track)
    waits = (
        select(func.count())
        .select_from(Enrolment)
        .join(alone, alone.c.intern_id == Enrolment.id)
        .outerjoin(got, got.c.intern_id == Enrolment.id)
        .where(Enrolment.state != EnrolmentState.WITHDRAWN, func.coalesce(got.c.living, 0) == 0)
    )
    return Spread(number, most, least, float(mean or 0), store.scalar(waits) or 0)
