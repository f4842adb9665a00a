"""A career as a timeline of positions, from the lines in which people write it."""

from __future__ import annotations

import re

from mentormatch.sheets.characters import is_nothing, plain, trimmed, visible
from mentormatch.sheets.parsed import Finding, Parsed

Entry = list[int | str | None]

_BETWEEN = re.compile(r"[;；\n]|→|⇒|➡")
_MOMENT = r"((?:19|20)\d{2})(?:\s*(?:年度?|[/.\-])\s*(?:\d{1,2}(?!\d)\s*月?)?)?"
_NOW = r"現在|現職|present|now|current|today|date"
_PERIOD = re.compile(
    rf"{_MOMENT}\s*(?:(~|から|to\b|until\b|-)\s*(?:{_MOMENT}|({_NOW}))?(?:まで|年まで)?)?", re.IGNORECASE
)
_SIGNS = str.maketrans({"〜": "~", "～": "~", "–": "~", "—": "~", "−": "~", "‐": "-", "―": "~", "　": " "})
_YEARS_DASH = re.compile(r"(?<=\d)\s*-\s*(?=(?:19|20)\d{2}|" + _NOW + r"|\s|$)", re.IGNORECASE)
_EDGE = re.compile(r"^[\s:：,、.。\-~|・()（）\[\]]+|[\s:：,、;。\-~|・(（\[]+$")
_DIVIDER = re.compile(r"\s*[,，、/／|]\s*|\s+-\s+|\s+as\s+(?:an?\s+)?|\s*[:：]\s*")
_IN_BRACKETS = re.compile(r"(.+?)\s*[(（]([^()（）]+)[)）]\s*")
_JAPANESE = re.compile(r"[ぁ-ヿ一-鿿]")
_COMPANY_WORD = re.compile(r"^(?:株式会社|有限会社|合同会社|学校法人|一般社団法人|独立行政法人|国立大学法人)$")
_JOINED = re.compile(r"\s*(?:に|へ)?(?:新卒)?(?:入社|入行|入職|入庁|転職|勤務)$")
_LONGEST = 200


def career(text: str) -> Parsed[list[Entry]]:
    """Return ``[[from year, to year or None, organisation, position], …]``, newest first.

    One position per line or between semicolons, with its years before or after it:
    ``2016-2019 Minato Data Works, analyst; 2019- Aoba Bank, product manager``, 「2019年4月〜現在　青葉銀行　企画部」.
    A position with a single year lasts until the next one begins.
    """
    text = trimmed(text)
    if is_nothing(text):
        return Parsed(None)
    entries: list[tuple[Entry, bool]] = []
    unread: list[str] = []
    for part in _BETWEEN.split(text):
        if not part.strip(" 　・。.-"):
            continue
        entry = _entry(part)
        if entry is None:
            unread.append(part.strip())
        else:
            entries.append(entry)
    findings = (Finding("career_unread", fields={"part": visible("; ".join(unread))}),) if unread else ()
    return Parsed(_closed(entries) or None, findings)


def _entry(part: str) -> tuple[Entry, bool] | None:
    """Return one position, and whether its end was said."""
    text = _YEARS_DASH.sub("~", plain(part).translate(_SIGNS))
    match = _PERIOD.search(text)
    if match is None:
        return None
    started = int(match.group(1))
    ended = int(match.group(3)) if match.group(3) else None
    rest = _EDGE.sub("", text[: match.start()]) + " " + _EDGE.sub("", text[match.end() :])
    organisation, position = _divided(_EDGE.sub("", rest))
    if not organisation or (ended is not None and ended < started):
        return None
    organisation = _JOINED.sub("", organisation) or organisation
    return [started, ended, organisation[:_LONGEST], position[:_LONGEST]], match.group(2) is not None


def _divided(text: str) -> tuple[str, str]:
    """Return organisation and position."""
    first, *rest = _DIVIDER.split(text, maxsplit=1)
    if rest:
        return first.strip(), rest[0].strip(" ()（）")
    if match := _IN_BRACKETS.fullmatch(text):
        return match.group(1), match.group(2)
    if _JAPANESE.search(text):
        words = text.split(" ")
        size = 2 if _COMPANY_WORD.match(words[0]) else 1
        return " ".join(words[:size]), " ".join(words[size:])
    return text.strip(), ""


def _closed(entries: list[tuple[Entry, bool]]) -> list[Entry]:
    """Return the positions newest first; one with a single year ends where the next begins."""
    ordered = sorted(
        entries, key=lambda item: (int(item[0][0] or 0), item[0][1] is None, int(item[0][1] or 0)), reverse=True
    )
    result: list[Entry] = []
    later: int | None = None
    for entry, is_ended in ordered:
        started = int(entry[0] or 0)
        if not is_ended and later is not None:
            entry[1] = later
        later = started
        result.append(entry)
    return result
