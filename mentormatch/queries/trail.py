"""The audit trail as pages show it: who did what to whom, newest first."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from mentormatch.core.names import Name
from mentormatch.models import AuditEvent, Enrolment, Person, Round
from mentormatch.queries import Store

PAGE = 50


@dataclass(frozen=True, slots=True)
class Event:
    """One act. `who` is None where the program acted by itself; `about` names the person concerned, if any."""

    at: datetime
    who: Name | None
    action: str
    about: Name | None
    round_number: int | None
    detail: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Trail:
    """One page of the trail: events `first` to `last` (from 1) of `total`."""

    events: list[Event]
    first: int
    total: int

    @property
    def last(self) -> int:
        """Number of the last event shown."""
        return self.first + len(self.events) - 1


def listing(store: Store, programme_id: int, *, page: int = 1) -> Trail:
    """Return one page of the programme's trail, newest first; five queries at most."""
    total = store.scalar(select(func.count()).where(AuditEvent.programme_id == programme_id)) or 0
    first = min(max(page - 1, 0), max(total - 1, 0) // PAGE) * PAGE
    return Trail(_events(store, programme_id, first, PAGE), first + 1, total)


def recent(store: Store, programme_id: int, number: int) -> list[Event]:
    """Return the newest events of the programme; four queries at most."""
    return _events(store, programme_id, 0, number)


def has_happened(store: Store, programme_id: int, *actions: str) -> bool:
    """Tell whether one of the actions was ever taken in the programme."""
    found = select(AuditEvent.id).where(AuditEvent.programme_id == programme_id, AuditEvent.action.in_(actions))
    return store.scalar(found.limit(1)) is not None


def _events(store: Store, programme_id: int, first: int, number: int) -> list[Event]:
    rows = store.scalars(
        select(AuditEvent)
        .where(AuditEvent.programme_id == programme_id)
        .options(joinedload(AuditEvent.actor))
        .order_by(AuditEvent.at.desc(), AuditEvent.id.desc())
        .offset(first)
        .limit(number)
    ).all()
    wanted = _by_kind(row.subject for row in rows)
    enrolled = select(Enrolment.id, Person.name).join(Enrolment.person).where(Enrolment.id.in_(wanted["enrolment"]))
    names = {("enrolment", key): name for key, name in store.execute(enrolled)}
    people = select(Person.id, Person.name).where(Person.id.in_(wanted["person"]))
    names |= {("person", key): name for key, name in store.execute(people)}
    rounds = select(Round.id, Round.number).where(Round.id.in_(wanted["round"]))
    numbers = {("round", key): found for key, found in store.execute(rounds)}
    return [
        Event(
            at=row.at,
            who=None if row.actor is None else row.actor.name,
            action=row.action,
            about=names.get(_subject(row.subject)),
            round_number=numbers.get(_subject(row.subject)),
            detail=row.detail,
        )
        for row in rows
    ]


def _by_kind(subjects: Iterable[str]) -> defaultdict[str, set[int]]:
    found: defaultdict[str, set[int]] = defaultdict(set)
    for subject in subjects:
        kind, key = _subject(subject)
        found[kind].add(key)
    return found


def _subject(subject: str) -> tuple[str, int]:
    kind, _, key = subject.partition(":")
    return kind, int(key) if key.isdecimal() else 0
