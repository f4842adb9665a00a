"""The list of programmes, a new one, the overview of one, and its audit trail."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from mentormatch.blueprints.guard import guard
from mentormatch.blueprints.programmes.activity import told
from mentormatch.blueprints.programmes.checklist import Standing, checklist, due
from mentormatch.blueprints.programmes.forms import NewProgrammeForm
from mentormatch.blueprints.redirects import notice, page_number
from mentormatch.blueprints.request import actor, gettext, speech, store
from mentormatch.core.errors import InvalidInput
from mentormatch.core.i18n import N_
from mentormatch.core.policy import Permission
from mentormatch.core.roles import PARTICIPANT_ROLES, ROLE_LABELS, STAFF_ROLES, Role
from mentormatch.queries import participants, programmes, readiness, rounds, trail
from mentormatch.queries.programmes import ProgrammeView
from mentormatch.services import programmes as writing

area = Blueprint("programmes", __name__, template_folder="templates")
_RECENT = 6


def start_page(programme: ProgrammeView) -> str:
    """Return the page that the actor starts from: the overview for staff, the home of a participant."""
    staff = actor().may(Permission.SEE_PARTICIPANTS, programme.id)
    return url_for("mentormatch.programmes.overview" if staff else "mentormatch.home.show", programme=programme.slug)


@area.get("/")
@guard(Permission.USE_OWN_ACCOUNT)
def index() -> str | Response:
    """Show the actor's programmes; with one only, go there."""
    found = programmes.of_actor(store(), actor())
    may_create = actor().may(Permission.CREATE_PROGRAMMES)
    if len(found) == 1 and not may_create:
        return redirect(start_page(found[0]), 303)
    return render_template(
        "mentormatch/programmes/index.html",
        programmes=[(item, start_page(item), _role_words(item)) for item in found],
        may_create=may_create,
    )


@area.get("/programmes/new")
@guard(Permission.CREATE_PROGRAMMES)
def new() -> str:
    """Show the form of a new programme."""
    return _new_page(NewProgrammeForm.offering(programmes.of_actor(store(), actor())))


@area.post("/programmes/new")
@guard(Permission.CREATE_PROGRAMMES)
def create() -> Response | tuple[str, int]:
    """Make a programme and go to its overview."""
    form = NewProgrammeForm.offering(programmes.of_actor(store(), actor()))
    try:
        if form.validate():
            copy_of = int(form.copy_of.data) if form.copy_of.data else None
            slug = writing.create(store(), actor=actor(), given=form.given(), copy_of=copy_of)
            notice("The programme is there. Bring the people in next.")
            return redirect(url_for("mentormatch.programmes.overview", programme=slug), 303)
    except InvalidInput as error:
        form.refuse(error)
    return _new_page(form), 422


@area.get("/programmes/<programme>/")
@guard(Permission.SEE_PARTICIPANTS)
def overview(programme: ProgrammeView) -> str:
    """Show how the programme stands and what to do next."""
    supply = programmes.supply(store(), programme.id)
    tally = participants.tally(store(), programme.id)
    standing = Standing(
        tally=tally,
        supply=supply,
        rounds=rounds.of_programme(store(), programme.id),
        criteria_read=trail.has_happened(store(), programme.id, "criteria.saved"),
    )
    steps = checklist(programme, standing)
    sees_rounds = actor().may(Permission.RUN_ROUNDS, programme.id)
    language = speech().language
    return render_template(
        "mentormatch/programmes/overview.html",
        programme=programme,
        steps=steps,
        due=due(steps),
        interns=supply[Role.INTERN].people,
        tracks=[(ROLE_LABELS[track].to(language), supply[track]) for track in programme.tracks],
        tally=tally,
        coming=_coming(programme) if sees_rounds else None,
        events=[told(event) for event in trail.recent(store(), programme.id, _RECENT)],
        may_see_trail=actor().may(Permission.SEE_AUDIT, programme.id),
    )


@area.get("/programmes/<programme>/trail")
@guard(Permission.SEE_AUDIT)
def show_trail(programme: ProgrammeView) -> str:
    """Show who did what, newest first."""
    found = trail.listing(store(), programme.id, page=page_number(request.args))
    return render_template(
        "mentormatch/programmes/trail.html",
        programme=programme,
        found=found,
        events=[told(event) for event in found.events],
        number=(found.first - 1) // trail.PAGE + 1,
    )


def _coming(programme: ProgrammeView) -> dict[str, Any] | None:
    """Return the round that comes next, with how many can be matched at the most in each track, or None."""
    found = readiness.outlook(store(), programme.id)
    if found is None:
        return None
    texts = {
        Role.MENTOR: N_("At most %(covered)s of %(interns)s interns can get a mentor under the rules."),
        Role.ALUMNUS: N_("At most %(covered)s of %(interns)s interns can get an alumnus under the rules."),
    }
    return {
        "url": url_for("mentormatch.rounds.check_readiness", programme=programme.slug, number=found.number),
        "lines": [
            ("done" if covered == interns else "warn", gettext(texts[track], covered=covered, interns=interns))
            for track, covered, interns in sorted(found.tracks, key=lambda one: programme.tracks.index(one[0]))
        ],
    }


def _new_page(form: NewProgrammeForm) -> str:
    return render_template("mentormatch/programmes/new.html", form=form)


def _role_words(programme: ProgrammeView) -> list[str]:
    held = actor().roles_in(programme.id)
    order = (*STAFF_ROLES, Role.SYSTEM_ADMIN, *PARTICIPANT_ROLES)
    return [ROLE_LABELS[role].to(speech().language) for role in order if role in held]
