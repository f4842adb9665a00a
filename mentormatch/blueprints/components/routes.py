"""The page of user-interface components, for developers."""

from __future__ import annotations

from flask import Blueprint, render_template

from mentormatch.blueprints.guard import guard
from mentormatch.core.policy import Permission

area = Blueprint("components", __name__)


@area.get("/components/")
@guard(Permission.VISIT)
def show() -> str:
    """Show every component in its states."""
    return render_template("mentormatch/components.html")
