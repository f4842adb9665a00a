"""Wishes: whom the two sides have asked for, each without knowing of the other."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.sparse import csr_array

from mentormatch.core.errors import InvalidInput
from mentormatch.matching.comparisons.comparison import FULL, Closeness, Comparison, Shared
from mentormatch.matching.solver.blocks import Index
from mentormatch.matching.tables import PersonId
from mentormatch.matching.values import Row, is_blank

CHOICES = 5
"""Ranks go from 1, the first choice, to 5."""

_STEP = 150
"""What each later choice is worth less."""

_PREFERRED = 250
"""What somebody is worth who was named without a rank."""


def worth(rank: int | None) -> int:
    """Return what one side's wish is worth: 1000, 850, 700, 550, 400 for ranks 1 to 5, 250 without a rank (None)."""
    return _PREFERRED if rank is None else FULL - _STEP * (rank - 1)


class Wishes(Comparison):
    """Closeness ``(a + b) / 2``, where a and b are what the intern's and the host's wish is `worth`; 0 without a wish.

    A row holds wishes as ``[[id on the other side, rank 1 to 5 or None], …]``. All values are multiples of 50, so that
    the half is a whole number. First choices of both sides give 1000, of one side alone 500, which is more than what
    two fifth choices give. Nobody counts as not having answered: to wish for nobody in particular is an answer. Ids
    that are not there, because somebody has left, count for nothing; of somebody named twice the better wish counts.
    """

    def __init__(self, intern_fields: tuple[str, ...] = (), host_fields: tuple[str, ...] = ()) -> None:
        self.intern_fields = intern_fields
        self.host_fields = host_fields

    def _learn(self, interns: Sequence[Row], hosts: Sequence[Row]) -> tuple[list[bool], list[bool]]:
        self.intern_wishes_ = [wishes_of(row, self.intern_fields) for row in interns]
        self.host_wishes_ = [wishes_of(row, self.host_fields) for row in hosts]
        mine = _matrix(self.intern_wishes_, hosts)
        theirs = _matrix(self.host_wishes_, interns)
        self.closeness_ = csr_array(mine + theirs.T)
        self.closeness_.data //= 2
        return [True] * len(interns), [True] * len(hosts)

    def _block(self, rows: Index, columns: Index) -> Closeness:
        closeness: Closeness = self.closeness_[rows][:, columns].toarray()
        return closeness

    def shared(self, row: int, column: int) -> Shared:
        """Return both sides' wishes as ``numbers``: a rank, 0 for somebody preferred without one, None for no wish."""
        mine = self.intern_wishes_[row].get(self.hosts_[column]["id"], "none")
        theirs = self.host_wishes_[column].get(self.interns_[row]["id"], "none")
        told = tuple(None if wish == "none" else wish or 0 for wish in (mine, theirs))
        return Shared(numbers=(told[0], told[1]) if told != (None, None) else None)


def wishes_of(row: Row, fields: Sequence[str]) -> dict[PersonId, int | None]:
    """Return id -> rank, or None for somebody preferred without a rank.

    Raises
    ------
    InvalidInput
        A cell that is no list of ids with ranks.
    """
    found: dict[PersonId, int | None] = {}
    for field in fields:
        value = row.get(field)
        if is_blank(value):
            continue
        for part in value if isinstance(value, list | tuple) else [value]:
            match part:
                case [int() | str() as other, None]:
                    found.setdefault(other, None)
                case [int() | str() as other, int(rank)] if 1 <= rank <= CHOICES:
                    found[other] = min(rank, found.get(other) or CHOICES)
                case _:
                    raise InvalidInput(
                        "%(person)s, field %(column)s: expected wishes as [id, rank 1 to %(most)s or nothing], found "
                        "%(found)s. Correct it or leave it blank.",
                        field=field,
                        person=row.get("id"),
                        column=field,
                        most=CHOICES,
                        found=repr(part),
                    )
    return found


def _matrix(wishes: Sequence[dict[PersonId, int | None]], others: Sequence[Row]) -> csr_array:
    """Return what the wishes of n people about m others are worth, shape (n, m)."""
    places = {row["id"]: position for position, row in enumerate(others)}
    named = [sorted((places[other], worth(rank)) for other, rank in one.items() if other in places) for one in wishes]
    starts = np.cumsum([0, *map(len, named)])
    cells = [cell for row in named for cell in row]
    columns = np.array([column for column, _ in cells], np.int32)
    values = np.array([value for _, value in cells], np.int32)
    return csr_array((values, columns, starts), shape=(len(wishes), len(others)))
