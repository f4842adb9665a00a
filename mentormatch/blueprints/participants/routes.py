"""The people of a programme: list, one person, invitation."""

from __future__ import annotations

import json

from flask import Blueprint, Response, current_app, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from mentormatch.blueprints.answers import ProfileForm, profile_form
from mentormatch.blueprints.guard import guard
from mentormatch.blueprints.participants.filters import Filters
from mentormatch.blueprints.participants.forms import EnrolForm
from mentormatch.blueprints.redirects import notice
from mentormatch.blueprints.request import actor, ngettext, speech, store
from mentormatch.blueprints.sections import sections, speaking
from mentormatch.blueprints.showing import shown_answers
from mentormatch.blueprints.wishes import words as wish_words
from mentormatch.core.errors import Conflict, InvalidInput
from mentormatch.core.i18n import N_
from mentormatch.core.policy import Permission
from mentormatch.core.roles import ROLE_LABELS, Role
from mentormatch.queries import participants, wishes
from mentormatch.queries.participants import Participant
from mentormatch.queries.programmes import ProgrammeView
from mentormatch.services import people

area = Blueprint("participants", __name__, template_folder="templates")
_EXPORT = "mentormatch.imports.export_participants"


@area.get("/programmes/<programme>/participants/")
@guard(Permission.SEE_PARTICIPANTS)
def index(programme: ProgrammeView) -> Response:
    """List the participants, a page at a time."""
    filters = Filters.of(request.args)
    found = participants.listing(
        store(), programme.id, role=filters.role, shown=filters.shown, search=filters.search, page=filters.page
    )
    answer = make_response(
        render_template(
            "mentormatch/participants/index.html",
            programme=programme,
            found=found,
            tally=participants.tally(store(), programme.id),
            filters=filters,
            role_labels={role.value: label.to(speech().language) for role, label in ROLE_LABELS.items()},
            may_edit=_may_edit(programme),
            export_url=url_for(_EXPORT, programme=programme.slug) if _EXPORT in current_app.view_functions else None,
        )
    )
    if request.headers.get("HX-Request"):
        said = ngettext("%(num)s person found", "%(num)s people found", found.total)
        answer.headers["HX-Trigger"] = json.dumps({"mm:say": {"value": said}})
    return answer


@area.get("/programmes/<programme>/participants/new")
@guard(Permission.EDIT_PARTICIPANTS)
def new(programme: ProgrammeView) -> str:
    """Show the form that takes one person in."""
    return render_template("mentormatch/participants/new.html", programme=programme, form=EnrolForm())


@area.post("/programmes/<programme>/participants/new")
@guard(Permission.EDIT_PARTICIPANTS)
def add(programme: ProgrammeView) -> BaseResponse | tuple[str, int]:
    """Take one person in."""
    form = EnrolForm()
    status = 422
    try:
        if form.validate():
            enrolment_id = people.enrol(
                store(),
                actor=actor(),
                programme_id=programme.id,
                role=Role(form.role.data),
                email=form.email.data,
                person=form.person(),
                capacity=1 if form.capacity.data is None else form.capacity.data,
                invite=form.invite.data,
            )
            invited, added = N_("Added. The invitation is on its way."), N_("Added, without an invitation.")
            notice(invited if form.invite.data else added)
            return _to(programme, enrolment_id)
    except InvalidInput as error:
        form.refuse(error)
    except Conflict as error:
        form.refuse(InvalidInput(error.message, field="email", **error.fields))
        status = error.status
    return render_template("mentormatch/participants/new.html", programme=programme, form=form), status


@area.get("/programmes/<programme>/participants/<int:enrolment_id>/")
@guard(Permission.SEE_PARTICIPANTS)
def show(programme: ProgrammeView, enrolment_id: int) -> str:
    """Show one participant as the office sees them: everything, also what others do not see."""
    found = participants.one(store(), programme.id, enrolment_id)
    others = participants.of_person(store(), programme.id, found.person_id)
    return render_template(
        "mentormatch/participants/show.html",
        programme=programme,
        found=found,
        role_label=_role_label(found),
        others=[(_role_label(other), other.id) for other in others if other.id != found.id],
        answers=shown_answers(found.role, found.profile, speech().language, everything=True),
        invitation=participants.invitation(store(), programme.id, found),
        may_edit=_may_edit(programme),
        wished=_wished(programme, found),
    )


def _wished(programme: ProgrammeView, found: Participant) -> dict[str, object] | None:
    """Return what a participant asks for, for those of the office who may read it."""
    if not actor().may(Permission.SEE_WISHES, programme.id):
        return None
    roles = wishes.roles_for(found.role, programme.tracks)
    sheet = wishes.of_author(store(), found.id, roles)
    named = {one.key: one.label.to(speech().language) for one in wishes.priorities(store(), programme, found.role)}
    people = [wish_words.person(one) for role in roles for one in sheet.wishes[role].everybody]
    return {
        "people": people,
        "priority": named.get(sheet.priority, ""),
        "open_to_all": sheet.open_to_all,
        "possible": bool(roles),
        "role_labels": {role.value: label.to(speech().language) for role, label in ROLE_LABELS.items()},
    }


@area.get("/programmes/<programme>/participants/<int:enrolment_id>/edit")
@guard(Permission.EDIT_PARTICIPANTS)
def edit(programme: ProgrammeView, enrolment_id: int) -> str:
    """Show the form of a participant's profile."""
    found = participants.one(store(), programme.id, enrolment_id)
    return _edit_page(programme, found, profile_form(found, programme.choices, office=True))


@area.post("/programmes/<programme>/participants/<int:enrolment_id>/edit")
@guard(Permission.EDIT_PARTICIPANTS)
def save(programme: ProgrammeView, enrolment_id: int) -> BaseResponse | tuple[str, int]:
    """Save a participant's profile."""
    found = participants.one(store(), programme.id, enrolment_id)
    form = profile_form(found, programme.choices, office=True)
    status = 422
    try:
        if form.validate():
            given = form.given(found.role)
            people.save_profile(store(), actor=actor(), programme_id=programme.id, enrolment_id=found.id, given=given)
            notice("The profile is saved.")
            return _to(programme, found.id)
    except (InvalidInput, Conflict) as error:
        found = participants.one(store(), programme.id, enrolment_id)
        status = form.refuse_save(error, found)
    return _edit_page(programme, found, form), status


@area.get("/programmes/<programme>/participants/<int:enrolment_id>/preview")
@guard(Permission.SEE_PARTICIPANTS)
def preview(programme: ProgrammeView, enrolment_id: int) -> str:
    """Show one participant as the other side of a match sees them."""
    found = participants.one(store(), programme.id, enrolment_id)
    return render_template(
        "mentormatch/participants/preview.html",
        programme=programme,
        found=found,
        role_label=_role_label(found),
        answers=shown_answers(found.role, found.profile, speech().language),
    )


@area.post("/programmes/<programme>/participants/<int:enrolment_id>/pause")
@guard(Permission.EDIT_PARTICIPANTS)
def pause(programme: ProgrammeView, enrolment_id: int) -> BaseResponse:
    """Leave a participant out of matching for a while."""
    people.pause(store(), actor=actor(), programme_id=programme.id, enrolment_id=enrolment_id)
    notice("Paused: the next matching leaves this person out.")
    return _to(programme, enrolment_id)


@area.post("/programmes/<programme>/participants/<int:enrolment_id>/resume")
@guard(Permission.EDIT_PARTICIPANTS)
def resume(programme: ProgrammeView, enrolment_id: int) -> BaseResponse:
    """Let a participant take part again."""
    people.resume(store(), actor=actor(), programme_id=programme.id, enrolment_id=enrolment_id)
    notice("This person takes part again.")
    return _to(programme, enrolment_id)


@area.post("/programmes/<programme>/participants/<int:enrolment_id>/withdraw")
@guard(Permission.EDIT_PARTICIPANTS)
def withdraw(programme: ProgrammeView, enrolment_id: int) -> BaseResponse:
    """Take a participant out of the programme."""
    people.withdraw(store(), actor=actor(), programme_id=programme.id, enrolment_id=enrolment_id)
    notice("Withdrawn. The profile is kept, and you can take this person in again.")
    return _to(programme, enrolment_id)


@area.post("/programmes/<programme>/participants/<int:enrolment_id>/invite")
@guard(Permission.EDIT_PARTICIPANTS)
def invite(programme: ProgrammeView, enrolment_id: int) -> BaseResponse:
    """Send the invitation once more."""
    people.invite_again(store(), actor=actor(), programme_id=programme.id, enrolment_id=enrolment_id)
    notice("The invitation is on its way.")
    return _to(programme, enrolment_id)


def _to(programme: ProgrammeView, enrolment_id: int) -> BaseResponse:
    url = url_for("mentormatch.participants.show", programme=programme.slug, enrolment_id=enrolment_id)
    return redirect(url, 303)


def _may_edit(programme: ProgrammeView) -> bool:
    return actor().may(Permission.EDIT_PARTICIPANTS, programme.id)


def _role_label(found: Participant) -> str:
    return ROLE_LABELS[found.role].to(speech().language)


def _edit_page(programme: ProgrammeView, found: Participant, form: ProfileForm) -> str:
    return render_template(
        "mentormatch/participants/edit.html",
        programme=programme,
        found=found,
        role_label=_role_label(found),
        form=form,
        sections=sections(found, form),
        speaking=speaking(form),
    )
