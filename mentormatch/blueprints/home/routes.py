"""The home of interns, mentors and alumni: whom they got, why, and what to do next."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from flask import Blueprint, redirect, render_template, url_for
from werkzeug.wrappers import Response

from mentormatch.blueprints import reasons
from mentormatch.blueprints.guard import guard
from mentormatch.blueprints.home.forms import ConcernForm, DeclineForm
from mentormatch.blueprints.redirects import notice
from mentormatch.blueprints.request import actor, gettext, speech, store
from mentormatch.blueprints.showing import shown_answers
from mentormatch.core.clock import now
from mentormatch.core.errors import Conflict, InvalidInput, NotFound
from mentormatch.core.names import Name
from mentormatch.core.policy import Permission
from mentormatch.core.roles import Role
from mentormatch.queries import home, matches, wishes
from mentormatch.queries.matches import MatchView
from mentormatch.queries.programmes import ProgrammeView
from mentormatch.services import concerns
from mentormatch.services import matches as answers

area = Blueprint("home", __name__, template_folder="templates")
_NOON, _EVENING, _MORNING = 11, 17, 4


@area.get("/programmes/<programme>/home/")
@guard(Permission.SEE_OWN_MATCHES)
def show(programme: ProgrammeView) -> str:
    """Show the intern's match, or the host's interns, or both to one who is both."""
    person = actor().person_id
    standing = home.standing(store(), programme.id, person)
    return render_template(
        "mentormatch/home/show.html",
        programme=programme,
        greeting=_greeting(actor().name),
        roles=actor().roles_in(programme.id),
        standing=standing,
        wishing=wishes.standing(store(), programme.id, programme.tracks, standing.enrolments),
        hosts=[_told(match, "intern") for match in matches.of_intern(store(), programme.id, person)],
        interns=[_told(match, "host") for match in matches.of_host(store(), programme.id, person)],
        now=now(),
    )


@area.get("/programmes/<programme>/home/how-matching-works")
@guard(Permission.SEE_OWN_MATCHES)
def how(programme: ProgrammeView) -> str:
    """Explain the matching without a formula: what counts, what does not, who decides."""
    return render_template(
        "mentormatch/home/how.html", programme=programme, labels=home.criteria_labels(store(), programme.id)
    )


@area.get("/programmes/<programme>/home/interns/<int:match_id>")
@guard(Permission.ANSWER_OWN_MATCHES)
def intern(programme: ProgrammeView, match_id: int) -> str:
    """Show a host one intern: what she writes about herself, and why they were matched."""
    return _intern_page(programme, _own(programme, match_id), DeclineForm())


@area.post("/programmes/<programme>/home/interns/<int:match_id>/accept")
@guard(Permission.ANSWER_OWN_MATCHES)
def accept(programme: ProgrammeView, match_id: int) -> Response:
    """Accept a match."""
    answers.accept(store(), actor=actor(), programme_id=programme.id, match_id=match_id)
    notice("Thank you. We have told your intern that you look forward to it.")
    return redirect(url_for("mentormatch.home.show", programme=programme.slug), 303)


@area.post("/programmes/<programme>/home/interns/<int:match_id>/decline")
@guard(Permission.ANSWER_OWN_MATCHES)
def decline(programme: ProgrammeView, match_id: int) -> Response | tuple[str, int]:
    """Decline a match with a reason."""
    form = DeclineForm()
    try:
        if form.validate():
            answers.decline(
                store(),
                actor=actor(),
                programme_id=programme.id,
                match_id=match_id,
                reason=form.reason.data,
                note=form.note.data or "",
            )
            notice("Thank you for telling us. The career centre will find somebody else.")
            return redirect(url_for("mentormatch.home.show", programme=programme.slug), 303)
    except InvalidInput as error:
        form.refuse(error)
    return _intern_page(programme, _own(programme, match_id), form), 422


@area.get("/programmes/<programme>/home/matches/<int:match_id>/concern")
@guard(Permission.SEE_OWN_MATCHES)
def concern(programme: ProgrammeView, match_id: int) -> str:
    """Ask what feels wrong; only the career centre reads it."""
    return _concern_page(programme, _living(programme, match_id), ConcernForm())


@area.post("/programmes/<programme>/home/matches/<int:match_id>/concern")
@guard(Permission.SEE_OWN_MATCHES)
def tell_concern(programme: ProgrammeView, match_id: int) -> Response | tuple[str, int]:
    """Tell the career centre in private that something feels wrong."""
    form = ConcernForm()
    status = 422
    try:
        if form.validate():
            concerns.tell(
                store(),
                actor=actor(),
                programme_id=programme.id,
                match_id=match_id,
                kind=form.kind.data,
                note=form.note.data or "",
            )
            notice("Thank you for telling us. The career centre will get in touch; the other side is not told.")
            return redirect(url_for("mentormatch.home.show", programme=programme.slug), 303)
    except InvalidInput as error:
        form.refuse(error)
    except Conflict as error:
        form.refuse(InvalidInput(error.message, field=None, **error.fields))
        status = error.status
    return _concern_page(programme, _living(programme, match_id), form), status


def _concern_page(programme: ProgrammeView, match: MatchView, form: ConcernForm) -> str:
    other = match.other.name.full(speech().language)
    return render_template("mentormatch/home/concern.html", programme=programme, name=other, match=match, form=form)


def _living(programme: ProgrammeView, match_id: int) -> MatchView:
    """Return a living match of the visitor, on whichever side."""
    person = actor().person_id
    mine = matches.of_intern(store(), programme.id, person) + matches.of_host(store(), programme.id, person)
    found = next((one for one in mine if one.id == match_id and one.state in {"proposed", "accepted"}), None)
    if found is None:
        raise NotFound("There is nothing here, or it is not for you to see.")
    return found


def _intern_page(programme: ProgrammeView, match: MatchView, form: DeclineForm) -> str:
    return render_template(
        "mentormatch/home/intern.html", programme=programme, found=_told(match, "host"), form=form, now=now()
    )


def _own(programme: ProgrammeView, match_id: int) -> MatchView:
    mine = matches.of_host(store(), programme.id, actor().person_id)
    found = next((match for match in mine if match.id == match_id), None)
    if found is None:
        raise NotFound("There is nothing here, or it is not for you to see.")
    return found


def _told(match: MatchView, reader: str) -> dict[str, object]:
    """Return a match with its words for the reader, as the templates use it."""
    language = speech().language
    other = match.other
    about = shown_answers(other.role, other.profile, language)
    return {
        "match": match,
        "name": other.name.full(language),
        "called": other.name.called(language),
        "initials": other.name.initials,
        "eyebrow": gettext("Your mentor") if match.track is Role.MENTOR else gettext("Your alumni contact"),
        "reasons": reasons.told(match.reasons, other=other.name, reader=reader),
        "not_used": reasons.not_used(match.reasons),
        "about": {answer.key: answer for answer in about},
    }


def _greeting(name: Name) -> str:
    called = name.called(speech().language)
    hour = now().astimezone(ZoneInfo(speech().timezone)).hour
    if _MORNING <= hour < _NOON:
        return gettext("Good morning, %(name)s", name=called)
    if _NOON <= hour < _EVENING:
        return gettext("Hello, %(name)s", name=called)
    return gettext("Good evening, %(name)s", name=called)
