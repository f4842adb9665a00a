"""The pages of a round: list, settings, readiness, the run."""

from __future__ import annotations

import pytest
from sqlalchemy import select, update

from mentormatch.core.roles import Role
from mentormatch.models import Person, Round, RoundState, Run, RunState
from mentormatch.services import runs
from tests.factories import a_client, a_staff_member, post
from tests.integration.rounds_world import a_small_world

ASKS = {"HX-Request": "true"}


@pytest.fixture
def world(session):
    return a_small_world(session)


@pytest.fixture
def client(app, session, world):
    return a_client(app, session, session.get(Person, world.admin.person_id))


@pytest.fixture
def base(world):
    return f"/programmes/{world.programme.slug}/rounds/"


def test_the_list_leads_to_the_next_thing_to_do(world, client, base):
    assert "Prepare this round" in client.get(base).get_data(as_text=True)
    world.run()
    page = client.get(base).get_data(as_text=True)
    assert "Review the pairs" in page
    assert f"{base}1/review" in page
    assert client.get(f"{base}1/").location == f"{base}1/review"
    answer = post(client, base)
    assert (answer.status_code, answer.location) == (303, f"{base}2/settings")


def test_dates_are_those_of_the_programme_and_not_of_the_reader(world, client, base, session):
    session.get(Person, world.admin.person_id).timezone = "America/New_York"
    session.commit()
    data = {"opens_at": "2027-01-10T09:30", "answer_days": "5", "rev": "1"}
    answer = post(client, f"{base}1/settings", data)
    assert (answer.status_code, answer.location) == (303, f"{base}1/settings")
    assert world.round.opens_at.isoformat() == "2027-01-10T00:30:00+00:00"
    page = client.get(f"{base}1/settings").get_data(as_text=True)
    assert 'value="2027-01-10T09:30"' in page
    assert "10 Jan 09:30" in page


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"opens_at": "2027-01-10T09:30", "matching_at": "2027-01-09T09:30"}, "must follow one another"),
        ({"answer_days": "0"}, "must be between"),
        ({"opens_at": "tomorrow"}, "Not a valid"),
    ],
)
def test_wrong_dates_are_explained_at_the_field(world, client, base, data, said):
    answer = post(client, f"{base}1/settings", {"answer_days": "5", "rev": "1", **data})
    assert answer.status_code == 422
    assert said in answer.get_data(as_text=True)
    assert world.round.rev == 1


def test_an_old_page_is_refused(world, client, base):
    post(client, f"{base}1/open", {"rev": "1"})
    assert world.round.state is RoundState.OPEN
    assert post(client, f"{base}1/settings", {"answer_days": "5", "rev": "1"}).status_code == 409
    assert post(client, f"{base}1/open", {"rev": "nonsense"}).status_code == 409


def test_a_run_is_watched_and_leads_to_its_result(world, client, base, session):
    assert post(client, f"{base}1/run").location == f"{base}1/running"
    page = client.get(f"{base}1/running").get_data(as_text=True)
    assert "Waiting for the worker" in page
    assert 'hx-trigger="every 2s"' in page
    facts = {"interns": 3, "hosts": {"mentor": 3}, "possible": 9, "coverage": 3, "mean": 7712, "gap": 60}
    session.execute(
        update(Run).values(state=RunState.RUNNING, progress={"stage": "solving", "fraction": 0.72, "facts": facts})
    )
    session.commit()
    part = client.get(f"{base}1/running", headers=ASKS).get_data(as_text=True)
    assert "<html" not in part
    assert "Step 3 of 4" in part
    assert "72%" in part
    assert "3 interns, 3 mentors read" in part
    assert "Best so far: 3 pairs, mean fit 77.1, at most 0.6 better possible" in part
    runs.execute(session, run_id=session.scalar(select(Run.id)), keep_alive=lambda: True)
    assert client.get(f"{base}1/running").location == f"{base}1/"
    assert client.get(f"{base}1/running", headers=ASKS).headers["HX-Redirect"] == f"{base}1/"


def test_a_run_that_waits_can_be_called_off(world, client, base):
    post(client, f"{base}1/run")
    assert post(client, f"{base}1/run").status_code == 409
    assert post(client, f"{base}1/stop").location == f"{base}1/"
    assert world.round.state is RoundState.OPEN


def test_a_failed_run_says_what_to_mend(world, client, base, session):
    world.people["mentor-sea"].minimum = 2
    world.people["mentor-law"].minimum = world.people["mentor-art"].minimum = 1
    session.commit()
    world.run()
    page = client.get(f"{base}1/running").get_data(as_text=True)
    assert "The run has failed" in page
    assert "mentor-sea" in page
    assert "Run again" in page
    client.get(f"{base}1/settings")


def test_without_people_there_is_no_run_but_a_reason(world, client, base, session):
    for row in world.people.values():
        session.delete(row)
    session.commit()
    assert post(client, f"{base}1/run").location == f"{base}1/settings"
    assert "nobody to match yet" in client.get(f"{base}1/settings").get_data(as_text=True)


def test_rounds_of_others_and_unknown_ones_do_not_exist(world, client, base, app, session):
    other = a_small_world(session)
    assert client.get(f"/programmes/{other.programme.slug}/rounds/1/settings").status_code == 404
    assert client.get(f"{base}7/settings").status_code == 404
    coordinator = a_client(app, session, a_staff_member(session, world.programme, Role.COORDINATOR))
    assert coordinator.get(base).status_code == 403
    assert post(coordinator, f"{base}1/run").status_code == 403


@pytest.mark.parametrize("state", RoundState)
@pytest.mark.parametrize("language", ["ja", "en"])
def test_the_settings_are_there_in_every_state_and_language(world, client, base, session, state, language):
    world.run()
    session.get_one(Round, world.round_id).state = state
    session.commit()
    post(client, "/language", {"language": language})
    for page in ("", "1/settings"):
        assert client.get(f"{base}{page}").status_code == 200
