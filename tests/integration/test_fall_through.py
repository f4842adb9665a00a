"""A place that became free goes to the next best: exactly, whole, once, and nobody else moves."""

from __future__ import annotations

import threading
from collections import Counter
from datetime import timedelta
from itertools import product

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from mentormatch.core import clock
from mentormatch.core.errors import Conflict
from mentormatch.core.roles import Role
from mentormatch.matching.matcher import Matcher
from mentormatch.models import (
    AuditEvent,
    Decision,
    DecisionKind,
    Job,
    JobState,
    Match,
    MatchOrigin,
    MatchState,
    Message,
    Opening,
    RoundState,
)
from mentormatch.queries import openings
from mentormatch.services import fall_through, jobs, matches
from mentormatch.worker.handlers import HANDLERS, WATCHES
from tests.integration.published_world import Published, a_published_round

FELL = (MatchState.DECLINED, MatchState.EXPIRED)


@pytest.fixture
def world(session) -> Published:
    """Two interns with a host each, two hosts with room, one who speaks another language."""
    found = a_published_round(session)
    for name, work in (("ai", "sea"), ("bo", "law")):
        found.enrol(name, Role.INTERN, work)
        found.enrol(f"host-{name}", Role.MENTOR, work, capacity=1)
        found.match(name, f"host-{name}")
    found.enrol("next-sea", Role.MENTOR, "sea", capacity=1)
    found.enrol("next-art", Role.MENTOR, "art", capacity=1)
    found.enrol("foreign", Role.MENTOR, "sea", "pt", capacity=5)
    return found


def _decline(world: Published, name: str, reason: str = "field") -> None:
    match_id = world.session.scalar(
        select(Match.id).where(Match.host_id == world.people[name].id, Match.state == MatchState.PROPOSED)
    )
    given = {"programme_id": world.programme.id, "match_id": match_id, "reason": reason}
    matches.decline(world.session, actor=world.actor(name), **given)


def _work(world: Published) -> int:
    return fall_through.carry_out(world.session, round_id=world.round.id)


def _kinds(session) -> Counter[str]:
    session.rollback()
    return Counter(session.scalars(select(Message.kind)))


def test_a_declined_place_goes_to_the_best_who_is_left_and_both_sides_hear(world, session):
    _decline(world, "host-ai")
    assert _work(world) == 1
    assert world.living() == {("ai", "next-sea"), ("bo", "host-bo")}
    made = session.scalars(select(Match).order_by(Match.id.desc())).first()
    assert (made.origin, made.state) == (MatchOrigin.FALL_THROUGH, MatchState.PROPOSED)
    assert made.answer_by > clock.now() + timedelta(days=6)
    assert made.reasons["reasons"][0]["label"] == {"en": "Field and industry", "ja": "業界・分野"}
    assert _kinds(session) == {"match_declined": 1, "match_changed": 1, "match_host": 1, "match_reminder": 1}
    actions = session.scalars(select(AuditEvent.action)).all()
    assert actions == ["match.declined", "match.fell_through", "round.fell_through"]


def test_who_has_no_time_is_not_asked_again_but_who_knows_the_field_less_well_is(world):
    _decline(world, "host-ai", "time")
    _work(world)
    world.enrol("co", Role.INTERN, "sea")
    world.alone("co")
    _work(world)
    assert ("co", "next-art") in world.living()  # not the free place of host-ai
    world.enrol("di", Role.INTERN, "law")
    world.alone("di")
    _decline(world, "host-bo", "field")
    _work(world)
    assert ("di", "host-bo") in world.living()


def test_what_nobody_can_take_stays_open_with_its_reason_and_everybody_concerned_hears(world, session):
    for host in ("next-sea", "next-art"):
        world.people[host].capacity = 0
    session.commit()
    _decline(world, "host-ai")
    assert _work(world) == 0
    assert _work(world) == 0
    opening = session.scalars(select(Opening)).one()
    assert (opening.intern_id, opening.reason["why"]) == (world.people["ai"].id, "all_full")
    assert _kinds(session) == {"match_declined": 1, "place_open": 1, "place_open_intern": 1}
    world.people["next-art"].capacity = 1
    session.commit()
    assert _work(world) == 1
    session.rollback()
    assert (world.living(), session.scalars(select(Opening)).all()) == ({("ai", "next-art"), ("bo", "host-bo")}, [])


def test_several_at_once_are_decided_together(world, session):
    """Alone, bo would take the place that is the only one for ai."""
    world.people["bo"].profile = dict(world.people["ai"].profile)
    session.commit()
    world.never("ai", "next-art")
    _decline(world, "host-bo", "time")
    _decline(world, "host-ai", "time")
    assert _work(world) == 2
    assert world.living() == {("ai", "next-sea"), ("bo", "next-art")}


def test_after_so_many_times_the_office_is_asked(world, session):
    world.programme.most_falls = 1
    session.commit()
    _decline(world, "host-ai")
    _work(world)
    _decline(world, "next-sea")
    assert _work(world) == 0
    assert session.scalars(select(Opening.reason)).all() == [{"why": "office"}]
    assert (_kinds(session)["place_open"], _kinds(session)["place_open_intern"]) == (1, 0)
    plan = fall_through.proposal(session, actor=world.admin, round_id=world.round.id)
    assert [pair.host_id for pair in plan.pairs] == [world.people["next-art"].id]
    assert fall_through.confirm(session, actor=world.admin, round_id=world.round.id, stamp=plan.stamp) == 1
    session.rollback()
    assert session.scalars(select(Match.origin).order_by(Match.id.desc())).first() is MatchOrigin.OFFICE


@pytest.mark.parametrize("why", ["switched off", "closed"])
def test_by_itself_only_where_the_programme_says_so_and_while_the_round_goes_on(world, session, why):
    if why == "closed":
        world.round.state = RoundState.CLOSED
    else:
        world.programme.falls_through = False
    session.commit()
    _decline(world, "host-ai")
    assert _work(world) == 0
    assert session.scalars(select(Opening.reason)).all() == [{"why": "office"}]
    assert _kinds(session)["place_open"] == 1
    plan = fall_through.proposal(session, actor=world.admin, round_id=world.round.id)
    assert len(plan.pairs) == 1
    world.enrol("new", Role.MENTOR, "sea")  # what was looked at is no longer what would be done
    with pytest.raises(Conflict):
        fall_through.confirm(session, actor=world.admin, round_id=world.round.id, stamp=plan.stamp)
    assert ("ai", "next-sea") not in world.living()


def test_an_answer_that_never_came_expires_once_and_falls_through(world, session):
    late = session.scalars(select(Match).where(Match.intern_id == world.people["ai"].id)).one()
    late.answer_by = clock.now() - timedelta(minutes=1)
    session.commit()
    assert [look(session) for look in WATCHES] == [1]
    assert [look(session) for look in WATCHES] == [0]
    session.rollback()
    job = session.scalars(select(Job)).one()
    assert (job.kind, job.subject_id, job.state) == (fall_through.JOB, world.round.id, JobState.DUE)
    HANDLERS[job.kind](session, job.subject_id, lambda: True)
    assert world.living() == {("ai", "next-sea"), ("bo", "host-bo")}
    assert _kinds(session) == {"match_expired": 1, "match_changed": 1, "match_host": 1, "match_reminder": 1}


def test_a_host_may_get_no_more_than_the_round_allows(world, session):
    world.round.most_interns = 1
    world.people["host-bo"].capacity = 3
    for host in ("next-sea", "next-art"):
        world.people[host].capacity = 0
    session.commit()
    _decline(world, "host-ai")
    assert _work(world) == 0
    world.round.most_interns = 2
    session.commit()
    assert _work(world) == 1
    assert world.loads() == {"host-bo": 2}


def test_a_declined_pin_does_not_come_back(world, session):
    pair = {"intern_id": world.people["ai"].id, "host_id": world.people["host-ai"].id, "track": Role.MENTOR}
    session.add(Decision(round_id=world.round.id, kind=DecisionKind.PIN, **pair))
    session.commit()
    _decline(world, "host-ai")
    _work(world)
    assert world.living() == {("ai", "next-sea"), ("bo", "host-bo")}


def test_a_break_on_the_way_leaves_nothing_and_the_next_try_does_it_whole(world, session, monkeypatch):
    _decline(world, "host-ai")
    before = _kinds(session)

    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    for name in ("announce", "record"):
        with monkeypatch.context() as patched:
            patched.setattr(matches, name, broken)
            with pytest.raises(ZeroDivisionError):
                _work(world)
        assert (world.living(), _kinds(session)) == ({("bo", "host-bo")}, before)
    assert [_work(world) for _ in range(3)] == [1, 0, 0]


def test_a_decline_while_a_worker_is_at_it_is_not_lost(world, session):
    _decline(world, "host-ai")
    held = jobs.claim(session, owner="first", kinds=tuple(HANDLERS))
    _decline(world, "host-bo")  # after the worker has read, before it is done
    jobs.finish(session, job_id=held.id, owner="first")
    session.rollback()
    assert jobs.claim(session, owner="second", kinds=tuple(HANDLERS)) is not None


def _at_once(engine, number: int, what) -> list[object]:
    barrier, outcomes = threading.Barrier(number), []

    def work() -> None:
        with Session(engine) as own:
            barrier.wait()
            try:
                outcomes.append(what(own))
            except Conflict:
                outcomes.append("conflict")

    threads = [threading.Thread(target=work) for _ in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


def test_two_workers_at_once_make_one_match(world, engine, session):
    _decline(world, "host-ai")
    outcomes = _at_once(engine, 2, lambda own: fall_through.carry_out(own, round_id=world.round.id))
    assert sorted(outcomes) == [0, 1]
    assert world.living() == {("ai", "next-sea"), ("bo", "host-bo")}
    assert _kinds(session)["match_changed"] == 1


def test_two_admins_at_once_confirm_once(world, engine, session):
    world.programme.falls_through = False
    session.commit()
    _decline(world, "host-ai")
    plan = fall_through.proposal(session, actor=world.admin, round_id=world.round.id)
    session.rollback()
    given = {"actor": world.admin, "round_id": world.round.id, "stamp": plan.stamp}
    outcomes = _at_once(engine, 2, lambda own: fall_through.confirm(own, **given))
    assert sorted(map(str, outcomes)) == ["1", "conflict"]
    assert world.living() == {("ai", "next-sea"), ("bo", "host-bo")}


def test_two_watches_at_once_expire_once(world, engine, session):
    for match in session.scalars(select(Match)):
        match.answer_by = clock.now() - timedelta(minutes=1)
    session.commit()
    assert sum(_at_once(engine, 2, matches.expire)) == 2
    session.rollback()
    assert session.scalar(select(func.count()).where(Message.kind == "match_expired")) == 2


WORKS, TONGUES = ("sea", "law", "art"), ("ja", "ja", "ja", "pt")


@st.composite
def rounds(draw):
    """Interns and hosts with what they do and speak, vetoes, who has whom, and how that stands."""
    interns = draw(st.lists(st.tuples(st.sampled_from(WORKS), st.sampled_from(TONGUES)), min_size=1, max_size=4))
    side = st.tuples(st.sampled_from(WORKS), st.sampled_from(TONGUES), st.integers(0, 2))
    hosts = draw(st.lists(side, min_size=1, max_size=4))
    pairs = [(i, h) for i in range(len(interns)) for h in range(len(hosts))]
    vetoes = draw(st.sets(st.sampled_from(pairs), max_size=3))
    states = st.sampled_from([MatchState.PROPOSED, MatchState.ACCEPTED, *FELL, *FELL, None])
    wishes = [(draw(st.integers(0, len(hosts) - 1)), draw(states), draw(st.booleans())) for _ in interns]
    return interns, hosts, vetoes, wishes


def _build(session: Session, drawn) -> Published:
    interns, hosts, vetoes, had = drawn
    world = a_published_round(session)
    for number, (work, tongue) in enumerate(interns):
        world.enrol(f"i{number}", Role.INTERN, work, tongue)
    for number, (work, tongue, places) in enumerate(hosts):
        world.enrol(f"h{number}", Role.MENTOR, work, tongue, capacity=places)
    loads: Counter[int] = Counter()
    for number, (host, state, offers) in enumerate(had):
        allowed = interns[number][1] == hosts[host][1] and (number, host) not in vetoes
        if state is None or not allowed or (state not in FELL and loads[host] >= hosts[host][2]):
            world.alone(f"i{number}")
            continue
        loads[host] += state not in FELL
        world.match(f"i{number}", f"h{host}", state, offers=offers or state not in FELL)
    for intern, host in vetoes:
        world.never(f"i{intern}", f"h{host}")
    return world


def _best(world: Published) -> tuple[int, int]:
    """Return coverage and points of the best way to serve those who wait, by trying all of them."""
    waiting = openings.waiting(world.session, programme_id=world.programme.id, round_id=world.round.id)
    problem = openings.left(world.session, world.round, waiting).problem
    places = {row["id"]: row["capacity"] for row in problem.hosts["mentor"]}
    matcher = Matcher.restore(problem, [])
    banned = {pair[1:] for pair in problem.bans}
    worth = {}
    for one, host in product(waiting, places):
        seen = matcher.explain(one.intern_id, host)
        if seen.allowed and (one.intern_id, host) not in banned:
            worth[one.intern_id, host] = seen.points
    best = (0, 0)
    choices = [[None, *(host for host in places if (one.intern_id, host) in worth)] for one in waiting]
    for chosen in product(*choices):
        used = Counter(host for host in chosen if host is not None)
        if all(number <= places[host] for host, number in used.items()):
            got = [worth[one.intern_id, host] for one, host in zip(waiting, chosen, strict=True) if host is not None]
            best = max(best, (len(got), sum(got)))
    return best


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(drawn=rounds())
def test_never_breaks_a_rule_nor_moves_anybody_and_is_the_best_there_is(session, drawn):
    world = _build(session, drawn)
    interns, hosts, vetoes, _ = drawn
    before = {row.id: (row.intern_id, row.host_id, row.state) for row in session.scalars(select(Match))}
    dead = {pair for pair, state in (((i, h), s) for i, h, s in before.values()) if state in FELL}
    held = world.living()
    best = _best(world)
    plan = fall_through.proposal(session, actor=world.admin, round_id=world.round.id)
    assert (len(plan.pairs), sum(pair.points for pair in plan.pairs)) == best
    assert [_work(world), _work(world)] == [best[0], 0]
    assert held <= world.living()
    session.rollback()
    after = {row.id: (row.intern_id, row.host_id, row.state) for row in session.scalars(select(Match))}
    assert {key: after[key] for key in before} == before
    made = {after[key][:2] for key in after.keys() - before.keys()}
    assert not made & dead
    for intern, host in world.living():
        number, other = int(intern[1:]), int(host[1:])
        assert interns[number][1] == hosts[other][1]
        assert (number, other) not in vetoes
    assert all(load <= hosts[int(host[1:])][2] for host, load in world.loads().items())
    assert max(Counter(intern for intern, _ in world.living()).values(), default=1) == 1
