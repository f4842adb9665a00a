"""MentorMatch inside other people's sites: the host's login, layout and database session; two apps in one process."""

from __future__ import annotations

import importlib.util
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask

from mentormatch import MentorMatch, create_app
from mentormatch.core.config import Config
from mentormatch.core.errors import ConfigurationError
from mentormatch.core.roles import Role
from tests.factories import a_client, a_person, a_programme, a_staff_member, an_enrolment, post

EXAMPLE = Path(__file__).parents[2] / "examples" / "host_site" / "app.py"


@pytest.fixture
def site(config, monkeypatch):
    """The example site, loaded as a file: examples are no package."""
    spec = importlib.util.spec_from_file_location("host_site", EXAMPLE)
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, spec.name, module)  # Flask looks there for the folder of its templates
    spec.loader.exec_module(module)
    made = module.create_site(config)
    yield made
    with made.app_context():
        made.extensions["sqlalchemy"].engine.dispose()


@pytest.fixture
def people(session):
    programme = a_programme(session, slug="spring")
    a_staff_member(session, programme, email="kato.akari@career.example.ac.jp")
    aoi = a_person(session, email="Aoi.Suzuki@student.example.ac.jp")
    an_enrolment(session, programme, Role.INTERN, person=aoi)
    return programme


def test_signing_in_at_the_host_opens_mentormatch_in_its_layout(site, people):
    browser = site.test_client()
    sent = browser.get("/mentoring/")
    assert (sent.status_code, sent.location) == (303, "/login?next=/mentoring/")
    back = browser.post(sent.location, data={"name": "kato"})
    assert back.location == "/mentoring/"
    page = browser.get("/mentoring/", follow_redirects=True)
    assert page.status_code == 200
    assert '<header id="university">' in page.text
    assert f"/mentoring/programmes/{people.slug}/participants/" in page.text
    assert 'action="/logout"' in page.text
    assert "/mentoring/static/mm.css" in page.text


def test_the_hosts_pages_stay_the_hosts(site, people):
    front = site.test_client().get("/")
    assert "Content-Security-Policy" not in front.headers
    assert "mm.css" not in front.text


def test_roles_hold_inside_a_host(site, people):
    browser = site.test_client()
    browser.post("/login", data={"name": "aoi"})
    assert browser.get("/mentoring/programmes/spring/home/").status_code == 200
    assert browser.get("/mentoring/programmes/spring/participants/").status_code == 403


def test_a_host_has_no_sign_in_of_ours_and_no_mailbox(site, people):
    rules = {rule.rule for rule in site.url_map.iter_rules()}
    assert not any("sign-in" in rule for rule in rules)


def test_somebody_whom_we_do_not_know_is_told_so(site, session):
    browser = site.test_client()
    browser.post("/login", data={"name": "aoi"})
    assert browser.get("/mentoring/").status_code == 403


def test_two_apps_in_one_process_do_not_know_each_other(app, session, config, tmp_path, migrated):
    other_file = tmp_path / "other.db"
    other_file.write_bytes(migrated.read_bytes())
    other = create_app(replace(config, database_url=f"sqlite:///{other_file}", secret_key="another", language="ja"))
    programme = a_programme(session)
    admin = a_staff_member(session, programme)
    client = a_client(app, session, admin)
    assert client.get(f"/programmes/{programme.slug}/participants/").status_code == 200
    stranger = other.test_client()
    stranger.set_cookie("mm_session", client.get_cookie("mm_session").value)
    assert stranger.get(f"/programmes/{programme.slug}/participants/").status_code == 303
    with other.app_context():
        other.extensions["mentormatch"].db.engine.dispose()


def test_the_extension_keeps_nothing_of_the_app(config):
    extension = MentorMatch()
    for name in ("one", "two"):
        host = Flask(name)
        host.secret_key = name
        extension.init_app(host, user_loader=lambda: None, config=config)
        with host.app_context():
            host.extensions["mentormatch"].db.engine.dispose()
    assert vars(extension) == {}


def test_a_host_without_a_secret_is_refused(config):
    with pytest.raises(ConfigurationError, match="SECRET_KEY"):
        MentorMatch().init_app(Flask("bare"), user_loader=lambda: None, config=config)


def test_an_unknown_setting_stops_the_start_with_its_neighbour():
    with pytest.raises(ConfigurationError, match="MENTORMATCH_BASE_URL"):
        Config.from_mapping({"MENTORMATCH_BASEURL": "https://mm.example.ac.jp"})


@pytest.mark.parametrize(
    ("name", "value"),
    [("BASE_URL", "mm.example.ac.jp"), ("UPLOAD_LIMIT", "much"), ("MAILBOX_PAGE", "perhaps"), ("LANGUAGE", "fr")],
)
def test_a_wrong_setting_names_itself_and_what_was_found(name, value):
    with pytest.raises(ConfigurationError, match=f"MENTORMATCH_{name}.*{value}"):
        Config.from_mapping({f"MENTORMATCH_{name}": value})


def test_the_language_switch_speaks_to_one_browser_only(app, session):
    one, two = a_client(app, session), a_client(app, session)
    post(one, "/language", {"language": "ja", "next": "/sign-in"})
    assert 'lang="ja"' in one.get("/sign-in").text
    assert 'lang="en"' in two.get("/sign-in").text
