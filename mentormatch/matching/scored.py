"""A matching problem after scoring: ids, points and permissions as plain arrays, small enough to be stored.

Reading people and comparing their words is the slow part of a matching. What it gives is kept here, so that "what would
happen if" needs neither the people nor the comparisons again.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray

from mentormatch.core.errors import InvalidInput
from mentormatch.matching.solver.blocks import BoolArray, DenseScores, IntArray, row_blocks
from mentormatch.matching.solver.problem import AssignmentProblem, Objective, Staying, Track

if TYPE_CHECKING:  # only for its type: the matcher loads scikit-learn, and a stored problem does without
    from mentormatch.matching.matcher import Matcher
    from mentormatch.matching.track_state import TrackState

PersonId = int | str
PairId = tuple[str, PersonId, PersonId]
"""Track, intern id, host id."""


_PER_PERSON = ("capacity", "minimum", "owner", "wanted", "offset")


@dataclass(frozen=True, eq=False)
class ScoredTrack:
    """One track of n interns and m hosts.

    Attributes
    ----------
    hosts:
        Ids of the hosts, in the order of the columns.
    points:
        Shape (n, m): what each pair is worth to the solver, 0 or more.
    offset:
        Shape (n,): what the solver adds to the points of every pair of a row, so that none is negative and some interns
        come first: the points that people see are ``points - offset``.
    rules, broken:
        Keys of the hard rules, and of shape (n, m) which of them each pair breaks: bit k stands for rule k. Bans are
        kept apart.
    capacity, minimum, owner, wanted:
        As in `mentormatch.matching.solver.problem.Track`.
    """

    name: str
    hosts: tuple[PersonId, ...]
    points: NDArray[np.int32]
    broken: NDArray[np.unsignedinteger[Any]]
    capacity: IntArray
    minimum: IntArray
    owner: IntArray
    wanted: IntArray
    offset: IntArray
    rules: tuple[str, ...] = ()

    @cached_property
    def permitted(self) -> BoolArray:
        """Whether all rules permit each pair, shape (n, m)."""
        permitted: BoolArray = self.broken == 0
        return permitted

    def broken_by(self, row: int, column: int) -> tuple[str, ...]:
        """Return the keys of the rules that a pair breaks."""
        bits = int(self.broken[row, column])
        return tuple(rule for number, rule in enumerate(self.rules) if bits >> number & 1)


@dataclass(frozen=True, eq=False)
class Scored:
    """All tracks of a scored problem, with the pins and bans it was solved with."""

    interns: tuple[PersonId, ...]
    tracks: tuple[ScoredTrack, ...]
    pins: frozenset[PairId] = frozenset()
    bans: frozenset[PairId] = frozenset()
    shared_capacity: Mapping[int, int] | None = None
    objective: str = "total"
    mixture: int = 50

    @classmethod
    def of(cls, matcher: Matcher) -> Self:
        """Return what a fitted matcher has scored."""
        problem = matcher.problem_
        numbers = {
            row["person"] if "person" in row else row["id"]: int(state.owner[state.places[row["id"]]])
            for track, state in matcher.tracks_.items()
            for row in problem.hosts[track]
        }
        return cls(
            interns=tuple(row["id"] for row in problem.interns),
            tracks=tuple(_track_of(state) for state in matcher.tracks_.values()),
            pins=frozenset(problem.pins),
            bans=frozenset(problem.bans),
            shared_capacity={numbers[person]: most for person, most in problem.shared_capacity},
            objective=problem.objective,
            mixture=problem.mixture,
        )

    @cached_property
    def index(self) -> Mapping[str, int]:
        """Number of each track."""
        return {one.name: number for number, one in enumerate(self.tracks)}

    @cached_property
    def rows(self) -> Mapping[PersonId, int]:
        """Row of each intern."""
        return {intern: row for row, intern in enumerate(self.interns)}

    @cached_property
    def columns(self) -> tuple[Mapping[PersonId, int], ...]:
        """Column of each host, by track."""
        return tuple({host: column for column, host in enumerate(one.hosts)} for one in self.tracks)

    def place(self, pair: PairId) -> tuple[int, int, int]:
        """Return a pair as (track, row, column).

        Raises
        ------
        InvalidInput
            Somebody who has no part in this matching.
        """
        if not self.knows(pair):
            raise InvalidInput(
                "Pair %(pair)s: expected people who take part in this matching. Run the matching again with them.",
                pair=repr(pair),
            )
        number = self.index[pair[0]]
        return number, self.rows[pair[1]], self.columns[number][pair[2]]

    def knows(self, pair: PairId) -> bool:
        """Whether both people of a pair take part."""
        number = self.index.get(pair[0])
        return number is not None and pair[1] in self.rows and pair[2] in self.columns[number]

    def worth(self, pair: PairId) -> int:
        """Return the points of a pair as people see them, in units of 1/100."""
        number, row, column = self.place(pair)
        return int(self.tracks[number].points[row, column] - self.tracks[number].offset[row])

    @cached_property
    def coupled(self) -> bool:
        """Whether somebody stands in two tracks, or has one limit for all of them."""
        people = [person for one in self.tracks for person in one.owner.tolist()]
        return bool(self.shared_capacity) or len(set(people)) < len(people)

    def problem(
        self,
        *,
        pins: Iterable[PairId],
        bans: Iterable[PairId],
        absent: Iterable[PersonId] = (),
        places: Mapping[tuple[str, PersonId], int] | None = None,
        earlier: Iterable[PairId] = (),
        staying: int = 0,
        within: bool = False,
    ) -> AssignmentProblem:
        """Return the assignment problem under these pins and bans.

        Parameters
        ----------
        absent:
            Interns who have left: no pair with them is permitted.
        places:
            (track, host id) -> another number of places.
        earlier, staying:
            Pairs that are worth so many units more when they are made again.
        within:
            Whether what they are worth is put into the scores themselves, for solvers that know nothing of staying.
        """
        banned = [self.place(pair) for pair in sorted(bans, key=str)]
        kept = tuple(self.place(pair) for pair in sorted(earlier, key=str))
        left = [self.rows[intern] for intern in absent]
        tracks = []
        for number, track in enumerate(self.tracks):
            shut, dear = (
                tuple(np.array([place[1:] for place in some if place[0] == number], np.int64).reshape(-1, 2).T)
                for some in (banned, kept if within else ())
            )
            points, permitted = track.points, track.permitted
            if shut[0].size or left:
                permitted = permitted.copy()
                permitted[shut] = False
                permitted[left] = False
            if dear[0].size:
                points = points.copy()
                points[dear] += staying
            tracks.append(self._solver_track(track, DenseScores(points, permitted), places or {}))
        kept = () if within else kept
        return AssignmentProblem(
            tracks=tuple(tracks),
            pins=tuple(self.place(pair) for pair in sorted(pins, key=str)),
            shared_capacity=dict(self.shared_capacity or {}),
            objective=Objective(self.objective),
            mixture=self.mixture,
            staying=Staying(kept, staying) if kept and staying else None,
        )

    def _solver_track(
        self, track: ScoredTrack, source: DenseScores, places: Mapping[tuple[str, PersonId], int]
    ) -> Track:
        capacity = track.capacity.copy()
        for (name, host), number in places.items():
            if name == track.name:
                capacity[self.columns[self.index[name]][host]] = number
        wanted = None if (track.wanted == 1).all() else track.wanted
        return Track(track.name, source, capacity, np.minimum(track.minimum, capacity), track.owner, wanted)

    def to_bytes(self) -> bytes:
        """Return everything as one compressed NumPy archive; `from_bytes` reads it back."""
        facts = {
            "interns": list(self.interns),
            "pins": sorted(map(list, self.pins), key=str),
            "bans": sorted(map(list, self.bans), key=str),
            "shared_capacity": sorted((self.shared_capacity or {}).items()),
            "objective": self.objective,
            "mixture": self.mixture,
            "tracks": [[one.name, list(one.hosts), list(one.rules)] for one in self.tracks],
        }
        arrays: dict[str, Any] = {"facts": np.frombuffer(json.dumps(facts).encode(), np.uint8)}
        for number, one in enumerate(self.tracks):
            arrays |= {f"{number}.{name}": getattr(one, name) for name in _PER_PERSON}
            arrays[f"{number}.points"] = one.points.astype(np.min_scalar_type(int(one.points.max(initial=0))))
            arrays[f"{number}.broken"] = one.broken
        spool = io.BytesIO()
        np.savez_compressed(spool, **arrays)
        return spool.getvalue()

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """Read what `to_bytes` wrote."""
        with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
            facts = json.loads(arrays["facts"].tobytes())
            tracks = []
            for number, (name, hosts, rules) in enumerate(facts["tracks"]):
                points = arrays[f"{number}.points"].astype(np.int32)
                own = {key: arrays[f"{number}.{key}"] for key in ("broken", *_PER_PERSON)}
                tracks.append(ScoredTrack(name, tuple(hosts), points, **own, rules=tuple(rules)))
        return cls(
            interns=tuple(facts["interns"]),
            tracks=tuple(tracks),
            pins=frozenset((track, intern, host) for track, intern, host in facts["pins"]),
            bans=frozenset((track, intern, host) for track, intern, host in facts["bans"]),
            shared_capacity=dict(facts["shared_capacity"]),
            objective=facts["objective"],
            mixture=facts["mixture"],
        )


def _track_of(state: TrackState) -> ScoredTrack:
    rows, columns = state.scores.shape
    rules = state.scores.hard_rules
    points = np.empty((rows, columns), np.int32)
    broken = np.zeros((rows, columns), np.min_scalar_type((1 << len(rules)) - 1))
    for block in row_blocks(rows, columns):
        points[block] = state.scores.scores(block, slice(None)) + state.priority[block, None]
        for number, rule in enumerate(rules):
            broken[block] |= (~rule.allowed(block, slice(None))).astype(broken.dtype) << number
    return ScoredTrack(
        name=state.name,
        hosts=tuple(state.host_id(column) for column in range(columns)),
        points=points,
        broken=broken,
        capacity=state.capacity,
        minimum=state.minimum,
        owner=state.owner,
        wanted=state.wanted,
        rules=tuple(rule.rule.key for rule in rules),
        offset=state.priority + state.scores.offset,
    )
