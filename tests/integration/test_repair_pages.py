"""The pages of publishing and of what follows: bad input, who sees what, the other language."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from mentormatch.core.roles import Role
from mentormatch.models import Match, MatchState, Person, Programme, RoundState
from mentormatch.services import concerns
from tests.factories import a_client, post
from tests.integration.published_world import a_published_round


@pytest.fixture
def world(session):
    found = a_published_round(session)
    found.enrol("ai", Role.INTERN, "sea")
    found.enrol("bo", Role.INTERN, "sea")
    found.enrol("host", Role.MENTOR, "sea")
    found.enrol("next", Role.MENTOR, "sea", capacity=2)
    found.match("ai", "host", MatchState.ACCEPTED)
    found.alone("bo")
    return found


@pytest.fixture
def client(app, session, world):
    found = a_client(app, session, session.get(Person, world.admin.person_id))
    post(found, "/language", {"language": "en"})
    return found


def _url(world, rest: str) -> str:
    return f"/programmes/{world.programme.slug}/{rest}"


def _match(world) -> Match:
    world.session.rollback()
    return world.session.scalars(select(Match).where(Match.intern_id == world.people["ai"].id)).first()


def test_the_office_sees_who_waits_and_confirms_what_it_has_seen(client, session, world):
    page = client.get(_url(world, "rounds/1/repair")).text
    assert "Nobody was left when the round was published" not in page  # the proposal serves everybody
    stamp = re.search(r'name="stamp" value="(\w+)"', page).group(1)
    refused = post(client, _url(world, "rounds/1/repair"), {"stamp": "old"})
    assert (refused.status_code, "Look at the present proposal" in refused.text) == (409, True)
    assert post(client, _url(world, "rounds/1/repair"), {"stamp": stamp}).status_code == 303
    assert world.living() == {("ai", "host"), ("bo", "next")}
    assert "Nobody waits" in client.get(_url(world, "rounds/1/repair")).text


def test_the_way_to_the_end_shows_first_and_refuses_nonsense(client, session, world):
    where = _url(world, f"rounds/1/matches/{_match(world).id}")
    assert client.get(f"{where}/end?reason=whim").location == where
    shown = client.get(f"{where}/end?reason=left&seeks=y")
    assert (shown.status_code, _match(world).state) == (200, MatchState.ACCEPTED)
    stamp = re.search(r'name="stamp" value="(\w*)"', shown.text).group(1)
    long = post(client, f"{where}/end", {"reason": "left", "seeks": "y", "stamp": stamp, "note": "x" * 501})
    assert (long.status_code, _match(world).state) == (422, MatchState.ACCEPTED)
    stale = post(client, f"{where}/end", {"reason": "left", "seeks": "y", "stamp": "old"})
    assert (stale.status_code, _match(world).state) == (409, MatchState.ACCEPTED)
    done = post(client, f"{where}/end", {"reason": "left", "seeks": "y", "stamp": stamp, "note": "<b>gone</b>"})
    assert (done.status_code, _match(world).state) == (303, MatchState.ENDED)
    text = client.get(where).text
    assert "One of the two has left" in text
    assert "&lt;b&gt;gone" in text
    assert post(client, f"{where}/end", {"reason": "left", "stamp": stamp}).status_code == 422


def test_a_private_word_is_shown_to_the_office_alone(app, client, session, world):
    intern, host = (a_client(app, session, session.get(Person, world.people[n].person_id)) for n in ("ai", "host"))
    where = _url(world, f"home/matches/{_match(world).id}/concern")
    assert post(intern, where, {"note": "SECRET"}).status_code == 422
    assert post(intern, where, {"kind": "fit", "note": "SECRET <i>"}).status_code == 303
    again = post(intern, where, {"kind": "fit"})
    assert again.status_code == 409
    assert "SECRET &lt;i&gt;" in client.get(_url(world, "rounds/1/repair")).text
    for page in ("home/", f"home/interns/{_match(world).id}", f"home/matches/{_match(world).id}/concern"):
        assert "SECRET" not in host.get(_url(world, page)).text
    assert concerns.KINDS["fit"] not in host.get(_url(world, "home/")).text


def test_settings_of_publishing_are_checked_and_kept(client, session, world):
    where = _url(world, "settings/publishing")
    good = {"publish_delay": "0", "reminder_days": "3", "most_falls": "1", "sign_off": "y"}
    for field, value in (("publish_delay", "61"), ("publish_delay", ""), ("reminder_days", "-1"), ("most_falls", "0")):
        assert post(client, where, {**good, field: value}).status_code == 422
    assert post(client, where, good).status_code == 303
    session.rollback()
    row = session.get(Programme, world.programme.id)
    kept = (row.publish_delay, row.reminder_days, row.most_falls, row.sign_off, row.falls_through)
    assert kept == (0, 3, 1, True, False)


def test_the_banner_stands_on_every_page_and_says_why_something_was_withheld(client, session, world):
    world.round.state = RoundState.REVIEW
    message = "%(number)s hosts have fewer places than this run gives them. Run the matching again."
    world.round.withheld = {"message": message, "fields": {"number": 2}}
    session.commit()
    for page in ("rounds/1/settings", "rounds/1/sign-off", "rounds/1/review/history"):
        assert "2 hosts have fewer places" in client.get(_url(world, page)).text
    post(client, "/language", {"language": "ja"})
    assert "2人の担当者の枠が" in client.get(_url(world, "rounds/1/settings")).text


def test_the_intern_sees_that_the_search_goes_on_and_then_who_comes(app, client, session, world):
    intern = a_client(app, session, session.get(Person, world.people["bo"].person_id))
    post(intern, "/language", {"language": "en"})
    assert "still looking for the right person" in intern.get(_url(world, "home/")).text
    page = client.get(_url(world, "rounds/1/repair")).text
    post(client, _url(world, "rounds/1/repair"), {"stamp": re.search(r'name="stamp" value="(\w+)"', page).group(1)})
    text = intern.get(_url(world, "home/")).text
    assert "next" in text
    assert "still looking" not in text
