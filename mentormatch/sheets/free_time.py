"""Free time of a week, in the many ways in which people say it."""

from __future__ import annotations

import re
from typing import Literal

from mentormatch.sheets import week_words as words
from mentormatch.sheets.characters import is_nothing, plain, visible
from mentormatch.sheets.parsed import Finding, Parsed

Hours = list[list[int]]
Clock = tuple[str | None, ...]
Groups = dict[str, str | None]

_EARLIEST, _LATEST = 540, 1320  # where a span with one open end begins or stops
_HOUR, _DAY = 60, 1440
_HALF_DAY = 12
_EVENING_BEFORE = 8  # "after 6" is said of the evening, "after 9" of the morning


def free_time(text: str) -> Parsed[Hours]:
    """Return ``[[weekday, start minute, end minute], …]``, sorted, without overlaps; Monday is 0.

    Understood are days, groups and ranges of days (金, 月〜水, 平日, ``Mon-Fri``), spans (18時〜20時, ``6-8pm``) and
    parts of the day (夜, ``evenings``). Morning is 9–12, afternoon 13–17, evening 18–21, a day without hours 9–21
    with a finding; hours without a day mean Monday to Friday, with a finding. A cell with dates, or one that says when
    somebody is *not* free, is not guessed at.
    """
    if is_nothing(text):
        return Parsed(None)
    text = words.unified(plain(text))
    if words.EXCEPT.search(text):
        return Parsed(None, (Finding("hours_unread", fields={"part": visible(text)}),))
    reader = _Reader()
    for match in words.TOKEN.finditer(text):
        reader.take(match)
    return reader.result()


class _Reader:
    """Collects days and hours in the order in which they are said, and pairs them at the end."""

    def __init__(self) -> None:
        self._said: list[tuple[Literal["days", "hours"], list[int]]] = []  # weekdays, or start and end
        self._unread: list[str] = []
        self._has_date = False
        self._assumed: set[str] = set()

    def take(self, match: re.Match[str]) -> None:
        """Take the next token."""
        if match.lastgroup in {"unknown", "filler"}:  # most of prose
            self._unread.extend([match.group()] * (match.lastgroup == "unknown"))
            return
        groups = match.groupdict()
        days = _days(groups)
        if groups["always"]:
            if not self._said or self._said[-1][0] == "hours":
                self._said.append(("days", list(words.DAILY)))
            self._said.append(("hours", list(words.ALL_DAY)))
        elif days:
            self._said.append(("days", days))
        elif groups["date"]:
            self._has_date = True
            self._unread.append(match.group())
        elif not groups["often"]:
            self._take_hours(match, groups)

    def _take_hours(self, match: re.Match[str], groups: Groups) -> None:
        part = next((index for index in range(len(words.PARTS)) if groups[f"part{index}"]), None)
        hours = _hours(match.group(), groups) if part is None else words.PARTS[part][1]
        if hours is None:
            self._unread.append(match.group())
            return
        if groups["at"]:
            self._assumed.add("hours_assumed")
        self._said.append(("hours", list(hours)))

    def result(self) -> Parsed[Hours]:
        """Return what was collected."""
        found = [] if self._has_date else self._paired()
        findings = [Finding(code) for code in sorted(self._assumed)] if found else []
        if self._unread:
            findings.append(Finding("hours_unread", fields={"part": visible(" ".join(self._unread))}))
        return Parsed(_merged(found) or None, tuple(findings))

    def _paired(self) -> list[tuple[int, int, int]]:
        """Give hours to days; whoever says the hours first (6-8pm on Fridays) says so throughout."""
        said = self._said
        kinds = {kind for kind, _ in said}
        if kinds == {"hours"}:
            self._assumed.add("days_assumed")
            said = [("days", list(words.WEEKDAYS)), *said]
        elif said and said[0][0] == "hours":
            said = said[::-1]
        if said and said[-1][0] == "days" and not self._unread:
            self._assumed.add("hours_assumed")
            said = [*said, ("hours", list(words.ALL_DAY))]
        found: list[tuple[int, int, int]] = []
        days: list[int] = []
        is_new = True
        for kind, values in said:
            if kind == "days":
                days = values if is_new else days + values
            else:
                found.extend((day, values[0], values[1]) for day in days)
            is_new = kind == "hours"
        return found


def _days(groups: Groups) -> list[int]:
    """Return the weekdays that a token means, none if it means something else."""
    if groups["first"] and groups["last"]:
        first, last = words.weekday(groups["first"]), words.weekday(groups["last"])
        return [(first + step) % 7 for step in range((last - first) % 7 + 1)]
    if groups["day"]:
        return [words.weekday(groups["day"])]
    if groups["group"]:
        return list(words.DAY_GROUPS[groups["group"]])
    return list(words.DAILY) if groups["daily"] else []


def _hours(text: str, groups: Groups) -> tuple[int, int] | None:
    """Return the start and end minute of a span, an open span or a single time; None if there is no such time."""
    clocks = [match.groups() for match in re.finditer(words.CLOCK, text)]
    first = _minute(clocks[0])
    if first is None:
        return None
    hours: tuple[int, int] | None = (first, first + _HOUR)
    if groups["span"]:
        hours = _span(clocks[0], clocks[1])
    elif groups["until"]:
        hours = (_EARLIEST, first)
    elif groups["open"]:
        if groups["after"] and first < _EVENING_BEFORE * _HOUR and not _half(clocks[0]):
            first += _HALF_DAY * _HOUR
        hours = (first, max(_LATEST, min(first + 2 * _HOUR, _DAY)))
    return hours if hours is not None and 0 <= hours[0] < hours[1] <= _DAY else None


def _half(clock: Clock) -> str:
    """Return ``"a"`` for morning, ``"p"`` for afternoon, ``""`` if the clock does not say."""
    mark = clock[0] or clock[4] or ""
    return {"午前": "a", "午後": "p"}.get(mark, mark[:1])


def _minute(clock: Clock, half: str | None = None) -> int | None:
    """Return the minute of the day; 24:00 is its end."""
    hour = int(clock[1] or 0)
    minute = _HOUR // 2 if clock[3] else int(clock[2] or 0)
    half = _half(clock) if half is None else half
    if half and hour <= _HALF_DAY:
        hour = hour % _HALF_DAY + (_HALF_DAY if half == "p" else 0)
    return hour * _HOUR + minute if minute < _HOUR and hour * _HOUR + minute <= _DAY else None


def _span(first: Clock, last: Clock) -> tuple[int, int] | None:
    """Return the span of two clocks, of which either may say which half of the day both mean: 6-8pm, 午後6時〜8時."""
    start, end = _minute(first), _minute(last)
    if start is None or end is None:
        return None
    if _half(first) and not _half(last) and end <= start:
        end = _minute(last, _half(first))
    elif _half(last) and not _half(first):
        candidate = _minute(first, _half(last))
        start = candidate if candidate is not None and candidate < end else start
    return None if end is None else (start, end)


def _merged(found: list[tuple[int, int, int]]) -> Hours:
    merged: Hours = []
    for day, start, end in sorted(found):
        if merged and merged[-1][0] == day and start <= merged[-1][2]:
            merged[-1][2] = max(merged[-1][2], end)
        else:
            merged.append([day, start, end])
    return merged
