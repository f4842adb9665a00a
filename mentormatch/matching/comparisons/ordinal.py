"""Numbers and ordered choices: the nearer, the closer."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mentormatch.matching.comparisons.comparison import FULL, Closeness, Comparison, Shared, Words
from mentormatch.matching.solver.blocks import Index
from mentormatch.matching.values import Row, number_of


class Nearness(Comparison):
    """Closeness = 1 - distance / `span`, at least 0.

    Parameters
    ----------
    span:
        Distance at which nothing is left; the widest distance between an intern and a host when None.
    scale:
        For ordered choices: the choices from lowest to highest; their places are compared.
    """

    def __init__(
        self,
        intern_fields: tuple[str, ...] = (),
        host_fields: tuple[str, ...] = (),
        span: float | None = None,
        scale: Sequence[str] | None = None,
    ) -> None:
        self.intern_fields = intern_fields
        self.host_fields = host_fields
        self.span = span
        self.scale = scale

    def _learn(self, interns: Sequence[Row], hosts: Sequence[Row]) -> tuple[list[bool], list[bool]]:
        mine = [self._first(row, self.intern_fields) for row in interns]
        theirs = [self._first(row, self.host_fields) for row in hosts]
        self.intern_values_, self.host_values_ = (np.array([v[1] if v else np.nan for v in s]) for s in (mine, theirs))
        self.intern_words_, self.host_words_ = mine, theirs
        known = [value[1] for value in mine if value], [value[1] for value in theirs if value]
        widest = max(max(known[0]) - min(known[1]), max(known[1]) - min(known[0]), 0) if all(known) else 0
        self.span_ = float(self.span) if self.span else float(widest)
        return [value is not None for value in mine], [value is not None for value in theirs]

    def _first(self, row: Row, fields: Sequence[str]) -> tuple[str, float] | None:
        """Return field and value of the first field that is answered."""
        for field in fields:
            value = number_of(row, field, tuple(self.scale or ()))
            if value is not None:
                return field, value
        return None

    def _block(self, rows: Index, columns: Index) -> Closeness:
        distance = np.abs(self.intern_values_[rows][:, None] - self.host_values_[columns][None, :])
        distance = np.nan_to_num(distance)
        left = 1 - distance / self.span_ if self.span_ else (distance == 0).astype(np.float64)
        closeness: Closeness = np.rint(FULL * np.maximum(left, 0)).astype(np.int32)
        return closeness

    def shared(self, row: int, column: int) -> Shared:
        """Return the two values."""
        mine, theirs = self.intern_words_[row], self.host_words_[column]
        return Shared(
            numbers=(mine[1], theirs[1]) if mine and theirs else None,
            intern_words=(Words(mine[0], self.interns_[row][mine[0]]),) if mine else (),
            host_words=(Words(theirs[0], self.hosts_[column][theirs[0]]),) if theirs else (),
        )
