"""Text files: encodings, delimiters, quotation marks, the header, row numbers, limits."""

from __future__ import annotations

import codecs

import pytest

from mentormatch.core.errors import InvalidInput, MentorMatchError, TooLarge
from mentormatch.sheets.reading import read
from mentormatch.sheets.sheet import Limits, Row, column_name
from tests.unit.sheets.sheets_of import csv_sheet, text

LINES = ("氏名,フリガナ,メール", "髙橋 花子,たかはし はなこ,h@example.jp", "鈴木 ①～,すずき いち,i@example.jp")
ROWS = [Row(2, ("髙橋 花子", "たかはし はなこ", "h@example.jp")), Row(3, ("鈴木 ①～", "すずき いち", "i@example.jp"))]


@pytest.mark.parametrize(
    ("data", "label"),
    [
        (text(*LINES).encode("utf-8"), "UTF-8"),
        (text(*LINES).encode("utf-8-sig"), "UTF-8"),
        (text(*LINES).encode("cp932"), "Shift_JIS (CP932)"),
        (codecs.BOM_UTF16_LE + text(*LINES).encode("utf-16-le"), "UTF-16 LE"),
        (codecs.BOM_UTF16_BE + text(*LINES).encode("utf-16-be"), "UTF-16 BE"),
        (codecs.BOM_UTF16_LE + text(*LINES, delimiter="\t").encode("utf-16-le"), "UTF-16 LE"),
    ],
)
def test_encodings_are_told_by_looking(data: bytes, label: str) -> None:
    sheet = read(data, "people.csv")
    assert (sheet.encoding, sheet.header, list(sheet.rows)) == (label, ("氏名", "フリガナ", "メール"), ROWS)


def test_half_width_katakana_in_cp932_are_not_euc_jp() -> None:
    assert csv_sheet("氏名,ﾌﾘｶﾞﾅ,ﾒｰﾙ", "山,ﾔﾏﾀﾞ,t@x.jp", encoding="cp932").header == ("氏名", "ﾌﾘｶﾞﾅ", "ﾒｰﾙ")


def test_utf_8_is_tried_before_cp932() -> None:
    data = text("名前,メール", "鈴木,s@example.jp").encode("utf-8")
    assert data.decode("cp932", "ignore") != ""
    assert next(iter(read(data, "x.csv").rows)).cells == ("鈴木", "s@example.jp")


@pytest.mark.parametrize(
    ("data", "part"),
    [
        (text(*LINES).encode("utf-16-le"), "UTF-16 without the mark"),
        (text(*LINES).encode("utf-16-be"), "UTF-16 without the mark"),
        (codecs.BOM_UTF32_LE + text(*LINES).encode("utf-32-le"), "UTF-32"),
        (text(*LINES[:2]).replace("髙", "高").encode("euc_jp"), "EUC-JP"),
        (b"name,mail\nJos\xe9,j@x.jp\n", "neither UTF-8 nor Shift_JIS"),
        (b"name,mail\n\x80\xa0,j@x.jp\n", "neither UTF-8 nor Shift_JIS"),
        (codecs.BOM_UTF8 + b"name,mail\n\xff\xff,a@x.jp\n", "begins as UTF-8"),
        (codecs.BOM_UTF16_LE + b"n\0a\0,", "begins as UTF-16 LE"),
        (b"", "is empty"),
        (b" \r\n\t\r\n", "is empty"),
        (b",,\r\n,,\r\n", "is empty"),
        (text("氏名,メール").encode(), "nothing under it"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 512, "old format"),
        (b"<html><table><tr><td>\x8e\x81\x96\xbc</td></tr></table>", "web page"),
        (b"%PDF-1.7\n", "not a spreadsheet"),
    ],
)
def test_what_cannot_be_read_is_refused_with_a_reason(data: bytes, part: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        read(data, "people.csv")
    assert part in str(refused.value)


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_delimiters_are_told_by_looking(delimiter: str) -> None:
    lines = (f"氏名{delimiter}メール{delimiter}スキル", f"山田 太郎{delimiter}t@x.jp{delimiter}" + '"SQL, R; \t C"')
    sheet = read("\n".join(lines).encode(), "people.csv")
    assert (sheet.delimiter, list(sheet.rows)) == (delimiter, [Row(2, ("山田 太郎", "t@x.jp", "SQL, R; \t C"))])


def test_a_name_with_tsv_decides_between_equals() -> None:
    assert read(b"a,b\tc\n1,2\t3\n", "people.tsv").delimiter == "\t"
    assert read(b"a,b\tc\n1,2\t3\n", "people.csv").delimiter == ","


def test_the_separator_hint_of_excel_is_no_row() -> None:
    sheet = read(b"sep=;\r\nname;mail\r\nTaro;t@x.jp\r\n", "people.csv")
    assert (sheet.header, list(sheet.rows)) == (("name", "mail"), [Row(2, ("Taro", "t@x.jp"))])


def test_rows_keep_the_numbers_that_excel_shows() -> None:
    sheet = csv_sheet("氏名,メール", ",", '"山田\r\n太郎",a@x.jp', "", "鈴木 花,b@x.jp", " ,\u3000")
    assert [(row.number, row.cells[0]) for row in sheet.rows] == [(3, "山田\r\n太郎"), (5, "鈴木 花")]
    assert len(sheet.rows) == 2
    assert list(sheet.rows) == list(sheet.rows)


def test_a_header_far_below_blank_rows_is_found() -> None:
    sheet = csv_sheet(*[","] * 100, "氏名,メール", "山田 太郎,t@x.jp")
    assert (sheet.header_row, [row.number for row in sheet.rows]) == (101, [102])


def test_a_title_above_the_header_is_not_the_header() -> None:
    sheet = csv_sheet(
        "2027年春 インターン名簿,,", "作成日,2027-01-05,", "", "氏名,メール,学部", "山田 太郎,t@x.jp,理学部"
    )
    assert (sheet.header_row, sheet.header) == (4, ("氏名", "メール", "学部"))
    assert [str(note) for note in sheet.notes] == ["The header was found in row 4; what stands above it is not read."]


def test_a_header_of_unknown_words_is_the_first_row_with_cells() -> None:
    sheet = csv_sheet("whatever,", "alpha,beta", "1,2")
    assert (sheet.header_row, sheet.header) == (2, ("alpha", "beta"))


def test_a_header_of_two_levels_is_joined() -> None:
    sheet = csv_sheet("学籍番号,氏名,,フリガナ,,メール", ",姓,名,セイ,メイ,", "12,山田,太郎,ヤマダ,タロウ,t@x.jp")
    assert sheet.header == ("学籍番号", "氏名\n姓", "氏名\n名", "フリガナ\nセイ", "フリガナ\nメイ", "メール")
    assert (sheet.header_row, [row.number for row in sheet.rows]) == (2, [3])


UNCLOSED = text("氏名,メール,業界", '山田 太郎,t@x.jp,"IT', *(f"人 {n},p{n}@x.jp,金融" for n in range(1000)))


@pytest.mark.parametrize(
    ("body", "line", "column"),
    [
        (UNCLOSED, 2, "C"),
        (UNCLOSED + '鈴木 花,h@x.jp,"商社"\r\n', 2, "C"),
        (text("氏名,メール", '"山田\n太郎",t@x.jp', '"鈴木,h@x.jp'), 4, "A"),
        (text("氏名,メール,業界", '"a",b@x.jp,"x" y'), 2, "C"),
        (text("氏名,メール", '"a\nb","c'), 3, "B"),
    ],
)
def test_an_unclosed_quotation_mark_is_refused_where_it_began(body: str, line: int, column: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        read(body.encode(), "people.csv")
    assert refused.value.fields == {"line": line, "column": column}


def test_rows_that_a_quotation_mark_swallowed_are_not_one_cell() -> None:
    swallowed = text(
        "氏名,メール,学部,業界", '山田 太郎,t@x.jp,理,"IT', "鈴木,s@x.jp,文,金融", '佐藤,k@x.jp,文,"', "林,h@x.jp,理,IT"
    )
    with pytest.raises(InvalidInput) as refused:
        read(swallowed.encode(), "people.csv")
    assert refused.value.fields == {"line": 2, "column": "D"}


def test_a_long_answer_with_line_breaks_is_one_cell() -> None:
    answer = "一行目、\n二行目, と\n三行目"
    sheet = csv_sheet("氏名,メール,目標,業界", f'山田 太郎,t@x.jp,"{answer}",IT')
    assert next(iter(sheet.rows)).cells[2] == answer


@pytest.mark.parametrize(
    ("lines", "limits", "fields"),
    [
        (("氏名,メール", *["山田 太郎,t@x.jp"] * 4), Limits(rows=3), {"limit": 3, "row": 5}),
        (
            ("氏名,メール", "山," + "x" * 41),
            Limits(cell_length=40),
            {"row": 2, "column": "B", "found": 41, "limit": 40},
        ),
        (("氏名,メール", "山" + "," * 5000), Limits(), {"row": 2, "found": 5001, "limit": 400}),
        (("氏名,メール", "山,x"), Limits(bytes=10), {"limit": 0}),
    ],
)
def test_what_is_over_a_limit_is_refused_with_its_place(
    lines: tuple[str, ...], limits: Limits, fields: dict[str, object]
) -> None:
    with pytest.raises(TooLarge) as refused:
        read(text(*lines).encode(), "people.csv", limits)
    assert refused.value.fields == fields


@pytest.mark.parametrize("cell", ["x" * 200_000, '"' + "y" * 200_000 + '"'])
def test_a_cell_of_200_kilobytes_is_refused_with_its_place(cell: str) -> None:
    with pytest.raises(TooLarge) as refused:
        read(text("氏名,メール,目標", f"山,t@x.jp,{cell}").encode(), "people.csv")
    assert (refused.value.fields["row"], refused.value.fields["column"]) == (2, "C")


def test_a_million_rows_are_refused_by_reading_only_as_many_as_are_allowed() -> None:
    data = b"name,mail\n" + b"a,b@x.jp\n" * 1_000_000
    with pytest.raises(TooLarge) as refused:
        read(data, "people.csv", Limits(rows=1000))
    assert refused.value.fields == {"limit": 1000, "row": 1002}


def test_characters_that_no_database_keeps_are_read_for_the_check_to_tell() -> None:
    assert next(iter(csv_sheet("氏名,メール", "山\0田,\ufffd").rows)).cells == ("山\0田", "\ufffd")
    half_pair = codecs.BOM_UTF16_LE + "氏名,メール\n".encode("utf-16-le") + b"\x42\xd8,\x00x\x00\n\x00"
    assert next(iter(read(half_pair, "x.csv").rows)).cells == ("\ud842", "x")


def test_a_problem_has_an_english_text() -> None:
    with pytest.raises(MentorMatchError, match=r"^Row 3, column B: the cell has 41 characters; at most 40 are read\.$"):
        read(text("氏名,メール", "a,b", "山," + "x" * 41).encode(), "people.csv", Limits(cell_length=40))


def test_columns_have_the_letters_of_excel() -> None:
    assert [column_name(index) for index in (0, 25, 26, 701, 702)] == ["A", "Z", "AA", "ZZ", "AAA"]


def test_two_rows_can_be_picked_to_be_compared() -> None:
    sheet = csv_sheet("氏名,メール", "a,1", "b,2", "c,3")
    assert sheet.pick([2, 4]) == {2: Row(2, ("a", "1")), 4: Row(4, ("c", "3"))}
