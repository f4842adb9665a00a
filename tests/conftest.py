"""What every test can ask for: a migrated database, the app, signed-in clients, people."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest
from flask import Flask
from sqlalchemy import create_engine
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

from mentormatch.core.config import Config
from mentormatch.extension import prepare_engine
from mentormatch.models import schema

# A busy machine is no failure; and what CI finds, everybody can find again.
hypothesis.settings.register_profile("steady", deadline=None, derandomize=bool(os.environ.get("CI")))
hypothesis.settings.load_profile("steady")


@pytest.fixture(autouse=True)
def _push_request_context():
    """Keep pytest-flask from pushing a request context around each test: it leaks one client's user into another."""


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with the newest schema, to be copied for each test."""
    path = tmp_path_factory.mktemp("schema") / "empty.db"
    engine = create_engine(f"sqlite:///{path}")
    schema.upgrade(engine)
    engine.dispose()
    return path


@pytest.fixture
def database_url(migrated: Path, tmp_path: Path) -> Iterator[str]:
    """The address of a fresh, migrated database; PostgreSQL where MENTORMATCH_TEST_DATABASE_URL gives a server."""
    if server := os.environ.get("MENTORMATCH_TEST_DATABASE_URL"):
        engine = create_engine(server)
        schema.downgrade(engine, "base")
        schema.upgrade(engine)
        engine.dispose()
        yield server
        return
    path = tmp_path / "mentormatch.db"
    path.write_bytes(migrated.read_bytes())
    yield f"sqlite:///{path}"


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    found = create_engine(database_url)
    prepare_engine(found)
    yield found
    found.dispose()


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    """A database session outside any web request."""
    with Session(engine) as opened:
        yield opened


@pytest.fixture
def config(database_url: str, tmp_path: Path) -> Config:
    return Config(
        instance_dir=tmp_path / "instance",
        database_url=database_url,
        secret_key="only-for-tests",
        base_url="http://localhost",
        component_page=True,
        mailbox_page=True,
        language="en",
    )


@pytest.fixture
def app(config: Config) -> Iterator[Flask]:
    from mentormatch import create_app

    found = create_app(config)
    yield found
    with found.app_context():
        found.extensions["mentormatch"].db.engine.dispose()
