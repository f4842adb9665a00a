"""The exact assignment: `solve` finds the best matching under all rules and proves it."""

from __future__ import annotations

from mentormatch.matching.problem import (
    UNFILLED,
    Assignment,
    AssignmentProblem,
    ContradictoryPins,
    ImpossibleMinimum,
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

__all__ = [
    "UNFILLED",
    "Assignment",
    "AssignmentProblem",
    "ContradictoryPins",
    "ImpossibleMinimum",
    "Pin",
    "Prices",
    "Progress",
    "Proof",
    "Stage",
    "Status",
    "Track",
    "solve",
]


def solve(
    problem: AssignmentProblem, *, progress: ProgressCallback | None = None, should_stop: StopCallback | None = None
) -> Assignment:
    """Find the matching that fills the most places and, among those, has the highest total score.

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
        Asked between steps; once true, the best valid matching so far is returned with `Status.STOPPED` and its gap.

    Raises
    ------
    InvalidInput
        Shapes or numbers that do not fit together.
    ContradictoryPins
        Pins beyond a capacity, two pins for one place, or one person pinned to an intern twice.
    ImpossibleMinimum
        Minimum loads that cannot be met together; names the hosts.
    """
    raise NotImplementedError
