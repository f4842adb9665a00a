"""The program behind `sums`: pairs of a part under its rules, at full coverage, with floors under interns' sums.

The floor under an intern holds only where all her places are filled: each unfilled place lifts her sum beyond any
floor. That is a linear constraint, ``sum_j (s_ij - beyond) x_ij + beyond * wanted_i >= floor``.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, OptimizeResult, linprog, milp

from mentormatch.matching.solver.blocks import BoolArray, IntArray, row_blocks
from mentormatch.matching.solver.instance import OpenTrack
from mentormatch.matching.solver.parts import Part
from mentormatch.matching.solver.pricing import best_pairs, free_of_charge
from mentormatch.matching.solver.problem import UNFILLED
from mentormatch.matching.solver.restricted import Candidates, Restricted

FloatArray = NDArray[np.float64]

NODES = 20_000
"""Most nodes of a branch-and-bound tree."""


@dataclass(frozen=True)
class Goal:
    """What a program maximises: ``gain`` times the points of all pairs, plus ``weight`` times a common floor.

    Attributes
    ----------
    levels:
        Per track, a floor that is given; None for none.
    rising:
        Tracks under the common floor, which is found.
    someone:
        Whether a floor under nobody at all is worth 0; otherwise it is as high as can be.
    """

    gain: int
    weight: int
    levels: tuple[int | None, ...]
    rising: frozenset[int] = frozenset()
    someone: bool = False


@dataclass(frozen=True, eq=False)
class Setting:
    """A part and what its matchings of the largest coverage have in common.

    Attributes
    ----------
    places:
        Places to fill, pins left out.
    complete:
        Whether these are all places.
    """

    part: Part
    places: int
    complete: bool

    @classmethod
    def of(cls, part: Part, pairs: tuple[IntArray, ...]) -> Setting:
        """The setting of a matching (per track, shape (places,)) that fills as many places as any."""
        places = sum(int((columns != UNFILLED).sum()) for columns in pairs) - part.instance.pinned_places
        return cls(part, places, all((columns != UNFILLED).all() for columns in pairs))

    @property
    def tracks(self) -> tuple[OpenTrack, ...]:
        return self.part.instance.tracks

    @cached_property
    def pinned(self) -> tuple[IntArray, ...]:
        """Per track, shape (n,): points of each intern's pinned pairs."""
        found = []
        for track in self.tracks:
            points = np.zeros(track.shape[0], np.int64)
            np.add.at(points, track.pins[0], track.pair_scores(*track.pins))
            found.append(points)
        return tuple(found)

    @cached_property
    def counted(self) -> tuple[BoolArray, ...]:
        """Per track, shape (n,): interns with places to decide, who may be the worst-off when all are filled."""
        found = []
        for track in self.tracks:
            places = np.diff(track.starts) - np.bincount(track.pins[0], minlength=track.shape[0])
            found.append((track.wanted > 0) & (track.wanted == places))
        return tuple(found)

    @cached_property
    def beyond(self) -> int:
        """A sum that no intern's points exceed."""
        best = 0
        for track, pinned in zip(self.tracks, self.pinned, strict=True):
            values = best_pairs(track, free_of_charge(track.shape[1]), 1)[1]
            sums = np.where(np.arange(values.shape[1]) < track.wanted[:, None], np.maximum(values, 0), 0).sum(axis=1)
            best = max(best, int((sums + pinned).max(initial=0)))
        return best + 1

    def rewards(self, candidates: tuple[Candidates, ...]) -> tuple[IntArray, ...]:
        """Per track, worth of staying of each candidate."""
        staying, found = self.part.problem.staying, []
        for index, (track, part) in enumerate(zip(self.tracks, candidates, strict=True)):
            pairs = () if staying is None else staying.pairs
            keys = np.array([row * track.shape[1] + column for at, row, column in pairs if at == index], np.int64)
            stayed = np.isin(part.rows * track.shape[1] + part.columns, keys)
            found.append(stayed * (0 if staying is None else staying.worth))
        return tuple(found)


@dataclass(frozen=True, eq=False)
class Relaxed:
    """Optimum of the linear relaxation over some pairs, with its dual prices in points of the goal.

    Attributes
    ----------
    bound:
        The most that the goal can reach over the pairs it was solved for.
    place, host, floor:
        Per track, shapes (n,), (m,), (n,): prices of an intern's places, a host's places, and an intern's floor.
    coverage:
        Price of the number of places.
    """

    bound: float
    place: tuple[FloatArray, ...]
    host: tuple[FloatArray, ...]
    floor: tuple[FloatArray, ...]
    coverage: float


class FloorProgram:
    """One goal over given candidates, as a linear or integer program.

    Variables: each pair; the common floor; and in a mixture where not all places are filled, whether an intern's are.
    There the floor is worth something only while somebody stands on it.
    """

    def __init__(self, setting: Setting, candidates: tuple[Candidates, ...], goal: Goal) -> None:
        self.setting, self.goal = setting, goal
        self.pairs = Restricted(setting.part.instance, candidates)
        gain = goal.gain * (self.pairs.scores + np.concatenate(setting.rewards(candidates)))
        alone = goal.someone and not setting.complete
        counted = [mine & (alone and index in goal.rising) for index, mine in enumerate(setting.counted)]
        self.served = np.flatnonzero(np.concatenate(counted))
        self.cost = -np.concatenate([gain, [goal.weight], np.zeros(self.served.size)])
        self.top = np.ones(self.cost.size)
        self.top[gain.size] = setting.beyond if goal.rising and (self.served.size or not alone) else 0
        self.floors, self.least = self._floors()

    @property
    def shift(self) -> int:
        """What each filled place takes off an intern's sum, and each wanted one adds."""
        return 0 if self.setting.complete else self.setting.beyond

    def _floors(self) -> tuple[sparse.csr_array, FloatArray]:
        """Matrix of all interns of all tracks x variables, and what each row must reach (minus infinity: no floor)."""
        rows, values, least, start = [], [], [], 0
        rising = []
        for index, (track, pinned) in enumerate(zip(self.setting.tracks, self.setting.pinned, strict=True)):
            n = track.shape[0]
            mine = slice(self.pairs.offsets[index], self.pairs.offsets[index + 1])
            level = 0 if index in self.goal.rising else self.goal.levels[index]
            floor = np.full(n, -np.inf)
            if level is not None:
                counted = self.setting.counted[index]
                floor[counted] = (level - pinned - self.shift * track.wanted)[counted]
            rows.append(self.pairs.row[mine] + start)
            values.append(self.pairs.scores[mine] - self.shift)
            least.append(floor)
            rising.append(np.full(n, -1.0 if index in self.goal.rising else 0.0))
            start += n
        row, value, last = np.concatenate(rows), np.concatenate(values), np.concatenate(rising)
        matrix = sparse.csr_array((value.astype(np.float64), (row, np.arange(row.size))), shape=(start, row.size))
        return self._widened(matrix, last), np.concatenate(least)

    def _widened(self, matrix: sparse.csr_array, floor: FloatArray) -> sparse.csr_array:
        """A matrix over the pairs with a column for the common floor, and nothing for the other variables."""
        rest = sparse.csr_array((matrix.shape[0], self.served.size))
        return sparse.hstack([matrix, sparse.csr_array(floor[:, None]), rest], format="csr")

    @cached_property
    def _standing(self) -> sparse.csr_array:
        """Rows that may not exceed 0: whoever counts as served has all her places; the floor needs one of them."""
        pairs = self.pairs.scores.size
        wanted = np.concatenate([track.wanted for track in self.setting.tracks])[self.served].astype(np.float64)
        start = np.cumsum([0, *[track.shape[0] for track in self.setting.tracks]])
        track = np.repeat(np.arange(start.size - 1), np.diff(self.pairs.offsets))
        place = np.full(start[-1], -1)
        place[self.served] = np.arange(self.served.size)
        number = place[self.pairs.row + start[track]]
        mine = np.flatnonzero(number >= 0)
        made = sparse.csr_array((-np.ones(mine.size), (number[mine], mine)), shape=(self.served.size, pairs + 1))
        floor = np.zeros((1, self.top.size))
        floor[0, pairs], floor[0, pairs + 1 :] = 1, -self.setting.beyond
        return sparse.vstack([sparse.hstack([made, sparse.diags_array(wanted)]), sparse.csr_array(floor)], format="csr")

    @cached_property
    def _rules(self) -> tuple[sparse.csr_array, IntArray, IntArray]:
        """The rules of `Restricted` with a column for the floor."""
        matrix, least, most = self.pairs.limits
        return self._widened(matrix, np.zeros(matrix.shape[0])), least, most

    @property
    def _every_pair(self) -> sparse.csr_array:
        return self._widened(sparse.csr_array(np.ones((1, self.pairs.scores.size))), np.zeros(1))

    def relax(self) -> Relaxed | None:
        """Optimum of the linear relaxation; None when there is none."""
        matrix, least, most = self._rules
        below, floor = np.flatnonzero(least > 0), np.flatnonzero(np.isfinite(self.least))
        standing = self._standing if self.served.size else matrix[:0]
        # A floor under everybody makes a degenerate program: the interior point method is several times quicker.
        for method in ("highs-ipm", "highs") if self.goal.rising else ("highs",):
            result = linprog(
                self.cost,
                A_ub=sparse.vstack([matrix, -matrix[below], -self.floors[floor], standing], format="csr"),
                b_ub=np.concatenate([most, -least[below], -self.least[floor], np.zeros(standing.shape[0])]),
                A_eq=self._every_pair,
                b_eq=[self.setting.places],
                bounds=np.stack([np.zeros_like(self.top), self.top], axis=1),
                method=method,
            )
            if result.status == 0:
                break
        if result.x is None:
            return None
        price = -result.ineqlin.marginals
        net = price[: most.size].copy()
        net[below] -= price[most.size : most.size + below.size]
        under = np.zeros(self.least.size)
        rest = price[most.size + below.size :]
        under[floor] = rest[: floor.size]
        stands = np.zeros(self.least.size)
        stands[self.served] = rest[floor.size : floor.size + self.served.size]
        return self._relaxed(-result.fun, net, under, stands, -float(result.eqlin.marginals[0]))

    def _relaxed(
        self, bound: float, net: FloatArray, under: FloatArray, stands: FloatArray, coverage: float
    ) -> Relaxed:
        """Prices by track; a pair that helps an intern to be served is the cheaper for it."""
        place, host, floor, start, at = [], [], [], 0, 0
        for track in self.setting.tracks:
            n, m = track.shape
            place.append(net[start : start + n] - stands[at : at + n])
            host.append(net[start + n : start + n + m])
            floor.append(under[at : at + n])
            start, at = start + n + m, at + n
        return Relaxed(bound, tuple(place), tuple(host), tuple(floor), coverage)

    def branch(self, seconds: float) -> OptimizeResult:
        """Integer optimum, or what is known of it after `NODES` nodes or some time."""
        matrix, least, most = self._rules
        rules = [LinearConstraint(matrix, least, most)]
        floor = np.flatnonzero(np.isfinite(self.least))
        if floor.size:
            rules.append(LinearConstraint(self.floors[floor], self.least[floor], np.inf))
        if self.served.size:
            rules.append(LinearConstraint(self._standing, -np.inf, 0))
        rules.append(LinearConstraint(self._every_pair, self.setting.places, self.setting.places))
        return milp(
            self.cost,
            constraints=rules,
            integrality=np.arange(self.top.size) != self.pairs.scores.size,
            bounds=Bounds(0, self.top),
            options={"mip_rel_gap": 0.0, "node_limit": NODES, "time_limit": seconds},
        )

    def matching(self, result: OptimizeResult) -> tuple[IntArray, ...]:
        """The matching that an integer program has chosen."""
        return self.pairs.matching(result.x[: self.pairs.scores.size] > 0.5)  # noqa: PLR2004  rounds a share of 0 or 1


def worth_it(
    setting: Setting, index: int, goal: Goal, relaxed: Relaxed, *, least: float, most: int | None = None
) -> Candidates:
    """Pairs of a track whose reduced gain is above ``least`` at the prices of a relaxation; no reward for staying.

    ``most`` pairs per row, the best; all of them when None.
    """
    track, found = setting.tracks[index], list[tuple[IntArray, IntArray, IntArray]]()
    shift = 0 if setting.complete else setting.beyond
    floor = relaxed.floor[index]
    for block in row_blocks(*track.shape):
        scores = track.track.source.scores(block, slice(None)).astype(np.int64)
        fixed = relaxed.place[index][block] + relaxed.coverage + shift * floor[block]
        value = (goal.gain + floor[block])[:, None] * scores - fixed[:, None] - relaxed.host[index]
        value[~track.allowed(block, slice(None))] = -np.inf
        if most is not None and most < value.shape[1]:
            edge = np.partition(value, value.shape[1] - most, axis=1)[:, value.shape[1] - most]
            value[value < edge[:, None]] = -np.inf
        row, column = np.nonzero(value > least)
        found.append((row + block.start, column, scores[row, column]))
    parts = [np.concatenate([np.zeros(0, np.int64), *some]) for some in zip(*found, strict=True)]
    return Candidates(*parts)
