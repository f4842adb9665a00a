"""Sign-in of the standalone application; unused where a host supplies the user."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from mentormatch.core.clock import now
from mentormatch.models.base import Base
from mentormatch.models.person import Person


class Credential(Base):
    """A person's password, hashed with Argon2id."""

    __tablename__ = "mm_credential"

    person_id: Mapped[int] = mapped_column(ForeignKey("mm_person.id", ondelete="CASCADE"), primary_key=True)
    password_hash: Mapped[str] = mapped_column(String(255))
    changed_at: Mapped[datetime] = mapped_column(default=now)


class SignInSession(Base):
    """A signed-in browser. The cookie holds the token, the table its SHA-256, so that signing out ends it for good."""

    __tablename__ = "mm_sign_in_session"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("mm_person.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime] = mapped_column(default=now)
    seen_at: Mapped[datetime] = mapped_column(default=now)
    expires_at: Mapped[datetime]

    person: Mapped[Person] = relationship()


class SignInLink(Base):
    """A one-time link sent by mail; only its SHA-256 is stored."""

    __tablename__ = "mm_sign_in_link"
    __table_args__ = (Index(None, "person_id", "expires_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("mm_person.id", ondelete="CASCADE"))
    next_path: Mapped[str] = mapped_column(String(500), default="/")
    created_at: Mapped[datetime] = mapped_column(default=now)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]

    person: Mapped[Person] = relationship()
