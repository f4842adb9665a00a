"""From the value of a field to the text of a cell that is read back as the same value."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from mentormatch.core.fields import BY_KEY, LANGUAGE_LEVELS, Kind
from mentormatch.core.roles import ROLE_LABELS, Role
from mentormatch.core.wording import Language
from mentormatch.sheets.language_names import name_of

_DAYS = {"ja": "月火水木金土日", "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")}


def cell_text(field_key: str, value: object, language: Language) -> str | int | None:
    """Return what to write for `value` of the field `field_key`, in words of `language`.

    `value` has the shape of `core.field_kinds.Kind`; a role is a `Role` or its value. None stays None.
    """
    if value is None or value == []:
        return None
    if field_key == "role":
        return ROLE_LABELS[Role(str(value))].to(language)
    if field_key == "language":
        return name_of(str(value), language)
    writer = _WRITERS.get(BY_KEY[field_key].kind)
    if writer is not None:
        return writer(value, language)
    return value if isinstance(value, int) else str(value)


def _comma(language: Language) -> str:
    return "、" if language == "ja" else ", "


def _tags(value: Any, language: Language) -> str:
    text = _comma(language).join(value)
    # A separator tells that the dots of a lone tag do not separate.
    return text + _comma(language).strip() if len(value) == 1 and "・" in text else text


def _languages(value: Any, language: Language) -> str:
    opening, closing = ("（", "）") if language == "ja" else (" (", ")")
    return _comma(language).join(
        f"{name_of(code, language)}{opening}{LANGUAGE_LEVELS[level].to(language)}{closing}" for code, level in value
    )


def _hours(value: Any, language: Language) -> str:
    return _comma(language).join(
        f"{_DAYS[language][day]} {start // 60}:{start % 60:02}-{end // 60}:{end % 60:02}" for day, start, end in value
    )


def _career(value: Any, language: Language) -> str:
    divider = _comma(language)
    return "\n".join(
        f"{started}-{'' if ended is None else ended} {divider.join(filter(None, (organisation, position)))}"
        for started, ended, organisation, position in value
    )


_WRITERS: Mapping[Kind, Callable[[Any, Language], str]] = {
    Kind.TAGS: _tags,
    Kind.LANGUAGES: _languages,
    Kind.HOURS: _hours,
    Kind.CAREER: _career,
}
