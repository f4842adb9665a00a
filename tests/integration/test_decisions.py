"""Pins, vetoes and skips: what they do to the next run, and what is refused."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from mentormatch.core.errors import Conflict, InvalidInput, NotFound
from mentormatch.core.roles import Role
from mentormatch.models import Decision, DecisionKind, Proposal, Rule, Run
from mentormatch.queries import decisions as reading
from mentormatch.services import decisions
from tests.integration.rounds_world import a_small_world, a_world

PIN, VETO, SKIP = DecisionKind.PIN, DecisionKind.VETO, DecisionKind.SKIP


@pytest.fixture
def world(session):
    found = a_small_world(session)
    found.run()
    return found


def pending(world) -> int:
    world.session.rollback()
    return reading.pending(world.session, programme_id=world.programme.id, round_id=world.round_id)


def pairs(world, run_id):
    return world.names(world.session.scalars(select(Proposal).where(Proposal.run_id == run_id)))


def test_a_pin_keeps_a_pair_and_a_veto_parts_one(world):
    world.decide("intern-sea", "mentor-law", PIN, note="they know each other")
    world.decide("intern-art", "mentor-art", VETO)
    assert pending(world) == 2
    run_id = world.run()
    assert pairs(world, run_id) == {
        ("intern-sea", "mentor-law"), ("intern-law", "mentor-sea"), ("intern-art", "mentor-sea"),
    }  # fmt: skip
    assert pending(world) == 0
    assert {row.applied_run_id for row in world.session.scalars(select(Decision))} == {run_id}


def test_a_decision_taken_back_after_a_run_is_pending_too(world):
    world.decide("intern-sea", "mentor-law", PIN)
    world.run()
    world.decide("intern-sea", "mentor-law", None)
    assert pending(world) == 1
    world.decide("intern-sea", "mentor-law", PIN)
    assert pending(world) == 0


def test_undo_all_goes_back_to_what_the_run_knows(world):
    world.decide("intern-sea", "mentor-law", PIN)
    world.run()
    world.decide("intern-sea", "mentor-law", VETO)
    world.decide("intern-art", "mentor-sea", SKIP)
    assert decisions.undo_all(world.session, actor=world.admin, round_id=world.round_id) == 2
    assert pending(world) == 0
    assert [row.kind for row in world.session.scalars(select(Decision))] == [PIN]


def test_a_veto_lasts_and_a_skip_does_not(world):
    world.decide("intern-sea", "mentor-sea", VETO)
    world.decide("intern-law", "mentor-law", SKIP)
    world.new_round()
    run_id = world.run()
    found = pairs(world, run_id)
    assert ("intern-sea", "mentor-sea") not in found
    called = {row.id: name for name, row in world.people.items()}
    bans = world.session.get(Run, run_id).problem["bans"]
    assert [(called[intern], called[host]) for _, intern, host in bans] == [("intern-sea", "mentor-sea")]
    binding = reading.binding(world.session, programme_id=world.programme.id, round_id=world.round_id)
    assert [(item.kind, item.lasting) for item in binding] == [(VETO, True)]
    world.decide("intern-sea", "mentor-sea", None)
    assert pairs(world, world.run()) >= {("intern-sea", "mentor-sea")}


@pytest.mark.parametrize(
    ("before", "intern", "host", "said"),
    [
        ([("intern-sea", "mentor-law")], "intern-sea", "mentor-art", "intern-sea is already pinned to mentor-law"),
        ([("intern-sea", "mentor-law")], "intern-art", "mentor-law", "mentor-law has 1 places"),
    ],
)
def test_contradictory_pins_are_refused_with_names(world, before, intern, host, said):
    for pair in before:
        world.decide(*pair, PIN)
    with pytest.raises(Conflict) as refused:
        world.decide(intern, host, PIN)
    assert said in str(refused.value)
    assert pending(world) == len(before)


def test_a_pin_that_a_rule_forbids_is_refused(world):
    rule = world.session.scalars(select(Rule).where(Rule.kind == "never_pairs")).one()
    people = world.people
    rule.params = {"pairs": [[people["intern-sea"].person_id, people["mentor-art"].person_id]]}
    world.session.commit()
    with pytest.raises(Conflict) as refused:
        world.decide("intern-sea", "mentor-art", PIN)
    assert "never be paired" in str(refused.value)


def test_one_person_is_not_pinned_in_both_roles(session):
    world = a_world(session, ("mentor", "alumnus"))
    world.enrol("intern", Role.INTERN, "sea")
    mentor = world.enrol("mentor", Role.MENTOR, "sea")
    world.enrol("alumnus", Role.ALUMNUS, "sea", person=mentor.person)
    world.run()
    world.decide("intern", "mentor", PIN)
    with pytest.raises(Conflict) as refused:
        world.decide("intern", "alumnus", PIN)
    assert "in the other role" in str(refused.value)


def test_decisions_belong_to_a_round_in_review(world):
    world.publish()
    with pytest.raises(Conflict):
        world.decide("intern-sea", "mentor-law", PIN)
    with pytest.raises(Conflict):
        decisions.undo_all(world.session, actor=world.admin, round_id=world.round_id)


def test_people_of_other_programmes_and_roles_do_not_exist(world, session):
    other = a_small_world(session)
    world.people["stranger"] = other.people["mentor-sea"]
    with pytest.raises(NotFound):
        world.decide("intern-sea", "stranger", VETO)
    with pytest.raises(NotFound):
        world.decide("intern-sea", "intern-law", VETO)
    world.admin = other.admin
    with pytest.raises(NotFound):
        world.decide("intern-sea", "mentor-law", VETO)


def test_a_note_has_an_end(world):
    with pytest.raises(InvalidInput):
        world.decide("intern-sea", "mentor-law", PIN, note="x" * 501)
