"""The bottleneck of one track: the highest score that every pair of a matching of the largest coverage can have.

Threshold algorithm for the bottleneck assignment problem (Burkard, Dell'Amico and Martello 2009, Assignment Problems,
chapter 6.2) with column generation: the threshold rises on short lists of each row's best pairs, and where it can rise
no more, only rows that an alternating path reaches from an unmatched one are looked at in full. When those have no
further pair above the threshold, they are a Hall violator over all pairs, and the threshold is the highest.

Minimum loads are the same question from the other side: hosts look for interns. A matching that covers the most
interns and one that meets all minima make one that does both (Mendelsohn and Dulmage 1958), at any threshold.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from mentormatch.matching.solver.blocks import BoolArray, Index, IntArray, ScoreArray
from mentormatch.matching.solver.board import Board
from mentormatch.matching.solver.compiled import NONE, Lists
from mentormatch.matching.solver.instance import OpenTrack, open_instance
from mentormatch.matching.solver.problem import AssignmentProblem, Shortage, Track
from mentormatch.matching.solver.saturation import saturate
from mentormatch.matching.solver.scanning import Found, scan

FIRST, NEXT = 24, 16
"""Pairs in a row's first list, and most that a look at the whole row adds."""


@dataclass(frozen=True)
class Bottleneck:
    """What is known about a track's threshold.

    Attributes
    ----------
    least:
        A matching of the largest coverage that meets the minima exists on pairs of at least this score; None when
        there is nothing to decide.
    most:
        None exists above this score; the same as ``least`` when the search has ended.
    shortage:
        Why not, where ``least`` is the highest.
    """

    least: int | None
    most: int | None
    shortage: Shortage | None


@dataclass(frozen=True, eq=False)
class Turned:
    """The open pairs of a track seen from its hosts: hosts x interns."""

    track: OpenTrack

    @property
    def shape(self) -> tuple[int, int]:
        return self.track.shape[1], self.track.shape[0]

    def scores(self, rows: Index, columns: Index) -> ScoreArray:
        return np.ascontiguousarray(self.track.track.source.scores(columns, rows).T)

    def allowed(self, rows: Index, columns: Index) -> BoolArray:
        return np.ascontiguousarray(self.track.allowed(columns, rows).T)


def find_bottleneck(track: OpenTrack, stop: Callable[[], bool]) -> Bottleneck:
    """Find the highest threshold of a track whose hosts are shared with no other and have no shared capacity.

    The track's minima can be met. Time: one look at every pair, and one at the pairs of some rows per round.
    """
    board = Board.of(replace(track, minimum=np.zeros_like(track.minimum)))
    interns = Saturation(board, np.ones(board.shape[0], np.int64), stop)
    interns.raise_threshold(None)
    found = interns.bottleneck(rows=True)
    needy = np.flatnonzero(track.minimum > 0)
    if found.least is None or not needy.size:
        return found
    demand = Saturation(_turned(track, needy), track.minimum[needy], stop)
    demand.raise_threshold(found.least)
    other = demand.bottleneck(rows=False)
    if other.least is None or other.least >= found.least:
        return found
    most = None if found.most is None or other.most is None else min(found.most, other.most)
    return Bottleneck(other.least, most, other.shortage)


def _turned(track: OpenTrack, hosts: IntArray) -> Board:
    """The board on which these hosts look for interns who are not pinned."""
    free = np.zeros(track.shape[0], np.int64)
    free[track.open_rows] = 1
    opened = open_instance(AssignmentProblem((Track("", Turned(track), free),))).tracks[0]
    board = Board.of(opened)
    return board.sample(hosts, np.arange(board.shape[1]))


class Saturation:
    """Matchings of one size at a rising threshold. A row of the board wants ``demand`` different columns."""

    def __init__(self, board: Board, demand: IntArray, stop: Callable[[], bool]) -> None:
        self.board, self.stop = board, stop
        self.of = np.repeat(np.arange(demand.size), demand)
        found = scan(board, np.arange(demand.size), FIRST, np.zeros(board.shape[1], np.int64))
        self.lists = Lists(np.zeros(demand.size + 1, np.int64), np.zeros(0, np.int32), np.zeros(0, np.int64))
        self._add(np.arange(demand.size), np.arange(board.shape[1]), found, -1)
        self.size, self.level = 0, 0
        self.most = int(self.lists.score.max()) if self.lists.score.size else None
        self.mate, self.points = np.full(self.of.size, NONE), np.zeros(self.of.size, np.int64)
        self.violator: IntArray | None = None

    def bottleneck(self, *, rows: bool) -> Bottleneck:
        """What has been found; ``rows`` says whether the board's rows are the track's."""
        if not self.size:
            return Bottleneck(None, None, None)
        shortage = None
        if self.violator is not None:
            members = self.board.rows[self.violator]
            shortage = Shortage(rows=members) if rows else Shortage(columns=members)
        return Bottleneck(self.level, self.most, shortage)

    def raise_threshold(self, enough: int | None) -> None:
        """Fill as many units as any matching, then raise the threshold as far as that is kept, or to ``enough``."""
        if not self.size and not self._fill():
            return
        if enough is not None and self._holds(enough):
            return
        while not self.stop():
            reached, seen = self._raise_on_lists()
            highest = self._widen(reached, seen, self.level)
            if highest is None:
                self.most, self.violator = self.level, np.unique(self.of[reached])
                return
            self.most = highest if self.most is None else min(highest, self.most)

    def _fill(self) -> bool:
        """Fill as many units as any matching; false when that is none or a stop is asked for."""
        best = self.lists.score[self.lists.start[:-1][np.diff(self.lists.start) > 0]]
        places = min(self.of.size, int(self.board.capacity.sum()))
        if 0 < self.of.size == places == best.size:
            # Nobody can have more than her best: where all can have as much as the least of these, that is the answer.
            self.most = int(best.min())
            if self._grow(self.most, places) == places:
                self.size = places
                return True
        self.size = self._grow(0, places)
        return self.size > 0 and not self.stop()

    def _grow(self, threshold: int, places: int) -> int:
        """Fill as many units as pairs of at least this score allow, over all pairs; returns how many."""
        while True:
            size, reached, seen = saturate(self.lists, self.of, self.board.capacity, threshold - 1, self.mate)
            if size == places or self.stop() or self._widen(reached, seen, threshold - 1) is None:
                break
        if size:
            self._settle(self.mate)
        return size

    def _raise_on_lists(self) -> tuple[BoolArray, BoolArray]:
        """Raise the threshold as far as the lists allow; returns what is reached when it is raised further."""
        scores = np.unique(self.lists.score)
        low, high, step = int(np.searchsorted(scores, self.level)), scores.size, 1
        while low + 1 < high:  # the size is kept at ``low``, and not at ``high``
            middle = min(low + step, high - 1) if high == scores.size else (low + high) // 2
            step *= 4
            if self._holds(int(scores[middle])):
                low = int(np.searchsorted(scores, self.level))
            else:
                high = middle
        _, reached, seen = self._augmented(self.level + 1)
        return reached, seen

    def _holds(self, threshold: int) -> bool:
        """Whether the size is kept on the lists' pairs of at least this score; that matching is then kept."""
        mate, _, _ = self._augmented(threshold)
        if (mate >= 0).sum() < self.size:
            return False
        self._settle(mate)
        return True

    def _augmented(self, threshold: int) -> tuple[IntArray, BoolArray, BoolArray]:
        """The matching without its pairs below a threshold, augmented again above it."""
        mate = np.where(self.points >= threshold, self.mate, NONE)
        _, reached, seen = saturate(self.lists, self.of, self.board.capacity, threshold - 1, mate)
        return mate, reached, seen

    def _settle(self, mate: IntArray) -> None:
        self.mate = mate
        self.points = np.full(mate.size, -1)
        matched = np.flatnonzero(mate >= 0)
        self.points[matched] = self.board.scores(self.of[matched], mate[matched])
        self.level = int(self.points[matched].min())

    def _widen(self, reached: BoolArray, seen: BoolArray, above: int) -> int | None:
        """Look at reached units' whole rows for pairs above a score with columns not seen yet: the highest, or None."""
        rows, columns = np.unique(self.of[reached]), np.flatnonzero(~seen)
        if not rows.size or not columns.size:
            return None
        some = self.board.sample(rows, columns)
        found = scan(some, np.arange(rows.size), NEXT, np.zeros(columns.size, np.int64))
        highest = int(found.values.max(initial=above))
        self._add(rows, columns, found, above)
        return highest if highest > above else None

    def _add(self, rows: IntArray, columns: IntArray, found: Found, above: int) -> None:
        """Put pairs above a score into the lists, each row's best first."""
        at, place = np.nonzero((found.columns >= 0) & (found.values > above))
        row = np.concatenate([np.repeat(np.arange(self.lists.start.size - 1), np.diff(self.lists.start)), rows[at]])
        column = np.concatenate([self.lists.column, columns[found.columns[at, place]]])
        score = np.concatenate([self.lists.score, found.values[at, place]])
        order = np.lexsort((column, -score, row))
        start = np.searchsorted(row[order], np.arange(self.lists.start.size))
        self.lists = Lists(start, column[order].astype(np.int32), score[order])
