"""Sending one due message: everything is checked again at this moment, and the text is made now."""

from __future__ import annotations

import logging
from email.message import EmailMessage
from email.utils import parseaddr

from mentormatch.channels import mail
from mentormatch.channels.letter import compose
from mentormatch.core.clock import now
from mentormatch.core.config import Config
from mentormatch.models import MessageState, Person
from mentormatch.models.base import AnySession
from mentormatch.services import letters, outbox

_log = logging.getLogger(__name__)


def deliver_next(session: AnySession, *, config: Config, way: mail.Way, owner: str, sign_in_links: bool) -> bool:
    """Send the oldest due message; return whether there was one.

    Parameters
    ----------
    way:
        How mail leaves; tests and the demo give a folder.
    owner:
        Name of this worker, for the lease.
    sign_in_links:
        Whether links in letters sign the reader in (standalone) or lead to the host's own sign-in.
    """
    message = outbox.claim(session, owner=owner)
    if message is None:
        return False
    if message.expires_at is not None and message.expires_at <= now():
        outbox.settle(
            session, message_id=message.id, owner=owner, state=MessageState.EXPIRED, reason="too late to be of use"
        )
        return True
    try:
        way.send(_written(session, message, config, sign_in_links=sign_in_links))
    except letters.NotAnyMore as stale:
        outbox.settle(session, message_id=message.id, owner=owner, state=MessageState.DROPPED, reason=str(stale))
    except mail.Undeliverable as refused:
        outbox.settle(session, message_id=message.id, owner=owner, state=MessageState.FAILED, reason=str(refused))
    except mail.TryLater as later:
        outbox.postpone(session, message=message, owner=owner, reason=str(later))
    except Exception as broken:  # noqa: BLE001 - a letter that cannot be written neither blocks others nor is lost
        _log.exception("message %s %s cannot be written", message.id, message.kind)
        session.rollback()
        outbox.postpone(session, message=message, owner=owner, reason=f"{type(broken).__name__}: {broken}")
    else:
        outbox.settle(session, message_id=message.id, owner=owner, state=MessageState.SENT)
    return True


def _written(session: AnySession, message: outbox.Claimed, config: Config, *, sign_in_links: bool) -> EmailMessage:
    """Return the mail as it stands at this moment."""
    person = session.get(Person, message.person_id)
    assert person is not None  # the foreign key removes messages with their person
    desk = letters.Desk(session, config, person, sign_in_links=sign_in_links)
    language = desk.speech.language
    letter = compose(message.kind, language, letters.LETTERS[message.kind](desk, message.facts))
    return mail.build(
        letter,
        sender=config.mail_from,
        to=person.email,
        name=person.name.full(language),
        mail_id=f"<{message.mail_id}@{parseaddr(config.mail_from)[1].rpartition('@')[2] or 'localhost'}>",
        language=language,
        at=now(),
    )
