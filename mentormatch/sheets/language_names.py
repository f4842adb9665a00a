"""The names of languages in Japanese and English, and the words for how well somebody speaks one."""

from __future__ import annotations

import re
from types import MappingProxyType

from babel import Locale

_ALSO = MappingProxyType(
    {
        "ja": "jpn",
        "en": "eng 英会話",
        "zh": "北京語 普通話 広東語 台湾華語 中文 mandarin cantonese",
        "ko": "朝鮮語 ハングル 한국어",
        "fr": "仏語 français",
        "de": "独語 deutsch",
        "es": "西語 español castilian",
        "pt": "葡語",
        "it": "伊語",
        "ru": "露語",
        "id": "bahasa",
        "ms": "マレーシア語",
        "tl": "フィリピノ語 フィリピン語 filipino tagalog タガログ語",
        "hi": "ヒンディ語",
        "si": "sinhalese",
        "my": "ビルマ語",
        "km": "カンボジア語",
        "lo": "ラオス語",
        "fa": "ペルシャ語 farsi",
        "el": "ギリシャ語",
    }
)
_NATIVE = "母語|母国語|ネイティブ|native|mother|第一言語|バイリンガル|bilingual|first language"
_MIDDLE = (
    "準2級|準二級|2級|二級|中級|日常会話|会話レベル|会話程度|会話可|まあまあ|conversational|intermediate|everyday|daily|"
    "b1|b2|n3"
)
_BUSINESS = (
    "準1級|準一級|1級|一級|ビジネス|業務|仕事|上級|流暢|堪能|得意|business|fluent|advanced|professional|proficient|upper|"
    "c1|c2|n1|n2"
)
_BASIC = (
    "3級|4級|5級|三級|四級|あいさつ|挨拶|初級|基礎|入門|片言|少し|勉強中|学習中|basic|beginner|elementary|novice|little|"
    "a1|a2|n4|n5"
)
_LEVELS = tuple(
    (level, re.compile(rf"(?<![a-z0-9準])(?:{words})(?![0-9])"))
    for level, words in ((4, _NATIVE), (2, _MIDDLE), (3, _BUSINESS), (1, _BASIC))
)
_SCORES = (
    (re.compile(r"toeic\D{0,12}(\d{3})"), "en", (0, 600, 800)),
    (re.compile(r"toefl\D{0,12}(\d{2,3})(?!\d)"), "en", (0, 70, 95)),
    (re.compile(r"ielts\D{0,12}(\d(?:\.\d)?)"), "en", (0, 5, 6.5)),
    (re.compile(r"hsk\D{0,4}(\d)"), "zh", (0, 3, 5)),
    (re.compile(r"topik\D{0,4}(\d)"), "ko", (0, 3, 5)),
)
NOT_SPOKEN = re.compile(r"不可|なし|できない|できません|話せない|×|\b(?:none|no|not)\b")
"""Says that a language is not spoken at all."""


def name_of(code: str, language: str) -> str:
    """Return what `language` calls the language of an ISO 639-1 code; the code itself if it has no name."""
    return str(Locale.parse(language).languages.get(code, code))


def _codes() -> MappingProxyType[str, str]:
    """Return name in lower case → ISO 639-1 code."""
    codes = {
        name.casefold(): code
        for language in ("en", "ja")
        for code, name in Locale.parse(language).languages.items()
        if len(code) == 2 and name.casefold() != code  # noqa: PLR2004  # ISO 639-1 is the codes of two letters
    }
    codes.update({name: code for code, names in _ALSO.items() for name in names.split()})
    return MappingProxyType(codes)


CODES = _codes()
NAME = re.compile(
    "|".join(
        rf"(?<![a-z]){re.escape(name)}(?![a-z])" if name[0] < "\u0250" else re.escape(name)
        for name in sorted(CODES, key=len, reverse=True)
    )
)
CODE = re.compile(r"(?<![a-z])(?:" + "|".join(sorted(set(CODES.values()))) + r")(?![a-z])")


def level_in(text: str) -> tuple[int | None, str | None]:
    """Return the level (1..4) that `text`, in lower case, speaks of, and the language if a test names it."""
    for pattern, code, thresholds in _SCORES:
        if match := pattern.search(text):
            return sum(float(match.group(1)) >= threshold for threshold in thresholds), code
    return next((level for level, pattern in _LEVELS if pattern.search(text)), None), None
