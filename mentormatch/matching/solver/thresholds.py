"""Score sources with a floor: pairs below a least score are not permitted, so that any matching keeps the threshold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from mentormatch.matching.solver.blocks import BoolArray, Index, ScoreArray, ScoreSource
from mentormatch.matching.solver.problem import AssignmentProblem


@dataclass(frozen=True, eq=False)
class AtLeast:
    """A score source that permits only pairs of at least ``least`` points."""

    base: ScoreSource
    least: int

    @property
    def shape(self) -> tuple[int, int]:
        return self.base.shape

    def scores(self, rows: Index, columns: Index) -> ScoreArray:
        return self.base.scores(rows, columns)

    def allowed(self, rows: Index, columns: Index) -> BoolArray:
        return self.base.allowed(rows, columns) & (self.base.scores(rows, columns) >= self.least)


def at_least(problem: AssignmentProblem, least: Sequence[int | None]) -> AssignmentProblem:
    """The problem with a least score per track, None for no limit. Pins are made all the same: they go before rules."""
    tracks = tuple(
        track if limit is None or limit <= 0 else replace(track, source=AtLeast(track.source, limit))
        for track, limit in zip(problem.tracks, least, strict=True)
    )
    return replace(problem, tracks=tracks)
