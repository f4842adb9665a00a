"""Whatever comes in: an answer or one of our errors, and values of the promised shapes."""

from __future__ import annotations

import json
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mentormatch.core.errors import MentorMatchError
from mentormatch.core.fields import FIELDS, Kind
from mentormatch.core.roles import Role
from mentormatch.sheets.checking import check
from mentormatch.sheets.names import Name
from mentormatch.sheets.reading import read
from mentormatch.sheets.recognition import recognise
from mentormatch.sheets.values import Values
from tests.unit.sheets.sheets_of import unhurried, workbook
from tests.unit.sheets.test_archive import SHEET, part, rebuilt

PIECES = (
    *(
        "月火水木金土日",
        "平日",
        "夜",
        "午前",
        "18:00",
        "〜",
        "-",
        "20時",
        "Mon",
        "evenings",
        "から",
        "以外",
        "12/3",
        "24:00",
        "半",
    ),
    *(
        "日本語",
        "英語",
        "（母語）",
        "(",
        ")",
        "TOEIC 850",
        "business",
        "N2",
        "2016-2019",
        "2016年4月",
        "現在",
        "株式会社",
    ),
    *("山田", "太郎", "Taro", "YAMADA", "やまだ", "ﾔﾏﾀﾞ", "様", "・", "、", ",", "/", "／", ";", "\n", " ", "\u3000"),
    *(
        "t@x.jp",
        "＠",
        "@",
        "<",
        ">",
        "3名",
        "２",
        "平成27年",
        "学生",
        "OB",
        "=",
        "'",
        '"',
        "\0",
        "\ufffd",
        "\u202e",
        "😀",
        "e\u0301",
    ),
)
texts = st.lists(st.sampled_from(PIECES) | st.text(max_size=3), max_size=8).map("".join)


def is_shaped(kind: Kind, value: object) -> bool:
    """Say whether `value` has the JSON shape of `kind`."""
    match kind:
        case Kind.TAGS:
            return all(isinstance(tag, str) and tag for tag in value)
        case Kind.LANGUAGES:
            return all(len(code) == 2 and level in {1, 2, 3, 4} for code, level in value)
        case Kind.HOURS:
            return all(0 <= day <= 6 and 0 <= start < end <= 1440 for day, start, end in value)
        case Kind.CAREER:
            return all(
                isinstance(began, int)
                and (ended is None or ended >= began)
                and organisation
                and isinstance(position, str)
                for began, ended, organisation, position in value
            )
        case Kind.NUMBER:
            return isinstance(value, int)
    return isinstance(value, str) and value == value.strip()


@unhurried
@given(st.sampled_from(FIELDS), texts)
def test_every_text_has_an_answer_of_the_right_shape(field, text: str) -> None:
    value = Values().parse(field.key, text).value
    if isinstance(value, Name):
        assert value.family or value.given
    elif value is not None and not isinstance(value, Role):
        assert is_shaped(field.kind, value)
        assert json.loads(json.dumps(value)) == value


@unhurried
@given(st.lists(st.lists(texts, min_size=4, max_size=6), min_size=1, max_size=4))
def test_every_row_is_accepted_or_told(rows: list[list[str]]) -> None:
    text = "氏名,メール,区分,面談可能日,言語\n" + "\n".join(
        ",".join('"' + cell.replace('"', '""') + '"' for cell in row) for row in rows
    )
    try:
        sheet = read(text.encode("utf-8", "replace"), "people.csv")
    except MentorMatchError:
        return
    result = check(sheet, recognise(sheet))
    assert result.counts.total == len(sheet.rows)
    assert len(list(result.rows())) == result.counts.add
    assert len(list(result.broken())) == result.counts.fix
    for group in (*result.problems, *result.warnings):
        assert all(str(found.line) for found in group.rows)


@unhurried
@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        sheet = read(data, "people.csv")
    except MentorMatchError:
        return
    assert len(list(sheet.rows)) == len(sheet.rows)


@pytest.mark.parametrize("seed", range(40))
def test_a_workbook_with_wrong_bytes_is_read_or_refused(seed: int) -> None:
    source = random.Random(seed)
    good = workbook([["氏名", "メール", "学年"], ["山田 太郎", "t@x.jp", 3]], ["A1:B1"])
    xml = bytearray(part(SHEET, good))
    for _ in range(3):
        xml[source.randrange(len(xml))] = source.randrange(32, 127)
    whole = bytearray(good)
    whole[source.randrange(len(whole))] ^= 1 << source.randrange(8)
    for data in (rebuilt({SHEET: bytes(xml)}, good), bytes(whole)):
        try:
            sheet = read(data, "people.xlsx")
        except MentorMatchError:
            continue
        assert len(list(sheet.rows)) == len(sheet.rows)
