"""Column generation: solve over a few pairs, price all pairs, add those that would gain, until none would.

Gilmore and Gomory (1961); for assignment with a dense cost matrix, Volgenant (1996). At the end the dual prices prove
that no pair outside the restricted problem could improve it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mentormatch.matching.solver.blocks import IntArray
from mentormatch.matching.solver.instance import NOBODY, Instance
from mentormatch.matching.solver.pricing import BestPairs, RowPrices, best_pairs, free_of_charge, row_prices
from mentormatch.matching.solver.problem import Prices, Progress, ProgressCallback, Stage, StopCallback
from mentormatch.matching.solver.restricted import Candidates, DualPrices, Restricted

EVERY_PAIR = 30_000
"""Up to this many pairs per track the restricted problem is the whole problem."""

FIRST_LIST = 12
"""Pairs per place in the first restricted problem."""

NEXT_LIST = 8
"""Most pairs per place that a pricing adds."""

FRACTIONS_OF_A_POINT = 2520
"""Prices of coupled tracks may be fractions: this unit holds all denominators up to 10 exactly."""

WHOLE = 1e-6
"""How far from 0 or 1 a share may lie and still count as whole."""


@dataclass(eq=False)
class Search:
    """Everything known so far: the best valid matching, the bound, and the prices behind it.

    ``value`` is the total plus ``worth`` for each filled place: one number in which coverage comes first.
    """

    instance: Instance
    progress: ProgressCallback | None = None
    should_stop: StopCallback | None = None
    worth: int = 1
    candidates: tuple[Candidates, ...] = ()
    pairs: tuple[IntArray, ...] = ()
    places: int = 0
    points: int = 0
    bound: int | None = None
    prices: Prices | None = None
    utilities: tuple[IntArray, ...] = ()
    stopped: bool = False
    reached: float = 0.0
    most: int | None = None
    passes: float = 0.0

    @property
    def value(self) -> int:
        return self.points + self.worth * self.places

    @property
    def closed(self) -> bool:
        return self.bound == self.value

    def stop(self) -> bool:
        """Ask whether to stop; once asked to, always."""
        self.stopped = self.stopped or (self.should_stop is not None and self.should_stop())
        return self.stopped

    def offer(self, pairs: tuple[IntArray, ...]) -> None:
        """Keep a valid matching if it is better than the best so far."""
        places = points = 0
        for track, columns in zip(self.instance.tracks, pairs, strict=True):
            rows, hosts = track.decided(columns)
            places += rows.size
            points += int(track.pair_scores(rows, hosts).sum())
        if not self.pairs or points + self.worth * places > self.value:
            self.pairs, self.places, self.points = pairs, places, points

    def report(self, stage: Stage, fraction: float) -> None:
        """Tell the caller how far things are."""
        if self.progress is not None:
            pinned = self.instance.pinned_places, self.instance.pinned_points
            upper = None if self.bound is None else max(self.bound - self.worth * self.places, 0) + pinned[1]
            known = (self.places + pinned[0], self.points + pinned[1]) if self.pairs else (None, None)
            self.reached = max(self.reached, fraction)
            self.progress(Progress(stage, self.reached, known[0], known[1], upper))


def first_lists(search: Search, least: tuple[IntArray, ...]) -> None:
    """First candidates, first bound (prices of zero) and a first matching by greed; ``least`` meets the minima."""
    search.report(Stage.SCORING, 0.05)
    search.passes += 1
    candidates, bests = [], []
    for track, met in zip(search.instance.tracks, least, strict=True):
        n, m = track.shape
        pairs, best = best_pairs(track, free_of_charge(m), 0 if n * m <= EVERY_PAIR else FIRST_LIST * track.widest)
        rows, columns = track.decided(met)
        scores = track.pair_scores(rows, columns)
        candidates.append(Candidates.of(pairs).joined(rows, columns, scores, m))
        bests.append(best)
    search.candidates = tuple(candidates)
    search.worth = _worth(search.instance, bests)
    zero = tuple(np.zeros(track.shape[1], np.int64) for track in search.instance.tracks)
    set_bound(search, Prices(1, zero, {}, {}, -search.worth), bests)
    search.offer(least)
    search.offer(greedy(search.instance, search.candidates, least))


def _worth(instance: Instance, bests: list[IntArray]) -> int:
    """Points for a filled place that no gain of points can outweigh."""
    highest = max((int(best.max(initial=0)) for best in bests), default=0)
    return instance.room * highest + 1


def greedy(instance: Instance, candidates: tuple[Candidates, ...], least: tuple[IntArray, ...]) -> tuple[IntArray, ...]:
    """Fill up a matching that meets the minima with the best pairs that still fit, best first."""
    served: set[tuple[int, int]] = set()
    shared = dict(instance.shared)
    met = [track.decided(pairs) for track, pairs in zip(instance.tracks, least, strict=True)]
    for track, (rows, columns) in zip(instance.tracks, met, strict=True):
        for row, person in zip(rows.tolist(), track.owner[columns].tolist(), strict=True):
            served.add((row, person))
            if person in shared:
                shared[person] -= 1
    pairs = []
    for track, part, (rows, columns) in zip(instance.tracks, candidates, met, strict=True):
        n, m = track.shape
        wanted = track.wanted - np.bincount(rows, minlength=n)
        left = track.capacity - np.bincount(columns, minlength=m)
        made = dict.fromkeys(zip(rows.tolist(), columns.tolist(), strict=True))
        for at in np.argsort(-part.scores, kind="stable").tolist():
            row, column = int(part.rows[at]), int(part.columns[at])
            person = int(track.owner[column])
            taken = (row, column) in made or (
                person != NOBODY and ((row, person) in served or shared.get(person, 1) < 1)
            )
            if wanted[row] > 0 and left[column] > 0 and not taken:
                made[row, column] = None
                wanted[row] -= 1
                left[column] -= 1
                served.add((row, person))
                shared[person] = shared.get(person, 1 << 60) - 1
        pairs.append(track.matching(*np.array(list(made), np.int64).reshape(-1, 2).T))
    return tuple(pairs)


def set_bound(search: Search, prices: Prices, bests: list[IntArray]) -> None:
    """Take the dual bound of ``prices`` if it is the lowest yet; ``bests`` are each row's best values at them.

    An intern who wants r hosts is worth the sum of the r best, none of them twice.
    """
    instance = search.instance
    worth = search.worth * prices.scale
    total = sum(max(price, 0) * instance.shared[person] for person, price in prices.persons.items())
    total += sum(prices.conflicts.values())
    utilities = []
    for track, price, best in zip(instance.tracks, prices.hosts, bests, strict=True):
        total += int((np.where(price > 0, track.capacity, track.minimum) * price).sum())
        utility = np.maximum(best, -worth)[np.arange(best.shape[1]) < track.wanted[:, None]]
        total += int((utility + worth).sum())
        utilities.append(utility)
    bound = total // prices.scale
    if search.bound is None or bound < search.bound:
        search.bound, search.prices, search.utilities = bound, prices, tuple(utilities)


def generate(search: Search) -> None:
    """Generate columns until the linear program over all pairs is solved, the gap is closed or a stop is asked for."""
    start = 0
    while not search.closed and not search.stop():
        search.report(Stage.SOLVING, 0.9 - 0.8 * 0.8**start)
        start += 1
        program = Restricted(search.instance, search.candidates)
        solution = program.relax(search.worth)
        assert solution is not None, "the first lists meet all minima"
        share, dual = solution
        chosen = share > 0.5  # noqa: PLR2004  rounds a share of 0 or 1
        if np.abs(share - chosen).max(initial=0) < WHOLE:
            search.offer(program.matching(chosen))
        search.report(Stage.PRICING, 0.9 - 0.7 * 0.8**start)
        if not _price(search, dual):
            return


def _price(search: Search, dual: DualPrices) -> bool:
    """Price all pairs at the dual prices; true when some were added to the candidates."""
    instance = search.instance
    scale = FRACTIONS_OF_A_POINT if instance.coupled else 1
    prices = in_units(dual, scale, search.worth)
    search.passes += 1
    grown, bests = [], []
    for index, (track, part) in enumerate(zip(instance.tracks, search.candidates, strict=True)):
        threshold = np.rint(dual.places[index] * scale).astype(np.int64) - search.worth * scale
        costs = row_prices(track, prices.hosts[index], prices)
        count = NEXT_LIST + track.widest - 1  # an intern's own hosts may stand above the price of one more
        pairs, best = _gaining(track.shape, part, best_pairs(track, costs, count, threshold))
        grown.append(part.joined(pairs.rows, pairs.columns, pairs.scores, track.shape[1]))
        bests.append(best)
    set_bound(search, prices, bests)
    more = any(new.rows.size > old.rows.size for new, old in zip(grown, search.candidates, strict=True))
    search.candidates = tuple(grown)
    return more


def _gaining(shape: tuple[int, int], part: Candidates, found: tuple[BestPairs, IntArray]) -> tuple[BestPairs, IntArray]:
    """Only pairs that are no candidates yet: rounding may make an old one seem to gain."""
    pairs, best = found
    new = ~np.isin(pairs.rows * shape[1] + pairs.columns, part.rows * shape[1] + part.columns)
    return BestPairs(pairs.rows[new], pairs.columns[new], pairs.scores[new], pairs.values[new]), best


def in_units(dual: DualPrices, scale: int, worth: int) -> Prices:
    """Floating prices as integers in units of ``1 / scale``; any rounding gives a valid bound."""
    hosts = tuple(np.rint(price * scale).astype(np.int64) for price in dual.hosts)
    persons = {person: max(round(price * scale), 0) for person, price in dual.persons.items()}
    conflicts = {key: max(round(price * scale), 0) for key, price in dual.conflicts.items()}
    return Prices(scale, hosts, persons, conflicts, -worth)


def pairs_within(search: Search, gap: int, most: int) -> tuple[Candidates, ...] | None:
    """All pairs that a matching within ``gap`` of the bound may use (reduced-cost fixing); None beyond ``most``."""
    prices = search.prices
    assert prices is not None, "a bound has its prices"
    found: list[Candidates] = []
    search.passes += 1
    for track, hosts, utility in zip(search.instance.tracks, prices.hosts, search.utilities, strict=True):
        costs: RowPrices = row_prices(track, hosts, prices)
        last = np.append(utility, 0)[np.cumsum(track.wanted) - 1]  # of each row's open places the one worth least
        pairs, _ = best_pairs(track, costs, 0, last - (gap + 1) * prices.scale - 1)
        found.append(Candidates.of(pairs))
        if sum(part.rows.size for part in found) > most:
            return None
    return tuple(found)
