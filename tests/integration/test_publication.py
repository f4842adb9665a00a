"""Publishing: whole, once, and everybody hears."""

from __future__ import annotations

import threading
from collections import Counter

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from mentormatch.core.errors import Conflict
from mentormatch.core.roles import Role
from mentormatch.models import DecisionKind, Match, MatchState, Message, RoundState, Run
from mentormatch.services import publication, runs
from tests.integration.rounds_world import a_small_world


@pytest.fixture
def world(session):
    found = a_small_world(session)
    found.enrol("intern-alone", Role.INTERN, "sea", profile={"languages": [["pt", 4]]})
    found.run()
    return found


def test_everybody_gets_a_match_or_a_kind_word(world, session):
    assert world.publish() == 3
    assert world.names(session.scalars(select(Match))) == {
        ("intern-sea", "mentor-sea"),
        ("intern-law", "mentor-law"),
        ("intern-art", "mentor-art"),
    }
    kinds = Counter(session.scalars(select(Message.kind)))
    assert kinds == {"match_intern": 3, "match_host": 3, "match_reminder": 3, "unmatched_intern": 1}
    match = session.scalars(select(Match).order_by(Match.id)).first()
    reasons = {row.reason: row.facts for row in session.scalars(select(Message))}
    assert reasons[f"match:{match.id}:intern"] == reasons[f"match:{match.id}:host"] == {"match_id": match.id}
    assert (match.state, world.round.state) == (MatchState.PROPOSED, RoundState.PUBLISHED)
    assert world.round.published_at is not None


def test_the_reasons_are_frozen_and_tell_no_secrets(world, session):
    world.publish()
    match = session.scalars(select(Match).where(Match.intern_id == world.people["intern-sea"].id)).one()
    assert match.reasons["reasons"][0]["label"] == {"en": "Field and industry", "ja": "業界・分野"}
    words = [
        word["field"]
        for reason in match.reasons["reasons"]
        for side in ("intern_words", "host_words")
        for word in reason["shared"].get(side, ())
    ]
    assert "free_time" not in words
    assert "points" not in match.reasons["reasons"][0]
    assert "gender" in match.reasons["not_used"]


def test_answers_are_due_at_the_end_of_a_day_in_the_programme(world, session):
    world.publish()
    due = session.scalars(select(Match.answer_by)).first()
    assert (due.hour, due.minute) == (14, 59)  # 23:59 in Tokyo
    assert (due - world.round.published_at).days in {6, 7}


def test_of_two_who_press_at_once_one_publishes(world, session, engine):
    now = world.round
    barrier, outcomes = threading.Barrier(2), []

    def press() -> None:
        with Session(engine) as own:
            barrier.wait()
            try:
                outcomes.append(
                    publication.publish(own, actor=world.admin, round_id=now.id, run_id=now.run_id, rev=now.rev)
                )
            except Conflict:
                outcomes.append(0)

    threads = [threading.Thread(target=press) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == [0, 3]
    assert session.scalar(select(func.count()).select_from(Match)) == 3
    assert session.scalar(select(func.count()).select_from(Message)) == 10


def test_decisions_that_are_not_applied_hold_it_back(world, session):
    world.decide("intern-sea", "mentor-law", DecisionKind.VETO)
    with pytest.raises(Conflict) as refused:
        world.publish()
    assert "1 of your decisions" in str(refused.value)
    assert session.scalar(select(func.count()).select_from(Match)) == 0


def test_a_run_under_way_or_another_run_holds_it_back(world, session):
    seen = world.round
    runs.start(session, actor=world.admin, round_id=world.round_id)
    for run_id in (seen.run_id, seen.run_id + 1):
        with pytest.raises(Conflict):
            publication.publish(session, actor=world.admin, round_id=seen.id, run_id=run_id, rev=world.round.rev)
    runs.execute(session, run_id=session.scalar(select(func.max(Run.id))), keep_alive=lambda: True)
    with pytest.raises(Conflict):
        publication.publish(session, actor=world.admin, round_id=seen.id, run_id=seen.run_id, rev=seen.rev)
    assert world.publish() == 3


def test_a_failure_on_the_way_publishes_nothing(world, session, monkeypatch):
    def broken(*_: object) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as patched:
        patched.setattr(publication, "_tell_unmatched", broken)
        with pytest.raises(ZeroDivisionError):
            world.publish()
    assert session.scalar(select(func.count()).select_from(Match)) == 0
    assert session.scalar(select(func.count()).select_from(Message)) == 0
    assert world.round.state is RoundState.REVIEW


def test_a_run_from_before_another_publication_holds_it_back(world, session):
    first = world.round_id
    world.new_round()
    world.run()
    second, world.round_id = world.round_id, first
    world.publish()
    world.round_id = second
    with pytest.raises(Conflict) as refused:
        world.publish()
    assert "Round 1 has been published" in str(refused.value)
    world.enrol("intern-new", Role.INTERN, "sea")
    world.run()
    assert world.publish() == 1
