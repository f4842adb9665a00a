"""Parts of a problem: tracks that share people belong together, all others are decided on their own."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from mentormatch.matching.solver.blocks import IntArray
from mentormatch.matching.solver.instance import NOBODY, Instance, open_instance, pair_scores
from mentormatch.matching.solver.problem import (
    UNFILLED,
    AssignmentProblem,
    Progress,
    ProgressCallback,
    Stage,
    StopCallback,
)
from mentormatch.matching.solver.staying import count_stayed


@dataclass(frozen=True, eq=False)
class Part:
    """Some tracks of a problem, as a problem of their own; ``tracks`` are their numbers in the whole."""

    tracks: tuple[int, ...]
    problem: AssignmentProblem

    @cached_property
    def instance(self) -> Instance:
        return open_instance(self.problem)

    @property
    def coupled(self) -> bool:
        """Whether people stand in several of its tracks or have a shared capacity."""
        return any((track.owner != NOBODY).any() for track in self.instance.tracks)

    @property
    def one_each(self) -> bool:
        """Whether each intern wants one host at the most in each track."""
        return all(track.wanted is None or (track.wanted <= 1).all() for track in self.problem.tracks)

    def pairs_of(self, pairs: tuple[IntArray, ...]) -> tuple[IntArray, ...]:
        """Of a matching of the whole problem what belongs to this part."""
        return tuple(pairs[track] for track in self.tracks)

    def total(self, pairs: tuple[IntArray, ...]) -> int:
        """Points of a matching of this part, pins and the worth of staying included."""
        points = 0
        for track, columns in zip(self.problem.tracks, pairs, strict=True):
            filled = np.flatnonzero(columns != UNFILLED)
            points += int(pair_scores(track, track.place_rows[filled], columns[filled]).sum())
        staying = self.problem.staying
        return points + (0 if staying is None else staying.worth * count_stayed(self.problem, pairs))


def parts_of(problem: AssignmentProblem) -> list[Part]:
    """Divide a problem into its parts, in the order of their first tracks."""
    people = [set(track.owner[track.owner != NOBODY].tolist()) for track in open_instance(problem).tracks]
    groups: list[tuple[int, ...]] = []
    for index, mine in enumerate(people):
        near = [group for group in groups if any(people[other] & mine for other in group)]
        groups = [group for group in groups if group not in near]
        groups.append((*sorted(other for group in near for other in group), index))
    return [_part(problem, group) for group in sorted(groups)]


def _part(problem: AssignmentProblem, tracks: tuple[int, ...]) -> Part:
    if len(tracks) == len(problem.tracks):
        return Part(tracks, problem)
    number = {track: at for at, track in enumerate(tracks)}
    pins = tuple((number[track], row, column) for track, row, column in problem.pins if track in number)
    staying = problem.staying
    if staying is not None:
        kept = tuple((number[track], row, column) for track, row, column in staying.pairs if track in number)
        staying = replace(staying, pairs=kept)
    mine = tuple(problem.tracks[track] for track in tracks)
    return Part(tracks, replace(problem, tracks=mine, pins=pins, staying=staying))


class Latch:
    """Once told to stop, always."""

    def __init__(self, should_stop: StopCallback | None) -> None:
        self.should_stop = should_stop
        self.stopped = False

    def __call__(self) -> bool:
        self.stopped = self.stopped or (self.should_stop is not None and self.should_stop())
        return self.stopped


def between(progress: ProgressCallback | None, start: float, end: float) -> ProgressCallback | None:
    """Progress of one step of several, whose fractions run from ``start`` to ``end``."""
    if progress is None:
        return None

    def told(step: Progress) -> None:
        if step.stage != Stage.DONE:
            progress(replace(step, fraction=start + (end - start) * step.fraction))

    return told
