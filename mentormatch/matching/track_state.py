"""One track with its people, places, scores and assignment: ids on the outside, positions inside."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from mentormatch.core.errors import InvalidInput
from mentormatch.matching.match_problem import MatchProblem
from mentormatch.matching.scores import UNIT, CriteriaScores
from mentormatch.matching.solver.assignment import UNFILLED, Track
from mentormatch.matching.solver.blocks import BoolArray, Index, IntArray, ScoreArray
from mentormatch.matching.solver.problem import Objective
from mentormatch.matching.tables import PersonId, capacity_of, minimum_of, person_of, waited_of, wanted_of

PER_ROUND = 300_000
"""Units by which an intern who has waited for one round comes before others: as much as 30 best possible pairs."""
MOST_ROUNDS = 3


@dataclass(frozen=True, eq=False)
class TrackState:
    """Positions follow the sorted ids.

    `columns` holds the host of each place, or `UNFILLED`, and `place_rows` its intern, both of shape (places,): an
    intern who is to get several hosts has as many places in a line. `earlier` are the pairs that are worth `staying`
    units more when they are made again; `priority`, shape (n,), are units that any host of an intern is worth besides.
    """

    name: str
    scores: CriteriaScores
    capacity: IntArray
    minimum: IntArray
    owner: IntArray
    rows: Mapping[PersonId, int]
    places: Mapping[PersonId, int]
    pinned: frozenset[tuple[int, int]]
    wanted: IntArray
    earlier: frozenset[tuple[int, int]]
    staying: int
    priority: IntArray
    host_scores: CriteriaScores | None
    columns: IntArray

    @classmethod
    def of(cls, problem: MatchProblem, track: str, report: Callable[[float], None] | None = None) -> Self:
        """Read one track of a problem, fit its criteria and rules and score its pairs; nobody is assigned yet."""
        hosts = problem.hosts[track]
        rows = {row["id"]: position for position, row in enumerate(problem.interns)}
        places = {row["id"]: position for position, row in enumerate(hosts)}
        pinned, banned, earlier = (
            frozenset((rows[intern], places[host]) for name, intern, host in pairs if name == track)
            for pairs in (problem.pins, problem.bans, problem.earlier)
        )
        per_intern = problem.per_intern.get(track, 1)
        wanted = np.array([wanted_of(row, track, per_intern) for row in problem.interns], np.int64)
        numbers = person_numbers(problem)
        scores = CriteriaScores(track, problem.interns, hosts, problem.criteria, problem.rules, banned)
        scores.keep(report)
        host_scores = None
        if problem.host_criteria is not None:
            host_scores = CriteriaScores(track, problem.interns, hosts, problem.host_criteria)
        return cls(
            name=track,
            scores=scores,
            capacity=np.array([capacity_of(row, track) for row in hosts], np.int64),
            minimum=np.array([minimum_of(row, track) for row in hosts], np.int64),
            owner=np.array([numbers[person_of(row)] for row in hosts], np.int64),
            rows=rows,
            places=places,
            pinned=pinned,
            wanted=wanted,
            earlier=earlier,
            staying=round(problem.staying * UNIT),
            priority=_priority(problem),
            host_scores=host_scores,
            columns=np.full(int(wanted.sum()), UNFILLED, np.int64),
        )

    def assigned(self, columns: IntArray) -> Self:
        """Return the same track with the host of every place."""
        return replace(self, columns=columns)

    @property
    def solver_track(self) -> Track:
        """The track as the solver sees it."""
        wanted = None if (self.wanted == 1).all() else self.wanted
        source = Prioritised(self.scores, self.priority) if self.priority.any() else self.scores
        return Track(self.name, source, self.capacity, self.minimum, self.owner, wanted, self.host_scores)

    @property
    def place_rows(self) -> IntArray:
        """Intern of each place, shape (places,)."""
        return np.repeat(np.arange(len(self.rows)), self.wanted)

    def places_of(self, row: int) -> slice:
        """Return where an intern's places stand."""
        end = int(self.wanted[: row + 1].sum())
        return slice(end - int(self.wanted[row]), end)

    def hosts_of(self, row: int) -> list[int]:
        """Return the positions of an intern's hosts."""
        mine = self.columns[self.places_of(row)]
        hosts: list[int] = mine[mine != UNFILLED].tolist()
        return hosts

    @property
    def waiting(self) -> list[int]:
        """Interns with a place that is not filled."""
        rows: list[int] = np.unique(self.place_rows[self.columns == UNFILLED]).tolist()
        return rows

    def worth(self, row: int, column: int) -> int:
        """Return what a pair counts for the solver: its points, and what it is worth to keep an earlier pair."""
        return self.scores.points(row, column) + self.staying * ((row, column) in self.earlier)

    @property
    def loads(self) -> IntArray:
        """Interns of each host, shape (m,)."""
        return np.bincount(self.columns[self.columns != UNFILLED], minlength=self.capacity.size).astype(np.int64)

    def host_id(self, column: int) -> PersonId:
        """Return the id of the host at a position."""
        key: PersonId = self.scores.hosts[column]["id"]
        return key

    def row_of(self, intern: PersonId) -> int:
        """Return the position of an intern."""
        if intern not in self.rows:
            raise InvalidInput(
                "Track %(track)s: expected the id of an intern of this matching, found %(found)s.",
                field="id",
                track=self.name,
                found=repr(intern),
            )
        return self.rows[intern]

    def column_of(self, host: PersonId) -> int:
        """Return the position of a host."""
        if host not in self.places:
            raise InvalidInput(
                "Track %(track)s: expected the id of a host of this matching, found %(found)s.",
                field="id",
                track=self.name,
                found=repr(host),
            )
        return self.places[host]


@dataclass(frozen=True, eq=False)
class Prioritised:
    """A score source in which any host of some interns is worth more: of many who cannot all have one, they come first.

    Who gets a host is a question of coverage alone; whom they get does not change, because all their pairs rise alike.
    """

    base: CriteriaScores
    extra: IntArray

    @property
    def shape(self) -> tuple[int, int]:
        return self.base.shape

    def scores(self, rows: Index, columns: Index) -> ScoreArray:
        return self.base.scores(rows, columns) + self.extra[rows].astype(np.int32)[:, None]

    def allowed(self, rows: Index, columns: Index) -> BoolArray:
        return self.base.allowed(rows, columns)


def _priority(problem: MatchProblem) -> IntArray:
    """Return what earlier rounds without a host are worth now; nothing under objectives that look at single pairs."""
    if problem.objective != Objective.TOTAL:
        return np.zeros(len(problem.interns), np.int64)
    waited = np.array([waited_of(row) for row in problem.interns], np.int64)
    return np.minimum(waited, MOST_ROUNDS) * PER_ROUND


def person_numbers(problem: MatchProblem) -> dict[PersonId, int]:
    """Return a number for every person behind the hosts, in the order of tracks and ids."""
    people = dict.fromkeys(person_of(row) for rows in problem.hosts.values() for row in rows)
    return {person: number for number, person in enumerate(people)}
