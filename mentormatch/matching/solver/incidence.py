"""Sets of things that people have, as sparse 0/1 matrices over one vocabulary for both sides."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from mentormatch.matching.solver.blocks import Index


def incidence(sets: Sequence[Collection[Hashable]], vocabulary: dict[Hashable, int]) -> csr_array:
    """Return a matrix people x things with a 1 where a person has a thing; things that nobody listed are left out."""
    columns = [sorted(vocabulary[thing] for thing in things if thing in vocabulary) for things in sets]
    starts = np.cumsum([0, *map(len, columns)])
    indices = np.fromiter((column for row in columns for column in row), np.int32, count=int(starts[-1]))
    return csr_array((np.ones(indices.size, np.int32), indices, starts), shape=(len(sets), len(vocabulary)))


def common_vocabulary(
    left: Iterable[Collection[Hashable]], right: Iterable[Collection[Hashable]]
) -> dict[Hashable, int]:
    """Return a number for each thing that occurs on both sides; the others can never match."""
    first = {thing for things in left for thing in things}
    second = {thing for things in right for thing in things}
    return {thing: number for number, thing in enumerate(sorted(first & second, key=repr))}


def product(left: csr_array, right: csr_array, rows: Index, columns: Index) -> NDArray[np.int32]:
    """Return the block ``rows`` x ``columns`` of ``left @ right.T`` as a dense array, in exact integers."""
    block: NDArray[np.int32] = (left[rows] @ right[columns].T).toarray()
    return block
