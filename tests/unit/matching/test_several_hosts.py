"""Several different hosts for an intern: every engine against an integer program, with the certificate."""

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
    Status,
    Track,
    solve,
)
from mentormatch.matching.solver.blocks import DenseScores
from mentormatch.matching.solver.certificate import certify
from tests.unit.matching.problems import (
    best_by_integer_program,
    coupled_problems,
    keeps_the_rules,
    several_problems,
    total,
)


@pytest.fixture(params=["HiGHS", "compiled"], autouse=True, scope="module")
def engine(request):
    """Everything holds for both engines, and for lists so short that they must be renewed."""
    with pytest.MonkeyPatch.context() as patch:
        if request.param == "compiled":
            patch.setattr("mentormatch.matching.solver.assignment.LARGE", 0)
            for name, value in [("FIRST", 2), ("NEXT", 1), ("ENOUGH", 12), ("FRACTION", 2)]:
                patch.setattr(f"mentormatch.matching.solver.guarded.{name}", value)
        else:
            for name, value in [("EVERY_PAIR", 0), ("FIRST_LIST", 1), ("NEXT_LIST", 1)]:
                patch.setattr(f"mentormatch.matching.solver.generation.{name}", value)
        yield request.param


def solved(problem):
    """The answer, or None where pins or minima cannot be met."""
    try:
        return solve(problem)
    except (ContradictoryPins, ImpossibleMinimum):
        return None


@settings(deadline=None, max_examples=150)
@given(several_problems())
def test_several_hosts_equal_an_integer_program(problem):
    best, answer = best_by_integer_program(problem), solved(problem)
    if best is None:
        assert answer is None
        return
    assert keeps_the_rules(problem, answer.pairs)
    assert total(problem, answer.pairs) == (answer.coverage, answer.objective) == best
    assert (answer.coverage_bound, answer.upper_bound) == best
    assert answer.status == Status.OPTIMAL
    assert answer.proof == Proof.PRICES
    assert certify(problem, answer).optimal


@settings(deadline=None, max_examples=100)
@given(coupled_problems(several=True))
def test_several_hosts_of_tracks_that_share_people(problem):
    best, answer = best_by_integer_program(problem), solved(problem)
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


@settings(deadline=None, max_examples=50)
@given(several_problems(), st.randoms(use_true_random=False))
def test_order_does_not_matter(problem, random):
    (track,) = problem.tracks
    n, m = track.source.shape
    rows, columns = random.sample(range(n), n), random.sample(range(m), m)
    source = DenseScores(track.source.matrix[rows][:, columns], track.source.mask[rows][:, columns])
    shuffled = replace(
        track,
        source=source,
        capacity=track.capacity[columns],
        minimum=track.minimum[columns],
        wanted=track.wanted[rows],
    )
    pins = tuple((0, rows.index(row), columns.index(column)) for _, row, column in problem.pins)
    first, second = solved(problem), solved(AssignmentProblem((shuffled,), pins))
    assert (first is None) == (second is None)
    if first is not None:
        assert (first.coverage, first.objective) == (second.coverage, second.objective)


def random_problem(seed, n=150, m=50, share=0.6, **track):
    rng = np.random.default_rng(seed)
    wanted = rng.integers(0, 5, n)
    capacity = rng.integers(1, 2 * wanted.sum() // m + 2, m)
    source = DenseScores(rng.integers(0, 1001, (n, m)), rng.random((n, m)) < share)
    return AssignmentProblem((Track("mentors", source, capacity, wanted=wanted, **track),))


@pytest.mark.parametrize("questions", range(6))
def test_stopping_early_gives_a_valid_matching_with_its_bound(questions):
    problem = random_problem(3, minimum=np.ones(50, np.int64))
    asked = iter([False] * questions + [True] * 99)
    answer = solve(problem, should_stop=lambda: next(asked))
    best = solve(problem)
    certificate = certify(problem, answer)
    assert certificate.valid
    assert answer.status in {Status.OPTIMAL, Status.STOPPED}
    assert answer.coverage <= best.coverage <= answer.coverage_bound
    if answer.coverage == best.coverage:
        assert answer.objective <= best.objective <= min(answer.upper_bound, certificate.upper_bound)


def test_utilities_and_prices_add_up_to_the_bound():
    problem = random_problem(4)
    answer = solve(problem)
    (track,), (utilities,), (price,) = problem.tracks, answer.utilities, answer.prices.hosts
    assert utilities.shape == answer.pairs[0].shape == (track.wanted.sum(),)
    unfilled = (utilities.size - answer.coverage) * answer.prices.unfilled
    assert utilities.sum() + (price * track.capacity).sum() == answer.objective + unfilled


def test_the_places_of_an_intern_stand_in_a_line_in_order():
    problem = random_problem(5)
    (track,), (pairs,) = problem.tracks, solve(problem).pairs
    for mine in np.split(pairs, np.cumsum(track.wanted)[:-1]):
        filled = mine[mine >= 0].tolist()
        assert filled == sorted(set(filled))
        assert (mine[len(filled) :] == -1).all()


@pytest.mark.parametrize("block", [1, 300])
def test_the_size_of_blocks_does_not_matter(monkeypatch, block):
    problem = random_problem(6)
    expected = solve(problem)
    monkeypatch.setattr("mentormatch.matching.solver.blocks.BLOCK_PAIRS", block)
    monkeypatch.setattr("mentormatch.matching.solver.blocks.row_blocks.__defaults__", (block,))
    monkeypatch.setattr("mentormatch.matching.solver.certificate.BLOCK_PAIRS", block)
    again = solve(problem)
    assert again.pairs[0].tolist() == expected.pairs[0].tolist()
    assert certify(problem, again) == certify(problem, expected)


def small(wanted, capacity=(2, 2, 2), minimum=None, owner=None):
    scores = np.array([[9, 8, 1], [9, 2, 1]], np.int32)
    return Track("mentors", DenseScores(scores), np.array(capacity), minimum, owner, np.array(wanted))


def test_nobody_gets_a_host_twice_for_want_of_others():
    answer = solve(AssignmentProblem((small([5, 1]),)))
    assert answer.pairs[0].tolist() == [0, 1, 2, -1, -1, 0]
    assert (answer.coverage, answer.coverage_bound, answer.status) == (4, 4, Status.OPTIMAL)


def test_who_wants_nobody_gets_nobody():
    problem = AssignmentProblem((small([0, 2]),))
    answer = solve(problem)
    assert answer.pairs[0].tolist() == [0, 1]
    assert certify(problem, answer).optimal
    nobody = solve(AssignmentProblem((small([0, 0]),)))
    assert (nobody.pairs[0].tolist(), nobody.coverage, nobody.status) == ([], 0, Status.OPTIMAL)


def test_pins_fill_some_of_the_places_of_an_intern():
    problem = AssignmentProblem((small([2, 2], (1, 2, 2)),), ((0, 0, 2), (0, 1, 1)))
    answer = solve(problem)
    assert (answer.pairs[0].tolist(), answer.objective) == ([1, 2, 0, 1], 20)
    assert certify(problem, answer).optimal


def test_more_pins_than_places_are_named():
    pins = ((0, 0, 0), (0, 0, 1), (0, 0, 2))
    with pytest.raises(ContradictoryPins) as caught:
        solve(AssignmentProblem((small([2, 1]),), pins))
    assert tuple(map(tuple, caught.value.pins)) == pins
    with pytest.raises(ContradictoryPins):
        solve(AssignmentProblem((small([2, 0]),), ((0, 1, 0),)))
    with pytest.raises(ContradictoryPins):
        solve(AssignmentProblem((small([2, 1], owner=np.array([7, 7, 8])),), ((0, 0, 0), (0, 0, 1))))


def test_minima_beyond_what_interns_want_name_the_hosts():
    with pytest.raises(ImpossibleMinimum) as caught:
        solve(AssignmentProblem((small([2, 1], minimum=np.array([2, 2, 0])),)))
    assert caught.value.columns.tolist() == [0, 1]
    assert "ask for 4 interns together, and the rules leave 3" in str(caught.value)


def test_numbers_of_hosts_wanted_that_make_no_sense_are_refused():
    for wanted in ([1], [1, -1], [[1, 1]]):
        with pytest.raises(InvalidInput):
            solve(AssignmentProblem((small(wanted),)))


def test_the_certificate_sees_what_is_wrong():
    problem = AssignmentProblem((small([2, 2]),), ((0, 1, 0),))
    answer = solve(problem)
    assert certify(problem, answer).optimal
    for wrong, words in [
        ([0, 0, 0, 1], "row 0 has host 0 twice"),
        ([0, 1, 1, 2], "pin (0, 1, 0) is not kept"),
        ([0, 1, 0], "the pairs do not fit the track"),
        ([0, 1, 0, 3], "the pairs do not fit the track"),
    ]:
        certificate = certify(problem, replace(answer, pairs=(np.array(wrong),)))
        assert not certificate.optimal
        assert any(words in violation for violation in certificate.violations)
    worse = certify(problem, replace(answer, pairs=(np.array([0, 2, 0, 1]),)))
    assert worse.valid
    assert not worse.optimal
    short = certify(problem, replace(answer, pairs=(np.array([0, -1, 0, 1]),)))
    assert short.coverage < short.coverage_bound
