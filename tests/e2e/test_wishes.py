"""Wishes in a real browser, in both languages: an intern ranks, a mentor asks, the office sees it, nobody else."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from mentormatch.core.i18n import Speech
from mentormatch.models import Person, Round, Wish, WishKind
from mentormatch.services import demo
from tests.e2e.conftest import PHONE

HOME = "/programmes/spring-2027"
AOI, KEN, OFFICE = (
    "aoi.suzuki@student.example.ac.jp",
    "morita.ken@minato-data.example",
    "kato.akari@career.example.ac.jp",
)


def _tab(site, open_tab, email: str, language: str, size: dict | None = None):
    person = site.session.scalar(select(Person).where(Person.email == email))
    tab = open_tab(person, language=language, size=size)
    tab.go(f"{HOME}/home/" if email != OFFICE else f"{HOME}/")
    if tab.page.locator("html").get_attribute("lang") != language:
        tab.page.locator("button.mm-lang:visible").first.click()
        tab.page.wait_for_load_state()
    return tab


def _said(site) -> list[tuple[str, int | None]]:
    site.session.rollback()
    mine = select(Wish).where(Wish.author.has(person=site.session.scalar(select(Person).where(Person.email == AOI))))
    return [(wish.kind.value, wish.rank) for wish in site.session.scalars(mine.order_by(Wish.kind, Wish.rank))]


@pytest.mark.parametrize("language", ["ja", "en"])
def test_wishes_from_the_first_choice_to_the_review(site, open_tab, language):
    say = Speech(language).gettext
    demo.load(site.session)
    tab = _tab(site, open_tab, AOI, language)
    page = tab.page
    page.get_by_role("link", name=say("State my wishes")).click()
    page.locator("#wishes-q").fill("ken morita" if language == "en" else "森田")
    found = page.locator("#wishes-found .mm-people > li")
    expect(found).to_have_count(1)
    found.locator('button[value="choice"]').click()
    mine = page.locator("#mm-wishes ol li")
    expect(mine).to_have_count(1)
    page.locator("#wishes-q").fill("")
    expect(found).to_have_count(12)
    page.locator('#wishes-found button[value="choice"]').nth(1).click()
    expect(mine).to_have_count(2)
    first = mine.first.get_attribute("id")
    mine.last.locator('button[value="up"]').click()
    expect(mine.last).to_have_attribute("id", first)
    assert page.evaluate("document.activeElement.value") == "up"  # the focus went with the person
    page.locator('#wishes-found button[value="avoid"]').last.click()
    expect(page.locator("#mm-wishes ul.mm-wished li")).to_have_count(1)
    page.locator('input[name="priority"][value="field"]').check()
    tab.see(say("Noted what matters most to you."))
    assert _said(site) == [("avoid", None), ("choice", 1), ("choice", 2)]
    assert tab.axe() == []
    _the_mentor_learns_nothing(site, open_tab, language)
    _the_office_runs_and_sees(site, open_tab, language, say)
    tab.go(f"{HOME}/wishes/")
    assert page.locator('button[name="wish"]').count() == 0
    tab.see(say("How your wishes count"))


def _the_mentor_learns_nothing(site, open_tab, language):
    """The mentor whom she has chosen finds her like anybody else, and says that he would gladly have her."""
    tab = _tab(site, open_tab, KEN, language, PHONE)
    tab.go(f"{HOME}/wishes/?q=suzuki%20aoi" if language == "en" else f"{HOME}/wishes/?q=%E9%88%B4%E6%9C%A8%20%E8%91%B5")
    card = tab.page.locator("#wishes-found .mm-people > li")
    expect(card).to_have_count(1)
    assert card.locator(".mm-between .mm-pill").count() == 0
    assert not tab.page.evaluate("document.documentElement.scrollWidth > innerWidth + 1")
    card.locator('button[value="prefer"]').click()
    expect(card.locator(".mm-between .mm-pill")).to_have_count(1)
    assert tab.axe() == []
    assert site.session.scalar(select(Wish.kind).where(Wish.author.has(person=_person(site, KEN)))) is WishKind.PREFER


def _person(site, email: str) -> Person:
    site.session.rollback()
    return site.session.scalar(select(Person).where(Person.email == email))


def _the_office_runs_and_sees(site, open_tab, language, say):
    tab = _tab(site, open_tab, OFFICE, language)
    page = tab.page
    tab.go(f"{HOME}/rounds/")
    page.locator('form[action$="/rounds/"] button').first.click()
    page.locator('form[action$="/remind-wishes"] button').click()
    tab.go(f"{HOME}/rounds/1/settings")
    page.locator('form[action$="/rounds/1/run"] button').first.click()
    page.wait_for_url("**/rounds/1/review*", timeout=90_000)
    tab.go(f"{HOME}/rounds/1/review?sort=wish")
    tab.see(say("1st choice"))
    tab.see(say("Top-3 wish"))
    assert tab.axe() == []
    figures = site.session.scalar(select(Round).execution_options(populate_existing=True)).run.summary["tracks"]
    assert figures["mentor"]["wishes"]["top3"] > figures["mentor"]["wishes"]["asked"] // 2
