"""The page of user-interface components, for developers."""

from __future__ import annotations

from flask import Blueprint

from mentormatch.blueprints.guard import guard
from mentormatch.core.policy import Permission

area = Blueprint("components", __name__, template_folder="templates")


@area.get("/components/")
@guard(Permission.VISIT)
def show() -> str:
    """Stand in until the page is there."""
    return "components"
