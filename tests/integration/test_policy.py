"""The authorisation oracle: every route, for every role, on one's own programme and on another one's things.

The table below is written by hand and is not derived from the program: a route that is not listed fails.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from mentormatch.core import clock
from mentormatch.core.roles import Role
from mentormatch.matching.scored import Scored, ScoredTrack
from mentormatch.models import (
    AuditEvent,
    Base,
    Concern,
    Enrolment,
    Match,
    Person,
    Programme,
    Proposal,
    Round,
    RoundState,
    Run,
    RunScores,
    RunState,
    SignInSession,
    Staff,
    Unmatched,
    Upload,
)
from mentormatch.queries import problems
from mentormatch.services import criteria
from tests.factories import a_client, a_person, a_programme, a_staff_member, an_enrolment, post

ANONYMOUS, SYSTEM = "anonymous", "system admin"
ADMIN, COORDINATOR, INTERN, MENTOR, ALUMNUS, OUTSIDER = (
    "programme admin",
    "coordinator",
    "intern",
    "mentor",
    "alumnus",
    "admin of another programme",
)
EVERYBODY = {ANONYMOUS, SYSTEM, ADMIN, COORDINATOR, INTERN, MENTOR, ALUMNUS, OUTSIDER}
SIGNED_IN = EVERYBODY - {ANONYMOUS}
ADMINS = {SYSTEM, ADMIN}
STAFF = ADMINS | {COORDINATOR}
PARTICIPANTS = {INTERN, MENTOR, ALUMNUS}
OWN_HOST = {MENTOR}  # the match of the world below belongs to the mentor
OWN_SIDES = {INTERN, MENTOR}

ORACLE = {
    "language": EVERYBODY,
    "accounts.sign_in": EVERYBODY,
    "accounts.enter": EVERYBODY,
    "accounts.ask_link": EVERYBODY,
    "accounts.show_link": EVERYBODY,
    "accounts.use_link": EVERYBODY,
    "accounts.sign_out": EVERYBODY,
    "accounts.password": SIGNED_IN,
    "components.show": EVERYBODY,
    "mailbox.index": EVERYBODY,
    "mailbox.show": EVERYBODY,
    "programmes.index": SIGNED_IN,
    "programmes.overview": STAFF,
    "programmes.show_trail": ADMINS,
    "programmes.new": {SYSTEM},
    "programmes.create": {SYSTEM},
    "settings.edit": ADMINS,
    "settings.save": ADMINS,
    "settings.publishing": ADMINS,
    "settings.save_publishing": ADMINS,
    "settings.staff": ADMINS,
    "settings.appoint": ADMINS,
    "settings.dismiss": ADMINS,
    "participants.index": STAFF,
    "participants.show": STAFF,
    "participants.preview": STAFF,
    "participants.edit": ADMINS,
    "participants.save": ADMINS,
    "participants.invite": ADMINS,
    "participants.pause": ADMINS,
    "participants.resume": ADMINS,
    "participants.withdraw": ADMINS,
    "participants.new": ADMINS,
    "participants.add": ADMINS,
    "imports.index": ADMINS,
    "imports.upload": ADMINS,
    "imports.show": ADMINS,
    "imports.check": ADMINS,
    "imports.columns": ADMINS,
    "imports.map_columns": ADMINS,
    "imports.correct": ADMINS,
    "imports.discard": ADMINS,
    "imports.problems": ADMINS,
    "imports.compare": ADMINS,
    "imports.run": ADMINS,
    "imports.to_fix": ADMINS,
    "imports.undo": ADMINS,
    "imports.discard_old": ADMINS,
    "imports.export_participants": ADMINS,
    "criteria.edit": ADMINS,
    "criteria.save": ADMINS,
    "criteria.new": ADMINS,
    "criteria.sample": ADMINS,
    "criteria.shares": ADMINS,
    "rounds.index": ADMINS,
    "rounds.create": ADMINS,
    "rounds.show": ADMINS,
    "rounds.open_round": ADMINS,
    "rounds.reopen": ADMINS,
    "rounds.close": ADMINS,
    "rounds.check_readiness": ADMINS,
    "rounds.work_out": ADMINS,
    "rounds.ledger": ADMINS,
    "rounds.export_ledger": ADMINS,
    "rounds.remind": ADMINS,
    "rounds.review": ADMINS,
    "rounds.effect": ADMINS,
    "rounds.fixes": ADMINS,
    "rounds.parity": ADMINS,
    "rounds.trial": ADMINS,
    "rounds.try_out": ADMINS,
    "rounds.difference": ADMINS,
    "rounds.pair": ADMINS,
    "rounds.options": ADMINS,
    "rounds.other": ADMINS,
    "rounds.history": ADMINS,
    "rounds.export": ADMINS,
    "rounds.decide": ADMINS,
    "rounds.undo": ADMINS,
    "rounds.choose": ADMINS,
    "rounds.publish": ADMINS,
    "rounds.send": ADMINS,
    "rounds.letters": ADMINS,
    "rounds.recipients": ADMINS,
    "rounds.publishing": ADMINS,
    "rounds.halt": ADMINS,
    "rounds.hasten": ADMINS,
    "rounds.sign_off": STAFF,
    "rounds.sign": STAFF,
    "rounds.take_back_sign_off": STAFF,
    "rounds.ask_sign_off": ADMINS,
    "rounds.repairing": ADMINS,
    "rounds.confirm": ADMINS,
    "rounds.match": ADMINS,
    "rounds.ending": ADMINS,
    "rounds.end": ADMINS,
    "rounds.settle": ADMINS,
    "rounds.start": ADMINS,
    "rounds.running": ADMINS,
    "rounds.stop": ADMINS,
    "rounds.settings": ADMINS,
    "rounds.save_settings": ADMINS,
    "home.show": PARTICIPANTS,
    "home.how": PARTICIPANTS,
    "home.intern": OWN_HOST,
    "home.accept": OWN_HOST,
    "home.decline": OWN_HOST,
    "home.concern": OWN_SIDES,
    "home.tell_concern": OWN_SIDES,
    "wishes.show": PARTICIPANTS,
    "wishes.say": PARTICIPANTS,
    "wishes.prioritise": PARTICIPANTS,
    "wishes.welcome": PARTICIPANTS,
    "wishes.remind": ADMINS,
    "profile.edit": PARTICIPANTS,
    "profile.save": PARTICIPANTS,
    "profile.preview": PARTICIPANTS,
    "profile.take_part": PARTICIPANTS,
}


FIGURES = {
    "interns": 1,
    "hosts": 1,
    "pairs": 1,
    "unmatched": 1,
    "possible": 1,
    "ruled_out": 0,
    "mean": 5000,
    "lowest": 5000,
    "highest": 5000,
    "histogram": [0] * 10 + [1] + [0] * 9,
    "places": {"total": 1, "used": 1, "full": 1, "room": 0, "empty": 0},
}
SUMMARY = {
    "pairs": 1,
    "unmatched": 1,
    "interns": 1,
    "objective": 5000,
    "upper_bound": 5000,
    "coverage": 1,
    "coverage_bound": 1,
    "status": "optimal",
    "seconds": 0.1,
    "tracks": {"mentor": FIGURES, "alumnus": FIGURES},
    "criteria": [],
    "rules": [],
    "decisions": [],
}


@dataclass
class Half:
    """One programme with one of everything."""

    programme: Programme
    people: dict[str, Person]
    values: dict[str, object]


def _scores(rows: dict[str, Enrolment]) -> bytes:
    """What a run keeps of one intern with one host in each of two tracks."""
    one = np.ones(1, np.int64)
    tracks = [
        ScoredTrack(
            name=name,
            hosts=(rows[name].id,),
            points=np.full((1, 1), 5000, np.int32),
            broken=np.zeros((1, 1), np.uint8),
            capacity=one,
            minimum=0 * one,
            owner=number * one,
            wanted=one,
            offset=0 * one,
        )
        for number, name in enumerate((MENTOR, ALUMNUS))
    ]
    return Scored((rows[INTERN].id,), tuple(tracks)).to_bytes()


def _half(session: Session, slug: str) -> Half:
    programme = a_programme(session, slug=slug)
    criteria.install_defaults(session, programme_id=programme.id)
    people = {
        ADMIN: a_staff_member(session, programme, Role.PROGRAMME_ADMIN),
        COORDINATOR: a_staff_member(session, programme, Role.COORDINATOR),
    }
    rows = {
        name: an_enrolment(session, programme, role, number=f"SECRET-{slug}-{name}")
        for name, role in ((INTERN, Role.INTERN), (MENTOR, Role.MENTOR), (ALUMNUS, Role.ALUMNUS))
    }
    people |= {name: row.person for name, row in rows.items()}
    number = {"ours": 1, "theirs": 7}[slug]  # a number that the other programme does not have
    round_ = Round(programme_id=programme.id, number=number, state=RoundState.PUBLISHED)
    session.add(round_)
    session.flush()
    problem = problems.of_round(session, programme_id=programme.id, round_id=round_.id).to_json()
    run = Run(
        round_id=round_.id, number=1, state=RunState.DONE, finished_at=clock.now(), problem=problem, summary=SUMMARY
    )
    session.add(run)
    session.flush()
    round_.run_id = run.id
    session.add(RunScores(run_id=run.id, data=_scores(rows)))
    proposal = Proposal(
        run_id=run.id,
        track=Role.MENTOR,
        intern_id=rows[INTERN].id,
        host_id=rows[MENTOR].id,
        points=5000,
        margin=10,
        explanation={"points": 5000, "shown": 50, "pinned": False, "parts": [], "rules": [], "alternatives": []},
    )
    match = Match(
        round_id=round_.id,
        track=Role.MENTOR,
        intern_id=rows[INTERN].id,
        host_id=rows[MENTOR].id,
        answer_by=clock.now() + timedelta(days=7),
    )
    reason = {"why": "all_full", "hosts": 1, "allowed": 1, "removed": [], "one_more_place": []}
    unmatched = Unmatched(run_id=run.id, track=Role.ALUMNUS, intern_id=rows[INTERN].id, reason=reason)
    upload = Upload(programme_id=programme.id, filename=f"{slug}.csv", content=b"Mail\na@example.ac.jp\n")
    session.add_all([proposal, match, unmatched, upload])
    session.flush()
    concern = Concern(match_id=match.id, person_id=people[INTERN].id, kind="fit", note=f"SECRET-{slug}-word")
    session.add(concern)
    session.commit()
    values = {
        "programme": slug,
        "number": number,
        "enrolment_id": rows[INTERN].id,
        "intern_id": rows[INTERN].id,
        "host_id": rows[MENTOR].id,
        "match_id": match.id,
        "concern_id": concern.id,
        "run_id": run.id,
        "proposal_id": proposal.id,
        "upload_id": upload.id,
        "person_id": people[COORDINATOR].id,
        "track": "mentor",
        "audience": "intern",
        "what": "pairs",
        "form": "csv",
        "token": "no-such-token",
        "key": "no-such-mail",
    }
    return Half(programme, people, values)


@pytest.fixture
def halves(session) -> tuple[Half, Half]:
    return _half(session, "ours"), _half(session, "theirs")


def _rules(app: Flask):
    for rule in app.url_map.iter_rules():
        if not rule.endpoint.endswith("static"):
            for method in sorted(rule.methods - {"HEAD", "OPTIONS"}):
                yield rule, method, rule.endpoint.removeprefix("mentormatch.")


QUERIES = {"criteria.new": {"add": "tags"}}
"""What a page needs besides its address."""


def _url(app: Flask, rule, values: dict[str, object]) -> str:
    missing = rule.arguments - values.keys()
    assert not missing, f"{rule}: give the world a value for {missing}"
    with app.test_request_context():
        needed = {name: values[name] for name in rule.arguments} | QUERIES.get(rule.endpoint.partition(".")[2], {})
        return app.url_map.bind("localhost").build(rule.endpoint, needed)


def _ask(client: FlaskClient, method: str, url: str):
    return client.get(url) if method == "GET" else post(client, url)


def _refused(answer) -> bool:
    return answer.status_code in {401, 403, 404} or (
        answer.status_code == 303 and answer.location.startswith("/sign-in?")
    )


def _snapshot(session: Session) -> dict[str, list]:
    """Return every row of every table but those of signing in."""
    session.rollback()
    left_out = {SignInSession.__tablename__}
    return {
        table.name: sorted(map(repr, session.execute(select(table))))
        for table in Base.metadata.sorted_tables
        if table.name not in left_out
    }


def _clients(app: Flask, session: Session, ours: Half, theirs: Half) -> dict[str, FlaskClient]:
    system = a_person(session, is_system_admin=True)
    people = {**ours.people, OUTSIDER: theirs.people[ADMIN], SYSTEM: system, ANONYMOUS: None}
    return {role: a_client(app, session, person) for role, person in people.items()}


def test_every_route_is_in_the_oracle_and_nothing_else(app):
    assert {endpoint for _, _, endpoint in _rules(app)} == set(ORACLE)


def test_whoever_may_not_is_refused_and_nothing_changes(app, session, halves):
    clients = _clients(app, session, *halves)
    before = _snapshot(session)
    wrong = []
    for rule, method, endpoint in _rules(app):
        for role in EVERYBODY - ORACLE[endpoint]:
            answer = _ask(clients[role], method, _url(app, rule, halves[0].values))
            if not _refused(answer):
                wrong.append((endpoint, method, role, answer.status_code))
    assert wrong == []
    assert _snapshot(session) == before


def test_whoever_may_is_let_in(app, session, halves):
    """Reading only: what a POST does is the business of its own area's tests."""
    clients = _clients(app, session, *halves)
    wrong = []
    for rule, method, endpoint in _rules(app):
        if method != "GET" or "token" in rule.arguments or "key" in rule.arguments:
            continue
        for role in ORACLE[endpoint]:
            answer = _ask(clients[role], method, _url(app, rule, halves[0].values))
            if answer.status_code >= 400 or _refused(answer):
                wrong.append((endpoint, role, answer.status_code))
    assert wrong == []


def test_things_of_another_programme_are_not_there(app, session, halves):
    """One's own programme in the address with the other's ids: never shown, never changed."""
    ours, theirs = halves
    clients = _clients(app, session, ours, theirs)
    before = _snapshot(session)
    wrong = []
    for rule, method, endpoint in _rules(app):
        foreign = rule.arguments & {"number", "enrolment_id", "intern_id", "host_id", "match_id", "run_id",
                                    "proposal_id", "upload_id", "person_id", "concern_id"}  # fmt: skip
        if "programme" not in rule.arguments or not foreign:
            continue
        for name in foreign:
            values = {**ours.values, name: theirs.values[name]}
            for role in ORACLE[endpoint]:
                answer = _ask(clients[role], method, _url(app, rule, values))
                if answer.status_code not in {403, 404, 409, 422} or "SECRET-theirs" in answer.text:
                    wrong.append((endpoint, method, role, name, answer.status_code))
    assert wrong == []
    after = _snapshot(session)
    ignored = {AuditEvent.__tablename__}
    assert {name for name in before if before[name] != after[name]} - ignored == set()


def test_rights_end_with_the_role(app, session, halves):
    ours, _ = halves
    admin = ours.people[ADMIN]
    client = a_client(app, session, admin)
    assert client.get("/programmes/ours/participants/").status_code == 200
    session.execute(Staff.__table__.delete().where(Staff.person_id == admin.id))
    session.commit()
    assert client.get("/programmes/ours/participants/").status_code == 404


def test_every_change_needs_the_token(app, session, halves):
    """Deny by default: a POST without its token is refused before anybody asks who sent it."""
    clients = _clients(app, session, *halves)
    before = _snapshot(session)
    wrong = []
    for rule, method, endpoint in _rules(app):
        if method != "GET":
            answer = clients[SYSTEM].open(_url(app, rule, halves[0].values), method=method, data={"role": "intern"})
            if answer.status_code != 403:
                wrong.append((endpoint, method, answer.status_code))
    assert wrong == []
    assert _snapshot(session) == before


def test_every_answer_carries_the_hardening_headers(app, session, halves):
    clients = _clients(app, session, *halves)
    for rule, method, endpoint in _rules(app):
        answer = _ask(clients[ANONYMOUS], method, _url(app, rule, halves[0].values))
        policy = answer.headers["Content-Security-Policy"]
        assert "unsafe" not in policy, endpoint
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cache-Control"] == "no-store"
