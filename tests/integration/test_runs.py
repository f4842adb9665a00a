"""Runs: whole or not at all, one at a time, stopped, killed, failed, repeated."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from mentormatch.core.errors import Conflict, InvalidInput
from mentormatch.core.roles import Role
from mentormatch.models import (
    AuditEvent,
    DecisionKind,
    EnrolmentState,
    Job,
    Match,
    MatchState,
    Proposal,
    RoundState,
    Run,
    RunState,
    Unmatched,
)
from mentormatch.queries import problems
from mentormatch.queries import runs as reading
from mentormatch.services import jobs, runs
from tests.integration.rounds_world import MONDAY, a_small_world, a_world


class Killed(BaseException):
    """The process is gone."""


def test_a_run_proposes_the_best_pairs_and_says_why(session):
    world = a_small_world(session)
    run_id = world.run()
    assert world.names(session.scalars(select(Proposal))) == {
        ("intern-sea", "mentor-sea"),
        ("intern-law", "mentor-law"),
        ("intern-art", "mentor-art"),
    }
    pair = reading.pair(session, run_id, Role.MENTOR, world.people["intern-sea"].id)
    told = pair.explanation
    assert sum(part["points"] for part in told["parts"]) == pair.points == told["points"]
    assert sum(part["shown"] for part in told["parts"]) == told["shown"]
    assert told["reasons"][0]["criterion"] == "field"
    assert told["reasons"][0]["shared"]["tags"] == [["sea", "sea"]]
    assert {rule["verdict"] for rule in told["rules"] if rule["rule"] == "shared_language"} == {"met"}
    assert pair.margin == pair.points - told["alternatives"][0]["points"] > 0
    assert (world.round.state, world.round.run_id) == (RoundState.REVIEW, run_id)


def test_the_summary_adds_up(session):
    world = a_small_world(session)
    run = reading.by_id(session, world.programme.id, world.run())
    summary, track = run.summary, run.summary["tracks"]["mentor"]
    assert (run.state, run.progress["stage"], summary["status"]) == (RunState.DONE, "done", "optimal")
    assert (summary["pairs"], summary["unmatched"], summary["coverage"], summary["coverage_bound"]) == (3, 0, 3, 3)
    assert summary["objective"] == summary["upper_bound"] == sum(pair.points for pair in reading.pairs(session, run.id))
    assert (sum(track["histogram"]), track["possible"], track["ruled_out"]) == (3, 9, 0)
    assert track["places"] == {"total": 4, "used": 3, "full": 2, "room": 1, "empty": 0}
    assert track["lowest"] <= track["mean"] <= track["highest"]
    assert sum(item["max_points"] for item in summary["criteria"]) == 10_000


def test_a_run_can_be_repeated_to_the_same_result(session):
    world = a_small_world(session)
    again = runs.repeat_check(session, actor=world.admin, run_id=world.run())
    assert (again.same_problem, again.same_pairs) == (True, True)


def test_two_runs_of_one_round_are_one_too_many(session):
    world = a_small_world(session)
    runs.start(session, actor=world.admin, round_id=world.round_id)
    with pytest.raises(Conflict):
        runs.start(session, actor=world.admin, round_id=world.round_id)
    session.rollback()
    assert session.scalar(select(func.count()).select_from(Run)) == 1


def test_of_many_who_press_at_once_one_starts_the_run(session, engine):
    world = a_small_world(session)
    barrier, outcomes = threading.Barrier(4), []

    def press() -> None:
        with Session(engine) as own:
            barrier.wait()
            try:
                outcomes.append(runs.start(own, actor=world.admin, round_id=world.round_id) > 0)
            except Conflict:
                outcomes.append(False)

    threads = [threading.Thread(target=press) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == [False, False, False, True]
    session.rollback()
    assert session.scalar(select(func.count()).select_from(Job)) == 1


def test_nobody_to_match_is_said_at_once(session):
    world = a_world(session)
    with pytest.raises(InvalidInput):
        runs.start(session, actor=world.admin, round_id=world.round_id)
    assert world.round.state is RoundState.DRAFT


def test_a_run_killed_at_any_moment_leaves_nothing_and_starts_over(session, monkeypatch):
    world = a_small_world(session)
    run_id = runs.start(session, actor=world.admin, round_id=world.round_id)
    from mentormatch.services import run_execution

    for name in ("_keep_problem", "_store"):
        with monkeypatch.context() as patched:

            def killed(*_: object) -> None:
                raise Killed

            patched.setattr(run_execution, name, killed)
            with pytest.raises(Killed):
                runs.execute(session, run_id=run_id, keep_alive=lambda: True)
        session.rollback()
        assert session.scalar(select(func.count()).select_from(Proposal)) == 0
        assert reading.by_id(session, world.programme.id, run_id).state is RunState.RUNNING
        assert world.round.state is RoundState.MATCHING
    runs.execute(session, run_id=run_id, keep_alive=lambda: True)
    assert session.scalar(select(func.count()).select_from(Proposal)) == 3
    assert world.round.state is RoundState.REVIEW


def test_a_finished_run_is_left_alone(session):
    world = a_small_world(session)
    run_id = world.run()
    before = session.scalars(select(Proposal.id)).all()
    runs.execute(session, run_id=run_id, keep_alive=lambda: True)
    assert session.scalars(select(Proposal.id)).all() == before


def test_a_worker_that_has_lost_its_lease_stores_nothing(session):
    world = a_small_world(session)
    run_id = runs.start(session, actor=world.admin, round_id=world.round_id)
    runs.execute(session, run_id=run_id, keep_alive=lambda: False)
    assert session.scalar(select(func.count()).select_from(Proposal)) == 0
    assert reading.by_id(session, world.programme.id, run_id).state is RunState.RUNNING


def test_a_run_that_nobody_has_begun_is_called_off(session):
    world = a_small_world(session)
    run_id = runs.start(session, actor=world.admin, round_id=world.round_id)
    assert runs.stop(session, actor=world.admin, round_id=world.round_id) is True
    assert world.round.state is RoundState.OPEN
    runs.execute(session, run_id=run_id, keep_alive=lambda: True)  # the job is still claimed, and finds nothing to do
    assert reading.by_id(session, world.programme.id, run_id).progress["stage"] == "cancelled"
    with pytest.raises(Conflict):
        runs.stop(session, actor=world.admin, round_id=world.round_id)


def test_a_run_under_way_is_asked_to_stop_and_keeps_its_best(session):
    world = a_small_world(session)
    run_id = runs.start(session, actor=world.admin, round_id=world.round_id)
    job = jobs.claim(session, owner="worker", kinds=("run",))
    assert job is not None
    session.execute(update(Run).values(state=RunState.RUNNING))
    session.commit()
    assert runs.stop(session, actor=world.admin, round_id=world.round_id) is False
    runs.execute(session, run_id=run_id, keep_alive=lambda: True)
    run = reading.by_id(session, world.programme.id, run_id)
    assert run.finished
    assert run.summary["pairs"] + run.summary["unmatched"] == 3
    assert world.round.state is RoundState.REVIEW


def test_a_run_whose_worker_is_gone_can_be_called_off(session):
    world = a_small_world(session)
    runs.start(session, actor=world.admin, round_id=world.round_id)
    session.execute(update(Run).values(state=RunState.RUNNING))
    session.commit()
    assert runs.stop(session, actor=world.admin, round_id=world.round_id) is True
    assert world.round.state is RoundState.OPEN


def test_a_run_that_fails_says_why_and_the_round_goes_back(session):
    world = a_small_world(session)
    world.people["mentor-sea"].minimum = 2
    world.people["mentor-law"].minimum = world.people["mentor-art"].minimum = 1
    session.commit()
    run = reading.by_id(session, world.programme.id, world.run())
    assert (run.state, run.progress["stage"]) == (RunState.FAILED, "failed")
    assert "minimum" in run.progress["error"]["message"]
    assert run.progress["error"]["message"] % run.progress["error"]["fields"] == run.error
    assert (world.round.state, world.round.run_id) == (RoundState.OPEN, None)


def test_a_fault_of_ours_is_told_and_raised(session, monkeypatch):
    world = a_small_world(session)
    first = world.run()
    run_id = runs.start(session, actor=world.admin, round_id=world.round_id)
    from mentormatch.services import run_record

    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(run_record, "summary", broken)
    with pytest.raises(ZeroDivisionError):
        runs.execute(session, run_id=run_id, keep_alive=lambda: True)
    assert reading.by_id(session, world.programme.id, run_id).state is RunState.FAILED
    assert (world.round.state, world.round.run_id) == (RoundState.REVIEW, first)


def test_the_result_does_not_depend_on_the_order_of_enrolment_and_a_second_run_is_kept(session):
    world = a_small_world(session)
    first = world.run()
    pairs = world.names(session.scalars(select(Proposal).where(Proposal.run_id == first)))
    second, third = world.run(), world.run()
    assert world.names(session.scalars(select(Proposal).where(Proposal.run_id == second))) == pairs
    assert [run.number for run in reading.of_round(session, world.programme.id, world.round_id)] == [3, 2, 1]
    one, two, three = (reading.by_id(session, world.programme.id, run) for run in (first, second, third))
    assert one.digest != two.digest == three.digest  # the first knew of no pairs that might stay


def test_those_who_are_left_over_hear_a_reason(session):
    world = a_small_world(session)
    world.enrol("intern-alone", Role.INTERN, "sea", profile={"languages": [["pt", 4]]})
    world.enrol("intern-late", Role.INTERN, "law")
    world.enrol("intern-last", Role.INTERN, "law")
    run_id = world.run()
    found = {one.intern.name.family: one.reason for one in reading.unmatched(session, run_id)}
    assert found["intern-alone"]["why"] == "no_allowed_host"
    assert found["intern-alone"]["removed"][0] == {"rule": "shared_language", "hosts": 3, "alone": 3}
    full = next(reason for name, reason in found.items() if name != "intern-alone")
    assert full["why"] == "all_full"
    assert {offer["capacity"] for offer in full["one_more_place"]} == {1, 2}


def test_a_later_round_matches_those_who_are_left(session):
    world = a_small_world(session)
    world.run()
    world.publish()
    declined = session.scalars(select(Match).where(Match.intern_id == world.people["intern-law"].id)).one()
    declined.state = MatchState.DECLINED
    session.commit()
    world.enrol("intern-new", Role.INTERN, "sea")
    world.new_round()
    problem = problems.of_round(session, programme_id=world.programme.id, round_id=world.round_id)
    called = {row.id: name for name, row in world.people.items()}
    assert [called[row["id"]] for row in problem.interns] == ["intern-law", "intern-new"]
    places = {called[row["id"]]: (row["capacity"], row["taken"]) for row in problem.hosts["mentor"]}
    assert places == {"mentor-sea": (1, 1), "mentor-law": (1, 0), "mentor-art": (0, 1)}
    run_id = world.run()
    assert world.names(session.scalars(select(Proposal).where(Proposal.run_id == run_id))) == {
        ("intern-new", "mentor-law"),
        ("intern-law", "mentor-sea"),
    }
    places = reading.by_id(session, world.programme.id, run_id).summary["tracks"]["mentor"]["places"]
    assert places == {"total": 4, "used": 4, "full": 3, "room": 0, "empty": 0}


def test_an_intern_settled_in_one_track_only_seeks_in_the_other(session):
    world = a_world(session, ("mentor", "alumnus"))
    world.enrol("intern", Role.INTERN, "sea")
    mentor = world.enrol("both", Role.MENTOR, "sea")
    world.enrol("both-alumnus", Role.ALUMNUS, "sea", person=mentor.person)
    session.commit()
    first = world.run()
    assert session.scalar(select(func.count()).select_from(Proposal).where(Proposal.run_id == first)) == 1
    assert session.scalar(select(func.count()).select_from(Unmatched).where(Unmatched.run_id == first)) == 1
    world.publish()
    world.enrol("alumnus", Role.ALUMNUS, "law")
    world.enrol("mentor", Role.MENTOR, "law")
    world.new_round()
    second = world.run()
    rows = session.scalars(select(Proposal).where(Proposal.run_id == second)).all()
    settled = session.scalars(select(Match.track)).one()
    other = "alumnus" if settled is Role.MENTOR else "mentor"
    assert world.names(rows) == {("intern", other)}
    assert session.scalars(select(Unmatched).where(Unmatched.run_id == second)).all() == []
    figures = reading.by_id(session, world.programme.id, second).summary["tracks"]
    assert (figures[other]["interns"], figures[str(settled)]["interns"]) == (1, 0)


def test_those_who_pause_take_no_part(session):
    world = a_small_world(session)
    world.people["mentor-sea"].state = EnrolmentState.PAUSED
    session.commit()
    world.run()
    hosts = {host for _, host in world.names(session.scalars(select(Proposal)))}
    assert hosts == {"mentor-law", "mentor-art"}


def test_a_problem_holds_no_answers_that_nobody_compares(session):
    world = a_small_world(session)
    row = world.people["mentor-sea"]
    row.profile = {**row.profile, "boundaries": "no politics", "place": "Onomichi"}
    session.commit()
    problem = problems.of_round(session, programme_id=world.programme.id, round_id=world.round_id)
    fields = {name for rows in problem.hosts.values() for host in rows for name in host}
    assert fields == {
        "id", "person", "full_name", "email", "industries", "languages", "free_time", "capacity", "minimum", "taken",
    }  # fmt: skip
    assert problem.interns[0]["free_time"] == MONDAY


def test_what_was_applied_is_recorded(session):
    world = a_small_world(session)
    world.run()
    world.decide("intern-sea", "mentor-sea", DecisionKind.VETO)
    run = reading.by_id(session, world.programme.id, world.run())
    sea = (world.people["intern-sea"].id, world.people["mentor-sea"].id)
    assert run.summary["decisions"] == [["mentor", *sea, "veto"]]
    assert session.scalars(select(AuditEvent.action).where(AuditEvent.action == "decision.veto")).all() == [
        "decision.veto"
    ]
