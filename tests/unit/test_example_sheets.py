"""The sheets to try the import with: as untidy as their README says, and no further."""

from __future__ import annotations

import csv
import io
import json
import re
import unicodedata
from collections import Counter
from importlib.resources import files
from pathlib import Path
from typing import Any

import openpyxl
import pytest

SHEETS = Path(__file__).parents[2] / "examples" / "sheets"
DEMO = files("mentormatch") / "demo"
ADDRESS = re.compile(r"[a-z0-9.]+@([a-z0-9-]+\.)+[a-z]+")
HEADINGS = [
    *("学籍番号", "氏名", "フリガナ", "Mail", "学部", "学年", "専攻", "目標"),
    *("興味分野", "学びたいこと", "スキル", "言語", "曜日", "自己紹介", "備考2"),
]


def _demo(name: str) -> Any:
    return json.loads((DEMO / name).read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def lines() -> dict[int, dict[str, str]]:
    """The rows of the interns' sheet by the number that Excel shows."""
    text = (SHEETS / "interns_2027.csv").read_bytes().decode("cp932")
    heading, *rows = csv.reader(io.StringIO(text, newline=""))
    assert heading == HEADINGS
    return {number: dict(zip(heading, row, strict=True)) for number, row in enumerate(rows, 2)}


@pytest.fixture(scope="module")
def interns(lines: dict[int, dict[str, str]]) -> dict[int, dict[str, str]]:
    return {number: line for number, line in lines.items() if any(line.values())}


@pytest.fixture(scope="module")
def mentors() -> list[dict[str, Any]]:
    sheet = openpyxl.load_workbook(SHEETS / "mentors_2027.xlsx").active
    assert [str(merged) for merged in sheet.merged_cells.ranges] == ["A1:R1"]
    _, heading, *rows = sheet.iter_rows(values_only=True)
    return [dict(zip(heading, row, strict=True)) for row in rows]


def test_fourteen_interns_and_an_empty_row_in_between(
    lines: dict[int, dict[str, str]], interns: dict[int, dict[str, str]]
) -> None:
    assert (len(interns), lines.keys() - interns.keys()) == (14, {8})
    assert len({line["学籍番号"] for line in interns.values()}) == 14
    assert len({line["氏名"] for line in interns.values()}) == 14


def test_exactly_three_rows_are_broken(interns: dict[int, dict[str, str]]) -> None:
    faculties = set(_demo("programme.json")["faculties"])
    assert [number for number, line in interns.items() if not ADDRESS.fullmatch(line["Mail"])] == [5]
    assert interns[5]["Mail"] == "y. kudo＠student.example.ac.jp"
    assert {number: line["学部"] for number, line in interns.items() if line["学部"] not in faculties} == {
        9: "経営情報"
    }
    often = Counter(line["Mail"] for line in interns.values())
    assert [number for number, line in interns.items() if often[line["Mail"]] > 1] == [11, 12]


def test_the_untidiness_is_there(interns: dict[int, dict[str, str]]) -> None:
    assert [number for number, line in interns.items() if re.search("[ぁ-ん]", line["フリガナ"])] == [3]
    assert [number for number, line in interns.items() if re.search("[ｦ-ﾟ]", line["フリガナ"])] == [4]
    readings = {unicodedata.normalize("NFKC", interns[number]["フリガナ"]) for number in (3, 4)}
    assert readings == {"たなか れん", "タカギ サエ"}
    assert {sign for line in interns.values() for sign in "、；／" if sign in line["興味分野"]} == {"、", "；", "／"}
    assert any(re.search("[０-９]", line["曜日"]) for line in interns.values())
    assert [number for number, line in interns.items() if "\n" in line["自己紹介"]] == [6]


def test_six_mentors_each_whole(mentors: list[dict[str, Any]]) -> None:
    assert len(mentors) == 6
    optional = {"Off limits"}
    assert all(value is not None for mentor in mentors for key, value in mentor.items() if key not in optional)
    assert all(ADDRESS.fullmatch(mentor["Email"]) and mentor["Email"].endswith(".example") for mentor in mentors)
    assert {type(mentor["Max interns"]) for mentor in mentors} == {int}


def test_nobody_of_the_sheets_is_in_the_demo(interns: dict[int, dict[str, str]], mentors: list[dict[str, Any]]) -> None:
    people = [*_demo("interns.json"), *_demo("hosts.json")]
    addresses = {line["Mail"] for line in interns.values()} | {mentor["Email"] for mentor in mentors}
    assert addresses & {person["email"] for person in people} == set()
    names = {line["氏名"] for line in interns.values()} | {f"{m['Family name']} {m['Given name']}" for m in mentors}
    assert names & {f"{person['family_name']} {person['given_name']}" for person in people} == set()
    numbers = {line["学籍番号"] for line in interns.values()}
    assert numbers & {person.get("number") for person in people} == set()
