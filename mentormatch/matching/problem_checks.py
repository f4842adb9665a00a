"""Whether a matching problem makes sense: every complaint names the people, fields and rules concerned."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Protocol

from mentormatch.core.errors import InvalidInput
from mentormatch.core.fields import BY_KEY
from mentormatch.matching.criteria import STATED_KINDS, Criterion, Rule
from mentormatch.matching.pin_checks import Decided, check_pins
from mentormatch.matching.tables import capacity_of, minimum_of
from mentormatch.matching.values import Row, called

MOST_STAYING = 100
"""Points: more than the best pair is worth says nothing new."""
MOST_HOSTS = 20
MOST_PRICES = 5000
"""Points of all relaxable rules together: it keeps what the solver counts within its range."""


class Stated(Decided, Protocol):
    """A whole matching problem."""

    @property
    def criteria(self) -> Sequence[Criterion]: ...
    @property
    def host_criteria(self) -> Sequence[Criterion] | None: ...
    @property
    def rules(self) -> Sequence[Rule]: ...
    @property
    def objective(self) -> str: ...
    @property
    def mixture(self) -> int: ...
    @property
    def staying(self) -> float: ...


def check_problem(problem: Stated, objectives: Sequence[str]) -> None:
    """Raise `InvalidInput` for the first thing that cannot be used."""
    if problem.objective not in objectives:
        raise InvalidInput(
            "Objective: expected one of %(known)s, found %(found)s.",
            field="objective",
            known=", ".join(objectives),
            found=repr(problem.objective),
        )
    _check_settings(problem)
    if not problem.hosts:
        raise InvalidInput("Hosts: expected at least one track, found none. Give a table of hosts.", field="hosts")
    _check_statements(problem)
    _check_fields(problem)
    for track, rows in problem.hosts.items():
        _check_places(track, rows, len(problem.interns) * problem.per_intern.get(track, 1))
    check_pins(problem)


def _check_settings(problem: Stated) -> None:
    if not _is_whole(problem.mixture, 0, 100):
        raise InvalidInput(
            "Mixture: expected a whole number from 0 to 100, found %(found)s.",
            field="mixture",
            found=repr(problem.mixture),
        )
    staying = problem.staying
    if not isinstance(staying, int | float) or isinstance(staying, bool) or not 0 <= staying <= MOST_STAYING:
        raise InvalidInput(
            "Points for keeping an earlier pair: expected 0 to %(most)s, found %(found)s.",
            field="staying",
            most=MOST_STAYING,
            found=repr(staying),
        )
    for track, number in problem.per_intern.items():
        if track not in problem.hosts or not _is_whole(number, 1, MOST_HOSTS):
            raise InvalidInput(
                "Hosts per intern: expected for tracks out of %(known)s a whole number from 1 to %(most)s, found "
                "%(found)s for %(track)s.",
                field="per_intern",
                known=", ".join(problem.hosts),
                most=MOST_HOSTS,
                track=track,
                found=repr(number),
            )


def _is_whole(number: object, least: int, most: int) -> bool:
    return isinstance(number, int) and not isinstance(number, bool) and least <= number <= most


def _check_statements(problem: Stated) -> None:
    stated: tuple[Sequence[Criterion | Rule], ...] = (problem.criteria, problem.rules, problem.host_criteria or ())
    for items in stated:
        doubled = [key for key, count in Counter(item.key for item in items).items() if count > 1]
        if doubled:
            raise InvalidInput(
                "Criteria and rules: expected each key once, found more than once: %(keys)s. Rename one of them.",
                field="key",
                keys=", ".join(doubled),
            )
        for item in items:
            if item.track is not None and item.track not in problem.hosts:
                raise InvalidInput(
                    "%(key)s: expected a track out of %(known)s, found %(found)s.",
                    field="track",
                    key=item.key,
                    known=", ".join(problem.hosts),
                    found=item.track,
                )
    for criteria in (problem.criteria, problem.host_criteria):
        bare = [] if criteria is None else [t for t in problem.hosts if not any(one.applies_to(t) for one in criteria)]
        if bare:
            raise InvalidInput(
                "Track %(track)s: expected at least one criterion with a weight above zero, found none.",
                field="criteria",
                track=bare[0],
            )
    prices = {rule.key: rule.price for rule in problem.rules if rule.price}
    if sum(prices.values()) > MOST_PRICES:
        raise InvalidInput(
            "Rules: expected prices of at most %(most)s points together, found %(found)s: %(keys)s. Lower some.",
            field="price",
            most=MOST_PRICES,
            found=sum(prices.values()),
            keys=", ".join(prices),
        )


def _check_fields(problem: Stated) -> None:
    """Complain about fields that neither the data nor the product knows: most likely a slip of the pen."""
    mine = {name for row in problem.interns for name in row} | set(BY_KEY)
    theirs = {name for rows in problem.hosts.values() for row in rows for name in row} | set(BY_KEY)
    criteria = (*problem.criteria, *(problem.host_criteria or ()))
    read: list[tuple[str, Iterable[str], Iterable[str]]] = [
        *((one.key, one.intern_fields, one.host_fields) for one in criteria if one.kind not in STATED_KINDS),
        *(
            (rule.key, [rule.option("intern_field")], [rule.option("host_field")])
            for rule in problem.rules
            if rule.has_option("intern_field")
        ),
    ]
    for key, left, right in read:
        for fields, known in ((left, mine), (right, theirs)):
            unknown = [name for name in fields if name not in known]
            if unknown:
                raise InvalidInput(
                    "%(key)s: no such field: %(unknown)s. Expected fields out of %(known)s.",
                    field="fields",
                    key=key,
                    unknown=", ".join(unknown),
                    known=", ".join(sorted(known)),
                )


def _check_places(track: str, rows: Sequence[Row], places: int) -> None:
    for row in rows:
        capacity, minimum = capacity_of(row, track), minimum_of(row, track)
        if minimum > capacity:
            raise InvalidInput(
                "Track %(track)s, %(person)s: the minimum %(minimum)s is above the capacity %(capacity)s. Lower it.",
                field="minimum",
                track=track,
                person=called(row),
                minimum=minimum,
                capacity=capacity,
            )
    required = sum(minimum_of(row, track) for row in rows)
    if required > places:
        raise InvalidInput(
            "Track %(track)s: expected minimum loads of at most %(places)s interns together, found %(required)s: "
            "%(people)s. Lower some of them.",
            field="minimum",
            track=track,
            places=places,
            required=required,
            people=", ".join(called(row) for row in rows if minimum_of(row, track)),
        )
