"""Before the run and across rounds, in a real browser and in both languages."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from mentormatch.core.clock import now
from mentormatch.core.i18n import Speech
from mentormatch.models import LIVING, Enrolment, Match, MatchState, Person, Programme, Round, RoundState, Run
from mentormatch.queries import actors
from mentormatch.services import demo, rounds, runs

HOME = "/programmes/spring-2027"


def _published_without_an_answer(site, admin, programme_id: int) -> None:
    """Publish a first round by hand in which nobody of the mentors wanted anybody."""
    session = site.session
    rounds.create(session, actor=admin, programme_id=programme_id)
    round_ = session.scalar(select(Round))
    run_id = runs.start(session, actor=admin, round_id=round_.id)
    while not session.get(Run, run_id, populate_existing=True).finished_at:
        session.rollback()
    session.refresh(round_)
    interns = session.scalars(select(Enrolment.id).where(Enrolment.role == "intern").order_by(Enrolment.id)).all()
    host = session.scalar(select(Enrolment.id).where(Enrolment.role == "mentor").order_by(Enrolment.id))
    for intern in interns[:3]:
        session.add(
            Match(
                round_id=round_.id,
                track="mentor",
                intern_id=intern,
                host_id=host,
                state=MatchState.DECLINED,
                answer_by=now(),
            )
        )
    round_.state, round_.published_at = RoundState.CLOSED, now()
    session.commit()
    assert session.scalar(select(Match.id).where(Match.state.in_(LIVING))) is None


@pytest.mark.parametrize("language", ["ja", "en"])
def test_the_admin_sees_what_will_happen_and_who_has_waited(site, open_tab, language):
    say = Speech(language).gettext
    demo.load(site.session)
    person = site.session.scalar(select(Person).where(Person.email == "kato.akari@career.example.ac.jp"))
    admin = actors.of_person(site.session, person)
    programme_id = site.session.scalar(select(Programme.id))
    _published_without_an_answer(site, admin, programme_id)
    rounds.create(site.session, actor=admin, programme_id=programme_id)
    tab = open_tab(person, language=language)
    page = tab.page
    tab.go(f"{HOME}/rounds/2/settings")
    if page.locator("html").get_attribute("lang") != language:
        page.locator("button.mm-lang").first.click()
        page.wait_for_load_state()
    # The card asks for itself, and the worker answers.
    expect(page.locator("#mm-ready")).to_contain_text(say("worked out just now"), timeout=60_000)
    page.locator("#most_interns").fill("1")
    page.get_by_role("button", name=say("Save dates")).click()
    tab.see(say("The dates of this round are saved."))
    tab.go(f"{HOME}/rounds/2/readiness")
    page.locator("#mm-rules").wait_for(timeout=60_000)
    expect(page.locator("#mm-possible [role=status]")).to_have_count(0, timeout=60_000)
    expect(page.locator("#mm-possible form")).to_have_count(0)  # what is shown is true now
    tab.see(say("Where places are short"))
    assert tab.axe() == []
    tab.go(f"{HOME}/rounds/ledger")
    waited = page.get_by_text(say("waited since round %(number)s", number=1))
    expect(waited.first).to_be_visible()
    page.locator("#ledger-q").fill("zzz")
    tab.see(say("Nobody matches"))
    assert tab.axe() == []
    tab.go(f"{HOME}/rounds/ledger?side=hosts")
    page.locator("details.mm-menu > summary").first.click()
    with page.expect_download() as download:
        page.get_by_role("button", name=say("As CSV")).click()
    assert download.value.suggested_filename.endswith(".csv")
