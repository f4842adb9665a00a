"""Writing the good rows of a sheet in bulk, inside the transaction of the import."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from sqlalchemy import Table, bindparam, insert, select, text, update
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

    Memory holds one portion of the entries at a time. The unique constraint decides whether a person exists: whoever
    is inserted by somebody else meanwhile is read again and updated. While the rows of people are locked nobody else
    enrols them, because the foreign key needs a share of that lock.
    """
    if session.get_bind().dialect.name == "postgresql":
        # A plan that was made for the first thousand rows of an empty table would read the whole table for the rest.
        session.execute(text("SET LOCAL plan_cache_mode = force_custom_plan"))
    # Imports queue up: two sheets with the same people in different order would wait for each other for ever.
    session.execute(select(Programme.id).order_by(Programme.id).with_for_update(key_share=True)).all()
    counts: Counter[Effect] = Counter()
    for portion in import_plan.layers(entries):
        counts.update(outcome.effect for outcome in _write_portion(session, programme_id, portion))
    return counts


def _write_portion(session: AnySession, programme_id: int, portion: list[Entry]) -> list[Outcome]:
    found = _look(session, programme_id, portion)
    if strangers := [entry for entry in portion if entry.key not in found]:
        _insert_people(session, strangers)
        found |= _look(session, programme_id, strangers)
    outcomes = [import_plan.outcome(entry, found[entry.key]) for entry in portion]
    _insert_enrolments(session, programme_id, outcomes, found)
    _update_people(session, outcomes, found)
    _update_enrolments(session, outcomes, found)
    return outcomes


def _look(session: AnySession, programme_id: int, entries: list[Entry]) -> dict[str, Held]:
    return import_plan.held(session, programme_id=programme_id, keys=[entry.key for entry in entries], lock=True)


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
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    session.connection().execute(dialect.insert(_PEOPLE).on_conflict_do_nothing(index_elements=["email_key"]), rows)


def _insert_enrolments(session: AnySession, programme_id: int, outcomes: list[Outcome], found: dict[str, Held]) -> None:
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
        if outcome.effect is Effect.ADD
    ]
    if rows:
        session.connection().execute(insert(_ENROLMENTS), rows)


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
