"""Names as people write them: one cell or two, either order, readings in any kana."""

from __future__ import annotations

import re
from dataclasses import dataclass

from mentormatch.core.names import half_width
from mentormatch.sheets.characters import plain, to_katakana, trimmed
from mentormatch.sheets.parsed import Parsed, one

_LATIN = re.compile(r"[A-Za-z\u00c0-\u024f\u1e00-\u1eff'’.`\-\s,]+")
_KANA = re.compile(r"[ァ-ヺーヽヾ・=\s]+")
_KATAKANA_PARTS = re.compile(r"[ァ-ヺー]+(?:[・＝=][ァ-ヺー]+)+")
_DASH_IN_KANA = re.compile(r"(?<=[ァ-ヺ])[-‐‑–—―−](?=[ァ-ヺ]|\s|$)")
_BRACKETS = re.compile(r"\s*[(（〔\[【]([^()（）〔〕\[\]【】]*)[)）〕\]】]\s*")
_TITLES = re.compile(
    r"(?<=\S)\s*(?:さん|様|さま|先生|くん)$|\s+(?:氏|殿|君|教授|准教授)$|^(?:mr|mrs|ms|miss|mx|dr|prof)\.?\s+",
    re.IGNORECASE,
)
_COMMA = re.compile(r"\s*[,，、]\s*")
_PARTICLES = frozenset(
    (
        *("van", "von", "der", "den", "zu", "de", "da", "do", "dos", "das", "del", "della", "di", "du", "la", "le"),
        *("ter", "ten", "el", "al", "bin", "binti", "ibn", "ben", "st", "st.", "san", "santa"),
    )
)
_TWO = 2


@dataclass(frozen=True, slots=True)
class Name:
    """A family and a given name, and their reading where the cell holds it in brackets."""

    family: str
    given: str = ""
    kana: str = ""


def is_latin(text: str) -> bool:
    """Say whether `text` is written in Latin letters alone."""
    return bool(text) and _LATIN.fullmatch(text) is not None


def single_name(text: str) -> str:
    """Return one name as it is stored: without title, on one line, Latin letters half-width, kanji untouched."""
    text = " ".join(trimmed(text).replace("\u3000", " ").split())
    half = half_width(text)
    return _TITLES.sub("", half if is_latin(half) else text).strip()


def split_name(text: str) -> Parsed[Name]:
    """Return the family and given name of a full name.

    Japanese names are family first. Latin names are given first, unless a comma says otherwise or one part is in
    capitals: ``Taro Yamada``, ``Yamada, Taro``, ``YAMADA Taro``, ``Taro YAMADA``. Katakana names divided by ・ are
    given first, as Western names are written in Japanese.
    """
    text = " ".join(text.split())
    kana, leftover = "", False
    for content in _BRACKETS.findall(text):
        reading = to_katakana(plain(content))
        kana, leftover = (reading, leftover) if _KANA.fullmatch(reading) else (kana, True)
    text = single_name(_BRACKETS.sub(" ", text))
    if not text:
        return Parsed(None)
    family, given, sure = _parts(text)
    name = Name(family, given, kana)
    if not given:
        return one(name, "name_unsplit")
    return Parsed(name) if sure and not leftover else one(name, "name_guessed", family=family, given=given)


def _parts(text: str) -> tuple[str, str, bool]:
    """Return family, given, and whether the division is beyond doubt."""
    by_comma = [part for part in _COMMA.split(text) if part]
    if len(by_comma) > 1:
        return by_comma[0], " ".join(by_comma[1:]), len(by_comma) == _TWO
    words = text.split(" ")
    if len(words) == 1:
        if _KATAKANA_PARTS.fullmatch(text):
            given, family = re.split(r"[・＝=](?=[^・＝=]+$)", text)
            return family, given, True
        return text, "", False
    if is_latin(text):
        return _latin_parts(words)
    return words[0], " ".join(words[1:]), len(words) == _TWO


def _latin_parts(words: list[str]) -> tuple[str, str, bool]:
    shouted = [word for word in words if word.isupper() and len(word.rstrip(".")) > 1]
    if shouted and len(shouted) < len(words):
        return " ".join(shouted), " ".join(word for word in words if word not in shouted), True
    first_of_family = next(
        (index for index, word in enumerate(words) if index and word.lower() in _PARTICLES and index < len(words) - 1),
        len(words) - 1,
    )
    return " ".join(words[first_of_family:]), " ".join(words[:first_of_family]), True


def kana(text: str) -> Parsed[str]:
    """Return a reading in katakana, whichever kana it was written in; what is not kana is not taken."""
    reading = _DASH_IN_KANA.sub("ー", to_katakana(_TITLES.sub("", plain(text))))
    if not reading:
        return Parsed(None)
    return Parsed(reading) if _KANA.fullmatch(reading) else one(None, "kana_letters")


def split_kana(text: str) -> Parsed[Name]:
    """Return the reading of a full name in two parts."""
    parsed = kana(text)
    if parsed.value is None:
        return Parsed(None, parsed.findings)
    family, _, given = parsed.value.partition(" ")
    if not given and _KATAKANA_PARTS.fullmatch(family):
        given, family = re.split(r"[・=](?=[^・=]+$)", family)
    return Parsed(Name(family, given)) if given else one(Name(family), "kana_unsplit")


def romaji(text: str) -> Parsed[str]:
    """Return a name in Latin letters, half-width; what is not Latin is not taken."""
    text = single_name(half_width(text))
    if not text:
        return Parsed(None)
    return Parsed(text) if is_latin(text) else one(None, "romaji_letters")
