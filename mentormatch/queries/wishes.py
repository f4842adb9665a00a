"""What participants ask for: one's own wishes, whom one may choose from, and who has said nothing yet.

Wishes are read by their author and by the programme's admins alone. Nothing that the other side sees (lists, their
order, what a search finds) depends on them.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, case, exists, func, or_, select
from sqlalchemy.orm import contains_eager

from mentormatch.core.names import Name, half_width
from mentormatch.core.roles import HOST_ROLES, PARTICIPANT_ROLES, Role
from mentormatch.core.wording import Bilingual
from mentormatch.matching import criteria as matching
from mentormatch.models import (
    Criterion,
    Enrolment,
    EnrolmentState,
    Person,
    Programme,
    Round,
    RoundState,
    Wish,
    WishKind,
    WishSheet,
)
from mentormatch.queries import Store, criteria, participants
from mentormatch.queries.participants import BY_READING
from mentormatch.sheets.characters import to_katakana

PAGE = 12
_MOST_WORDS = 6

COLLECTING = (RoundState.DRAFT, RoundState.OPEN)
"""States of the newest round in which wishes can be changed."""

_HOST = ("industries", "offers", "languages", "place", "self_introduction")
SHORT: Mapping[Role, tuple[str, ...]] = {
    Role.INTERN: ("industries", "wants", "languages", "goals"),
    Role.MENTOR: _HOST,
    Role.ALUMNUS: _HOST,
}
"""What people see of those whom they may wish for, besides the name and the line under it. Only fields that the other
side of a match sees too."""

_WORK: Mapping[Role, tuple[str, ...]] = {
    Role.INTERN: ("faculty", "year"),
    Role.MENTOR: ("organisation", "position"),
    Role.ALUMNUS: ("organisation", "position"),
}
_TAGS = ("industries", "offers", "wants")


@dataclass(frozen=True, slots=True)
class Said:
    """What an author says about somebody: a kind, and the rank of a choice."""

    kind: WishKind
    rank: int | None


@dataclass(frozen=True, slots=True)
class Short:
    """Somebody as those see them who may wish for them; `profile` holds the fields of `SHORT` alone."""

    id: int
    role: Role
    name: Name
    work: str
    profile: Mapping[str, Any]
    takes_part: bool
    said: Said | None


@dataclass(frozen=True, slots=True)
class Wishes:
    """What one author asks for in one role of the others: choices by rank, then names in the order of their reading."""

    choices: Sequence[Short] = ()
    preferred: Sequence[Short] = ()
    avoided: Sequence[Short] = ()

    @property
    def everybody(self) -> list[Short]:
        """All of them."""
        return [*self.choices, *self.preferred, *self.avoided]


@dataclass(frozen=True, slots=True)
class Sheet:
    """Everything that an author has said. `priority` is the key of a criterion, or empty."""

    wishes: Mapping[Role, Wishes]
    priority: str = ""
    open_to_all: bool = False

    @property
    def is_stated(self) -> bool:
        """Whether there is anything in it; that anybody is welcome is something too."""
        return bool(self.open_to_all or self.priority or any(one.everybody for one in self.wishes.values()))


@dataclass(frozen=True, slots=True)
class Page:
    """One page of people to choose from: `first` to `last` (from 1) of `total`."""

    rows: list[Short]
    first: int
    total: int

    @property
    def last(self) -> int:
        """Number of the last one shown."""
        return self.first + len(self.rows) - 1


def may_change(store: Store, programme_id: int) -> bool:
    """Return whether wishes can be changed: the newest round still collects, or there is none yet; one query."""
    newest = select(Round.state).where(Round.programme_id == programme_id).order_by(Round.number.desc()).limit(1)
    state = store.scalar(newest)
    return state is None or state in COLLECTING


def roles_for(role: Role, tracks: Collection[Role]) -> tuple[Role, ...]:
    """Return whom somebody in `role` may wish for: interns those of the programme's tracks, these the interns."""
    if role is Role.INTERN:
        return tuple(one for one in HOST_ROLES if one in tracks)
    return (Role.INTERN,) if role in tracks else ()


def of_author(store: Store, author_id: int, roles: Collection[Role]) -> Sheet:
    """Return what one author asks for, by role of the others; two queries."""
    found = (
        select(Wish, Enrolment)
        .join(Enrolment, Enrolment.id == Wish.other_id)
        .join(Enrolment.person)
        .options(contains_eager(Enrolment.person))
        .where(Wish.author_id == author_id)
        .order_by(Wish.rank, *BY_READING, Enrolment.id)
    )
    lists: dict[tuple[Role, WishKind], list[Short]] = {}
    for wish, row in store.execute(found):
        lists.setdefault((wish.role, wish.kind), []).append(_short(row, Said(wish.kind, wish.rank)))
    sheet = store.get(WishSheet, author_id, populate_existing=True)
    return Sheet(
        {role: Wishes(*(lists.get((role, kind), []) for kind in WishKind)) for role in roles},
        priority=sheet.priority if sheet else "",
        open_to_all=sheet.open_to_all if sheet else False,
    )


def _short(row: Enrolment, said: Said | None) -> Short:
    return Short(
        id=row.id,
        role=row.role,
        name=row.person.name,
        work=" ".join(str(row.profile[key]) for key in _WORK[row.role] if row.profile.get(key)),
        profile={key: row.profile[key] for key in SHORT[row.role] if key in row.profile},
        takes_part=row.state is EnrolmentState.ACTIVE,
        said=said,
    )


def candidates(
    store: Store, programme_id: int, author: participants.Participant, role: Role, *, search: str = "", page: int = 1
) -> Page:
    """Return a page of those whom the author may wish for, by reading of the name; two queries.

    Parameters
    ----------
    search:
        Words that must all occur in what is shown: names, readings, faculty or organisation, fields, wants or offers.
        Addresses and numbers are not searched: a search must not tell what a page does not.
    """
    wanted = [_eligible(programme_id, role), Enrolment.person_id != author.person_id]
    wanted += [_contains(store, word) for word in search.replace("\0", " ").split()[:_MOST_WORDS]]
    total = store.scalar(select(func.count()).select_from(Enrolment).join(Enrolment.person).where(*wanted)) or 0
    first = min(max(page - 1, 0), max(total - 1, 0) // PAGE) * PAGE  # beyond the end is the last page
    found = (
        select(Enrolment, Wish.kind, Wish.rank)
        .join(Enrolment.person)
        .outerjoin(Wish, and_(Wish.other_id == Enrolment.id, Wish.author_id == author.id))
        .options(contains_eager(Enrolment.person))
        .where(*wanted)
        .order_by(*BY_READING, Enrolment.id)
        .offset(first)
        .limit(PAGE)
    )
    rows = [_short(row, Said(kind, rank) if kind else None) for row, kind, rank in store.execute(found)]
    return Page(rows, first + 1, total)


def _eligible(programme_id: int, role: Role) -> ColumnElement[bool]:
    return and_(
        Enrolment.programme_id == programme_id,
        Enrolment.role == role,
        Enrolment.state == EnrolmentState.ACTIVE,
        or_(Enrolment.role == Role.INTERN, Enrolment.capacity > 0),
    )


def _contains(store: Store, word: str) -> ColumnElement[bool]:
    """Match a word in what is shown of somebody; its wildcards are plain characters."""
    plain = half_width(word)
    written = (
        Person.family_name + Person.given_name,
        Person.given_name + Person.family_name,
        Person.romaji,
        Person.preferred_name,
        *(Enrolment.profile[key].as_string() for key in ("faculty", "organisation", "position")),
    )
    reading = (Person.family_kana + Person.given_kana).contains(to_katakana(word), autoescape=True)
    return or_(reading, *(column.icontains(plain, autoescape=True) for column in written), *_tagged(store, plain))


def _tagged(store: Store, plain: str) -> list[ColumnElement[bool]]:
    """Match a word in the entries of lists, one by one: as a whole a list is JSON, with its brackets and escapes."""
    postgresql = store.get_bind().dialect.name == "postgresql"
    found: list[ColumnElement[bool]] = []
    for key in _TAGS:
        items = (
            func.jsonb_array_elements_text(_list(key)) if postgresql else func.json_each(Enrolment.profile, f"$.{key}")
        ).table_valued("value", name=f"mm_{key}")
        found.append(exists().where(items.c.value.icontains(plain, autoescape=True)))
    return found


def _list(key: str) -> ColumnElement[Any]:
    """Return a list of the profile, or nothing where there is none: PostgreSQL takes only a list apart."""
    value = Enrolment.profile[key]
    return case((func.jsonb_typeof(value) == "array", value))


@dataclass(frozen=True, slots=True)
class Priority:
    """A criterion that can be named as the one that matters most."""

    key: str
    kind: str
    label: Bilingual


def priorities(store: Store, programme: Programme | Any, role: Role) -> list[Priority]:
    """Return the criteria that count in a track of the role, the heaviest first; weights are not told; one query."""
    rows = store.scalars(
        select(Criterion)
        .where(
            Criterion.programme_id == programme.id, Criterion.weight > 0, Criterion.kind.not_in(matching.STATED_KINDS)
        )
        .order_by(Criterion.weight.desc(), Criterion.position)
    )
    tracks = [Role(track) for track in programme.tracks] if role is Role.INTERN else [role]
    return [
        Priority(row.key, row.kind, row.label)
        for row in rows
        if any(criteria.is_answered(row.kind, row.host_fields, track) for track in tracks)
    ]


HAS_STATED = or_(
    exists().where(Wish.author_id == Enrolment.id).correlate(Enrolment),
    exists()
    .where(WishSheet.author_id == Enrolment.id, or_(WishSheet.priority != "", WishSheet.open_to_all.is_(True)))
    .correlate(Enrolment),
)
"""Whether an enrolment has asked for anything, for queries over enrolments."""


def has_stated(store: Store, author_id: int) -> bool:
    """Return whether an enrolment has asked for anything; one query."""
    return bool(store.scalar(select(HAS_STATED).where(Enrolment.id == author_id)))


@dataclass(frozen=True, slots=True)
class Standing:
    """Where somebody stands with wishes: whether they can be changed, and own enrolments that have stated none yet.

    `possible` says whether the programme matches anybody in the person's roles.
    """

    open: bool
    possible: bool
    silent: tuple[participants.Participant, ...]


def standing(
    store: Store, programme_id: int, tracks: Collection[Role], mine: Sequence[participants.Participant]
) -> Standing:
    """Return where somebody stands with wishes; two queries."""
    asked = [one for one in mine if roles_for(one.role, tracks)]
    found = select(Enrolment.id).where(Enrolment.id.in_([one.id for one in asked]), HAS_STATED)
    stated = set(store.scalars(found))
    return Standing(may_change(store, programme_id), bool(asked), tuple(one for one in asked if one.id not in stated))


@dataclass(frozen=True, slots=True)
class Stated:
    """How many of those who take part in a role have said what they wish for."""

    role: Role
    stated: int
    people: int


def participation(store: Store, programme_id: int, tracks: Collection[Role]) -> list[Stated]:
    """Return how many have stated wishes, interns first, then each track; one query."""
    found = (
        select(Enrolment.role, func.count(), func.coalesce(func.sum(case((HAS_STATED, 1), else_=0)), 0))
        .where(Enrolment.programme_id == programme_id, Enrolment.state == EnrolmentState.ACTIVE)
        .group_by(Enrolment.role)
    )
    counts = {role: (int(stated), people) for role, people, stated in store.execute(found)}
    asked = [role for role in PARTICIPANT_ROLES if role is Role.INTERN or role in tracks]
    return [Stated(role, *counts.get(role, (0, 0))) for role in asked]


def silent(store: Store, programme_id: int, tracks: Collection[Role]) -> list[tuple[int, int]]:
    """Return (enrolment, person) of those who take part and have not said anything, by enrolment; one query."""
    asked = [Role.INTERN, *tracks]
    found = (
        select(Enrolment.id, Enrolment.person_id)
        .where(Enrolment.programme_id == programme_id, Enrolment.role.in_(asked), ~HAS_STATED)
        .where(Enrolment.state == EnrolmentState.ACTIVE)
        .order_by(Enrolment.id)
    )
    return [(enrolment_id, person_id) for enrolment_id, person_id in store.execute(found)]
