"""Publishing a round: what will be sent to whom, the letters themselves, and the one button."""

from __future__ import annotations

from typing import Any

from flask import redirect, render_template, request
from werkzeug.wrappers import Response

from mentormatch.blueprints.guard import guard
from mentormatch.blueprints.redirects import notice
from mentormatch.blueprints.request import actor, gettext, installation, ngettext, store
from mentormatch.blueprints.rounds import review_rows, review_state, words
from mentormatch.blueprints.rounds.area import area
from mentormatch.blueprints.rounds.review_address import number_in, parse
from mentormatch.core.errors import Conflict, NotFound
from mentormatch.core.i18n import N_
from mentormatch.core.policy import Permission
from mentormatch.queries import rounds as reading
from mentormatch.queries.programmes import ProgrammeView
from mentormatch.queries.rounds import RoundView
from mentormatch.services import preview, publication
from mentormatch.services.preview import NOBODY, Batch

_NOTHING = "There is nothing here, or it is not for you to see."

AUDIENCES = {
    "intern": N_("To interns"),
    "mentor": N_("To mentors"),
    "alumnus": N_("To alumni"),
    NOBODY: N_("To interns without a partner"),
}


@area.get("/programmes/<programme>/rounds/<int:number>/review/publish")
@guard(Permission.PUBLISH_ROUNDS)
def publish(programme: ProgrammeView, number: int) -> str | Response:
    """Show what publishing would send, before it is sent."""
    found = reading.by_number(store(), programme.id, number)
    if found.state != "review":
        return redirect(words.address(programme, found, "show"), 303)
    part = "HX-Request" in request.headers
    return _page(programme, found, "publish_part.html" if part else "publish.html")


@area.post("/programmes/<programme>/rounds/<int:number>/review/publish")
@guard(Permission.PUBLISH_ROUNDS)
def send(programme: ProgrammeView, number: int) -> Response | tuple[str, int]:
    """Publish the run that was looked at, whole and once."""
    found = reading.by_number(store(), programme.id, number)
    try:
        made = publication.publish(
            store(),
            actor=actor(),
            round_id=found.id,
            run_id=number_in(request.form.get("run"), -1),
            rev=number_in(request.form.get("rev"), -1),
        )
    except Conflict as error:
        found = reading.by_number(store(), programme.id, number)
        if found.state != "review":
            notice(error.message, **error.fields)
            return redirect(words.address(programme, found, "show"), 303)
        refused = gettext(error.message, **error.fields)
        return _page(programme, found, "publish.html", refused=refused), error.status
    notice("Published: %(pairs)s pairs. Everybody will hear about it in the next few minutes.", pairs=made)
    return redirect(words.address(programme, found, "review"), 303)


def _page(programme: ProgrammeView, found: RoundView, template: str, refused: str = "") -> str:
    here = parse(programme, found.number, {})
    looked = review_state.load(programme, found, here)
    if looked is None:
        raise NotFound(_NOTHING)
    sent = preview.batches(store(), run_id=looked.run.id)
    return render_template(
        f"mentormatch/rounds/{template}",
        programme=programme,
        round=found,
        here=here,
        found=looked,
        run=looked.run,
        batches=[_batch(batch) for batch in sent if batch.letters],
        letters=sum(batch.letters for batch in sent),
        changed=review_rows.changed(looked.changes),
        refused=refused,
    )


def _batch(batch: Batch) -> dict[str, Any]:
    people = {
        "intern": ngettext("%(num)s intern", "%(num)s interns", batch.people),
        "mentor": ngettext("%(num)s mentor", "%(num)s mentors", batch.people),
        "alumnus": ngettext("%(num)s alumnus", "%(num)s alumni", batch.people),
        NOBODY: ngettext("%(num)s intern", "%(num)s interns", batch.people),
    }[batch.audience]
    count = ngettext("%(num)s letter", "%(num)s letters", batch.letters)
    return {
        "audience": batch.audience,
        "title": gettext(AUDIENCES[batch.audience]),
        "text": gettext("%(letters)s to %(people)s", letters=count, people=people),
    }


@area.get("/programmes/<programme>/rounds/<int:number>/review/letters/<audience>")
@guard(Permission.PUBLISH_ROUNDS)
def letters(programme: ProgrammeView, number: int, audience: str) -> str | Response:
    """Show the letters one by one, word for word, in the language of each reader."""
    found = reading.by_number(store(), programme.id, number)
    if audience not in AUDIENCES:
        raise NotFound(_NOTHING)
    if found.run_id is None or found.state != "review":
        return redirect(words.address(programme, found, "show"), 303)
    letter = preview.letter(
        store(),
        config=installation().config,
        actor=actor(),
        round_id=found.id,
        run_id=found.run_id,
        audience=audience,
        position=max(1, number_in(request.args.get("letter"), 1)),
    )
    sent = [batch for batch in preview.batches(store(), run_id=found.run_id) if batch.letters]
    return render_template(
        "mentormatch/rounds/letters.html",
        programme=programme,
        round=found,
        audience=audience,
        audiences=[(batch.audience, gettext(AUDIENCES[batch.audience]), batch.letters) for batch in sent],
        letter=letter,
    )
