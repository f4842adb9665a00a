"""Coverage: whether a matching of a track fills as many places as any (Berge's theorem, Koenig's cover)."""

from __future__ import annotations

import numpy as np

from mentormatch.matching.solver.blocks import IntArray, row_blocks
from mentormatch.matching.solver.instance import OpenTrack
from mentormatch.matching.solver.problem import UNFILLED


def covers_most(track: OpenTrack, pairs: IntArray) -> bool:
    """Whether no alternating path leads from an unfilled place to a host with room.

    Parameters
    ----------
    pairs:
        Shape (n,): column or `UNFILLED`, pins included.

    Time: each row's hard rules are read once at the most.
    """
    decided = np.where(track.pinned == UNFILLED, pairs, UNFILLED)
    load = np.bincount(decided[decided != UNFILLED], minlength=track.shape[1])
    room = load < track.capacity
    fresh = np.flatnonzero((pairs == UNFILLED) & (track.pinned == UNFILLED))
    if not fresh.size or not room.any():
        return True
    reached = np.zeros(track.shape[1], np.bool_)
    while fresh.size:
        hosts = np.zeros_like(reached)
        for part in row_blocks(fresh.size, track.shape[1]):
            hosts |= track.allowed(fresh[part], slice(None)).any(axis=0)
        if (hosts & room).any():
            return False
        new = hosts & ~reached
        reached |= hosts
        fresh = np.flatnonzero((decided != UNFILLED) & new[decided])
    return True
