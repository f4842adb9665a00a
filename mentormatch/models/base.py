"""The declarative base, column types and the one way to write."""

from __future__ import annotations

import enum
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, DateTime, Dialect, Enum, MetaData, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Session, scoped_session
from sqlalchemy.types import TypeDecorator, TypeEngine

from mentormatch.core.clock import as_utc

AnySession = Session | scoped_session[Session]


class Moment(TypeDecorator[datetime]):
    """An instant: aware in Python, UTC in the database. A naive datetime is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - interface
        return None if value is None else as_utc(value)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - interface
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Json(TypeDecorator[Any]):
    """Plain JSON: JSONB on PostgreSQL, text elsewhere."""

    impl = JSON
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Choose the column type of the database."""
        return dialect.type_descriptor(JSONB() if dialect.name == "postgresql" else JSON())


def words(kind: type[enum.StrEnum]) -> Enum:
    """Return the column type of a string enumeration, stored as its words."""
    return Enum(
        kind, native_enum=False, length=32, values_callable=lambda members: [member.value for member in members]
    )


class Base(DeclarativeBase):
    """Base of every table of MentorMatch."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy's own interface
        datetime: Moment(),
        dict[str, Any]: Json(),
        list[Any]: Json(),
    }


@contextmanager
def writing(session: AnySession) -> Iterator[None]:
    """Run the block as one write transaction: all of it or nothing.

    The read snapshot of the request ends first. On SQLite the lock is taken at once (``BEGIN IMMEDIATE``), so that two
    writers queue up instead of failing half-way; on PostgreSQL the rows and constraints decide.
    """
    session.rollback()
    if session.get_bind().dialect.name == "sqlite":
        session.execute(text("BEGIN IMMEDIATE"))
    try:
        yield
        session.commit()
    except BaseException:
        session.rollback()
        raise
