"""The list of rounds, the settings of one, and its steps by hand."""

from __future__ import annotations

from flask import redirect, render_template, request
from werkzeug.wrappers import Response

from mentormatch.blueprints.guard import guard
from mentormatch.blueprints.redirects import notice
from mentormatch.blueprints.request import actor, store
from mentormatch.blueprints.rounds import ledger, readiness, repairing, review, running, signing, words
from mentormatch.blueprints.rounds.area import area
from mentormatch.blueprints.rounds.forms import SettingsForm
from mentormatch.core.errors import InvalidInput
from mentormatch.core.policy import Permission
from mentormatch.queries import criteria, runs, wishes
from mentormatch.queries import rounds as reading
from mentormatch.queries.programmes import ProgrammeView
from mentormatch.queries.rounds import RoundView
from mentormatch.services import rounds

__all__ = [
    "area",
    "ledger",
    "readiness",
    "repairing",
    "review",
    "running",
    "signing",
]  # the pages of the area register themselves when they are imported

FINISHED = ("published", "closed")
_LONGEST_REV = 10


@area.get("/programmes/<programme>/rounds/")
@guard(Permission.SEE_ROUNDS)
def index(programme: ProgrammeView) -> str:
    """Show all rounds with the one next thing to do about each."""
    found = reading.of_programme(store(), programme.id)
    listed = [
        {
            "round": row.round,
            "state": words.state_words(row.round),
            "figures": words.figures(row),
            "planned": words.planned(row.round, programme.timezone),
            "next": words.next_step(programme, row),
            "settings": words.address(programme, row.round, "settings"),
        }
        for row in found
    ]
    busy = any(row.round.state not in FINISHED for row in found)
    return render_template("mentormatch/rounds/index.html", programme=programme, rounds=listed, busy=busy)


@area.post("/programmes/<programme>/rounds/")
@guard(Permission.RUN_ROUNDS)
def create(programme: ProgrammeView) -> Response:
    """Make the next round and go to its settings."""
    number = rounds.create(store(), actor=actor(), programme_id=programme.id)
    return redirect(words.address(programme, reading.by_number(store(), programme.id, number), "settings"), 303)


@area.get("/programmes/<programme>/rounds/<int:number>/")
@guard(Permission.SEE_ROUNDS)
def show(programme: ProgrammeView, number: int) -> Response:
    """Go to the page of the round that matters now."""
    found = reading.by_number(store(), programme.id, number)
    page = {"draft": "settings", "open": "settings", "matching": "running"}.get(found.state, "review")
    return redirect(words.address(programme, found, page), 303)


@area.get("/programmes/<programme>/rounds/<int:number>/settings")
@guard(Permission.RUN_ROUNDS)
def settings(programme: ProgrammeView, number: int) -> str:
    """Show when the round takes its steps, and what it needs before a run."""
    found = reading.by_number(store(), programme.id, number)
    return _settings_page(programme, found, SettingsForm.showing(found, programme.timezone))


@area.post("/programmes/<programme>/rounds/<int:number>/settings")
@guard(Permission.RUN_ROUNDS)
def save_settings(programme: ProgrammeView, number: int) -> Response | tuple[str, int]:
    """Save the dates."""
    found = reading.by_number(store(), programme.id, number)
    form = SettingsForm()
    try:
        if form.validate():
            rounds.save_settings(
                store(),
                actor=actor(),
                round_id=found.id,
                rev=_rev(form.rev.data),
                dates=form.dates(programme.timezone),
                answer_days=form.answer_days.data,
                most_interns=form.most_interns.data,
            )
            notice("The dates of this round are saved.")
            return redirect(words.address(programme, found, "settings"), 303)
    except InvalidInput as error:
        form.refuse(error)
    return _settings_page(programme, found, form), 422


def _settings_page(programme: ProgrammeView, found: RoundView, form: SettingsForm) -> str:
    return render_template(
        "mentormatch/rounds/settings.html",
        programme=programme,
        round=found,
        form=form,
        state=words.state_words(found),
        steps=words.steps(found, programme.timezone),
        zone=programme.timezone,
        criteria=criteria.setting(store(), programme.id).criteria,
        runs=runs.of_round(store(), programme.id, found.id),
        points=words.points,
        participation=wishes.participation(store(), programme.id, programme.tracks),
    )


@area.post("/programmes/<programme>/rounds/<int:number>/open")
@guard(Permission.RUN_ROUNDS)
def open_round(programme: ProgrammeView, number: int) -> Response:
    """Begin to collect profiles."""
    found = reading.by_number(store(), programme.id, number)
    rounds.open_round(store(), actor=actor(), round_id=found.id, rev=_rev(request.form.get("rev")))
    notice("Profiles are open.")
    return redirect(words.address(programme, found, "settings"), 303)


@area.post("/programmes/<programme>/rounds/<int:number>/reopen")
@guard(Permission.RUN_ROUNDS)
def reopen(programme: ProgrammeView, number: int) -> Response:
    """Go back from review to collecting profiles."""
    found = reading.by_number(store(), programme.id, number)
    rounds.reopen(store(), actor=actor(), round_id=found.id, rev=_rev(request.form.get("rev")))
    notice("Profiles are open again. Your decisions and the last run are kept.")
    return redirect(words.address(programme, found, "settings"), 303)


@area.post("/programmes/<programme>/rounds/<int:number>/close")
@guard(Permission.RUN_ROUNDS)
def close(programme: ProgrammeView, number: int) -> Response:
    """End a published round."""
    found = reading.by_number(store(), programme.id, number)
    rounds.close(store(), actor=actor(), round_id=found.id, rev=_rev(request.form.get("rev")))
    notice("The round is closed.")
    return redirect(words.address(programme, found, "settings"), 303)


def _rev(value: str | None) -> int:
    """Return the revision that a form carries; a mangled one matches no round."""
    return int(value) if value and value.isascii() and value.isdecimal() and len(value) < _LONGEST_REV else -1
