"""The life of a round: its states, the allowed steps between them, its dates and reminders."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from mentormatch.core.clock import now
from mentormatch.core.errors import Conflict, InvalidInput, NotFound
from mentormatch.core.i18n import N_
from mentormatch.core.policy import Actor, Permission, authorise
from mentormatch.models import Programme, Round, RoundState
from mentormatch.models.base import AnySession, writing
from mentormatch.queries import readiness
from mentormatch.services import audit, outbox

LONGEST_ANSWER = 60
"""Days that hosts may at most be given to answer."""

LARGEST_LOAD = 999
"""Interns that one host may at most be given in a round."""

_YEARS = range(2000, 2200)

CHANGED = N_("This round has changed in the meantime. Look at its present state and decide again.")


class Step(StrEnum):
    """What can happen to a round; also the word in the audit trail, as ``round.<step>``."""

    OPEN = "opened"
    MATCH = "matching"
    PROPOSE = "proposed"
    COLLECT = "reopened"
    SCHEDULE = "publishing"
    HALT = "publication_stopped"
    WITHHOLD = "withheld"
    PUBLISH = "published"
    CLOSE = "closed"


STEPS: Mapping[Step, tuple[frozenset[RoundState], RoundState]] = {
    Step.OPEN: (frozenset({RoundState.DRAFT}), RoundState.OPEN),
    Step.MATCH: (frozenset({RoundState.OPEN, RoundState.REVIEW}), RoundState.MATCHING),
    Step.PROPOSE: (frozenset({RoundState.MATCHING}), RoundState.REVIEW),
    Step.COLLECT: (frozenset({RoundState.MATCHING, RoundState.REVIEW}), RoundState.OPEN),
    Step.SCHEDULE: (frozenset({RoundState.REVIEW}), RoundState.PUBLISHING),
    Step.HALT: (frozenset({RoundState.PUBLISHING}), RoundState.REVIEW),
    Step.WITHHOLD: (frozenset({RoundState.PUBLISHING}), RoundState.REVIEW),
    Step.PUBLISH: (frozenset({RoundState.REVIEW, RoundState.PUBLISHING}), RoundState.PUBLISHED),
    Step.CLOSE: (frozenset({RoundState.PUBLISHED}), RoundState.CLOSED),
}
"""The one table of allowed steps: from which states, to which."""


@dataclass(frozen=True, slots=True)
class Dates:
    """The planned moment of each step, aware; None where nothing is planned."""

    opens_at: datetime | None = None
    matching_at: datetime | None = None
    publish_at: datetime | None = None
    closes_at: datetime | None = None


def take_step(
    session: AnySession, *, actor: Actor | None, round_id: int, step: Step, rev: int | None = None, **values: Any
) -> None:
    """Take one step inside the caller's transaction, decided by one UPDATE (compare-and-set), and record it.

    Parameters
    ----------
    rev:
        The revision that the person saw; None when the step follows from the round's own course.
    **values:
        Further columns to set; what they must be equal to is the caller's business.

    Raises
    ------
    Conflict
        The round is not in a state from which this step leads on, or somebody has changed it since.
    """
    sources, target = STEPS[step]
    change = update(Round).where(Round.id == round_id, Round.state.in_(sources))
    if rev is not None:
        change = change.where(Round.rev == rev)
    programme_id = session.scalar(
        change.values(state=target, rev=Round.rev + 1, **values)
        .returning(Round.programme_id)
        .execution_options(synchronize_session=False)
    )
    if programme_id is None:
        raise Conflict(CHANGED)
    audit.record(session, actor=actor, action=f"round.{step}", subject=f"round:{round_id}", programme_id=programme_id)


def leave_matching(session: AnySession, *, actor: Actor | None, round_id: int) -> None:
    """Go back to where the round was before a run that gave nothing, inside the caller's transaction."""
    earlier = session.scalar(select(Round.run_id).where(Round.id == round_id))
    take_step(session, actor=actor, round_id=round_id, step=Step.COLLECT if earlier is None else Step.PROPOSE)


def lock(session: AnySession, *, actor: Actor, permission: Permission, round_id: int) -> Round:
    """Return the round inside the caller's transaction, locked, after checking that the actor may act on it.

    Raises
    ------
    NotFound
        There is no such round, or it is none of the actor's business.
    """
    found: Round | None = session.scalar(
        select(Round).where(Round.id == round_id).with_for_update().execution_options(populate_existing=True)
    )
    if found is None:
        raise NotFound("There is nothing here, or it is not for you to see.")
    authorise(actor, permission, found.programme_id)
    return found


def create(session: AnySession, *, actor: Actor, programme_id: int) -> int:
    """Make the programme's next round, in draft, with the answering time of the one before; return its number.

    Raises
    ------
    Conflict
        Somebody made one at the same moment.
    """
    authorise(actor, Permission.RUN_ROUNDS, programme_id)
    try:
        with writing(session):
            newest = select(Round).where(Round.programme_id == programme_id).order_by(Round.number.desc()).limit(1)
            last = session.scalar(newest)
            made = Round(programme_id=programme_id, number=1 if last is None else last.number + 1)
            if last is not None:
                made.answer_days = last.answer_days
            session.add(made)
            session.flush()
            subject, number = f"round:{made.id}", made.number
            audit.record(session, actor=actor, action="round.created", subject=subject, programme_id=programme_id)
    except IntegrityError as error:
        raise Conflict("Somebody has just made a new round. Look at the list again.") from error
    return number


def save_settings(
    session: AnySession,
    *,
    actor: Actor,
    round_id: int,
    rev: int,
    dates: Dates,
    answer_days: int,
    most_interns: int | None = None,
) -> None:
    """Set the dates of a round, how many days hosts have to answer, and how many interns one host may get.

    Parameters
    ----------
    most_interns:
        None for as many as each host has places.

    Raises
    ------
    InvalidInput
        The dates are not in order, or a number is out of range; `field` names the culprit.
    Conflict
        The round is closed, or somebody has changed it since `rev`.
    """
    _check_dates(dates)
    if not 1 <= answer_days <= LONGEST_ANSWER:
        message = N_("Hosts need between 1 and %(longest)s days to answer; found %(found)s.")
        raise InvalidInput(message, field="answer_days", longest=LONGEST_ANSWER, found=answer_days)
    if most_interns is not None and not 1 <= most_interns <= LARGEST_LOAD:
        message = N_("Enter between 1 and %(most)s interns for each host, or nothing; found %(found)s.")
        raise InvalidInput(message, field="most_interns", most=LARGEST_LOAD, found=most_interns)
    with writing(session):
        found = lock(session, actor=actor, permission=Permission.RUN_ROUNDS, round_id=round_id)
        if found.state is RoundState.PUBLISHING:
            raise Conflict("This round is about to be published. Stop that first; then it can be changed.")
        if found.rev != rev or found.state is RoundState.CLOSED:
            raise Conflict(CHANGED)
        found.opens_at, found.matching_at = dates.opens_at, dates.matching_at
        found.publish_at, found.closes_at = dates.publish_at, dates.closes_at
        found.answer_days, found.most_interns = answer_days, most_interns
        found.rev += 1
        planned = {name: moment.isoformat() for name, moment in _planned(dates)}
        subject, programme_id = f"round:{round_id}", found.programme_id
        audit.record(
            session,
            actor=actor,
            action="round.planned",
            subject=subject,
            programme_id=programme_id,
            dates=planned,
            answer_days=answer_days,
            most_interns=most_interns,
        )


def _planned(dates: Dates) -> list[tuple[str, datetime]]:
    names = ("opens_at", "matching_at", "publish_at", "closes_at")
    return [(name, moment) for name in names if (moment := getattr(dates, name)) is not None]


def _check_dates(dates: Dates) -> None:
    for name, moment in _planned(dates):
        if moment.year not in _YEARS:  # at the ends of the calendar there is no way into other zones
            message = N_("Enter a date between %(first)s and %(last)s.")
            raise InvalidInput(message, field=name, first=_YEARS.start, last=_YEARS.stop - 1)
    for (_, earlier), (name, later) in pairwise(_planned(dates)):
        if later <= earlier:
            message = N_("The dates must follow one another: profiles open, matching, publication, end.")
            raise InvalidInput(message, field=name)


def open_round(session: AnySession, *, actor: Actor, round_id: int, rev: int) -> None:
    """Begin to collect profiles.

    Raises
    ------
    Conflict
        The round is not a draft any more, or somebody has changed it since `rev`.
    """
    _single_step(session, actor, round_id, rev, Step.OPEN)


def reopen(session: AnySession, *, actor: Actor, round_id: int, rev: int) -> None:
    """Go back from review to collecting profiles; runs and decisions are kept.

    Raises
    ------
    Conflict
        The round is not in review, or somebody has changed it since `rev`.
    """
    _single_step(session, actor, round_id, rev, Step.COLLECT, state=RoundState.REVIEW)


def close(session: AnySession, *, actor: Actor, round_id: int, rev: int) -> None:
    """End a published round.

    Raises
    ------
    Conflict
        The round is not published, or somebody has changed it since `rev`.
    """
    _single_step(session, actor, round_id, rev, Step.CLOSE)


def _single_step(
    session: AnySession, actor: Actor, round_id: int, rev: int, step: Step, *, state: RoundState | None = None
) -> None:
    with writing(session):
        found = lock(session, actor=actor, permission=Permission.RUN_ROUNDS, round_id=round_id)
        if state is not None and found.state is not state:
            raise Conflict(CHANGED)
        take_step(session, actor=actor, round_id=round_id, step=step, rev=rev)


def remind(session: AnySession, *, actor: Actor, round_id: int) -> int:
    """Remind those whose profile is not complete, each at most once a day of the programme; return how many they are.

    Raises
    ------
    Conflict
        The round does not collect profiles.
    """
    with writing(session):
        found = lock(session, actor=actor, permission=Permission.RUN_ROUNDS, round_id=round_id)
        if found.state not in {RoundState.DRAFT, RoundState.OPEN}:
            raise Conflict("Reminders go out while profiles are collected. This round is past that.")
        zone = session.scalar(select(Programme.timezone).where(Programme.id == found.programme_id))
        today = now().astimezone(ZoneInfo(zone or "UTC")).date()
        waiting = readiness.incomplete(session, found.programme_id)
        late = found.matching_at is None or found.matching_at <= now()
        for person in waiting:
            outbox.post(
                session,
                kind="profile_reminder",
                reason=f"profile_reminder:{person.enrolment_id}",
                revision=today.toordinal(),
                person_id=person.person_id,
                programme_id=found.programme_id,
                facts={"enrolment_id": person.enrolment_id},
                expires_at=None if late else found.matching_at,
            )
        subject, programme_id = f"round:{round_id}", found.programme_id
        audit.record(
            session,
            actor=actor,
            action="round.reminded",
            subject=subject,
            programme_id=programme_id,
            people=len(waiting),
        )
    return len(waiting)
