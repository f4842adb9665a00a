"""A mixture of total and worst-off, where each intern wants one host in a track.

The mixture of a part of a problem (`parts`) is worth ``(100 - weight) * total + weight * places * worst``: the mean
over its places that are filled and not pinned, times their number, so that it stays a whole number. ``worst`` is the
lowest score of a pair that is not pinned; ``total`` counts the worth of staying.

The best total above a threshold t falls in steps as t rises, and a matching that reaches it, with its lowest score m,
reaches it for every threshold from t to m. So the values at thresholds in (low, high] are at the most
``(100 - weight) * total(low) + weight * places * high``: branch and bound over intervals, best bound first.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from heapq import heappop, heappush

from mentormatch.matching.solver.blocks import IntArray
from mentormatch.matching.solver.parts import Part
from mentormatch.matching.solver.problem import UNFILLED, Assignment, ImpossibleMinimum
from mentormatch.matching.solver.thresholds import at_least
from mentormatch.matching.solver.worst_off import NO_PAIR, BestTotal, find_thresholds, worst_off

NODES = 400
"""Most thresholds that are tried: the bound is honest wherever the search ends."""


@dataclass(frozen=True, eq=False)
class Mixed:
    """The best mixture known of a part.

    Attributes
    ----------
    answer:
        Its matching.
    threshold:
        Lowest score of its pairs, pins left out; None when there are none.
    value, bound:
        What it is worth, and the most that any matching of this coverage is worth.
    unproved:
        Places that a matching may perhaps fill beyond this coverage.
    """

    answer: Assignment
    threshold: int | None
    value: int
    bound: int
    unproved: int


def find_mixture(part: Part, best_total: BestTotal, stop: Callable[[], bool], told: Callable[[int], None]) -> Mixed:
    """Find the best mixture of a part whose tracks want one host for each intern; ``told`` hears of each step."""
    search = _Search(part, best_total, stop)
    if search.best.threshold is None:
        return replace(search.best, bound=search.best.value + (100 - search.weight) * search.best.answer.gap)
    highest = NO_PAIR - 1
    if not part.coupled:
        (found,) = find_thresholds(part, best_total, stop).most
        highest = highest if found is None else found
    search.run(highest, told)
    return search.best


def value_of(part: Part, pairs: tuple[IntArray, ...]) -> int:
    """What a matching of a part is worth, in hundredths of a point."""
    weight = part.problem.mixture
    filled = sum(int((columns != UNFILLED).sum()) for columns in pairs)
    least = min((worst for worst in worst_off(part.problem, pairs) if worst is not None), default=0)
    return (100 - weight) * part.total(pairs) + weight * (filled - part.instance.pinned_places) * least


class _Search:
    """Intervals of thresholds, highest bound first: (-bound, low, high, most total there)."""

    def __init__(self, part: Part, best_total: BestTotal, stop: Callable[[], bool]) -> None:
        self.part, self.best_total, self.stop = part, best_total, stop
        self.weight = part.problem.mixture
        first = best_total(part.problem, None, stop)
        self.coverage = first.coverage
        self.places = first.coverage - part.instance.pinned_places
        self.unproved = first.coverage_bound - first.coverage
        self.most = part.total(first.pairs) + first.gap
        self.best = self._mixed(first)
        self.open: list[tuple[int, int, int, int]] = []

    def run(self, highest: int, told: Callable[[int], None]) -> None:
        """Try thresholds up to the highest until no interval can hold a better mixture."""
        lowest = self.best.threshold
        assert lowest is not None
        self._push(lowest, highest, self.most)
        settled, nodes = self._value(self.most, lowest), 0
        while self.open and -self.open[0][0] > self.best.value and nodes < NODES and not self.stop():
            nodes += 1
            told(nodes)
            _, low, high, most = heappop(self.open)
            threshold = self._next(low, high, most) if nodes > 1 or self.part.coupled else high
            settled = max(settled, self._try(low, threshold, high, most))
        bound = max(self.best.value, settled, *(-interval[0] for interval in self.open), 0)
        self.best = replace(self.best, bound=bound)

    def _try(self, low: int, threshold: int, high: int, most: int) -> int:
        """Solve at one threshold and divide its interval; returns a bound on what is left undecided, 0 if nothing."""
        self._push(low, threshold - 1, most)
        problem = at_least(self.part.problem, [threshold] * len(self.part.tracks))
        try:
            answer = self.best_total(problem, None, self.stop)
        except ImpossibleMinimum:
            return 0
        if answer.coverage < self.coverage:
            return 0 if answer.coverage_bound < self.coverage else self._value(most, high)
        found = self._mixed(answer)
        if found.value > self.best.value:
            self.best = found
        reached = threshold if found.threshold is None else found.threshold
        total = self.part.total(answer.pairs) + answer.gap
        self._push(reached, high, min(total, most))
        return self._value(total, reached) if answer.gap else 0

    def _next(self, low: int, high: int, most: int) -> int:
        """The threshold to try in an interval: the first that can be better than the best mixture, or the middle."""
        useless = (self.best.value - (100 - self.weight) * most) // max(self.weight * self.places, 1)
        if 4 * (useless - low) >= high - low:
            return min(useless + 1, high)
        return (low + high + 1) // 2

    def _push(self, low: int, high: int, most: int) -> None:
        bound = self._value(most, high)
        if low < high and bound > self.best.value:
            heappush(self.open, (-bound, low, high, most))

    def _value(self, total: int, worst: int) -> int:
        return (100 - self.weight) * total + self.weight * self.places * worst

    def _mixed(self, answer: Assignment) -> Mixed:
        found = [worst for worst in worst_off(self.part.problem, answer.pairs) if worst is not None]
        threshold = min(found, default=None)
        value = value_of(self.part, answer.pairs)
        return Mixed(answer, threshold, value, self._value(self.most, NO_PAIR - 1), self.unproved)
