"""Makes sheets for the tests: bytes of text files and workbooks."""

from __future__ import annotations

import io
from collections.abc import Sequence

from hypothesis import settings
from openpyxl import Workbook

from mentormatch.sheets.checking import Checked, check
from mentormatch.sheets.reading import read
from mentormatch.sheets.recognition import ColumnMapping, recognise
from mentormatch.sheets.sheet import Sheet

unhurried = settings(deadline=None)
"""Tests do not look at the clock, Hypothesis's neither."""


def text(*lines: str, delimiter: str = ",") -> str:
    """Return lines whose cells are divided by commas as a text file with another delimiter."""
    return "\r\n".join(line.replace(",", delimiter) for line in lines) + "\r\n"


def csv_sheet(*lines: str, encoding: str = "utf-8") -> Sheet:
    """Read a CSV file of these lines."""
    return read(text(*lines).encode(encoding), "people.csv")


def checked(*lines: str, **options: object) -> Checked:
    """Read, recognise and check a CSV file of these lines."""
    sheet = csv_sheet(*lines)
    return check(sheet, recognise(sheet), **options)


def recognised(*lines: str) -> ColumnMapping:
    """Read and recognise a CSV file of these lines."""
    return recognise(csv_sheet(*lines))


def workbook(rows: Sequence[Sequence[object]], merged: Sequence[str] = ()) -> bytes:
    """Return a workbook with one sheet of these rows and these merged ranges."""
    book = Workbook()
    sheet = book.active
    for row in rows:
        sheet.append(list(row))
    for cells in merged:
        sheet.merge_cells(cells)
    return saved(book)


def saved(book: Workbook) -> bytes:
    """Return the bytes of `book`."""
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()
