"""The sign-off: a second person of the office looks at a result before it is published."""

from __future__ import annotations

from typing import Any

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from mentormatch.blueprints.guard import guard
from mentormatch.blueprints.redirects import notice
from mentormatch.blueprints.request import actor, speech, store
from mentormatch.blueprints.rounds import review_rows, words
from mentormatch.blueprints.rounds.area import area
from mentormatch.blueprints.rounds.review_address import number_in
from mentormatch.core.errors import NotFound
from mentormatch.core.policy import Permission
from mentormatch.core.roles import ROLE_LABELS, Role
from mentormatch.queries import publishing, review, runs
from mentormatch.queries import review_lists as lists
from mentormatch.queries import rounds as reading
from mentormatch.queries.programmes import ProgrammeView
from mentormatch.queries.runs import RunView
from mentormatch.services import sign_off as signing

_LONGEST_SEARCH = 80
_MOST_PAGES = 10_000


@area.get("/programmes/<programme>/rounds/<int:number>/sign-off")
@guard(Permission.SIGN_OFF_ROUNDS)
def sign_off(programme: ProgrammeView, number: int) -> str:
    """Show the result under review with its figures and pairs, the lowest fit first, and whether it is signed off."""
    found = reading.by_number(store(), programme.id, number)
    stands = publishing.of_round(store(), programme.id, number)
    shown = stands is not None and found.state in {"review", "publishing"} and found.run_id is not None
    context: dict[str, Any] = {"run": None}
    if shown and found.run_id is not None:
        context = _result(programme, number, runs.by_id(store(), programme.id, found.run_id))
    return render_template(
        "mentormatch/rounds/sign_off.html",
        programme=programme,
        round=found,
        state=words.state_words(found),
        stands=stands,
        own=stands is not None and stands.signer_id == actor().person_id,
        may_publish=actor().may(Permission.PUBLISH_ROUNDS, programme.id),
        **context,
    )


def _result(programme: ProgrammeView, number: int, run: RunView) -> dict[str, Any]:
    tracks = [track for track in programme.tracks if str(track) in run.summary["tracks"]]
    asked = request.args.get("track", "")
    track = next((one for one in tracks if one == asked), tracks[0] if tracks else None)
    if track is None:
        raise NotFound("There is nothing here, or it is not for you to see.")
    search = request.args.get("q", "")[:_LONGEST_SEARCH]
    page = min(max(1, number_in(request.args.get("page"), 1)), _MOST_PAGES)
    found = lists.pairs(store(), run.id, track, search=search, offset=(page - 1) * lists.PAGE)

    def url(**changed: Any) -> str:
        kept = {"track": str(track), "q": search or None, **changed}
        return url_for("mentormatch.rounds.sign_off", programme=programme.slug, number=number, **kept)

    return {
        "run": run,
        "figures": _figures(run, track),
        "track": track,
        "tabs": [
            {
                "url": url(track=str(one), q=None),
                "label": ROLE_LABELS[one].to(speech().language),
                "current": one == track,
            }
            for one in tracks
        ],
        "search": search,
        "page": found,
        "rows": [
            {
                "intern": review_rows.person(row.intern),
                "host": review_rows.person(row.host),
                "fit": review.shown(row.points),
            }
            for row in found.items
        ],
        "before": url(page=page - 1) if page > 1 else None,
        "after": url(page=page + 1) if found.last < found.total else None,
    }


def _figures(run: RunView, track: Role) -> dict[str, Any]:
    found = run.summary["tracks"][str(track)]
    return {
        "pairs": words.number(found["pairs"]),
        "unmatched": words.number(found["unmatched"]),
        "mean": words.points(found["mean"]),
        "lowest": words.points(found["lowest"]),
    }


@area.post("/programmes/<programme>/rounds/<int:number>/sign-off")
@guard(Permission.SIGN_OFF_ROUNDS)
def sign(programme: ProgrammeView, number: int) -> Response:
    """Sign off the run that was looked at."""
    found = reading.by_number(store(), programme.id, number)
    signing.sign(store(), actor=actor(), round_id=found.id, run_id=number_in(request.form.get("run"), -1))
    notice("Signed off. Somebody else can publish it now.")
    return redirect(words.address(programme, found, "sign_off"), 303)


@area.post("/programmes/<programme>/rounds/<int:number>/sign-off/take-back")
@guard(Permission.SIGN_OFF_ROUNDS)
def take_back_sign_off(programme: ProgrammeView, number: int) -> Response:
    """Take a sign-off back."""
    found = reading.by_number(store(), programme.id, number)
    signing.take_back(store(), actor=actor(), round_id=found.id)
    notice("The sign-off is taken back.")
    return redirect(words.address(programme, found, "sign_off"), 303)


@area.post("/programmes/<programme>/rounds/<int:number>/sign-off/ask")
@guard(Permission.PUBLISH_ROUNDS)
def ask_sign_off(programme: ProgrammeView, number: int) -> Response:
    """Ask the others in the office to look at the result."""
    found = reading.by_number(store(), programme.id, number)
    asked = signing.ask(store(), actor=actor(), round_id=found.id)
    if asked:
        notice("%(people)s people of the office are asked by mail.", people=asked)
    else:
        notice("There is nobody else in the office yet. Add somebody in the settings of the programme.")
    return redirect(words.address(programme, found, "sign_off"), 303)
