"""The home of interns, mentors and alumni: whom they got and why."""

from __future__ import annotations

from flask import Blueprint

from mentormatch.blueprints.guard import guard
from mentormatch.core.policy import Permission
from mentormatch.queries.programmes import ProgrammeView

area = Blueprint("home", __name__, template_folder="templates")


@area.get("/programmes/<programme>/home/")
@guard(Permission.SEE_OWN_MATCHES)
def show(programme: ProgrammeView) -> str:
    """Stand in until the page is there."""
    return programme.slug
