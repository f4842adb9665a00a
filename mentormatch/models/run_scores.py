"""What a run has scored, kept so that "what would happen if" need not score it again."""

from __future__ import annotations

from sqlalchemy import ForeignKey, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from mentormatch.models.base import Base


class RunScores(Base):
    """The scored problem of a run: the bytes of `mentormatch.matching.scored.Scored`, apart because they are many."""

    __tablename__ = "mm_run_scores"

    run_id: Mapped[int] = mapped_column(ForeignKey("mm_run.id", ondelete="CASCADE"), primary_key=True)
    data: Mapped[bytes] = mapped_column(LargeBinary)
