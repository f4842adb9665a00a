"""The outbox: messages are written with what they report and leave later, once."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from mentormatch.core.clock import now
from mentormatch.models import Message, MessageState
from mentormatch.models.base import AnySession, writing

LEASE = timedelta(minutes=2)
GIVE_UP_AFTER = timedelta(days=5)
_FIRST_PAUSE = timedelta(seconds=30)
_LONGEST_PAUSE = timedelta(hours=1)


def post_all(session: AnySession, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write many messages inside the caller's transaction; each row holds arguments of `post` by name."""
    if not rows:
        return
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    moment = now()
    full = [
        {
            "due_at": moment,
            "expires_at": None,
            "revision": 1,
            "channel": "mail",
            **row,
            "mail_id": secrets.token_hex(16),
        }
        for row in rows
    ]
    session.execute(insert(Message).on_conflict_do_nothing(), full)


def post(
    session: AnySession,
    *,
    kind: str,
    reason: str,
    person_id: int,
    programme_id: int | None = None,
    facts: Mapping[str, Any] | None = None,
    due_at: datetime | None = None,
    expires_at: datetime | None = None,
    revision: int = 1,
    channel: str = "mail",
) -> None:
    """Write a message inside the caller's transaction. The same reason and revision to the same person is written once.

    Parameters
    ----------
    kind:
        The letter, a key of `services.letters.LETTERS`.
    reason:
        What the message is about, such as ``match:17:host``.
    facts:
        Ids and plain values that the letter needs; no rendered text, no secret.
    expires_at:
        After this moment the message is stale and is never sent.
    """
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    row = {
        "kind": kind,
        "reason": reason,
        "revision": revision,
        "person_id": person_id,
        "programme_id": programme_id,
        "channel": channel,
        "facts": dict(facts or {}),
        "due_at": due_at or now(),
        "expires_at": expires_at,
        "mail_id": secrets.token_hex(16),
    }
    session.execute(insert(Message).values(row).on_conflict_do_nothing())


@dataclass(frozen=True, slots=True)
class Claimed:
    """A message that this worker holds the lease of."""

    id: int
    kind: str
    person_id: int
    programme_id: int | None
    facts: dict[str, Any]
    mail_id: str
    expires_at: datetime | None
    created_at: datetime
    attempts: int


def claim(session: AnySession, *, owner: str) -> Claimed | None:
    """Take the oldest due message whose lease is free, or return None."""
    moment = now()
    free = or_(Message.lease_until.is_(None), Message.lease_until < moment)
    oldest = (
        select(Message.id)
        .where(Message.state == MessageState.DUE, Message.due_at <= moment, free)
        .order_by(Message.due_at, Message.id)
        .limit(1)
    )
    if session.scalar(oldest) is None:  # an idle worker takes no write lock
        session.rollback()
        return None
    due = oldest.with_for_update(skip_locked=True).scalar_subquery()
    with writing(session):
        row = session.execute(
            update(Message)
            .where(Message.id == due, free)
            .values(lease_owner=owner, lease_until=moment + LEASE, attempts=Message.attempts + 1)
            .returning(
                Message.id,
                Message.kind,
                Message.person_id,
                Message.programme_id,
                Message.facts,
                Message.mail_id,
                Message.expires_at,
                Message.created_at,
                Message.attempts,
            )
            .execution_options(synchronize_session=False)
        ).one_or_none()
    return None if row is None else Claimed(*row)


def settle(session: AnySession, *, message_id: int, owner: str, state: MessageState, reason: str = "") -> None:
    """Record how a message ended, if this worker still holds it."""
    moment = now()
    with writing(session):
        session.execute(
            update(Message)
            .where(Message.id == message_id, Message.lease_owner == owner, Message.state == MessageState.DUE)
            .values(
                state=state,
                state_reason=reason[:200],
                lease_until=None,
                sent_at=moment if state is MessageState.SENT else None,
            )
        )


def postpone(session: AnySession, *, message: Claimed, owner: str, reason: str) -> None:
    """Try again later, each time after a longer pause; after five days the message has failed."""
    moment = now()
    if moment - message.created_at > GIVE_UP_AFTER:
        settle(session, message_id=message.id, owner=owner, state=MessageState.FAILED, reason=reason)
        return
    pause = min(_FIRST_PAUSE * 2 ** min(message.attempts - 1, 12), _LONGEST_PAUSE)
    with writing(session):
        session.execute(
            update(Message)
            .where(Message.id == message.id, Message.lease_owner == owner, Message.state == MessageState.DUE)
            .values(due_at=moment + pause, lease_until=None, state_reason=reason[:200])
        )
