"""Free time of a week, in the many ways in which people say it."""

from __future__ import annotations

import re
from types import MappingProxyType

from mentormatch.sheets.characters import is_nothing, plain, visible
from mentormatch.sheets.parsed import Finding, Parsed

Hours = list[list[int]]

_WEEKDAYS, _WEEKEND, _DAILY = range(5), (5, 6), range(7)
_DAY_GROUPS = MappingProxyType(
    {"平日": _WEEKDAYS, "weekday": _WEEKDAYS, "土日": _WEEKEND, "週末": _WEEKEND, "休日": _WEEKEND, "weekend": _WEEKEND}
)
_JAPANESE_DAYS = "月火水木金土日"
_ENGLISH_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_MORNING, _EVENING, _ALL_DAY = (540, 720), (1080, 1260), (540, 1260)
_PARTS = (
    (r"早朝|朝|early mornings?", (420, 540)),
    (r"午前中?|mornings?|a\.?m\.?(?![a-z])", _MORNING),
    (r"昼休み|ランチ(?:タイム)?|お?昼|lunch(?:time| ?break)?s?|noon", (720, 780)),
    (r"午後|afternoons?|p\.?m\.?(?![a-z])", (780, 1020)),
    (r"夕方|early evenings?", (960, 1080)),
    (r"夜間?|晩|evenings?|nights?", _EVENING),
    (r"日中|daytime", (540, 1020)),
    (r"終日|1日中|一日中|全日|all ?day|whole day|full day|何時でも", _ALL_DAY),
)
_LATEST, _EARLIEST = 1320, 540
_HALF_DAY = 12
_DAY = 1440
_ENGLISH_EVENING_BEFORE = 8

_CLOCK = r"(?:(午前|午後|am|pm)\s*)?(\d{1,2})(?:\s*(?::|時|h(?=\d))\s*(?:(\d{2})分?|(半))?)?\s*(a\.?m\.?|p\.?m\.?)?(?![\d回名人])"
_TO = r"\s*(?:~|-|から|to|until|till|through)\s*"
_DAY_NAME = (
    r"[月火水木金土](?:曜日?)?|日(?:曜日?)?(?![中程時])|"
    r"mon(?:days?)?|tue(?:s(?:days?)?)?|wed(?:nesdays?)?|thu(?:rs?(?:days?)?)?|fri(?:days?)?|sat(?:urdays?)?|sun(?:days?)?"
)
_TOKEN = re.compile(
    "|".join(
        (
            r"(?P<date>\d{1,4}\s*/\s*\d{1,2}(?:\s*/\s*\d{1,2})?|\d{1,2}\s*月(?:\s*\d{1,2}\s*日)?|\d{4}\s*[-年]\S*|第\s*\d)",
            r"(?P<often>[週月]に?\s*\d(?:\s*[~-]\s*\d)?\s*回(?:程度|まで|くらい)?)",
            r"(?P<always>いつでも|any ?time|随時)",
            r"(?P<daily>毎日|全曜日|曜日(?:は)?問わず|every ?day|daily|any ?day)",
            r"(?P<group>平日|土日|週末|休日|weekday|weekend)(?:祝日?|s)?",
            rf"(?P<first>{_DAY_NAME})\s*(?:~|-|から|to|through|thru)\s*(?P<last>{_DAY_NAME})(?:まで)?(?![a-z])",
            rf"(?P<day>{_DAY_NAME})(?![a-z])",
            rf"(?P<span>{_CLOCK}{_TO}{_CLOCK}(?:まで)?)",
            rf"(?P<until>(?:before|until|till|by|~|-)\s*{_CLOCK}|{_CLOCK}\s*(?:まで|以前|迄))",
            rf"(?P<open>(?P<after>after|from|past|since)\s+{_CLOCK}|{_CLOCK}\s*(?:~|-|以降|以後|から|過ぎ|onwards?|or later|and later|\+))",
            rf"(?P<at>{_CLOCK})",
            *(f"(?P<part{index}>{words})" for index, (words, _) in enumerate(_PARTS)),
            r"(?P<filler>祝日?|毎週|曜日?|時間帯?|可能?|希望|対応|ごろ|頃|くらい|のみ|など|または|又は|もしくは|及び|および|以降|応相談|要相談|jst|ok|and|or|on|in|at|the|between|only|every|"
            r"from|には?|[のがはとで\s、,，・/&+;:：()（）。.「」|~-]+)",
            r"(?P<unknown>[a-z]+|.)",
        )
    ),
    re.IGNORECASE | re.DOTALL,
)
_EXCEPT = re.compile(
    r"以外|除く|除き|不可|だめ|無理|難しい|×|✕|except|excluding|\bnot\b|\bno\b|\bng\b|unavailable|busy", re.IGNORECASE
)
_SIGNS = str.maketrans({"〜": "~", "～": "~", "–": "-", "—": "-", "−": "-", "‐": "-", "―": "-", "→": "~"})
_LONG_VOWEL = re.compile(r"(?<=[\d時分半])\s*ー\s*(?=\d|$)")


def free_time(text: str) -> Parsed[Hours]:
    """Return ``[[weekday, start minute, end minute], …]``, sorted, without overlaps; Monday is 0.

    Understood are days, groups and ranges of days (金, 月〜水, 平日, ``Mon-Fri``, ``weekend``), spans (18時〜20時, ``6-8pm``,
    18:00以降) and parts of the day (夜, ``evenings``). Morning is 9–12, afternoon 13–17, evening 18–21, a day without
    hours 9–21 with a finding; hours without a day mean Monday to Friday, with a finding. A cell with dates, or one that
    says when somebody is *not* free, is not guessed at.
    """
    if is_nothing(text):
        return Parsed(None)
    text = _LONG_VOWEL.sub("~", plain(text).casefold().translate(_SIGNS))
    if _EXCEPT.search(text):
        return Parsed(None, (Finding("hours_unread", fields={"part": visible(text)}),))
    reader = _Reader()
    for match in _TOKEN.finditer(text):
        reader.take(match)
    return reader.result()


class _Reader:
    """Collects days and hours in the order in which they are said, and pairs them at the end."""

    def __init__(self) -> None:
        self._said: list[tuple[str, list[int]]] = []  # ("days", weekdays) or ("hours", [start, end])
        self._unread: list[str] = []
        self._has_date = False
        self._assumed: set[str] = set()

    def take(self, match: re.Match[str]) -> None:
        """Take the next token."""
        groups = match.groupdict()
        if groups["first"]:
            first, last = _day(groups["first"]), _day(groups["last"])
            self._said.append(("days", [(first + step) % 7 for step in range((last - first) % 7 + 1)]))
        elif groups["day"]:
            self._said.append(("days", [_day(groups["day"])]))
        elif groups["group"]:
            self._said.append(("days", list(_DAY_GROUPS[groups["group"]])))
        elif groups["daily"]:
            self._said.append(("days", list(_DAILY)))
        elif groups["always"]:
            if not self._said or self._said[-1][0] == "hours":
                self._said.append(("days", list(_DAILY)))
            self._said.append(("hours", list(_ALL_DAY)))
        elif groups["date"] or groups["unknown"]:
            self._has_date |= groups["date"] is not None
            self._unread.append(match.group())
        elif not (groups["filler"] or groups["often"]):
            self._take_hours(match, groups)

    def _take_hours(self, match: re.Match[str], groups: dict[str, str | None]) -> None:
        part = next((index for index in range(len(_PARTS)) if groups[f"part{index}"]), None)
        hours = _hours(match.group(), groups) if part is None else _PARTS[part][1]
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
            said = [("days", list(_WEEKDAYS)), *said]
        elif kinds == {"days"} and not self._unread:
            self._assumed.add("hours_assumed")
            said = [*said, ("hours", list(_ALL_DAY))]
        elif said and said[0][0] == "hours":
            said = said[::-1]
        found: list[tuple[int, int, int]] = []
        days: list[int] = []
        is_new = True
        for kind, values in said:
            if kind == "days":
                days = values if is_new else days + values
            else:
                found.extend((day, values[0], values[1]) for day in days)
            is_new = kind == "hours"
        if said and said[-1][0] == "days" and "hours" in kinds and not self._unread:
            self._assumed.add("hours_assumed")
            found.extend((day, *_ALL_DAY) for day in days)
        return found


def _day(name: str) -> int:
    if name[0] in _JAPANESE_DAYS:
        return _JAPANESE_DAYS.index(name[0])
    return _ENGLISH_DAYS.index(name[:3])


def _hours(text: str, groups: dict[str, str | None]) -> tuple[int, int] | None:
    """Return the start and end minute of a span, an open span or a single time; None if there is no such time."""
    clocks = [match.groups() for match in re.finditer(_CLOCK, text)]
    first = _minute(clocks[0])
    if first is None:
        return None
    if groups["span"]:
        hours = _span(clocks[0], clocks[1])
    elif groups["until"]:
        hours = (_EARLIEST, first)
    elif groups["open"]:
        if groups["after"] and first < _ENGLISH_EVENING_BEFORE * 60 and not (clocks[0][0] or clocks[0][4]):
            first += _HALF_DAY * 60  # "after 6" is said of the evening
        hours = (first, max(_LATEST, min(first + 120, _DAY)))
    else:
        hours = (first, first + 60)
    return hours if hours is not None and 0 <= hours[0] < hours[1] <= _DAY else None


Clock = tuple[str | None, ...]


def _half(clock: Clock) -> str:
    """Return ``"a"`` for morning, ``"p"`` for afternoon, ``""`` if the clock does not say."""
    mark = clock[0] or clock[4] or ""
    return {"午前": "a", "午後": "p"}.get(mark, mark[:1])


def _minute(clock: Clock, half: str | None = None) -> int | None:
    hour = int(clock[1] or 0)
    minute = 30 if clock[3] else int(clock[2] or 0)
    half = _half(clock) if half is None else half
    if minute >= 60 or hour > 24:
        return None
    if half and hour <= _HALF_DAY:
        hour = hour % _HALF_DAY + (_HALF_DAY if half == "p" else 0)
    return hour * 60 + minute


def _span(first: Clock, last: Clock) -> tuple[int, int] | None:
    """Return the span of two clocks, of which either may say which half of the day both mean: 6-8pm, 午後6時〜8時."""
    start_half, end_half = _half(first), _half(last)
    start, end = _minute(first), _minute(last)
    if start is None or end is None:
        return None
    if start_half and not end_half and end <= start:
        end = _minute(last, start_half)
    elif end_half and not start_half:
        candidate = _minute(first, end_half)
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
