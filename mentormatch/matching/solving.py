"""From people to the solver and back: the assignment problem, its errors by name, its progress in shown points."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from mentormatch.core.errors import InvalidInput
from mentormatch.matching.explanation import broken_rules
from mentormatch.matching.match_problem import MatchProblem
from mentormatch.matching.solver.assignment import Assignment, AssignmentProblem, ImpossibleMinimum, Progress, Stage
from mentormatch.matching.solver.assignment import solve as solve_positions
from mentormatch.matching.solver.problem import Objective, Staying
from mentormatch.matching.track_state import TrackState, person_numbers
from mentormatch.matching.values import called

_SCORING_PART = 0.3
"""Share of the progress bar that reading and comparing people gets before the solver starts."""


def assignment_problem(problem: MatchProblem, states: Sequence[TrackState]) -> AssignmentProblem:
    """Return the problem as the solver sees it."""
    numbers = person_numbers(problem)
    return AssignmentProblem(
        tracks=tuple(state.solver_track for state in states),
        pins=tuple((n, row, column) for n, state in enumerate(states) for row, column in sorted(state.pinned)),
        shared_capacity={numbers[person]: capacity for person, capacity in problem.shared_capacity},
        objective=Objective(problem.objective),
        mixture=problem.mixture,
        staying=_staying(states),
    )


def _staying(states: Sequence[TrackState]) -> Staying | None:
    """Return the earlier pairs as the solver sees them, if it is worth anything to keep them."""
    pairs = tuple((number, *pair) for number, state in enumerate(states) for pair in sorted(state.earlier))
    return Staying(pairs, states[0].staying) if pairs and states[0].staying else None


def check_pins_allowed(states: Iterable[TrackState], problem: MatchProblem) -> None:
    for state in states:
        for row, column in sorted(state.pinned):
            pair = (state.name, problem.interns[row]["id"], state.host_id(column))
            broken = broken_rules(state.scores, row, column)
            if broken and pair not in problem.exceptions:
                raise InvalidInput(
                    "Track %(track)s: the pin of %(intern)s and %(host)s breaks %(rules)s. Remove the pin, or change "
                    "the rule.",
                    field="pins",
                    track=state.name,
                    intern=called(state.scores.interns[row]),
                    host=called(state.scores.hosts[column]),
                    rules=", ".join(broken),
                )


def solve(
    problem: AssignmentProblem,
    states: Sequence[TrackState],
    progress: Callable[[Progress], None] | None,
    should_stop: Callable[[], bool] | None,
) -> Assignment:
    """Solve, and name the people where the solver knows positions only."""
    try:
        return solve_positions(problem, progress=progress, should_stop=should_stop)
    except ImpossibleMinimum as error:
        state = states[error.track]
        named = {
            "track": state.name,
            "people": ", ".join(called(state.scores.hosts[at]) for at in error.columns.tolist()),
        }
        if problem.objective is Objective.STABLE:
            raise InvalidInput(
                "Track %(track)s: a stable matching does not meet the minimum loads of %(people)s. Lower them, or ask "
                "for the highest total.",
                field="minimum",
                **named,
            ) from error
        raise InvalidInput(
            "Track %(track)s: the minimum loads of %(people)s cannot all be met under the rules, pins and places. "
            "Lower some of them.",
            field="minimum",
            **named,
        ) from error


def scoring(progress: Callable[[Progress], None] | None, number: int, tracks: int) -> Callable[[float], None] | None:
    """Return a callback that puts the part done of one track's scores into the part for scoring."""
    if progress is None:
        return None

    def report(part: float) -> None:
        progress(Progress(Stage.SCORING, _SCORING_PART * (number + part) / tracks))

    report(0.0)
    return report


def later(
    progress: Callable[[Progress], None] | None, states: Sequence[TrackState]
) -> Callable[[Progress], None] | None:
    """Return a callback that puts the solver's fraction behind the part for scoring, and points as people see them.

    Where some interns come first, the solver's points are not those: none are told.
    """
    if progress is None:
        return None
    ranked = any(state.priority.any() for state in states)

    def report(step: Progress) -> None:
        less = states[0].scores.offset * (step.coverage or 0)
        hidden = ranked or step.objective is None
        progress(
            replace(
                step,
                fraction=_SCORING_PART + (1 - _SCORING_PART) * step.fraction,
                objective=None if hidden or step.objective is None else step.objective - less,
                upper_bound=None if hidden or step.upper_bound is None else step.upper_bound - less,
            )
        )

    return report
