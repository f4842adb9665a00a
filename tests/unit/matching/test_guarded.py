"""The engine for large instances, on small ones with its lists cut short, beside HiGHS on the whole problem."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from joblib import parallel_config

from mentormatch.matching.solver.assignment import (
    AssignmentProblem,
    ContradictoryPins,
    ImpossibleMinimum,
    Status,
    Track,
    solve,
)
from mentormatch.matching.solver.blocks import DenseScores
from mentormatch.matching.solver.certificate import certify
from mentormatch.matching.solver.warming import warm_up


def topical(n, m, seed):
    """Scores in which many want the same few hosts."""
    rng = np.random.default_rng(seed)
    interns, mentors = rng.standard_normal((n, 6)), rng.standard_normal((m, 6))
    return np.clip(interns @ mentors.T * 1000 + 5000 + 600 * rng.standard_normal(m), 0, 10_000).astype(np.int32)


def random_problem(seed):
    rng = np.random.default_rng(seed)
    n, m = int(rng.integers(1, 60)), int(rng.integers(1, 30))
    highest = int(rng.choice([1, 3, 100, 10_000]))
    scores = rng.integers(0, highest + 1, (n, m))
    allowed = rng.random((n, m)) < rng.choice([0.1, 0.3, 0.7, 1.1])
    capacity = rng.integers(0, rng.choice([2, 4, 2 * n // m + 2, n + 1]), m)
    minimum = np.minimum(capacity, rng.integers(0, 3, m) * (rng.random(m) < 0.2)) if seed % 2 else None
    rows = rng.choice(n, min(n, seed % 3), replace=False).tolist()
    pins = tuple((0, row, int(rng.integers(m))) for row in rows)
    return AssignmentProblem((Track("mentors", DenseScores(scores, allowed), capacity, minimum),), pins)


def solved(problem, patch, large):
    patch.setattr("mentormatch.matching.solver.assignment.LARGE", large)
    try:
        return solve(problem)
    except (ContradictoryPins, ImpossibleMinimum):
        return None


@pytest.fixture
def short_lists(monkeypatch):
    for module, name, value in [
        ("guarded", "FIRST", 3),
        ("guarded", "NEXT", 2),
        ("guarded", "ENOUGH", 12),
        ("guarded", "FRACTION", 2),
        ("scanning", "ROWS", 4),
        ("scanning", "COLUMNS", 5),
    ]:
        monkeypatch.setattr(f"mentormatch.matching.solver.{module}.{name}", value)


@pytest.mark.parametrize("seed", range(60))
def test_repairs_alone_lead_to_the_same_optimum(seed, monkeypatch, short_lists):
    monkeypatch.setattr("mentormatch.matching.solver.guarded.MANY", 1.0)
    rng = np.random.default_rng(seed)
    places = np.bincount(np.concatenate([np.arange(20), rng.integers(0, 20, 60)]), minlength=20)
    problem = AssignmentProblem((Track("t", DenseScores(topical(80, 20, seed)), places),))
    expected, answer = solved(problem, monkeypatch, 1 << 60), solved(problem, monkeypatch, 0)
    assert (answer.coverage, answer.objective) == (expected.coverage, expected.objective)
    assert certify(problem, answer).optimal


@pytest.mark.parametrize("seed", range(150))
def test_short_lists_and_first_prices_change_nothing(seed, monkeypatch, short_lists):
    problem = random_problem(seed)
    expected, answer = solved(problem, monkeypatch, 1 << 60), solved(problem, monkeypatch, 0)
    assert (answer is None) == (expected is None)
    if answer is not None:
        assert (answer.coverage, answer.objective) == (expected.coverage, expected.objective)
        assert answer.status == Status.OPTIMAL
        assert certify(problem, answer).optimal


def hard_tracks(n, m):
    """The variants that break matchers: named, each with its track."""
    scores, rng = topical(n, m, 1), np.random.default_rng(2)
    places = np.bincount(np.concatenate([np.arange(m), rng.integers(0, m, n - m)]), minlength=m)
    some = np.full(m, 2 * n // m)
    one = np.where(np.arange(m) == 3, n, 1)
    popular = np.where(np.arange(m) == 0, 9_000, scores // 10)
    banned = (np.arange(n)[:, None] % 7 != np.arange(m)[None, :] % 7) & (np.arange(n) > 4)[:, None]
    return {
        "places exactly enough": Track("t", DenseScores(scores), places),
        "too few places": Track("t", DenseScores(scores), np.full(m, n // m - 1)),
        "massive ties": Track("t", DenseScores(scores // 5_000), some),
        "all alike": Track("t", DenseScores(np.full((n, m), 7)), some),
        "one host for all": Track("t", DenseScores(scores), one),
        "everybody wants one host": Track("t", DenseScores(popular), some),
        "bans, and interns without anybody": Track("t", DenseScores(scores, banned), some),
        "minimum loads": Track("t", DenseScores(scores), some, np.full(m, n // m - 1)),
        "one to one": Track("t", DenseScores(topical(m, m, 3)), np.ones(m, np.int64)),
    }


@pytest.mark.parametrize("name", list(hard_tracks(8, 4)))
def test_hard_variants_are_solved_and_proved(name):
    problem = AssignmentProblem((hard_tracks(1200, 300)[name],))
    answer = solve(problem)
    certificate = certify(problem, answer)
    assert certificate.violations == ()
    assert certificate.optimal
    assert answer.status == Status.OPTIMAL


@pytest.mark.parametrize("name", list(hard_tracks(8, 4)))
def test_hard_variants_equal_the_other_engine(name, monkeypatch):
    problem = AssignmentProblem((hard_tracks(120, 30)[name],))
    expected, answer = solved(problem, monkeypatch, 1 << 60), solved(problem, monkeypatch, 0)
    assert (answer.coverage, answer.objective) == (expected.coverage, expected.objective)


def several(track, seed):
    """The same, where interns want none to five hosts and there are places to match."""
    wanted = np.random.default_rng(seed).integers(0, 6, track.source.shape[0])
    return replace(track, capacity=track.capacity * 3, wanted=wanted)


@pytest.mark.parametrize("name", list(hard_tracks(8, 4)))
def test_hard_variants_with_several_hosts_are_solved_and_proved(name, monkeypatch, short_lists):
    problem = AssignmentProblem((several(hard_tracks(120, 30)[name], 8),))
    expected, answer = solved(problem, monkeypatch, 1 << 60), solved(problem, monkeypatch, 0)
    assert (answer.coverage, answer.objective) == (expected.coverage, expected.objective)
    assert certify(problem, answer).optimal
    assert answer.status == Status.OPTIMAL


@pytest.mark.parametrize("seed", range(60))
def test_several_hosts_from_short_lists_and_by_repairs_alone(seed, monkeypatch, short_lists):
    monkeypatch.setattr("mentormatch.matching.solver.guarded.MANY", float(seed % 2))
    problem = random_problem(seed)
    problem = replace(problem, tracks=(several(problem.tracks[0], seed),))
    expected, answer = solved(problem, monkeypatch, 1 << 60), solved(problem, monkeypatch, 0)
    assert (answer is None) == (expected is None)
    if answer is not None:
        assert (answer.coverage, answer.objective) == (expected.coverage, expected.objective)
        assert certify(problem, answer).optimal


def test_both_engines_give_three_hosts_each(monkeypatch):
    problem = AssignmentProblem(
        (Track("t", DenseScores(topical(300, 80, 9)), np.full(80, 12), wanted=np.full(300, 3)),)
    )
    expected, answer = solved(problem, monkeypatch, 1 << 60), solved(problem, monkeypatch, 0)
    assert (answer.coverage, answer.objective) == (expected.coverage, expected.objective) == (900, answer.upper_bound)
    assert certify(problem, answer).optimal
    assert certify(problem, expected).optimal


@pytest.mark.parametrize(("rows", "columns", "threads"), [(7, 11, 1), (64, 500, 3), (10_000, 10_000, 2)])
def test_blocks_and_threads_change_nothing(rows, columns, threads, monkeypatch):
    problem = AssignmentProblem((Track("t", DenseScores(topical(900, 250, 4) // 200), np.full(250, 4)),))
    expected = solve(problem)
    monkeypatch.setattr("mentormatch.matching.solver.scanning.ROWS", rows)
    monkeypatch.setattr("mentormatch.matching.solver.scanning.COLUMNS", columns)
    with parallel_config("threading", n_jobs=threads):
        assert solve(problem).pairs[0].tolist() == expected.pairs[0].tolist()


def test_two_large_tracks_that_share_nobody():
    tracks = tuple(Track(f"t{seed}", DenseScores(topical(700, 200, seed)), np.full(200, 4)) for seed in (5, 6))
    problem = AssignmentProblem(tracks)
    answer = solve(problem)
    alone = [solve(AssignmentProblem((track,))).objective for track in tracks]
    assert answer.objective == sum(alone)
    assert certify(problem, answer).optimal


def test_warming_up_twice_is_harmless():
    warm_up()
    warm_up()
