"""Who has done their part before a run: how complete profiles are, who is missing most, sign-ups and their forecast."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Self
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, case, func, literal, select

from mentormatch.core.field_kinds import Owner
from mentormatch.core.fields import fields_for
from mentormatch.core.roles import PARTICIPANT_ROLES, Role
from mentormatch.models import Enrolment, EnrolmentState
from mentormatch.queries import Store
from mentormatch.queries.forecast import WINDOW, Expected, Silence, expected
from mentormatch.queries.participants import BY_READING

BINS = (25, 50, 75, 100)
"""Percent of the expected answers at which the groups of profiles begin, after the first; the last are complete."""

EXPECTED = {role: tuple(one.key for one in fields_for(role, Owner.PROFILE) if one.expected) for role in Role}


@dataclass(frozen=True, slots=True)
class Completeness:
    """How complete the profiles of those who take part are.

    `groups` counts people by role in five groups: under 25, 50, 75 and 100 percent of the expected answers, and
    complete. `most` are those who have left most open: (enrolment, role, how many answers are missing).
    """

    groups: Mapping[Role, Sequence[int]]
    most: Sequence[tuple[int, Role, int]]

    @property
    def incomplete(self) -> int:
        """How many have something open."""
        return sum(sum(counts[:-1]) for counts in self.groups.values())

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON data; `from_json` reads it back."""
        return {
            "groups": {str(role): list(counts) for role, counts in self.groups.items()},
            "most": [[id_, str(role), missing] for id_, role, missing in self.most],
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Read what `to_json` wrote."""
        groups = {Role(role): counts for role, counts in data["groups"].items()}
        return cls(groups, [(id_, Role(role), missing) for id_, role, missing in data["most"]])


def completeness(store: Store, programme_id: int, *, listed: int) -> Completeness:
    """Return how complete profiles are, with at most `listed` people named; two queries."""
    here = (Enrolment.programme_id == programme_id, Enrolment.state == EnrolmentState.ACTIVE)
    missing = case({role: _missing(role) for role in PARTICIPANT_ROLES}, value=Enrolment.role, else_=0)
    inner = select(Enrolment.role, missing.label("missing")).where(*here).subquery()
    groups: dict[Role, list[int]] = {role: [0] * (len(BINS) + 1) for role in PARTICIPANT_ROLES}
    counted = select(inner.c.role, inner.c.missing, func.count()).group_by(inner.c.role, inner.c.missing)
    for role, open_, people in store.execute(counted):
        share = 100 * (len(EXPECTED[role]) - open_) // len(EXPECTED[role])
        groups[role][sum(share >= start for start in BINS)] += people
    most = (
        select(Enrolment.id, Enrolment.role, missing)
        .join(Enrolment.person)
        .where(*here, missing > 0)
        .order_by(missing.desc(), *BY_READING, Enrolment.id)
        .limit(listed)
    )
    return Completeness(groups, [(id_, role, open_) for id_, role, open_ in store.execute(most)])


def _missing(role: Role) -> ColumnElement[int]:
    """Return how many expected answers of the role are absent: answers are stored without empty ones."""
    total: ColumnElement[int] = literal(0)
    for key in EXPECTED[role]:
        total += case((Enrolment.profile[key].as_string().is_(None), 1), else_=0)
    return total


@dataclass(frozen=True, slots=True)
class SignUps:
    """Sign-ups of one role: on each of the last full days, and how many more are expected until the matching."""

    days: Sequence[tuple[date, int]]
    expected: Expected | Silence


def signups(
    store: Store, programme_id: int, *, zone: str, until: datetime | None, moment: datetime
) -> Mapping[Role, SignUps]:
    """Return the sign-ups of each role and what they let expect; two queries.

    Parameters
    ----------
    zone:
        The programme's time zone: its days are counted.
    until:
        The planned moment of the matching.
    moment:
        The present.
    """
    here = ZoneInfo(zone)
    today = moment.astimezone(here).date()
    first = today - timedelta(days=WINDOW)
    began = select(Enrolment.role, func.min(Enrolment.created_at)).where(Enrolment.programme_id == programme_id)
    starts = {role: at.astimezone(here).date() for role, at in store.execute(began.group_by(Enrolment.role)).all()}
    recent = select(Enrolment.role, Enrolment.created_at).where(
        Enrolment.programme_id == programme_id,
        Enrolment.state != EnrolmentState.WITHDRAWN,
        Enrolment.created_at >= datetime.combine(first, time.min, here),
    )
    counted: Counter[tuple[Role, date]] = Counter()
    for role, at in store.execute(recent):
        counted[role, at.astimezone(here).date()] += 1
    ahead = None if until is None else (until - moment).total_seconds() / 86_400
    made = {}
    for role in PARTICIPANT_ROLES:
        begin = max(first, starts.get(role, today))
        days = [(day, counted[role, day]) for day in _days(begin, today)]
        daily = [number for _, number in days]
        made[role] = SignUps(days, Silence.NO_DATE if ahead is None else expected(daily, ahead))
    return made


def _days(first: date, after: date) -> list[date]:
    return [first + timedelta(days=number) for number in range(max(0, (after - first).days))]
