"""A checked assignment problem with its pins already served: what is left for the solver to decide."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from mentormatch.core.errors import InvalidInput
from mentormatch.matching.solver.blocks import BoolArray, Index, IntArray, ranges
from mentormatch.matching.solver.problem import UNFILLED, AssignmentProblem, ContradictoryPins, Pin, Track

NOBODY = -1
"""Owner of a host who is not shared between tracks and has no shared capacity."""


@dataclass(frozen=True, eq=False)
class OpenTrack:
    """One track without its pinned places.

    Attributes
    ----------
    pins:
        Rows and columns of the pinned pairs, by row, then column.
    wanted:
        Shape (n,): hosts that each intern is still to get, no more than there are hosts.
    capacity, minimum:
        Shape (m,): places left to give, places that must still be given.
    owner:
        Shape (m,): person number of hosts that are coupled to others, `NOBODY` for all the rest.
    served:
        Rows and columns of pairs that a pin rules out, as the intern then has that host or person already.
    """

    track: Track
    pins: tuple[IntArray, IntArray]
    wanted: IntArray
    capacity: IntArray
    minimum: IntArray
    owner: IntArray
    served: tuple[IntArray, IntArray]

    @property
    def shape(self) -> tuple[int, int]:
        return self.track.source.shape

    @cached_property
    def open_rows(self) -> IntArray:
        """Rows with a place that is not pinned."""
        return np.flatnonzero(self.wanted)

    @cached_property
    def widest(self) -> int:
        """Most hosts that an intern is still to get, at least 1."""
        return max(1, int(self.wanted.max(initial=0)))

    @property
    def room(self) -> int:
        """Open places that can be filled at the most, by counting."""
        return min(int(self.wanted.sum()), int(self.capacity.sum()))

    @cached_property
    def starts(self) -> IntArray:
        """Shape (n + 1,): each intern's first place among all places."""
        wanted = self.track.wanted
        each = np.ones(self.shape[0], np.int64) if wanted is None else np.asarray(wanted, np.int64)
        return np.concatenate([[0], np.cumsum(each)])

    def matching(self, rows: IntArray, columns: IntArray) -> IntArray:
        """Put these pairs and the pins into places: shape (places,), each intern's columns ascending."""
        key = np.concatenate([rows, self.pins[0]]) * self.shape[1] + np.concatenate([columns, self.pins[1]])
        key.sort()
        row, column = np.divmod(key, max(self.shape[1], 1))
        pairs = np.full(self.starts[-1], UNFILLED)
        pairs[self.starts[row] + np.arange(row.size) - np.searchsorted(row, row)] = column
        return pairs

    def decided(self, pairs: IntArray) -> tuple[IntArray, IntArray]:
        """Rows and columns of the pairs in these places, pins left out."""
        filled = np.flatnonzero(pairs != UNFILLED)
        rows, columns = self.track.place_rows[filled], pairs[filled]
        if self.pins[0].size:
            width = self.shape[1]
            free = ~np.isin(rows * width + columns, self.pins[0] * width + self.pins[1])
            rows, columns = rows[free], columns[free]
        return rows, columns

    def by_place(self, values: IntArray) -> IntArray:
        """Numbers for the open places, row by row, as shape (places,) with 0 for places that nobody decides."""
        first = np.stack([self.starts[:-1], self.starts[:-1] + self.wanted], axis=1).ravel()
        every = np.zeros(self.starts[-1], np.int64)
        every[ranges(first, 2 * self.open_rows)] = values
        return every

    def allowed(self, rows: Index, columns: Index) -> BoolArray:
        """Which pairs of the block may still be made."""
        mask = np.array(self.track.source.allowed(rows, columns), np.bool_)
        mask &= (self.wanted[rows] > 0)[:, None] & (self.capacity[columns] > 0)[None, :]
        if self.served[0].size:
            row_at = np.full(self.shape[0], -1)
            column_at = np.full(self.shape[1], -1)
            row_at[rows] = np.arange(mask.shape[0])
            column_at[columns] = np.arange(mask.shape[1])
            at, to = row_at[self.served[0]], column_at[self.served[1]]
            seen = (at >= 0) & (to >= 0)
            mask[at[seen], to[seen]] = False
        return mask

    def pair_scores(self, rows: IntArray, columns: IntArray) -> IntArray:
        """Scores of single pairs (not of a block), shape of ``rows``."""
        return pair_scores(self.track, rows, columns)


@dataclass(frozen=True, eq=False)
class Instance:
    """What `solve` works on: open tracks, what is left of shared capacities, and the points of the pins."""

    tracks: tuple[OpenTrack, ...]
    shared: dict[int, int]
    pinned_points: int
    pinned_places: int

    @property
    def interns(self) -> int:
        return self.tracks[0].shape[0]

    @property
    def room(self) -> int:
        """Open places that can be filled at the most, by counting."""
        return sum(track.room for track in self.tracks)

    @cached_property
    def coupled(self) -> bool:
        """Whether a person may serve an intern in two ways, so that the linear program may be fractional."""
        seen: set[int] = set()
        for track in self.tracks:
            columns = track.owner[track.owner != NOBODY]
            people = set(columns.tolist())
            if seen & people or (track.widest > 1 and len(people) < columns.size):
                return True
            seen |= people
        return False


def pair_scores(track: Track, rows: IntArray, columns: IntArray) -> IntArray:
    """Scores of single pairs, shape of ``rows``, asked for row group by row group so that blocks stay small."""
    found = np.zeros(rows.size, np.int64)
    order = np.argsort(columns, kind="stable")
    for part in np.array_split(order, max(1, rows.size // 256)):
        if part.size:
            wanted, back = np.unique(columns[part], return_inverse=True)
            block = track.source.scores(rows[part], wanted)
            found[part] = block[np.arange(part.size), back]
    return found


def open_instance(problem: AssignmentProblem) -> Instance:
    """Check a problem and serve its pins.

    Raises
    ------
    InvalidInput, ContradictoryPins
        As `solve` says.
    """
    _check_shapes(problem)
    pins = _check_pins(problem)
    coupled = _coupled_owners(problem)
    owners = [_owners(track, coupled) for track in problem.tracks]
    shared = {person: int(limit) for person, limit in problem.shared_capacity.items()}
    for pin in pins:
        person = int(owners[pin.track][pin.column])
        if person in shared:
            shared[person] -= 1
    points = 0
    tracks = []
    for index, track in enumerate(problem.tracks):
        mine = [pin for pin in pins if pin.track == index]
        rows = np.array([pin.row for pin in mine], np.int64)
        columns = np.array([pin.column for pin in mine], np.int64)
        points += int(pair_scores(track, rows, columns).sum())
        tracks.append(_open_track(track, owners[index], rows, columns, _served(problem, pins, index, owners)))
    if any(left < 0 for left in shared.values()):
        over = {person for person, left in shared.items() if left < 0}
        text = (
            "Pins: expected no person beyond the shared capacity, found more pins for person %(found)s. Remove a pin."
        )
        culprits = tuple(pin for pin in pins if int(owners[pin.track][pin.column]) in over)
        raise ContradictoryPins(text, pins=culprits, found=sorted(over))
    return Instance(tuple(tracks), shared, points, len(pins))


def _open_track(
    track: Track, owner: IntArray, rows: IntArray, columns: IntArray, served: tuple[IntArray, IntArray]
) -> OpenTrack:
    n, m = track.source.shape
    load = np.bincount(columns, minlength=m)
    minimum = np.zeros(m, np.int64) if track.minimum is None else np.asarray(track.minimum, np.int64)
    capacity = np.minimum(np.asarray(track.capacity, np.int64) - load, n)
    wanted = np.minimum(_wanted(track), m) - np.bincount(rows, minlength=n)
    return OpenTrack(track, (rows, columns), wanted, capacity, np.maximum(minimum - load, 0), owner, served)


def _wanted(track: Track) -> IntArray:
    n = track.source.shape[0]
    return np.ones(n, np.int64) if track.wanted is None else np.asarray(track.wanted, np.int64)


def _owners(track: Track, coupled: set[int]) -> IntArray:
    if track.owner is None:
        return np.full(track.source.shape[1], NOBODY, np.int64)
    owner = np.asarray(track.owner, np.int64)
    return np.where(np.isin(owner, sorted(coupled)), owner, NOBODY)


def _coupled_owners(problem: AssignmentProblem) -> set[int]:
    """Persons who could serve an intern in two ways, or whose capacity is given as shared."""
    seen: set[int] = set()
    coupled: set[int] = set()
    for track in problem.tracks:
        if track.owner is None:
            continue
        people, columns = np.unique(np.asarray(track.owner, np.int64), return_counts=True)
        mine = set(people.tolist()) - {NOBODY}
        coupled |= seen & mine | {person for person in mine if person in problem.shared_capacity}
        if _wanted(track).max(initial=0) > 1:
            coupled |= mine & set(people[columns > 1].tolist())
        seen |= mine
    return coupled


def _served(
    problem: AssignmentProblem, pins: tuple[Pin, ...], track: int, owners: list[IntArray]
) -> tuple[IntArray, IntArray]:
    """Pairs of this track that a pin rules out: the same person, or the host herself, for the same intern."""
    rows: list[int] = []
    columns: list[int] = []
    wanted = _wanted(problem.tracks[track])
    for pin in pins:
        person = owners[pin.track][pin.column]
        again = np.flatnonzero((owners[track] == person) & (person != NOBODY)).tolist()
        if pin.track == track:
            again = [*{pin.column, *again}] if wanted[pin.row] > 1 else []
        rows += [pin.row] * len(again)
        columns += again
    return np.array(rows, np.int64), np.array(columns, np.int64)


def _check_shapes(problem: AssignmentProblem) -> None:
    if not problem.tracks:
        raise InvalidInput("Tracks: expected at least one, found none. Say whom the interns are matched with.")
    for track in problem.tracks:
        n, m = track.source.shape
        if n != problem.interns:
            text = "Track %(where)s: expected the same %(expected)s interns in every track, found %(found)s."
            raise InvalidInput(text, where=track.name, expected=problem.interns, found=n)
        given = {"capacity": track.capacity, "minimum": track.minimum, "owner": track.owner}
        for word, values in given.items():
            if values is not None and np.shape(values) != (m,):
                text = "Track %(where)s: expected one %(word)s for each of %(expected)s hosts, found shape %(found)s."
                raise InvalidInput(text, where=track.name, word=word, expected=m, found=np.shape(values))
        _check_wanted(track)
        if m and min(np.min(track.capacity), 0 if track.minimum is None else np.min(track.minimum)) < 0:
            text = "Track %(where)s: expected capacities and minimum loads of 0 or more, found a negative one."
            raise InvalidInput(text, where=track.name)


def _check_wanted(track: Track) -> None:
    n = track.source.shape[0]
    wanted = _wanted(track)
    if wanted.shape != (n,):
        text = "Track %(where)s: expected hosts wanted for each of %(expected)s interns, found shape %(found)s."
        raise InvalidInput(text, where=track.name, expected=n, found=wanted.shape)
    if wanted.min(initial=0) < 0:
        text = "Track %(where)s, row %(row)s: expected 0 or more hosts wanted, found %(found)s."
        row = int(wanted.argmin())
        raise InvalidInput(text, where=track.name, row=row, found=int(wanted[row]))


def _check_pins(problem: AssignmentProblem) -> tuple[Pin, ...]:
    """Pins, sorted, each once.

    Raises
    ------
    InvalidInput, ContradictoryPins
        A pin out of range; more pins than places; a host or a person pinned beyond what is possible.
    """
    pins = tuple(sorted({Pin(*map(int, pin)) for pin in problem.pins}))
    places: dict[tuple[int, int], list[Pin]] = {}
    people: dict[tuple[int, int], list[Pin]] = {}
    hosts: dict[tuple[int, int], list[Pin]] = {}
    for pin in pins:
        if not 0 <= pin.track < len(problem.tracks):
            raise InvalidInput("Pin %(found)s: there is no such track.", found=tuple(pin))
        track = problem.tracks[pin.track]
        if not (0 <= pin.row < track.source.shape[0] and 0 <= pin.column < track.source.shape[1]):
            text = "Pin %(found)s: expected a row and a column within %(expected)s."
            raise InvalidInput(text, found=tuple(pin), expected=track.source.shape)
        places.setdefault((pin.track, pin.row), []).append(pin)
        hosts.setdefault((pin.track, pin.column), []).append(pin)
        if track.owner is not None and track.owner[pin.column] != NOBODY:
            people.setdefault((pin.row, int(track.owner[pin.column])), []).append(pin)
    crowded = [mine for (index, row), mine in places.items() if len(mine) > _wanted(problem.tracks[index])[row]]
    for mine in crowded + [mine for mine in people.values() if len(mine) > 1]:
        text = "Pins %(found)s: expected one host per place, and each person once per intern. Remove one of them."
        raise ContradictoryPins(text, pins=tuple(mine), found=[tuple(pin) for pin in mine])
    _check_hosts(problem, hosts)
    return pins


def _check_hosts(problem: AssignmentProblem, hosts: dict[tuple[int, int], list[Pin]]) -> None:
    """Raise for a host, by track and column, with more pins than places."""
    for (index, column), mine in hosts.items():
        limit = int(problem.tracks[index].capacity[column])
        if len(mine) > limit:
            text = (
                "Pins in track %(where)s, host %(host)s: expected at most %(expected)s, found %(found)s. Remove a pin."
            )
            name = problem.tracks[index].name
            raise ContradictoryPins(text, pins=tuple(mine), where=name, host=column, expected=limit, found=len(mine))
