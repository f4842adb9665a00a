"""The import wizard: upload, match columns, fix problems, check and import."""

from __future__ import annotations

from flask import Blueprint

from mentormatch.blueprints.guard import guard
from mentormatch.core.policy import Permission
from mentormatch.queries.programmes import ProgrammeView

area = Blueprint("imports", __name__, template_folder="templates")


@area.get("/programmes/<programme>/imports/")
@guard(Permission.IMPORT_PARTICIPANTS)
def index(programme: ProgrammeView) -> str:
    """Stand in until the page is there."""
    return programme.slug
