"""Languages and how well someone speaks them, in the many ways in which people say it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mentormatch.sheets.characters import is_nothing, plain, visible
from mentormatch.sheets.language_names import CODE, CODES, NAME, NOT_SPOKEN, level_in
from mentormatch.sheets.parsed import Finding, Parsed

_SEPARATORS = re.compile(r"[、,;/・|。]")
_BRACKETED = re.compile(r"[(\[【「][^()\[\]【】「」]*[)\]】」]")
_FIRST, _FURTHER = 3, 2


def languages(text: str) -> Parsed[list[list[str | int]]]:
    """Return ``[[ISO 639-1 code, level 1..4], …]``: 「日本語（母語）、英語(TOEIC 850)」, ``English (business)``.

    A language without a level is taken as 3 when it is the first and as 2 after that, with a finding. Tests count:
    TOEIC from 800, TOEFL iBT from 95, IELTS from 6.5, JLPT N1 and N2, Eiken from pre-1 are business level.
    """
    if is_nothing(text):
        return Parsed(None)
    levels: dict[str, int | None] = {}
    unread: list[str] = []
    for entry in _entries(text):
        _take(entry, levels, unread)
    findings = []
    if assumed := [code for code, level in levels.items() if level is None]:
        findings.append(Finding("level_assumed", fields={"languages": ", ".join(assumed)}))
    if unread:
        findings.append(Finding("language_unread", fields={"part": visible(", ".join(unread))}))
    first = next(iter(levels), None)
    value: list[list[str | int]] = [
        [code, level or (_FIRST if code == first else _FURTHER)] for code, level in levels.items()
    ]
    return Parsed(value or None, tuple(findings))


def _entries(text: str) -> Iterator[str]:
    """Yield the parts between separators in lower case; separators inside brackets do not count."""
    for line in text.split("\n"):
        line_plain = plain(line).casefold()
        masked = _BRACKETED.sub(lambda match: "_" * len(match.group()), line_plain)
        start = 0
        for end in (*(match.start() for match in _SEPARATORS.finditer(masked)), len(line_plain)):
            if entry := line_plain[start:end].strip(" .。"):
                yield entry
            start = end + 1


def _take(entry: str, levels: dict[str, int | None], unread: list[str]) -> None:
    """Read one entry into `levels`; what names no language tells the level of the one before it."""
    names = list(NAME.finditer(entry)) or list(CODE.finditer(entry))
    if not names:
        level, code = level_in(entry)
        target = code or next(reversed(levels), None)
        if level is None or target is None:
            unread.append(entry)
        elif levels.get(target) is None:
            levels[target] = level
        return
    for index, match in enumerate(names):
        code = CODES.get(match.group(), match.group())
        end = names[index + 1].start() if index + 1 < len(names) else len(entry)
        around = entry if len(names) == 1 else entry[match.end() : end]
        if NOT_SPOKEN.search(around):
            continue
        level, _ = level_in(around)
        levels[code] = max(level or 0, levels.get(code) or 0) or None
