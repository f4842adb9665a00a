"""What participants ask for, each in private: whom they would like, whom not, and what matters most to them."""

from __future__ import annotations

import enum
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from mentormatch.core.clock import now
from mentormatch.core.roles import Role
from mentormatch.models.base import Base, words
from mentormatch.models.programme import Enrolment


class WishKind(enum.StrEnum):
    """What somebody says about somebody else."""

    CHOICE = "choice"  # one of the ranked choices
    PREFER = "prefer"  # gladly, without a rank
    AVOID = "avoid"  # please not


class Wish(Base):
    """What one enrolment says about another one of the same programme.

    Only the author and the programme's admins may ever read it; never the other side. `role` is that of the other: an
    intern ranks mentors and alumni apart. `rank` is 1 to 5 for a choice, else None.
    """

    __tablename__ = "mm_wish"
    __table_args__ = (
        UniqueConstraint("author_id", "other_id"),
        UniqueConstraint("author_id", "role", "rank"),
        CheckConstraint("author_id <> other_id", "of_somebody_else"),
        CheckConstraint(
            "(kind = 'choice' AND rank BETWEEN 1 AND 5) OR (kind <> 'choice' AND rank IS NULL)", "rank_of_choice"
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    author_id: Mapped[int] = mapped_column(ForeignKey("mm_enrolment.id", ondelete="CASCADE"))
    other_id: Mapped[int] = mapped_column(ForeignKey("mm_enrolment.id", ondelete="CASCADE"), index=True)
    role: Mapped[Role] = mapped_column(words(Role))
    kind: Mapped[WishKind] = mapped_column(words(WishKind))
    rank: Mapped[int | None]
    created_at: Mapped[datetime] = mapped_column(default=now)

    author: Mapped[Enrolment] = relationship(foreign_keys=[author_id])
    other: Mapped[Enrolment] = relationship(foreign_keys=[other_id])


class WishSheet(Base):
    """What else an enrolment asks for: the key of the criterion that matters most, or that anybody is welcome."""

    __tablename__ = "mm_wish_sheet"

    author_id: Mapped[int] = mapped_column(ForeignKey("mm_enrolment.id", ondelete="CASCADE"), primary_key=True)
    priority: Mapped[str] = mapped_column(String(40), default="")
    open_to_all: Mapped[bool] = mapped_column(default=False)
    updated_at: Mapped[datetime] = mapped_column(default=now, onupdate=now)

    author: Mapped[Enrolment] = relationship()
