"""From the text of a cell to the value of a field, in the JSON shapes of `core.field_kinds.Kind`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from mentormatch.core.fields import BY_KEY, Field, Kind
from mentormatch.core.names import half_width
from mentormatch.sheets import people_words
from mentormatch.sheets.career import career
from mentormatch.sheets.characters import has_stacked_marks, is_lost, is_nothing, trimmed
from mentormatch.sheets.free_time import free_time
from mentormatch.sheets.languages import languages
from mentormatch.sheets.names import Name, kana, romaji, single_name, split_kana, split_name
from mentormatch.sheets.numbers import number, year
from mentormatch.sheets.parsed import Parsed, one
from mentormatch.sheets.tags import tags

Json = str | int | list["Json"] | None
"""What the value of a profile field is made of."""

Parser = Callable[[str], Parsed[Any]]

_EXCEL_ERRORS = frozenset(
    ("#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NULL!", "#NUM!", "#SPILL!", "#CALC!", "#ERROR!", "#FIELD!")
)
_KEPT = 20_000  # parsed cells: roles, faculties and interests repeat, e-mail addresses do not
_LONGEST_KEPT = 200
_MOST_WORDY = 4  # the text of a cell is at most so many times longer than what it may mean
_NOT_REPEATED = frozenset({"email", "full_name", "full_kana", "number", "romaji"})


def _line(text: str) -> Parsed[str]:
    return Parsed(None if is_nothing(text) else " ".join(trimmed(text).split()))


def _text(text: str) -> Parsed[str]:
    return Parsed(None if is_nothing(text) else trimmed(text))


def _tags(text: str) -> Parsed[list[str]]:
    return Parsed(tags(text) or None)


def _name(text: str) -> Parsed[str]:
    return Parsed(single_name(text) or None)


def _half_width(text: str) -> Parsed[str]:
    return _line(half_width(text))


_BY_FIELD: Mapping[str, Parser] = {
    "full_name": split_name,
    "family_name": _name,
    "given_name": _name,
    "preferred_name": _name,
    "full_kana": split_kana,
    "family_kana": kana,
    "given_kana": kana,
    "romaji": romaji,
    "role": people_words.role,
    "language": people_words.message_language,
    "number": _half_width,
    "year": _half_width,
    "graduation_year": year,
}
_BY_KIND: Mapping[Kind, Parser] = {
    Kind.LINE: _line,
    Kind.TEXT: _text,
    Kind.TAGS: _tags,
    Kind.LANGUAGES: languages,
    Kind.HOURS: free_time,
    Kind.NUMBER: number,
    Kind.EMAIL: people_words.email,
    Kind.CAREER: career,
}


def damage(text: str) -> str | None:
    """Return the code of what makes a cell unusable whatever its field, None if nothing does."""
    if text[:1] == "#" and text in _EXCEL_ERRORS:
        return "excel_error"
    if is_lost(text):
        return "lost_characters"
    return "stacked_marks" if has_stacked_marks(text) else None


class Values:
    """Parses cells of one sheet; cells that repeat are parsed once.

    Parameters
    ----------
    choices:
        Field key → the values that are allowed; a field of kind CHOICE without any takes every text.
    """

    def __init__(self, choices: Mapping[str, Sequence[str]] | None = None) -> None:
        self._choices = choices or {}
        self._parsed: dict[tuple[str, str], Parsed[Any]] = {}

    def parse(self, field_key: str, text: str) -> Parsed[Any]:
        """Return the value of the field `field_key` that `text` means.

        ``full_name`` and ``full_kana`` give a `names.Name`, ``role`` a Role, the others plain JSON.
        """
        place = (field_key, text)
        if (known := self._parsed.get(place)) is not None:
            return known
        parsed = self._parse(BY_KEY[field_key], text)
        if len(self._parsed) < _KEPT and field_key not in _NOT_REPEATED and len(text) <= _LONGEST_KEPT:
            self._parsed[place] = parsed
        return parsed

    def _parse(self, field: Field, text: str) -> Parsed[Any]:
        if code := damage(text):
            return one(None, code)
        if len(text) > _MOST_WORDY * field.max_length:
            return one(None, "too_long", limit=field.max_length, length=len(text))
        if parser := _BY_FIELD.get(field.key):
            parsed = parser(text)
        elif field.kind is Kind.CHOICE:
            parsed = people_words.choice(text, self._choices.get(field.key, ()))
        else:
            parsed = _BY_KIND[field.kind](text)
        length, limit = _length(parsed.value), field.max_length
        if isinstance(parsed.value, Name):
            limit = BY_KEY["family_name"].max_length  # each half has its own place
        return one(None, "too_long", limit=limit, length=length) if length > limit else parsed


def _length(value: object) -> int:
    """Return how many characters `value` holds."""
    if isinstance(value, str):
        return len(value)
    if isinstance(value, Name):
        return max(len(value.family), len(value.given))
    return sum(map(_length, value)) if isinstance(value, list) else 0
