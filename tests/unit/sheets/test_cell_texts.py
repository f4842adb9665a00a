"""Values of fields as cells, and back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mentormatch.core.fields import BY_KEY
from mentormatch.core.roles import Role
from mentormatch.sheets.cell_texts import cell_text
from mentormatch.sheets.checking import check
from mentormatch.sheets.reading import read
from mentormatch.sheets.recognition import recognise
from mentormatch.sheets.values import Values
from mentormatch.sheets.writing import write_csv, write_xlsx
from tests.unit.sheets.sheets_of import unhurried

words = (
    st.text("あいうカキ漢字bcXYZ・ ", min_size=1, max_size=10)
    .map(lambda text: " ".join(text.split()).strip("・ "))
    .filter(bool)
)
tag_lists = st.lists(words, min_size=1, max_size=5, unique_by=lambda tag: tag.casefold().replace(" ", ""))
codes = st.sampled_from(["ja", "en", "zh", "ko", "vi", "id", "sw", "is", "cy", "tl"])
language_lists = st.lists(st.tuples(codes, st.integers(1, 4)), min_size=1, max_size=4, unique_by=lambda item: item[0])
spans = st.tuples(st.integers(0, 6), st.integers(0, 1439), st.integers(1, 1440)).filter(lambda span: span[1] < span[2])
names = st.text("あいう漢字アカ", min_size=1, max_size=8)
both = st.sampled_from(["ja", "en"])


def back(field: str, text: object) -> object:
    parsed = Values().parse(field, str(text))
    assert parsed.findings == ()
    return parsed.value


@unhurried
@given(tag_lists, both)
def test_tags(value: list[str], language: str) -> None:
    assert back("skills", cell_text("skills", value, language)) == value


@unhurried
@given(language_lists, both)
def test_languages(value: list[tuple[str, int]], language: str) -> None:
    written = [list(item) for item in value]
    assert back("languages", cell_text("languages", written, language)) == written


@unhurried
@given(st.lists(spans, min_size=1, max_size=4, unique_by=lambda span: span[0]).map(sorted), both)
def test_free_time(value: list[tuple[int, int, int]], language: str) -> None:
    written = [list(span) for span in value]
    assert back("free_time", cell_text("free_time", written, language)) == written


@unhurried
@given(st.integers(1960, 2026), st.none() | st.integers(0, 5), names, names | st.just(""), both)
def test_careers(started: int, years: int | None, organisation: str, position: str, language: str) -> None:
    value = [[started, None if years is None else started + years, organisation, position]]
    assert back("career", cell_text("career", value, language)) == value


@pytest.mark.parametrize("language", ["ja", "en"])
def test_roles_languages_and_numbers(language: str) -> None:
    assert [back("role", cell_text("role", role, language)) for role in ("intern", Role.MENTOR, "alumnus")] == [
        Role.INTERN,
        Role.MENTOR,
        Role.ALUMNUS,
    ]
    assert [back("language", cell_text("language", code, language)) for code in ("ja", "en")] == ["ja", "en"]
    assert (cell_text("capacity", 3, language), cell_text("goals", "a\nb", language)) == (3, "a\nb")
    assert (cell_text("capacity", None, language), cell_text("skills", [], language)) == (None, None)


def test_the_words_are_those_of_the_reader() -> None:
    assert cell_text("languages", [["ja", 4], ["en", 2]], "ja") == "日本語（母語）、英語（日常会話）"
    assert cell_text("languages", [["ja", 4], ["en", 2]], "en") == "Japanese (native), English (conversational)"
    assert cell_text("free_time", [[4, 1080, 1200]], "ja") == "金 18:00-20:00"
    assert cell_text("free_time", [[4, 1080, 1200]], "en") == "Fri 18:00-20:00"
    assert cell_text("career", [[2019, None, "Aoba", "PM"]], "en") == "2019- Aoba, PM"
    assert cell_text("role", Role.ALUMNUS, "ja") == "卒業生（OB・OG）"


PROFILE = {
    "faculty": "経営学部",
    "year": "3年",
    "goals": "データで話せるようになる。\n=SUM(A1) と書かれても、式にはならない。",
    "industries": ["商社・金融・IT", "UI/UX"],
    "skills": ["Python", "統計"],
    "languages": [["ja", 4], ["en", 2]],
    "free_time": [[4, 1080, 1200], [5, 0, 1440]],
}


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_an_export_under_our_labels_is_an_import(language: str, form: str) -> None:
    person = {
        "email": "t@x.jp",
        "family_name": "山田",
        "given_name": "太郎",
        "family_kana": "ヤマダ",
        "given_kana": "タロウ",
    }
    values = {**person, "role": Role.INTERN, "number": "00123", "language": "ja", **PROFILE}
    header = [BY_KEY[key].label.to(language) for key in values]
    cells = [cell_text(key, value, language) for key, value in values.items()]
    sheet = read(write_csv(header, [cells]) if form == "csv" else write_xlsx(header, [cells]), f"people.{form}")
    mapping = recognise(sheet)
    assert (list(mapping.fields.values()), mapping.count("ok")) == (list(values), len(values))
    result = check(sheet, mapping, choices={"faculty": ["経営学部"]})
    (row,) = result.rows()
    assert (result.warnings, row.profile, row.number, row.language) == ((), PROFILE, "00123", "ja")
    assert {key: getattr(row, key) for key in person} == person
