"""What an import would do: the good rows of a sheet beside what is stored about the same people."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import islice
from typing import Any, NamedTuple

from sqlalchemy import Select, select

from mentormatch.core.fields import BY_KEY, Owner
from mentormatch.core.names import Name, email_key
from mentormatch.core.roles import Role
from mentormatch.models import Enrolment, Person
from mentormatch.queries import Store

BATCH = 1_000
PERSON_COLUMNS = (*("family_name", "given_name", "family_kana", "given_kana", "romaji", "preferred_name"), "language")
ENROLMENT_COLUMNS = ("number", "capacity", "minimum")
_NEW_ENROLMENT: Mapping[str, Any] = {"number": "", "capacity": 1, "minimum": 0}

Columns = Mapping[str, Any]
"""A stored row: column → value."""


class Effect(StrEnum):
    """What a good row does."""

    ADD = "add"
    UPDATE = "update"
    SAME = "same"


@dataclass(frozen=True, slots=True)
class Entry:
    """One good row: its number in the sheet, whom it is about, and what it says.

    `values` maps field keys to JSON values of the shapes in `core.field_kinds`. A field that is absent stays as it is.
    `key` is the form of the address that makes two rows the same person.
    """

    row: int
    email: str
    role: Role
    values: Mapping[str, Any]
    key: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "key", email_key(self.email))

    def of(self, columns: Iterable[str]) -> dict[str, Any]:
        """Return what the row says about these columns."""
        return {name: self.values[name] for name in columns if name in self.values}

    @property
    def profile(self) -> dict[str, Any]:
        """Return the answers of the row, which belong to the profile."""
        return {key: value for key, value in self.values.items() if BY_KEY[key].owner is Owner.PROFILE}


class Change(NamedTuple):
    """One field that an import changes."""

    field: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class Held:
    """What is stored about one person: the columns of the person, and of the enrolments in this programme by role."""

    person: Columns
    enrolments: dict[Role, Columns] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one good row does: the columns to be written, and the changes to show."""

    entry: Entry
    effect: Effect
    name: Name
    person: dict[str, Any]
    enrolment: dict[str, Any]
    changes: tuple[Change, ...] = ()


def layers(entries: Iterable[Entry]) -> Iterator[list[Entry]]:
    """Yield the entries in portions of at most `BATCH` rows in which nobody appears twice.

    A person may stand in several rows with several roles; the later row then finds what the earlier one wrote.
    """
    rows = iter(entries)
    while batch := list(islice(rows, BATCH)):
        while batch:
            first: dict[str, Entry] = {}
            later = [entry for entry in batch if first.setdefault(entry.key, entry) is not entry]
            yield list(first.values())
            batch = later


def held(store: Store, *, programme_id: int, keys: Sequence[str], lock: bool = False) -> dict[str, Held]:
    """Return what is stored about the people with these address keys; two queries for each portion of keys.

    With `lock` the rows are kept from others until the end of the transaction, in a fixed order.
    """

    def rows(found: Select[Any], order: Any) -> Iterator[Columns]:
        return (
            dict(row) for row in store.execute(found.order_by(order).with_for_update() if lock else found).mappings()
        )

    columns = [getattr(Person, name) for name in PERSON_COLUMNS]
    people = select(Person.id, Person.email_key, *columns).where(Person.email_key.in_(keys))
    known = {row["id"]: Held(row) for row in rows(people, Person.id)}
    if known:
        enrolled = select(
            *(Enrolment.id, Enrolment.person_id, Enrolment.role, Enrolment.number),
            *(Enrolment.capacity, Enrolment.minimum, Enrolment.profile),
        ).where(Enrolment.programme_id == programme_id, Enrolment.person_id.in_(known))
        for row in rows(enrolled, Enrolment.id):
            known[row["person_id"]].enrolments[row["role"]] = row
    return {found.person["email_key"]: found for found in known.values()}


def outcome(entry: Entry, found: Held | None) -> Outcome:
    """Return what `entry` does to what was found about the same person.

    A person who takes part in this programme is updated. Of somebody who is only known elsewhere nothing is
    overwritten and nothing is told: the row adds them here and fills what is empty.
    """
    said = entry.of(PERSON_COLUMNS)
    if found is None:
        return Outcome(entry, Effect.ADD, _name(said), said, _new_enrolment(entry))
    stored = found.person
    known_here = bool(found.enrolments)
    person = {name: value for name, value in said.items() if stored[name] != value and (known_here or not stored[name])}
    current = found.enrolments.get(entry.role)
    name = _name({**stored, **person})
    if current is None:
        return Outcome(entry, Effect.ADD, name if known_here else _name(said), person, _new_enrolment(entry))
    enrolment = _changed_enrolment(entry, current)
    changes = (*_changes(stored, person), *_enrolment_changes(current, enrolment))
    return Outcome(entry, Effect.UPDATE if changes else Effect.SAME, name, person, enrolment, changes)


def outcomes(store: Store, *, programme_id: int, entries: Iterable[Entry]) -> Iterator[Outcome]:
    """Yield what each entry would do now. Nothing is written."""
    for portion in layers(entries):
        found = held(store, programme_id=programme_id, keys=[entry.key for entry in portion])
        for entry in portion:
            yield outcome(entry, found.get(entry.key))


def _name(values: Mapping[str, Any]) -> Name:
    return Name(*(values.get(column) or "" for column in PERSON_COLUMNS[:6]))


def _new_enrolment(entry: Entry) -> dict[str, Any]:
    said = entry.of(ENROLMENT_COLUMNS)
    return {**_NEW_ENROLMENT, **said, **_fitting(said, _NEW_ENROLMENT), "profile": entry.profile}


def _changed_enrolment(entry: Entry, stored: Columns) -> dict[str, Any]:
    said = entry.of(ENROLMENT_COLUMNS)
    changed = {name: value for name, value in {**said, **_fitting(said, stored)}.items() if stored[name] != value}
    profile = stored["profile"]
    if any(profile.get(key) != value for key, value in entry.profile.items()):
        changed["profile"] = {**profile, **entry.profile}
    return changed


def _fitting(said: Columns, stored: Columns) -> dict[str, int]:
    """Return the number that has to follow when the sheet says only one of places and minimum."""
    if "capacity" in said and "minimum" not in said:
        return {"minimum": min(stored["minimum"], said["capacity"])}
    if "minimum" in said and "capacity" not in said:
        return {"capacity": max(stored["capacity"], said["minimum"])}
    return {}


def _changes(stored: Columns, changed: Columns) -> Iterator[Change]:
    return (Change(name, stored.get(name), value) for name, value in changed.items() if stored.get(name) != value)


def _enrolment_changes(stored: Columns, changed: Columns) -> Iterator[Change]:
    yield from _changes(stored, {name: value for name, value in changed.items() if name != "profile"})
    yield from _changes(stored["profile"], changed.get("profile", {}))
