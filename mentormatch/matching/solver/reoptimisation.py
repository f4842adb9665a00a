"""What would happen if: an optimum that is kept while people come and go, capacities change and pairs are pinned."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from mentormatch.core.errors import InvalidInput
from mentormatch.matching.solver import editing
from mentormatch.matching.solver.assignment import answer
from mentormatch.matching.solver.blocks import BoolArray, Index, IntArray, ScoreArray, ScoreSource
from mentormatch.matching.solver.coverage import covers_most
from mentormatch.matching.solver.generation import Search
from mentormatch.matching.solver.guarded import GuardedSearch
from mentormatch.matching.solver.independent import conclude, solve_apart, worths
from mentormatch.matching.solver.instance import NOBODY, Instance, open_instance
from mentormatch.matching.solver.minimum import meet_minimum
from mentormatch.matching.solver.problem import Assignment, AssignmentProblem, Pin, Proof, Track

Edit = Callable[[GuardedSearch], IntArray]
RowEdit = Callable[[GuardedSearch, int], IntArray]
PairEdit = Callable[[GuardedSearch, int, IntArray], IntArray]


@dataclass(frozen=True, eq=False)
class EditedScores:
    """A score source without some rows and pairs."""

    base: ScoreSource
    absent: frozenset[int] = frozenset()
    banned: frozenset[tuple[int, int]] = frozenset()

    @property
    def shape(self) -> tuple[int, int]:
        return self.base.shape

    def scores(self, rows: Index, columns: Index) -> ScoreArray:
        return self.base.scores(rows, columns)

    def allowed(self, rows: Index, columns: Index) -> BoolArray:
        mask = np.array(self.base.allowed(rows, columns), np.bool_)
        at, to = np.arange(self.shape[0])[rows], np.arange(self.shape[1])[columns]
        mask[np.isin(at, sorted(self.absent))] = False
        for row, column in self.banned:
            mask[np.ix_(at == row, to == column)] = False
        return mask


class LiveAssignment:
    """An optimal matching that is edited step by step and stays optimal, each step far quicker than solving again.

    Every edit is exact: `assignment` proves its result for `problem`, which holds all edits, so that
    ``certify(live.problem, live.assignment())`` checks it. `copy` gives another one to try something on. An edit that
    cannot be made raises the errors of `solve` and changes nothing. A few edits are solved from the start, among them
    pins of an intern who wants several hosts.

    Parameters
    ----------
    problem:
        Its tracks may not share people.

    Raises
    ------
    InvalidInput
        When tracks share people; and all errors of `solve`.
    """

    def __init__(self, problem: AssignmentProblem) -> None:
        self.problem = problem
        self._rebuild()

    def copy(self) -> LiveAssignment:
        """An independent one in the same state, at the cost of a copy of the lists."""
        other = object.__new__(LiveAssignment)
        other.problem, other.solved = self.problem, self.solved
        other.searches = [editing.copied(search) for search in self.searches]
        return other

    def assignment(self) -> Assignment:
        """The optimum of `problem`, with its proof."""
        search = Search(open_instance(self.problem), worth=-self.searches[0].unfilled)
        conclude(search, self.searches)
        search.most = search.places
        return answer(search, Proof.PRICES)

    def withdraw(self, row: int) -> None:
        """An intern leaves all tracks, and so do her pins."""
        if row in _absent(self._tracks[0]):
            return
        pins = tuple(pin for pin in self.problem.pins if pin[1] != row)
        tracks = [
            _edited(track, lambda source: replace(source, absent=source.absent | {row})) for track in self._tracks
        ]
        problem = replace(self.problem, tracks=tuple(tracks), pins=pins)
        local = len(pins) == len(self.problem.pins)
        self._change(problem, self._row_edits(row, editing.withdraw) if local else None)

    def restore(self, row: int) -> None:
        """An intern who had left takes part again."""
        if row not in _absent(self._tracks[0]):
            return
        tracks = [
            _edited(track, lambda source: replace(source, absent=source.absent - {row})) for track in self._tracks
        ]
        local = row not in _absent(self.solved.tracks[0])
        problem = replace(self.problem, tracks=tuple(tracks))
        self._change(problem, self._row_edits(row, editing.restore) if local else None)

    def set_capacity(self, track: int, column: int, capacity: int) -> None:
        """A host offers another number of places."""
        places = np.array(self._tracks[track].capacity, np.int64)
        places[column] = capacity
        problem = self._with_track(track, replace(self._tracks[track], capacity=places))
        self._change(problem, self._place_edits(problem, track, column))

    def pin(self, track: int, row: int, column: int) -> None:
        """Make a pair, whatever the rules say."""
        if row in _absent(self._tracks[track]):
            raise InvalidInput("Pin of row %(found)s: the intern has left. Let her take part again first.", found=row)
        if (track, row, column) in self.problem.pins:
            return
        problem = replace(self.problem, pins=(*self.problem.pins, Pin(track, row, column)))
        self._change(problem, self._pin_edits(problem, editing.withdraw, track=track, row=row, column=column))

    def unpin(self, track: int, row: int, column: int) -> None:
        """Leave a pinned pair to the optimum again."""
        if (track, row, column) not in self.problem.pins:
            return
        pins = tuple(pin for pin in self.problem.pins if tuple(pin) != (track, row, column))
        problem = replace(self.problem, pins=pins)
        self._change(problem, self._pin_edits(problem, editing.restore, track=track, row=row, column=column))

    def ban(self, track: int, row: int, column: int) -> None:
        """Forbid a pair."""
        if (row, column) in _banned(self._tracks[track]):
            return
        tracks = _edited(self._tracks[track], lambda source: replace(source, banned=source.banned | {(row, column)}))
        self._edit_pair(editing.ban, tracks, track=track, row=row, column=column)

    def unban(self, track: int, row: int, column: int) -> None:
        """Take a ban back; what the hard rules exclude stays excluded."""
        if (row, column) not in _banned(self._tracks[track]):
            return
        tracks = _edited(self._tracks[track], lambda source: replace(source, banned=source.banned - {(row, column)}))
        self._edit_pair(editing.permit, tracks, track=track, row=row, column=column)

    def _edit_pair(self, edit: PairEdit, new: Track, *, track: int, row: int, column: int) -> None:
        columns = np.flatnonzero(self.searches[track].board.columns == column)
        edits = self._row_edits(row, lambda search, at: edit(search, at, columns), track)
        if (row, column) in _banned(self.solved.tracks[track]) or (track, row, column) in self.problem.pins:
            edits = None
        self._change(self._with_track(track, new), edits)

    @property
    def _tracks(self) -> tuple[Track, ...]:
        return self.problem.tracks

    def _with_track(self, index: int, track: Track) -> AssignmentProblem:
        tracks = list(self._tracks)
        tracks[index] = track
        return replace(self.problem, tracks=tuple(tracks))

    def _row_edits(self, row: int, edit: RowEdit, track: int | None = None) -> list[tuple[int, Edit]] | None:
        """An edit of one row in one track or all; None where its place was pinned when the searches were built."""
        edits: list[tuple[int, Edit]] = []
        for index in range(len(self.searches)) if track is None else [track]:
            rows = self.searches[index].board.rows
            at = int(np.searchsorted(rows, row))
            if at == rows.size or rows[at] != row:
                return None
            edits.append((index, _at(edit, at)))
        return edits

    def _pin_edits(
        self, problem: AssignmentProblem, edit: RowEdit, *, track: int, row: int, column: int
    ) -> list[tuple[int, Edit]] | None:
        """Take an intern's only place out or bring it back, and a host's; None where the intern has several."""
        wanted = self._tracks[track].wanted
        rows, places = self._row_edits(row, edit, track), self._place_edits(problem, track, column)
        several = wanted is not None and wanted[row] > 1
        return None if several or rows is None or places is None else rows + places

    def _place_edits(self, problem: AssignmentProblem, track: int, column: int) -> list[tuple[int, Edit]] | None:
        """New capacities of a host's columns; None where a column is missing that is wanted now."""
        opened = open_instance(problem).tracks[track]
        board = self.searches[track].board
        wanted = {True: int(opened.minimum[column]), False: int(opened.capacity[column] - opened.minimum[column])}
        edits: list[tuple[int, Edit]] = []
        for at in np.flatnonzero(board.columns == column).tolist():
            places = wanted.pop(bool(board.needy[at]))
            edits.append((track, partial(editing.set_capacity, column=at, capacity=places)))
        return None if any(wanted.values()) else edits

    def _change(self, problem: AssignmentProblem, edits: list[tuple[int, Edit]] | None) -> None:
        """Go over to an edited problem; without ``edits`` it is solved from the start."""
        before, kept = self.problem, self.searches
        instance = open_instance(problem)
        self.problem = problem
        if edits is None or any((track.minimum > track.capacity).any() for track in instance.tracks):
            self._try(before, kept)
            return
        for index in sorted({index for index, _ in edits}):
            search = self.searches[index]
            todo = [edit(search) for where, edit in edits if where == index]
            search.resume(np.unique(np.concatenate(todo)))
        if not all(search.meets_minimum for search in self.searches):
            self._try(before, None)
        self._cover(instance)

    def _try(self, before: AssignmentProblem, kept: list[GuardedSearch] | None) -> None:
        """Solve from the start; when that cannot be, everything is as it was before."""
        try:
            self._rebuild()
        except InvalidInput:
            self.problem = before
            if kept is None:
                self._rebuild()
            raise

    def _rebuild(self) -> None:
        instance = open_instance(self.problem)
        if any((track.owner != NOBODY).any() for track in instance.tracks):
            text = (
                "Tracks: expected that they share no people, found some who are shared. Solve from the start instead."
            )
            raise InvalidInput(text)
        self.searches = solve_apart(Search(instance), meet_minimum(instance))
        for search in self.searches:
            search.told = _silent
        self.solved = self.problem

    def _cover(self, instance: Instance) -> None:
        """Raise the worth of a filled place where the edit has left a place unfilled that could be filled."""
        if not any(search.waiting.any() for search in self.searches):
            return
        for worth in worths(instance):
            if worth > -self.searches[0].unfilled:
                for search in self.searches:
                    search.solve(-worth)
            found = Search(instance, worth=worth)
            conclude(found, self.searches)
            if all(map(covers_most, instance.tracks, found.pairs)):
                return


def _silent() -> None:
    """Nobody waits for the progress of an edit."""


def _at(edit: RowEdit, row: int) -> Edit:
    return lambda search: edit(search, row)


def _absent(track: Track) -> frozenset[int]:
    return track.source.absent if isinstance(track.source, EditedScores) else frozenset()


def _banned(track: Track) -> frozenset[tuple[int, int]]:
    return track.source.banned if isinstance(track.source, EditedScores) else frozenset()


def _edited(track: Track, edit: Callable[[EditedScores], EditedScores]) -> Track:
    source = track.source if isinstance(track.source, EditedScores) else EditedScores(track.source)
    return replace(track, source=edit(source))
