"""The people of a programme: list, one person, invitation."""

from __future__ import annotations

from flask import Blueprint

from mentormatch.blueprints.guard import guard
from mentormatch.core.policy import Permission
from mentormatch.queries.programmes import ProgrammeView

area = Blueprint("participants", __name__, template_folder="templates")


@area.get("/programmes/<programme>/participants/")
@guard(Permission.SEE_PARTICIPANTS)
def index(programme: ProgrammeView) -> str:
    """Stand in until the page is there."""
    return programme.slug
