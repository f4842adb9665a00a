"""Names and their readings."""

from __future__ import annotations

import pytest

from mentormatch.sheets.names import Name, kana, romaji, single_name, split_kana, split_name


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("山田 太郎", Name("山田", "太郎")),
        ("山田　太郎", Name("山田", "太郎")),
        (" 山田\n太郎 ", Name("山田", "太郎")),
        ("山田、太郎", Name("山田", "太郎")),
        ("山田 太郎 様", Name("山田", "太郎")),
        ("山田 太郎さん", Name("山田", "太郎")),
        ("山田 太郎（やまだ たろう）", Name("山田", "太郎", "ヤマダ タロウ")),
        ("Taro Yamada", Name("Yamada", "Taro")),
        ("Yamada, Taro", Name("Yamada", "Taro")),
        ("YAMADA Taro", Name("YAMADA", "Taro")),
        ("Taro YAMADA", Name("YAMADA", "Taro")),
        ("ＴＡＲＯ　ＹＡＭＡＤＡ", Name("YAMADA", "TARO")),
        ("Dr. Ludwig van Beethoven", Name("van Beethoven", "Ludwig")),
        ("John F. Kennedy", Name("Kennedy", "John F.")),
        ("María José García", Name("García", "María José")),
        ("ジョン・スミス", Name("スミス", "ジョン")),
        ("メアリー・アン・スミス", Name("スミス", "メアリー・アン")),
    ],
)
def test_full_names(text: str, name: Name) -> None:
    parsed = split_name(text)
    assert (parsed.value, parsed.findings) == (name, ())


@pytest.mark.parametrize(
    ("text", "name", "code"),
    [
        ("山田太郎", Name("山田太郎"), "name_unsplit"),
        ("Suharto", Name("Suharto"), "name_unsplit"),
        ("李 小龍 ブルース", Name("李", "小龍 ブルース"), "name_guessed"),
        ("山田 花子（旧姓：佐藤）", Name("山田", "花子"), "name_guessed"),
    ],
)
def test_full_names_that_a_person_should_look_at(text: str, name: Name, code: str) -> None:
    parsed = split_name(text)
    assert (parsed.value, [finding.code for finding in parsed.findings]) == (name, [code])


def test_kanji_of_names_are_not_replaced_by_their_siblings() -> None:
    assert single_name("\ufa10\u7965") == "\ufa10\u7965"
    assert split_name("髙﨑 \ufa19子").value == Name("髙﨑", "\ufa19子")


@pytest.mark.parametrize("text", ["やまだ たろう", "ﾔﾏﾀﾞ ﾀﾛｳ", "ヤマダ　タロウ", "ヤマタ\u3099 タロウ"])
def test_readings_are_katakana_whatever_they_were(text: str) -> None:
    assert (split_kana(text).value, split_kana(text).findings) == (Name("ヤマダ", "タロウ"), ())


def test_readings_that_a_person_should_look_at() -> None:
    assert [finding.code for finding in split_kana("ヤマダタロウ").findings] == ["kana_unsplit"]
    assert (kana("Yamada").value, [finding.code for finding in kana("Yamada").findings]) == (None, ["kana_letters"])
    assert kana("ジョ-ジ").value == "ジョージ"
    assert kana(" ").value is None


def test_latin_names_are_half_width() -> None:
    assert romaji("Ｔａｒｏ　ＹＡＭＡＤＡ").value == "Taro YAMADA"
    assert [finding.code for finding in romaji("山田").findings] == ["romaji_letters"]


def test_blanks_cost_no_time() -> None:
    assert split_name("山" + " " * 30_000 + "田").value == Name("山", "田")
