"""Pricing: walks over all pairs of a track, block by block, for the best columns of each row at given prices.

Ties go to the lower column number, so that a list is the same whatever the size of the blocks.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mentormatch.matching.solver.blocks import BoolArray, IntArray, ScoreSource, row_blocks
from mentormatch.matching.solver.board import FORBIDDEN, marked
from mentormatch.matching.solver.instance import OpenTrack
from mentormatch.matching.solver.passes import in_parts
from mentormatch.matching.solver.problem import Prices

LOWEST = np.int64(-(1 << 61))
"""Value of a pair that may not be made."""


@dataclass(frozen=True, eq=False)
class RowPrices:
    """What a pair costs besides its points: per host, and for single pairs (rows, columns, price).

    Scores are multiplied by ``scale`` before prices are taken off, so that prices may be fractions of a point.
    """

    hosts: IntArray
    rows: IntArray
    columns: IntArray
    pairs: IntArray
    scale: int = 1

    def of(self, rows: slice) -> RowPrices:
        """Only for these rows; the single pairs have to come by row."""
        few = slice(*np.searchsorted(self.rows, [rows.start, rows.stop]))
        return RowPrices(self.hosts, self.rows[few], self.columns[few], self.pairs[few], self.scale)


@dataclass(frozen=True, eq=False)
class BestPairs:
    """The best pairs of each row, flattened: row, column, score, and its value (score at scale less prices)."""

    rows: IntArray
    columns: IntArray
    scores: IntArray
    values: IntArray


def row_prices(track: OpenTrack, hosts: IntArray, prices: Prices) -> RowPrices:
    """What the pairs of a track cost when its hosts have these prices, persons and conflicts those of ``prices``."""
    total = hosts.copy()
    for person, price in prices.persons.items():
        total[track.owner == person] += price
    rows: list[int] = []
    columns: list[int] = []
    extra: list[int] = []
    for (row, person), price in prices.conflicts.items():
        mine = np.flatnonzero(track.owner == person).tolist()
        rows += [row] * len(mine)
        columns += mine
        extra += [price] * len(mine)
    pairs = [np.array(part, np.int64) for part in (rows, columns, extra)]
    return RowPrices(total, pairs[0], pairs[1], pairs[2], prices.scale)


def free_of_charge(columns: int) -> RowPrices:
    """Prices of zero."""
    none = np.zeros(0, np.int64)
    return RowPrices(np.zeros(columns, np.int64), none, none, none)


def best_pairs(
    track: OpenTrack, prices: RowPrices, count: int, threshold: IntArray | None = None
) -> tuple[BestPairs, IntArray]:
    """Best ``count`` pairs of each row whose value lies above the row's threshold, and the best values of each row.

    Parameters
    ----------
    prices:
        What is taken off the scores.
    count:
        Most pairs per row; 0 for all of them.
    threshold:
        Shape (n,); every permitted pair qualifies when left out.

    Returns
    -------
    pairs:
        Sorted by row, then column.
    best:
        Shape (n, `OpenTrack.widest`): highest values of any permitted pairs of the row, best first, `LOWEST` where
        there are fewer.
    """
    n, m = track.shape
    order = np.argsort(prices.rows, kind="stable")
    charged = RowPrices(prices.hosts, prices.rows[order], prices.columns[order], prices.pairs[order], prices.scale)
    tasks = [
        (rows, charged.of(rows), track.wanted[rows] <= 0, None if threshold is None else threshold[rows])
        for rows in (row_blocks(n, m) if m else ())
    ]
    found = list(in_parts(_best_of, track.track.source, tasks, track.served, track.capacity <= 0, count, track.widest))
    best = np.concatenate([highest for _, highest in found]) if found else np.full((n, track.widest), LOWEST)
    fields = zip(*[(pairs.rows, pairs.columns, pairs.scores, pairs.values) for pairs, _ in found], strict=True)
    joined = [np.concatenate(field) for field in fields] if found else [np.zeros(0, np.int64)] * 4
    return BestPairs(*joined), best


def _best_of(  # noqa: PLR0917  a task is told everything
    source: ScoreSource, served: tuple[IntArray, IntArray], closed: BoolArray, count: int, widest: int,
    rows: slice, prices: RowPrices, done: BoolArray, threshold: IntArray | None,
) -> tuple[BestPairs, IntArray]:  # fmt: skip
    """Best pairs of a block of rows, and their best values; ``done`` rows and ``closed`` columns have none."""
    scores = marked(source, np.arange(rows.start, rows.stop), np.arange(closed.size), served).astype(np.int64)
    value = scores * prices.scale - prices.hosts[None, :]
    value[prices.rows - rows.start, prices.columns] -= prices.pairs
    value[scores == FORBIDDEN] = LOWEST
    value[done], value[:, closed] = LOWEST, LOWEST
    return _select(scores, value, rows.start, count, threshold), _highest(value, widest)


def best_rows(values: IntArray, count: int) -> tuple[IntArray, IntArray]:
    """Rows and columns of the ``count`` highest values of each column; ties go to the lower row."""
    n = values.shape[0]
    count = min(count, n)
    if not count:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    keys = np.ascontiguousarray(values.T.astype(np.int64)) * n - np.arange(n)
    rows = np.argpartition(keys, n - count, axis=1)[:, n - count :]
    return np.sort(rows, axis=1).ravel(), np.repeat(np.arange(values.shape[1]), count)


def _highest(value: IntArray, count: int) -> IntArray:
    """The ``count`` highest values of each row, best first: shape (rows, count)."""
    start = value.shape[1] - count
    best: IntArray = value.max(axis=1, keepdims=True) if count == 1 else np.partition(value, start, axis=1)[:, start:]
    return np.sort(best, axis=1)[:, ::-1]


def _select(scores: IntArray, value: IntArray, start: int, count: int, threshold: IntArray | None) -> BestPairs:
    m = value.shape[1]
    chosen = value > LOWEST if threshold is None else (value > threshold[:, None]) & (value > LOWEST)
    if 0 < count < m:
        # Rank by value, then by lower column: a cut through a tie would otherwise depend on the partition's order.
        edge = np.partition(value, m - count, axis=1)[:, m - count][:, None]
        above = value > edge
        tied = value == edge
        room = count - above.sum(axis=1, keepdims=True)
        chosen &= above | (tied & (np.cumsum(tied, axis=1) <= room))
    rows, columns = np.nonzero(chosen)
    return BestPairs(rows + start, columns, scores[rows, columns], value[rows, columns])
