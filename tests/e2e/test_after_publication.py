"""Publish, stop, publish; a host declines and the next best comes; the office ends a match: both languages."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from mentormatch.channels import mailbox
from mentormatch.core.i18n import Speech
from mentormatch.core.roles import Role
from mentormatch.models import LIVING, Match, MatchState, Person, Round, RoundState
from tests.e2e.conftest import PHONE
from tests.integration.rounds_world import a_small_world


@pytest.fixture
def world(site):
    found = a_small_world(site.session)
    found.enrol("mentor-second", Role.MENTOR, "art")
    found.run()
    return found


def _speak(tab, path: str, language: str) -> None:
    tab.go(path)
    if tab.page.locator("html").get_attribute("lang") != language:
        tab.page.locator("button.mm-lang").first.click()
        tab.page.wait_for_load_state()


def _person(world, name: str) -> Person:
    world.session.rollback()
    return world.session.get_one(Person, world.people[name].person_id)


def _match(world, intern: str) -> Match:
    world.session.rollback()
    mine = Match.intern_id == world.people[intern].id
    return world.session.scalars(select(Match).where(mine, Match.state.in_(LIVING))).first()


def _until(world, true) -> None:
    for _ in range(4000):
        world.session.rollback()
        if true():
            return
        world.session.connection().exec_driver_sql("SELECT 1")
    raise AssertionError("this never came true")


@pytest.mark.parametrize("language", ["ja", "en"])
def test_publish_stop_publish_decline_next_best_end(site, open_tab, world, language):
    say = Speech(language).gettext
    home = f"/programmes/{world.programme.slug}"
    tab = open_tab(_person_of(site, world.admin.person_id), language=language)
    _speak(tab, f"{home}/rounds/1/review", language)
    _ask_and_stop(tab, say, home)
    _publish_now(tab, say)
    _until(world, lambda: world.session.scalar(select(Round.state)) is RoundState.PUBLISHED)
    _host_declines(open_tab, world, language, say, home)
    _until(world, lambda: (_match(world, "intern-art") or Match()).state is MatchState.PROPOSED)
    assert _match(world, "intern-art").host_id == world.people["mentor-second"].id
    _intern_tells(site, open_tab, world, language, say, home)
    _office_ends(tab, world, say, home)
    assert _match(world, "intern-law").host_id != world.people["mentor-law"].id
    mails = {mail.to: mail for mail in mailbox.kept(site.config.mailbox)}
    assert any("mentor-second" in to for to in mails)


def _person_of(site, person_id: int) -> Person:
    return site.session.get_one(Person, person_id)


def _ask(tab, say) -> None:
    tab.page.get_by_role("link", name=say("Publish…")).click()
    dialog = tab.page.get_by_role("dialog")
    dialog.wait_for()
    dialog.locator('form[action$="/publish"] button').click()
    tab.page.locator("#mm-publishing").wait_for()


def _ask_and_stop(tab, say, home) -> None:
    """Ask, find the button on another page of the round, and stop."""
    _ask(tab, say)
    for path in ("review/recipients", "review/letters/intern", "settings", "review/history"):
        tab.go(f"{home}/rounds/1/{path}")
        expect(tab.page.get_by_role("button", name=say("Stop"), exact=True)).to_be_visible()
    assert tab.axe() == []
    tab.page.get_by_role("button", name=say("Stop"), exact=True).click()
    tab.see(say("Stopped. Nobody has heard anything; the round is in review again."))
    expect(tab.page.locator("#mm-publishing")).to_have_count(0)
    tab.go(f"{home}/rounds/1/review")


def _publish_now(tab, say) -> None:
    """The page itself shows what has happened, without being asked to."""
    _ask(tab, say)
    tab.page.get_by_role("button", name=say("Publish now"), exact=True).click()
    tab.page.locator("#mm-answered").wait_for(timeout=30_000)


def _host_declines(open_tab, world, language, say, home) -> None:
    match = _match(world, "intern-art")
    tab = open_tab(_person(world, "mentor-art"), language=language, size=PHONE)
    _speak(tab, f"{home}/home/interns/{match.id}", language)
    tab.page.locator("summary", has_text=say("I would rather decline")).click()
    tab.page.locator('input[name="reason"][value="time"]').check()
    tab.page.get_by_role("button", name=say("Decline this match")).click()
    tab.see(say("Thank you for telling us. The career centre will find somebody else."))


def _intern_tells(site, open_tab, world, language, say, home) -> None:
    tab = open_tab(_person(world, "intern-law"), language=language, size=PHONE)
    _speak(tab, f"{home}/home/", language)
    tab.page.get_by_role("link", name=say("Something feels wrong?")).click()
    assert tab.axe() == []
    tab.page.locator('input[name="kind"][value="fit"]').check()
    tab.page.locator("textarea").fill("SECRET-word")
    tab.page.get_by_role("button", name=say("Tell the career centre")).click()
    tab.see(say("Thank you for telling us. The career centre will get in touch; the other side is not told."))
    host = open_tab(_person(world, "mentor-law"), language=language)
    host.go(f"{home}/home/")
    assert "SECRET-word" not in host.page.content()


def _office_ends(tab, world, say, home) -> None:
    page = tab.page
    tab.go(f"{home}/rounds/1/repair")
    tab.see("SECRET-word")
    assert tab.axe() == []
    page.get_by_role("link", name=say("Look at the match")).first.click()
    page.locator('input[name="reason"][value="fit"]').check()
    page.locator('input[name="never"]').check()
    assert tab.axe() == []
    page.get_by_role("button", name=say("See what would happen")).click()
    expect(page.get_by_role("heading", name=re.compile("intern-law"))).to_be_visible()
    assert _match(world, "intern-law").host_id == world.people["mentor-law"].id  # so far it is only shown
    assert tab.axe() == []
    page.get_by_role("button", name=say("End the match and send the letters")).click()
    page.wait_for_url("**/repair")
