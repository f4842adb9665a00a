"""The list of participants: order, search, chips, pages."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from mentormatch.core.fields import Owner, fields_for
from mentormatch.core.roles import Role
from mentormatch.models import Enrolment, EnrolmentState
from mentormatch.queries import participants
from mentormatch.queries.participants import Shown
from tests.factories import a_client, a_person, a_programme, a_staff_member, an_enrolment


@pytest.fixture
def programme(session):
    return a_programme(session)


@pytest.fixture
def admin(session, programme):
    return a_staff_member(session, programme, language="en")


def url(programme, page=""):
    return f"/programmes/{programme.slug}/participants/{page}"


def named(session, family, given="名", family_kana="", given_kana="", **values):
    return a_person(
        session, family_name=family, given_name=given, family_kana=family_kana, given_kana=given_kana, **values
    )


def test_people_stand_in_the_order_of_their_readings_and_those_without_come_last(session, programme):
    for person in (
        named(session, "Lindqvist", "Emma"),
        named(session, "鈴木", "葵", "スズキ", "アオイ"),
        named(session, "abe", "Ken"),
        named(session, "青山", "舞", "アオヤマ", "マイ"),
    ):
        an_enrolment(session, programme, person=person)
    found = participants.listing(session, programme.id)
    assert [row.name.family for row in found.rows] == ["青山", "鈴木", "abe", "Lindqvist"]


@pytest.mark.parametrize(
    ("words", "is_found"),
    [
        ("鈴木", True),
        ("鈴木 葵", True),
        ("鈴木葵", True),
        ("葵 鈴木", True),
        ("すずき", True),
        ("ｽｽﾞｷ", True),
        ("aoi suzuki", True),
        ("ＡＯＩ", True),
        ("aoi@", True),
        ("理工", True),
        ("A24-0001", True),
        ("あおちゃん", True),
        ("鈴木 健", False),
        ("%", False),
        ("_", False),
        ("' OR 1=1 --", False),
        ("\0", True),  # nothing to look for
    ],
)
def test_search_finds_people_as_one_types_them(session, programme, words, is_found):
    person = named(
        session,
        "鈴木",
        "葵",
        "スズキ",
        "アオイ",
        romaji="Aoi Suzuki",
        preferred_name="あおちゃん",
        email="aoi@student.example.jp",
    )
    an_enrolment(session, programme, person=person, number="A24-0001", profile={"faculty": "理工学部"})
    assert participants.listing(session, programme.id, search=words).total == int(is_found)


def test_a_search_never_leaves_the_programme(session, programme):
    an_enrolment(session, a_programme(session), person=named(session, "鈴木"))
    assert participants.listing(session, programme.id, search="鈴木").total == 0


def complete(role):

    return {
        field.key: ["x"] if field.kind == "tags" else "x" for field in fields_for(role, Owner.PROFILE) if field.expected
    }


def test_the_chips_count_what_the_list_shows(session, programme):
    an_enrolment(session, programme, Role.INTERN, profile=complete(Role.INTERN))
    an_enrolment(session, programme, Role.INTERN, profile={**complete(Role.INTERN), "goals": ""} | {"goals": "x"})
    an_enrolment(session, programme, Role.INTERN, profile={})
    an_enrolment(session, programme, Role.MENTOR, profile=complete(Role.MENTOR), state=EnrolmentState.PAUSED)
    an_enrolment(session, programme, Role.ALUMNUS, profile={}, state=EnrolmentState.PAUSED)
    an_enrolment(session, programme, Role.ALUMNUS, state=EnrolmentState.WITHDRAWN)
    tally = participants.tally(session, programme.id)
    assert dict(tally.roles) == {Role.INTERN: 3, Role.MENTOR: 1, Role.ALUMNUS: 1}
    assert (tally.total, tally.incomplete, tally.paused, tally.withdrawn) == (5, 1, 2, 1)
    for shown, number in ((Shown.INCOMPLETE, 1), (Shown.PAUSED, 2), (Shown.WITHDRAWN, 1), (Shown.ALL, 5)):
        found = participants.listing(session, programme.id, shown=shown)
        assert (found.total, len(found.rows)) == (number, number)
    unfinished = participants.listing(session, programme.id, shown=Shown.INCOMPLETE).rows[0]
    assert unfinished.completeness == 0


def test_what_the_database_calls_incomplete_the_program_does_too(session, programme):
    for role in (Role.INTERN, Role.MENTOR, Role.ALUMNUS):
        for key in complete(role):
            profile = {name: value for name, value in complete(role).items() if name != key}
            an_enrolment(session, programme, role, profile=profile)
        an_enrolment(session, programme, role, profile=complete(role))
    everybody = session.scalars(select(Enrolment).where(Enrolment.programme_id == programme.id)).all()
    by_program = sum(bool(participants.view(row).missing) for row in everybody)
    assert participants.tally(session, programme.id).incomplete == by_program == len(everybody) - 3


@pytest.mark.parametrize(
    "query",
    [
        "page=0",
        "page=99999999999999999999",
        "page=-1",
        "page=x",
        "page=٣",
        "role=root",
        "shown=x",
        "q=" + "x" * 5000,
        "q=%00",
    ],
)
def test_odd_addresses_show_the_list(app, session, programme, admin, query):
    an_enrolment(session, programme)
    assert a_client(app, session, admin).get(f"{url(programme)}?{query}").status_code == 200


def test_pages_lead_from_one_to_the_next_and_keep_the_filter(app, session, programme, admin):
    for _ in range(30):
        an_enrolment(session, programme)
    client = a_client(app, session, admin)
    first = client.get(f"{url(programme)}?role=intern").text
    assert "1–25 of 30" in first
    assert "?role=intern&amp;page=2" in first
    assert "26–30 of 30" in client.get(f"{url(programme)}?role=intern&page=2").text
    assert "26–30 of 30" in client.get(f"{url(programme)}?role=intern&page=9").text
