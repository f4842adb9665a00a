"""Participants as lists and pages show them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import contains_eager

from mentormatch.core.answers import completeness
from mentormatch.core.errors import NotFound
from mentormatch.core.field_kinds import Field
from mentormatch.core.names import Name
from mentormatch.core.roles import PARTICIPANT_ROLES, Role
from mentormatch.models import Enrolment, EnrolmentState, Person
from mentormatch.queries import Store

PAGE = 25


@dataclass(frozen=True, slots=True)
class Participant:
    """One enrolment with its person."""

    id: int
    person_id: int
    role: Role
    name: Name
    email: str
    language: str
    timezone: str
    number: str
    capacity: int
    minimum: int
    state: EnrolmentState
    profile: dict[str, Any]

    @property
    def completeness(self) -> int:
        """Share of the expected answers that are there, in percent."""
        return completeness(self.role, self.profile)[0]

    @property
    def missing(self) -> list[Field]:
        """Expected fields without an answer."""
        return completeness(self.role, self.profile)[1]

    @property
    def work(self) -> str:
        """The line under the name: faculty and year, or organisation and position."""
        keys = ("faculty", "year") if self.role is Role.INTERN else ("organisation", "position")
        return " ".join(str(self.profile[key]) for key in keys if self.profile.get(key))


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list: rows `first` to `last` (from 1) of `total`."""

    rows: list[Participant]
    first: int
    total: int

    @property
    def last(self) -> int:
        """Number of the last row shown."""
        return self.first + len(self.rows) - 1


def listing(store: Store, programme_id: int, *, role: Role | None = None, search: str = "", offset: int = 0) -> Page:
    """Return one page of the programme's participants by reading of the name; two queries."""
    wanted = [Enrolment.programme_id == programme_id, Enrolment.state != EnrolmentState.WITHDRAWN]
    if role is not None:
        wanted.append(Enrolment.role == role)
    if words := search.split():
        wanted.extend(_contains(word) for word in words)
    total = store.scalar(select(func.count()).select_from(Enrolment).join(Enrolment.person).where(*wanted)) or 0
    reading = func.coalesce(func.nullif(Person.family_kana, ""), func.lower(Person.family_name), "")
    rows = store.scalars(
        select(Enrolment)
        .join(Enrolment.person)
        .options(contains_eager(Enrolment.person))
        .where(*wanted)
        .order_by(reading, Person.given_kana, Person.given_name, Enrolment.id)
        .offset(offset)
        .limit(PAGE)
    )
    return Page([view(row) for row in rows], offset + 1, total)


def _contains(word: str) -> ColumnElement[bool]:
    """Match a word in names, address, number or the whole profile; the word's own wildcards are plain characters."""
    columns = (
        Person.family_name + " " + Person.given_name,
        Person.family_kana + " " + Person.given_kana,
        Person.romaji,
        Person.email,
        Enrolment.number,
        Enrolment.profile["faculty"].as_string(),
        Enrolment.profile["organisation"].as_string(),
    )
    return or_(*(column.icontains(word, autoescape=True) for column in columns))


def counts(store: Store, programme_id: int) -> dict[Role, int]:
    """Return the number of participants by role, withdrawn ones left out."""
    grouped = (
        select(Enrolment.role, func.count())
        .where(Enrolment.programme_id == programme_id, Enrolment.state != EnrolmentState.WITHDRAWN)
        .group_by(Enrolment.role)
    )
    found = dict(store.execute(grouped).all())
    return {role: found.get(role, 0) for role in PARTICIPANT_ROLES}


def one(store: Store, programme_id: int, enrolment_id: int) -> Participant:
    """Return one participant of the programme.

    Raises
    ------
    NotFound
        There is none with this id in this programme.
    """
    row = store.scalar(
        select(Enrolment)
        .join(Enrolment.person)
        .options(contains_eager(Enrolment.person))
        .where(Enrolment.id == enrolment_id, Enrolment.programme_id == programme_id)
    )
    if row is None:
        raise NotFound("There is nothing here, or it is not for you to see.")
    return view(row)


def of_person(store: Store, programme_id: int, person_id: int) -> list[Participant]:
    """Return a person's enrolments in the programme, in the order of the roles."""
    rows = store.scalars(
        select(Enrolment)
        .join(Enrolment.person)
        .options(contains_eager(Enrolment.person))
        .where(
            Enrolment.programme_id == programme_id,
            Enrolment.person_id == person_id,
            Enrolment.state != EnrolmentState.WITHDRAWN,
        )
    )
    return sorted((view(row) for row in rows), key=lambda found: PARTICIPANT_ROLES.index(found.role))


def view(row: Enrolment) -> Participant:
    """Return an enrolment, loaded with its person, as a participant."""
    return Participant(
        id=row.id,
        person_id=row.person_id,
        role=row.role,
        name=row.person.name,
        email=row.person.email,
        language=row.person.language,
        timezone=row.person.timezone,
        number=row.number,
        capacity=row.capacity,
        minimum=row.minimum,
        state=row.state,
        profile=dict(row.profile),
    )
