"""Cells as people and tables give them."""

from __future__ import annotations

import math

import pytest

from mentormatch.core.errors import InvalidInput
from mentormatch.matching.values import hours_of, is_blank, languages_of, number_of, tags_of, texts_of


@pytest.mark.parametrize("value", [None, "", " 　", [], [None, ""], math.nan, {}, [[]]])
def test_blank(value):
    assert is_blank(value)
    row = {"id": 1, "x": value}
    assert (texts_of(row, "x"), tags_of(row, "x"), hours_of(row, "x")) == ((), (), ())
    assert (languages_of(row, "x"), number_of(row, "x"), texts_of({"id": 1}, "x")) == ({}, None, ())


def test_zero_is_an_answer():
    assert number_of({"id": 1, "x": 0}, "x") == 0.0


def test_tags_are_split_and_kept_once():
    assert tags_of({"x": "AI、 データ分析;AI\n金融"}, "x") == ("AI", "データ分析", "金融")
    assert tags_of({"x": ["R&D", " R&D ", None]}, "x") == ("R&D",)


def test_texts_one_by_one():
    assert texts_of({"x": [[2019, None, "Minato", "Engineer"], [2015, 2019, "Tsubame", None]]}, "x") == (
        "Minato Engineer",
        "Tsubame",
    )
    assert texts_of({"x": ["first", "", "second"]}, "x") == ("first", "second")


def test_windows_are_sorted_and_joined():
    assert hours_of({"x": [[4, 600, 720], [4, 540, 600], [1, 0, 60]]}, "x") == ((1, 0, 60), (4, 540, 720))


def test_the_better_level_counts():
    assert languages_of({"x": [["EN", 2], ["en", 3]]}, "x") == {"en": 3}
    assert languages_of({"x": {"ja": 4}}, "x") == {"ja": 4}


def test_places_on_a_scale():
    assert number_of({"x": "B3"}, "x", ("B1", "B2", "B3")) == 2.0


@pytest.mark.parametrize(
    ("read", "value"),
    [
        (hours_of, "evenings"),
        (hours_of, [[7, 0, 60]]),
        (hours_of, [[0, 60, 60]]),
        (hours_of, [[0, 0, 1441]]),
        (languages_of, "en"),
        (languages_of, [["en", 5]]),
        (languages_of, [["en"]]),
        (tags_of, [["AI"]]),
        (number_of, "many"),
        (number_of, math.inf),
        (number_of, [1]),
    ],
)
def test_what_cannot_be_read_names_person_and_field(read, value):
    with pytest.raises(InvalidInput) as caught:
        read({"id": 1, "full_name": "鈴木 葵", "x": value}, "x")
    assert "鈴木 葵 (1), field x: expected" in str(caught.value)


def test_a_choice_outside_the_scale_is_refused():
    with pytest.raises(InvalidInput, match="one of B1, B2"):
        number_of({"id": 1, "x": "M1"}, "x", ("B1", "B2"))


def test_one_word_alone_is_a_list_of_one():
    assert tags_of({"x": 2026}, "x") == ("2026",)
