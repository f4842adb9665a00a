"""What is possible before a run, against trying everything."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mentormatch.matching.criteria import DEFAULT_CRITERIA, Rule
from mentormatch.matching.match_problem import MatchProblem
from mentormatch.queries import feasibility
from mentormatch.queries.feasibility import DECISIONS, figures, largest_coverage

HOURS, LANGUAGE = Rule("hours", "shared_hours", {"minutes": 60}), Rule("language", "shared_language", {"min_level": 2})


@st.composite
def masks(draw):
    n, m = draw(st.integers(0, 7)), draw(st.integers(0, 4))
    row = st.lists(st.booleans(), min_size=m, max_size=m)
    allowed = np.array(draw(st.lists(row, min_size=n, max_size=n)), np.bool_)
    capacity = np.array(draw(st.lists(st.integers(0, 3), min_size=m, max_size=m)), np.int64)
    return allowed.reshape(n, m), capacity


def _left_over(allowed: np.ndarray, capacity: np.ndarray) -> int:
    """Return the largest deficit of any group of interns (Hall, Ore): so many are left over at least, and at best."""
    n = len(allowed)
    groups = (list(group) for size in range(n + 1) for group in combinations(range(n), size))
    return max(len(group) - int(capacity[allowed[group].any(axis=0)].sum()) if group else 0 for group in groups)


@given(masks())
def test_the_largest_coverage_is_what_halls_theorem_says(given):
    allowed, capacity = given
    assert largest_coverage(allowed, capacity).size == len(allowed) - _left_over(allowed, capacity)


@given(masks())
def test_where_places_are_short_is_the_largest_deficit(given):
    allowed, capacity = given
    found = largest_coverage(allowed, capacity)
    reach = allowed[found.short].any(axis=0)
    assert (reach == found.scarce).all()
    assert found.short.sum() - capacity[found.scarce].sum() == _left_over(allowed, capacity)


@settings(max_examples=20)
@given(st.integers(0, 10_000))
def test_some_pairs_at_a_time_reach_the_same(seed):
    rng = np.random.default_rng(seed)
    allowed = rng.random((60, 40)) < rng.choice([0.02, 0.1, 0.9])
    capacity = rng.integers(0, 3, 40)
    whole = largest_coverage(allowed, capacity)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(feasibility, "_ALL_PAIRS", 0)
        patch.setattr(feasibility, "_SOME", 1)
        parts = largest_coverage(allowed, capacity)
    assert parts.size == whole.size
    assert (parts.short == whole.short).all()
    assert (parts.scarce == whole.scarce).all()


# -- with people


@st.composite
def problems(draw):
    """A few people with one or two languages and one free hour, rules about both, and decisions."""
    level = st.integers(1, 3)
    starts = st.tuples(st.integers(0, 1), st.sampled_from([540, 570, 600]))
    window = starts.map(lambda one: [one[0], one[1], one[1] + 60])
    profile = st.fixed_dictionaries(
        {},
        optional={
            "languages": st.lists(st.tuples(st.sampled_from(["ja", "en"]), level).map(list), min_size=1, max_size=2),
            "free_time": st.lists(window, min_size=1, max_size=1),
        },
    )
    interns = [{"id": number, **draw(profile)} for number in range(1, draw(st.integers(0, 5)) + 1)]
    hosts = [
        {"id": 100 + number, "capacity": draw(st.integers(0, 2)), **draw(profile)}
        for number in range(draw(st.integers(0, 3)))
    ]
    pairs = [("mentor", intern["id"], host["id"]) for intern in interns for host in hosts]
    bans = draw(st.lists(st.sampled_from(pairs), max_size=3)) if pairs else []
    return MatchProblem.of(interns, {"mentor": hosts}, criteria=DEFAULT_CRITERIA, rules=(HOURS, LANGUAGE), bans=bans)


def _level(one, other):
    common = [min(a, b) for code, a in one for code_, b in other if code == code_]
    return max(common, default=0)


def _minutes(one, other):
    return sum(max(0, min(e, f) - max(s, t)) for d, s, e in one for d_, t, f in other if d == d_)


def _kept(intern, host, name, needed) -> bool:
    mine, theirs = intern.get(name), host.get(name)
    if not mine or not theirs:
        return True
    return (_level if name == "languages" else _minutes)(mine, theirs) >= needed


def _mask(problem, minutes, level, *, bans=True) -> np.ndarray:
    hosts = problem.hosts["mentor"]
    banned = {pair[1:] for pair in problem.bans} if bans else set()
    cells = [
        _kept(intern, host, "free_time", minutes)
        and _kept(intern, host, "languages", level)
        and (intern["id"], host["id"]) not in banned
        for intern in problem.interns
        for host in hosts
    ]
    return np.array(cells, np.bool_).reshape(len(problem.interns), len(hosts))


@settings(max_examples=60)
@given(problems())
def test_what_each_rule_costs_is_what_one_gets_without_it(problem):
    found = figures(problem)["mentor"]
    capacity = np.array([host["capacity"] for host in problem.hosts["mentor"]], np.int64)

    def covered(*setting, **decided) -> int:
        mask = _mask(problem, *setting, **decided)
        return len(mask) - _left_over(mask, capacity)

    best = covered(60, 2)
    assert (found["coverage"], found["interns"]) == (best, len(problem.interns))
    assert found["nobody"] == int((~_mask(problem, 60, 2).any(axis=1)).sum())
    rules = {rule["rule"]: rule for rule in found["rules"]}
    assert rules["hours"]["gain"] == covered(0, 2) - best
    assert rules["language"]["gain"] == covered(60, 0) - best
    assert rules["hours"]["relaxed"] == {"to": 30, "gain": covered(30, 2) - best}
    assert rules["language"]["relaxed"] == {"to": 1, "gain": covered(60, 1) - best}
    assert rules["hours"]["alone"] == int((_mask(problem, 0, 2) & ~_mask(problem, 60, 2)).sum())
    assert rules["hours"]["removes"] == int((~_mask(problem, 60, 0, bans=False)).sum())
    if problem.bans:
        assert rules[DECISIONS]["gain"] == covered(60, 2, bans=False) - best
    gains = [rule["gain"] for rule in found["rules"]]
    assert gains == sorted(gains, reverse=True)


@settings(max_examples=60)
@given(problems())
def test_bottlenecks_and_those_with_nobody_are_all_who_are_left_over(problem):
    found = figures(problem)["mentor"]
    left = sum(group["count"] - group["places"] for group in found["bottlenecks"])
    assert all(group["count"] > group["places"] for group in found["bottlenecks"])
    assert left + found["nobody"] == found["interns"] - found["coverage"]
    mask = _mask(problem, 60, 2)
    ids = [intern["id"] for intern in problem.interns]
    for group in found["bottlenecks"]:
        rows = [ids.index(one) for one in group["interns"]]
        reach = {problem.hosts["mentor"][column]["id"] for column in np.flatnonzero(mask[rows].any(axis=0))}
        assert reach == set(group["hosts"])


@settings(max_examples=60)
@given(problems())
def test_what_would_help_somebody_with_nobody_is_true(problem):
    for one in figures(problem)["mentor"]["stranded"]:
        row = [intern["id"] for intern in problem.interns].index(one["intern"])
        for offer in one["helps"]:
            minutes = offer["to"] or 0 if offer["rule"] == "hours" else 60
            level = offer["to"] or 0 if offer["rule"] == "language" else 2
            mask = _mask(problem, minutes, level, bans=offer["rule"] != DECISIONS)
            assert mask[row].sum() == offer["hosts"] > 0


def test_a_settled_intern_seeks_nobody_and_a_pin_leaves_one_pair():
    interns = [{"id": 1, "settled": ["mentor"]}, {"id": 2}, {"id": 3}]
    problem = MatchProblem.of(
        interns, {"mentor": [{"id": 9}, {"id": 10}]}, criteria=DEFAULT_CRITERIA, rules=(), pins=[("mentor", 2, 9)]
    )
    found = figures(problem)["mentor"]
    assert (found["interns"], found["coverage"]) == (2, 2)
    assert found["rules"][0] | {"rule": "", "kind": ""} == {
        "rule": "", "kind": "", "removes": 1, "alone": 1, "nobody": 0, "gain": 0, "relaxed": None
    }  # fmt: skip


def test_a_programme_without_hosts_or_without_interns():
    nobody = figures(MatchProblem.of([{"id": 1}], {"mentor": []}, criteria=DEFAULT_CRITERIA, rules=(HOURS,)))["mentor"]
    assert (nobody["coverage"], nobody["nobody"], nobody["places"]) == (0, 1, 0)
    assert nobody["bottlenecks"] == []
    nothing = figures(MatchProblem.of([], {"mentor": [{"id": 1}]}, criteria=DEFAULT_CRITERIA, rules=(HOURS,)))["mentor"]
    assert (nothing["interns"], nothing["coverage"], nothing["stranded"]) == (0, 0, [])
