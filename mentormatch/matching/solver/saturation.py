"""Matchings of largest size on lists: augmenting paths from any matching, columns with several places.

Several searches per phase on disjoint trees (Pothen and Fan 1990, Computing the block triangular form of a sparse
matrix). When a phase finds nothing, the units it has reached are a Hall violator of the lists: together they reach
fewer places than they need.
"""

from __future__ import annotations

import numpy as np

from mentormatch.matching.solver.blocks import BoolArray, IntArray
from mentormatch.matching.solver.compiled import NONE, Lists, compiled


@compiled
def _join(unit: int, column: int, mate: IntArray, load: IntArray, head: IntArray, links: IntArray) -> None:  # noqa: PLR0917  compiled functions take no keywords
    """Give a unit a column; the units of a column form a list linked both ways."""
    old = mate[unit]
    if old >= 0:
        before, after = links[0, unit], links[1, unit]
        if before >= 0:
            links[1, before] = after
        else:
            head[old] = after
        if after >= 0:
            links[0, after] = before
        load[old] -= 1
    mate[unit] = column
    links[0, unit], links[1, unit] = NONE, head[column]
    if head[column] >= 0:
        links[0, head[column]] = unit
    head[column] = unit
    load[column] += 1


@compiled
def saturate(
    lists: Lists, of: IntArray, capacity: IntArray, above: int, mate: IntArray
) -> tuple[int, BoolArray, BoolArray]:
    """Augment ``mate`` to the largest size that pairs with a score ``above`` the given one allow.

    Parameters
    ----------
    lists:
        Pairs of each row, best first.
    of:
        Shape (units,): row of each unit. A row with several units needs that many columns.
    capacity:
        Shape (columns,).
    mate:
        Shape (units,): column of each unit or -1; a matching on pairs above the score, changed in place.

    Returns
    -------
    tuple
        Units matched, and which units and columns alternating paths from the unmatched units reach.
    """
    load, head = np.zeros(capacity.size, np.int64), np.full(capacity.size, NONE)
    links = np.full((2, of.size), NONE)
    size = 0
    for unit in range(of.size):
        if mate[unit] >= 0:
            column, mate[unit] = mate[unit], NONE
            _join(unit, column, mate, load, head, links)
            size += 1
    reached, seen = np.zeros(of.size, np.bool_), np.zeros(capacity.size, np.bool_)
    via, queue = np.zeros(capacity.size, np.int64), np.zeros(of.size, np.int64)
    gained = True
    while gained:
        gained = False
        reached[:], seen[:] = False, False
        for root in range(of.size):
            if mate[root] >= 0:
                continue
            column = _search(lists, of, capacity, above, root, load, head, links, reached, seen, via, queue)
            if column >= 0:
                gained = True
                size += 1
            while column >= 0:
                unit = via[column]
                before = mate[unit]
                _join(unit, column, mate, load, head, links)
                column = before
    return size, reached, seen


@compiled
def _search(lists: Lists, of: IntArray, capacity: IntArray, above: int, root: int, load: IntArray, head: IntArray, links: IntArray, reached: BoolArray, seen: BoolArray, via: IntArray, queue: IntArray) -> int:  # fmt: skip  # noqa: E501, PLR0917  a compiled inner loop takes its state as arguments
    """Breadth first from an unmatched unit to a column with room, which is returned, or -1."""
    reached[root] = True
    queue[0] = root
    at, end = 0, 1
    while at < end:
        unit = queue[at]
        at += 1
        for e in range(lists.start[of[unit]], lists.start[of[unit] + 1]):
            if lists.score[e] <= above:
                break
            column = lists.column[e]
            if seen[column]:
                continue
            seen[column] = True
            via[column] = unit
            if load[column] < capacity[column]:
                return int(column)
            member = head[column]
            while member >= 0:
                if not reached[member]:
                    reached[member] = True
                    queue[end] = member
                    end += 1
                member = links[1, member]
    return NONE
