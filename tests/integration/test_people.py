"""The office's view of people: the list, one person, adding, inviting, pausing; and who may not."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import event, func, select
from sqlalchemy.orm import Session

from mentormatch.core.clock import now
from mentormatch.core.errors import Conflict, InvalidInput, NotFound, NotPermitted
from mentormatch.core.roles import Role
from mentormatch.models import AuditEvent, Enrolment, EnrolmentState, Message, MessageState, Person
from mentormatch.queries import actors, participants
from mentormatch.services import outbox, people
from tests.factories import a_client, a_person, a_programme, a_staff_member, an_enrolment, post
from tests.pages import fields_of

ROUTES = ("", "edit", "preview")
VERBS = ("edit", "pause", "resume", "withdraw", "invite")


@pytest.fixture
def programme(session):
    return a_programme(session)


@pytest.fixture
def admin(session, programme):
    return a_staff_member(session, programme, language="en")


def url(programme, page=""):
    return f"/programmes/{programme.slug}/participants/{page}"


def queries_of(app: Flask, get) -> int:
    """Return how many statements `get` sends to the database."""
    with app.app_context():
        engine = app.extensions["mentormatch"].db.engine
    seen = []

    def count(_connection, _cursor, statement, *_rest):
        seen.append(statement)

    event.listen(engine, "before_cursor_execute", count)
    try:
        assert get().status_code == 200
    finally:
        event.remove(engine, "before_cursor_execute", count)
    return len(seen)


@pytest.mark.parametrize("page", ["participants/", "", "settings/staff", "trail"])
def test_a_page_asks_as_often_for_thirty_people_as_for_one(app, session, programme, admin, page):
    client = a_client(app, session, admin)
    address = f"/programmes/{programme.slug}/{page}"

    def add(role):
        person = a_person(session)
        people.enrol(
            session,
            actor=actors.of_person(session, admin),
            programme_id=programme.id,
            role=role,
            email=person.email,
            person={},
        )

    add(Role.INTERN)
    client.get(address)
    before = queries_of(app, lambda: client.get(address))
    for number in range(30):
        add((Role.INTERN, Role.MENTOR, Role.ALUMNUS)[number % 3])
        if page == "settings/staff" and number % 3 == 0:
            a_staff_member(session, programme)
    assert queries_of(app, lambda: client.get(address)) == before


def named(session, family, given="名", family_kana="", given_kana="", **values):
    return a_person(
        session, family_name=family, given_name=given, family_kana=family_kana, given_kana=given_kana, **values
    )


@pytest.mark.parametrize("page", ROUTES)
def test_people_of_another_programme_are_not_here(app, session, programme, admin, page):
    theirs = an_enrolment(session, a_programme(session))
    client = a_client(app, session, admin)
    for enrolment_id in (theirs.id, 10**6, 2**63, 2**70):
        assert client.get(url(programme, f"{enrolment_id}/{page}")).status_code == 404


@pytest.mark.parametrize("verb", VERBS)
def test_people_of_another_programme_cannot_be_changed(app, session, programme, admin, verb):
    theirs = an_enrolment(session, a_programme(session))
    client = a_client(app, session, admin)
    assert post(client, url(programme, f"{theirs.id}/{verb}"), {"family_name": "x"}).status_code == 404
    session.expire_all()
    assert (theirs.state, theirs.profile) == (EnrolmentState.ACTIVE, {})


def test_coordinators_look_and_do_not_touch(app, session, programme):
    enrolment = an_enrolment(session, programme)
    client = a_client(app, session, a_staff_member(session, programme, Role.COORDINATOR, language="en"))
    listed = client.get(url(programme))
    shown = client.get(url(programme, f"{enrolment.id}/"))
    assert (listed.status_code, shown.status_code, client.get(f"/programmes/{programme.slug}/").status_code) == (
        200,
    ) * 3
    assert client.get(url(programme, f"{enrolment.id}/preview")).status_code == 200
    for words in ("Invite somebody", "Edit the profile", "Withdraw", "Send an invitation"):
        assert words not in listed.text + shown.text
    assert client.get(url(programme, "new")).status_code == 403
    assert client.get(url(programme, f"{enrolment.id}/edit")).status_code == 403
    for verb in VERBS:
        assert post(client, url(programme, f"{enrolment.id}/{verb}")).status_code == 403


@pytest.mark.parametrize("page", ["", "new", "1/", "1/edit", "1/preview"])
def test_participants_do_not_see_the_list(app, session, programme, page):
    client = a_client(app, session, an_enrolment(session, programme).person)
    assert client.get(url(programme, page)).status_code == 403


def test_an_admin_adds_and_invites_one_person(app, session, programme, admin):
    client = a_client(app, session, admin)
    fields = dict(fields_of(client.get(url(programme, "new")).text, having="email"))
    new = {
        "role": "mentor",
        "email": "Ｋen@Example.jp",
        "family_name": "森田",
        "family_kana": "もりた",
        "capacity": "4",
    }
    answer = post(client, url(programme, "new"), {**fields, **new})
    assert answer.status_code == 303
    enrolment = session.scalars(select(Enrolment)).one()
    assert (enrolment.role, enrolment.capacity, enrolment.person.email_key) == (Role.MENTOR, 4, "ken@example.jp")
    assert (enrolment.person.family_kana, enrolment.person.timezone) == ("モリタ", "Asia/Tokyo")
    assert session.scalars(select(Message.kind)).all() == ["invitation"]
    page = client.get(answer.location).text
    assert "Added. The invitation is on its way." in page
    assert "On its way since" in page
    again = post(client, url(programme, "new"), {**fields, **new})
    assert (again.status_code, "takes part in this role already" in again.text) == (409, True)
    assert session.scalar(select(func.count()).select_from(Enrolment)) == 1


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"email": ""}, "Enter an email address"),
        ({"email": "nobody"}, "Enter an email address like"),
        ({"email": "a@example.jp\r\nBcc: b@example.jp"}, "Enter an email address like"),
        ({"role": "system_admin"}, "choice"),
        ({"family_name": ""}, "Enter a name"),
        ({"capacity": "-1"}, "0"),
        ({"capacity": "many"}, "integer"),
    ],
)
def test_what_cannot_be_added_is_said_and_nothing_is_lost(app, session, programme, admin, changed, words):
    client = a_client(app, session, admin)
    given = {"role": "mentor", "email": "ken@example.jp", "family_name": "森田", "capacity": "3", "language": "ja"}
    answer = post(client, url(programme, "new"), {**given, **changed})
    assert (answer.status_code, words in answer.text, "mm-errsum" in answer.text) == (422, True, True)
    kept = fields_of(answer.text, having="email")
    assert all(kept[key] == value for key, value in given.items() if key not in changed)
    assert "invite" not in kept  # a box that was not ticked stays so
    assert session.scalar(select(func.count()).select_from(Enrolment)) == 0


def as_actor(session, person):
    return actors.of_person(session, person)


def enrol(session, programme, admin, email, **values):
    given = {"role": Role.MENTOR, "person": {"family_name": "森田"}, **values}
    return people.enrol(session, actor=as_actor(session, admin), programme_id=programme.id, email=email, **given)


def test_somebody_known_keeps_the_name(session, programme, admin):
    person = named(session, "鈴木", email="known@example.jp")
    enrol(session, programme, admin, "KNOWN@example.jp")
    session.expire_all()
    assert (person.family_name, session.scalar(select(func.count()).select_from(Person))) == ("鈴木", 2)


def test_who_was_withdrawn_can_be_taken_in_again(session, programme, admin):
    first = enrol(session, programme, admin, "ken@example.jp")
    people.withdraw(session, actor=as_actor(session, admin), programme_id=programme.id, enrolment_id=first)
    assert enrol(session, programme, admin, "ken@example.jp", capacity=2) == first
    row = session.get(Enrolment, first)
    assert (row.state, row.capacity) == (EnrolmentState.ACTIVE, 2)


def test_two_admins_at_once_add_somebody_only_once(engine, session, programme, admin):
    actor, programme_id = as_actor(session, admin), programme.id
    session.rollback()

    def add(_number):
        with Session(engine) as own:
            try:
                return people.enrol(
                    own,
                    actor=actor,
                    programme_id=programme_id,
                    role=Role.INTERN,
                    email="same@example.jp",
                    person={"family_name": "同"},
                )
            except Conflict:
                return None

    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(add, range(4)))
    assert len([result for result in results if result is not None]) == 1
    assert session.scalar(select(func.count()).select_from(Enrolment)) == 1


def test_pressing_invite_twice_is_one_invitation_and_later_is_another(session, programme, admin, monkeypatch):
    enrolment = an_enrolment(session, programme)
    actor = as_actor(session, admin)
    for _ in range(2):
        people.invite_again(session, actor=actor, programme_id=programme.id, enrolment_id=enrolment.id)
    number = select(func.count()).select_from(Message)
    assert session.scalar(number) == 1

    later = now() + timedelta(minutes=5)
    monkeypatch.setattr(people, "now", lambda: later)
    people.invite_again(session, actor=actor, programme_id=programme.id, enrolment_id=enrolment.id)
    assert session.scalar(number) == 2


def test_the_page_tells_what_became_of_the_invitation(session, programme, admin):
    enrolment = an_enrolment(session, programme)
    seen = participants.one(session, programme.id, enrolment.id)
    assert participants.invitation(session, programme.id, seen) is None
    people.invite_again(session, actor=as_actor(session, admin), programme_id=programme.id, enrolment_id=enrolment.id)
    waiting = participants.invitation(session, programme.id, seen)
    assert (waiting.sent_at, waiting.failed) == (None, False)

    message = outbox.claim(session, owner="test")
    outbox.settle(session, message_id=message.id, owner="test", state=MessageState.FAILED, reason="550")
    assert participants.invitation(session, programme.id, seen).failed


def test_an_invitation_to_somebody_withdrawn_is_refused(session, programme, admin):
    enrolment = an_enrolment(session, programme, state=EnrolmentState.WITHDRAWN)
    with pytest.raises(Conflict):
        people.invite_again(
            session, actor=as_actor(session, admin), programme_id=programme.id, enrolment_id=enrolment.id
        )


def test_an_admin_edits_a_host_with_places_and_minimum(app, session, programme, admin):
    enrolment = an_enrolment(session, programme, Role.MENTOR, capacity=2)
    client = a_client(app, session, admin)
    address = url(programme, f"{enrolment.id}/edit")
    fields = dict(fields_of(client.get(address).text, having="seen"))
    assert post(client, address, {**fields, "capacity": "5", "minimum": "2", "place": "京都"}).status_code == 303
    session.expire_all()
    assert (enrolment.capacity, enrolment.minimum, enrolment.profile) == (5, 2, {"place": "京都"})
    fields = dict(fields_of(client.get(address).text, having="seen"))
    refused = post(client, address, {**fields, "capacity": "1", "minimum": "3"})
    assert (refused.status_code, 'href="#minimum"' in refused.text) == (422, True)


def test_the_office_sees_what_others_do_not(app, session, programme, admin):
    profile = {"supervisor": "boss@example.jp", "goals": "<b>bold</b>"}
    enrolment = an_enrolment(session, programme, profile=profile, number="S-77")
    page = a_client(app, session, admin).get(url(programme, f"{enrolment.id}/")).text
    for text in ("boss@example.jp", "S-77", enrolment.person.email, "Not shown to others", "&lt;b&gt;bold"):
        assert text in page
    other = a_client(app, session, admin).get(url(programme, f"{enrolment.id}/preview")).text
    assert "boss@example.jp" not in other


def test_states_change_and_are_recorded(app, session, programme, admin):
    enrolment = an_enrolment(session, programme)
    client = a_client(app, session, admin)
    for verb, state in (("pause", "paused"), ("resume", "active"), ("withdraw", "withdrawn"), ("resume", "active")):
        assert post(client, url(programme, f"{enrolment.id}/{verb}")).status_code == 303
        session.expire_all()
        assert enrolment.state == state
    told = session.scalars(select(AuditEvent).where(AuditEvent.action == "enrolment.state_set")).all()
    assert [(one.detail["before"], one.detail["after"], one.actor_id) for one in told] == [
        ("active", "paused", admin.id),
        ("paused", "active", admin.id),
        ("active", "withdrawn", admin.id),
        ("withdrawn", "active", admin.id),
    ]


def test_a_service_asks_again_who_is_acting(session, programme, admin):
    mine, theirs = an_enrolment(session, programme), an_enrolment(session, programme)
    me = as_actor(session, mine.person)
    place = {"programme_id": programme.id, "enrolment_id": theirs.id}
    profile = people.ProfileInput(person={"family_name": "x"}, answers={})
    for refused in (
        lambda: people.save_profile(session, actor=me, **place, given=profile),
        lambda: people.pause(session, actor=me, **place),
        lambda: people.withdraw(session, actor=me, **place),
        lambda: people.invite_again(session, actor=me, **place),
        lambda: people.withdraw(session, actor=me, programme_id=programme.id, enrolment_id=mine.id),
    ):
        with pytest.raises(NotPermitted):
            refused()
    other = a_programme(session)
    with pytest.raises(NotFound):
        people.pause(session, actor=me, programme_id=other.id, enrolment_id=mine.id)
    with pytest.raises(InvalidInput):
        enrol(session, programme, admin, "x@example.jp", role=Role.COORDINATOR)
    session.expire_all()
    assert (theirs.person.family_name != "x", theirs.state) == (True, EnrolmentState.ACTIVE)


def test_half_a_change_is_no_change(session, programme, admin):
    enrolment = an_enrolment(session, programme)
    before = enrolment.person.family_name
    given = people.ProfileInput(person={"family_name": "新"}, answers={"supervisor": "nobody"})
    with pytest.raises(InvalidInput):
        people.save_profile(
            session, actor=as_actor(session, admin), programme_id=programme.id, enrolment_id=enrolment.id, given=given
        )
    session.expire_all()
    assert (enrolment.person.family_name, session.scalar(select(func.count()).select_from(AuditEvent))) == (before, 0)
