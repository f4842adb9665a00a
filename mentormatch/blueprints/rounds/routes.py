"""Matching rounds: settings, run, review, publish, export."""

from __future__ import annotations

from flask import Blueprint

from mentormatch.blueprints.guard import guard
from mentormatch.core.policy import Permission
from mentormatch.queries.programmes import ProgrammeView

area = Blueprint("rounds", __name__, template_folder="templates")


@area.get("/programmes/<programme>/rounds/")
@guard(Permission.SEE_ROUNDS)
def index(programme: ProgrammeView) -> str:
    """Stand in until the page is there."""
    return programme.slug
