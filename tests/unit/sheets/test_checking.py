"""What an import would do."""

from __future__ import annotations

import json

import pytest

from mentormatch.core.errors import InvalidInput
from mentormatch.core.roles import Role
from mentormatch.sheets.checking import Checked, Counts, check
from mentormatch.sheets.corrections import Corrections
from mentormatch.sheets.recognition import recognise
from mentormatch.sheets.rows import ParticipantRow
from tests.unit.sheets.sheets_of import checked, csv_sheet

LINES = (
    "学籍番号,氏名,フリガナ,Mail,学部,業界1,業界2,面談可能日,区分,備考",
    "0012,山田 太郎,やまだ たろう,t@x.jp,理学部,IT,金融,金夜,学生,",
    "0013,鈴木 花子,ｽｽﾞｷ ﾊﾅｺ,y.kudo＠example.ac.jp,経営情報,商社,,土午前,インターン,なし",
    "0014,佐藤 次郎,,t@X.JP,経営情報,,,,学生,",
    "例,記入 太郎,,例@x.jp,,,,,学生,",
    ",林 一,,h@x.jp,,IT、商社,,,卒業生,",
)
FACULTIES = {"faculty": ["理学部", "経営学部"]}


def lines_of(result: Checked) -> dict[str, list[str]]:
    """Return key → the lines of each group."""
    return {group.key: [str(found.line) for found in group.rows] for group in (*result.problems, *result.warnings)}


def codes(*lines: str, **options: object) -> list[str]:
    """Return the codes of all groups."""
    result = checked(*lines, **options)
    return [group.code for group in (*result.problems, *result.warnings)]


def test_rows_are_counted_by_what_happens_to_them() -> None:
    result = checked(*LINES, choices=FACULTIES, known={"h@x.jp": "林 一"})
    assert (result.counts, result.counts.total) == (Counts(add=1, update=1, fix=2, skip=1), 5)
    assert not result.is_ready


def test_good_rows_come_typed() -> None:
    first, second = checked(*LINES, choices=FACULTIES, known={"h@x.jp": ""}).rows()
    assert first == ParticipantRow(
        row=2,
        is_known=False,
        email="t@x.jp",
        family_name="山田",
        given_name="太郎",
        family_kana="ヤマダ",
        given_kana="タロウ",
        romaji="",
        preferred_name="",
        language=None,
        role=Role.INTERN,
        number="0012",
        capacity=None,
        minimum=None,
        profile={"faculty": "理学部", "industries": ["IT", "金融"], "free_time": [[4, 1080, 1260]]},
    )
    assert (second.row, second.is_known, second.role, second.profile) == (
        *(6, True, Role.ALUMNUS),
        {"industries": ["IT", "商社"]},
    )


def test_problems_are_grouped_by_what_mends_them() -> None:
    result = checked(*LINES, choices=FACULTIES)
    assert lines_of(result) == {
        "email_full_width:3": [
            "Row 3, Mail: expected name@domain, found “y.kudo＠example.ac.jp” (full-width letters)."
        ],
        "not_in_list:4:経営情報": [
            "Row 3, 学部: “経営情報” is not in the list.",
            "Row 4, 学部: “経営情報” is not in the list.",
        ],
        "duplicate:3": ["Row 4 repeats row 2 (same email address “t@x.jp”)."],
        "example_row": ["Row 5 is marked as an example and is left out."],
    }
    width, faculty, twice = result.problems
    assert [(repair.kind, dict(repair.patch)) for repair in width.repairs] == [
        ("half_width", {"half_width": [3]}),
        ("skip", {"skip": [3]}),
    ]
    assert [(repair.kind, dict(repair.patch)) for repair in faculty.repairs] == [
        ("replace", {"replace": [[4, "経営情報", "経営学部"]]}),
        ("skip", {"skip": [3, 4]}),
    ]
    assert [(repair.kind, dict(repair.patch)) for repair in twice.repairs] == [("skip", {"skip": [4]})]
    assert (faculty.heading, faculty.field, faculty.found, faculty.count) == ("学部", "faculty", "経営情報", 2)
    assert (faculty.choices, list(faculty.numbers)) == (("理学部", "経営学部"), [3, 4])
    assert twice.rows[0].other == 2


def test_the_first_repairs_mend_everything() -> None:
    corrections = Corrections()
    for group in checked(*LINES, choices=FACULTIES).problems:
        corrections = corrections.merged(group.repairs[0].patch)
    stored = json.loads(json.dumps(corrections.to_json()))
    assert stored == {"replace": [[4, "経営情報", "経営学部"]], "cells": [], "skip": [4], "half_width": [3]}
    result = checked(*LINES, choices=FACULTIES, corrections=stored)
    assert (result.is_ready, result.counts) == (True, Counts(add=3, skip=2))
    assert [(row.email, row.profile["faculty"]) for row in result.rows() if row.row == 3] == [
        ("y.kudo@example.ac.jp", "経営学部")
    ]


def test_a_check_is_the_same_each_time() -> None:
    assert lines_of(checked(*LINES, choices=FACULTIES)) == lines_of(checked(*LINES, choices=FACULTIES))


def test_broken_rows_come_with_everything_that_is_wrong() -> None:
    broken = list(checked(*LINES, choices=FACULTIES).broken())
    assert [(found.row.number, len(found.problems)) for found in broken] == [(3, 2), (4, 2)]


def test_a_cell_can_be_typed_again() -> None:
    corrections = {"cells": [[3, 3, "s@x.jp"], [3, 4, "理学部"], [4, 3, "j@x.jp"], [4, 4, ""]]}
    assert checked(*LINES, choices=FACULTIES, corrections=corrections).counts == Counts(add=4, skip=1)


def test_without_an_address_column_no_row_is_read() -> None:
    result = checked("氏名,学部", "山田 太郎,理学部", "鈴木 花,文学部", defaults={"role": "intern"})
    assert [str(problem) for problem in result.column_problems] == [
        "No column is read as the email address. Every person needs one."
    ]
    assert (result.counts, list(result.rows()), len(list(result.broken()))) == (Counts(fix=2), [], 2)


def test_a_role_for_all_rows_stands_in_for_empty_cells() -> None:
    lines = ("氏名,メール,区分", "山 太,a@x.jp,", "鈴 花,b@x.jp,メンター")
    assert [group.code for group in checked(*lines).problems] == ["role_missing"]
    assert [row.role for row in checked(*lines, defaults={"role": "学生"}).rows()] == [Role.INTERN, Role.MENTOR]
    assert [row.language for row in checked(*lines, defaults={"role": "intern", "language": "ja"}).rows()] == ["ja"] * 2


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("氏名,姓,名", ("山田 太郎,山田,太郎", "山田", "太郎")),
        ("姓,名", ("山田,太郎", "山田", "太郎")),
        ("姓", ("山田 太郎", "山田", "太郎")),
        ("氏名", ("Taro Yamada", "Yamada", "Taro")),
        ("ローマ字", ("Taro YAMADA", "YAMADA", "Taro")),
        ("名", ("太郎", "太郎", "")),
    ],
)
def test_names_find_their_places(name: str, parts: tuple[str, str, str]) -> None:
    cells, family, given = parts
    (row,) = checked(f"{name},メール,区分", f"{cells},t@x.jp,学生").rows()
    assert (row.family_name, row.given_name) == (family, given)


def test_a_reading_in_brackets_is_used() -> None:
    (row,) = checked("氏名,メール,区分", "山田 太郎（やまだ たろう）,t@x.jp,学生").rows()
    assert (row.family_kana, row.given_kana) == ("ヤマダ", "タロウ")


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (("氏名,メール,区分", ",t@x.jp,学生"), ["name_missing"]),
        (("氏名,メール,区分", "山 太,,学生"), ["email_missing"]),
        (("氏名,メール,区分", "山 太,x,学生"), ["email_form"]),
        (("氏名,メール,区分", "山\ufffd,t@x.jp,学生"), ["lost_characters"]),
        (("氏名,メール,区分", "山 太,t@x.jp,教授"), ["not_in_list"]),
        (("氏名,メール,区分", "山 太,t@x.jp,学生,はみ出し"), ["extra_cells"]),
        (("氏名,メール,区分", "山 太,t@x.jp,学生, "), []),
        (("氏名,メール,区分", "山 太,t@x.jp"), ["role_missing"]),
        (("氏名,メール,区分,定員,最低人数", "山 太,t@x.jp,メンター,2,3"), ["minimum_above_places"]),
        (("氏名,メール,区分,定員,学年", "山 太,t@x.jp,メンター,2,3"), ["not_for_role"]),
        (("氏名,メール,区分,定員", "山 太,t@x.jp,学生,いろいろ"), ["not_for_role"]),
        (("氏名,メール,区分,定員", "山 太,t@x.jp,学生,ー"), []),
        (("氏名,メール,区分,定員", "山 太,t@x.jp,メンター,いろいろ"), ["number_form"]),
        (("氏名,メール,区分", "山 太,a@x.jp,学生", "山 太,A@X.jp,学生"), ["duplicate"]),
        (("氏名,メール,区分", "山 太,a@x.jp,学生", "川 次,a@x.jp,OB"), ["duplicate"]),
        (("氏名,メール,区分", "山 太,a@x.jp,メンター", "山 太,a@x.jp,OB"), ["several_roles"]),
        (("氏名,メール,区分", "山 太,a@x.jp,学生", "山 太,a+mm@x.jp,学生"), ["same_mailbox"]),
        (("氏名,メール,区分", "山 太,a+mm@x.jp,学生", "山 太,a@x.jp,学生"), ["same_mailbox"]),
        (("氏名,メール,区分", "山 太,a+1@x.jp,学生", "山 太,a+2@x.jp,学生"), ["same_mailbox"]),
    ],
)
def test_what_is_said_about_rows(lines: tuple[str, ...], expected: list[str]) -> None:
    assert codes(*lines) == expected


def test_an_address_known_under_another_name_is_told() -> None:
    lines = ("氏名,メール,区分", "山田 太郎,t@x.jp,学生")
    assert codes(*lines, known={"t@x.jp": "山田太郎"}) == []
    assert codes(*lines, known={"t@x.jp": "太郎 山田"}) == []
    result = checked(*lines, known={"t@x.jp": "鈴木 花"})
    assert (result.counts, [group.code for group in result.warnings]) == (Counts(update=1), ["name_differs"])


def test_a_person_in_two_roles_makes_two_rows() -> None:
    rows = checked("氏名,メール,区分", "山 太,a@x.jp,メンター", "山 太,a@x.jp,OB", "山 太,a@x.jp,OB").rows()
    assert [(row.row, row.role) for row in rows] == [(2, Role.MENTOR), (3, Role.ALUMNUS)]


def test_timetables_and_several_columns_make_one_answer() -> None:
    lines = ("氏名,メール,区分,月,火,水 18-20,業界1,業界2", "山 太,a@x.jp,学生,10-12,×,○,IT,IT、金融")
    (row,) = checked(*lines).rows()
    assert row.profile == {"free_time": [[0, 600, 720], [2, 1080, 1200]], "industries": ["IT", "金融"]}


def test_many_different_values_do_not_make_endless_groups() -> None:
    lines = [f"山 太,p{number}@x.jp,学生,学部{number}" for number in range(500)]
    result = checked("氏名,メール,区分,学部", *lines, choices=FACULTIES)
    assert (len(result.problems), sum(group.count for group in result.problems)) == (101, 500)
    assert (result.problems[-1].found, result.problems[-1].count, len(result.problems[-1].rows)) == (None, 400, 200)


@pytest.mark.parametrize("defaults", [{"role": "教授"}, {"shoe_size": "26"}])
def test_a_default_that_makes_no_sense_is_refused(defaults: dict[str, str]) -> None:
    with pytest.raises(InvalidInput):
        checked("氏名,メール", "山 太,a@x.jp", defaults=defaults)


@pytest.mark.parametrize(
    "corrections",
    [
        {"drop": [1]},
        {"skip": ["1"]},
        {"skip": [True]},
        {"skip": [-1]},
        {"cells": [[1, 2]]},
        {"cells": [[1, 2, 3]]},
        {"replace": [["a", "b", "c"]]},
        {"half_width": 3},
        [1],
        "x",
    ],
)
def test_corrections_of_another_shape_are_refused(corrections: object) -> None:
    with pytest.raises(InvalidInput):
        Corrections.from_json(corrections)


def test_later_corrections_win() -> None:
    first = Corrections.from_json({"replace": [[1, "a", "b"]], "cells": [[2, 1, "x"]], "skip": [3]})
    assert first.merged({"replace": [[1, " a ", "c"]], "cells": [[2, 1, "y"]], "skip": [3, 4]}).to_json() == {
        "replace": [[1, "a", "c"]],
        "cells": [[2, 1, "y"]],
        "skip": [3, 4],
        "half_width": [],
    }
    assert Corrections.from_json(None) == Corrections()


def test_a_cell_beyond_the_row_can_be_filled() -> None:
    sheet = csv_sheet("氏名,メール,区分", "山 太,a@x.jp")
    result = check(
        sheet, recognise(sheet), corrections={"cells": [[2, 2, "学生"]], "half_width": [7], "replace": [[9, "a", "b"]]}
    )
    assert result.counts == Counts(add=1)
