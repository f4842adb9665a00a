"""The matcher end to end: rules kept, the best found and proved, order of no account."""

from __future__ import annotations

import itertools
import json
import os
import pickle
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.exceptions import NotFittedError

from mentormatch.core.errors import InvalidInput
from mentormatch.matching.criteria import DEFAULT_CRITERIA, Criterion, Rule
from mentormatch.matching.match_problem import MatchProblem
from mentormatch.matching.matcher import Matcher
from mentormatch.matching.solver.assignment import Stage, Status
from tests.unit.matching.people import AOI, EMMA, KEN, LIAM, host_tables, tables

INTERNS = [AOI, LIAM]
HOSTS = [KEN, EMMA]
FIELD = Criterion("field", "tags", ("industries",), ("industries",), 1)
CRITERIA = (
    Criterion("field", "tags", ("industries",), ("industries",), 50),
    Criterion("learning", "complement", ("industries",), ("offers",), 30),
    Criterion("language", "languages", ("languages",), ("languages",), 20),
)
RULES = (Rule("talk", "shared_language"), Rule("meet", "shared_hours"), Rule("self", "not_same_person"))


def pairs(matcher):
    return [(pair.track, pair.intern, pair.host) for pair in matcher.pairs_]


def test_aoi_and_ken_liam_and_emma():
    matcher = Matcher().fit(INTERNS, HOSTS)
    assert pairs(matcher) == [("mentor", 1, 11), ("mentor", 2, 12)]
    assert matcher.objective_ == matcher.upper_bound_ == sum(pair.points for pair in matcher.pairs_)
    assert (matcher.coverage_, matcher.coverage_bound_, matcher.status_) == (2, 2, Status.OPTIMAL)
    assert matcher.unmatched_ == []


def test_data_frames_give_the_same_as_lists():
    frames = Matcher().fit(pd.DataFrame(INTERNS), pd.DataFrame(HOSTS))
    assert frames.pairs_ == Matcher().fit(INTERNS, HOSTS).pairs_
    table = pd.DataFrame(frames.pairs_)
    assert table["host"].tolist() == [11, 12]


def test_two_tracks_are_decided_together():
    matcher = Matcher([FIELD], rules=[]).fit(
        [{"id": 1, "industries": ["AI"]}],
        {"mentor": [{"id": 7, "industries": ["AI"]}], "alumnus": [{"id": 7, "industries": ["AI"]}, {"id": 8}]},
    )
    assert pairs(matcher) == [("alumnus", 1, 8), ("mentor", 1, 7)]


def test_the_same_person_under_two_ids_serves_an_intern_once():
    hosts = {"mentor": [{"id": 7, "person": 1}], "alumnus": [{"id": 8, "person": 1}]}
    matcher = Matcher([FIELD], rules=[]).fit([{"id": 1}, {"id": 2}], hosts)
    assert matcher.coverage_ == 2
    assert {pair.intern for pair in matcher.pairs_} == {1, 2}
    shared = Matcher([FIELD], rules=[]).fit([{"id": 1}, {"id": 2}], hosts, shared_capacity={1: 1})
    assert shared.coverage_ == shared.coverage_bound_ == 1


def test_pins_and_bans():
    matcher = Matcher(CRITERIA, []).fit(INTERNS, HOSTS, pins=[(1, 12)], bans=[("mentor", 2, 12)])
    assert pairs(matcher) == [("mentor", 1, 12), ("mentor", 2, 11)]
    assert [pair.pinned for pair in matcher.pairs_] == [True, False]


def test_a_pin_on_a_forbidden_pair_names_people_and_rule():
    with pytest.raises(InvalidInput, match=r"鈴木 葵 \(1\) and 江間 恵 \(12\) breaks not_supervisor"):
        Matcher().fit(INTERNS, HOSTS, pins=[(1, 12)])


def test_minimum_loads_that_the_rules_forbid_name_the_host():
    with pytest.raises(InvalidInput, match=r"江間 恵 \(12\)"):
        Matcher().fit([AOI], [KEN, {**EMMA, "minimum": 1}])


def test_a_minimum_load_is_met_even_where_it_costs():
    matcher = Matcher([FIELD], rules=[]).fit([AOI], [KEN, {**EMMA, "minimum": 1}])
    assert pairs(matcher) == [("mentor", 1, 12)]


def test_scikit_learn_conventions():
    matcher = Matcher(criteria=list(CRITERIA), rules=RULES)
    given = {"criteria": list(CRITERIA), "rules": RULES, "objective": "total"}
    others = {"mixture": 50, "per_intern": 1, "staying": 0, "host_criteria": None}
    assert matcher.get_params() == given | others
    copy = clone(matcher)
    assert copy.get_params() == matcher.get_params()
    assert repr(Matcher()) == "Matcher()"
    assert repr(Matcher(objective="other")) == "Matcher(objective='other')"
    assert matcher.set_params(rules=[]) is matcher
    assert matcher.fit(INTERNS, HOSTS) is matcher
    with pytest.raises(NotFittedError):
        copy.explain(1)


def test_other_objectives_are_refused_when_fitted():
    with pytest.raises(InvalidInput, match="total"):
        Matcher(objective="luck").fit(INTERNS, HOSTS)


def test_progress_goes_forward_to_the_end():
    heard = []
    Matcher().fit(INTERNS, {"mentor": HOSTS, "alumnus": HOSTS}, progress=heard.append)
    fractions = [step.fraction for step in heard]
    assert fractions == sorted(fractions)
    assert (fractions[0], fractions[-1]) == (0.0, 1.0)
    assert (heard[0].stage, heard[-1].stage) == (Stage.SCORING, Stage.DONE)


def test_a_stopped_run_is_valid_and_says_so():
    matcher = Matcher(CRITERIA, RULES).fit(INTERNS, HOSTS, should_stop=lambda: True)
    assert matcher.status_ in {Status.STOPPED, Status.OPTIMAL}
    assert matcher.objective_ <= matcher.upper_bound_


def test_a_solved_problem_can_be_restored_without_solving():
    solved = Matcher().fit(INTERNS, HOSTS)
    problem = MatchProblem.from_json(json.loads(json.dumps(solved.problem_.to_json())))
    restored = Matcher.restore(problem, pairs(solved))
    assert restored.pairs_ == solved.pairs_
    assert (restored.upper_bound_, restored.coverage_bound_, restored.status_) == (None, None, None)
    assert restored.explain(1).parts == solved.explain(1).parts
    assert Matcher.solve(problem).pairs_ == solved.pairs_


@settings(deadline=None, max_examples=60)
@given(interns=tables(), mentors=host_tables(), alumni=host_tables(most=2), data=st.data())
def test_nothing_is_broken_and_order_does_not_matter(interns, mentors, alumni, data):
    hosts = {"mentor": mentors, "alumnus": alumni}
    everything = [(t, i["id"], h["id"]) for t, rows in hosts.items() for h in rows for i in interns]
    bans = data.draw(st.lists(st.sampled_from(everything), max_size=2)) if everything else []
    free = Matcher(CRITERIA, RULES).fit(interns, hosts, bans=bans)
    allowed = [place for place in everything if free.explain(place[1], place[2], place[0]).allowed]
    roomy = [p for p in allowed if next(h for h in hosts[p[0]] if h["id"] == p[2])["capacity"]]
    pins = data.draw(st.lists(st.sampled_from(roomy), max_size=1)) if roomy else []
    matcher = Matcher(CRITERIA, RULES).fit(interns, hosts, pins=pins, bans=bans)

    found = pairs(matcher)
    assert set(pins) <= set(found) <= set(allowed)
    assert not set(bans) & set(found)
    assert len({(track, intern) for track, intern, _ in found}) == len(found)
    assert len({(intern, host) for _, intern, host in found}) == len(found)
    for track, rows in hosts.items():
        for host in rows:
            assert sum(pair[::2] == (track, host["id"]) for pair in found) <= host["capacity"]
    assert sorted(found + [(one.track, one.intern) for one in matcher.unmatched_], key=lambda p: p[:2]) == sorted(
        found + [(t, i["id"]) for t in hosts for i in interns if (t, i["id"]) not in {p[:2] for p in found}],
        key=lambda p: p[:2],
    )
    for pair in matcher.pairs_:
        assert sum(pair.parts.values()) == pair.points
    assert matcher.status_ is Status.OPTIMAL
    assert matcher.objective_ == matcher.upper_bound_ == sum(pair.points for pair in matcher.pairs_)

    turned = Matcher(CRITERIA[::-1], RULES[::-1]).fit(
        data.draw(st.permutations(interns)),
        {"alumnus": data.draw(st.permutations(alumni)), "mentor": data.draw(st.permutations(mentors))},
        pins=pins[::-1],
        bans=bans[::-1],
    )
    assert pairs(turned) == found
    assert turned.pairs_ == matcher.pairs_


def by_brute_force(matcher, interns, hosts):
    """Return the largest (coverage, total) over all ways to give every intern a host or nobody."""
    best = (-1, -1)
    state = matcher.tracks_["mentor"]
    scores, allowed = (table(slice(None), slice(None)) for table in (state.scores.scores, state.scores.allowed))
    for choice in itertools.product(range(-1, len(hosts)), repeat=len(interns)):
        made = [(row, column) for row, column in enumerate(choice) if column >= 0]
        loads = np.bincount([column for _, column in made], minlength=len(hosts))
        if all(allowed[place] for place in made) and (loads <= state.capacity).all():
            best = max(best, (len(made), int(sum(scores[place] for place in made))))
    return best


@settings(deadline=None, max_examples=40)
@given(interns=tables(4), hosts=host_tables(3))
def test_coverage_first_then_the_best_total(interns, hosts):
    matcher = Matcher(CRITERIA, RULES).fit(interns, hosts)
    assert (matcher.coverage_, matcher.objective_) == by_brute_force(matcher, interns, hosts)
    assert matcher.coverage_bound_ == matcher.coverage_


def test_another_process_finds_the_same():
    script = (
        "import json, sys; from mentormatch.matching.matcher import Matcher;"
        "from tests.unit.matching.people import *;"
        "m = Matcher().fit([LIAM, AOI], [EMMA, KEN]);"
        "print(json.dumps([m.problem_.digest, [p.to_json() for p in m.pairs_]]))"
    )
    environment = {**os.environ, "PYTHONHASHSEED": "7"}
    told = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True)
    here = Matcher().fit(INTERNS, HOSTS)
    assert json.loads(told.stdout) == [here.problem_.digest, [pair.to_json() for pair in here.pairs_]]


def test_default_criteria_are_not_changed_by_fitting():
    matcher = Matcher().fit(INTERNS, HOSTS)
    assert matcher.criteria is None
    assert [one.key for one in matcher.problem_.criteria] == [one.key for one in DEFAULT_CRITERIA]


def test_large_tracks_are_scored_anew_in_every_block(monkeypatch):
    kept = Matcher().fit(INTERNS, HOSTS)
    monkeypatch.setattr("mentormatch.matching.scores._KEPT_PAIRS", 0)
    monkeypatch.setattr("mentormatch.matching.scores._TOGETHER", 1)
    monkeypatch.setattr("mentormatch.matching.comparisons.text._TOGETHER", 1)
    anew = Matcher().fit(INTERNS, HOSTS)
    assert (anew.pairs_, anew.objective_, anew.upper_bound_) == (kept.pairs_, kept.objective_, kept.upper_bound_)


def test_a_fitted_matcher_can_be_put_away():
    matcher = Matcher().fit(INTERNS, HOSTS, bans=[(1, 12)])
    again = pickle.loads(pickle.dumps(matcher))
    assert again.pairs_ == matcher.pairs_
    assert again.explain(1) == matcher.explain(1)


def test_those_who_have_waited_come_first_where_not_everybody_can_have_a_host():
    field = Criterion("field", "tags", ("field",), ("field",), 1)
    interns = [
        {"id": 1, "field": ["AI"]},
        {"id": 2, "field": ["AI"]},
        {"id": 3, "field": ["retail"], "waited": 1},
        {"id": 4, "field": ["retail"], "waited": 2},
    ]
    hosts = [{"id": 8, "field": ["AI"]}, {"id": 9, "field": ["AI"]}]
    told = []
    first = Matcher([field], rules=[]).fit(interns, hosts, progress=told.append)
    assert {pair.intern for pair in first.pairs_} == {3, 4}
    assert first.objective_ == first.upper_bound_ == sum(pair.points for pair in first.pairs_)
    assert all(step.objective is None for step in told)
    more = Matcher([field], rules=[]).fit(interns, [*hosts, {"id": 10, "field": ["AI"]}])
    assert {pair.intern for pair in more.pairs_} == {1, 3, 4}
    best = Matcher([field], rules=[], objective="worst_off").fit(interns, hosts)
    assert {pair.intern for pair in best.pairs_} == {1, 2}


def test_several_hosts_for_an_intern():
    matcher = Matcher([FIELD], rules=[], per_intern=2).fit([AOI], [KEN, EMMA])
    assert len(matcher.pairs_) == matcher.coverage_bound_ == 2
    assert matcher.unmatched_ == []
    with pytest.raises(InvalidInput, match="several hosts"):
        matcher.explain(AOI["id"])
    assert matcher.explain(AOI["id"], KEN["id"]).assigned
    alone = Matcher([FIELD], rules=[], per_intern={"mentor": 2}).fit([AOI], [KEN])
    assert [(left.intern, left.missing) for left in alone.unmatched_] == [(AOI["id"], 1)]
    again = Matcher.restore(matcher.problem_, [(pair.track, pair.intern, pair.host) for pair in matcher.pairs_])
    assert {pair.host for pair in again.pairs_} == {KEN["id"], EMMA["id"]}


def test_an_earlier_pair_stays_unless_breaking_it_up_gains_enough():
    interns = [{"id": 1, "a": ["x", "y"]}, {"id": 2, "a": ["x"]}]
    hosts = [{"id": 8, "b": ["x", "y"]}, {"id": 9, "b": ["x"]}]
    criteria = [Criterion("tags", "tags", ("a",), ("b",), 1)]
    earlier = [("mentor", 1, 9), ("mentor", 2, 8)]
    fit = {"criteria": criteria, "rules": []}
    assert pairs(Matcher(**fit).fit(interns, hosts)) == [("mentor", 1, 8), ("mentor", 2, 9)]
    assert pairs(Matcher(**fit, staying=100).fit(interns, hosts, earlier=earlier)) == earlier
    assert pairs(Matcher(**fit, staying=10).fit(interns, hosts, earlier=earlier)) == [
        ("mentor", 1, 8),
        ("mentor", 2, 9),
    ]
    gone = Matcher(**fit, staying=100).fit(interns, hosts, earlier=[*earlier, ("mentor", 7, 8)])
    assert gone.problem_.earlier == tuple(earlier)


@pytest.mark.parametrize("settings", [{"mixture": 101}, {"staying": -1}, {"per_intern": 0}, {"per_intern": {"x": 1}}])
def test_settings_out_of_range_are_refused(settings):
    with pytest.raises(InvalidInput, match="expected"):
        Matcher([FIELD], rules=[], **settings).fit([AOI], [KEN])


def test_assign_answers_in_the_form_of_the_question():
    frame = pd.DataFrame([AOI])
    table = Matcher([FIELD], rules=[]).assign(frame, pd.DataFrame([KEN]))
    assert list(table.columns) == ["track", "intern", "host", "points", "fit"]
    assert table.intern.tolist() == [AOI["id"]]
    matcher = Matcher([FIELD], rules=[])
    assert matcher.assign([AOI], [KEN]) == matcher.pairs_
    assert "1 pairs of at most 1" in repr(matcher)
