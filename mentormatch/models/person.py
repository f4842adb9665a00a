"""People: one row per human being, whatever roles they hold and however often these change."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, composite, mapped_column

from mentormatch.core.clock import now
from mentormatch.core.names import Name
from mentormatch.models.base import Base


class Person(Base):
    """A person. `email_key` is the normalised address, unique."""

    __tablename__ = "mm_person"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(254))
    email_key: Mapped[str] = mapped_column(String(254), unique=True)
    family_name: Mapped[str] = mapped_column(String(60), default="")
    given_name: Mapped[str] = mapped_column(String(60), default="")
    family_kana: Mapped[str] = mapped_column(String(60), default="")
    given_kana: Mapped[str] = mapped_column(String(60), default="")
    romaji: Mapped[str] = mapped_column(String(120), default="")
    preferred_name: Mapped[str] = mapped_column(String(60), default="")
    name: Mapped[Name] = composite("family_name", "given_name", "family_kana", "given_kana", "romaji", "preferred_name")
    language: Mapped[str] = mapped_column(String(2), default="ja")
    timezone: Mapped[str] = mapped_column(String(64), default="Asia/Tokyo")
    is_system_admin: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(default=now)
