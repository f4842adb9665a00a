"""The sections of a profile's form: which fields stand together, who sees them, what is still missing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import wtforms

from mentormatch.blueprints.answers import ROWS, ProfileForm, Row, blank_row
from mentormatch.blueprints.request import gettext, ngettext
from mentormatch.core.field_kinds import Field, Owner
from mentormatch.core.fields import BY_KEY, fields_for
from mentormatch.core.i18n import N_
from mentormatch.core.roles import Role
from mentormatch.core.speaking import INTRODUCTION, spoken_seconds
from mentormatch.queries.participants import Participant
from mentormatch.services.people import NAME_FIELDS

_PLACE_OF = {
    **dict.fromkeys((*NAME_FIELDS, "language", "timezone"), "name"),
    **dict.fromkeys(("faculty", "year", "studies", "host_company", "supervisor"), "work"),
    **dict.fromkeys(("organisation", "position", "graduation_year", "career"), "work"),
    **dict.fromkeys(("languages", "place", "free_time", "capacity", "minimum"), "meeting"),
    "self_introduction": "introduction",
}
_ELSE = "talk"
_TITLES = {
    "name": N_("Name and messages"),
    "work": N_("Work and career"),
    "talk": N_("What the conversation is about"),
    "introduction": N_("Self-introduction"),
    "meeting": N_("Languages, place and time"),
}
_STUDIES = N_("Studies")
_ADDERS = {"languages": N_("Add a language"), "free_time": N_("Add a time"), "career": N_("Add a station")}


@dataclass(frozen=True, slots=True)
class Control:
    """One field of the form: the bound field, and what the table of fields says about it."""

    field: wtforms.Field
    kind: str
    private: bool
    expected: bool
    blank: Row | None
    add: str


@dataclass(frozen=True, slots=True)
class Section:
    """Fields under one heading, with the expected ones that are not answered yet."""

    key: str
    title: str
    controls: list[Control]
    missing: list[Field]

    @property
    def status(self) -> str:
        """How far it is, in words."""
        if not self.missing:
            return gettext("Done")
        return ngettext("%(num)s to go", "%(num)s to go", len(self.missing))


def sections(participant: Participant, form: ProfileForm) -> list[Section]:
    """Return the sections of the form in the order they are asked; `missing` is about what is stored."""
    table = {field.key: field for field in fields_for(participant.role, Owner.PROFILE)}
    missing = participant.missing
    found = []
    for key, title in _TITLES.items():
        names = [name for name in _in_order(form, table) if _PLACE_OF.get(name, _ELSE) == key]
        unanswered = [field for field in missing if _PLACE_OF.get(field.key, _ELSE) == key]
        controls = [_control(form[name], table.get(name)) for name in names]
        heading = _STUDIES if key == "work" and participant.role is Role.INTERN else title
        found.append(Section(key, gettext(heading), controls, unanswered))
    return found


def _in_order(form: ProfileForm, table: Mapping[str, Field]) -> Iterable[str]:
    around = (*NAME_FIELDS, "language", "timezone", "capacity", "minimum")
    return (name for name in (*around, *table) if name in form)


def _control(field: wtforms.Field, entry: Field | None) -> Control:
    of_person = BY_KEY.get(field.name)
    rows = entry is not None and entry.kind in ROWS
    return Control(
        field=field,
        kind=entry.kind.value if entry else "",
        private=not entry.shown if entry else of_person is None or not of_person.shown,
        expected=entry is not None and entry.expected,
        blank=blank_row(entry.kind, entry.key) if entry and rows else None,
        add=gettext(_ADDERS[field.name]) if rows else "",
    )


@dataclass(frozen=True, slots=True)
class Speaking:
    """How long the self-introduction takes to say, in seconds, and when it is too long for its purpose."""

    seconds: int
    limit: int = INTRODUCTION
    too_long: int = INTRODUCTION * 4 // 3


def speaking(form: ProfileForm) -> Speaking:
    """Measure the self-introduction in the form. Its length is advice: a longer text is kept."""
    return Speaking(spoken_seconds(form.self_introduction.data or ""))
