"""Publishing a round: asked for, stopped while there is time, carried out whole and once; then both sides know."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import joinedload, undefer

from mentormatch.core.clock import now
from mentormatch.core.errors import Conflict, MentorMatchError
from mentormatch.core.policy import Actor, Permission
from mentormatch.models import Enrolment, Match, Proposal, Round, RoundState, Run, Unmatched
from mentormatch.models.base import AnySession, writing
from mentormatch.services import audit, jobs, matches, outbox, publication_checks, rounds, run_record

JOB = "publish"


@dataclass(frozen=True, slots=True)
class _Order:
    """Who has asked to publish which run of a round; the actor is None when the worker does it."""

    actor: Actor | None
    asked_by: int | None
    found: Round
    run_id: int


def schedule(session: AnySession, *, actor: Actor, round_id: int, run_id: int, rev: int) -> datetime:
    """Ask for a run to be published once the programme's delay is over; return that moment. Until then it can stop.

    Raises
    ------
    NotFound
        The round is none of the actor's business.
    Conflict
        As `publish`. Of two admins who press at once, one gets this.
    """
    publication_checks.load()
    with writing(session):
        order = _order(session, actor, round_id, run_id)
        moment = now() + timedelta(minutes=order.found.programme.publish_delay)
        values = {"publishing_at": moment, "publishing_by": actor.person_id, "withheld": {}}
        rounds.take_step(session, actor=actor, round_id=round_id, step=rounds.Step.SCHEDULE, rev=rev, **values)
        jobs.renew(session, kind=JOB, subject_id=round_id, due_at=moment)
    return moment


def halt(session: AnySession, *, actor: Actor, round_id: int) -> None:
    """Stop a publication that has been asked for; nobody has heard anything yet.

    Raises
    ------
    Conflict
        Nothing is about to be published: it was stopped already, or it is too late.
    """
    with writing(session):
        rounds.lock(session, actor=actor, permission=Permission.PUBLISH_ROUNDS, round_id=round_id)
        gone = {"publishing_at": None, "publishing_by": None}
        rounds.take_step(session, actor=actor, round_id=round_id, step=rounds.Step.HALT, **gone)
        jobs.drop(session, kind=JOB, subject_id=round_id)


def hasten(session: AnySession, *, actor: Actor, round_id: int) -> None:
    """Let a publication that has been asked for happen now, without waiting for the end of the delay.

    Raises
    ------
    Conflict
        Nothing is about to be published: it was stopped, or it has been done.
    """
    with writing(session):
        found = rounds.lock(session, actor=actor, permission=Permission.PUBLISH_ROUNDS, round_id=round_id)
        if found.state is not RoundState.PUBLISHING:
            raise Conflict(rounds.CHANGED)
        found.publishing_at = now()
        jobs.renew(session, kind=JOB, subject_id=round_id)
        subject, programme_id = f"round:{round_id}", found.programme_id
        audit.record(session, actor=actor, action="round.hastened", subject=subject, programme_id=programme_id)


def carry_out(session: AnySession, *, round_id: int) -> int:
    """Publish a round whose moment has come, after all checks have been made again; return the number of pairs.

    Anything else than a round whose publication is due is left alone, so that this may be called again, also after a
    worker was killed. When a check fails nothing is published: the round goes back to review, and the admins hear why.
    """
    publication_checks.load()
    with writing(session):
        found = session.scalar(
            select(Round).where(Round.id == round_id).with_for_update().execution_options(populate_existing=True)
        )
        moment = now()
        if found is None or found.state is not RoundState.PUBLISHING or found.run_id is None:
            return 0
        if found.publishing_at is None or found.publishing_at > moment:
            return 0
        order = _Order(None, found.publishing_by, found, found.run_id)
        try:
            publication_checks.check(session, found, found.run_id, asked_by=found.publishing_by)
        except MentorMatchError as refused:
            _withhold(session, found, refused)
            return 0
        return _publish(session, order, moment)


def publish(session: AnySession, *, actor: Actor, round_id: int, run_id: int, rev: int) -> int:
    """Publish the pairs of a run at once: matches with their reasons, a message to everybody; return their number.

    Parameters
    ----------
    run_id, rev:
        What the admin looked at: the run under review, and the round's revision.

    Raises
    ------
    NotFound
        The round is none of the actor's business.
    Conflict
        The round is not in review, shows another run by now, or has changed since `rev`; or one of
        `publication_checks` fails. Of two admins who press at once, one gets this.
    """
    publication_checks.load()
    with writing(session):
        order = _order(session, actor, round_id, run_id)
        return _publish(session, order, now(), rev)


def _order(session: AnySession, actor: Actor, round_id: int, run_id: int) -> _Order:
    """Return what is to be published once everything has been checked; the round is locked."""
    found = rounds.lock(session, actor=actor, permission=Permission.PUBLISH_ROUNDS, round_id=round_id)
    if found.run_id != run_id or found.state is not RoundState.REVIEW:
        raise Conflict(rounds.CHANGED)
    publication_checks.check(session, found, run_id, asked_by=actor.person_id)
    return _Order(actor, actor.person_id, found, run_id)


def _withhold(session: AnySession, found: Round, why: MentorMatchError) -> None:
    """Go back to review, keep the reason for the page, and write to the admins."""
    told = run_record.failure(why)
    gone: dict[str, Any] = {"publishing_at": None, "publishing_by": None, "withheld": told}
    rounds.take_step(session, actor=None, round_id=found.id, step=rounds.Step.WITHHOLD, **gone)
    for admin_id in matches.admins(session, found.programme_id):
        outbox.post(
            session,
            kind="publication_withheld",
            reason=f"round:{found.id}:withheld",
            revision=found.rev,
            person_id=admin_id,
            programme_id=found.programme_id,
            facts={"round_id": found.id},
        )


def _publish(session: AnySession, order: _Order, moment: datetime, rev: int | None = None) -> int:
    """Write everything that publishing a run writes, inside the caller's transaction."""
    found, round_id = order.found, order.found.id
    due = answers_due(moment, found)
    values: dict[str, Any] = {"published_at": moment, "publishing_at": None, "withheld": {}}
    rounds.take_step(session, actor=order.actor, round_id=round_id, step=rounds.Step.PUBLISH, rev=rev, **values)
    made = _write_matches(session, round_id, order.run_id, due)
    matches.announce(session, made, found.programme)
    alone = _tell_unmatched(session, found.programme_id, round_id, order.run_id)
    audit.record(
        session,
        actor=order.actor,
        action="round.told",
        subject=f"round:{round_id}",
        programme_id=found.programme_id,
        run=order.run_id,
        asked_by=order.asked_by,
        pairs=len(made),
        unmatched=alone,
    )
    return len(made)


def answers_due(moment: datetime, found: Round) -> datetime:
    """Return until when hosts answer what is published at `moment`: the end of that day in the programme's zone."""
    zone = ZoneInfo(found.programme.timezone)
    last = (moment + timedelta(days=found.answer_days)).astimezone(zone).date()
    return datetime.combine(last, time(23, 59), zone)


def moment_of(found: Round) -> datetime:
    """Return when a round under review would be published if somebody asked now, or will be."""
    return found.publishing_at or now() + timedelta(minutes=found.programme.publish_delay)


def _write_matches(session: AnySession, round_id: int, run_id: int, answer_by: datetime) -> list[Match]:
    criteria = session.scalar(select(Run.summary).where(Run.id == run_id))
    assert criteria is not None  # the round shows this run
    labels: Mapping[str, Any] = {item["key"]: item["label"] for item in criteria["criteria"]}
    proposed = select(Proposal).where(Proposal.run_id == run_id).options(undefer(Proposal.explanation))
    made = [
        Match(
            round_id=round_id,
            track=row.track,
            intern_id=row.intern_id,
            host_id=row.host_id,
            reasons=run_record.for_participants(row.explanation, labels),
            answer_by=answer_by,
        )
        for row in session.scalars(proposed.order_by(Proposal.track, Proposal.intern_id))
    ]
    session.add_all(made)
    session.flush()
    wanted = select(Match).where(Match.round_id == round_id).order_by(Match.id)
    return list(session.scalars(wanted.options(joinedload(Match.intern), joinedload(Match.host))))


def _tell_unmatched(session: AnySession, programme_id: int, round_id: int, run_id: int) -> int:
    """Write to those who got nobody in some track, one message each; return how many they are."""
    found = (
        select(Enrolment.id, Enrolment.person_id, Unmatched.track)
        .join(Unmatched, Unmatched.intern_id == Enrolment.id)
        .where(Unmatched.run_id == run_id)
        .order_by(Enrolment.id, Unmatched.track)
    )
    tracks: dict[tuple[int, int], list[str]] = {}
    for enrolment_id, person_id, track in session.execute(found):
        tracks.setdefault((enrolment_id, person_id), []).append(str(track))
    outbox.post_all(
        session,
        [
            {
                "kind": "unmatched_intern",
                "reason": f"round:{round_id}:unmatched:{enrolment_id}",
                "person_id": person_id,
                "programme_id": programme_id,
                "facts": {"round_id": round_id, "enrolment_id": enrolment_id, "tracks": missing},
            }
            for (enrolment_id, person_id), missing in tracks.items()
        ],
    )
    return len(tracks)
