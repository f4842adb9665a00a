"""Criteria, weights and rules of a programme."""

from __future__ import annotations

from flask import Blueprint

from mentormatch.blueprints.guard import guard
from mentormatch.core.policy import Permission
from mentormatch.queries.programmes import ProgrammeView

area = Blueprint("criteria", __name__, template_folder="templates")


@area.get("/programmes/<programme>/criteria/")
@guard(Permission.EDIT_CRITERIA)
def edit(programme: ProgrammeView) -> str:
    """Stand in until the page is there."""
    return programme.slug
