"""What is asked of groups, made into units and bounds; every complaint names the people and constraints concerned."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from mentormatch.core.errors import InvalidInput
from mentormatch.matching.solver.blocks import IntArray
from mentormatch.matching.tables import PersonId

Bounds = tuple[int, int]
NOWHERE = -1


@dataclass(frozen=True)
class Wishes:
    """Constraints by id: who must be together, who apart, who leads, who is in which group already."""

    together: Sequence[Sequence[PersonId]] = ()
    apart: Sequence[Sequence[PersonId]] = ()
    facilitators: Sequence[PersonId] = ()
    pins: Mapping[PersonId, int] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class GroupProblem:
    """People as units (those who must be together are one), and what each group may hold.

    Attributes
    ----------
    names:
        How errors call each person.
    unit:
        Shape (n,), the unit of each person; units are numbered by their first person.
    size, lead, pinned:
        Per unit: people, facilitators, and the group it must be in or -1.
    low, high, lead_low, lead_high:
        Per group: least and most people and facilitators.
    apart:
        Shape (pairs, 2), units that must not meet, each pair once.
    """

    names: Sequence[str]
    unit: IntArray
    size: IntArray
    lead: IntArray
    pinned: IntArray
    low: IntArray
    high: IntArray
    lead_low: IntArray
    lead_high: IntArray
    apart: IntArray

    def members(self, unit: int) -> str:
        """Return the names of the people in a unit."""
        return " + ".join(self.names[person] for person in np.flatnonzero(self.unit == unit).tolist())


def problem_of(
    ids: Sequence[PersonId], names: Sequence[str], bounds: Sequence[Bounds], wishes: Wishes, *, even: bool
) -> GroupProblem:
    """Return the problem, checked as far as can be without a search.

    Raises
    ------
    InvalidInput
        Unknown people, contradictions, and sizes that cannot add up.
    """
    place = {key: position for position, key in enumerate(ids)}
    together = [_places("Together", people, place) for people in wishes.together]
    unit = _units(len(ids), together)
    pinned = _pinned(unit, names, wishes.pins, place, len(bounds))
    leaders = np.zeros(len(ids), np.int64)
    leaders[_places("Facilitators", wishes.facilitators, place)] = 1
    size = np.bincount(unit)
    low, high = _bounds(bounds, len(ids), even=even and bool((size == 1).all()))
    spread = leaders.sum() // len(bounds), -(-leaders.sum() // len(bounds))
    problem = GroupProblem(
        names=names,
        unit=unit,
        size=size,
        lead=np.bincount(unit, leaders).astype(np.int64),
        pinned=pinned,
        low=low,
        high=high,
        lead_low=np.full(len(bounds), spread[0]),
        lead_high=np.full(len(bounds), spread[1]),
        apart=_apart_units(unit, names, [_places("Apart", people, place) for people in wishes.apart]),
    )
    _check_blocks(problem)
    _check_crowd(problem)
    return problem


def bounds_of(people: int, groups: int | None, size: object) -> tuple[Bounds, ...]:
    """Return least and most people per group.

    Parameters
    ----------
    groups:
        How many; as many as `size` asks for when None.
    size:
        None (as equal as can be), the most people of a group, (least, most), or such a pair for each group.
    """
    message = "Groups: expected %(expected)s, found %(found)s."
    if groups is not None and (not _is_count(groups) or groups < 1):
        raise InvalidInput(message, field="groups", expected="a whole number, 1 or more", found=repr(groups))
    each = _each_size(size)
    if isinstance(each, list):
        if groups is not None and groups != len(each):
            raise InvalidInput(message, field="size", expected=f"sizes of {groups} groups", found=len(each))
        _check_sum(people, each)
        return tuple(each)
    low, high = each or (min(1, people), max(1, people))
    if groups is None:
        if each is None:
            expected = "a number of groups or a size"
            raise InvalidInput(message, field="groups", expected=expected, found="neither")
        groups = max(1, -(-people // high), round(2 * people / (low + high)) if low else 0)
        groups = min(groups, people // low) if low and people // low * high >= people else groups
    bounds = [(low, high)] * groups
    _check_sum(people, bounds)
    return tuple(bounds)


def _each_size(size: object) -> Bounds | list[Bounds] | None:
    match size:
        case None:
            return None
        case int() if _is_count(size) and size > 0:
            return 0, size
        case [int(low), int(high)] if _is_count(low) and _is_count(high) and low <= high and high > 0:
            return low, high
        case [*pairs] if pairs:
            found = [_each_size(pair) for pair in pairs if not isinstance(pair, int)]
            if len(found) == len(pairs) and all(isinstance(pair, tuple) for pair in found):
                return [pair for pair in found if isinstance(pair, tuple)]
    message = "Size of groups: expected a number, (least, most), or such a pair for each group, found %(found)s."
    raise InvalidInput(message, field="size", found=repr(size))


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _check_sum(people: int, bounds: Sequence[Bounds]) -> None:
    low, high = sum(pair[0] for pair in bounds), sum(pair[1] for pair in bounds)
    if not low <= people <= high:
        message = "Sizes: expected %(groups)s groups for %(people)s people, found room for %(low)s to %(high)s. Change the sizes or the number of groups."  # noqa: E501  one sentence, one message
        raise InvalidInput(message, field="size", groups=len(bounds), people=people, low=low, high=high)


def _places(what: str, people: Iterable[PersonId], place: Mapping[PersonId, int]) -> list[int]:
    listed = list(people) if not isinstance(people, str | int) else [people]
    unknown = [key for key in listed if key not in place]
    if unknown:
        message = "%(what)s: expected people of the table, found unknown %(unknown)s. Correct or remove them."
        raise InvalidInput(message, field=what.lower(), what=what, unknown=", ".join(map(repr, unknown)))
    return [place[key] for key in listed]


def _units(people: int, together: Sequence[Sequence[int]]) -> IntArray:
    """Join people who must be together, also by way of others, and number the units by their first person."""
    chief = list(range(people))
    for block in together:
        for person in block[1:]:
            first, second = sorted((chief[block[0]], chief[person]))
            chief = [first if one == second else one for one in chief] if first != second else chief
    numbers: IntArray = np.unique(np.array(chief, np.int64), return_inverse=True)[1].astype(np.int64)
    return numbers


def _pinned(
    unit: IntArray, names: Sequence[str], pins: Mapping[PersonId, int], place: Mapping[PersonId, int], groups: int
) -> IntArray:
    pinned = np.full(int(unit.max(initial=-1)) + 1, NOWHERE, np.int64)
    for key, person in zip(pins, _places("Pins", pins, place), strict=True):
        group = pins[key]
        if not _is_count(group) or group >= groups:
            message = "Pin of %(person)s: expected a group from 0 to %(last)s, found %(found)s."
            raise InvalidInput(message, field="pins", person=names[person], last=groups - 1, found=repr(group))
        if pinned[unit[person]] not in {NOWHERE, group}:
            message = "%(people)s must be together and are pinned to groups %(one)s and %(other)s. Remove a pin."
            people = " + ".join(names[one] for one in np.flatnonzero(unit == unit[person]).tolist())
            one = int(pinned[unit[person]])
            raise InvalidInput(message, field="pins", people=people, one=one, other=group)
        pinned[unit[person]] = group
    return pinned


def _bounds(bounds: Sequence[Bounds], people: int, *, even: bool) -> tuple[IntArray, IntArray]:
    """Return low and high; when sizes are to be equal and nothing stands against it, they leave no other choice."""
    low, high = (np.array([pair[side] for pair in bounds], np.int64) for side in (0, 1))
    least, most = people // len(bounds), -(-people // len(bounds))
    if even and (low <= least).all() and (high >= most).all():
        low[:], high[:] = least, most
    return low, high


def _apart_units(unit: IntArray, names: Sequence[str], apart: Sequence[Sequence[int]]) -> IntArray:
    pairs: set[tuple[int, int]] = set()
    for people in apart:
        listed = sorted(set(people))
        for position, one in enumerate(listed):
            for other in listed[position + 1 :]:
                if unit[one] == unit[other]:
                    message = (
                        "%(one)s and %(other)s must be apart, and together at once: %(people)s. Remove one of the two."
                    )
                    block = " + ".join(names[person] for person in np.flatnonzero(unit == unit[one]).tolist())
                    raise InvalidInput(message, field="apart", one=names[one], other=names[other], people=block)
                left, right = sorted((int(unit[one]), int(unit[other])))
                pairs.add((left, right))
    return np.array(sorted(pairs), np.int64).reshape(-1, 2)


def _check_blocks(problem: GroupProblem) -> None:
    for unit in np.flatnonzero(problem.size > problem.high.max()).tolist():
        message = "%(people)s must be together: expected at most %(most)s people in a group, found %(found)s."
        most, found = int(problem.high.max()), int(problem.size[unit])
        raise InvalidInput(message, field="together", people=problem.members(unit), most=most, found=found)
    for unit in np.flatnonzero(problem.lead > problem.lead_high.max()).tolist():
        message = "%(people)s must be together: expected at most %(most)s facilitators in a group, found %(found)s."
        most, found = int(problem.lead_high.max()), int(problem.lead[unit])
        raise InvalidInput(message, field="facilitators", people=problem.members(unit), most=most, found=found)
    held = np.bincount(problem.pinned[problem.pinned >= 0], problem.size[problem.pinned >= 0], problem.high.size)
    for group in np.flatnonzero(held > problem.high).tolist():
        message = "Group %(group)s: expected at most %(most)s people, found %(found)s pinned: %(people)s. Remove pins."
        people = ", ".join(problem.members(unit) for unit in np.flatnonzero(problem.pinned == group).tolist())
        most, found = int(problem.high[group]), int(held[group])
        raise InvalidInput(message, field="pins", group=group, most=most, found=found, people=people)
    for one, other in problem.apart.tolist():
        if problem.pinned[one] >= 0 and problem.pinned[one] == problem.pinned[other]:
            message = "%(one)s and %(other)s must be apart, and are pinned to group %(group)s. Remove a pin."
            group = int(problem.pinned[one])
            left, right = problem.members(one), problem.members(other)
            raise InvalidInput(message, field="pins", one=left, other=right, group=group)


def _check_crowd(problem: GroupProblem) -> None:
    """Complain about more units that are all apart from each other than there are groups (a clique, found greedily)."""
    near: dict[int, set[int]] = {}
    for one, other in problem.apart.tolist():
        near.setdefault(one, set()).add(other)
        near.setdefault(other, set()).add(one)
    for first in sorted(near, key=lambda unit: (-len(near[unit]), unit)):
        crowd, common = [first], set(near[first])
        while common:
            one = max(common, key=lambda unit: (len(near[unit] & common), -unit))
            crowd.append(one)
            common &= near[one]
        if len(crowd) > problem.high.size:
            message = "%(people)s must all be apart: expected at least %(found)s groups for them, found %(groups)s. Make more groups or keep fewer apart."  # noqa: E501  one sentence, one message
            people = ", ".join(problem.members(unit) for unit in sorted(crowd))
            raise InvalidInput(message, field="apart", people=people, found=len(crowd), groups=problem.high.size)
