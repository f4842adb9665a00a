"""The review of a round."""

from __future__ import annotations

from flask import render_template

from mentormatch.blueprints.guard import guard
from mentormatch.blueprints.request import store
from mentormatch.blueprints.rounds.area import area
from mentormatch.core.policy import Permission
from mentormatch.queries import rounds as reading
from mentormatch.queries.programmes import ProgrammeView


@area.get("/programmes/<programme>/rounds/<int:number>/review")
@guard(Permission.SEE_ROUNDS)
def review(programme: ProgrammeView, number: int) -> str:
    """Show what the round's run proposes."""
    found = reading.by_number(store(), programme.id, number)
    return render_template("mentormatch/rounds/review.html", programme=programme, round=found)
