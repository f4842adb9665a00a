"""The list of programmes, and the admin's overview of one."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, url_for
from werkzeug.wrappers import Response

from mentormatch.blueprints.guard import guard
from mentormatch.blueprints.request import actor, store
from mentormatch.core.policy import Permission
from mentormatch.queries import programmes
from mentormatch.queries.programmes import ProgrammeView

area = Blueprint("programmes", __name__, template_folder="templates")


def start_page(programme: ProgrammeView) -> str:
    """Return the page that the actor starts from: the overview for staff, the home of a participant."""
    staff = actor().may(Permission.SEE_PARTICIPANTS, programme.id)
    return url_for("mentormatch.programmes.overview" if staff else "mentormatch.home.show", programme=programme.slug)


@area.get("/")
@guard(Permission.USE_OWN_ACCOUNT)
def index() -> str | Response:
    """Show the actor's programmes; with one only, go there."""
    found = programmes.of_actor(store(), actor())
    if len(found) == 1:
        return redirect(start_page(found[0]), 303)
    return render_template("mentormatch/programmes/index.html", programmes=[(item, start_page(item)) for item in found])


@area.get("/programmes/<programme>/")
@guard(Permission.SEE_PARTICIPANTS)
def overview(programme: ProgrammeView) -> str:
    """Show how the programme stands and what to do next."""
    supply = programmes.supply(store(), programme.id)
    return render_template("mentormatch/programmes/overview.html", programme=programme, supply=supply)
