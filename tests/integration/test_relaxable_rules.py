"""A rule that may be broken as a last resort: set on the page, used by a run, labelled wherever the pair is shown."""

from __future__ import annotations

import csv
import io
import json

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from mentormatch.cli import main
from mentormatch.core.errors import Conflict, InvalidInput
from mentormatch.core.roles import Role
from mentormatch.models import AuditEvent, DecisionKind, Person, Proposal, Rule, Run, Unmatched
from mentormatch.queries import criteria as reading
from mentormatch.queries import review, review_pair, samples
from mentormatch.services import criteria
from mentormatch.services.criteria import CriterionInput, RuleInput
from tests.factories import a_client, post
from tests.integration.rounds_world import a_world
from tests.integration.test_cli import INTERNS, MENTORS
from tests.integration.test_criteria import form_of

TUESDAY = [[1, 600, 720]]


@pytest.fixture
def world(session):
    """One intern and one mentor of the same field, who are never free at the same time."""
    made = a_world(session)
    made.enrol("intern", Role.INTERN, "sea", profile={"free_time": TUESDAY})
    made.enrol("mentor", Role.MENTOR, "sea")
    return made


@pytest.fixture
def client(app, session, world):
    return a_client(app, session, session.get(Person, world.admin.person_id))


def give_price(world, key, price):
    found = reading.setting(world.session, world.programme.id)
    listed = [
        CriterionInput(one.key, one.kind, one.label, one.intern_fields, one.host_fields, one.weight)
        for one in found.criteria
    ]
    rule = next(rule for rule in found.rules if rule.key == key)
    criteria.save(
        world.session,
        actor=world.admin,
        programme_id=world.programme.id,
        seen=found.seen,
        criteria=listed,
        rules=[RuleInput(rule.key, rule.active, rule.params, price)],
    )


def place_of(world, kind):
    return [rule.kind for rule in reading.setting(world.session, world.programme.id).rules].index(kind)


def test_the_page_keeps_a_price_and_offers_none_where_never_means_never(world, client):
    url = f"/programmes/{world.programme.slug}/criteria/"
    name = f"rules-{place_of(world, 'shared_hours')}-price"
    assert f'name="{name}"' in (text := client.get(url).get_data(as_text=True))
    for kind in ("never_pairs", "not_same_person", "asked_not_to"):
        assert f'name="rules-{place_of(world, kind)}-price"' not in text
    assert post(client, url, form_of(world, **{name: "12"})).status_code == 303
    world.session.rollback()
    assert dict(world.session.execute(select(Rule.kind, Rule.price).where(Rule.price.is_not(None))).all()) == {
        "shared_hours": 12
    }
    event = world.session.scalars(select(AuditEvent).where(AuditEvent.action == "criteria.saved")).one()
    assert event.detail["prices"] == {"shared_hours": 12}
    world.session.rollback()
    assert 'value="12"' in client.get(url).get_data(as_text=True)
    assert post(client, url, form_of(world, **{name: ""})).status_code == 303
    world.session.rollback()
    assert world.session.scalars(select(Rule.price).where(Rule.price.is_not(None))).all() == []


@pytest.mark.parametrize("price", ["-1", "101", "ten"])
def test_the_page_refuses_other_prices(world, client, price):
    name = f"rules-{place_of(world, 'shared_hours')}-price"
    answer = post(client, f"/programmes/{world.programme.slug}/criteria/", form_of(world, **{name: price}))
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.get_data(as_text=True)


@pytest.mark.parametrize(("key", "price"), [("shared_hours", 101), ("never_pairs", 5), ("asked_not_to", 5)])
def test_the_service_refuses_them_too(world, key, price):
    with pytest.raises(InvalidInput, match=key):
        give_price(world, key, price)


def test_a_run_breaks_the_rule_where_nothing_else_is_left_and_says_so(world, client, session):
    world.run()
    assert session.scalars(select(Unmatched.intern_id)).all() == [world.people["intern"].id]
    give_price(world, "shared_hours", 12)
    session.rollback()
    [sample] = samples.draw(session, world.programme.id).interns[0].tracks[Role.MENTOR]
    assert sample.relaxed == (("shared_hours", -12),)
    assert sum(points for _, points, _ in sample.parts) - 12 == sample.shown
    session.rollback()
    run_id = world.run()
    session.rollback()
    proposal = session.scalars(select(Proposal).where(Proposal.run_id == run_id)).one()
    told = proposal.explanation
    assert sum(part["points"] for part in told["parts"]) - 1200 == proposal.points == told["points"]
    check = next(check for check in told["rules"] if check["kind"] == "shared_hours")
    assert (check["verdict"], check["points"], check["shown"]) == ("relaxed", -1200, -12)
    prices = {rule["key"]: rule["price"] for rule in session.get_one(Run, run_id).summary["rules"]}
    assert prices["shared_hours"] == 12
    [fact] = review.facts(session, run_id, Role.MENTOR)
    assert fact.doubts == (review.Doubt.RELAXED,)
    number, pair_id = world.round.number, proposal.id
    session.rollback()
    page = f"/programmes/{world.programme.slug}/rounds/{number}/review"
    assert "rule relaxed" in client.get(page).get_data(as_text=True)
    text = client.get(f"{page}/pairs/{pair_id}").get_data(as_text=True)
    assert "Relaxed: too little free time in common (−12 points)" in text
    post(client, "/language", {"language": "ja"})
    japanese = client.get(f"{page}/pairs/{pair_id}").get_data(as_text=True)
    assert "ルールを緩和：共通の空き時間が足りません（−12点）" in japanese


def test_other_hosts_say_what_they_would_break(world, session):
    world.enrol("other", Role.MENTOR, "law", profile={"free_time": TUESDAY})
    session.commit()
    give_price(world, "shared_hours", 5)
    run_id = world.run()
    session.rollback()
    found = review_pair.options(session, world.programme.id, run_id, Role.MENTOR, world.people["intern"].id)
    assert {one.host.name.family: (one.broken, one.relaxed) for one in found} == {
        "mentor": ((), ("shared_hours",)),
        "other": ((), ()),
    }


def test_a_pin_may_break_it(world, session):
    world.run()
    with pytest.raises(Conflict):
        world.decide("intern", "mentor", DecisionKind.PIN)
    session.rollback()
    give_price(world, "shared_hours", 5)
    world.decide("intern", "mentor", DecisionKind.PIN)
    world.run()
    session.rollback()
    assert world.names(session.scalars(select(Proposal))) == {("intern", "mentor")}


def test_the_command_line_says_what_was_relaxed(tmp_path):
    settings = {"rules": [{"key": "talk", "kind": "shared_hours", "params": {"minutes": 10080}, "price": 15}]}
    (tmp_path / "settings.json").write_text(json.dumps(settings), encoding="utf-8")
    words = ["match", "--interns", INTERNS, "--mentors", MENTORS, "--out", tmp_path / "pairs.csv"]
    words += ["--settings", tmp_path / "settings.json", "--broken", tmp_path / "broken.xlsx"]
    result = CliRunner().invoke(main, [str(word) for word in words])
    assert result.exit_code == 0, result.output
    header, *rows = csv.reader(io.StringIO((tmp_path / "pairs.csv").read_text(encoding="utf-8-sig")))
    assert header[-1] == "Rules relaxed"
    assert {row[-1] for row in rows} <= {"talk -15", ""}
    assert "talk -15" in {row[-1] for row in rows}
    for row in rows:
        assert sum(map(int, row[6:-1])) - 15 * bool(row[-1]) == int(row[5])
