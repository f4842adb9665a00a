"""The frame around every page: who is here, where one can go, what the assets are called."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from functools import cache
from importlib import resources

from flask import g, request, session, url_for

from mentormatch.blueprints.redirects import here
from mentormatch.blueprints.request import gettext, installation, speech, visitor
from mentormatch.core.errors import NotPermitted
from mentormatch.core.i18n import N_
from mentormatch.core.policy import Actor, Permission
from mentormatch.core.roles import PARTICIPANT_ROLES, ROLE_LABELS, STAFF_ROLES, Role
from mentormatch.queries.programmes import ProgrammeView


@dataclass(frozen=True, slots=True)
class Link:
    """One entry of a navigation."""

    url: str
    label: str
    icon: str
    current: bool = False
    count: int | None = None
    emphasised: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """Where a navigation entry leads: it is shown to those who hold its permission."""

    endpoint: str
    label: str
    icon: str
    permission: Permission

    @property
    def area(self) -> str:
        """The blueprint of the endpoint; all its pages light up the entry."""
        return self.endpoint.rpartition(".")[0]


PROGRAMME_ENTRIES = (
    Entry("programmes.overview", N_("Overview"), "layout-dashboard", Permission.SEE_PARTICIPANTS),
    Entry("participants.index", N_("Participants"), "users", Permission.SEE_PARTICIPANTS),
    Entry("imports.index", N_("Import"), "upload", Permission.IMPORT_PARTICIPANTS),
    Entry("criteria.edit", N_("Criteria"), "sliders-horizontal", Permission.EDIT_CRITERIA),
    Entry("rounds.index", N_("Matching"), "git-compare-arrows", Permission.SEE_ROUNDS),
    Entry("home.show", N_("Home"), "house", Permission.SEE_OWN_MATCHES),
    Entry("profile.edit", N_("My profile"), "user", Permission.EDIT_OWN_PROFILE),
    Entry("wishes.show", N_("My wishes"), "star", Permission.STATE_OWN_WISHES),
    Entry("settings.edit", N_("Settings"), "settings", Permission.EDIT_PROGRAMME),
)
TAB_BAR = 5


@dataclass(frozen=True, slots=True)
class ActorView:
    """The actor as the frame shows them."""

    name: str
    initials: str
    role: str
    role_label: str


@dataclass(frozen=True, slots=True)
class ProgrammeHeading:
    """The programme as the frame shows it."""

    name: str
    organisation: str
    slug: str


@dataclass(frozen=True, slots=True)
class Site:
    """What the shells read as `mm`."""

    layout: str
    language: str
    theme: str | None
    actor: ActorView | None
    programme: ProgrammeHeading | None
    home_url: str
    programmes_url: str | None
    language_url: str
    sign_out_url: str | None
    sign_in_url: str | None
    mailbox_url: str | None
    navigation: list[Link] = field(default_factory=list)

    @property
    def tabbar(self) -> list[Link]:
        """The first few entries, for the bar at the bottom of a phone."""
        return self.navigation[:TAB_BAR]

    def asset(self, name: str) -> str:
        """Return the address of a static file, which changes with its content."""
        return url_for("mentormatch.static", filename=name, v=_fingerprint(name))


@cache
def _fingerprint(name: str) -> str:
    content = (resources.files("mentormatch") / "static" / name).read_bytes()
    return hashlib.sha256(content).hexdigest()[:12]


def build() -> Site:
    """Describe the frame of the page that is being answered."""
    found = installation()
    try:
        actor = visitor()
    except NotPermitted:
        actor = None
    programme: ProgrammeView | None = g.get("mm_programme")
    language = speech().language
    return Site(
        layout=found.layout,
        language=language,
        theme=session.get("mm_theme"),
        actor=None if actor is None else _actor(actor, programme, language),
        programme=None if programme is None else _programme(programme, language),
        home_url=url_for("mentormatch.programmes.index"),
        programmes_url=url_for("mentormatch.programmes.index") if actor and _several(actor) else None,
        language_url=url_for("mentormatch.language"),
        sign_out_url=found.sign_out_url() if actor else None,
        sign_in_url=None if actor else found.sign_in_url(here()),
        mailbox_url=url_for("mentormatch.mailbox.index") if found.config.mailbox_page else None,
        navigation=[] if actor is None or programme is None else _navigation(actor, programme),
    )


def _several(actor: Actor) -> bool:
    return actor.system_admin or len(actor.roles) > 1


def _actor(actor: Actor, programme: ProgrammeView | None, language: str) -> ActorView:
    held = actor.roles_in(programme.id if programme else None)
    order = (*STAFF_ROLES, Role.SYSTEM_ADMIN, *PARTICIPANT_ROLES)
    main = next((role for role in order if role in held), None)
    label = "" if main is None else ROLE_LABELS[main].to(language)
    return ActorView(actor.name.full(language), actor.name.initials, main or "", label)


def _programme(programme: ProgrammeView, language: str) -> ProgrammeHeading:
    return ProgrammeHeading(programme.name.to(language), programme.organisation.to(language), programme.slug)


def _navigation(actor: Actor, programme: ProgrammeView) -> list[Link]:
    area = (request.endpoint or "").removeprefix("mentormatch.").rpartition(".")[0]
    return [
        Link(
            url=url_for(f"mentormatch.{entry.endpoint}", programme=programme.slug),
            label=gettext(entry.label),
            icon=entry.icon,
            current=entry.area == area,
        )
        for entry in PROGRAMME_ENTRIES
        if actor.may(entry.permission, programme.id)
    ]
