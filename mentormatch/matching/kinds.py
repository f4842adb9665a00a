"""What kinds of criteria and rules there are, and which options they have. Light: pages and forms read it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from mentormatch.core.errors import InvalidInput
from mentormatch.core.field_kinds import Kind
from mentormatch.core.i18n import N_


@dataclass(frozen=True, slots=True)
class ParameterSpec:
    """One option of a comparison or rule: its default, and the range of a number or the values to choose from."""

    default: Any
    at_least: float | None = None
    at_most: float = math.inf
    one_of: tuple[str, ...] = ()
    is_scale: bool = False
    """Whether it is a list of different texts, lowest first."""


@dataclass(frozen=True, slots=True)
class KindSpec:
    """What a page needs to know about a kind: its options, and the kinds of field it can read on each side.

    `relaxable`: whether rules of the kind may have a price.
    """

    parameters: Mapping[str, ParameterSpec] = field(default_factory=dict)
    intern_kinds: frozenset[Kind] = frozenset()
    host_kinds: frozenset[Kind] = frozenset()
    relaxable: bool = True


def _both(parameters: Mapping[str, ParameterSpec], *kinds: Kind) -> KindSpec:
    return KindSpec(parameters, frozenset(kinds), frozenset(kinds))


CRITERION_KINDS: Mapping[str, KindSpec] = MappingProxyType(
    {
        "text": _both(
            {"fading": ParameterSpec(0.9, 0, 1), "japanese": ParameterSpec("grams", one_of=("grams", "sudachi"))},
            Kind.TEXT,
            Kind.LINE,
            Kind.TAGS,
            Kind.CAREER,
        ),
        "tags": _both({}, Kind.TAGS, Kind.CHOICE, Kind.LINE),
        "complement": _both({}, Kind.TAGS, Kind.CHOICE, Kind.LINE),
        "ordinal": _both(
            {"span": ParameterSpec(None, 0), "scale": ParameterSpec(None, is_scale=True)}, Kind.NUMBER, Kind.CHOICE
        ),
        "hours": _both({"enough": ParameterSpec(120, 1)}, Kind.HOURS),
        "languages": _both({}, Kind.LANGUAGES),
        "equality": _both({}, Kind.CHOICE, Kind.LINE, Kind.NUMBER, Kind.EMAIL, Kind.TAGS),
        "wishes": KindSpec(),
        "priority": KindSpec(),
    }
)
"""The comparisons, by the name that a criterion gives as its kind."""

PLUG_IN = "plug-in"
"""The kind of a criterion whose comparison is a function of the caller's own."""

STATED_KINDS = frozenset({"wishes", "priority"})
"""Comparisons of what people say to the office alone. No reason that participants are given may come from them."""

RULE_KINDS: Mapping[str, KindSpec] = MappingProxyType(
    {
        "shared_language": KindSpec(
            {
                "min_level": ParameterSpec(2, 1, 4),
                "intern_field": ParameterSpec("languages"),
                "host_field": ParameterSpec("languages"),
            }
        ),
        "shared_hours": KindSpec(
            {
                "minutes": ParameterSpec(30, 1),
                "intern_field": ParameterSpec("free_time"),
                "host_field": ParameterSpec("free_time"),
            }
        ),
        "not_supervisor": KindSpec({"intern_field": ParameterSpec("supervisor"), "host_field": ParameterSpec("email")}),
        "not_same_company": KindSpec(
            {"intern_field": ParameterSpec("host_company"), "host_field": ParameterSpec("organisation")}
        ),
        "not_same_person": KindSpec(relaxable=False),
        "never_pairs": KindSpec({"pairs": ParameterSpec(())}, relaxable=False),
        "asked_not_to": KindSpec(relaxable=False),
    }
)
"""The rules, by the name that a rule gives as its kind. Nobody is their own host, never means never, and who asks
not to be paired is heard: these kinds cannot be relaxed."""


def check_kind(key: str, kind: str, known: Mapping[str, KindSpec]) -> None:
    """Raise `InvalidInput` for a kind that there is not."""
    if kind not in known:
        raise InvalidInput(
            "%(key)s: expected a kind out of %(known)s, found %(found)s. Choose one of them.",
            field="kind",
            key=key,
            known=", ".join(known),
            found=repr(kind),
        )


def check_params(key: str, params: Mapping[str, Any], spec: KindSpec) -> None:
    """Raise `InvalidInput` for the first option that a kind does not have, or whose value is out of range."""
    for name, value in params.items():
        if name not in spec.parameters:
            raise InvalidInput(
                "%(key)s: expected options out of %(known)s, found %(found)s. Remove it or correct its name.",
                field="params",
                key=key,
                known=", ".join(spec.parameters) or "()",
                found=repr(name),
            )
        _check_value(key, name, value, spec.parameters[name])


def _check_value(key: str, name: str, value: object, option: ParameterSpec) -> None:
    where: dict[str, Any] = {"field": "params", "key": key, "option": name, "found": repr(value)}
    if value is None and option.default is None:
        return
    if option.one_of and value not in option.one_of:
        message = N_("%(key)s: expected %(option)s to be one of %(known)s, found %(found)s.")
        raise InvalidInput(message, known=", ".join(option.one_of), **where)
    if isinstance(option.default, str) and not (isinstance(value, str) and value):
        raise InvalidInput(N_("%(key)s: expected %(option)s to be a text, found %(found)s."), **where)
    if option.is_scale and not _is_scale(value):
        message = N_("%(key)s: expected %(option)s to be a list of different texts, lowest first, found %(found)s.")
        raise InvalidInput(message, **where)
    if option.at_least is None or is_number(value, option.at_least, option.at_most):
        return
    message = N_("%(key)s: expected %(option)s to be a number, %(least)s or more, found %(found)s.")
    if option.at_most < math.inf:
        message = N_("%(key)s: expected %(option)s to be a number from %(least)s to %(most)s, found %(found)s.")
    raise InvalidInput(message, least=option.at_least, most=option.at_most, **where)


def _is_scale(value: object) -> bool:
    if not isinstance(value, list | tuple) or not all(isinstance(part, str) and part for part in value):
        return False
    return len(set(value)) == len(value) > 1


def is_number(value: object, least: float, most: float) -> bool:
    """Return whether a value is a finite number of this range; truth values are none."""
    number = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    return number and least <= value <= most  # type: ignore[operator]  # a number by now
