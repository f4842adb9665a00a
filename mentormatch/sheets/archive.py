"""What a workbook's zip archive must be before anything opens it: small, plain, unencrypted, free of tricks.

The sizes that an archive states are claims. Every XML part is therefore inflated here to its own end, within a budget,
and walked once by expat (see `markup`), which refuses what a plain table never holds.
"""

from __future__ import annotations

import io
import posixpath
import stat
import zipfile
import zlib
from collections.abc import Iterator
from xml.parsers import expat

from mentormatch.core.errors import InvalidInput, TooLarge
from mentormatch.core.i18n import N_
from mentormatch.sheets.markup import DAMAGED, SUSPICIOUS, Survey, Walker
from mentormatch.sheets.sheet import Limits

_END_OF_DIRECTORY = b"PK\x05\x06"
_END_LENGTH = 22
_BINARY = (".bin", ".png", ".jpeg", ".jpg", ".gif", ".emf", ".wmf", ".bmp", ".tiff", ".svg", ".vml", ".ttf", ".odttf")
_CHUNK = 1 << 20
_RATIO_MATTERS_FROM = 8 << 20
_TOO_LARGE = N_("This Excel file unpacks to more than %(limit)s MB. Split it, or save the sheet alone as CSV.")


def survey(data: bytes, limits: Limits) -> dict[str, Survey]:
    """Return what each worksheet holds, by its name.

    Raises
    ------
    TooLarge
        If the archive, or the rectangle around a sheet's values, is over a limit.
    InvalidInput
        If it is damaged, encrypted, or holds what a plain table never holds.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = _checked(archive.infolist(), data, limits)
            # Styles first: they say which cells a number format pads.
            parts.sort(key=lambda part: not part.filename.endswith("styles.xml"))
            return _walk(archive, parts, limits)
    except InvalidInput:
        raise
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, expat.ExpatError, ValueError) as error:
        raise InvalidInput(DAMAGED) from error


def _checked(parts: list[zipfile.ZipInfo], data: bytes, limits: Limits) -> list[zipfile.ZipInfo]:
    if data[-_END_LENGTH:][:4] != _END_OF_DIRECTORY:
        raise InvalidInput(SUSPICIOUS, what="zip comment")
    if len(parts) > limits.parts:
        raise TooLarge(
            "This Excel file consists of %(count)s parts; at most %(limit)s are read.",
            count=len(parts),
            limit=limits.parts,
        )
    names = {part.filename for part in parts}
    if "xl/workbook.xml" not in names or "xl/workbook.bin" in names or "content.xml" in names:
        raise InvalidInput("This is not an .xlsx workbook. Open it and save it as .xlsx or CSV.")
    if len(names) < len(parts):
        raise InvalidInput(SUSPICIOUS, what="zip duplicate")
    for part in parts:
        _check_part(part)
    total = sum(part.file_size for part in parts)
    if total > limits.unpacked or (total > _RATIO_MATTERS_FROM and total > limits.ratio * len(data)):
        raise TooLarge(_TOO_LARGE, limit=limits.unpacked >> 20)
    return parts


def _check_part(part: zipfile.ZipInfo) -> None:
    name = part.orig_filename
    if part.flag_bits & 0x1:
        raise InvalidInput(
            "This Excel file is protected by a password. Save a copy without a password and upload that."
        )
    if name.startswith(("/", "\\")) or "\\" in name or "\0" in name or ":" in name or ".." in name.split("/"):
        raise InvalidInput(SUSPICIOUS, what="zip path")
    if stat.S_ISLNK(part.external_attr >> 16):
        raise InvalidInput(SUSPICIOUS, what="zip link")
    if part.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
        raise InvalidInput(SUSPICIOUS, what="zip method")


def _walk(archive: zipfile.ZipFile, parts: list[zipfile.ZipInfo], limits: Limits) -> dict[str, Survey]:
    surveys: dict[str, Survey] = {}
    names: dict[str, str] = {}
    targets: dict[str, str] = {}
    budget = limits.unpacked
    padded: dict[str, int] = {}
    for part in parts:
        if part.is_dir() or part.filename.lower().endswith(_BINARY):
            continue
        walker = Walker(limits, padded)
        for chunk in _inflated(archive, part, budget):
            budget -= len(chunk)
            if budget < 0:
                raise TooLarge(_TOO_LARGE, limit=limits.unpacked >> 20)
            walker.feed(chunk)
        walker.feed(b"", last=True)
        padded.update(walker.padded_styles)
        names.update(walker.sheet_ids)
        targets.update(walker.targets)
        if walker.root == "worksheet":
            surveys[part.filename] = walker.survey
    paths = {name: posixpath.join("/xl", targets.get(relation, "")).lstrip("/") for name, relation in names.items()}
    return {name: surveys[path] for name, path in paths.items() if path in surveys}


def _inflated(archive: zipfile.ZipFile, part: zipfile.ZipInfo, budget: int) -> Iterator[bytes]:
    """Yield the content of `part` to the end of its stream, whatever size its header states."""
    part.file_size = budget + _CHUNK  # zipfile stops where the header tells it to; others read on
    with archive.open(part) as stream:
        while chunk := stream.read(_CHUNK):
            yield chunk
