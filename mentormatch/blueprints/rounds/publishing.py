"""Publishing a round: what will be sent to whom, word for word; the button, and the way back while there is time."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import g, redirect, render_template, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response

from mentormatch.blueprints.guard import guard
from mentormatch.blueprints.redirects import local_path, notice
from mentormatch.blueprints.request import actor, gettext, installation, ngettext, speech, store
from mentormatch.blueprints.rounds import review_rows, review_state, words
from mentormatch.blueprints.rounds.area import area
from mentormatch.blueprints.rounds.review_address import number_in, parse
from mentormatch.core.clock import now
from mentormatch.core.errors import Conflict, NotFound
from mentormatch.core.i18n import N_
from mentormatch.core.policy import Permission
from mentormatch.queries import publishing as standing
from mentormatch.queries import rounds as reading
from mentormatch.queries.programmes import ProgrammeView
from mentormatch.queries.publishing import NOBODY, Recipient
from mentormatch.queries.review_lists import PAGE
from mentormatch.queries.rounds import RoundView
from mentormatch.services import preview, publication
from mentormatch.services.preview import Batch

_NOTHING = "There is nothing here, or it is not for you to see."
_BEFORE = ("review", "publishing")
_LONGEST_SEARCH = 80
_MOST_PAGES = 10_000

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
    """Ask for the run that was looked at to be published, after the delay."""
    found = reading.by_number(store(), programme.id, number)
    asked = {name: number_in(request.form.get(name), -1) for name in ("run", "rev")}
    try:
        publication.schedule(store(), actor=actor(), round_id=found.id, run_id=asked["run"], rev=asked["rev"])
    except Conflict as error:
        found = reading.by_number(store(), programme.id, number)
        if found.state != "review":
            notice(error.message, **error.fields)
            return redirect(words.address(programme, found, "show"), 303)
        refused = gettext(error.message, **error.fields)
        return _page(programme, found, "publish.html", refused=refused), error.status
    return redirect(words.address(programme, found, "review"), 303)


@area.post("/programmes/<programme>/rounds/<int:number>/publishing/stop")
@guard(Permission.PUBLISH_ROUNDS)
def halt(programme: ProgrammeView, number: int) -> Response:
    """Stop a publication that has been asked for."""
    found = reading.by_number(store(), programme.id, number)
    publication.halt(store(), actor=actor(), round_id=found.id)
    notice("Stopped. Nobody has heard anything; the round is in review again.")
    return _back(programme, found)


@area.post("/programmes/<programme>/rounds/<int:number>/publishing/now")
@guard(Permission.PUBLISH_ROUNDS)
def hasten(programme: ProgrammeView, number: int) -> Response:
    """Publish now, without waiting for the end of the delay."""
    found = reading.by_number(store(), programme.id, number)
    publication.hasten(store(), actor=actor(), round_id=found.id)
    return _back(programme, found)


def _back(programme: ProgrammeView, found: RoundView) -> Response:
    return redirect(local_path(request.form.get("back")) or words.address(programme, found, "review"), 303)


@area.get("/programmes/<programme>/rounds/<int:number>/publishing")
@guard(Permission.SEE_ROUNDS)
def publishing(programme: ProgrammeView, number: int) -> Response | Markup:
    """Answer the banner, which asks whether the moment has come; the page is loaded anew when it has."""
    found = reading.by_number(store(), programme.id, number)
    if "HX-Request" not in request.headers:
        return redirect(words.address(programme, found, "show"), 303)
    if found.state != "publishing":
        return Response("", 200, {"HX-Refresh": "true"})
    return banner(local_path(request.args.get("back")))


@area.context_processor
def _offer_banner() -> dict[str, Any]:
    """Let every page of a round say that it is about to be published."""
    return {"round_banner": banner}


def banner(back: str | None = None) -> Markup:
    """Return what stands above every page of a round that is about to be published, or was withheld; or nothing."""
    programme, number = g.get("mm_programme"), (request.view_args or {}).get("number")
    found = None if programme is None or number is None else standing.of_round(store(), programme.id, number)
    if found is None or not (found.state == "publishing" or (found.state == "review" and found.withheld)):
        return Markup()
    told = found.withheld
    here = request.full_path.removesuffix("?") if request.method == "GET" else None
    return Markup(  # noqa: S704 - a template of ours, which escapes
        render_template(
            "mentormatch/rounds/publishing_banner.html",
            programme=programme,
            found=found,
            why=words.problem(told["message"], told["fields"]) if told else "",
            due=found.at is not None and found.at <= now(),
            may=actor().may(Permission.PUBLISH_ROUNDS, programme.id),
            back=back or here or url_for("mentormatch.rounds.review", programme=programme.slug, number=number),
        )
    )


def _page(programme: ProgrammeView, found: RoundView, template: str, refused: str = "") -> str:
    here = parse(programme, found.number, {})
    looked = review_state.load(programme, found, here)
    stands = standing.of_round(store(), programme.id, found.number)
    if looked is None or stands is None:
        raise NotFound(_NOTHING)
    sent = preview.batches(store(), run_id=looked.run.id)
    return render_template(
        f"mentormatch/rounds/{template}",
        programme=programme,
        round=found,
        here=here,
        found=looked,
        run=looked.run,
        stands=stands,
        moment=speech().time(now() + timedelta(minutes=stands.delay)) if stands.delay else "",
        signed_myself=stands.signer_id == actor().person_id,
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
    if found.run_id is None or found.state not in _BEFORE:
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
    return render_template(
        "mentormatch/rounds/letters.html",
        programme=programme,
        round=found,
        audience=audience,
        audiences=_audiences(found.run_id),
        letter=letter,
    )


def _audiences(run_id: int) -> list[tuple[str, str, int]]:
    sent = [batch for batch in preview.batches(store(), run_id=run_id) if batch.letters]
    return [(batch.audience, gettext(AUDIENCES[batch.audience]), batch.letters) for batch in sent]


@area.get("/programmes/<programme>/rounds/<int:number>/review/recipients")
@guard(Permission.PUBLISH_ROUNDS)
def recipients(programme: ProgrammeView, number: int) -> str | Response:
    """List everybody who gets a letter, with a search; each line leads to the letter."""
    found = reading.by_number(store(), programme.id, number)
    if found.run_id is None or found.state not in _BEFORE:
        return redirect(words.address(programme, found, "show"), 303)
    audience = request.args.get("to", "")
    audience = audience if audience in AUDIENCES else ""
    search = request.args.get("q", "")[:_LONGEST_SEARCH]
    page = min(max(1, number_in(request.args.get("page"), 1)), _MOST_PAGES)
    listed = standing.recipients(store(), found.run_id, audience, search=search, offset=(page - 1) * PAGE)

    def url(**changed: Any) -> str:
        kept = {"to": audience or None, "q": search or None, **changed}
        return url_for("mentormatch.rounds.recipients", programme=programme.slug, number=number, **kept)

    return render_template(
        "mentormatch/rounds/recipients.html",
        programme=programme,
        round=found,
        audience=audience,
        search=search,
        listed=listed,
        rows=[_recipient(programme, number, one) for one in listed.items],
        chips=[
            {"url": url(to=None if key == audience else key), "label": name, "count": count, "on": key == audience}
            for key, name, count in _audiences(found.run_id)
        ],
        before=url(page=page - 1) if page > 1 else None,
        after=url(page=page + 1) if listed.last < listed.total else None,
    )


_LANGUAGES = {"ja": N_("Japanese"), "en": N_("English")}


def _recipient(programme: ProgrammeView, number: int, one: Recipient) -> dict[str, Any]:
    language = speech().language
    letter: dict[str, Any] = {"audience": one.audience, "letter": one.position}
    return {
        "name": one.name.full(language),
        "email": one.email,
        "role": "intern" if one.audience in {"intern", NOBODY} else one.audience,
        "key": one.name,
        "language": gettext(_LANGUAGES.get(one.language, one.language)),
        "about": one.about.full(language) if one.about else "",
        "url": url_for("mentormatch.rounds.letters", programme=programme.slug, number=number, **letter),
    }
