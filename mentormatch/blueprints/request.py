"""What a view asks of the current request: the installation, the database session, the actor, how to speak."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from flask import current_app, g, request, session
from limits.strategies import MovingWindowRateLimiter

from mentormatch.core.config import Config
from mentormatch.core.errors import NotPermitted, SignInRequired
from mentormatch.core.i18n import Speech
from mentormatch.core.policy import Actor
from mentormatch.core.wording import LANGUAGES, Language
from mentormatch.queries import Store, actors


class Database(Protocol):
    """The part of Flask-SQLAlchemy's object that is used."""

    session: Any


@dataclass(frozen=True, slots=True)
class Installation:
    """MentorMatch as mounted on one app; lives in ``app.extensions["mentormatch"]``."""

    config: Config
    db: Database
    user_loader: Callable[[], str | None]
    layout: str
    sign_in_url: Callable[[str], str | None]
    sign_out_url: Callable[[], str | None]
    standalone: bool
    limiter: MovingWindowRateLimiter


def installation() -> Installation:
    """Return the installation that serves this request."""
    found: Installation = current_app.extensions["mentormatch"]
    return found


def store() -> Store:
    """Return the database session of this request."""
    found: Store = installation().db.session
    return found


def visitor() -> Actor | None:
    """Return who is signed in, or None; loaded once per request.

    Raises
    ------
    NotPermitted
        Somebody is signed in at the host whom MentorMatch does not know.
    """
    if "mm_actor" not in g:
        g.mm_actor = None
        if email := installation().user_loader():
            g.mm_actor = actors.by_email(store(), email)
            if g.mm_actor is None:
                raise NotPermitted(
                    "You are signed in, but not registered in any programme. Please ask your career centre."
                )
    found: Actor | None = g.mm_actor
    return found


def actor() -> Actor:
    """Return who is signed in.

    Raises
    ------
    SignInRequired
        Nobody is.
    """
    if (found := visitor()) is None:
        raise SignInRequired("Please sign in to continue.")
    return found


def speech() -> Speech:
    """Return how to speak to the visitor: chosen language, else the person's, else the browser's, else the site's."""
    if "mm_speech" not in g:
        person: Actor | None = g.get("mm_actor")
        chosen = session.get("mm_language")
        accepted = request.accept_languages.best_match(LANGUAGES)
        default = installation().config.language
        language: Language = next(
            candidate for candidate in (chosen, person and person.language, accepted, default) if candidate in LANGUAGES
        )
        g.mm_speech = Speech(language, person.timezone if person else "Asia/Tokyo")
    found: Speech = g.mm_speech
    return found


def gettext(text: str, **fields: object) -> str:
    """Translate for the visitor."""
    return speech().gettext(text, **fields)


def ngettext(singular: str, plural: str, number: int, **fields: object) -> str:
    """Translate with a number for the visitor."""
    return speech().ngettext(singular, plural, number, **fields)
