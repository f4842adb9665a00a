"""The exact assignment: `solve` finds the best matching under all rules and proves it."""

from __future__ import annotations

import numpy as np

from mentormatch.matching.solver.branching import branch
from mentormatch.matching.solver.generation import Search, first_lists, generate
from mentormatch.matching.solver.instance import NOBODY, Instance, open_instance
from mentormatch.matching.solver.minimum import meet_minimum
from mentormatch.matching.solver.problem import (
    UNFILLED,
    Assignment,
    AssignmentProblem,
    ContradictoryPins,
    ImpossibleMinimum,
    Objective,
    Pin,
    Prices,
    Progress,
    ProgressCallback,
    Proof,
    Stage,
    Status,
    StopCallback,
    Track,
)
from mentormatch.matching.solver.staying import reward_staying, without_reward

__all__ = [
    "UNFILLED",
    "Assignment",
    "AssignmentProblem",
    "ContradictoryPins",
    "ImpossibleMinimum",
    "Objective",
    "Pin",
    "Prices",
    "Progress",
    "Proof",
    "Stage",
    "Status",
    "Track",
    "solve",
]


LARGE = 200_000
"""Pairs from which on the compiled engine is used: below it HiGHS answers before numba has been loaded."""


def solve(
    problem: AssignmentProblem, *, progress: ProgressCallback | None = None, should_stop: StopCallback | None = None
) -> Assignment:
    """Find the matching that fills the most places and, among those, is the best by the problem's objective.

    Capacities, shared capacities, minimum loads, pins and hard rules hold in every matching returned. Minimum loads
    are hard: coverage is the largest among the matchings that meet them all. (Within one track they never cost
    coverage; between tracks that share people they may.)

    The same problem gives the same pairs, whatever the block size or the number of threads; the caller sorts interns
    and hosts by their ids, so that the order of the input does not matter either.

    Parameters
    ----------
    problem:
        Tracks over the same interns.
    progress:
        Called from the solving thread with the stage, the fraction done, the best so far and the bound.
    should_stop:
        Asked every so often, also within passes; once true, the best valid matching so far is returned with
        `Status.STOPPED` and its gap.

    Raises
    ------
    InvalidInput
        Shapes or numbers that do not fit together.
    ContradictoryPins
        Pins beyond a capacity, more pins than places, or one person pinned to an intern twice.
    ImpossibleMinimum
        Minimum loads that cannot be met together; names the hosts.
    """
    if problem.objective in {Objective.WORST_OFF, Objective.MIXTURE}:
        # Imported here: it loads numba, and most problems ask for the total.
        from mentormatch.matching.solver.fairness import solve_fairly

        return solve_fairly(problem, _best_total, progress, should_stop)
    if problem.objective == Objective.STABLE:
        # Imported here for the same reason.
        from mentormatch.matching.solver.stability import solve_stable

        rewarded = reward_staying(problem)
        return without_reward(problem, solve_stable(rewarded, progress=progress, should_stop=should_stop))
    return _best_total(problem, progress, should_stop)


def _best_total(
    problem: AssignmentProblem, progress: ProgressCallback | None, should_stop: StopCallback | None
) -> Assignment:
    """Most places, then the highest total, whatever the objective of the problem; staying is counted in."""
    if problem.staying is not None:
        return without_reward(problem, _best_total(reward_staying(problem), progress, should_stop))
    instance = open_instance(problem)
    search = Search(instance, progress, should_stop)
    search.report(Stage.CHECKING, 0.0)
    least = meet_minimum(instance)
    proof = Proof.PRICES
    if _is_large(instance):
        # Imported here: numba is slow to import and of no use to a small instance.
        from mentormatch.matching.solver.independent import solve_apart

        solve_apart(search, least)
    else:
        first_lists(search, least)
        generate(search)
        if not search.closed and not search.stop():
            proof = branch(search)
    search.report(Stage.DONE, 1.0)
    return answer(search, proof)


def _is_large(instance: Instance) -> bool:
    """Whether tracks can be solved apart, and are large enough for compiled code to pay."""
    apart = not any((track.owner != NOBODY).any() for track in instance.tracks)
    return apart and sum(track.shape[0] * track.shape[1] for track in instance.tracks) >= LARGE


def answer(search: Search, proof: Proof) -> Assignment:
    """What a search has found, with what is proved about it."""
    instance = search.instance
    assert search.prices is not None
    assert search.bound is not None
    coverage = search.places + instance.pinned_places
    upper = search.bound - search.worth * search.places
    limit = search.most
    if limit is None:
        limit = min(search.bound // search.worth, instance.room)
    status = Status.STOPPED if search.stopped else Status.BOUNDED
    if limit == search.places and upper == search.points:
        status = Status.OPTIMAL
    return Assignment(
        pairs=tuple(np.array(columns, np.int64) for columns in search.pairs),
        coverage=coverage,
        coverage_bound=limit + instance.pinned_places,
        objective=search.points + instance.pinned_points,
        upper_bound=upper + instance.pinned_points,
        status=status,
        proof=proof,
        prices=search.prices,
        passes=search.passes,
        utilities=tuple(t.by_place(u) for t, u in zip(instance.tracks, search.utilities, strict=True)),
    )
