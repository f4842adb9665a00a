"""What several commands need: the settings, the database's engine, a worker."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import create_engine
from sqlalchemy.engine import Engine

from mentormatch.channels.mail import way_out
from mentormatch.core.config import Config
from mentormatch.core.errors import ConfigurationError
from mentormatch.extension import prepare_engine
from mentormatch.models import schema
from mentormatch.worker.loop import Worker


def settings() -> Config:
    """Return the settings of the environment, with a log to standard error."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    logging.getLogger("alembic").setLevel(logging.WARNING)
    return Config.from_mapping(os.environ)


@contextmanager
def opened(config: Config) -> Iterator[Engine]:
    """Open the database for the length of a command."""
    if not config.database_url:
        config.instance_dir.mkdir(parents=True, exist_ok=True)
    engine = create_engine(config.database)
    prepare_engine(engine)
    try:
        yield engine
    finally:
        engine.dispose()


def require_current(engine: Engine) -> None:
    """Refuse to work on a database of another version.

    Raises
    ------
    ConfigurationError
        The schema is missing or older (or newer) than the program.
    """
    if not schema.is_current(engine):
        raise ConfigurationError(
            "The database has another version than the program. Run “mentormatch db upgrade” first."
        )


def a_worker(engine: Engine, config: Config) -> Worker:
    """Return a worker for this installation."""
    return Worker(engine=engine, config=config, way=way_out(config), sign_in_links=config.sign_in_links)
