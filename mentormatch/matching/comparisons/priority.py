"""What matters most to somebody: the one criterion that a person has named counts once more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Self

import numpy as np
from numpy.typing import NDArray

from mentormatch.matching.comparisons.comparison import Closeness, Comparison, Shared
from mentormatch.matching.solver.blocks import Index
from mentormatch.matching.values import Row, is_blank


class Priority(Comparison):
    """Closeness under the criterion that matters most to the two.

    A row holds the key of a criterion. If one of the two has named one, the closeness is that criterion's; if both
    have, the mean of the two, halves rounded up. If neither has (or it is no longer there), it is the mean over all
    criteria by their weights, so that whoever names nothing neither gains nor loses.
    """

    others_: Mapping[str, tuple[int, Comparison]]

    def __init__(self, intern_fields: tuple[str, ...] = (), host_fields: tuple[str, ...] = ()) -> None:
        self.intern_fields = intern_fields
        self.host_fields = host_fields
        self.others_ = {}

    def over(self, criteria: Mapping[str, tuple[int, Comparison]]) -> Self:
        """Take the criteria that can be named: key -> weight, whole and zero or more, and the fitted comparison."""
        self.others_ = criteria
        return self

    def _learn(self, interns: Sequence[Row], hosts: Sequence[Row]) -> tuple[list[bool], list[bool]]:
        self.numbers_ = {key: number for number, key in enumerate(self.others_)}
        self.intern_named_ = self._named(interns, self.intern_fields)
        self.host_named_ = self._named(hosts, self.host_fields)
        return [True] * len(interns), [True] * len(hosts)

    def _named(self, people: Sequence[Row], fields: Sequence[str]) -> NDArray[np.int64]:
        """Return the number of the criterion that each person names, -1 for none."""
        named = (next((row[name] for name in fields if not is_blank(row.get(name))), None) for row in people)
        return np.array([self.numbers_.get(str(key), -1) for key in named], np.int64)

    def _block(self, rows: Index, columns: Index) -> Closeness:
        mine, theirs = self.intern_named_[rows][:, None], self.host_named_[columns][None, :]
        shape = mine.shape[0], theirs.shape[1]
        named, whole = np.zeros(shape, np.int64), np.zeros(shape, np.int64)
        for key, (weight, comparison) in self.others_.items():
            closeness = comparison.closeness(rows, columns)
            number = self.numbers_[key]
            named += closeness * ((mine == number).astype(np.int64) + (theirs == number))
            whole += weight * closeness.astype(np.int64)
        weights = max(1, sum(weight for weight, _ in self.others_.values()))
        times = (mine >= 0).astype(np.int64) + (theirs >= 0)
        asked = (2 * named + times) // np.maximum(2 * times, 1)
        return np.where(times > 0, asked, (2 * whole + weights) // (2 * weights)).astype(np.int32)

    def shared(self, row: int, column: int) -> Shared:
        """Return the keys of the criteria that the two have named as ``numbers``, None for none."""
        keys = list(self.others_)
        told = tuple(
            keys[number] if number >= 0 else None for number in (self.intern_named_[row], self.host_named_[column])
        )
        return Shared(numbers=(told[0], told[1]) if told != (None, None) else None)
