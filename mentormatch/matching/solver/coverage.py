"""Coverage: whether a matching of a track fills as many places as any (Berge's theorem, Koenig's cover)."""

from __future__ import annotations

import numpy as np

from mentormatch.matching.solver.blocks import IntArray, ranges, row_blocks
from mentormatch.matching.solver.instance import OpenTrack


def covers_most(track: OpenTrack, pairs: IntArray) -> bool:
    """Whether no alternating path leads from an unfilled place to a host with room.

    Parameters
    ----------
    pairs:
        Shape (places,): column or `UNFILLED`, pins included.

    Time: each row's hard rules are read once at the most.
    """
    n, m = track.shape
    rows, columns = track.decided(pairs)
    room = np.bincount(columns, minlength=m) < track.capacity
    start = np.searchsorted(rows, np.arange(n + 1))
    fresh = np.flatnonzero(np.diff(start) < track.wanted)
    if not fresh.size or not room.any():
        return True
    seen, reached = np.zeros(n, np.bool_), np.zeros(m, np.bool_)
    while fresh.size:
        seen[fresh] = True
        hosts = np.zeros_like(reached)
        for part in row_blocks(fresh.size, m):
            some = fresh[part]
            allowed = track.allowed(some, slice(None))
            held = ranges(start, some)
            allowed[np.searchsorted(some, rows[held]), columns[held]] = False  # nobody gets a host twice
            hosts |= allowed.any(axis=0)
        if (hosts & room).any():
            return False
        new = hosts & ~reached
        reached |= hosts
        fresh = np.unique(rows[new[columns]])
        fresh = fresh[~seen[fresh]]
    return True
