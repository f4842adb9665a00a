"""An independent check of an assignment: every rule, the total, and the bound, over all pairs, in integers.

It shares no code with the search: it reads the problem, the pairs and the prices, and works out everything again. By
linear programming duality any prices give a valid bound, so the check trusts nothing that it is told.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from mentormatch.matching.solver.blocks import BLOCK_PAIRS, IntArray, ScoreSource, is_everything
from mentormatch.matching.solver.passes import in_parts, one_blas_thread, shares
from mentormatch.matching.solver.problem import UNFILLED, Assignment, AssignmentProblem, Objective, Prices, Track
from mentormatch.matching.solver.staying import reward_staying
from mentormatch.matching.solver.thresholds import at_least
from mentormatch.matching.solver.worst_off_certificate import certify_worst_off


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
        What the prices prove: no matching fills more places; none that fills ``coverage`` has a higher total. Of the
        objectives that look at the worst-off: none that leaves nobody with less than the worst-off of a track in which
        one host each is wanted. With an earlier matching: none has more points and worth of staying together, of which
        the worth of the pairs that stayed is taken off.
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


@one_blas_thread()
def certify(problem: AssignmentProblem, assignment: Assignment) -> Certificate:
    """Check an assignment against all pairs of its problem.

    Time: one look at every pair, in parts side by side. Memory: some blocks of 2 million pairs, and vectors.
    """
    violations: list[str] = []
    coverage = objective = 0
    for index, (track, pairs) in enumerate(zip(problem.tracks, assignment.pairs, strict=True)):
        pins = {pin[1:] for pin in map(tuple, problem.pins) if pin[0] == index}
        broken = _broken_limits(track, pairs)
        violations += [f"{track.name}: {words}" for words in broken]
        if broken[:1] == [MISFIT]:
            return Certificate(tuple(violations), 0, 0, 0, 0)
        found, points, forbidden = _count(track, pairs, pins)
        coverage += found
        objective += points
        violations += [f"{track.name}: row {row} has a host whom the rules exclude" for row in forbidden]
    violations += _broken_pins(problem, assignment.pairs) + _broken_sharing(problem, assignment.pairs)
    worth = -assignment.prices.unfilled
    least = _thresholds(problem, assignment)
    judged = reward_staying(at_least(problem, least))
    bound = _dual_bound(judged, assignment.prices)
    upper = _pinned_points(judged) + bound - worth * (coverage - len(set(problem.pins)))
    room = _room(problem) if any(least) else min(bound // worth, _room(problem))
    most = len(set(problem.pins)) + room
    if not violations and most > coverage and not _can_grow(problem, assignment.pairs):
        most = coverage
    return Certificate(tuple(violations), coverage, most, objective, upper - _reward(problem, assignment))


def _thresholds(problem: AssignmentProblem, assignment: Assignment) -> tuple[int | None, ...]:
    """Per track, the score that the bound's matchings are to keep: the worst-off's, counted again."""
    if problem.objective not in {Objective.WORST_OFF, Objective.MIXTURE}:
        return (None,) * len(problem.tracks)
    worst = certify_worst_off(problem, assignment).worst_off
    one = (track.wanted is None or (track.wanted <= 1).all() for track in problem.tracks)
    return tuple(least if single else None for least, single in zip(worst, one, strict=True))


def _reward(problem: AssignmentProblem, assignment: Assignment) -> int:
    """Worth of the pairs that stayed."""
    if problem.staying is None:
        return 0
    made = zip(problem.tracks, assignment.pairs, strict=True)
    kept = [set(zip(track.place_rows.tolist(), columns.tolist(), strict=True)) for track, columns in made]
    return problem.staying.worth * sum((row, column) in kept[at] for at, row, column in set(problem.staying.pairs))


def _wanted(track: Track) -> IntArray:
    """Hosts that each intern is to get, no more than there are."""
    n, m = track.source.shape
    return np.minimum(np.ones(n, np.int64) if track.wanted is None else track.wanted, m)


def _open(problem: AssignmentProblem, index: int) -> tuple[IntArray, IntArray]:
    """What the pins leave of a track: places of each intern, and of each host."""
    track = problem.tracks[index]
    n, m = track.source.shape
    pins = np.array([pin for pin in set(problem.pins) if pin[0] == index], np.int64).reshape(-1, 3)
    left = track.capacity - np.bincount(pins[:, 2], minlength=m)
    return _wanted(track) - np.bincount(pins[:, 1], minlength=n), np.minimum(left, n)


def _room(problem: AssignmentProblem) -> int:
    """Unpinned places that may be filled at the most, by counting."""
    counts = [_open(problem, index) for index in range(len(problem.tracks))]
    return sum(min(int(wanted.sum()), int(left.sum())) for wanted, left in counts)


def _can_grow(problem: AssignmentProblem, pairs: tuple[IntArray, ...]) -> bool:
    """Whether some track alone could fill more places, sharing left aside: looks for a path to a free place (Berge)."""
    for index, (track, places) in enumerate(zip(problem.tracks, pairs, strict=True)):
        n, m = track.source.shape
        row, column = track.place_rows[places != UNFILLED], places[places != UNFILLED]
        fixed = np.isin(row * m + column, [pin[1] * m + pin[2] for pin in problem.pins if pin[0] == index])
        free = np.bincount(column, minlength=m) < track.capacity
        seen = np.zeros(n, np.bool_)
        fresh = np.flatnonzero(np.bincount(row, minlength=n) < _wanted(track))
        while fresh.size:
            seen[fresh] = True
            hosts = np.zeros(m, np.bool_)
            for start in range(0, fresh.size, 256):
                some = fresh[start : start + 256]
                allowed = np.array(track.source.allowed(some, slice(None)))
                held = np.flatnonzero(np.isin(row, some))
                allowed[np.searchsorted(some, row[held]), column[held]] = False
                hosts |= allowed.any(axis=0)
            if (hosts & free).any():
                return True
            fresh = np.unique(row[hosts[column] & ~fixed])
            fresh = fresh[~seen[fresh]]
    return False


MISFIT = "the pairs do not fit the track"


def _broken_limits(track: Track, pairs: IntArray) -> list[str]:
    m = track.source.shape[1]
    row = track.place_rows
    if pairs.shape != row.shape or (pairs < UNFILLED).any() or (pairs >= m).any():
        return [MISFIT]
    filled = pairs != UNFILLED
    load = np.bincount(pairs[filled], minlength=m)
    words = [f"host {j} has more interns than places" for j in np.flatnonzero(load > track.capacity)]
    if track.minimum is not None:
        words += [f"host {j} has fewer interns than the minimum" for j in np.flatnonzero(load < track.minimum)]
    pair, times = np.unique(row[filled] * m + pairs[filled], return_counts=True)
    return words + [f"row {key // m} has host {key % m} twice" for key in pair[times > 1]]


def _count(track: Track, pairs: IntArray, pinned: set[tuple[int, ...]]) -> tuple[int, int, list[int]]:
    """Filled places, their points, and rows with a pair that the rules exclude."""
    points = 0
    forbidden: list[int] = []
    filled = np.flatnonzero(pairs != UNFILLED)
    rows = track.place_rows
    for place in np.array_split(filled, max(1, filled.size // 32)):
        if not place.size:
            continue
        row, here = np.unique(rows[place], return_inverse=True)
        column, there = np.unique(pairs[place], return_inverse=True)
        points += int(track.source.scores(row, column)[here, there].sum(dtype=np.int64))
        banned = place[~track.source.allowed(row, column)[here, there]]
        forbidden += [int(rows[at]) for at in banned if (int(rows[at]), int(pairs[at])) not in pinned]
    return filled.size, points, forbidden


def _broken_pins(problem: AssignmentProblem, pairs: tuple[IntArray, ...]) -> list[str]:
    words = []
    for track, row, column in problem.pins:
        first, stop = np.searchsorted(problem.tracks[track].place_rows, [row, row + 1])
        if column not in pairs[track][first:stop]:
            words.append(f"pin {(track, row, column)} is not kept")
    return words


def _broken_sharing(problem: AssignmentProblem, pairs: tuple[IntArray, ...]) -> list[str]:
    """Persons beyond their shared capacity, and interns whom the same person serves twice."""
    rows, people = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
    for track, columns in zip(problem.tracks, pairs, strict=True):
        if track.owner is not None:
            filled = columns != UNFILLED
            owner = np.asarray(track.owner, np.int64)[columns[filled]]
            rows.append(track.place_rows[filled][owner >= 0])
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
        m = track.source.shape[1]
        used = np.bincount(np.array([pin[2] for pin in pins if pin[0] == index], np.int64), minlength=m)
        price = prices.hosts[index]
        least = np.zeros(m, np.int64) if track.minimum is None else np.maximum(track.minimum - used, 0)
        total += int((np.where(price > 0, _open(problem, index)[1], least) * price).sum())
        total += _best_places(problem, prices, index)
    owner = [None if track.owner is None else np.asarray(track.owner) for track in problem.tracks]
    for person, each in prices.persons.items():
        spent = sum(1 for t, _, j in pins if (people := owner[t]) is not None and people[j] == person)
        total += max(each, 0) * (problem.shared_capacity[person] - spent)
    total += sum(max(each, 0) for each in prices.conflicts.values())
    return total // prices.scale


def _served(problem: AssignmentProblem) -> dict[tuple[int, int], int]:
    """(row, person) that a pin rules out, at a price beyond every score."""
    served = {}
    for track, row, column in problem.pins:
        owner = problem.tracks[track].owner
        if owner is not None and owner[column] >= 0:
            served[row, int(owner[column])] = 1 << 60
    return served


def _best_places(problem: AssignmentProblem, prices: Prices, index: int) -> int:
    """Sum over the unpinned places of a track of the best values at these prices, 0 where nothing is worth it.

    The places of an intern take her best hosts, each of them once.
    """
    track = problem.tracks[index]
    n, m = track.source.shape
    pins = np.array([pin for pin in set(problem.pins) if pin[0] == index], np.int64).reshape(-1, 3)
    wanted, left = _open(problem, index)
    full = np.flatnonzero(left <= 0)
    cost = prices.hosts[index].astype(np.int64)
    owner = np.full(m, -1) if track.owner is None else np.asarray(track.owner, np.int64)
    for person, price in prices.persons.items():
        cost = cost + np.where(owner == person, max(price, 0), 0)
    extra: dict[int, list[tuple[int, int]]] = {}
    for (row, person), price in (dict(prices.conflicts) | _served(problem)).items():
        extra.setdefault(row, []).append((person, max(price, 0)))
    by_row = pins[np.argsort(pins[:, 1], kind="stable")]
    tasks = []
    for rows in shares(n, m) if m else ():
        first, stop = np.searchsorted(by_row[:, 1], [rows.start, rows.stop])
        some = {row: extra[row] for row in range(rows.start, rows.stop) if row in extra} if extra else {}
        tasks.append((rows, wanted[rows], some, by_row[first:stop, 1:]))
    values = in_parts(_best_values, track.source, tasks, cost, prices.unfilled, prices.scale, owner, full)
    return sum(values)


def _best_values(  # noqa: PLR0917  a part of a pass is told everything
    source: ScoreSource, cost: IntArray, unfilled: int, scale: int, owner: IntArray, full: IntArray,
    part: slice, wanted: IntArray, extra: Mapping[int, list[tuple[int, int]]], pins: IntArray,
) -> int:  # fmt: skip
    """`_best_places` of some rows, block by block."""
    total = 0
    step = max(1, BLOCK_PAIRS // max(1, cost.size))
    for start in range(part.start, part.stop, step):
        rows = slice(start, min(part.stop, start + step))
        value = source.scores(rows, slice(None)).astype(np.int64)
        value -= unfilled
        value *= scale
        value -= cost
        for row in range(rows.start, rows.stop) if extra else ():
            for person, price in extra.get(row, ()):
                value[row - start, owner == person] -= price
        allowed = source.allowed(rows, slice(None))
        if not is_everything(allowed):
            value[~allowed] = 0
        value[:, full] = 0
        pinned = pins[(pins[:, 0] >= rows.start) & (pins[:, 0] < rows.stop)]
        value[pinned[:, 0] - start, pinned[:, 1]] = 0
        total += _sum_of_best(value, wanted[rows.start - part.start : rows.stop - part.start])
    return total


def _sum_of_best(value: IntArray, count: IntArray) -> int:
    """Sum over the rows of their ``count`` (shape (rows,)) highest values above 0; these are used up."""
    total, rows = 0, np.arange(count.size)
    for rank in range(int(count.max(initial=0))):
        best = value.argmax(axis=1)
        total += int(np.maximum(value[rows, best], 0)[rank < count].sum())
        value[rows, best] = 0
    return total
