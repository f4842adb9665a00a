"""The restricted problem: a linear or integer program over the pairs generated so far, solved with HiGHS.

HiGHS needs no compilation, so it starts at once; it is the engine for small instances and for tracks that share people.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, OptimizeResult, linprog, milp

from mentormatch.matching.solver.blocks import BoolArray, IntArray
from mentormatch.matching.solver.instance import NOBODY, Instance
from mentormatch.matching.solver.pricing import BestPairs

FloatArray = NDArray[np.float64]

NODES = 20_000
"""Most nodes of a branch-and-bound tree."""


@dataclass(frozen=True, eq=False)
class Candidates:
    """Pairs of one track the restricted problem may use, sorted by row, then column."""

    rows: IntArray
    columns: IntArray
    scores: IntArray

    def joined(self, rows: IntArray, columns: IntArray, scores: IntArray, width: int) -> Candidates:
        """With more pairs, each kept once; ``width`` is the number of columns."""
        key = np.concatenate([self.rows * width + self.columns, rows * width + columns])
        key, first = np.unique(key, return_index=True)
        return Candidates(key // width, key % width, np.concatenate([self.scores, scores])[first])

    @classmethod
    def of(cls, pairs: BestPairs) -> Candidates:
        return cls(pairs.rows, pairs.columns, pairs.scores)


@dataclass(frozen=True, eq=False)
class DualPrices:
    """Prices from a linear program, in points (floating): per track the hosts, then persons and conflicts."""

    places: tuple[FloatArray, ...]
    hosts: tuple[FloatArray, ...]
    persons: dict[int, float]
    conflicts: dict[tuple[int, int], float]


class Restricted:
    """The program over given candidates.

    A variable is a pair. Interns get no more hosts than they want, each of them once; hosts keep capacity and minimum;
    persons their shared capacity; and a person who stands in two columns serves an intern once.
    """

    def __init__(self, instance: Instance, candidates: tuple[Candidates, ...]) -> None:
        self.instance = instance
        self.candidates = candidates
        self.offsets = np.cumsum([0, *[part.rows.size for part in candidates]])
        self.scores = np.concatenate([part.scores for part in candidates])
        self.persons = sorted(instance.shared)
        owners = [track.owner[part.columns] for track, part in zip(instance.tracks, candidates, strict=True)]
        self.owner = np.concatenate(owners)
        self.row = np.concatenate([part.rows for part in candidates])
        self.conflict, self.conflict_of = self._conflicts()

    def _conflicts(self) -> tuple[list[tuple[int, int]], IntArray]:
        """(row, person) that occur in more than one pair, and for each pair its conflict's number or -1."""
        member = np.full(self.owner.size, -1)
        if not self.instance.coupled:
            return [], member
        mine = np.flatnonzero(self.owner != NOBODY)
        key, number, times = np.unique(
            np.stack([self.row[mine], self.owner[mine]]), axis=1, return_inverse=True, return_counts=True
        )
        several = times > 1
        place = np.where(several, np.cumsum(several) - 1, -1)
        member[mine] = place[number]
        return [(int(row), int(person)) for row, person in key[:, several].T], member

    def _groups(self) -> Iterator[tuple[IntArray, IntArray, IntArray]]:
        """For each family of limits: each pair's group or -1, the least and the most of each group."""
        for index, (track, part) in enumerate(zip(self.instance.tracks, self.candidates, strict=True)):
            n = track.shape[0]
            yield self._within(index, part.rows), np.zeros(n, np.int64), track.wanted
            yield self._within(index, part.columns), track.minimum, track.capacity
        limits = np.array([self.instance.shared[person] for person in self.persons], np.int64)
        number = {person: at for at, person in enumerate(self.persons)}
        shared = np.array([number.get(int(person), -1) for person in self.owner], np.int64)
        yield shared, np.zeros(limits.size, np.int64), limits
        once = np.ones(len(self.conflict), np.int64)
        yield self.conflict_of, np.zeros_like(once), once

    def _within(self, track: int, groups: IntArray) -> IntArray:
        member = np.full(self.scores.size, -1)
        member[self.offsets[track] : self.offsets[track + 1]] = groups
        return member

    @cached_property
    def limits(self) -> tuple[sparse.csr_array, IntArray, IntArray]:
        """Matrix of all limits x pairs, least, most."""
        blocks, least, most = [], [], []
        for member, low, high in self._groups():
            pairs = np.flatnonzero(member >= 0)
            shape = (low.size, self.scores.size)
            blocks.append(sparse.csr_array((np.ones(pairs.size), (member[pairs], pairs)), shape=shape))
            least.append(low)
            most.append(high)
        return sparse.vstack(blocks, format="csr"), np.concatenate(least), np.concatenate(most)

    def relax(self, worth: int) -> tuple[FloatArray, DualPrices] | None:
        """Optimum of the linear program with ``worth`` points for each filled place; None when infeasible.

        Returns the share of each pair (0..1) and the dual prices.
        """
        matrix, least, most = self.limits
        below = np.flatnonzero(least > 0)
        result = linprog(
            -(self.scores + float(worth)),
            A_ub=sparse.vstack([matrix, -matrix[below]], format="csr"),
            b_ub=np.concatenate([most, -least[below]]),
            bounds=(0, 1),
            method="highs-ds",
        )
        if result.x is None:
            return None
        price = -result.ineqlin.marginals
        net = price[: most.size].copy()
        net[below] -= price[most.size :]
        return result.x, self._split(net)

    def _split(self, net: FloatArray) -> DualPrices:
        places, hosts, start = [], [], 0
        for track in self.instance.tracks:
            n, m = track.shape
            places.append(net[start : start + n])
            hosts.append(net[start + n : start + n + m])
            start += n + m
        persons = dict(zip(self.persons, net[start : start + len(self.persons)].tolist(), strict=True))
        rest = net[start + len(self.persons) :].tolist()
        conflicts = {key: price for key, price in zip(self.conflict, rest, strict=True) if price > 0}
        return DualPrices(tuple(places), tuple(hosts), persons, conflicts)

    def branch(self, gain: IntArray, places: int | None = None) -> OptimizeResult:
        """Integer optimum of ``gain`` per pair with exactly ``places`` filled (any number when None).

        The search ends after `NODES` nodes, not after some time: the same problem ends the same way everywhere.
        """
        matrix, least, most = self.limits
        rules = [LinearConstraint(matrix, least, most)]
        if places is not None:
            rules.append(LinearConstraint(np.ones((1, self.scores.size)), places, places))
        return milp(
            -gain.astype(np.float64),
            constraints=rules,
            integrality=np.ones(self.scores.size),
            bounds=Bounds(0, 1),
            options={"mip_rel_gap": 0.0, "node_limit": NODES},
        )

    def matching(self, chosen: BoolArray) -> tuple[IntArray, ...]:
        """Places per track when the chosen pairs are made, pins included."""
        pairs = []
        for index, (track, part) in enumerate(zip(self.instance.tracks, self.candidates, strict=True)):
            mine = chosen[self.offsets[index] : self.offsets[index + 1]]
            pairs.append(track.matching(part.rows[mine], part.columns[mine]))
        return tuple(pairs)
