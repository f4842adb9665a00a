"""Programmes as pages see them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import func, select

from mentormatch.core.policy import Actor
from mentormatch.core.roles import Role
from mentormatch.core.wording import Bilingual
from mentormatch.models import Enrolment, EnrolmentState, Programme
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
