"""What is known of a round before its run, worked out in the background and kept until something changes."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from mentormatch.core.clock import now
from mentormatch.models.base import Base


class Feasibility(Base):
    """The last look at what is possible in a round, before any run.

    `stamp` tells the state of the data that was read, see `queries.readiness.stamp`; for `figures` see
    `services.feasibility`.
    """

    __tablename__ = "mm_feasibility"

    round_id: Mapped[int] = mapped_column(ForeignKey("mm_round.id", ondelete="CASCADE"), primary_key=True)
    stamp: Mapped[str] = mapped_column(String(64))
    figures: Mapped[dict[str, Any]] = mapped_column(default=dict)
    computed_at: Mapped[datetime] = mapped_column(default=now)
