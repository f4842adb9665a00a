"""Writing the good rows of a sheet in bulk, inside the transaction of the import."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from sqlalchemy import Table, bindparam, select, update
from sqlalchemy.dialects import postgresql, sqlite

from mentormatch.core.clock import now
from mentormatch.models import Enrolment, EnrolmentState, Person, Programme
from mentormatch.models.base import AnySession
from mentormatch.queries import import_plan
from mentormatch.queries.import_plan import ENROLMENT_COLUMNS, PERSON_COLUMNS, Effect, Entry, Held, Outcome

_PEOPLE: Table = Person.__table__  # type: ignore[assignment]  # declared as FromClause, a table for a mapped class
_ENROLMENTS: Table = Enrolment.__table__  # type: ignore[assignment]  # the same


def write(session: AnySession, *, programme_id: int, entries: Iterable[Entry]) -> Counter[Effect]:
    """Write all entries and return how many rows had which effect.

    Memory holds one portion of the entries at a time. The unique constraints decide whether a person or an enrolment
    exists: what somebody else inserts meanwhile is read again and updated.
    """
    # Imports queue up: two sheets with the same people in different order would wait for each other for ever.
    session.execute(select(Programme.id).order_by(Programme.id).with_for_update(key_share=True)).all()
    counts: Counter[Effect] = Counter()
    for portion in import_plan.layers(entries):
        while portion:
            written, portion = _write_portion(session, programme_id, portion)  # noqa: PLW2901 - what is left of it
            counts.update(outcome.effect for outcome in written)
    return counts


def _write_portion(session: AnySession, programme_id: int, portion: list[Entry]) -> tuple[list[Outcome], list[Entry]]:
    """Write what can be written; return that, and the entries whom somebody else enrolled a moment ago."""
    found = _look(session, programme_id, portion)
    if strangers := [entry for entry in portion if entry.key not in found]:
        _insert_people(session, strangers)
        found |= _look(session, programme_id, strangers)
    outcomes = [import_plan.outcome(entry, found[entry.key]) for entry in portion]
    new = [outcome for outcome in outcomes if outcome.effect is Effect.ADD]
    inserted = _insert_enrolments(session, programme_id, new, found)
    written = [
        outcome
        for outcome in outcomes
        if outcome.effect is not Effect.ADD or found[outcome.entry.key].person["id"] in inserted
    ]
    _update_people(session, written, found)
    _update_enrolments(session, written, found)
    late = {outcome.entry.key for outcome in new} - {outcome.entry.key for outcome in written}
    return written, [entry for entry in portion if entry.key in late]


def _look(session: AnySession, programme_id: int, entries: list[Entry]) -> dict[str, Held]:
    return import_plan.held(session, programme_id=programme_id, keys=[entry.key for entry in entries], lock=True)


def _insert(session: AnySession, table: Table, unique: tuple[str, ...]) -> Any:
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    return dialect.insert(table).on_conflict_do_nothing(index_elements=unique)


def _insert_people(session: AnySession, entries: list[Entry]) -> None:
    moment, blank = now(), dict.fromkeys(PERSON_COLUMNS, "") | {"language": "ja"}
    rows = [
        {
            "email": entry.email,
            "email_key": entry.key,
            "timezone": "Asia/Tokyo",
            "is_system_admin": False,
            "created_at": moment,
            **blank,
            **entry.of(PERSON_COLUMNS),
        }
        for entry in entries
    ]
    session.execute(_insert(session, _PEOPLE, ("email_key",)), rows)


def _insert_enrolments(
    session: AnySession, programme_id: int, outcomes: list[Outcome], found: dict[str, Held]
) -> set[int]:
    """Enrol people; return the ids of those who were not enrolled in that role yet."""
    if not outcomes:
        return set()
    moment = now()
    rows = [
        {
            "programme_id": programme_id,
            "person_id": found[outcome.entry.key].person["id"],
            "role": outcome.entry.role,
            "state": EnrolmentState.ACTIVE,
            "created_at": moment,
            "updated_at": moment,
            **outcome.enrolment,
        }
        for outcome in outcomes
    ]
    new = _insert(session, _ENROLMENTS, ("programme_id", "person_id", "role")).returning(_ENROLMENTS.c.person_id)
    return set(session.execute(new, rows).scalars())


def _update_people(session: AnySession, outcomes: list[Outcome], found: dict[str, Held]) -> None:
    rows = [
        {"row_id": stored["id"], **{name: outcome.person.get(name, stored[name]) for name in PERSON_COLUMNS}}
        for outcome in outcomes
        if outcome.person
        for stored in [found[outcome.entry.key].person]
    ]
    if rows:
        changed: dict[str, Any] = {name: bindparam(name) for name in PERSON_COLUMNS}
        session.connection().execute(update(_PEOPLE).where(_PEOPLE.c.id == bindparam("row_id")).values(changed), rows)


def _update_enrolments(session: AnySession, outcomes: list[Outcome], found: dict[str, Held]) -> None:
    columns = (*ENROLMENT_COLUMNS, "profile")
    rows = [
        {"row_id": stored["id"], **{name: outcome.enrolment.get(name, stored[name]) for name in columns}}
        for outcome in outcomes
        if outcome.effect is Effect.UPDATE and outcome.enrolment
        for stored in [found[outcome.entry.key].enrolments[outcome.entry.role]]
    ]
    if rows:
        changed: dict[str, Any] = {name: bindparam(name) for name in columns} | {"updated_at": now()}
        session.connection().execute(
            update(_ENROLMENTS).where(_ENROLMENTS.c.id == bindparam("row_id")).values(changed), rows
        )
