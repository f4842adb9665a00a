"""Blocking pairs: an independent count of the interns and hosts who would rather have each other than what they have.

It shares no code with the search: it reads the problem and the pairs, and looks at every pair of every track once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from mentormatch.matching.solver.blocks import IntArray, row_blocks
from mentormatch.matching.solver.problem import UNFILLED, AssignmentProblem, Track

FROM_NOTHING = -1
"""What somebody with a free place has to lose: less than the lowest score."""

NOTHING_TO_CHANGE = 1 << 40
"""Stands for somebody all of whose places are pinned or promised elsewhere: no pair is better than that."""

EXAMPLES = 5


class BlockingPair(NamedTuple):
    """An intern and a host who would rather have each other, and by how many points; a place for nobody counts 0."""

    row: int
    column: int
    gain: int
    host_gain: int


@dataclass(frozen=True)
class Blocking:
    """Blocking pairs of one track: how many, and those in which the one who gains less gains most."""

    track: str
    count: int
    worst: tuple[BlockingPair, ...]


def blocking_pairs(
    problem: AssignmentProblem, pairs: tuple[IntArray, ...], *, examples: int = EXAMPLES
) -> tuple[Blocking, ...]:
    """Count the blocking pairs of a matching, whatever its objective, per track.

    An intern and a host whom the rules permit block a matching if they are not matched, the intern has an unfilled
    place or likes the host strictly better than the worst host that she has, and the host has a free place or likes
    her strictly better than the worst intern that it has (weak stability: Irving 1994; for several places each,
    pairwise stability with responsive preferences: Roth 1985). Interns rank by `Track.source`, hosts by
    `Track.host_source` where it is given. Minimum loads do not count.

    Pinned places are not up for choice. A person who serves an intern in any track does not block with her in another;
    one whose shared capacity is used up has no free place in any track.

    Parameters
    ----------
    pairs:
        As in `Assignment.pairs`.
    examples:
        How many pairs to name at most in each track.

    Time: one look at every pair. Memory: blocks of about 8 MB.
    """
    return tuple(_of_track(problem, pairs, index, examples) for index in range(len(problem.tracks)))


def _of_track(problem: AssignmentProblem, pairs: tuple[IntArray, ...], index: int, examples: int) -> Blocking:
    track = problem.tracks[index]
    n, m = track.source.shape
    rows, columns = _met(track, pairs[index])
    least, host_least = _least(problem, pairs, index)
    taken = [rows * m + columns, *(row * m + column for row, column in _served_elsewhere(problem, pairs, index))]
    not_free = np.unique(np.concatenate(taken))
    count, found = 0, np.zeros((0, 4), np.int64)
    for block in row_blocks(n, m):
        scores = track.source.scores(block, slice(None))
        row, column = np.nonzero(scores > least[block, None])
        if not row.size:
            continue
        theirs = scores if track.host_source is None else track.host_source.scores(block, slice(None))
        kept = theirs[row, column] > host_least[column]
        row, column = row[kept], column[kept]
        kept = track.source.allowed(block, slice(None))[row, column]
        kept &= ~np.isin((row + block.start) * m + column, not_free)
        row, column = row[kept], column[kept]
        count += row.size
        gain = scores[row, column] - np.maximum(least[row + block.start], 0)
        host_gain = theirs[row, column] - np.maximum(host_least[column], 0)
        found = _first(
            np.concatenate([found, np.stack([row + block.start, column, gain, host_gain], axis=1)]), examples
        )
    return Blocking(track.name, count, tuple(BlockingPair(*map(int, one)) for one in found))


def _first(found: IntArray, examples: int) -> IntArray:
    row, column, gain, host_gain = found.T
    order = np.lexsort((column, row, -gain - host_gain, -np.minimum(gain, host_gain)))
    return found[order[:examples]]


def _met(track: Track, pairs: IntArray) -> tuple[IntArray, IntArray]:
    filled = pairs != UNFILLED
    return track.place_rows[filled], pairs[filled]


def _least(problem: AssignmentProblem, pairs: tuple[IntArray, ...], index: int) -> tuple[IntArray, IntArray]:
    """Scores that a new pair must exceed, per row and per column: of the worst that they have and may give up."""
    track = problem.tracks[index]
    n, m = track.source.shape
    rows, columns = _met(track, pairs[index])
    pinned = np.array([pin[1] * m + pin[2] for pin in set(problem.pins) if pin[0] == index], np.int64)
    free = ~np.isin(rows * m + columns, pinned)
    least = np.full(n, NOTHING_TO_CHANGE)
    np.minimum.at(least, rows[free], _scores_of(track, rows[free], columns[free]))
    least[track.place_rows[pairs[index] == UNFILLED]] = FROM_NOTHING
    theirs = track if track.host_source is None else Track(track.name, track.host_source, track.capacity)
    host_least = np.full(m, NOTHING_TO_CHANGE)
    np.minimum.at(host_least, columns[free], _scores_of(theirs, rows[free], columns[free]))
    room = np.bincount(columns, minlength=m) < track.capacity
    if track.owner is not None:
        room &= ~np.isin(track.owner, _used_up(problem, pairs))
    host_least[room] = FROM_NOTHING
    return least, host_least


def _scores_of(track: Track, rows: IntArray, columns: IntArray) -> IntArray:
    """Scores of single pairs, some rows at a time."""
    scores = [np.zeros(0, np.int64)]
    for part in np.array_split(np.arange(rows.size), max(1, rows.size // 64)):
        block = track.source.scores(rows[part], columns[part])
        scores.append(np.diagonal(block).astype(np.int64))
    return np.concatenate(scores)


def _people(track: Track, pairs: IntArray) -> tuple[IntArray, IntArray]:
    """Who serves whom in a track: rows and person numbers, of hosts that have one."""
    rows, columns = _met(track, pairs)
    if track.owner is None:
        return rows[:0], rows[:0]
    person = np.asarray(track.owner, np.int64)[columns]
    return rows[person >= 0], person[person >= 0]


def _used_up(problem: AssignmentProblem, pairs: tuple[IntArray, ...]) -> list[int]:
    """Persons with as many interns as their shared capacity permits."""
    met = [_people(track, columns)[1] for track, columns in zip(problem.tracks, pairs, strict=True)]
    person = np.concatenate(met)
    return [who for who, most in problem.shared_capacity.items() if (person == who).sum() >= most]


def _served_elsewhere(
    problem: AssignmentProblem, pairs: tuple[IntArray, ...], index: int
) -> list[tuple[IntArray, IntArray]]:
    """Pairs of a track whose person already serves the intern, in this track or in another."""
    owner = problem.tracks[index].owner
    found = []
    if owner is not None:
        order = np.argsort(owner, kind="stable")
        sorted_owner = np.asarray(owner, np.int64)[order]
        for track, columns in zip(problem.tracks, pairs, strict=True):
            row, person = _people(track, columns)
            first = np.searchsorted(sorted_owner, person)
            times = np.searchsorted(sorted_owner, person, side="right") - first
            at = np.repeat(first - np.cumsum(times) + times, times) + np.arange(times.sum())
            found.append((np.repeat(row, times), order[at]))
    return found
