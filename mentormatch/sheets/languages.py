"""Languages and how well someone speaks them, in the many ways in which people say it."""

from __future__ import annotations

import re
from types import MappingProxyType

from mentormatch.sheets.characters import is_nothing, plain, visible
from mentormatch.sheets.parsed import Finding, Parsed

_CODES = MappingProxyType(
    {
        name: code
        for code, names in {
            "ja": "日本語 japanese jpn",
            "en": "英語 english eng 英会話",
            "zh": "中国語 北京語 普通話 広東語 台湾華語 中文 chinese mandarin cantonese",
            "ko": "韓国語 朝鮮語 ハングル 한국어 korean",
            "fr": "フランス語 仏語 french français",
            "de": "ドイツ語 独語 german deutsch",
            "es": "スペイン語 西語 spanish español",
            "pt": "ポルトガル語 portuguese",
            "it": "イタリア語 伊語 italian",
            "ru": "ロシア語 露語 russian",
            "vi": "ベトナム語 vietnamese",
            "th": "タイ語 thai",
            "id": "インドネシア語 indonesian bahasa",
            "ms": "マレー語 マレーシア語 malay",
            "tl": "タガログ語 フィリピノ語 フィリピン語 tagalog filipino",
            "hi": "ヒンディー語 ヒンディ語 hindi",
            "bn": "ベンガル語 bengali",
            "ta": "タミル語 tamil",
            "ur": "ウルドゥー語 urdu",
            "si": "シンハラ語 sinhala sinhalese",
            "ne": "ネパール語 nepali",
            "my": "ミャンマー語 ビルマ語 burmese",
            "km": "クメール語 カンボジア語 khmer",
            "lo": "ラオス語 ラオ語 lao",
            "mn": "モンゴル語 mongolian",
            "uz": "ウズベク語 uzbek",
            "kk": "カザフ語 kazakh",
            "ar": "アラビア語 arabic",
            "fa": "ペルシア語 ペルシャ語 persian farsi",
            "tr": "トルコ語 turkish",
            "he": "ヘブライ語 hebrew",
            "sw": "スワヒリ語 swahili",
            "nl": "オランダ語 dutch",
            "sv": "スウェーデン語 swedish",
            "no": "ノルウェー語 norwegian",
            "da": "デンマーク語 danish",
            "fi": "フィンランド語 finnish",
            "pl": "ポーランド語 polish",
            "cs": "チェコ語 czech",
            "hu": "ハンガリー語 hungarian",
            "ro": "ルーマニア語 romanian",
            "uk": "ウクライナ語 ukrainian",
            "el": "ギリシャ語 ギリシア語 greek",
            "bg": "ブルガリア語 bulgarian",
        }.items()
        for name in names.split()
    }
)
_TWO_LETTERS = frozenset(_CODES.values())
_NAME = re.compile("|".join(sorted(map(re.escape, _CODES), key=len, reverse=True)))
_CODE = re.compile(r"(?<![a-z])(?:" + "|".join(sorted(_TWO_LETTERS)) + r")(?![a-z])")
_SEPARATORS = re.compile(r"[、,;/・|。]|\n")
_BRACKETED = re.compile(r"[(\[【「][^()\[\]【】「」]*[)\]】」]")
_NONE = re.compile(r"(?:不可|なし|できない|できません|話せない|\bnone\b|\bno\b(?!rm)|×)")

_LEVEL_WORDS = (
    (4, "母語 母国語 ネイティブ native mother 第一言語 バイリンガル bilingual first language"),
    (
        2,
        "準2級 中級 日常会話 会話レベル 会話程度 conversational intermediate everyday daily b1 b2 n3 準二級 2級 二級 まあまあ 会話可",
    ),
    (
        3,
        "ビジネス 業務 business 上級 流暢 堪能 fluent advanced professional proficient c1 c2 n1 n2 準1級 1級 準一級 一級 仕事 得意 upper",
    ),
    (
        1,
        "あいさつ 挨拶 初級 基礎 入門 basic beginner elementary a1 a2 n4 n5 3級 4級 5級 三級 片言 少し 勉強中 学習中 読み書き little novice",
    ),
)
_LEVEL = tuple(
    (level, re.compile("|".join(rf"(?<![a-z0-9準]){re.escape(word)}(?![0-9])" for word in words.split())))
    for level, words in _LEVEL_WORDS
)
_SCORES = (
    (re.compile(r"toeic\D{0,12}(\d{3})"), "en", (0, 600, 800)),
    (re.compile(r"toefl\D{0,12}(\d{2,3})(?!\d)"), "en", (0, 70, 95)),
    (re.compile(r"ielts\D{0,12}(\d(?:\.\d)?)"), "en", (0, 5, 6.5)),
    (re.compile(r"hsk\D{0,4}(\d)"), "zh", (0, 3, 5)),
    (re.compile(r"topik\D{0,4}(\d)"), "ko", (0, 3, 5)),
)
_FIRST, _FURTHER = 3, 2


def languages(text: str) -> Parsed[list[list[str | int]]]:
    """Return ``[[ISO 639-1 code, level 1..4], …]``: 「日本語（母語）、英語(TOEIC 850)」, ``English (business)``.

    A language without a level is taken as 3 when it is the first and as 2 after that, with a finding. Test scores count:
    TOEIC from 800, TOEFL iBT from 95, IELTS from 6.5, JLPT N1 and N2, Eiken from pre-1 are business level.
    """
    if is_nothing(text):
        return Parsed(None)
    levels: dict[str, int | None] = {}
    unread: list[str] = []
    for entry in _entries(text):
        _take(entry, levels, unread)
    findings = []
    assumed = [code for code, level in levels.items() if level is None]
    if assumed:
        findings.append(Finding("level_assumed", fields={"languages": ", ".join(assumed)}))
    if unread:
        findings.append(Finding("language_unread", fields={"part": visible(", ".join(unread))}))
    first = next(iter(levels), None)
    value: list[list[str | int]] = [
        [code, level or (_FIRST if code == first else _FURTHER)] for code, level in levels.items()
    ]
    return Parsed(value or None, tuple(findings))


def _entries(text: str) -> list[str]:
    """Return the parts between separators, without looking for separators inside brackets."""
    lines = [plain(line).casefold() for line in text.split("\n")]
    entries: list[str] = []
    for line in lines:
        masked = _BRACKETED.sub(lambda match: "_" * len(match.group()), line)
        start = 0
        for match in _SEPARATORS.finditer(masked):
            entries.append(line[start : match.start()])
            start = match.end()
        entries.append(line[start:])
    return [entry.strip() for entry in entries if entry.strip(" .。")]


def _take(entry: str, levels: dict[str, int | None], unread: list[str]) -> None:
    """Read one entry into `levels`; what names no language tells the level of the one before it."""
    names = list(_NAME.finditer(entry)) or list(_CODE.finditer(entry))
    if not names:
        level, code = _level(entry)
        target = code or next(reversed(levels), None)
        if level is None or target is None:
            unread.append(entry)
        elif levels.get(target) is None:
            levels[target] = level
        return
    for index, match in enumerate(names):
        code = _CODES.get(match.group(), match.group())
        end = names[index + 1].start() if index + 1 < len(names) else len(entry)
        around = entry if len(names) == 1 else entry[match.end() : end]
        if _NONE.search(around):
            continue
        level, _ = _level(around)
        levels[code] = max(level or 0, levels.get(code) or 0) or None


def _level(text: str) -> tuple[int | None, str | None]:
    """Return the level that `text` speaks of, and the language if a test names it."""
    for pattern, code, thresholds in _SCORES:
        if match := pattern.search(text):
            return sum(float(match.group(1)) >= threshold for threshold in thresholds), code
    return next((level for level, pattern in _LEVEL if pattern.search(text)), None), None
