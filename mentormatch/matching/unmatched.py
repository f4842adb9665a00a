"""Why somebody got nobody, and what would help, as data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np

from mentormatch.matching.explanation import as_json, shown_total
from mentormatch.matching.solver.blocks import BoolArray
from mentormatch.matching.tables import PersonId
from mentormatch.matching.track_state import TrackState

_OFFERS = 3
BANNED = "banned"
"""Stands for the admin's bans among the rules that remove hosts."""
SERVES_ELSEWHERE = "serves_elsewhere"
"""Stands for hosts who are the same person as the intern's host in another track."""

HELD = "held"
"""Stands for the hosts that the intern has already, where interns get several."""


class Why(StrEnum):
    """Why an intern has no host in a track."""

    NO_HOSTS = "no_hosts"
    NO_ALLOWED_HOST = "no_allowed_host"
    ALL_FULL = "all_full"
    NEEDED_ELSEWHERE = "needed_elsewhere"
    """A place is free at an allowed host, but shared capacity or minimum loads, or an early stop, left it unused."""


@dataclass(frozen=True, slots=True)
class Removed:
    """How many hosts a rule removes for an intern, and how many of them no other rule removes."""

    rule: str
    hosts: int
    alone: int


@dataclass(frozen=True, slots=True)
class OneMorePlace:
    """One more place at this host would match the intern, with these points (units of 1/100)."""

    host: PersonId
    points: int
    shown: int
    capacity: int


@dataclass(frozen=True, slots=True)
class Unmatched:
    """An intern without a host in a track, or, where interns get several, with fewer than that: `missing` more.

    `removed` names the hard rules that remove hosts, the most first; `one_more_place` the best allowed hosts that are
    full.
    """

    track: str
    intern: PersonId
    why: Why
    hosts: int
    allowed: int
    removed: tuple[Removed, ...]
    one_more_place: tuple[OneMorePlace, ...]
    missing: int = 1

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON data."""
        data: dict[str, Any] = as_json(self)
        return data


def unmatched_of(state: TrackState, others: Sequence[TrackState]) -> list[Unmatched]:
    """Return everybody with an unfilled place in a track, in the order of their ids."""
    ids = list(state.rows)
    return [_reason(state, others, row, ids[row]) for row in state.waiting]


def _reason(state: TrackState, others: Sequence[TrackState], row: int, intern: PersonId) -> Unmatched:
    masks = _masks(state, others, row)
    removed_by = np.sum(list(masks.values()), axis=0) if masks else np.zeros(state.capacity.size, np.int64)
    removed = [
        Removed(rule, int(mask.sum()), int((mask & (removed_by == 1)).sum()))
        for rule, mask in masks.items()
        if mask.any()
    ]
    allowed = np.flatnonzero(removed_by == 0)
    full = allowed[state.loads[allowed] >= state.capacity[allowed]]
    if state.capacity.size == 0:
        why = Why.NO_HOSTS
    elif allowed.size == 0:
        why = Why.NO_ALLOWED_HOST
    else:
        why = Why.ALL_FULL if full.size == allowed.size else Why.NEEDED_ELSEWHERE
    points = state.scores.points_of(slice(row, row + 1), slice(None))[0]
    best = sorted(full.tolist(), key=lambda column: (-points[column], column))[:_OFFERS]
    return Unmatched(
        track=state.name,
        intern=intern,
        why=why,
        hosts=int(state.capacity.size),
        allowed=int(allowed.size),
        removed=tuple(sorted(removed, key=lambda item: (-item.hosts, item.rule))),
        one_more_place=tuple(
            OneMorePlace(
                state.host_id(column),
                int(points[column]),
                shown_total(int(points[column])),
                int(state.capacity[column]),
            )
            for column in best
        ),
        missing=int(state.wanted[row]) - len(state.hosts_of(row)),
    )


def _masks(state: TrackState, others: Sequence[TrackState], row: int) -> Mapping[str, BoolArray]:
    """Return for each rule which hosts it removes for an intern, shape (m,)."""
    here, everybody = slice(row, row + 1), slice(None)
    masks = {rule.rule.key: ~rule.allowed(here, everybody)[0] for rule in state.scores.hard_rules}
    masks[BANNED] = np.array([(row, column) in state.scores.banned for column in range(state.capacity.size)], np.bool_)
    served = [int(other.owner[column]) for other in others for column in other.hosts_of(row)]
    masks[SERVES_ELSEWHERE] = np.isin(state.owner, served)
    masks[HELD] = np.isin(np.arange(state.capacity.size), state.hosts_of(row))
    return masks
