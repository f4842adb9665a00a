"""What criteria do, on a few interns: whom each would fit best, before anything is run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mentormatch.core.errors import InvalidInput
from mentormatch.core.roles import HOST_ROLES, Role
from mentormatch.models import Enrolment
from mentormatch.queries import Store, problems
from mentormatch.queries.participants import Participant, view

INTERNS, HOSTS = 3, 3
"""So many interns at once, and so many hosts for each of them and each track."""


@dataclass(frozen=True, slots=True)
class SampleHost:
    """One of the best hosts of an intern.

    `parts`: (criterion key, shown points, most points). `relaxed`: (kind of a rule that the pair breaks, shown points,
    below zero). All of them add up to `shown`.
    """

    host: Participant
    shown: int
    parts: tuple[tuple[str, int, int], ...]
    relaxed: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class SampleIntern:
    """An intern with the best hosts of each track, best first; a track without any allowed host is empty."""

    intern: Participant
    tracks: Mapping[Role, tuple[SampleHost, ...]]


@dataclass(frozen=True, slots=True)
class Sample:
    """A few interns; `following` leads to the next few. `problem` is why there is nothing to show, or None."""

    interns: tuple[SampleIntern, ...]
    following: int
    problem: InvalidInput | None = None


def draw(store: Store, programme_id: int, start: int = 0) -> Sample:
    """Return interns spread evenly over the list, beginning at `start`, with those hosts who would fit them best.

    Places, pins and decisions play no part: this shows what the criteria say, not what a run would do.
    """
    try:
        problem = problems.of_programme(store, programme_id)
    except InvalidInput as error:
        return Sample((), 0, error)
    number = len(problem.interns)
    if not number:
        return Sample((), 0)
    step = max(1, number // INTERNS)
    rows = sorted({(start + step * place) % number for place in range(min(INTERNS, number))})
    people = {row.id: row for row in problems.active(store, programme_id)}
    return Sample(tuple(_of_rows(problem, rows, people)), (start + 1) % number)


def _of_rows(problem: Any, rows: Sequence[int], people: Mapping[Any, Enrolment]) -> list[SampleIntern]:
    # Loads scikit-learn: only where it is used.
    from mentormatch.matching.explanation import account_of_pair, shown_total
    from mentormatch.matching.track_state import TrackState

    found: dict[int, dict[Role, tuple[SampleHost, ...]]] = {row: {} for row in rows}
    for track in (role for role in HOST_ROLES if role in problem.hosts):
        state = TrackState.of(problem, track)
        everything = slice(None)
        for row in rows:
            here = slice(row, row + 1)
            points = state.scores.scores(here, everything)[0]
            allowed = state.scores.allowed(here, everything)[0]
            best = sorted(
                (column for column in range(len(points)) if allowed[column]), key=lambda place: (-points[place], place)
            )[:HOSTS]
            found[row][track] = tuple(
                SampleHost(
                    view(people[state.host_id(column)]),
                    shown_total(account.points),
                    tuple((part.criterion, part.shown, part.shown_max) for part in account.parts),
                    tuple((check.kind, check.shown) for check in account.rules if check.points),
                )
                for column in best
                for account in [account_of_pair(state.scores, row, column)]
            )
    return [SampleIntern(view(people[problem.interns[row]["id"]]), tracks) for row, tracks in found.items()]
