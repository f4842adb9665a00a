"""Programmes, who takes part in them, and by what they are matched."""

from __future__ import annotations

import enum
from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from mentormatch.core.clock import now
from mentormatch.core.roles import Role
from mentormatch.core.wording import Bilingual
from mentormatch.models.base import Base, words
from mentormatch.models.person import Person


class Programme(Base):
    """One internship programme of one term.

    `publish_delay` is in minutes; `reminder_days` before an answer is due a host is reminded, 0 for never;
    `falls_through` says whether a declined place goes to the next best by itself, for one intern `most_falls` times at
    most; with `sign_off` a second person must have signed a run off before it is published.
    """

    __tablename__ = "mm_programme"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(60), unique=True)
    name_en: Mapped[str] = mapped_column(String(120))
    name_ja: Mapped[str] = mapped_column(String(120))
    organisation_en: Mapped[str] = mapped_column(String(120), default="")
    organisation_ja: Mapped[str] = mapped_column(String(120), default="")
    timezone: Mapped[str] = mapped_column(String(64), default="Asia/Tokyo")
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    tracks: Mapped[list[Any]] = mapped_column(default=lambda: [Role.MENTOR.value])
    choices: Mapped[dict[str, Any]] = mapped_column(default=dict)
    publish_delay: Mapped[int] = mapped_column(default=5)
    reminder_days: Mapped[int] = mapped_column(default=2)
    falls_through: Mapped[bool] = mapped_column(default=True)
    most_falls: Mapped[int] = mapped_column(default=3)
    sign_off: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(default=now)

    @property
    def name(self) -> Bilingual:
        """The programme's name in both languages."""
        return Bilingual(self.name_en, self.name_ja)

    @property
    def organisation(self) -> Bilingual:
        """Who runs it, in both languages."""
        return Bilingual(self.organisation_en, self.organisation_ja)


class Staff(Base):
    """A person who runs a programme: its admin or a coordinator."""

    __tablename__ = "mm_staff"
    __table_args__ = (UniqueConstraint("programme_id", "person_id", "role"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    programme_id: Mapped[int] = mapped_column(ForeignKey("mm_programme.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(ForeignKey("mm_person.id", ondelete="CASCADE"), index=True)
    role: Mapped[Role] = mapped_column(words(Role))

    person: Mapped[Person] = relationship()


class EnrolmentState(enum.StrEnum):
    """Whether an enrolment takes part in matching."""

    ACTIVE = "active"
    PAUSED = "paused"
    WITHDRAWN = "withdrawn"


class Enrolment(Base):
    """A person's part in a programme, in one role, with the answers given for it.

    `profile` maps keys of `mentormatch.core.fields` to JSON values of the shapes given there.
    """

    __tablename__ = "mm_enrolment"
    __table_args__ = (
        UniqueConstraint("programme_id", "person_id", "role"),
        Index(None, "programme_id", "role", "state"),
        CheckConstraint("capacity >= 0", "capacity_not_negative"),
        CheckConstraint("minimum >= 0 AND minimum <= capacity", "minimum_within_capacity"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    programme_id: Mapped[int] = mapped_column(ForeignKey("mm_programme.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(ForeignKey("mm_person.id", ondelete="CASCADE"), index=True)
    role: Mapped[Role] = mapped_column(words(Role))
    number: Mapped[str] = mapped_column(String(40), default="")
    capacity: Mapped[int] = mapped_column(default=1)
    minimum: Mapped[int] = mapped_column(default=0)
    state: Mapped[EnrolmentState] = mapped_column(words(EnrolmentState), default=EnrolmentState.ACTIVE)
    profile: Mapped[dict[str, Any]] = mapped_column(default=dict)
    created_at: Mapped[datetime] = mapped_column(default=now)
    updated_at: Mapped[datetime] = mapped_column(default=now, onupdate=now)

    person: Mapped[Person] = relationship()
    programme: Mapped[Programme] = relationship()


class Criterion(Base):
    """One criterion of a programme: what is compared, how, and for how many points."""

    __tablename__ = "mm_criterion"
    __table_args__ = (UniqueConstraint("programme_id", "key"), CheckConstraint("weight >= 0", "weight_not_negative"))

    id: Mapped[int] = mapped_column(primary_key=True)
    programme_id: Mapped[int] = mapped_column(ForeignKey("mm_programme.id", ondelete="CASCADE"))
    key: Mapped[str] = mapped_column(String(40))
    kind: Mapped[str] = mapped_column(String(20))
    label_en: Mapped[str] = mapped_column(String(80))
    label_ja: Mapped[str] = mapped_column(String(80))
    intern_fields: Mapped[list[Any]]
    host_fields: Mapped[list[Any]]
    weight: Mapped[int]
    position: Mapped[int] = mapped_column(default=0)

    @property
    def label(self) -> Bilingual:
        """The criterion's name in both languages."""
        return Bilingual(self.label_en, self.label_ja)


class Rule(Base):
    """One rule that no pair may break; one with a `price` may be broken as a last resort, for so many points."""

    __tablename__ = "mm_rule"
    __table_args__ = (
        UniqueConstraint("programme_id", "key"),
        CheckConstraint("price >= 0 AND price <= 100", "price_in_points"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    programme_id: Mapped[int] = mapped_column(ForeignKey("mm_programme.id", ondelete="CASCADE"))
    key: Mapped[str] = mapped_column(String(40))
    kind: Mapped[str] = mapped_column(String(30))
    params: Mapped[dict[str, Any]] = mapped_column(default=dict)
    price: Mapped[int | None]
    active: Mapped[bool] = mapped_column(default=True)
    position: Mapped[int] = mapped_column(default=0)
