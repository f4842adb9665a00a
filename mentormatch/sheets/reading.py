"""From the bytes of an upload to a sheet: text or workbook, where the header is, what to leave out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import islice, pairwise

from mentormatch.core.errors import InvalidInput, TooLarge
from mentormatch.sheets.delimited import open_delimited
from mentormatch.sheets.formulas import unguarded
from mentormatch.sheets.heading_keys import recognised
from mentormatch.sheets.messages import Message
from mentormatch.sheets.sheet import Limits, Row, Sheet
from mentormatch.sheets.workbook import Worksheet, open_worksheets

_HEAD_ROWS = 60  # a header further down is not looked for
_ENOUGH_HEADINGS = 2
_OLD_EXCEL = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP = b"PK"
_WEB_PAGE = (b"<!doctype html", b"<html", b"<table", b"<meta", b"<?xml")

Walk = Callable[[], Iterator[Row]]


@dataclass(frozen=True, slots=True)
class _Source:
    """What a file turned out to be; `head` walks the rows as a header needs them, merged cells filled to the right."""

    walk: Walk
    head: Walk
    encoding: str
    delimiter: str | None = None
    name: str | None = None
    others: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _RowsBelow:
    """The rows under a header that hold anything, read from the file again at each walk."""

    walk: Walk
    header_row: int
    count: int

    def __iter__(self) -> Iterator[Row]:
        for row in _filled(self.walk()):
            if row.number > self.header_row:
                yield Row(row.number, tuple([unguarded(cell) for cell in row.cells]))

    def __len__(self) -> int:
        return self.count


@dataclass(frozen=True, slots=True)
class _Header:
    cells: tuple[str, ...]
    row: int
    score: int


def read(data: bytes, filename: str, limits: Limits | None = None, *, worksheet: str | None = None) -> Sheet:
    """Read an upload: CSV or TSV in UTF-8, Shift_JIS (CP932) or UTF-16, or an Excel workbook.

    Parameters
    ----------
    data:
        The bytes of the file. What they are is decided by looking at them, not by the name.
    filename:
        The name of the upload, for ``.tsv`` and for messages.
    worksheet:
        Which worksheet of a workbook; by default the first visible one whose header is recognised.

    Returns
    -------
    Sheet
        Rows keep the numbers that Excel shows. Each walk over ``rows`` reads the file again: none is kept.

    Raises
    ------
    TooLarge
        If the file is over a limit.
    InvalidInput
        If it cannot be read, with the place and the way to mend it.
    """
    limits = limits or Limits()
    if len(data) > limits.bytes:
        raise TooLarge("The file is larger than %(limit)s MB. Split it and upload the parts.", limit=limits.bytes >> 20)
    if data.startswith(_ZIP):
        return _read_workbook(data, limits, worksheet)
    _refuse_others(data)
    text = open_delimited(data, filename, limits)
    return _sheet(_Source(text.records, text.records, text.encoding.label, text.delimiter), limits)


def _refuse_others(data: bytes) -> None:
    if not data.strip(b"\xef\xbb\xbf\xff\xfe\0 \t\r\n"):
        raise InvalidInput("The file is empty.")
    if data.startswith(_OLD_EXCEL):
        raise InvalidInput(
            "This is an Excel file of the old format (.xls) or one with a password. "
            "Save it as .xlsx without a password."
        )
    if data[:200].lstrip(b"\xef\xbb\xbf \t\r\n").lower().startswith(_WEB_PAGE):
        raise InvalidInput("This is a web page named like a spreadsheet. Open it in Excel and save it as .xlsx.")
    if data.startswith((b"%PDF", b"\x89PNG", b"\xff\xd8\xff")):
        raise InvalidInput("This is not a spreadsheet. Upload a CSV or an .xlsx file.")


def _read_workbook(data: bytes, limits: Limits, worksheet: str | None) -> Sheet:
    """Return the worksheet asked for, else the first with a recognised header, else the first with rows."""
    names: list[str] = []
    chosen: Worksheet | None = None
    best = -1
    for candidate in open_worksheets(data, limits):
        header = _header(candidate.records(across=True))
        if header is None:
            continue
        names.append(candidate.name)
        is_asked_for = worksheet in {None, candidate.name}
        score = min(header.score, _ENOUGH_HEADINGS) if is_asked_for else -1
        if score > best:
            chosen, best = candidate, score
    if chosen is None and worksheet is not None:
        raise InvalidInput("The file has no visible sheet “%(name)s” with anything in it.", name=worksheet)
    if chosen is None:
        raise InvalidInput("The file has no visible sheet with anything in it.")
    others = tuple(name for name in names if name != chosen.name)
    head = partial(chosen.records, across=True)
    return _sheet(_Source(chosen.records, head, "Excel (.xlsx)", name=chosen.name, others=others), limits)


def _sheet(source: _Source, limits: Limits) -> Sheet:
    header = _header(source.head())
    if header is None:
        raise InvalidInput("The file is empty.")
    count, width = _measured(source.walk, header, limits)
    if not count:
        raise InvalidInput("The sheet has a header in row %(row)s and nothing under it.", row=header.row)
    return Sheet(
        header=header.cells + ("",) * (width - len(header.cells)),
        rows=_RowsBelow(source.walk, header.row, count),
        header_row=header.row,
        named_width=len(header.cells),
        encoding=source.encoding,
        delimiter=source.delimiter,
        name=source.name,
        others=source.others,
        notes=_notes(header, source.name, source.others),
    )


def _measured(walk: Walk, header: _Header, limits: Limits) -> tuple[int, int]:
    """Return how many rows stand under `header` and how many columns there are; a first walk over all of the file."""
    count, width = 0, len(header.cells)
    for row in _filled(walk()):
        if row.number <= header.row:
            continue
        count += 1
        if count > limits.rows:
            raise TooLarge(
                "The file has more than %(limit)s rows (row %(row)s). Split it and upload the parts.",
                limit=limits.rows,
                row=row.number,
            )
        width = max(width, len(row.cells))
    if width > limits.columns:
        raise TooLarge(
            "Row %(row)s has %(found)s columns; at most %(limit)s are read.",
            row=header.row,
            found=width,
            limit=limits.columns,
        )
    return count, width


def _notes(header: _Header, name: str | None, others: tuple[str, ...]) -> tuple[Message, ...]:
    notes = []
    if header.row > 1:
        notes.append(
            Message("The header was found in row %(row)s; what stands above it is not read.", {"row": header.row})
        )
    if others:
        notes.append(
            Message(
                "The sheet “%(name)s” is read; not read: %(others)s.", {"name": name, "others": ", ".join(others[:20])}
            )
        )
    return tuple(notes)


def _filled(rows: Iterable[Row]) -> Iterator[Row]:
    return (row for row in rows if any(cell and not cell.isspace() for cell in row.cells))


def _header(rows: Iterator[Row]) -> _Header | None:
    """Find the header among the first rows: the row, or the two levels of rows, that names most of our fields.

    Sheets often begin with a title or a note, and a heading such as 氏名 often stands over 姓 and 名. None if there is
    no row with anything in it.
    """
    head = list(islice(_filled(rows), _HEAD_ROWS))
    if not head:
        return None
    single = [_Header(row.cells, row.number, recognised(row.cells)) for row in head]
    double = [
        _Header(cells, low.number, recognised(cells))
        for high, low in pairwise(head)
        if low.number == high.number + 1
        for cells in [_two_levels(high.cells, low.cells)]
    ]
    best = max([*single, *double], key=lambda header: header.score)  # the first of equals, single rows before double
    if best.score < _ENOUGH_HEADINGS:
        first = next((header for header in single if sum(map(bool, header.cells)) > 1), single[0])
        best = best if best.score > first.score else first
    return _Header(tuple(map(unguarded, _without_tail(best.cells))), best.row, best.score)


def _two_levels(high: tuple[str, ...], low: tuple[str, ...]) -> tuple[str, ...]:
    """Return the headings of a header of two rows; an upper one reaches to the right over lower ones alone."""
    width = max(len(high), len(low))
    cells = []
    upper = ""
    for above, below in zip(high + ("",) * (width - len(high)), low + ("",) * (width - len(low)), strict=True):
        upper = above.strip() or (upper if below.strip() else "")
        cells.append("\n".join(dict.fromkeys(part for part in (upper, below.strip()) if part)))
    return tuple(cells)


def _without_tail(cells: tuple[str, ...]) -> tuple[str, ...]:
    width = max((index + 1 for index, cell in enumerate(cells) if cell.strip()), default=0)
    return cells[:width]
