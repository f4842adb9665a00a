"""Every page there is: nothing for axe to find, in both languages, themes and widths, and no sideways scroll."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select

from mentormatch.channels import mailbox
from mentormatch.core.names import email_key
from mentormatch.models import Enrolment, Match, Person, Programme, Proposal, Round, Run
from mentormatch.queries import actors, programmes
from mentormatch.services import accounts, demo, imports, publication, rounds, runs
from tests.e2e.conftest import DESKTOP, PHONE
from tests.factories import a_person
from tests.integration.test_policy import ADMIN, INTERN, MENTOR, ORACLE, SYSTEM

SHEET = Path(__file__).parents[2] / "examples" / "sheets" / "interns_2027.csv"
P = "/programmes/spring-2027"
VISITOR = "visitor"
PAGES = {
    VISITOR: ["/sign-in", "/sign-in/link/{token}", "/components/", "/mailbox/", "/mailbox/{mail}"],
    SYSTEM: ["/", "/programmes/new"],
    ADMIN: [
        f"{P}/",
        f"{P}/trail",
        f"{P}/participants/",
        f"{P}/participants/new",
        f"{P}/participants/{{enrolment}}/",
        f"{P}/participants/{{enrolment}}/edit",
        f"{P}/participants/{{enrolment}}/preview",
        f"{P}/imports/",
        f"{P}/imports/{{upload}}/columns",
        f"{P}/imports/{{upload}}/problems",
        f"{P}/imports/{{upload}}/rows?group={{group}}&row=12",
        f"{P}/imports/{{upload}}/check",
        f"{P}/imports/{{upload}}/",
        f"{P}/criteria/",
        f"{P}/criteria/new?add=tags",
        f"{P}/criteria/sample",
        f"{P}/rounds/",
        f"{P}/rounds/1/",
        f"{P}/rounds/2/settings",
        f"{P}/rounds/2/readiness",
        f"{P}/rounds/ledger",
        f"{P}/rounds/ledger?side=hosts",
        f"{P}/rounds/2/running",
        f"{P}/rounds/1/review",
        f"{P}/rounds/1/review?tab=unmatched",
        f"{P}/rounds/1/review?tab=look",
        f"{P}/rounds/1/review?tab=mentors",
        f"{P}/rounds/2/review",
        f"{P}/rounds/1/review/pairs/{{proposal}}",
        f"{P}/rounds/1/review/history",
        f"{P}/rounds/1/review/interns/{{intern}}?track=mentor",
        f"{P}/rounds/1/review/interns/{{intern}}/hosts/{{host}}?track=mentor",
        f"{P}/rounds/2/review/effect",
        f"{P}/rounds/2/review/try",
        f"{P}/rounds/2/review/groups",
        f"{P}/rounds/2/review/difference?other=1",
        f"{P}/rounds/2/review/interns/{{intern}}/fixes",
        f"{P}/rounds/2/review/publish",
        f"{P}/rounds/2/review/letters/intern",
        f"{P}/rounds/2/review/recipients",
        f"{P}/rounds/2/publishing",
        f"{P}/rounds/2/sign-off",
        f"{P}/rounds/1/repair",
        f"{P}/rounds/1/matches/{{match}}",
        f"{P}/rounds/1/matches/{{match}}/end?reason=fit&seeks=y&offers=y",
        f"{P}/settings/",
        f"{P}/settings/publishing",
        f"{P}/settings/staff",
        "/account/password",
        "/no/such/page",
    ],
    INTERN: [f"{P}/home/", f"{P}/home/how-matching-works", f"{P}/profile/", f"{P}/profile/preview", f"{P}/wishes/"],
    MENTOR: [f"{P}/home/", f"{P}/home/interns/{{match}}", f"{P}/home/matches/{{match}}/concern", f"{P}/profile/"],
}
ADDRESSES = {
    ADMIN: "kato.akari@career.example.ac.jp",
    INTERN: "aoi.suzuki@student.example.ac.jp",
    MENTOR: "morita.ken@minato-data.example",
}


def _run(site, admin, round_: Round) -> None:
    run_id = runs.start(site.session, actor=admin, round_id=round_.id)
    while not site.session.get(Run, run_id, populate_existing=True).finished_at:
        site.session.rollback()
    site.session.refresh(round_)


@pytest.fixture
def world(site):
    """The demo with a published round, one under review, an import under way, and mail."""
    session = site.session
    demo.load(session)
    people = {
        role: session.scalar(select(Person).where(Person.email_key == email_key(address)))
        for role, address in ADDRESSES.items()
    }
    people[SYSTEM] = a_person(session, is_system_admin=True, family_name="管理", given_name="者", romaji="Admin")
    admin = actors.of_person(session, people[ADMIN])
    programme_id = session.scalar(select(Programme.id))
    for number in (1, 2):
        rounds.create(session, actor=admin, programme_id=programme_id)
        round_ = session.scalar(select(Round).where(Round.number == number))
        _run(site, admin, round_)
        if number == 1:
            publication.publish(session, actor=admin, round_id=round_.id, run_id=round_.run_id, rev=round_.rev)
    return people


@pytest.fixture
def things(site, world) -> dict[str, object]:
    """What stands in the braces of the addresses."""
    session = site.session
    programme = programmes.by_slug(session, "spring-2027")
    admin = actors.of_person(session, world[ADMIN])
    upload = imports.upload(
        session,
        actor=admin,
        programme=programme,
        filename=SHEET.name,
        content=SHEET.read_bytes(),
        default_role="intern",
    )
    mine = select(Match).join(Enrolment, Enrolment.id == Match.host_id).where(Enrolment.person_id == world[MENTOR].id)
    proposal = session.scalar(select(Proposal).where(Proposal.track == "mentor").order_by(Proposal.id))
    while not mailbox.kept(site.config.mailbox):
        session.rollback()
    return {
        "token": accounts.issue_link(session, person_id=world[INTERN].id),
        "mail": mailbox.kept(site.config.mailbox)[0].key,
        "enrolment": session.scalar(select(Enrolment.id).where(Enrolment.person_id == world[INTERN].id)),
        "upload": upload,
        "group": _group_of_twice(site, programme, upload),
        "proposal": proposal.id,
        "intern": proposal.intern_id,
        "host": proposal.host_id,
        "match": session.scalar(mine).id,
    }


def _group_of_twice(site, programme, upload) -> str:
    from mentormatch.queries import import_preview

    _, preview = import_preview.of(site.session, programme, upload)
    return next(group.key for group in preview.problems if group.rows[0].other)


def test_no_page_is_forgotten(app):
    """Every GET route of the oracle that shows a page is in the list above."""
    adapter = app.url_map.bind("localhost")
    visited = set()
    for paths in PAGES.values():
        for path in paths:
            plain = (
                path.partition("?")[0].replace("{token}", "t").replace("{mail}", "m").replace("{", "").replace("}", "")
            )
            numbered = "/".join("1" if part in {"enrolment", "upload", "proposal", "match", "intern", "host"} else part
                                for part in plain.split("/"))  # fmt: skip
            if adapter.test(numbered, method="GET"):
                visited.add(adapter.match(numbered, method="GET")[0].removeprefix("mentormatch."))
    shown = {
        rule.endpoint.removeprefix("mentormatch.")
        for rule in app.url_map.iter_rules()
        if "GET" in rule.methods and not rule.endpoint.endswith("static")
    }
    downloads_and_parts = {"imports.to_fix", "rounds.export"}
    assert shown - visited - downloads_and_parts == set()
    assert shown <= set(ORACLE)


@pytest.mark.parametrize("language", ["ja", "en"])
def test_every_page_is_accessible(site, open_tab, world, things, language):
    found = []
    for role, paths in PAGES.items():
        tab = open_tab(world.get(role), language=language)
        tab.go("/sign-in")
        if tab.page.locator("html").get_attribute("lang") != language:
            tab.page.locator("button.mm-lang").first.click()
            tab.page.wait_for_load_state()
        for path in paths:
            tab.go(path.format(**things))
            assert tab.page.locator("html").get_attribute("lang") == language, path
            for size in (DESKTOP, PHONE):
                tab.page.set_viewport_size(size)
                if tab.page.evaluate("document.documentElement.scrollWidth > innerWidth + 1"):
                    found.append(f"{path} scrolls sideways at {size['width']}")
                for theme in ("light", "dark"):
                    tab.page.emulate_media(color_scheme=theme)
                    found += [f"{role} {size['width']} {theme} {line}" for line in tab.axe()]
        tab.complaints[:] = [line for line in tab.complaints if "404" not in line]  # the page that is not there
    assert found == []
