"""Deferred acceptance, compiled: interns propose down their lists, hosts keep the best, ties make room for more pairs.

Gale and Shapley (1962), with Király's two additions for ties (2013, *Linear time local approximation algorithm for
maximum stable marriage*, Algorithms 6). They make the result at least two thirds of the largest weakly stable one:

* an intern who has been refused by all hosts goes through her list once more, *promoted*: of two interns with the same
  score a host then prefers her;
* among hosts that are the same to her an intern first asks one with a free place. As long as there is another such
  host, the one that has her may give her place to anybody: she moves on without being refused.

A host with several places stands for as many hosts with one, tied in every list.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mentormatch.matching.solver.blocks import BoolArray, IntArray
from mentormatch.matching.solver.compiled import compiled
from mentormatch.matching.solver.preferences import NO_BOUND

NONE = -1
YES, NO, UNKNOWN = 1, 0, -2
LIST_ENDS, EXHAUSTED = -3, -4
FINAL = 2
"""Promotions of an intern who has gone through her list twice."""


class Ranking(NamedTuple):
    """The top of everybody's preference list, see `preferences.Excerpt`; row i has ``start[i]:start[i + 1]``.

    ``whole``: nothing is missing, neither above nor below.
    """

    start: IntArray
    column: NDArray[np.int32]
    score: NDArray[np.int32]
    host_score: NDArray[np.int32]
    more: BoolArray
    more_free: BoolArray
    whole: BoolArray


class Interns(NamedTuple):
    """Where everybody stands, per row. Positions count from the start of the row's list.

    ``tie`` and ``end`` enclose the hosts that are being asked, all of one score: first those with a free place, from
    ``free_at`` on, then the full ones, from ``next_at`` on. ``place`` is the row's first place. A row that ``needs`` a
    longer list is to be told hosts with scores up to ``bound``; one that is ``paused`` waits for another row's list.
    """

    wanted: IntArray
    got: IntArray
    place: IntArray
    promoted: IntArray
    tie: IntArray
    end: IntArray
    free_at: IntArray
    next_at: IntArray
    bound: IntArray
    needs: BoolArray
    paused: BoolArray
    standing: BoolArray


class Hosts(NamedTuple):
    """Hosts with what they have, per column.

    ``worst`` is the root of a heap of places; ``movable`` starts a chain of those whose interns may have another free
    host in their tie.
    """

    room: IntArray
    load: IntArray
    worst: IntArray
    movable: IntArray


class Places(NamedTuple):
    """Per place of an intern: its ``row``, ``host`` or -1, the host's ``key`` for her, her ``score``, and two links."""

    row: IntArray
    host: IntArray
    key: IntArray
    score: IntArray
    left: IntArray
    right: IntArray


@compiled
def propose_all(stack: IntArray, size: int, ranking: Ranking, interns: Interns, hosts: Hosts, places: Places) -> None:  # noqa: PLR0917  compiled functions take no keywords
    """Let the interns on the stack propose until each has what she wants, or is through, or needs a longer list."""
    for at in range(size):
        interns.standing[stack[at]] = True
    while size:
        row = stack[size - 1]
        done = interns.got[row] == interns.wanted[row]
        if not done:
            at = _next(row, ranking, interns, hosts, places)
            if at < 0:
                interns.needs[row] = at == LIST_ENDS
                done = True
            else:
                out = _ask(row, ranking.start[row] + at, ranking, interns, hosts, places)
                if out == UNKNOWN:
                    interns.paused[row] = True
                    done = True
                elif out == row:
                    interns.next_at[row] += 1
                elif out >= 0 and not _is_known(out, interns):
                    interns.standing[out] = True
                    stack[size] = out
                    size += 1
                    continue
        if done:
            interns.standing[row] = False
            size -= 1


@compiled
def _is_known(row: int, interns: Interns) -> bool:
    """Whether an intern is about to propose anyway, or may no more."""
    gone = interns.promoted[row] == FINAL
    return bool(gone or interns.standing[row] or interns.needs[row] or interns.paused[row])


@compiled
def _next(row: int, ranking: Ranking, interns: Interns, hosts: Hosts, places: Places) -> int:
    """Position of the next host to ask, `LIST_ENDS` or `EXHAUSTED`."""
    start = ranking.start[row]
    length = ranking.start[row + 1] - start
    while True:
        if interns.tie[row] == interns.end[row]:
            if interns.end[row] == length:
                interns.promoted[row] += 1
                interns.tie[row] = interns.end[row] = 0
                if interns.promoted[row] == FINAL:
                    return EXHAUSTED
                if not ranking.whole[row] or length == 0:
                    interns.bound[row] = NO_BOUND
                    return LIST_ENDS
            _open_tie(row, interns.end[row], ranking, interns)
        free = _has_free(row, ranking, interns, hosts, places)
        if free == YES:
            return int(interns.free_at[row])
        interns.bound[row] = ranking.score[start + interns.tie[row]]
        if free == UNKNOWN:
            return LIST_ENDS
        if _has_taker(row, ranking, interns, hosts, places):
            return int(interns.next_at[row])
        if interns.end[row] == length and ranking.more[row]:
            return LIST_ENDS
        interns.tie[row] = interns.end[row]


@compiled
def _has_taker(row: int, ranking: Ranking, interns: Interns, hosts: Hosts, places: Places) -> bool:
    """Whether a full host in the present tie (at ``next_at``) may take the intern instead of another."""
    start = ranking.start[row]
    while interns.next_at[row] < interns.end[row]:
        entry = start + interns.next_at[row]
        column, worst = ranking.column[entry], hosts.worst[ranking.column[entry]]
        better = worst != NONE and _regard(row, ranking.host_score[entry], interns) > places.key[worst]
        if (better or hosts.movable[column] != NONE) and not _holds(row, column, interns, places):
            return True
        interns.next_at[row] += 1
    return False


@compiled
def _regard(row: int, host_score: int, interns: Interns) -> int:
    """What a host compares an intern by: above the key of a place if it strictly prefers her to the intern there."""
    return int((2 * np.int64(host_score) + interns.promoted[row]) * interns.wanted.size)


@compiled
def _open_tie(row: int, at: int, ranking: Ranking, interns: Interns) -> None:
    """Turn to the hosts that have the same score as the one at this position."""
    start, stop = ranking.start[row], ranking.start[row + 1]
    interns.tie[row] = interns.free_at[row] = interns.next_at[row] = at
    end = at
    while start + end < stop and ranking.score[start + end] == ranking.score[start + at]:
        end += 1
    interns.end[row] = end


@compiled
def open_first_ties(rows: IntArray, ranking: Ranking, interns: Interns) -> None:
    """Start over with new lists."""
    for row in rows:
        _open_tie(row, 0, ranking, interns)


@compiled
def _has_free(row: int, ranking: Ranking, interns: Interns, hosts: Hosts, places: Places) -> int:
    """Whether a host in the present tie has a free place: `YES` (at ``free_at``), `NO` or, by this list, `UNKNOWN`.

    A host that is full stays so, which is why the position never moves back.
    """
    start = ranking.start[row]
    while interns.free_at[row] < interns.end[row]:
        column = ranking.column[start + interns.free_at[row]]
        if hosts.load[column] < hosts.room[column] and not _holds(row, column, interns, places):
            return YES
        interns.free_at[row] += 1
    at_end = start + interns.end[row] == ranking.start[row + 1]
    return UNKNOWN if at_end and ranking.more_free[row] else NO


@compiled
def _holds(row: int, column: int, interns: Interns, places: Places) -> bool:
    first = interns.place[row]
    return bool((places.host[first : first + interns.wanted[row]] == column).any())


@compiled
def _ask(row: int, entry: int, ranking: Ranking, interns: Interns, hosts: Hosts, places: Places) -> int:  # noqa: PLR0917  compiled functions take no keywords
    """Propose. Returns the intern who is refused (perhaps the one who asked), `NONE`, or `UNKNOWN` to ask again."""
    column = ranking.column[entry]
    regard = _regard(row, ranking.host_score[entry], interns)
    out, free = NONE, hosts.load[column] < hosts.room[column]
    if not free:
        out = _movable(column, ranking, interns, hosts, places)
        if out == UNKNOWN:
            return UNKNOWN
        if out == NONE:
            out = hosts.worst[column]
            if out == NONE or regard <= places.key[out]:
                return row
            hosts.worst[column] = _melded(places.left[out], places.right[out], places)
        places.host[out] = NONE
        interns.got[places.row[out]] -= 1
        hosts.load[column] -= 1
    place = interns.place[row]
    while places.host[place] != NONE:
        place += 1
    places.host[place], places.score[place] = column, ranking.score[entry]
    places.key[place] = regard + interns.wanted.size - 1 - row
    places.left[place] = places.right[place] = NONE
    interns.got[row] += 1
    hosts.load[column] += 1
    if free and interns.wanted[row] == 1:
        places.left[place] = hosts.movable[column]
        hosts.movable[column] = place
    else:
        hosts.worst[column] = _melded(hosts.worst[column], place, places)
    return NONE if out == NONE else int(places.row[out])


@compiled
def _movable(column: int, ranking: Ranking, interns: Interns, hosts: Hosts, places: Places) -> int:
    """A place of a full host whose intern has another free host in her tie, `NONE`, or `UNKNOWN` from her list.

    Those who have none any more join the heap for good: no host becomes free again.
    """
    place, answer = hosts.movable[column], NONE
    hosts.movable[column] = NONE
    while place != NONE:
        row, after = places.row[place], places.left[place]
        free = _has_free(row, ranking, interns, hosts, places)
        if free == YES and answer < 0:
            answer = place
        elif free == NO:
            places.left[place] = NONE
            hosts.worst[column] = _melded(hosts.worst[column], place, places)
        else:
            places.left[place] = hosts.movable[column]
            hosts.movable[column] = place
            if free == UNKNOWN:
                interns.needs[row] = True
                interns.bound[row] = ranking.score[ranking.start[row] + interns.tie[row]]
                answer = UNKNOWN if answer == NONE else answer
        place = after
    return answer


@compiled
def _melded(one: int, other: int, places: Places) -> int:
    """Root of two skew heaps put together (Sleator and Tarjan 1986); the lowest key is on top."""
    left, right, key = places.left, places.right, places.key
    if one == NONE:
        return other
    if other == NONE:
        return one
    if key[other] < key[one]:
        one, other = other, one
    root = one
    while True:
        rest = right[one]
        right[one] = left[one]
        if rest == NONE:
            left[one] = other
            return root
        if key[other] < key[rest]:
            rest, other = other, rest
        left[one] = rest
        one = rest
