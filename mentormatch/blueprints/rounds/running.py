"""The page of a run that is under way: start it, watch it, stop it."""

from __future__ import annotations

from typing import Any

from flask import redirect, render_template, request
from werkzeug.wrappers import Response

from mentormatch.blueprints.guard import guard
from mentormatch.blueprints.redirects import notice
from mentormatch.blueprints.request import actor, gettext, ngettext, store
from mentormatch.blueprints.rounds import words
from mentormatch.blueprints.rounds.area import area
from mentormatch.core.clock import now
from mentormatch.core.errors import InvalidInput
from mentormatch.core.i18n import N_
from mentormatch.core.policy import Permission
from mentormatch.queries import rounds as reading
from mentormatch.queries import runs as looking
from mentormatch.queries.programmes import ProgrammeView
from mentormatch.queries.runs import RunView
from mentormatch.services import runs

_TITLES = (
    N_("Step 1 of 4: reading the profiles"),
    N_("Step 2 of 4: comparing everybody with everybody"),
    N_("Step 3 of 4: finding the best set of pairs"),
    N_("Step 4 of 4: writing down the reasons"),
)
_PLACE = {"queued": 0, "reading": 0, "scoring": 1, "solving": 2, "proving": 2, "explaining": 3, "saving": 3}
_STUCK = N_(
    "Nobody has begun this run yet. If this lasts, ask whoever looks after the installation if a worker is running."
)
_PATIENCE = 15
"""Seconds after which a run that nobody has begun asks for a worker."""


@area.post("/programmes/<programme>/rounds/<int:number>/run")
@guard(Permission.RUN_ROUNDS)
def start(programme: ProgrammeView, number: int) -> Response:
    """Ask for a run and go to its page."""
    found = reading.by_number(store(), programme.id, number)
    try:
        runs.start(store(), actor=actor(), round_id=found.id)
    except InvalidInput as error:
        notice(error.message, **error.fields)
        return redirect(words.address(programme, found, "settings"), 303)
    return redirect(words.address(programme, found, "running"), 303)


@area.get("/programmes/<programme>/rounds/<int:number>/running")
@guard(Permission.RUN_ROUNDS)
def running(programme: ProgrammeView, number: int) -> str | Response:
    """Show how far the run is; when it is over, go where its result is."""
    found = reading.by_number(store(), programme.id, number)
    run = looking.latest(store(), programme.id, found.id)
    asks = "HX-Request" in request.headers
    if run is None or (run.finished and run.state != "failed"):
        return _leave(words.address(programme, found, "show"), asks=asks)
    page = "running_part.html" if asks else "running.html"
    panel = _failed(run) if run.finished else _panel(run)
    return render_template(f"mentormatch/rounds/{page}", programme=programme, round=found, run=run, panel=panel)


@area.post("/programmes/<programme>/rounds/<int:number>/stop")
@guard(Permission.RUN_ROUNDS)
def stop(programme: ProgrammeView, number: int) -> Response:
    """End the run: with the best that it has found, or, if it has not begun, with nothing."""
    found = reading.by_number(store(), programme.id, number)
    if runs.stop(store(), actor=actor(), round_id=found.id):
        notice("The run was called off before it had begun. Nothing has changed.")
        return redirect(words.address(programme, found, "show"), 303)
    return redirect(words.address(programme, found, "running"), 303)


def _leave(url: str, *, asks: bool) -> Response:
    """Send the browser away, also when a part of the page has asked."""
    return Response("", 200, {"HX-Redirect": url}) if asks else redirect(url, 303)


def _failed(run: RunView) -> dict[str, Any]:
    error = run.progress.get("error")
    return {"failed": words.problem(error["message"], error["fields"]) if error else run.error}


def _panel(run: RunView) -> dict[str, Any]:
    """Return the progress panel in words."""
    facts, stage = run.progress["facts"], run.progress["stage"]
    seconds = max(0, round((now() - run.created_at).total_seconds()))
    waits = stage == "queued" and seconds > _PATIENCE
    title = gettext("Waiting for the worker") if stage == "queued" else gettext(_TITLES[_PLACE[stage]])
    if run.stop_requested:
        title = gettext("Stopping with the best so far")
    return {
        "title": title,
        "percent": round(100 * run.progress["fraction"]),
        "elapsed": f"{seconds // 60}:{seconds % 60:02}",
        "lines": [
            *_lines(facts, _PLACE[stage], queued=stage == "queued"),
            *([("warn", gettext(_STUCK))] if waits else []),
        ],
        "stopping": run.stop_requested,
    }


def _lines(facts: dict[str, Any], place: int, *, queued: bool) -> list[tuple[str, str]]:
    def mark(step: int) -> str:
        return "todo" if queued or step > place else "now" if step == place else "done"

    read, compared = gettext("Read the profiles"), gettext("Compare everybody with everybody")
    if "interns" in facts:
        read = gettext("%(people)s read", people=words.people({"intern": facts["interns"], **facts["hosts"]}))
        possible = facts["possible"]
        told = words.number(possible)
        compared = ngettext("%(pairs)s possible pair", "%(pairs)s possible pairs", possible, pairs=told)
    return [
        (mark(0), read),
        (mark(1), compared),
        (mark(2), _best(facts)),
        (mark(3), gettext("Write down the reasons for each pair")),
    ]


def _best(facts: dict[str, Any]) -> str:
    if "coverage" not in facts:
        return gettext("Find the best set of pairs")
    told = {"pairs": words.number(facts["coverage"]), "mean": words.points(facts["mean"])}
    if "gap" not in facts:
        return gettext("Best so far: %(pairs)s pairs, mean fit %(mean)s", **told)
    if not facts["gap"]:
        return gettext("%(pairs)s pairs, mean fit %(mean)s; proved that none is better", **told)
    gap = words.points(facts["gap"])
    return gettext("Best so far: %(pairs)s pairs, mean fit %(mean)s, at most %(gap)s better possible", gap=gap, **told)
