"""Deciding with the solver, in a real browser and both languages: effects, fixes, exceptions, settings, two admins."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from mentormatch.core.i18n import Speech
from mentormatch.core.roles import Role
from mentormatch.models import Decision, Person, Programme, Proposal, Round, Run, Staff, Unmatched
from mentormatch.queries import actors
from mentormatch.services import demo, rounds, runs
from tests.factories import a_person

ROUND = "/programmes/spring-2027/rounds/1"


def _reviewed(site, admin) -> None:
    """A round of the demo, run once, by hand."""
    programme_id = site.session.scalar(select(Programme.id))
    rounds.create(site.session, actor=admin, programme_id=programme_id)
    round_id = site.session.scalar(select(Round.id))
    run_id = runs.start(site.session, actor=admin, round_id=round_id)
    while not site.session.get(Run, run_id, populate_existing=True).finished_at:
        site.session.rollback()


def _colleague(site) -> Person:
    """A second admin of the same programme."""
    person = a_person(site.session, email="sato.nao@career.example.ac.jp", family_name="佐藤", given_name="直")
    programme_id = site.session.scalar(select(Programme.id))
    site.session.add(Staff(programme_id=programme_id, person_id=person.id, role=Role.PROGRAMME_ADMIN))
    site.session.commit()
    return person


def _in(tab, language: str) -> None:
    if tab.page.locator("html").get_attribute("lang") != language:
        tab.page.locator("button.mm-lang").first.click()
        tab.page.wait_for_load_state()


def _decided(site) -> list[str]:
    site.session.rollback()
    return sorted(str(one.kind) for one in site.session.scalars(select(Decision)))


def _runs_again(tab, button: str, say) -> None:
    tab.page.get_by_role("button", name=button).click()
    tab.page.wait_for_url("**/review**", timeout=120_000)
    tab.see(say("Compare runs"))


@pytest.mark.parametrize("language", ["ja", "en"])
def test_the_admin_decides_with_the_solver(site, open_tab, language):
    say = Speech(language).gettext
    demo.load(site.session)
    person = site.session.scalar(select(Person).where(Person.email == "kato.akari@career.example.ac.jp"))
    _reviewed(site, actors.of_person(site.session, person))
    tab = open_tab(person, language=language)
    page = tab.page
    tab.go(f"{ROUND}/review")
    _in(tab, language)

    # What if these two were not paired? The answer comes into the panel; deciding so brings a bar with the same facts.
    page.get_by_role("link", name=say("What if they were not paired?")).click()
    expect(page.locator("#mm-effect table")).to_be_visible(timeout=60_000)
    facts = [one.strip() for one in page.locator("#mm-effect .mm-tags li").all_inner_texts()]
    page.locator("#panel-skip").click()
    bar = page.locator("#mm-changes .mm-change")
    expect(bar).to_contain_text(" · ".join(facts))
    assert _decided(site) == ["skip"]

    # A colleague decides on another pair at the same time: both stay.
    other = open_tab(_colleague(site), language=language)
    other.go(f"{ROUND}/review?sort=name")
    _in(other, language)
    other.page.locator("button[data-key=p]").nth(3).click()
    expect(other.page.locator("#mm-changes .mm-change")).to_be_visible()
    other.page.wait_for_load_state("networkidle")
    assert _decided(site) == ["pin", "skip"]

    # The next run does what was shown.
    tab.go(f"{ROUND}/review")
    _runs_again(tab, say("Re-run with these changes"), say)
    assert page.locator("#mm-changes .mm-change").count() == 0

    # Somebody is left over: what would help has been tried, and an exception is made with one press.
    run_id = site.session.scalar(select(Round.run_id).execution_options(populate_existing=True))
    alone = site.session.scalars(
        select(Unmatched).where(Unmatched.run_id == run_id, Unmatched.track == "mentor")
    ).first()
    tab.go(f"{ROUND}/review/interns/{alone.intern_id}/fixes")
    assert tab.axe() == []
    exception = page.get_by_role("button", name=say("Make this exception and pin the pair"))
    if exception.count():
        exception.first.click()
        tab.see(say("Re-run with these changes"))
        site.session.rollback()
        assert site.session.scalar(select(Decision).where(Decision.despite)) is not None

    # Other settings stand beside the present ones, and who moves can be read.
    tab.go(f"{ROUND}/review/try")
    assert tab.axe() == []
    page.locator("input[name=objective][value=worst_off]").check()
    page.locator("input[name=name]").fill("Fairer")
    _runs_again(tab, say("Run with these settings"), say)
    tab.see("Fairer")
    lowest = [
        min(site.session.scalars(select(Proposal.points).where(Proposal.run_id == one)))
        for one in site.session.scalars(select(Run.id).order_by(Run.number))
    ]
    assert lowest[-1] >= lowest[-2]
    tab.go(f"{ROUND}/review/difference?other=1")
    tab.see(say("better off"))
    assert tab.axe() == []
    tab.go(f"{ROUND}/review/groups")
    tab.see(say("How groups fared"))
    assert tab.axe() == []
