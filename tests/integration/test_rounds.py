"""The life of a round: steps, dates, the list, reminders."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import event, func, select

from mentormatch.core.clock import now
from mentormatch.core.errors import Conflict, InvalidInput, NotFound, NotPermitted
from mentormatch.core.roles import Role
from mentormatch.models import AuditEvent, Message, Round, RoundState
from mentormatch.models.base import writing
from mentormatch.queries import actors, readiness
from mentormatch.queries import rounds as reading
from mentormatch.services import rounds
from mentormatch.services.rounds import STEPS, Dates, Step
from tests.factories import a_staff_member
from tests.integration.rounds_world import a_small_world, a_world


def at(day: int) -> datetime:
    return datetime(2027, 1, day, 9, tzinfo=UTC)


def test_every_state_but_the_last_leads_somewhere():
    left = {state for sources, _ in STEPS.values() for state in sources}
    assert left == set(RoundState) - {RoundState.CLOSED}


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("state", RoundState)
def test_only_the_steps_of_the_table_are_allowed(session, state, step):
    world = a_world(session)
    session.get(Round, world.round_id).state = state
    session.commit()
    sources, target = STEPS[step]
    if state in sources:
        with writing(session):
            rounds.take_step(session, actor=world.admin, round_id=world.round_id, step=step)
        assert (world.round.state, world.round.rev) == (target, 2)
    else:
        with pytest.raises(Conflict), writing(session):
            rounds.take_step(session, actor=world.admin, round_id=world.round_id, step=step)
        assert (world.round.state, world.round.rev) == (state, 1)


def test_rounds_are_numbered_and_inherit_the_answering_time(session):
    world = a_world(session)
    rounds.save_settings(session, actor=world.admin, round_id=world.round_id, rev=1, dates=Dates(), answer_days=3)
    assert rounds.create(session, actor=world.admin, programme_id=world.programme.id) == 2
    assert [(row.round.number, row.round.answer_days) for row in reading.of_programme(session, world.programme.id)] == [
        (2, 3),
        (1, 3),
    ]


def test_dates_must_follow_one_another(session):
    world = a_world(session)
    dates = Dates(opens_at=at(3), publish_at=at(2))
    with pytest.raises(InvalidInput) as refused:
        rounds.save_settings(session, actor=world.admin, round_id=world.round_id, rev=1, dates=dates, answer_days=7)
    assert refused.value.field == "publish_at"
    assert world.round.publish_at is None


def test_of_two_admins_who_save_at_once_one_is_told(session):
    world = a_world(session)
    for rev, days in ((1, 5), (1, 9)):
        saving = {"rev": rev, "dates": Dates(opens_at=at(4)), "answer_days": days}
        if days == 5:
            rounds.save_settings(session, actor=world.admin, round_id=world.round_id, **saving)
        else:
            with pytest.raises(Conflict):
                rounds.save_settings(session, actor=world.admin, round_id=world.round_id, **saving)
    assert (world.round.answer_days, world.round.rev, world.round.opens_at) == (5, 2, at(4))


def test_a_step_taken_from_an_old_page_is_refused(session):
    world = a_world(session)
    rounds.open_round(session, actor=world.admin, round_id=world.round_id, rev=1)
    with pytest.raises(Conflict):
        rounds.open_round(session, actor=world.admin, round_id=world.round_id, rev=1)
    with pytest.raises(Conflict):
        rounds.reopen(session, actor=world.admin, round_id=world.round_id, rev=2)
    session.rollback()
    assert session.scalars(select(AuditEvent.action).order_by(AuditEvent.id)).all() == ["round.created", "round.opened"]


def test_a_coordinator_may_not_and_a_stranger_sees_nothing(session):
    world = a_world(session)
    coordinator = actors.of_person(session, a_staff_member(session, world.programme, Role.COORDINATOR))
    stranger = a_world(session).admin
    for actor, refusal in ((coordinator, NotPermitted), (stranger, NotFound)):
        with pytest.raises(refusal):
            rounds.open_round(session, actor=actor, round_id=world.round_id, rev=1)
    assert world.round.state is RoundState.DRAFT


def test_the_list_takes_the_same_queries_for_one_round_and_for_thirty(session):
    world = a_small_world(session)
    world.run()
    world.publish()

    def count() -> int:
        session.expire_all()
        seen = []
        listener = lambda *arguments: seen.append(arguments[2])  # noqa: E731 - one expression
        event.listen(session.get_bind(), "before_cursor_execute", listener)
        rows = reading.of_programme(session, world.programme.id)
        event.remove(session.get_bind(), "before_cursor_execute", listener)
        assert (rows[-1].pairs, rows[-1].unmatched, rows[-1].waiting) == (3, 0, 3)
        return len(seen)

    before = count()
    for _ in range(29):
        rounds.create(session, actor=world.admin, programme_id=world.programme.id)
    assert count() == before


def test_those_who_have_not_finished_are_reminded_once_a_day(session):
    world = a_small_world(session)
    rounds.save_settings(
        session,
        actor=world.admin,
        round_id=world.round_id,
        rev=1,
        dates=Dates(matching_at=now() + timedelta(days=3)),
        answer_days=7,
    )
    waiting = len(readiness.incomplete(session, world.programme.id))
    assert waiting == 6
    for _ in range(2):
        assert rounds.remind(session, actor=world.admin, round_id=world.round_id) == waiting
    sent = session.execute(select(Message.kind, func.count()).group_by(Message.kind)).all()
    assert [tuple(row) for row in sent] == [("profile_reminder", waiting)]
    assert set(session.scalars(select(Message.expires_at))) == {world.round.matching_at}


def test_nobody_is_reminded_once_the_round_is_past_collecting(session):
    world = a_small_world(session)
    world.run()
    with pytest.raises(Conflict):
        rounds.remind(session, actor=world.admin, round_id=world.round_id)


def test_steps_are_recorded_with_their_names(session):
    world = a_small_world(session)
    world.run()
    found = session.scalars(select(AuditEvent.action).order_by(AuditEvent.id)).all()
    assert found == [
        "round.created",
        f"round.{Step.OPEN}",
        f"round.{Step.MATCH}",
        f"round.{Step.PROPOSE}",
        "run.finished",
    ]
