"""Preference lists: for interns of one track the best hosts that would still take them, without the full matrix."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mentormatch.matching.solver.blocks import (
    BLOCK_PAIRS,
    BoolArray,
    Index,
    IntArray,
    ScoreArray,
    ScoreSource,
    row_blocks,
)
from mentormatch.matching.solver.compiled import compiled
from mentormatch.matching.solver.passes import in_parts, shares

NO_BOUND = 1 << 30
"""Above every score."""

NEVER = 1 << 60
"""Threshold of a host that takes nobody."""

GOLDEN = 2654435769
"""2^32 / golden ratio: multiples of it spread evenly, so that interns who are indifferent do not all ask one host."""


class Standing(NamedTuple):
    """What hosts would say now: whether each has a place that is ``free``, and its ``threshold`` to be exceeded.

    An intern is taken if twice her score with the host, plus one if she has been promoted, is above the threshold.
    """

    free: BoolArray
    threshold: IntArray


class Excerpt(NamedTuple):
    """The top of some interns' preference lists, in the order of their rows.

    Hosts come by falling score; those of one score with free ones first. Lists stand one after the other.

    Attributes
    ----------
    length:
        Entries of each list, shape (rows,).
    more, more_free:
        Shape (rows,): whether there may be further hosts, and further ones that are free and tied with the last.
    column, score, host_score:
        Entries: the host, the intern's score of it and its score of the intern.
    """

    length: IntArray
    more: BoolArray
    more_free: BoolArray
    column: NDArray[np.int32]
    score: NDArray[np.int32]
    host_score: NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class Market:
    """One track with its pins served, as a source of both sides' scores for the pairs that may still be made.

    Parameters
    ----------
    source, host_source:
        Scores for the interns and, where they differ, for the hosts; hard rules are those of `source`.
    wanted:
        Hosts that each intern is still to get, shape (n,).
    room:
        Places left at each host, shape (m,).
    barred:
        Pairs that may not be made besides, as ascending ``row * m + column``.
    """

    source: ScoreSource
    host_source: ScoreSource | None
    wanted: IntArray
    room: IntArray
    barred: IntArray

    @property
    def shape(self) -> tuple[int, int]:
        return self.wanted.size, self.room.size

    def scores(self, rows: Index, columns: Index) -> ScoreArray:
        """The interns' scores of a block."""
        return self.source.scores(rows, columns)

    def host_scores(self, rows: Index, columns: Index) -> ScoreArray | None:
        """The hosts' scores of a block, None where they are the interns'."""
        return None if self.host_source is None else self.host_source.scores(rows, columns)

    def allowed(self, rows: Index, columns: Index) -> BoolArray:
        """Which pairs of a block may still be made, room aside."""
        mask = self.source.allowed(rows, columns)
        m = self.room.size
        row, column = np.arange(self.wanted.size)[rows], np.arange(m)[columns]
        first, last = np.searchsorted(self.barred, row * m), np.searchsorted(self.barred, (row + 1) * m)
        struck = np.flatnonzero(last > first)
        if not struck.size:
            return mask
        mask = np.array(mask)
        place = np.full(m, column.size)
        place[column] = np.arange(column.size)
        for at in struck.tolist():
            out = place[self.barred[first[at] : last[at]] - row[at] * m]
            mask[at, out[out < column.size]] = False
        return mask

    def top(self, rows: IntArray, count: int, now: Standing, promoted: IntArray, bound: IntArray) -> Excerpt:
        """The best ``count`` hosts of each of these rows, among those with scores up to ``bound`` who would take them.

        Parameters
        ----------
        rows:
            Ascending, shape (r,).
        promoted, bound:
            Shape (r,).

        Time: one look at these rows. Memory: lists, and blocks of about 16 MB per thread.
        """
        # Where both sides rank alike, hosts that ask for more than the bound are out of reach.
        reach = NEVER if self.host_source is not None or not bound.size else 2 * int(bound.max()) + 1
        columns = np.flatnonzero(now.threshold < reach)
        k = min(count, columns.size)
        offset = ((rows * GOLDEN) % (1 << 32)) * columns.size >> 32
        slices = shares(rows.size, columns.size) or [slice(0)]
        parts = [(rows[part], bound[part], promoted[part], offset[part]) for part in slices]
        told = list(in_parts(_told, self, parts, columns, Standing(now.free[columns], now.threshold[columns]), k))
        return Excerpt(*(np.concatenate(each) for each in zip(*told, strict=True)))


def _told(  # noqa: PLR0917  a task is told everything
    market: Market,
    columns: IntArray,
    now: Standing,
    count: int,
    rows: IntArray,
    bound: IntArray,
    promoted: IntArray,
    offset: IntArray,
) -> Excerpt:
    """The lists of some rows, from these columns."""
    entries = np.zeros((3, rows.size, count), np.int32)
    found, ended_free = np.zeros(rows.size, np.int64), np.zeros(rows.size, np.bool_)
    to = slice(None) if columns.size == market.room.size else columns
    for part in row_blocks(rows.size, columns.size, BLOCK_PAIRS // 2) if count else ():
        some = rows[part]
        at = slice(int(some[0]), int(some[-1]) + 1) if some[-1] - some[0] == some.size - 1 else some
        scores, theirs = np.ascontiguousarray(market.scores(at, to)), market.host_scores(at, to)
        others = scores if theirs is None else np.ascontiguousarray(theirs)
        block = scores, others, np.ascontiguousarray(market.allowed(at, to))
        aims = (bound[part], promoted[part], offset[part])
        _best(block, aims, now, entries[:, part], found[part], ended_free[part])
    place, score, theirs = (each[np.arange(count) < found[:, None]] for each in entries)
    more = (found == count) & (count < columns.size)
    return Excerpt(found, more, more & ended_free, columns[place].astype(np.int32), score, theirs)


@compiled
def _best(  # noqa: PLR0917  compiled functions take no keywords
    block: tuple[ScoreArray, ScoreArray, BoolArray],
    aims: tuple[IntArray, IntArray, IntArray],
    now: Standing,
    entries: NDArray[np.int32],
    found: IntArray,
    ended_free: BoolArray,
) -> None:
    """Fill the lists of the rows of a block: entries are place in the block, score and the host's score."""
    scores, theirs, mask = block
    bound, promoted, offset = aims
    width, k = scores.shape[1], entries.shape[2]
    heap = np.empty(k, np.int64)
    for r in range(scores.shape[0]):
        count, lowest = 0, np.int64(-1)
        for c in range(width):
            twice = 2 * np.int64(scores[r, c])
            if twice + 1 < lowest or scores[r, c] > bound[r] or not mask[r, c]:
                continue
            if 2 * np.int64(theirs[r, c]) + promoted[r] <= now.threshold[c]:
                continue
            turn = c - offset[r] if c >= offset[r] else c - offset[r] + width
            key = (twice + now.free[c]) * width + (width - 1 - turn)
            if count < k:
                count += 1
                _rise(heap, count - 1, key)
            elif key > heap[0]:
                _sink(heap, key)
            if count == k:
                lowest = heap[0] // width
        kept = np.sort(heap[:count])[::-1]
        for e in range(count):
            c = width - 1 - kept[e] % width + offset[r]
            c = c if c < width else c - width
            entries[0, r, e] = c
            entries[1, r, e] = scores[r, c]
            entries[2, r, e] = theirs[r, c]
        found[r] = count
        ended_free[r] = count > 0 and (kept[count - 1] // width) % 2 == 1


@compiled
def _rise(heap: IntArray, at: int, key: int) -> None:
    """Put a key into a heap whose lowest stands first, from the free place ``at`` upwards."""
    while at > 0 and heap[(at - 1) >> 1] > key:
        heap[at] = heap[(at - 1) >> 1]
        at = (at - 1) >> 1
    heap[at] = key


@compiled
def _sink(heap: IntArray, key: int) -> None:
    """Replace the lowest key of a full heap."""
    at = 0
    while 2 * at + 1 < heap.size:
        below = 2 * at + 1
        if below + 1 < heap.size and heap[below + 1] < heap[below]:
            below += 1
        if heap[below] >= key:
            break
        heap[at] = heap[below]
        at = below
    heap[at] = key
