"""Variants that break matchers, small, in the compiled engine with its lists cut short, beside SciPy's assignment."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import linear_sum_assignment

from benchmarks.instances import HARD, topics
from mentormatch.matching.solver.assignment import AssignmentProblem, Status, Track, solve
from mentormatch.matching.solver.certificate import certify

ALL = slice(None)
VARIANTS = {"topics": topics} | HARD


def best(source, capacity):
    """Most filled places and their highest total: one column per place, and what is forbidden costs more than all."""
    place = np.repeat(np.arange(capacity.size), np.minimum(capacity, source.shape[0]))
    scores = source.scores(ALL, ALL).astype(np.int64)
    forbidden = -scores.max() * scores.shape[0] - 1
    gains = np.where(source.allowed(ALL, ALL), scores, forbidden)[:, place]
    gained = gains[linear_sum_assignment(gains, maximize=True)]
    return int((gained >= 0).sum()), int(gained[gained >= 0].sum())


@pytest.fixture
def short_lists(monkeypatch):
    """Small instances go the way of large ones: a sample first, several scans, repairs."""
    settings = {"guarded.FIRST": 4, "guarded.NEXT": 3, "guarded.ENOUGH": 40, "guarded.FRACTION": 4}
    for name, value in (settings | {"assignment.LARGE": 0, "scanning.ROWS": 32, "scanning.COLUMNS": 24}).items():
        monkeypatch.setattr(f"mentormatch.matching.solver.{name}", value)


def check(source, capacity):
    problem = AssignmentProblem((Track("t", source, capacity),))
    answer = solve(problem)
    assert (answer.coverage, answer.objective) == best(source, capacity)
    assert answer.status == Status.OPTIMAL
    assert certify(problem, answer).optimal


@pytest.mark.parametrize("n", [24, 60, 161, 400])
@pytest.mark.parametrize("name", VARIANTS)
def test_short_lists_lead_to_the_best_total(name, n, short_lists):
    check(*VARIANTS[name](n))


@pytest.mark.parametrize("repairs", [True, False])
@pytest.mark.parametrize("name", VARIANTS)
def test_repairs_and_fresh_starts_lead_to_the_best_total(name, repairs, short_lists, monkeypatch):
    monkeypatch.setattr("mentormatch.matching.solver.guarded.MANY", 1.0 if repairs else -1.0)
    check(*VARIANTS[name](200))


@pytest.mark.parametrize("name", VARIANTS)
def test_the_engine_as_it_is_finds_the_best_total(name):
    check(*VARIANTS[name](500))
