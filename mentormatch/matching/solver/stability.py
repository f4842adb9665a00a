"""Stable matchings: no intern and host would both rather have each other than what they have."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from mentormatch.core.errors import InvalidInput
from mentormatch.matching.solver.blocking import blocking_pairs
from mentormatch.matching.solver.blocks import IntArray
from mentormatch.matching.solver.coverage import covers_most
from mentormatch.matching.solver.instance import NOBODY, Instance, OpenTrack, open_instance
from mentormatch.matching.solver.preferences import NEVER, NO_BOUND, Excerpt, Market, Standing
from mentormatch.matching.solver.problem import (
    UNFILLED,
    Assignment,
    AssignmentProblem,
    ImpossibleMinimum,
    Prices,
    Progress,
    ProgressCallback,
    Proof,
    Stage,
    Status,
    StopCallback,
)
from mentormatch.matching.solver.proposals import NONE, Hosts, Interns, Places, Ranking, open_first_ties, propose_all

FIRST = 24
"""Hosts on each intern's list at first."""

ENTRIES = 1 << 21
"""Entries of all lists that are asked for together later: few rows get longer lists."""


class DeferredAcceptance:
    """The proposals of one track, from lists that are short at first and told further where they end."""

    def __init__(self, market: Market) -> None:
        self.market = market
        n, m = market.wanted.size, market.room.size
        zeros = np.zeros((6, n), np.int64)
        first = np.cumsum(market.wanted) - market.wanted
        flags = np.zeros((3, n), np.bool_)
        got, promoted, tie, end, free_at, next_at = zeros
        bound, (needs, paused, standing) = np.full(n, NO_BOUND), flags
        self.interns = Interns(
            market.wanted, got, first, promoted, tie, end, free_at, next_at, bound, needs, paused, standing
        )
        self.hosts = Hosts(market.room, np.zeros(m, np.int64), np.full(m, NONE), np.full(m, NONE))
        rows = np.repeat(np.arange(n), market.wanted)
        host, key, left, right = (np.full(rows.size, NONE) for _ in range(4))
        self.places = Places(rows, host, key, np.zeros(rows.size, np.int64), left, right)
        empty = np.zeros(0, np.int32)
        self.ranking = Ranking(np.zeros(n + 1, np.int64), empty, empty, empty, *np.zeros((3, n), np.bool_))
        self._least = FIRST + int(market.wanted.max(initial=0))

    def begin(self) -> int:
        """Draw up the first lists and let all propose; returns what the best hosts of every intern add up to."""
        rows = np.flatnonzero(self.market.wanted > 0)
        found = self._tell(rows, self._least)
        self.ranking.whole[rows] = ~found.more
        order = np.arange(found.score.size) - np.repeat(np.cumsum(found.length) - found.length, found.length)
        row = np.repeat(rows, found.length)
        self._propose(rows)
        return int(found.score[order < self.market.wanted[row]].sum(dtype=np.int64))

    def go_on(self) -> bool:
        """Tell those more whose lists have ended, and let them propose; false when nobody waits any more."""
        rows = np.flatnonzero(self.interns.needs)
        if not rows.size:
            return False
        self._tell(rows, max(self._least, ENTRIES // rows.size))
        self.ranking.whole[rows] = False
        waits = self.interns.paused | (self.interns.needs & (self.interns.got < self.interns.wanted))
        self.interns.needs[:] = False
        self.interns.paused[:] = False
        self._propose(np.flatnonzero(waits))
        return True

    @property
    def waits(self) -> bool:
        """Whether somebody still waits for a longer list."""
        return bool(self.interns.needs.any())

    @property
    def points(self) -> int:
        """Total of the scores of the pairs made."""
        return int(self.places.score[self.places.host != NONE].sum())

    def pairs(self) -> tuple[IntArray, IntArray]:
        """Rows and columns of the pairs made."""
        held = self.places.host != NONE
        return self.places.row[held], self.places.host[held]

    def _propose(self, rows: IntArray) -> None:
        stack = np.zeros(self.market.wanted.size, np.int64)
        stack[: rows.size] = rows[::-1]
        propose_all(stack, rows.size, self.ranking, self.interns, self.hosts, self.places)

    def _tell(self, rows: IntArray, count: int) -> Excerpt:
        """Lists for these rows, from their bounds downwards, of hosts that would take them now."""
        hosts = self.hosts
        free = hosts.load < hosts.room
        threshold = np.where(free | (hosts.movable != NONE), -1, NEVER)
        full = np.flatnonzero((threshold == NEVER) & (hosts.worst != NONE))
        threshold[full] = self.places.key[hosts.worst[full]] // self.market.wanted.size
        promoted, bound = self.interns.promoted[rows], self.interns.bound[rows]
        found = self.market.top(rows, count, Standing(free, threshold), promoted, bound)
        self.ranking = _joined(self.ranking, rows, found)
        open_first_ties(rows, self.ranking, self.interns)
        return found


def _joined(ranking: Ranking, rows: IntArray, found: Excerpt) -> Ranking:
    """The same lists with those of some rows replaced."""
    length = np.diff(ranking.start)
    length[rows] = found.length
    start = np.concatenate([[0], np.cumsum(length)])
    fresh = np.zeros(length.size, np.bool_)
    fresh[rows] = True
    new = np.repeat(fresh, length)
    kept = ~np.repeat(fresh, np.diff(ranking.start))

    def mixed(old: np.typing.NDArray[np.int32], told: np.typing.NDArray[np.int32]) -> np.typing.NDArray[np.int32]:
        both = np.empty(new.size, np.int32)
        both[new] = told
        both[~new] = old[kept]
        return both

    ranking.more[rows], ranking.more_free[rows] = found.more, found.more_free
    columns = mixed(ranking.column, found.column)
    scores, host_scores = mixed(ranking.score, found.score), mixed(ranking.host_score, found.host_score)
    return ranking._replace(start=start, column=columns, score=scores, host_score=host_scores)


def solve_stable(
    problem: AssignmentProblem, *, progress: ProgressCallback | None = None, should_stop: StopCallback | None = None
) -> Assignment:
    """Find a weakly stable matching: `blocking.blocking_pairs` says what that is, and has looked at every pair.

    Interns propose. Without ties every stable matching fills the same places (the rural hospitals theorem: Roth 1986)
    and this is the one that no intern would exchange for another stable one. With ties and one host each, it fills at
    least two thirds of the places that any weakly stable matching fills (Király 2013); more cannot be promised quickly:
    finding the largest one is NP-hard (Manlove et al. 2002).

    The worth of staying, where `solve` has been told any, counts for the interns (and for the hosts where both sides
    rank alike). Pins are served first and cannot block. The total of the scores is not optimised: `upper_bound` is what
    the interns would have if hosts had room for everybody.

    Tracks that share people are decided in order: a person whom an intern has got in an earlier track is not offered to
    her again, and shared capacity goes to earlier tracks first. The result has no blocking pair in any track; that the
    two hosts of an intern as a whole are the best she could have is not promised, since with such couples a stable
    matching need not exist at all (Roth 1984).

    Raises
    ------
    InvalidInput
        As `solve` does; the hosts' scores do not fit the track; one person stands behind several hosts of a track who
        might serve the same intern or share a capacity.
    ImpossibleMinimum
        Hosts that do not get their minimum load. (Without ties no stable matching gives it to them.)
    """
    instance = open_instance(problem)
    for track in instance.tracks:
        _check(track)
    report, stop = progress or (lambda _: None), should_stop or (lambda: False)
    report(Progress(Stage.CHECKING, 0.0))
    found: list[DeferredAcceptance] = []
    pairs: list[IntArray] = []
    upper = instance.pinned_points
    shared = dict(instance.shared)
    for index, track in enumerate(instance.tracks):
        report(Progress(Stage.SOLVING, (0.1 + index) / (0.2 + len(instance.tracks))))
        market = _market(track)
        search = DeferredAcceptance(_left(market, track, instance.tracks[:index], pairs, shared))
        best = search.begin()
        upper += best if search.market is market else DeferredAcceptance(market).begin()
        while not stop() and search.go_on():
            pass
        rows, columns = search.pairs()
        pairs.append(track.matching(rows, columns))
        for person in track.owner[columns].tolist():
            shared[person] = shared.get(person, NEVER) - 1
        found.append(search)
    objective = instance.pinned_points + sum(search.points for search in found)
    answer = _answer(instance, tuple(pairs), objective, upper, stopped=any(search.waits for search in found))
    if answer.status != Status.STOPPED:
        _check_minima(instance, found)
        blocked = sum(track.count for track in blocking_pairs(problem, answer.pairs, examples=0))
        answer = replace(answer, blocking_pairs=blocked)
    report(Progress(Stage.DONE, 1.0))
    return answer


def _check(track: OpenTrack) -> None:
    """Refuse what the proposals cannot deal with."""
    theirs = track.track.host_source
    if theirs is not None and theirs.shape != track.shape:
        text = "Track %(where)s: expected scores of the hosts for %(expected)s interns and hosts, found %(found)s."
        raise InvalidInput(text, where=track.track.name, expected=track.shape, found=theirs.shape)
    person, hosts = np.unique(track.owner[track.owner != NOBODY], return_counts=True)
    if (hosts > 1).any():
        text = (
            "Track %(where)s: for a stable matching, expected one host for each person who is shared or may serve an "
            "intern twice, found several for person %(found)s. Join these hosts into one, or choose another objective."
        )
        raise InvalidInput(text, where=track.track.name, found=person[hosts > 1].tolist())


def _check_minima(instance: Instance, found: list[DeferredAcceptance]) -> None:
    for index, (track, search) in enumerate(zip(instance.tracks, found, strict=True)):
        short = np.flatnonzero(search.hosts.load < track.minimum)
        if short.size:
            text = (
                "Track %(where)s, hosts %(hosts)s: a stable matching does not give them their minimum load. Remove "
                "the minimum, or choose the highest total instead of stability."
            )
            raise ImpossibleMinimum(text, track=index, columns=short, where=track.track.name, hosts=short.tolist())


def _market(track: OpenTrack) -> Market:
    """A track as if it were the only one."""
    barred = np.unique(track.served[0] * track.shape[1] + track.served[1])
    return Market(track.track.source, track.track.host_source, track.wanted, track.capacity, barred)


def _left(
    market: Market, track: OpenTrack, earlier: tuple[OpenTrack, ...], pairs: list[IntArray], shared: dict[int, int]
) -> Market:
    """What earlier tracks have left of a market: the same one where they share nobody with it."""
    if (track.owner == NOBODY).all():
        return market
    n, m = track.shape
    room = market.room.copy()
    place = {person: column for column, person in enumerate(track.owner.tolist()) if person != NOBODY}
    for person, column in place.items():
        room[column] = min(int(room[column]), shared.get(person, n))
    barred = [market.barred]
    for other, columns in zip(earlier, pairs, strict=True):
        rows, hosts = other.decided(columns)
        again = np.array([place.get(person, UNFILLED) for person in other.owner[hosts].tolist()], np.int64)
        barred.append((rows * m + again)[again != UNFILLED])
    return replace(market, room=room, barred=np.unique(np.concatenate(barred)))


def _answer(
    instance: Instance, pairs: tuple[IntArray, ...], objective: int, upper: int, *, stopped: bool
) -> Assignment:
    """The matching with what is known: no price, and the bound that every intern could have her best hosts."""
    coverage = sum(int((columns != UNFILLED).sum()) for columns in pairs)
    limit = coverage
    if not all(map(covers_most, instance.tracks, pairs)):
        limit = instance.pinned_places + sum(track.room for track in instance.tracks)
    status = Status.BOUNDED
    if stopped:
        status = Status.STOPPED
    elif (coverage, objective) == (limit, upper):
        status = Status.OPTIMAL
    nothing = Prices(1, tuple(np.zeros(track.shape[1], np.int64) for track in instance.tracks), {}, {}, -1)
    utilities = tuple(np.zeros(columns.size, np.int64) for columns in pairs)
    return Assignment(pairs, coverage, limit, objective, upper, status, Proof.STABILITY, nothing, utilities)
