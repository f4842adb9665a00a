"""Whom one would like to be matched with: one's own page, and the office's reminder."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from mentormatch.blueprints.guard import guard
from mentormatch.blueprints.redirects import notice, page_number
from mentormatch.blueprints.request import actor, gettext, speech, store
from mentormatch.blueprints.wishes import words
from mentormatch.core.errors import InvalidInput, NotFound
from mentormatch.core.i18n import N_
from mentormatch.core.policy import Permission
from mentormatch.core.roles import ROLE_LABELS, Role
from mentormatch.queries import participants, rounds
from mentormatch.queries import wishes as reading
from mentormatch.queries.participants import Participant
from mentormatch.queries.programmes import ProgrammeView
from mentormatch.services import wishes

area = Blueprint("wishes", __name__, template_folder="templates")
_LONGEST_SEARCH = 100
_STEPS = {"up": -1, "down": 1}


@dataclass(frozen=True, slots=True)
class _Place:
    """Where on the page somebody is: in which own role, looking at which others, and what the list is narrowed to."""

    programme: ProgrammeView
    mine: Participant
    others: tuple[Participant, ...]
    roles: tuple[Role, ...]
    role: Role | None
    search: str
    page: int

    def url(self, endpoint: str = "show", **values: Any) -> str:
        """Return the address of the page, or of what a form sends to, which comes back here."""
        query: dict[str, Any] = {
            "role": self.mine.role.value if len(self.others) > 1 else None,
            "among": self.role and self.role.value,
            "q": self.search or None,
            "page": self.page if self.page > 1 else None,
        }
        return url_for(f"mentormatch.wishes.{endpoint}", programme=self.programme.slug, **query, **values)


def _place(programme: ProgrammeView) -> _Place:
    mine = participants.of_person(store(), programme.id, actor().person_id)
    if not mine:
        raise NotFound("There is nothing here, or it is not for you to see.")
    given: Mapping[str, str] = request.args
    own = next((one for one in mine if one.role == given.get("role")), mine[0])
    roles = reading.roles_for(own.role, programme.tracks)
    return _Place(
        programme=programme,
        mine=own,
        others=tuple(mine),
        roles=roles,
        role=next((role for role in roles if role == given.get("among")), roles[0] if roles else None),
        search=given.get("q", "").strip()[:_LONGEST_SEARCH],
        page=page_number(given),
    )


@area.get("/programmes/<programme>/wishes/")
@guard(Permission.STATE_OWN_WISHES)
def show(programme: ProgrammeView) -> str:
    """Show one's own wishes and whom one may choose from."""
    here = _place(programme)
    sheet = reading.of_author(store(), here.mine.id, here.roles)
    found, changing = None, reading.may_change(store(), programme.id)
    if here.role is not None and changing:
        found = reading.candidates(store(), programme.id, here.mine, here.role, search=here.search, page=here.page)
    return render_template(
        "mentormatch/wishes/show.html",
        programme=programme,
        here=here,
        sheet=sheet,
        open=changing,
        own_roles=_own_roles(here),
        tracks=_tracks(here, sheet),
        lists=None if here.role is None else _lists(sheet.wishes[here.role]),
        most=wishes.CHOICES,
        found=found,
        people=[words.person(one) for one in found.rows] if found else [],
        before=_at(here, found, -1),
        after=_at(here, found, 1),
        finding=gettext(words.FINDING[here.role]) if here.role else "",
        priorities=words.priorities(reading.priorities(store(), programme, here.mine.role)),
    )


def _own_roles(here: _Place) -> list[dict[str, object]]:
    language = speech().language
    return [
        {
            "label": ROLE_LABELS[one.role].to(language),
            "url": url_for("mentormatch.wishes.show", programme=here.programme.slug, role=one.role.value),
            "current": one.role == here.mine.role,
        }
        for one in here.others
    ]


def _tracks(here: _Place, sheet: reading.Sheet) -> list[dict[str, object]]:
    return [
        {
            "label": gettext(words.TRACKS[role]),
            "url": replace(here, role=role, search="", page=1).url(),
            "count": len(sheet.wishes[role].everybody) or None,
            "current": role is here.role,
        }
        for role in here.roles
    ]


def _lists(found: reading.Wishes) -> dict[str, list[words.PersonView]]:
    return {
        "choices": [words.person(one) for one in found.choices],
        "preferred": [words.person(one) for one in found.preferred],
        "avoided": [words.person(one) for one in found.avoided],
    }


def _at(here: _Place, found: reading.Page | None, step: int) -> str | None:
    """Return the address of the page before or after, or None."""
    if found is None:
        return None
    number = (found.first - 1) // reading.PAGE + 1 + step
    there = number >= 1 and (step < 0 or found.last < found.total)
    return replace(here, page=number).url() if there else None


@area.post("/programmes/<programme>/wishes/<int:enrolment_id>")
@guard(Permission.STATE_OWN_WISHES)
def say(programme: ProgrammeView, enrolment_id: int) -> Response:
    """Say something about somebody, move a choice, or take back what was said."""
    here, wish = _place(programme), request.form.get("wish", "")
    who: dict[str, Any] = {"actor": actor(), "programme_id": programme.id, "author_id": here.mine.id}
    who["other_id"] = enrolment_id
    try:
        if wish in _STEPS:
            wishes.move(store(), **who, by=_STEPS[wish])
        elif wish == "forget":
            wishes.forget(store(), **who)
        else:
            _told(wish, wishes.say(store(), **who, kind=wish))
    except InvalidInput as error:
        notice(error.message, **error.fields)
    return redirect(here.url(), 303)


def _told(kind: str, rank: int | None) -> None:
    if rank is not None:
        notice("Noted as your %(choice)s.", choice=words.choice(rank))
    elif kind == "avoid":
        notice("Noted: you will not be matched with this person. Nobody but the career centre learns of it.")
    else:
        notice("Noted: you would gladly have this person.")


@area.post("/programmes/<programme>/wishes/priority")
@guard(Permission.STATE_OWN_WISHES)
def prioritise(programme: ProgrammeView) -> Response:
    """Name what matters most."""
    here, key = _place(programme), request.form.get("priority", "")
    try:
        wishes.prioritise(store(), actor=actor(), programme_id=programme.id, author_id=here.mine.id, key=key)
        named, nothing = N_("Noted what matters most to you."), N_("Noted: nothing in particular matters most.")
        notice(named if key else nothing)
    except InvalidInput as error:
        notice(error.message, **error.fields)
    return redirect(here.url(), 303)


@area.post("/programmes/<programme>/wishes/anybody")
@guard(Permission.STATE_OWN_WISHES)
def welcome(programme: ProgrammeView) -> Response:
    """Say that anybody is welcome, or take it back."""
    here, anybody = _place(programme), request.form.get("anybody") == "yes"
    wishes.welcome_all(store(), actor=actor(), programme_id=programme.id, author_id=here.mine.id, open_to_all=anybody)
    if anybody:
        notice("Noted: you are open to everybody.")
    return redirect(here.url(), 303)


@area.post("/programmes/<programme>/rounds/<int:number>/remind-wishes")
@guard(Permission.RUN_ROUNDS)
def remind(programme: ProgrammeView, number: int) -> Response:
    """Remind those who have not said whom they wish for."""
    found = rounds.by_number(store(), programme.id, number)
    reminded = wishes.remind(store(), actor=actor(), round_id=found.id)
    notice("%(number)s people get a reminder, each at most one a day.", number=reminded)
    return redirect(url_for("mentormatch.rounds.settings", programme=programme.slug, number=number), 303)
