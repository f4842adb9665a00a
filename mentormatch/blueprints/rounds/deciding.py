"""What an admin decides on the review page: pin, veto, skip, another host, another run, or back again."""

from __future__ import annotations

import json

from flask import flash, make_response, redirect, render_template, request
from werkzeug.wrappers import Response

from mentormatch.blueprints.guard import guard
from mentormatch.blueprints.redirects import local_path, notice
from mentormatch.blueprints.request import actor, gettext, speech, store
from mentormatch.blueprints.rounds import effects, review_rows, review_state
from mentormatch.blueprints.rounds.area import area
from mentormatch.blueprints.rounds.review_address import number_in, parse
from mentormatch.core.errors import Conflict, InvalidInput, MentorMatchError, NotFound
from mentormatch.core.i18n import N_
from mentormatch.core.policy import Permission
from mentormatch.core.roles import HOST_ROLES, Role
from mentormatch.queries import review_lists as lists
from mentormatch.queries import rounds as reading
from mentormatch.queries.programmes import ProgrammeView
from mentormatch.queries.rounds import RoundView
from mentormatch.services import decisions
from mentormatch.services import review as deciding

_SAID = {
    "pin": N_("Pinned: %(intern)s and %(host)s."),
    "veto": N_("Vetoed: %(intern)s and %(host)s will not be paired, now or later."),
    "skip": N_("Skipped: %(intern)s and %(host)s will not be paired in this round."),
    "": N_("Taken back: %(intern)s and %(host)s."),
}


@area.post("/programmes/<programme>/rounds/<int:number>/review/decide")
@guard(Permission.RUN_ROUNDS)
def decide(programme: ProgrammeView, number: int) -> Response:
    """Decide on one pair; the page shows at once what that changes."""
    found = reading.by_number(store(), programme.id, number)
    track, intern_id, host_id = _track(), _id("intern"), _id("host")
    kind = request.form.get("kind", "")
    try:
        deciding.decide(
            store(),
            actor=actor(),
            round_id=found.id,
            track=track,
            intern_id=intern_id,
            host_id=host_id,
            kind=kind,
            note=request.form.get("note", ""),
            instead="instead" in request.form,
            despite="despite" in request.form,
        )
    except (Conflict, InvalidInput) as error:
        return _refused(programme, found, error, intern_id)
    people = lists.people(store(), programme.id, (intern_id, host_id))
    names = {side: people[one].name.full(speech().language) for side, one in (("intern", intern_id), ("host", host_id))}
    return _answer(programme, found, intern_id, gettext(_SAID[kind], **names))


def _id(name: str) -> int:
    """Return an id that a form carries; a mangled one belongs to nobody."""
    return number_in(request.form.get(name), -1)


def _track() -> Role:
    track = request.form.get("track", "")
    if track not in HOST_ROLES:
        raise NotFound("There is nothing here, or it is not for you to see.")
    return Role(track)


def _back(programme: ProgrammeView, number: int) -> str:
    """Return the page that the form came from."""
    return local_path(request.form.get("back")) or parse(programme, number, {}).url


def _refused(programme: ProgrammeView, found: RoundView, error: MentorMatchError, intern_id: int) -> Response:
    told = gettext(error.message, **error.fields)
    if "HX-Request" not in request.headers:
        notice(error.message, **error.fields)
        return redirect(_back(programme, found.number), 303)
    response = _answer(programme, found, intern_id, told, refused=told)
    response.status_code = error.status
    return response


def _answer(programme: ProgrammeView, found: RoundView, intern_id: int, said: str, refused: str = "") -> Response:
    """Go back to the page, or, if a part of it has asked, return the parts that have changed."""
    if "HX-Request" not in request.headers:
        flash(said, "mentormatch")
        return redirect(_back(programme, found.number), 303)
    here = parse(programme, found.number, {"track": request.form.get("track", "")})
    looked = review_state.load(programme, found, here)
    if looked is None:
        raise NotFound("There is nothing here, or it is not for you to see.")
    row = review_rows.one(looked, intern_id)
    shown = request.form.get("shown", "")
    response = make_response(
        render_template(
            "mentormatch/rounds/review_changed.html",
            programme=programme,
            round=found,
            here=here,
            found=looked,
            changed=review_rows.changed(looked.changes),
            together=effects.summary(looked),
            row=row,
            shown=row is not None and shown == str(row.id),
            back=local_path(request.form.get("back")) or here.url,
            refused=refused,
        )
    )
    response.headers["HX-Trigger"] = json.dumps({"mm:say": {"value": said}})
    return response


@area.post("/programmes/<programme>/rounds/<int:number>/review/undo")
@guard(Permission.RUN_ROUNDS)
def undo(programme: ProgrammeView, number: int) -> Response:
    """Put all decisions back to what the run under review knows."""
    found = reading.by_number(store(), programme.id, number)
    undone = decisions.undo_all(store(), actor=actor(), round_id=found.id)
    notice("%(number)s changes undone.", number=undone)
    return redirect(_back(programme, number), 303)


@area.post("/programmes/<programme>/rounds/<int:number>/review/choose")
@guard(Permission.RUN_ROUNDS)
def choose(programme: ProgrammeView, number: int) -> Response:
    """Put another run under review."""
    found = reading.by_number(store(), programme.id, number)
    deciding.choose_run(store(), actor=actor(), round_id=found.id, run_id=_id("run"), rev=_id("rev"))
    notice("This run is under review now.")
    here = parse(programme, number, {"track": request.form.get("track", "")})
    return redirect(here.url, 303)
