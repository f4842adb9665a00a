"""Columns and the fields they are taken for."""

from __future__ import annotations

import pytest

from mentormatch.core.errors import InvalidInput
from mentormatch.core.fields import FIELDS
from mentormatch.sheets.heading_keys import exact, inside, key
from mentormatch.sheets.headings import HEADINGS
from mentormatch.sheets.recognition import Column, Verdict, recognise
from tests.unit.sheets.sheets_of import csv_sheet, recognised


def seen(*lines: str) -> list[tuple[str | None, str]]:
    """Return field and verdict of each column."""
    return [(column.field, column.verdict.value) for column in recognised(*lines).columns]


@pytest.mark.parametrize("field", FIELDS, ids=lambda field: field.key)
def test_every_field_is_known_by_its_labels(field) -> None:
    assert (exact(field.label.en), exact(field.label.ja)) == (field.key, field.key)


def test_no_two_fields_share_a_heading() -> None:
    shared = {name: exact(name) for field, names in HEADINGS.items() for name in names if exact(name) != field}
    assert shared == {}


@pytest.mark.parametrize(
    ("heading", "field"),
    [
        ("氏名※必須", "full_name"),
        ("※氏名", "full_name"),
        ("氏 名", "full_name"),
        ("【必須】メールアドレス", "email"),
        ("E-Mail*", "email"),
        ("ＭＡＩＬ", "email"),
        ("ﾒｰﾙｱﾄﾞﾚｽ", "email"),
        ("Email (required)", "email"),
        ("Q1. 氏名", "full_name"),
        ("問3　学部", "faculty"),
        ("①氏名", "full_name"),
        ("2. Student ID", "number"),
        ("氏名\n（例：山田 太郎）", "full_name"),
        ("氏名 / Name", "full_name"),
        ("Email メールアドレス", "email"),
        ("ふりがな", "full_kana"),
        ("フリガナ\n姓", "family_kana"),
        ("氏名\n名", "given_name"),
        ("姓（漢字）", "family_name"),
        ("セイ", "family_kana"),
        ("Last Name", "family_name"),
        ("first_name", "given_name"),
        ("お名前を入力してください", "full_name"),
        ("あなたの自己紹介を教えてください", "self_introduction"),
        ("業界1", "industries"),
        ("第一希望業界", "industries"),
        ("10年後", "vision"),
        ("参加目的（200字以内）", "goals"),
        ("学部／研究科", "faculty"),
        ("Max. Interns", "capacity"),
        ("Language", "languages"),
        ("language of messages", "language"),
        ("備考", None),
        ("保護者氏名", None),
        ("緊急連絡先メールアドレス", None),
        ("メールアドレス（確認用）", None),
        ("会社住所", None),
        ("タイムスタンプ", None),
        ("", None),
    ],
)
def test_headings_as_people_type_them(heading: str, field: str | None) -> None:
    assert exact(heading) == field


def test_a_question_is_known_by_a_name_inside() -> None:
    assert inside("インターンシップで身につけたいことは何ですか") == "wants"
    assert inside("Which languages do you speak?") == "languages"
    assert inside("ご意見") is None


def test_headings_are_compared_without_width_case_kana_and_signs() -> None:
    assert key("Ｅ‐Ｍａｉｌ") == key("e-mail") == "email"
    assert key("ふりがな") == key("フリガナ") == key("ﾌﾘｶﾞﾅ")


def test_a_plain_sheet_is_recognised_at_once() -> None:
    mapping = recognised("学籍番号,氏名,メール,学部,備考", "0012,山田 太郎,t@x.jp,理学部,なし")
    assert mapping.fields == {0: "number", 1: "full_name", 2: "email", 3: "faculty"}
    assert (mapping.count("ok"), mapping.count("check"), mapping.count("ignored")) == (4, 0, 1)
    assert mapping.columns[3] == Column(3, "学部", "faculty", Verdict.OK, ("理学部",))
    assert mapping.problems() == ()


def test_cells_tell_what_a_heading_does_not() -> None:
    lines = [
        "氏名,連絡先1,区,都合,話せる",
        "山田 太郎,t@x.jp,学生,金夜,日本語（母語）",
        "鈴木 花,s＠x.jp,メンター,土 10-12,英語（基礎）",
    ]
    assert seen(*lines) == [
        ("full_name", "ok"),
        ("email", "check"),
        ("role", "check"),
        ("free_time", "check"),
        ("languages", "check"),
    ]


def test_a_reading_is_told_by_its_letters() -> None:
    assert seen("氏名,メール,", "山田 太郎,t@x.jp,ヤマダ タロウ", "鈴木 花,s@x.jp,すずき はな")[2] == (
        "full_kana",
        "check",
    )


def test_cells_that_contradict_their_heading_are_not_trusted() -> None:
    lines = ["氏名,メール,連絡先", "山田 太郎,希望する,t@x.jp", "鈴木 花,希望しない,s@x.jp"]
    mapping = recognised(*lines)
    assert mapping.fields == {0: "full_name", 2: "email"}
    assert [column.verdict for column in mapping.columns[1:]] == [Verdict.IGNORED, Verdict.CHECK]
    alone = recognised("氏名,メール", "山田 太郎,希望する", "鈴木 花,希望しない").columns[1]
    assert (alone.field, str(alone.reason)) == ("email", "The heading says so, the cells do not look like it.")


def test_two_columns_that_compete_are_to_be_checked() -> None:
    mapping = recognised("氏名,メール,Mail", "山田 太郎,,a@x.jp", "鈴木 花,b@x.jp,c@x.jp")
    assert [(column.field, column.verdict) for column in mapping.columns[1:]] == [
        (None, Verdict.CHECK),
        ("email", Verdict.CHECK),
    ]
    assert str(mapping.columns[2].reason) == "Column “メール” looks the same; one of them is read."


def test_a_heading_beats_a_question_and_cells() -> None:
    lines = [
        "氏名,メール,面談の連絡に使うメールアドレスはどちらですか,",
        "山 太,a@x.jp,b@x.jp,c@x.jp",
        "鈴 花,d@x.jp,e@x.jp,f@x.jp",
    ]
    assert seen(*lines)[1:] == [("email", "ok"), (None, "ignored"), (None, "ignored")]


def test_numbered_columns_share_a_field() -> None:
    assert seen("氏名,メール,業界1,業界2,分野", "山 太,a@x.jp,IT,金融,商社")[2:] == [
        ("industries", "ok"),
        ("industries", "ok"),
        ("industries", "check"),
    ]


def test_two_columns_under_one_name_are_its_halves() -> None:
    lines = ["氏名,,カナ,カナ,メール", "山田,太郎,ヤマダ,タロウ,t@x.jp", "鈴木,花,スズキ,ハナ,h@x.jp"]
    assert [field for field, _ in seen(*lines)] == ["family_name", "given_name", "family_kana", "given_kana", "email"]


def test_a_timetable_is_free_time() -> None:
    lines = ["氏名,メール,月,火,水 18-20", "山 太,a@x.jp,○,,○", "鈴 花,b@x.jp,10-12,×,"]
    assert seen(*lines)[2:] == [("free_time", "ok")] * 3


def test_the_column_of_problems_is_not_read() -> None:
    assert seen("氏名,メール,エラー / Problem", "山 太,a@x.jp,2行目「Mail」：…")[2] == (None, "ignored")


def test_a_remembered_mapping_wins_in_any_order_of_columns() -> None:
    first = csv_sheet("氏名,メール,Mail,備考", "山 太,a@x.jp,b@x.jp,x", "鈴 花,c@x.jp,d@x.jp,y")
    chosen = recognise(first).with_fields({1: None, 2: "email", 3: "goals"})
    again = csv_sheet("備考,Mail,氏名,メール,エラー / Problem", "x,b@x.jp,山 太,a@x.jp,…")
    mapping = recognise(again, {chosen.signature: chosen.to_remember()})
    assert (mapping.is_remembered, mapping.fields) == (True, {0: "goals", 1: "email", 2: "full_name"})
    assert {column.verdict for column in mapping.columns} == {Verdict.OK, Verdict.IGNORED}
    assert not recognise(first, {"other": {}}).is_remembered


def test_a_decision_is_kept_as_a_plain_list() -> None:
    sheet = csv_sheet("氏名,メール,備考", "山 太,a@x.jp,x")
    chosen = recognise(sheet).with_fields({2: "goals"})
    assert chosen.to_json() == ["full_name", "email", "goals"]
    assert recognise(sheet).with_fields(dict(enumerate(chosen.to_json()))).fields == chosen.fields


@pytest.mark.parametrize("fields", [{9: "email"}, {-1: "email"}, {0: "shoe_size"}])
def test_a_decision_must_make_sense(fields: dict[int, str]) -> None:
    with pytest.raises(InvalidInput):
        recognised("氏名,メール", "山 太,a@x.jp").with_fields(fields)


def test_a_mapping_that_cannot_be_used_says_why() -> None:
    mapping = recognised("氏名,メール,備考", "山 太,a@x.jp,b@x.jp")
    told = mapping.with_fields({0: None, 1: "role", 2: "role"}).problems()
    assert [str(problem) for problem in told] == [
        "No column is read as the email address. Every person needs one.",
        "No column is read as the name.",
        "Columns メール / 備考 are read as the same thing. Choose one of them.",
    ]


def test_a_column_without_heading_is_called_by_its_letter() -> None:
    assert recognised("氏名,,メール", "山 太,1,a@x.jp").columns[1].name == "B"
