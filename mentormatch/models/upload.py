"""Spreadsheets that are being imported: kept until the last step, so that nothing is saved before it."""

from __future__ import annotations

import enum
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from mentormatch.core.clock import now
from mentormatch.models.base import Base, Json, words
from mentormatch.models.person import Person


class UploadState(enum.StrEnum):
    """Whether the import is under way, done or given up."""

    DRAFT = "draft"
    IMPORTED = "imported"
    DISCARDED = "discarded"


class Upload(Base):
    """One uploaded sheet with the admin's mapping and corrections.

    `mapping` maps the column indices (as strings) that the admin decided on to field keys or None; `corrections` holds
    ``{"steps": […]}``, each with a patch for `sheets.corrections`; `preview` is what the last check found, for the
    pages; `report` holds its counts, and after the import what was done. An empty `worksheet` means the one that
    looks right.
    """

    __tablename__ = "mm_upload"

    id: Mapped[int] = mapped_column(primary_key=True)
    programme_id: Mapped[int] = mapped_column(ForeignKey("mm_programme.id", ondelete="CASCADE"), index=True)
    filename: Mapped[str] = mapped_column(String(255))
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    worksheet: Mapped[str] = mapped_column(String(255), default="")
    default_role: Mapped[str] = mapped_column(String(20), default="intern")
    mapping: Mapped[dict[str, Any]] = mapped_column(Json(), default=dict)
    corrections: Mapped[dict[str, Any]] = mapped_column(Json(), default=dict)
    preview: Mapped[dict[str, Any]] = mapped_column(Json(), default=dict, deferred=True)
    report: Mapped[dict[str, Any]] = mapped_column(Json(), default=dict)
    state: Mapped[UploadState] = mapped_column(words(UploadState), default=UploadState.DRAFT)
    rev: Mapped[int] = mapped_column(default=1)
    uploaded_by: Mapped[int | None] = mapped_column(ForeignKey("mm_person.id", ondelete="SET NULL"))
    created_at: Mapped[datetime] = mapped_column(default=now)
    imported_at: Mapped[datetime | None]

    uploader: Mapped[Person | None] = relationship()


class UploadMapping(Base):
    """A remembered mapping: sheets with the same header are read the same way next time."""

    __tablename__ = "mm_upload_mapping"
    __table_args__ = (UniqueConstraint("programme_id", "signature"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    programme_id: Mapped[int] = mapped_column(ForeignKey("mm_programme.id", ondelete="CASCADE"))
    signature: Mapped[str] = mapped_column(String(64))
    mapping: Mapped[dict[str, Any]] = mapped_column(Json())
    updated_at: Mapped[datetime] = mapped_column(default=now, onupdate=now)
