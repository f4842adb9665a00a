"""People and their part in programmes: enrol, invite, change a profile, pause, withdraw."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import Any
from zoneinfo import available_timezones

from sqlalchemy import select

from mentormatch.core.answers import clean
from mentormatch.core.clock import now
from mentormatch.core.errors import Conflict, InvalidInput, NotFound, NotPermitted
from mentormatch.core.fields import BY_KEY, Owner, fields_for
from mentormatch.core.names import email_key
from mentormatch.core.policy import Actor, Permission, authorise
from mentormatch.core.roles import HOST_ROLES, PARTICIPANT_ROLES, Role
from mentormatch.core.wording import LANGUAGES
from mentormatch.models import Enrolment, EnrolmentState, Person
from mentormatch.models.base import AnySession, writing
from mentormatch.services import audit, outbox

NAME_FIELDS = ("family_name", "given_name", "family_kana", "given_kana", "romaji", "preferred_name")
_MOST_PLACES = 200
_HIRAGANA = {code: code + 0x60 for code in range(0x3041, 0x3097)}


def katakana(reading: str) -> str:
    """Return a reading in full-width katakana, whichever kana it was typed in."""
    return unicodedata.normalize("NFKC", reading).translate(_HIRAGANA)


def save_profile(
    session: AnySession,
    *,
    actor: Actor,
    programme_id: int,
    enrolment_id: int,
    person: Mapping[str, str],
    profile: Mapping[str, Any],
) -> None:
    """Write names, language and answers of one's own enrolment, or as an admin of anybody's in the programme.

    Parameters
    ----------
    person:
        Name fields, ``language`` and ``timezone``; what is absent stays.
    profile:
        Answers by field key; an empty answer removes it, what is absent stays.

    Raises
    ------
    InvalidInput
        An answer cannot be stored; its `field` says which.
    """
    with writing(session):
        enrolment = _enrolment(session, programme_id, enrolment_id)
        own = enrolment.person_id == actor.person_id
        authorise(actor, Permission.EDIT_OWN_PROFILE if own else Permission.EDIT_PARTICIPANTS, programme_id)
        _apply_person(enrolment.person, person)
        answers = dict(enrolment.profile)
        changed = []
        for field in fields_for(enrolment.role, Owner.PROFILE):
            if field.key not in profile:
                continue
            value = clean(field, profile[field.key])
            if value != answers.get(field.key):
                changed.append(field.key)
            answers[field.key] = value
        enrolment.profile = {key: value for key, value in answers.items() if value is not None}
        enrolment.updated_at = now()
        audit.record(
            session,
            actor=actor,
            action="profile.saved",
            subject=f"enrolment:{enrolment_id}",
            programme_id=programme_id,
            fields=changed,
        )


def enrol(
    session: AnySession,
    *,
    actor: Actor,
    programme_id: int,
    role: Role,
    email: str,
    person: Mapping[str, str],
    capacity: int = 1,
    invite: bool = True,
) -> int:
    """Take a person into a programme and return the enrolment's id; the address decides whether the person is known.

    Raises
    ------
    Conflict
        The person holds this role in the programme already.
    """
    authorise(actor, Permission.EDIT_PARTICIPANTS, programme_id)
    if role not in PARTICIPANT_ROLES:
        raise InvalidInput("Choose intern, mentor or alumnus.", field="role")
    address = clean(BY_KEY["email"], email)
    if address is None:
        raise InvalidInput("Enter an email address like name@example.ac.jp", field="email")
    with writing(session):
        found = session.scalar(select(Person).where(Person.email_key == email_key(address)))
        if found is None:
            found = Person(email=address, email_key=email_key(address))
            _apply_person(found, person)
            session.add(found)
            session.flush()
        taken = select(Enrolment.id).where(
            Enrolment.programme_id == programme_id, Enrolment.person_id == found.id, Enrolment.role == role
        )
        if session.scalar(taken) is not None:
            raise Conflict("%(email)s takes part in this role already.", email=address)
        enrolment = Enrolment(
            programme_id=programme_id, person_id=found.id, role=role, capacity=_places(role, capacity), profile={}
        )
        session.add(enrolment)
        session.flush()
        subject = f"enrolment:{enrolment.id}"
        audit.record(
            session, actor=actor, action="person.enrolled", subject=subject, programme_id=programme_id, role=role.value
        )
        if invite:
            _invite(session, enrolment)
        return enrolment.id


def invite_again(session: AnySession, *, actor: Actor, programme_id: int, enrolment_id: int) -> None:
    """Send the invitation once more."""
    authorise(actor, Permission.EDIT_PARTICIPANTS, programme_id)
    with writing(session):
        enrolment = _enrolment(session, programme_id, enrolment_id)
        _invite(session, enrolment)
        audit.record(
            session,
            actor=actor,
            action="person.invited",
            subject=f"enrolment:{enrolment_id}",
            programme_id=programme_id,
        )


def set_places(
    session: AnySession, *, actor: Actor, programme_id: int, enrolment_id: int, capacity: int, minimum: int
) -> None:
    """Say how many interns a host takes, at most and at least. Hosts may do so for themselves."""
    with writing(session):
        enrolment = _enrolment(session, programme_id, enrolment_id)
        own = enrolment.person_id == actor.person_id
        authorise(actor, Permission.EDIT_OWN_PROFILE if own else Permission.EDIT_PARTICIPANTS, programme_id)
        if own and not actor.may(Permission.EDIT_PARTICIPANTS, programme_id):
            minimum = min(enrolment.minimum, capacity)  # a minimum is the office's to set
        enrolment.capacity = _places(enrolment.role, capacity)
        if not 0 <= minimum <= capacity:
            raise InvalidInput("The minimum must lie between 0 and the places.", field="minimum")
        enrolment.minimum = minimum
        audit.record(
            session,
            actor=actor,
            action="places.set",
            subject=f"enrolment:{enrolment_id}",
            programme_id=programme_id,
            capacity=capacity,
            minimum=minimum,
        )


def set_state(
    session: AnySession, *, actor: Actor, programme_id: int, enrolment_id: int, state: EnrolmentState
) -> None:
    """Pause, resume or withdraw an enrolment. People pause and resume themselves; withdrawing is the office's."""
    with writing(session):
        enrolment = _enrolment(session, programme_id, enrolment_id)
        own = enrolment.person_id == actor.person_id
        authorise(actor, Permission.EDIT_OWN_PROFILE if own else Permission.EDIT_PARTICIPANTS, programme_id)
        office = actor.may(Permission.EDIT_PARTICIPANTS, programme_id)
        if not office and EnrolmentState.WITHDRAWN in {state, enrolment.state}:
            raise NotPermitted("Please ask your career centre.")
        before, enrolment.state = enrolment.state, state
        audit.record(
            session,
            actor=actor,
            action="enrolment.state_set",
            subject=f"enrolment:{enrolment_id}",
            programme_id=programme_id,
            before=before.value,
            after=state.value,
        )


def _enrolment(session: AnySession, programme_id: int, enrolment_id: int) -> Enrolment:
    found = session.scalar(
        select(Enrolment).where(Enrolment.id == enrolment_id, Enrolment.programme_id == programme_id)
    )
    if found is None:
        raise NotFound("There is nothing here, or it is not for you to see.")
    return found


def _apply_person(person: Person, given: Mapping[str, str]) -> None:
    for key in NAME_FIELDS:
        if key in given:
            text = clean(BY_KEY[key], given[key]) or ""
            setattr(person, key, katakana(text) if key.endswith("_kana") else text)
    if not (person.family_name or person.given_name):
        raise InvalidInput("Enter a name", field="family_name")
    if language := given.get("language"):
        if language not in LANGUAGES:
            raise InvalidInput("Choose Japanese or English.", field="language")
        person.language = language
    if timezone := given.get("timezone"):
        if timezone not in available_timezones():
            raise InvalidInput("Choose a time zone from the list.", field="timezone")
        person.timezone = timezone


def _places(role: Role, capacity: int) -> int:
    if role not in HOST_ROLES:
        return 1
    if not 0 <= capacity <= _MOST_PLACES:
        raise InvalidInput(
            "Places: expected 0 to %(most)s, found %(found)s.", field="capacity", most=_MOST_PLACES, found=capacity
        )
    return capacity


def _invite(session: AnySession, enrolment: Enrolment) -> None:
    outbox.post(
        session,
        kind="invitation",
        reason=f"invitation:{enrolment.id}:{now().date().isoformat()}",
        person_id=enrolment.person_id,
        programme_id=enrolment.programme_id,
        facts={"enrolment_id": enrolment.id},
    )
