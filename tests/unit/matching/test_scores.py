"""Points: parts that add up, blocks that agree."""

from __future__ import annotations

import pickle

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from mentormatch.matching.criteria import Criterion, Rule
from mentormatch.matching.explanation import shown_total, whole_points
from mentormatch.matching.scores import TOTAL, UNIT, CriteriaScores, weight_units
from mentormatch.matching.solver import passes
from mentormatch.matching.solver.passes import Grain, Sent
from tests.unit.matching.people import host_tables, tables

ALL = slice(None)
WEIGHTS = st.one_of(st.integers(1, 100), st.floats(1e-6, 1e6, allow_nan=False))
CRITERIA = [
    Criterion("goals", "text", ("goals", "offers"), ("goals", "offers"), 30),
    Criterion("field", "tags", ("industries",), ("industries",), 25),
    Criterion("learning", "complement", ("industries",), ("offers",), 20),
    Criterion("schedule", "hours", ("free_time",), ("free_time",), 7.5),
    Criterion("language", "languages", ("languages",), ("languages",), 1 / 3),
    Criterion("year", "ordinal", ("year",), ("year",), 3, track="mentor"),
]
RULES = [Rule("talk", "shared_language"), Rule("meet", "shared_hours")]


def criteria_of(weights):
    return [Criterion(f"c{number}", "tags", ("x",), ("x",), weight) for number, weight in enumerate(weights)]


@given(st.lists(WEIGHTS, min_size=1, max_size=8), st.randoms(use_true_random=False))
def test_weights_share_all_points_whatever_their_order(weights, random):
    criteria = criteria_of(weights)
    units = weight_units(criteria)
    assert sum(units.values()) == TOTAL * UNIT
    whole = sum(weights)
    assert all(abs(units[f"c{n}"] - TOTAL * UNIT * weight / whole) < 1 + 1e-6 for n, weight in enumerate(weights))
    random.shuffle(criteria)
    assert weight_units(criteria) == units


def test_thirds():
    assert weight_units(criteria_of([1, 1, 1])) == {"c0": 3334, "c1": 3333, "c2": 3333}


@given(st.dictionaries(st.text(max_size=3), st.integers(0, 4000), max_size=8))
def test_whole_points_add_up(parts):
    shown = whole_points(parts)
    assert shown.keys() == parts.keys()
    assert sum(shown.values()) == shown_total(sum(parts.values()))
    assert all(abs(shown[key] * UNIT - part) < UNIT for key, part in parts.items())


@settings(deadline=None, max_examples=50)
@given(interns=tables(), hosts=host_tables(), data=st.data())
def test_parts_add_up_and_blocks_agree(interns, hosts, data):
    banned = frozenset({(0, 0)} if interns and hosts else ())
    scores = CriteriaScores("mentor", interns, hosts, CRITERIA, RULES, banned)
    totals, allowed = scores.scores(ALL, ALL), scores.allowed(ALL, ALL)
    assert totals.dtype == np.int32
    parts = [scores.parts(criterion.key, ALL, ALL) for criterion in scores.criteria]
    assert (sum(parts) == totals).all()
    assert ((totals >= 0) & (totals <= TOTAL * UNIT)).all()
    rows = np.array(data.draw(st.lists(st.integers(0, len(interns) - 1))) if interns else [], np.int64)
    scores.keep()
    assert scores.scores(rows, slice(1, None)).tolist() == totals[rows][:, 1:].tolist()
    assert scores.allowed(rows, ALL).tolist() == allowed[rows].tolist()
    if interns and hosts:
        assert not allowed[0, 0]
        each = np.zeros(len(hosts), np.int64), np.arange(len(hosts))
        assert [sum(part.values()) for part in scores.parts_of(*each)] == totals[0].tolist()
        assert scores.points(0, 0) == totals[0, 0]


def test_keeping_is_told_in_parts():
    heard = []
    CriteriaScores("mentor", [{"id": 1}] * 3, [{"id": 2}], CRITERIA).keep(heard.append)
    assert heard == [1.0]


def test_criteria_and_rules_of_other_tracks_are_left_out():
    rules = [Rule("talk", "shared_language", track="alumnus"), Rule("meet", "shared_hours")]
    scores = CriteriaScores("mentor", [], [], [*CRITERIA, CRITERIA[0].with_weight(0)], rules)
    assert [rule.rule.key for rule in scores.rules] == ["meet"]
    assert list(scores.units) == ["goals", "field", "learning", "schedule", "language", "year"]
    assert "year" not in CriteriaScores("alumnus", [], [], CRITERIA).units


def test_what_is_kept_does_not_depend_on_how_the_pass_is_cut(monkeypatch):
    interns = [{"id": n, "industries": ["law", "design"][n % 2 :], "goals": "to teach"} for n in range(30)]
    hosts = [{"id": n, "industries": ["design"], "goals": "teaching"} for n in range(7)]
    scores, kept = (CriteriaScores("mentor", interns, hosts, CRITERIA, RULES, frozenset({(0, 0)})) for _ in range(2))
    monkeypatch.setattr(passes, "IN_THREADS", Grain(3, 1, 50))
    heard = []
    kept.keep(heard.append)
    assert heard == sorted(heard)
    assert len(heard) > 3
    assert heard[-1] == 1
    for one in (kept, pickle.loads(pickle.dumps(kept)), pickle.loads(pickle.dumps(Sent.of(scores)))):
        assert (one.scores(ALL, ALL) == scores.scores(ALL, ALL)).all()
        assert (one.allowed(ALL, ALL) == scores.allowed(ALL, ALL)).all()
