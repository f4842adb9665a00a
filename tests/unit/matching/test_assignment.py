"""The exact assignment against brute force, maximum flow and its own certificate."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mentormatch.core.errors import InvalidInput
from mentormatch.matching.solver.assignment import (
    AssignmentProblem,
    ContradictoryPins,
    ImpossibleMinimum,
    Proof,
    Stage,
    Status,
    Track,
    solve,
)
from mentormatch.matching.solver.blocks import DenseScores
from mentormatch.matching.solver.certificate import certify
from tests.unit.matching.problems import (
    best_by_brute_force,
    coupled_problems,
    keeps_the_rules,
    most_places,
    single_problems,
    total,
)


@pytest.fixture(params=["HiGHS", "compiled"], autouse=True, scope="module")
def engine(request):
    """Everything holds for both engines, whatever the size that each is meant for."""
    with pytest.MonkeyPatch.context() as patch:
        if request.param == "compiled":
            patch.setattr("mentormatch.matching.solver.assignment.LARGE", 0)
        yield request.param


def solved(problem):
    """The answer, or None where pins or minima cannot be met."""
    try:
        return solve(problem)
    except (ContradictoryPins, ImpossibleMinimum):
        return None


def instance(n, m, *, seed=0, share=1.0, **track):
    rng = np.random.default_rng(seed)
    capacity = rng.integers(1, 2 * n // m + 2, m)
    source = DenseScores(rng.integers(0, 10_001, (n, m)), rng.random((n, m)) < share)
    return AssignmentProblem((Track("mentors", source, capacity, **track),))


@settings(deadline=None, max_examples=200)
@given(single_problems())
def test_total_and_coverage_equal_brute_force(problem):
    best, answer = best_by_brute_force(problem), solved(problem)
    if best is None:
        assert answer is None
        return
    assert keeps_the_rules(problem, answer.pairs)
    assert total(problem, answer.pairs) == (answer.coverage, answer.objective) == best
    assert answer.status == Status.OPTIMAL
    assert answer.proof == Proof.PRICES
    assert certify(problem, answer).optimal


@settings(deadline=None, max_examples=150)
@given(coupled_problems())
def test_two_tracks_that_share_people_equal_brute_force(problem):
    best, answer = best_by_brute_force(problem), solved(problem)
    if best is None:
        assert answer is None
        return
    assert keeps_the_rules(problem, answer.pairs)
    assert total(problem, answer.pairs) == (answer.coverage, answer.objective) == best
    assert (answer.coverage_bound, answer.upper_bound) == best
    assert answer.status == Status.OPTIMAL
    certificate = certify(problem, answer)
    assert certificate.valid
    assert certificate.optimal or answer.proof == Proof.BRANCHING


@settings(deadline=None, max_examples=100)
@given(single_problems(most_interns=12, most_hosts=8))
def test_coverage_equals_maximum_flow(problem):
    problem = replace(problem, tracks=(replace(problem.tracks[0], minimum=None),))
    answer = solved(problem)
    if answer is not None:
        assert answer.coverage == answer.coverage_bound == most_places(problem)


@settings(deadline=None, max_examples=50)
@given(single_problems(), st.randoms(use_true_random=False))
def test_order_does_not_matter(problem, random):
    (track,) = problem.tracks
    n, m = track.source.shape
    rows, columns = random.sample(range(n), n), random.sample(range(m), m)
    source = DenseScores(track.source.matrix[rows][:, columns], track.source.mask[rows][:, columns])
    shuffled = Track(track.name, source, track.capacity[columns], track.minimum[columns])
    pins = tuple((0, rows.index(row), columns.index(column)) for _, row, column in problem.pins)
    first, second = solved(problem), solved(AssignmentProblem((shuffled,), pins))
    assert (first is None) == (second is None)
    if first is not None:
        assert (first.coverage, first.objective) == (second.coverage, second.objective)


def test_a_larger_problem_is_generated_and_proved():
    problem = instance(400, 100, seed=1, share=0.8)
    answer = solve(problem)
    assert answer.status == Status.OPTIMAL
    assert certify(problem, answer).optimal


@pytest.mark.parametrize("block", [1, 700, 1 << 21])
def test_the_size_of_blocks_does_not_matter(monkeypatch, block):
    problem = instance(300, 120, seed=2, share=0.7)
    expected = solve(problem)
    monkeypatch.setattr("mentormatch.matching.solver.blocks.BLOCK_PAIRS", block)
    monkeypatch.setattr("mentormatch.matching.solver.blocks.row_blocks.__defaults__", (block,))
    again = solve(problem)
    assert [pairs.tolist() for pairs in again.pairs] == [pairs.tolist() for pairs in expected.pairs]


def test_the_same_problem_gives_the_same_pairs():
    source = DenseScores(np.full((40, 10), 7, np.int32))
    problem = AssignmentProblem((Track("mentors", source, np.full(10, 4)),))
    assert solve(problem).pairs[0].tolist() == solve(problem).pairs[0].tolist()


@pytest.mark.parametrize("questions", [0, 1, 2])
def test_stopping_early_gives_a_valid_matching_with_its_gap(questions):
    problem = instance(300, 120, seed=3, share=0.5, minimum=np.full(120, 1))
    asked = iter([False] * questions + [True] * 99)
    answer = solve(problem, should_stop=lambda: next(asked))
    best = solve(problem)
    certificate = certify(problem, answer)
    assert certificate.valid
    assert answer.status == (Status.OPTIMAL if certificate.optimal else Status.STOPPED)
    assert questions or not certificate.optimal
    assert answer.coverage <= best.coverage <= answer.coverage_bound == certificate.coverage_bound
    assert answer.upper_bound == certificate.upper_bound
    if answer.coverage == best.coverage:
        assert answer.objective <= best.objective <= answer.upper_bound


def test_progress_tells_a_rising_matching_and_a_falling_bound():
    seen = []
    answer = solve(instance(300, 120, seed=4), progress=seen.append)
    assert [step.stage for step in seen][:2] == [Stage.CHECKING, Stage.SCORING]
    assert seen[-1].stage == Stage.DONE
    assert (seen[-1].fraction, seen[-1].objective, seen[-1].upper_bound) == (1.0, answer.objective, answer.objective)
    fractions = [step.fraction for step in seen]
    assert fractions == sorted(fractions)
    bounds = [step.upper_bound for step in seen if step.upper_bound is not None]
    assert bounds == sorted(bounds, reverse=True)


def test_coverage_comes_before_points():
    source = DenseScores(np.array([[0, 0], [10_000, 0]], np.int32), np.array([[True, False], [True, True]]))
    answer = solve(AssignmentProblem((Track("mentors", source, np.array([1, 1])),)))
    assert answer.pairs[0].tolist() == [0, 1]


def test_nobody_permitted_is_left_unfilled():
    source = DenseScores(np.ones((2, 1), np.int32), np.zeros((2, 1), np.bool_))
    answer = solve(AssignmentProblem((Track("mentors", source, np.array([5])),)))
    assert (answer.pairs[0].tolist(), answer.coverage, answer.status) == ([-1, -1], 0, Status.OPTIMAL)


def test_no_hosts_and_no_interns_are_problems_too():
    for shape in [(3, 0), (0, 2), (0, 0)]:
        source = DenseScores(np.zeros(shape, np.int32))
        answer = solve(AssignmentProblem((Track("mentors", source, np.ones(shape[1], np.int64)),)))
        assert (answer.coverage, answer.objective, answer.status) == (0, 0, Status.OPTIMAL)


def test_a_pin_goes_before_a_hard_rule():
    source = DenseScores(np.array([[3, 9], [9, 3]], np.int32), np.array([[False, True], [True, True]]))
    answer = solve(AssignmentProblem((Track("mentors", source, np.array([1, 1])),), ((0, 0, 0),)))
    assert (answer.pairs[0].tolist(), answer.objective) == ([0, 1], 6)


def test_an_impossible_minimum_names_the_hosts():
    mask = np.array([[True, True, True], [False, False, True], [False, False, True]])
    source = DenseScores(np.ones((3, 3), np.int32), mask)
    track = Track("mentors", source, np.array([2, 2, 2]), np.array([1, 1, 1]))
    with pytest.raises(ImpossibleMinimum) as caught:
        solve(AssignmentProblem((track,)))
    assert (caught.value.track, caught.value.columns.tolist()) == (0, [0, 1])
    assert "ask for 2 interns together, and the rules leave 1" in str(caught.value)


def test_a_minimum_above_the_capacity_names_the_host():
    track = Track("mentors", DenseScores(np.ones((3, 2), np.int32)), np.array([1, 1]), np.array([0, 2]))
    with pytest.raises(ImpossibleMinimum) as caught:
        solve(AssignmentProblem((track,)))
    assert caught.value.columns.tolist() == [1]


def test_contradictory_pins_are_named():
    track = Track("mentors", DenseScores(np.ones((3, 2), np.int32)), np.array([1, 1]))
    with pytest.raises(ContradictoryPins) as place:
        solve(AssignmentProblem((track,), ((0, 0, 0), (0, 0, 1))))
    assert [tuple(pin) for pin in place.value.pins] == [(0, 0, 0), (0, 0, 1)]
    with pytest.raises(ContradictoryPins):
        solve(AssignmentProblem((track,), ((0, 0, 0), (0, 1, 0))))
    with pytest.raises(InvalidInput):
        solve(AssignmentProblem((track,), ((0, 0, 9),)))


def test_shapes_that_do_not_fit_are_refused():
    source = DenseScores(np.ones((3, 2), np.int32))
    with pytest.raises(InvalidInput):
        solve(AssignmentProblem((Track("mentors", source, np.array([1])),)))
    with pytest.raises(InvalidInput):
        solve(AssignmentProblem((Track("mentors", source, np.array([1, -1])),)))
    with pytest.raises(InvalidInput):
        solve(AssignmentProblem(()))
    with pytest.raises(InvalidInput):
        DenseScores(np.ones((3, 2)))
    with pytest.raises(InvalidInput):
        DenseScores(np.full((3, 2), -1))


def test_two_larger_tracks_that_share_people_are_proved():
    rng = np.random.default_rng(5)
    owners = {name: rng.choice(100, 60, replace=False) for name in ("mentors", "alumni")}
    pair = tuple(
        Track(name, DenseScores(rng.integers(0, 101, (150, 60))), np.full(60, 3), owner=owner)
        for name, owner in owners.items()
    )
    problem = AssignmentProblem(pair, shared_capacity=dict.fromkeys(range(100), 4))
    answer = solve(problem)
    assert certify(problem, answer).valid
    assert answer.status == Status.OPTIMAL


def test_a_person_in_two_tracks_serves_an_intern_once():
    scores = np.array([[9, 1], [9, 1]], np.int32)
    owner = np.array([7, 8])
    one = Track("mentors", DenseScores(scores), np.array([2, 2]), owner=owner)
    two = Track("alumni", DenseScores(scores), np.array([2, 2]), owner=owner)
    answer = solve(AssignmentProblem((one, two)))
    assert (answer.coverage, answer.objective) == (4, 20)
    limited = solve(AssignmentProblem((one, two), shared_capacity={7: 1}))
    assert (limited.coverage, limited.objective) == (3, 11)
