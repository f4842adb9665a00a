"""What characters do to a cell: widths, kana, invisible ones, and the normal forms that comparisons use."""

from __future__ import annotations

import re
import unicodedata

_HIRAGANA_TO_KATAKANA = {code: code + 0x60 for code in (*range(0x3041, 0x3097), 0x309D, 0x309E)}
_INVISIBLE = dict.fromkeys((0xFEFF, 0x200B, 0x2060, 0x00AD, *range(0x202A, 0x202F), *range(0x2066, 0x206A)))
_LOST = re.compile("[\x00\ufffd\ud800-\udfff]")
_CONTROL = re.compile("[\x01-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_STACKED_MARKS = re.compile(
    "[\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u064b-\u065f\u0e31-\u0e4e\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff"
    "\u3099\u309a\ufe20-\ufe2f]{9}"
)
_LONGEST_NOTHING = 12
_MARKED = re.compile("[ -\u02ff\u1e00-\u1eff\u3041-\u30ff][\u0300-\u036f\u3099\u309a]+")
_GARBLED = re.compile("(?:[縺繧繝][^\x00-\x7f]){2}|Ã[\u00a1-\u00bf]|(?:ã[\u0080-\u00bf\u0152-\u2122]{1,2}){2}")
NOTHING = frozenset(
    (
        "",
        "-",
        "--",
        "ー",
        "―",
        "—",
        "–",
        "なし",
        "無し",
        "特になし",
        "特に無し",
        "該当なし",
        "n/a",
        "na",
        "none",
        "null",
    )
)
"""Cells that say, in so many words, that there is nothing to say (after `plain` and casefold)."""


def to_katakana(text: str) -> str:
    """Return `text` with hiragana and half-width katakana as full-width katakana."""
    return unicodedata.normalize("NFKC", text).translate(_HIRAGANA_TO_KATAKANA)


def plain(text: str) -> str:
    """Return `text` in NFKC without invisible characters, its ends trimmed and runs of blanks made one space.

    Line breaks count as blanks.
    """
    if text.isascii():
        return " ".join(text.split())
    return " ".join(unicodedata.normalize("NFKC", text.translate(_INVISIBLE)).split())


def folded(text: str) -> str:
    """Return the form in which two texts are the same to a reader: `plain`, without regard to case or blanks."""
    return plain(text).casefold().replace(" ", "")


def trimmed(text: str) -> str:
    """Return `text` without invisible and control characters, with plain line breaks and trimmed ends.

    Direction overrides (U+202E and its kin) go too: they make a page show what is not there.
    """
    if text.isascii() and text.isprintable():
        return text.strip()
    text = text.replace("\r\n", "\n").replace("\r", "\n").translate(_INVISIBLE)
    return composed(_CONTROL.sub("", text)).strip()


def composed(text: str) -> str:
    """Return `text` with marks that follow their letter joined to it (a Mac writes が and é so), all else unchanged.

    NFC would do more: it replaces characters of names, such as 塚 (U+FA10), by their common siblings.
    """
    return _MARKED.sub(lambda match: unicodedata.normalize("NFC", match.group()), text)


def is_lost(text: str) -> bool:
    """Say whether `text` holds what no database keeps or what an earlier conversion destroyed.

    That is NUL, U+FFFD, half a surrogate pair, and UTF-8 once read as something else (縺薙ｓ, ã“ã‚“).
    """
    if text.isascii():
        return "\0" in text
    return _LOST.search(text) is not None or _GARBLED.search(text) is not None


def has_stacked_marks(text: str) -> bool:
    """Say whether `text` piles combining marks on one letter beyond any script's use."""
    return not text.isascii() and _STACKED_MARKS.search(text) is not None


def is_nothing(text: str) -> bool:
    """Say whether a cell is empty or says that there is nothing to say: ``-``, ``N/A``, ``特になし``."""
    return len(text) <= _LONGEST_NOTHING and plain(text).casefold() in NOTHING


def storable(text: str) -> str:
    """Return `text` without control characters (but TAB and line breaks); half a surrogate pair becomes U+FFFD."""
    return _SURROGATE.sub("\ufffd", _CONTROL.sub("", text).replace("\0", ""))


def visible(text: str, length: int = 60) -> str:
    """Return `text` for quoting in a message: one line, what does not show as U+FFFD, cut to `length` characters."""
    text = " ".join(text[: length * 4].translate(_INVISIBLE).split())
    shown = _SURROGATE.sub("\ufffd", _CONTROL.sub("\ufffd", text).replace("\0", "\ufffd"))
    return shown if len(shown) <= length else shown[:length] + "…"
