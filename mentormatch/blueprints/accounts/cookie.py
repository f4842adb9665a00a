"""The cookie of a signed-in browser: a random token whose hash is in the database."""

from __future__ import annotations

from flask import g, request
from werkzeug.wrappers import Response

from mentormatch.blueprints.request import installation, store
from mentormatch.services import accounts


def _name() -> str:
    return "__Host-mm_session" if installation().config.secure else "mm_session"


def signed_in_email() -> str | None:
    """Return the address of whoever is signed in, or None; asked once per request."""
    if "mm_email" not in g:
        token = request.cookies.get(_name())
        g.mm_email = accounts.email_of_session(store(), token=token) if token else None
    found: str | None = g.mm_email
    return found


def token() -> str | None:
    """Return the token that the browser sent."""
    return request.cookies.get(_name())


def give(response: Response, value: str) -> Response:
    """Hand a new session to the browser."""
    response.set_cookie(
        _name(),
        value,
        max_age=int(accounts.SESSION_LIFETIME.total_seconds()),
        path="/",
        secure=installation().config.secure,
        httponly=True,
        samesite="Lax",
    )
    return response


def take(response: Response) -> Response:
    """Take the session away from the browser."""
    response.delete_cookie(_name(), path="/", secure=installation().config.secure, httponly=True, samesite="Lax")
    return response
