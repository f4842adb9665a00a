"""Shortest augmenting paths: exact optimum of a restricted problem from any prices, and its exact repair.

Successive shortest paths with dual prices (Ahuja, Magnanti and Orlin, Network Flows, 1993, chapter 9). All numbers are
integers, so equality means equality. A column is a host; `insert` brings in a slot of a row, `refill` fills or cheapens
a column that has a free place while its price is above its floor.

Where rows want several hosts, no slot moves to a host that another slot of its row has, even if that one moves away on
the same path. Nothing is lost: such a path passes the row twice, and as the cycle between cannot be shorter than
nothing, the path that moves the first slot straight on is as short. It is found first, and a tie does not displace it.
"""

from __future__ import annotations

from mentormatch.matching.solver.blocks import IntArray
from mentormatch.matching.solver.compiled import (
    FAR,
    NONE,
    Labels,
    Lists,
    Matching,
    Mirror,
    clean,
    compiled,
    enter,
    leave,
    pop,
    rise,
    taken,
)


@compiled
def best_gain(lists: Lists, x: Matching, i: int) -> int:
    """Most that a slot can gain at the prices: the best of its pairs and its guard."""
    best, row = x.guard[i], x.row[i]
    for e in range(lists.start[row], lists.start[row + 1]):
        gain = lists.score[e] - x.price[lists.column[e]]
        if gain > best and not taken(x, i, lists.column[e]):
            best = gain
    return int(best)


@compiled
def is_optimal(lists: Lists, x: Matching) -> bool:
    """Whether matching and prices satisfy complementary slackness on the lists: each slot has the best it can have."""
    for i in range(x.host.size):
        price = x.price[x.host[i]] if x.host[i] >= 0 else 0
        if x.value[i] - price != best_gain(lists, x, i):
            return False
    for j in range(x.price.size):
        if x.price[j] < x.floor[j] or (x.load[j] < x.capacity[j] and x.price[j] > x.floor[j]):
            return False
    return True


@compiled
def _relax(lists: Lists, x: Matching, labels: Labels, i: int, base: int, best: int, touched: int, size: int) -> tuple[int, int]:  # fmt: skip  # noqa: E501, PLR0917  a compiled inner loop takes its state as arguments
    """Reach columns from slot i, itself reached at ``base`` (its gain added); returns touched and heap size."""
    row = x.row[i]
    for e in range(lists.start[row], lists.start[row + 1]):
        k = lists.column[e]
        reach = base - (lists.score[e] - x.price[k])
        if reach < best and reach < labels.distance[k] and not labels.settled[k] and not taken(x, i, k):
            if labels.distance[k] == FAR:
                labels.touched[touched] = k
                touched += 1
            labels.distance[k] = reach
            labels.via[k] = i
            labels.gain[k] = lists.score[e]
            size = rise(labels, size, k)
    return touched, size


@compiled
def insert(lists: Lists, x: Matching, labels: Labels, i0: int) -> int:
    """Bring in a slot without a host along the shortest augmenting path; returns how many slots were looked at.

    The path ends at a free place, or at a slot that gives its place up for its guard.
    """
    gain = best_gain(lists, x, i0)
    best, end, quitter, scanned, work = gain - x.guard[i0], NONE, i0, 0, 1
    touched, size = _relax(lists, x, labels, i0, gain, best, 0, 0)
    while size > 0:
        j = labels.heap[0]
        reach = labels.distance[j]
        if reach >= best:
            break
        size = pop(labels, size)
        labels.settled[j] = True
        labels.scanned[scanned] = j
        scanned += 1
        if x.load[j] < x.capacity[j]:
            best, end = reach, j
            break
        i = x.first[j]
        work += x.load[j]
        while i >= 0:
            base = reach + x.value[i] - x.price[j]
            if base - x.guard[i] < best:
                best, quitter = base - x.guard[i], i
            touched, size = _relax(lists, x, labels, i, base, best, touched, size)
            i = x.after[i]
    for at in range(scanned):
        j = labels.scanned[at]
        x.price[j] += max(best - labels.distance[j], 0)
    _augment(x, labels, i0, end, quitter)
    clean(labels, touched, size)
    return work


@compiled
def _augment(x: Matching, labels: Labels, i0: int, end: int, quitter: int) -> None:
    """Move everybody on the path one place on, from its end back to the new slot."""
    j = end
    if j < 0:
        if quitter == i0:
            x.value[i0] = x.guard[i0]
            return
        j = x.host[quitter]
        leave(x, quitter)
    while True:
        i = labels.via[j]
        old = x.host[i]
        if i != i0:
            leave(x, i)
        enter(x, i, j, labels.gain[j])
        if i == i0:
            return
        j = old


@compiled
def refill(mirror: Mirror, x: Matching, labels: Labels, j0: int) -> int:  # noqa: C901  one search, told in one place
    """Lower prices around a column with a free place until somebody moves in, or a price reaches its floor.

    Returns how many pairs were looked at.
    """
    best, end, mover, score, work = x.price[j0] - x.floor[j0], j0, NONE, 0, 1
    labels.distance[j0] = 0
    labels.touched[0] = j0
    touched, scanned, size = 1, 0, rise(labels, 0, j0)
    while size > 0:
        k = labels.heap[0]
        reach = labels.distance[k]
        if reach >= best:
            break
        size = pop(labels, size)
        labels.settled[k] = True
        labels.scanned[scanned] = k
        scanned += 1
        work += mirror.start[k + 1] - mirror.start[k]
        for e in range(mirror.start[k], mirror.start[k + 1]):
            i = mirror.slot[e]
            other = x.host[i]
            if other == k:
                continue
            loss = reach + x.price[k] - mirror.score[e] + x.value[i]
            if other < 0:
                if loss < best and not taken(x, i, k):
                    best, end, mover, score = loss, k, i, mirror.score[e]
                continue
            loss -= x.price[other]
            if loss < best and loss < labels.distance[other] and not labels.settled[other] and not taken(x, i, k):
                if labels.distance[other] == FAR:
                    labels.touched[touched] = other
                    touched += 1
                labels.distance[other] = loss
                labels.via[other] = i
                labels.gain[other] = mirror.score[e]
                labels.onward[other] = k
                size = rise(labels, size, other)
                if loss + x.price[other] - x.floor[other] < best:
                    best, end, mover = loss + x.price[other] - x.floor[other], other, NONE
    for at in range(touched):
        k = labels.touched[at]
        x.price[k] -= max(best - labels.distance[k], 0)
    _shift(x, labels, j0, end, mover, score)
    clean(labels, touched, size)
    return work


@compiled
def _shift(x: Matching, labels: Labels, j0: int, end: int, mover: int, score: int) -> None:  # noqa: PLR0917  compiled
    """Move everybody one place on along the path from ``end`` to ``j0``; ``mover`` comes in from outside."""
    k = end
    while True:
        leaver, onward, gain = labels.via[k], labels.onward[k], labels.gain[k]
        if k != j0:
            leave(x, leaver)
        if mover >= 0:
            enter(x, mover, k, score)
        if k == j0:
            return
        mover, score, k = leaver, gain, onward


@compiled
def let_go(lists: Lists, x: Matching, slots: IntArray) -> None:
    """Free the slots that would rather move, of these: a path through them would be no shortest one."""
    # Who has left the dearer of a host's two columns may leave the cheaper one to another slot of the row, so a second
    # look is needed.
    for _ in range(2):
        for at in range(slots.size):
            i = slots[at]
            if x.host[i] >= 0 and x.value[i] - x.price[x.host[i]] != best_gain(lists, x, i):
                leave(x, i)


@compiled
def optimise(lists: Lists, x: Matching, labels: Labels, slots: IntArray, start: int, most: int) -> int:  # noqa: PLR0917  compiled
    """Make the restricted problem optimal again after the lists or guards of these slots, all of a row, have changed.

    `let_go` comes first. Begins at ``slots[start]`` and returns where to go on, ``slots.size`` at the end: it comes
    back after some ``most`` slots looked at.
    """
    work = 0
    for at in range(start, slots.size):
        if x.host[slots[at]] < 0:
            work += insert(lists, x, labels, slots[at])
            if work >= most:
                return at + 1
    return int(slots.size)


@compiled
def settle(mirror: Mirror, x: Matching, labels: Labels, order: IntArray, start: int, most: int) -> int:  # noqa: PLR0917  compiled
    """Refill columns, in this order, that have free places while their price is above the floor.

    Begins at ``order[start]`` and returns where to go on, as `optimise` does, after some ``most`` pairs looked at.
    """
    work = 0
    for at in range(start, order.size):
        j = order[at]
        while x.load[j] < x.capacity[j] and x.price[j] > x.floor[j]:
            work += refill(mirror, x, labels, j)
            if work >= most:
                return at
    return int(order.size)
