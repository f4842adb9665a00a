"""Large instances whose tracks share nobody: a guarded search for each track, coverage first."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

import numpy as np

from mentormatch.matching.solver.blocks import HIGHEST_SCORE, BoolArray, IntArray, ScoreSource, ranges
from mentormatch.matching.solver.board import FORBIDDEN, Board, marked
from mentormatch.matching.solver.compiled import compiled
from mentormatch.matching.solver.coverage import covers_most
from mentormatch.matching.solver.generation import Search
from mentormatch.matching.solver.guarded import GuardedSearch
from mentormatch.matching.solver.instance import Instance, OpenTrack
from mentormatch.matching.solver.passes import StoppedError, in_parts, one_blas_thread
from mentormatch.matching.solver.pricing import best_rows
from mentormatch.matching.solver.problem import Prices, Stage, StopCallback
from mentormatch.matching.solver.scanning import ROWS, parts_of, scan

SEED_BLOCK = 64
"""Columns looked at together for their best rows."""

QUICK = 1 << 26
"""Pairs that may be looked at after a stop: some tenths of a second."""

SHORT, SWEEPS = 8, 4
"""After a stop: columns per row that are enough to fill places by greed, and how often that is done."""


@one_blas_thread()
def solve_apart(search: Search, least: tuple[IntArray, ...]) -> list[GuardedSearch]:
    """Solve every track on its own and combine; ``least`` meets the minima. Returns the tracks' searches.

    A filled place is worth one point at first: without hard rules that already fills as many as possible. Where it
    does not, the worth is raised until no alternating path is left, at last so far that the prices prove coverage.
    """
    instance = search.instance
    boards = [Board.of(track) for track in instance.tracks]
    seeds = [_seeds(board, columns, search.stop) for board, columns in zip(boards, least, strict=True)]
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
            _end_early(search, searches)
        conclude(search, searches)
        if search.stopped or all(map(covers_most, instance.tracks, search.pairs)):
            break
    if not search.stopped:
        search.most = search.places
    return searches


def worths(instance: Instance) -> Iterator[int]:
    """What a filled place is worth, from one point to more than all gains of points together.

    A score may be twice the highest: the worth of staying is part of it.
    """
    yield 1
    yield HIGHEST_SCORE + 1
    yield 2 * instance.room * HIGHEST_SCORE + 1


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
        assert one.proof is not None, "a search that has ended has a bound"
        price = np.full(track.shape[1], FORBIDDEN << 30)
        np.maximum.at(price, one.board.columns, -one.proof.price)
        hosts.append(np.where(price > FORBIDDEN << 30, -price, 0))
        utilities.append(_utilities(track, one, one.proof.utility))
    search.prices = Prices(1, tuple(hosts), {}, {}, -search.worth)
    search.utilities = tuple(utilities)
    search.passes = sum(one.pairs_scanned for one in searches) / max(1, sum(one.board.size for one in searches))


def _utilities(track: OpenTrack, one: GuardedSearch, utility: IntArray) -> IntArray:
    """What the open places of a track add, row by row, the best first."""
    order = np.lexsort((-utility, one.x.row))
    present = ~one.absent
    start = np.concatenate([[0], np.cumsum(track.wanted)])
    utilities = np.zeros(start[-1], np.int64)
    utilities[ranges(start, one.board.rows[present])] = utility[order][present[one.x.row]]
    return utilities


def _end_early(search: Search, searches: list[GuardedSearch]) -> None:
    """Nothing is to take long now: any bound where no round has been done, and what little fills up the matching."""
    for one in searches:
        if one.upper is None:
            rows, hosts = np.arange(one.board.rows.size), _hosts(one.board)
            board = one.board.sample(rows, hosts)
            few = board.size <= QUICK
            one.abandon(scan(board, rows, board.widest, np.zeros(hosts.size, np.int64)) if few else None)
    for _ in range(SWEEPS):
        search.offer(tuple(_filled_up(one.board, pairs) for one, pairs in zip(searches, search.pairs, strict=True)))


def _filled_up(board: Board, pairs: IntArray) -> IntArray:
    """Add pairs to a matching of a track, best first, from a look at few: each row sees its share of the columns."""
    track = board.track
    row, host = track.decided(pairs)
    wanted = track.wanted - np.bincount(row, minlength=track.shape[0])
    room = track.capacity - np.bincount(host, minlength=track.shape[1])
    rows = np.flatnonzero(wanted[board.rows] > 0)
    columns = _hosts(board)
    columns = columns[room[board.columns[columns]] > 0]
    found = [np.zeros((3, 0), np.int64)]
    parts = max(1, rows.size // ROWS)
    for some, few in zip(np.array_split(rows, parts), np.array_split(columns, parts), strict=True):
        lists = scan(board.sample(some, few), np.arange(some.size), SHORT + board.widest, np.zeros(few.size, np.int64))
        at, place = np.nonzero(lists.columns >= 0)
        found.append(
            np.stack([board.rows[some[at]], board.columns[few[lists.columns[at, place]]], lists.values[at, place]])
        )
    new_row, new_host, score = np.concatenate(found, axis=1)
    taken = np.isin(new_row * track.shape[1] + new_host, row * track.shape[1] + host)
    added = _best_first(np.argsort(-score, kind="stable"), new_row, new_host, np.where(taken, 0, 1), wanted, room)
    return track.matching(np.append(row, new_row[added]), np.append(host, new_host[added]))


def _hosts(board: Board) -> IntArray:
    """A column of each host, who may stand in two."""
    return np.unique(board.columns, return_index=True)[1]


@compiled
def _best_first(order: IntArray, rows: IntArray, columns: IntArray, new: IntArray, wanted: IntArray, room: IntArray) -> BoolArray:  # fmt: skip  # noqa: E501, PLR0917  compiled functions take no keywords
    """Which pairs to make, in this order, as long as a row wants one and a column has room."""
    made = np.zeros(rows.size, np.bool_)
    for at in order:
        if new[at] and wanted[rows[at]] > 0 and room[columns[at]] > 0:
            made[at] = True
            wanted[rows[at]] -= 1
            room[columns[at]] -= 1
    return made


def _seeds(board: Board, least: IntArray, stop: StopCallback) -> tuple[IntArray, IntArray]:
    """Pairs for places that must be filled: those that meet the minima, and each column's best rows."""
    wanted = np.flatnonzero(board.needy)
    place = np.full(board.track.shape[1], -1)
    place[board.columns[wanted]] = wanted
    row, host = board.track.decided(least)
    rows, columns = [np.searchsorted(board.rows, row)], [place[host]]
    parts = [wanted[part] for part in parts_of(wanted.size, SEED_BLOCK)]
    tasks = [(board.columns[some], int(4 * board.capacity[some].max()) + 16) for some in parts]
    with suppress(StoppedError):
        found = in_parts(_best_rows_of, board.source, tasks, board.rows, board.track.served, stop=stop)
        for some, (row, column) in zip(parts, found, strict=True):
            rows.append(row)
            columns.append(some[column])
    return np.concatenate(rows), np.concatenate(columns)


def _best_rows_of(
    source: ScoreSource, rows: IntArray, served: tuple[IntArray, IntArray], columns: IntArray, count: int
) -> tuple[IntArray, IntArray]:
    """The ``count`` best permitted rows of each of these columns, numbered as ``rows`` and ``columns`` stand."""
    scores = marked(source, rows, columns, served)
    row, column = best_rows(scores.astype(np.int64), count)
    kept = scores[row, column] > FORBIDDEN
    return row[kept], column[kept]
