"""The words of an assignment problem: tracks, pins, progress and the answer with its proof."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple, TypeAlias

import numpy as np

from mentormatch.core.errors import InvalidInput
from mentormatch.matching.solver.blocks import IntArray, ScoreSource

UNFILLED = -1
"""Stands in ``Assignment.pairs`` where an intern got nobody."""


class Objective(StrEnum):
    """What is best, after coverage."""

    TOTAL = "total"
    """The highest total of all scores."""
    WORST_OFF = "worst_off"
    """The intern with the least is as well off as can be; then the highest total."""
    STABLE = "stable"
    """No intern and host would both rather have each other (Gale and Shapley 1962)."""
    MIXTURE = "mixture"
    """A weighted mean of the mean score and the worst-off intern's: see `AssignmentProblem.mixture`."""


class Pin(NamedTuple):
    """A pair that must be in the result, whatever the hard rules say."""

    track: int
    row: int
    column: int


@dataclass(frozen=True, eq=False)
class Track:
    """One kind of host for every intern: row i of every track is the same intern.

    Parameters
    ----------
    name:
        Named in errors.
    source:
        Scores and hard rules, n interns x m hosts.
    capacity:
        Most interns of each host in this track, shape (m,).
    minimum:
        Fewest interns of each host in this track, shape (m,); none when left out.
    owner:
        Number of the person behind each host, shape (m,). The same number in two tracks is the same person, who then
        serves an intern in one of them at most. Left out: nobody is shared.
    wanted:
        Different hosts that each intern is to get in this track, shape (n,), 0 or more; one when left out.
    host_source:
        The hosts' own scores of each pair, n interns x m hosts, for `Objective.STABLE` alone; its hard rules are not
        read. Left out: both sides rank by `source`.
    """

    name: str
    source: ScoreSource
    capacity: IntArray
    minimum: IntArray | None = None
    owner: IntArray | None = None
    wanted: IntArray | None = None
    host_source: ScoreSource | None = None

    @property
    def place_rows(self) -> IntArray:
        """Row of each place, ascending, shape (places,): an intern who wants r hosts has r places in a line."""
        rows = np.arange(self.source.shape[0])
        return rows if self.wanted is None else np.repeat(rows, self.wanted)


@dataclass(frozen=True, eq=False)
class Staying:
    """What it is worth to leave a pair as it was: a new matching disturbs no more than it gains.

    Parameters
    ----------
    pairs:
        Pairs of the earlier matching, as (track, row, column).
    worth:
        Points that each of them is worth on top of its score if it is made again, 1 or more. An optimum then never
        breaks up a pair for less than that.
    """

    pairs: tuple[tuple[int, int, int], ...]
    worth: int


@dataclass(frozen=True, eq=False)
class AssignmentProblem:
    """All that `solve` is told.

    Parameters
    ----------
    tracks:
        One or more tracks over the same interns.
    pins:
        Pairs that must be made, as (track, row, column); a pin goes before hard rules.
    shared_capacity:
        Person number -> most interns of that person over all tracks together.
    objective:
        What is best, after coverage.
    mixture:
        For `Objective.MIXTURE`: hundredths, 0 to 100, that the worst-off intern's points count beside the mean of all
        places.
    staying:
        An earlier matching and what it is worth to keep its pairs.
    """

    tracks: tuple[Track, ...]
    pins: tuple[tuple[int, int, int], ...] = ()
    shared_capacity: Mapping[int, int] = field(default_factory=lambda: MappingProxyType({}))
    objective: Objective = Objective.TOTAL
    mixture: int = 50
    staying: Staying | None = None

    @property
    def interns(self) -> int:
        return self.tracks[0].source.shape[0] if self.tracks else 0


class Stage(StrEnum):
    """What the solver is doing."""

    CHECKING = "checking"
    COVERING = "covering"
    SCORING = "scoring"
    SOLVING = "solving"
    PRICING = "pricing"
    BRANCHING = "branching"
    DONE = "done"


@dataclass(frozen=True)
class Progress:
    """A sign of life: the best matching so far and the most that any matching could reach, None while unknown."""

    stage: Stage
    fraction: float
    coverage: int | None = None
    objective: int | None = None
    upper_bound: int | None = None


class Status(StrEnum):
    """How much is proved about an assignment."""

    OPTIMAL = "optimal"
    """No other matching covers more, or as much with a higher total."""
    STOPPED = "stopped"
    """Ended on request; the matching is valid, the bounds say how far it may be from the best."""
    BOUNDED = "bounded"
    """The search ended without closing the gap between the matching and the bound."""


class Proof(StrEnum):
    """What the upper bound rests on."""

    PRICES = "prices"
    """Dual prices that `certify` checks against every single pair in integers."""
    BRANCHING = "branching"
    """The branch-and-bound tree of HiGHS, whose dual bound is believed, not checked."""
    STABILITY = "stability"
    """A look at every single pair found none that would rather have each other: see `blocking.blocking_pairs`."""


@dataclass(frozen=True, eq=False)
class Prices:
    """Dual prices: what a place is worth. All numbers are integers in units of ``1 / scale`` points.

    Attributes
    ----------
    hosts:
        Per track, shape (m,): how much the total would rise with one more place at each host. Negative: the
        host's minimum costs the others that much.
    persons:
        Person number -> price of one unit of shared capacity.
    conflicts:
        (row, person number) -> price of the rule that a person serves an intern once.
    unfilled:
        Value of an unfilled place that makes coverage come first, per place, in points (not scaled).
    """

    scale: int
    hosts: tuple[IntArray, ...]
    persons: Mapping[int, int]
    conflicts: Mapping[tuple[int, int], int]
    unfilled: int


@dataclass(frozen=True, eq=False)
class Shortage:
    """Why no worst-off can be better in a track: too little is left above it for some interns, or some hosts.

    Attributes
    ----------
    rows:
        Interns who together would need more places than the hosts have with whom one of them scores more.
    columns:
        Or: hosts whose minimum loads ask for more interns than score more with one of them.
    """

    rows: IntArray | None = None
    columns: IntArray | None = None


@dataclass(frozen=True, eq=False)
class Assignment:
    """A valid matching and what is proved about it.

    Attributes
    ----------
    pairs:
        Per track, shape (places,) in the order of `Track.place_rows`: the host's column, or `UNFILLED`. Where an
        intern wants one host that is shape (n,); the hosts of an intern who wants several come in ascending order,
        unfilled places last.
    coverage, coverage_bound:
        Filled places of all interns and tracks, and the most that the pins, rules, capacities and minima permit.
    objective, upper_bound:
        Total of the scores, and the most that any matching of this coverage can reach; equal when proved. Of
        `Objective.WORST_OFF` and `Objective.MIXTURE`: any that also leaves no track's worst-off with less. With
        `AssignmentProblem.staying`, both less the worth of the pairs that stayed: the gap between them is then one of
        total and worth together.
    prices:
        Dual prices behind the bounds.
    utilities:
        Per track, shape (places,), in units of ``1 / prices.scale``: what an intern's places add at these prices,
        the best first; 0 for pinned places, which nobody decides.
    blocking_pairs:
        Pairs that would rather have each other, counted by `blocking.blocking_pairs`; None where nobody counted.
    passes:
        Pairs scored in the search, as a multiple of all pairs; None where they were not counted.
    worst_off:
        Of `Objective.WORST_OFF` and `Objective.MIXTURE`, per track: points of the worst-off intern, over all her places
        in the track, of those whose places are all filled and not all pinned; None where there is nobody. () of other
        objectives.
    worst_off_bound:
        Of `Objective.WORST_OFF`, per track: the most that can be in any matching of the largest coverage, the same as
        ``worst_off`` when proved. Where people stand in several tracks: in any that leaves the tracks before it as
        well off. None while unknown.
    shortages:
        Of `Objective.WORST_OFF`, per track: what proves that bound to `certify_worst_off`; None where branching does.
    mixed, mixed_bound:
        Of `Objective.MIXTURE`: its value in hundredths of a point, the worth of staying included, and the most that it
        can be in any matching of this coverage; see `mixture`.
    stayed:
        With `AssignmentProblem.staying`: how many of its pairs have been made again.
    """

    pairs: tuple[IntArray, ...]
    coverage: int
    coverage_bound: int
    objective: int
    upper_bound: int
    status: Status
    proof: Proof
    prices: Prices
    utilities: tuple[IntArray, ...]
    blocking_pairs: int | None = None
    passes: float | None = None
    worst_off: tuple[int | None, ...] = ()
    worst_off_bound: tuple[int | None, ...] = ()
    shortages: tuple[Shortage | None, ...] = ()
    mixed: int | None = None
    mixed_bound: int | None = None
    stayed: int | None = None

    @property
    def gap(self) -> int:
        """Points by which the total may fall short of the best of this coverage; 0 when proved."""
        return self.upper_bound - self.objective


ProgressCallback: TypeAlias = Callable[[Progress], None]
StopCallback: TypeAlias = Callable[[], bool]


class ImpossibleMinimum(InvalidInput):
    """Some hosts' minimum loads cannot be met together; ``columns`` are those hosts in track ``track``."""

    def __init__(self, message: str, *, track: int, columns: IntArray, **fields: object) -> None:
        super().__init__(message, field=None, **fields)
        self.track = track
        self.columns = np.asarray(columns, np.int64)


class ContradictoryPins(InvalidInput):
    """Pins that break a capacity or contradict each other; ``pins`` are those concerned."""

    def __init__(self, message: str, *, pins: tuple[Pin, ...], **fields: object) -> None:
        super().__init__(message, field=None, **fields)
        self.pins = pins
