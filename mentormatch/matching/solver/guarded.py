"""Column generation with guards: the exact optimum of one large board, proved without a look at most pairs twice.

Each row has a list of its best columns and a guard, which bounds the value of everything outside the list. The
restricted problem knows the lists and one guard arc per row, "some column outside the list". A row that ends on its
guard arc, or whose guard no longer excludes a gain because prices have fallen, is scanned again. When nobody is on a
guard arc and every guard holds, no pair at all could gain: the matching is optimal, and the prices prove it.

A row that wants several hosts has as many slots, which share its list, its guard and its scans; each slot has a guard
arc of its own. A guard holds when it excludes a gain for the slot that gains least.

First prices come from the same search on a random eighth of the rows and columns.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np

from mentormatch.matching.solver.auction import forward_auction
from mentormatch.matching.solver.augmentation import is_optimal, let_go, optimise, settle
from mentormatch.matching.solver.blocks import HIGHEST_SCORE, BoolArray, IntArray, ranges
from mentormatch.matching.solver.board import Board
from mentormatch.matching.solver.compiled import NONE, Lists, Matching, mirror_of, new_labels, new_matching
from mentormatch.matching.solver.passes import StoppedError
from mentormatch.matching.solver.scanning import NOTHING, Drop, Found, ceiling_prices, scan, scan_fallen

FIRST, NEXT = 24, 16
"""Columns in a row's first list, and most that a later scan adds."""

FRACTION, ENOUGH = 8, 4000
"""Above `ENOUGH` rows, first prices come from one in `FRACTION` rows and columns."""

SEED = 20_240_101
"""Of the sample: fixed, so that the same problem is searched in the same way."""

WANTED = 1 << 44
"""How far the price of a place that must be filled may fall."""

PIECE = 1 << 18
"""Bids, slots or pairs looked at by compiled code before it is asked whether to stop: some hundredths of a second."""

AWAY = 1 << 50
"""What having no host is worth to a row that is withdrawn: more than any pair."""

MANY = 0.2
"""Share of the rows from which on it is quicker to solve the restricted problem afresh than to repair it."""


@dataclass(frozen=True)
class Steps:
    """Lengths in points, relative to the spread of a row's list; they change the speed and never the result."""

    bid: int
    guard: float
    margin: int

    @classmethod
    def of(cls, found: Found) -> Steps:
        if not found.values.size:
            return cls(1, 1.0, 1)
        spread = found.values.max(axis=1) - np.where(found.values > NOTHING, found.values, 0).min(axis=1)
        unit = max(float(np.median(spread)), 1.0)
        return cls(bid=max(1, round(unit / 50)), guard=unit, margin=max(1, round(unit / 2)))


class Duals(NamedTuple):
    """A dual solution: the price of each column, and what each slot is worth at the most, 0 if it is withdrawn."""

    price: IntArray
    utility: IntArray


@dataclass(eq=False)
class GuardedSearch:
    """One board's search; `solve` may be called again with a lower ``unfilled`` and goes on from where it was.

    Attributes
    ----------
    pairs_scanned:
        How many pairs were scored, sample included; divided by rows x columns it is the number of full passes.
    upper, proof:
        Upper bound of total plus ``unfilled`` for each place left unfilled, and the dual solution it comes from.
    """

    board: Board
    should_stop: Callable[[], bool]
    told: Callable[[], None] = lambda: None
    seeds: tuple[IntArray, IntArray] = (np.zeros(0, np.int64), np.zeros(0, np.int64))
    unfilled: int = -1
    pairs_scanned: int = 0
    rounds: int = 0
    upper: int | None = None
    proof: Duals | None = None
    certified: bool = False
    started: bool = field(default=False, repr=False)
    versions: list[IntArray] = field(default_factory=list, repr=False)
    version: IntArray = field(default_factory=lambda: np.zeros(0, np.int64), repr=False)

    def solve(self, unfilled: int) -> None:
        """Find the optimum when an unfilled place counts ``unfilled`` points, or end early when asked to stop."""
        self.unfilled, self.certified, self.upper = unfilled, False, None
        with suppress(StoppedError):
            if not self.started:
                self._start()
            self._set_guards()
            self._run(np.arange(self.board.shape[0]))

    def resume(self, todo: IntArray) -> None:
        """Find the optimum again after a change that concerns these rows."""
        self.certified, self.upper = False, None
        used, number = np.unique(self.version, return_inverse=True)
        self.version = number.astype(np.int64)
        self.versions = [self.versions[kept] for kept in used]
        with suppress(StoppedError):
            self._run(todo)

    def _run(self, todo: IntArray) -> None:
        while not self.should_stop():
            self._solve_restricted(todo)
            todo, self.certified = self._price()
            self.rounds += 1
            self.told()
            if self.certified:
                return

    def _start(self) -> None:
        """First prices and lists."""
        n, m = self.board.shape
        self.x = self._nobody_matched(np.where(self.board.needy, -WANTED, 0))
        self.labels = new_labels(m)
        self.absent = np.zeros(n, np.bool_)
        price = self._first_prices()
        self._heed()
        found = scan(self.board, np.arange(n), FIRST + 2 * self._held, price, self.should_stop)
        self.pairs_scanned += found.pairs
        self.steps = Steps.of(found)
        self.guard_depth = self.steps.guard
        self.versions = [price]
        self.version = np.zeros(n, np.int64)
        self.bound = found.guard
        self.keys = np.zeros(0, np.int64)
        self.scores = np.zeros(0, np.int64)
        rows, columns = self.seeds
        self.add(rows, columns, self.board.scores(rows, columns))
        self._add_found(np.arange(n), found, price)
        self.started = True

    def _first_prices(self) -> IntArray:
        n, m = self.board.shape
        if n <= ENOUGH or m < FRACTION:
            return np.zeros(m, np.int64)
        random = np.random.default_rng(SEED)
        rows = np.sort(random.choice(n, n // FRACTION, replace=False))
        columns = np.sort(random.choice(m, m // FRACTION, replace=False))
        sample = self.board.sample(rows, columns)
        sample = replace(sample, needy=np.zeros_like(sample.needy))
        small = GuardedSearch(sample, self.should_stop)
        small.solve(self.unfilled)
        if not small.rounds:
            return np.zeros(m, np.int64)
        self.pairs_scanned += small.pairs_scanned + rows.size * m
        return ceiling_prices(self.board, sample, small.least(small.utility), self.should_stop)

    def _nobody_matched(self, floor: IntArray) -> Matching:
        board = self.board
        return new_matching(board.wanted, board.columns, board.capacity, floor)

    @property
    def _held(self) -> int:
        """Columns that a scan may find because slots of the row have them already: a host may stand in two."""
        return 2 * (self.board.widest - 1)

    @property
    def utility(self) -> IntArray:
        """What each slot gains at the prices: shape (slots,)."""
        price: IntArray = np.append(self.x.price, 0)[self.x.host]  # no host is number -1, and costs the 0 at the end
        return self.x.value - price

    def least(self, utility: IntArray) -> IntArray:
        """Of each row, the utility of the slot that gains least: shape (rows,)."""
        one_each = utility.size == self.board.rows.size
        return utility if one_each else np.minimum.reduceat(utility, self.x.slot[:-1])

    @property
    def waiting(self) -> BoolArray:
        """Slots that take part and have no host: shape (slots,)."""
        return (self.x.host < 0) & ~self.absent[self.x.row]

    @property
    def places(self) -> int:
        """Slots that take part."""
        return int(self.board.wanted[~self.absent].sum())

    @property
    def meets_minimum(self) -> bool:
        """Whether all places that must be filled are."""
        needy = self.board.needy
        if not self.rounds:
            return not needy.any()
        return bool((self.x.load[needy] == self.x.capacity[needy]).all())

    def abandon(self, found: Found | None = None) -> None:
        """End without a round: nobody is matched, and no pair is said to have more than the highest score.

        ``found`` is a scan of all rows at prices of zero, which gives a better bound: with each host once, and as many
        of them as any row wants.
        """
        n, m = self.board.shape
        self.x = self._nobody_matched(np.zeros(m, np.int64))
        self.absent = np.zeros(n, np.bool_)
        self.x.value[:] = HIGHEST_SCORE
        if found is not None:
            best = -np.sort(-found.values, axis=1)[:, : self.board.widest]
            self.x.value[:] = np.maximum(best[np.arange(best.shape[1]) < self.board.wanted[:, None]], self.unfilled)
        self._set_upper(np.full(n, NOTHING))

    def _set_guards(self, highest: IntArray | None = None) -> None:
        """Guard arcs some way below the guards; never above ``highest``, or rows with a host might prefer them."""
        guard = np.maximum(self.bound - int(self.guard_depth), self.unfilled)
        guard = np.where(self.absent, AWAY, guard)[self.x.row]
        self.x.guard[:] = guard if highest is None else np.minimum(guard, highest)
        self.x.value[:] = np.where(self.x.host < 0, self.x.guard, self.x.value)

    def add(self, rows: IntArray, columns: IntArray, scores: IntArray) -> None:
        """More pairs for the lists, each kept once."""
        n, m = self.board.shape
        key = np.concatenate([self.keys, rows * m + columns])
        self.keys, first = np.unique(key, return_index=True)
        self.scores = np.concatenate([self.scores, scores])[first]
        start = np.searchsorted(self.keys, np.arange(n + 1) * m)
        self.lists = Lists(start, (self.keys % max(m, 1)).astype(np.int32), self.scores)

    def _add_found(self, rows: IntArray, found: Found, price: IntArray) -> None:
        at, place = np.nonzero(found.columns >= 0)
        columns = found.columns[at, place]
        self.add(rows[at], columns, found.values[at, place] + price[columns])
        self.reflect()

    def reflect(self) -> None:
        """Keep the lists by column in step with the lists by row."""
        self.mirror = mirror_of(self.lists, self.x)

    def _solve_restricted(self, todo: IntArray) -> None:
        """Optimum of lists and guard arcs; only the rows ``todo`` have changed since the last one."""
        x, n = self.x, self.board.shape[0]
        if todo.size > MANY * n:
            todo = np.arange(n)
            self._clear()
            x.price[:] = 0
            self._auction()
            self._clear()
        slots = ranges(x.slot, todo)
        let_go(self.lists, x, slots)
        self._in_pieces(slots.size, lambda at: optimise(self.lists, x, self.labels, slots, at, PIECE))
        open_columns = np.flatnonzero((x.load < x.capacity) & (x.price > x.floor))
        order = open_columns[np.argsort(x.price[open_columns], kind="stable")]
        self._in_pieces(order.size, lambda at: settle(self.mirror, x, self.labels, order, at, PIECE))

    def _auction(self) -> None:
        """Prices to start from."""
        slots = self.x.host.size
        bid, stack, waiting = np.empty(slots, np.int64), np.arange(slots)[::-1].copy(), slots
        for _ in range(0, 50 * slots + 1_000_000, PIECE):
            if waiting:
                waiting = forward_auction(self.lists, self.x, bid, stack, waiting, self.steps.bid, PIECE)
                self._heed()

    def _in_pieces(self, size: int, work: Callable[[int], int]) -> None:
        """Call ``work`` with what it has returned until that is ``size``, and heed a stop in between."""
        at = 0
        while at < size:
            at = work(at)
            self._heed()

    def _heed(self) -> None:
        if self.should_stop():
            raise StoppedError

    def _clear(self) -> None:
        """Nobody has a host."""
        x = self.x
        x.host[:] = NONE
        x.value[:] = x.guard
        x.load[:] = 0
        x.first[:] = NONE

    def _price(self) -> tuple[IntArray, bool]:
        """Scan every row whose guard may not hold; rows to solve again, and whether the proof is complete."""
        x, least = self.x, self.least(self.utility)
        fall = np.array([(earlier - x.price).max(initial=NOTHING) for earlier in self.versions])
        fall = np.maximum(fall, -(1 << 50))
        waiting = self._rows_of(self.waiting)
        on_guard = self._rows_of(self.waiting & (x.guard > self.unfilled))
        doubtful = np.flatnonzero((self.bound + fall[self.version] > least) | on_guard)
        best = least.copy()
        self.versions.append(x.price.copy())
        for version in np.unique(self.version[doubtful]):
            rows = doubtful[self.version[doubtful] == version]
            best[rows] = np.maximum(best[rows], self._rescan(rows, self.versions[version], least[rows]))
        self.version[doubtful] = len(self.versions) - 1
        self._set_upper(best)
        if doubtful.size:
            self.reflect()
        gaining = best > least
        if not gaining.any() and not on_guard.any() and is_optimal(self.lists, x):
            return doubtful[:0], True
        self.guard_depth *= 1.5
        self._set_guards(x.guard)
        todo = np.flatnonzero(gaining | waiting)
        return (todo if todo.size else np.arange(self.board.shape[0])), False

    def _rows_of(self, slots: BoolArray) -> BoolArray:
        """Whether a row has such a slot: shape (rows,)."""
        rows = np.zeros(self.board.rows.size, np.bool_)
        rows[self.x.row[slots]] = True
        return rows

    def _rescan(self, rows: IntArray, earlier: IntArray, least: IntArray) -> IntArray:
        """Renew lists and guards of rows last scanned at ``earlier`` prices; the best value found for each.

        ``least`` is the utility of each row's worst slot.
        """
        price = self.x.price
        reach = least - self.bound[rows] - self.steps.margin
        order = np.argsort(reach, kind="stable")
        rows, reach = rows[order], reach[order]
        drop = Drop.since(earlier, price)
        count = NEXT + self._held
        found, seen = scan_fallen(self.board, rows, count, price, drop=drop, reach=reach, stop=self.should_stop)
        self.pairs_scanned += found.pairs
        at, place = np.nonzero(found.columns >= 0)
        columns = found.columns[at, place]
        self.add(rows[at], columns, found.values[at, place] + price[columns])
        fall = np.append(drop.fall, 0)[seen]
        rest = np.where(seen < drop.fall.size, self.bound[rows] + fall, NOTHING)
        self.bound[rows] = np.maximum(found.guard, rest)
        best = np.empty(rows.size, np.int64)
        best[order] = self._gains(rows, found).max(axis=1, initial=NOTHING)
        return best

    def _gains(self, rows: IntArray, found: Found) -> IntArray:
        """Values found, without those of a host whom a slot of the row has and values as highly."""
        values, widest = found.values, self.board.widest
        if widest == 1:
            return values
        x, utility = self.x, self.utility
        person = np.where(found.columns >= 0, np.append(self.board.columns, NONE)[found.columns], NONE)
        for rank in range(widest):
            slot = np.minimum(x.slot[rows] + rank, x.slot[rows + 1] - 1)
            mine = person == np.append(self.board.columns, NONE - 1)[x.host[slot]][:, None]
            values = np.where(mine & (values <= utility[slot][:, None]), NOTHING, values)
        return values

    def _set_upper(self, best: IntArray) -> None:
        """Bound of the dual solution in which every slot is worth at least the best that was found for its row."""
        utility = np.where(self.absent[self.x.row], 0, np.maximum(self.utility, best[self.x.row]))
        upper = int(utility.sum()) + int((self.x.price * self.x.capacity).sum())
        if self.upper is None or upper < self.upper:
            self.upper, self.proof = upper, Duals(self.x.price.copy(), utility)
