"""What the review of a round weighs up: the pairs of a run in brief, and runs side by side."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import func, select

from mentormatch.core.roles import Role
from mentormatch.models import Enrolment, EnrolmentState, Match, MatchState, Proposal, Round
from mentormatch.models.round import NOT_A_WISH, PREFERRED
from mentormatch.queries import Store
from mentormatch.queries.runs import RunView

CLOSE = 200
"""Points (100 per shown point) by which a pair and the next best host may differ to be called a close call."""

LITTLE_TIME = 60
"""Common minutes a week below which a pair is said to have little time."""

_UNIT = 100


class Doubt(StrEnum):
    """What an admin may not expect of a pair although no rule forbids it."""

    RELAXED = "relaxed"
    LITTLE_TIME = "little_time"
    TIME_UNKNOWN = "time_unknown"
    LANGUAGE_UNKNOWN = "language_unknown"


@dataclass(frozen=True, slots=True)
class PairFact:
    """One pair in brief: enrolment ids, points, margin and wish as in `Proposal`, and what is doubtful about it."""

    id: int
    intern_id: int
    host_id: int
    points: int
    margin: int | None
    doubts: tuple[Doubt, ...]
    wish: int | None = None

    @property
    def is_preferred(self) -> bool:
        """Whether the intern has named the host without a rank."""
        return self.wish == PREFERRED

    @property
    def is_unwished(self) -> bool:
        """Whether the intern has asked for others."""
        return self.wish == NOT_A_WISH

    @property
    def close(self) -> bool:
        """Whether another host would fit almost as well, or a little better."""
        return self.margin is not None and abs(self.margin) <= CLOSE


def shown(points: int) -> int:
    """Return whole points, halves rounded up: what people see."""
    return (points + _UNIT // 2) // _UNIT


def below(low: int) -> int:
    """Return the points from which on a pair shows `low` or more."""
    return low * _UNIT - _UNIT // 2


def facts(store: Store, run_id: int, track: Role) -> list[PairFact]:
    """Return all pairs of a run in one track, lowest fit first; one query, and only the rules of the explanations."""
    found = (
        select(
            Proposal.id,
            Proposal.intern_id,
            Proposal.host_id,
            Proposal.points,
            Proposal.margin,
            Proposal.explanation["rules"],
            Proposal.wish,
        )
        .where(Proposal.run_id == run_id, Proposal.track == track)
        .order_by(Proposal.points, Proposal.intern_id)
    )
    return [
        PairFact(pair_id, intern_id, host_id, points, margin, doubts(rules or ()), wish)
        for pair_id, intern_id, host_id, points, margin, rules, wish in store.execute(found)
    ]


def doubts(rules: Iterable[dict[str, Any]]) -> tuple[Doubt, ...]:
    """Return what the checked rules of a pair leave in doubt."""
    found = []
    for check in rules:
        unknown = check["verdict"] == "unknown"
        if check["verdict"] == "relaxed":
            found.append(Doubt.RELAXED)
        elif check["kind"] == "shared_hours":
            if unknown:
                found.append(Doubt.TIME_UNKNOWN)
            elif check["detail"]["minutes"] < LITTLE_TIME:
                found.append(Doubt.LITTLE_TIME)
        elif check["kind"] == "shared_language" and unknown:
            found.append(Doubt.LANGUAGE_UNKNOWN)
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Scenario:
    """A finished run beside others, in one track.

    `load_gap` is the number of interns of the busiest host less that of the least busy one; `moved` are the interns
    (ids of enrolments) whose host differs from the run that it is compared with; `top3` is how many of the `asked`
    interns who ranked somebody get one of their first three choices, None for runs that did not count it.
    """

    run: RunView
    mean: int | None
    lowest: int | None
    unmatched: int
    load_gap: int
    moved: frozenset[int]
    histogram: list[int]
    top3: int | None = None
    asked: int = 0


def scenarios(
    store: Store, programme_id: int, track: Role, runs: Sequence[RunView], against: RunView
) -> list[Scenario]:
    """Return the runs, which have a result, with what tells them apart from the run `against`; two queries."""
    ids = {run.id for run in (*runs, against)}
    found = select(Proposal.run_id, Proposal.intern_id, Proposal.host_id).where(
        Proposal.run_id.in_(ids), Proposal.track == track
    )
    hosts: dict[int, dict[int, int]] = {run_id: {} for run_id in ids}
    for run_id, intern_id, host_id in store.execute(found):
        hosts[run_id][intern_id] = host_id
    seats = store.scalar(
        select(func.count())
        .select_from(Enrolment)
        .where(Enrolment.programme_id == programme_id, Enrolment.role == track, Enrolment.capacity > 0)
        .where(Enrolment.state == EnrolmentState.ACTIVE)
    )
    base = hosts[against.id]
    return [
        _scenario(run, track, hosts[run.id], base, seats or 0) for run in runs if str(track) in run.summary["tracks"]
    ]


def _scenario(run: RunView, track: Role, hosts: dict[int, int], base: dict[int, int], seats: int) -> Scenario:
    figures = run.summary["tracks"][str(track)]
    loads = Counter(hosts.values())
    least = 0 if len(loads) < seats else min(loads.values(), default=0)
    return Scenario(
        run=run,
        mean=figures["mean"],
        lowest=figures["lowest"],
        unmatched=figures["unmatched"],
        load_gap=max(loads.values(), default=0) - least,
        moved=frozenset(one for one in hosts.keys() | base.keys() if hosts.get(one) != base.get(one)),
        histogram=figures["histogram"],
        top3=figures["wishes"]["top3"] if "wishes" in figures else None,
        asked=figures["wishes"]["asked"] if "wishes" in figures else 0,
    )


def taken(store: Store, programme_id: int, round_id: int, track: Role) -> dict[int, int]:
    """Return how many places of each host of a track the published pairs of other rounds hold; one query."""
    found = (
        select(Match.host_id, func.count())
        .join(Round, Round.id == Match.round_id)
        .where(Round.programme_id == programme_id, Round.id != round_id, Match.track == track)
        .where(Match.state.in_([MatchState.PROPOSED, MatchState.ACCEPTED]))
        .group_by(Match.host_id)
    )
    return dict(store.execute(found).all())
