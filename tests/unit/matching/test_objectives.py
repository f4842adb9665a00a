"""Worst-off, mixture and staying against brute force, for both engines and every rule."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mentormatch.core.errors import InvalidInput
from mentormatch.matching.solver.assignment import (
    AssignmentProblem,
    ContradictoryPins,
    ImpossibleMinimum,
    Objective,
    Proof,
    Stage,
    Status,
    Track,
    solve,
)
from mentormatch.matching.solver.blocks import DenseScores
from mentormatch.matching.solver.certificate import certify
from mentormatch.matching.solver.problem import Shortage, Staying
from mentormatch.matching.solver.worst_off_certificate import certify_worst_off
from tests.unit.matching.problems import coupled_problems, keeps_the_rules, pins, single_problems, total, tracks
from tests.unit.matching.test_guarded import hard_tracks, random_problem

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


@settings(deadline=None, max_examples=100)
@given(single_problems())
def test_the_worst_off_of_one_track_equals_brute_force_and_is_proved(problem):
    answer = check_worst_off(problem)
    if answer is not None:
        certificate = certify_worst_off(problem, answer)
        assert certificate.worst_off == certificate.bound == answer.worst_off


@settings(deadline=None, max_examples=30)
@given(apart_problems())
def test_tracks_that_share_nobody_have_their_own_worst_off(problem):
    check_worst_off(problem)


@settings(deadline=None, max_examples=40)
@given(coupled_problems())
def test_tracks_that_share_people_come_in_order(problem):
    check_worst_off(problem)


@settings(deadline=None, max_examples=60)
@given(single_problems(), st.data())
def test_staying_counts_after_the_worst_off(problem, data):
    check_worst_off(replace(problem, staying=data.draw(stayings(problem))))


@settings(deadline=None, max_examples=50)
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


@settings(deadline=None, max_examples=60)
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


@settings(deadline=None, max_examples=50)
@given(several_problems(), st.booleans(), st.data())
def test_the_worst_off_by_sums_of_points_equals_brute_force(problem, stay, data):
    check_worst_off(replace(problem, staying=data.draw(stayings(problem)) if stay else None))


@settings(deadline=None, max_examples=50)
@given(several_problems(), weights, st.booleans(), st.data())
def test_the_mixture_by_sums_of_points_equals_brute_force(problem, weight, stay, data):
    check_mixture(replace(problem, mixture=weight, staying=data.draw(stayings(problem)) if stay else None))


def highest_threshold(problem):
    """The highest threshold that keeps coverage and minima, by halving, each question a matching of its own."""
    (track,) = problem.tracks
    places = solve(problem).coverage
    scores = np.unique(track.source.matrix[track.source.mask])
    low, high = 0, scores.size
    while low + 1 < high:
        middle = (low + high) // 2
        source = DenseScores(track.source.matrix, track.source.mask & (track.source.matrix >= scores[middle]))
        found = solved(replace(problem, tracks=(replace(track, source=source),)))
        low, high = (middle, high) if found is not None and found.coverage == places else (low, middle)
    return int(scores[low])


@pytest.mark.parametrize("seed", range(25))
def test_larger_tracks_with_lists_cut_short(seed):
    problem = random_problem(seed)
    answer = solved(replace(problem, objective=Objective.WORST_OFF))
    if answer is None or answer.worst_off == (None,):
        return
    assert answer.worst_off == answer.worst_off_bound
    assert certify_worst_off(problem, answer).optimal
    assert certify(replace(problem, objective=Objective.WORST_OFF), answer).optimal
    if not problem.pins:
        assert answer.worst_off == (highest_threshold(with_mask(problem)),)


def with_mask(problem):
    (track,) = problem.tracks
    source = track.source
    mask = np.ones(source.shape, np.bool_) if source.mask is None else source.mask
    return replace(problem, tracks=(replace(track, source=DenseScores(source.matrix, mask)),))


@pytest.mark.parametrize("objective", [Objective.WORST_OFF, Objective.MIXTURE])
@pytest.mark.parametrize("name", list(hard_tracks(8, 4)))
def test_hard_variants_are_proved(name, objective):
    problem = AssignmentProblem((hard_tracks(240, 60)[name],), objective=objective)
    answer = solve(problem)
    assert answer.status == Status.OPTIMAL
    assert certify(problem, answer).optimal
    if objective == Objective.WORST_OFF:
        assert certify_worst_off(problem, answer).optimal


@pytest.mark.parametrize("objective", [Objective.WORST_OFF, Objective.MIXTURE])
def test_the_order_of_people_does_not_matter(objective):
    rng = np.random.default_rng(5)
    matrix, mask = rng.integers(0, 50, (40, 12)), rng.random((40, 12)) < 0.7
    capacity, wanted = rng.integers(4, 9, 12), rng.integers(1, 3, 40)
    rows, columns = rng.permutation(40), rng.permutation(12)
    answers = [
        solve(AssignmentProblem((track,), objective=objective))
        for many in (None, wanted)
        for track in (
            Track("t", DenseScores(matrix, mask), capacity, wanted=many),
            Track(
                "t",
                DenseScores(matrix[rows][:, columns], mask[rows][:, columns]),
                capacity[columns],
                wanted=None if many is None else many[rows],
            ),
        )
    ]
    for first, second in (answers[:2], answers[2:]):
        assert first.status == second.status == Status.OPTIMAL
        assert (first.coverage, first.objective, first.worst_off, first.mixed) == (
            second.coverage, second.objective, second.worst_off, second.mixed
        )  # fmt: skip


@pytest.mark.parametrize("objective", [Objective.WORST_OFF, Objective.MIXTURE])
@pytest.mark.parametrize("several", [False, True])
@pytest.mark.parametrize("questions", [0, 1, 2, 4, 7, 12])
def test_stopping_early_gives_a_valid_matching_and_honest_bounds(objective, several, questions):
    rng = np.random.default_rng(8)
    source = DenseScores(rng.integers(0, 1000, (60, 20)), rng.random((60, 20)) < 0.8)
    wanted = rng.integers(1, 3, 60) if several else None
    problem = AssignmentProblem((Track("t", source, rng.integers(2, 9, 20), wanted=wanted),), objective=objective)
    asked = iter([False] * questions)
    answer, best = solve(problem, should_stop=lambda: next(asked, True)), solve(problem)
    certificate = certify(problem, answer)
    assert certificate.valid
    assert answer.status in {Status.STOPPED, Status.OPTIMAL}
    assert answer.coverage <= best.coverage <= answer.coverage_bound
    assert answer.objective <= answer.upper_bound
    if answer.worst_off_bound and answer.worst_off_bound[0] is not None:
        assert answer.worst_off_bound[0] >= best.worst_off[0]
    if objective == Objective.MIXTURE and answer.coverage == best.coverage:
        assert answer.mixed <= best.mixed <= answer.mixed_bound
    if answer.status == Status.OPTIMAL:
        assert (answer.worst_off, answer.mixed) == (best.worst_off, best.mixed)


@pytest.mark.parametrize("objective", [Objective.WORST_OFF, Objective.MIXTURE])
def test_progress_goes_up_and_ends(objective):
    rng = np.random.default_rng(9)
    tracks = tuple(Track(f"t{k}", DenseScores(rng.integers(0, 99, (30, 10))), np.full(10, 4)) for k in range(2))
    heard = []
    solve(AssignmentProblem(tracks, objective=objective), progress=heard.append)
    fractions = [step.fraction for step in heard]
    assert fractions == sorted(fractions)
    assert [step.stage for step in heard].index(Stage.DONE) == len(heard) - 1
    assert fractions[-1] == 1


@pytest.mark.parametrize("weight", [-1, 101])
def test_a_mixture_has_a_hundred_parts(weight):
    track = Track("t", DenseScores(np.ones((1, 1), np.int32)), np.ones(1, np.int64))
    with pytest.raises(InvalidInput, match="0 to 100"):
        solve(AssignmentProblem((track,), objective=Objective.MIXTURE, mixture=weight))


@pytest.mark.parametrize("staying", [Staying(((0, 0, 0),), 0), Staying(((0, 0, 9),), 5), Staying(((3, 0, 0),), 5)])
def test_staying_that_cannot_be(staying):
    track = Track("t", DenseScores(np.ones((1, 1), np.int32)), np.ones(1, np.int64))
    with pytest.raises(InvalidInput):
        solve(AssignmentProblem((track,), staying=staying))


def test_a_shortage_that_is_none_proves_nothing():
    problem = AssignmentProblem((hard_tracks(60, 15)["too few places"],), objective=Objective.WORST_OFF)
    answer = solve(problem)
    (shortage,) = answer.shortages
    assert certify_worst_off(problem, answer).optimal
    for wrong in (None, replace(shortage, rows=shortage.rows[:1]), Shortage(columns=np.array([0]))):
        assert certify_worst_off(problem, replace(answer, shortages=(wrong,))).bound == (None,)
