"""What an admin states about a good match, as plain data: criteria with weights, and rules, hard or at a price.

This module is light on purpose: pages and forms read it without loading numpy or scikit-learn.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Self, TypeAlias, TypeVar

from mentormatch.core.errors import InvalidInput
from mentormatch.matching.kinds import (
    CRITERION_KINDS,
    PLUG_IN,
    RULE_KINDS,
    STATED_KINDS,
    KindSpec,
    check_kind,
    check_params,
    is_number,
)

__all__ = [
    "CRITERION_KINDS",
    "DEAREST",
    "DEFAULT_CRITERIA",
    "DEFAULT_RULES",
    "PLUG_IN",
    "RULE_KINDS",
    "STATED_KINDS",
    "WISH_CRITERIA",
    "Compare",
    "Criterion",
    "Rule",
]

Spec = TypeVar("Spec")

Compare: TypeAlias = Callable[[list[Mapping[str, Any]], list[Mapping[str, Any]]], Any]
"""Takes k interns and l hosts and returns k x l numbers from 0 to 1: see `comparisons.plug_in.PlugIn`."""

DEAREST = 100
"""Points: the highest price of a rule, and all that the best possible pair has."""


def _names(key: str, value: object) -> tuple[str, ...]:
    names = (value,) if isinstance(value, str) else tuple(value) if isinstance(value, Sequence) else ()
    if not names or not all(isinstance(name, str) and name for name in names):
        raise InvalidInput(
            "%(key)s: expected the names of one or more fields on each side, found %(found)s.",
            field="fields",
            key=key,
            found=repr(value),
        )
    return names


def _check_key(key: object) -> None:
    if not isinstance(key, str) or not key.strip():
        raise InvalidInput(
            "Criteria and rules: expected a key (a short name of its own), found %(found)s.",
            field="key",
            found=repr(key),
        )


def _from_json(cls: type[Spec], data: object, required: Sequence[str], optional: Sequence[str]) -> Spec:
    if not isinstance(data, Mapping):
        raise InvalidInput(
            "Criteria and rules: expected an object with %(required)s, found %(found)s.",
            required=", ".join(required),
            found=repr(data),
        )
    unknown = [str(name) for name in data if name not in required and name not in optional]
    if unknown or any(name not in data for name in required):
        raise InvalidInput(
            "%(key)s: expected %(required)s, and perhaps %(optional)s; found %(found)s.",
            key=data.get("key"),
            required=", ".join(required),
            optional=", ".join(optional),
            found=", ".join(map(str, data)),
        )
    return cls(**data)


@dataclass(frozen=True, slots=True)
class Criterion:
    """One thing that makes a match good, and how much it counts.

    Parameters
    ----------
    key:
        Short name, unique among the criteria of a matching.
    kind:
        One of `CRITERION_KINDS`, or `PLUG_IN`.
    intern_fields, host_fields:
        Fields that are compared, one or more on each side.
    weight:
        The admin's points, zero or more. Only the proportions count: the weights of all criteria of a track are
        scaled so that the best possible pair has 100 points. Zero switches the criterion off.
    track:
        Name of the only track that it applies to; None for all.
    params:
        Options of the kind.
    compare:
        For the kind `PLUG_IN` alone: the function that compares. Only its name is stored.

    Raises
    ------
    InvalidInput
        Unknown kind or option, no fields, a weight that is not a finite number of zero or more, or a function that is
        missing or out of place.
    """

    key: str
    kind: str
    intern_fields: tuple[str, ...]
    host_fields: tuple[str, ...]
    weight: float
    track: str | None = None
    params: Mapping[str, Any] = field(default_factory=dict, hash=False)
    compare: Compare | None = None

    def __post_init__(self) -> None:
        _check_key(self.key)
        known = {**CRITERION_KINDS, PLUG_IN: KindSpec()}
        check_kind(self.key, self.kind, known)
        if callable(self.compare) != (self.kind == PLUG_IN):
            raise InvalidInput(
                "%(key)s: expected a function to compare with for the kind %(kind)s and for no other, found %(found)s.",
                field="compare",
                key=self.key,
                kind=PLUG_IN,
                found=repr(self.compare),
            )
        object.__setattr__(self, "intern_fields", _names(self.key, self.intern_fields))
        object.__setattr__(self, "host_fields", _names(self.key, self.host_fields))
        number = isinstance(self.weight, int | float) and not isinstance(self.weight, bool)
        if not number or not math.isfinite(self.weight) or self.weight < 0:
            raise InvalidInput(
                "%(key)s: expected a weight of zero or more points, found %(found)s.",
                field="weight",
                key=self.key,
                found=repr(self.weight),
            )
        object.__setattr__(self, "params", dict(self.params))
        check_params(self.key, self.params, known[self.kind])

    def applies_to(self, track: str) -> bool:
        """Whether the criterion counts in `track`."""
        return self.weight > 0 and self.track in {None, track}

    def with_weight(self, weight: float) -> Self:
        """Return the same criterion with another weight."""
        return replace(self, weight=weight)

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON data; `from_json` reads it back. Of a function it holds the name."""
        data = {
            "key": self.key,
            "kind": self.kind,
            "intern_fields": list(self.intern_fields),
            "host_fields": list(self.host_fields),
            "weight": self.weight,
            "track": self.track,
            "params": dict(self.params),
        }
        return data if self.compare is None else {**data, "compare": name_of(self.compare)}

    @classmethod
    def from_json(cls, data: object, plug_ins: Iterable[Compare] = ()) -> Self:
        """Read what `to_json` wrote.

        Parameters
        ----------
        plug_ins:
            The functions that criteria may name. Nothing is imported because data say so.

        Raises
        ------
        InvalidInput
            Anything missing, unknown or out of range.
        """
        required = ("key", "kind", "intern_fields", "host_fields", "weight")
        if isinstance(data, Mapping) and "compare" in data:
            known = {name_of(compare): compare for compare in plug_ins}
            if data["compare"] not in known:
                raise InvalidInput(
                    "%(key)s: expected its function among those given, found the name %(found)s only. Pass the "
                    "function as plug_ins.",
                    field="compare",
                    key=data.get("key"),
                    found=repr(data["compare"]),
                )
            data = {**data, "compare": known[data["compare"]]}
        return _from_json(cls, data, required, ("track", "params", "compare"))


def name_of(compare: Compare) -> str:
    """Return by what name a function is stored: module and name, of an object those of its class."""
    named = compare if hasattr(compare, "__qualname__") else type(compare)
    return f"{named.__module__}.{named.__qualname__}"


@dataclass(frozen=True, slots=True)
class Rule:
    """Something that no pair may break, whatever its score; or, at a price, only where nothing better is left.

    A missing answer never breaks a rule: it is reported as unknown.

    Parameters
    ----------
    key:
        Short name, unique among the rules of a matching.
    kind:
        One of `RULE_KINDS`.
    params:
        Options of the kind. The pairs of ``never_pairs`` are lists of two *person* ids.
    track:
        Name of the only track that it applies to; None for all.
    price:
        None: the rule is hard. Otherwise it may be relaxed: a pair that breaks it is permitted and loses so many
        points, 0 to `DEAREST`, as people see them; the pair may end below zero.

    Raises
    ------
    InvalidInput
        Unknown kind or option, or a price that is out of range or on a rule that cannot be relaxed.
    """

    key: str
    kind: str
    params: Mapping[str, Any] = field(default_factory=dict, hash=False)
    track: str | None = None
    price: float | None = None

    def __post_init__(self) -> None:
        _check_key(self.key)
        check_kind(self.key, self.kind, RULE_KINDS)
        object.__setattr__(self, "params", dict(self.params))
        check_params(self.key, self.params, RULE_KINDS[self.kind])
        self._check_price()

    def _check_price(self) -> None:
        if self.price is None:
            return
        if not RULE_KINDS[self.kind].relaxable:
            raise InvalidInput(
                "%(key)s: a rule of the kind %(kind)s cannot be relaxed. Leave out its price.",
                field="price",
                key=self.key,
                kind=self.kind,
            )
        if not is_number(self.price, 0, DEAREST):
            raise InvalidInput(
                "%(key)s: expected a price of 0 to %(most)s points, or none, found %(found)s.",
                field="price",
                key=self.key,
                most=DEAREST,
                found=repr(self.price),
            )

    @property
    def is_hard(self) -> bool:
        """Whether no pair may break the rule at any price."""
        return self.price is None

    def applies_to(self, track: str) -> bool:
        """Whether the rule holds in `track`."""
        return self.track in {None, track}

    def has_option(self, name: str) -> bool:
        """Whether rules of this kind have the option `name`."""
        return name in RULE_KINDS[self.kind].parameters

    def option(self, name: str) -> Any:
        """Return the option `name`, or its default."""
        return self.params.get(name, RULE_KINDS[self.kind].parameters[name].default)

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON data; `from_json` reads it back. A hard rule has no price in it."""
        data = {"key": self.key, "kind": self.kind, "params": dict(self.params), "track": self.track}
        return data if self.price is None else {**data, "price": self.price}

    @classmethod
    def from_json(cls, data: object) -> Self:
        """Read what `to_json` wrote.

        Raises
        ------
        InvalidInput
            Anything missing, unknown or out of range.
        """
        return _from_json(cls, data, ("key", "kind"), ("params", "track", "price"))


DEFAULT_CRITERIA: tuple[Criterion, ...] = (
    Criterion(
        "goals", "text", ("goals", "vision", "questions"), ("career", "position", "offers", "self_introduction"), 30
    ),
    Criterion("field", "tags", ("industries",), ("industries",), 25),
    Criterion("learning", "complement", ("wants",), ("offers", "skills"), 20),
    Criterion("interests", "tags", ("interests",), ("interests",), 5),
    Criterion("schedule", "hours", ("free_time",), ("free_time",), 10),
    Criterion("language", "languages", ("languages",), ("languages",), 10),
)
"""Shared goals, field and interests weigh most: they are the strongest known correlate of a good relationship (Eby et
al. 2013, N = 40,737; correlational). Nothing about who somebody is, such as gender, age or nationality, is compared."""

WISH_CRITERIA: tuple[Criterion, ...] = (
    Criterion("wishes", "wishes", ("wishes",), ("wishes",), 25),
    Criterion("priority", "priority", ("priority",), ("priority",), 10),
)
"""What the two sides ask for, where somebody has been asked. People who took part in the choice got more support (Allen
et al. 2006; Kendall & Smith-Jentsch 2015): first choices of both sides count as much as full agreement in the field,
and a first choice of one side alone half as much, so that a wish decides between hosts who fit about as well and does
not make up for one who does not fit."""

DEFAULT_RULES: tuple[Rule, ...] = (
    Rule("shared_language", "shared_language", {"min_level": 2}),
    Rule("shared_hours", "shared_hours", {"minutes": 30}),
    Rule("not_supervisor", "not_supervisor"),
    Rule("not_same_person", "not_same_person"),
    Rule("asked_not_to", "asked_not_to"),
)
"""A pair that cannot talk or meet is none, and a mentor is not one's boss. ``not_same_company`` is left to the
admin: in many programmes the mentors work in the very company that takes the intern."""
