"""Signing in and out: nobody learns who is registered, links work once, sessions really end."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from email import message_from_bytes
from email.policy import default

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from mentormatch import MentorMatch
from mentormatch.channels.mail import FolderWay
from mentormatch.core.clock import now
from mentormatch.core.config import Config
from mentormatch.core.errors import NotFound
from mentormatch.models import AuditEvent, Credential, Message, SignInLink, SignInSession
from mentormatch.queries import actors
from mentormatch.services import accounts, delivery
from tests.factories import a_client, a_person, a_programme, an_enrolment, post

PASSWORD = "a short sentence"


@pytest.fixture
def person(session):
    found = a_person(session, language="en", email="aoi@example.jp")
    an_enrolment(session, a_programme(session), person=found)
    accounts.set_password(session, actor=actors.of_person(session, found), password=PASSWORD)
    return found


def cookie_of(client):
    found = client.get_cookie("mm_session")
    return None if found is None else found.value


def is_in(client) -> bool:
    return client.get("/account/password").status_code == 200


def test_a_password_opens_the_door(app, session, person):
    client = a_client(app, session)
    answer = post(client, "/sign-in", {"email": " AOI@example.jp ", "password": PASSWORD, "next": "/account/password"})
    assert (answer.status_code, answer.location, is_in(client)) == (303, "/account/password", True)
    header = answer.headers["Set-Cookie"]
    assert ("HttpOnly" in header, "SameSite=Lax" in header, "Path=/" in header) == (True, True, True)


def visible(page: str) -> str:
    """Return a page without what differs each time: tokens and what the visitor typed."""
    page = re.sub(r'name="csrf_token" value="[^"]*"', "", page)
    return re.sub(r"[a-z]+@example\.jp", "ADDRESS", page)


def test_a_stranger_and_a_wrong_password_get_the_same_answer(app, session, person):
    answers = []
    for email in ("aoi@example.jp", "nobody@example.jp"):
        answer = post(a_client(app, session), "/sign-in", {"email": email, "password": "wrong password"})
        answers.append((answer.status_code, visible(answer.text), answer.headers.get("Set-Cookie") is None))
    assert answers[0] == answers[1]
    assert answers[0][0] == 422


def test_asking_for_a_link_tells_nothing(app, session, person):
    answers = []
    for email in ("aoi@example.jp", "nobody@example.jp"):
        answer = post(a_client(app, session), "/sign-in/link", {"email": email, "next": "/"})
        answers.append((answer.status_code, visible(answer.text)))
    assert answers[0] == answers[1]
    assert session.scalars(select(Message.person_id)).all() == [person.id]
    # Both wrote: a request that writes nothing would be faster.
    assert len(session.scalars(select(AuditEvent).where(AuditEvent.action == "link.requested")).all()) == 2


def test_an_empty_address_is_asked_for(app, session):
    for address in ("/sign-in", "/sign-in/link"):
        answer = post(a_client(app, session), address, {"email": "", "password": "x"})
        assert (answer.status_code, 'href="#email"' in answer.text) == (422, True)


def test_odd_addresses_are_no_error(app, session):
    for email in (
        "\0",
        "a" * 300,
        "ſtaff@example.jp",
        "'; DROP TABLE mm_person; --",
        "\ud800".encode("utf-8", "replace"),
    ):
        assert post(a_client(app, session), "/sign-in", {"email": email, "password": "x"}).status_code == 422


def test_an_address_that_only_looks_like_it_is_not_it(app, session):
    staff = a_person(session, email="staff@example.jp")
    accounts.set_password(session, actor=actors.of_person(session, staff), password=PASSWORD)
    assert accounts.check_password(session, email="ſtaff@example.jp", password=PASSWORD) is None
    assert actors.by_email(session, "ſtaff@example.jp") is None
    assert accounts.check_password(session, email="ＳＴＡＦＦ＠example.jp", password=PASSWORD) == staff.id


def test_a_link_is_shown_without_being_used_and_works_once(app, session, person):
    token = accounts.issue_link(session, person_id=person.id, next_path="/account/password")
    client = a_client(app, session)
    for _ in range(3):  # mail scanners look first
        shown = client.get(f"/sign-in/link/{token}")
        assert (shown.status_code, "aoi@example.jp" in shown.text) == (200, True)
    assert cookie_of(client) is None
    answer = post(client, f"/sign-in/link/{token}")
    assert (answer.status_code, answer.location, is_in(client)) == (303, "/account/password", True)
    other = a_client(app, session)
    assert other.get(f"/sign-in/link/{token}").status_code == 404
    assert (post(other, f"/sign-in/link/{token}").status_code, cookie_of(other)) == (404, None)


def test_two_at_once_use_a_link_only_once(engine, session, person):
    token = accounts.issue_link(session, person_id=person.id)

    def use(_number):
        with Session(engine) as own:
            try:
                return accounts.redeem_link(own, token=token)
            except NotFound:
                return None

    with ThreadPoolExecutor(4) as pool:
        opened = [found for found in pool.map(use, range(4)) if found is not None]
    assert len(opened) == 1


def test_a_link_expires(app, session, person, monkeypatch):
    token = accounts.issue_link(session, person_id=person.id)
    client = a_client(app, session)
    moment = now() + accounts.LINK_LIFETIME
    monkeypatch.setattr(accounts, "now", lambda: moment - timedelta(seconds=1))
    assert client.get(f"/sign-in/link/{token}").status_code == 200
    monkeypatch.setattr(accounts, "now", lambda: moment + timedelta(seconds=1))
    assert client.get(f"/sign-in/link/{token}").status_code == 404
    assert post(client, f"/sign-in/link/{token}").status_code == 404


@pytest.mark.parametrize("token", ["x", "%00", "..%2f..", "a" * 5000])
def test_a_made_up_link_is_not_found(app, session, token):
    client = a_client(app, session)
    assert client.get(f"/sign-in/link/{token}").status_code == 404
    assert post(client, f"/sign-in/link/{token}").status_code == 404


def test_no_secret_is_stored_as_it_is(session, person):
    link = accounts.issue_link(session, person_id=person.id)
    opened = accounts.open_session(session, person_id=person.id)
    stored = [
        *session.scalars(select(SignInLink.token_hash)),
        *session.scalars(select(SignInSession.token_hash)),
        *session.scalars(select(Credential.password_hash)),
    ]
    assert not any(secret in value for value in stored for secret in (link, opened, PASSWORD))


def test_the_mailed_link_leads_to_the_configured_address(app, session, person, config, tmp_path):

    client = a_client(app, session)
    post(client, "/sign-in/link", {"email": "aoi@example.jp"}, headers={"X-Forwarded-Host": "evil.example"})
    folder = FolderWay(tmp_path / "box")
    assert delivery.deliver_next(session, config=config, way=folder, owner="test", sign_in_links=True)
    message = message_from_bytes(next((tmp_path / "box").iterdir()).read_bytes(), policy=default)
    letter = message.get_body(("plain",)).get_content()
    assert "http://localhost/sign-in/link/" in letter
    assert "evil.example" not in letter


def test_signing_out_ends_the_session_and_not_only_the_cookie(app, session, person):
    client = a_client(app, session, person)
    value = cookie_of(client)
    assert is_in(client)
    assert post(client, "/sign-out").status_code == 303
    assert cookie_of(client) is None
    client.set_cookie("mm_session", value)
    assert not is_in(client)


def test_a_new_password_ends_all_other_sessions(app, session, person):
    here, elsewhere = a_client(app, session, person), a_client(app, session, person)
    before = cookie_of(here)
    assert post(here, "/account/password", {"password": "another sentence"}).status_code == 303
    assert (is_in(here), is_in(elsewhere), cookie_of(here) != before) == (True, False, True)
    assert accounts.check_password(session, email="aoi@example.jp", password=PASSWORD) is None
    assert accounts.check_password(session, email="aoi@example.jp", password="another sentence") == person.id


@pytest.mark.parametrize("password", ["", "eleven char", "x" * 129])
def test_a_password_too_short_or_too_long_is_refused(app, session, person, password):
    answer = post(a_client(app, session, person), "/account/password", {"password": password})
    assert (answer.status_code, 'href="#password"' in answer.text) == (422, True)
    assert accounts.check_password(session, email="aoi@example.jp", password=PASSWORD) == person.id


def test_signing_in_gives_a_new_session(app, session, person):
    client = a_client(app, session)
    client.set_cookie("mm_session", "planted-by-somebody-else")
    post(client, "/sign-in", {"email": "aoi@example.jp", "password": PASSWORD})
    assert cookie_of(client) != "planted-by-somebody-else"
    assert is_in(client)


def test_sessions_end_when_nobody_uses_them_and_in_any_case_some_day(session, person, monkeypatch):
    token = accounts.open_session(session, person_id=person.id)
    begin = now()

    def asked(after):
        monkeypatch.setattr(accounts, "now", lambda: begin + after)
        return accounts.email_of_session(session, token=token)

    for days in range(6, 30, 6):  # used now and then, it goes on
        assert asked(timedelta(days=days)) == person.email
    assert asked(accounts.SESSION_LIFETIME + timedelta(minutes=1)) is None
    idle = accounts.open_session(session, person_id=person.id)
    later = accounts.now() + accounts.SESSION_IDLE + timedelta(minutes=1)
    monkeypatch.setattr(accounts, "now", lambda: later)
    assert accounts.email_of_session(session, token=idle) is None


@pytest.mark.parametrize(
    "target",
    [
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "https://evil.example",
        "javascript:alert(1)",
        "evil.example",
        "/\t/evil.example",
        " //evil.example",
    ],
)
def test_nobody_is_led_elsewhere(app, session, person, target):
    client = a_client(app, session)
    assert f'value="{target}"' not in client.get("/sign-in", query_string={"next": target}).text
    answer = post(client, "/sign-in", {"email": "aoi@example.jp", "password": PASSWORD, "next": target})
    assert (answer.status_code, answer.location) == (303, "/")
    post(a_client(app, session), "/sign-in/link", {"email": "aoi@example.jp", "next": target})
    assert session.scalars(select(Message.facts).order_by(Message.id.desc())).first() == {"next_path": "/"}
    token = accounts.issue_link(session, person_id=person.id, next_path=target)
    assert post(a_client(app, session), f"/sign-in/link/{token}").location == "/"


def test_a_path_longer_than_a_link_can_keep_is_let_go(app, session, person):
    post(a_client(app, session), "/sign-in/link", {"email": "aoi@example.jp", "next": "/" + "x" * 500})
    assert session.scalars(select(Message.facts)).all() == [{"next_path": "/"}]


def test_a_visitor_comes_back_to_the_page_they_wanted(app, session, person):
    client = a_client(app, session)
    asked = client.get("/account/password")
    assert (asked.status_code, asked.location) == (303, "/sign-in?next=/account/password")


@pytest.mark.parametrize("address", ["/sign-in", "/sign-in/link"])
def test_ten_attempts_and_then_a_pause(app, session, person, address):
    client = a_client(app, session)
    for number in range(11):
        email = "aoi@example.jp" if number % 2 else "AOI@example.jp"  # one account, however it is written
        answer = post(client, address, {"email": email, "password": "wrong password"})
        assert (answer.status_code == 429) == (number == 10)
    assert answer.headers["Retry-After"] == "300"
    # Others, and the same person from elsewhere, are not locked out.
    elsewhere = {"environ_base": {"REMOTE_ADDR": "203.0.113.9"}}
    data = {"email": "aoi@example.jp", "password": PASSWORD}
    assert post(a_client(app, session), address, data, **elsewhere).status_code in {200, 303}
    assert post(client, address, {"email": "other@example.jp", "password": "x"}).status_code in {200, 422}


def test_one_machine_cannot_go_through_all_accounts(app, session):
    client = a_client(app, session)
    statuses = {
        post(client, "/sign-in/link", {"email": f"person{number}@example.jp"}).status_code for number in range(100)
    }
    assert statuses == {200}
    assert post(client, "/sign-in/link", {"email": "one-more@example.jp"}).status_code == 429


@pytest.mark.parametrize("address", ["/sign-in", "/sign-in/link", "/sign-out", "/account/password", "/sign-in/link/x"])
def test_every_form_carries_the_token(app, session, person, address):
    client = a_client(app, session, person)
    assert client.post(address, data={"email": "aoi@example.jp", "password": PASSWORD}).status_code == 403
    assert client.post(address, data={"email": "x", "csrf_token": "made-up"}).status_code == 403
    assert is_in(client)


def test_signed_in_at_the_host_but_unknown_here_is_said(session, database_url, tmp_path):

    host = Flask("host")
    host.secret_key = "only-for-tests"
    config = Config(instance_dir=tmp_path, database_url=database_url, language="en")
    MentorMatch().init_app(host, user_loader=lambda: "stranger@example.jp", config=config, url_prefix="/m")
    client = host.test_client()
    answer = client.get("/m/")
    assert (answer.status_code, "not registered in any programme" in answer.text) == (403, True)
    assert client.get("/m/sign-in").status_code == 404  # the host signs people in
    with host.app_context():
        host.extensions["mentormatch"].db.engine.dispose()


def test_a_profile_on_a_host_has_no_link_to_a_password(session, person, database_url, tmp_path):

    host = Flask("host")
    host.secret_key = "only-for-tests"
    config = Config(instance_dir=tmp_path, database_url=database_url, language="en")
    MentorMatch().init_app(host, user_loader=lambda: "aoi@example.jp", config=config, url_prefix="/m")
    client = host.test_client()
    home = client.get("/m/").location
    page = client.get(home.replace("/home/", "/profile/"))
    assert (page.status_code, "Set a password" in page.text, "aoi@example.jp" in page.text) == (200, False, True)
    with host.app_context():
        host.extensions["mentormatch"].db.engine.dispose()


def test_the_demo_shows_whom_to_try_only_in_a_demo(app, session):
    assert "mentormatch-demo" in a_client(app, session).get("/sign-in").text
    assert session.scalar(select(func.count()).select_from(SignInSession)) == 0
