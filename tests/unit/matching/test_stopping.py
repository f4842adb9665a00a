"""A stop at any moment of the compiled engine: what comes back is valid, and its gap is honest."""

from __future__ import annotations

import numpy as np
import pytest

from mentormatch.matching.solver import passes
from mentormatch.matching.solver.assignment import AssignmentProblem, Status, Track, solve
from mentormatch.matching.solver.blocks import DenseScores
from mentormatch.matching.solver.certificate import certify
from mentormatch.matching.solver.passes import Grain


def problem(kind):
    rng = np.random.default_rng(5)
    n, m = 240, 60
    interns, hosts = rng.standard_normal((n, 6)), rng.standard_normal((m, 6))
    scores = np.clip(interns @ hosts.T * 1000 + 5000, 0, 10_000).astype(np.int32)
    allowed = np.arange(n)[:, None] % 5 != np.arange(m) % 5 if kind == "rules" else None
    minimum = np.full(m, 2) if kind == "minima" else None
    wanted = rng.integers(0, 3, n) if kind == "several" else None
    return AssignmentProblem((Track("t", DenseScores(scores, allowed), np.full(m, 4), minimum, wanted=wanted),))


@pytest.fixture(autouse=True)
def many_questions(monkeypatch):
    """Small pieces, so that there are many moments at which a stop may come."""
    solver = "mentormatch.matching.solver"
    settings = {"guarded.FIRST": 6, "guarded.NEXT": 3, "guarded.ENOUGH": 50, "guarded.FRACTION": 2, "guarded.PIECE": 20}
    for name, value in (settings | {"scanning.ROWS": 16, "assignment.LARGE": 0}).items():
        monkeypatch.setattr(f"{solver}.{name}", value)
    monkeypatch.setattr(passes, "IN_THREADS", Grain(4, 1, 1 << 20))


def stopped_at(problem, moment):
    """The answer when the question of this number is answered yes, and how many questions were asked."""
    asked = []

    def should_stop():
        asked.append(1)
        return len(asked) > moment

    return solve(problem, should_stop=should_stop), len(asked)


@pytest.mark.parametrize("quick", [0, 1 << 30])
@pytest.mark.parametrize("kind", ["plain", "rules", "minima", "several"])
def test_a_stop_at_any_moment_gives_a_valid_matching_with_an_honest_gap(kind, quick, monkeypatch):
    monkeypatch.setattr("mentormatch.matching.solver.independent.QUICK", quick)
    stated = problem(kind)
    best, moments = stopped_at(stated, 1 << 20)
    assert moments > 20
    for moment in range(0, moments, max(1, moments // 15)):
        answer, asked = stopped_at(stated, moment)
        certificate = certify(stated, answer)
        assert certificate.violations == ()
        assert answer.status == Status.STOPPED or certificate.optimal
        assert asked == moment + 1
        assert answer.coverage <= best.coverage <= certificate.coverage_bound <= answer.coverage_bound
        assert certificate.upper_bound <= answer.upper_bound
        if answer.coverage == best.coverage:
            assert answer.objective <= best.objective <= certificate.upper_bound


def test_a_stop_at_once_still_fills_most_places():
    stated = problem("plain")
    answer = solve(stated, should_stop=lambda: True)
    assert answer.coverage == 240
    assert answer.gap > 0
