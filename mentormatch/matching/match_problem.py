"""A matching as one frozen value: people, criteria, rules, pins and bans; it can be stored, repeated and recognised."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

from mentormatch.core.errors import InvalidInput
from mentormatch.core.fields import BY_KEY
from mentormatch.matching.criteria import DEFAULT_CRITERIA, DEFAULT_RULES, Compare, Criterion, Rule
from mentormatch.matching.problem_checks import check_problem
from mentormatch.matching.solver.problem import Objective
from mentormatch.matching.tables import PairId, PersonId, clean_id, listed, order_of, rows_of
from mentormatch.matching.values import Row

OBJECTIVES = tuple(objective.value for objective in Objective)
"""What can be made best, after coverage: see `mentormatch.matching.solver.problem.Objective`."""

_VERSION = 1
_PARTS = (
    "interns", "hosts", "criteria", "rules", "objective", "pins", "bans", "shared_capacity",
    "mixture", "per_intern", "earlier", "staying", "host_criteria", "exceptions",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class MatchProblem:
    """Everything that a matching depends on; make one with `of`.

    Attributes
    ----------
    interns, hosts:
        Plain rows sorted by id; hosts by track. A row has ``id``, unique in its table, and may have ``person``, the id
        of the human being where the same one stands in several tables (default: the id). Hosts may have ``capacity``
        (default 1) and ``minimum`` (default 0); interns may have ``settled``, the tracks in which they need nobody, and
        ``waited``, the number of earlier rounds that left them without anybody: under the objective "total" they come
        first where not everybody can have a host.
    criteria, rules:
        What the admin states.
    objective:
        One of `OBJECTIVES`.
    pins, bans:
        Pairs that must or must not be made, as (track, intern id, host id).
    shared_capacity:
        (person id, most interns of that person over all tracks together).
    mixture:
        For the objective "mixture": hundredths, 0 to 100, that the worst-off intern counts beside the mean.
    per_intern:
        Track -> how many different hosts each intern is to get; one where a track is not named.
    earlier:
        Pairs of an earlier matching, as pins.
    staying:
        Points (as people see them) that a new matching must gain to break up one of the `earlier` pairs.
    host_criteria:
        What the hosts prefer, for the objective "stable"; None: the same as the interns.
    exceptions:
        Pins that may break rules.
    """

    interns: tuple[Row, ...]
    hosts: Mapping[str, tuple[Row, ...]]
    criteria: tuple[Criterion, ...]
    rules: tuple[Rule, ...]
    objective: str = "total"
    pins: tuple[PairId, ...] = ()
    bans: tuple[PairId, ...] = ()
    shared_capacity: tuple[tuple[PersonId, int], ...] = ()
    mixture: int = 50
    per_intern: Mapping[str, int] = field(default_factory=dict)
    earlier: tuple[PairId, ...] = ()
    staying: float = 0
    host_criteria: tuple[Criterion, ...] | None = None
    exceptions: tuple[PairId, ...] = ()

    @classmethod
    def of(
        cls,
        interns: object,
        hosts: object,
        *,
        criteria: Sequence[Criterion] | None = None,
        rules: Sequence[Rule] | None = None,
        objective: str = "total",
        pins: Iterable[Sequence[Any]] = (),
        bans: Iterable[Sequence[Any]] = (),
        shared_capacity: Mapping[PersonId, int] | Iterable[tuple[PersonId, int]] | None = None,
        mixture: int = 50,
        per_intern: int | Mapping[str, int] = 1,
        earlier: Iterable[Sequence[Any]] = (),
        staying: float = 0,
        host_criteria: Sequence[Criterion] | None = None,
        exceptions: Iterable[Sequence[Any]] = (),
    ) -> Self:
        """Read tables into a problem and check it.

        Tables are lists of mappings or data frames; `hosts` is track name -> table, or one table alone, the track
        "mentor". Criteria and rules are the defaults when None, of the criteria those whose fields occur. Pins and bans
        are (track, intern id, host id), or (intern id, host id), which for a ban means every track with that host;
        `earlier` pairs are named like bans, and those whose people are no longer there count for nothing. `per_intern`
        is one number for all tracks or track -> number.

        Raises
        ------
        InvalidInput
            Anything that cannot be used; the text names the people, fields and rules concerned.
        """
        tables = hosts if isinstance(hosts, Mapping) else {"mentor": hosts}
        intern_rows = rows_of(interns, "interns")
        host_rows = {str(track): rows_of(tables[track], str(track)) for track in sorted(tables, key=str)}
        problem = cls(
            interns=intern_rows,
            hosts=host_rows,
            criteria=default_criteria(intern_rows, host_rows) if criteria is None else _stated(criteria, "criteria"),
            rules=DEFAULT_RULES if rules is None else _stated(rules, "rules"),
            objective=objective,
            pins=_pairs(pins, host_rows, one=True),
            bans=_pairs(bans, host_rows, one=False),
            shared_capacity=_shared_capacity(shared_capacity),
            mixture=mixture,
            per_intern=_per_intern(per_intern, host_rows),
            earlier=_still_there(_pairs(earlier, host_rows, one=False), intern_rows, host_rows),
            staying=staying,
            host_criteria=None if host_criteria is None else _stated(host_criteria, "host_criteria"),
            exceptions=_pairs(exceptions, host_rows, one=True),
        )
        check_problem(problem, OBJECTIVES)
        return problem

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON data; `from_json` reads it back to an equal problem."""
        return {
            "version": _VERSION,
            "interns": [dict(row) for row in self.interns],
            "hosts": {track: [dict(row) for row in rows] for track, rows in self.hosts.items()},
            "criteria": [criterion.to_json() for criterion in self.criteria],
            "rules": [rule.to_json() for rule in self.rules],
            "objective": self.objective,
            "pins": [list(pin) for pin in self.pins],
            "bans": [list(ban) for ban in self.bans],
            "shared_capacity": [list(item) for item in self.shared_capacity],
            "mixture": self.mixture,
            "per_intern": dict(self.per_intern),
            "earlier": [list(pair) for pair in self.earlier],
            "staying": self.staying,
            "host_criteria": None if self.host_criteria is None else [item.to_json() for item in self.host_criteria],
            "exceptions": [list(pair) for pair in self.exceptions],
        }

    @classmethod
    def from_json(cls, data: object, plug_ins: Iterable[Compare] = ()) -> Self:
        """Read what `to_json` wrote, and check it again; `plug_ins` are the functions that criteria may name.

        Raises
        ------
        InvalidInput
            Another version, missing parts, or a problem that cannot be used.
        """
        plug_ins = tuple(plug_ins)
        if not isinstance(data, Mapping) or data.get("version") != _VERSION:
            found = data.get("version") if isinstance(data, Mapping) else type(data).__name__
            raise InvalidInput(
                "Matching problem: expected an object of version %(version)s, found %(found)s.",
                version=_VERSION,
                found=repr(found),
            )
        missing = [part for part in _PARTS if part not in data]
        if missing:
            raise InvalidInput(
                "Matching problem: expected %(parts)s, missing %(missing)s.",
                parts=", ".join(_PARTS),
                missing=", ".join(missing),
            )
        return cls.of(
            data["interns"],
            data["hosts"],
            criteria=[Criterion.from_json(item, plug_ins) for item in listed(data["criteria"], "criteria")],
            rules=[Rule.from_json(item) for item in listed(data["rules"], "rules")],
            objective=data["objective"],
            pins=data["pins"],
            bans=data["bans"],
            shared_capacity=data["shared_capacity"],
            mixture=data["mixture"],
            per_intern=data["per_intern"],
            earlier=data["earlier"],
            staying=data["staying"],
            host_criteria=data["host_criteria"]
            and [Criterion.from_json(item, plug_ins) for item in listed(data["host_criteria"], "host_criteria")],
            exceptions=data["exceptions"],
        )

    @property
    def digest(self) -> str:
        """SHA-256 in hexadecimal: the same for the same problem, in whatever order its parts were given."""
        data = self.to_json()
        for name in ("criteria", "rules"):
            data[name] = sorted(data[name], key=lambda item: str(item["key"]))
        text = json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
        return hashlib.sha256(text.encode()).hexdigest()


def default_criteria(interns: Sequence[Row], hosts: Mapping[str, Sequence[Row]]) -> tuple[Criterion, ...]:
    """Return the default criteria of which a field occurs on both sides, with the fields that occur; all for no one."""
    mine = {name for row in interns for name in row} or set(BY_KEY)
    theirs = {name for rows in hosts.values() for row in rows for name in row} or set(BY_KEY)
    kept = []
    for criterion in DEFAULT_CRITERIA:
        left = tuple(name for name in criterion.intern_fields if name in mine)
        right = tuple(name for name in criterion.host_fields if name in theirs)
        if left and right:
            kept.append(
                Criterion(
                    criterion.key, criterion.kind, left, right, criterion.weight, criterion.track, criterion.params
                )
            )
    return tuple(kept)


def _stated(given: object, what: str) -> tuple[Any, ...]:
    """Return criteria or rules as they come, if they are such."""
    wanted = Rule if what == "rules" else Criterion
    stated = listed(given, what)
    wrong = [one for one in stated if not isinstance(one, wanted)]
    if wrong:
        raise InvalidInput(
            "%(where)s: expected objects of the class %(wanted)s, found %(found)s.",
            field=what,
            where=what,
            wanted=wanted.__name__,
            found=repr(wrong[0]),
        )
    return tuple(stated)


def _shared_capacity(given: object) -> tuple[tuple[PersonId, int], ...]:
    pairs = listed([] if given is None else given.items() if isinstance(given, Mapping) else given, "shared_capacity")
    if not all(isinstance(pair, list | tuple) and len(pair) == 2 and isinstance(pair[0], int | str) for pair in pairs):  # noqa: PLR2004  a pair is two
        raise InvalidInput(
            "Shared capacity: expected person id -> number of interns, found %(found)s.",
            field="shared_capacity",
            found=repr(given),
        )
    return tuple(sorted(((person, most) for person, most in pairs), key=lambda pair: order_of(pair[0])))


def _per_intern(given: int | Mapping[str, int], hosts: Mapping[str, Sequence[Row]]) -> dict[str, int]:
    if isinstance(given, Mapping):
        return {str(track): given[track] for track in sorted(given, key=str)}
    return dict.fromkeys(hosts, given)


def _still_there(
    pairs: tuple[PairId, ...], interns: Sequence[Row], hosts: Mapping[str, Sequence[Row]]
) -> tuple[PairId, ...]:
    """Return the pairs of which both people take part."""
    mine = {row["id"] for row in interns}
    theirs = {track: {row["id"] for row in rows} for track, rows in hosts.items()}
    return tuple(pair for pair in pairs if pair[1] in mine and pair[2] in theirs.get(pair[0], ()))


def _pairs(pairs: Iterable[Sequence[Any]], hosts: Mapping[str, Sequence[Row]], *, one: bool) -> tuple[PairId, ...]:
    """Return pins or bans as sorted triples, each once; with `one`, a pair without a track must have just one."""
    found: set[PairId] = set()
    for pair in listed(pairs, "pairs"):
        match pair:
            case [str(track), intern, host]:
                found.add((track, clean_id(intern, repr(pair)), clean_id(host, repr(pair))))
            case [intern, host]:
                host = clean_id(host, repr(pair))
                tracks = [track for track, rows in hosts.items() if any(row["id"] == host for row in rows)]
                if not tracks or (one and len(tracks) > 1):
                    raise InvalidInput(
                        "%(pair)s: expected the host in one track, found the tracks (%(tracks)s). Name the track.",
                        pair=repr(pair),
                        tracks=", ".join(tracks),
                    )
                found.update((track, clean_id(intern, repr(pair)), host) for track in tracks)
            case _:
                raise InvalidInput(
                    "Pins and bans: expected (track, intern id, host id), found %(found)s.", found=repr(pair)
                )
    return tuple(sorted(found, key=lambda item: (item[0], order_of(item[1]), order_of(item[2]))))
