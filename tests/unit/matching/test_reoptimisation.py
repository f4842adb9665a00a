"""A live assignment after any row of edits, beside a fresh solve of the edited problem."""

from __future__ import annotations

from contextlib import suppress

import numpy as np
import pytest

from mentormatch.core.errors import InvalidInput
from mentormatch.matching.solver.assignment import AssignmentProblem, ImpossibleMinimum, Status, Track, solve
from mentormatch.matching.solver.blocks import DenseScores
from mentormatch.matching.solver.certificate import certify
from mentormatch.matching.solver.reoptimisation import LiveAssignment


def problem_of(rng, tracks=1, *, several=False):
    n, m = int(rng.integers(3, 40)), int(rng.integers(2, 15))
    highest = int(rng.choice([2, 100, 10_000]))
    parts = []
    for index in range(tracks):
        allowed = rng.random((n, m)) < rng.choice([0.3, 0.7, 1.1])
        capacity = rng.integers(0, 2 * n // m + 2, m)
        source = DenseScores(rng.integers(0, highest + 1, (n, m)), allowed)
        parts.append(Track(f"t{index}", source, capacity, wanted=rng.integers(0, 4, n) if several else None))
    return AssignmentProblem(tuple(parts))


def random_edit(rng, live):
    """Do one edit that makes sense in the present state."""
    n, m = live.problem.tracks[0].source.shape
    track, row, column = int(rng.integers(len(live.problem.tracks))), int(rng.integers(n)), int(rng.integers(m))
    pins = live.problem.pins
    kind = rng.choice(["withdraw", "restore", "capacity", "pin", "unpin", "ban", "unban"])
    if kind == "withdraw":
        live.withdraw(row)
    elif kind == "restore":
        live.restore(row)
    elif kind == "capacity":
        live.set_capacity(track, column, int(rng.integers(0, 2 * n // m + 2)))
    elif kind == "pin":
        live.pin(track, row, column)
    elif kind == "unpin" and pins:
        live.unpin(*pins[int(rng.integers(len(pins)))])
    elif kind == "ban":
        live.ban(track, row, column)
    else:
        live.unban(track, row, column)


def check(live):
    answer, fresh = live.assignment(), solve(live.problem)
    assert (answer.coverage, answer.objective) == (fresh.coverage, fresh.objective)
    certificate = certify(live.problem, answer)
    assert certificate.violations == ()
    assert certificate.optimal
    assert answer.status == Status.OPTIMAL


@pytest.fixture
def short_lists(monkeypatch):
    monkeypatch.setattr("mentormatch.matching.solver.guarded.FIRST", 3)
    monkeypatch.setattr("mentormatch.matching.solver.guarded.NEXT", 2)


@pytest.mark.parametrize("seed", range(60))
def test_every_edit_is_exact(seed, short_lists):
    rng = np.random.default_rng(seed)
    live = LiveAssignment(problem_of(rng, tracks=1 + seed % 2))
    check(live)
    for _ in range(15):
        with suppress(InvalidInput):
            random_edit(rng, live)
        check(live)


@pytest.mark.parametrize("seed", range(20))
def test_every_edit_is_exact_where_interns_want_several_hosts(seed, short_lists):
    rng = np.random.default_rng(seed)
    live = LiveAssignment(problem_of(rng, tracks=1 + seed % 2, several=True))
    check(live)
    for _ in range(15):
        with suppress(InvalidInput):
            random_edit(rng, live)
        check(live)


def test_trying_on_a_copy_changes_nothing():
    live = LiveAssignment(problem_of(np.random.default_rng(3)))
    before = live.assignment()
    trial = live.copy()
    trial.withdraw(0)
    trial.ban(0, 1, 0)
    trial.set_capacity(0, 0, 5)
    check(trial)
    assert live.assignment().pairs[0].tolist() == before.pairs[0].tolist()
    check(live)


def test_an_impossible_edit_changes_nothing():
    source = DenseScores(np.array([[5, 1], [1, 5]], np.int32), np.array([[True, True], [False, True]]))
    live = LiveAssignment(AssignmentProblem((Track("t", source, np.array([1, 1]), np.array([1, 0])),)))
    with pytest.raises(ImpossibleMinimum) as caught:
        live.withdraw(0)
    assert caught.value.columns.tolist() == [0]
    check(live)
    with pytest.raises(InvalidInput):
        live.pin(0, 1, 7)
    with pytest.raises(ImpossibleMinimum):
        live.set_capacity(0, 0, 0)
    check(live)


def test_minimum_loads_are_kept_through_edits():
    rng = np.random.default_rng(9)
    source = DenseScores(rng.integers(0, 1000, (30, 8)))
    live = LiveAssignment(AssignmentProblem((Track("t", source, np.full(8, 5), np.full(8, 2)),)))
    for row in range(10):
        live.withdraw(row)
        check(live)
    live.pin(0, 20, 3)
    check(live)
    live.set_capacity(0, 3, 2)
    check(live)
    live.unpin(0, 20, 3)
    check(live)


def test_tracks_that_share_people_are_refused():
    source = DenseScores(np.ones((2, 2), np.int32))
    tracks = tuple(Track(name, source, np.array([1, 1]), owner=np.array([1, 2])) for name in "ab")
    with pytest.raises(InvalidInput):
        LiveAssignment(AssignmentProblem(tracks))
