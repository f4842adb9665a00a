"""Words that exist in both languages and travel as data, not as gettext keys."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

Language = Literal["ja", "en"]
LANGUAGES: tuple[Language, ...] = get_args(Language)


@dataclass(frozen=True, slots=True)
class Bilingual:
    """One text in English and Japanese, equals."""

    en: str
    ja: str

    def to(self, language: str) -> str:
        """Return the text in `language`; anything but ``"ja"`` reads English."""
        return self.ja if language == "ja" else self.en
