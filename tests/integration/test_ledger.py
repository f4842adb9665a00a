"""The ledger across rounds, and the previously unmatched: against counting by hand."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from datetime import timedelta
from io import BytesIO

import pytest
from openpyxl import load_workbook
from sqlalchemy import event, func, select

from mentormatch.core.clock import now
from mentormatch.core.roles import Role
from mentormatch.models import AuditEvent, Enrolment, Match, MatchState, Person, Round, RoundState, Run, Unmatched
from mentormatch.queries import ledger, problems, waiting
from mentormatch.queries.waiting import Wait
from tests.factories import a_client, a_staff_member, post
from tests.integration.rounds_world import a_small_world, a_world

FAILED = {MatchState.DECLINED, MatchState.EXPIRED}
LIVING = {MatchState.PROPOSED, MatchState.ACCEPTED}


@pytest.fixture
def world(session):
    return a_small_world(session)


@pytest.fixture
def client(app, session, world):
    return a_client(app, session, session.get(Person, world.admin.person_id))


@pytest.fixture
def page(world):
    return f"/programmes/{world.programme.slug}/rounds/ledger"


def a_history(session, seed):
    """Return a world with several published rounds, and by hand what each gave: (round, intern) -> [(host, state)]."""
    rng = random.Random(seed)
    world = a_world(session)
    interns = [world.enrol(f"intern-{n}", Role.INTERN, "sea") for n in range(5)]
    mentors = [world.enrol(f"mentor-{n}", Role.MENTOR, "sea", capacity=3) for n in range(3)]
    given: dict[tuple[int, int], list[tuple[int, MatchState]]] = defaultdict(list)
    lives: set[int] = set()
    for number in range(2, 5):
        round_ = Round(programme_id=world.programme.id, number=number, state=RoundState.CLOSED, published_at=now())
        session.add(round_)
        session.flush()
        run = Run(round_id=round_.id, number=1)
        session.add(run)
        session.flush()
        round_.run_id = run.id
        for intern in interns:
            if rng.random() < 0.3:
                continue
            outcomes = given[number, intern.id]
            if rng.random() < 0.4:
                session.add(Unmatched(run_id=run.id, track=Role.MENTOR, intern_id=intern.id))
            for host in rng.sample(mentors, rng.choice([0, 1, 1, 2])):
                state = rng.choice([one for one in MatchState if one not in LIVING or intern.id not in lives])
                lives |= {intern.id} if state in LIVING else set()
                outcomes.append((host.id, state))
                session.add(
                    Match(
                        round_id=round_.id,
                        track=Role.MENTOR,
                        intern_id=intern.id,
                        host_id=host.id,
                        state=state,
                        answer_by=now() + timedelta(days=1),
                    )
                )
            alone = session.new and any(
                isinstance(one, Unmatched) and one.intern_id == intern.id for one in session.new
            )
            if not outcomes and not alone:
                del given[number, intern.id]
            session.flush()
    session.commit()
    return world, interns, mentors, given


@pytest.mark.parametrize("seed", range(8))
def test_the_ledger_is_what_one_counts_by_hand(session, seed):
    world, interns, mentors, given = a_history(session, seed)
    rows = {row.intern.id: row for row in ledger.interns(session, world.programme.id, Role.MENTOR).items}
    waits = waiting.waits(session, world.programme.id)
    for intern in interns:
        row = rows[intern.id]
        mine = {number: given[number, intern.id] for number in (2, 3, 4) if (number, intern.id) in given}
        alone = [number for number, got in mine.items() if all(state in FAILED for _, state in got)]
        everything = [state for got in mine.values() for _, state in got]
        assert (row.rounds, row.alone, row.since) == (len(mine), len(alone), min(alone, default=None))
        assert row.settled is any(state in LIVING for state in everything)
        assert row.rematched == max(0, len(everything) - 1)
        assert waits.get((Role.MENTOR, intern.id)) == (Wait(len(alone), min(alone)) if alone else None)
        told = Counter((one.number, one.host.id if one.host else None) for one in row.outcomes)
        expected = Counter((number, host) for number, got in mine.items() for host, _ in got)
        assert told == expected + Counter((number, None) for number in alone)
    hosts = {row.host.id: row for row in ledger.hosts(session, world.programme.id, Role.MENTOR).items}
    for mentor in mentors:
        row = hosts[mentor.id]
        pairs = [(n, i, state) for (n, i), got in given.items() for host, state in got if host == mentor.id]
        assert row.load == sum(state in LIVING for _, _, state in pairs)
        assert row.served == len({intern for _, intern, state in pairs if state not in FAILED})
        assert row.declined == sum(state is MatchState.DECLINED for _, _, state in pairs)
        assert row.expired == sum(state is MatchState.EXPIRED for _, _, state in pairs)
        assert row.by_round == Counter(n for n, _, state in pairs if state not in FAILED)
        assert row.free == max(0, 3 - row.load)
    spread = ledger.spread(session, world.programme.id, Role.MENTOR)
    loads = [row.load for row in hosts.values()]
    assert (spread.hosts, spread.most, spread.least) == (3, max(loads), min(loads))
    assert spread.mean == pytest.approx(sum(loads) / 3)
    assert spread.waiting == sum(row.waits for row in rows.values())


@pytest.mark.parametrize("seed", range(4))
def test_every_order_is_one_and_search_narrows(session, seed):
    world, *_ = a_history(session, seed)
    keys = {
        "waiting": lambda row: -(0 if row.settled else row.alone),
        "fit": lambda row: (row.points is None, row.points),
        "rounds": lambda row: -row.rounds,
        "rematched": lambda row: -row.rematched,
        "name": lambda row: row.intern.name.family,
    }
    for order in ledger.INTERN_ORDERS:
        rows = ledger.interns(session, world.programme.id, Role.MENTOR, order=order).items
        assert [keys[order](row) for row in rows] == sorted(keys[order](row) for row in rows)
    keys = {
        "load": lambda row: -row.load,
        "served": lambda row: -row.served,
        "declined": lambda row: -(row.declined + row.expired),
        "free": lambda row: -(row.host.capacity - row.load),
        "name": lambda row: row.host.name.family,
    }
    for order in ledger.HOST_ORDERS:
        rows = ledger.hosts(session, world.programme.id, Role.MENTOR, order=order).items
        assert [keys[order](row) for row in rows] == sorted(keys[order](row) for row in rows)
    found = ledger.interns(session, world.programme.id, Role.MENTOR, search="intern-3")
    assert [row.intern.name.family for row in found.items] == ["intern-3"]
    assert ledger.interns(session, world.programme.id, Role.MENTOR, search="%").items == []


# -- the previously unmatched in the next problem


def _publish_without(world, intern: str) -> None:
    """Run and publish a round in which `intern` is the one too many."""
    world.run()
    world.publish()
    assert world.session.scalars(select(Unmatched.intern_id)).all()[-1] == world.people[intern].id


def test_who_got_nobody_comes_with_the_number_of_rounds(session, world):
    world.enrol("intern-alone", Role.INTERN, "sea", profile={"languages": [["pt", 4]]})
    for number in (1, 2):
        _publish_without(world, "intern-alone")
        world.new_round()
        problem = problems.of_round(session, programme_id=world.programme.id, round_id=world.round_id)
        waited = {row["id"]: row.get("waited") for row in problem.interns}
        assert waited == {world.people["intern-alone"].id: number}
    # A round that is not published yet counts for nothing, and the first one is remembered.
    world.run()
    assert waiting.waits(session, world.programme.id) == {
        (Role.MENTOR, world.people["intern-alone"].id): Wait(rounds=2, since=1)
    }


def test_a_declined_intern_has_waited_and_a_late_comer_settles_it(session, world):
    world.run()
    world.publish()
    match = session.scalars(select(Match).where(Match.intern_id == world.people["intern-sea"].id)).one()
    match.state = MatchState.DECLINED
    session.commit()
    key = (Role.MENTOR, world.people["intern-sea"].id)
    assert waiting.waits(session, world.programme.id) == {key: Wait(1, 1)}
    assert waiting.waits(session, world.programme.id, but=world.round_id) == {}
    assert waiting.waits(session, world.programme.id, interns=[world.people["intern-law"].id]) == {}
    session.add(
        Match(
            round_id=world.round_id,
            track=Role.MENTOR,
            intern_id=match.intern_id,
            host_id=world.people["mentor-art"].id,
            answer_by=now(),
        )
    )
    session.commit()
    assert waiting.waits(session, world.programme.id) == {}


def test_a_round_limits_the_places_of_each_host(session, world):
    session.get(Round, world.round_id).most_interns = 1
    session.commit()
    problem = problems.of_round(session, programme_id=world.programme.id, round_id=world.round_id)
    assert [row["capacity"] for row in problem.hosts["mentor"]] == [1, 1, 1]
    assert max(row["capacity"] for row in problems.of_programme(session, world.programme.id).hosts["mentor"]) == 2


# -- the pages


@pytest.mark.parametrize("language", ["ja", "en"])
def test_the_pages_in_both_languages(client, session, world, page, language):
    post(client, "/language", {"language": language})
    for side in ("interns", "hosts", "nonsense"):
        assert client.get(f"{page}?side={side}").status_code == 200
    world.enrol("intern-alone", Role.INTERN, "sea", profile={"languages": [["pt", 4]]})
    _publish_without(world, "intern-alone")
    world.new_round()
    world.run()
    since = "waited since round 1" if language == "en" else "第1回から待機中"
    assert since in client.get(page).text
    assert since in client.get(page.replace("ledger", "2/review?tab=unmatched")).text
    for side, orders in (("interns", ledger.INTERN_ORDERS), ("hosts", ledger.HOST_ORDERS)):
        for order in (*orders, "boss"):
            assert client.get(f"{page}?side={side}&order={order}&q=e&page=2&track=x").status_code == 200


def test_the_review_says_how_the_load_is_spread(client, session, world, page):
    world.run()
    assert "Interns with one host: 1 at most, 1.0 on average" in client.get(page.replace("ledger", "1/review")).text


def test_a_japanese_name_of_a_file_reaches_the_browser(client, session, world, page):
    post(client, "/language", {"language": "ja"})
    world.run()
    for answer in (
        post(client, f"{page}/export", {"side": "hosts", "form": "csv"}),
        client.get(page.replace("ledger", "1/review/pairs.csv")),
    ):
        header = answer.headers["Content-Disposition"]
        assert header.isascii()  # a header line is Latin-1: anything else ends the connection
        assert "filename*=UTF-8''" in header


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_the_ledger_leaves_as_a_sheet_and_in_the_trail(client, session, world, page, form):
    world.run()
    world.publish()
    answer = post(client, f"{page}/export", {"side": "interns", "form": form})
    assert answer.status_code == 200
    assert f".{form}" in answer.headers["Content-Disposition"]
    if form == "xlsx":
        sheet = load_workbook(BytesIO(answer.data)).active
        rows = [[cell.value for cell in row] for row in sheet.rows]
    else:
        rows = [line.split(",") for line in answer.data.decode("utf-8-sig").splitlines()]
    assert [row[1] for row in rows] == ["Intern", "intern-art", "intern-law", "intern-sea"]
    assert {row[9] for row in rows[1:]} == {f"1: mentor-{work} (No answer yet)" for work in ("art", "law", "sea")}
    assert post(client, f"{page}/export", {"side": "hosts", "form": form}).status_code == 200
    found = session.scalars(select(AuditEvent).where(AuditEvent.action == "ledger.exported")).all()
    assert [event.detail["side"] for event in found] == ["interns", "hosts"]
    assert post(client, f"{page}/export", {"side": "mine", "form": form}).status_code == 422


def test_the_ledger_is_for_admins_and_of_their_own_programme(app, session, world, page):
    coordinator = a_client(app, session, a_staff_member(session, world.programme, Role.COORDINATOR))
    assert coordinator.get(page).status_code == 403
    intern = a_client(app, session, session.get(Person, world.people["intern-sea"].person_id))
    assert intern.get(page).status_code == 403
    other = a_small_world(session)
    stranger = a_client(app, session, session.get(Person, other.admin.person_id))
    assert stranger.get(page).status_code == 404
    assert post(stranger, f"{page}/export", {"side": "interns", "form": "csv"}).status_code == 404
    assert (
        session.scalar(select(func.count()).select_from(AuditEvent).where(AuditEvent.action == "ledger.exported")) == 0
    )


def test_it_takes_the_same_queries_however_many_there_are(session, world):
    def count() -> int:
        session.expire_all()
        seen = []

        def listener(*arguments: object) -> None:
            seen.append(arguments[2])

        event.listen(session.get_bind(), "before_cursor_execute", listener)
        ledger.interns(session, world.programme.id, Role.MENTOR)
        ledger.hosts(session, world.programme.id, Role.MENTOR)
        ledger.spread(session, world.programme.id, Role.MENTOR)
        event.remove(session.get_bind(), "before_cursor_execute", listener)
        return len(seen)

    world.run()
    world.publish()
    before = count()
    for number in range(20):
        world.enrol(f"more-{number}", Role.INTERN if number % 2 else Role.MENTOR, "sea")
    world.new_round()
    world.run()
    world.publish()
    assert session.scalar(select(func.count()).select_from(Enrolment)) == 26
    assert count() == before
