"""Whether the machinery runs: what waits, what failed, for how long."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from sqlalchemy import func, select

from mentormatch.core.clock import now
from mentormatch.models import Job, JobState, Message, MessageState
from mentormatch.queries import Store


@dataclass(frozen=True, slots=True)
class Queue:
    """One queue: how many rows wait and have failed, and since when the oldest waiting one has been due."""

    waiting: int
    failed: int
    oldest: timedelta | None


def jobs(store: Store) -> Queue:
    """Return the state of the job queue."""
    return _queue(store, Job, JobState.DUE, JobState.FAILED)


def messages(store: Store) -> Queue:
    """Return the state of the outbox."""
    return _queue(store, Message, MessageState.DUE, MessageState.FAILED)


def _queue(store: Store, table: type[Job | Message], due: StrEnum, failed: StrEnum) -> Queue:
    moment = now()
    counts = dict(store.execute(select(table.state, func.count()).group_by(table.state)).all())
    oldest = store.scalar(select(func.min(table.due_at)).where(table.state == due, table.due_at <= moment))
    return Queue(counts.get(due, 0), counts.get(failed, 0), None if oldest is None else moment - oldest)
