"""A board: the open places of one track as rows, the hosts' places as columns, and their values at given prices.

A host with a minimum load stands in two columns: the places that must be filled, whose price may fall below zero, and
the rest. A board can be cut down to a sample of itself.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mentormatch.matching.solver.blocks import Index, IntArray, ScoreArray, ScoreSource, is_everything
from mentormatch.matching.solver.instance import OpenTrack

Values = NDArray[np.int32] | NDArray[np.int64]

FORBIDDEN = -(1 << 30)
"""Value of a pair that may not be made."""

SMALL = 1 << 29
"""Prices below this fit 32-bit arithmetic."""


@dataclass(frozen=True, eq=False)
class Board:
    """Rows and columns of a track that are still to be matched.

    Attributes
    ----------
    rows, columns:
        Row and column of the track behind each row and column of the board.
    wanted:
        Hosts that each row is to get, 1 or more.
    capacity:
        Places of each column.
    needy:
        Whether the column's places must be filled: its price may fall below zero.
    """

    track: OpenTrack
    rows: IntArray
    columns: IntArray
    wanted: IntArray
    capacity: IntArray
    needy: NDArray[np.bool_]

    @classmethod
    def of(cls, track: OpenTrack) -> Board:
        """All open places of a track."""
        free = np.flatnonzero(track.capacity > track.minimum)
        must = np.flatnonzero(track.minimum > 0)
        columns = np.concatenate([free, must])
        capacity = np.concatenate([(track.capacity - track.minimum)[free], track.minimum[must]])
        needy = np.arange(columns.size) >= free.size
        order = np.argsort(columns, kind="stable")
        rows = track.open_rows
        return cls(track, rows, columns[order], track.wanted[rows], capacity[order], needy[order])

    @property
    def shape(self) -> tuple[int, int]:
        return self.rows.size, self.columns.size

    @property
    def size(self) -> int:
        """Pairs."""
        return self.rows.size * self.columns.size

    @property
    def widest(self) -> int:
        """Most hosts that a row is to get, at least 1."""
        return int(self.wanted.max(initial=1))

    def sample(self, rows: IntArray, columns: IntArray) -> Board:
        """Only these rows and columns."""
        parts = self.columns[columns], self.wanted[rows], self.capacity[columns], self.needy[columns]
        return Board(self.track, self.rows[rows], *parts)

    @property
    def source(self) -> ScoreSource:
        return self.track.track.source

    def scores(self, rows: IntArray, columns: IntArray) -> IntArray:
        """Scores of single pairs, shape of ``rows``."""
        return self.track.pair_scores(self.rows[rows], self.columns[columns])


def marked(source: ScoreSource, rows: IntArray, columns: IntArray, served: tuple[IntArray, IntArray]) -> ScoreArray:
    """Scores of a block, `FORBIDDEN` where no pair may be made. Not to be written to: it may be the source's own.

    Parameters
    ----------
    rows, columns:
        Numbers of the source; a number may come again.
    served:
        Rows and columns of pairs that are ruled out besides.
    """
    at, to = _index(rows), _index(columns)
    block = source.scores(at, to)
    mask = source.allowed(at, to)
    if not is_everything(mask):
        block = np.where(mask, block, np.int32(FORBIDDEN))
    which, row = _occurrences(served[0], rows)
    again, column = _occurrences(served[1][which], columns)
    if again.size:
        block = np.array(block)
        block[row[again], column] = FORBIDDEN
    return block


def _occurrences(wanted: IntArray, numbers: IntArray) -> tuple[IntArray, IntArray]:
    """Where ``wanted[a]`` equals ``numbers[b]``: all such a, and their b."""
    order = np.argsort(numbers, kind="stable") if wanted.size else numbers[:0]
    low, high = (np.searchsorted(numbers[order], wanted, side) for side in ("left", "right"))
    which = np.repeat(np.arange(wanted.size), high - low)
    step = np.arange(which.size) - np.searchsorted(which, which)
    return which, order[low[which] + step]


def _index(numbers: IntArray) -> Index:
    """The same rows or columns as a slice where they follow each other: sources answer slices without copying."""
    if numbers.size and numbers[-1] - numbers[0] == numbers.size - 1 and bool((np.diff(numbers) == 1).all()):
        return slice(int(numbers[0]), int(numbers[-1]) + 1)
    return numbers
