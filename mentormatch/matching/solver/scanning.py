"""Scans: blocked, threaded passes over the pairs of a board for the best columns of each row at given prices.

A row's list is ordered by value and then by lower column, so neither blocks nor threads change it. With a list comes a
guard: no pair outside the list has a value above it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from os import cpu_count

import numpy as np

from mentormatch.matching.solver.blocks import IntArray
from mentormatch.matching.solver.board import FORBIDDEN, Board, Values
from mentormatch.matching.solver.compiled import compiled

ROWS, COLUMNS = 256, 2048
"""Block of a scan: its values stay in the processor's cache."""

CHUNK = 64
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


@compiled
def lowest_of(block: Values) -> int:
    """Value that stands for a pair that may not be made, in a block of this type."""
    return FORBIDDEN if block.itemsize == 4 else FORBIDDEN << 30  # noqa: PLR2004  bytes of a 32-bit number


@compiled
def _keep_best(block: Values, columns: IntArray, width: int, keys: IntArray, filled: IntArray, ends: IntArray) -> None:  # noqa: PLR0917  compiled functions take no keywords
    """Keep the best pairs of each row of a block in its heap of keys, ``value * width + (width - 1 - column)``.

    Of row r only the first ``ends[r]`` columns of the block are looked at.
    """
    k = keys.shape[1]
    forbidden = lowest_of(block)
    for r in range(block.shape[0]):
        row, heap, count = block[r], keys[r], filled[r]
        end = min(ends[r], row.size)
        for start in range(0, end, CHUNK):
            stop = min(start + CHUNK, end)
            top = row[start]
            for c in range(start + 1, stop):
                top = max(top, row[c])
            if top <= forbidden or (count == k and top < heap[0] // width):
                continue
            for c in range(start, stop):
                if row[c] <= forbidden:
                    continue
                key = np.int64(row[c]) * width + (width - 1 - columns[c])
                if count < k:
                    at = count
                    count += 1
                    while at > 0 and heap[(at - 1) >> 1] > key:
                        heap[at] = heap[(at - 1) >> 1]
                        at = (at - 1) >> 1
                    heap[at] = key
                elif key > heap[0]:
                    _replace_lowest(heap, key)
        filled[r] = count


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


def in_threads(work: Callable[[slice], None], parts: Iterable[slice]) -> None:
    """Do the parts side by side; an error in one of them is raised."""
    with ThreadPoolExecutor(cpu_count()) as pool:
        for _ in pool.map(work, parts):
            pass


def parts_of(size: int, step: int) -> Iterable[slice]:
    """Slices of at most ``step`` that cover ``range(size)``."""
    return (slice(start, min(start + step, size)) for start in range(0, size, step))


def scan(board: Board, rows: IntArray, count: int, price: IntArray) -> Found:
    """Best ``count`` columns of each of these rows at these prices, over all columns."""
    m = board.shape[1]
    keys = np.full((rows.size, min(count, m)), NOTHING, np.int64)
    filled = np.zeros(rows.size, np.int64)
    every, ends = np.arange(m), np.full(rows.size, m)

    def work(part: slice) -> None:
        for columns in parts_of(m, COLUMNS):
            block = board.values(rows[part], columns, price[columns])
            _keep_best(block, every[columns], m, keys[part], filled[part], ends[part])

    in_threads(work, parts_of(rows.size, ROWS))
    found = _found(keys, filled, m, rows.size * m)
    if keys.shape[1] < m:
        found.guard[filled == keys.shape[1]] = found.values[filled == keys.shape[1], 0]
    return found


def _found(keys: IntArray, filled: IntArray, width: int, pairs: int) -> Found:
    """Read the keys; the lowest value of a list stands first, and guards are still open."""
    kept = np.arange(keys.shape[1])[None, :] < filled[:, None]
    columns = np.where(kept, width - 1 - keys % max(width, 1), -1)
    values = np.where(kept, keys // max(width, 1), NOTHING)
    return Found(columns, values, np.full(filled.size, NOTHING), pairs)


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
    board: Board, rows: IntArray, count: int, price: IntArray, *, drop: Drop, reach: IntArray
) -> tuple[Found, IntArray]:
    """Scan only the columns whose price has fallen by more than ``reach`` (per row): the others cannot gain.

    Rows should come in order of ``reach``, so that a block of them needs about the same columns. The guards returned
    speak of the columns looked at alone; the second result says how many of ``drop.columns`` those were, per row.
    """
    m = board.shape[1]
    k = min(count, m)
    keys = np.full((rows.size, k), NOTHING, np.int64)
    filled = np.zeros(rows.size, np.int64)
    seen = np.searchsorted(-drop.fall, -reach, side="left")

    def work(part: slice) -> None:
        for piece in parts_of(int(seen[part].max()), COLUMNS):
            columns = drop.columns[piece]
            block = board.values(rows[part], columns, price[columns])
            _keep_best(block, columns, m, keys[part], filled[part], seen[part] - piece.start)

    in_threads(work, parts_of(rows.size, ROWS))
    found = _found(keys, filled, m, int(seen.sum()))
    full = (filled == k) & (k < seen)
    found.guard[full] = found.values[full, 0]
    return found, seen


def ceiling_prices(board: Board, sample: Board, utility: IntArray) -> IntArray:
    """Prices of all columns at which no row of a sample would gain: max over its rows of score less utility, or 0."""
    m = board.shape[1]
    whole = Board(board.track, sample.rows, board.columns, board.capacity, board.needy)
    price = np.zeros(m, np.int64)

    def work(columns: slice) -> None:
        free = np.zeros(columns.stop - columns.start, np.int64)
        for part in parts_of(utility.size, ROWS):
            gain = whole.values(part, columns, free) - utility[part, None].astype(np.int64)
            np.maximum(price[columns], gain.max(axis=0), out=price[columns])

    in_threads(work, parts_of(m, COLUMNS))
    return price
