"""The worst-off intern where interns want several hosts in a track: what counts is the sum of her points there.

The relaxation of `floors` bounds the floor, tightly in practice: so the whole number below that bound is tried first,
with the highest total. Only where that fails is the floor itself searched for. Pairs are generated: the relaxation is
priced over all of them, and of the integer program those are left out that its bound excludes (reduced-cost fixing).
HiGHS solves and is believed. A floor counts for interns whose places are all filled and not all pinned; points of
pinned pairs belong to the sum.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from mentormatch.matching.solver.blocks import IntArray
from mentormatch.matching.solver.floors import NODES, FloorProgram, Goal, Relaxed, Setting, worth_it
from mentormatch.matching.solver.parts import Part
from mentormatch.matching.solver.pricing import best_pairs, free_of_charge
from mentormatch.matching.solver.restricted import Candidates
from mentormatch.matching.solver.worst_off import worst_off

EVERY_PAIR = 30_000
"""Up to this many pairs of a track all are in the first program."""

FIRST_LIST, NEXT_LIST = 16, 8
"""Pairs per place in the first program, and most pairs per intern that a pricing adds."""

MOST_PAIRS = 400_000
"""Most pairs that an integer program is given."""

PATIENCE = (4.0, 16.0, 60.0)
"""Seconds after which HiGHS is interrupted to ask whether to stop; it then begins again with more, or gives up."""

SLACK = 1e-3
"""What a bound in floating point may lie below a whole number and still mean it."""

ROUNDING = 1e-6
"""Gain of a pair, in points, below which it is rounding."""

Levels: TypeAlias = tuple[int | None, ...]
"""Floors by track; None for none."""

LIMIT_REACHED = 1
"""Status of HiGHS in SciPy when time or nodes have run out."""


@dataclass(frozen=True, eq=False)
class Floors:
    """What is known of a part.

    Attributes
    ----------
    pairs:
        Per track, shape (places,).
    most:
        Per track, the most points that the worst-off intern can have; None where nobody counts or it is unknown.
    gap:
        What a better matching with these floors may have in points more, or a better mixture in hundredths; None if
        unknown.
    proved:
        Whether nothing can be better.
    """

    pairs: tuple[IntArray, ...]
    most: tuple[int | None, ...]
    gap: int | None
    proved: bool


def raise_floors(part: Part, pairs: tuple[IntArray, ...], stop: Callable[[], bool]) -> Floors:
    """From a matching of the largest coverage, raise the floor of each track in turn, then the total above them."""
    search = _Search(part, pairs, stop)
    levels: Levels = (None,) * len(pairs)
    most, best, proved = levels, None, True
    for index in range(len(pairs)):
        level, bound, best = search.raise_floor(levels, index)
        levels, most = _put(levels, index, level), _put(most, index, bound)
        proved = proved and level == bound
    value, upper = best or search.maximise(Goal(1, 0, levels))
    assert value is not None, "the matching at hand keeps the floors"
    known = tuple(None if limit == search.setting.beyond else limit for limit in most)
    return Floors(search.pairs, known, None if upper is None else upper - value, proved and value == upper)


def mix(part: Part, pairs: tuple[IntArray, ...], gap: int, stop: Callable[[], bool]) -> Floors:
    """From a matching of the largest coverage, find the best mixture (see `mixture`).

    ``gap`` is what a better matching may have in points more.
    """
    search = _Search(part, pairs, stop)
    weight, none = part.problem.mixture, (None,) * len(pairs)
    goal = Goal(100 - weight, weight * search.setting.places, none, frozenset(range(len(pairs))), someone=True)
    first = search.worth(Goal(1, 0, none), pairs)
    value, bound = search.maximise(goal)
    assert first is not None, "there are no given floors"
    assert value is not None, "there are no given floors"
    plain = goal.gain * (first + gap) + goal.weight * search.setting.beyond
    bound = plain if bound is None else min(bound, plain)
    proved = value == bound
    if not goal.gain:  # the worst-off alone counts: of all that leave her so well off, the highest total
        floor = min((low for low in worst_off(part.problem, search.pairs) if low is not None), default=None)
        above = Goal(1, 0, (floor,) * len(pairs))
        if floor is not None and not search.setting.complete:  # somebody must stay on the floor
            above = Goal(1, first + gap + 1, none, goal.rising, someone=True)
        total, most = search.maximise(above)
        proved = proved and total == most
    return Floors(search.pairs, none, bound - value, proved)


def _put(values: Levels, index: int, value: int | None) -> Levels:
    return (*values[:index], value, *values[index + 1 :])


def _whole(bound: float) -> int:
    return int(np.floor(bound + SLACK))


class _Search:
    """Goal after goal over a part, from the best matching so far, ``pairs``."""

    def __init__(self, part: Part, pairs: tuple[IntArray, ...], stop: Callable[[], bool]) -> None:
        self.part, self.pairs, self.stop = part, pairs, stop
        self.setting = Setting.of(part, pairs)
        self.staying = tuple(self._stayers(index) for index in range(len(pairs)))
        self.candidates = tuple(self._first(index) for index in range(len(pairs)))

    def _stayers(self, index: int) -> Candidates:
        """Permitted pairs of a track that are worth something for staying: they are in every program."""
        track, staying = self.setting.tracks[index], self.part.problem.staying
        mine = sorted({pair[1:] for pair in staying.pairs if pair[0] == index}) if staying is not None else []
        rows, columns = np.array(mine, np.int64).reshape(-1, 2).T
        free = np.array([track.allowed(np.array([i]), np.array([j]))[0, 0] for i, j in mine], np.bool_)
        return Candidates(rows[free], columns[free], track.pair_scores(rows[free], columns[free]))

    def _first(self, index: int) -> Candidates:
        """The best pairs of each intern, the pairs at hand, and those of the earlier matching."""
        track = self.setting.tracks[index]
        n, m = track.shape
        found, _ = best_pairs(track, free_of_charge(m), 0 if n * m <= EVERY_PAIR else FIRST_LIST * track.widest)
        rows, columns = track.decided(self.pairs[index])
        first = Candidates.of(found).joined(rows, columns, track.pair_scores(rows, columns), m)
        return self._with_stayers(index, first)

    def _with_stayers(self, index: int, part: Candidates) -> Candidates:
        extra = self.staying[index]
        return part.joined(extra.rows, extra.columns, extra.scores, self.setting.tracks[index].shape[1])

    def worth(self, goal: Goal, pairs: tuple[IntArray, ...]) -> int | None:
        """What a matching is worth to a goal; None when it does not keep the floors."""
        worst = worst_off(self.part.problem, pairs)
        if any(
            level is not None and low is not None and low < level for low, level in zip(worst, goal.levels, strict=True)
        ):
            return None
        made = []
        for track, columns in zip(self.setting.tracks, pairs, strict=True):
            at = track.decided(columns)
            made.append(Candidates(*at, track.pair_scores(*at)))
        points = sum(int(part.scores.sum()) for part in made)
        reward = sum(int(part.sum()) for part in self.setting.rewards(tuple(made)))
        nobody = 0 if goal.someone else self.setting.beyond
        floor = min((low for index in goal.rising if (low := worst[index]) is not None), default=nobody)
        return goal.gain * (points + reward) + goal.weight * floor

    def raise_floor(self, levels: Levels, index: int) -> tuple[int, int, tuple[int | None, int | None] | None]:
        """Raise a track's floor: how high it is, how high it may be, and the best total above it if known."""
        goal, highest = Goal(0, 1, levels, frozenset({index})), self.setting.beyond
        relaxed = self._relax(goal)
        if relaxed is not None:
            highest = min(highest, _whole(relaxed.bound))
        reached = self.worth(goal, self.pairs)
        assert reached is not None, "the floors before it are kept"
        if reached >= highest or relaxed is None:
            return reached, highest, None
        best = self.maximise(Goal(1, 0, _put(levels, index, highest)), attempt=True)
        if best[0] is not None:
            return highest, highest, best
        value, bound = self.maximise(goal)
        assert value is not None, "the floors before it are kept"
        return value, highest if bound is None else min(bound, highest), None

    def maximise(self, goal: Goal, *, attempt: bool = False) -> tuple[int | None, int | None]:
        """Find the best matching for a goal and keep it: what it is worth, and the most that any is.

        The worth is None when none is found that keeps the floors, the bound where it is unknown. An ``attempt`` ends
        when there is none over the pairs generated.
        """
        relaxed, value = self._relax(goal), self.worth(goal, self.pairs)
        if relaxed is None:
            return value, None
        bound = _whole(relaxed.bound)
        if value != bound:
            value, _ = self._branch(goal, self.candidates, value)
        if value == bound or self.stop() or (attempt and value is None):
            return value, bound
        least = -np.inf if value is None else value - relaxed.bound - 1
        tracks = range(len(self.pairs))
        found = tuple(
            self._with_stayers(index, worth_it(self.setting, index, goal, relaxed, least=least)) for index in tracks
        )
        if sum(part.rows.size for part in found) <= MOST_PAIRS:
            value, upper = self._branch(goal, found, value)
            bound = bound if upper is None else min(bound, upper)
        return value, bound if value is None else max(bound, value)

    def _relax(self, goal: Goal) -> Relaxed | None:
        """The relaxation over all pairs: pairs that would gain join until none is left; None on a stop."""
        while not self.stop():
            relaxed = FloorProgram(self.setting, self.candidates, goal).relax()
            if relaxed is None:
                return None
            grown = []
            for index, part in enumerate(self.candidates):
                more = worth_it(self.setting, index, goal, relaxed, least=ROUNDING, most=NEXT_LIST)
                width = self.setting.tracks[index].shape[1]
                grown.append(part.joined(more.rows, more.columns, more.scores, width))
            same = all(old.rows.size == new.rows.size for old, new in zip(self.candidates, grown, strict=True))
            self.candidates = tuple(grown)
            if same:
                return relaxed
        return None

    def _branch(
        self, goal: Goal, candidates: tuple[Candidates, ...], value: int | None
    ) -> tuple[int | None, int | None]:
        """Look for something better among these pairs and keep it: its worth, and the most over these pairs."""
        program = FloorProgram(self.setting, candidates, goal)
        for seconds in PATIENCE:
            result = program.branch(seconds)
            if result.x is not None:
                pairs = program.matching(result)
                found = self.worth(goal, pairs)
                if found is not None and (value is None or found > value):
                    self.pairs, value = pairs, found
            if result.status != LIMIT_REACHED or (result.mip_node_count or 0) >= NODES or self.stop():
                break
        return value, None if result.mip_dual_bound is None else _whole(-result.mip_dual_bound)
