"""The whole story in a real browser, in both languages: from a broken spreadsheet to a mentor who accepts."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from mentormatch.channels import mailbox
from mentormatch.core.i18n import Speech
from mentormatch.models import Enrolment, Match, MatchState, Person, Proposal, Round, RoundState
from mentormatch.services import demo

SHEET = Path(__file__).parents[2] / "examples" / "sheets" / "interns_2027.csv"
HOME = "/programmes/spring-2027"
KUDO = "y.kudo@student.example.ac.jp"


def _person(site, email: str) -> Person:
    return site.session.scalar(select(Person).where(Person.email == email))


def _import_the_sheet(tab, say):
    """Send a CP932 sheet with three broken rows, mend each, and import."""
    page = tab.page
    tab.go(f"{HOME}/imports/")
    page.locator('input[type="file"]').set_input_files(SHEET)
    page.locator('input[name="role"][value="intern"]').check()
    page.get_by_role("button", name=say("Continue")).click()
    page.wait_for_url("**/columns")
    assert "Shift_JIS" in page.locator("#wizard").inner_text()
    page.get_by_role("button", name=say("Continue")).click()
    page.wait_for_url("**/problems")
    mended = page.locator("#h-done + .mm-hint")
    page.locator("input[name=value]").first.fill(KUDO)
    page.get_by_role("button", name=say("Use this")).first.click()
    expect(mended).to_have_text("1")
    page.locator("select[name=value]").select_option("経営学部")
    page.get_by_role("button", name=say("Apply")).click()
    expect(mended).to_have_text("2")
    page.get_by_role("button", name=say("Leave out row %(row)s", row=12)).first.click()
    tab.see(say("No problems left"))
    page.get_by_role("link", name=say("Continue")).click()
    page.wait_for_url("**/check")
    page.locator('form[action$="/run"] button').click()
    tab.see(say("What was done"))


def _change_a_weight(tab, say):
    tab.go(f"{HOME}/criteria/")
    weight = tab.page.locator('input[name$="-weight"]').last
    weight.fill("15")
    tab.page.get_by_role("button", name=say("Save and test on sample")).click()
    tab.see(say("Sample"))
    assert tab.page.locator('input[name$="-weight"]').last.input_value() == "15"


def _run_a_round(tab, say):
    page = tab.page
    tab.go(f"{HOME}/rounds/")
    page.locator('form[action$="/rounds/"] button').first.click()
    page.locator('form[action$="/rounds/1/open"] button').first.click()
    tab.go(f"{HOME}/rounds/1/readiness")
    page.locator('form[action$="/rounds/1/run"] button').first.click()
    page.wait_for_url("**/rounds/1/review*", timeout=90_000)


def _read_why_and_veto(tab, say) -> str:
    """Read why the first pair was made, veto it, run again; return the pair."""
    page = tab.page
    page.locator("tbody .mm-rowlink").first.click()
    tab.see(say("Rules checked"))
    fit = int(page.locator(".mm-ring text").first.text_content())
    parts = page.locator(".mm-crit .n b").all_text_contents()
    assert sum(map(int, parts)) == fit  # the parts on the page add up to the fit on the page
    pair = page.locator(".mm-ex-pair b").all_text_contents()
    page.locator(".mm-ex form button", has_text=re.compile(f"^{re.escape(say('Veto'))}$")).click()
    change = page.locator(".mm-change")
    change.wait_for()
    change.get_by_role("button", name=say("Re-run with these changes")).click()
    page.wait_for_url("**/rounds/1/running*")
    page.wait_for_url("**/rounds/1/review*", timeout=90_000)
    return " ".join(pair)


def _publish(tab, say):
    page = tab.page
    page.get_by_role("link", name=say("Publish…")).click()
    dialog = page.get_by_role("dialog")
    dialog.wait_for()
    dialog.locator('form[action$="/publish"] button').click()
    page.locator('form[action$="/publishing/now"] button').click()
    page.locator("#mm-answered").wait_for()


def _link_of(site, email: str) -> str:
    """Wait for the letter about the match and return its link, as it stands in the mail."""
    for _ in range(600):
        for mail in mailbox.kept(site.config.mailbox):
            if email in mail.to and "/sign-in/link/" in mail.body:
                return re.search(r"https?://\S+/sign-in/link/\S+", mail.body).group()
        site.session.connection().exec_driver_sql("SELECT 1")
        site.session.rollback()
    raise AssertionError(f"no letter to {email}")


@pytest.mark.parametrize("language", ["ja", "en"])
def test_from_the_spreadsheet_to_the_first_answer(site, open_tab, language):
    say = Speech(language).gettext
    demo.load(site.session)
    admin = _person(site, "kato.akari@career.example.ac.jp")
    tab = open_tab(admin, language=language)
    tab.go(f"{HOME}/")
    if tab.page.locator("html").get_attribute("lang") != language:
        tab.page.locator("button.mm-lang").first.click()
        tab.page.wait_for_load_state()
    _import_the_sheet(tab, say)
    site.session.rollback()
    assert _person(site, KUDO) is not None
    _change_a_weight(tab, say)
    _run_a_round(tab, say)
    first_run = site.session.scalar(select(Round.run_id))
    vetoed = _read_why_and_veto(tab, say)
    site.session.rollback()
    round_ = site.session.scalar(select(Round))
    assert round_.run_id != first_run
    assert vetoed
    _publish(tab, say)
    site.session.rollback()
    site.session.refresh(round_)
    assert round_.state is RoundState.PUBLISHED
    pairs = site.session.scalars(select(Proposal).where(Proposal.run_id == round_.run_id)).all()
    assert len(site.session.scalars(select(Match)).all()) == len(pairs) > 100
    _the_intern_sees_why(site, open_tab, language, say)
    _the_mentor_accepts(site, open_tab, language, say)


def _the_intern_sees_why(site, open_tab, language, say):
    """She signs in by the mailed link and sees her mentor and three reasons, in the language she chooses."""
    tab = open_tab(language=language)
    tab.page.goto(_link_of(site, "aoi.suzuki@student.example.ac.jp"))
    tab.page.locator("main form button").click()
    tab.page.wait_for_url(f"**{HOME}/home/")
    _speak(tab, language)
    match = _match_of(site, "aoi.suzuki@student.example.ac.jp", "mentor")
    tab.see(
        match.host.person.family_name if language == "ja" else match.host.person.romaji or match.host.person.family_name
    )
    assert tab.page.locator(".mm-hero").first.locator(".mm-why > li").count() == 3
    assert tab.page.get_by_text(say("How matching works")).count() >= 1
    assert "/ 100" not in tab.page.content()
    assert tab.axe() == []


def _the_mentor_accepts(site, open_tab, language, say):
    match = _match_of(site, "aoi.suzuki@student.example.ac.jp", "mentor")
    tab = open_tab(language=language)
    tab.page.goto(_link_of(site, match.host.person.email))
    tab.page.locator("main form button").click()
    tab.page.wait_for_url(f"**{HOME}/home/")
    _speak(tab, language)
    tab.go(f"{HOME}/home/interns/{match.id}")
    assert tab.axe() == []
    tab.page.get_by_role("button", name=say("Accept"), exact=True).click()
    tab.see(say("Thank you. We have told your intern that you look forward to it."))
    site.session.expire_all()
    assert site.session.get(Match, match.id).state is MatchState.ACCEPTED


def _match_of(site, email: str, track: str) -> Match:
    site.session.rollback()
    return site.session.scalar(
        select(Match)
        .join(Enrolment, Enrolment.id == Match.intern_id)
        .join(Person, Person.id == Enrolment.person_id)
        .where(Person.email == email, Match.track == track)
    )


def _speak(tab, language: str) -> None:
    if tab.page.locator("html").get_attribute("lang") != language:
        tab.page.locator("button.mm-lang").first.click()
        tab.page.wait_for_load_state()
