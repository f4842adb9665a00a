"""The criteria and rules of a programme: as pages show them, and as the matching reads them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import select

from mentormatch.core import fields
from mentormatch.core.field_kinds import Field, Kind, Owner
from mentormatch.core.roles import HOST_ROLES, Role
from mentormatch.core.wording import Bilingual
from mentormatch.matching import criteria as matching
from mentormatch.models import Criterion, Enrolment, EnrolmentState, Person, Rule
from mentormatch.queries import Store

PRIVATE_FIELDS = frozenset({"supervisor", "boundaries", "graduation_year"})
"""Never compared: whom somebody reports to, what somebody will not talk about, and what gives an age away."""

_UNORDERED = frozenset({Kind.CHOICE})
"""Kinds of field that are not offered for closeness on a scale: the choices of a list are in no order we know."""


@dataclass(frozen=True, slots=True)
class CriterionView:
    """One criterion. `share` is what it gives at most to a pair out of 100 points, rounded to one place."""

    key: str
    kind: str
    label: Bilingual
    intern_fields: tuple[str, ...]
    host_fields: tuple[str, ...]
    weight: int
    share: float


@dataclass(frozen=True, slots=True)
class RuleView:
    """One rule. For `params` see `mentormatch.matching.criteria.RULE_KINDS`; without a `price` it is hard."""

    key: str
    kind: str
    params: dict[str, Any]
    active: bool
    price: int | None


@dataclass(frozen=True, slots=True)
class Setting:
    """All criteria and rules of a programme; `seen` recognises this state of them when a form comes back."""

    criteria: tuple[CriterionView, ...]
    rules: tuple[RuleView, ...]
    seen: str


def setting(store: Store, programme_id: int) -> Setting:
    """Return the criteria and rules of a programme in the order of the page; two queries."""
    found = select(Criterion).where(Criterion.programme_id == programme_id)
    rows = store.scalars(found.order_by(Criterion.position, Criterion.id)).all()
    whole = sum(row.weight for row in rows)
    criteria = tuple(
        CriterionView(
            key=row.key,
            kind=row.kind,
            label=row.label,
            intern_fields=tuple(row.intern_fields),
            host_fields=tuple(row.host_fields),
            weight=row.weight,
            share=round(100 * row.weight / whole, 1) if whole else 0.0,
        )
        for row in rows
    )
    held = select(Rule).where(Rule.programme_id == programme_id).order_by(Rule.position, Rule.id)
    rules = tuple(RuleView(row.key, row.kind, dict(row.params), row.active, row.price) for row in store.scalars(held))
    return Setting(criteria, rules, _fingerprint(criteria, rules))


def _fingerprint(criteria: Sequence[CriterionView], rules: Sequence[RuleView]) -> str:
    text = json.dumps([[asdict(item) for item in criteria], [asdict(item) for item in rules]], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def for_matching(found: Setting, tracks: Iterable[Role]) -> tuple[list[matching.Criterion], list[matching.Rule]]:
    """Return active criteria and rules as the matching reads them.

    A criterion counts in those tracks whose hosts are asked at least one of its fields.
    """
    wanted = tuple(tracks)
    criteria = []
    for item in found.criteria:
        answering = [track for track in wanted if is_answered(item.kind, item.host_fields, track)]
        if item.weight and answering:
            only = None if len(answering) == len(wanted) else str(answering[0])
            criteria.append(
                matching.Criterion(
                    item.key, item.kind, item.intern_fields, item.host_fields, weight=item.weight, track=only
                )
            )
    rules = [matching.Rule(item.key, item.kind, item.params, price=item.price) for item in found.rules if item.active]
    return criteria, rules


def is_answered(kind: str, host_fields: Iterable[str], track: Role) -> bool:
    """Return whether the hosts of a track are asked what a criterion compares."""
    return kind in matching.STATED_KINDS or any(track in fields.BY_KEY[key].roles for key in host_fields)


def is_relaxable(kind: str) -> bool:
    """Return whether rules of a kind may have a price."""
    return kind in matching.RULE_KINDS and matching.RULE_KINDS[kind].relaxable


@dataclass(frozen=True, slots=True)
class KindChoice:
    """A comparison that can be chosen for a new criterion, and the fields it can read on each side."""

    kind: str
    intern_fields: tuple[Field, ...]
    host_fields: tuple[Field, ...]


def kinds(tracks: Iterable[Role]) -> tuple[KindChoice, ...]:
    """Return the comparisons for which the profiles hold something on both sides."""
    hosts = frozenset(tracks) & frozenset(HOST_ROLES)
    found = []
    for kind, spec in matching.CRITERION_KINDS.items():
        without = _UNORDERED if kind == "ordinal" else frozenset()
        mine = _comparable(spec.intern_kinds - without, frozenset({Role.INTERN}))
        found.append(KindChoice(kind, mine, _comparable(spec.host_kinds - without, hosts)))
    return tuple(choice for choice in found if choice.intern_fields and choice.host_fields)


def stated() -> tuple[KindChoice, ...]:
    """Return the comparisons of what people say to the office alone: every programme has each once, without fields."""
    return tuple(KindChoice(kind, (), ()) for kind in sorted(matching.STATED_KINDS))


def _comparable(allowed: frozenset[Kind], roles: frozenset[Role]) -> tuple[Field, ...]:
    """Return the profile fields of these kinds and roles; nothing about who somebody is, and nothing private."""
    return tuple(
        field
        for field in fields.FIELDS
        if field.owner is Owner.PROFILE
        and field.kind in allowed
        and field.roles & roles
        and field.key not in PRIVATE_FIELDS
    )


@dataclass(frozen=True, slots=True)
class PersonChoice:
    """Somebody who can be named in "never these two": a person, once, whatever roles they hold."""

    person_id: int
    label: Bilingual


def people(store: Store, programme_id: int) -> Mapping[str, list[PersonChoice]]:
    """Return those who can be kept apart, as ``{"interns": […], "hosts": […]}``, in the order of names; one query."""
    found = (
        select(Person, Enrolment.role)
        .join(Enrolment, Enrolment.person_id == Person.id)
        .where(Enrolment.programme_id == programme_id, Enrolment.state != EnrolmentState.WITHDRAWN)
    )
    sides: dict[str, dict[int, PersonChoice]] = {"interns": {}, "hosts": {}}
    for person, role in sorted(store.execute(found), key=lambda item: (item[0].name.sort_key, item[0].id)):
        name = person.name
        side = sides["interns" if role is Role.INTERN else "hosts"]
        side[person.id] = PersonChoice(person.id, Bilingual(name.full("en"), name.full("ja")))
    return {side: list(named.values()) for side, named in sides.items()}
