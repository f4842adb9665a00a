"""What a spreadsheet is once it has been read: a header, rows that know their numbers, and where they came from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from mentormatch.core.errors import TooLarge
from mentormatch.sheets.messages import Message


class Row(NamedTuple):
    """One row: its number as Excel shows it (from 1), and its cells as text, untrimmed."""

    number: int
    cells: tuple[str, ...]


class Rows(Protocol):
    """The rows under the header; they can be walked again and again, and are not kept in memory between walks."""

    def __iter__(self) -> Iterator[Row]: ...

    def __len__(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Limits:
    """How large a file may be. What is over a limit is refused with the row and column that broke it."""

    bytes: int = 64 * 1024 * 1024
    rows: int = 200_000
    columns: int = 400
    cells: int = 6_000_000
    cell_length: int = 32_767  # what Excel itself holds
    unpacked: int = 256 * 1024 * 1024
    parts: int = 2_000
    ratio: int = 100


@dataclass(frozen=True, slots=True)
class Sheet:
    """A spreadsheet that was read.

    Attributes
    ----------
    header:
        Headings of all columns, ``""`` where a column has none.
    rows:
        The rows under the header that hold anything.
    header_row:
        Number of the header's row.
    named_width:
        Columns under the header as it was written; cells to the right of it in a text file come from a stray delimiter.
    encoding:
        What the file was read as, for display: ``"Shift_JIS (CP932)"``.
    delimiter:
        The separator of a text file, None for a workbook.
    name, others:
        The worksheet that was read, and the visible ones that were not.
    notes:
        What the reader decided by itself and a person may want to know.
    """

    header: tuple[str, ...]
    rows: Rows
    header_row: int
    named_width: int
    encoding: str
    delimiter: str | None = None
    name: str | None = None
    others: tuple[str, ...] = ()
    notes: tuple[Message, ...] = ()

    def pick(self, numbers: Iterable[int]) -> dict[int, Row]:
        """Return the rows with these numbers, to show them side by side."""
        wanted = set(numbers)
        return {row.number: row for row in self.rows if row.number in wanted}


def column_name(index: int) -> str:
    """Return the letters by which Excel calls the column at `index` (from 0): A, B, … Z, AA."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def too_long(number: int, index: int, found: int, limits: Limits) -> TooLarge:
    """Return the error for a cell of `found` characters in the row `number` and the column at `index`."""
    return TooLarge(
        "Row %(row)s, column %(column)s: the cell has %(found)s characters; at most %(limit)s are read.",
        row=number,
        column=column_name(index),
        found=found,
        limit=limits.cell_length,
    )
