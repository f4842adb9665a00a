"""Before the run: what will happen is said before it happens, and what is said is true."""

from __future__ import annotations

import json
import random
from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import event, func, select

from mentormatch.core.clock import now
from mentormatch.core.errors import NotFound
from mentormatch.core.roles import Role
from mentormatch.models import Enrolment, Feasibility, Job, JobState, Message, Person, Round, Rule
from mentormatch.queries import participation, readiness, supply
from mentormatch.queries.readiness import Work
from mentormatch.services import feasibility, people, rounds
from mentormatch.worker.loop import Worker
from tests.factories import a_client, a_staff_member, post
from tests.integration.rounds_world import a_small_world, a_world

ASKS = {"HX-Request": "true", "HX-Target": "mm-possible"}


@pytest.fixture
def world(session):
    return a_small_world(session)


@pytest.fixture
def client(app, session, world):
    return a_client(app, session, session.get(Person, world.admin.person_id))


@pytest.fixture
def page(world):
    return f"/programmes/{world.programme.slug}/rounds/1/readiness"


def work_out(world) -> readiness.Known:
    feasibility.work_out(world.session, round_id=world.round_id, keep_alive=lambda: True)
    return readiness.known(world.session, world.programme.id, world.round_id)


# -- what is possible


def test_it_names_whom_the_rules_leave_nobody_and_what_would_help(session, world):
    world.enrol("intern-alone", Role.INTERN, "sea", profile={"languages": [["pt", 4]]})
    known = work_out(world)
    figures = known.tracks[Role.MENTOR]
    assert (figures["interns"], figures["coverage"], figures["nobody"]) == (4, 3, 1)
    (stranded,) = figures["stranded"]
    assert known.names[stranded["intern"]].family == "intern-alone"
    assert stranded["removed"] == {"shared_language": 3}
    assert stranded["helps"] == [{"rule": "shared_language", "to": None, "hosts": 3}]
    assert figures["rules"][0]["rule"] == "shared_language"
    assert figures["rules"][0]["gain"] == 1


def test_what_would_help_does_help(session, world):
    world.enrol("intern-alone", Role.INTERN, "sea", profile={"languages": [["pt", 4]]})
    gain = work_out(world).tracks[Role.MENTOR]["rules"][0]["gain"]
    world.run()
    before = world.session.get(Round, world.round_id).run.summary["pairs"]
    session.execute(select(Rule).where(Rule.kind == "shared_language")).scalar_one().active = False
    session.commit()
    world.run()
    session.expire_all()
    assert world.session.get(Round, world.round_id).run.summary["pairs"] == before + gain


def test_a_problem_that_cannot_be_solved_is_said(session, world):
    world.people["mentor-sea"].minimum = 2
    world.people["mentor-law"].minimum = world.people["mentor-art"].minimum = 1
    session.commit()
    known = work_out(world)
    assert known.tracks == {}
    assert "minimum" in str(known.problem)


def test_a_change_makes_it_old_and_an_export_does_not(session, world):
    assert work_out(world).fresh
    people.pause(
        session, actor=world.admin, programme_id=world.programme.id, enrolment_id=world.people["intern-sea"].id
    )
    assert not readiness.known(session, world.programme.id, world.round_id).fresh
    assert work_out(world).fresh
    rounds.remind(session, actor=world.admin, round_id=world.round_id)
    assert readiness.known(session, world.programme.id, world.round_id).fresh
    world.people["mentor-sea"].profile = {"industries": ["law"]}
    session.commit()
    assert not readiness.known(session, world.programme.id, world.round_id).fresh


def test_it_is_asked_for_once_and_done_by_the_worker(session, world, engine, config):
    for _ in range(2):
        feasibility.ask(session, actor=world.admin, round_id=world.round_id)
    assert session.scalar(select(func.count()).select_from(Job)) == 1
    assert readiness.known(session, world.programme.id, world.round_id).work is Work.UNDER_WAY
    session.rollback()
    assert Worker(engine=engine, config=config, way=None, sign_in_links=False).run_job()
    known = readiness.known(session, world.programme.id, world.round_id)
    assert (known.work, known.fresh, known.tracks[Role.MENTOR]["coverage"]) == (Work.NONE, True, 3)
    feasibility.ask(session, actor=world.admin, round_id=world.round_id)
    assert readiness.known(session, world.programme.id, world.round_id).work is Work.UNDER_WAY


def test_a_worker_that_has_lost_its_lease_leaves_what_was_known(session, world):
    feasibility.work_out(session, round_id=world.round_id, keep_alive=lambda: False)
    assert session.scalar(select(func.count()).select_from(Feasibility)) == 0


def test_a_round_of_others_cannot_be_asked_about(session, world):
    other = a_small_world(session)
    with pytest.raises(NotFound):
        feasibility.ask(session, actor=other.admin, round_id=world.round_id)


# -- supply and demand, against counting by hand


def _people(session, world, seed):
    rng = random.Random(seed)
    fields, codes = ["sea", "Law", "law ", "art"], ["ja", "en", "pt"]
    for number in range(rng.randrange(2, 12)):
        role = rng.choice([Role.INTERN, Role.MENTOR])
        profile = {
            "industries": rng.sample(fields, rng.randrange(1, 3)),
            "languages": [[code, rng.randrange(1, 5)] for code in rng.sample(codes, rng.randrange(1, 3))],
            "free_time": [[rng.randrange(7), start, start + 90] for start in rng.sample([480, 660, 1000, 1300], 2)],
            **({"place": rng.choice(["東京", "Osaka"])} if rng.random() < 0.7 else {}),
        }
        world.enrol(f"{role}-{number}", role, "", profile=profile, capacity=rng.randrange(4))
        if rng.random() < 0.2:
            del world.people[f"{role}-{number}"].profile["free_time"]
    session.commit()


@pytest.mark.parametrize("seed", range(6))
def test_supply_and_demand_are_those_one_counts_by_hand(session, seed):
    world = a_world(session)
    _people(session, world, seed)
    session.get(Round, world.round_id).most_interns = 2
    session.commit()
    numbers = supply.totals(session, world.round, [Role.MENTOR])[Role.MENTOR]
    made = supply.markets(session, world.round, [Role.MENTOR], level=2)[Role.MENTOR]
    found = supply.Market.from_json(json.loads(json.dumps(made.to_json())))
    rows = list(world.people.values())
    interns = [row for row in rows if row.role is Role.INTERN]
    mentors = [row for row in rows if row.role is Role.MENTOR]
    places = {row.id: min(2, row.capacity) for row in mentors}
    assert (numbers.interns, numbers.hosts, numbers.places) == (len(interns), len(mentors), sum(places.values()))
    assert numbers.unlimited == sum(row.capacity for row in mentors)
    law = [row for row in rows if {"Law", "law "} & set(row.profile["industries"])]
    lines = {line.label.strip().casefold(): line for line in found.fields.lines}
    if law:
        assert lines["law"].interns == sum(row.role is Role.INTERN for row in law)
        assert lines["law"].places == sum(places.get(row.id, 0) for row in law)
    for code in ("ja", "en", "pt"):
        line = next((one for one in found.languages.lines if one.label == code), supply.Line(code))
        good = {row.id: {c for c, level in row.profile["languages"] if level >= 2} for row in rows}
        assert line.interns == sum(code in good[row.id] for row in interns)
        assert line.only == sum(good[row.id] == {code} for row in interns)
        assert line.places == sum(places[row.id] for row in mentors if code in good[row.id])
    for day in range(7):
        for part in range(5):
            free = [row for row in rows if _is_free(row, day, part)]
            slot = found.week[day][part]
            assert slot.interns == sum(row.role is Role.INTERN for row in free)
            assert slot.places == sum(places.get(row.id, 0) for row in free)
    assert found.areas.interns_silent == sum("place" not in row.profile for row in interns)


def _is_free(row: Enrolment, day: int, part: int) -> bool:
    begin, stop = supply.PARTS[part], supply.PARTS[part + 1]
    minutes = [
        minute
        for weekday, start, end in row.profile.get("free_time", ())
        if weekday == day
        for minute in range(start, end)
        if begin <= minute < stop
    ]
    return len(minutes) >= 30


def test_who_has_somebody_seeks_nobody_and_their_hosts_have_less(session, world):
    world.run()
    world.publish()
    world.new_round()
    world.enrol("intern-new", Role.INTERN, "sea")
    numbers = supply.totals(session, world.round, [Role.MENTOR])[Role.MENTOR]
    assert (numbers.interns, numbers.places, numbers.hosts) == (1, 1, 3)
    found = supply.markets(session, world.round, [Role.MENTOR])[Role.MENTOR]
    assert [(line.label, line.interns, line.places) for line in found.fields.lines if line.interns] == [("sea", 1, 1)]


def test_completeness_counts_what_is_expected_and_missing(session, world):
    found = participation.completeness(session, world.programme.id, listed=2)
    assert found.incomplete == len(readiness.incomplete(session, world.programme.id)) == 6
    assert len(found.most) == 2
    by_hand = Counter()
    for row in world.people.values():
        expected = participation.EXPECTED[row.role]
        share = 100 * sum(key in row.profile for key in expected) // len(expected)
        by_hand[row.role, sum(share >= start for start in (25, 50, 75, 100))] += 1
    assert {(role, place): n for role, counts in found.groups.items() for place, n in enumerate(counts) if n} == by_hand


# -- the forecast


def test_sign_ups_are_counted_by_the_days_of_the_programme(session, world):
    moment = now().replace(hour=18, minute=0)  # 03:00 of the next day in Tokyo
    for number, row in enumerate(world.people.values()):
        row.created_at = moment - timedelta(days=number, hours=4)  # 23:00 of a day in Tokyo
    session.commit()
    found = participation.signups(
        session, world.programme.id, zone="Asia/Tokyo", until=moment + timedelta(days=9), moment=moment
    )
    interns = dict(found[Role.INTERN].days)
    assert [interns[day] for day in sorted(interns)] == [1, 0, 1, 0, 1]
    assert found[Role.INTERN].expected is participation.Silence.FEW


def test_the_forecast_is_a_range_with_its_basis(client, session, world, page):
    for number in range(40):
        row = world.enrol(f"late-{number}", Role.INTERN, "sea")
        row.created_at = now() - timedelta(days=1 + number % 10)
    session.get(Round, world.round_id).matching_at = now() + timedelta(days=10)
    session.commit()
    text = client.get(page).text
    assert "40 signed up in the last 10 days." in text
    session.get(Round, world.round_id).matching_at = None
    session.commit()
    assert "Plan the day of the matching" in client.get(page).text


# -- the page


@pytest.mark.parametrize("language", ["ja", "en"])
def test_the_page_in_both_languages_before_and_after_the_work(client, session, world, page, language):
    post(client, "/language", {"language": language})
    world.enrol("intern-alone", Role.INTERN, "sea", profile={"languages": [["pt", 4]], "place": "東京"})
    assert client.get(page).status_code == 200
    work_out(world)
    text = client.get(page).text
    assert "intern-alone" in text
    said = "At most 3 of 4 interns can get a mentor" if language == "en" else "インターン4名のうち最大3名です"
    assert said in text


def test_the_page_asks_by_itself_and_a_browser_without_scripts_by_a_button(client, session, world, page):
    text = client.get(page).text
    assert 'hx-trigger="load, submit"' in text
    answer = post(client, page)
    assert (answer.status_code, answer.location) == (303, page)
    assert 'hx-trigger="every 2s"' in client.get(page).text
    part = client.get(page, headers=ASKS).text
    assert "<html" not in part
    assert 'id="mm-possible"' in part
    session.execute(Job.__table__.update().values(state=JobState.FAILED))
    session.commit()
    text = client.get(page).text
    assert "could not be worked out" in text
    assert 'hx-trigger="submit"' in text
    assert 'id="mm-ready"' in client.get(page, headers=ASKS | {"HX-Target": "mm-ready"}).text


def test_too_few_places_are_said_in_words(client, session, world, page):
    for name in ("one", "two", "three"):
        world.enrol(f"intern-{name}", Role.INTERN, "sea", profile={"languages": [["fr", 4]]})
    world.enrol("mentor-fr", Role.MENTOR, "sea", profile={"languages": [["fr", 3]]}, capacity=2)
    work_out(world)
    text = client.get(page).text
    assert "3 interns can only be matched with 1 mentor (2 places in all): 1 must be left over." in text
    assert "Everybody else is ruled out for them: no language in common" in text


def test_the_limit_of_a_round_takes_places_away_and_binds_the_run(client, session, world, page):
    world.enrol("intern-more", Role.INTERN, "sea")
    answer = post(client, page.replace("readiness", "settings"), {"answer_days": "7", "rev": "1", "most_interns": "1"})
    assert answer.status_code == 303
    text = client.get(page).text
    assert "At most 1 intern for each host in this round. Without that limit: 1 place more." in text
    world.run()
    session.expire_all()
    summary = session.get(Round, world.round_id).run.summary
    assert (summary["pairs"], summary["unmatched"]) == (3, 1)
    answer = post(client, page.replace("readiness", "settings"), {"answer_days": "7", "rev": "1", "most_interns": "0"})
    assert answer.status_code == 422


@pytest.mark.parametrize("roles", [(), (Role.INTERN,), (Role.MENTOR,)])
def test_nobody_or_one_side_alone(app, session, roles):
    world = a_world(session, ("mentor", "alumnus"))
    for number, role in enumerate(roles * 3):
        world.enrol(f"p{number}", role, "sea")
    client = a_client(app, session, session.get(Person, world.admin.person_id))
    url = f"/programmes/{world.programme.slug}/rounds/1/readiness"
    assert client.get(url).status_code == 200
    work_out(world)
    for query in ("", "?track=alumnus", "?track=boss"):
        assert client.get(url + query).status_code == 200


def test_it_takes_the_same_queries_for_six_people_and_for_sixty(client, session, world, page):
    def count() -> int:
        seen = []

        def listener(*arguments: object) -> None:
            seen.append(arguments[2])

        with client.application.app_context():
            inner = client.application.extensions["mentormatch"].db.engine
        event.listen(inner, "before_cursor_execute", listener)
        assert client.get(page).status_code == 200
        event.remove(inner, "before_cursor_execute", listener)
        return len(seen)

    world.enrol("intern-alone", Role.INTERN, "sea", profile={"languages": [["pt", 4]]})
    work_out(world)
    before = count()
    for number in range(54):
        role = Role.INTERN if number % 2 else Role.MENTOR
        world.enrol(f"more-{number}", role, f"f{number}", profile={"languages": [["pt", 4]]} if number % 5 else {})
    work_out(world)
    assert count() == before


def test_only_admins_see_it(app, session, world, page):
    coordinator = a_client(app, session, a_staff_member(session, world.programme, Role.COORDINATOR))
    assert coordinator.get(page).status_code == 403
    assert post(coordinator, page).status_code == 403
    assert session.scalar(select(func.count()).select_from(Job)) == 0


def test_those_who_have_not_finished_are_reminded_from_the_page(client, session, world, page):
    answer = post(client, page.replace("readiness", "remind"))
    assert answer.status_code == 303
    assert session.scalar(select(func.count()).select_from(Message)) == 6


def test_the_overview_knows_how_many_can_be_matched(client, session, world):
    work_out(world)
    brief = readiness.outlook(session, world.programme.id)
    assert (brief.number, brief.tracks) == (1, [(Role.MENTOR, 3, 3)])
