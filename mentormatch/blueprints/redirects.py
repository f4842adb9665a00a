"""Where a visitor goes next: the path, the page of a list, and what the next page says first."""

from __future__ import annotations

from collections.abc import Mapping

from flask import flash, request

from mentormatch.blueprints.request import gettext

_DIGITS = 6
_LONGEST_PATH = 500  # what a sign-in link can keep


def local_path(target: str | None) -> str | None:
    """Return `target` if it is a path on this site, else None: two slashes, backslashes and schemes lead elsewhere."""
    if (
        not target
        or len(target) > _LONGEST_PATH
        or not target.startswith("/")
        or target.startswith("//")
        or "\\" in target
    ):
        return None
    return None if any(ord(letter) < ord(" ") for letter in target) else target


def notice(text: str, **fields: object) -> None:
    """Tell the visitor on the next page what has happened."""
    flash(gettext(text, **fields), "mentormatch")


def here() -> str:
    """Return the path of this page with its query, to come back to."""
    return request.full_path.removesuffix("?")


def page_number(given: Mapping[str, str]) -> int:
    """Return the page of a list that an address asks for; what is no sensible number is the first."""
    number = given.get("page", "")
    return int(number) if number.isascii() and number.isdecimal() and len(number) <= _DIGITS else 1
