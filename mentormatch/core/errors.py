"""Every error that MentorMatch raises on purpose."""

from __future__ import annotations


class MentorMatchError(Exception):
    """Base of all deliberate errors.

    Parameters
    ----------
    message:
        English text with ``%(name)s`` fields. It is also the gettext key: whoever shows the error to a person
        translates it first and fills in the fields afterwards.
    **fields:
        Values for the fields of the text.
    """

    status = 400
    """HTTP status that the edge answers with."""

    def __init__(self, message: str, **fields: object) -> None:
        super().__init__(message)
        self.message = message
        self.fields = fields

    def __str__(self) -> str:
        return self.message % self.fields if self.fields else self.message


class InvalidInput(MentorMatchError, ValueError):
    """Something that a person entered cannot be used; the text says where, what was expected, what was found.

    A `ValueError` too, as users of scikit-learn expect of a bad argument.
    """

    status = 422

    def __init__(self, message: str, *, field: str | None = None, **fields: object) -> None:
        super().__init__(message, **fields)
        self.field = field


class SignInRequired(MentorMatchError):
    """The actor is not signed in."""

    status = 401


class NotPermitted(MentorMatchError):
    """The actor is known, and may not do this."""

    status = 403


class NotFound(MentorMatchError):
    """There is no such thing within what the actor may see."""

    status = 404


class Conflict(MentorMatchError):
    """The thing has changed or is in a state in which this cannot be done."""

    status = 409


class TooLarge(MentorMatchError):
    """The upload is larger than this installation accepts."""

    status = 413


class ConfigurationError(MentorMatchError):
    """The configuration cannot be used; the program does not start."""


class TooMany(MentorMatchError):
    """Too many attempts in a short time."""

    status = 429
