"""Rules at a price: pairs that break them are permitted, cost points, and say so."""

from __future__ import annotations

import itertools
import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mentormatch.core.errors import InvalidInput
from mentormatch.matching.criteria import Criterion, Rule
from mentormatch.matching.explanation import account_of_pair, shown_total
from mentormatch.matching.match_problem import MatchProblem
from mentormatch.matching.matcher import Matcher
from mentormatch.matching.rules import Verdict
from mentormatch.matching.scores import TOTAL, UNIT, CriteriaScores
from tests.unit.matching.people import AOI, EMMA, KEN, LIAM, host_tables, tables

ALL = slice(None)
FIELD = Criterion("field", "tags", ("industries",), ("industries",), 2)
YEAR = Criterion("year", "ordinal", ("year",), ("year",), 1)
TALK = Rule("talk", "shared_language", {"min_level": 3}, price=12.34)
MEET = Rule("meet", "shared_hours", {"minutes": 60}, price=40)
HARD = Rule("talk", "shared_language", {"min_level": 3})


def language(level):
    return {"languages": [["en", level]]}


def test_a_pair_that_breaks_a_rule_at_a_price_is_made_and_labelled():
    interns = [{"id": 1, "industries": ["AI"], **language(2)}]
    hosts = [{"id": 9, "industries": ["AI"], **language(4)}]
    assert Matcher([FIELD], [HARD]).fit(interns, hosts).pairs_ == []
    matcher = Matcher([FIELD], [TALK]).fit(interns, hosts)
    [pair] = matcher.pairs_
    assert (pair.points, pair.shown, pair.parts, pair.relaxed) == (8766, 88, {"field": 10000}, {"talk": -1234})
    assert matcher.objective_ == matcher.upper_bound_ == 8766
    assert json.loads(json.dumps(pair.to_json()))["relaxed"] == {"talk": -1234}
    found = matcher.explain(1)
    [check] = found.rules
    assert (check.verdict, check.points, check.shown) == (Verdict.RELAXED, -1234, -12)
    assert (found.points, found.shown, found.allowed) == (8766, 88, True)
    assert sum(part.shown for part in found.parts) + check.shown == found.shown


def test_a_pair_may_end_below_zero_and_is_made_all_the_same():
    interns, hosts = (
        [{"id": 1, "industries": ["AI"], **language(1)}],
        [{"id": 9, "industries": ["food"], **language(4)}],
    )
    matcher = Matcher([FIELD], [Rule("talk", "shared_language", price=99.5)]).fit(interns, hosts)
    assert [(pair.points, pair.shown) for pair in matcher.pairs_] == [(-9950, -99)]
    assert matcher.objective_ == matcher.upper_bound_ == -9950
    assert [(other.points, other.margin) for other in matcher.alternatives(1)] == []


def test_the_price_decides_between_a_better_field_and_a_kept_rule():
    interns = [{"id": 1, "industries": ["AI"], **language(2)}]
    hosts = [{"id": 8, "industries": ["AI"], **language(2)}, {"id": 9, "industries": ["food"], **language(4)}]
    rules = {price: [Rule("talk", "shared_language", {"min_level": 2}, price=price)] for price in (0, 99, 100)}
    hosts[0]["languages"] = [["ja", 4]]
    chosen = {price: Matcher([FIELD], rule).fit(interns, hosts).pairs_[0].host for price, rule in rules.items()}
    assert (chosen[0], chosen[99]) == (8, 8)
    assert Matcher([FIELD], rules[100]).fit(interns, hosts).explain(1, 8).points == 0


def test_an_answer_that_is_missing_costs_nothing():
    matcher = Matcher([FIELD], [TALK]).fit([{"id": 1, "industries": ["AI"]}], [{"id": 9, **language(4)}])
    assert matcher.pairs_[0].relaxed == {}
    assert matcher.explain(1).rules[0].verdict is Verdict.UNKNOWN


def test_a_pin_may_break_a_rule_at_a_price_and_pays_for_it():
    interns, hosts = [{"id": 1, **language(1)}], [{"id": 9, **language(4)}]
    with pytest.raises(InvalidInput, match="breaks talk"):
        Matcher([FIELD], [HARD]).fit(interns, hosts, pins=[(1, 9)])
    assert Matcher([FIELD], [TALK]).fit(interns, hosts, pins=[(1, 9)]).pairs_[0].relaxed == {"talk": -1234}


def test_relaxable_rules_are_no_reason_for_having_nobody():
    interns, hosts = [{"id": 1, **language(1)}, {"id": 2, **language(1)}], [{"id": 9, **language(4)}]
    [left] = Matcher([FIELD], [TALK]).fit(interns, hosts).unmatched_
    assert (left.why.value, left.removed) == ("all_full", ())
    [offer] = left.one_more_place
    assert offer.points == Matcher([FIELD], [TALK]).fit(interns, hosts).explain(left.intern, 9).points


def test_the_price_is_part_of_the_stored_problem_and_old_ones_can_be_read():
    problems = [MatchProblem.of([AOI, LIAM], [KEN, EMMA], rules=[rule]) for rule in (HARD, TALK)]
    assert [MatchProblem.from_json(json.loads(json.dumps(one.to_json()))) for one in problems] == problems
    assert problems[0].digest != problems[1].digest
    assert problems[0].to_json()["rules"] == [
        {"key": "talk", "kind": "shared_language", "params": {"min_level": 3}, "track": None}
    ]


def test_what_people_hear_of_progress_is_in_their_points():
    heard = []
    matcher = Matcher([FIELD], [TALK, MEET]).fit([AOI, LIAM], [KEN, EMMA], progress=heard.append)
    last = [step for step in heard if step.objective is not None][-1]
    assert (last.objective, last.coverage) == (matcher.objective_, matcher.coverage_)
    assert last.upper_bound == matcher.upper_bound_


@pytest.mark.parametrize("price", [-1, 100.5, float("nan"), float("inf"), True, "10"])
def test_prices_that_cannot_be(price):
    with pytest.raises(InvalidInput, match="talk: expected a price of 0 to 100 points"):
        Rule("talk", "shared_language", price=price)


@pytest.mark.parametrize("kind", ["not_same_person", "never_pairs"])
def test_never_means_never(kind):
    with pytest.raises(InvalidInput, match=f"never: a rule of the kind {kind} cannot be relaxed"):
        Rule("never", kind, price=10)


@settings(deadline=None, max_examples=40)
@given(interns=tables(), hosts=host_tables(), prices=st.lists(st.floats(0, 100), min_size=3, max_size=3))
def test_parts_and_prices_add_up_and_blocks_agree(interns, hosts, prices):
    rules = [
        Rule("talk", "shared_language", price=prices[0]),
        Rule("meet", "shared_hours", price=prices[1]),
        Rule("other", "not_supervisor", {"intern_field": "year", "host_field": "year"}, "alumnus", prices[2]),
    ]
    scores = CriteriaScores("mentor", interns, hosts, [FIELD, YEAR], rules)
    assert scores.offset == sum(round(price * UNIT) for price in prices)
    solver, points = scores.scores(ALL, ALL), scores.points_of(ALL, ALL)
    assert ((solver >= 0) & (solver <= TOTAL * UNIT + scores.offset)).all()
    assert (solver - points == scores.offset).all()
    assert scores.allowed(ALL, ALL).all()
    scores.keep()
    assert scores.scores(ALL, slice(1, 3)).tolist() == solver[:, 1:3].tolist()
    rows, columns = (side.ravel() for side in np.indices(scores.shape))
    singles = zip(scores.parts_of(rows, columns), scores.relaxed_of(rows, columns), strict=True)
    assert [sum(one.values()) + sum(other.values()) for one, other in singles] == points.ravel().tolist()
    for row, column in zip(rows.tolist(), columns.tolist(), strict=True):
        account = account_of_pair(scores, row, column)
        assert account.points == points[row, column] == scores.points(row, column)
        shown = sum(part.shown for part in account.parts) + sum(check.shown for check in account.rules)
        assert shown == shown_total(account.points)
        assert {check.rule: check.points for check in account.rules if check.verdict is Verdict.RELAXED} == (
            scores.relaxed_of(np.array([row]), np.array([column]))[0]
        )


@settings(deadline=None, max_examples=40)
@given(interns=tables(most=4), hosts=host_tables(), price=st.integers(0, 100))
def test_coverage_first_then_the_best_total_with_prices(interns, hosts, price):
    rules = [Rule("talk", "shared_language", {"min_level": 2}, price=price), Rule("meet", "shared_hours")]
    matcher = Matcher([FIELD, YEAR], rules).fit(interns, hosts)
    scores = matcher.tracks_["mentor"].scores
    best = brute_force(scores, [row.get("capacity", 1) for row in sorted(hosts, key=lambda row: row["id"])])
    assert (matcher.coverage_, matcher.objective_) == best
    assert matcher.upper_bound_ == matcher.objective_


def brute_force(scores, capacity):
    """Return coverage and total of the best matching in people's points."""
    allowed, points = scores.allowed(ALL, ALL), scores.points_of(ALL, ALL)
    best = (0, 0)
    for columns in itertools.product(range(-1, scores.shape[1]), repeat=scores.shape[0]):
        pairs = [(row, column) for row, column in enumerate(columns) if column >= 0]
        full = any(columns.count(column) > places for column, places in enumerate(capacity))
        if not full and all(allowed[pair] for pair in pairs):
            best = max(best, (len(pairs), sum(int(points[pair]) for pair in pairs)))
    return best
