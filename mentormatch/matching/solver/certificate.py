"""An independent check of an assignment: every rule, the total, and the bound, over all pairs, in integers.

It shares no code with the solver: it reads the problem, the pairs and the prices, and works out everything again. By
linear programming duality any prices give a valid bound, so the check trusts nothing that it is told.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mentormatch.matching.solver.blocks import BLOCK_PAIRS, IntArray
from mentormatch.matching.solver.problem import UNFILLED, Assignment, AssignmentProblem, Prices, Track


@dataclass(frozen=True)
class Certificate:
    """What the check found.

    Attributes
    ----------
    violations:
        Broken rules in plain words; empty for a valid matching.
    coverage, objective:
        Filled places and total, counted again.
    coverage_bound, upper_bound:
        What the prices prove: no matching fills more places; none that fills ``coverage`` has a higher total.
    """

    violations: tuple[str, ...]
    coverage: int
    coverage_bound: int
    objective: int
    upper_bound: int

    @property
    def valid(self) -> bool:
        return not self.violations

    @property
    def optimal(self) -> bool:
        """Whether the matching is valid and proved to be the best one."""
        return self.valid and self.coverage == self.coverage_bound and self.objective == self.upper_bound


def certify(problem: AssignmentProblem, assignment: Assignment) -> Certificate:
    """Check an assignment against all pairs of its problem.

    Time: one look at every pair. Memory: blocks of about 8 MB and some vectors.
    """
    violations: list[str] = []
    coverage = objective = 0
    for index, (track, pairs) in enumerate(zip(problem.tracks, assignment.pairs, strict=True)):
        pins = {pin[1] for pin in problem.pins if pin[0] == index}
        violations += [f"{track.name}: {words}" for words in _broken_limits(track, pairs)]
        found, points, forbidden = _count(track, pairs, pins)
        coverage += found
        objective += points
        violations += [f"{track.name}: row {row} has a host whom the rules exclude" for row in forbidden]
    violations += _broken_pins(problem, assignment.pairs) + _broken_sharing(problem, assignment.pairs)
    worth = -assignment.prices.unfilled
    bound = _dual_bound(problem, assignment.prices)
    pinned = _pinned_points(problem)
    decided = coverage - len(set(problem.pins))
    most = coverage - decided + min(bound // worth, _room(problem))
    if not violations and most > coverage and not _can_grow(problem, assignment.pairs):
        most = coverage
    return Certificate(tuple(violations), coverage, most, objective, pinned + bound - worth * decided)


def _room(problem: AssignmentProblem) -> int:
    """Unpinned places that may be filled at the most, by counting."""
    room = 0
    for index, track in enumerate(problem.tracks):
        n, m = track.source.shape
        pins = [pin[2] for pin in set(problem.pins) if pin[0] == index]
        left = track.capacity - np.bincount(np.array(pins, np.int64), minlength=m)
        room += min(n - len(pins), int(np.minimum(left, n).sum()))
    return room


def _can_grow(problem: AssignmentProblem, pairs: tuple[IntArray, ...]) -> bool:
    """Whether some track alone could fill more places, sharing left aside: looks for a path to a free place (Berge)."""
    for index, (track, columns) in enumerate(zip(problem.tracks, pairs, strict=True)):
        pinned = np.zeros(columns.size, np.bool_)
        pinned[[pin[1] for pin in problem.pins if pin[0] == index]] = True
        free = np.bincount(columns[columns != UNFILLED], minlength=track.source.shape[1]) < track.capacity
        seen = np.zeros(columns.size, np.bool_)
        fresh = np.flatnonzero((columns == UNFILLED) & ~pinned)
        while fresh.size:
            seen[fresh] = True
            hosts = np.zeros(free.size, np.bool_)
            for start in range(0, fresh.size, 256):
                hosts |= track.source.allowed(fresh[start : start + 256], slice(None)).any(axis=0)
            if (hosts & free).any():
                return True
            fresh = np.flatnonzero(np.append(hosts, False)[columns] & (columns != UNFILLED) & ~pinned & ~seen)
    return False


def _broken_limits(track: Track, pairs: IntArray) -> list[str]:
    n, m = track.source.shape
    if pairs.shape != (n,) or (pairs < UNFILLED).any() or (pairs >= m).any():
        return ["the pairs do not fit the track"]
    load = np.bincount(pairs[pairs != UNFILLED], minlength=m)
    words = [f"host {j} has more interns than places" for j in np.flatnonzero(load > track.capacity)]
    if track.minimum is not None:
        words += [f"host {j} has fewer interns than the minimum" for j in np.flatnonzero(load < track.minimum)]
    return words


def _count(track: Track, pairs: IntArray, pinned: set[int]) -> tuple[int, int, list[int]]:
    """Filled places, their points, and rows whose pair the rules exclude."""
    points = 0
    forbidden: list[int] = []
    filled = np.flatnonzero(pairs != UNFILLED)
    for row in np.array_split(filled, max(1, filled.size // 32)):
        if not row.size:
            continue
        columns, at = np.unique(pairs[row], return_inverse=True)
        here = np.arange(row.size)
        points += int(track.source.scores(row, columns)[here, at].sum(dtype=np.int64))
        allowed = track.source.allowed(row, columns)[here, at]
        forbidden += [int(i) for i in row[~allowed] if int(i) not in pinned]
    return filled.size, points, forbidden


def _broken_pins(problem: AssignmentProblem, pairs: tuple[IntArray, ...]) -> list[str]:
    return [f"pin {tuple(pin)} is not kept" for pin in problem.pins if pairs[pin[0]][pin[1]] != pin[2]]


def _broken_sharing(problem: AssignmentProblem, pairs: tuple[IntArray, ...]) -> list[str]:
    """Persons beyond their shared capacity, and interns whom the same person serves twice."""
    rows, people = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
    for track, columns in zip(problem.tracks, pairs, strict=True):
        if track.owner is not None:
            row = np.flatnonzero(columns != UNFILLED)
            owner = np.asarray(track.owner, np.int64)[columns[row]]
            rows.append(row[owner >= 0])
            people.append(owner[owner >= 0])
    person = np.concatenate(people)
    served, times = np.unique(person, return_counts=True)
    load = dict(zip(served.tolist(), times.tolist(), strict=True))
    words = [
        f"person {who} has more interns than places over all tracks"
        for who, most in problem.shared_capacity.items()
        if load.get(who, 0) > most
    ]
    meetings, often = np.unique(np.stack([np.concatenate(rows), person]), axis=1, return_counts=True)
    return words + [f"person {who} serves row {row} twice" for row, who in meetings[:, often > 1].T]


def _pinned_points(problem: AssignmentProblem) -> int:
    points = 0
    for track, row, column in set(problem.pins):
        at = np.array([row]), np.array([column])
        points += int(problem.tracks[track].source.scores(*at)[0, 0])
    return points


def _dual_bound(problem: AssignmentProblem, prices: Prices) -> int:
    """Most that the unpinned places can reach together, each filled one counting ``-prices.unfilled`` extra."""
    pins = set(problem.pins)
    total = 0
    for index, track in enumerate(problem.tracks):
        n, m = track.source.shape
        used = np.bincount(np.array([pin[2] for pin in pins if pin[0] == index], np.int64), minlength=m)
        price = prices.hosts[index]
        least = np.zeros(m, np.int64) if track.minimum is None else np.maximum(track.minimum - used, 0)
        most = np.minimum(track.capacity - used, n)
        total += int((np.where(price > 0, most, least) * price).sum())
        total += _best_places(problem, prices, index)
    owner = [None if track.owner is None else np.asarray(track.owner) for track in problem.tracks]
    for person, each in prices.persons.items():
        spent = sum(1 for t, _, j in pins if (people := owner[t]) is not None and people[j] == person)
        total += max(each, 0) * (problem.shared_capacity[person] - spent)
    total += sum(max(each, 0) for each in prices.conflicts.values())
    return total // prices.scale


def _served(problem: AssignmentProblem, index: int) -> dict[tuple[int, int], int]:
    """(row, person) that a pin in another track rules out in this one, at a price beyond every score."""
    served = {}
    for track, row, column in problem.pins:
        owner = problem.tracks[track].owner
        if track != index and owner is not None and owner[column] >= 0:
            served[row, int(owner[column])] = 1 << 60
    return served


def _best_places(problem: AssignmentProblem, prices: Prices, index: int) -> int:
    """Sum over the unpinned places of a track of the best value at these prices, 0 where nothing is worth it."""
    track = problem.tracks[index]
    n, m = track.source.shape
    mine = {pin for pin in problem.pins if pin[0] == index}
    pinned = np.array([pin[1] for pin in mine], np.int64)
    used = np.bincount(np.array([pin[2] for pin in mine], np.int64), minlength=m)
    full = np.flatnonzero(track.capacity <= used)
    cost = prices.hosts[index].astype(np.int64)
    owner = np.full(m, -1) if track.owner is None else np.asarray(track.owner, np.int64)
    for person, price in prices.persons.items():
        cost = cost + np.where(owner == person, max(price, 0), 0)
    extra: dict[int, list[tuple[int, int]]] = {}
    for (row, person), price in (dict(prices.conflicts) | _served(problem, index)).items():
        extra.setdefault(row, []).append((person, max(price, 0)))
    total = 0
    step = max(1, BLOCK_PAIRS // max(1, m))
    for start in range(0, n, step) if m else ():
        rows = slice(start, min(n, start + step))
        value = (track.source.scores(rows, slice(None)).astype(np.int64) - prices.unfilled) * prices.scale - cost
        for row in range(rows.start, rows.stop) if extra else ():
            for person, price in extra.get(row, ()):
                value[row - start, owner == person] -= price
        value[~track.source.allowed(rows, slice(None))] = 0
        value[:, full] = 0
        best = np.maximum(value.max(axis=1), 0)
        best[pinned[(pinned >= rows.start) & (pinned < rows.stop)] - start] = 0
        total += int(best.sum())
    return total
