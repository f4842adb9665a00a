"""One's own profile: the form, what others see of it, taking part or pausing."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from mentormatch.blueprints.answers import ProfileForm, profile_form
from mentormatch.blueprints.guard import guard
from mentormatch.blueprints.redirects import notice
from mentormatch.blueprints.request import actor, installation, speech, store
from mentormatch.blueprints.sections import sections, speaking
from mentormatch.blueprints.showing import hidden_labels, shown_answers
from mentormatch.core.errors import Conflict, InvalidInput, NotFound
from mentormatch.core.fields import BY_KEY
from mentormatch.core.i18n import N_
from mentormatch.core.policy import Permission
from mentormatch.core.roles import ROLE_LABELS
from mentormatch.queries import participants
from mentormatch.queries.participants import Participant
from mentormatch.queries.programmes import ProgrammeView
from mentormatch.queries.wishes import SHORT
from mentormatch.services import people

area = Blueprint("profile", __name__, template_folder="templates")


@area.get("/programmes/<programme>/profile/")
@guard(Permission.EDIT_OWN_PROFILE)
def edit(programme: ProgrammeView) -> str:
    """Show the form of one's own profile."""
    mine, others = _own(programme)
    return _page(programme, mine, others, profile_form(mine, programme.choices))


@area.post("/programmes/<programme>/profile/")
@guard(Permission.EDIT_OWN_PROFILE)
def save(programme: ProgrammeView) -> Response | tuple[str, int]:
    """Save one's own profile."""
    mine, others = _own(programme)
    form = profile_form(mine, programme.choices)
    status = 422
    try:
        if form.validate():
            given = form.given(mine.role)
            people.save_profile(store(), actor=actor(), programme_id=programme.id, enrolment_id=mine.id, given=given)
            notice("Your profile is saved.")
            return redirect(_address(programme, mine, "edit"), 303)
    except (InvalidInput, Conflict) as error:
        mine, others = _own(programme)
        status = form.refuse_save(error, mine)
    return _page(programme, mine, others, form), status


@area.get("/programmes/<programme>/profile/preview")
@guard(Permission.EDIT_OWN_PROFILE)
def preview(programme: ProgrammeView) -> str:
    """Show one's own profile as the other side of a match sees it."""
    mine, _others = _own(programme)
    language = speech().language
    return render_template(
        "mentormatch/profile/preview.html",
        programme=programme,
        mine=mine,
        role_label=ROLE_LABELS[mine.role].to(language),
        answers=shown_answers(mine.role, mine.profile, language),
        hidden=hidden_labels(mine.role, language),
        short=[BY_KEY[key].label.to(language) for key in SHORT[mine.role]],
    )


@area.post("/programmes/<programme>/profile/taking-part")
@guard(Permission.EDIT_OWN_PROFILE)
def take_part(programme: ProgrammeView) -> Response:
    """Pause or take part again, in one step."""
    mine, _others = _own(programme)
    accepting = request.form.get("accepting") == "yes"
    verb = people.resume if accepting else people.pause
    verb(store(), actor=actor(), programme_id=programme.id, enrolment_id=mine.id)
    back, paused = N_("You take part again."), N_("You are paused. You can come back at any time.")
    notice(back if accepting else paused)
    return redirect(_address(programme, mine, "edit"), 303)


def _own(programme: ProgrammeView) -> tuple[Participant, list[Participant]]:
    """Return the enrolment that the address names (else the first one), and all of one's own in the programme."""
    found = participants.of_person(store(), programme.id, actor().person_id)
    if not found:
        raise NotFound("There is nothing here, or it is not for you to see.")
    wanted = request.args.get("role")
    return next((one for one in found if one.role == wanted), found[0]), found


def _address(programme: ProgrammeView, mine: Participant, page: str) -> str:
    return url_for(f"mentormatch.profile.{page}", programme=programme.slug, role=mine.role.value)


def _page(programme: ProgrammeView, mine: Participant, others: list[Participant], form: ProfileForm) -> str:
    language = speech().language
    return render_template(
        "mentormatch/profile/edit.html",
        programme=programme,
        mine=mine,
        roles=[
            {
                "label": ROLE_LABELS[one.role].to(language),
                "url": _address(programme, one, "edit"),
                "current": one.role == mine.role,
            }
            for one in others
        ],
        form=form,
        sections=sections(mine, form),
        speaking=speaking(form),
        password_url=url_for("mentormatch.accounts.password") if installation().standalone else None,
    )
