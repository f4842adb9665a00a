"""Publishing a round: whole and once; afterwards both sides know."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select, union
from sqlalchemy.orm import joinedload, undefer

from mentormatch.core.clock import now
from mentormatch.core.errors import Conflict
from mentormatch.core.i18n import N_
from mentormatch.core.policy import Actor, Permission
from mentormatch.models import Enrolment, EnrolmentState, Match, Programme, Proposal, Round, Run, Unmatched
from mentormatch.models.base import AnySession, writing
from mentormatch.queries import decisions
from mentormatch.services import audit, outbox, rounds, run_record


def publish(session: AnySession, *, actor: Actor, round_id: int, run_id: int, rev: int) -> int:
    """Publish the pairs of a run: matches with their frozen reasons, a message to everybody; return their number.

    Parameters
    ----------
    run_id, rev:
        What the admin looked at: the run under review, and the round's revision.

    Raises
    ------
    NotFound
        The round is none of the actor's business.
    Conflict
        The round is not in review, shows another run by now, has changed since `rev`, or holds decisions that the run
        does not know; or somebody in its pairs has left, or another round was published, since the run. Of two admins
        who press at once, one gets this.
    """
    with writing(session):
        found = rounds.lock(session, actor=actor, permission=Permission.PUBLISH_ROUNDS, round_id=round_id)
        if found.run_id != run_id:
            raise Conflict(rounds.CHANGED)
        programme_id = found.programme_id
        _check_still_true(session, programme_id, round_id, run_id)
        moment = now()
        answer_by = answers_due(moment, found)
        step = rounds.Step.PUBLISH
        rounds.take_step(session, actor=actor, round_id=round_id, step=step, rev=rev, published_at=moment)
        matches = _write_matches(session, round_id, run_id, answer_by)
        for match in matches:
            _tell(session, programme_id, match, answer_by)
        alone = _tell_unmatched(session, programme_id, round_id, run_id)
        audit.record(
            session,
            actor=actor,
            action="round.told",
            subject=f"round:{round_id}",
            programme_id=programme_id,
            run=run_id,
            pairs=len(matches),
            unmatched=alone,
        )
    return len(matches)


def _check_still_true(session: AnySession, programme_id: int, round_id: int, run_id: int) -> None:
    """Refuse a run that does not know all decisions, who has left, or what another round has published since.

    Such a run would give people a partner who is gone, or a second one.
    """
    if waiting := decisions.pending(session, programme_id=programme_id, round_id=round_id):
        message = N_("%(number)s of your decisions are not applied yet. Run the matching again, or undo them.")
        raise Conflict(message, number=waiting)
    if gone := _gone(session, run_id):
        message = N_("%(number)s people of these pairs have left the programme. Run the matching again, without them.")
        raise Conflict(message, number=gone)
    # The programme's row is the lock: of two rounds published at once, the second waits and then sees the first.
    session.execute(select(Programme.id).where(Programme.id == programme_id).with_for_update())
    begun = select(Run.created_at).where(Run.id == run_id).scalar_subquery()
    since = select(Round.number).where(Round.programme_id == programme_id, Round.id != round_id)
    other = session.scalar(since.where(Round.published_at > begun).limit(1))
    if other is not None:
        message = N_("Round %(number)s has been published since this run. Run the matching again, so that it knows.")
        raise Conflict(message, number=other)


def _gone(session: AnySession, run_id: int) -> int:
    """Return how many people of a run's pairs have been withdrawn since; nobody leaves before this is committed."""
    sides = union(*(select(side).where(Proposal.run_id == run_id) for side in (Proposal.intern_id, Proposal.host_id)))
    involved = select(Enrolment.state).where(Enrolment.id.in_(sides)).order_by(Enrolment.id)
    states = session.scalars(involved.with_for_update(read=True)).all()
    return states.count(EnrolmentState.WITHDRAWN)


def answers_due(moment: datetime, found: Round) -> datetime:
    """Return until when hosts answer what is published at `moment`: the end of that day in the programme's zone."""
    zone = ZoneInfo(found.programme.timezone)
    last = (moment + timedelta(days=found.answer_days)).astimezone(zone).date()
    return datetime.combine(last, time(23, 59), zone)


def _write_matches(session: AnySession, round_id: int, run_id: int, answer_by: datetime) -> list[Match]:
    criteria = session.scalar(select(Run.summary).where(Run.id == run_id))
    assert criteria is not None  # the round shows this run
    labels: Mapping[str, Any] = {item["key"]: item["label"] for item in criteria["criteria"]}
    proposed = select(Proposal).where(Proposal.run_id == run_id).options(undefer(Proposal.explanation))
    matches = [
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
    session.add_all(matches)
    session.flush()
    wanted = select(Match).where(Match.round_id == round_id).order_by(Match.id)
    return list(session.scalars(wanted.options(joinedload(Match.intern), joinedload(Match.host))))


def _tell(session: AnySession, programme_id: int, match: Match, answer_by: datetime) -> None:
    """Write to both sides of a match; the host is asked until the answer is due."""
    for side, person_id, expires_at in (
        ("intern", match.intern.person_id, None),
        ("host", match.host.person_id, answer_by),
    ):
        outbox.post(
            session,
            kind=f"match_{side}",
            reason=f"match:{match.id}:{side}",
            person_id=person_id,
            programme_id=programme_id,
            facts={"match_id": match.id},
            expires_at=expires_at,
        )


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
    for (enrolment_id, person_id), missing in tracks.items():
        outbox.post(
            session,
            kind="unmatched_intern",
            reason=f"round:{round_id}:unmatched:{enrolment_id}",
            person_id=person_id,
            programme_id=programme_id,
            facts={"round_id": round_id, "enrolment_id": enrolment_id, "tracks": missing},
        )
    return len(tracks)
