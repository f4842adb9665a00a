"""The settings of a programme: names, term, tracks, lists, and the people who run it."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from mentormatch.blueprints.guard import guard
from mentormatch.blueprints.programmes.forms import ProgrammeForm
from mentormatch.blueprints.redirects import notice
from mentormatch.blueprints.request import actor, speech, store
from mentormatch.blueprints.settings.forms import AppointForm, PublishingForm
from mentormatch.core.errors import Conflict, InvalidInput, NotFound
from mentormatch.core.policy import Permission
from mentormatch.core.roles import ROLE_LABELS, STAFF_ROLES, Role
from mentormatch.queries import programmes as reading
from mentormatch.queries.programmes import ProgrammeView
from mentormatch.services import programmes

area = Blueprint("settings", __name__, template_folder="templates")


@area.get("/programmes/<programme>/settings/")
@guard(Permission.EDIT_PROGRAMME)
def edit(programme: ProgrammeView) -> str:
    """Show the settings."""
    return _page(programme, ProgrammeForm.showing(programme))


@area.post("/programmes/<programme>/settings/")
@guard(Permission.EDIT_PROGRAMME)
def save(programme: ProgrammeView) -> Response | tuple[str, int]:
    """Save the settings."""
    form = ProgrammeForm.showing(programme)
    try:
        if form.validate():
            programmes.change(store(), actor=actor(), programme_id=programme.id, given=form.given())
            notice("The settings are saved.")
            return redirect(url_for("mentormatch.settings.edit", programme=programme.slug), 303)
    except InvalidInput as error:
        form.refuse(error)
    return _page(programme, form), 422


@area.get("/programmes/<programme>/settings/publishing")
@guard(Permission.EDIT_PROGRAMME)
def publishing(programme: ProgrammeView) -> str:
    """Show how rounds are published, and what happens afterwards."""
    return _publishing_page(programme, PublishingForm.showing(reading.publishing_rules(store(), programme.id)))


@area.post("/programmes/<programme>/settings/publishing")
@guard(Permission.EDIT_PROGRAMME)
def save_publishing(programme: ProgrammeView) -> Response | tuple[str, int]:
    """Save how rounds are published."""
    form = PublishingForm()
    try:
        if form.validate():
            programmes.set_publishing(store(), actor=actor(), programme_id=programme.id, rules=form.rules())
            notice("The settings are saved.")
            return redirect(url_for("mentormatch.settings.publishing", programme=programme.slug), 303)
    except InvalidInput as error:
        form.refuse(error)
    return _publishing_page(programme, form), 422


def _publishing_page(programme: ProgrammeView, form: PublishingForm) -> str:
    return render_template("mentormatch/settings/publishing.html", programme=programme, form=form)


@area.get("/programmes/<programme>/settings/staff")
@guard(Permission.EDIT_PROGRAMME)
def staff(programme: ProgrammeView) -> str:
    """Show who runs the programme."""
    return _staff_page(programme, AppointForm())


@area.post("/programmes/<programme>/settings/staff")
@guard(Permission.EDIT_PROGRAMME)
def appoint(programme: ProgrammeView) -> Response | tuple[str, int]:
    """Let somebody help to run the programme."""
    form = AppointForm()
    status = 422
    try:
        if form.validate():
            address = programmes.appoint(
                store(),
                actor=actor(),
                programme_id=programme.id,
                role=Role(form.role.data),
                email=form.email.data,
                person=form.person(),
            )
            notice("%(email)s can sign in from now on.", email=address)
            return _to_staff(programme)
    except InvalidInput as error:
        form.refuse(error)
    except Conflict as error:
        form.refuse(InvalidInput(error.message, field="email", **error.fields))
        status = error.status
    return _staff_page(programme, form), status


@area.post("/programmes/<programme>/settings/staff/<int:person_id>/dismiss")
@guard(Permission.EDIT_PROGRAMME)
def dismiss(programme: ProgrammeView, person_id: int) -> Response | tuple[str, int]:
    """Take a staff role from somebody."""
    role = next((role for role in STAFF_ROLES if role.value == request.form.get("role")), None)
    if role is None:
        raise NotFound("There is nothing here, or it is not for you to see.")
    try:
        programmes.dismiss(store(), actor=actor(), programme_id=programme.id, person_id=person_id, role=role)
    except Conflict as error:
        form = AppointForm(formdata=None)
        form.refuse(InvalidInput(error.message, field=None, **error.fields))
        return _staff_page(programme, form), error.status
    notice("The role is taken away.")
    if person_id == actor().person_id:  # who dismissed themself may have no business here any more
        return redirect(url_for("mentormatch.programmes.index"), 303)
    return _to_staff(programme)


def _to_staff(programme: ProgrammeView) -> Response:
    return redirect(url_for("mentormatch.settings.staff", programme=programme.slug), 303)


def _page(programme: ProgrammeView, form: ProgrammeForm) -> str:
    return render_template("mentormatch/settings/edit.html", programme=programme, form=form)


def _staff_page(programme: ProgrammeView, form: AppointForm) -> str:
    language = speech().language
    found = reading.staff(store(), programme.id)
    return render_template(
        "mentormatch/settings/staff.html",
        programme=programme,
        form=form,
        staff=[(one, ROLE_LABELS[one.role].to(language)) for one in found],
        own_id=actor().person_id,
    )
