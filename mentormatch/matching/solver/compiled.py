"""Compiled functions and the arrays they share: lists of pairs, a matching with prices, labels of a shortest path.

numba compiles once per installation and keeps the result beside the source (or in the user's cache): the first call
takes some ten seconds, later processes less than one. Only instances for which HiGHS would take longer come here, and
`warm_up` in `mentormatch.matching.solver.warming` compiles everything beforehand.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar, cast

import numpy as np
from numba import njit
from numpy.typing import NDArray

from mentormatch.matching.solver.blocks import BoolArray, IntArray

Function = TypeVar("Function", bound=Callable[..., Any])

NONE = -1
FAR = np.int64(1 << 62)
"""Distance of what is not reached."""


def compiled(function: Function) -> Function:
    """Compile for numpy arrays without the interpreter's lock; cached where some cache can be written."""
    try:
        return cast("Function", njit(cache=True, nogil=True)(function))
    except RuntimeError:  # nowhere to keep the result: compile in each process
        return cast("Function", njit(nogil=True)(function))


class Lists(NamedTuple):
    """Pairs by row: those of row i stand at ``start[i]:start[i + 1]``."""

    start: IntArray
    column: NDArray[np.int32]
    score: IntArray


class Mirror(NamedTuple):
    """The same pairs by column, once for each slot of the row."""

    start: IntArray
    slot: NDArray[np.int32]
    score: IntArray


class Matching(NamedTuple):
    """A matching with prices; the members of a column form a linked list, so capacities cost no memory.

    A row that wants several hosts has as many slots, ``slot[i]:slot[i + 1]``, and no two of them have the same host;
    ``row`` is the row of each slot. Per slot: ``host`` (column or -1), ``value`` (score of its pair, or ``guard``),
    ``guard`` (value of having no host, the same for all slots of a row). Per column: ``person`` whose places they are,
    ``price`` at least ``floor``, ``capacity``, ``load``, ``first`` member. ``after`` and ``before`` link the members.
    """

    slot: IntArray
    row: IntArray
    person: IntArray
    host: IntArray
    value: IntArray
    guard: IntArray
    price: IntArray
    floor: IntArray
    capacity: IntArray
    load: IntArray
    first: IntArray
    after: IntArray
    before: IntArray


class Labels(NamedTuple):
    """Labels of one shortest-path search over columns, clean between searches; a binary heap with positions."""

    distance: IntArray
    via: IntArray
    gain: IntArray
    onward: IntArray
    settled: BoolArray
    touched: IntArray
    scanned: IntArray
    heap: IntArray
    position: IntArray


def new_matching(wanted: IntArray, person: IntArray, capacity: IntArray, floor: IntArray) -> Matching:
    """Nobody matched, all prices at their floor or zero, whichever is higher; ``wanted`` are the slots of each row."""
    m = capacity.size
    row = np.repeat(np.arange(wanted.size), wanted)
    empty = np.full(row.size, NONE, np.int64)
    return Matching(
        slot=np.concatenate([[0], np.cumsum(wanted)]),
        row=row,
        person=person,
        host=empty.copy(),
        value=np.zeros(row.size, np.int64),
        guard=np.zeros(row.size, np.int64),
        price=np.zeros(m, np.int64),
        floor=floor.astype(np.int64),
        capacity=capacity.astype(np.int64),
        load=np.zeros(m, np.int64),
        first=np.full(m, NONE, np.int64),
        after=empty.copy(),
        before=empty.copy(),
    )


def new_labels(columns: int) -> Labels:
    """Clean labels for a number of columns."""
    number = [np.zeros(columns, np.int64) for _ in range(6)]
    return Labels(
        distance=np.full(columns, FAR),
        via=number[0],
        gain=number[1],
        onward=number[2],
        settled=np.zeros(columns, np.bool_),
        touched=number[3],
        scanned=number[4],
        heap=number[5],
        position=np.full(columns, NONE, np.int64),
    )


@compiled
def mirror_of(lists: Lists, x: Matching) -> Mirror:
    """Turn lists by row into lists by column."""
    start = np.zeros(x.price.size + 1, np.int64)
    for row in x.row:
        for e in range(lists.start[row], lists.start[row + 1]):
            start[lists.column[e] + 1] += 1
    for j in range(x.price.size):
        start[j + 1] += start[j]
    place = start[:-1].copy()
    slot = np.empty(start[-1], np.int32)
    score = np.empty(start[-1], np.int64)
    for i in range(x.row.size):
        for e in range(lists.start[x.row[i]], lists.start[x.row[i] + 1]):
            j = lists.column[e]
            slot[place[j]] = i
            score[place[j]] = lists.score[e]
            place[j] += 1
    return Mirror(start, slot, score)


@compiled
def taken(x: Matching, slot: int, column: int) -> bool:
    """Whether another slot of the same row has this column's host, so that the slot may not move there."""
    i = x.row[slot]
    for other in range(x.slot[i], x.slot[i + 1]):
        if other != slot and x.host[other] >= 0 and x.person[x.host[other]] == x.person[column]:
            return True
    return False


@compiled
def enter(x: Matching, slot: int, column: int, value: int) -> None:
    """Give a slot a host."""
    x.host[slot] = column
    x.value[slot] = value
    head = x.first[column]
    x.after[slot] = head
    x.before[slot] = NONE
    if head >= 0:
        x.before[head] = slot
    x.first[column] = slot
    x.load[column] += 1


@compiled
def leave(x: Matching, slot: int) -> None:
    """Take a slot's host away; it falls back to its guard."""
    column = x.host[slot]
    behind, front = x.after[slot], x.before[slot]
    if front >= 0:
        x.after[front] = behind
    else:
        x.first[column] = behind
    if behind >= 0:
        x.before[behind] = front
    x.load[column] -= 1
    x.host[slot] = NONE
    x.value[slot] = x.guard[slot]


@compiled
def rise(labels: Labels, size: int, column: int) -> int:
    """Put a column into the heap, or move it up after its distance fell; returns the heap's size."""
    heap, position, distance = labels.heap, labels.position, labels.distance
    at = position[column]
    if at < 0:
        at = size
        size += 1
    while at > 0:
        above = (at - 1) >> 1
        if distance[heap[above]] <= distance[column]:
            break
        heap[at] = heap[above]
        position[heap[at]] = at
        at = above
    heap[at] = column
    position[column] = at
    return size


@compiled
def pop(labels: Labels, size: int) -> int:
    """Remove the nearest column, ``heap[0]``; returns the heap's size."""
    heap, position, distance = labels.heap, labels.position, labels.distance
    position[heap[0]] = NONE
    size -= 1
    if size == 0:
        return 0
    last = heap[size]
    at = 0
    while True:
        below = 2 * at + 1
        if below >= size:
            break
        if below + 1 < size and distance[heap[below + 1]] < distance[heap[below]]:
            below += 1
        if distance[heap[below]] >= distance[last]:
            break
        heap[at] = heap[below]
        position[heap[at]] = at
        at = below
    heap[at] = last
    position[last] = at
    return size


@compiled
def clean(labels: Labels, touched: int, heaped: int) -> None:
    """Forget a search."""
    for at in range(heaped):
        labels.position[labels.heap[at]] = NONE
    for at in range(touched):
        column = labels.touched[at]
        labels.distance[column] = FAR
        labels.settled[column] = False
