"""Stable matchings and the count of blocking pairs, against all matchings of small instances."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy.optimize import Bounds, LinearConstraint, milp

from mentormatch.core.errors import InvalidInput
from mentormatch.matching.solver.assignment import (
    UNFILLED,
    AssignmentProblem,
    ImpossibleMinimum,
    Proof,
    Status,
    Track,
    solve,
)
from mentormatch.matching.solver.blocking import blocking_pairs
from mentormatch.matching.solver.blocks import DenseScores
from mentormatch.matching.solver.certificate import certify
from mentormatch.matching.solver.problem import Objective, Staying
from mentormatch.matching.solver.stability import solve_stable

STABILITY = "mentormatch.matching.solver.stability"


@st.composite
def markets(draw, interns=4, hosts=3, most=1, highs=(1, 2, 9)):
    """Problems of one track; with ``most`` above 1, interns want several hosts."""
    n, m = draw(st.integers(1, interns)), draw(st.integers(1, hosts))
    high, other = draw(st.sampled_from(highs)), draw(st.sampled_from(highs))
    matrix = draw(hnp.arrays(np.int32, (n, m), elements=st.integers(0, high)))
    theirs = draw(st.none() | hnp.arrays(np.int32, (n, m), elements=st.integers(0, other)))
    mask = draw(hnp.arrays(np.bool_, (n, m), elements=st.sampled_from([True, True, True, False])))
    capacity = draw(hnp.arrays(np.int64, m, elements=st.integers(0, 2)))
    wanted = draw(hnp.arrays(np.int64, n, elements=st.integers(0, most))) if most > 1 else None
    host_source = None if theirs is None else DenseScores(theirs)
    track = Track("mentors", DenseScores(matrix, mask), capacity, wanted=wanted, host_source=host_source)
    pins = ()
    if draw(st.booleans()) and (wanted is None or wanted[0] > 0) and capacity[0] > 0:
        pins = ((0, 0, 0),)
    return AssignmentProblem((track,), pins, objective=Objective.STABLE)


def hosts_of(problem, pairs):
    """A matching of one track as a list of sets of hosts."""
    found = [set() for _ in range(problem.interns)]
    for row, column in zip(problem.tracks[0].place_rows.tolist(), pairs, strict=True):
        if column != UNFILLED:
            found[row].add(int(column))
    return found


def blocked_by(problem, hosts):
    """Blocking pairs of a matching of one track, told plainly."""
    (track,) = problem.tracks
    n, m = track.source.shape
    own = track.source.matrix
    theirs = own if track.host_source is None else track.host_source.matrix
    wanted = np.bincount(track.place_rows, minlength=n)
    pins = {(row, column) for _, row, column in problem.pins}
    found = []
    for row, column in product(range(n), range(m)):
        if column in hosts[row] or not track.source.mask[row, column]:
            continue
        mine = [own[row, j] for j in hosts[row] if (row, j) not in pins]
        members = [i for i in range(n) if column in hosts[i]]
        guests = [theirs[i, column] for i in members if (i, column) not in pins]
        eager = len(hosts[row]) < wanted[row] or any(own[row, column] > score for score in mine)
        open_to = len(members) < track.capacity[column] or any(theirs[row, column] > score for score in guests)
        if eager and open_to:
            found.append((row, column))
    return found


def all_matchings(problem):
    """Every matching of one track that keeps rules, capacities and pins, as lists of sets of hosts."""
    (track,) = problem.tracks
    n, m = track.source.shape
    pins = {(row, column) for _, row, column in problem.pins}
    wanted = np.bincount(track.place_rows, minlength=n)
    choices = []
    for row in range(n):
        may = [j for j in range(m) if track.source.mask[row, j] or (row, j) in pins]
        sets = [set(some) for size in range(wanted[row] + 1) for some in combinations(may, size)]
        choices.append([some for some in sets if all(j in some for i, j in pins if i == row)])
    for hosts in product(*choices):
        load = np.bincount([j for some in hosts for j in some], minlength=m)
        if (load <= track.capacity).all():
            yield list(hosts)


def size(hosts):
    return sum(map(len, hosts))


@pytest.fixture(params=[24, 1], ids=["long lists", "short lists"])
def length(request, monkeypatch):
    """Everything holds however short the first lists are, and whatever they are told later."""
    monkeypatch.setattr(f"{STABILITY}.FIRST", request.param - 1)
    monkeypatch.setattr(f"{STABILITY}.ENTRIES", request.param)
    return request.param


SLOW = settings(deadline=None, max_examples=120)


@pytest.mark.usefixtures("length")
def test_nobody_is_blocked_and_two_thirds_of_the_largest_are_matched():
    @SLOW
    @given(markets(interns=5))
    def check(problem):
        answer = solve_stable(problem)
        hosts = hosts_of(problem, answer.pairs[0])
        every = list(all_matchings(problem))
        assert hosts in every
        assert blocked_by(problem, hosts) == []
        assert (answer.coverage, answer.blocking_pairs, answer.proof) == (size(hosts), 0, Proof.STABILITY)
        assert answer.coverage <= max(map(size, every)) <= answer.coverage_bound
        larger = [other for other in every if size(other) > size(hosts)]
        stable = [size(other) for other in larger if not blocked_by(problem, other)]
        pinned = len(problem.pins)
        assert 3 * (answer.coverage - pinned) >= 2 * (max(stable, default=size(hosts)) - pinned)

    check()


def largest_stable(problem):
    """Size of the largest weakly stable matching, by integer programming (Delorme et al. 2019)."""
    (track,) = problem.tracks
    own, theirs, mask = track.source.matrix, track.host_source.matrix, track.source.mask
    n, m = mask.shape
    rows, low, high = [], [], []

    def limit(chosen, least, most):
        rows.append(np.asarray(chosen, float).ravel())
        low.append(least)
        high.append(most)

    for i in range(n):
        limit(np.arange(n)[:, None] == np.full(m, i), 0, 1)
    for j in range(m):
        limit(np.full((n, 1), j) == np.arange(m), 0, track.capacity[j])
    for i, j in np.argwhere(mask):
        contented = np.zeros((n, m))
        contented[i, own[i] >= own[i, j]] = track.capacity[j]
        contented[theirs[:, j] >= theirs[i, j], j] += 1
        limit(contented, track.capacity[j], np.inf)
    limits = LinearConstraint(np.array(rows), low, high)
    result = milp(-np.ones(n * m), constraints=limits, integrality=np.ones(n * m), bounds=Bounds(0, mask.ravel() * 1.0))
    return round(-result.fun)


@pytest.mark.parametrize("seed", range(30))
def test_two_thirds_of_the_largest_by_integer_programming(seed):
    rng = np.random.default_rng(seed)
    n, m, high = int(rng.integers(4, 12)), int(rng.integers(2, 7)), int(rng.integers(1, 4))
    own = DenseScores(rng.integers(0, high + 1, (n, m)), rng.random((n, m)) < 0.5)
    theirs = DenseScores(rng.integers(0, high + 1, (n, m)))
    problem = AssignmentProblem((Track("mentors", own, rng.integers(1, 4, m), host_source=theirs),))
    largest = largest_stable(problem)
    assert 2 * largest <= 3 * solve_stable(problem).coverage <= 3 * largest


@pytest.mark.usefixtures("length")
def test_without_ties_every_intern_has_her_best_stable_host():
    @SLOW
    @given(st.integers(1, 5), st.integers(1, 4), st.randoms(use_true_random=False))
    def check(n, m, random):
        def strict():
            return DenseScores(np.array(random.sample(range(n * m), n * m)).reshape(n, m))

        mask = np.array([random.random() < 0.8 for _ in range(n * m)]).reshape(n, m)
        capacity = np.array([random.randint(0, 2) for _ in range(m)])
        own = DenseScores(strict().matrix, mask)
        problem = AssignmentProblem((Track("mentors", own, capacity, host_source=strict()),))
        hosts = hosts_of(problem, solve_stable(problem).pairs[0])
        stable = [other for other in all_matchings(problem) if not blocked_by(problem, other)]
        assert {size(other) for other in stable} == {size(hosts)}
        for row in range(n):
            best = max((own.matrix[row, j] for other in stable for j in other[row]), default=None)
            assert [own.matrix[row, j] for j in hosts[row]] == ([] if best is None else [best])

    check()


@pytest.mark.usefixtures("length")
def test_several_places_each():
    @SLOW
    @given(markets(interns=3, hosts=4, most=3))
    def check(problem):
        answer = solve_stable(problem)
        hosts = hosts_of(problem, answer.pairs[0])
        assert hosts in list(all_matchings(problem))
        assert blocked_by(problem, hosts) == []
        found = certify(problem, answer)
        assert (found.violations, found.coverage, found.objective) == ((), answer.coverage, answer.objective)

    check()


@settings(deadline=None, max_examples=100)
@given(markets(most=2), st.integers(1, 20))
def test_blocking_pairs_are_counted_as_they_are_defined(problem, pairs_at_once):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("mentormatch.matching.solver.blocks.row_blocks.__defaults__", (pairs_at_once,))
        for hosts in list(all_matchings(problem))[:20]:
            columns = [sorted(some) for some in hosts]
            wanted = np.bincount(problem.tracks[0].place_rows, minlength=problem.interns)
            places = [each + [UNFILLED] * (int(most) - len(each)) for each, most in zip(columns, wanted, strict=True)]
            pairs = np.array([column for row in places for column in row], np.int64)
            (found,) = blocking_pairs(problem, (pairs,), examples=99)
            expected = blocked_by(problem, hosts)
            assert (found.track, found.count) == ("mentors", len(expected))
            assert sorted((pair.row, pair.column) for pair in found.worst) == expected
            least = [min(pair.gain, pair.host_gain) for pair in found.worst]
            assert least == sorted(least, reverse=True)


def random_market(seed, n=60, m=15, high=1000, **track):
    rng = np.random.default_rng(seed)
    capacity = rng.integers(1, 7, m)
    own = DenseScores(rng.integers(0, high + 1, (n, m)), rng.random((n, m)) < 0.9)
    theirs = DenseScores(rng.integers(0, high + 1, (n, m)))
    return AssignmentProblem((Track("mentors", own, capacity, host_source=theirs, **track),))


def test_gains_are_told_against_what_they_have():
    own = DenseScores(np.array([[5, 9], [7, 1]]))
    theirs = DenseScores(np.array([[3, 8], [6, 2]]))
    problem = AssignmentProblem((Track("mentors", own, np.array([1, 2]), host_source=theirs),))
    (found,) = blocking_pairs(problem, (np.array([0, 1]),))
    assert found.worst == ((0, 1, 4, 8), (1, 0, 6, 3))
    assert found.count == 2
    (found,) = blocking_pairs(replace(problem, pins=((0, 0, 0),)), (np.array([0, 1]),))
    assert found.count == 0


@pytest.mark.parametrize("high", [0, 1, 3, 1000])
def test_lists_that_are_told_bit_by_bit_lead_to_stable_matchings_too(high, monkeypatch):
    problem = random_market(7, n=90, m=25, high=high)
    monkeypatch.setattr(f"{STABILITY}.FIRST", 1)
    monkeypatch.setattr(f"{STABILITY}.ENTRIES", 1)
    answer = solve_stable(problem)
    assert answer.blocking_pairs == 0
    found = certify(problem, answer)
    assert (found.violations, found.coverage, found.objective) == ((), answer.coverage, answer.objective)


def test_neither_block_size_nor_the_length_of_strict_lists_changes_anything(monkeypatch):
    rng = np.random.default_rng(5)
    own, theirs = (DenseScores(rng.permutation(60 * 15).reshape(60, 15)) for _ in range(2))
    problem = AssignmentProblem((Track("mentors", own, rng.integers(1, 5, 15), host_source=theirs),))
    answers = [solve_stable(problem).pairs[0].tolist()]
    for name, value in (("preferences.BLOCK_PAIRS", 40), ("stability.FIRST", 1), ("stability.ENTRIES", 1)):
        monkeypatch.setattr(f"mentormatch.matching.solver.{name}", value)
        answers.append(solve_stable(problem).pairs[0].tolist())
    assert answers.count(answers[0]) == 4


@pytest.mark.parametrize("high", [2, 1000])
def test_ties_give_the_same_in_any_block_size(high, monkeypatch):
    problem = random_market(3, high=high)
    first = solve_stable(problem).pairs[0].tolist()
    monkeypatch.setattr("mentormatch.matching.solver.preferences.BLOCK_PAIRS", 70)
    assert solve_stable(problem).pairs[0].tolist() == first


def test_without_ties_the_order_of_the_input_does_not_matter():
    rng = np.random.default_rng(11)
    own, theirs = rng.permutation(600).reshape(40, 15), rng.permutation(600).reshape(40, 15)
    capacity = rng.integers(1, 4, 15)
    rows, columns = rng.permutation(40), rng.permutation(15)

    def solved(own, theirs, capacity):
        track = Track("mentors", DenseScores(own), capacity, host_source=DenseScores(theirs))
        return solve_stable(AssignmentProblem((track,))).pairs[0]

    straight = solved(own, theirs, capacity)
    mixed = solved(own[rows][:, columns], theirs[rows][:, columns], capacity[columns])
    assert np.where(mixed == UNFILLED, UNFILLED, columns[mixed]).tolist() == straight[rows].tolist()


def test_promotion_and_another_free_host_make_room_for_all():
    """Asked in the order of the columns, the first intern would take the only host of the second for good."""
    own = DenseScores(np.array([[5, 5], [5, 0]]), np.array([[True, True], [True, False]]))
    theirs = DenseScores(np.array([[9, 1], [1, 1]]))
    problem = AssignmentProblem((Track("mentors", own, np.array([1, 1]), host_source=theirs),))
    assert solve_stable(problem).pairs[0].tolist() == [1, 0]
    own = DenseScores(np.array([[5, 4], [5, 0]]), np.array([[True, True], [True, False]]))
    alike = DenseScores(np.ones((2, 2), np.int64))
    problem = AssignmentProblem((Track("mentors", own, np.array([1, 1]), host_source=alike),))
    assert solve_stable(problem).pairs[0].tolist() == [1, 0]


def test_bounds_are_what_the_interns_would_have_with_room_for_all():
    problem = random_market(1)
    answer = solve_stable(problem)
    (track,) = problem.tracks
    best = np.where(track.source.mask, track.source.matrix, -1).max(axis=1)
    assert answer.upper_bound == best[best >= 0].sum()
    assert answer.status == Status.BOUNDED
    roomy = replace(track, capacity=np.full(15, 60), host_source=None)
    answer = solve_stable(AssignmentProblem((roomy,)))
    assert (answer.status, answer.gap, answer.coverage) == (Status.OPTIMAL, 0, answer.coverage_bound)


def test_minimum_loads_that_a_stable_matching_does_not_give_are_refused_by_name():
    own = DenseScores(np.array([[9, 1], [9, 1]]))
    track = Track("mentors", own, np.array([2, 2]), minimum=np.array([0, 1]))
    with pytest.raises(ImpossibleMinimum, match=r"Track mentors, hosts \[1\].*Remove the minimum") as error:
        solve_stable(AssignmentProblem((track,)))
    assert (error.value.track, error.value.columns.tolist()) == (0, [1])
    met = replace(track, minimum=np.array([2, 0]))
    assert solve_stable(AssignmentProblem((met,))).pairs[0].tolist() == [0, 0]


def test_the_hosts_scores_must_fit():
    track = Track(
        "mentors", DenseScores(np.ones((2, 2), int)), np.ones(2, int), host_source=DenseScores(np.ones((2, 3), int))
    )
    with pytest.raises(InvalidInput, match=r"expected scores of the hosts for \(2, 2\)"):
        solve_stable(AssignmentProblem((track,)))


@settings(deadline=None, max_examples=150)
@given(st.integers(0, 10**6))
def test_tracks_that_share_people_are_stable_one_by_one(seed):
    rng = np.random.default_rng(seed)
    n = int(rng.integers(1, 7))
    owners = [np.array([0, 1, -1, 2]), np.array([2, 0, 5])]
    tracks = tuple(
        Track(
            f"track {owner.size}",
            DenseScores(rng.integers(0, 4, (n, owner.size)), rng.random((n, owner.size)) < 0.8),
            rng.integers(0, 4, owner.size),
            owner=owner,
            host_source=DenseScores(rng.integers(0, 4, (n, owner.size))),
        )
        for owner in owners
    )
    pins = ((1, 0, 1),) if rng.random() < 0.5 and tracks[1].capacity[1] else ()
    problem = AssignmentProblem(tracks, pins, {0: int(rng.integers(1, 4)), 5: 1})
    answer = solve_stable(problem)
    assert certify(problem, answer).violations == ()
    assert [track.count for track in blocking_pairs(problem, answer.pairs)] == [0, 0]
    best = sum(int(np.where(t.source.mask, t.source.matrix, 0).max(axis=1).sum()) for t in tracks)
    assert answer.objective <= answer.upper_bound <= best + 3 * len(pins)


def test_two_hosts_of_one_shared_person_are_refused():
    source = DenseScores(np.ones((2, 2), int))
    track = Track("mentors", source, np.ones(2, int), owner=np.array([4, 4]))
    with pytest.raises(InvalidInput, match=r"found several for person \[4\]"):
        solve_stable(AssignmentProblem((track,), shared_capacity={4: 1}))


def test_it_can_be_stopped_with_a_valid_matching(monkeypatch):
    monkeypatch.setattr(f"{STABILITY}.FIRST", 1)
    problem = random_market(2)
    answer = solve_stable(problem, should_stop=lambda: True)
    assert (answer.status, answer.blocking_pairs) == (Status.STOPPED, None)
    assert certify(problem, answer).violations == ()


def test_solve_takes_the_objective_and_lets_pairs_stay_that_are_nearly_as_good():
    source = DenseScores(np.array([[5, 4], [4, 5]]))
    problem = AssignmentProblem((Track("mentors", source, np.array([1, 1])),), objective=Objective.STABLE)
    answer = solve(problem)
    assert (answer.pairs[0].tolist(), answer.proof, answer.objective) == ([0, 1], Proof.STABILITY, 10)
    stays = Staying(((0, 0, 1), (0, 1, 0)), 2)
    answer = solve(replace(problem, staying=stays))
    assert (answer.pairs[0].tolist(), answer.objective) == ([1, 0], 8)
    assert [track.count for track in blocking_pairs(problem, answer.pairs)] == [2]
