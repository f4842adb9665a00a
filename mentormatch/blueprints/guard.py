"""The guard before every view: permission, programme, CSRF token; and the headers after it."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import Response, abort, g, request
from flask_wtf.csrf import validate_csrf
from werkzeug.datastructures import ImmutableMultiDict
from wtforms import ValidationError

from mentormatch.blueprints.request import installation, store, visitor
from mentormatch.core.errors import NotFound, SignInRequired
from mentormatch.core.policy import Permission, authorise
from mentormatch.queries import programmes

View = Callable[..., Any]
_LARGEST_ID = 2**31 - 1
_PAGE_LIFETIME = 30 * 24 * 60 * 60
"""Seconds for which the token of a page is good."""

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'self'"
)


def guard(permission: Permission) -> Callable[[View], View]:
    """Let only those through who hold `permission`.

    A route with ``<programme>`` in its address is authorised within that programme, and its view receives the
    `ProgrammeView` instead of the slug. A programme in which the actor holds no role does not exist for that actor.
    """

    def mark(view: View) -> View:
        @wraps(view)
        def guarded(**arguments: Any) -> Any:
            actor = visitor()
            programme_id = None
            if any(_is_nobodys(value) for value in arguments.values()):
                raise NotFound("There is nothing here, or it is not for you to see.")
            if "programme" in arguments:
                if actor is None:
                    raise SignInRequired("Please sign in to continue.")
                found = programmes.by_slug(store(), arguments["programme"])
                if found is None:
                    raise NotFound("There is nothing here, or it is not for you to see.")
                programme_id = found.id
                authorise(actor, permission, programme_id)
                arguments["programme"] = g.mm_programme = found
            else:
                authorise(actor, permission)
            return view(**arguments)

        guarded.permission = permission  # type: ignore[attr-defined]  # read by the test that walks the URL map
        return guarded

    return mark


def _is_nobodys(value: object) -> bool:
    """Return whether no row can have this number or word: databases answer such a question with an error."""
    return value > _LARGEST_ID if isinstance(value, int) else "\0" in str(value)


def check_body() -> None:
    """Refuse what is no form, or larger than an upload may be, before it is read: a host may have set no limit.

    A NUL is taken out of what was typed: PostgreSQL keeps none.
    """
    largest = installation().config.upload_limit
    request.max_content_length = min(request.max_content_length or largest, largest)
    if request.is_json:  # Flask-WTF would fill forms from it, whatever its shape
        abort(415)
    if any("\0" in text for _, text in request.form.items(multi=True)):
        typed = [(name, text.replace("\0", "")) for name, text in request.form.items(multi=True)]
        request.form = ImmutableMultiDict(typed)


def check_csrf() -> None:
    """Refuse a state-changing request that does not carry the visitor's token.

    A page is good for as long as its browser may stay signed in: a profile that took two hours to write is not lost.
    """
    if request.method in {"GET", "HEAD", "OPTIONS"}:
        return
    token = request.form.get("csrf_token") or request.headers.get("X-CSRFToken")
    try:
        validate_csrf(token, time_limit=_PAGE_LIFETIME)
    except ValidationError:
        abort(403, "csrf")


def harden(response: Response) -> Response:
    """Add the headers that every page carries."""
    headers = response.headers
    headers.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY)
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("Referrer-Policy", "same-origin")
    headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    if not request.endpoint or not request.endpoint.endswith(".static"):
        headers["Cache-Control"] = "no-store"
    if installation().config.secure:
        headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    return response
