"""Wishes in words: ranks, kinds, what matters most, and people as those see them who may wish for them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from mentormatch.blueprints.request import gettext, speech
from mentormatch.blueprints.showing import Answer, shown_answers
from mentormatch.core.i18n import N_
from mentormatch.core.names import Name
from mentormatch.core.roles import Role
from mentormatch.queries.wishes import Priority, Said, Short

CHOICES: Mapping[int, str] = {
    1: N_("1st choice"),
    2: N_("2nd choice"),
    3: N_("3rd choice"),
    4: N_("4th choice"),
    5: N_("5th choice"),
}
KINDS: Mapping[str, str] = {"prefer": N_("Gladly"), "avoid": N_("Please not")}
TRACKS: Mapping[Role, str] = {Role.MENTOR: N_("Mentors"), Role.ALUMNUS: N_("Alumni"), Role.INTERN: N_("Interns")}
FINDING: Mapping[Role, str] = {
    Role.MENTOR: N_("Find mentors"),
    Role.ALUMNUS: N_("Find alumni"),
    Role.INTERN: N_("Find interns"),
}
_MATTERS: Mapping[str, str] = {
    "text": N_("that we think about the same things"),
    "tags": N_("that we have this in common"),
    "complement": N_("that one of us wants to learn what the other can offer"),
    "ordinal": N_("that we are close to each other in this"),
    "hours": N_("that we have time on the same days"),
    "languages": N_("that we talk easily in a language we share"),
    "equality": N_("that we gave the same answer"),
}


@dataclass(frozen=True, slots=True)
class PersonView:
    """Somebody who may be wished for, in words."""

    id: int
    role: str
    name: str
    key: Name
    work: str
    tags: list[str]
    answers: list[Answer]
    takes_part: bool
    said: str
    kind: str
    rank: int | None


def person(found: Short) -> PersonView:
    """Return somebody in words: the fields first, the rest to unfold."""
    language = speech().language
    answers = shown_answers(found.role, found.profile, language)
    return PersonView(
        id=found.id,
        role=found.role.value,
        name=found.name.full(language),
        key=found.name,
        work=found.work,
        tags=next((answer.lines for answer in answers if answer.key == "industries"), []),
        answers=[answer for answer in answers if answer.key != "industries"],
        takes_part=found.takes_part,
        said=said(found.said),
        kind=found.said.kind.value if found.said else "",
        rank=found.said.rank if found.said else None,
    )


def said(found: Said | None) -> str:
    """Return what was said about somebody."""
    if found is None:
        return ""
    return choice(found.rank) if found.rank else gettext(KINDS[found.kind])


def choice(rank: int) -> str:
    """Return the name of a rank."""
    return gettext(CHOICES[rank])


def priorities(found: Iterable[Priority]) -> list[tuple[str, str, str]]:
    """Return what may matter most as (key, name, in other words)."""
    language = speech().language
    return [
        (one.key, one.label.to(language), gettext(_MATTERS[one.kind]) if one.kind in _MATTERS else "") for one in found
    ]
