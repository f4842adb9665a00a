"""Signing in and out of the standalone application: passwords, one-time links, sessions that really end."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from mentormatch.core.clock import now
from mentormatch.core.errors import InvalidInput, NotFound
from mentormatch.core.names import email_key
from mentormatch.core.policy import Actor
from mentormatch.models import Credential, Person, SignInLink, SignInSession
from mentormatch.models.base import AnySession, writing
from mentormatch.services import audit, outbox

SESSION_LIFETIME = timedelta(days=30)
SESSION_IDLE = timedelta(days=7)
LINK_LIFETIME = timedelta(minutes=30)
INVITATION_LIFETIME = timedelta(days=14)
PASSWORD_LENGTH = (12, 128)
_TOUCH_EVERY = timedelta(minutes=10)
_hasher = PasswordHasher()
# Verified when there is no such person, so that both answers take the same time.
_NOBODY = _hasher.hash(secrets.token_urlsafe(16))


def token_hash(token: str) -> str:
    """Return what is stored of a token: its SHA-256 in hexadecimal. Tokens are 256 random bits and need no salt."""
    return hashlib.sha256(token.encode()).hexdigest()


def check_password(session: AnySession, *, email: str, password: str) -> int | None:
    """Return the person's id when address and password belong together, else None, after the same time."""
    found = session.execute(
        select(Credential.person_id, Credential.password_hash)
        .join(Person, Person.id == Credential.person_id)
        .where(Person.email_key == email_key(email))
    ).one_or_none()
    try:
        _hasher.verify(found.password_hash if found else _NOBODY, password)
    except (VerificationError, InvalidHashError):
        return None
    return found.person_id if found else None


def set_password(session: AnySession, *, actor: Actor, password: str) -> None:
    """Set the actor's own password, end all of the actor's sessions and make mailed links worthless.

    Raises
    ------
    InvalidInput
        The password is shorter or longer than allowed.
    """
    shortest, longest = PASSWORD_LENGTH
    if not shortest <= len(password) <= longest:
        raise InvalidInput(
            "Choose a password of %(shortest)s to %(longest)s characters; this one has %(found)s.",
            field="password",
            shortest=shortest,
            longest=longest,
            found=len(password),
        )
    hashed = _hasher.hash(password)
    with writing(session):
        insert = (postgresql if session.get_bind().dialect.name == "postgresql" else sqlite).insert(Credential)
        chosen = {"password_hash": hashed, "changed_at": now()}
        new = insert.values(person_id=actor.person_id, **chosen)
        session.execute(new.on_conflict_do_update(index_elements=["person_id"], set_=chosen))
        mine = SignInLink.person_id == actor.person_id, SignInLink.used_at.is_(None)
        session.execute(update(SignInLink).where(*mine).values(used_at=now()))
        session.execute(delete(SignInSession).where(SignInSession.person_id == actor.person_id))
        audit.record(session, actor=actor, action="password.changed", subject=f"person:{actor.person_id}")


def open_session(session: AnySession, *, person_id: int) -> str:
    """Sign a person in and return the new session's token, for the cookie. Old sessions of other browsers go on."""
    token = secrets.token_urlsafe(32)
    with writing(session):
        _add_session(session, person_id, token)
    return token


def close_session(session: AnySession, *, token: str) -> None:
    """Sign out: the token is worth nothing from now on. An unknown token is no error."""
    with writing(session):
        session.execute(delete(SignInSession).where(SignInSession.token_hash == token_hash(token)))


def email_of_session(session: AnySession, *, token: str) -> str | None:
    """Return the address of the person behind a live session, or None; prolongs it every ten minutes of use."""
    moment = now()
    found = session.execute(
        select(SignInSession.id, SignInSession.seen_at, Person.email)
        .join(Person, Person.id == SignInSession.person_id)
        .where(
            SignInSession.token_hash == token_hash(token),
            SignInSession.expires_at > moment,
            SignInSession.seen_at > moment - SESSION_IDLE,
        )
    ).one_or_none()
    if found is None:
        return None
    if moment - found.seen_at > _TOUCH_EVERY:
        with writing(session):
            session.execute(update(SignInSession).where(SignInSession.id == found.id).values(seen_at=moment))
    return str(found.email)


def issue_link(
    session: AnySession, *, person_id: int, next_path: str = "/", lifetime: timedelta = LINK_LIFETIME
) -> str:
    """Make a one-time sign-in link for a person and return its token. Called at the moment of sending, not earlier."""
    token = secrets.token_urlsafe(32)
    with writing(session):
        session.add(
            SignInLink(
                token_hash=token_hash(token), person_id=person_id, next_path=next_path, expires_at=now() + lifetime
            )
        )
    return token


def request_link(session: AnySession, *, email: str, next_path: str) -> None:
    """Have a sign-in link mailed to the person with this address; an unknown address is no error and sends nothing."""
    moment = now()
    with writing(session):
        person_id = session.scalar(select(Person.id).where(Person.email_key == email_key(email)))
        # Written for strangers too: a request that writes takes longer than one that does not, and so would tell.
        audit.record(session, actor=None, action="link.requested", subject=f"person:{person_id or 0}")
        if person_id is not None:
            outbox.post(
                session,
                kind="sign_in_link",
                reason=f"sign-in:{person_id}:{moment.isoformat()}",
                person_id=person_id,
                facts={"next_path": next_path},
                expires_at=moment + LINK_LIFETIME,
            )


def link_owner(session: AnySession, *, token: str) -> str | None:
    """Return whose live link this is (the address), without using it up: mail scanners follow links too."""
    owner: str | None = session.scalar(
        select(Person.email)
        .join(SignInLink, SignInLink.person_id == Person.id)
        .where(SignInLink.token_hash == token_hash(token), SignInLink.used_at.is_(None), SignInLink.expires_at > now())
    )
    return owner


def redeem_link(session: AnySession, *, token: str) -> tuple[str, str]:
    """Use a link up; return the token of the new session and the path to go to.

    Raises
    ------
    NotFound
        The link is unknown, used or expired.
    """
    moment = now()
    opened = secrets.token_urlsafe(32)
    with writing(session):
        used = session.execute(
            update(SignInLink)
            .where(
                SignInLink.token_hash == token_hash(token), SignInLink.used_at.is_(None), SignInLink.expires_at > moment
            )
            .values(used_at=moment)
            .returning(SignInLink.person_id, SignInLink.next_path)
        ).one_or_none()
        if used is None:
            raise NotFound("This sign-in link has been used or has expired. Ask for a new one.")
        _add_session(session, used.person_id, opened)
    return opened, used.next_path


def _add_session(session: AnySession, person_id: int, token: str) -> None:
    session.add(SignInSession(token_hash=token_hash(token), person_id=person_id, expires_at=now() + SESSION_LIFETIME))
