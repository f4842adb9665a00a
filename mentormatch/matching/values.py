"""How the cells of a person's row are read: tags, texts, hours, languages, numbers. A blank cell is never an error."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

from mentormatch.core.errors import InvalidInput
from mentormatch.core.field_kinds import LANGUAGE_LEVELS

Row: TypeAlias = Mapping[str, Any]
"""One person: ``id`` and fields. Values are plain JSON in the shapes of `mentormatch.core.field_kinds.Kind`."""

Window: TypeAlias = tuple[int, int, int]
"""Weekday (0 = Monday), start minute, end minute."""

_SEPARATORS = re.compile(r"[,，、;；\r\n]+")
_MINUTES_PER_DAY = 1440
_DAYS = 7


def is_blank(value: object) -> bool:
    """Whether nothing was answered."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return True
    if isinstance(value, str):
        return not value.strip()
    return isinstance(value, list | tuple | Mapping) and all(is_blank(part) for part in value)


def texts_of(row: Row, field: str) -> tuple[str, ...]:
    """Return the texts of a field, one by one: a list holds several, a career one for each position."""
    value = row.get(field)
    if is_blank(value):
        return ()
    parts = value if isinstance(value, list | tuple) else (value,)
    if any(isinstance(part, Mapping) for part in parts):
        raise InvalidInput(
            "%(person)s, field %(column)s: expected a text or a list of texts, found %(found)s. Correct it or leave it "
            "blank.",
            **_where(row, field, value),
        )
    texts = (
        " ".join(str(word) for word in part if isinstance(word, str)) if isinstance(part, list | tuple) else str(part)
        for part in parts
        if not is_blank(part)
    )
    return tuple(text.strip() for text in texts if text.strip())


def tags_of(row: Row, field: str) -> tuple[str, ...]:
    """Return the tags of a field in the person's own spelling; a single text is split at commas and line breaks."""
    value = row.get(field)
    if is_blank(value):
        return ()
    parts = _SEPARATORS.split(value) if isinstance(value, str) else value
    if not isinstance(parts, list | tuple):
        parts = (parts,)
    if any(isinstance(part, list | tuple | Mapping) for part in parts):
        raise InvalidInput(
            "%(person)s, field %(column)s: expected a list of words, found %(found)s. Correct it or leave it blank.",
            **_where(row, field, value),
        )
    return tuple(dict.fromkeys(str(part).strip() for part in parts if not is_blank(part)))


def hours_of(row: Row, field: str) -> tuple[Window, ...]:
    """Return the free windows of a week, sorted, with overlapping ones joined."""
    value = row.get(field)
    if is_blank(value):
        return ()
    return joined(_window(row, field, part) for part in (value if isinstance(value, list | tuple) else [value]))


def joined(windows: Iterable[Window]) -> tuple[Window, ...]:
    """Return windows sorted, with overlapping ones made one."""
    found: list[Window] = []
    for day, start, end in sorted(windows):
        if found and found[-1][0] == day and start <= found[-1][2]:
            found[-1] = (day, found[-1][1], max(end, found[-1][2]))
        else:
            found.append((day, start, end))
    return tuple(found)


def _window(row: Row, field: str, part: object) -> Window:
    match part:
        case [int(day), int(start), int(end)] if 0 <= day < _DAYS and 0 <= start < end <= _MINUTES_PER_DAY:
            return day, start, end
    raise InvalidInput(
        "%(person)s, field %(column)s: expected free windows as [weekday 0 to 6, start minute, end minute], found "
        "%(found)s. Correct it or leave it blank.",
        **_where(row, field, part),
    )


def languages_of(row: Row, field: str) -> dict[str, int]:
    """Return language code -> level 1 to 4; of a language named twice the higher level counts."""
    value = row.get(field)
    if is_blank(value):
        return {}
    parts = [list(item) for item in value.items()] if isinstance(value, Mapping) else value
    levels: dict[str, int] = {}
    for part in parts if isinstance(parts, list | tuple) else [parts]:
        match part:
            case [str(code), int(level)] if code.strip() and level in LANGUAGE_LEVELS:
                code = code.strip().lower()
                levels[code] = max(level, levels.get(code, 0))
            case _:
                raise InvalidInput(
                    "%(person)s, field %(column)s: expected languages as [code, level 1 to 4], found %(found)s. "
                    "Correct it or leave it blank.",
                    **_where(row, field, part),
                )
    return levels


def number_of(row: Row, field: str, scale: tuple[str, ...] = ()) -> float | None:
    """Return the number in a field, or its place in `scale`; None when blank."""
    value = row.get(field)
    if is_blank(value):
        return None
    if scale:
        if str(value) not in scale:
            raise InvalidInput(
                "%(person)s, field %(column)s: expected one of %(scale)s, found %(found)s. Correct it or leave it "
                "blank.",
                scale=", ".join(scale),
                **_where(row, field, value),
            )
        return float(scale.index(str(value)))
    try:
        number = math.nan if isinstance(value, bool) else float(value)  # type: ignore[arg-type]  # TypeError is caught
    except (TypeError, ValueError):
        number = math.nan
    if not math.isfinite(number):
        raise InvalidInput(
            "%(person)s, field %(column)s: expected a number, found %(found)s. Correct it or leave it blank.",
            **_where(row, field, value),
        )
    return number


def called(row: Row) -> str:
    """Return how errors name a person: the id, and the name where it is known."""
    name = row.get("full_name")
    return f"{name} ({row.get('id')!r})" if name else repr(row.get("id"))


def _where(row: Row, field: str, found: object) -> dict[str, Any]:
    """Return the fields of an error about one cell."""
    return {"field": field, "person": called(row), "column": field, "found": repr(found)}
