"""What the worker has to do: messages to send and jobs to run."""

from __future__ import annotations

import enum
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from mentormatch.core.clock import now
from mentormatch.models.base import Base, words
from mentormatch.models.person import Person


class MessageState(enum.StrEnum):
    """Where a message stands."""

    DUE = "due"
    SENT = "sent"
    DROPPED = "dropped"
    EXPIRED = "expired"
    FAILED = "failed"


class Message(Base):
    """One message to one person over one channel, for one reason and revision: never twice.

    Written in the transaction of what it reports, sent later. `facts` holds ids and plain values, no rendered text and
    no secret; the text is made at the moment of sending.
    """

    __tablename__ = "mm_message"
    __table_args__ = (UniqueConstraint("reason", "revision", "person_id", "channel"), Index(None, "state", "due_at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    reason: Mapped[str] = mapped_column(String(100))
    revision: Mapped[int] = mapped_column(default=1)
    person_id: Mapped[int] = mapped_column(ForeignKey("mm_person.id", ondelete="CASCADE"), index=True)
    programme_id: Mapped[int | None] = mapped_column(ForeignKey("mm_programme.id", ondelete="CASCADE"))
    channel: Mapped[str] = mapped_column(String(20), default="mail")
    kind: Mapped[str] = mapped_column(String(40))
    facts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    state: Mapped[MessageState] = mapped_column(words(MessageState), default=MessageState.DUE)
    state_reason: Mapped[str] = mapped_column(String(200), default="")
    due_at: Mapped[datetime] = mapped_column(default=now)
    expires_at: Mapped[datetime | None]
    lease_owner: Mapped[str] = mapped_column(String(64), default="")
    lease_until: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    mail_id: Mapped[str] = mapped_column(String(200), default="")
    created_at: Mapped[datetime] = mapped_column(default=now)
    sent_at: Mapped[datetime | None]

    person: Mapped[Person] = relationship()


class JobState(enum.StrEnum):
    """Where a job stands."""

    DUE = "due"
    DONE = "done"
    FAILED = "failed"


class Job(Base):
    """Work for the background, written in the transaction that asks for it. Claimed with a lease."""

    __tablename__ = "mm_job"
    __table_args__ = (UniqueConstraint("kind", "subject_id"), Index(None, "state", "due_at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(40))
    subject_id: Mapped[int]
    state: Mapped[JobState] = mapped_column(words(JobState), default=JobState.DUE)
    due_at: Mapped[datetime] = mapped_column(default=now)
    lease_owner: Mapped[str] = mapped_column(String(64), default="")
    lease_until: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    error: Mapped[str] = mapped_column(String(500), default="")
    created_at: Mapped[datetime] = mapped_column(default=now)
    finished_at: Mapped[datetime | None]
