"""Cells of an export say what was stored, in both languages, such that an import understands them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from mentormatch.core.fields import BY_KEY, LANGUAGE_LEVELS
from mentormatch.core.roles import PARTICIPANT_ROLES
from mentormatch.queries.exports import cell, heading, to_fix_name
from mentormatch.sheets.heading_keys import exact
from mentormatch.sheets.values import Values

LANGUAGES = st.sampled_from(["ja", "en"])
VALUES = Values()
NAMES = st.sampled_from(["みなとデータワークス", "よつばフーズ", "Minato Data Works", "Aoba Bank"])
POSITIONS = st.sampled_from(["", "営業", "データ分析", "Analyst", "Product manager"])


def read_back(key: str, text: object) -> object:
    parsed = VALUES.parse(key, str(text))
    assert parsed.findings == ()
    return parsed.value


@given(LANGUAGES)
def test_headings_are_recognised(language):
    assert [exact(text) for text in heading(language)[:-1]] == [
        key for key in BY_KEY if key not in {"full_name", "full_kana"}
    ]
    assert exact(heading(language)[-1]) is None


@given(LANGUAGES, st.sampled_from(PARTICIPANT_ROLES))
def test_roles(language, role):
    assert read_back("role", cell(BY_KEY["role"], role, language)) == role


@given(LANGUAGES, LANGUAGES)
def test_languages_of_messages(language, value):
    assert read_back("language", cell(BY_KEY["language"], value, language)) == value


@given(
    LANGUAGES,
    st.lists(
        st.tuples(
            st.sampled_from(["ja", "en", "zh", "ko", "fr", "de", "vi", "sv"]), st.sampled_from([*LANGUAGE_LEVELS])
        ),
        min_size=1,
        max_size=4,
        unique_by=lambda pair: pair[0],
    ),
)
def test_languages(language, pairs):
    value = [list(pair) for pair in pairs]
    assert read_back("languages", cell(BY_KEY["languages"], value, language)) == value


@given(
    LANGUAGES,
    st.lists(
        st.tuples(st.integers(0, 6), st.integers(0, 46), st.integers(1, 8)),
        min_size=1,
        max_size=7,
        unique_by=lambda w: w[0],
    ),
)
def test_free_time(language, windows):
    value = sorted([day, half * 30, min(half * 30 + length * 30, 1440)] for day, half, length in windows)
    assert read_back("free_time", cell(BY_KEY["free_time"], value, language)) == value


@given(
    LANGUAGES,
    st.lists(
        st.tuples(st.integers(1990, 2020), NAMES, POSITIONS), min_size=1, max_size=4, unique_by=lambda row: row[0]
    ),
)
def test_careers(language, rows):
    years = sorted(rows, reverse=True)
    value = [
        [start, None if index == 0 else years[index - 1][0], organisation, position]
        for index, (start, organisation, position) in enumerate(years)
    ]
    assert read_back("career", cell(BY_KEY["career"], value, language)) == value


@given(
    LANGUAGES,
    st.lists(
        st.sampled_from(["AI", "UI/UX", "データ分析", "B2B", "公共政策", "AI・機械学習"]), min_size=2, unique=True
    ),
)
def test_tags(language, tags):
    assert read_back("skills", cell(BY_KEY["skills"], tags, language)) == tags


def test_what_is_empty_is_an_empty_cell():
    assert [cell(BY_KEY["goals"], value, "ja") for value in (None, "", [])] == ["", "", ""]
    assert (cell(BY_KEY["capacity"], 0, "ja"), cell(BY_KEY["capacity"], 3, "en")) == (0, 3)


def test_the_name_of_what_is_to_be_fixed_does_not_grow():
    assert to_fix_name("名簿.csv", "ja") == "名簿（要修正）.xlsx"
    assert to_fix_name("名簿（要修正）.xlsx", "ja") == "名簿（要修正）.xlsx"
    assert to_fix_name("名簿（要修正）.xlsx", "en") == "名簿 (to fix).xlsx"
