"""Programmes as pages see them."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import contains_eager

from mentormatch.core.names import Name
from mentormatch.core.policy import Actor
from mentormatch.core.roles import STAFF_ROLES, Role
from mentormatch.core.wording import Bilingual
from mentormatch.models import Enrolment, EnrolmentState, Programme, Staff
from mentormatch.queries import Store


@dataclass(frozen=True, slots=True)
class ProgrammeView:
    """What every page of a programme knows about it."""

    id: int
    slug: str
    name: Bilingual
    organisation: Bilingual
    timezone: str
    starts_on: date
    ends_on: date
    tracks: tuple[Role, ...]
    choices: dict[str, Any]


def _view(row: Programme) -> ProgrammeView:
    return ProgrammeView(
        id=row.id,
        slug=row.slug,
        name=row.name,
        organisation=row.organisation,
        timezone=row.timezone,
        starts_on=row.starts_on,
        ends_on=row.ends_on,
        tracks=tuple(Role(track) for track in row.tracks),
        choices=dict(row.choices),
    )


def by_slug(store: Store, slug: str) -> ProgrammeView | None:
    """Return the programme with this slug, or None. Whether the actor may know of it is the guard's question."""
    row = store.scalar(select(Programme).where(Programme.slug == slug))
    return None if row is None else _view(row)


def of_actor(store: Store, actor: Actor) -> list[ProgrammeView]:
    """Return the programmes in which the actor holds a role (all of them for a system admin), newest first."""
    found = select(Programme).order_by(Programme.starts_on.desc(), Programme.id.desc())
    if not actor.system_admin:
        found = found.where(Programme.id.in_(actor.roles))
    return [_view(row) for row in store.scalars(found)]


@dataclass(frozen=True, slots=True)
class Supply:
    """People and places of one role: `places` is the sum of capacities."""

    people: int
    places: int


def supply(store: Store, programme_id: int) -> dict[Role, Supply]:
    """Return the number of active people and places by role; roles without people are present with zeros."""
    counted = (
        select(Enrolment.role, func.count(), func.coalesce(func.sum(Enrolment.capacity), 0))
        .where(Enrolment.programme_id == programme_id, Enrolment.state == EnrolmentState.ACTIVE)
        .group_by(Enrolment.role)
    )
    found = {role: Supply(people, places) for role, people, places in store.execute(counted)}
    return {role: found.get(role, Supply(0, 0)) for role in (Role.INTERN, Role.MENTOR, Role.ALUMNUS)}


@dataclass(frozen=True, slots=True)
class StaffMember:
    """Somebody who runs the programme."""

    person_id: int
    name: Name
    email: str
    role: Role


def staff(store: Store, programme_id: int) -> list[StaffMember]:
    """Return who runs the programme, admins first; one query."""
    rows = store.scalars(
        select(Staff).join(Staff.person).options(contains_eager(Staff.person)).where(Staff.programme_id == programme_id)
    )
    found = [StaffMember(row.person_id, row.person.name, row.person.email, row.role) for row in rows]
    return sorted(found, key=lambda one: (STAFF_ROLES.index(one.role), one.name.sort_key, one.person_id))


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishingRules:
    """How rounds of a programme are published, and what happens afterwards; see `models.Programme`."""

    publish_delay: int
    sign_off: bool
    reminder_days: int
    falls_through: bool
    most_falls: int


def publishing_rules(store: Store, programme_id: int) -> PublishingRules:
    """Return how rounds of a programme are published; one query at most."""
    row = store.get_one(Programme, programme_id)
    return PublishingRules(**{field.name: getattr(row, field.name) for field in fields(PublishingRules)})
