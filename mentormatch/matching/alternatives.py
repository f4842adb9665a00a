"""Runner-up hosts: what else an intern could have had, and at what price to the whole."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mentormatch.matching.explanation import Alternative, shown_total
from mentormatch.matching.solver.assignment import UNFILLED, Assignment, Proof
from mentormatch.matching.track_state import TrackState


def alternatives_of(
    state: TrackState, assignment: Assignment | None, tracks: Sequence[str], row: int, k: int
) -> tuple[Alternative, ...]:
    """Return the `k` best allowed hosts of an intern besides the assigned one, most points first; ties by id."""
    here = slice(row, row + 1)
    points = state.scores.scores(here, slice(None))[0].astype(np.int64)
    allowed = state.scores.allowed(here, slice(None))[0]
    assigned = int(state.columns[row])
    current = int(points[assigned]) if assigned != UNFILLED else 0
    order = np.argsort(-points, kind="stable")
    others = [column for column in order[allowed[order]][: k + 1].tolist() if column != assigned]
    left = state.capacity - state.loads
    found = []
    for column in others[:k]:
        price = _price(state, assignment, tracks, row, column)
        a_place = assignment is not None and price is not None and price > assignment.objective
        found.append(
            Alternative(
                host=state.host_id(column),
                points=int(points[column]),
                shown=shown_total(int(points[column])),
                margin=int(points[column]) - current,
                places_left=int(left[column]),
                costs_at_least=None if a_place else price,
                costs_a_place=a_place,
            )
        )
    return tuple(found)


def _price(
    state: TrackState, assignment: Assignment | None, tracks: Sequence[str], row: int, column: int
) -> int | None:
    """Return by how much the total must at least fall if the intern gets this host instead: the reduced cost.

    Dual prices make every assigned pair the best buy of its intern, so that the difference between the best buy and
    another is a loss that no rearrangement of the others can make good. A loss above the whole total stands for a
    place that stays empty.
    """
    assigned = int(state.columns[row])
    pinned = (row, assigned) in state.pinned
    if assignment is None or assigned == UNFILLED or pinned or assignment.gap or assignment.proof is not Proof.PRICES:
        return None
    prices, track = assignment.prices, tracks.index(state.name)

    def worth(place: int) -> int:
        person = int(state.owner[place])
        asked = int(prices.hosts[track][place]) + prices.persons.get(person, 0) + prices.conflicts.get((row, person), 0)
        return state.scores.points(row, place) * prices.scale - asked

    return max(0, -(-(worth(assigned) - worth(column)) // prices.scale))
