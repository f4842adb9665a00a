"""Ways to solve one instance: ours, and public peers. Each returns the mentor of every intern, or -1."""

from __future__ import annotations

import importlib.util
import sys
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from types import SimpleNamespace

import numpy as np
from numpy.typing import NDArray

from benchmarks.instances import FactorScores
from mentormatch.matching.solver.assignment import Assignment, AssignmentProblem, Track, solve
from mentormatch.matching.solver.blocks import IntArray, row_blocks

SHORT_LIST = 32
HALF = 0.5
"""Above it a share counts as a pair: optima of these programs are whole, up to rounding."""

Answer = IntArray | Assignment
Method = Callable[[FactorScores, IntArray], Answer]


@dataclass(frozen=True)
class Peer:
    """A method: the module it needs, the largest size it is tried at, its seconds, and what it promises."""

    name: str
    run: Method
    module: str
    most: int
    seconds: float
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


def pot_dense(source: FactorScores, capacity: IntArray) -> IntArray:
    """POT's network simplex (`ot.emd`) over every pair; a row of nobody takes the places that are left."""
    import ot  # type: ignore[import-untyped]  # imported here: only this peer needs it

    n, m = source.shape
    cost = np.zeros((n + 1, m))
    for rows in row_blocks(n, m):
        cost[rows] = source.scores(rows, slice(None))
    np.negative(cost, out=cost)
    left = capacity.sum() - n
    flow = ot.emd(np.append(np.ones(n), left), capacity.astype(np.float64), cost, numItermax=1 << 60, center_dual=False)
    return np.where(flow[:n].max(axis=1) > HALF, flow[:n].argmax(axis=1), -1)


def highs_dense(source: FactorScores, capacity: IntArray) -> IntArray:
    """The linear program over every pair, by HiGHS."""
    # Imported here: it would count for the others.
    from scipy.optimize import linprog
    from scipy.sparse import csc_array

    n, m = source.shape
    scores = source.scores(slice(None), slice(None)).astype(np.float64)
    start = np.arange(0, 2 * n * m + 1, 2)
    rows = np.stack([np.repeat(np.arange(n), m), n + np.tile(np.arange(m), n)], axis=1).ravel()
    once = csc_array((np.ones(rows.size), rows, start), shape=(n + m, n * m))
    answer = linprog(-scores.ravel() - scores.max(), A_ub=once, b_ub=np.append(np.ones(n), capacity), method="highs")
    share = answer.x.reshape(n, m)
    return np.where(share.max(axis=1) > HALF, share.argmax(axis=1), -1)


def munkres(source: FactorScores, capacity: IntArray) -> IntArray:
    """The PyPI package `munkres` with one column per place."""
    from munkres import Munkres  # type: ignore[import-not-found, import-untyped, unused-ignore]  # only this peer

    place = np.repeat(np.arange(source.shape[1]), capacity)
    cost = -source.scores(slice(None), slice(None)).astype(np.int64)[:, place]
    pairs = np.full(source.shape[0], -1, np.int64)
    for row, column in Munkres().compute(cost.tolist()):
        pairs[row] = place[column]
    return pairs


def openreview(source: FactorScores, capacity: IntArray) -> IntArray:
    """OpenReview's matcher (MinMax), where somebody has installed it; it is on no package index."""
    from matcher.solvers import MinMaxSolver  # type: ignore[import-not-found]  # imported here: only this peer needs it

    n, m = source.shape
    cost = -source.scores(slice(None), slice(None)).astype(np.float64)
    encoder = SimpleNamespace(cost_matrix=cost, constraint_matrix=np.zeros((n, m)))
    flow = MinMaxSolver([0] * m, capacity.tolist(), [1] * n, encoder).solve()
    return np.where(flow.max(axis=1) > HALF, flow.argmax(axis=1), -1)


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
    Peer("mentormatch", ours, "mentormatch", 1 << 60, 4 * 3600, "exact, proved"),
    Peer("OR-tools min-cost flow, dense", ortools_dense, "ortools", 20_000, 300, "exact"),
    Peer(f"OR-tools min-cost flow, best {SHORT_LIST}", ortools_short, "ortools", 200_000, 300, "no proof"),
    Peer("POT network simplex, dense", pot_dense, "ot", 20_000, 600, "exact"),
    Peer("SciPy linear_sum_assignment", scipy_dense, "scipy", 5_000, 300, "exact"),
    Peer("HiGHS linear program, dense", highs_dense, "scipy", 2_000, 300, "exact"),
    Peer("munkres", munkres, "munkres", 1_000, 120, "exact"),
    Peer("openreview-matcher MinMax", openreview, "matcher", 1_000, 300, "exact"),
    Peer("matching HospitalResident", stable, "matching", 1_000, 120, "stable"),
)
"""Largest sizes by memory and patience; seconds that each may take."""
