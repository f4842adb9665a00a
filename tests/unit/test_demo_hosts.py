"""The mentors and alumni of the demonstration: they must pass for answers that people really gave."""

from __future__ import annotations

import json
import re
from collections import Counter
from datetime import date
from importlib.resources import files
from itertools import combinations, pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from mentormatch.core.fields import BY_KEY, LANGUAGE_LEVELS, Kind, Owner, fields_for
from mentormatch.core.roles import HOST_ROLES, Role

DEMO = files("mentormatch") / "demo"
HOSTS: list[dict[str, Any]] = json.loads((DEMO / "hosts.json").read_text(encoding="utf-8"))
PROGRAMME: dict[str, Any] = json.loads((DEMO / "programme.json").read_text(encoding="utf-8"))
PERSON_KEYS = ("family_name", "given_name", "family_kana", "given_kana", "romaji", "preferred_name")
KEYS = {"email", "role", *PERSON_KEYS, "language", "capacity", "minimum", "profile"}
DAY = 24 * 60
SHARED_AT_MOST = 39
"""Characters that two self-introductions may have in common without a break."""


def _name(host: dict[str, Any]) -> str:
    return f"{host['email']} {host['role']}"


def _line(value: Any, limit: int) -> bool:
    return isinstance(value, str) and value == value.strip() and 0 < len(value) <= limit and "\n" not in value


def _tags(value: Any, limit: int) -> bool:
    folded = {tag.casefold() for tag in value}
    apart = all(_line(tag, 80) and not re.search(r"[,、;；/／|・]", tag) for tag in value)
    return bool(value) and apart and len(folded) == len(value) and sum(map(len, value)) <= limit


def _languages(value: Any, _limit: int) -> bool:
    codes = [code for code, _ in value]
    known = all(re.fullmatch("[a-z]{2}", code) and level in LANGUAGE_LEVELS for code, level in value)
    return bool(value) and known and len(set(codes)) == len(codes)


def _hours(value: Any, _limit: int) -> bool:
    inside = all(0 <= day <= 6 and 0 <= start < end <= DAY for day, start, end in value)
    apart = all(a[0] != b[0] or a[2] <= b[1] or b[2] <= a[1] for a, b in combinations(value, 2))
    return bool(value) and inside and apart and value == sorted(value)


def _career(value: Any, limit: int) -> bool:
    ordered = all(newer[0] >= (older[1] or newer[0] + 1) for newer, older in pairwise(value))
    whole = all(
        _line(where, 120) and _line(what, 120) and 1980 <= start <= (end or 2026) <= 2026
        for start, end, where, what in value
    )
    return bool(value) and whole and ordered and len(json.dumps(value, ensure_ascii=False)) <= limit


SHAPES = {
    Kind.LINE: _line,
    Kind.TEXT: _line,
    Kind.CHOICE: _line,
    Kind.EMAIL: _line,
    Kind.NUMBER: lambda value, _limit: type(value) is int,
    Kind.TAGS: _tags,
    Kind.LANGUAGES: _languages,
    Kind.HOURS: _hours,
    Kind.CAREER: _career,
}


@pytest.mark.parametrize("host", HOSTS, ids=_name)
def test_every_answer_has_the_shape_of_its_field(host: dict[str, Any]) -> None:
    assert set(host) == KEYS
    asked = {field.key for field in fields_for(Role(host["role"]), Owner.PROFILE)}
    assert set(host["profile"]) - asked == set()
    wrong = [
        key for key, value in host["profile"].items() if not SHAPES[BY_KEY[key].kind](value, BY_KEY[key].max_length)
    ]
    assert wrong == []


@pytest.mark.parametrize("host", HOSTS, ids=_name)
def test_every_person_can_be_named_and_written_to(host: dict[str, Any]) -> None:
    assert Role(host["role"]) in HOST_ROLES
    assert host["language"] in {"ja", "en"}
    assert re.fullmatch(r"[a-z.]+@[a-z-]+\.example", host["email"])
    assert all(isinstance(host[key], str) and len(host[key]) <= BY_KEY[key].max_length for key in PERSON_KEYS)
    assert all(host[key] for key in PERSON_KEYS if key != "preferred_name")
    assert all(re.fullmatch(r"[ァ-ヶー ]+", host[key]) for key in ("family_kana", "given_kana"))
    assert re.fullmatch(r"[A-Z][A-Za-z -]+", host["romaji"])


@pytest.mark.parametrize(
    ("role", "people", "places", "most"), [(Role.MENTOR, 30, 86, 4), (Role.ALUMNUS, 22, 90, 6)], ids=str
)
def test_there_is_room_for_everyone(role: Role, people: int, places: int, most: int) -> None:
    hosts = [host for host in HOSTS if host["role"] == role]
    assert (len(hosts), sum(host["capacity"] for host in hosts)) == (people, places)
    assert {host["capacity"] for host in hosts} == set(range(1, most + 1))
    assert all(0 <= host["minimum"] <= min(1, host["capacity"]) for host in hosts)


def test_both_languages_are_at_home() -> None:
    assert Counter(host["language"] for host in HOSTS) == {"ja": 34, "en": 18}
    for host in HOSTS:
        text = host["profile"].get("self_introduction")
        if text is None:
            continue
        written = "ja" if re.search("[ぁ-ん]", text) else "en"
        assert written == host["language"], host["email"]
        shortest, longest = (40, 220) if written == "ja" else (80, 450)
        assert shortest <= len(text) <= longest, host["email"]


def test_one_entry_per_address_and_role_and_one_person_with_two() -> None:
    entries = Counter((host["email"], host["role"]) for host in HOSTS)
    assert max(entries.values()) == 1
    twice = [address for address, number in Counter(host["email"] for host in HOSTS).items() if number > 1]
    assert twice == ["onishi.sayaka@tsubame-freight.example"]
    first, second = (host for host in HOSTS if host["email"] == twice[0])
    assert [first[key] for key in PERSON_KEYS] == [second[key] for key in PERSON_KEYS]
    assert {first["role"], second["role"]} == {Role.MENTOR, Role.ALUMNUS}


@pytest.mark.parametrize("key", ["self_introduction", "conversation_style", "boundaries"])
def test_nobody_repeats_anybody(key: str) -> None:
    seen: dict[str, str] = {}
    for host in HOSTS:
        text = host["profile"].get(key, "")
        pieces = {text[at : at + SHARED_AT_MOST + 1] for at in range(len(text) - SHARED_AT_MOST)}
        assert pieces & seen.keys() == set(), (_name(host), {seen[piece] for piece in pieces & seen.keys()})
        seen.update(dict.fromkeys(pieces, _name(host)))


def test_mentors_work_where_their_address_says() -> None:
    companies = {company["domain"]: company["ja"] for company in PROGRAMME["companies"]}
    mentors = [host for host in HOSTS if host["role"] == Role.MENTOR]
    assert {host["email"].split("@")[1] for host in mentors} == set(companies)
    elsewhere = [
        host["email"] for host in mentors if companies[host["email"].split("@")[1]] != host["profile"]["organisation"]
    ]
    assert elsewhere == []


def test_the_programme_is_led_in_both_languages() -> None:
    assert date.fromisoformat(PROGRAMME["starts_on"]) < date.fromisoformat(PROGRAMME["ends_on"])
    assert ZoneInfo(PROGRAMME["timezone"]).key == "Asia/Tokyo"
    staff = [PROGRAMME["admin"], PROGRAMME["coordinator"]]
    assert [person["language"] for person in staff] == ["ja", "en"]
    assert all(set(person) == {"email", *PERSON_KEYS, "language"} for person in staff)
    assert len(set(PROGRAMME["faculties"])) == len(PROGRAMME["faculties"])


def test_alumni_say_when_and_where_they_graduated() -> None:
    alumni = [host["profile"] for host in HOSTS if host["role"] == Role.ALUMNUS]
    assert {profile["faculty"] for profile in alumni} <= set(PROGRAMME["faculties"])
    assert all(1980 <= profile["graduation_year"] <= 2026 for profile in alumni)


def test_a_few_profiles_are_unfinished_as_in_life() -> None:
    unfinished = []
    for host in HOSTS:
        expected = {field.key for field in fields_for(Role(host["role"]), Owner.PROFILE) if field.expected}
        if expected - host["profile"].keys():
            unfinished.append(host["email"].split("@")[0])
    assert sorted(unfinished) == ["caio.silva", "maekawa.yohei", "saeki.yumi", "sawada.kozue"]


def test_the_people_of_the_guided_tour_are_there() -> None:
    mentors = {host["email"]: host for host in HOSTS if host["role"] == Role.MENTOR}
    morita = mentors["morita.ken@minato-data.example"]
    assert (morita["family_name"], morita["given_name"], morita["capacity"]) == ("森田", "健", 3)
    assert morita["profile"]["graduation_year"] == 2016
    assert morita["profile"]["free_time"] == [[4, 1050, 1290], [5, 540, 780]]
    others = {"小野", "青山", "Lindqvist", "高橋", "西村", "石田", "Berg", "藤井"}
    assert others - {host["family_name"] for host in mentors.values()} == set()
