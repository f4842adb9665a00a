"""Runner-up hosts: what else an intern could have had, and at what price to the whole."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mentormatch.matching.explanation import Alternative, shown_total
from mentormatch.matching.solver.assignment import Assignment, Proof
from mentormatch.matching.track_state import TrackState


def alternatives_of(
    state: TrackState, assignment: Assignment | None, tracks: Sequence[str], row: int, *, k: int, instead_of: int | None
) -> tuple[Alternative, ...]:
    """Return the `k` best allowed hosts that an intern does not have, most points first; ties by id.

    `instead_of` is the host, one of the intern's own, whose place another would take; None when she has nobody.
    """
    here = slice(row, row + 1)
    points = state.scores.points_of(here, slice(None))[0].astype(np.int64)
    allowed = state.scores.allowed(here, slice(None))[0].copy()
    allowed[state.hosts_of(row)] = False
    current = 0 if instead_of is None else int(points[instead_of])
    order = np.argsort(-points, kind="stable")
    left = state.capacity - state.loads
    found = []
    for column in order[allowed[order]][:k].tolist():
        price = None if instead_of is None else _price(state, assignment, tracks, row, (instead_of, column))
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
    state: TrackState, assignment: Assignment | None, tracks: Sequence[str], row: int, change: tuple[int, int]
) -> int | None:
    """Return by how much the total must at least fall if the intern gets another host: the reduced cost.

    Dual prices make every assigned pair the best buy of its intern, so that the difference between the best buy and
    another is a loss that no rearrangement of the others can make good. A loss above the whole total stands for a
    place that stays empty.
    """
    pinned = (row, change[0]) in state.pinned
    if assignment is None or pinned or assignment.gap != 0 or assignment.proof is not Proof.PRICES:
        return None
    prices, track = assignment.prices, tracks.index(state.name)

    def worth(place: int) -> int:
        person = int(state.owner[place])
        asked = int(prices.hosts[track][place]) + prices.persons.get(person, 0) + prices.conflicts.get((row, person), 0)
        return state.worth(row, place) * prices.scale - asked

    return max(0, -(-(worth(change[0]) - worth(change[1])) // prices.scale))
