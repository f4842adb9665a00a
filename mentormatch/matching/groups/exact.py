"""Groups of a handful of people: every grouping is looked at, so the best one is proved, or that there is none."""

from __future__ import annotations

import numpy as np

from mentormatch.matching.groups.state import Units
from mentormatch.matching.solver.blocks import BoolArray, IntArray
from mentormatch.matching.solver.compiled import FAR, compiled

MOST_UNITS = 14
MOST_STEPS = 3_000_000
"""Steps of the walk after which the search takes over: a tenth of a second."""


@compiled
def allowed(  # noqa: PLR0917  compiled functions take no keywords
    units: Units,
    pinned: IntArray,
    kind: IntArray,
    conflict: BoolArray,
    choice: IntArray,
    load: IntArray,
    lead: IntArray,
    filled: IntArray,
    u: int,
    b: int,
) -> bool:
    """Whether unit u may join group b, and this is not the mirror image of joining an earlier empty group."""
    if pinned[u] >= 0 and pinned[u] != b:
        return False
    if load[b] + units.size[u] > units.high[b] or lead[b] + units.lead[u] > units.lead_high[b]:
        return False
    for other in range(b):
        if filled[b] == 0 and filled[other] == 0 and kind[other] == kind[b]:
            return False
    for v in range(u):  # noqa: SIM110  compiled: a loop
        if choice[v] == b and conflict[u, v]:
            return False
    return True


@compiled
def enough(units: Units, load: IntArray, lead: IntArray, people: int, leaders: int) -> bool:
    """Whether the people and facilitators still to come can fill every group to its least."""
    for b in range(load.size):
        people -= max(0, units.low[b] - load[b])
        leaders -= max(0, units.lead_low[b] - lead[b])
    return people >= 0 and leaders >= 0


@compiled
def walk(units: Units, pinned: IntArray, kind: IntArray, conflict: BoolArray, best: IntArray, most: int) -> int:  # noqa: PLR0917  compiled functions take no keywords
    """Look at every grouping and leave the best in `best`, untouched when there is none.

    Parameters
    ----------
    pinned:
        Shape (U,), the group a unit must be in or -1.
    kind:
        Shape (G,), equal for groups that may be exchanged.
    conflict:
        Shape (U, U), true where two units must be apart.
    most:
        Steps to take at most.

    Returns
    -------
    int
        Steps taken; the result is proved when they are fewer than `most`.
    """
    many, groups = units.size.size, units.low.size
    load, lead, filled = np.zeros(groups, np.int64), np.zeros(groups, np.int64), np.zeros(groups, np.int64)
    choice, added = np.full(many, -1, np.int64), np.zeros(many, np.int64)
    people, leaders, total, steps, u = int(units.size.sum()), int(units.lead.sum()), 0, 0, 0
    uneven, worth = int(FAR), -1
    while u >= 0 and steps < most:
        steps += 1
        if u == many:
            squares = int((load * load).sum()) if units.even > 0 else 0
            if squares < uneven or (squares == uneven and total > worth):
                uneven, worth = squares, total
                best[:] = choice
            u -= 1
            continue
        b = choice[u]
        if b >= 0:
            load[b] -= units.size[u]
            lead[b] -= units.lead[u]
            filled[b] -= 1
            people, leaders, total = people + units.size[u], leaders + units.lead[u], total - added[u]
        b += 1
        while b < groups and not allowed(units, pinned, kind, conflict, choice, load, lead, filled, u, b):
            b += 1
        choice[u] = b if b < groups else -1
        if b == groups:
            u -= 1
            continue
        added[u] = 0
        for v in range(u):
            added[u] += units.distance[u, v] if choice[v] == b else 0
        load[b] += units.size[u]
        lead[b] += units.lead[u]
        filled[b] += 1
        people, leaders, total = people - units.size[u], leaders - units.lead[u], total + added[u]
        u += 1 if enough(units, load, lead, people, leaders) else 0
    return steps
