"""What an attacker, a slow writer, or a database with firmer opinions makes of the site."""

from __future__ import annotations

import io
import time
from itertools import product
from types import SimpleNamespace

import itsdangerous.timed
import pytest

from mentormatch.core.roles import Role
from mentormatch.models import Person
from mentormatch.services import criteria
from tests.factories import a_client, a_person, a_programme, a_staff_member, an_enrolment, post
from tests.integration.rounds_world import a_small_world
from tests.pages import fields_of


@pytest.mark.parametrize("slug", ["%00", "a%00b", "%ED%A0%80", "%FF", "x" * 3000])
def test_an_address_that_no_programme_can_have_is_not_found(app, session, slug):
    client = a_client(app, session, a_person(session, is_system_admin=True))
    assert client.get(f"/programmes/{slug}/").status_code == 404


def test_a_page_may_stay_open_for_longer_than_an_hour(app, session, monkeypatch):
    mine = an_enrolment(session, a_programme(session, slug="spring"), Role.INTERN)
    client = a_client(app, session, mine.person)
    two_hours_ago = time.time() - 7200
    with monkeypatch.context() as clock:
        clock.setattr(itsdangerous.timed, "time", SimpleNamespace(time=lambda: two_hours_ago))
        client.get("/sign-in")
        page = client.get("/programmes/spring/profile/").text
    token = page.partition('name="csrf_token" value="')[2].partition('"')[0]
    assert token
    sent = client.post("/programmes/spring/profile/taking-part", data={"csrf_token": token, "accepting": "no"})
    assert sent.status_code == 303


def test_a_host_without_a_limit_does_not_swallow_a_huge_body(app):
    app.config["MAX_CONTENT_LENGTH"] = None
    limit = app.extensions["mentormatch"].config.upload_limit
    answer = app.test_client().post(
        "/sign-in",
        input_stream=io.BytesIO(b"--x--"),
        content_type="multipart/form-data; boundary=x",
        environ_overrides={"CONTENT_LENGTH": str(limit + 1)},
    )
    assert answer.status_code == 413


ODD_NUMBERS = ("", "abc", "-1", "٣", "²", "9" * 10, "9" * 15, "9" * 19, "9" * 5000)


VERBS = ("open", "reopen", "close", "review/publish", "review/choose", "review/decide")


def test_mangled_numbers_of_a_form_are_no_fault_of_ours(app, session):
    world = a_small_world(session)
    world.run()
    before = world.round
    client = a_client(app, session, session.get(Person, world.admin.person_id))
    url = f"/programmes/{world.programme.slug}/rounds/{before.number}/"
    for verb, number in product(VERBS, ODD_NUMBERS):
        run = before.run_id if verb == "review/publish" else number
        form = {"rev": number, "run": run, "intern": number, "host": number, "track": "mentor", "kind": "pin"}
        assert (verb, number, post(client, url + verb, form).status_code in {303, 404, 409}) == (verb, number, True)
    assert world.round == before


def test_people_who_cannot_be_are_refused_in_a_rule(app, session):
    programme = a_programme(session)
    criteria.install_defaults(session, programme_id=programme.id)
    session.commit()
    client = a_client(app, session, a_staff_member(session, programme))
    url = f"/programmes/{programme.slug}/criteria/"
    form = fields_of(client.get(url).text, having="seen").to_dict(flat=False)
    named = next(name for name in form if name.endswith("pairs-0-first"))
    for number in filter(None, ODD_NUMBERS):
        assert (number, post(client, url, form | {named: number}).status_code) == (number, 422)


@pytest.mark.parametrize("body", ["[1, 2]", "5", '{"email": 5}', '{"email": NaN}', "[" * 100_000, "{"])
def test_json_is_no_form(app, body):
    client = app.test_client()
    token = fields_of(client.get("/sign-in").text, having="password")["csrf_token"]
    sent = client.post("/sign-in", data=body, content_type="application/json", headers={"X-CSRFToken": token})
    assert sent.status_code == 415


def test_what_was_typed_is_kept_without_nul(app, session):
    programme = a_programme(session)
    client = a_client(app, session, a_staff_member(session, programme))
    url = f"/programmes/{programme.slug}/settings/"
    form = fields_of(client.get(url).text, having="name_ja").to_dict(flat=False)
    sent = post(client, url, form | {"name_ja": "春\0の", "organisation_en": "\0", "faculties": "理\0学部\n工学部"})
    assert sent.status_code == 303
    session.refresh(programme)
    assert (programme.name_ja, programme.choices["faculty"]) == ("春の", ["理学部", "工学部"])


@pytest.mark.parametrize("moment", ["0001-01-01T00:00", "1999-12-31T23:59", "2200-01-01T00:00", "9999-12-31T23:59"])
def test_dates_at_the_ends_of_the_calendar_are_refused(app, session, moment):
    world = a_small_world(session)
    client = a_client(app, session, session.get(Person, world.admin.person_id))
    url = f"/programmes/{world.programme.slug}/rounds/{world.round.number}/settings"
    form = {"opens_at": moment, "answer_days": "7", "rev": str(world.round.rev)}
    assert post(client, url, form).status_code == 422
