"""One's own profile: it comes back from its form unchanged, keeps what was typed, and gives nothing else away."""

from __future__ import annotations

import json
from importlib import resources

import pytest
from flask import render_template_string
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from mentormatch.blueprints.answers import profile_form
from mentormatch.blueprints.sections import sections, speaking
from mentormatch.core.answers import clean
from mentormatch.core.clock import now
from mentormatch.core.errors import InvalidInput
from mentormatch.core.fields import BY_KEY, Owner, fields_for
from mentormatch.core.names import Name
from mentormatch.core.roles import HOST_ROLES, PARTICIPANT_ROLES, Role
from mentormatch.models import AuditEvent, Enrolment, EnrolmentState, Person
from mentormatch.queries.participants import Participant
from tests.factories import a_client, a_person, a_programme, a_staff_member, an_enrolment, post
from tests.pages import fields_of
from tests.strategies import raw_answer

FORM = """{% import "mentormatch/profile/parts.html" as part with context %}
<form>{{ form.seen() }}{{ part.form_sections(sections, "only you") }}</form>"""
ROLES = sorted(PARTICIPANT_ROLES)


def a_participant(role: Role, profile: dict, **values) -> Participant:
    name = Name("鈴木", "葵", "スズキ", "アオイ", "Aoi Suzuki", "")
    given = {
        "id": 1,
        "person_id": 1,
        "role": role,
        "name": name,
        "email": "aoi@example.jp",
        "language": "ja",
        "timezone": "Asia/Tokyo",
        "number": "",
        "capacity": 3,
        "minimum": 1,
        "state": EnrolmentState.ACTIVE,
        "profile": profile,
        "updated_at": now(),
        **values,
    }
    return Participant(**given)


def sent_back(app, participant: Participant, *, language: str, choices: dict, scripts: bool):
    """Return what the form gives when a browser sends it back as it came."""
    headers = {"Accept-Language": language}
    with app.test_request_context(headers=headers):
        form = profile_form(participant, choices, office=True)
        html = render_template_string(FORM, form=form, sections=sections(participant, form), speaking=speaking(form))
    fields = fields_of(html, having="seen", scripts=scripts)
    with app.test_request_context(method="POST", data=fields, headers=headers):
        form = profile_form(participant, choices, office=True)
        assert form.validate(), form.errors
        return form.given(participant.role)


def stored(role: Role, answers: dict) -> dict:
    """Return answers as they are stored."""
    cleaned = {field.key: clean(field, answers.get(field.key)) for field in fields_for(role, Owner.PROFILE)}
    return {key: value for key, value in cleaned.items() if value is not None}


@st.composite
def profiles(draw):
    role = draw(st.sampled_from(ROLES))
    raw = {field.key: draw(raw_answer(field.kind)) for field in fields_for(role, Owner.PROFILE)}
    kept = {}
    for key, value in raw.items():
        try:
            kept[key] = clean(BY_KEY[key], value)
        except InvalidInput:
            continue
    return role, {key: value for key, value in kept.items() if value is not None}


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(profiles(), st.sampled_from(["ja", "en"]), st.booleans(), st.booleans())
def test_any_stored_profile_comes_back_from_its_form_unchanged(app, case, language, scripts, has_list):
    role, profile = case
    assume(profile)
    participant = a_participant(role, profile)
    choices = {"faculty": ["文学部", "理工学部"]} if has_list else {}
    given_back = sent_back(app, participant, language=language, choices=choices, scripts=scripts)
    assert stored(role, dict(given_back.answers)) == profile
    assert given_back.person == {
        "family_name": "鈴木",
        "given_name": "葵",
        "family_kana": "スズキ",
        "given_kana": "アオイ",
        "romaji": "Aoi Suzuki",
        "preferred_name": "",
        "language": "ja",
        "timezone": "Asia/Tokyo",
    }
    places = (3, 1) if role in HOST_ROLES else (None, None)
    assert (given_back.capacity, given_back.minimum, given_back.seen) == (*places, participant.seen)


@pytest.mark.parametrize("name", ["interns.json", "hosts.json"])
def test_people_of_the_demonstration_come_back_unchanged(app, name):
    entries = json.loads((resources.files("mentormatch") / "demo" / name).read_text(encoding="utf-8"))
    for entry in entries[::4]:
        role = Role(entry.get("role", "intern"))
        profile = {key: value for key, value in entry["profile"].items() if value not in (None, "", [])}
        participant = a_participant(role, profile, language=entry["language"])
        found = sent_back(app, participant, language=entry["language"], choices={}, scripts=True)
        assert stored(role, dict(found.answers)) == profile


@pytest.fixture
def programme(session):
    return a_programme(session, choices={"faculty": ["文学部", "理工学部"]})


def an_intern(session, programme, role=Role.INTERN, **values):
    person = values.pop("person", None) or a_person(session, language="en")
    return an_enrolment(session, programme, role, person=person, **values)


def a_mentor(session, programme, **values):
    return an_intern(session, programme, Role.MENTOR, **values)


def profile_url(programme, page=""):
    return f"/programmes/{programme.slug}/profile/{page}"


def test_an_intern_writes_her_profile(app, session, programme):
    enrolment = an_intern(session, programme)
    client = a_client(app, session, enrolment.person)
    fields = dict(fields_of(client.get(profile_url(programme)).text, having="seen"))
    fields.update(
        {
            "family_name": "鈴木",
            "given_name": "葵",
            "family_kana": "すずき",
            "given_kana": "ｱｵｲ",
            "faculty": "理工学部",
            "skills": "Python、会計（簿記2級、FP）\nPYTHON",
            "languages-0-code": "ja",
            "languages-1-code": "en",
            "languages-1-level": "2",
            "free_time-0-day": "4",
            "free_time-0-start": "18:00",
            "free_time-0-end": "00:00",
        }
    )
    answer = post(client, profile_url(programme), fields)
    assert (answer.status_code, answer.location) == (303, f"{profile_url(programme)}?role=intern")
    session.expire_all()
    assert enrolment.person.name == Name("鈴木", "葵", "スズキ", "アオイ", "", "")
    assert enrolment.profile == {
        "faculty": "理工学部",
        "skills": ["Python", "会計（簿記2級、FP）"],
        "languages": [["ja", 4], ["en", 2]],
        "free_time": [[4, 1080, 1440]],
    }
    event = session.scalars(select(AuditEvent).where(AuditEvent.action == "profile.saved")).one()
    assert "faculty" in event.detail["fields"]
    assert "理工学部" not in str(event.detail)


@pytest.mark.parametrize(
    ("changed", "at", "words"),
    [
        ({"family_name": "", "given_name": ""}, "family_name", "Enter a name"),
        ({"family_kana": "Suzuki"}, "family_kana", "Enter the reading in katakana or hiragana"),
        ({"supervisor": "nobody"}, "supervisor", "Enter an email address like"),
        ({"goals": "x" * 2001}, "goals", "2000"),
        ({"faculty": "Hogwarts"}, "faculty", "choice"),
        ({"timezone": "Mars/Olympus"}, "timezone", "choice"),
        ({"language": "fr"}, "language", "choice"),
        ({"free_time-0-day": "4"}, "free_time-0-start", "both times"),
        (
            {"free_time-0-day": "4", "free_time-0-start": "18:00", "free_time-0-end": "17:00"},
            "free_time-0-end",
            "after the beginning",
        ),
        ({"free_time-0-day": "9", "free_time-0-start": "18:00"}, "free_time-0-day", "choice"),
        ({"free_time-0-day": "1", "free_time-0-start": "25:61"}, "free_time-0-start", "time"),
        ({"languages-0-code": "klingon"}, "languages", "Choose a language"),
    ],
)
def test_a_refusal_names_the_field_and_loses_nothing(app, session, programme, changed, at, words):
    enrolment = an_intern(session, programme)
    client = a_client(app, session, enrolment.person)
    fields = dict(fields_of(client.get(profile_url(programme)).text, having="seen"))
    fields.update({"studies": "応用微生物学\n味噌の香り", "skills": "培養、官能評価", **changed})
    answer = post(client, profile_url(programme), fields)
    assert answer.status_code == 422
    assert f'href="#{at}"' in answer.text
    assert words in answer.text
    again = fields_of(answer.text, having="seen")
    lost = {key: value for key, value in fields.items() if value and again.get(key) != value and key not in changed}
    assert {key: value.replace("\r\n", "\n") for key, value in lost.items() if key != "csrf_token"} in (
        {},
        {"studies": "応用微生物学\n味噌の香り"},  # the browser sends CR LF
    )
    session.expire_all()
    assert enrolment.profile == {}


def test_a_career_without_a_year_is_not_dropped_silently(app, session, programme):
    enrolment = a_mentor(session, programme)
    client = a_client(app, session, enrolment.person)
    fields = fields_of(client.get(profile_url(programme)).text, having="seen")
    answer = post(client, profile_url(programme), {**fields, "career-0-organisation": "みなとデータワークス"})
    assert (answer.status_code, "Enter the year it began" in answer.text) == (422, True)
    assert "みなとデータワークス" in answer.text


def test_rows_can_be_added_without_scripts(app, session, programme):
    enrolment = an_intern(session, programme, profile={"languages": [["ja", 4]]})
    client = a_client(app, session, enrolment.person)
    fields = dict(fields_of(client.get(profile_url(programme)).text, having="seen", scripts=False))
    assert {"languages-0-code", "languages-1-code", "languages-2-code"} <= set(fields)
    fields.update({"languages-0-code": "", "languages-2-code": "ko", "languages-2-level": "3"})
    assert post(client, profile_url(programme), fields).status_code == 303
    session.expire_all()
    assert enrolment.profile == {"languages": [["ko", 3]]}


def test_what_a_form_must_not_set_is_ignored(app, session, programme):
    enrolment = a_mentor(session, programme, capacity=2, minimum=1, number="A1")
    other = an_intern(session, programme)
    before = enrolment.person.email
    client = a_client(app, session, enrolment.person)
    fields = fields_of(client.get(profile_url(programme)).text, having="seen")
    assert "minimum" not in fields
    forged = {
        "role": "intern",
        "state": "withdrawn",
        "number": "Z9",
        "minimum": "2",
        "email": "root@example.jp",
        "is_system_admin": "1",
        "person_id": str(other.person_id),
        "enrolment_id": str(other.id),
        "programme_id": "99",
        "wants": "not a mentor's field",
        "goals": "not a mentor's field",
    }
    assert post(client, profile_url(programme), {**fields, **forged}).status_code == 303
    session.expire_all()
    row = session.get(Enrolment, enrolment.id)
    assert (row.role, row.state, row.number, row.minimum) == (Role.MENTOR, EnrolmentState.ACTIVE, "A1", 1)
    assert (row.person.email, row.person.is_system_admin, row.profile) == (before, False, {})
    assert session.get(Enrolment, other.id).profile == {}


def test_a_host_says_how_many_and_is_not_held_to_an_older_minimum(app, session, programme):
    enrolment = a_mentor(session, programme, capacity=4, minimum=3)
    client = a_client(app, session, enrolment.person)
    fields = fields_of(client.get(profile_url(programme)).text, having="seen")
    assert post(client, profile_url(programme), {**fields, "capacity": "2"}).status_code == 303
    session.expire_all()
    assert (enrolment.capacity, enrolment.minimum) == (2, 2)
    fields = fields_of(client.get(profile_url(programme)).text, having="seen")
    assert post(client, profile_url(programme), {**fields, "capacity": "201"}).status_code == 422


def test_two_people_do_not_overwrite_each_other_unseen(app, session, programme):
    enrolment = an_intern(session, programme)
    own = a_client(app, session, enrolment.person)
    office = a_client(app, session, a_staff_member(session, programme))
    office_url = f"/programmes/{programme.slug}/participants/{enrolment.id}/edit"
    mine = fields_of(own.get(profile_url(programme)).text, having="seen")
    theirs = fields_of(office.get(office_url).text, having="seen")
    assert post(office, office_url, {**theirs, "place": "川崎"}).status_code == 303
    refused = post(own, profile_url(programme), {**mine, "place": "横浜"})
    assert (refused.status_code, "Somebody else has changed this profile" in refused.text) == (409, True)
    session.expire_all()
    assert enrolment.profile == {"place": "川崎"}
    again = fields_of(refused.text, having="seen")
    assert again["place"] == "横浜"
    assert post(own, profile_url(programme), again).status_code == 303
    session.expire_all()
    assert enrolment.profile == {"place": "横浜"}


def test_a_person_with_two_roles_chooses(app, session, programme):
    person = a_person(session, language="en")
    mentor = a_mentor(session, programme, person=person)
    alumna = an_enrolment(session, programme, Role.ALUMNUS, person=person)
    client = a_client(app, session, person)
    page = client.get(profile_url(programme)).text
    assert "?role=mentor" in page
    assert "?role=alumnus" in page
    url = f"{profile_url(programme)}?role=alumnus"
    fields = fields_of(client.get(url).text, having="seen")
    assert post(client, url, {**fields, "place": "京都"}).status_code == 303
    session.expire_all()
    assert (mentor.profile, alumna.profile) == ({}, {"place": "京都"})


def test_pausing_is_one_step_and_so_is_coming_back(app, session, programme):
    enrolment = a_mentor(session, programme)
    client = a_client(app, session, enrolment.person)
    url = profile_url(programme, "taking-part?role=mentor")
    for accepting, state in (("no", "paused"), ("no", "paused"), ("yes", "active")):
        assert post(client, url, {"accepting": accepting}).status_code == 303
        session.expire_all()
        assert enrolment.state == state
    assert len(session.scalars(select(AuditEvent).where(AuditEvent.action == "enrolment.state_set")).all()) == 2


def test_who_was_withdrawn_is_no_longer_here(app, session, programme):
    enrolment = a_mentor(session, programme, state=EnrolmentState.WITHDRAWN)
    client = a_client(app, session, enrolment.person)
    assert client.get(profile_url(programme)).status_code == 404
    assert post(client, profile_url(programme, "taking-part?role=mentor"), {"accepting": "yes"}).status_code == 404


def test_staff_who_take_no_part_have_no_profile_here(app, session, programme):
    client = a_client(app, session, a_staff_member(session, programme))
    assert client.get(profile_url(programme)).status_code == 403


def test_the_preview_shows_what_others_see_and_nothing_more(app, session, programme):
    profile = {
        "goals": "数字に強くなる",
        "supervisor": "boss@secret.example",
        "free_time": [[4, 1080, 1200]],
        "studies": "<script>alert(1)</script>",
    }
    enrolment = an_intern(session, programme, profile=profile, number="S-77")
    page = a_client(app, session, enrolment.person).get(profile_url(programme, "preview")).text
    assert "数字に強くなる" in page
    assert "&lt;script&gt;alert(1)" in page
    for hidden in ("boss@secret.example", "18:00", "S-77", enrolment.person.email, "<script>alert"):
        assert hidden not in page


def test_an_introduction_that_is_too_long_is_kept_and_said(app, session, programme):
    enrolment = an_intern(session, programme, profile={"self_introduction": "あ" * 300})
    page = a_client(app, session, enrolment.person).get(profile_url(programme)).text
    assert "takes about 60 seconds to say: shorten it to about 30" in page


def test_the_page_names_what_is_missing_and_leads_there(app, session, programme):
    enrolment = an_intern(session, programme, profile={"faculty": "文学部"})
    page = a_client(app, session, enrolment.person).get(profile_url(programme)).text
    for field in fields_for(Role.INTERN, Owner.PROFILE):
        is_missing = field.expected and field.key != "faculty"
        assert (f'href="#{field.key}"' in page) == is_missing
        assert f'id="{field.key}"' in page


def test_what_others_do_not_see_says_so_beside_the_field(app, session, programme):
    enrolment = an_intern(session, programme)
    page = a_client(app, session, enrolment.person).get(profile_url(programme)).text
    hidden = [field for field in fields_for(Role.INTERN, Owner.PROFILE) if not field.shown]
    assert page.count("Only you and the career centre see this") == len(hidden) + 2  # language and time zone


def test_the_link_to_a_password_is_only_where_we_sign_people_in(app, session, programme):
    enrolment = an_intern(session, programme)
    assert "/account/password" in a_client(app, session, enrolment.person).get(profile_url(programme)).text


def test_names_are_shared_by_all_programmes(app, session, programme):
    person = a_person(session, language="en")
    an_intern(session, programme, person=person)
    client = a_client(app, session, person)
    fields = fields_of(client.get(profile_url(programme)).text, having="seen")
    post(client, profile_url(programme), {**fields, "preferred_name": "葵さん", "language": "en"})
    session.expire_all()
    row = session.get(Person, person.id)
    assert (row.preferred_name, row.language) == ("葵さん", "en")
