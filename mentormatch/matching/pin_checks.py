"""Whether pins and bans fit the people, each other and the places; shared capacities too."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Protocol

from mentormatch.core.errors import InvalidInput
from mentormatch.matching.tables import PairId, PersonId, capacity_of, person_of
from mentormatch.matching.values import Row, called


class Decided(Protocol):
    """People, and what was decided about them: the part of a matching problem that is looked at here."""

    @property
    def interns(self) -> Sequence[Row]: ...
    @property
    def hosts(self) -> Mapping[str, Sequence[Row]]: ...
    @property
    def per_intern(self) -> Mapping[str, int]: ...
    @property
    def pins(self) -> Sequence[PairId]: ...
    @property
    def bans(self) -> Sequence[PairId]: ...
    @property
    def shared_capacity(self) -> Sequence[tuple[PersonId, int]]: ...


def check_pins(problem: Decided) -> None:
    """Raise `InvalidInput` for pins, bans and shared capacities that cannot be kept."""
    _check_known(problem)
    for pair in problem.pins:
        if pair in problem.bans:
            raise InvalidInput(
                "Track %(track)s: %(intern)s and %(host)s are pinned and banned at once. Remove the pin or the ban.",
                field="pins",
                **_names(problem, pair),
            )
    people = {(track, row["id"]): person_of(row) for track, rows in problem.hosts.items() for row in rows}
    _check_once(problem, people)
    _check_loads(problem)
    _check_shared(problem, people)


def _check_known(problem: Decided) -> None:
    interns = {row["id"] for row in problem.interns}
    hosts = {track: {row["id"] for row in rows} for track, rows in problem.hosts.items()}
    for track, intern, host in (*problem.pins, *problem.bans):
        if track not in hosts:
            raise InvalidInput(
                "Pins and bans: expected a track out of %(known)s, found %(found)s.",
                field="track",
                known=", ".join(hosts),
                found=repr(track),
            )
        unknown = [key for key, known in ((intern, interns), (host, hosts[track])) if key not in known]
        if unknown:
            raise InvalidInput(
                "Track %(track)s, pin or ban of %(intern)s and %(host)s: nobody has the id %(unknown)s. Correct or "
                "remove it.",
                field="pins",
                track=track,
                intern=repr(intern),
                host=repr(host),
                unknown=repr(unknown[0]),
            )


def _check_once(problem: Decided, people: Mapping[tuple[str, PersonId], PersonId]) -> None:
    places = Counter((track, intern) for track, intern, _ in problem.pins)
    served = Counter((intern, people[track, host]) for track, intern, host in problem.pins)
    for pin in problem.pins:
        track, intern, host = pin
        most = problem.per_intern.get(track, 1)
        if places[track, intern] > most:
            raise InvalidInput(
                "Track %(track)s: %(intern)s is pinned to %(pins)s hosts; an intern gets %(most)s. Remove some pins.",
                field="pins",
                track=track,
                pins=places[track, intern],
                most=most,
                intern=_names(problem, pin)["intern"],
            )
        if served[intern, people[track, host]] > 1:
            raise InvalidInput(
                "%(intern)s is pinned to %(host)s in two tracks; a person serves an intern once. Remove one pin.",
                field="pins",
                intern=_names(problem, pin)["intern"],
                host=_names(problem, pin)["host"],
            )


def _check_loads(problem: Decided) -> None:
    loads = Counter((track, host) for track, _, host in problem.pins)
    for track, rows in problem.hosts.items():
        for row in rows:
            if loads[track, row["id"]] > capacity_of(row, track):
                raise InvalidInput(
                    "Track %(track)s, %(host)s: expected at most %(capacity)s pins, found %(pins)s. Remove pins or "
                    "raise the capacity.",
                    field="pins",
                    track=track,
                    host=called(row),
                    capacity=capacity_of(row, track),
                    pins=loads[track, row["id"]],
                )


def _check_shared(problem: Decided, people: Mapping[tuple[str, PersonId], PersonId]) -> None:
    pinned = Counter(people[track, host] for track, _, host in problem.pins)
    known = set(people.values())
    for person, capacity in problem.shared_capacity:
        if not isinstance(capacity, int) or isinstance(capacity, bool) or capacity < 0:
            raise InvalidInput(
                "Shared capacity of %(person)s: expected a whole number, zero or more, found %(found)s.",
                field="shared_capacity",
                person=repr(person),
                found=repr(capacity),
            )
        if person not in known:
            raise InvalidInput(
                "Shared capacity: no host is the person %(person)s. Correct or remove it.",
                field="shared_capacity",
                person=repr(person),
            )
        if pinned[person] > capacity:
            raise InvalidInput(
                "Shared capacity of %(person)s: expected at most %(capacity)s pins over all tracks, found %(pins)s.",
                field="shared_capacity",
                person=repr(person),
                capacity=capacity,
                pins=pinned[person],
            )


def _names(problem: Decided, pair: PairId) -> dict[str, str]:
    track, intern, host = pair
    left = next(row for row in problem.interns if row["id"] == intern)
    right = next(row for row in problem.hosts[track] if row["id"] == host)
    return {"track": track, "intern": called(left), "host": called(right)}
