"""Where the search for groups starts: units as arrays, and a first grouping that keeps every constraint."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csc_array, csr_array, eye_array, kron, vstack

from mentormatch.core.errors import InvalidInput
from mentormatch.matching.groups.exact import MOST_STEPS, MOST_UNITS, walk
from mentormatch.matching.groups.problem import GroupProblem
from mentormatch.matching.groups.search import climb, kick
from mentormatch.matching.groups.state import Units, state_of
from mentormatch.matching.solver.blocks import IntArray
from mentormatch.matching.solver.compiled import FAR

_REPAIRS = 50
_MOST_PLACES = 50_000
"""Units times groups up to which HiGHS is asked when constraints are tight."""

_MOST_NODES = 2_000
_IMPOSSIBLE = 2
"""HiGHS' status for a problem without solution."""


def units_of(problem: GroupProblem, distance: NDArray[np.int32], *, even: bool) -> Units:
    """Return the arrays of the search; the distance of two units is the sum over their people."""
    many = problem.size.size
    if many < problem.unit.size:
        order = np.argsort(problem.unit, kind="stable")
        starts = np.concatenate([[0], np.cumsum(problem.size)[:-1]])
        rows = np.add.reduceat(distance[order].astype(np.int64), starts, axis=0)
        sums = np.add.reduceat(rows[:, order], starts, axis=1)
        np.fill_diagonal(sums, 0)
        distance = (sums // (1 + sums.max(initial=0) // (1 << 30))).astype(np.int32)
    near = csr_array((np.ones(len(problem.apart)), problem.apart.T), shape=(many, many)) if len(problem.apart) else None
    both = csr_array(near + near.T) if near is not None else csr_array((many, many))
    free = even and not (problem.high - problem.low <= int((problem.size == 1).all())).all()
    row = int(distance.sum(axis=1, dtype=np.int64).max(initial=0))
    evenness = (4 * row + 1) if free else 0
    return Units(
        distance=np.ascontiguousarray(distance),
        size=problem.size.astype(np.int64),
        lead=problem.lead,
        movable=problem.pinned < 0,
        start=both.indptr.astype(np.int64),
        apart=both.indices.astype(np.int64),
        low=problem.low,
        high=problem.high,
        lead_low=problem.lead_low,
        lead_high=problem.lead_high,
        penalty=max(int(distance.sum(dtype=np.int64)) + 2, 4 * evenness * problem.unit.size),
        even=evenness,
        alike=not free or bool((problem.size == problem.size[:1]).all()),
        veil=np.where(problem.size == np.bincount(problem.size).argmax(), 0, FAR // 4),
    )


def proved_best(problem: GroupProblem, units: Units) -> IntArray | None:
    """Return the best grouping of a few units, looked for among all; None when there are too many to look at.

    Raises
    ------
    InvalidInput
        There is no grouping at all.
    """
    many = problem.size.size
    if many > MOST_UNITS:
        return None
    conflict = np.zeros((many, many), np.bool_)
    conflict[tuple(problem.apart.T)] = conflict[tuple(problem.apart.T[::-1])] = True
    best = np.full(many, -1, np.int64)
    if walk(units, problem.pinned, exchangeable(problem), conflict, best, MOST_STEPS) >= MOST_STEPS:
        return None
    if many and best[0] < 0:
        raise _nothing(problem, proved=True)
    return best


def exchangeable(problem: GroupProblem) -> IntArray:
    """Return a number per group, equal for groups that differ in their number only: same bounds, nobody pinned."""
    kinds: dict[tuple[int, int, int], int] = {}
    held = set(problem.pinned[problem.pinned >= 0].tolist())
    bounds = zip(problem.low.tolist(), problem.high.tolist(), strict=True)
    keys = [(low, high, group if group in held else -1) for group, (low, high) in enumerate(bounds)]
    return np.array([kinds.setdefault(key, len(kinds)) for key in keys], np.int64)


def first_grouping(problem: GroupProblem, units: Units, random: NDArray[np.uint64], seed: int) -> IntArray:
    """Return a grouping that keeps every constraint: greedy, repaired by the search, or found by HiGHS.

    Raises
    ------
    InvalidInput
        There is none, or none was found; the text says which.
    """
    group = _greedy(problem, seed)
    if group is not None:
        state = state_of(units, group)
        climb(units, state)
        for _ in range(_REPAIRS):
            if not _broken(problem, state.group):
                return state.group
            kick(units, state, random, max(8, problem.size.size // 10))
            climb(units, state)
    group = _by_branching(problem)
    if group is None:
        raise _nothing(problem, proved=False)
    return group


def _broken(problem: GroupProblem, group: IntArray) -> bool:
    return bool((group[problem.apart[:, 0]] == group[problem.apart[:, 1]]).any())


def _greedy(problem: GroupProblem, seed: int) -> IntArray | None:
    """Place pinned units, then facilitators, then large and much constrained units, each where there is most room."""
    many = problem.size.size
    near: list[list[int]] = [[] for _ in range(many)]
    for one, other in problem.apart.tolist():
        near[one].append(other)
        near[other].append(one)
    chance = np.random.default_rng(seed).random(many)
    degree = np.array([len(others) for others in near], np.int64)
    order = np.lexsort((chance, -degree, -problem.size, -problem.lead, problem.pinned < 0))
    group = np.full(many, -1, np.int64)
    load, lead = np.zeros_like(problem.low), np.zeros_like(problem.low)
    for u in order.tolist():
        taken = load + problem.size[u] > problem.high
        taken |= lead + problem.lead[u] > problem.lead_high
        if problem.pinned[u] >= 0:
            taken |= np.arange(load.size) != problem.pinned[u]
        bad = np.bincount(group[near[u]][group[near[u]] >= 0], minlength=load.size)
        leaders = lead if problem.lead[u] else np.zeros_like(lead)
        place = int(np.lexsort((load, load >= problem.low, leaders, bad, taken))[0])
        if taken[place]:
            return None
        group[u] = place
        load[place] += problem.size[u]
        lead[place] += problem.lead[u]
    return group if (load >= problem.low).all() and (lead >= problem.lead_low).all() else None


def _by_branching(problem: GroupProblem) -> IntArray | None:
    """Ask HiGHS for any grouping; None when it found none in time.

    Raises
    ------
    InvalidInput
        It proved that there is none.
    """
    many, groups = problem.size.size, problem.low.size
    if many * groups > _MOST_PLACES:
        return None
    rows = _rows(problem)
    apart = len(problem.apart) * groups
    least = np.concatenate([np.ones(many), problem.low, problem.lead_low, np.zeros(apart)])
    most = np.concatenate([np.ones(many), problem.high, problem.lead_high, np.ones(apart)])
    pinned = problem.pinned[:, None]
    upper = ((pinned < 0) | (pinned == np.arange(groups))).astype(np.float64).ravel()
    found = milp(
        np.zeros(many * groups),
        integrality=np.ones(many * groups),
        bounds=Bounds(0, upper),
        constraints=LinearConstraint(rows, least, most),
        options={"node_limit": _MOST_NODES},
    )
    if found.status == _IMPOSSIBLE:
        raise _nothing(problem, proved=True)
    if found.x is None:
        return None
    group: IntArray = found.x.reshape(many, groups).argmax(axis=1).astype(np.int64)
    return group


def _rows(problem: GroupProblem) -> csc_array:
    """Return sums over units x groups: groups of each unit, people and facilitators of each group, pairs that meet."""
    many, groups = problem.size.size, problem.low.size
    each = eye_array(groups, format="csr")
    ends = np.repeat(np.arange(len(problem.apart)), 2), problem.apart.ravel()
    pairs = csr_array((np.ones(ends[0].size), ends), shape=(len(problem.apart), many))
    sums = [
        kron(eye_array(many), np.ones((1, groups))),
        kron(problem.size[None, :], each),
        kron(problem.lead[None, :], each),
        kron(pairs, each),
    ]
    return csc_array(vstack(sums))


def _nothing(problem: GroupProblem, *, proved: bool) -> InvalidInput:
    message = "Groups: no grouping %(found)s that keeps all constraints at once: %(low)s to %(high)s people in a group; together: %(together)s; apart: %(apart)s; pinned: %(pinned)s. Loosen some of them."  # noqa: E501  one sentence, one message
    blocks = [problem.members(unit) for unit in np.flatnonzero(problem.size > 1).tolist()]
    apart = [f"{problem.members(one)} / {problem.members(other)}" for one, other in problem.apart[:20].tolist()]
    pinned = [problem.members(unit) for unit in np.flatnonzero(problem.pinned >= 0).tolist()]
    return InvalidInput(
        message,
        field="apart",
        found="exists" if proved else "was found",
        low=int(problem.low.min()),
        high=int(problem.high.max()),
        together=", ".join(blocks[:20]) or "-",
        apart=", ".join(apart) or "-",
        pinned=", ".join(pinned[:20]) or "-",
    )
