"""Languages with levels, and careers as timelines."""

from __future__ import annotations

import pytest

from mentormatch.sheets.career import career
from mentormatch.sheets.languages import languages


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("日本語（母語）、英語(TOEIC 850)", [["ja", 4], ["en", 3]]),
        ("English (business)", [["en", 3]]),
        ("英語：日常会話", [["en", 2]]),
        ("中国語 ビジネス", [["zh", 3]]),
        ("中国語ビジネス 英語日常会話", [["zh", 3], ["en", 2]]),
        ("Native Japanese, fluent English", [["ja", 4], ["en", 3]]),
        ("Japanese - native / English - basic", [["ja", 4], ["en", 1]]),
        ("英語 準1級、日本語ネイティブ", [["en", 3], ["ja", 4]]),
        ("英検2級, 英語", None),
        ("日本語N2\n中国語（母語）", [["ja", 3], ["zh", 4]]),
        ("英語（ビジネスレベル、TOEIC 900点）", [["en", 3]]),
        ("日本語（ネイティブ）・英語（2級）", [["ja", 4], ["en", 2]]),
        ("TOEIC 720", [["en", 2]]),
        ("TOEFL iBT 100, 日本語 母語", [["en", 3], ["ja", 4]]),
        ("英語：不可、日本語：母語", [["ja", 4]]),
        ("スワヒリ語（初級）, Icelandic (B2)", [["sw", 1], ["is", 2]]),
        ("英語（日常会話）、英語（ビジネス）", [["en", 3]]),
        ("ja（母語）, en（基礎）", [["ja", 4], ["en", 1]]),
        ("なし", None),
    ],
)
def test_languages(text: str, expected: list[list[object]] | None) -> None:
    parsed = languages(text)
    if expected is None and parsed.value is not None:
        assert [finding.code for finding in parsed.findings] != []
    else:
        assert (parsed.value, parsed.findings) == (expected, ())


def test_a_language_without_a_level_is_assumed_and_told() -> None:
    parsed = languages("日本語, 英語、中国語")
    assert (parsed.value, [finding.code for finding in parsed.findings]) == (
        [["ja", 3], ["en", 2], ["zh", 2]],
        ["level_assumed"],
    )


def test_what_is_no_language_is_told() -> None:
    parsed = languages("日本語（母語）、クリンゴン")
    assert (parsed.value, [dict(finding.fields) for finding in parsed.findings]) == (
        [["ja", 4]],
        [{"part": "クリンゴン"}],
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "2016-2019 Minato Data Works, analyst; 2019- Aoba Bank, product manager",
            [[2019, None, "Aoba Bank", "product manager"], [2016, 2019, "Minato Data Works", "analyst"]],
        ),
        (
            "2016年4月〜2019年3月　株式会社みなと データアナリスト\n2019年4月～現在　青葉銀行　企画部",
            [[2019, None, "青葉銀行", "企画部"], [2016, 2019, "株式会社みなと", "データアナリスト"]],
        ),
        ("2016年 みなと入社\n2020年 青葉銀行、課長", [[2020, None, "青葉銀行", "課長"], [2016, 2020, "みなと", ""]]),
        ("Minato (analyst) 2010-2012", [[2010, 2012, "Minato", "analyst"]]),
        ("2019/04–present: Aoba Bank - PM", [[2019, None, "Aoba Bank", "PM"]]),
        ("2016-2019年：みなとデータ（アナリスト）", [[2016, 2019, "みなとデータ", "アナリスト"]]),
        ("2019年〜 株式会社 みなと 開発部 主任", [[2019, None, "株式会社 みなと", "開発部 主任"]]),
        ("・2016-2018 甲\n・2018- 乙", [[2018, None, "乙", ""], [2016, 2018, "甲", ""]]),
        ("特になし", None),
    ],
)
def test_careers(text: str, expected: list[list[object]] | None) -> None:
    assert (career(text).value, career(text).findings) == (expected, ())


def test_what_is_no_career_is_told() -> None:
    parsed = career("営業を10年\n2019-2017 逆\n2016-2018 甲")
    assert (parsed.value, [dict(finding.fields) for finding in parsed.findings]) == (
        [[2016, 2018, "甲", ""]],
        [{"part": "営業を10年; 2019-2017 逆"}],
    )
