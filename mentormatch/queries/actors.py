"""Who is acting: the actor behind an e-mail address."""

from __future__ import annotations

from collections import defaultdict
from typing import cast

from sqlalchemy import select

from mentormatch.core.names import email_key
from mentormatch.core.policy import Actor
from mentormatch.core.roles import Role
from mentormatch.core.wording import Language
from mentormatch.models import Enrolment, EnrolmentState, Person, Staff
from mentormatch.queries import Store


def by_email(store: Store, email: str) -> Actor | None:
    """Return the actor with this address, or None; three queries whatever the number of programmes."""
    person = store.scalar(select(Person).where(Person.email_key == email_key(email)))
    return None if person is None else of_person(store, person)


def of_person(store: Store, person: Person) -> Actor:
    """Return the actor that `person` is, with all roles held."""
    roles: defaultdict[int, set[Role]] = defaultdict(set)
    staff = select(Staff.programme_id, Staff.role).where(Staff.person_id == person.id)
    enrolled = select(Enrolment.programme_id, Enrolment.role).where(
        Enrolment.person_id == person.id, Enrolment.state != EnrolmentState.WITHDRAWN
    )
    for programme_id, role in [*store.execute(staff), *store.execute(enrolled)]:
        roles[programme_id].add(role)
    return Actor(
        person_id=person.id,
        email=person.email,
        name=person.name,
        language=cast("Language", person.language),
        timezone=person.timezone,
        system_admin=person.is_system_admin,
        roles={programme: frozenset(held) for programme, held in roles.items()},
    )
