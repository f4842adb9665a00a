"""Whether a programme is ready for a run: supply, demand, incomplete profiles, people whom the rules leave nobody."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce
from operator import and_
from typing import Any

from mentormatch.core.answers import completeness
from mentormatch.core.errors import InvalidInput
from mentormatch.core.names import Name
from mentormatch.core.roles import Role
from mentormatch.matching.match_problem import MatchProblem
from mentormatch.models import Enrolment, Programme
from mentormatch.queries import Store, problems

LISTED = 20
"""At most so many people are named; beyond that the number says enough."""


@dataclass(frozen=True, slots=True)
class Incomplete:
    """Somebody who has not answered everything that is expected of the role."""

    enrolment_id: int
    person_id: int
    name: Name
    role: Role
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Stranded:
    """An intern for whom the rules leave nobody in a track; `rules` maps a rule's kind to the hosts it removes."""

    enrolment_id: int
    name: Name
    track: Role
    rules: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class TrackReadiness:
    """Supply and demand of one track: interns who seek, hosts with their free places."""

    track: Role
    interns: int
    hosts: int
    places: int

    @property
    def short(self) -> int:
        """How many places are missing."""
        return max(0, self.interns - self.places)


@dataclass(frozen=True, slots=True)
class Readiness:
    """What is known before a run. `problem` is why there can be none, as an English text with fields, or None."""

    tracks: tuple[TrackReadiness, ...]
    stranded: tuple[Stranded, ...]
    incomplete: tuple[Incomplete, ...]
    problem: InvalidInput | None


def incomplete(store: Store, programme_id: int) -> list[Incomplete]:
    """Return the active participants who have not answered all expected fields, most missing first; one query."""
    found = [_missing(row) for row in problems.active(store, programme_id)]
    return sorted((one for one in found if one.missing), key=lambda one: (-len(one.missing), one.name.sort_key))


def _missing(row: Enrolment) -> Incomplete:
    unanswered = tuple(field.key for field in completeness(row.role, row.profile)[1])
    return Incomplete(row.id, row.person_id, row.person.name, row.role, unanswered)


def check(store: Store, programme_id: int) -> Readiness:
    """Return how ready a programme is for a run; the number of queries does not depend on the number of people."""
    missing = tuple(incomplete(store, programme_id))
    try:
        problem = problems.of_programme(store, programme_id)
    except InvalidInput as error:
        return Readiness((), (), missing, error)
    programme = store.get_one(Programme, programme_id)
    names = {row.id: row.person.name for row in problems.active(store, programme_id)}
    settled = Counter((track, intern) for track, intern, _ in problems.published(store, programme_id).living)
    tracks = []
    for name in programme.tracks:
        seeking = sum((name, row["id"]) not in settled for row in problem.interns)
        hosts = problem.hosts[name]
        tracks.append(TrackReadiness(Role(name), seeking, len(hosts), sum(row["capacity"] for row in hosts)))
    return Readiness(tuple(tracks), _stranded(problem, names, settled), missing, None)


def _stranded(
    problem: MatchProblem, names: Mapping[int, Name], settled: Mapping[tuple[str, Any], int]
) -> tuple[Stranded, ...]:
    """Return the interns whom the rules leave nobody, by name."""
    from mentormatch.matching.rules import fitted_rule  # loads scikit-learn: only where it is used

    found = []
    everything = slice(None)
    for track, hosts in problem.hosts.items():
        masks = {
            rule.kind: fitted_rule(rule, problem.interns, hosts).allowed(everything, everything)
            for rule in problem.rules
            if rule.applies_to(track) and rule.is_hard
        }
        allowed = reduce(and_, masks.values()) if masks else None
        for row, intern in enumerate(problem.interns):
            nobody = not hosts if allowed is None else not allowed[row].any()
            if nobody and (track, intern["id"]) not in settled:
                removed = {kind: int((~mask[row]).sum()) for kind, mask in masks.items() if not mask[row].all()}
                found.append(Stranded(intern["id"], names[intern["id"]], Role(track), removed))
    return tuple(found)
