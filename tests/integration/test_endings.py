"""A published match ends: with thanks, with a look first, and with somebody else for the intern."""

from __future__ import annotations

import threading
from collections import Counter

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from mentormatch.channels.letter import compose
from mentormatch.core.errors import Conflict, InvalidInput, NotFound
from mentormatch.core.roles import Role
from mentormatch.models import (
    AuditEvent,
    Base,
    Concern,
    Decision,
    DecisionKind,
    EnrolmentState,
    Match,
    MatchOrigin,
    MatchState,
    Message,
    Person,
    Round,
)
from mentormatch.queries import decisions, repair
from mentormatch.services import concerns, endings, fall_through, letters, people
from mentormatch.services.endings import Ending
from tests.integration.published_world import a_published_round


@pytest.fixture
def world(session):
    """Two accepted matches, one intern without anybody, one host with room."""
    found = a_published_round(session)
    for name, work in (("ai", "sea"), ("bo", "law")):
        found.enrol(name, Role.INTERN, work, language="en")
        found.enrol(f"host-{name}", Role.MENTOR, work, capacity=1, language="en")
        found.match(name, f"host-{name}", MatchState.ACCEPTED)
    found.enrol("co", Role.INTERN, "sea")
    found.alone("co")
    found.enrol("next", Role.MENTOR, "sea", capacity=1)
    return found


def _of(world, name: str) -> Match:
    world.session.rollback()
    found = select(Match).where(Match.intern_id == world.people[name].id).order_by(Match.id.desc())
    return world.session.scalars(found).first()


def _about(world, name: str) -> dict[str, object]:
    return {"actor": world.admin, "programme_id": world.programme.id, "match_id": _of(world, name).id}


def _end(world, name: str, **how: object) -> int:
    about, chosen = _about(world, name), Ending(**{"reason": "fit", **how})
    plan = endings.preview(world.session, **about, how=chosen)
    return endings.end(world.session, **about, how=chosen, stamp=plan.stamp)


def _rows(session) -> dict[str, list[str]]:
    session.rollback()
    return {table.name: sorted(map(repr, session.execute(select(table)))) for table in Base.metadata.sorted_tables}


def _kinds(session) -> Counter[str]:
    session.rollback()
    return Counter(session.scalars(select(Message.kind)))


def test_the_look_shows_what_will_be_done_and_writes_nothing(world, session):
    before = _rows(session)
    plan = endings.preview(session, **_about(world, "ai"), how=Ending(reason="fit"))
    named = {row.id: name for name, row in world.people.items()}
    shown = {(named[pair.intern_id], named[pair.host_id]) for pair in plan.pairs}
    assert _rows(session) == before
    assert _end(world, "ai") == 2
    assert world.living() == {("bo", "host-bo"), *shown}
    assert shown == {("ai", "next"), ("co", "host-ai")}


def test_both_sides_are_thanked_the_reason_stays_in_the_office(world, session):
    _end(world, "ai", reason="silent", note="He never wrote back.")
    session.rollback()
    ended = session.scalars(select(Match).where(Match.state == MatchState.ENDED)).one()
    assert (ended.end_reason, ended.end_note, ended.ended_at is not None) == ("silent", "He never wrote back.", True)
    kinds = _kinds(session)
    assert (kinds["match_ended_intern"], kinds["match_ended_host"], kinds["match_changed"]) == (1, 1, 1)
    assert (kinds["match_intern"], kinds["place_open_intern"]) == (1, 0)
    origins = session.scalars(select(Match.origin).where(Match.state == MatchState.PROPOSED)).all()
    assert set(origins) == {MatchOrigin.OFFICE}
    assert "match.ended" in session.scalars(select(AuditEvent.action)).all()
    assert "never wrote" not in repr(session.scalars(select(AuditEvent.detail)).all())


def test_never_again_binds_later_rounds(world, session):
    _end(world, "ai", never=True)
    session.rollback()
    veto = session.scalars(select(Decision)).one()
    assert (veto.kind, veto.decided_by) == (DecisionKind.VETO, world.admin.person_id)
    later = Round(programme_id=world.programme.id, number=2)
    session.add(later)
    session.flush()
    binding = decisions.binding(session, programme_id=world.programme.id, round_id=later.id)
    gone = world.people["ai"].id, world.people["host-ai"].id
    assert [(one.intern_id, one.host_id, one.lasting) for one in binding] == [(*gone, True)]


def test_without_anybody_new_the_intern_waits_or_is_done(world, session):
    assert _end(world, "bo", seeks=False, offers=False) == 1  # co gets the place that was free all the time
    assert world.living() == {("ai", "host-ai"), ("co", "next")}
    assert fall_through.proposal(session, actor=world.admin, round_id=world.round.id).pairs == ()


def test_what_was_looked_at_must_still_be_what_would_be_done(world, session):
    about, how = _about(world, "ai"), Ending(reason="other")
    plan = endings.preview(session, **about, how=how)
    world.people["next"].capacity = 0
    session.commit()
    with pytest.raises(Conflict):
        endings.end(session, **about, how=how, stamp=plan.stamp)
    with pytest.raises(InvalidInput):
        endings.preview(session, **about, how=Ending(reason="whim"))
    assert world.living() == {("ai", "host-ai"), ("bo", "host-bo")}
    assert _end(world, "ai") >= 0
    with pytest.raises(Conflict, match="ended already"):
        endings.preview(session, **about, how=how)


def test_two_admins_at_once_end_it_once(world, engine, session):
    about, how = _about(world, "ai"), Ending(reason="fit")
    stamp = endings.preview(session, **about, how=how).stamp
    session.rollback()
    barrier, outcomes = threading.Barrier(2), []

    def press() -> None:
        with Session(engine) as own:
            barrier.wait()
            try:
                outcomes.append(endings.end(own, **about, how=how, stamp=stamp))
            except Conflict:
                outcomes.append(-1)

    threads = [threading.Thread(target=press) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == [-1, 2]
    assert _kinds(session)["match_ended_host"] == 1


@pytest.mark.parametrize(("who", "waits"), [("host-ai", {"ai", "co"}), ("ai", {"co"})])
def test_whoever_is_withdrawn_leaves_with_thanks_and_the_office_decides_what_follows(world, session, who, waits):
    people.withdraw(session, actor=world.admin, programme_id=world.programme.id, enrolment_id=world.people[who].id)
    assert world.living() == {("bo", "host-bo")}
    kinds = _kinds(session)
    assert (kinds["match_ended_intern"], kinds["match_ended_host"]) == (1, 1)
    fall_through.carry_out(session, round_id=world.round.id)
    served = {intern for intern, _ in world.living()} - {"bo"}
    assert served == {"co"}  # who waited since the publication; ai's part is the office's
    plan = fall_through.proposal(session, actor=world.admin, round_id=world.round.id)
    left = {one.intern_id for one, _ in plan.nobody} | {pair.intern_id for pair in plan.pairs}
    assert left == {world.people[name].id for name in waits - served}


def test_a_pause_ends_nothing(world, session):
    people.pause(session, actor=world.admin, programme_id=world.programme.id, enrolment_id=world.people["host-ai"].id)
    assert world.living() == {("ai", "host-ai"), ("bo", "host-bo")}


def test_a_private_word_reaches_the_office_once_and_nobody_else(world, session):
    about = {"programme_id": world.programme.id, "match_id": _of(world, "ai").id, "kind": "silent"}
    concerns.tell(session, actor=world.actor("ai"), **about, note="Three mails, no answer.")
    with pytest.raises(Conflict):
        concerns.tell(session, actor=world.actor("ai"), **about)
    concerns.tell(session, actor=world.actor("host-ai"), **{**about, "kind": "fit"})
    with pytest.raises(NotFound):
        concerns.tell(session, actor=world.actor("bo"), **about)
    session.rollback()
    told = session.scalars(select(Message.person_id).where(Message.kind == "concern_told")).all()
    assert set(told) == {world.admin.person_id}
    found = repair.concerns(session, world.round.id)
    assert [(one.kind, one.note) for one in found] == [("silent", "Three mails, no answer."), ("fit", "")]
    settled = {"programme_id": world.programme.id, "round_id": world.round.id, "concern_id": found[0].id}
    concerns.settle(session, actor=world.admin, **settled)
    with pytest.raises(NotFound):
        concerns.settle(session, actor=world.admin, **settled)
    _end(world, "ai")
    assert repair.concerns(session, world.round.id) == []
    assert len(session.scalars(select(Concern)).all()) == 2


@pytest.mark.parametrize("language", ["ja", "en"])
def test_every_letter_can_be_written_in_both_languages_and_says_no_reason(world, session, config, language):
    for person in session.scalars(select(Person)):
        person.language = language
    session.commit()
    about = {"programme_id": world.programme.id, "match_id": _of(world, "ai").id, "kind": "fit"}
    concerns.tell(session, actor=world.actor("ai"), **about, note="SECRET")
    written = _write(session, config)
    _end(world, "ai", note="SECRET")
    people.withdraw(
        session, actor=world.admin, programme_id=world.programme.id, enrolment_id=world.people["host-bo"].id
    )
    world.people["next"].state = EnrolmentState.PAUSED
    session.commit()
    fall_through.carry_out(session, round_id=world.round.id)
    written |= _write(session, config)
    assert {"match_ended_intern", "match_ended_host", "match_changed", "place_open", "concern_told"} <= written.keys()
    assert all("SECRET" not in text and "$" not in text for text in written.values())


def _write(session, config) -> dict[str, str]:
    session.rollback()
    written = {}
    for message in session.scalars(select(Message)):
        person = session.get_one(Person, message.person_id)
        desk = letters.Desk(session, config, person, sign_in_links=False)
        try:
            fields = letters.LETTERS[message.kind](desk, message.facts)
        except letters.NotAnyMore:
            continue
        letter = compose(message.kind, desk.speech.language, fields)
        written[message.kind] = f"{letter.subject}\n\n{letter.body}"
    return written
