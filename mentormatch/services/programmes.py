"""Programmes: create one (from another, if wished), change its settings, say who runs it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date

from sqlalchemy import delete, func, select
from sqlalchemy.dialects import postgresql, sqlite

from mentormatch.core.clock import now
from mentormatch.core.errors import Conflict, InvalidInput, NotFound
from mentormatch.core.i18n import N_
from mentormatch.core.policy import Actor, Permission, authorise
from mentormatch.core.roles import HOST_ROLES, STAFF_ROLES, Role
from mentormatch.core.wording import Bilingual
from mentormatch.core.zones import zone_names
from mentormatch.models import Criterion, Programme, Rule, Staff
from mentormatch.models.base import AnySession, writing
from mentormatch.queries.programmes import PublishingRules
from mentormatch.services import audit, criteria, people

LONGEST_NAME = 120
LONGEST_FACULTY = 80
MOST_FACULTIES = 200
LONGEST_DELAY = 60
"""Minutes that a publication may wait."""
LONGEST_NOTICE = 14
"""Days before an answer is due on which hosts may be reminded."""
MOST_FALLS = 20
_LONGEST_SLUG = 50
_TAKEN_WORDS = frozenset({"new"})  # /programmes/new is the form


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgrammeInput:
    """A programme's settings as the form sends them; a name in one language serves for both."""

    name: Bilingual
    organisation: Bilingual
    starts_on: date
    ends_on: date
    timezone: str
    tracks: tuple[Role, ...]
    faculties: tuple[str, ...]


def create(session: AnySession, *, actor: Actor, given: ProgrammeInput, copy_of: int | None = None) -> str:
    """Make a programme and return its slug.

    Parameters
    ----------
    copy_of:
        Id of the programme whose criteria and rules the new one starts with; None starts with the defaults. Pairs of
        people who must never meet are not copied: they name people of the other programme.

    Raises
    ------
    InvalidInput
        A setting cannot be used.
    NotFound
        There is no programme to copy from.
    """
    authorise(actor, Permission.CREATE_PROGRAMMES)
    checked = _checked(given)
    with writing(session):
        row = {**_columns(checked), "choices": {"faculty": list(checked.faculties)}, "created_at": now()}
        slug, programme_id = _insert(session, _slug(checked), row)
        if copy_of is not None:
            _copy_criteria(session, copy_of, programme_id)
        criteria.install_defaults(session, programme_id=programme_id)
        subject = f"programme:{programme_id}"
        audit.record(
            session,
            actor=actor,
            action="programme.created",
            subject=subject,
            programme_id=programme_id,
            copy_of=copy_of,
        )
    return slug


def change(session: AnySession, *, actor: Actor, programme_id: int, given: ProgrammeInput) -> None:
    """Change the settings of a programme.

    Raises
    ------
    InvalidInput
        A setting cannot be used; its `field` says which.
    """
    authorise(actor, Permission.EDIT_PROGRAMME, programme_id)
    checked = _checked(given)
    with writing(session):
        row = _locked(session, programme_id)
        values = {**_columns(checked), "choices": {**row.choices, "faculty": list(checked.faculties)}}
        changed = [key for key, value in values.items() if getattr(row, key) != value]
        for key in changed:
            setattr(row, key, values[key])
        if changed:
            subject = f"programme:{programme_id}"
            audit.record(
                session,
                actor=actor,
                action="programme.changed",
                subject=subject,
                programme_id=programme_id,
                fields=changed,
            )


def set_publishing(session: AnySession, *, actor: Actor, programme_id: int, rules: PublishingRules) -> None:
    """Set how rounds are published, and what happens to declined places. What is under way keeps its moment.

    Raises
    ------
    InvalidInput
        A number is out of range; its `field` says which.
    """
    authorise(actor, Permission.EDIT_PROGRAMME, programme_id)
    limits = {"publish_delay": (0, LONGEST_DELAY), "reminder_days": (0, LONGEST_NOTICE), "most_falls": (1, MOST_FALLS)}
    for field, (low, high) in limits.items():
        if not low <= (found := getattr(rules, field)) <= high:
            message = N_("Enter a number from %(low)s to %(high)s; found %(found)s.")
            raise InvalidInput(message, field=field, low=low, high=high, found=found)
    with writing(session):
        row = _locked(session, programme_id)
        values = asdict(rules)
        changed = [key for key, value in values.items() if getattr(row, key) != value]
        for key in changed:
            setattr(row, key, values[key])
        if changed:
            subject, detail = f"programme:{programme_id}", {key: values[key] for key in changed}
            audit.record(
                session,
                actor=actor,
                action="programme.changed",
                subject=subject,
                programme_id=programme_id,
                fields=changed,
                publishing=detail,
            )


def appoint(
    session: AnySession, *, actor: Actor, programme_id: int, role: Role, email: str, person: Mapping[str, str]
) -> str:
    """Let somebody help to run the programme and return the address under which they sign in.

    Raises
    ------
    Conflict
        The person holds this role already.
    """
    authorise(actor, Permission.EDIT_PROGRAMME, programme_id)
    if role not in STAFF_ROLES:
        raise InvalidInput("Choose programme admin or coordinator.", field="role")
    with writing(session):
        found = people.register(session, programme_id=programme_id, email=email, person=person)
        row = {"programme_id": programme_id, "person_id": found.id, "role": role}
        insert = (postgresql if session.get_bind().dialect.name == "postgresql" else sqlite).insert(Staff)
        if session.scalar(insert.values(row).on_conflict_do_nothing().returning(Staff.id)) is None:
            raise Conflict("%(email)s has this role already.", email=found.email)
        _record_staff(session, actor, "staff.appointed", (programme_id, found.id, role))
        return found.email


def dismiss(session: AnySession, *, actor: Actor, programme_id: int, person_id: int, role: Role) -> None:
    """Take a staff role from somebody; the last admin of a programme stays.

    Raises
    ------
    NotFound
        The person does not hold the role.
    Conflict
        Nobody would be left who can run the programme.
    """
    authorise(actor, Permission.EDIT_PROGRAMME, programme_id)
    with writing(session):
        _locked(session, programme_id)  # two admins who dismiss each other queue up here
        gone = delete(Staff).where(Staff.programme_id == programme_id, Staff.person_id == person_id, Staff.role == role)
        if session.scalar(gone.returning(Staff.id)) is None:
            raise NotFound("There is nothing here, or it is not for you to see.")
        admins = select(func.count()).where(Staff.programme_id == programme_id, Staff.role == Role.PROGRAMME_ADMIN)
        if role is Role.PROGRAMME_ADMIN and not session.scalar(admins):
            raise Conflict("A programme needs an admin. Appoint another one first.")
        _record_staff(session, actor, "staff.dismissed", (programme_id, person_id, role))


def _record_staff(session: AnySession, actor: Actor, action: str, given: tuple[int, int, Role]) -> None:
    programme_id, person_id, role = given
    subject = f"person:{person_id}"
    audit.record(session, actor=actor, action=action, subject=subject, programme_id=programme_id, role=role.value)


def _locked(session: AnySession, programme_id: int) -> Programme:
    return session.scalars(select(Programme).where(Programme.id == programme_id).with_for_update()).one()


def _columns(given: ProgrammeInput) -> dict[str, object]:
    return {
        "name_en": given.name.en,
        "name_ja": given.name.ja,
        "organisation_en": given.organisation.en,
        "organisation_ja": given.organisation.ja,
        "starts_on": given.starts_on,
        "ends_on": given.ends_on,
        "timezone": given.timezone,
        "tracks": [track.value for track in given.tracks],
    }


def _checked(given: ProgrammeInput) -> ProgrammeInput:
    name, organisation = _both(given.name, "name"), _both(given.organisation, "organisation")
    if not name.ja:
        raise InvalidInput("Enter a name in one language at least", field="name_ja")
    if given.ends_on <= given.starts_on:
        raise InvalidInput("The last day must come after the first", field="ends_on")
    if given.timezone not in zone_names():
        raise InvalidInput("Choose a time zone from the list.", field="timezone")
    tracks = tuple(role for role in HOST_ROLES if role in given.tracks)
    if not tracks:
        raise InvalidInput("Choose at least one kind of host", field="tracks")
    faculties = tuple(dict.fromkeys(" ".join(line.split()) for line in given.faculties if line.strip()))
    if len(faculties) > MOST_FACULTIES:
        raise InvalidInput(
            "%(limit)s entries at most; there are %(found)s.",
            field="faculties",
            limit=MOST_FACULTIES,
            found=len(faculties),
        )
    if (longest := max((len(line) for line in faculties), default=0)) > LONGEST_FACULTY:
        raise InvalidInput(
            "%(limit)s characters at most; this has %(found)s.", field="faculties", limit=LONGEST_FACULTY, found=longest
        )
    return replace(given, name=name, organisation=organisation, tracks=tracks, faculties=faculties)


def _both(text: Bilingual, field: str) -> Bilingual:
    """Return the text with one language standing in for an empty other."""
    en, ja = " ".join(text.en.split()), " ".join(text.ja.split())
    for language, found in (("en", en), ("ja", ja)):
        if len(found) > LONGEST_NAME:
            raise InvalidInput(
                "%(limit)s characters at most; this has %(found)s.",
                field=f"{field}_{language}",
                limit=LONGEST_NAME,
                found=len(found),
            )
    return Bilingual(en or ja, ja or en)


def _slug(given: ProgrammeInput) -> str:
    """Return the part of the address that a programme's English name suggests."""
    ascii_name = unicodedata.normalize("NFKD", given.name.en).encode("ascii", "ignore").decode().casefold()
    slug = re.sub(r"[^a-z0-9]+", "-", ascii_name).strip("-")[:_LONGEST_SLUG].strip("-")
    return slug if slug and slug not in _TAKEN_WORDS else f"programme-{given.starts_on.year}"


def _insert(session: AnySession, slug: str, row: Mapping[str, object]) -> tuple[str, int]:
    """Write the programme under the slug, or the first numbered one that is free; the unique index decides."""
    insert = (postgresql if session.get_bind().dialect.name == "postgresql" else sqlite).insert(Programme)
    number = 1
    while True:
        candidate = slug if number == 1 else f"{slug}-{number}"
        new = insert.values({**row, "slug": candidate}).on_conflict_do_nothing().returning(Programme.id)
        if (programme_id := session.scalar(new)) is not None:
            return candidate, programme_id
        number += 1


def _copy_criteria(session: AnySession, source_id: int, target_id: int) -> None:
    if session.scalar(select(Programme.id).where(Programme.id == source_id)) is None:
        raise NotFound("There is nothing here, or it is not for you to see.")
    for row in session.scalars(select(Criterion).where(Criterion.programme_id == source_id)).all():
        session.add(Criterion(programme_id=target_id, **_values(row, Criterion)))
    for rule in session.scalars(select(Rule).where(Rule.programme_id == source_id)).all():
        params = {"pairs": []} if rule.kind == "never_pairs" else rule.params
        session.add(Rule(programme_id=target_id, **(_values(rule, Rule) | {"params": params})))
    session.flush()


def _values(row: Criterion | Rule, table: type[Criterion | Rule]) -> dict[str, object]:
    columns = [column.key for column in table.__table__.columns if column.key not in {"id", "programme_id"}]
    return {key: getattr(row, key) for key in columns}
