"""`mentormatch db`: the schema."""

from __future__ import annotations

import click

from mentormatch.cli.running import opened, settings
from mentormatch.models import schema


@click.group()
def db() -> None:
    """Look after the database's schema."""


@db.command()
@click.argument("revision", default="head")
def upgrade(revision: str) -> None:
    """Bring the database up to date; run it after every update of the program."""
    with opened(settings()) as engine:
        schema.upgrade(engine, revision)
    click.echo("The database is up to date.")


@db.command()
@click.argument("revision")
@click.confirmation_option(prompt="This removes tables or columns with their data. Go on?")
def downgrade(revision: str) -> None:
    """Take the schema back to an earlier REVISION ("base" removes everything)."""
    with opened(settings()) as engine:
        schema.downgrade(engine, revision)
    click.echo(f"The database is at {revision}.")
