"""Participants as lists and pages show them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, or_, select
from sqlalchemy.orm import contains_eager

from mentormatch.core.answers import completeness
from mentormatch.core.errors import NotFound
from mentormatch.core.field_kinds import Field, Owner
from mentormatch.core.fields import fields_for
from mentormatch.core.names import Name, half_width
from mentormatch.core.roles import PARTICIPANT_ROLES, Role
from mentormatch.models import Enrolment, EnrolmentState, Message, MessageState, Person
from mentormatch.queries import Store
from mentormatch.sheets.characters import to_katakana

PAGE = 25
_MOST_WORDS = 6


class Shown(StrEnum):
    """Which participants a list shows."""

    ALL = "all"  # everybody who takes part, paused or not
    INCOMPLETE = "incomplete"  # active, and something that is expected is not answered
    PAUSED = "paused"
    WITHDRAWN = "withdrawn"


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
    updated_at: datetime

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

    @property
    def seen(self) -> str:
        """What a form carries, so that nobody overwrites what somebody else has written in between."""
        return self.updated_at.isoformat()


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list: rows `first` to `last` (from 1) of `total`."""

    rows: list[Participant]
    first: int
    total: int
    size: int = PAGE

    @property
    def last(self) -> int:
        """Number of the last row shown."""
        return self.first + len(self.rows) - 1


def listing(
    store: Store,
    programme_id: int,
    *,
    role: Role | None = None,
    shown: Shown = Shown.ALL,
    search: str = "",
    page: int = 1,
) -> Page:
    """Return one page of the programme's participants by reading of the name; two queries."""
    wanted = [Enrolment.programme_id == programme_id, _shown(shown)]
    if role is not None:
        wanted.append(Enrolment.role == role)
    wanted.extend(containing(word) for word in search.replace("\0", " ").split()[:_MOST_WORDS])
    total = store.scalar(select(func.count()).select_from(Enrolment).join(Enrolment.person).where(*wanted)) or 0
    first = min(max(page - 1, 0), max(total - 1, 0) // PAGE) * PAGE  # beyond the end is the last page
    rows = store.scalars(
        select(Enrolment)
        .join(Enrolment.person)
        .options(contains_eager(Enrolment.person))
        .where(*wanted)
        .order_by(*BY_READING, Enrolment.id)
        .offset(first)
        .limit(PAGE)
    )
    return Page([view(row) for row in rows], first + 1, total)


BY_READING = (
    case((Person.family_kana != "", 0), else_=1),
    Person.family_kana,
    Person.given_kana,
    func.lower(Person.family_name),
    func.lower(Person.given_name),
)
"""The order of lists of people: by kana, then those without it."""


def _shown(shown: Shown) -> ColumnElement[bool]:
    if shown is Shown.INCOMPLETE:
        return and_(Enrolment.state == EnrolmentState.ACTIVE, _INCOMPLETE)
    if shown is Shown.PAUSED:
        return Enrolment.state == EnrolmentState.PAUSED
    if shown is Shown.WITHDRAWN:
        return Enrolment.state == EnrolmentState.WITHDRAWN
    return Enrolment.state != EnrolmentState.WITHDRAWN


def _unanswered(role: Role) -> ColumnElement[bool]:
    expected = (field.key for field in fields_for(role, Owner.PROFILE) if field.expected)
    # Answers are stored without empty ones, so a key that is absent is an answer that is missing.
    return and_(Enrolment.role == role, or_(*(Enrolment.profile[key].as_string().is_(None) for key in expected)))


_INCOMPLETE = or_(*(_unanswered(role) for role in PARTICIPANT_ROLES))


def containing(word: str) -> ColumnElement[bool]:
    """Match a word in names, readings, address, number, faculty or organisation; its wildcards are plain characters."""
    plain = half_width(word)
    written = (
        Person.family_name + Person.given_name,
        Person.given_name + Person.family_name,
        Person.romaji,
        Person.preferred_name,
        Person.email,
        Enrolment.number,
        Enrolment.profile["faculty"].as_string(),
        Enrolment.profile["organisation"].as_string(),
    )
    reading = (Person.family_kana + Person.given_kana).contains(to_katakana(word), autoescape=True)
    return or_(reading, *(column.icontains(plain, autoescape=True) for column in written))


@dataclass(frozen=True, slots=True)
class Tally:
    """How many take part by role, withdrawn ones left out, and how many of all need a look."""

    roles: Mapping[Role, int]
    incomplete: int
    paused: int
    withdrawn: int

    @property
    def total(self) -> int:
        """All who take part."""
        return sum(self.roles.values())


def tally(store: Store, programme_id: int) -> Tally:
    """Return the numbers over a programme's list of participants; one query."""
    grouped = (
        select(
            Enrolment.role, Enrolment.state, func.count(), func.coalesce(func.sum(case((_INCOMPLETE, 1), else_=0)), 0)
        )
        .where(Enrolment.programme_id == programme_id)
        .group_by(Enrolment.role, Enrolment.state)
    )
    roles = dict.fromkeys(PARTICIPANT_ROLES, 0)
    states = dict.fromkeys(EnrolmentState, 0)
    incomplete = 0
    for role, state, number, unanswered in store.execute(grouped):
        states[state] += number
        roles[role] += number if state is not EnrolmentState.WITHDRAWN else 0
        incomplete += int(unanswered) if state is EnrolmentState.ACTIVE else 0
    return Tally(roles, incomplete, states[EnrolmentState.PAUSED], states[EnrolmentState.WITHDRAWN])


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


@dataclass(frozen=True, slots=True)
class Invitation:
    """The last invitation of a participant; `sent_at` is None while it waits, or when it could not be sent."""

    asked_at: datetime
    sent_at: datetime | None
    failed: bool


def invitation(store: Store, programme_id: int, participant: Participant) -> Invitation | None:
    """Return the participant's last invitation, or None if there was none."""
    row = store.execute(
        select(Message.created_at, Message.sent_at, Message.state)
        .where(
            Message.kind == "invitation",
            Message.programme_id == programme_id,
            Message.person_id == participant.person_id,
            Message.reason.startswith(f"invitation:{participant.id}:", autoescape=True),
        )
        .order_by(Message.id.desc())
        .limit(1)
    ).first()
    return None if row is None else Invitation(row.created_at, row.sent_at, row.state is MessageState.FAILED)


def view(row: Enrolment) -> Participant:
    """Return what pages see of an enrolment whose person is loaded."""
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
        updated_at=row.updated_at,
    )
