"""What all participants of a programme ask for, as the matching reads it; for the office's runs alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import select

from mentormatch.matching import criteria as matching
from mentormatch.models import Enrolment, Wish, WishKind, WishSheet
from mentormatch.queries import Store


@dataclass(frozen=True, slots=True)
class Asked:
    """What all participants of a programme ask for, as the matching reads it.

    `wishes` maps an author to ``[[other, rank or None], …]``, `avoided` a *person* to the people whom they would rather
    not have, in whatever role, and `priorities` an author to the key of a criterion.
    """

    wishes: Mapping[int, list[list[int | None]]] = field(default_factory=dict)
    avoided: Mapping[int, list[int]] = field(default_factory=dict)
    priorities: Mapping[int, str] = field(default_factory=dict)

    def row(self, one: Enrolment) -> dict[str, Any]:
        """Return what an enrolment asks for as fields of its row; nothing where nothing is asked."""
        found = {
            "wishes": self.wishes.get(one.id),
            "avoid": self.avoided.get(one.person_id),
            "priority": self.priorities.get(one.id),
        }
        return {key: value for key, value in found.items() if value}


def of_programme(store: Store, programme_id: int) -> Asked:
    """Return what all participants of a programme ask for; two queries."""
    other = select(Enrolment.id, Enrolment.person_id).subquery()
    found = (
        select(Wish.author_id, Enrolment.person_id, Wish.other_id, other.c.person_id, Wish.kind, Wish.rank)
        .join(Enrolment, Enrolment.id == Wish.author_id)
        .join(other, other.c.id == Wish.other_id)
        .where(Enrolment.programme_id == programme_id)
        .order_by(Wish.author_id, Wish.other_id)
    )
    wishes: dict[int, list[list[int | None]]] = {}
    avoided: dict[int, set[int]] = {}
    for author, person, other_id, other_person, kind, rank in store.execute(found):
        if kind is WishKind.AVOID:
            avoided.setdefault(person, set()).add(other_person)
        else:
            wishes.setdefault(author, []).append([other_id, rank])
    sheets = (
        select(WishSheet.author_id, WishSheet.priority)
        .join(Enrolment, Enrolment.id == WishSheet.author_id)
        .where(Enrolment.programme_id == programme_id, WishSheet.priority != "")
    )
    priorities = dict(store.execute(sheets).all())
    return Asked(wishes, {person: sorted(people) for person, people in avoided.items()}, priorities)


Rows = Sequence[Mapping[str, Any]]


def counting(
    listed: Sequence[matching.Criterion], interns: Rows, hosts: Mapping[str, Rows]
) -> list[matching.Criterion]:
    """Return the criteria of a problem without those that rest on what nobody in a track has asked for.

    So that a programme that asks nobody, or a round before anybody has answered, is matched as if there were no wishes.
    """
    kept = []
    for one in listed:
        if one.kind in matching.STATED_KINDS:
            tracks = [track for track, rows in hosts.items() if _is_asked(one.kind, interns, rows)]
            if tracks:
                kept.append(one if len(tracks) == len(hosts) else replace(one, track=tracks[0]))
        else:
            kept.append(one)
    return kept if any(one.kind not in matching.STATED_KINDS for one in kept) else list(listed)


def _is_asked(kind: str, interns: Rows, hosts: Rows) -> bool:
    if kind == "priority":
        return any("priority" in row for row in (*interns, *hosts))
    left, right = {row["id"] for row in interns}, {row["id"] for row in hosts}
    return any(
        other in there
        for rows, there in ((interns, right), (hosts, left))
        for row in rows
        for other, _ in row.get("wishes", ())
    )
