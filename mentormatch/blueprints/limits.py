"""How often something may be tried: ten times in five minutes, for each account and for each address."""

from __future__ import annotations

from flask import Response, after_this_request, current_app, request
from limits import parse
from limits.strategies import MovingWindowRateLimiter

from mentormatch.core.errors import TooMany
from mentormatch.core.names import email_key

ATTEMPTS = parse("10 per 5 minutes")
PAUSE = 300
"""Seconds after which one may try again."""


def attempts(what: str, account: str) -> None:
    """Count one attempt.

    The account is counted together with the address, so that nobody locks somebody else out from elsewhere; the
    address is counted alone too, so that one machine cannot go through all accounts.

    Raises
    ------
    TooMany
        There were too many; the error says in how many seconds to come back.
    """
    limiter: MovingWindowRateLimiter = current_app.extensions["mentormatch"].limiter
    address = request.remote_addr or "?"
    for key in ((what, address, email_key(account)), (what, address)):
        limit = ATTEMPTS if len(key) > 2 else parse("100 per 5 minutes")  # noqa: PLR2004 - with or without account
        if not limiter.hit(limit, *key):
            after_this_request(_come_back_later)
            raise TooMany("Too many attempts. Please wait five minutes and try again.")


def _come_back_later(response: Response) -> Response:
    response.headers["Retry-After"] = str(PAUSE)
    return response
