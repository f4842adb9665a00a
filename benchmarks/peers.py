"""Ways to solve one instance: ours, and public peers. Each returns the mentor of every intern, or -1."""

from __future__ import annotations

import importlib.util
import sys
import warnings
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.instances import FactorScores
from mentormatch.matching.solver.assignment import Assignment, AssignmentProblem, Track, solve
from mentormatch.matching.solver.blocks import IntArray, row_blocks

SHORT_LIST = 32

Answer = IntArray | Assignment
Method = Callable[[FactorScores, IntArray], Answer]


@dataclass(frozen=True)
class Peer:
    """A method with its name, the module it needs, the largest size it is tried at, and what it promises."""

    name: str
    run: Method
    module: str
    most: int
    promise: str

    @property
    def installed(self) -> bool:
        return importlib.util.find_spec(self.module) is not None


def problem_of(source: FactorScores, capacity: IntArray) -> AssignmentProblem:
    return AssignmentProblem((Track("mentors", source, capacity),))


def ours(source: FactorScores, capacity: IntArray) -> Assignment:
    return solve(problem_of(source, capacity))


def ortools_dense(source: FactorScores, capacity: IntArray) -> IntArray:
    """OR-tools' minimum-cost flow over every pair."""
    n, m = source.shape
    scores = np.concatenate([source.scores(rows, slice(None)) for rows in row_blocks(n, m)]).astype(np.int64)
    rows = np.repeat(np.arange(n, dtype=np.int32), m)
    return _minimum_cost_flow(capacity, rows, np.tile(np.arange(m, dtype=np.int32), n), scores.ravel())


def ortools_short(source: FactorScores, capacity: IntArray) -> IntArray:
    """OR-tools' minimum-cost flow over each intern's best few mentors: fast, and blind to the rest."""
    n, m = source.shape
    few = min(SHORT_LIST, m)
    lists = []
    for part in row_blocks(n, m):
        block = source.scores(part, slice(None))
        lists.append(np.argpartition(-block, few - 1, axis=1)[:, :few])
    columns = np.concatenate(lists)
    scores = np.concatenate([source.scores(slice(i, i + 1), columns[i])[0] for i in range(n)]).astype(np.int64)
    rows = np.repeat(np.arange(n, dtype=np.int32), few)
    return _minimum_cost_flow(capacity, rows, columns.ravel().astype(np.int32), scores)


def _minimum_cost_flow(
    capacity: IntArray, rows: NDArray[np.int32], columns: NDArray[np.int32], scores: IntArray
) -> IntArray:
    # Imported here: only this peer needs OR-tools, and importing it would count for the others.
    from ortools.graph.python import min_cost_flow  # type: ignore[import-untyped]

    n, m = int(rows[-1]) + 1, capacity.size
    flow = min_cost_flow.SimpleMinCostFlow()
    flow.add_arcs_with_capacity_and_unit_cost(rows, columns + n, np.ones(rows.size, np.int64), -scores)
    mentors = np.arange(n, n + m, dtype=np.int32)
    flow.add_arcs_with_capacity_and_unit_cost(mentors, np.full(m, n + m, np.int32), capacity, np.zeros(m, np.int64))
    interns = np.arange(n, dtype=np.int32)
    worth = int(scores.max()) * 4
    ones = np.ones(n, np.int64)
    flow.add_arcs_with_capacity_and_unit_cost(interns, np.full(n, n + m, np.int32), ones, ones * worth)
    supply = np.concatenate([ones, np.zeros(m, np.int64), [-n]])
    flow.set_nodes_supplies(np.arange(n + m + 1, dtype=np.int32), supply)
    status = flow.solve()
    if status != flow.OPTIMAL:
        message = f"OR-tools ended with {status}"
        raise RuntimeError(message)
    used = np.flatnonzero(flow.flows(np.arange(rows.size, dtype=np.int32)))
    pairs = np.full(n, -1, np.int64)
    pairs[rows[used]] = columns[used]
    return pairs


def scipy_dense(source: FactorScores, capacity: IntArray) -> IntArray:
    """SciPy's linear_sum_assignment with one column per place."""
    from scipy.optimize import linear_sum_assignment  # imported here: it would count for the others

    n, m = source.shape
    place = np.repeat(np.arange(m), capacity)
    scores = np.concatenate([source.scores(rows, slice(None)) for rows in row_blocks(n, m)])
    rows, columns = linear_sum_assignment(scores[:, place].astype(np.float64), maximize=True)
    pairs = np.full(n, -1, np.int64)
    pairs[rows] = place[columns]
    return pairs


def stable(source: FactorScores, capacity: IntArray) -> IntArray:
    """The PyPI package `matching`: stable, not the best total; both sides rank by the score."""
    from matching.games import HospitalResident  # type: ignore[import-untyped]  # imported here: only this peer needs it

    n, m = source.shape
    scores = source.scores(slice(None), slice(None)).astype(np.int64)
    sys.setrecursionlimit(max(sys.getrecursionlimit(), 20 * (n + m)))
    residents = {i: np.argsort(-scores[i], kind="stable").tolist() for i in range(n)}
    hospitals = {j: np.argsort(-scores[:, j], kind="stable").tolist() for j in range(m)}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        game = HospitalResident.create_from_dictionaries(residents, hospitals, dict(enumerate(capacity.tolist())))
        answer = game.solve()
    pairs = np.full(n, -1, np.int64)
    for mentor, interns in answer.items():
        for intern in interns:
            pairs[intern.name] = mentor.name
    return pairs


PEERS = (
    Peer("mentormatch", ours, "mentormatch", 1 << 60, "exact, proved"),
    Peer("OR-tools min-cost flow, dense", ortools_dense, "ortools", 20_000, "exact"),
    Peer(f"OR-tools min-cost flow, best {SHORT_LIST}", ortools_short, "ortools", 200_000, "no proof"),
    Peer("SciPy linear_sum_assignment", scipy_dense, "scipy", 5_000, "exact"),
    Peer("matching HospitalResident", stable, "matching", 1_000, "stable"),
)
