"""Edits of a solved board: somebody leaves or comes, a capacity changes, a pair is banned.

Then the optimum is repaired: lists, guards and prices stay; only the paths that the edit touches are searched again.
"""

from __future__ import annotations

from copy import copy
from dataclasses import replace

import numpy as np

from mentormatch.matching.solver.blocks import IntArray
from mentormatch.matching.solver.compiled import Lists, Matching, Mirror, leave, new_labels
from mentormatch.matching.solver.guarded import AWAY, GuardedSearch

BANNED = -(1 << 50)
"""Score of a banned pair that stands in a list."""


def copied(search: GuardedSearch) -> GuardedSearch:
    """A search that can be edited without changing this one."""
    other = copy(search)
    other.x = Matching(*(part.copy() for part in search.x))
    other.labels = new_labels(search.board.shape[1])
    other.bound, other.version = search.bound.copy(), search.version.copy()
    other.versions, other.absent = list(search.versions), search.absent.copy()
    other.scores = search.scores.copy()
    other.lists = Lists(search.lists.start, search.lists.column, other.scores)
    other.mirror = Mirror(search.mirror.start, search.mirror.slot, search.mirror.score.copy())
    return other


def withdraw(search: GuardedSearch, row: int) -> IntArray:
    """Take a row out; returns the rows to solve again."""
    search.absent[row] = True
    for slot in range(*search.x.slot[row : row + 2]):
        if search.x.host[slot] >= 0:
            leave(search.x, slot)
        search.x.guard[slot] = search.x.value[slot] = AWAY
    return np.zeros(0, np.int64)


def restore(search: GuardedSearch, row: int) -> IntArray:
    """Let a withdrawn row take part again; returns the rows to solve again."""
    search.absent[row] = False
    guard = max(int(search.bound[row]) - int(search.guard_depth), search.unfilled)
    slots = slice(*search.x.slot[row : row + 2])
    search.x.guard[slots] = search.x.value[slots] = guard
    return np.array([row])


def set_capacity(search: GuardedSearch, column: int, capacity: int) -> IntArray:
    """Change the places of a column; returns the rows that have lost theirs."""
    lost = []
    search.x.capacity[column] = capacity
    while search.x.load[column] > capacity:
        slot = int(search.x.first[column])
        leave(search.x, slot)
        lost.append(int(search.x.row[slot]))
    return np.array(sorted(lost), np.int64)


def ban(search: GuardedSearch, row: int, columns: IntArray) -> IntArray:
    """Forbid pairs of a row; returns the rows to solve again."""
    _set_scores(search, row, columns, np.full(columns.size, BANNED))
    track = search.board.track
    where = np.full(columns.size, search.board.rows[row])
    served = (np.append(track.served[0], where), np.append(track.served[1], search.board.columns[columns]))
    search.board = replace(search.board, track=replace(track, served=served))
    for slot in range(*search.x.slot[row : row + 2]):
        if search.x.host[slot] in columns:
            leave(search.x, slot)
    return np.array([row])


def permit(search: GuardedSearch, row: int, columns: IntArray) -> IntArray:
    """Take a ban back; returns the rows to solve again."""
    track = search.board.track
    here = search.board.rows[row]
    again = (track.served[0] == here) & np.isin(track.served[1], search.board.columns[columns])
    served = (track.served[0][~again], track.served[1][~again])
    search.board = replace(search.board, track=replace(track, served=served))
    permitted = columns[search.board.track.allowed(np.array([here]), search.board.columns[columns])[0]]
    _set_scores(search, row, permitted, search.board.scores(np.full(permitted.size, row), permitted))
    return np.array([row])


def _set_scores(search: GuardedSearch, row: int, columns: IntArray, scores: IntArray) -> None:
    """Change scores in the lists where the pairs stand in them, and add those that do not."""
    missing = []
    for at, column in enumerate(columns.tolist()):
        key = row * search.board.shape[1] + column
        place = int(np.searchsorted(search.keys, key))
        if place == search.keys.size or search.keys[place] != key:
            missing.append(at)
            continue
        search.scores[place] = scores[at]
        start, stop = search.mirror.start[column : column + 2]
        search.mirror.score[start + np.flatnonzero(search.x.row[search.mirror.slot[start:stop]] == row)] = scores[at]
    if missing:
        search.add(np.full(len(missing), row), columns[missing], scores[missing])
        search.reflect()
