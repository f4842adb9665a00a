"""What a decision would do: the page says it before, and the next run bears it out."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from mentormatch.core.roles import Role
from mentormatch.models import Decision, DecisionKind, Person, Proposal, Run, RunScores, Unmatched
from mentormatch.queries import parity, what_if
from mentormatch.services import runs
from tests.factories import a_client, post
from tests.integration.rounds_world import World, a_small_world


@pytest.fixture
def world(session: Session) -> World:
    made = a_small_world(session)
    made.run()
    return made


@pytest.fixture
def client(app: Flask, session: Session, world: World) -> FlaskClient:
    return a_client(app, session, session.get(Person, world.admin.person_id))


def _url(world: World, rest: str) -> str:
    return f"/programmes/{world.programme.slug}/rounds/{world.round.number}/review{rest}"


def _asked(world: World, intern: str, host: str, kind: str) -> str:
    return _url(world, f"/effect?intern={world.people[intern].id}&host={world.people[host].id}&kind={kind}")


def _points(session: Session, run_id: int) -> dict[tuple[int, int], int]:
    session.rollback()
    found = select(Proposal.intern_id, Proposal.host_id, Proposal.points).where(Proposal.run_id == run_id)
    return {(intern, host): points for intern, host, points in session.execute(found)}


@pytest.mark.parametrize(
    ("intern", "host", "kind"),
    [
        ("intern-sea", "mentor-sea", DecisionKind.SKIP),
        ("intern-sea", "mentor-law", DecisionKind.PIN),
        ("intern-law", "mentor-law", DecisionKind.VETO),
    ],
)
def test_the_next_run_does_what_was_shown(client, session, world, intern, host, kind):
    first = session.scalars(select(Run.id)).one()
    before = _points(session, first)
    known = what_if.of_run(session, first)
    pair = ("mentor", world.people[intern].id, world.people[host].id)
    shown = known.effect(what_if.decided(known.start, pair, str(kind)))
    text = client.get(_asked(world, intern, host, str(kind))).text
    assert intern in text
    assert "Decide so" in text
    world.decide(intern, host, kind)
    assert "higher" in (bar := client.get(_url(world, "")).text) or "lower" in bar or "same total" in bar
    assert client.get(_url(world, "/effect")).status_code == 200
    after = _points(session, world.run())
    assert sum(after.values()) - sum(before.values()) == shown.points
    assert len(after) - len(before) == shown.coverage
    assert {move.intern for move in shown.moves} == {one for one, _ in before.keys() ^ after.keys()}


def test_a_contradiction_is_said_and_nothing_is_offered(client, session, world):
    world.people["mentor-sea"].capacity = 1
    session.commit()
    world.run()
    world.decide("intern-sea", "mentor-sea", DecisionKind.PIN)
    text = client.get(_asked(world, "intern-law", "mentor-sea", "pin")).text
    assert "Remove a pin" in text
    assert "Decide so" not in text


@pytest.mark.parametrize("query", ["?kind=pin", "?kind=pin&intern=1&host=x", "?kind=marry&intern=1&host=2"])
def test_an_address_that_makes_no_sense_is_not_found(client, world, query):
    assert client.get(_url(world, f"/effect{query}")).status_code == 404


def test_with_htmx_only_the_part_comes(client, world):
    url = _asked(world, "intern-sea", "mentor-sea", "skip")
    text = client.get(url, headers={"HX-Request": "true"}).text
    assert "<html" not in text
    assert "Who moves" in text


def test_what_would_help_is_tried_and_true(app, session, world):
    world.people["mentor-sea"].capacity = 1
    session.commit()
    world.enrol("intern-too-many", Role.INTERN, "law")
    first = world.run()
    alone = session.scalars(select(Unmatched).where(Unmatched.run_id == first)).one()
    client = a_client(app, session, session.get(Person, world.admin.person_id))
    assert f"/interns/{alone.intern_id}/fixes" in client.get(_url(world, "?tab=unmatched")).text
    text = client.get(_url(world, f"/interns/{alone.intern_id}/fixes")).text
    assert "One more place at mentor-" in text
    known = what_if.of_run(session, first)
    [fix, *_] = what_if.fixes(known, alone.intern_id, "mentor", known.start)
    host = next(row for row in world.people.values() if row.id == fix.host)
    host.capacity += 1
    session.commit()
    session.refresh(host)
    second = world.run()
    assert (alone.intern_id, fix.gets) in _points(session, second)
    assert not session.scalars(select(Unmatched).where(Unmatched.run_id == second)).all()


def test_a_run_whose_scores_were_not_kept_says_so(client, session, world):
    session.execute(delete(RunScores))
    session.commit()
    what_if.forget()
    found = client.get(_url(world, "/effect"))
    assert found.status_code == 409
    assert "Run the matching again" in found.text
    assert client.get(_url(world, "")).status_code == 200


def test_other_settings_are_tried_and_stand_beside_the_others(client, session, world):
    url = _url(world, "/try")
    assert "What shall be best?" in client.get(url).text
    form = {"name": "Fairer", "objective": "worst_off", "mixture": "50", "staying": "0", "weight_field": "40"}
    refused = post(client, url, form | {"weight_goals": "x"})
    assert refused.status_code == 422
    page = client.get(url).text
    weights = dict(re.findall(r'name="(weight_\w+)"[^>]*value="(\d+)"', page))
    assert post(client, url, weights | form).location.endswith("/running")
    session.rollback()
    newest = session.scalars(select(Run).order_by(Run.number.desc())).first()
    assert newest.settings["objective"] == "worst_off"
    assert newest.settings["weights"] == {"field": 40}
    runs.execute(session, run_id=newest.id, keep_alive=lambda: True)
    session.refresh(newest)
    assert newest.problem["objective"] == "worst_off"
    assert {item["key"]: item["weight"] for item in newest.summary["criteria"]}["field"] == 40
    text = client.get(_url(world, "")).text
    assert "Fairer" in text
    assert runs.repeat_check(session, actor=world.admin, run_id=newest.id) == runs.Repeated(
        same_problem=True, same_pairs=True
    )


def test_the_difference_of_two_runs_names_who_gains_and_who_loses(client, session, world):
    world.decide("intern-sea", "mentor-sea", DecisionKind.SKIP)
    world.run()
    text = client.get(_url(world, "/difference?other=1")).text
    assert "better off" in text
    assert "intern-sea" in text
    assert client.get(_url(world, "/difference?other=2")).status_code == 404
    assert client.get(_url(world, "/difference?other=x")).status_code == 404


def test_an_exception_to_a_rule_is_tried_made_and_recorded(app, session):
    world = a_small_world(session)
    loner = world.enrol("intern-loner", Role.INTERN, "law", profile={"languages": [["fr", 4]]})
    world.run()
    client = a_client(app, session, session.get(Person, world.admin.person_id))
    text = client.get(_url(world, f"/interns/{loner.id}/fixes")).text
    assert "A language in common" in text
    host = world.people["mentor-law"]
    form = {"track": "mentor", "intern": loner.id, "host": host.id, "kind": "pin", "instead": "1"}
    post(client, _url(world, "/decide"), form)
    session.rollback()
    assert not session.scalars(select(Decision)).all()
    post(client, _url(world, "/decide"), form | {"despite": "1"})
    session.rollback()
    assert session.scalars(select(Decision)).one().despite
    second = world.run()
    assert (loner.id, host.id) in _points(session, second)
    assert session.get(Run, second).summary["status"] == "optimal"


def test_how_groups_fared_is_told_with_numbers_and_hides_the_few(app, session):
    world = a_small_world(session)
    for number in range(12):
        faculty = ("Law", "Arts", "Music")[min(number // 5, 2)]
        world.enrol(f"intern-{number}", Role.INTERN, "law", profile={"faculty": faculty})
    world.people["mentor-law"].capacity = 5
    session.commit()
    run_id = world.run()
    tables = {one.attribute: one for one in parity.of_run(session, run_id, Role.MENTOR)}
    groups = {group.value: group for group in tables["faculty"].groups}
    assert (groups["Law"].n, groups["Arts"].n) == (5, 5)
    assert "Music" not in groups
    assert sum(group.matched for group in groups.values()) <= 8
    client = a_client(app, session, session.get(Person, world.admin.person_id))
    text = client.get(_url(world, "/groups")).text
    assert "Law" in text
    assert "Music" not in text
    assert client.get(_url(world, "/groups?track=alumnus")).status_code in {200, 404}
