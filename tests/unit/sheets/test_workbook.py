"""Workbooks: which sheet, merged cells, and values as Excel shows them."""

from __future__ import annotations

import datetime as dt

import pytest
from openpyxl import Workbook
from openpyxl.styles import Font

from mentormatch.core.errors import InvalidInput, TooLarge
from mentormatch.sheets.reading import read
from mentormatch.sheets.sheet import Limits, Row
from mentormatch.sheets.workbook import text_of
from tests.unit.sheets.sheets_of import saved, workbook


def test_rows_have_the_numbers_and_texts_of_excel() -> None:
    data = workbook([["氏名", "メール", "学年"], ["山田 太郎", "t@x.jp", 3], [], ["鈴木 花", "h@x.jp", 2.0]])
    sheet = read(data, "people.xlsx")
    assert (sheet.encoding, sheet.header, sheet.name) == ("Excel (.xlsx)", ("氏名", "メール", "学年"), "Sheet")
    assert list(sheet.rows) == [Row(2, ("山田 太郎", "t@x.jp", "3")), Row(4, ("鈴木 花", "h@x.jp", "2"))]


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("00123", "00123"),
        (123, "123"),
        (3.0, "3"),
        (2.5, "2.5"),
        (-4.0, "-4"),
        (123456789012345.0, "123456789012345"),
        (1e20, "1e+20"),
        (float("inf"), "inf"),
        (True, "TRUE"),
        (False, "FALSE"),
        (dt.date(2027, 3, 1), "2027-03-01"),
        (dt.datetime(2027, 3, 1), "2027-03-01"),  # noqa: DTZ001  # a cell has no zone
        (dt.datetime(2027, 3, 1, 18, 30), "2027-03-01 18:30"),  # noqa: DTZ001  # the same
        (dt.time(18, 0), "18:00"),
        (dt.timedelta(hours=30, minutes=15), "30:15"),
    ],
)
def test_values_read_as_people_see_them(value: object, shown: str) -> None:
    assert text_of(value) == shown


def test_numbers_that_a_format_fills_up_with_zeros_keep_them() -> None:
    book = Workbook()
    sheet = book.active
    sheet.append(["氏名", "学籍番号", "学年"])
    sheet.append(["山田 太郎", 123, 4])
    sheet["B2"].number_format = "00000"
    sheet.append(["鈴木 花", 1234567, 4])
    sheet["B3"].number_format = "00000"
    assert [row.cells[1:] for row in read(saved(book), "x.xlsx").rows] == [("00123", "4"), ("1234567", "4")]


def test_errors_of_excel_are_told_apart_from_empty_cells() -> None:
    book = Workbook()
    sheet = book.active
    sheet.append(["氏名", "メール"])
    sheet.append(["山田 太郎", "#N/A"])
    sheet["B2"].data_type = "e"
    assert [row.cells for row in read(saved(book), "x.xlsx").rows] == [("山田 太郎", "#ERROR!")]


def test_a_name_merged_over_two_columns_heads_both() -> None:
    rows = [["番号", "氏名", None, "メール"], [1, "山田", "太郎", "t@x.jp"]]
    assert read(workbook(rows, ["B1:C1"]), "x.xlsx").header == ("番号", "氏名", "氏名", "メール")


def test_a_header_merged_over_two_rows_is_joined() -> None:
    rows = [
        ["番号", "氏名", None, "フリガナ", None],
        [None, "姓", "名", "姓", "名"],
        [1, "山田", "太郎", "ヤマダ", "タロウ"],
    ]
    sheet = read(workbook(rows, ["A1:A2", "B1:C1", "D1:E1"]), "x.xlsx")
    assert (sheet.header, sheet.header_row) == (("番号", "氏名\n姓", "氏名\n名", "フリガナ\n姓", "フリガナ\n名"), 2)


def test_a_cell_merged_downwards_counts_for_each_row() -> None:
    rows = [
        ["会社", "氏名", "メール"],
        ["みなと", "山田 太郎", "t@x.jp"],
        [None, "鈴木 花", "h@x.jp"],
        ["", "林 一", "i@x.jp"],
    ]
    cells = [row.cells[0] for row in read(workbook(rows, ["A2:A3"]), "x.xlsx").rows]
    assert cells == ["みなと", "みなと", ""]


def test_a_table_that_begins_in_the_middle_is_found() -> None:
    book = Workbook()
    for cell, value in {"C5": "氏名", "D5": "メール", "C6": "山田 太郎", "D6": "t@x.jp"}.items():
        book.active[cell] = value
    sheet = read(saved(book), "x.xlsx")
    assert (sheet.header, sheet.header_row) == (("", "", "氏名", "メール"), 5)
    assert list(sheet.rows) == [Row(6, ("", "", "山田 太郎", "t@x.jp"))]


def _several_sheets() -> bytes:
    book = Workbook()
    book.active.title = "記入要領"
    book.active["A1"] = "氏名は空白を入れてご記入ください"
    book.create_sheet("空")
    book["空"]["A1"] = "\u3000"
    hidden = book.create_sheet("隠し")
    hidden.sheet_state = "hidden"
    hidden.append(["氏名", "メール"])
    hidden.append(["秘密 一", "s@x.jp"])
    for name, person in (("名簿", "山田 太郎"), ("予備", "鈴木 花")):
        sheet = book.create_sheet(name)
        sheet.append(["氏名", "メール"])
        sheet.append([person, "x@x.jp"])
    return saved(book)


def test_the_first_sheet_with_a_known_header_is_read() -> None:
    sheet = read(_several_sheets(), "x.xlsx")
    assert (sheet.name, sheet.others) == ("名簿", ("記入要領", "予備"))
    assert [str(note) for note in sheet.notes] == ["The sheet “名簿” is read; not read: 記入要領, 予備."]


def test_another_sheet_can_be_asked_for() -> None:
    assert next(iter(read(_several_sheets(), "x.xlsx", worksheet="予備").rows)).cells[0] == "鈴木 花"


@pytest.mark.parametrize("name", ["隠し", "空", "ない"])
def test_a_sheet_that_is_hidden_empty_or_absent_is_not_read(name: str) -> None:
    with pytest.raises(InvalidInput, match=f"no visible sheet “{name}”"):
        read(_several_sheets(), "x.xlsx", worksheet=name)


def test_a_workbook_without_cells_is_refused() -> None:
    with pytest.raises(InvalidInput, match="no visible sheet"):
        read(saved(Workbook()), "x.xlsx")


def test_formatting_far_below_costs_nothing() -> None:
    book = Workbook()
    book.active.append(["氏名", "メール"])
    book.active.append(["山田 太郎", "t@x.jp"])
    book.active["XFD1048576"].font = Font(bold=True)
    assert len(read(saved(book), "x.xlsx").rows) == 1


def test_a_value_far_below_is_refused_before_anything_is_allocated() -> None:
    book = Workbook()
    book.active.append(["氏名", "メール"])
    book.active["XFD1048576"] = "x"
    with pytest.raises(TooLarge) as refused:
        read(saved(book), "x.xlsx")
    assert refused.value.fields["cell"] == "XFD1048576"


def test_a_long_cell_is_refused_with_its_place() -> None:
    with pytest.raises(TooLarge) as refused:
        read(workbook([["氏名", "メール"], ["山", "x" * 41]]), "x.xlsx", Limits(cell_length=40))
    assert refused.value.fields == {"row": 2, "column": "B", "found": 41, "limit": 40}


def test_rows_and_columns_are_limited_as_in_text_files() -> None:
    rows = [["氏名", "メール", "学部"], *[["山", "x", "理"]] * 4]
    with pytest.raises(TooLarge, match="more than 3 rows"):
        read(workbook(rows), "x.xlsx", Limits(rows=3))
    with pytest.raises(TooLarge, match="has 3 columns; at most 2"):
        read(workbook(rows), "x.xlsx", Limits(columns=2))
