"""The overview of a programme and its audit trail."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from mentormatch.blueprints.programmes import activity
from mentormatch.core.roles import Role
from mentormatch.models import AuditEvent, EnrolmentState, Round, RoundState, Run, RunState
from mentormatch.queries import actors, trail
from mentormatch.services import people
from mentormatch.services.rounds import Step
from tests.factories import a_client, a_person, a_programme, a_staff_member, an_enrolment


@pytest.fixture
def programme(session):
    return a_programme(session)


@pytest.fixture
def admin(session, programme):
    return a_staff_member(session, programme, language="en")


def acting(session, person):
    return actors.of_person(session, person)


def next_step(app, session, programme, admin) -> str:
    page = a_client(app, session, admin).get(f"/programmes/{programme.slug}/").text
    return page.split('class="mm-next"', 1)[-1].split("<b>", 1)[1].split("</b>", 1)[0] if "mm-next" in page else ""


def test_the_overview_says_what_to_do_next(app, session, programme, admin):
    def due():
        return next_step(app, session, programme, admin)

    assert due() == "Bring the people in"
    complete = {
        Role.INTERN: ("faculty", "year", "studies", "goals", "industries", "wants", "skills"),
        Role.MENTOR: ("organisation", "position", "career", "industries", "offers", "skills"),
        Role.ALUMNUS: ("faculty", "organisation", "position", "career", "industries", "offers", "skills"),
    }
    common = ("languages", "self_introduction", "free_time")
    rows = [an_enrolment(session, programme, role) for role in complete]
    assert due() == "Have the profiles completed"
    for row in rows:
        row.profile = dict.fromkeys((*complete[row.role], *common), "x")
    session.commit()
    assert due() == "Decide what counts"
    session.add(AuditEvent(action="criteria.saved", subject=f"programme:{programme.id}", programme_id=programme.id))
    session.commit()
    assert due() == "Make a round"
    found = Round(programme_id=programme.id, number=1, state=RoundState.OPEN)
    session.add(found)
    session.commit()
    assert due() == "Run the matching"
    rows[0].profile = {}
    session.commit()
    assert due() == "Run the matching"  # a late profile does not hold up a round that has begun
    found.state = RoundState.PUBLISHED
    session.commit()


def test_after_publication_nothing_is_due(app, session, programme, admin):

    for role in (Role.INTERN, Role.MENTOR, Role.ALUMNUS):
        an_enrolment(session, programme, role)
    found = Round(programme_id=programme.id, number=1, state=RoundState.PUBLISHED, published_at=datetime.now(UTC))
    session.add(found)
    session.flush()
    run = Run(round_id=found.id, number=1, state=RunState.DONE, summary={"pairs": 2, "unmatched": 0})
    session.add(run)
    session.flush()
    found.run_id = run.id
    session.commit()
    assert next_step(app, session, programme, admin) == ""
    assert "The matches are published" in a_client(app, session, admin).get(f"/programmes/{programme.slug}/").text


def test_supply_counts_those_who_take_part(app, session, programme, admin):
    an_enrolment(session, programme, Role.INTERN)
    an_enrolment(session, programme, Role.INTERN)
    an_enrolment(session, programme, Role.MENTOR, capacity=1)
    an_enrolment(session, programme, Role.MENTOR, capacity=5, state=EnrolmentState.PAUSED)
    an_enrolment(session, programme, Role.ALUMNUS, capacity=3)
    page = a_client(app, session, admin).get(f"/programmes/{programme.slug}/").text
    assert ("1 place short" in page, "Enough places" in page, "1 person is paused" in page) == (True, True, True)


def test_the_overview_of_a_coordinator_has_no_buttons_they_may_not_press(app, session, programme):
    client = a_client(app, session, a_staff_member(session, programme, Role.COORDINATOR, language="en"))
    page = client.get(f"/programmes/{programme.slug}/").text
    assert "From the list to the matches" in page
    for path in ("imports", "criteria", "rounds", "settings", "trail"):
        assert f"/programmes/{programme.slug}/{path}" not in page


def test_the_trail_speaks_in_words(app, session, programme, admin):
    mentor = an_enrolment(
        session, programme, Role.MENTOR, person=a_person(session, family_name="Berg", given_name="Jonas")
    )
    actor = acting(session, admin)
    people.invite_again(session, actor=actor, programme_id=programme.id, enrolment_id=mentor.id)
    people.pause(session, actor=acting(session, mentor.person), programme_id=programme.id, enrolment_id=mentor.id)
    session.add(
        AuditEvent(action="something.new", subject="thing:1", programme_id=programme.id, actor_id=admin.id, detail={})
    )
    session.add(AuditEvent(action="run.finished", subject="run:1", programme_id=programme.id, detail={}))
    theirs = a_programme(session)
    session.add(AuditEvent(action="criteria.saved", subject="programme:1", programme_id=theirs.id, detail={}))
    session.commit()
    page = a_client(app, session, admin).get(f"/programmes/{programme.slug}/trail").text
    who = admin.name.full("en")
    for words in (
        f"{who} sent an invitation to Jonas Berg",
        "Jonas Berg paused",
        f"{who}: something.new",
        "A matching run has finished",
    ):
        assert words in page
    assert "changed the criteria" not in page


def test_every_action_that_services_record_has_words():

    source = "".join(path.read_text() for path in (Path(people.__file__).parent).glob("*.py"))
    recorded = set(re.findall(r'"((?:profile|person|staff|programme)\.[a-z_]+ed)"|action="([a-z_]+\.[a-z_]+)"', source))
    recorded = {one or other for one, other in recorded}
    recorded |= {f"round.{step}" for step in Step}
    own = {"enrolment.state_set", "password.changed", "link.requested"}  # told by its detail; not of a programme
    assert recorded - own - set(activity._WORDS) == set()


def test_the_trail_has_pages(session, programme, admin):
    for number in range(60):
        session.add(AuditEvent(action="x.y", subject=f"x:{number}", programme_id=programme.id, detail={}))
    session.commit()
    first, second = (trail.listing(session, programme.id, page=page) for page in (1, 2))
    assert (len(first.events), first.first, first.last, first.total) == (50, 1, 50, 60)
    assert (len(second.events), second.first, second.last) == (10, 51, 60)
    assert trail.listing(session, programme.id, page=99).first == 51
