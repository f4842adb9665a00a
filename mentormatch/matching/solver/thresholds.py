"""Score sources with a floor: pairs below a least score are not permitted, so that any matching keeps the threshold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from threading import get_ident
from typing import TypeAlias

from mentormatch.matching.solver.blocks import BoolArray, Index, ScoreArray, ScoreSource, is_everything
from mentormatch.matching.solver.problem import AssignmentProblem

Block: TypeAlias = tuple[Index, Index, ScoreArray]


@dataclass(frozen=True, eq=False)
class AtLeast:
    """A score source that permits only pairs of at least ``least`` points.

    Who asks for the scores of a block mostly asks next what is permitted in it: each thread's last block is kept.
    """

    base: ScoreSource
    least: int
    last: dict[int, Block] = field(default_factory=dict, repr=False)

    @property
    def shape(self) -> tuple[int, int]:
        return self.base.shape

    def __reduce__(self) -> tuple[type[AtLeast], tuple[ScoreSource, int]]:
        return AtLeast, (self.base, self.least)

    def scores(self, rows: Index, columns: Index) -> ScoreArray:
        block = self.base.scores(rows, columns)
        self.last[get_ident()] = rows, columns, block
        return block

    def allowed(self, rows: Index, columns: Index) -> BoolArray:
        kept = self.last.pop(get_ident(), None)
        known = kept is not None and _same(kept[0], rows) and _same(kept[1], columns)
        block = kept[2] if kept is not None and known else self.base.scores(rows, columns)
        permitted = self.base.allowed(rows, columns)
        return block >= self.least if is_everything(permitted) else permitted & (block >= self.least)


def _same(one: Index, other: Index) -> bool:
    """Whether two indices are certainly the same; arrays are not read for it."""
    return one is other or (isinstance(one, slice) and isinstance(other, slice) and one == other)


def at_least(problem: AssignmentProblem, least: Sequence[int | None]) -> AssignmentProblem:
    """The problem with a least score per track, None for no limit. Pins are made all the same: they go before rules."""
    tracks = tuple(
        track if limit is None or limit <= 0 else replace(track, source=AtLeast(track.source, limit))
        for track, limit in zip(problem.tracks, least, strict=True)
    )
    return replace(problem, tracks=tracks)
