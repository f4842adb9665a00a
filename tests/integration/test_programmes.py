"""Programmes: the chooser, a new one, settings, the people who run it, the overview and the trail."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from mentormatch.core.errors import Conflict, InvalidInput, NotFound, NotPermitted
from mentormatch.core.roles import Role
from mentormatch.core.wording import Bilingual
from mentormatch.models import AuditEvent, Criterion, Enrolment, Person, Programme, Rule, Staff
from mentormatch.queries import actors, programmes
from mentormatch.services import criteria
from mentormatch.services import programmes as writing
from tests.factories import a_client, a_person, a_programme, a_staff_member, an_enrolment, post
from tests.pages import fields_of

NEW = {
    "name_ja": "2028年春",
    "name_en": "Spring 2028!",
    "organisation_ja": "",
    "organisation_en": "Career Center",
    "starts_on": "2028-02-01",
    "ends_on": "2028-03-31",
    "timezone": "Asia/Tokyo",
    "tracks": ["mentor"],
    "faculties": "文学部\r\n\r\n理工学部\r\n文学部 ",
    "copy_of": "",
}


@pytest.fixture
def programme(session):
    return a_programme(session)


@pytest.fixture
def admin(session, programme):
    return a_staff_member(session, programme, language="en")


@pytest.fixture
def root(session):
    return a_person(session, language="en", is_system_admin=True)


def acting(session, person):
    return actors.of_person(session, person)


def test_one_programme_is_entered_at_once_and_several_are_chosen_from(app, session, programme, admin):
    client = a_client(app, session, admin)
    assert client.get("/").location == f"/programmes/{programme.slug}/"
    other = a_programme(session)
    an_enrolment(session, other, person=admin)
    page = client.get("/").text
    assert f'href="/programmes/{programme.slug}/"' in page
    assert f'href="/programmes/{other.slug}/home/"' in page
    assert ("Programme admin" in page, "Intern" in page, "New programme" in page) == (True, True, False)


def test_who_takes_part_nowhere_is_told_so_kindly(app, session):
    page = a_client(app, session, a_person(session, language="en")).get("/")
    assert (page.status_code, "You take part in no programme at the moment" in page.text) == (200, True)


def test_a_system_admin_can_always_make_a_new_one(app, session, programme, root):
    page = a_client(app, session, root).get("/")
    assert (page.status_code, "New programme" in page.text, programme.name_en in page.text) == (200, True, True)


def test_making_a_programme(app, session, root):
    client = a_client(app, session, root)
    fields = fields_of(client.get("/programmes/new").text, having="name_ja")
    assert (fields["timezone"], fields.getlist("tracks")) == ("Asia/Tokyo", ["mentor", "alumnus"])
    answer = post(client, "/programmes/new", NEW)
    assert (answer.status_code, answer.location) == (303, "/programmes/spring-2028/")
    row = session.scalars(select(Programme)).one()
    assert (row.organisation_ja, row.tracks, row.choices) == (
        "Career Center",
        ["mentor"],
        {"faculty": ["文学部", "理工学部"]},
    )
    assert session.scalar(select(func.count()).select_from(Criterion)) > 3
    assert "Bring the people in" in client.get(answer.location).text


@pytest.mark.parametrize(
    ("changed", "at"),
    [
        ({"name_ja": "", "name_en": " "}, "name_ja"),
        ({"name_en": "x" * 121}, "name_en"),
        ({"ends_on": "2028-02-01"}, "ends_on"),
        ({"ends_on": "soon"}, "ends_on"),
        ({"starts_on": ""}, "starts_on"),
        ({"timezone": "Mars/Olympus"}, "timezone"),
        ({"tracks": []}, "tracks"),
        ({"tracks": ["intern"]}, "tracks"),
        ({"faculties": "x" * 81}, "faculties"),
        ({"faculties": "\n".join(str(number) for number in range(201))}, "faculties"),
        ({"copy_of": "99"}, "copy_of"),
        ({"copy_of": "x"}, "copy_of"),
    ],
)
def test_what_cannot_be_a_programme_is_said_at_its_field(app, session, root, changed, at):
    answer = post(a_client(app, session, root), "/programmes/new", {**NEW, **changed})
    assert (answer.status_code, f'href="#{at}"' in answer.text) == (422, True)
    assert session.scalar(select(func.count()).select_from(Programme)) == 0


def test_a_new_programme_takes_the_criteria_of_another_but_not_its_people(session, programme, root):
    criteria.install_defaults(session, programme_id=programme.id)
    session.commit()
    source = session.scalars(select(Criterion).where(Criterion.programme_id == programme.id)).all()
    source[0].weight = 77
    never = session.scalars(select(Rule).where(Rule.programme_id == programme.id, Rule.kind == "never_pairs")).one()
    never.params = {"pairs": [[1, 2]]}
    session.commit()
    given = writing.ProgrammeInput(
        name=Bilingual("Copy", ""),
        organisation=Bilingual("", ""),
        starts_on=programme.starts_on,
        ends_on=programme.ends_on,
        timezone="Asia/Tokyo",
        tracks=(Role.ALUMNUS, Role.MENTOR),
        faculties=(),
    )
    slugs = [writing.create(session, actor=acting(session, root), given=given, copy_of=programme.id) for _ in range(2)]
    assert slugs == ["copy", "copy-2"]
    copy = session.scalars(select(Programme).where(Programme.slug == "copy-2")).one()
    assert (copy.name_ja, copy.tracks) == ("Copy", ["mentor", "alumnus"])
    weights = {
        row.key: row.weight for row in session.scalars(select(Criterion).where(Criterion.programme_id == copy.id))
    }
    assert weights == {row.key: row.weight for row in source}
    rules = {row.kind: row for row in session.scalars(select(Rule).where(Rule.programme_id == copy.id))}
    assert rules["never_pairs"].params == {"pairs": []}
    with pytest.raises(NotFound):
        writing.create(session, actor=acting(session, root), given=given, copy_of=10**6)
    assert session.scalar(select(func.count()).select_from(Programme)) == 3


@pytest.mark.parametrize(
    ("name", "slug"), [("New", "programme-2028"), ("２０２８年", "2028"), ("夏", "programme-2028")]
)
def test_every_name_has_an_address(app, session, root, name, slug):
    answer = post(a_client(app, session, root), "/programmes/new", {**NEW, "name_en": name, "name_ja": name})
    assert answer.location == f"/programmes/{slug}/"


def test_only_system_admins_make_programmes(app, session, programme, admin):
    client = a_client(app, session, admin)
    assert client.get("/programmes/new").status_code == 403
    assert post(client, "/programmes/new", NEW).status_code == 403
    given = writing.ProgrammeInput(
        name=Bilingual("x", "x"),
        organisation=Bilingual("", ""),
        starts_on=programme.starts_on,
        ends_on=programme.ends_on,
        timezone="Asia/Tokyo",
        tracks=(Role.MENTOR,),
        faculties=(),
    )
    with pytest.raises(NotPermitted):
        writing.create(session, actor=acting(session, admin), given=given)


def test_settings_come_back_from_their_form_unchanged(app, session, admin, programme):
    programme.choices = {"faculty": ["文学部"], "other": ["kept"]}
    programme.timezone = "Europe/Helsinki"
    session.commit()
    client = a_client(app, session, admin)
    address = f"/programmes/{programme.slug}/settings/"
    fields = fields_of(client.get(address).text, having="name_ja")
    assert post(client, address, fields.to_dict(flat=False)).status_code == 303
    session.expire_all()
    assert programme.choices == {"faculty": ["文学部"], "other": ["kept"]}
    assert session.scalars(select(AuditEvent.action)).all() == []
    changed = {
        **fields.to_dict(flat=False),
        "name_ja": "新しい名前",
        "faculties": "文学部\n法学部",
        "slug": "taken",
        "id": "9",
    }
    slug = programme.slug
    assert post(client, address, changed).status_code == 303
    session.expire_all()
    assert (programme.name_ja, programme.choices["faculty"], programme.slug) == (
        "新しい名前",
        ["文学部", "法学部"],
        slug,
    )
    event = session.scalars(select(AuditEvent)).one()
    assert (event.action, sorted(event.detail["fields"])) == ("programme.changed", ["choices", "name_ja"])


def test_coordinators_and_participants_do_not_change_settings(app, session, programme):
    for person in (a_staff_member(session, programme, Role.COORDINATOR), an_enrolment(session, programme).person):
        client = a_client(app, session, person)
        for page in ("settings/", "settings/staff", "trail"):
            assert client.get(f"/programmes/{programme.slug}/{page}").status_code == 403
        assert post(client, f"/programmes/{programme.slug}/settings/", NEW).status_code == 403
        assert post(client, f"/programmes/{programme.slug}/settings/staff/1/dismiss").status_code == 403


def test_an_admin_lets_somebody_help_and_takes_it_back(app, session, programme, admin):
    client = a_client(app, session, admin)
    address = f"/programmes/{programme.slug}/settings/staff"
    new = {"role": "coordinator", "email": "new@example.jp", "family_name": "Hartley", "language": "en"}
    assert post(client, address, {**new, "is_system_admin": "1"}).status_code == 303
    person = session.scalars(select(Person).where(Person.email == "new@example.jp")).one()
    assert (person.language, person.is_system_admin) == ("en", False)
    assert "Hartley" in client.get(address).text
    assert post(client, address, new).status_code == 409
    assert post(client, address, {**new, "role": "system_admin"}).status_code == 422
    assert post(client, address, {**new, "email": "other@example.jp", "family_name": ""}).status_code == 422
    helper = a_client(app, session, person)
    assert helper.get(f"/programmes/{programme.slug}/").status_code == 200
    assert post(client, f"{address}/{person.id}/dismiss", {"role": "coordinator"}).status_code == 303
    assert helper.get(f"/programmes/{programme.slug}/").status_code == 404  # rights end with the role
    assert post(client, f"{address}/{person.id}/dismiss", {"role": "coordinator"}).status_code == 404
    assert post(client, f"{address}/{person.id}/dismiss", {"role": "mentor"}).status_code == 404


def test_the_last_admin_stays(app, session, programme, admin):
    client = a_client(app, session, admin)
    address = f"/programmes/{programme.slug}/settings/staff/{admin.id}/dismiss"
    refused = post(client, address, {"role": "programme_admin"})
    assert (refused.status_code, "A programme needs an admin" in refused.text) == (409, True)
    a_staff_member(session, programme)
    answer = post(client, address, {"role": "programme_admin"})
    assert (answer.status_code, answer.location) == (303, "/")


def test_admins_who_dismiss_each_other_at_once_leave_one(engine, session, programme, admin):
    second = a_staff_member(session, programme)
    pairs = [(acting(session, admin), second.id), (acting(session, second), admin.id)]
    programme_id = programme.id
    session.rollback()

    def dismiss(pair):
        actor, other = pair
        with Session(engine) as own:
            try:
                writing.dismiss(own, actor=actor, programme_id=programme_id, person_id=other, role=Role.PROGRAMME_ADMIN)
            except Conflict:
                return False
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(dismiss, pairs)) == [False, True]
    assert session.scalar(select(func.count()).select_from(Staff)) == 1


def test_staff_of_another_programme_are_out_of_reach(app, session, programme, admin):
    other = a_programme(session)
    theirs = a_staff_member(session, other)
    a_staff_member(session, other)
    client = a_client(app, session, admin)
    address = f"/programmes/{programme.slug}/settings/staff/{theirs.id}/dismiss"
    assert post(client, address, {"role": "programme_admin"}).status_code == 404
    assert len(programmes.staff(session, other.id)) == 2


def test_a_service_refuses_what_a_form_would(session, programme, admin):
    with pytest.raises(InvalidInput):
        writing.appoint(
            session,
            actor=acting(session, admin),
            programme_id=programme.id,
            role=Role.SYSTEM_ADMIN,
            email="x@example.jp",
            person={"family_name": "x"},
        )
    assert session.scalar(select(func.count()).select_from(Enrolment)) == 0
