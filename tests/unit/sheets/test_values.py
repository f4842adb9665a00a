"""Numbers, addresses, roles, choices and tags from the text of a cell."""

from __future__ import annotations

import pytest

from mentormatch.core.roles import Role
from mentormatch.sheets.numbers import number, year
from mentormatch.sheets.parsed import Finding, Parsed
from mentormatch.sheets.people_words import choice, closest, email, message_language, role
from mentormatch.sheets.tags import tags
from mentormatch.sheets.values import Values


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("3", 3),
        ("３", 3),
        ("2名", 2),
        ("２ 名", 2),
        ("最大3人", 3),
        ("二名", 2),
        ("3.0", 3),
        ("up to 3 interns", 3),
        ("Max. 4", 4),
        ("two", 2),
        ("受入不可", 0),
        ("-", None),
        ("なし", None),
    ],
)
def test_numbers(text: str, value: int | None) -> None:
    assert number(text) == Parsed(value)


@pytest.mark.parametrize(
    ("text", "value", "code"),
    [
        ("2〜3名", 3, "number_between"),
        ("1-2", 2, "number_between"),
        ("2 or 3", 3, "number_between"),
        ("たくさん", None, "number_form"),
        ("-3", None, "number_form"),
        ("2.5", None, "number_form"),
        ("5000", None, "number_range"),
        ("9" * 30, None, "number_form"),
    ],
)
def test_numbers_with_something_to_say(text: str, value: int | None, code: str) -> None:
    parsed = number(text)
    assert (parsed.value, [finding.code for finding in parsed.findings]) == (value, [code])


@pytest.mark.parametrize(
    ("text", "value", "codes"),
    [
        ("2015", 2015, []),
        ("２０１５年", 2015, []),
        ("2015年3月", 2015, []),
        ("2015-03-25", 2015, []),
        ("2015/3", 2015, []),
        ("2015年度卒業", 2015, []),
        ("特になし", None, []),
        ("平成27年3月", 2015, ["year_read_as"]),
        ("H27", 2015, ["year_read_as"]),
        ("令和元年", 2019, ["year_read_as"]),
        ("令和6年", 2024, ["year_read_as"]),
        ("27卒", 2027, ["year_read_as"]),
        ("98年卒", 1998, ["year_read_as"]),
        ("42064", None, ["year_form"]),
        ("02/03/04", None, ["year_form"]),
        ("1066", None, ["year_form"]),
        ("昔", None, ["year_form"]),
    ],
)
def test_years_are_explicit_or_refused(text: str, value: int | None, codes: list[str]) -> None:
    parsed = year(text)
    assert (parsed.value, [finding.code for finding in parsed.findings]) == (value, codes)


@pytest.mark.parametrize(
    ("text", "address"),
    [
        (" t@x.jp\u3000", "t@x.jp"),
        ("Taro.Y+mm@X.JP", "Taro.Y+mm@x.jp"),
        ("mailto:t@x.jp", "t@x.jp"),
        ("Taro Yamada <t@x.jp>", "t@x.jp"),
        ("t..y.@docomo.example", "t..y.@docomo.example"),
        ("\u200bt@x.jp\ufeff", "t@x.jp"),
        ("", None),
    ],
)
def test_addresses(text: str, address: str | None) -> None:
    assert email(text) == Parsed(address)


@pytest.mark.parametrize(
    ("text", "code", "proposal"),
    [
        ("y.kudo＠example.ac.jp", "email_full_width", "y.kudo@example.ac.jp"),
        ("ｙ．ｋｕｄｏ＠ｅｘａｍｐｌｅ．ｊｐ", "email_full_width", "y.kudo@example.jp"),
        ("t @x.jp", "email_form", "t@x.jp"),
        ("t@x,jp", "email_form", "t@x.jp"),
        ("t@x.jp.", "email_form", "t@x.jp"),
        ("a@x.jp; b@x.jp", "email_several", "a@x.jp"),
        ("a@x.jp、ｂ＠x.jp", "email_several", "a@x.jp"),
        ("tx.jp", "email_form", None),
        ("t@localhost", "email_form", None),
        ("t@@x.jp", "email_form", None),
        ("x" * 300 + "@x.jp", "email_form", None),
        ("\u0430dmin@x.jp", "email_letters", None),
        ("\u017ftaff@x.jp", "email_letters", None),
        ("\u212aate@x.jp", "email_letters", None),
        ("山田", "email_letters", None),
    ],
)
def test_addresses_are_repaired_only_by_proposal(text: str, code: str, proposal: str | None) -> None:
    assert email(text) == Parsed(None, (Finding(code, proposal),))


@pytest.mark.parametrize(
    ("role_", "words"),
    [
        (Role.INTERN, ["学生", "インターン", "ｲﾝﾀｰﾝ", "Intern", " student ", "インターン（夏）", "intern", "Mentees"]),
        (Role.MENTOR, ["メンター", "社員", "Mentor", "MENTORS", "社会人"]),
        (
            Role.ALUMNUS,
            ["OB", "OG", "OB・OG", "OB/OG", "ＯＢ・ＯＧ", "卒業生", "卒業生（OB・OG）", "Alumni", "alumna", "alumnus"],
        ),
    ],
)
def test_roles_in_both_languages(role_: Role, words: list[str]) -> None:
    assert {word: role(word).value for word in words} == dict.fromkeys(words, role_)


def test_an_unknown_role_is_said_to_be_unknown() -> None:
    assert role("教授") == Parsed(None, (Finding("not_in_list"),))
    assert role(" ") == Parsed(None)


def test_languages_of_messages() -> None:
    assert [message_language(word).value for word in ("日本語", "Japanese", "JA", "英語", "English", "en")] == [
        *["ja"] * 3,
        *["en"] * 3,
    ]
    assert message_language("両方") == Parsed(None, (Finding("not_in_list"),))


FACULTIES = ["経済学部", "経営学部", "法学部", "School of Law"]


def test_choices_ignore_width_case_and_blanks() -> None:
    assert choice("経営 学部", FACULTIES) == Parsed("経営学部")
    assert choice("ｓｃｈｏｏｌ ｏｆ  law", FACULTIES) == Parsed("School of Law")
    assert choice("経営情報", FACULTIES) == Parsed(None, (Finding("not_in_list"),))
    assert choice("どこでも", []) == Parsed("どこでも")


def test_the_closest_choices_are_suggested() -> None:
    assert closest("経営情報", FACULTIES) == ["経営学部"]
    assert closest("経済", FACULTIES)[0] == "経済学部"
    assert closest("Faculty of Law", FACULTIES) == ["School of Law"]
    assert closest("情報学部", FACULTIES) == []
    assert closest("学部", ["学部", "研究科"]) == ["学部"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "IT、金融, 商社;教育；医療／観光/旅行\n食品|農業",
            ["IT", "金融", "商社", "教育", "医療", "観光", "旅行", "食品", "農業"],
        ),
        ("AI・機械学習", ["AI・機械学習"]),
        ("商社・金融・IT", ["商社", "金融", "IT"]),
        ("AI・機械学習、統計・確率・推計", ["AI・機械学習", "統計・確率・推計"]),
        ("・営業\n・企画・広報", ["営業", "企画・広報"]),
        ("UI/UX, TCP/IP, データ/分析", ["UI/UX", "TCP/IP", "データ", "分析"]),
        ("Web/IT", ["Web", "IT"]),
        ("Python（pandas, numpy）；R", ["Python(pandas, numpy)", "R"]),
        ("1. Python\n2) SQL\n③ R", ["Python", "SQL", "R"]),
        ("Ｐｙｔｈｏｎ, python, PYTHON", ["Python"]),
        ("マーケティング、広報 など", ["マーケティング", "広報"]),
        ("C++, C#, .NET, 3D", ["C++", "C#", ".NET", "3D"]),
        ("（未閉、括弧\n次", ["(未閉、括弧", "次"]),
        ("特になし", []),
        ("IT、なし、-", ["IT"]),
        (" 、, ", []),
    ],
)
def test_tags(text: str, expected: list[str]) -> None:
    assert tags(text) == expected


@pytest.mark.parametrize(
    ("field", "text", "value", "codes"),
    [
        ("number", " Ａ００１２３ ", "A00123", []),
        ("year", "３\n年", "3 年", []),
        ("goals", " 一行\r\n二行 ", "一行\n二行", []),
        ("goals", "特になし", None, []),
        ("goals", "あ" * 2001, None, ["too_long"]),
        ("place", "あ" * 81, None, ["too_long"]),
        ("skills", "、".join(f"技術{n:03}" for n in range(250)), None, ["too_long"]),
        ("skills", "x" * 9000, None, ["too_long"]),
        ("full_name", "山" * 61 + " 太郎", None, ["too_long"]),
        ("goals", "文字\ufffd化け", None, ["lost_characters"]),
        ("goals", "縺薙ｓ縺ｫ縺｡縺ｯ", None, ["lost_characters"]),
        ("goals", "ã\u0081\u0093ã\u0082\u0093ã\u0081«", None, ["lost_characters"]),
        ("goals", "a\0b", None, ["lost_characters"]),
        ("goals", "a\ud842b", None, ["lost_characters"]),
        ("goals", "Z" + "\u0301" * 10_000, None, ["stacked_marks"]),
        ("goals", "#REF!", None, ["excel_error"]),
        ("goals", "👩‍👩‍👧 𠮷野家 é", "👩‍👩‍👧 𠮷野家 é", []),
        ("goals", "abc\u202edef\x07", "abcdef", []),
        ("goals", "か\u3099く e\u0301", "がく é", []),
        ("family_name", "\ufa10本", "\ufa10本", []),
        ("capacity", "2名", 2, []),
        ("supervisor", "s＠x.jp", None, ["email_full_width"]),
    ],
)
def test_fields(field: str, text: str, value: object, codes: list[str]) -> None:
    parsed = Values().parse(field, text)
    assert (parsed.value, [finding.code for finding in parsed.findings]) == (value, codes)
