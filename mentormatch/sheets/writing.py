"""From rows to the bytes of a CSV file or an Excel workbook that no spreadsheet program runs as a program."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Literal

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ERROR_CODES
from openpyxl.styles import Alignment, Font

from mentormatch.core.errors import InvalidInput
from mentormatch.core.i18n import N_
from mentormatch.sheets.characters import composed, storable
from mentormatch.sheets.checking import Checked
from mentormatch.sheets.formulas import guarded
from mentormatch.sheets.heading_keys import key
from mentormatch.sheets.headings import PROBLEM_HEADING
from mentormatch.sheets.messages import Translate
from mentormatch.sheets.sheet import Sheet, column_name

Cell = str | int | None
Form = Literal["csv", "xlsx"]
CsvEncoding = Literal["utf-8", "cp932"]

_LOOK_ALIKES = str.maketrans("〜−—‖¢£¬¥", "～－―∥￠￡￢￥")  # the same signs under the code points that CP932 has
_ESCAPE = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
_NOT_CP932 = re.compile("[\x80\xa0\uf8f0-\uf8f3]")  # the codec writes them, as bytes that are no Shift_JIS
_LISTED = 20
_NOT_IN_A_NAME = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*\u202a-\u202e\u2066-\u2069\ud800-\udfff]+')
_NOT_IN_A_TITLE = re.compile(r"[\x00-\x1f\[\]:*?/\\']")
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)", re.IGNORECASE)
_LONGEST_NAME, _LONGEST_TITLE = 80, 31


class Unencodable(InvalidInput):
    """Some characters do not exist in the encoding; `cells` are the first (row, column letters, characters)."""

    def __init__(self, cells: Sequence[tuple[int, str, str]], count: int) -> None:
        row, column, characters = cells[0]
        super().__init__(
            N_(
                "Row %(row)s, column %(column)s: Shift_JIS (CP932) has no “%(found)s” (%(count)s such cells). "
                "Choose UTF-8, which Excel reads too."
            ),
            row=row,
            column=column,
            found=characters,
            count=count,
        )
        self.cells = tuple(cells)


def write_csv(header: Sequence[str], rows: Iterable[Sequence[Cell]], *, encoding: CsvEncoding = "utf-8") -> bytes:
    """Return a CSV file: UTF-8 with a byte order mark, which Excel needs, or CP932 on request.

    Raises
    ------
    Unencodable
        If a character has no place in CP932; nothing is ever replaced by a question mark.
    """
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer)
    missing: list[tuple[int, str, str]] = []
    count = 0
    for number, cells in enumerate(_texts(header, rows), 1):
        line = cells
        if encoding == "cp932":
            line = [cell.translate(_LOOK_ALIKES) if isinstance(cell, str) else cell for cell in cells]
            lost = [(index, _not_in_cp932(cell)) for index, cell in enumerate(line) if isinstance(cell, str)]
            found = [(number, column_name(index), characters) for index, characters in lost if characters]
            count += len(found)
            missing.extend(found[: _LISTED - len(missing)])
        writer.writerow([guarded(cell) if isinstance(cell, str) else cell for cell in line])
    if missing:
        raise Unencodable(missing, count)
    return buffer.getvalue().encode("cp932" if encoding == "cp932" else "utf-8-sig")


def write_xlsx(header: Sequence[str], rows: Iterable[Sequence[Cell]], *, title: str = "MentorMatch") -> bytes:
    """Return an Excel workbook with one sheet whose header stays in view; texts are texts, numbers are numbers."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(_NOT_IN_A_TITLE.sub(" ", storable(title)).strip()[:_LONGEST_TITLE] or "MentorMatch")
    sheet.freeze_panes = "A2"
    bold = Font(bold=True)
    for number, cells in enumerate(_texts(header, rows)):
        sheet.append([_excel_cell(sheet, cell, bold if number == 0 else None) for cell in cells])
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def _excel_cell(sheet: Any, cell: Cell, font: Font | None) -> Any:
    """Return what to append for `cell`; a made cell costs time, so most texts go as they are."""
    if not isinstance(cell, str):
        return cell
    text = _for_xml(guarded(cell))
    if font is None and text not in ERROR_CODES and "\n" not in text:
        return text
    made = WriteOnlyCell(sheet, value=text)
    made.data_type = "s"  # openpyxl would take #N/A for an error
    if font is not None:
        made.font = font
    made.alignment = Alignment(vertical="top", wrap_text="\n" in text)
    return made


def write_broken(sheet: Sheet, checked: Checked, translate: Translate, *, form: Form = "xlsx") -> bytes:
    """Return the rows that need mending with the columns they came in and one more that says what is wrong.

    The file can be corrected and sent back: the additional column is not read.
    """
    kept = [index for index, heading in enumerate(sheet.header) if key(heading) != key(PROBLEM_HEADING)]
    header = [*(sheet.header[index] for index in kept), PROBLEM_HEADING]

    def rows() -> Iterator[list[Cell]]:
        for broken in checked.broken():
            cells = broken.row.cells
            told = "\n".join(problem.to(translate) for problem in broken.problems)
            yield [*(cells[index] if index < len(cells) else "" for index in kept), told]

    return write_csv(header, rows()) if form == "csv" else write_xlsx(header, rows())


def file_name(text: str, extension: str) -> str:
    """Return a name for a download that is safe on every system: no paths, no control characters, not too long.

    Japanese stays Japanese; the HTTP header's encoding is the edge's business.
    """
    stem = " ".join(_NOT_IN_A_NAME.sub(" ", composed(text)).split()).strip(". ")[:_LONGEST_NAME].rstrip(". ")
    if not stem or _RESERVED.match(stem):
        stem = f"mentormatch {stem}".strip()
    return f"{stem}.{extension}"


def _texts(header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Iterator[list[Cell]]:
    yield [storable(cell) for cell in header]
    for row in rows:
        yield ["" if cell is None else storable(cell) if isinstance(cell, str) else cell for cell in row]


def _for_xml(text: str) -> str:
    """Return `text` so that the workbook's own escapes (``_x000D_``) are read back as what was written."""
    return _ESCAPE.sub("_x005F_", text).replace("\r", "_x000D_")


def _not_in_cp932(text: str) -> str:
    """Return the characters of `text` that CP932 does not have."""
    return "" if _is_cp932(text) else "".join(dict.fromkeys(letter for letter in text if not _is_cp932(letter)))


def _is_cp932(text: str) -> bool:
    try:
        text.encode("cp932")
    except UnicodeEncodeError:
        return False
    return _NOT_CP932.search(text) is None
