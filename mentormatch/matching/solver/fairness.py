"""The objectives that look at the worst-off intern: thresholds for the tracks first, then the best total above them."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

from mentormatch.matching.solver.instance import open_instance
from mentormatch.matching.solver.minimum import meet_minimum
from mentormatch.matching.solver.parts import Latch, Part, later, parts_of
from mentormatch.matching.solver.problem import (
    Assignment,
    AssignmentProblem,
    Progress,
    ProgressCallback,
    Proof,
    Stage,
    Status,
    StopCallback,
)
from mentormatch.matching.solver.thresholds import at_least
from mentormatch.matching.solver.worst_off import BestTotal, Thresholds, find_thresholds, worst_off

Value = TypeVar("Value")

FIRST_STEP = 0.4
"""Share of the progress that the search for thresholds is given."""


def solve_fairly(
    problem: AssignmentProblem,
    best_total: BestTotal,
    progress: ProgressCallback | None = None,
    should_stop: StopCallback | None = None,
) -> Assignment:
    """Find the best matching by `Objective.WORST_OFF` or `Objective.MIXTURE`; as `assignment.solve` otherwise.

    When asked to stop, the best matching by total so far is returned, with what is known about the worst-off.
    """
    meet_minimum(open_instance(problem))
    stop = Latch(should_stop)
    if progress is not None:
        progress(Progress(Stage.CHECKING, 0.0))
    return _best_worst_off(problem, best_total, progress, stop)


def _best_worst_off(
    problem: AssignmentProblem, best_total: BestTotal, progress: ProgressCallback | None, stop: Latch
) -> Assignment:
    """Thresholds part by part, then the best total above all of them."""
    parts, found = parts_of(problem), list[Thresholds]()
    for number, part in enumerate(parts):
        found.append(find_thresholds(part, best_total, stop))
        _tell(progress, (number + 1) / len(parts))
    proved = all(one.proved for one in found)
    least = _by_track(problem, parts, [one.least for one in found])
    answer = best_total(
        at_least(problem, least) if proved or not stop() else problem, later(progress, FIRST_STEP), stop
    )
    unproved = sum(one.unproved for one in found)
    return replace(
        answer,
        coverage_bound=answer.coverage_bound + unproved,
        status=_status(answer, stop, proved=proved and not unproved),
        proof=Proof.BRANCHING if any(part.coupled for part in parts) else answer.proof,
        worst_off=worst_off(problem, answer.pairs),
        worst_off_bound=_by_track(problem, parts, [one.most for one in found]),
        shortages=_by_track(problem, parts, [one.shortages for one in found]),
    )


def _by_track(problem: AssignmentProblem, parts: list[Part], values: list[tuple[Value, ...]]) -> tuple[Value, ...]:
    """Values of each part's tracks in the order of the problem's."""
    told = {
        track: value
        for part, mine in zip(parts, values, strict=True)
        for track, value in zip(part.tracks, mine, strict=True)
    }
    return tuple(told[track] for track in range(len(problem.tracks)))


def _status(answer: Assignment, stop: Latch, *, proved: bool) -> Status:
    if proved and answer.status == Status.OPTIMAL:
        return Status.OPTIMAL
    return Status.STOPPED if stop.stopped else Status.BOUNDED


def _tell(progress: ProgressCallback | None, fraction: float) -> None:
    if progress is not None:
        progress(Progress(Stage.COVERING, FIRST_STEP * fraction))
