"""Timetables: columns that are named for a day or a span of the week and hold marks or hours."""

from __future__ import annotations

from mentormatch.sheets.characters import plain
from mentormatch.sheets.free_time import free_time
from mentormatch.sheets.heading_keys import exact

_YES = frozenset(("○", "◯", "〇", "◎", "●", "✓", "✔", "☑", "可", "可能", "ok", "yes", "y", "1", "true", "空き", "空"))
_NO = frozenset(("×", "✕", "✖", "不可", "no", "n", "0", "false", "ng", "無", "なし"))
_LONGEST = 20
_SURE = {"hours_assumed"}


def slot_of(heading: str) -> str | None:
    """Return the day or span that a column is named for (月, ``Tue``, 水 18-20), None if it is named otherwise."""
    lines = [line for line in heading.split("\n") if line.strip()]
    if not lines or len(lines[-1]) > _LONGEST or exact(heading) not in {None, "free_time"}:
        return None
    parsed = free_time(lines[-1])
    is_sure = parsed.value is not None and all(finding.code in _SURE for finding in parsed.findings)
    return lines[-1].strip() if is_sure else None


def in_slot(slot: str, cell: str) -> str:
    """Return what `cell` under `slot` says as free time: ○ under 月 is 月, and 18-20 under 月 is 月 18-20."""
    mark = plain(cell).casefold()
    if not mark or mark in _NO:
        return ""
    return slot if mark in _YES else f"{slot} {cell}"
