"""Rows for tests: each function writes one thing and returns it, with sensible values for what a test leaves out."""

from __future__ import annotations

from datetime import date
from itertools import count

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from mentormatch.core.names import email_key
from mentormatch.core.roles import Role
from mentormatch.models import Enrolment, Person, Programme, Staff
from mentormatch.services import accounts

_numbers = count(1)


def a_person(session: Session, **values: object) -> Person:
    number = next(_numbers)
    given = {"email": f"person{number}@example.ac.jp", "family_name": f"姓{number}", "given_name": "名", **values}
    row = Person(email_key=email_key(str(given["email"])), **given)
    session.add(row)
    session.commit()
    return row


def a_programme(session: Session, **values: object) -> Programme:
    number = next(_numbers)
    given = {
        "slug": f"programme-{number}",
        "name_en": f"Programme {number}",
        "name_ja": f"プログラム{number}",
        "starts_on": date(2027, 2, 1),
        "ends_on": date(2027, 3, 31),
        "tracks": ["mentor", "alumnus"],
        **values,
    }
    row = Programme(**given)
    session.add(row)
    session.commit()
    return row


def an_enrolment(session: Session, programme: Programme, role: Role = Role.INTERN, **values: object) -> Enrolment:
    person = values.pop("person", None) or a_person(session)
    row = Enrolment(programme_id=programme.id, person_id=person.id, role=role, **values)
    session.add(row)
    session.commit()
    return row


def a_staff_member(
    session: Session, programme: Programme, role: Role = Role.PROGRAMME_ADMIN, **values: object
) -> Person:
    person = a_person(session, **values)
    session.add(Staff(programme_id=programme.id, person_id=person.id, role=role))
    session.commit()
    return person


def a_client(app: Flask, session: Session, person: Person | None = None) -> FlaskClient:
    """Return a browser in which `person` is signed in (nobody for None)."""
    client = app.test_client()
    if person is not None:
        client.set_cookie("mm_session", accounts.open_session(session, person_id=person.id))
    return client


def post(client: FlaskClient, url: str, data: dict | None = None, **options: object):
    """Post a form as the page would: with the CSRF token of the browser's session."""
    from flask_wtf.csrf import generate_csrf

    with client.application.test_request_context():
        from flask import session as flask_session

        token = generate_csrf()
        raw = flask_session["csrf_token"]
    with client.session_transaction() as stored:
        stored["csrf_token"] = raw
    return client.post(url, data={**(data or {}), "csrf_token": token}, **options)
