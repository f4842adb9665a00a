"""The mailbox of a demo: messages that would have been sent."""

from __future__ import annotations

from flask import Blueprint

from mentormatch.blueprints.guard import guard
from mentormatch.core.policy import Permission

area = Blueprint("mailbox", __name__, template_folder="templates")


@area.get("/mailbox/")
@guard(Permission.VISIT)
def index() -> str:
    """Stand in until the page is there."""
    return "mailbox"
