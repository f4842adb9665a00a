"""The review of a round: what it shows, what an admin decides there, letters before they leave, publishing, export."""

from __future__ import annotations

import csv
import io
import json
import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from openpyxl import load_workbook
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from mentormatch.core.roles import Role
from mentormatch.models import (
    AuditEvent,
    Decision,
    Enrolment,
    Match,
    Message,
    Person,
    Proposal,
    RoundState,
    Run,
    Unmatched,
)
from mentormatch.queries import review, review_pair
from mentormatch.services import accounts, matches, publication
from tests.factories import a_client, post
from tests.integration.rounds_world import World, a_small_world, a_world


@pytest.fixture
def world(session: Session) -> World:
    """Three interns and three mentors, one field each, after a run; each pair is the obvious one."""
    made = a_small_world(session)
    made.run()
    return made


@pytest.fixture
def client(app: Flask, session: Session, world: World) -> FlaskClient:
    return _client(app, session, world)


def _client(app: Flask, session: Session, world: World) -> FlaskClient:
    return a_client(app, session, session.get(Person, world.admin.person_id))


def _url(world: World, rest: str = "") -> str:
    return f"/programmes/{world.programme.slug}/rounds/{world.round.number}/review{rest}"


def _proposal(session: Session, world: World, intern: str) -> Proposal:
    session.rollback()
    found = select(Proposal).where(Proposal.intern_id == world.people[intern].id)
    return session.scalars(found.order_by(Proposal.id.desc())).first()


def _form(world: World, intern: str, host: str, kind: str, **values: str) -> dict[str, object]:
    one, other = world.people[intern], world.people[host]
    return {"track": str(other.role), "intern": one.id, "host": other.id, "kind": kind, **values}


def _decided(session: Session, world: World) -> set[tuple[str, str, str]]:
    session.rollback()
    called = {row.id: name for name, row in world.people.items()}
    return {(called[one.intern_id], called[one.host_id], str(one.kind)) for one in session.scalars(select(Decision))}


def test_a_round_without_a_result_says_so(app, session):
    empty = a_small_world(session)
    answer = _client(app, session, empty).get(_url(empty))
    assert (answer.status_code, "Nothing to review yet" in answer.text) == (200, True)


def test_the_page_shows_the_run_honestly(client, session, world):
    text = client.get(_url(world)).text
    assert "Draft, only admins can see this" in text
    assert re.search(r"3 interns · 3 mentors · 4 places in all · proved best in \d+\.\d s, today \d\d:\d\d", text)
    assert text.count('id="pair-') == 3
    run = session.scalars(select(Run)).one()
    run.summary = {
        **run.summary,
        "status": "stopped",
        "upper_bound": run.summary["objective"] + 601,
        "coverage_bound": 4,
    }
    session.commit()
    text = client.get(_url(world)).text
    assert "at most 1 more pair is possible and the mean fit can be at most 2.0 higher" in text
    assert "proved best" not in text


def test_the_points_shown_add_up(client, session, world):
    found = _proposal(session, world, "intern-sea")
    text = client.get(_url(world, f"/pairs/{found.id}")).text
    total = int(re.search(r"Where the (\d+) points come from", text)[1])
    assert total == review.shown(found.points)
    assert sum(map(int, re.findall(r'<span class="n"><b>(\d+)</b>', text))) == total


@pytest.mark.parametrize("language", ["en", "ja"])
def test_every_list_answers_in_both_languages(client, world, language):
    post(client, "/language", {"language": language})
    for tab in ("pairs", "unmatched", "look", "hosts", "decisions", "answers", "nonsense"):
        assert client.get(_url(world, f"?tab={tab}&low=60&sort=best&page=1")).status_code == 200
    assert client.get(_url(world, "/history")).status_code == 200
    assert client.get(_url(world, "/publish")).status_code == 200


@pytest.mark.parametrize(
    "query", ["?page=99999999999999999999", "?page=-1", "?low=7", "?q=%00%ff", "?track=boss", "?compare=x"]
)
def test_an_address_that_makes_no_sense_reads_as_the_usual_one(client, world, query):
    assert client.get(_url(world, query)).status_code == 200


def test_search_filter_and_order(client, session, world):
    def listed(query: str) -> list[str]:
        shown = re.findall(r'id="pair-(\d+)"', client.get(_url(world, query)).text)
        names = {str(_proposal(session, world, name).id): name for name in world.people if name.startswith("intern")}
        return [names[one] for one in shown]

    assert listed("?q=mentor-law") == ["intern-law"]
    assert listed("?q=intern-art mentor-art") == ["intern-art"]
    assert listed("?q=intern-art mentor-law") == []
    assert listed("?sort=intern") == ["intern-art", "intern-law", "intern-sea"]
    assert listed("?sort=fit") == list(reversed(listed("?sort=best"))) or len(set(listed("?sort=fit"))) == 3
    post(client, _url(world, "/decide"), _form(world, "intern-law", "mentor-law", "pin"))
    assert listed("?show=pinned") == ["intern-law"]
    assert listed("?show=refused") == []


def test_the_page_takes_the_same_queries_for_three_pairs_and_for_thirty(app, session):
    with app.app_context():
        engine = app.extensions["mentormatch"].db.engine

    def count(world: World, path: str) -> int:
        client, url, seen = _client(app, session, world), _url(world, path), []
        listener = lambda *given: seen.append(given[2])  # noqa: E731 - one expression
        event.listen(engine, "before_cursor_execute", listener)
        assert client.get(url).status_code == 200
        event.remove(engine, "before_cursor_execute", listener)
        return len(seen)

    few = a_small_world(session)
    few.run()
    many = a_world(session)
    for number in range(30):
        many.enrol(f"intern-{number}", Role.INTERN, f"work {number}")
    for number in range(15):
        many.enrol(f"mentor-{number}", Role.MENTOR, f"work {number}", capacity=2)
    many.run()
    for number in range(15):
        post(
            _client(app, session, many),
            _url(many, "/decide"),
            _form(many, f"intern-{number}", f"mentor-{number}", "pin"),
        )
    post(_client(app, session, few), _url(few, "/decide"), _form(few, "intern-sea", "mentor-sea", "pin"))
    for path in ("", "?tab=unmatched", "?tab=hosts", "?tab=decisions", "?q=intern"):
        assert count(many, path) == count(few, path), path


def test_pin_veto_skip_and_back(client, session, world):
    for kind in ("pin", "skip", "veto"):
        answer = post(client, _url(world, "/decide"), _form(world, "intern-sea", "mentor-sea", kind))
        assert answer.status_code == 303
        assert _decided(session, world) == {("intern-sea", "mentor-sea", kind)}
    text = client.get(_url(world)).text
    assert "1 change not applied" in text
    assert "Vetoed" in text
    post(client, _url(world, "/decide"), _form(world, "intern-sea", "mentor-sea", ""))
    assert _decided(session, world) == set()
    assert "not applied" not in client.get(_url(world)).text


def test_a_decision_may_carry_a_note(client, session, world):
    post(
        client, _url(world, "/decide"), _form(world, "intern-sea", "mentor-sea", "pin", note=" they know <b>each</b> ")
    )
    text = client.get(_url(world, "?tab=decisions")).text
    assert "they know &lt;b&gt;each&lt;/b&gt;" in text
    answer = post(client, _url(world, "/decide"), _form(world, "intern-sea", "mentor-sea", "pin", note="x" * 501))
    assert answer.status_code == 303
    assert session.scalars(select(Decision.note)).one() == "they know <b>each</b>"


def test_another_host_instead_releases_the_one_before(client, session, world):
    post(client, _url(world, "/decide"), _form(world, "intern-law", "mentor-law", "pin"))
    post(client, _url(world, "/decide"), _form(world, "intern-law", "mentor-sea", "pin"))
    assert _decided(session, world) == {("intern-law", "mentor-law", "pin")}
    assert "is already pinned to" in client.get(_url(world)).text
    post(client, _url(world, "/decide"), _form(world, "intern-law", "mentor-sea", "pin", instead="1"))
    assert _decided(session, world) == {("intern-law", "mentor-sea", "pin")}
    assert "To mentor-sea instead" in client.get(_url(world)).text
    world.run()
    assert world.names([_proposal(session, world, "intern-law")]) == {("intern-law", "mentor-sea")}


def test_with_htmx_only_what_changed_comes_back(client, session, world):
    found = _proposal(session, world, "intern-sea")
    form = _form(world, "intern-sea", "mentor-sea", "pin", shown=str(found.id), back=_url(world, "?sort=best"))
    answer = post(client, _url(world, "/decide"), form, headers={"HX-Request": "true"})
    assert answer.status_code == 200
    assert json.loads(answer.headers["HX-Trigger"]) == {"mm:say": {"value": "Pinned: intern-sea and mentor-sea."}}
    assert f'<template><tr role="row" id="pair-{found.id}" hx-swap-oob="morph"' in answer.text
    assert '<div id="mm-changes" hx-swap-oob="morph">' in answer.text
    assert 'id="mm-decide" hx-swap-oob="morph"' in answer.text
    assert "<html" not in answer.text
    world.decide("intern-law", "mentor-law", "pin")
    refused = post(
        client, _url(world, "/decide"), _form(world, "intern-art", "mentor-law", "pin"), headers={"HX-Request": "true"}
    )
    assert refused.status_code == 409
    assert "all of them are taken by pinned or published pairs" in refused.text


@pytest.mark.parametrize(
    "broken", [{"kind": "marry"}, {"track": "boss"}, {"intern": "x"}, {"host": "9" * 30}, {"intern": ""}]
)
def test_a_mangled_form_changes_nothing(client, session, world, broken):
    answer = post(client, _url(world, "/decide"), {**_form(world, "intern-sea", "mentor-sea", "pin"), **broken})
    assert answer.status_code in {303, 404}
    assert _decided(session, world) == set()


def test_the_way_back_stays_on_this_site(client, world):
    form = _form(world, "intern-sea", "mentor-sea", "pin", back="//elsewhere.example/")
    assert post(client, _url(world, "/decide"), form).location == _url(world)


def test_undo_all(client, session, world):
    for intern in ("intern-sea", "intern-law"):
        post(client, _url(world, "/decide"), _form(world, intern, "mentor-art", "veto"))
    assert "2 changes not applied" in client.get(_url(world)).text
    post(client, _url(world, "/undo"))
    assert _decided(session, world) == set()


def test_a_vetoed_pair_does_not_come_back_and_undo_restores_what_was_applied(client, session, world):
    post(client, _url(world, "/decide"), _form(world, "intern-sea", "mentor-sea", "veto"))
    assert post(client, _url(world).replace("review", "run")).location.endswith("/running")
    session.rollback()
    newest = session.scalars(select(Run.id).order_by(Run.number.desc())).first()
    from mentormatch.services import runs

    runs.execute(session, run_id=newest, keep_alive=lambda: True)
    assert world.names([_proposal(session, world, "intern-sea")]) != {("intern-sea", "mentor-sea")}
    post(client, _url(world, "/decide"), _form(world, "intern-sea", "mentor-sea", ""))
    text = client.get(_url(world, "?tab=decisions")).text
    assert "Veto taken back" in text
    undo = re.search(r'name="kind" value="veto"', text)
    assert undo is not None
    post(client, _url(world, "/undo"))
    assert _decided(session, world) == {("intern-sea", "mentor-sea", "veto")}


def test_runs_side_by_side_and_the_other_one_chosen(client, session, world):
    first = world.round.run_id
    world.decide("intern-sea", "mentor-sea", "veto")
    second = world.run()
    text = client.get(_url(world)).text
    assert "Compare runs" in text
    assert re.search(r"Run 1 matches 1 more intern|Run 1 raises the mean fit by", text)
    assert "Differs from run 1" in client.get(_url(world, "?compare=1")).text
    past = client.get(_url(world, "?run=1")).text
    assert "You are looking at run 1." in past
    assert "Publish…" not in past
    assert 'data-key="p"' not in past
    rev = world.round.rev
    post(client, _url(world, "/choose"), {"run": first, "rev": rev})
    assert (world.round.run_id, world.round.rev) == (first, rev + 1)
    assert "1 change not applied" in client.get(_url(world)).text
    answer = post(client, _url(world, "/choose"), {"run": second, "rev": rev})
    assert (answer.status_code, world.round.run_id) == (409, first)
    assert session.scalars(select(AuditEvent.action)).all().count("round.run_chosen") == 1


def test_a_run_of_another_round_cannot_be_chosen(app, client, session, world):
    other = a_small_world(session)
    foreign = other.run()
    answer = post(client, _url(world, "/choose"), {"run": foreign, "rev": world.round.rev})
    assert (answer.status_code, world.round.run_id) == (404, _proposal(session, world, "intern-sea").run_id)
    assert client.get(_url(world, f"/pairs/{_proposal(session, other, 'intern-sea').id}")).status_code == 404


def test_why_not_somebody_else(client, session, world):
    intern, host = world.people["intern-sea"], world.people["mentor-law"]
    listed = client.get(_url(world, f"/interns/{intern.id}")).text
    assert listed.index("mentor-sea") < listed.index("mentor-law")
    text = client.get(_url(world, f"/interns/{intern.id}/hosts/{host.id}")).text
    found, run_id = _proposal(session, world, "intern-sea"), world.round.run_id
    detail = review_pair.explain(session, world.programme.id, run_id, Role.MENTOR, intern_id=intern.id, host_id=host.id)
    gap = review.shown(found.points) - review.shown(detail.points)
    assert f"mentor-law would fit {gap} points less than mentor-sea." in text
    assert "All places are taken" in text
    assert sum(part["points"] for part in detail.explanation["parts"]) == detail.points
    assert client.get(_url(world, f"/interns/{host.id}/hosts/{intern.id}")).status_code == 404


def test_a_pair_that_the_rules_forbid_cannot_be_chosen(app, session):
    world = a_small_world(session)
    silent = world.enrol("intern-far", Role.INTERN, "sea", profile={"languages": [["pt", 4]]})
    world.run()
    client = _client(app, session, world)
    text = client.get(_url(world, "?tab=unmatched")).text
    assert "The rules leave none of the 3 mentors" in text
    assert "Without the rule on languages, 3 of them would be possible." in text
    options = client.get(_url(world, f"/interns/{silent.id}")).text
    assert options.count("no language in common") == 3
    assert "Choose this host" not in options
    host = world.people["mentor-sea"]
    assert "The rules forbid this pair." in client.get(_url(world, f"/interns/{silent.id}/hosts/{host.id}")).text
    post(client, _url(world, "/decide"), _form(world, "intern-far", "mentor-sea", "pin"))
    assert _decided(session, world) == set()


def test_an_unmatched_intern_is_matched_by_hand(app, session):
    world = a_small_world(session)
    world.people["mentor-sea"].capacity = 1
    session.commit()
    world.enrol("intern-too-many", Role.INTERN, "law")
    world.run()
    alone = session.scalars(select(Unmatched)).one()
    client = _client(app, session, world)
    text = client.get(_url(world, "?tab=unmatched")).text
    assert "The rules allow 3 of 3 mentors, and all of them are full." in text
    assert "One more place would be enough with: mentor-" in text
    assert f"/interns/{alone.intern_id}" in text
    name = next(name for name, row in world.people.items() if row.id == alone.intern_id)
    form = _form(world, name, "mentor-art", "pin", instead="1", back=_url(world, "?tab=unmatched"))
    post(client, _url(world, "/decide"), form)
    assert "Pinned to mentor-art for the next run" in client.get(_url(world, "?tab=unmatched")).text
    world.run()
    assert world.names([_proposal(session, world, name)]) == {(name, "mentor-art")}


def test_little_time_is_doubted_and_unknown_time_too():
    rules = [
        {"kind": "shared_hours", "verdict": "met", "detail": {"minutes": 59, "needed": 30}},
        {"kind": "shared_language", "verdict": "unknown", "detail": {}},
        {"kind": "not_supervisor", "verdict": "unknown", "detail": {}},
    ]
    assert review.doubts(rules) == (review.Doubt.LITTLE_TIME, review.Doubt.LANGUAGE_UNKNOWN)
    rules[0]["detail"]["minutes"] = 60
    assert review.doubts(rules[:1]) == ()
    rules[0]["verdict"] = "unknown"
    assert review.doubts(rules[:1]) == (review.Doubt.TIME_UNKNOWN,)


@pytest.mark.parametrize("points", [0, 49, 50, 149, 150, 5949, 5950, 9950, 10000])
def test_below_a_fit_means_below_what_is_shown(points):
    for low in (1, 60, 100):
        assert (points < review.below(low)) == (review.shown(points) < low)


def test_publishing_is_refused_while_decisions_wait(client, session, world):
    page = client.get(_url(world, "/publish"))
    run, rev = re.search(r'name="run" value="(\d+)".*?name="rev" value="(\d+)"', page.text, re.DOTALL).groups()
    post(client, _url(world, "/decide"), _form(world, "intern-sea", "mentor-law", "veto"))
    assert "1 change is not applied yet" in client.get(_url(world, "/publish")).text
    answer = post(client, _url(world, "/publish"), {"run": run, "rev": rev})
    assert (answer.status_code, "not applied yet" in answer.text) == (409, True)
    assert (world.round.state, session.scalars(select(Match)).all()) == (RoundState.REVIEW, [])


def test_the_letters_shown_are_the_letters_sent(app, client, session, world, config):
    from mentormatch.channels.letter import compose
    from mentormatch.services import letters

    page = client.get(_url(world, "/publish"), headers={"HX-Request": "true"}).text
    assert page.startswith("<dialog")
    assert "3 letters to 3 interns" in page
    assert "3 letters to 3 mentors" in page
    before = {}
    for audience in ("intern", "mentor"):
        for position in (1, 2, 3):
            shown = client.get(_url(world, f"/letters/{audience}?letter={position}")).text
            before[audience, position] = re.search(r'class="mm-letter[^>]*>(.*?)</div>', shown, re.DOTALL)[1]
    assert client.get(_url(world, "/letters/intern?letter=4")).status_code == 404
    assert client.get(_url(world, "/letters/alumnus")).status_code == 404
    assert client.get(_url(world, "/letters/boss")).status_code == 404
    world.publish()
    session.rollback()
    sent = {}
    kinds = {"match_intern": "intern", "match_host": "mentor"}
    at_once = select(Message).where(Message.kind.in_(kinds)).order_by(Message.kind, Message.id)
    for message in session.scalars(at_once):
        person = session.get(Person, message.person_id)
        desk = letters.Desk(session, config, person, sign_in_links=False)
        text = compose(message.kind, desk.speech.language, letters.LETTERS[message.kind](desk, message.facts)).body
        position = 1 + sum(one == kinds[message.kind] for one, _ in sent)
        sent[kinds[message.kind], position] = text
    plain = {key: text.replace("&#34;", '"').replace("&#39;", "'") for key, text in before.items()}
    assert plain == sent


def test_a_preview_writes_nothing(client, session, world):
    client.get(_url(world, "/letters/intern"))
    session.rollback()
    assert (session.scalars(select(Match)).all(), session.scalars(select(Message)).all()) == ([], [])


def test_published_once_and_the_answers_shown(client, session, world):
    page = client.get(_url(world, "/publish")).text
    run, rev = re.search(r'name="run" value="(\d+)".*?name="rev" value="(\d+)"', page, re.DOTALL).groups()
    assert post(client, _url(world, "/publish"), {"run": run, "rev": rev}).location == _url(world)
    assert post(client, _url(world, "/publish"), {"run": run, "rev": rev}).status_code == 303
    assert post(client, _url(world).replace("/review", "/publishing/now")).status_code == 303
    publication.carry_out(session, round_id=world.round_id)
    found = session.scalars(select(Match).order_by(Match.id)).all()
    assert len(found) == 3
    for match, answer in zip(found, ("accept", "decline"), strict=False):
        from mentormatch.queries import actors

        host = session.get(Enrolment, match.host_id)
        actor = actors.of_person(session, session.get(Person, host.person_id))
        given = {"actor": actor, "programme_id": world.programme.id, "match_id": match.id}
        if answer == "accept":
            matches.accept(session, **given)
        else:
            matches.decline(session, **given, reason="time", note="<script>too busy</script>")
    text = client.get(_url(world)).text
    assert "I have no time at present" in text
    assert "&lt;script&gt;too busy" in text
    for words in ("Accepted · 1", "Declined · 1", "No answer yet · 1"):
        assert words in text
    assert text.index("Declined</span>") < text.index("Accepted</span>")
    assert "Publish…" not in text
    assert client.get(_url(world, "?show=declined&tab=answers")).text.count('<th class="c-i"') == 1
    assert client.get(_url(world, "/publish")).status_code == 303
    refused = post(client, _url(world, "/decide"), _form(world, "intern-sea", "mentor-sea", "pin"))
    assert (refused.status_code, _decided(session, world)) == (303, set())


def test_export_as_csv_and_as_a_workbook(client, session, world):
    world.people["intern-sea"].person.given_name = "=1+1"
    world.people["intern-law"].number = "S-001"
    session.commit()
    world.decide("intern-law", "mentor-law", "pin")
    answer = client.get(_url(world, "/pairs.csv"))
    assert answer.headers["Content-Disposition"].startswith("attachment; filename=")
    rows = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert rows[0][:3] == ["Role", "Intern's number", "Intern"]
    assert len(rows) == 4
    pinned = next(row for row in rows if row[1] == "S-001")
    assert (pinned[0], pinned[5], pinned[-1]) == ("Mentor", "mentor-law", "Pinned")
    assert int(pinned[8]) == review.shown(_proposal(session, world, "intern-law").points)
    assert [row[2] for row in rows if row[2].endswith("=1+1")] == [] or all(not row[2].startswith("=") for row in rows)
    sheet = load_workbook(io.BytesIO(client.get(_url(world, "/pairs.xlsx")).data)).active
    assert [cell.value for cell in sheet[1]] == rows[0]
    assert sheet.max_row == 4
    post(client, "/language", {"language": "ja"})
    alone = client.get(_url(world, "/unmatched.csv")).data.decode("utf-8-sig")
    assert alone.splitlines() == [
        "区分,学籍番号,インターン,インターンのメールアドレス,学部・学年,理由,解決のためにできること"
    ]


def test_two_tracks_have_a_review_each(app, session):
    world = a_world(session, tracks=("mentor", "alumnus"))
    world.enrol("intern-sea", Role.INTERN, "sea")
    world.enrol("mentor-sea", Role.MENTOR, "sea")
    world.enrol("alumnus-sea", Role.ALUMNUS, "sea")
    world.run()
    client = _client(app, session, world)
    mentors, alumni = client.get(_url(world)).text, client.get(_url(world, "?track=alumnus")).text
    assert ("mentor-sea" in mentors, "alumnus-sea" in mentors) == (True, False)
    assert ("mentor-sea" in alumni, "alumnus-sea" in alumni) == (False, True)
    post(client, _url(world, "/decide"), _form(world, "intern-sea", "alumnus-sea", "veto"))
    assert "1 change not applied" in client.get(_url(world)).text
    assert _decided(session, world) == {("intern-sea", "alumnus-sea", "veto")}


def test_while_a_new_run_is_under_way_one_may_look(client, session, world):
    world.decide("intern-sea", "mentor-sea", "pin")
    post(client, _url(world).replace("review", "run"))
    text = client.get(_url(world)).text
    assert "A new run is under way." in text
    assert 'data-key="p"' not in text
    refused = post(client, _url(world, "/decide"), _form(world, "intern-sea", "mentor-sea", "veto"))
    assert (refused.status_code, _decided(session, world)) == (303, {("intern-sea", "mentor-sea", "pin")})


def test_history_names_failed_and_cancelled_runs(client, session, world):
    session.add(
        Run(
            round_id=world.round_id,
            number=2,
            state="failed",
            progress={"stage": "failed", "error": {"message": "Choose a reason.", "fields": {}}},
        )
    )
    session.commit()
    text = client.get(_url(world, "/history")).text
    assert "Choose a reason." in text
    assert "in use" in text


def test_only_admins_see_a_round(app, session, world):
    intern = session.get(Person, world.people["intern-sea"].person_id)
    client = app.test_client()
    client.set_cookie("mm_session", accounts.open_session(session, person_id=intern.id))
    for rest in ("", "/history", "/pairs.csv", "/publish", f"/pairs/{_proposal(session, world, 'intern-sea').id}"):
        assert client.get(_url(world, rest)).status_code == 403
