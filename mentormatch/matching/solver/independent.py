"""Large instances whose tracks share nobody: a guarded search for each track, coverage first."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from mentormatch.matching.solver.blocks import HIGHEST_SCORE, IntArray, ranges
from mentormatch.matching.solver.board import FORBIDDEN, Board
from mentormatch.matching.solver.coverage import covers_most
from mentormatch.matching.solver.generation import Search, greedy
from mentormatch.matching.solver.guarded import GuardedSearch
from mentormatch.matching.solver.instance import Instance, OpenTrack
from mentormatch.matching.solver.pricing import best_rows
from mentormatch.matching.solver.problem import Prices, Stage
from mentormatch.matching.solver.restricted import Candidates
from mentormatch.matching.solver.scanning import parts_of, scan

SEED_BLOCK = 64
"""Columns looked at together for their best rows."""

SHORT = 8
"""Columns per row that are enough for a greedy matching."""


def solve_apart(search: Search, least: tuple[IntArray, ...]) -> list[GuardedSearch]:
    """Solve every track on its own and combine; ``least`` meets the minima. Returns the tracks' searches.

    A filled place is worth one point at first: without hard rules that already fills as many as possible. Where it
    does not, the worth is raised until no alternating path is left, at last so far that the prices prove coverage.
    """
    instance = search.instance
    boards = [Board.of(track) for track in instance.tracks]
    seeds = [_seeds(board, columns) for board, columns in zip(boards, least, strict=True)]
    searches = [GuardedSearch(board, search.stop, seeds=seed) for board, seed in zip(boards, seeds, strict=True)]
    search.report(Stage.SCORING, 0.05)
    search.offer(least)
    for worth in worths(instance):
        search.worth, search.most, search.bound = worth, None, None
        for index, one in enumerate(searches):
            one.told = lambda: _tell(search, searches)
            search.report(Stage.SOLVING, 0.1 + 0.8 * index / len(searches))
            one.solve(-worth)
        if search.stop():
            _end_early(search, searches, least)
        conclude(search, searches)
        if search.stopped or all(map(covers_most, instance.tracks, search.pairs)):
            break
    if not search.stopped:
        search.most = search.places
    return searches


def worths(instance: Instance) -> Iterator[int]:
    """What a filled place is worth, from one point to more than all gains of points together."""
    yield 1
    yield HIGHEST_SCORE + 1
    yield instance.room * HIGHEST_SCORE + 1


def _tell(search: Search, searches: list[GuardedSearch]) -> None:
    """After a round: keep the matching if it meets the minima, and report."""
    pairs = tuple(_pairs(track, one) for track, one in zip(search.instance.tracks, searches, strict=True))
    if all(one.meets_minimum for one in searches):
        search.offer(pairs)
    rounds = sum(one.rounds for one in searches)
    if all(one.upper is not None for one in searches):
        _take_bound(search, searches)
    search.report(Stage.PRICING, 0.9 - 0.7 * 0.7**rounds)


def _pairs(track: OpenTrack, one: GuardedSearch) -> IntArray:
    if not one.rounds:
        none = np.zeros(0, np.int64)
        return track.matching(none, none)
    matched = np.flatnonzero(one.x.host >= 0)
    return track.matching(one.board.rows[one.x.row[matched]], one.board.columns[one.x.host[matched]])


def _take_bound(search: Search, searches: list[GuardedSearch]) -> None:
    """Bound on the total plus the worth of filled places, from all tracks."""
    uppers = [one.upper for one in searches if one.upper is not None]
    search.bound = sum(uppers) + search.worth * sum(one.places for one in searches)


def conclude(search: Search, searches: list[GuardedSearch]) -> None:
    """Take over matching, bound, prices and utilities."""
    tracks = search.instance.tracks
    if all(one.certified for one in searches):
        search.pairs = ()
    if all(one.meets_minimum for one in searches):
        search.offer(tuple(_pairs(track, one) for track, one in zip(tracks, searches, strict=True)))
    _take_bound(search, searches)
    hosts, utilities = [], []
    for track, one in zip(tracks, searches, strict=True):
        price = np.full(track.shape[1], FORBIDDEN << 30)
        np.maximum.at(price, one.board.columns, -one.x.price)
        hosts.append(np.where(price > FORBIDDEN << 30, -price, 0))
        utilities.append(_utilities(track, one))
    search.prices = Prices(1, tuple(hosts), {}, {}, -search.worth)
    search.utilities = tuple(utilities)
    search.passes = sum(one.pairs_scanned for one in searches) / max(1, sum(one.board.size for one in searches))


def _utilities(track: OpenTrack, one: GuardedSearch) -> IntArray:
    """What the open places of a track add, row by row, the best first."""
    order = np.lexsort((-one.utility, one.x.row))
    present = ~one.absent
    start = np.concatenate([[0], np.cumsum(track.wanted)])
    utilities = np.zeros(start[-1], np.int64)
    utilities[ranges(start, one.board.rows[present])] = one.utility[order][present[one.x.row]]
    return utilities


def _end_early(search: Search, searches: list[GuardedSearch], least: tuple[IntArray, ...]) -> None:
    """Where a track has no round behind it: one look at all pairs for a bound, and a greedy matching."""
    lists = []
    for one in searches:
        rows = np.arange(one.board.rows.size)
        hosts = np.unique(one.board.columns, return_index=True)[1]
        board = one.board.sample(rows, hosts)  # each host once, though she may stand in two columns
        found = scan(board, rows, SHORT + board.widest - 1, np.zeros(hosts.size, np.int64))
        if one.upper is None:
            one.abandon(found)
        at, place = np.nonzero(found.columns >= 0)
        columns = found.columns[at, place]
        lists.append(Candidates(board.rows[at], board.columns[columns], found.values[at, place]))
    search.offer(greedy(search.instance, tuple(lists), least))


def _seeds(board: Board, least: IntArray) -> tuple[IntArray, IntArray]:
    """Pairs for places that must be filled: those that meet the minima, and each column's best rows."""
    wanted = np.flatnonzero(board.needy)
    place = np.full(board.track.shape[1], -1)
    place[board.columns[wanted]] = wanted
    row, host = board.track.decided(least)
    rows, columns = [np.searchsorted(board.rows, row)], [place[host]]
    for part in parts_of(wanted.size, SEED_BLOCK):
        some = wanted[part]
        values = board.values(slice(None), some, np.zeros(some.size, np.int64)).astype(np.int64)
        row, column = best_rows(values, int(4 * board.capacity[some].max()) + 16)
        kept = values[row, column] > FORBIDDEN
        rows.append(row[kept])
        columns.append(some[column[kept]])
    return np.concatenate(rows), np.concatenate(columns)
