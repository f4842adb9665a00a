"""Stored answers as people read them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from babel import Locale
from babel.dates import get_day_names

from mentormatch.core.field_kinds import LANGUAGE_LEVELS, Field, Kind, Owner
from mentormatch.core.fields import fields_for
from mentormatch.core.roles import Role

_HOUR = 60


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer, ready for a page: `kind` decides how it is laid out, `lines` hold the words."""

    key: str
    label: str
    kind: str
    lines: list[str]
    shown: bool
    """Whether the other side of a match sees it."""


def shown_answers(role: Role, profile: Mapping[str, Any], language: str, *, everything: bool = False) -> list[Answer]:
    """Return the answers of a profile in words.

    Parameters
    ----------
    everything:
        Whether fields that the other side of a match does not see are included.
    """
    return [
        Answer(
            key=field.key,
            label=field.label.to(language),
            kind=field.kind.value,
            lines=in_words(field, profile[field.key], language),
            shown=field.shown,
        )
        for field in fields_for(role, Owner.PROFILE)
        if profile.get(field.key) and (everything or field.shown)
    ]


def hidden_labels(role: Role, language: str) -> list[str]:
    """Return the names of the fields that the other side of a match never sees, whether they are answered or not."""
    return [field.label.to(language) for field in fields_for(role) if not field.shown]


def in_words(field: Field, value: Any, language: str) -> list[str]:
    """Return one stored answer in words, a line or an entry each."""
    if field.kind is Kind.TAGS:
        return [str(tag) for tag in value]
    if field.kind is Kind.LANGUAGES:
        return [_language(code, level, language) for code, level in value]
    if field.kind is Kind.HOURS:
        return [window(day, start, end, language) for day, start, end in value]
    if field.kind is Kind.CAREER:
        return [_station(row, language) for row in value]
    return [str(value)]


def _language(code: str, level: int, language: str) -> str:
    name = Locale(language).languages.get(code, code)
    grade = LANGUAGE_LEVELS[level].to(language)
    return f"{name}（{grade}）" if language == "ja" else f"{name} ({grade})"


def window(day: int, start: int, end: int, language: str) -> str:
    """Return one window of free time in words: 金 18:00–20:00, Fri 18:00–20:00."""
    return f"{get_day_names('abbreviated', locale=language)[day]} {_clock(start)}–{_clock(end)}"


def _clock(minutes: int) -> str:
    return f"{minutes // _HOUR}:{minutes % _HOUR:02}"


def _station(row: list[Any], language: str) -> str:
    start, end, organisation, position = row
    until = {"ja": "現在"}.get(language, "now") if end is None else str(end)
    joint = "・" if language == "ja" else ", "
    return f"{start}–{until}  {joint.join(part for part in (organisation, position) if part)}"
