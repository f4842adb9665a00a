"""Free time in words."""

from __future__ import annotations

import pytest

from mentormatch.sheets.free_time import free_time
from mentormatch.sheets.slots import in_slot, slot_of

_DAYS = "月火水木金土日"


def told(text: str) -> str:
    """Return the free time that `text` means in one notation: 月18:00-20:00 火9:00-12:00."""
    return " ".join(
        f"{_DAYS[day]}{start // 60}:{start % 60:02}-{end // 60}:{end % 60:02}"
        for day, start, end in free_time(text).value or []
    )


def each(days: str, hours: str) -> str:
    return " ".join(f"{day}{hours}" for day in days)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("金夜, 土午前", "金18:00-21:00 土9:00-12:00"),
        ("Fri 18:00-20:00", "金18:00-20:00"),
        ("平日夜", each("月火水木金", "18:00-21:00")),
        ("月・水 18時〜20時", each("月水", "18:00-20:00")),
        ("weekday evenings", each("月火水木金", "18:00-21:00")),
        ("月〜金 18:00以降", each("月火水木金", "18:00-22:00")),
        ("土日 10-12時", each("土日", "10:00-12:00")),
        ("土日祝 10:00～17:00", each("土日", "10:00-17:00")),
        ("火曜日の午後", "火13:00-17:00"),
        ("Mon-Fri 9am-5pm", each("月火水木金", "9:00-17:00")),
        ("Fri-Mon mornings", each("月金土日", "9:00-12:00")),
        ("水 19:30〜", "水19:30-22:00"),
        ("水曜日18時半から20時まで", "水18:30-20:00"),
        ("いつでも", each(_DAYS, "9:00-21:00")),
        ("Tue/Thu evenings", each("火木", "18:00-21:00")),
        ("Tuesdays after 6", "火18:00-22:00"),
        ("6-8pm on Fridays", "金18:00-20:00"),
        ("6-8pm Fri, 9-10am Mon", "月9:00-10:00 金18:00-20:00"),
        ("午後6時〜8時 木", "木18:00-20:00"),
        ("Wednesday 4:30 pm - 6 pm", "水16:30-18:00"),
        ("Fri 11am-1pm", "金11:00-13:00"),
        ("Weekday evenings and Saturday mornings", each("月火水木金", "18:00-21:00") + " 土9:00-12:00"),
        ("平日の19時以降、土曜の午前中", each("月火水木金", "19:00-22:00") + " 土9:00-12:00"),
        ("月・水：10時〜12時、火・木：15時〜17時", "月10:00-12:00 火15:00-17:00 水10:00-12:00 木15:00-17:00"),
        ("月 18:00ー20:00", "月18:00-20:00"),
        ("金18:00-24:00", "金18:00-24:00"),
        ("金 12時まで", "金9:00-12:00"),
        ("週2回程度、火・木の夜", each("火木", "18:00-21:00")),
        ("火 朝または夜", "火7:00-9:00 火18:00-21:00"),
        ("月 10-12, 11-14", "月10:00-14:00"),
        ("日曜の昼休み", "日12:00-13:00"),
        ("平日日中", each("月火水木金", "9:00-17:00")),
        ("月　１８：００〜２０：００", "月18:00-20:00"),
        ("要相談", ""),
        ("特になし", ""),
    ],
)
def test_free_time(text: str, expected: str) -> None:
    assert (told(text), free_time(text).findings) == (expected, ())


@pytest.mark.parametrize(
    ("text", "expected", "codes"),
    [
        ("月、水", each("月水", "9:00-21:00"), ["hours_assumed"]),
        ("毎日", each(_DAYS, "9:00-21:00"), ["hours_assumed"]),
        ("金 18:00", "金18:00-19:00", ["hours_assumed"]),
        ("18:00以降", each("月火水木金", "18:00-22:00"), ["days_assumed"]),
        ("金以外", "", ["hours_unread"]),
        ("not on Mondays", "", ["hours_unread"]),
        ("月は不可", "", ["hours_unread"]),
        ("12/3 18:00", "", ["hours_unread"]),
        ("第2金曜 夜", "", ["hours_unread"]),
        ("4月5日", "", ["hours_unread"]),
        ("月 22-26時", "", ["hours_unread"]),
        ("月 18:75-19:00", "", ["hours_unread"]),
        ("金夜 (zoom)", "金18:00-21:00", ["hours_unread"]),
    ],
)
def test_free_time_that_a_person_should_look_at(text: str, expected: str, codes: list[str]) -> None:
    assert (told(text), [finding.code for finding in free_time(text).findings]) == (expected, codes)


@pytest.mark.parametrize(
    ("heading", "slot"),
    [
        ("月", "月"),
        ("Tue", "Tue"),
        ("水 18-20時", "水 18-20時"),
        ("面談可能曜日\n木曜", "木曜"),
        ("土木工学", None),
        ("学年", None),
    ],
)
def test_columns_named_for_a_time(heading: str, slot: str | None) -> None:
    assert slot_of(heading) == slot


@pytest.mark.parametrize(("cell", "text"), [("○", "月"), ("可", "月"), ("×", ""), ("", ""), ("18-20", "月 18-20")])
def test_cells_under_a_time(cell: str, text: str) -> None:
    assert in_slot("月", cell) == text


def test_long_nonsense_costs_no_time() -> None:
    assert free_time("1" * 8000).value is None
    assert free_time("月と" * 2000).value == [[0, 540, 1260]]
