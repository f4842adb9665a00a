"""Staying: a pair of an earlier matching is worth some points more if it is made again."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from mentormatch.core.errors import InvalidInput
from mentormatch.matching.solver.blocks import HIGHEST_SCORE, BoolArray, Index, IntArray, ScoreArray, ScoreSource
from mentormatch.matching.solver.problem import Assignment, AssignmentProblem, Staying, Track


@dataclass(frozen=True, eq=False)
class Rewarded:
    """A score source with ``worth`` points more for each pair ``rows[k], columns[k]``; rows ascend, no pair twice."""

    base: ScoreSource
    rows: IntArray
    columns: IntArray
    worth: int

    @property
    def shape(self) -> tuple[int, int]:
        return self.base.shape

    def scores(self, rows: Index, columns: Index) -> ScoreArray:
        block = self.base.scores(rows, columns)
        at, pair = _found(self.rows, np.arange(self.shape[0])[rows])
        if not at.size:
            return block
        wanted = np.arange(self.shape[1])[columns]
        order = np.argsort(wanted, kind="stable")
        hit, to = _found(wanted[order], self.columns[pair])
        block = np.array(block, np.int32)
        block[at[hit], order[to]] += np.int32(self.worth)
        return block

    def allowed(self, rows: Index, columns: Index) -> BoolArray:
        return self.base.allowed(rows, columns)


def _found(ascending: IntArray, wanted: IntArray) -> tuple[IntArray, IntArray]:
    """Every (k, l) with ``wanted[k] == ascending[l]``, as two arrays."""
    low, high = np.searchsorted(ascending, wanted, "left"), np.searchsorted(ascending, wanted, "right")
    count = high - low
    first = np.repeat(low - np.cumsum(count) + count, count)
    return np.repeat(np.arange(wanted.size), count), first + np.arange(first.size)


def reward_staying(problem: AssignmentProblem) -> AssignmentProblem:
    """The problem with the worth of staying in its scores.

    Raises
    ------
    InvalidInput
        A pair out of range, or a worth below 1 or above the highest score.
    """
    staying = problem.staying
    if staying is None:
        return problem
    if not 1 <= staying.worth <= HIGHEST_SCORE:
        text = "Worth of staying: expected 1 to %(highest)s points, found %(found)s."
        raise InvalidInput(text, highest=HIGHEST_SCORE, found=staying.worth)
    for pair in staying.pairs:
        track, row, column = pair
        shape = problem.tracks[track].source.shape if 0 <= track < len(problem.tracks) else (0, 0)
        if not (0 <= row < shape[0] and 0 <= column < shape[1]):
            text = "Earlier pair %(found)s: there is no such track, row or column. Leave it out."
            raise InvalidInput(text, found=tuple(pair))
    tracks = (_rewarded(track, staying, index) for index, track in enumerate(problem.tracks))
    return replace(problem, tracks=tuple(tracks), staying=None)


def _rewarded(track: Track, staying: Staying, index: int) -> Track:
    mine = sorted({(row, column) for at, row, column in staying.pairs if at == index})
    if not mine:
        return track
    rows, columns = np.array(mine, np.int64).T
    return replace(track, source=Rewarded(track.source, rows, columns, staying.worth))


def without_reward(problem: AssignmentProblem, answer: Assignment) -> Assignment:
    """An answer to the rewarded problem told for the problem itself: totals less the worth of the pairs that stayed."""
    staying = problem.staying
    if staying is None:
        return answer
    stayed = count_stayed(problem, answer.pairs)
    reward = staying.worth * stayed
    return replace(answer, objective=answer.objective - reward, upper_bound=answer.upper_bound - reward, stayed=stayed)


def count_stayed(problem: AssignmentProblem, pairs: tuple[IntArray, ...]) -> int:
    """How many pairs of the earlier matching are among these (per track, one entry per place)."""
    earlier = set() if problem.staying is None else {tuple(pair) for pair in problem.staying.pairs}
    made = {
        (index, row, column)
        for index, (track, columns) in enumerate(zip(problem.tracks, pairs, strict=True))
        for row, column in zip(track.place_rows.tolist(), columns.tolist(), strict=True)
    }
    return len(earlier & made)
