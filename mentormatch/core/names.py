"""Names as people write them: order by language, さん in Japanese, initials."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

_HIRAGANA = {code: code - 0x60 for code in range(0x30A1, 0x30F7)}
_FIRST_EAST_ASIAN = "\u2e80"
_POLITE = ("さん", "ちゃん", "くん", "先生")
_HALF_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}
_SMALL = {code: code + 0x20 for code in range(ord("A"), ord("Z") + 1)} | {0: None}


@dataclass(frozen=True, slots=True)
class Name:
    """The parts of one person's name; any of them may be empty."""

    family: str = ""
    given: str = ""
    family_kana: str = ""
    given_kana: str = ""
    romaji: str = ""
    preferred: str = ""

    @property
    def _east_asian(self) -> bool:
        return any(letter >= _FIRST_EAST_ASIAN for letter in self.family + self.given)

    def full(self, language: str) -> str:
        """Return the whole name: family first as written in Japanese, Latin letters in English."""
        if language != "ja" and self._east_asian and self.romaji:
            return self.romaji
        parts = (self.family, self.given) if self._east_asian else (self.given, self.family)
        return " ".join(part for part in parts if part)

    def parts(self, language: str) -> list[tuple[str, str]]:
        """Return the parts of `full` in their order, each with its reading where a Japanese reader is helped by it."""
        if language != "ja":
            return [(self.full(language), "")]
        parts = [(self.family, self.family_kana), (self.given, self.given_kana)]
        return [part for part in (parts if self._east_asian else reversed(parts)) if part[0]]

    def called(self, language: str) -> str:
        """Return how the person is addressed in a sentence: 森田さん, or Ken in English."""
        if self.preferred:
            polite = language != "ja" or self.preferred.endswith(_POLITE)
            return self.preferred if polite else f"{self.preferred}さん"
        if language == "ja":
            return f"{self.family or self.given}さん"
        return self.full(language).split(" ")[0]

    @property
    def ruby(self) -> tuple[str, str]:
        """Return the readings of family and given name in hiragana, as they stand above the characters."""
        return hiragana(self.family_kana), hiragana(self.given_kana)

    @property
    def initials(self) -> str:
        """Return one or two letters for an avatar: the family name's first character, or Latin initials."""
        if self._east_asian:
            return (self.family or self.given)[:1]
        letters = [part[0].upper() for part in (self.given, self.family) if part]
        return "".join(letters[:2])

    @property
    def sort_key(self) -> str:
        """Return the key by which lists are ordered: kana first, then Latin letters."""
        reading = f"{self.family_kana} {self.given_kana}".strip()
        return reading or unicodedata.normalize("NFKC", f"\uffff{self.family} {self.given}").casefold()


def half_width(text: str) -> str:
    """Return `text` with full-width letters, digits, signs and spaces made half-width, and nothing else changed."""
    return text.translate(_HALF_WIDTH)


def email_key(address: str) -> str:
    """Return the form under which an address is unique: half-width, no NUL, no outer spaces, the letters A to Z small.

    Neither NFKC nor case folding: both would turn ``ſ`` into ``s`` and the Kelvin sign into ``k``, and so one
    person's address into another's.
    """
    return half_width(address).strip().translate(_SMALL)


def hiragana(reading: str) -> str:
    """Return a katakana reading in hiragana."""
    return reading.translate(_HIRAGANA)
