"""A round on its way to publication: when, by whom, what held it back, who has signed it off, and who gets a letter."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Integer, Select, cast, func, literal, null, or_, select, union_all
from sqlalchemy.orm import aliased

from mentormatch.core.names import Name
from mentormatch.core.roles import Role
from mentormatch.models import Enrolment, Person, Programme, Proposal, Round, RoundState, Unmatched
from mentormatch.queries import Store
from mentormatch.queries.review_lists import PAGE, Page

NOBODY = "nobody"
"""Stands for the interns without a partner among the tracks."""

_MOST_WORDS = 6


@dataclass(frozen=True, slots=True)
class Publishing:
    """Where a round stands on its way to publication.

    `withheld` is empty, or says why the last attempt failed: ``{"message", "fields"}``. `signed_by` is who has signed
    the run under review off, None while nobody has; `signer_id` is that person's id. `delay` is in minutes.
    """

    round_id: int
    number: int
    state: RoundState
    run_id: int | None
    at: datetime | None
    asked_by: Name | None
    withheld: dict[str, Any]
    sign_off: bool
    signed_by: Name | None
    signer_id: int | None
    signed_at: datetime | None
    delay: int
    reminder_days: int


def of_round(store: Store, programme_id: int, number: int) -> Publishing | None:
    """Return how the publication of a round stands, None if there is no such round; one query."""
    asker, signer = aliased(Person), aliased(Person)
    row = store.execute(
        select(Round, Programme, asker, signer)
        .join(Programme, Programme.id == Round.programme_id)
        .outerjoin(asker, asker.id == Round.publishing_by)
        .outerjoin(signer, signer.id == Round.signed_by)
        .where(Round.programme_id == programme_id, Round.number == number)
    ).one_or_none()
    if row is None:
        return None
    found, programme, asked, signed = row
    holds = signed is not None and found.signed_run_id == found.run_id
    return Publishing(
        round_id=found.id,
        number=found.number,
        state=found.state,
        run_id=found.run_id,
        at=found.publishing_at,
        asked_by=None if asked is None else asked.name,
        withheld=dict(found.withheld),
        sign_off=programme.sign_off,
        signed_by=signed.name if holds else None,
        signer_id=found.signed_by if holds else None,
        signed_at=found.signed_at if holds else None,
        delay=programme.publish_delay,
        reminder_days=programme.reminder_days,
    )


@dataclass(frozen=True, slots=True)
class Recipient:
    """One letter that publishing sends: to whom, in which language, about whom (None: that there is nobody yet).

    `position` counts the letters of the audience from 1, in the order in which they are written.
    """

    audience: str
    position: int
    name: Name
    email: str
    language: str
    about: Name | None


def recipients(store: Store, run_id: int, audience: str = "", *, search: str = "", offset: int = 0) -> Page[Recipient]:
    """Return who gets a letter when a run is published, a page at a time; one query. Beyond the end there is nobody.

    Parameters
    ----------
    audience:
        intern, mentor, alumnus, `NOBODY`, or nothing for everybody.
    search:
        Words that must all occur in the reader's name or address, or in the name of whom the letter is about.
    """
    parts = [part for key, part in _letters(run_id).items() if audience in {"", key}]
    everything = union_all(*parts).subquery()
    reader, other = aliased(Person), aliased(Person)
    found = (
        select(everything.c.audience, everything.c.position, reader, other, func.count().over())
        .join(reader, reader.id == everything.c.reader)
        .outerjoin(other, other.id == everything.c.other)
        .where(*(_mentions(word, reader, other) for word in search.replace("\0", " ").split()[:_MOST_WORDS]))
    )
    rows = store.execute(found.order_by(everything.c.rank, everything.c.position).offset(offset).limit(PAGE)).all()
    items = [
        Recipient(which, position, mine.name, mine.email, mine.language, None if theirs is None else theirs.name)
        for which, position, mine, theirs, _ in rows
    ]
    return Page(items, offset + 1, rows[0][-1] if rows else 0)


def _letters(run_id: int) -> dict[str, Select[Any]]:
    """Return for each audience: rank, audience, position, the reader's person and that of whom it is about."""
    intern, host = aliased(Enrolment), aliased(Enrolment)
    order = (Proposal.track, Proposal.intern_id)

    def pairs(rank: int, audience: str, tracks: tuple[Role, ...], reader: Any, other: Any) -> Select[Any]:
        return (
            select(
                literal(rank).label("rank"),
                literal(audience).label("audience"),
                func.row_number().over(order_by=order).label("position"),
                reader.person_id.label("reader"),
                other.person_id.label("other"),
            )
            .join(intern, intern.id == Proposal.intern_id)
            .join(host, host.id == Proposal.host_id)
            .where(Proposal.run_id == run_id, Proposal.track.in_(tracks))
        )

    alone = select(Unmatched.intern_id.label("enrolment_id")).where(Unmatched.run_id == run_id).distinct().subquery()
    nobody = select(
        literal(3).label("rank"),
        literal(NOBODY).label("audience"),
        func.row_number().over(order_by=alone.c.enrolment_id).label("position"),
        Enrolment.person_id.label("reader"),
        cast(null(), Integer).label("other"),
    ).join(alone, alone.c.enrolment_id == Enrolment.id)
    return {
        "intern": pairs(0, "intern", (Role.MENTOR, Role.ALUMNUS), intern, host),
        "mentor": pairs(1, "mentor", (Role.MENTOR,), host, intern),
        "alumnus": pairs(2, "alumnus", (Role.ALUMNUS,), host, intern),
        NOBODY: nobody,
    }


def _mentions(word: str, *people: Any) -> Any:
    columns = [
        column
        for person in people
        for column in (
            person.family_name + " " + person.given_name,
            person.family_name + person.given_name,
            person.family_kana + " " + person.given_kana,
            person.romaji,
            person.email,
        )
    ]
    return or_(*(column.icontains(word, autoescape=True) for column in columns))
