"""Scans: blocked passes over the pairs of a board for the best columns of each row at given prices.

A row's list is ordered by value and then by lower column, so neither blocks nor threads change it. With a list comes a
guard: no pair outside the list has a value above it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

import numpy as np

from mentormatch.matching.solver.blocks import IntArray, ScoreSource
from mentormatch.matching.solver.board import SMALL, Board, Values, marked
from mentormatch.matching.solver.compiled import compiled
from mentormatch.matching.solver.passes import in_parts, never, shares
from mentormatch.matching.solver.problem import StopCallback

ROWS, COLUMNS = 512, 1024
"""Block of a scan: its scores stay in the processor's cache."""

CHUNK = 32
"""Neighbouring columns of which only the best is looked at where it is not good enough."""

NOTHING = -(1 << 62)
"""Guard of a row whose list holds all its permitted pairs, and empty entry of a list."""


@dataclass(frozen=True, eq=False)
class Found:
    """Lists of some rows.

    Attributes
    ----------
    columns:
        Shape (rows, k): column of each entry, -1 where a row has fewer.
    values:
        Same shape: score less price.
    guard:
        Shape (rows,): no pair outside the list has a higher value.
    pairs:
        How many pairs were looked at.
    """

    columns: IntArray
    values: IntArray
    guard: IntArray
    pairs: int


Best: TypeAlias = tuple[IntArray, IntArray]
"""Keys of the best pairs of some rows, a heap each, shape (rows, k); and how many there are, shape (rows,)."""


class Cut(NamedTuple):
    """What a task is told of a board: its columns in the source, and the pairs that are ruled out besides."""

    columns: IntArray
    served: tuple[IntArray, IntArray]


@compiled
def _keep_best(scores: Values, price: Values, columns: IntArray, width: int, best: Best, ends: IntArray) -> None:  # noqa: PLR0917  compiled functions take no keywords
    """Keep the best pairs of each row of a block in its heap of keys, ``value * width + (width - 1 - column)``.

    Of row r only the first ``ends[r]`` columns of the block are looked at; negative scores stand for pairs that may
    not be made.
    """
    keys, filled = best
    k = keys.shape[1]
    tops = np.empty(scores.shape[1] // CHUNK + 1, np.int64)
    for r in range(scores.shape[0]):
        row, heap, count = scores[r], keys[r], filled[r]
        end = min(ends[r], row.size)
        chunks = max(0, end + CHUNK - 1) // CHUNK
        for at in range(chunks):
            tops[at] = _highest(row[at * CHUNK : min((at + 1) * CHUNK, end)], price[at * CHUNK :])
        least = NOTHING
        if count == k:
            least = heap[0] // width
        elif count == 0 and chunks > k:  # as many chunks as the list is long have a pair as good as that
            least = np.partition(tops[:chunks], chunks - k)[chunks - k]
        for at in range(chunks):
            start, stop = at * CHUNK, min((at + 1) * CHUNK, end)
            if tops[at] >= least:
                count = _take(row[start:stop], price[start:stop], columns[start:stop], width, heap, count)
                least = heap[0] // width if count == k else least
        filled[r] = count


@compiled
def _highest(scores: Values, price: Values) -> np.int32 | np.int64:
    """Highest value of a chunk, in the arithmetic of its type: short loops over slices become vector instructions."""
    highest = scores.dtype.type(scores[0] - price[0])
    for c in range(scores.size):
        highest = max(highest, scores.dtype.type(scores[c] - price[c]))
    return highest


@compiled
def _take(scores: Values, price: Values, columns: IntArray, width: int, heap: IntArray, count: int) -> int:  # noqa: PLR0917
    """Put the pairs of a chunk into a heap if they are good enough; returns how many it holds."""
    least = heap[0] if count == heap.size else np.int64(NOTHING)
    for c in range(scores.size):
        key = (np.int64(scores[c]) - price[c]) * width + (width - 1 - columns[c])
        if scores[c] < 0 or key <= least:
            continue
        if count < heap.size:
            _add(heap, count, key)
            count += 1
        else:
            _replace_lowest(heap, key)
        least = heap[0] if count == heap.size else least
    return count


@compiled
def _add(heap: IntArray, at: int, key: int) -> None:
    while at > 0 and heap[(at - 1) >> 1] > key:
        heap[at] = heap[(at - 1) >> 1]
        at = (at - 1) >> 1
    heap[at] = key


@compiled
def _replace_lowest(heap: IntArray, key: int) -> None:
    at, size = 0, heap.size
    while True:
        below = 2 * at + 1
        if below >= size:
            break
        if below + 1 < size and heap[below + 1] < heap[below]:
            below += 1
        if heap[below] >= key:
            break
        heap[at] = heap[below]
        at = below
    heap[at] = key


def parts_of(size: int, step: int) -> Iterable[slice]:
    """Slices of at most ``step`` that cover ``range(size)``."""
    return (slice(start, min(start + step, size)) for start in range(0, size, step))


def _best(  # noqa: PLR0917  a task is told everything
    source: ScoreSource, board: Cut, price: IntArray, columns: IntArray, count: int, rows: IntArray, ends: IntArray
) -> Best:
    """Best ``count`` of the first ``ends`` of these columns for each row, given by its number in the source."""
    keys = np.full((rows.size, min(count, columns.size)), NOTHING, np.int64)
    filled = np.zeros(rows.size, np.int64)
    small = bool(np.abs(price).max(initial=0) < SMALL)
    price = price.astype(np.int32) if small else price
    for part in parts_of(rows.size, ROWS):
        for piece in parts_of(int(ends[part].max(initial=0)), COLUMNS):
            scores = marked(source, rows[part], board.columns[piece], board.served)
            block: Values = np.require(scores, np.int32 if small else np.int64, ["C", "W", "E"])
            best = keys[part], filled[part]
            _keep_best(block, price[piece], columns[piece], columns.size, best, ends[part] - piece.start)
    return keys, filled


def _in_lists(
    board: Board, rows: IntArray, count: int, price: IntArray, *, columns: IntArray, ends: IntArray, stop: StopCallback
) -> Found:
    """Lists of these rows over the first ``ends`` of these columns, with guards for those columns alone."""
    m = board.shape[1]
    keys = np.full((rows.size, min(count, m)), NOTHING, np.int64)
    filled = np.zeros(rows.size, np.int64)
    parts = shares(rows.size, ends.sum() / max(1, rows.size), ROWS)
    tasks = [(board.rows[rows[part]], ends[part]) for part in parts]
    common = Cut(board.columns[columns], board.track.served), price[columns], columns, count
    for part, best in zip(parts, in_parts(_best, board.source, tasks, *common, stop=stop), strict=True):
        keys[part], filled[part] = best
    kept = np.arange(keys.shape[1])[None, :] < filled[:, None]
    values = np.where(kept, keys // max(m, 1), NOTHING)
    full = (filled == keys.shape[1]) & (keys.shape[1] < ends)
    guard = np.where(full, values[:, :1].min(axis=1, initial=-NOTHING), NOTHING)
    return Found(np.where(kept, m - 1 - keys % max(m, 1), -1), values, guard, int(ends.sum()))


def scan(board: Board, rows: IntArray, count: int, price: IntArray, stop: StopCallback = never) -> Found:
    """Best ``count`` columns of each of these rows at these prices, over all columns."""
    m = board.shape[1]
    return _in_lists(board, rows, count, price, columns=np.arange(m), ends=np.full(rows.size, m), stop=stop)


@dataclass(frozen=True, eq=False)
class Drop:
    """Columns in the order in which their price has fallen since some earlier scan, steepest first."""

    columns: IntArray
    fall: IntArray

    @classmethod
    def since(cls, earlier: IntArray, price: IntArray) -> Drop:
        fall = earlier - price
        columns = np.argsort(-fall, kind="stable")
        return cls(columns, fall[columns])


def scan_fallen(
    board: Board, rows: IntArray, count: int, price: IntArray, *, drop: Drop, reach: IntArray,
    stop: StopCallback = never,
) -> tuple[Found, IntArray]:  # fmt: skip
    """Scan only the columns whose price has fallen by more than ``reach`` (per row): the others cannot gain.

    Rows should come in order of ``reach``, so that a block of them needs about the same columns. The guards returned
    speak of the columns looked at alone; the second result says how many of ``drop.columns`` those were, per row.
    """
    seen = np.searchsorted(-drop.fall, -reach, side="left")
    return _in_lists(board, rows, count, price, columns=drop.columns, ends=seen, stop=stop), seen


def _ceiling(source: ScoreSource, rows: IntArray, utility: IntArray, board: Cut) -> IntArray:
    """Most that any of these rows would gain at each of these columns beyond its utility, or 0."""
    highest = np.zeros(board.columns.size, np.int64)
    kind = np.int32 if np.abs(utility).max(initial=0) < SMALL else np.int64
    for part in parts_of(rows.size, ROWS):
        block = marked(source, rows[part], board.columns, board.served)
        gain = np.subtract(block, utility[part, None].astype(kind), dtype=kind)
        np.maximum(highest, gain.max(axis=0, initial=0), out=highest)
    return highest


def ceiling_prices(board: Board, sample: Board, utility: IntArray, stop: StopCallback = never) -> IntArray:
    """Prices of all columns at which no row of a sample would gain: max over its rows of score less utility, or 0."""
    parts = shares(board.shape[1], sample.rows.size, COLUMNS)
    tasks = [(Cut(board.columns[part], board.track.served),) for part in parts]
    found = list(in_parts(_ceiling, board.source, tasks, sample.rows, utility, stop=stop))
    return np.concatenate([np.zeros(0, np.int64), *found])
