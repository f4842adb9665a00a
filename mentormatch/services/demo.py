"""The demo: an invented programme with invented people, loaded into an empty database."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from importlib import resources
from typing import Any

from argon2 import PasswordHasher
from sqlalchemy import select

from mentormatch.core.clock import now
from mentormatch.core.names import email_key
from mentormatch.core.roles import Role
from mentormatch.models import Credential, Enrolment, Person, Programme, Staff, Wish, WishKind, WishSheet
from mentormatch.models.base import AnySession, writing
from mentormatch.services import criteria

PASSWORD = "mentormatch-demo"  # noqa: S105 - printed on the demo's own sign-in page
PEOPLE_TO_TRY = (
    (Role.PROGRAMME_ADMIN, "kato.akari@career.example.ac.jp"),
    (Role.INTERN, "aoi.suzuki@student.example.ac.jp"),
    (Role.MENTOR, "morita.ken@minato-data.example"),
)
_SIGN_UP, _STRIDE = 26, 7
"""The invented people have signed up over so many days, a few on each of them."""
_NAMES = ("family_name", "given_name", "family_kana", "given_kana", "romaji", "preferred_name", "language")


def _read(name: str) -> Any:
    return json.loads((resources.files("mentormatch") / "demo" / name).read_text(encoding="utf-8"))


def load(session: AnySession) -> bool:
    """Write the demo programme unless it is there already; return whether it was written."""
    plan = _read("programme.json")
    with writing(session):
        if session.scalar(select(Programme.id).where(Programme.slug == plan["slug"])) is not None:
            return False
        programme = Programme(
            slug=plan["slug"],
            name_en=plan["name"]["en"],
            name_ja=plan["name"]["ja"],
            organisation_en=plan["organisation"]["en"],
            organisation_ja=plan["organisation"]["ja"],
            timezone=plan["timezone"],
            starts_on=date.fromisoformat(plan["starts_on"]),
            ends_on=date.fromisoformat(plan["ends_on"]),
            tracks=[Role.MENTOR.value, Role.ALUMNUS.value],
            choices={"faculty": plan["faculties"]},
        )
        session.add(programme)
        session.flush()
        hashed = PasswordHasher().hash(PASSWORD)
        people: dict[str, Person] = {}
        for role, entry in ((Role.PROGRAMME_ADMIN, plan["admin"]), (Role.COORDINATOR, plan["coordinator"])):
            person = _person(session, people, entry, hashed)
            session.add(Staff(programme_id=programme.id, person_id=person.id, role=role))
        entries = [*({**entry, "role": Role.INTERN} for entry in _read("interns.json")), *_read("hosts.json")]
        for number, entry in enumerate(entries):
            signed_up = now() - timedelta(days=1 + number * _STRIDE % _SIGN_UP)
            _enrol(session, programme, _person(session, people, entry, hashed), entry, signed_up)
        criteria.install_defaults(session, programme_id=programme.id)
        session.flush()
        _wish(session, programme)
    return True


def _wish(session: AnySession, programme: Programme) -> None:
    """Write what some of the invented people ask for."""
    found = select(Person.email, Enrolment.role, Enrolment.id).join(Enrolment, Enrolment.person_id == Person.id)
    ids = {
        (email, role): key for email, role, key in session.execute(found.where(Enrolment.programme_id == programme.id))
    }
    for entry in _read("wishes.json"):
        role = Role(entry["role"])
        author = ids[entry["email"], role]
        plain = Role.MENTOR if role is Role.INTERN else Role.INTERN
        session.add_all(
            Wish(author_id=author, other_id=ids[email, Role(other)], role=other, kind=WishKind.CHOICE, rank=rank)
            for other, emails in entry.get("choices", {}).items()
            for rank, email in enumerate(emails, start=1)
        )
        session.add_all(
            Wish(author_id=author, other_id=ids[email, plain], role=plain, kind=kind)
            for kind in (WishKind.PREFER, WishKind.AVOID)
            for email in entry.get(kind.value, ())
        )
        session.add(
            WishSheet(author_id=author, priority=entry.get("priority", ""), open_to_all=entry.get("open_to_all", False))
        )


def _person(session: AnySession, people: dict[str, Person], entry: dict[str, Any], hashed: str) -> Person:
    key = email_key(entry["email"])
    if key not in people:
        names = {name: entry.get(name) or "" for name in _NAMES}
        people[key] = Person(email=entry["email"], email_key=key, **names)
        session.add(people[key])
        session.flush()
        session.add(Credential(person_id=people[key].id, password_hash=hashed))
    return people[key]


def _enrol(
    session: AnySession, programme: Programme, person: Person, entry: dict[str, Any], signed_up: datetime
) -> None:
    session.add(
        Enrolment(
            programme_id=programme.id,
            person_id=person.id,
            role=Role(entry["role"]),
            number=entry.get("number") or "",
            capacity=entry.get("capacity", 1),
            minimum=entry.get("minimum", 0),
            profile={key: value for key, value in entry["profile"].items() if value not in (None, "", [])},
            created_at=signed_up,
        )
    )
