"""Matching rounds: the round, its runs, what a run proposes, what the admin decides, and what is published."""

from __future__ import annotations

import enum
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from mentormatch.core.clock import now
from mentormatch.core.roles import Role
from mentormatch.models.base import Base, Json, words
from mentormatch.models.person import Person
from mentormatch.models.programme import Enrolment, Programme


class RoundState(enum.StrEnum):
    """The states of a round, in order; `services.rounds` holds the allowed steps."""

    DRAFT = "draft"
    OPEN = "open"
    MATCHING = "matching"
    REVIEW = "review"
    PUBLISHING = "publishing"
    PUBLISHED = "published"
    CLOSED = "closed"


class Round(Base):
    """One matching round of a programme. `rev` counts every change, for compare-and-set.

    `most_interns` is how many interns one host may get in this round at the most, None for as many as they have places.

    `publishing_at` is when it is going to be published, `withheld` why that failed the last time, as ``{"message":
    English text with %(name)s fields, "fields": {...}}``; `signed_run_id` is the run that a second person signed off.
    """

    __tablename__ = "mm_round"
    __table_args__ = (
        UniqueConstraint("programme_id", "number"),
        CheckConstraint("most_interns >= 1", "somebody_for_each_host"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    programme_id: Mapped[int] = mapped_column(ForeignKey("mm_programme.id", ondelete="CASCADE"))
    number: Mapped[int]
    state: Mapped[RoundState] = mapped_column(words(RoundState), default=RoundState.DRAFT)
    opens_at: Mapped[datetime | None]
    matching_at: Mapped[datetime | None]
    publish_at: Mapped[datetime | None]
    closes_at: Mapped[datetime | None]
    answer_days: Mapped[int] = mapped_column(default=7)
    most_interns: Mapped[int | None]
    run_id: Mapped[int | None] = mapped_column(ForeignKey("mm_run.id", use_alter=True, ondelete="SET NULL"))
    rev: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(default=now)
    published_at: Mapped[datetime | None]
    publishing_at: Mapped[datetime | None]
    publishing_by: Mapped[int | None] = mapped_column(ForeignKey("mm_person.id", ondelete="SET NULL"))
    withheld: Mapped[dict[str, Any]] = mapped_column(default=dict)
    signed_run_id: Mapped[int | None] = mapped_column(ForeignKey("mm_run.id", use_alter=True, ondelete="SET NULL"))
    signed_by: Mapped[int | None] = mapped_column(ForeignKey("mm_person.id", ondelete="SET NULL"))
    signed_at: Mapped[datetime | None]

    programme: Mapped[Programme] = relationship()
    run: Mapped[Run | None] = relationship(foreign_keys=[run_id])
    signer: Mapped[Person | None] = relationship(foreign_keys=[signed_by])


class RunState(enum.StrEnum):
    """The states of a run."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    STOPPED = "stopped"
    FAILED = "failed"


class Run(Base):
    """One computation, kept with everything that is needed to repeat it.

    `settings` are `mentormatch.queries.run_settings.RunSettings`; `problem` is the frozen `MatchProblem` as JSON and
    `digest` its SHA-256; `progress` is
    ``{"stage": str, "fraction": 0..1, "facts": {...}}``; `summary` holds the figures of the review page. Points are
    integers, 100 per shown point.
    """

    __tablename__ = "mm_run"
    __table_args__ = (
        # Races are decided here: at most one unfinished run for a round.
        Index(
            "uq_mm_run_unfinished",
            "round_id",
            unique=True,
            sqlite_where=text("state IN ('queued', 'running')"),
            postgresql_where=text("state IN ('queued', 'running')"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("mm_round.id", ondelete="CASCADE"), index=True)
    number: Mapped[int]
    state: Mapped[RunState] = mapped_column(words(RunState), default=RunState.QUEUED)
    started_by: Mapped[int | None] = mapped_column(ForeignKey("mm_person.id", ondelete="SET NULL"))
    stop_requested: Mapped[bool] = mapped_column(default=False)
    settings: Mapped[dict[str, Any]] = mapped_column(default=dict)
    problem: Mapped[dict[str, Any]] = mapped_column(Json(), default=dict, deferred=True)
    digest: Mapped[str] = mapped_column(String(64), default="")
    progress: Mapped[dict[str, Any]] = mapped_column(default=dict)
    summary: Mapped[dict[str, Any]] = mapped_column(default=dict)
    error: Mapped[str] = mapped_column(String(500), default="")
    created_at: Mapped[datetime] = mapped_column(default=now)
    finished_at: Mapped[datetime | None]

    round: Mapped[Round] = relationship(foreign_keys=[round_id])


PREFERRED, NOT_A_WISH = 6, 7
"""Places after the ranks of `Proposal.wish`."""


class Proposal(Base):
    """A pair that a run proposes. `explanation` is the JSON form of `matching.explanation`.

    `wish` is the host's rank among the intern's choices, `PREFERRED` without a rank, `NOT_A_WISH` if she asked for
    others, None if she asked for nobody in the track. Like all wishes it is for the office alone.
    """

    __tablename__ = "mm_proposal"
    __table_args__ = (UniqueConstraint("run_id", "track", "intern_id"), Index(None, "run_id", "track", "points"))

    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("mm_run.id", ondelete="CASCADE"))
    track: Mapped[Role] = mapped_column(words(Role))
    intern_id: Mapped[int] = mapped_column(ForeignKey("mm_enrolment.id", ondelete="CASCADE"))
    host_id: Mapped[int] = mapped_column(ForeignKey("mm_enrolment.id", ondelete="CASCADE"))
    points: Mapped[int]
    margin: Mapped[int | None]
    wish: Mapped[int | None]
    explanation: Mapped[dict[str, Any]] = mapped_column(Json(), default=dict, deferred=True)

    intern: Mapped[Enrolment] = relationship(foreign_keys=[intern_id])
    host: Mapped[Enrolment] = relationship(foreign_keys=[host_id])


class Unmatched(Base):
    """An intern whom a run leaves without a partner in one track, with the reason as data."""

    __tablename__ = "mm_unmatched"
    __table_args__ = (UniqueConstraint("run_id", "track", "intern_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("mm_run.id", ondelete="CASCADE"))
    track: Mapped[Role] = mapped_column(words(Role))
    intern_id: Mapped[int] = mapped_column(ForeignKey("mm_enrolment.id", ondelete="CASCADE"))
    reason: Mapped[dict[str, Any]] = mapped_column(default=dict)

    intern: Mapped[Enrolment] = relationship()


class DecisionKind(enum.StrEnum):
    """What the admin says about a pair: keep it, never, or not in this round."""

    PIN = "pin"
    VETO = "veto"
    SKIP = "skip"


class Decision(Base):
    """An admin's decision on a pair of a round; it binds the next run. `despite`: a pin although a rule forbids it."""

    __tablename__ = "mm_decision"
    __table_args__ = (UniqueConstraint("round_id", "track", "intern_id", "host_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("mm_round.id", ondelete="CASCADE"))
    track: Mapped[Role] = mapped_column(words(Role))
    intern_id: Mapped[int] = mapped_column(ForeignKey("mm_enrolment.id", ondelete="CASCADE"))
    host_id: Mapped[int] = mapped_column(ForeignKey("mm_enrolment.id", ondelete="CASCADE"))
    kind: Mapped[DecisionKind] = mapped_column(words(DecisionKind))
    despite: Mapped[bool] = mapped_column(default=False)
    note: Mapped[str] = mapped_column(String(500), default="")
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("mm_person.id", ondelete="SET NULL"))
    decided_at: Mapped[datetime] = mapped_column(default=now)
    applied_run_id: Mapped[int | None] = mapped_column(ForeignKey("mm_run.id", ondelete="SET NULL"))

    person: Mapped[Person | None] = relationship()


class MatchState(enum.StrEnum):
    """What the host said to a published match, that the answer never came, or that the office ended it later."""

    PROPOSED = "proposed"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    EXPIRED = "expired"
    ENDED = "ended"


LIVING = (MatchState.PROPOSED, MatchState.ACCEPTED)
"""The states in which a match holds a place and its two people."""

_LIVES = text("state IN ('proposed', 'accepted')")


class MatchOrigin(enum.StrEnum):
    """How a match came about: with its round, by itself after somebody declined, or confirmed by the office."""

    ROUND = "round"
    FALL_THROUGH = "fall_through"
    OFFICE = "office"


class Match(Base):
    """A published pair: the beginning of a relationship. `reasons` is what both sides are told, frozen.

    Once it lives no longer, `seeks` says whether the intern is to get somebody else, and `offers` whether the host's
    place is free for others in this round.
    """

    __tablename__ = "mm_match"
    __table_args__ = (
        # Races are decided here: an intern has at most one living match in a track.
        Index("uq_mm_match_living", "track", "intern_id", unique=True, sqlite_where=_LIVES, postgresql_where=_LIVES),
        Index(None, "round_id", "track", "state"),
        Index(None, "state", "answer_by"),
        Index(None, "host_id"),
        Index(None, "intern_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("mm_round.id", ondelete="CASCADE"))
    track: Mapped[Role] = mapped_column(words(Role))
    intern_id: Mapped[int] = mapped_column(ForeignKey("mm_enrolment.id", ondelete="CASCADE"))
    host_id: Mapped[int] = mapped_column(ForeignKey("mm_enrolment.id", ondelete="CASCADE"))
    state: Mapped[MatchState] = mapped_column(words(MatchState), default=MatchState.PROPOSED)
    origin: Mapped[MatchOrigin] = mapped_column(words(MatchOrigin), default=MatchOrigin.ROUND)
    reasons: Mapped[dict[str, Any]] = mapped_column(default=dict)
    decline_reason: Mapped[str] = mapped_column(String(32), default="")
    decline_note: Mapped[str] = mapped_column(String(500), default="")
    created_at: Mapped[datetime] = mapped_column(default=now)
    answer_by: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    end_reason: Mapped[str] = mapped_column(String(32), default="")
    end_note: Mapped[str] = mapped_column(String(500), default="")
    seeks: Mapped[bool] = mapped_column(default=True)
    offers: Mapped[bool] = mapped_column(default=True)

    round: Mapped[Round] = relationship()
    intern: Mapped[Enrolment] = relationship(foreign_keys=[intern_id])
    host: Mapped[Enrolment] = relationship(foreign_keys=[host_id])
