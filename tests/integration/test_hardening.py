"""What an attacker, a slow writer, or a database with firmer opinions makes of the site."""

from __future__ import annotations

import io
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from itertools import product
from threading import Barrier
from types import SimpleNamespace

import itsdangerous.timed
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from mentormatch.channels.mail import FolderWay
from mentormatch.core.errors import Conflict, NotFound
from mentormatch.core.roles import Role
from mentormatch.models import Match, Message, MessageState, Person
from mentormatch.queries import actors
from mentormatch.services import accounts, criteria, delivery, matches, people, programmes, rounds
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


def _leave(world, name):
    people.withdraw(
        world.session, actor=world.admin, programme_id=world.programme.id, enrolment_id=world.people[name].id
    )


def test_nobody_is_given_a_partner_who_has_left(session):
    world = a_small_world(session)
    world.run()
    _leave(world, "mentor-sea")
    with pytest.raises(Conflict, match="1 people of these pairs have left"):
        world.publish()
    assert session.scalars(select(Match)).all() == []
    world.run()
    world.publish()
    assert "mentor-sea" not in {host for _, host in world.names(session.scalars(select(Match)))}


def _delivered(session, config):
    while delivery.deliver_next(session, config=config, way=FolderWay(config.mailbox), owner="one", sign_in_links=True):
        pass
    return Counter((kind, state) for kind, state in session.execute(select(Message.kind, Message.state)))


def test_who_has_left_gets_thanks_and_no_other_letter_and_is_in_none(session, config):
    world = a_small_world(session)
    world.enrol("intern-alone", Role.INTERN, "sea", profile={"languages": [["pt", 4]]})
    rounds.remind(session, actor=world.admin, round_id=world.round_id)
    programme_id, sea = world.programme.id, world.people["intern-sea"].id
    people.invite_again(session, actor=world.admin, programme_id=programme_id, enrolment_id=sea)
    world.run()
    world.publish()
    for name in ("intern-sea", "intern-alone"):
        _leave(world, name)
    assert _delivered(session, config) == {
        ("profile_reminder", MessageState.SENT): 5,
        ("profile_reminder", MessageState.DROPPED): 2,
        ("invitation", MessageState.DROPPED): 1,
        ("match_intern", MessageState.SENT): 2,
        ("match_intern", MessageState.DROPPED): 1,
        ("match_host", MessageState.SENT): 2,
        ("match_host", MessageState.DROPPED): 1,
        ("unmatched_intern", MessageState.DROPPED): 1,
        ("match_ended_intern", MessageState.SENT): 1,
        ("match_ended_host", MessageState.SENT): 1,
        ("match_reminder", MessageState.DUE): 3,
    }


def test_who_no_longer_runs_the_programme_hears_nothing_of_it(session, config):
    world = a_small_world(session)
    former = a_staff_member(session, world.programme)
    world.run()
    world.publish()
    _delivered(session, config)
    match = session.scalars(select(Match).where(Match.host_id == world.people["mentor-law"].id)).one()
    host = actors.of_person(session, world.people["mentor-law"].person)
    programme_id = world.programme.id
    matches.decline(session, actor=host, programme_id=programme_id, match_id=match.id, reason="time")
    admin, role = world.admin, Role.PROGRAMME_ADMIN
    programmes.dismiss(session, actor=admin, programme_id=programme_id, person_id=former.id, role=role)
    done = _delivered(session, config)
    assert {state: number for (kind, state), number in done.items() if kind == "match_declined"} == {
        MessageState.SENT: 1,
        MessageState.DROPPED: 1,
    }


def test_who_has_left_in_one_role_sees_nothing_of_it_in_another(app, session):
    world = a_small_world(session)
    world.run()
    world.publish()
    former = world.people["mentor-law"]
    an_enrolment(session, world.programme, Role.ALUMNUS, person=former.person)
    match = session.scalars(select(Match).where(Match.host_id == former.id)).one()
    client = a_client(app, session, former.person)
    url = f"/programmes/{world.programme.slug}/home/interns/{match.id}"
    assert client.get(url).status_code == 200
    _leave(world, "mentor-law")
    assert [client.get(url).status_code, post(client, f"{url}/accept").status_code] == [404, 404]
    assert "intern-law" not in client.get(f"/programmes/{world.programme.slug}/home/").text


def test_a_new_password_makes_links_in_older_mail_worthless(session):
    person = a_person(session)
    token = accounts.issue_link(session, person_id=person.id)
    accounts.set_password(session, actor=actors.of_person(session, person), password="a long new password")
    assert accounts.link_owner(session, token=token) is None
    with pytest.raises(NotFound):
        accounts.redeem_link(session, token=token)


def test_two_first_passwords_at_once_are_no_fault(engine, session):
    person = a_person(session)
    actor, email, start = actors.of_person(session, person), person.email, Barrier(2)
    session.rollback()

    def choose(password):
        with Session(engine) as own:
            start.wait()
            accounts.set_password(own, actor=actor, password=password)

    words = ["the first long password", "the other long password"]
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(choose, words))
    good = [accounts.check_password(session, email=email, password=word) for word in words]
    assert sorted(good, key=str) == sorted([person.id, None], key=str)


def test_a_database_that_is_away_is_answered_with_503_and_no_loop(app, session, monkeypatch):
    from sqlalchemy.exc import OperationalError

    from mentormatch.services import accounts

    def away(*_args, **_options):
        raise OperationalError("SELECT 1", {}, Exception("database is locked"))

    client = a_client(app, session)
    monkeypatch.setattr(accounts, "check_password", away)
    answer = post(client, "/sign-in", {"email": "a@example.ac.jp", "password": "long enough"})
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    client.set_cookie("mm_session", "x")
    monkeypatch.setattr(accounts, "email_of_session", away)
    assert client.get("/").status_code == 503


@pytest.mark.parametrize(
    "address", ["a@x.jp,b@y.jp", "=?utf-8?q?a?=@x.jp", "a;b@x.jp", "a(b)@x.jp", "\u202ea@x.jp", "a@x"]
)
def test_an_address_is_one_plain_address(address):
    from mentormatch.core.answers import clean
    from mentormatch.core.errors import InvalidInput
    from mentormatch.core.fields import BY_KEY

    with pytest.raises(InvalidInput):
        clean(BY_KEY["email"], address)


def test_a_letter_that_cannot_be_written_waits_and_lets_others_pass(session, config, monkeypatch):
    from mentormatch.channels.mail import FolderWay
    from mentormatch.models.base import writing
    from mentormatch.services import delivery, letters, outbox

    broken, fine = a_person(session), a_person(session)
    with writing(session):
        outbox.post(session, kind="sign_in_link", reason="fine", person_id=fine.id)
        outbox.post(session, kind="invitation", reason="broken", person_id=broken.id)
    monkeypatch.setattr(letters, "LETTERS", {**letters.LETTERS, "invitation": lambda *_: {}["hole"]})
    way = FolderWay(config.mailbox)
    sent = [delivery.deliver_next(session, config=config, way=way, owner="w", sign_in_links=True) for _ in range(3)]
    assert sent == [True, True, False]
    assert len(list(config.mailbox.glob("*.eml"))) == 1
