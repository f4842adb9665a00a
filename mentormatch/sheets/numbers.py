"""Numbers and years as people type them."""

from __future__ import annotations

import re

from mentormatch.sheets.characters import is_nothing, plain
from mentormatch.sheets.parsed import Parsed, one

_UNIT = r"(?:名様?|人|枠|people|persons?|interns?|students?|mentees?)?"
_BEFORE = r"(?:最大|上限|最高|最低|max\.?|min\.?|up to|約|~)?"
_AFTER = r"(?:まで|以内|以下|程度|くらい|max)?"
_NUMBER = re.compile(rf"{_BEFORE}\s*(\d{{1,6}})(?:\.0+)?\s*{_UNIT}\s*{_AFTER}")
_BETWEEN = r"\s*(?:[~〜–—−-]|から|to|or|か)\s*"
_RANGE = re.compile(rf"(\d{{1,4}})\s*{_UNIT}{_BETWEEN}(\d{{1,4}})\s*{_UNIT}\s*{_AFTER}")
_WORDS = {
    word: number
    for number, words in enumerate(
        (
            *("零 〇 zero 不可 受入不可 受け入れ不可", "一 one", "二 two", "三 three", "四 four", "五 five"),
            *("六 six", "七 seven", "八 eight", "九 nine", "十 ten"),
        )
    )
    for word in words.split()
}
_YEAR = re.compile(r"((?:19|20)\d{2})(?:年度?|/|-|\.|\s|卒|$)(?:.{0,20})", re.DOTALL)
_SHORT_YEAR = re.compile(r"'?(\d{2})年?卒(?:業)?")
_ERA = re.compile(r"(令和|平成|昭和|[rhs])\s*\.?(\d{1,2}|元)(?:年|\.|/|$|卒).{0,20}", re.IGNORECASE)
_ERA_STARTS = {"令和": 2019, "r": 2019, "平成": 1989, "h": 1989, "昭和": 1926, "s": 1926}
_PIVOT = 60


def number(text: str, lowest: int = 0, highest: int = 999) -> Parsed[int]:
    """Return a whole number: 3, ３, 2名, 最大３人, 二名, ``up to 3 interns``; of 2〜3名 the larger, with a finding."""
    text = plain(text)
    if is_nothing(text):
        return Parsed(None)
    text = text.casefold()
    if match := _NUMBER.fullmatch(text):
        found = int(match.group(1))
    elif match := _RANGE.fullmatch(text):
        found = max(int(match.group(1)), int(match.group(2)))
        if lowest <= found <= highest:
            return one(found, "number_between", taken=found)
    else:
        word = re.sub(r"[名人]$", "", text)
        if word not in _WORDS:
            return one(None, "number_form")
        found = _WORDS[word]
    if not lowest <= found <= highest:
        return one(None, "number_range", lowest=lowest, highest=highest)
    return Parsed(found)


def year(text: str) -> Parsed[int]:
    """Return a year: 2015, 2015年3月, 2015-03-25; 平成27年 and 27卒 with a finding that says how they were read."""
    text = plain(text)
    if is_nothing(text):
        return Parsed(None)
    if match := _YEAR.fullmatch(text):
        return Parsed(int(match.group(1)))
    if match := _SHORT_YEAR.fullmatch(text):
        short = int(match.group(1))
        found = short + (1900 if short >= _PIVOT else 2000)
        return one(found, "year_read_as", taken=found)
    if match := _ERA.fullmatch(text):
        count = 1 if match.group(2) == "元" else int(match.group(2))
        found = _ERA_STARTS[match.group(1).lower()] + count - 1
        return one(found, "year_read_as", taken=found)
    return one(None, "year_form")
