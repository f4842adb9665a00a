"""The audit trail's one entry point, called inside the transaction of the act."""

from __future__ import annotations

from mentormatch.core.clock import now
from mentormatch.core.policy import Actor
from mentormatch.models import AuditEvent
from mentormatch.models.base import AnySession


def record(
    session: AnySession,
    *,
    actor: Actor | None,
    action: str,
    subject: str,
    programme_id: int | None = None,
    **detail: object,
) -> None:
    """Add one event to the session; the caller's transaction commits it with the act itself.

    Parameters
    ----------
    action:
        Verb in the past, dotted: ``round.published``.
    subject:
        ``kind:id`` of the thing.
    **detail:
        Plain JSON values: counts, states, keys. No free text that people wrote.
    """
    session.add(
        AuditEvent(
            at=now(),
            actor_id=None if actor is None else actor.person_id,
            programme_id=programme_id,
            action=action,
            subject=subject,
            detail=detail,
        )
    )
