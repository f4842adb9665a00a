"""Exports: no formula, no lost character, and everything reads back as it was."""

from __future__ import annotations

import codecs
import csv
import io

import openpyxl
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mentormatch.sheets.checking import check
from mentormatch.sheets.formulas import guarded, unguarded
from mentormatch.sheets.headings import PROBLEM_HEADING
from mentormatch.sheets.reading import read
from mentormatch.sheets.recognition import recognise
from mentormatch.sheets.writing import Unencodable, file_name, write_broken, write_csv, write_xlsx
from tests.unit.sheets.sheets_of import csv_sheet, unhurried

HEADER = ("氏名", "メール", "目標")
DANGEROUS = (
    "=1+1",
    "+81 3",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    "＝1",
    "＋1",
    "－1",
    "＠a",
    '"=1',
    ";=1",
    "' =1",
    "'=1",
)

cells = st.text(st.characters(exclude_categories=("Cs", "Cc"), include_characters="\t\n\r"), max_size=12)
rows = st.lists(
    st.tuples(cells, cells, cells).filter(lambda row: any(cell.strip() for cell in row)), min_size=1, max_size=5
)
cp932_cells = st.text(
    st.characters(codec="cp932", exclude_categories=("Cs", "Cc", "Co"), exclude_characters="¢£¬‖−〜"), max_size=12
)
cp932_rows = st.lists(
    st.tuples(cp932_cells, cp932_cells).filter(lambda row: any(cell.strip() for cell in row)), min_size=1, max_size=5
)


def read_back(data: bytes) -> list[tuple[str, ...]]:
    return [row.cells for row in read(data, "people.csv").rows]


@pytest.mark.parametrize("text", DANGEROUS)
def test_no_cell_begins_a_formula(text: str) -> None:
    data = write_csv(HEADER, [("山田", text, "x")])
    (_, (_, cell, _)) = csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""))
    assert (cell, unguarded(cell)) == ("'" + text, text)
    book = openpyxl.load_workbook(io.BytesIO(write_xlsx(HEADER, [("山田", text, "x")])))
    assert (book.active["B2"].data_type, book.active["B2"].value[0]) == ("s", "'")


def test_without_the_guard_a_formula_would_be_written() -> None:
    book = openpyxl.Workbook()
    book.active["A1"] = "=1+1"
    assert (book.active["A1"].data_type, guarded("=1+1")) == ("f", "'=1+1")


@unhurried
@given(st.text(max_size=20))
@example("''=1")
@example("'")
def test_the_guard_can_be_taken_off_whatever_the_text(text: str) -> None:
    assert unguarded(guarded(text)) == text


@unhurried
@given(st.text(max_size=20))
def test_what_is_harmless_stays_as_it_is(text: str) -> None:
    assert (guarded(text) == text) == (unguarded("'" + text) != text)


@unhurried
@given(rows)
@example([("'=1", "x", "\r\n"), ("\ufeff", "_x0041_", "'")])
def test_csv_reads_back_as_it_was(rows: list[tuple[str, ...]]) -> None:
    assert read_back(write_csv(HEADER, rows)) == rows


@unhurried
@given(rows)
@example([("_x000D_", "_x0041_", "a\rb"), ("#N/A", "#REF!", "TRUE"), ("=1", " x ", "\n=2")])
def test_xlsx_reads_back_as_it_was(rows: list[tuple[str, ...]]) -> None:
    # The reader takes a cell of blanks alone for an empty one.
    without_blanks = [tuple(cell if cell.strip() else "" for cell in row) for row in rows]
    assert read_back(write_xlsx(HEADER, without_blanks)) == without_blanks


@unhurried
@given(cp932_rows)
def test_cp932_reads_back_as_it_was(rows: list[tuple[str, ...]]) -> None:
    data = write_csv(("氏名", "メール"), rows, encoding="cp932")
    sheet = read(data, "people.csv")
    assert (sheet.encoding, [row.cells for row in sheet.rows]) == ("Shift_JIS (CP932)", rows)


@unhurried
@given(rows, st.sampled_from(["utf-16-le", "utf-16-be"]))
def test_utf_16_reads_back_as_it_was(rows: list[tuple[str, ...]], codec: str) -> None:
    mark = codecs.BOM_UTF16_LE if codec == "utf-16-le" else codecs.BOM_UTF16_BE
    assert read_back(mark + write_csv(HEADER, rows).decode("utf-8-sig").encode(codec)) == rows


def test_csv_is_utf_8_with_a_mark_and_windows_lines() -> None:
    assert write_csv(("氏名",), [("山田",), (None,), (3,)]) == codecs.BOM_UTF8 + '氏名\r\n山田\r\n""\r\n3\r\n'.encode()


def test_cp932_takes_the_signs_that_look_alike() -> None:
    data = write_csv(("時間",), [("18時〜20時 — ¥500",)], encoding="cp932")
    assert data.decode("cp932") == "時間\r\n18時～20時 ― ￥500\r\n"


@pytest.mark.parametrize("character", ["𠮷", "é", "😀", "\x80", "\uf8f0"])
def test_cp932_refuses_what_it_does_not_have_and_says_where(character: str) -> None:
    table = [("山田", "x"), (f"{character}野{character}", "y"), (character, "z")]
    if character == "\x80":
        assert "?" not in write_csv(("氏名", "a"), table, encoding="cp932").decode("cp932")
        return
    with pytest.raises(Unencodable) as refused:
        write_csv(("氏名", "a"), table, encoding="cp932")
    assert refused.value.cells == ((3, "A", character), (4, "A", character))
    assert refused.value.fields == {"row": 3, "column": "A", "found": character, "count": 2}


def test_characters_that_a_file_cannot_hold_do_not_stop_an_export() -> None:
    table = [("a\0b\x07", "\ud842", "x" * 40_000)]
    assert read_back(write_csv(HEADER, [("a\0b\x07", "\ud842", "x")])) == [("ab", "\ufffd", "x")]
    book = openpyxl.load_workbook(io.BytesIO(write_xlsx(HEADER, table)))
    assert (book.active["A2"].value, len(book.active["C2"].value)) == ("ab", 32_767)


def test_a_workbook_keeps_numbers_and_its_header_in_view() -> None:
    header = ("氏名", "面談\n可能", "#N/A")
    book = openpyxl.load_workbook(io.BytesIO(write_xlsx(header, [("山田", -3, "x")], title="2027/春: [名簿]*")))
    sheet = book.active
    assert tuple(cell.value for cell in sheet[1]) == header
    assert (sheet.title, sheet.freeze_panes, sheet["B2"].value, sheet["A1"].font.bold) == (
        "2027 春   名簿",
        "A2",
        -3,
        True,
    )


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_broken_rows_can_be_mended_and_sent_back(form: str) -> None:
    sheet = csv_sheet(
        "番号,氏名,メール,区分,学部",
        "001,山田 太郎,t@x.jp,学生,理学部",
        "002,鈴木 花,h＠x.jp,学生,=1+1",
        "003,林 一,,学生,文学部",
    )
    choices = {"faculty": ["理学部", "文学部"]}
    first = check(sheet, recognise(sheet), choices=choices)
    data = write_broken(sheet, first, str, form=form)
    again = read(data, f"broken.{form}")
    assert again.header == ("番号", "氏名", "メール", "区分", "学部", PROBLEM_HEADING)
    assert [row.cells[:-1] for row in again.rows] == [
        ("002", "鈴木 花", "h＠x.jp", "学生", "=1+1"),
        ("003", "林 一", "", "学生", "文学部"),
    ]
    assert [row.cells[-1].count("\n") for row in again.rows] == [1, 0]
    mapping = recognise(again)
    assert (mapping.columns[-1].field, mapping.signature) == (None, recognise(sheet).signature)
    mended = {"half_width": [2], "cells": [[3, 2, "i@x.jp"], [2, 4, "理学部"]]}
    assert check(again, mapping, choices=choices, corrections=mended).is_ready
    once_more = write_broken(again, check(again, mapping, choices=choices), str, form=form)
    assert read(once_more, f"broken.{form}").header == again.header


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("2027年春 参加者", "2027年春 参加者.csv"),
        ("../../etc/passwd", "etc passwd.csv"),
        ("a\r\nSet-Cookie: x", "a Set-Cookie x.csv"),
        ("..\\con", "mentormatch con.csv"),
        ("NUL.txt", "mentormatch NUL.txt.csv"),
        (" . ", "mentormatch.csv"),
        ("x" * 300, "x" * 80 + ".csv"),
        ("evil\u202egpj", "evil gpj.csv"),
    ],
)
def test_names_of_downloads_are_safe(text: str, name: str) -> None:
    assert file_name(text, "csv") == name
