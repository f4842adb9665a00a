"""Somebody else's comparison: any function of two lists of people, brought into whole numbers once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mentormatch.core.errors import InvalidInput
from mentormatch.matching.comparisons.comparison import FULL, Closeness, Comparison, Shared, Words
from mentormatch.matching.solver.blocks import BoolArray, Index, row_blocks
from mentormatch.matching.values import Row, is_blank

_KEPT_PAIRS = 1 << 26
"""Of at most so many pairs the closeness is worked out once and kept: 128 MB."""

_SLACK = 1e-6
"""How far beyond 0 and 1 rounding may carry a value."""

_ASKED_AGAIN = 4
_LONGEST = 120


class PlugIn(Comparison):
    """Closeness as a function gives it.

    Parameters
    ----------
    intern_fields, host_fields:
        Fields that the function reads. People who have answered none of their side's are never shown to it.
    compare:
        Takes a list of k interns and a list of l hosts, mappings of field to value, and returns k x l numbers from 0
        to 1. A pair must get the same number in whatever company and order it comes, today and tomorrow: else results
        cannot be repeated. Of more than 67 million pairs the function is asked again and again, and has to be exact.
    name:
        What errors call it: the key of the criterion.
    """

    def __init__(
        self,
        intern_fields: tuple[str, ...] = (),
        host_fields: tuple[str, ...] = (),
        compare: Callable[[list[Row], list[Row]], Any] | None = None,
        name: str = "plug-in",
    ) -> None:
        self.intern_fields = intern_fields
        self.host_fields = host_fields
        self.compare = compare
        self.name = name

    def _learn(self, interns: Sequence[Row], hosts: Sequence[Row]) -> tuple[list[bool], list[bool]]:
        self.answered_ = _answered(interns, self.intern_fields), _answered(hosts, self.host_fields)
        self.kept_: NDArray[np.int16] | None = None
        self._check_repeats()
        shape = len(interns), len(hosts)
        if shape[0] * shape[1] <= _KEPT_PAIRS:
            kept = np.zeros(shape, np.int16)
            for block in row_blocks(*shape):
                kept[block] = self._asked(block, slice(None))
            self.kept_ = kept
        return self.answered_[0].tolist(), self.answered_[1].tolist()

    def _block(self, rows: Index, columns: Index) -> Closeness:
        if self.kept_ is None:
            return self._asked(rows, columns)
        return self.kept_[rows][:, columns].astype(np.int32)

    def _asked(self, rows: Index, columns: Index) -> Closeness:
        """Ask the function about those of a block who have answered; the others get 0."""
        mine, theirs = (
            np.arange(known.size)[index] for known, index in zip(self.answered_, (rows, columns), strict=True)
        )
        here = np.flatnonzero(self.answered_[0][mine]), np.flatnonzero(self.answered_[1][theirs])
        closeness = np.zeros((mine.size, theirs.size), np.int32)
        if here[0].size and here[1].size:
            closeness[np.ix_(*here)] = self._compared(mine[here[0]], theirs[here[1]])
        return closeness

    def _compared(self, rows: NDArray[np.int64], columns: NDArray[np.int64]) -> Closeness:
        people = [self.interns_[row] for row in rows.tolist()], [self.hosts_[column] for column in columns.tolist()]
        found = None if self.compare is None else self.compare(*people)
        try:
            values = np.asarray(found, np.float64)
        except (TypeError, ValueError):
            values = np.empty(0)
        shape = rows.size, columns.size
        if values.shape != shape:
            raise InvalidInput(
                "%(key)s: expected %(interns)s x %(hosts)s numbers, interns x hosts, from its function, found "
                "%(found)s.",
                field="compare",
                key=self.name,
                interns=shape[0],
                hosts=shape[1],
                found=f"{type(found).__name__} {np.shape(values) if values.size else ''}".strip(),
            )
        wrong = np.argwhere(~((values >= -_SLACK) & (values <= 1 + _SLACK)))
        if wrong.size:
            row, column = wrong[0]
            raise InvalidInput(
                "%(key)s: expected numbers from 0 to 1 from its function, found %(found)s for %(intern)s and %(host)s.",
                field="compare",
                key=self.name,
                found=values[row, column],
                intern=repr(people[0][row]["id"]),
                host=repr(people[1][column]["id"]),
            )
        return np.rint(FULL * np.clip(values, 0, 1)).astype(np.int32)

    def _check_repeats(self) -> None:
        """Ask about a few pairs twice, the second time in another order."""
        rows, columns = (np.flatnonzero(known)[:_ASKED_AGAIN] for known in self.answered_)
        if not rows.size or not columns.size:
            return
        first, again = self._compared(rows, columns), self._compared(rows[::-1], columns[::-1])[::-1, ::-1]
        changed = np.argwhere(np.abs(first - again) > 1)  # one is noise of floating-point sums
        if changed.size:
            row, column = changed[0]
            raise InvalidInput(
                "%(key)s: its function gives %(intern)s and %(host)s another number when it is asked again. Results "
                "could not be repeated: make it depend on the two people alone.",
                field="compare",
                key=self.name,
                intern=repr(self.interns_[rows[row]]["id"]),
                host=repr(self.hosts_[columns[column]]["id"]),
            )

    def shared(self, row: int, column: int) -> Shared:
        """Return what both sides answered in the fields that were compared."""
        return Shared(
            intern_words=_words(self.interns_[row], self.intern_fields),
            host_words=_words(self.hosts_[column], self.host_fields),
        )


def _answered(people: Sequence[Row], fields: Iterable[str]) -> BoolArray:
    named = tuple(fields)
    return np.array([any(not is_blank(row.get(field)) for field in named) for row in people], np.bool_)


def _words(row: Mapping[str, Any], fields: Iterable[str]) -> tuple[Words, ...]:
    found = ((field, row.get(field)) for field in fields)
    return tuple(Words(field, _short(value)) for field, value in found if not is_blank(value))


def _short(value: Any) -> Any:
    if isinstance(value, str) and len(value) > _LONGEST:
        return value[: _LONGEST - 1].rstrip() + "…"
    return value
