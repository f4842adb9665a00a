"""Signing in and out of the standalone application."""

from __future__ import annotations

from flask import Blueprint

from mentormatch.blueprints.guard import guard
from mentormatch.core.policy import Permission

area = Blueprint("accounts", __name__, template_folder="templates")


@area.get("/sign-in")
@guard(Permission.VISIT)
def sign_in() -> str:
    """Stand in until the page is there."""
    return "accounts"


@area.post("/sign-out")
@guard(Permission.VISIT)
def sign_out() -> str:
    """Stand in until the page is there."""
    return ""
