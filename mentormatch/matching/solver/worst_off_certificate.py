"""An independent check that no intern's lot could be better: Hall's condition counted over whole rows, in integers.

It shares no code with the search. The search names interns, or hosts with minimum loads, who would be short of places
above a score; here all their pairs are looked at again and the places counted (Hall 1935, On representatives of
subsets; with capacities and minima by maximum flow and minimum cut).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mentormatch.matching.solver.blocks import BLOCK_PAIRS, BoolArray, IntArray
from mentormatch.matching.solver.problem import UNFILLED, Assignment, AssignmentProblem, Shortage, Track


@dataclass(frozen=True)
class WorstOffCertificate:
    """What the check found.

    Attributes
    ----------
    worst_off:
        Per track, the points of the worst-off intern, counted again: over all her places in the track, of interns
        whose places are all filled and not all pinned. None where there is nobody.
    bound:
        Per track, the most that this can be in any matching with as many pairs in the track; None where that is not
        proved (several hosts per intern and shared people are left to branching).
    """

    worst_off: tuple[int | None, ...]
    bound: tuple[int | None, ...]

    @property
    def optimal(self) -> bool:
        """Whether every track's worst-off is proved to be as well off as can be."""
        return self.worst_off == self.bound


def certify_worst_off(problem: AssignmentProblem, assignment: Assignment) -> WorstOffCertificate:
    """Check what an assignment says about its worst-off interns.

    Time: one look at all pairs of the interns, or hosts, of each shortage. Memory: blocks of about 8 MB.
    """
    worst, bound = [], []
    shortages = assignment.shortages or (None,) * len(problem.tracks)
    for index, (track, pairs, shortage) in enumerate(zip(problem.tracks, assignment.pairs, shortages, strict=True)):
        pins = np.array(sorted({(i, j) for t, i, j in problem.pins if t == index}), np.int64).reshape(-1, 2)
        found = _least(track, pairs, pins)
        worst.append(found)
        shown = found is not None and shortage is not None and _is_short(track, pairs, pins, shortage, found)
        bound.append(found if shown or found is None else None)
    return WorstOffCertificate(tuple(worst), tuple(bound))


def _least(track: Track, pairs: IntArray, pins: IntArray) -> int | None:
    rows = np.repeat(np.arange(track.source.shape[0]), 1 if track.wanted is None else track.wanted)
    points = np.zeros(track.source.shape[0], np.int64)
    filled = np.flatnonzero(pairs != UNFILLED)
    for places in np.array_split(filled, max(1, filled.size // 32)):
        row, here = np.unique(rows[places], return_inverse=True)
        column, there = np.unique(pairs[places], return_inverse=True)
        np.add.at(points, row[here], track.source.scores(row, column)[here, there])
    counted = np.bincount(rows, minlength=points.size) > np.bincount(pins[:, 0], minlength=points.size)
    counted[rows[pairs == UNFILLED]] = False
    return int(points[counted].min()) if counted.any() else None


def _is_short(track: Track, pairs: IntArray, pins: IntArray, shortage: Shortage, score: int) -> bool:
    """Whether those named are short of places in every matching of this size whose pairs score above ``score``."""
    if track.wanted is not None and (track.wanted > 1).any():
        return False
    n, m = track.source.shape
    free = np.ones(n, np.bool_) if track.wanted is None else track.wanted > 0
    free[pins[:, 0]] = False
    used = np.bincount(pins[:, 1], minlength=m)
    if shortage.rows is not None:
        short = np.zeros(n, np.bool_)
        short[shortage.rows] = True
        short &= free
        hosts = _near(track, np.flatnonzero(short), score)
        places = np.minimum(track.capacity - used, short.sum())[hosts].sum()
        return bool((free & ~short).sum() + places < (pairs != UNFILLED).sum() - len(pins))
    if shortage.columns is None or track.minimum is None:
        return False
    hosts = np.zeros(m, np.bool_)
    hosts[shortage.columns] = True
    interns = np.zeros(n, np.bool_)
    step = max(1, BLOCK_PAIRS // max(1, m))
    for start in range(0, n, step):
        rows = np.arange(start, min(n, start + step))
        interns[rows] = _above(track, rows, score)[:, hosts].any(axis=1)
    return bool((interns & free).sum() < np.maximum(track.minimum - used, 0)[hosts].sum())


def _near(track: Track, rows: IntArray, score: int) -> BoolArray:
    """Hosts who score above ``score`` with one of these interns and are permitted to her."""
    hosts = np.zeros(track.source.shape[1], np.bool_)
    step = max(1, BLOCK_PAIRS // max(1, hosts.size))
    for start in range(0, rows.size, step):
        hosts |= _above(track, rows[start : start + step], score).any(axis=0)
    return hosts


def _above(track: Track, rows: IntArray, score: int) -> BoolArray:
    everybody = slice(None)
    return track.source.allowed(rows, everybody) & (track.source.scores(rows, everybody) > score)
