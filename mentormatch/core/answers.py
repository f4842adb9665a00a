"""Checking and measuring the answers of a profile: shapes, lengths, completeness."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from mentormatch.core.errors import InvalidInput
from mentormatch.core.field_kinds import LANGUAGE_LEVELS, Field, Kind, Owner
from mentormatch.core.fields import fields_for
from mentormatch.core.i18n import N_
from mentormatch.core.names import half_width
from mentormatch.core.roles import Role

MOST_ENTRIES = 30
LONGEST_LINE = 200
"""Characters of one organisation or position in a career."""
DAY = 24 * 60
"""Minutes of a day."""
# Narrower than RFC 5322 on purpose: no list of addresses, no comment, no encoded word, nothing that turns direction.
_EMAIL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+(?<!\?=)@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
_CODE = re.compile(r"[a-z]{2,3}")
_YEARS = range(1900, 2100)
_NUMBERS = range(10_000)
_UNPRINTABLE = {"Cc", "Cs"}  # control characters, and halves of characters, which no database keeps
_SEPARATORS = frozenset(",，、;；\n")
_OPENING, _CLOSING = frozenset("(（[［〔【「『<"), frozenset(")）]］〕】」』>")


def clean(field: Field, value: Any) -> Any:
    """Return `value` in the shape that `field` stores, or None for no answer.

    What it returns is a fixed point: cleaning it again changes nothing.

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
    return 100 * (len(expected) - len(missing)) // len(expected), missing


def tag_key(tag: str) -> str:
    """Return the form in which two tags are compared."""
    return " ".join(unicodedata.normalize("NFKC", tag).casefold().split())


def split_tags(text: str) -> list[str]:
    """Return the tags of a text: between commas, semicolons and line breaks that stand outside brackets."""
    protected = _in_brackets(text)
    pieces, piece = [], ""
    for index, letter in enumerate(text):
        if letter in _SEPARATORS and index not in protected:
            pieces.append(piece)
            piece = ""
        else:
            piece += letter
    return [found for found in (item.strip() for item in [*pieces, piece]) if found]


def join_tags(tags: Iterable[str], language: str = "ja") -> str:
    """Return tags as one text that `split_tags` takes apart again."""
    return ("、" if language == "ja" else ", ").join(tags)


def _in_brackets(text: str) -> set[int]:
    """Return the positions between a bracket and the one that closes it; a bracket without partner protects nothing."""
    protected: set[int] = set()
    opened: list[int] = []
    for index, letter in enumerate(text):
        if letter in _OPENING:
            opened.append(index)
        elif letter in _CLOSING and opened:
            protected.update(range(opened.pop(), index))
    return protected


def _text(field: Field, value: Any) -> str | None:
    return _short(field, _printable(value).strip(), field.max_length)


def _line(field: Field, value: Any) -> str | None:
    return _short(field, _one_line(value), field.max_length)


def _printable(value: Any) -> str:
    text = str(value).replace("\r\n", "\n").replace("\r", "\n")
    return "".join(letter for letter in text if letter in "\n\t" or unicodedata.category(letter) not in _UNPRINTABLE)


def _one_line(value: Any) -> str:
    return " ".join(_printable(value).split())


def _short(field: Field, text: str, limit: int) -> str | None:
    if len(text) > limit:
        raise InvalidInput(
            N_("%(limit)s characters at most; this has %(found)s."), field=field.key, limit=limit, found=len(text)
        )
    return text or None


def _email(field: Field, value: Any) -> str | None:
    address = _line(field, half_width(str(value)))
    if address is not None and not _EMAIL.fullmatch(address):
        raise InvalidInput(N_("Enter an email address like name@example.ac.jp"), field=field.key)
    return address


def _number(field: Field, value: Any) -> int:
    try:
        number = int(unicodedata.normalize("NFKC", str(value)).strip())
    except ValueError:
        number = -1
    if number not in _NUMBERS:
        raise InvalidInput(N_("Enter a whole number"), field=field.key)
    return number


def _tags(field: Field, value: Any) -> list[str] | None:
    seen: dict[str, str] = {}
    # Split once more: a tag with a comma in it would come back from the form as two.
    for tag in split_tags(join_tags(_one_line(tag) for tag in value)):
        seen.setdefault(tag_key(tag), tag)
    _short(field, join_tags(seen.values(), "en"), field.max_length)
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
        if day not in range(7) or not 0 <= start < end <= DAY:
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
        words = [_short(field, _one_line(text or ""), LONGEST_LINE) or "" for text in (organisation, position)]
        rows.append([start, end, *words])
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
