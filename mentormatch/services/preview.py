"""The letters of a round before they are sent: how many, to whom, and word for word what they will say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from mentormatch.channels.letter import Letter, compose
from mentormatch.core.config import Config
from mentormatch.core.errors import NotFound
from mentormatch.core.names import Name
from mentormatch.core.policy import Actor, Permission, authorise
from mentormatch.core.roles import Role
from mentormatch.core.wording import Language
from mentormatch.models import Enrolment, Match, Person, Proposal, Round, Run, Unmatched
from mentormatch.models.base import AnySession
from mentormatch.queries.publishing import NOBODY
from mentormatch.services import letters, publication


@dataclass(frozen=True, slots=True)
class Batch:
    """Letters of one kind: how many there are, and how many people get them.

    `audience` is intern, mentor or alumnus, or `NOBODY` for the interns who got nobody in some track.
    """

    audience: str
    letters: int
    people: int


@dataclass(frozen=True, slots=True)
class Preview:
    """One letter as it will be sent, but for its link, which is made for one use when the letter leaves."""

    name: Name
    email: str
    language: Language
    letter: Letter
    position: int
    total: int


def batches(session: AnySession, *, run_id: int) -> list[Batch]:
    """Return what publishing a run sends: interns, then each track, then those with nobody; two queries."""
    counted = (
        select(Proposal.track, func.count(), func.count(Proposal.host_id.distinct()))
        .where(Proposal.run_id == run_id)
        .group_by(Proposal.track)
    )
    tracks = {track: (number, hosts) for track, number, hosts in session.execute(counted)}
    mine, alone = (
        select(func.count(table.intern_id.distinct())).where(table.run_id == run_id).scalar_subquery()
        for table in (Proposal, Unmatched)
    )
    matched, nobody = session.execute(select(mine, alone)).one()
    sent = [Batch("intern", sum(number for number, _ in tracks.values()), matched)]
    sent += [Batch(str(track), *tracks[track]) for track in (Role.MENTOR, Role.ALUMNUS) if track in tracks]
    return [*sent, Batch(NOBODY, nobody, nobody)]


def letter(
    session: AnySession, *, config: Config, actor: Actor, round_id: int, run_id: int, audience: str, position: int
) -> Preview:
    """Return one of the letters that publishing a run sends; nothing is written.

    Parameters
    ----------
    audience:
        As in `Batch`.
    position:
        Which of them, from 1, in the order in which they are written.

    Raises
    ------
    NotFound
        There is no such letter, or the round is none of the actor's business.
    """
    found = session.scalar(select(Round).where(Round.id == round_id).options(joinedload(Round.programme)))
    run = session.scalar(select(Run.id).where(Run.id == run_id, Run.round_id == round_id))
    if found is None or run is None:
        raise NotFound("There is nothing here, or it is not for you to see.")
    authorise(actor, Permission.PUBLISH_ROUNDS, found.programme_id)
    total = next((batch.letters for batch in batches(session, run_id=run_id) if batch.audience == audience), 0)
    if not 1 <= position <= total:
        raise NotFound("There is no such letter.")
    if audience == NOBODY:
        person, kind = _nobody(session, run_id, position), "unmatched_intern"
        fields = letters.about_nobody(_desk(session, config, person), found)
    else:
        match = _match(session, found, run_id, audience, position)
        person, kind, write = (
            (match.intern.person, "match_intern", letters.about_host)
            if audience == "intern"
            else (match.host.person, "match_host", letters.about_intern)
        )
        fields = write(_desk(session, config, person), match)
    language = cast("Language", person.language)
    return Preview(person.name, person.email, language, compose(kind, language, fields), position, total)


def _desk(session: AnySession, config: Config, person: Person) -> letters.Desk:
    # Without sign-in links: a preview must not make one.
    return letters.Desk(session, config, person, sign_in_links=False)


def _match(session: AnySession, found: Round, run_id: int, audience: str, position: int) -> Match:
    """Return the match that publishing would make of a proposal; it is never added to the session."""
    tracks: Sequence[Role] = [Role.MENTOR, Role.ALUMNUS] if audience == "intern" else [Role(audience)]
    row = session.scalars(
        select(Proposal)
        .where(Proposal.run_id == run_id, Proposal.track.in_(tracks))
        .options(joinedload(Proposal.intern).joinedload(Enrolment.person))
        .options(joinedload(Proposal.host).joinedload(Enrolment.person))
        .order_by(Proposal.track, Proposal.intern_id)
        .offset(position - 1)
        .limit(1)
    ).one()
    due = publication.answers_due(publication.moment_of(found), found)
    return Match(track=row.track, intern=row.intern, host=row.host, round=found, answer_by=due)


def _nobody(session: AnySession, run_id: int, position: int) -> Person:
    return session.scalars(
        select(Person)
        .join(Enrolment, Enrolment.person_id == Person.id)
        .join(Unmatched, Unmatched.intern_id == Enrolment.id)
        .where(Unmatched.run_id == run_id)
        .group_by(Person.id, Enrolment.id)
        .order_by(Enrolment.id)
        .offset(position - 1)
        .limit(1)
    ).one()
