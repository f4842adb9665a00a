"""`mentormatch doctor`: whether everything is in order, and what helps if not."""

from __future__ import annotations

import smtplib
import stat
from collections.abc import Iterator
from datetime import timedelta
from enum import StrEnum
from urllib.parse import urlsplit

import click
from sqlalchemy.engine import Engine
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from mentormatch.cli.running import opened, settings
from mentormatch.core.config import Config
from mentormatch.models import schema
from mentormatch.queries import operations

_LATE = timedelta(minutes=5)


class Finding(StrEnum):
    """How grave a finding is."""

    OK = "ok"
    WARNING = "look"
    FAILURE = "FAIL"


Found = tuple[Finding, str]


@click.command()
def doctor() -> None:
    """Look at settings, database, queues and mail; exit with 1 when something is broken."""
    config = settings()
    worst = False
    for finding, text in examine(config):
        click.echo(f"{finding.value:5} {text}")
        worst = worst or finding is Finding.FAILURE
    raise SystemExit(1 if worst else 0)


def examine(config: Config) -> Iterator[Found]:
    """Yield the findings, from the ground up; what rests on something broken is not examined."""
    yield from _settings(config)
    try:
        with opened(config) as engine:
            with engine.connect():
                yield Finding.OK, f"database answers ({engine.dialect.name})"
            if not schema.is_current(engine):
                yield Finding.FAILURE, "the schema is not up to date: run “mentormatch db upgrade”"
                return
            yield Finding.OK, "schema is up to date"
            yield from _queues(engine)
    except SQLAlchemyError as error:
        yield Finding.FAILURE, f"database: {error.__cause__ or error}"
    yield from _mail(config)


def _settings(config: Config) -> Iterator[Found]:
    if config.secure:
        yield Finding.OK, f"site address {config.base_url}"
    else:
        yield Finding.WARNING, f"site address {config.base_url} is not https: fine on one's own machine only"
    if config.mailbox_page:
        yield Finding.WARNING, "the mailbox page shows everybody's mail: for a demo only"
    secret = config.instance_dir / "secret_key"
    if not config.secret_key and secret.exists() and stat.S_IMODE(secret.stat().st_mode) & 0o077:
        yield Finding.FAILURE, f"{secret} can be read by others: chmod 600 it"


def _queues(engine: Engine) -> Iterator[Found]:
    with Session(engine) as session:
        for name, queue in (("jobs", operations.jobs(session)), ("messages", operations.messages(session))):
            late = queue.oldest is not None and queue.oldest > _LATE
            text = f"{name}: {queue.waiting} waiting, {queue.failed} failed"
            if late and queue.oldest:
                minutes = int(queue.oldest.total_seconds() // 60)
                yield Finding.FAILURE, f"{text}; the oldest has been due for {minutes} minutes: is a worker running?"
            else:
                yield Finding.WARNING if queue.failed else Finding.OK, text


def _mail(config: Config) -> Iterator[Found]:
    if not config.smtp_url:
        yield Finding.WARNING, f"no SMTP server is set: mail is kept in {config.mailbox}"
        return
    parts = urlsplit(config.smtp_url)
    kind = smtplib.SMTP_SSL if parts.scheme == "smtps" else smtplib.SMTP
    default = 465 if parts.scheme == "smtps" else 25
    try:
        with kind(parts.hostname or "localhost", parts.port or default, timeout=10) as server:
            server.noop()
    except (OSError, smtplib.SMTPException) as error:
        yield Finding.FAILURE, f"mail server {parts.hostname}: {error}"
    else:
        yield Finding.OK, f"mail server {parts.hostname} answers"
