"""Whether a matching problem makes sense: every complaint names the people, fields and rules concerned."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from mentormatch.core.errors import InvalidInput
from mentormatch.core.fields import BY_KEY
from mentormatch.matching.criteria import Criterion, Rule
from mentormatch.matching.tables import called, person_of, whole_number
from mentormatch.matching.values import Row

if TYPE_CHECKING:
    from mentormatch.matching.match_problem import MatchProblem


def capacity_of(row: Row, track: str) -> int:
    """Return how many interns a host can take; 1 when nothing is said."""
    return whole_number(row, "capacity", 1, f"hosts of track {track}")


def minimum_of(row: Row, track: str) -> int:
    """Return how many interns a host must get; none when nothing is said."""
    return whole_number(row, "minimum", 0, f"hosts of track {track}")


def check_problem(problem: MatchProblem, objectives: Sequence[str]) -> None:
    """Raise `InvalidInput` for the first thing that cannot be used."""
    if problem.objective not in objectives:
        message = "Objective: expected one of %(known)s, found %(found)s."
        raise InvalidInput(message, field="objective", known=", ".join(objectives), found=repr(problem.objective))
    if not problem.hosts:
        raise InvalidInput("Hosts: expected at least one track, found none. Give a table of hosts.", field="hosts")
    _check_keys("criterion", [criterion.key for criterion in problem.criteria])
    _check_keys("rule", [rule.key for rule in problem.rules])
    _check_tracks(problem)
    _check_fields(problem)
    for track, rows in problem.hosts.items():
        _check_places(track, rows, len(problem.interns))
    _check_pairs(problem)
    _check_pinned_loads(problem)


def _check_keys(what: str, keys: Iterable[str]) -> None:
    doubled = [key for key, count in Counter(keys).items() if count > 1]
    if doubled:
        message = "Expected each %(what)s key once, found more than once: %(keys)s. Rename one of them."
        raise InvalidInput(message, field="key", what=what, keys=", ".join(doubled))


def _check_tracks(problem: MatchProblem) -> None:
    stated: tuple[Criterion | Rule, ...] = (*problem.criteria, *problem.rules)
    for item in stated:
        if item.track is not None and item.track not in problem.hosts:
            message = "%(key)s: expected a track out of %(known)s, found %(found)s."
            raise InvalidInput(message, field="track", key=item.key, known=", ".join(problem.hosts), found=item.track)
    for track in problem.hosts:
        if not any(criterion.applies_to(track) for criterion in problem.criteria):
            message = "Track %(track)s: expected at least one criterion with a weight above zero, found none."
            raise InvalidInput(message, field="criteria", track=track)


def _check_fields(problem: MatchProblem) -> None:
    """Complain about fields that neither the data nor the product knows: most likely a slip of the pen."""
    mine = {name for row in problem.interns for name in row} | set(BY_KEY)
    theirs = {name for rows in problem.hosts.values() for row in rows for name in row} | set(BY_KEY)
    for criterion in problem.criteria:
        for side, fields, known in (
            ("interns", criterion.intern_fields, mine),
            ("hosts", criterion.host_fields, theirs),
        ):
            unknown = [name for name in fields if name not in known]
            if unknown:
                message = (
                    "Criterion %(key)s: expected fields of the %(side)s, found unknown %(unknown)s. Known: %(known)s."
                )
                raise InvalidInput(
                    message,
                    field="fields",
                    key=criterion.key,
                    side=side,
                    unknown=", ".join(unknown),
                    known=", ".join(sorted(known)),
                )


def _check_places(track: str, rows: Sequence[Row], interns: int) -> None:
    for row in rows:
        capacity, minimum = capacity_of(row, track), minimum_of(row, track)
        if minimum > capacity:
            message = "Track %(track)s, %(person)s: expected at most as many required interns as places, found %(minimum)s required and %(capacity)s places."  # noqa: E501  one sentence, one message
            raise InvalidInput(
                message, field="minimum", track=track, person=called(row), minimum=minimum, capacity=capacity
            )
    required = sum(minimum_of(row, track) for row in rows)
    if required > interns:
        message = "Track %(track)s: expected minimum loads of at most %(interns)s interns together, found %(required)s: %(people)s. Lower some of them."  # noqa: E501  one sentence, one message
        people = ", ".join(called(row) for row in rows if minimum_of(row, track))
        raise InvalidInput(message, field="minimum", track=track, interns=interns, required=required, people=people)


def _check_pairs(problem: MatchProblem) -> None:
    interns = {row["id"] for row in problem.interns}
    hosts = {track: {row["id"] for row in rows} for track, rows in problem.hosts.items()}
    for what, pairs in (("Pin", problem.pins), ("Ban", problem.bans)):
        for track, intern, host in pairs:
            found = (
                f"no track {track!r}"
                if track not in hosts
                else f"no intern {intern!r}"
                if intern not in interns
                else f"no host {host!r}"
                if host not in hosts[track]
                else None
            )
            if found:
                message = (
                    "%(what)s of %(intern)s and %(host)s in track %(track)s: found %(found)s. Correct or remove it."
                )
                raise InvalidInput(message, what=what, intern=repr(intern), host=repr(host), track=track, found=found)
    both = sorted(set(problem.pins) & set(problem.bans), key=repr)
    if both:
        message = "Track %(track)s: %(intern)s and %(host)s are pinned and banned at once. Remove the pin or the ban."
        names = _names(problem, both[0])
        raise InvalidInput(message, **names)


def _check_pinned_loads(problem: MatchProblem) -> None:
    person = {(track, row["id"]): person_of(row) for track, rows in problem.hosts.items() for row in rows}
    interns = Counter((track, intern) for track, intern, _ in problem.pins)
    for pin in problem.pins:
        if interns[pin[0], pin[1]] > 1:
            message = (
                "Track %(track)s: %(intern)s is pinned to several hosts; an intern gets one. Remove all pins but one."
            )
            raise InvalidInput(message, **_names(problem, pin))
    twice = Counter((intern, person[track, host]) for track, intern, host in problem.pins)
    for pin in problem.pins:
        if twice[pin[1], person[pin[0], pin[2]]] > 1:
            message = "%(intern)s is pinned to %(host)s in two tracks; one person serves an intern once. Remove one of the pins."  # noqa: E501  one sentence, one message
            raise InvalidInput(message, **_names(problem, pin))
    loads = Counter((track, host) for track, _, host in problem.pins)
    for track, rows in problem.hosts.items():
        for row in rows:
            if loads[track, row["id"]] > capacity_of(row, track):
                message = "Track %(track)s, %(host)s: expected at most %(capacity)s pins, found %(pins)s. Remove pins or raise the capacity."  # noqa: E501  one sentence, one message
                pins = loads[track, row["id"]]
                raise InvalidInput(message, track=track, host=called(row), capacity=capacity_of(row, track), pins=pins)
    _check_shared(problem, Counter(person[track, host] for track, _, host in problem.pins), set(person.values()))


def _check_shared(problem: MatchProblem, pinned: Mapping[Any, int], people: set[Any]) -> None:
    for key, capacity in problem.shared_capacity:
        if not isinstance(capacity, int) or isinstance(capacity, bool) or capacity < 0:
            message = "Shared capacity of %(person)s: expected a whole number, zero or more, found %(found)s."
            raise InvalidInput(message, field="shared_capacity", person=repr(key), found=repr(capacity))
        if key not in people:
            message = "Shared capacity: expected a person among the hosts, found %(person)s. Correct or remove it."
            raise InvalidInput(message, field="shared_capacity", person=repr(key))
        if pinned[key] > capacity:
            message = "%(person)s: expected at most %(capacity)s pins over all tracks, found %(pins)s."
            raise InvalidInput(message, person=repr(key), capacity=capacity, pins=pinned[key])


def _names(problem: MatchProblem, pair: tuple[str, Any, Any]) -> dict[str, str]:
    track, intern, host = pair
    left = next(row for row in problem.interns if row["id"] == intern)
    right = next(row for row in problem.hosts[track] if row["id"] == host)
    return {"track": track, "intern": called(left), "host": called(right)}
