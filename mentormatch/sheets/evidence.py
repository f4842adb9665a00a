"""What the cells of a column say about the field it holds."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from mentormatch.sheets.characters import is_nothing, to_katakana
from mentormatch.sheets.free_time import free_time
from mentormatch.sheets.languages import languages
from mentormatch.sheets.people_words import role

_ADDRESS = re.compile(r"[^\s@＠]{1,80}[@＠][^\s@＠]{1,80}[.．][^\s@＠]{1,80}")
_KANA = re.compile(r"[ァ-ヺー・\s]{2,60}")
_NAME_PART = re.compile(r"[^\s\d@＠、,;/]{1,20}")
_MOST, _HALF = 0.8, 0.5
_LEAST = 2
_TRIES = 40
_LONGEST = 200  # characters: a longer cell is prose


def _is_address(cell: str) -> bool:
    return _ADDRESS.fullmatch(cell.strip()) is not None


def _is_kana(cell: str) -> bool:
    return _KANA.fullmatch(to_katakana(cell.strip())) is not None


def _is_role(cell: str) -> bool:
    return role(cell).value is not None


def _is_language(cell: str) -> bool:
    parsed = languages(cell)
    return parsed.value is not None and not any(finding.code == "language_unread" for finding in parsed.findings)


def _is_free_time(cell: str) -> bool:
    parsed = free_time(cell)
    return parsed.value is not None and not any(
        finding.code.endswith(("_unread", "days_assumed")) for finding in parsed.findings
    )


_TELLING: tuple[tuple[str, Callable[[str], bool]], ...] = (
    ("email", _is_address),
    ("role", _is_role),
    ("free_time", _is_free_time),
    ("languages", _is_language),
    ("full_kana", _is_kana),
)
_REQUIRED: dict[str, Callable[[str], bool]] = {"email": _is_address, "role": _is_role}


def field_of(cells: Sequence[str]) -> str | None:
    """Return the field that most of `cells` look like, None if they do not tell."""
    return next((field for field, test in _TELLING if len(cells) >= _LEAST and _share(cells, test) >= _MOST), None)


def contradicts(field: str, cells: Sequence[str]) -> bool:
    """Say whether `cells` cannot be `field`: most of them do not look like it, though it has a definite look."""
    return field in _REQUIRED and bool(cells) and _share(cells, _REQUIRED[field]) < _HALF


def are_halves(first: Sequence[str], second: Sequence[str]) -> bool:
    """Say whether two columns hold the two parts of names: both filled, single words."""
    return (
        bool(first)
        and len(second) * 2 >= len(first)
        and all(
            _share(cells, lambda cell: _NAME_PART.fullmatch(cell.strip()) is not None) >= _MOST
            for cells in (first, second)
        )
    )


def _share(cells: Sequence[str], test: Callable[[str], bool]) -> float:
    tried = [cell for cell in cells[:_TRIES] if not is_nothing(cell)]
    return sum(len(cell) <= _LONGEST and test(cell) for cell in tried) / len(tried) if tried else 0.0
