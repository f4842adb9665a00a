"""The one schema path: Alembic, on SQLite and PostgreSQL alike, with a version table of our own."""

from __future__ import annotations

from importlib import resources

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.engine import Engine

VERSION_TABLE = "mm_alembic_version"


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(resources.files("mentormatch") / "migrations"))
    return config


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Bring the schema up to `revision`."""
    _run(engine, command.upgrade, revision)


def downgrade(engine: Engine, revision: str) -> None:
    """Bring the schema down to `revision`; ``"base"`` removes every table of MentorMatch."""
    _run(engine, command.downgrade, revision)


def is_current(engine: Engine) -> bool:
    """Tell whether the database is at the newest revision."""
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE})
        return context.get_current_revision() == ScriptDirectory.from_config(_config()).get_current_head()


def _run(engine: Engine, what: object, revision: str) -> None:
    config = _config()
    with engine.connect() as connection:
        config.attributes["connection"] = connection
        assert callable(what)
        what(config, revision)
