"""One walk over a part of a workbook's XML: refuses what may not be there, and surveys where the values lie.

The survey protects the reader, which allocates a rectangle around all values: one value in cell XFD1048576 would cost
hundreds of gigabytes. It also remembers what the reader does not tell: cells that show an error, and number formats
that fill up with zeros (student number 00123).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from xml.parsers import expat

from mentormatch.core.errors import InvalidInput, TooLarge
from mentormatch.core.i18n import N_
from mentormatch.sheets.sheet import Limits, column_name

DAMAGED = N_("This Excel file is damaged. Open it in Excel, save it again as .xlsx and upload that.")
SUSPICIOUS = N_(
    "This Excel file holds something that a plain table never holds (%(what)s). Save a copy as .xlsx or CSV."
)

_WIDTH = 16_384
_HEIGHT = 1_048_576
_MOST_MERGES = 200_000
_ZERO_PADDED = re.compile(r"0{2,20}")
_REFERENCE = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})")


@dataclass(slots=True)
class Survey:
    """What the walk found in a worksheet; a cell is ``row * 16384 + column``, both from 0.

    `errors` are cells that show an Excel error, `padded` those that a number format fills up with zeros to a width.
    """

    errors: set[int] = field(default_factory=set)
    padded: dict[int, int] = field(default_factory=dict)

    def text(self, row: int, column: int, text: str) -> str:
        """Return what Excel shows in a cell whose value reads `text`."""
        cell = row * _WIDTH + column
        if cell in self.errors:
            return "#ERROR!"
        return text.zfill(self.padded[cell]) if cell in self.padded and text.isdigit() else text

    def __bool__(self) -> bool:
        """Whether any cell reads other than its value."""
        return bool(self.errors or self.padded)


class Walker:
    """Takes the chunks of one XML part; afterwards its attributes tell what was in it.

    `root` is the local name of the outermost element, `survey` tells of a worksheet's cells, `padded_styles` maps the
    numbers of cell styles to widths, `sheet_ids` sheet names to relation ids, `targets` relation ids to parts.
    """

    def __init__(self, limits: Limits, padded_styles: Mapping[str, int]) -> None:
        self.root = ""
        self.survey = Survey()
        self.padded_styles: dict[str, int] = {}
        self.sheet_ids: dict[str, str] = {}
        self.targets: dict[str, str] = {}
        self._limits = limits
        self._known_styles = padded_styles
        self._letters: dict[str, int] = {}
        self._row, self._column, self._style, self._type = -1, -1, "", ""
        self._values, self._merges = 0, 0
        self._top, self._left, self._bottom, self._right = _HEIGHT, _WIDTH, -1, -1
        self._formats: dict[str, int] = {}
        self._in_cell_styles = False
        self._fed = False
        self._parser = parser = expat.ParserCreate()
        parser.StartDoctypeDeclHandler = self._refuse_doctype
        parser.XmlDeclHandler = self._check_declaration
        parser.StartElementHandler = self._start_root

    def feed(self, chunk: bytes, *, last: bool = False) -> None:
        """Take the next bytes of the part."""
        if not self._fed and chunk:
            self._fed = True
            if chunk[:2] in {b"\xff\xfe", b"\xfe\xff"}:
                raise InvalidInput(SUSPICIOUS, what="XML UTF-16")
        self._parser.Parse(chunk, last)

    def _refuse_doctype(self, *_: object) -> None:
        raise InvalidInput(SUSPICIOUS, what="DOCTYPE")

    def _check_declaration(self, _version: str, encoding: str | None, _standalone: int) -> None:
        if encoding and encoding.lower() not in {"utf-8", "utf8", "us-ascii", "ascii"}:
            raise InvalidInput(SUSPICIOUS, what="XML encoding")

    def _start_root(self, name: str, _attributes: dict[str, str]) -> None:
        self.root = name.rpartition(":")[2]
        handlers = {
            "worksheet": self._start_in_worksheet,
            "styleSheet": self._start_in_styles,
            "workbook": self._start_in_workbook,
            "Relationships": self._start_in_relationships,
        }
        self._parser.StartElementHandler = handlers.get(self.root)

    def _start_in_worksheet(self, name: str, attributes: dict[str, str]) -> None:
        if ":" in name:
            name = name.rpartition(":")[2]
        if name == "c":
            self._start_cell(attributes)
        elif name in {"v", "is"}:
            self._value()
        elif name == "row":
            number = attributes.get("r")
            self._row = int(number) - 1 if number else self._row + 1
            self._column = -1
        elif name == "mergeCell":
            self._merges += 1
            if self._merges > _MOST_MERGES:
                raise TooLarge("This sheet has more than %(limit)s merged cells. Save it as CSV.", limit=_MOST_MERGES)

    def _start_cell(self, attributes: dict[str, str]) -> None:
        reference = attributes.get("r")
        if reference is None:
            self._column += 1
        else:
            letters = reference.rstrip("0123456789")
            column = self._letters.get(letters)
            if column is None:
                column = self._letters[letters] = _column_index(reference)
            self._row, self._column = int(reference[len(letters) :]) - 1, column
        self._style = attributes.get("s", "")
        self._type = attributes.get("t", "n")

    def _value(self) -> None:
        row, column = self._row, self._column
        self._values += 1
        self._top, self._left = min(self._top, row), min(self._left, column)
        self._bottom, self._right = max(self._bottom, row), max(self._right, column)
        area = (self._bottom - self._top + 1) * (self._right - self._left + 1)
        if area > self._limits.cells or self._values > self._limits.cells or not 0 <= row < _HEIGHT:
            raise TooLarge(
                "Cell %(cell)s lies too far away: at most %(limit)s cells are read. "
                "Delete what is not part of the table.",
                cell=f"{column_name(column)}{row + 1}",
                limit=self._limits.cells,
            )
        if self._type == "e":
            self.survey.errors.add(row * _WIDTH + column)
        elif self._type == "n" and self._style in self._known_styles:
            self.survey.padded[row * _WIDTH + column] = self._known_styles[self._style]

    def _start_in_styles(self, name: str, attributes: dict[str, str]) -> None:
        name = name.rpartition(":")[2]
        if name == "numFmt" and _ZERO_PADDED.fullmatch(code := attributes.get("formatCode", "")):
            self._formats[attributes.get("numFmtId", "")] = len(code)
        elif name == "cellXfs":
            self._in_cell_styles = True
            self._style_number = 0
        elif name in {"cellStyles", "dxfs"}:
            self._in_cell_styles = False
        elif name == "xf" and self._in_cell_styles:
            if width := self._formats.get(attributes.get("numFmtId", "")):
                self.padded_styles[str(self._style_number)] = width
            self._style_number += 1

    def _start_in_relationships(self, _name: str, attributes: dict[str, str]) -> None:
        target = attributes.get("Target", "")
        if attributes.get("Type", "").endswith("/worksheet"):
            if not target.endswith(".xml"):
                raise InvalidInput(SUSPICIOUS, what="worksheet target")
            self.targets[attributes.get("Id", "")] = target

    def _start_in_workbook(self, name: str, attributes: dict[str, str]) -> None:
        if name.rpartition(":")[2] == "sheet":
            relation = next((value for key, value in attributes.items() if key.endswith(":id")), "")
            self.sheet_ids[attributes.get("name", "")] = relation


def _column_index(reference: str) -> int:
    """Return the index (from 0) of the column in a reference such as ``AB12``."""
    match = _REFERENCE.fullmatch(reference)
    if match is None:
        raise InvalidInput(DAMAGED)
    index = 0
    for letter in match.group(1):
        index = index * 26 + ord(letter) - ord("A") + 1
    if index > _WIDTH:
        raise InvalidInput(DAMAGED)
    return index - 1
