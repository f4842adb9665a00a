"""What would happen if: the exact effect of pins, bans, places and departures on a matching, before they are decided.

Each answer is the optimum of the changed problem, found from the last optimum where the solver can go on from there and
from the start where it cannot. A pair of the present matching is worth a little more than its points, so that a change
moves as few people as possible, and none for nothing.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from threading import Lock
from typing import Any

import numpy as np

from mentormatch.matching.scored import PairId, PersonId, Scored
from mentormatch.matching.solver.assignment import solve
from mentormatch.matching.solver.problem import UNFILLED, Assignment, AssignmentProblem, Objective
from mentormatch.matching.solver.reoptimisation import LiveAssignment
from mentormatch.matching.solver.warming import is_warm

SMALL = 20_000
"""Pairs up to which solving from the start is prompt, also where tracks share people."""

REMEMBERED = 6
"""Settings whose optimum is kept, to go on from the nearest."""


@dataclass(frozen=True)
class Setting:
    """What is decided: pairs that must be and must not be, other numbers of places, and interns who have left.

    ``places`` are (track, host id, places).
    """

    pins: frozenset[PairId] = frozenset()
    bans: frozenset[PairId] = frozenset()
    places: frozenset[tuple[str, PersonId, int]] = frozenset()
    absent: frozenset[PersonId] = frozenset()

    def pinned(self, pair: PairId, *, instead: bool = True) -> Setting:
        """Return the setting with a pin; with `instead`, other pins of the intern in this track are taken back."""
        kept = {one for one in self.pins if not instead or one[:2] != pair[:2]}
        return replace(self, pins=frozenset(kept | {pair}), bans=self.bans - {pair})

    def banned(self, pair: PairId) -> Setting:
        """Return the setting with a ban."""
        return replace(self, pins=self.pins - {pair}, bans=self.bans | {pair})

    def freed(self, pair: PairId) -> Setting:
        """Return the setting in which nothing is decided on a pair."""
        return replace(self, pins=self.pins - {pair}, bans=self.bans - {pair})

    def with_places(self, track: str, host: PersonId, places: int) -> Setting:
        """Return the setting with another number of places at a host."""
        others = {one for one in self.places if one[:2] != (track, host)}
        return replace(self, places=frozenset(others | {(track, host, places)}))

    def without(self, intern: PersonId) -> Setting:
        """Return the setting in which an intern has left."""
        pins = frozenset(pin for pin in self.pins if pin[1] != intern)
        return replace(self, absent=self.absent | {intern}, pins=pins)

    def distance(self, other: Setting) -> int:
        """Return how many single changes lie between two settings."""
        return sum(len(getattr(self, name) ^ getattr(other, name)) for name in ("pins", "bans", "places", "absent"))


@dataclass(frozen=True)
class Outcome:
    """The optimum under a setting.

    Attributes
    ----------
    pairs:
        All pairs, with their points in units of 1/100.
    points:
        Sum of the points of all pairs.
    proved:
        Whether nothing better exists.
    """

    pairs: Mapping[PairId, int]
    proved: bool
    points: int = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "points", sum(self.pairs.values()))

    @property
    def coverage(self) -> int:
        """Number of pairs."""
        return len(self.pairs)

    @property
    def lowest(self) -> int | None:
        """Points of the pair with the fewest."""
        return min(self.pairs.values(), default=None)


@dataclass(frozen=True)
class Move:
    """What changes for one intern in one track: hosts before and after, and their points; None is nobody."""

    track: str
    intern: PersonId
    before: PersonId | None
    after: PersonId | None
    points_before: int | None
    points_after: int | None


@dataclass(frozen=True)
class Effect:
    """The difference between two optima: who moves, and both outcomes."""

    before: Outcome
    after: Outcome
    moves: tuple[Move, ...]

    @property
    def points(self) -> int:
        """By how much the sum of all points changes, in units of 1/100."""
        return self.after.points - self.before.points

    @property
    def coverage(self) -> int:
        """By how much the number of pairs changes."""
        return self.after.coverage - self.before.coverage

    @classmethod
    def between(cls, before: Outcome, after: Outcome) -> Effect:
        """Compare two outcomes."""
        gone: dict[tuple[str, PersonId], list[PairId]] = {}
        come: dict[tuple[str, PersonId], list[PairId]] = {}
        for pairs, other, told in ((before.pairs, after.pairs, gone), (after.pairs, before.pairs, come)):
            for pair in sorted(pairs.keys() - other.keys(), key=str):
                told.setdefault(pair[:2], []).append(pair)
        moves = []
        for place in sorted(gone.keys() | come.keys(), key=str):
            old, new = gone.get(place, []), come.get(place, [])
            for number in range(max(len(old), len(new))):
                left = old[number] if number < len(old) else None
                right = new[number] if number < len(new) else None
                moves.append(
                    Move(
                        *place,
                        before=left and left[2],
                        after=right and right[2],
                        points_before=None if left is None else before.pairs[left],
                        points_after=None if right is None else after.pairs[right],
                    )
                )
        return cls(before, after, tuple(moves))


class WhatIf:
    """Answers what a change would do to a matching. Safe to be asked from several threads.

    Parameters
    ----------
    scored:
        The problem of the present matching.
    pairs:
        The present matching.
    staying:
        What it is worth to leave one of its pairs as it is, in units of 1/100 point, 1 or more.
    """

    def __init__(self, scored: Scored, pairs: Iterable[PairId], *, staying: int = 1) -> None:
        self.scored = scored
        self.pairs = frozenset(pairs)
        self.staying = max(1, staying)
        self.start = Setting(scored.pins, scored.bans)
        self._live: OrderedDict[Setting, LiveAssignment] = OrderedDict()
        self._known: OrderedDict[Setting, Outcome] = OrderedDict()
        self._lock = Lock()

    @property
    def quick(self) -> bool:
        """Whether an answer can go on from the last one; otherwise each is solved from the start."""
        return self.scored.objective == Objective.TOTAL and not self.scored.coupled

    @property
    def small(self) -> bool:
        """Whether solving from the start is prompt, too."""
        return sum(track.points.size for track in self.scored.tracks) <= SMALL

    @property
    def ready(self) -> bool:
        """Whether an answer goes on from the last one, by code that is compiled already: a matter of milliseconds."""
        return self.quick and is_warm()

    @property
    def prompt(self) -> bool:
        """Whether an answer takes well below a second."""
        return self.ready or self.small

    def outcome(self, setting: Setting) -> Outcome:
        """Return the optimum under a setting.

        Raises
        ------
        InvalidInput
            The setting contradicts itself or cannot be kept; the text says why.
        """
        with self._lock:
            if setting not in self._known:
                self._known[setting] = self._quickly(setting) if self._goes_on else self._afresh(setting)
                while len(self._known) > REMEMBERED**2:
                    self._known.popitem(last=False)
            return self._known[setting]

    @property
    def _goes_on(self) -> bool:
        """A small problem is solved from the start rather than wait for the compiler."""
        return self.ready if self.small else self.quick

    def effect(self, after: Setting, before: Setting | None = None) -> Effect:
        """Return what changes between two settings; before is the present matching's own when left out.

        Raises
        ------
        InvalidInput
            As `outcome` says.
        """
        return Effect.between(self.outcome(self.start if before is None else before), self.outcome(after))

    def _problem(self, setting: Setting, *, within: bool = False) -> AssignmentProblem:
        return self.scored.problem(
            pins=setting.pins,
            bans=setting.bans,
            absent=setting.absent,
            places={(track, host): number for track, host, number in setting.places},
            earlier=self.pairs,
            staying=self.staying,
            within=within,
        )

    def _afresh(self, setting: Setting) -> Outcome:
        return self._read(solve(self._problem(setting)))

    def _quickly(self, setting: Setting) -> Outcome:
        """Go on from the nearest optimum that is known, or from the start."""
        live = self._near(setting)
        if live is None:
            live = LiveAssignment(self._problem(setting, within=True))
        self._live[setting] = live
        while len(self._live) > REMEMBERED:
            self._live.popitem(last=False)
        return self._read(live.assignment())

    def _near(self, setting: Setting) -> LiveAssignment | None:
        """Return a copy of the nearest optimum with the difference applied; None where that cannot be done."""
        reachable = [known for known in self._live if known.absent <= setting.absent]
        if not reachable:
            return None
        known = min(reachable, key=setting.distance)
        if (self.scored.bans & known.bans) - setting.bans:
            return None  # what was banned when the matching was made is not in its lists
        self._live.move_to_end(known)
        live = self._live[known].copy()
        for intern in sorted(setting.absent - known.absent, key=str):
            live.withdraw(self.scored.rows[intern])
        for edit, pairs in (
            (live.unpin, known.pins - setting.pins),
            (live.unban, known.bans - setting.bans),
            (live.ban, setting.bans - known.bans),
        ):
            for pair in sorted(pairs, key=str):
                edit(*self.scored.place(pair))
        for track, host in sorted({one[:2] for one in known.places ^ setting.places}, key=str):
            number = self.scored.index[track]
            column = self.scored.columns[number][host]
            usual = int(self.scored.tracks[number].capacity[column])
            places = next((one[2] for one in setting.places if one[:2] == (track, host)), usual)
            live.set_capacity(number, column, places)
        for pair in sorted(setting.pins - known.pins, key=str):
            live.pin(*self.scored.place(pair))
        return live

    def _read(self, assignment: Assignment) -> Outcome:
        pairs: dict[PairId, int] = {}
        for track, columns in zip(self.scored.tracks, assignment.pairs, strict=True):
            filled = np.flatnonzero(columns != UNFILLED)
            rows = np.repeat(np.arange(len(self.scored.interns)), track.wanted)[filled]
            points = track.points[rows, columns[filled]] - track.offset[rows]
            for row, column, worth in zip(rows.tolist(), columns[filled].tolist(), points.tolist(), strict=True):
                pairs[track.name, self.scored.interns[row], track.hosts[column]] = worth
        proved = assignment.coverage == assignment.coverage_bound and assignment.gap == 0
        return Outcome(pairs, proved)


def in_json(effect: Effect) -> dict[str, Any]:
    """Return an effect as plain JSON data."""
    return {
        "points": effect.points,
        "coverage": effect.coverage,
        "proved": effect.before.proved and effect.after.proved,
        "moves": [{name: getattr(move, name) for name in Move.__dataclass_fields__} for move in effect.moves],
    }
