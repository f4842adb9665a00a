"""What a field of a participant is: its kind, its owner, its shape.

A field belongs to the *person* (names, language), to the *enrolment* (role, number, places) or to the *profile*, the
answers that a participant gives for one programme. Profile values are plain JSON: see `Kind` for the shape of each.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from mentormatch.core.roles import Role
from mentormatch.core.wording import Bilingual


class Kind(StrEnum):
    """What a field holds; the stored JSON shape behind it."""

    LINE = "line"  # str, one line
    TEXT = "text"  # str, several lines
    TAGS = "tags"  # list[str], order kept, no duplicates after normalisation
    LANGUAGES = "languages"  # list[[ISO 639-1 code, level 1..4]]
    HOURS = "hours"  # list[[weekday 0 = Monday .. 6, start minute, end minute]] in the person's own week
    CHOICE = "choice"  # str, one of a programme's list where the programme gives one
    NUMBER = "number"  # int
    EMAIL = "email"  # str
    CAREER = "career"  # list[[from year, to year or None, organisation, position]], newest first


class Owner(StrEnum):
    """Which row holds the value."""

    PERSON = "person"
    ENROLMENT = "enrolment"
    PROFILE = "profile"


ALL_ROLES = frozenset({Role.INTERN, Role.MENTOR, Role.ALUMNUS})

LANGUAGE_LEVELS = {
    1: Bilingual("basic", "あいさつ程度"),
    2: Bilingual("conversational", "日常会話"),
    3: Bilingual("business", "業務レベル"),
    4: Bilingual("native", "母語"),
}


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a participant.

    `expected` counts towards completeness. `shown` says whether the other side of a match sees it.
    """

    key: str
    kind: Kind
    label: Bilingual
    owner: Owner = Owner.PROFILE
    roles: frozenset[Role] = ALL_ROLES
    hint: Bilingual | None = None
    max_length: int = 200
    expected: bool = False
    shown: bool = True
