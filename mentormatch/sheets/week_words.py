"""The words for days, parts of the day and clock times, in Japanese and English."""

from __future__ import annotations

import re
from types import MappingProxyType

WEEKDAYS, WEEKEND, DAILY = range(5), range(5, 7), range(7)
DAY_GROUPS = MappingProxyType(
    {"平日": WEEKDAYS, "weekday": WEEKDAYS, "土日": WEEKEND, "週末": WEEKEND, "休日": WEEKEND, "weekend": WEEKEND}
)
ALL_DAY = (540, 1260)
PARTS = (
    (r"早朝|朝|early mornings?", (420, 540)),
    (r"午前中?|mornings?|a\.?m\.?(?![a-z])", (540, 720)),
    (r"昼休み|ランチ(?:タイム)?|お?昼|lunch(?:time| ?break)?s?|noon", (720, 780)),
    (r"午後|afternoons?|p\.?m\.?(?![a-z])", (780, 1020)),
    (r"夕方|early evenings?", (960, 1080)),
    (r"夜間?|晩|evenings?|nights?", (1080, 1260)),
    (r"日中|daytime", (540, 1020)),
    (r"終日|1日中|一日中|全日|all ?day|whole day|full day|何時でも", ALL_DAY),
)
"""Words for a part of the day, and its minutes."""

_JAPANESE_DAYS = "月火水木金土日"
_ENGLISH_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY_NAME = (
    r"[月火水木金土](?:曜日?)?|日(?:曜日?)?(?![中程時])|mon(?:days?)?|tue(?:s(?:days?)?)?|wed(?:nesdays?)?|"
    r"thu(?:rs?(?:days?)?)?|fri(?:days?)?|sat(?:urdays?)?|sun(?:days?)?"
)
_MARK = r"a\.?m\.?|p\.?m\.?"
CLOCK = (
    r"(?:(午前|午後|am|pm)\s*)?(?<!\d)(\d{1,2})(?:\s*(?::|時|h(?=\d))\s*(?:(\d{2})分?|(半))?)?\s*"
    rf"({_MARK})?(?![\d回名人])"
)
"""Five groups: half of the day before, hour, minute, 半, half of the day after."""

_TO = r"\s*(?:~|-|から|to|until|till|through)\s*"
_ONWARDS = r"(?:~|-|以降|以後|から|過ぎ|onwards?|or later|and later|\+)"
_FILLERS = (
    r"祝日?|毎週|曜日?|時間帯?|可能?|希望|対応|ごろ|頃|くらい|のみ|など|または|又は|もしくは|及び|および|以降|"
    r"応相談|要相談|jst|ok|and|or|on|in|at|the|between|only|every|from|には?|"
    r"[のがはとで\s、,，・/&+;:：()（）。.「」|~-]+"
)
TOKEN = re.compile(
    "|".join(
        (
            r"(?P<date>\d{1,4}\s*/\s*\d{1,2}|\d{1,2}\s*月(?:\s*\d{1,2}\s*日)?|\d{4}\s*[-年]\S*|第\s*\d)",
            r"(?P<often>[週月]に?\s*\d(?:\s*[~-]\s*\d)?\s*回(?:程度|まで|くらい)?)",
            r"(?P<always>いつでも|any ?time|随時)",
            r"(?P<daily>毎日|全曜日|曜日は?問わず|every ?day|daily|any ?day)",
            rf"(?P<group>{'|'.join(DAY_GROUPS)})(?:祝日?|s)?",
            rf"(?P<first>{_DAY_NAME})\s*(?:~|-|から|to|through|thru)\s*(?P<last>{_DAY_NAME})(?:まで)?(?![a-z])",
            rf"(?P<day>{_DAY_NAME})(?![a-z])",
            rf"(?P<span>{CLOCK}{_TO}{CLOCK}(?:まで)?)",
            rf"(?P<until>(?:before|until|till|by|~|-)\s*{CLOCK}|{CLOCK}\s*(?:まで|以前|迄))",
            rf"(?P<open>(?P<after>after|from|past|since)\s+{CLOCK}|{CLOCK}\s*{_ONWARDS})",
            rf"(?P<at>{CLOCK})",
            *(f"(?P<part{index}>{words})" for index, (words, _) in enumerate(PARTS)),
            rf"(?P<filler>{_FILLERS})",
            r"(?P<unknown>[a-z]+|.)",
        )
    ),
    re.DOTALL,
)
"""Reads a text that is in lower case; every character belongs to some token."""

EXCEPT = re.compile(r"以外|除く|除き|不可|だめ|無理|難しい|×|✕|except|excluding|\bnot\b|\bno\b|\bng\b|unavailable|busy")
"""Words that turn what a cell says into its opposite."""

_SIGNS = str.maketrans({"〜": "~", "～": "~", "–": "-", "—": "-", "−": "-", "‐": "-", "―": "-", "→": "~"})
_LONG_VOWEL = re.compile(r"(?<=[\d時分半])\s*ー\s*(?=\d|$)")


def unified(text: str) -> str:
    """Return `text` (already NFKC) in lower case with one sign for each kind of dash."""
    return _LONG_VOWEL.sub("~", text.casefold().translate(_SIGNS))


def weekday(name: str) -> int:
    """Return the weekday of a day's name, Monday being 0."""
    if name[0] in _JAPANESE_DAYS:
        return _JAPANESE_DAYS.index(name[0])
    return _ENGLISH_DAYS.index(name[:3])
