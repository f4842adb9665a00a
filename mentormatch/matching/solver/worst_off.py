"""The worst-off intern as well off as can be, where each intern wants one host in a track.

Among the matchings of the largest coverage, the lowest score of a pair is to be as high as possible: a threshold below
which no pair is permitted. A pinned pair is decided and does not count. Tracks that share nobody have a threshold each,
found on lists (`bottleneck`). Tracks that share people are dealt with in their order: the first track's threshold as
high as can be, then the second's subject to that; each question is a matching of the largest coverage.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np

from mentormatch.matching.solver.blocks import (
    HIGHEST_SCORE,
    BoolArray,
    Index,
    IntArray,
    ScoreArray,
    ScoreSource,
    row_blocks,
)
from mentormatch.matching.solver.bottleneck import find_bottleneck
from mentormatch.matching.solver.instance import pair_scores
from mentormatch.matching.solver.parts import Part
from mentormatch.matching.solver.problem import (
    UNFILLED,
    Assignment,
    AssignmentProblem,
    ImpossibleMinimum,
    ProgressCallback,
    Shortage,
    StopCallback,
    Track,
)
from mentormatch.matching.solver.thresholds import at_least

BestTotal: TypeAlias = Callable[[AssignmentProblem, ProgressCallback | None, StopCallback | None], Assignment]
"""Solves a problem for coverage and total, whatever its objective."""

NO_PAIR = HIGHEST_SCORE + 1
"""A threshold that no pair reaches."""


@dataclass(frozen=True)
class Thresholds:
    """Thresholds of some tracks, in their order.

    Attributes
    ----------
    least:
        Score of every pair that is made in a matching of the largest coverage known; None where nothing is decided.
    most:
        No matching of the largest coverage keeps a higher one, given those of the tracks before; None if unknown.
    shortages:
        What proves that; None where HiGHS does.
    proved:
        Whether these are the highest.
    unproved:
        Places that a matching may perhaps fill beyond the coverage that the thresholds keep.
    """

    least: tuple[int | None, ...]
    most: tuple[int | None, ...]
    shortages: tuple[Shortage | None, ...]
    proved: bool
    unproved: int = 0

    @classmethod
    def none(cls, part: Part) -> Thresholds:
        """No thresholds: floors under sums of points are set later."""
        nothing = (None,) * len(part.tracks)
        return cls(nothing, nothing, nothing, proved=True)


@dataclass(frozen=True, eq=False)
class Scoreless:
    """A score source in which every pair scores nothing: what is left is coverage."""

    base: ScoreSource

    @property
    def shape(self) -> tuple[int, int]:
        return self.base.shape

    def scores(self, rows: Index, columns: Index) -> ScoreArray:
        return np.zeros((np.arange(self.shape[0])[rows].size, np.arange(self.shape[1])[columns].size), np.int32)

    def allowed(self, rows: Index, columns: Index) -> BoolArray:
        return self.base.allowed(rows, columns)


def find_thresholds(part: Part, best_total: BestTotal, stop: Callable[[], bool]) -> Thresholds:
    """Find the highest thresholds of a part whose tracks want one host for each intern."""
    if part.coupled:
        return _Coupled(part.problem, best_total, stop).thresholds()
    found = find_bottleneck(part.instance.tracks[0], stop)
    proved = found.least == found.most and not stop()
    return Thresholds((found.least,), (found.most,), (found.shortage,), proved)


def points_of_interns(track: Track, pairs: IntArray) -> IntArray:
    """Points of each intern over all her places in a track, shape (n,); -1 where one of them is unfilled."""
    rows = track.place_rows
    filled = np.flatnonzero(pairs != UNFILLED)
    points = np.zeros(track.source.shape[0], np.int64)
    np.add.at(points, rows[filled], pair_scores(track, rows[filled], pairs[filled]))
    points[rows[pairs == UNFILLED]] = -1
    return points


def worst_off(problem: AssignmentProblem, pairs: tuple[IntArray, ...]) -> tuple[int | None, ...]:
    """Per track, the points of the worst-off intern whose places are all filled and not all pinned."""
    found: list[int | None] = []
    for index, (track, columns) in enumerate(zip(problem.tracks, pairs, strict=True)):
        open_places = np.bincount(track.place_rows, minlength=problem.interns)
        np.subtract.at(open_places, [pin[1] for pin in set(problem.pins) if pin[0] == index], 1)
        points = points_of_interns(track, columns)[open_places > 0]
        found.append(int(points[points >= 0].min()) if (points >= 0).any() else None)
    return tuple(found)


class _Coupled:
    """Thresholds of tracks that share people: a matching of the largest coverage for each question."""

    def __init__(self, problem: AssignmentProblem, best_total: BestTotal, stop: Callable[[], bool]) -> None:
        tracks = tuple(replace(track, source=Scoreless(track.source)) for track in problem.tracks)
        self.problem, self.best_total, self.stop = problem, best_total, stop
        self.bare = replace(problem, tracks=tracks, staying=None)

    def thresholds(self) -> Thresholds:
        first = self.best_total(self.bare, None, self.stop)
        self.coverage, self.pairs = first.coverage, first.pairs
        least: list[int | None] = [None] * len(self.problem.tracks)
        most = [
            None if self.stop() else self._raise(least, index, _scores_of(track))
            for index, track in enumerate(self.problem.tracks)
        ]
        known = tuple(None if limit == NO_PAIR else limit for limit in most)
        unproved = first.coverage_bound - first.coverage
        return Thresholds(tuple(least), known, (None,) * len(least), least == most and not self.stop(), unproved)

    def _raise(self, least: list[int | None], index: int, scores: IntArray) -> int:
        """Raise one track's threshold as far as the coverage is kept; returns the bound."""
        most, low, high = scores.size - 1, self._position(scores, index), scores.size
        while low + 1 < high and not self.stop():
            middle = (low + high) // 2
            least[index] = int(scores[middle])
            keeps = self._keeps(least)
            if keeps:
                low = max(middle, self._position(scores, index))
            else:
                high = middle
                if keeps is False:
                    most = min(most, middle - 1)
        least[index] = int(scores[low])
        return int(scores[most])

    def _position(self, scores: IntArray, index: int) -> int:
        """Where the worst-off of the matching at hand stands among the scores."""
        worst = worst_off(self.problem, self.pairs)[index]
        return scores.size - 1 if worst is None else int(np.searchsorted(scores, worst))

    def _keeps(self, least: Sequence[int | None]) -> bool | None:
        """Whether the coverage can be kept at these thresholds; None when that stays open."""
        limited = at_least(self.problem, least)
        tracks = tuple(
            replace(bare, source=replace(bare.source, base=track.source))  # type: ignore[type-var]
            for bare, track in zip(self.bare.tracks, limited.tracks, strict=True)
        )
        try:
            found = self.best_total(replace(self.bare, tracks=tracks), None, self.stop)
        except ImpossibleMinimum:
            return False
        if found.coverage >= self.coverage:
            self.pairs = found.pairs
            return True
        return False if found.coverage_bound < self.coverage else None


def _scores_of(track: Track) -> IntArray:
    """All scores of permitted pairs, ascending, and `NO_PAIR`."""
    n, m = track.source.shape
    found = np.array([NO_PAIR], np.int64)
    for rows in row_blocks(n, m):
        block = track.source.scores(rows, slice(None))[track.source.allowed(rows, slice(None))]
        found = np.union1d(found, block)
    return found
