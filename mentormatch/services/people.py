"""People and their part in programmes: enrol, invite, change a profile, pause, withdraw."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from mentormatch.core.answers import clean
from mentormatch.core.clock import now
from mentormatch.core.errors import Conflict, InvalidInput, NotFound, NotPermitted
from mentormatch.core.fields import BY_KEY, Owner, fields_for
from mentormatch.core.names import email_key
from mentormatch.core.policy import Actor, Permission, authorise
from mentormatch.core.roles import HOST_ROLES, PARTICIPANT_ROLES, Role
from mentormatch.core.wording import LANGUAGES
from mentormatch.core.zones import zone_names
from mentormatch.models import Enrolment, EnrolmentState, Person, Programme
from mentormatch.models.base import AnySession, writing
from mentormatch.services import audit, endings, outbox
from mentormatch.sheets import names

NAME_FIELDS = ("family_name", "given_name", "family_kana", "given_kana", "romaji", "preferred_name")
MOST_PLACES = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileInput:
    """A profile as its form sends it.

    Attributes
    ----------
    person:
        Name fields, ``language`` and ``timezone``; what is absent stays.
    answers:
        Answers by field key; an empty answer removes it, what is absent stays.
    capacity, minimum:
        How many interns a host takes at most and at least; None stays. The minimum is the office's to set.
    seen:
        `Participant.seen` of the page that was filled in; None overwrites whatever is there.
    """

    person: Mapping[str, str]
    answers: Mapping[str, Any]
    capacity: int | None = None
    minimum: int | None = None
    seen: str | None = None


def save_profile(
    session: AnySession, *, actor: Actor, programme_id: int, enrolment_id: int, given: ProfileInput
) -> None:
    """Write names, language, answers and places of one's own enrolment, or as an admin of anybody's in the programme.

    Raises
    ------
    InvalidInput
        An answer cannot be stored; its `field` says which.
    Conflict
        Somebody else has changed the enrolment since `given.seen`.
    """
    with writing(session):
        enrolment = _enrolment(session, actor, programme_id, enrolment_id)
        if given.seen not in {None, enrolment.updated_at.isoformat()}:
            raise Conflict(
                "Somebody else has changed this profile since you opened the page. "
                "What you entered is still here: save again to put it in place of theirs."
            )
        changed = [
            *apply_person(enrolment.person, given.person),
            *_apply_answers(enrolment, given.answers),
            *_apply_places(enrolment, given, office=actor.may(Permission.EDIT_PARTICIPANTS, programme_id)),
        ]
        enrolment.updated_at = now()
        _record(session, actor, enrolment, "profile.saved", fields=changed)


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

    The name of somebody known stays as it is. Somebody who was withdrawn takes part again.

    Raises
    ------
    Conflict
        The person holds this role in the programme already.
    """
    authorise(actor, Permission.EDIT_PARTICIPANTS, programme_id)
    if role not in PARTICIPANT_ROLES:
        raise InvalidInput("Choose intern, mentor or alumnus.", field="role")
    places = _places(role, capacity)
    with writing(session):
        found = register(session, programme_id=programme_id, email=email, person=person)
        row = {"programme_id": programme_id, "person_id": found.id, "role": role, "capacity": places, "profile": {}}
        enrolment = _enrol(session, row)
        _record(session, actor, enrolment, "person.enrolled", role=role.value)
        if invite:
            _invite(session, enrolment)
        return enrolment.id


def register(session: AnySession, *, programme_id: int, email: str, person: Mapping[str, str]) -> Person:
    """Return the person with this address inside the caller's transaction, written now if there was none.

    Raises
    ------
    InvalidInput
        The address or, for somebody new, the name cannot be used.
    """
    address = clean(BY_KEY["email"], email)
    if address is None:
        raise InvalidInput("Enter an email address like name@example.ac.jp", field="email")
    wanted = select(Person).where(Person.email_key == email_key(address))
    if (found := session.scalar(wanted)) is not None:
        return found
    zone = session.scalar(select(Programme.timezone).where(Programme.id == programme_id))
    draft = Person(language="ja")
    apply_person(draft, {"timezone": zone or "", **person})
    values = {key: getattr(draft, key) or "" for key in NAME_FIELDS}
    values |= {
        "language": draft.language,
        "timezone": draft.timezone,
        "email": address,
        "email_key": email_key(address),
    }
    # The unique address decides who was first; whoever comes second finds the other's row.
    session.execute(_insert(session, Person).values(values).on_conflict_do_nothing())
    return session.scalars(wanted).one()


def invite_again(session: AnySession, *, actor: Actor, programme_id: int, enrolment_id: int) -> None:
    """Send the invitation once more."""
    authorise(actor, Permission.EDIT_PARTICIPANTS, programme_id)
    with writing(session):
        enrolment = _enrolment(session, actor, programme_id, enrolment_id)
        if enrolment.state is EnrolmentState.WITHDRAWN:
            raise Conflict("This person no longer takes part. Take them in again first.")
        _invite(session, enrolment)
        _record(session, actor, enrolment, "person.invited")


def pause(session: AnySession, *, actor: Actor, programme_id: int, enrolment_id: int) -> None:
    """Leave a person out of matching until they resume; people pause themselves, or the office does."""
    _set_state(session, actor, programme_id, enrolment_id, EnrolmentState.PAUSED)


def resume(session: AnySession, *, actor: Actor, programme_id: int, enrolment_id: int) -> None:
    """Let a person take part again. After a withdrawal this is the office's decision."""
    _set_state(session, actor, programme_id, enrolment_id, EnrolmentState.ACTIVE)


def withdraw(session: AnySession, *, actor: Actor, programme_id: int, enrolment_id: int) -> None:
    """Take a person out of the programme and end their matches with thanks; the office alone does it or undoes it."""
    authorise(actor, Permission.EDIT_PARTICIPANTS, programme_id)
    _set_state(session, actor, programme_id, enrolment_id, EnrolmentState.WITHDRAWN)


def _set_state(session: AnySession, actor: Actor, programme_id: int, enrolment_id: int, state: EnrolmentState) -> None:
    with writing(session):
        enrolment = _enrolment(session, actor, programme_id, enrolment_id)
        before = enrolment.state
        office = actor.may(Permission.EDIT_PARTICIPANTS, programme_id)
        if before is EnrolmentState.WITHDRAWN and not office:
            raise NotPermitted("Please ask your career centre.")
        if before is not state:
            enrolment.state = state
            if state is EnrolmentState.WITHDRAWN:
                endings.leave(session, actor=actor, enrolment=enrolment)
            _record(session, actor, enrolment, "enrolment.state_set", before=before.value, after=state.value)


def _enrolment(session: AnySession, actor: Actor, programme_id: int, enrolment_id: int) -> Enrolment:
    """Return the enrolment, locked until the transaction ends, if it is the actor's own or theirs to edit."""
    found = session.scalar(
        select(Enrolment).where(Enrolment.id == enrolment_id, Enrolment.programme_id == programme_id).with_for_update()
    )
    own = found is not None and found.person_id == actor.person_id
    if not (own and actor.may(Permission.EDIT_OWN_PROFILE, programme_id)):
        authorise(actor, Permission.EDIT_PARTICIPANTS, programme_id)
    if found is None:
        raise NotFound("There is nothing here, or it is not for you to see.")
    return found


def apply_person(person: Person, given: Mapping[str, str]) -> list[str]:
    """Write names, language and time zone to a person; return what changed.

    Raises
    ------
    InvalidInput
        A value cannot be used, or no name is left.
    """
    before = {key: getattr(person, key) for key in (*NAME_FIELDS, "language", "timezone")}
    for key in NAME_FIELDS:
        if key in given:
            setattr(person, key, _reading(key, given[key]) if key.endswith("_kana") else _name(key, given[key]))
    if not (person.family_name or person.given_name):
        raise InvalidInput("Enter a name", field="family_name")
    if language := given.get("language"):
        if language not in LANGUAGES:
            raise InvalidInput("Choose Japanese or English.", field="language")
        person.language = language
    if timezone := given.get("timezone"):
        if timezone not in zone_names():
            raise InvalidInput("Choose a time zone from the list.", field="timezone")
        person.timezone = timezone
    return [key for key, value in before.items() if (getattr(person, key) or "") != (value or "")]


def _name(key: str, text: str) -> str:
    return clean(BY_KEY[key], text) or ""


def _reading(key: str, text: str) -> str:
    """Return a reading in katakana, whichever kana it was typed in."""
    reading = names.kana(text).value
    if text.strip() and reading is None:
        raise InvalidInput("Enter the reading in katakana or hiragana", field=key)
    return _name(key, reading or "")


def _apply_answers(enrolment: Enrolment, given: Mapping[str, Any]) -> list[str]:
    answers = dict(enrolment.profile)
    changed = []
    for field in fields_for(enrolment.role, Owner.PROFILE):
        if field.key not in given:
            continue
        value = clean(field, given[field.key])
        if value != answers.get(field.key):
            changed.append(field.key)
        answers[field.key] = value
    enrolment.profile = {key: value for key, value in answers.items() if value is not None}
    return changed


def _apply_places(enrolment: Enrolment, given: ProfileInput, *, office: bool) -> list[str]:
    before = enrolment.capacity, enrolment.minimum
    if given.capacity is not None:
        enrolment.capacity = _places(enrolment.role, given.capacity)
    if given.minimum is not None and office and enrolment.role in HOST_ROLES:
        if not 0 <= given.minimum <= enrolment.capacity:
            raise InvalidInput(
                "The minimum must lie between 0 and the places (%(places)s).",
                field="minimum",
                places=enrolment.capacity,
            )
        enrolment.minimum = given.minimum
    # A host who has less time now is not held to what was agreed for more.
    enrolment.minimum = min(enrolment.minimum, enrolment.capacity)
    after = enrolment.capacity, enrolment.minimum
    return [key for key, old, new in zip(("capacity", "minimum"), before, after, strict=True) if old != new]


def _places(role: Role, capacity: int) -> int:
    if role not in HOST_ROLES:
        return 1
    if not 0 <= capacity <= MOST_PLACES:
        raise InvalidInput(
            "Places: expected 0 to %(most)s, found %(found)s.", field="capacity", most=MOST_PLACES, found=capacity
        )
    return capacity


def _insert(session: AnySession, table: type[Person | Enrolment]) -> Any:
    return (postgresql if session.get_bind().dialect.name == "postgresql" else sqlite).insert(table)


def _enrol(session: AnySession, row: Mapping[str, Any]) -> Enrolment:
    """Write an enrolment, or wake up a withdrawn one; the unique constraint decides who was first."""
    insert = _insert(session, Enrolment).values(row).on_conflict_do_nothing().returning(Enrolment.id)
    is_new = session.scalar(insert) is not None
    found = session.scalars(
        select(Enrolment).where(*(getattr(Enrolment, key) == row[key] for key in ("programme_id", "person_id", "role")))
    ).one()
    if not is_new and found.state is not EnrolmentState.WITHDRAWN:
        raise Conflict("%(email)s takes part in this role already.", email=found.person.email)
    found.state, found.capacity = EnrolmentState.ACTIVE, row["capacity"]
    found.minimum = min(found.minimum, found.capacity)
    return found


def _invite(session: AnySession, enrolment: Enrolment) -> None:
    """Write the invitation; a second press within the same minute is the same invitation."""
    outbox.post(
        session,
        kind="invitation",
        reason=f"invitation:{enrolment.id}:{now().isoformat(timespec='minutes')}",
        person_id=enrolment.person_id,
        programme_id=enrolment.programme_id,
        facts={"enrolment_id": enrolment.id},
    )


def _record(session: AnySession, actor: Actor, enrolment: Enrolment, action: str, **detail: object) -> None:
    subject = f"enrolment:{enrolment.id}"
    audit.record(session, actor=actor, action=action, subject=subject, programme_id=enrolment.programme_id, **detail)
