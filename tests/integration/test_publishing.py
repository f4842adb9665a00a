"""Asked for, stopped while there is time, carried out at its moment with all checks again: whole or not at all."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from sqlalchemy import event, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from mentormatch.core import clock
from mentormatch.core.errors import Conflict
from mentormatch.core.roles import Role
from mentormatch.models import (
    AuditEvent,
    DecisionKind,
    EnrolmentState,
    Job,
    Match,
    MatchState,
    Message,
    Person,
    Round,
    RoundState,
)
from mentormatch.queries import actors, publishing
from mentormatch.services import jobs, preview, publication, rounds, sign_off
from mentormatch.worker.handlers import HANDLERS
from tests.factories import a_staff_member
from tests.integration.rounds_world import a_small_world


@pytest.fixture
def world(session):
    found = a_small_world(session)
    found.enrol("intern-alone", Role.INTERN, "sea", profile={"languages": [["pt", 4]]})
    found.run()
    return found


def _ask(world, actor=None):
    now = world.round
    return publication.schedule(
        world.session, actor=actor or world.admin, round_id=now.id, run_id=now.run_id, rev=now.rev
    )


def _let_the_moment_come(world):
    world.session.rollback()
    world.session.get_one(Round, world.round_id).publishing_at = clock.now() - timedelta(seconds=1)
    world.session.commit()


def _carry_out(world) -> int:
    return publication.carry_out(world.session, round_id=world.round_id)


def _written(session) -> tuple[int, int]:
    session.rollback()
    return tuple(session.scalar(select(func.count()).select_from(table)) for table in (Match, Message))


def test_it_waits_for_its_moment_and_then_publishes_once(world, session):
    moment = _ask(world)
    assert timedelta(minutes=4) < moment - clock.now() <= timedelta(minutes=5)
    assert world.round.state is RoundState.PUBLISHING
    assert (_carry_out(world), _written(session)) == (0, (0, 0))
    job = session.scalars(select(Job).where(Job.kind == publication.JOB)).one()
    assert job.due_at == moment
    _let_the_moment_come(world)
    assert [HANDLERS[job.kind](session, job.subject_id, lambda: True) for _ in range(3)] == [3, 0, 0]
    assert (_written(session), world.round.state) == ((3, 10), RoundState.PUBLISHED)


def test_stopped_in_time_nobody_hears_and_it_can_be_asked_again(world, session):
    _ask(world)
    publication.halt(session, actor=world.admin, round_id=world.round_id)
    assert (world.round.state, _written(session)) == (RoundState.REVIEW, (0, 0))
    assert session.scalars(select(Job).where(Job.kind == publication.JOB)).all() == []
    with pytest.raises(Conflict):
        publication.halt(session, actor=world.admin, round_id=world.round_id)
    _ask(world)
    publication.hasten(session, actor=world.admin, round_id=world.round_id)
    assert _carry_out(world) == 3
    with pytest.raises(Conflict):
        publication.halt(session, actor=world.admin, round_id=world.round_id)
    actions = session.scalars(select(AuditEvent.action).where(AuditEvent.action.startswith("round."))).all()
    assert actions[-6:] == [
        "round.publishing",
        "round.publication_stopped",
        "round.publishing",
        "round.hastened",
        "round.published",
        "round.told",
    ]


def test_a_job_that_an_earlier_worker_still_holds_does_no_harm(world, session):
    _ask(world)
    publication.hasten(session, actor=world.admin, round_id=world.round_id)
    held_id = jobs.claim(session, owner="first", kinds=(publication.JOB,)).id
    publication.halt(session, actor=world.admin, round_id=world.round_id)
    _ask(world)
    assert HANDLERS[publication.JOB](session, world.round_id, lambda: True) == 0
    jobs.finish(session, job_id=held_id, owner="first")
    session.rollback()
    assert session.scalars(select(Job.state).where(Job.kind == publication.JOB)).all() == ["due"]


def test_nothing_else_can_be_changed_meanwhile(world, session):
    _ask(world)
    with pytest.raises(Conflict):
        world.decide("intern-sea", "mentor-law", DecisionKind.VETO)
    with pytest.raises(Conflict):
        world.run()
    now = world.round
    with pytest.raises(Conflict, match="about to be published"):
        rounds.save_settings(
            session, actor=world.admin, round_id=now.id, rev=now.rev, dates=rounds.Dates(), answer_days=3
        )


def _leaves(world):
    world.people["mentor-law"].state = EnrolmentState.WITHDRAWN


def _pauses(world):
    world.people["intern-art"].state = EnrolmentState.PAUSED


def _has_fewer_places(world):
    world.people["mentor-sea"].capacity = 0


def _speaks_another_language(world):
    world.people["mentor-law"].profile = world.people["mentor-law"].profile | {"languages": [["pt", 4]]}


def _got_somebody(world):
    other = Round(programme_id=world.programme.id, number=9, state=RoundState.PUBLISHED)
    world.session.add(other)
    world.session.flush()
    pair = {"intern_id": world.people["intern-sea"].id, "host_id": world.people["mentor-art"].id}
    world.session.add(Match(round_id=other.id, track=Role.MENTOR, answer_by=clock.now(), **pair))


@pytest.mark.parametrize(
    ("happens", "says"),
    [
        (_leaves, "have left or paused"),
        (_pauses, "have left or paused"),
        (_has_fewer_places, "fewer places"),
        (_speaks_another_language, "break a rule"),
        (_got_somebody, "have got somebody"),
    ],
)
def test_a_check_that_fails_at_the_moment_publishes_nothing_and_says_why(world, session, happens, says):
    _ask(world)
    session.rollback()
    happens(world)
    session.commit()
    before, _ = _written(session)
    _let_the_moment_come(world)
    assert _carry_out(world) == 0
    assert _written(session) == (before, 1)
    assert session.scalars(select(Message.kind)).all() == ["publication_withheld"]
    found = publishing.of_round(session, world.programme.id, world.round.number)
    assert says in found.withheld["message"]
    assert (found.state, found.at) == (RoundState.REVIEW, None)
    with pytest.raises(Conflict):
        _ask(world)


def test_the_reason_is_gone_once_it_is_published_after_all(world, session):
    _ask(world)
    session.rollback()
    _pauses(world)
    session.commit()
    _let_the_moment_come(world)
    _carry_out(world)
    session.rollback()
    world.people["intern-art"].state = EnrolmentState.ACTIVE
    session.commit()
    _ask(world)
    publication.hasten(session, actor=world.admin, round_id=world.round_id)
    assert _carry_out(world) == 3
    session.rollback()
    assert session.get_one(Round, world.round_id).withheld == {}


def test_a_break_on_the_way_publishes_nothing_and_the_next_worker_does_it(world, session, monkeypatch):
    _ask(world)
    _let_the_moment_come(world)

    def broken(*_: object) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as patched:
        patched.setattr(publication, "_tell_unmatched", broken)
        with pytest.raises(ZeroDivisionError):
            _carry_out(world)
    assert (_written(session), world.round.state) == ((0, 0), RoundState.PUBLISHING)
    assert (_carry_out(world), _written(session)) == (3, (3, 10))


def _at_once(engine, *steps):
    barrier, outcomes = threading.Barrier(len(steps)), []

    def work(step) -> None:
        with Session(engine) as own:
            barrier.wait()
            try:
                outcomes.append(step(own))
            except Conflict:
                outcomes.append("conflict")

    threads = [threading.Thread(target=work, args=(step,)) for step in steps]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


def test_two_admins_at_once_ask_once(world, engine, session):
    now = world.round
    given = {"actor": world.admin, "round_id": now.id, "run_id": now.run_id, "rev": now.rev}
    outcomes = _at_once(engine, *[lambda own: publication.schedule(own, **given)] * 2)
    assert [outcome for outcome in outcomes if outcome != "conflict"] == [
        session.scalar(select(Round.publishing_at).where(Round.id == now.id))
    ]


def test_two_workers_at_once_publish_once(world, engine, session):
    _ask(world)
    _let_the_moment_come(world)
    step = lambda own: publication.carry_out(own, round_id=world.round_id)  # noqa: E731 - one step, twice
    assert sorted(_at_once(engine, step, step)) == [0, 3]
    assert _written(session) == (3, 10)


def test_stop_and_publication_at_once_never_both(world, engine, session):
    _ask(world)
    _let_the_moment_come(world)
    given = {"actor": world.admin, "round_id": world.round_id}
    outcomes = _at_once(
        engine,
        lambda own: publication.carry_out(own, round_id=world.round_id),
        lambda own: publication.halt(own, **given),
    )
    stopped = None in outcomes
    assert _written(session) == ((0, 0) if stopped else (3, 10))
    assert world.round.state is (RoundState.REVIEW if stopped else RoundState.PUBLISHED)


def test_one_reminder_before_the_answer_is_due_and_none_when_it_is_too_late_for_one(world, session):
    _ask(world)
    publication.hasten(session, actor=world.admin, round_id=world.round_id)
    _carry_out(world)
    session.rollback()
    due = session.scalars(select(Match.answer_by)).first()
    reminders = session.scalars(select(Message).where(Message.kind == "match_reminder")).all()
    assert {(one.due_at, one.expires_at) for one in reminders} == {(due - timedelta(days=2), due)}
    assert len(reminders) == 3


def test_no_reminder_where_the_programme_wants_none(world, session):
    world.programme.reminder_days = 0
    session.commit()
    world.publish()
    assert session.scalars(select(Message).where(Message.kind == "match_reminder")).all() == []


def _coordinator(world):
    person = a_staff_member(world.session, world.programme, Role.COORDINATOR)
    return actors.of_person(world.session, world.session.get_one(Person, person.id))


def test_where_the_programme_asks_a_second_person_signs_off_first(world, session):
    world.programme.sign_off = True
    session.commit()
    second = _coordinator(world)
    with pytest.raises(Conflict, match="not signed off"):
        _ask(world)
    assert sign_off.ask(session, actor=world.admin, round_id=world.round_id) == 1
    run_id = world.round.run_id
    sign_off.sign(session, actor=world.admin, round_id=world.round_id, run_id=run_id)
    with pytest.raises(Conflict, match="yourself"):
        _ask(world)
    sign_off.sign(session, actor=second, round_id=world.round_id, run_id=run_id)
    _ask(world)
    sign_off.take_back(session, actor=second, round_id=world.round_id)
    _let_the_moment_come(world)
    assert (_carry_out(world), world.round.state) == (0, RoundState.REVIEW)
    sign_off.sign(session, actor=second, round_id=world.round_id, run_id=run_id)
    _ask(world)
    _let_the_moment_come(world)
    assert _carry_out(world) == 3
    actions = session.scalars(select(AuditEvent.action)).all()
    assert [one for one in actions if "sign" in one] == [
        "round.sign_off_asked",
        "round.signed_off",
        "round.signed_off",
        "round.sign_off_taken_back",
        "round.signed_off",
    ]


def test_a_sign_off_holds_for_the_result_that_was_looked_at_alone(world, session):
    world.programme.sign_off = True
    session.commit()
    second = _coordinator(world)
    seen = world.round.run_id
    sign_off.sign(session, actor=second, round_id=world.round_id, run_id=seen)
    world.run()
    with pytest.raises(Conflict, match="not signed off"):
        _ask(world)
    with pytest.raises(Conflict):
        sign_off.sign(session, actor=second, round_id=world.round_id, run_id=seen)
    world.decide("intern-sea", "mentor-law", DecisionKind.VETO)
    with pytest.raises(Conflict, match="not applied"):
        sign_off.sign(session, actor=second, round_id=world.round_id, run_id=world.round.run_id)


def test_everybody_who_is_written_to_is_listed_and_can_be_found(world, session):
    run_id = world.round.run_id
    everybody = publishing.recipients(session, run_id)
    world.publish()
    session.rollback()
    at_once = Message.kind.in_(["match_intern", "match_host", "unmatched_intern"])
    sent = session.scalars(select(Person.email).join(Message, Message.person_id == Person.id).where(at_once)).all()
    assert sorted(one.email for one in everybody.items) == sorted(sent)
    assert everybody.total == 7
    found = publishing.recipients(session, run_id, search="mentor-law")
    assert {(one.audience, one.name.family) for one in found.items} == {
        ("intern", "intern-law"),
        ("mentor", "mentor-law"),
    }
    assert publishing.recipients(session, run_id, "nobody").items[0].about is None
    assert publishing.recipients(session, run_id, search="%").total == 0


def test_each_line_of_the_list_leads_to_its_letter(world, session, config):
    run_id = world.round.run_id
    for one in publishing.recipients(session, run_id).items:
        where = {"round_id": world.round_id, "run_id": run_id, "audience": one.audience, "position": one.position}
        shown = preview.letter(session, config=config, actor=world.admin, **where)
        assert (shown.email, shown.language) == (one.email, one.language)
        assert one.about is None or one.about.full(shown.language) in shown.letter.body


def test_the_list_takes_one_query_however_long_it_is(world, session):
    run_id, asked = world.round.run_id, []
    count = lambda *_: asked.append(1)  # noqa: E731 - the same function is taken away again
    event.listen(session.get_bind(), "before_cursor_execute", count)
    publishing.recipients(session, run_id, search="sea")
    event.remove(session.get_bind(), "before_cursor_execute", count)
    assert len(asked) == 1


def test_an_intern_who_answered_elsewhere_is_no_second_match(world, session):
    """The database itself refuses a second living match in one track."""
    world.publish()
    first = session.scalars(select(Match).order_by(Match.id)).first()
    values = {"round_id": first.round_id, "track": first.track, "intern_id": first.intern_id}
    session.add(Match(**values, host_id=world.people["mentor-art"].id, answer_by=clock.now()))
    with pytest.raises(IntegrityError):
        session.commit()
    session.rollback()
    first = session.get_one(Match, first.id)
    first.state = MatchState.DECLINED
    session.add(Match(**values, host_id=world.people["mentor-art"].id, answer_by=clock.now()))
    session.commit()
