"""What is stored of an answer: shapes, limits, and that cleaning twice is cleaning once."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from mentormatch.core.answers import MOST_ENTRIES, clean, completeness, join_tags, split_tags, tag_key
from mentormatch.core.errors import InvalidInput
from mentormatch.core.field_kinds import Kind, Owner
from mentormatch.core.fields import BY_KEY, FIELDS, fields_for
from mentormatch.core.roles import PARTICIPANT_ROLES, Role
from tests.strategies import raw_answer


@given(st.sampled_from(FIELDS).flatmap(lambda field: st.tuples(st.just(field), raw_answer(field.kind))))
def test_cleaning_twice_is_cleaning_once(case):
    field, raw = case
    try:
        once = clean(field, raw)
    except InvalidInput:
        assume(False)
    assert clean(field, once) == once


@pytest.mark.parametrize("empty", [None, "", [], ()])
@pytest.mark.parametrize("field", FIELDS, ids=lambda field: field.key)
def test_an_empty_answer_is_none(field, empty):
    assert clean(field, empty) is None


@pytest.mark.parametrize(
    ("text", "tags"),
    [
        ("AI・機械学習、統計", ["AI・機械学習", "統計"]),
        ("Python, R; SQL", ["Python", "R", "SQL"]),
        ("会計（簿記2級、FP）、税務", ["会計（簿記2級、FP）", "税務"]),
        ("半分（開いたまま、次", ["半分（開いたまま", "次"]),
        ("1) 海\n2) 山", ["1) 海", "2) 山"]),
        (" 、,\n", []),
    ],
)
def test_tags_are_taken_apart_outside_brackets(text, tags):
    assert split_tags(text) == tags


@given(st.lists(st.text(), max_size=8), st.sampled_from(["ja", "en"]))
def test_tags_that_were_taken_apart_come_back_from_one_text(texts, language):
    tags = split_tags(join_tags(texts, language))
    assert split_tags(join_tags(tags, language)) == tags


def test_the_same_tag_twice_is_kept_once_as_first_written():
    assert clean(BY_KEY["skills"], ["Ｐｙｔｈｏｎ", "python", "R"]) == ["Ｐｙｔｈｏｎ", "R"]
    assert tag_key("Ｐｙｔｈｏｎ") == tag_key(" PYTHON ")


def test_control_characters_and_carriage_returns_are_not_stored():
    assert clean(BY_KEY["goals"], "一行目\r\n二行目\x00\r三行目\ud800") == "一行目\n二行目\n三行目"
    assert clean(BY_KEY["place"], "東京\n 杉並区") == "東京 杉並区"


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("supervisor", "nobody"),
        ("supervisor", "a b@example.jp"),
        ("graduation_year", "二〇一六"),
        ("graduation_year", "9" * 5000),
        ("graduation_year", -1),
        ("languages", [["Japanese", 4]]),
        ("languages", [["ja", 5]]),
        ("free_time", [[7, 0, 60]]),
        ("free_time", [[0, 600, 600]]),
        ("free_time", [[0, 600, 1441]]),
        ("career", [[2019, 2016, "", ""]]),
        ("career", [[1, None, "", ""]]),
        ("career", [[2019, None, "x" * 201, ""]]),
        ("place", "x" * 81),
        ("skills", ["x" * 1001]),
        ("skills", [f"tag {number}" for number in range(MOST_ENTRIES + 1)]),
    ],
)
def test_what_cannot_be_stored_is_refused_at_its_field(key, value):
    with pytest.raises(InvalidInput) as refused:
        clean(BY_KEY[key], value)
    assert refused.value.field == key
    assert str(refused.value)  # the text and its fields belong together


def test_numbers_and_addresses_may_be_full_width():
    assert clean(BY_KEY["graduation_year"], "２０１６") == 2016
    assert clean(BY_KEY["supervisor"], "ｏｎｏ＠example.jp") == "ono@example.jp"


def test_the_better_level_of_a_language_counts():
    assert clean(BY_KEY["languages"], [["en", 2], ["ja", 4], ["en", 3]]) == [["en", 3], ["ja", 4]]


def test_careers_are_newest_first():
    rows = [[2016, 2019, "a", ""], [2019, None, "b", ""], [2014, 2019, "c", ""]]
    assert [row[2] for row in clean(BY_KEY["career"], rows)] == ["b", "a", "c"]


@pytest.mark.parametrize("role", PARTICIPANT_ROLES)
def test_completeness_is_full_only_when_nothing_is_missing(role):
    expected = [field for field in fields_for(role, Owner.PROFILE) if field.expected]
    everything = {field.key: "x" for field in expected}
    assert completeness(role, {}) == (0, expected)
    assert completeness(role, everything) == (100, [])
    share, missing = completeness(role, {**everything, expected[0].key: None})
    assert (share < 100, missing) == (True, [expected[0]])


def test_every_kind_can_be_cleaned():
    assert {field.kind for field in FIELDS} == set(Kind)
    assert Role.INTERN in BY_KEY["goals"].roles
