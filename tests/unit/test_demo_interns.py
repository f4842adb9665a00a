"""The interns of the demonstration: they must pass for answers that students really gave."""

from __future__ import annotations

import json
import re
from collections import Counter
from importlib.resources import files
from itertools import combinations
from typing import Any

import pytest

from mentormatch.core.fields import BY_KEY, LANGUAGE_LEVELS, Kind, Owner, fields_for
from mentormatch.core.roles import Role

DEMO = files("mentormatch") / "demo"
INTERNS: list[dict[str, Any]] = json.loads((DEMO / "interns.json").read_text(encoding="utf-8"))
HOSTS: list[dict[str, Any]] = json.loads((DEMO / "hosts.json").read_text(encoding="utf-8"))
BY_EMAIL = {intern["email"]: intern for intern in INTERNS}
PERSON_KEYS = ("family_name", "given_name", "family_kana", "given_kana", "romaji", "preferred_name")
FACULTIES = {
    *("文学部", "法学部", "経済学部", "経営学部", "商学部", "社会学部", "国際教養学部"),
    *("教育学部", "理工学部", "情報学部", "農学部", "薬学部", "医療看護学部", "美術学部"),
}
EXPECTED = {field.key for field in fields_for(Role.INTERN, Owner.PROFILE) if field.expected}
PROSE = ("studies", "goals", "vision", "questions", "self_introduction")
SHARED_AT_MOST = {"ja": 15, "en": 30}
"""Characters that the prose of two people may have in common without a break."""


def _line(value: Any, limit: int) -> bool:
    return _text(value, limit) and "\n" not in value


def _text(value: Any, limit: int) -> bool:
    return isinstance(value, str) and value == value.strip() and 0 < len(value) <= limit


def _tags(value: Any, limit: int) -> bool:
    apart = all(_line(tag, 80) and not re.search(r"[,、;；/／|・]", tag) for tag in value)
    return (
        bool(value) and apart and len({tag.casefold() for tag in value}) == len(value) and sum(map(len, value)) <= limit
    )


def _languages(value: Any, _limit: int) -> bool:
    known = all(re.fullmatch("[a-z]{2}", code) and level in LANGUAGE_LEVELS for code, level in value)
    return bool(value) and known and len({code for code, _ in value}) == len(value)


def _hours(value: Any, _limit: int) -> bool:
    inside = all(0 <= day <= 6 and 0 <= start < end <= 24 * 60 for day, start, end in value)
    apart = all(a[0] != b[0] or a[2] <= b[1] for a, b in combinations(value, 2))
    return bool(value) and inside and apart and value == sorted(value)


SHAPES = {
    **dict.fromkeys((Kind.LINE, Kind.CHOICE, Kind.EMAIL), _line),
    Kind.TEXT: _text,
    Kind.TAGS: _tags,
    Kind.LANGUAGES: _languages,
    Kind.HOURS: _hours,
}


@pytest.mark.parametrize("intern", INTERNS, ids=lambda intern: intern["email"])
def test_every_answer_has_the_shape_of_its_field(intern: dict[str, Any]) -> None:
    assert set(intern) == {"email", *PERSON_KEYS, "language", "number", "profile"}
    profile = intern["profile"]
    assert profile.keys() - {field.key for field in fields_for(Role.INTERN, Owner.PROFILE)} == set()
    assert [key for key, value in profile.items() if not SHAPES[BY_KEY[key].kind](value, BY_KEY[key].max_length)] == []


@pytest.mark.parametrize("intern", INTERNS, ids=lambda intern: intern["email"])
def test_every_person_can_be_named_and_written_to(intern: dict[str, Any]) -> None:
    assert re.fullmatch(r"[a-z.]+@(student\.example\.ac\.jp|example\.edu)", intern["email"])
    assert all(isinstance(intern[key], str) and len(intern[key]) <= BY_KEY[key].max_length for key in PERSON_KEYS)
    assert intern["given_name"]
    assert all(re.fullmatch(r"[ァ-ヶー・]*", intern[key]) for key in ("family_kana", "given_kana"))
    assert re.fullmatch(r"[A-Z][A-Za-zé’ -]+", intern["romaji"])
    assert bool(intern["family_kana"]) <= bool(intern["family_name"])


def test_nobody_is_there_twice_and_nobody_is_also_a_host() -> None:
    for key in ("email", "number", "romaji"):
        assert max(Counter(intern[key] for intern in INTERNS).values()) == 1, key
    assert BY_EMAIL.keys() & {host["email"] for host in HOSTS} == set()
    assert {intern["romaji"] for intern in INTERNS} & {host["romaji"] for host in HOSTS} == set()


def test_both_languages_are_at_home() -> None:
    assert Counter(intern["language"] for intern in INTERNS) == {"ja": 50, "en": 26}
    for intern in INTERNS:
        text = intern["profile"].get("self_introduction", "")
        shortest, longest = (40, 250) if intern["language"] == "ja" else (80, 500)
        assert not text or shortest <= len(text) <= longest, intern["email"]
        assert not text or bool(re.search("[ぁ-ん]", text)) == (intern["language"] == "ja"), intern["email"]


def test_nobody_repeats_anybody() -> None:
    seen: dict[str, tuple[str, str]] = {}
    for intern in INTERNS:
        most = SHARED_AT_MOST[intern["language"]]
        for key in PROSE:
            text = intern["profile"].get(key, "")
            pieces = {text[at : at + most + 1] for at in range(len(text) - most)}
            assert [(piece, seen[piece]) for piece in pieces & seen.keys()] == [], (intern["email"], key)
            seen.update(dict.fromkeys(pieces, (intern["email"], key)))


def test_everyone_belongs_to_a_faculty_and_every_faculty_has_someone() -> None:
    assert {intern["profile"]["faculty"] for intern in INTERNS} == FACULTIES


def test_a_few_profiles_are_unfinished_as_in_life() -> None:
    unfinished = [email.split("@")[0] for email, intern in BY_EMAIL.items() if EXPECTED - intern["profile"].keys()]
    assert sorted(unfinished) == [
        *("bao.nguyen", "kai.nakagawa", "misaki.noguchi", "mizuki.sudo", "shun.kuroda", "takuya.hori")
    ]


def test_internships_are_in_the_companies_of_the_mentors() -> None:
    companies = {host["email"]: host["profile"]["organisation"] for host in HOSTS}
    placed = [intern["profile"] for intern in INTERNS if "host_company" in intern["profile"]]
    assert {profile["host_company"] for profile in placed} - set(companies.values()) == set()
    supervised = [profile for profile in placed if "supervisor" in profile]
    assert sorted(profile["supervisor"] for profile in supervised) == [
        *("aoyama.mai@aoyama-hale.example", "morita.ken@minato-data.example", "ono.haruka@yotsuba-foods.example")
    ]
    assert [companies[profile["supervisor"]] for profile in supervised] == [
        profile["host_company"] for profile in supervised
    ]


def test_the_hard_cases_are_there() -> None:
    assert BY_EMAIL["lucas.pereira@example.edu"]["profile"]["languages"] == [["pt", 4], ["es", 3]]
    scarce = {
        email.split("@")[0]
        for email, intern in BY_EMAIL.items()
        if 0 < sum(end - start for _, start, end in intern["profile"].get("free_time", ())) <= 120
    }
    assert scarce == {"takumi.yoshida", "sakura.nakamura", "haruto.tamura", "oliver.bennett", "mizuki.sudo"}
    assert {intern["given_name"] for intern in INTERNS if not intern["family_name"]} == {
        *("Wulandari", "Nur Aisyah binti Rahman", "Thiri Htet Aung")
    }


def test_the_people_of_the_guided_tour_are_there() -> None:
    aoi = BY_EMAIL["aoi.suzuki@student.example.ac.jp"]
    assert (aoi["family_name"], aoi["given_name"], aoi["language"]) == ("鈴木", "葵", "ja")
    assert (aoi["profile"]["faculty"], aoi["profile"]["year"]) == ("経済学部", "3年")
    assert aoi["profile"]["free_time"] == [[4, 1050, 1230], [5, 570, 750]]
    assert {"Python", "専門外の人への説明"} - set(aoi["profile"]["wants"]) == set()
    takumi = BY_EMAIL["takumi.yoshida@student.example.ac.jp"]
    assert (takumi["family_name"], takumi["profile"]["faculty"], takumi["profile"]["year"]) == (
        "吉田",
        "理工学部",
        "3年",
    )
