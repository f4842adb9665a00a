"""Names as people write them, and the form under which an address is unique."""

from __future__ import annotations

import pytest

from mentormatch.core.names import Name, email_key

AOI = Name("鈴木", "葵", "スズキ", "アオイ", "Aoi Suzuki")
EMMA = Name("Lindqvist", "Emma", "リンドクヴィスト", "エマ")
MONONYM = Name("", "Widodo")


@pytest.mark.parametrize(
    ("name", "language", "full", "called"),
    [
        (AOI, "ja", "鈴木 葵", "鈴木さん"),
        (AOI, "en", "Aoi Suzuki", "Aoi"),
        (EMMA, "ja", "Emma Lindqvist", "Lindqvistさん"),
        (EMMA, "en", "Emma Lindqvist", "Emma"),
        (MONONYM, "ja", "Widodo", "Widodoさん"),
        (Name("鈴木", "葵", preferred="あおちゃん"), "ja", "鈴木 葵", "あおちゃん"),
        (Name("鈴木", "葵", preferred="葵さん"), "ja", "鈴木 葵", "葵さん"),
        (Name("鈴木", "葵"), "en", "鈴木 葵", "鈴木"),
    ],
)
def test_order_and_address_follow_the_language(name, language, full, called):
    assert (name.full(language), name.called(language)) == (full, called)


def test_readings_stand_over_the_parts_in_the_order_of_the_name():
    assert AOI.parts("ja") == [("鈴木", "スズキ"), ("葵", "アオイ")]
    assert EMMA.parts("ja") == [("Emma", "エマ"), ("Lindqvist", "リンドクヴィスト")]
    assert AOI.parts("en") == [("Aoi Suzuki", "")]
    assert MONONYM.parts("ja") == [("Widodo", "")]


def test_lists_put_kana_before_other_letters():
    assert max([Name("Abe", "Ken"), EMMA, AOI], key=lambda name: name.sort_key) == Name("Abe", "Ken")


@pytest.mark.parametrize("written", ["Ken@Example.JP", " ken@example.jp\n", "ｋｅｎ＠example．jp", "ken\0@example.jp"])
def test_one_address_has_one_key(written):
    assert email_key(written) == "ken@example.jp"


@pytest.mark.parametrize("other", ["ſtaff@example.jp", "ﬅaff@example.jp", "stаff@example.jp"])
def test_letters_that_only_look_alike_are_another_address(other):
    assert email_key(other) != email_key("staff@example.jp")


def test_the_kelvin_sign_is_not_the_letter_k():
    assert email_key("\u212aen@example.jp") != email_key("ken@example.jp")
