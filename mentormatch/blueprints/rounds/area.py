"""The area's blueprint, which its pages share."""

from __future__ import annotations

from flask import Blueprint

area = Blueprint("rounds", __name__, template_folder="templates")
