"""Text files: which characters the bytes mean, which sign separates the cells, and the records."""

from __future__ import annotations

import codecs
import contextlib
import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import TextIO

from mentormatch.core.errors import InvalidInput, MentorMatchError, TooLarge
from mentormatch.core.i18n import N_
from mentormatch.sheets.heading_keys import recognised
from mentormatch.sheets.quotes import Stop, stop_of
from mentormatch.sheets.sheet import Limits, Row, column_name, too_long

_CHUNK = 1 << 20
_SAMPLE_CHARACTERS = 65_536
_SAMPLE_RECORDS = 30
_NOT_CP932 = re.compile("[\x80\xa0\uf8f0-\uf8f3]")  # what the codec lets through and no Japanese text holds
_SEPARATOR_HINT = re.compile(r"sep=([,;|\t])\r?\n?")
_SWALLOWED_LINES = 40  # a long cell of more lines is rather a quotation mark that was never closed
_UNCLOSED = N_(
    "Line %(line)s: the quotation mark that opens a cell in column %(column)s is not closed, or something follows it. "
    "Remove the mark or double it."
)


@dataclass(frozen=True, slots=True)
class Encoding:
    """How bytes become characters: the codec, what to do about errors, a name for people, the length of the BOM."""

    codec: str
    label: str
    skip: int = 0
    errors: str = "strict"


_BY_MARK = (
    (codecs.BOM_UTF8, Encoding("utf-8", "UTF-8", 3)),
    # Half a surrogate pair passes, so that the row which holds it can be named.
    (codecs.BOM_UTF16_LE, Encoding("utf-16-le", "UTF-16 LE", 2, "surrogatepass")),
    (codecs.BOM_UTF16_BE, Encoding("utf-16-be", "UTF-16 BE", 2, "surrogatepass")),
)


def encoding_of(data: bytes) -> Encoding:
    """Return the encoding of a text file: by its byte order mark, else strict UTF-8, else strict CP932.

    The order matters: UTF-8 「鈴木」 is also valid CP932, and would show as other characters.

    Raises
    ------
    InvalidInput
        If it is none of these, or UTF-16 without a mark.
    """
    if data.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        raise InvalidInput("The file is in UTF-32. Save it as “CSV UTF-8” and upload that.")
    for mark, encoding in _BY_MARK:
        if data.startswith(mark):
            _decode(data, encoding)
            return encoding
    if _looks_like_utf_16(data[: _CHUNK // 16]):
        raise InvalidInput(
            "The file looks like UTF-16 without the mark that says so, which cannot be read safely. "
            "Save it as “CSV UTF-8” and upload that."
        )
    for encoding in (Encoding("utf-8", "UTF-8"), Encoding("cp932", "Shift_JIS (CP932)")):
        try:
            _decode(data, encoding)
        except InvalidInput:
            continue
        if encoding.codec == "cp932" and _looks_like_euc_jp(data):
            break
        return encoding
    if _looks_like_euc_jp(data):
        raise InvalidInput("The file looks like EUC-JP. Save it as “CSV UTF-8” and upload that.")
    raise InvalidInput("The file is neither UTF-8 nor Shift_JIS (CP932). Save it as “CSV UTF-8” and upload that.")


def _decode(data: bytes, encoding: Encoding) -> None:
    """Decode all of `data` and keep nothing; raise InvalidInput if it is not in `encoding`."""
    decoder = codecs.getincrementaldecoder(encoding.codec)(encoding.errors)
    view = memoryview(data)
    try:
        for start in range(encoding.skip, len(data) + 1, _CHUNK):
            text = decoder.decode(view[start : start + _CHUNK], final=start + _CHUNK > len(data))
            if encoding.codec == "cp932" and _NOT_CP932.search(text):
                raise InvalidInput("The file is not in %(encoding)s.", encoding=encoding.label)
    except UnicodeDecodeError as error:
        raise InvalidInput(
            "The file is damaged: it begins as %(encoding)s and does not go on so. Save it again as “CSV UTF-8”.",
            encoding=encoding.label,
        ) from error


def _looks_like_euc_jp(data: bytes) -> bool:
    """Say whether `data`, which CP932 reads as a heap of half-width katakana, is EUC-JP: kanji in CP932 never are."""
    head = data if len(data) <= _CHUNK else data[: data.rfind(b"\n", 0, _CHUNK) + 1]
    try:
        head.decode("euc_jp")
    except UnicodeDecodeError:
        return False
    letters = [letter for letter in head.decode("cp932", "replace") if not letter.isascii()]
    return sum("\uff61" <= letter <= "\uff9f" for letter in letters) * 3 > len(letters)


def _looks_like_utf_16(head: bytes) -> bool:
    """Say whether NUL bytes stand where the upper halves of UTF-16 units of ASCII characters would."""
    even, odd = head[0::2].count(0), head[1::2].count(0)
    few, many = sorted((even, odd))
    return many > max(3, len(head) // 100) and few * 4 <= many


@dataclass(frozen=True, slots=True)
class Delimited:
    """A text file whose encoding and delimiter are known."""

    data: bytes
    encoding: Encoding
    delimiter: str
    limits: Limits
    hint_lines: int = 0

    def records(self) -> Iterator[Row]:
        """Yield every record, empty ones too, with its number as Excel counts it.

        Raises
        ------
        InvalidInput
            If a quotation mark is not closed, with the line where it stands.
        TooLarge
            If a cell or a row is over a limit.
        """
        stream = _stream(self.data, self.encoding)
        lines = islice(stream, self.hint_lines, None)
        reader = csv.reader(lines, delimiter=self.delimiter, strict=True)
        number = 0
        while True:
            began = reader.line_num + self.hint_lines
            number += 1
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                raise self._broken(began, number) from error
            self._check(number, began, cells)
            yield Row(number, tuple(cells))

    def _check(self, number: int, began: int, cells: list[str]) -> None:
        if len(cells) > self.limits.columns:
            raise TooLarge(
                "Row %(row)s has %(found)s columns; at most %(limit)s are read.",
                row=number,
                found=len(cells),
                limit=self.limits.columns,
            )
        for index, cell in enumerate(cells):
            is_long = len(cell) > self.limits.cell_length
            is_swallower = "\n" in cell and _swallowed_rows(cell, self.delimiter, len(cells))
            if is_swallower or (is_long and cell.count("\n") > _SWALLOWED_LINES):
                stop = stop_of(self._lines(began), self.delimiter, csv.field_size_limit(), index)
                raise _unclosed(began, stop)
            if is_long:
                raise too_long(number, index, len(cell), self.limits)

    def _broken(self, began: int, number: int) -> MentorMatchError:
        """Return the error for the record that begins after line `began` and cannot be read."""
        stop = stop_of(self._lines(began), self.delimiter, csv.field_size_limit())
        if stop.line is None or (stop.length > csv.field_size_limit() and stop.lines <= _SWALLOWED_LINES):
            return too_long(number, stop.column, stop.length, self.limits)
        return _unclosed(began, stop)

    def _lines(self, began: int) -> Iterator[str]:
        return islice(_stream(self.data, self.encoding), began, None)


def _unclosed(began: int, stop: Stop) -> InvalidInput:
    return InvalidInput(_UNCLOSED, line=began + (stop.line or 0) + 1, column=column_name(stop.column))


def _swallowed_rows(cell: str, delimiter: str, width: int) -> bool:
    """Say whether several lines of one cell look like rows of the sheet: a quotation mark swallowed them."""
    enough = max(3, width // 2)
    return sum(line.count(delimiter) >= enough for line in cell.split("\n")) > 1


def _stream(data: bytes, encoding: Encoding) -> TextIO:
    buffer = io.BytesIO(data)
    buffer.seek(encoding.skip)
    return io.TextIOWrapper(buffer, encoding=encoding.codec, errors=encoding.errors, newline="")


def open_delimited(data: bytes, filename: str, limits: Limits) -> Delimited:
    """Return the text file with its encoding and its delimiter, both found by looking."""
    encoding = encoding_of(data)
    sample = _stream(data, encoding).read(_SAMPLE_CHARACTERS)
    if hint := _SEPARATOR_HINT.match(sample):
        return Delimited(data, encoding, hint.group(1), limits, hint_lines=1)
    preferred = "\t,;" if filename.lower().endswith((".tsv", ".tab")) else ",\t;"
    return Delimited(data, encoding, max(preferred, key=lambda sign: _fit(sample, sign)), limits)


def _fit(sample: str, delimiter: str) -> tuple[int, int]:
    """Return how well `delimiter` explains `sample`: headings brought to light, then records of the same width."""
    reader = csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter)
    records: list[list[str]] = []
    with contextlib.suppress(csv.Error):  # an unclosed quotation mark is reported by the reading itself
        records.extend(record for record in islice(reader, _SAMPLE_RECORDS) if any(record))
    widths = Counter(len(record) for record in records if len(record) > 1)
    headings = max((recognised(record) for record in records), default=0)
    return headings, max(widths.values(), default=0)
