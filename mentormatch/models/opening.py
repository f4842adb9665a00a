"""After publication: interns who wait for somebody else, and what participants tell the office in private."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from mentormatch.core.clock import now
from mentormatch.core.roles import Role
from mentormatch.models.base import Base, words
from mentormatch.models.person import Person
from mentormatch.models.round import Match


class Opening(Base):
    """Why an intern who waits could not be given anybody the last time this was tried.

    `reason` is ``{"why": …}`` in the shape of `Unmatched.reason`, or ``{"why": "office"}`` when it is for the office to
    decide. Who waits is not said here but follows from the matches: see `queries.openings`.
    """

    __tablename__ = "mm_opening"
    __table_args__ = (UniqueConstraint("round_id", "track", "intern_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("mm_round.id", ondelete="CASCADE"))
    track: Mapped[Role] = mapped_column(words(Role))
    intern_id: Mapped[int] = mapped_column(ForeignKey("mm_enrolment.id", ondelete="CASCADE"))
    reason: Mapped[dict[str, Any]] = mapped_column(default=dict)
    tried_at: Mapped[datetime] = mapped_column(default=now)


class Concern(Base):
    """What one side of a match has told the office in private: it does not fit, or the other does not answer."""

    __tablename__ = "mm_concern"
    __table_args__ = (
        # One open concern for a match and person; pressing twice says it once.
        Index(
            "uq_mm_concern_open",
            "match_id",
            "person_id",
            unique=True,
            sqlite_where=text("settled_at IS NULL"),
            postgresql_where=text("settled_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    match_id: Mapped[int] = mapped_column(ForeignKey("mm_match.id", ondelete="CASCADE"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("mm_person.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(20))
    note: Mapped[str] = mapped_column(String(500), default="")
    told_at: Mapped[datetime] = mapped_column(default=now)
    settled_at: Mapped[datetime | None]

    match: Mapped[Match] = relationship()
    person: Mapped[Person] = relationship()
