"""The pairs of a matching, as people see them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from mentormatch.matching.explanation import as_json, shown_total
from mentormatch.matching.solver.assignment import UNFILLED
from mentormatch.matching.tables import PersonId
from mentormatch.matching.track_state import TrackState


@dataclass(frozen=True, slots=True)
class Pair:
    """One pair of a matching.

    Points are in units of 1/100: those of the `parts` and those that `relaxed` rules cost, which are negative, add up
    to the pair's. `shown` is at most 100.
    """

    track: str
    intern: PersonId
    host: PersonId
    points: int
    shown: int
    parts: Mapping[str, int]
    pinned: bool = False
    relaxed: Mapping[str, int] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON data."""
        data: dict[str, Any] = as_json(self)
        return data


def pairs_of(state: TrackState) -> list[Pair]:
    """Return the pairs of a track in the order of the interns' ids."""
    ids = list(state.rows)
    filled = state.columns != UNFILLED
    rows, columns = state.place_rows[filled], state.columns[filled]
    accounts = zip(state.scores.parts_of(rows, columns), state.scores.relaxed_of(rows, columns), strict=True)
    pairs = []
    for row, column, (parts, relaxed) in zip(rows.tolist(), columns.tolist(), accounts, strict=True):
        points, pinned = sum(parts.values()) + sum(relaxed.values()), (row, column) in state.pinned
        shown = shown_total(points)
        pairs.append(Pair(state.name, ids[row], state.host_id(column), points, shown, parts, pinned, relaxed))
    return pairs
