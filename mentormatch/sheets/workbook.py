"""Excel workbooks: which worksheet is meant, and its cells as the text that Excel shows."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterator
from dataclasses import dataclass

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from mentormatch.core.errors import InvalidInput
from mentormatch.sheets.archive import survey
from mentormatch.sheets.markup import DAMAGED, Survey
from mentormatch.sheets.sheet import Limits, Row, too_long

_EXACT_FLOAT = 1e15

Value = int | float | str | bool | dt.time | dt.date | dt.datetime | dt.timedelta


@dataclass(frozen=True, slots=True)
class Worksheet:
    """One worksheet of a workbook; `across` also fills merged cells to the right, as a header needs it."""

    name: str
    sheet: CalamineSheet
    survey: Survey
    limits: Limits

    def records(self, *, across: bool = False) -> Iterator[Row]:
        """Yield every row from 1, empty ones too; a cell merged downwards counts for each of its rows.

        Raises
        ------
        TooLarge
            If a cell is over the limit.
        """
        first_column = self.sheet.start[1] if self.sheet.start else 0
        merges = _Merges(self.sheet, across=across)
        for index, values in enumerate(self.sheet.iter_rows()):
            cells = [""] * first_column + [text_of(value) for value in values]
            if self.survey:
                cells = [self.survey.text(index, column, text) for column, text in enumerate(cells)]
            merges.fill(index, cells)
            for column, text in enumerate(cells):
                if len(text) > self.limits.cell_length:
                    raise too_long(index + 1, column, len(text), self.limits)
            yield Row(index + 1, tuple(cells))


class _Merges:
    """Fills merged cells while the rows go by, at a cost that does not depend on how far a merge reaches."""

    def __init__(self, sheet: CalamineSheet, *, across: bool) -> None:
        self._starting: dict[int, list[tuple[int, int, int]]] = {}
        for (top, left), (bottom, right) in sheet.merged_cell_ranges or ():
            self._starting.setdefault(top, []).append((left, right if across else left, bottom))
        self._active: dict[int, tuple[int, str]] = {}

    def fill(self, row: int, cells: list[str]) -> None:
        """Put the text of merged cells into `cells` of `row`."""
        for left, right, bottom in self._starting.get(row, ()):
            if left < len(cells):
                for column in range(left, min(right + 1, len(cells))):
                    self._active[column] = (bottom, cells[left])
        for column, (bottom, text) in list(self._active.items()):
            if row > bottom:
                del self._active[column]
            elif not cells[column]:
                cells[column] = text


def text_of(value: Value) -> str:
    """Return `value` as people read it in Excel: 3.0 is ``3``, a date is ``2027-03-01``, a time is ``18:00``."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int | float):
        return str(int(value)) if value == value // 1 and abs(value) < _EXACT_FLOAT else repr(value)
    if isinstance(value, dt.date | dt.time):
        return _moment(value)
    minutes = round(value.total_seconds() / 60)
    return f"{minutes // 60}:{minutes % 60:02}"


def _moment(value: dt.date | dt.time) -> str:
    if isinstance(value, dt.time):
        return value.strftime("%H:%M")
    if not isinstance(value, dt.datetime) or value.time() == dt.time():
        return value.strftime("%Y-%m-%d")
    return value.strftime("%Y-%m-%d %H:%M")


def open_worksheets(data: bytes, limits: Limits) -> Iterator[Worksheet]:
    """Yield the visible worksheets that hold anything, one at a time: each costs memory while it is held.

    Raises
    ------
    InvalidInput, TooLarge
        As `survey` does, and if the workbook cannot be read.
    """
    surveys = survey(data, limits)
    try:
        with CalamineWorkbook.from_filelike(io.BytesIO(data)) as book:
            for sheet in book.sheets_metadata:
                if sheet.typ == SheetTypeEnum.WorkSheet and sheet.visible == SheetVisibleEnum.Visible:
                    opened = book.get_sheet_by_name(sheet.name)
                    if opened.start is not None:
                        yield Worksheet(sheet.name, opened, surveys.get(sheet.name, Survey()), limits)
    except CalamineError as error:
        raise InvalidInput(DAMAGED) from error
