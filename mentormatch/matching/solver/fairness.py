"""The objectives that look at the worst-off intern: thresholds for the tracks first, then the best total above them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from mentormatch.matching.solver.instance import open_instance
from mentormatch.matching.solver.minimum import meet_minimum
from mentormatch.matching.solver.mixture import Mixed, find_mixture, value_of
from mentormatch.matching.solver.parts import Latch, Part, later, parts_of
from mentormatch.matching.solver.problem import (
    Assignment,
    AssignmentProblem,
    Objective,
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

    When asked to stop, the best matching so far is returned, with what is known about the worst-off.
    """
    meet_minimum(open_instance(problem))
    stop = Latch(should_stop)
    if progress is not None:
        progress(Progress(Stage.CHECKING, 0.0))
    mixed = problem.objective == Objective.MIXTURE
    return (_best_mixture if mixed else _best_worst_off)(problem, best_total, progress, stop)


def _best_worst_off(
    problem: AssignmentProblem, best_total: BestTotal, progress: ProgressCallback | None, stop: Latch
) -> Assignment:
    """Thresholds part by part, then the best total above all of them."""
    parts, found = parts_of(problem), list[Thresholds]()
    for number, part in enumerate(parts):
        found.append(find_thresholds(part, best_total, stop))
        _tell(progress, Stage.COVERING, (number + 1) / len(parts))
    proved = all(one.proved for one in found)
    least = _by_track(problem, parts, [one.least for one in found])
    limited = at_least(problem, least) if proved or not stop() else problem
    answer = best_total(limited, later(progress, FIRST_STEP), stop)
    unproved = sum(one.unproved for one in found)
    return replace(
        answer,
        coverage_bound=answer.coverage_bound + unproved,
        status=_status(answer, stop, proved=proved and not unproved),
        proof=_proof(answer, parts),
        worst_off=worst_off(problem, answer.pairs),
        worst_off_bound=_by_track(problem, parts, [one.most for one in found]),
        shortages=_by_track(problem, parts, [one.shortages for one in found]),
    )


def _best_mixture(
    problem: AssignmentProblem, best_total: BestTotal, progress: ProgressCallback | None, stop: Latch
) -> Assignment:
    """The best mixture of each part, put together by the best total above the thresholds at which they lie."""
    parts, found = parts_of(problem), list[Mixed]()
    for number, part in enumerate(parts):
        found.append(find_mixture(part, best_total, stop, _steps(progress, number, len(parts))))
    answer = found[0].answer
    if len(parts) > 1:
        least = _by_track(problem, parts, [(one.threshold,) * len(one.answer.pairs) for one in found])
        answer = best_total(at_least(problem, least), later(progress, FIRST_STEP), stop)
    elif progress is not None:
        progress(Progress(Stage.DONE, 1.0, answer.coverage, answer.objective, answer.upper_bound))
    value = value_of(problem, parts, answer)
    bound = max(value, sum(one.bound for one in found))
    unproved = sum(one.unproved for one in found)
    return replace(
        answer,
        coverage_bound=answer.coverage_bound + unproved,
        status=_status(answer, stop, proved=value == bound and not unproved),
        proof=_proof(answer, parts),
        worst_off=worst_off(problem, answer.pairs),
        mixed=value,
        mixed_bound=bound,
    )


def _proof(answer: Assignment, parts: list[Part]) -> Proof:
    return Proof.BRANCHING if any(part.coupled for part in parts) else answer.proof


def _steps(progress: ProgressCallback | None, number: int, parts: int) -> Callable[[int], None]:
    """Told the number of a step of an open-ended search, report a fraction that grows ever more slowly."""
    return lambda step: _tell(progress, Stage.BRANCHING, (number + 1 - 0.8**step) / parts)


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


def _tell(progress: ProgressCallback | None, stage: Stage, fraction: float) -> None:
    if progress is not None:
        progress(Progress(stage, FIRST_STEP * fraction))
