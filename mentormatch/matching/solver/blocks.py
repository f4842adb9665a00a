"""Where the solver's numbers come from: scores and hard rules of one track, asked for block by block."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from mentormatch.core.errors import InvalidInput

IntArray: TypeAlias = NDArray[np.int64]
BoolArray: TypeAlias = NDArray[np.bool_]
ScoreArray: TypeAlias = NDArray[np.int32]
Index: TypeAlias = slice | IntArray

HIGHEST_SCORE = 1_000_000
"""No score may lie above this: it leaves room for exact sums and for the price of an unfilled place."""

BLOCK_PAIRS = 1 << 21
"""Pairs per block of a walk over all pairs: about 8 MB of scores."""


class ScoreSource(Protocol):
    """Integer scores and hard rules of one track; the same pair must always get the same answer."""

    @property
    def shape(self) -> tuple[int, int]:
        """Interns x mentors."""
        ...

    def scores(self, rows: Index, columns: Index) -> ScoreArray:
        """Totals of the block ``rows`` x ``columns``, each within ``0..HIGHEST_SCORE``."""
        ...

    def allowed(self, rows: Index, columns: Index) -> BoolArray:
        """Whether hard rules and bans permit each pair of the block."""
        ...


@dataclass(frozen=True, eq=False)
class DenseScores:
    """A score source over matrices that are there already.

    Parameters
    ----------
    matrix:
        Scores, interns x mentors, integers within ``0..HIGHEST_SCORE``.
    mask:
        Same shape, true where a pair is permitted; everything is permitted when left out.
    """

    matrix: ScoreArray
    mask: BoolArray | None = None

    def __post_init__(self) -> None:
        matrix = np.asarray(self.matrix)
        if matrix.ndim != 2 or not np.issubdtype(matrix.dtype, np.integer):  # noqa: PLR2004  two axes: interns, mentors
            message = (
                "Scores: expected a matrix of integers, found %(found)s with %(axes)s axes. Round the scores first."
            )
            raise InvalidInput(message, found=str(matrix.dtype), axes=matrix.ndim)
        if matrix.size and (matrix.min() < 0 or matrix.max() > HIGHEST_SCORE):
            message = "Scores: expected 0 to %(highest)s, found %(low)s to %(high)s. Shift or scale the scores."
            raise InvalidInput(message, highest=HIGHEST_SCORE, low=int(matrix.min()), high=int(matrix.max()))
        if self.mask is not None and np.shape(self.mask) != matrix.shape:
            message = "Hard rules: expected one answer per pair, %(expected)s, found %(found)s."
            raise InvalidInput(message, expected=matrix.shape, found=np.shape(self.mask))
        object.__setattr__(self, "matrix", matrix.astype(np.int32))

    @property
    def shape(self) -> tuple[int, int]:
        return self.matrix.shape[0], self.matrix.shape[1]

    def scores(self, rows: Index, columns: Index) -> ScoreArray:
        return self.matrix[rows][:, columns]

    def allowed(self, rows: Index, columns: Index) -> BoolArray:
        if self.mask is None:
            return everything(*block_shape(self.shape, rows, columns))
        return self.mask[rows][:, columns]


def block_shape(shape: tuple[int, int], rows: Index, columns: Index) -> tuple[int, int]:
    """Rows and columns of a block of a source of this shape."""
    height, width = (
        len(range(size)[index]) if isinstance(index, slice) else len(index)
        for size, index in zip(shape, (rows, columns), strict=True)
    )
    return height, width


def everything(rows: int, columns: int) -> BoolArray:
    """Permission for every pair of a block, without memory for each: a quick answer of `ScoreSource.allowed`."""
    return np.broadcast_to(np.True_, (rows, columns))


def is_everything(mask: BoolArray) -> bool:
    """Whether a mask permits every pair."""
    return bool(mask.flat[0] if mask.size and not any(mask.strides) else mask.all())


def row_blocks(rows: int, columns: int, pairs: int = BLOCK_PAIRS) -> Iterator[slice]:
    """Consecutive slices of rows, each of about ``pairs`` pairs when it spans all columns."""
    step = max(1, pairs // max(1, columns))
    for start in range(0, rows, step):
        yield slice(start, min(rows, start + step))


def ranges(start: IntArray, numbers: IntArray) -> IntArray:
    """The ranges ``start[i]:start[i + 1]`` of these numbers i, one after the other."""
    sizes = start[numbers + 1] - start[numbers]
    found: IntArray = np.arange(sizes.sum()) + np.repeat(start[numbers] - np.cumsum(sizes) + sizes, sizes)
    return found
