"""`MentorMatch`: mounts the product on any Flask app."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from sqlalchemy import event
from sqlalchemy.engine import Engine

from mentormatch.blueprints import mount
from mentormatch.blueprints.request import Installation
from mentormatch.core.config import Config
from mentormatch.core.errors import ConfigurationError

NAME = "mentormatch"
_SQLITE = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=30000")


class MentorMatch:
    """The Flask extension.

    It keeps nothing of the app: what belongs to one app lives in ``app.extensions["mentormatch"]``, so one object (or
    several) can serve several apps of a process.
    """

    def init_app(
        self,
        app: Flask,
        *,
        user_loader: Callable[[], str | None],
        url_prefix: str = "",
        layout: str = "mentormatch/standalone.html",
        sign_in_url: Callable[[str], str | None] | str | None = None,
        sign_out_url: Callable[[], str | None] | str | None = None,
        db: SQLAlchemy | None = None,
        config: Config | None = None,
        standalone: bool = False,
    ) -> None:
        """Mount MentorMatch on `app`.

        Parameters
        ----------
        user_loader:
            Returns the e-mail address of whoever is signed in at the host, or None. The address decides who the
            person is, so the host must have verified it.
        url_prefix:
            Where the pages live, for example ``/mentoring``.
        layout:
            The host's template that the pages extend. It needs three blocks: ``mm_title``, ``mm_head``, ``mm_body``.
        sign_in_url:
            Address of the host's sign-in page, or a function from the wanted path to that address.
        sign_out_url:
            Address to which the sign-out button posts.
        db:
            The host's Flask-SQLAlchemy object; by default the one that is registered on the app, else our own.
        config:
            Settings; by default read from the ``MENTORMATCH_*`` environment variables.
        standalone:
            Whether MentorMatch signs people in itself. `create_app` sets it.

        Raises
        ------
        ConfigurationError
            A setting is wrong, or the app has no secret key.
        """
        settings = config or Config.from_mapping(os.environ)
        if not app.secret_key:
            raise ConfigurationError("The host app has no SECRET_KEY; set one before mounting MentorMatch.")
        database = db or app.extensions.get("sqlalchemy") or _own_database(app, settings)
        app.extensions[NAME] = Installation(
            config=settings,
            db=database,
            user_loader=user_loader,
            layout=layout,
            sign_in_url=_address(sign_in_url),
            sign_out_url=_address(sign_out_url),
            standalone=standalone,
            limiter=MovingWindowRateLimiter(MemoryStorage()),
        )
        app.register_blueprint(mount.build(settings, standalone=standalone), url_prefix=url_prefix or None)


def _address(given: Callable[..., str | None] | str | None) -> Callable[..., str | None]:
    return given if callable(given) else lambda *_: given


def _own_database(app: Flask, config: Config) -> SQLAlchemy:
    app.config.setdefault("SQLALCHEMY_DATABASE_URI", config.database)
    database = SQLAlchemy()
    database.init_app(app)
    with app.app_context():
        prepare_engine(database.engine)
    return database


def prepare_engine(engine: Engine) -> None:
    """Give every new SQLite connection the settings that MentorMatch relies on; other databases need nothing."""
    if engine.dialect.name != "sqlite":
        return

    def on_connect(connection: Any, _record: Any) -> None:
        cursor = connection.cursor()
        for setting in _SQLITE:
            cursor.execute(f"PRAGMA {setting}")
        cursor.close()

    event.listen(engine, "connect", on_connect)
