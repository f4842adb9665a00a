"""Work for the background: asked for inside a transaction, claimed with a lease, done once."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from mentormatch.core.clock import now
from mentormatch.models import Job, JobState
from mentormatch.models.base import AnySession, writing

LEASE = timedelta(minutes=2)
ATTEMPTS = 3
MOST_CLAIMS = 6
"""A job that takes its worker down with it is set aside after so many claims; the doctor then finds it overdue."""


def enqueue(session: AnySession, *, kind: str, subject_id: int) -> None:
    """Ask for a job inside the caller's transaction. A finished job for the same subject makes way for the new one."""
    session.execute(
        delete(Job).where(
            Job.kind == kind, Job.subject_id == subject_id, Job.state.in_([JobState.DONE, JobState.FAILED])
        )
    )
    session.add(Job(kind=kind, subject_id=subject_id, due_at=now()))


def renew(session: AnySession, *, kind: str, subject_id: int, due_at: datetime | None = None) -> None:
    """Ask inside the caller's transaction for a job that is to be done from now, or from `due_at`, whatever was asked.

    One that waits, is under way, or is finished starts over: a worker that has it already holds it no longer, so that
    what it has not seen is done again. The handlers of such jobs may be called any number of times, even at once.
    """
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    fresh = {
        "state": JobState.DUE,
        "due_at": due_at or now(),
        "lease_owner": "",
        "lease_until": None,
        "attempts": 0,
        "error": "",
        "finished_at": None,
    }
    new = insert(Job).values(kind=kind, subject_id=subject_id, **fresh)
    session.execute(new.on_conflict_do_update(index_elements=["kind", "subject_id"], set_=fresh))


def drop(session: AnySession, *, kind: str, subject_id: int) -> None:
    """Take back a job inside the caller's transaction."""
    session.execute(delete(Job).where(Job.kind == kind, Job.subject_id == subject_id, Job.state == JobState.DUE))


def claim(session: AnySession, *, owner: str, kinds: tuple[str, ...]) -> Job | None:
    """Take the oldest due job whose lease is free, or return None. One UPDATE claims it, so two workers never share."""
    moment = now()
    free = or_(Job.lease_until.is_(None), Job.lease_until < moment)
    oldest = (
        select(Job.id)
        .where(Job.state == JobState.DUE, Job.due_at <= moment, Job.kind.in_(kinds), Job.attempts < MOST_CLAIMS, free)
        .order_by(Job.due_at, Job.id)
        .limit(1)
    )
    if session.scalar(oldest) is None:  # an idle worker takes no write lock
        session.rollback()
        return None
    due = oldest.with_for_update(skip_locked=True).scalar_subquery()
    with writing(session):
        taken: int | None = session.scalar(
            update(Job)
            .where(Job.id == due, free)
            .values(lease_owner=owner, lease_until=moment + LEASE, attempts=Job.attempts + 1)
            .returning(Job.id)
            .execution_options(synchronize_session=False)
        )
    return None if taken is None else session.get(Job, taken, populate_existing=True)


def prolong(session: AnySession, *, job_id: int, owner: str) -> bool:
    """Keep the lease of a long job; False when another worker holds it by now."""
    with writing(session):
        kept = session.scalar(
            update(Job)
            .where(Job.id == job_id, Job.lease_owner == owner)
            .values(lease_until=now() + LEASE)
            .returning(Job.id)
        )
    return kept is not None


def finish(session: AnySession, *, job_id: int, owner: str, error: str = "") -> None:
    """Mark the job done; with an error it is tried again after a pause, and failed after `ATTEMPTS` times."""
    moment = now()
    with writing(session):
        job = session.scalar(select(Job).where(Job.id == job_id, Job.lease_owner == owner, Job.state == JobState.DUE))
        if job is None:
            return
        job.error = error[:500]
        job.lease_until = None
        if not error:
            job.state, job.finished_at = JobState.DONE, moment
        elif job.attempts >= ATTEMPTS:
            job.state, job.finished_at = JobState.FAILED, moment
        else:
            job.due_at = moment + timedelta(seconds=5 * 4**job.attempts)
