"""Checking and measuring the answers of a profile: shapes, lengths, completeness."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from typing import Any

from mentormatch.core.errors import InvalidInput
from mentormatch.core.field_kinds import LANGUAGE_LEVELS, Field, Kind, Owner
from mentormatch.core.fields import fields_for
from mentormatch.core.i18n import N_
from mentormatch.core.roles import Role

MOST_ENTRIES = 30
_DAY = 24 * 60
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_CODE = re.compile(r"[a-z]{2,3}")
_YEARS = range(1900, 2100)


def clean(field: Field, value: Any) -> Any:
    """Return `value` in the shape that `field` stores, or None for no answer.

    Raises
    ------
    InvalidInput
        The value cannot be stored; the text says what is expected.
    """
    if value in (None, "", [], ()):
        return None
    return _CLEANERS[field.kind](field, value)


def completeness(role: Role, profile: Mapping[str, Any]) -> tuple[int, list[Field]]:
    """Return the share of expected fields that are answered, in percent, and those that are not."""
    expected = [field for field in fields_for(role, Owner.PROFILE) if field.expected]
    missing = [field for field in expected if not profile.get(field.key)]
    return round(100 * (len(expected) - len(missing)) / len(expected)), missing


def tag_key(tag: str) -> str:
    """Return the form in which two tags are compared."""
    return " ".join(unicodedata.normalize("NFKC", tag).casefold().split())


def _text(field: Field, value: Any) -> str | None:
    text = "".join(letter for letter in str(value) if letter in "\n\t" or unicodedata.category(letter) != "Cc").strip()
    if len(text) > field.max_length:
        raise InvalidInput(
            N_("%(limit)s characters at most; this has %(found)s."),
            field=field.key,
            limit=field.max_length,
            found=len(text),
        )
    return text or None


def _line(field: Field, value: Any) -> str | None:
    return _text(field, " ".join(str(value).split()))


def _email(field: Field, value: Any) -> str | None:
    address = _line(field, unicodedata.normalize("NFKC", str(value)))
    if address is not None and not _EMAIL.fullmatch(address):
        raise InvalidInput(N_("Enter an email address like name@example.ac.jp"), field=field.key)
    return address


def _number(field: Field, value: Any) -> int:
    try:
        return int(unicodedata.normalize("NFKC", str(value)).strip())
    except ValueError as error:
        raise InvalidInput(N_("Enter a whole number"), field=field.key) from error


def _tags(field: Field, value: Any) -> list[str] | None:
    seen: dict[str, str] = {}
    for tag in value:
        if text := _line(field, tag):
            seen.setdefault(tag_key(text), text)
    _few(field, seen)
    return list(seen.values()) or None


def _languages(field: Field, value: Any) -> list[list[Any]] | None:
    best: dict[str, int] = {}
    for code, level in value:
        if not _CODE.fullmatch(str(code)) or level not in LANGUAGE_LEVELS:
            raise InvalidInput(N_("Choose a language and a level"), field=field.key)
        best[code] = max(level, best.get(code, 0))
    _few(field, best)
    return [[code, level] for code, level in best.items()] or None


def _hours(field: Field, value: Any) -> list[list[int]] | None:
    found = sorted({(int(day), int(start), int(end)) for day, start, end in value})
    for day, start, end in found:
        if day not in range(7) or not 0 <= start < end <= _DAY:
            raise InvalidInput(N_("The end must come after the beginning"), field=field.key)
    _few(field, found)
    return [list(window) for window in found] or None


def _career(field: Field, value: Any) -> list[list[Any]] | None:
    rows = []
    for start, end, organisation, position in value:
        if start not in _YEARS or (end is not None and (end not in _YEARS or end < start)):
            raise InvalidInput(
                N_("Enter years such as 2019; the end must not come before the beginning"), field=field.key
            )
        rows.append([start, end, _line(field, organisation) or "", _line(field, position) or ""])
    _few(field, rows)
    return sorted(rows, key=lambda row: (row[1] or _YEARS.stop, row[0]), reverse=True) or None


def _few(field: Field, entries: Any) -> None:
    if len(entries) > MOST_ENTRIES:
        raise InvalidInput(
            N_("%(limit)s entries at most; there are %(found)s."),
            field=field.key,
            limit=MOST_ENTRIES,
            found=len(entries),
        )


_CLEANERS: Mapping[Kind, Callable[[Field, Any], Any]] = {
    Kind.LINE: _line,
    Kind.TEXT: _text,
    Kind.TAGS: _tags,
    Kind.LANGUAGES: _languages,
    Kind.HOURS: _hours,
    Kind.CHOICE: _line,
    Kind.NUMBER: _number,
    Kind.EMAIL: _email,
    Kind.CAREER: _career,
}
