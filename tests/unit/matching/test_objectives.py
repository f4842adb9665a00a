"""Worst-off, mixture and staying against brute force, for both engines and every rule."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mentormatch.matching.solver.assignment import (
    AssignmentProblem,
    ContradictoryPins,
    ImpossibleMinimum,
    Objective,
    Proof,
    Status,
    solve,
)
from mentormatch.matching.solver.certificate import certify
from mentormatch.matching.solver.problem import Staying
from mentormatch.matching.solver.worst_off_certificate import certify_worst_off
from tests.unit.matching.problems import coupled_problems, keeps_the_rules, pins, single_problems, total, tracks

NOBODY_THERE = 1 << 40
"""Stands for the worst-off of a track in which nobody counts: nobody is badly off."""


@pytest.fixture(params=["HiGHS", "compiled"], autouse=True, scope="module")
def engine(request):
    with pytest.MonkeyPatch.context() as patch:
        if request.param == "compiled":
            patch.setattr("mentormatch.matching.solver.assignment.LARGE", 0)
        patch.setattr("mentormatch.matching.solver.bottleneck.FIRST", 2)
        patch.setattr("mentormatch.matching.solver.bottleneck.NEXT", 1)
        yield request.param


@st.composite
def apart_problems(draw):
    """Two tracks that share nobody."""
    interns = draw(st.integers(1, 3))
    return AssignmentProblem((draw(tracks(interns, 2)), draw(tracks(interns, 2))))


@st.composite
def several_problems(draw):
    """One track in which interns want none, one or several hosts; or two that share people."""
    interns = draw(st.integers(1, 3))
    if draw(st.booleans()):
        track = draw(tracks(interns, 3, several=True))
        return AssignmentProblem((track,), draw(pins(interns, [track.source.shape[1]], 2)))
    owners = [draw(st.lists(st.integers(0, 2), min_size=1, max_size=2)) for _ in range(2)]
    pair = tuple(draw(tracks(min(interns, 2), owner=np.array(owner), several=True)) for owner in owners)
    return AssignmentProblem(pair)


@st.composite
def stayings(draw, problem):
    """An earlier matching of any kind."""
    cells = [(t, i, j) for t, track in enumerate(problem.tracks) for i, j in np.ndindex(track.source.shape)]
    pairs = draw(st.lists(st.sampled_from(cells), max_size=4))
    return Staying(tuple(pairs), draw(st.sampled_from([1, 3, 40, 1000])))


def solved(problem):
    try:
        return solve(problem)
    except (ContradictoryPins, ImpossibleMinimum):
        return None


def every_matching(problem):
    """All matchings that keep the rules."""
    choices = []
    for track in problem.tracks:
        wanted = np.ones(problem.interns, int) if track.wanted is None else track.wanted
        hosts = range(track.source.shape[1])
        rows = [_choices(hosts, want) for want in wanted]
        choices += rows
    n = problem.interns
    for flat in product(*choices):
        pairs = [sum(flat[i : i + n], ()) for i in range(0, len(flat), n)]
        if keeps_the_rules(problem, pairs):
            yield pairs


def _choices(hosts, want):
    """All ways to give an intern up to ``want`` different hosts."""
    ways = set()
    for way in product([-1, *hosts], repeat=int(want)):
        some = sorted(j for j in way if j >= 0)
        if len(set(some)) == len(some):
            ways.add((*some, *[-1] * (int(want) - len(some))))
    return sorted(ways)


def worst_of(problem, pairs):
    """Per track the least sum of an intern whose places are all filled and not all pinned, told plainly."""
    found = []
    for index, (track, columns) in enumerate(zip(problem.tracks, pairs, strict=True)):
        sums = []
        for row in range(problem.interns):
            mine = [int(j) for i, j in zip(track.place_rows, columns, strict=True) if i == row]
            if mine and min(mine) >= 0 and any((index, row, j) not in problem.pins for j in mine):
                sums.append(sum(int(track.source.matrix[row, j]) for j in mine))
        found.append(min(sums, default=NOBODY_THERE))
    return tuple(found)


def reward_of(problem, pairs):
    """Worth of the pairs that stayed."""
    if problem.staying is None:
        return 0
    made = {
        (t, int(i), int(j))
        for t, (track, columns) in enumerate(zip(problem.tracks, pairs, strict=True))
        for i, j in zip(track.place_rows, columns, strict=True)
    }
    return problem.staying.worth * len(made & set(problem.staying.pairs))


def best_worst_off(problem):
    """Best (coverage, worst-off by track, total with the worth of staying), or None."""
    found = []
    for pairs in every_matching(problem):
        places, points = total(problem, pairs)
        found.append((places, worst_of(problem, pairs), points + reward_of(problem, pairs)))
    return max(found, default=None)


def plain(worst):
    return tuple(NOBODY_THERE if one is None else one for one in worst)


def check_worst_off(problem):
    problem = replace(problem, objective=Objective.WORST_OFF)
    best, answer = best_worst_off(problem), solved(problem)
    if best is None:
        assert answer is None
        return None
    assert keeps_the_rules(problem, answer.pairs)
    assert plain(answer.worst_off) == worst_of(problem, answer.pairs)
    reward = reward_of(problem, answer.pairs)
    assert (answer.coverage, answer.objective) == total(problem, answer.pairs)
    assert (answer.coverage, plain(answer.worst_off), answer.objective + reward) == best
    assert answer.status == Status.OPTIMAL
    assert answer.coverage_bound == answer.coverage
    assert answer.upper_bound == answer.objective
    assert answer.worst_off_bound == answer.worst_off
    if problem.staying is not None:
        assert answer.stayed * problem.staying.worth == reward
    check_certificate(problem, answer)
    return answer


def check_certificate(problem, answer):
    """What is proved by prices is checked by the independent certificate; what HiGHS proves is at least not refuted."""
    certificate = certify(problem, answer)
    assert certificate.violations == ()
    assert (certificate.coverage, certificate.objective) == (answer.coverage, answer.objective)
    assert certificate.upper_bound >= answer.upper_bound
    assert certificate.optimal or answer.proof == Proof.BRANCHING


@settings(deadline=None, max_examples=150)
@given(single_problems())
def test_the_worst_off_of_one_track_equals_brute_force_and_is_proved(problem):
    answer = check_worst_off(problem)
    if answer is not None:
        certificate = certify_worst_off(problem, answer)
        assert certificate.worst_off == certificate.bound == answer.worst_off


@settings(deadline=None, max_examples=60)
@given(apart_problems())
def test_tracks_that_share_nobody_have_their_own_worst_off(problem):
    check_worst_off(problem)


@settings(deadline=None, max_examples=60)
@given(coupled_problems())
def test_tracks_that_share_people_come_in_order(problem):
    check_worst_off(problem)


@settings(deadline=None, max_examples=60)
@given(single_problems(), st.data())
def test_staying_counts_after_the_worst_off(problem, data):
    check_worst_off(replace(problem, staying=data.draw(stayings(problem))))


@settings(deadline=None, max_examples=60)
@given(single_problems() | coupled_problems(), st.data())
def test_staying_is_worth_its_points_in_the_total(problem, data):
    problem = replace(problem, staying=data.draw(stayings(problem)))
    found = [
        (*total(problem, pairs)[:1], total(problem, pairs)[1] + reward_of(problem, pairs))
        for pairs in every_matching(problem)
    ]
    answer = solved(problem)
    assert (answer is None) == (not found)
    if answer is not None:
        reward = reward_of(problem, answer.pairs)
        assert (answer.coverage, answer.objective + reward) == max(found)
        assert (answer.coverage, answer.objective) == total(problem, answer.pairs)
        assert answer.upper_bound == answer.objective
        check_certificate(problem, answer)
        assert answer.stayed * problem.staying.worth == reward


def groups_of(problem):
    """Tracks that share people, or each on its own: only for one or two tracks."""
    owners = [set() if track.owner is None else set(track.owner.tolist()) for track in problem.tracks]
    together = len(owners) == 2 and owners[0] & owners[1]
    return [(0, 1)] if together else [(index,) for index in range(len(owners))]


def mixture_of(problem, pairs):
    """Value of a mixture in hundredths of a point, told plainly."""
    value = (100 - problem.mixture) * (total(problem, pairs)[1] + reward_of(problem, pairs))
    worst = worst_of(problem, pairs)
    for group in groups_of(problem):
        places = sum(int((np.array(pairs[track]) >= 0).sum()) for track in group)
        places -= sum(pin[0] in group for pin in set(problem.pins))
        least = min(worst[track] for track in group)
        value += problem.mixture * places * (least if least < NOBODY_THERE else 0)
    return value


def check_mixture(problem):
    problem = replace(problem, objective=Objective.MIXTURE)
    found = [(total(problem, pairs)[0], mixture_of(problem, pairs)) for pairs in every_matching(problem)]
    answer = solved(problem)
    assert (answer is None) == (not found)
    if answer is None:
        return
    assert keeps_the_rules(problem, answer.pairs)
    assert (answer.coverage, answer.objective) == total(problem, answer.pairs)
    assert plain(answer.worst_off) == worst_of(problem, answer.pairs)
    assert (answer.coverage, answer.mixed) == max(found) == (answer.coverage, mixture_of(problem, answer.pairs))
    assert answer.mixed_bound == answer.mixed
    assert answer.status == Status.OPTIMAL
    check_certificate(problem, answer)


weights = st.sampled_from([0, 1, 30, 50, 77, 99, 100])


@settings(deadline=None, max_examples=100)
@given(single_problems(), weights)
def test_the_mixture_of_one_track_equals_brute_force(problem, weight):
    check_mixture(replace(problem, mixture=weight))


@settings(deadline=None, max_examples=40)
@given(apart_problems() | coupled_problems(), weights)
def test_the_mixture_of_two_tracks_equals_brute_force(problem, weight):
    check_mixture(replace(problem, mixture=weight))


@settings(deadline=None, max_examples=50)
@given(single_problems(), weights, st.data())
def test_the_mixture_counts_staying(problem, weight, data):
    check_mixture(replace(problem, mixture=weight, staying=data.draw(stayings(problem))))


@settings(deadline=None, max_examples=80)
@given(several_problems(), st.booleans(), st.data())
def test_the_worst_off_by_sums_of_points_equals_brute_force(problem, stay, data):
    check_worst_off(replace(problem, staying=data.draw(stayings(problem)) if stay else None))


@settings(deadline=None, max_examples=80)
@given(several_problems(), weights, st.booleans(), st.data())
def test_the_mixture_by_sums_of_points_equals_brute_force(problem, weight, stay, data):
    check_mixture(replace(problem, mixture=weight, staying=data.draw(stayings(problem)) if stay else None))
