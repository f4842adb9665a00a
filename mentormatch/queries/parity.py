"""How groups of interns fared in a run: by faculty, year, place and strongest language."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from mentormatch.core.roles import Role
from mentormatch.models import Enrolment, Proposal, Unmatched
from mentormatch.queries import Store


@dataclass(frozen=True, slots=True)
class GroupLine:
    """One group: `value` is None for those who have not answered. Fits are points, 100 per shown point."""

    value: str | None
    n: int
    matched: int
    share: float
    mean: float | None
    lowest: float | None
    stands_out: bool


@dataclass(frozen=True, slots=True)
class AttributeTable:
    """The groups of one attribute; `hidden` groups are too small to be told of, `rest` is how many people they are."""

    attribute: str
    groups: tuple[GroupLine, ...]
    hidden: int
    rest: int


def _strongest(profile: Mapping[str, Any]) -> str | None:
    spoken = profile.get("languages") or []
    best = max((level for _, level in spoken), default=0)
    return next((code for code, level in spoken if level == best), None)


ATTRIBUTES: Mapping[str, Callable[[Mapping[str, Any]], str | None]] = {
    "faculty": lambda profile: profile.get("faculty") or None,
    "year": lambda profile: profile.get("year") or None,
    "languages": _strongest,
    "place": lambda profile: profile.get("place") or None,
}
"""What groups are made by: key of a field -> an intern's value. Nothing else about who somebody is is stored."""


def of_run(store: Store, run_id: int, track: Role) -> list[AttributeTable]:
    """Return a table for each attribute that somebody has answered; three queries.

    Groups of fewer than five are hidden, and more where the hidden could be worked out: see `matching.parity`.
    """
    from mentormatch.matching.parity import parity_of

    proposed = select(Proposal.intern_id, Proposal.points).where(Proposal.run_id == run_id, Proposal.track == track)
    fits: dict[int, float | None] = {intern: float(points) for intern, points in store.execute(proposed)}
    alone = select(Unmatched.intern_id).where(Unmatched.run_id == run_id, Unmatched.track == track)
    fits |= dict.fromkeys(store.scalars(alone))
    profiles = store.execute(select(Enrolment.id, Enrolment.profile).where(Enrolment.id.in_(fits))).all()
    tables = []
    for attribute, value_of in ATTRIBUTES.items():
        values = {intern: value for intern, profile in profiles if (value := value_of(profile)) is not None}
        if not values:
            continue
        found = parity_of(attribute, values, fits)
        apart = {
            group
            for one in found.differences
            for group in (one.first, one.second)
            if not one.share_interval.contains_zero
            or (one.mean_interval is not None and not one.mean_interval.contains_zero)
        }
        tables.append(
            AttributeTable(
                attribute=attribute,
                groups=tuple(
                    GroupLine(
                        value=None if group is None else str(group),
                        n=fared.n,
                        matched=fared.matched,
                        share=fared.share,
                        mean=fared.mean_fit,
                        lowest=fared.lowest_fit,
                        stands_out=group in apart,
                    )
                    for group, fared in found.groups.items()
                ),
                hidden=len(found.hidden),
                rest=len(fits) - sum(fared.n for fared in found.groups.values()),
            )
        )
    return tables
