"""The objectives that look at the worst-off intern: thresholds for the tracks first, then the best total above them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from mentormatch.core.errors import InvalidInput
from mentormatch.matching.solver.blocks import IntArray
from mentormatch.matching.solver.instance import open_instance
from mentormatch.matching.solver.minimum import meet_minimum
from mentormatch.matching.solver.mixture import Mixed, find_mixture, value_of
from mentormatch.matching.solver.parts import Latch, Part, between, parts_of
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
from mentormatch.matching.solver.staying import count_stayed
from mentormatch.matching.solver.sums import mix, raise_floors
from mentormatch.matching.solver.thresholds import at_least
from mentormatch.matching.solver.worst_off import BestTotal, Thresholds, find_thresholds, worst_off

Value = TypeVar("Value")

HUNDRED = 100

FIRST_STEP, SECOND_STEP = 0.4, 0.8
"""Share of the progress that the search for thresholds is given, and up to where the search for the total goes."""


def solve_fairly(
    problem: AssignmentProblem,
    best_total: BestTotal,
    progress: ProgressCallback | None = None,
    should_stop: StopCallback | None = None,
) -> Assignment:
    """Find the best matching by `Objective.WORST_OFF` or `Objective.MIXTURE`; as `assignment.solve` otherwise.

    When asked to stop, the best matching so far is returned, with what is known about the worst-off.

    Raises
    ------
    InvalidInput
        Also for a mixture outside 0 to 100.
    """
    if not 0 <= problem.mixture <= HUNDRED:
        text = "Mixture: expected 0 to 100 hundredths for the worst-off, found %(found)s."
        raise InvalidInput(text, found=problem.mixture)
    meet_minimum(open_instance(problem))
    stop = Latch(should_stop)
    if progress is not None:
        progress(Progress(Stage.CHECKING, 0.0))
    best = _best_mixture if problem.objective == Objective.MIXTURE else _best_worst_off
    answer = best(problem, best_total, progress, stop)
    if progress is not None:
        progress(Progress(Stage.DONE, 1.0, answer.coverage, answer.objective, answer.upper_bound))
    return answer


def _best_worst_off(
    problem: AssignmentProblem, best_total: BestTotal, progress: ProgressCallback | None, stop: Latch
) -> Assignment:
    """Thresholds part by part, then the best total above all of them; sums of points after that."""
    parts, found = parts_of(problem), list[Thresholds]()
    for number, part in enumerate(parts):
        found.append(find_thresholds(part, best_total, stop) if part.one_each else Thresholds.none(part))
        _tell(progress, Stage.COVERING, (number + 1) / len(parts))
    proved = all(one.proved for one in found)
    least = _by_track(problem, parts, [one.least for one in found])
    limited = at_least(problem, least) if proved or not stop() else problem
    answer = best_total(limited, between(progress, FIRST_STEP, SECOND_STEP), stop)
    most = [one.most for one in found]
    for number, part in enumerate(parts):
        if not part.one_each:
            floors = raise_floors(part, part.pairs_of(answer.pairs), stop)
            answer = _put_in(problem, part, answer, floors.pairs, floors.gap)
            most[number], proved = floors.most, proved and floors.proved
    answer = replace(
        answer,
        worst_off=worst_off(problem, answer.pairs),
        worst_off_bound=_by_track(problem, parts, most),
        shortages=_by_track(problem, parts, [one.shortages for one in found]),
    )
    return _concluded(answer, parts, sum(one.unproved for one in found), stop, proved=proved)


def _best_mixture(
    problem: AssignmentProblem, best_total: BestTotal, progress: ProgressCallback | None, stop: Latch
) -> Assignment:
    """The best mixture of each part, put together by the best total above the thresholds at which they lie."""
    parts, found = parts_of(problem), dict[int, Mixed]()
    for number, part in enumerate(parts):
        if part.one_each:
            found[number] = find_mixture(part, best_total, stop, _steps(progress, number, len(parts)))
    if len(parts) == len(found) == 1:
        answer = found[0].answer
    else:
        levels = [(found[at].threshold if at in found else None,) * len(part.tracks) for at, part in enumerate(parts)]
        limited = at_least(problem, _by_track(problem, parts, levels))
        answer = best_total(limited, between(progress, FIRST_STEP, SECOND_STEP), stop)
    value = bound = 0
    for number, part in enumerate(parts):
        if number in found:
            most = found[number].bound
        else:
            mixed = mix(part, part.pairs_of(answer.pairs), answer.gap, stop)
            answer = _put_in(problem, part, answer, mixed.pairs, 0 if mixed.proved else None)
            most = value_of(part, mixed.pairs) + (mixed.gap or 0)
        value, bound = value + value_of(part, part.pairs_of(answer.pairs)), bound + most
    answer = replace(answer, worst_off=worst_off(problem, answer.pairs), mixed=value, mixed_bound=max(value, bound))
    return _concluded(answer, parts, sum(one.unproved for one in found.values()), stop, proved=value == bound)


def _put_in(
    problem: AssignmentProblem, part: Part, answer: Assignment, pairs: tuple[IntArray, ...], gap: int | None
) -> Assignment:
    """An answer with other pairs in one part, whose total may be higher by ``gap``, or as the answer said when None."""
    before, after = part.total(part.pairs_of(answer.pairs)), part.total(pairs)
    every = list(answer.pairs)
    for track, columns in zip(part.tracks, pairs, strict=True):
        every[track] = columns
    rise, reward = after - before, 0
    if problem.staying is not None:
        stayed = count_stayed(problem, tuple(every))
        reward = problem.staying.worth * (stayed - (answer.stayed or 0))
        answer = replace(answer, stayed=stayed)
    upper = answer.upper_bound - reward + (0 if gap is None else rise + gap)
    return replace(answer, pairs=tuple(every), objective=answer.objective + rise - reward, upper_bound=upper)


def _concluded(answer: Assignment, parts: list[Part], unproved: int, stop: Latch, *, proved: bool) -> Assignment:
    """An answer with what is proved about it; ``unproved`` places may perhaps be filled in addition."""
    checked = all(part.one_each and not part.coupled for part in parts)
    whole = proved and answer.coverage == answer.coverage_bound + unproved and answer.objective == answer.upper_bound
    return replace(
        answer,
        coverage_bound=answer.coverage_bound + unproved,
        status=Status.OPTIMAL if whole else Status.STOPPED if stop.stopped else Status.BOUNDED,
        proof=answer.proof if checked else Proof.BRANCHING,
    )


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


def _tell(progress: ProgressCallback | None, stage: Stage, fraction: float) -> None:
    if progress is not None:
        progress(Progress(stage, FIRST_STEP * fraction))
