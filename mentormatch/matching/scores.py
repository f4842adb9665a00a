"""The score source of one track: criteria add up to points, relaxed rules cost some, hard ones and bans forbid."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from copy import copy
from fractions import Fraction
from functools import partial
from types import MappingProxyType
from typing import Any, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from mentormatch.matching.comparisons.comparison import FULL, Comparison
from mentormatch.matching.comparisons.equality import Equality
from mentormatch.matching.comparisons.hours import FreeTime
from mentormatch.matching.comparisons.languages import Languages
from mentormatch.matching.comparisons.ordinal import Nearness
from mentormatch.matching.comparisons.plug_in import PlugIn
from mentormatch.matching.comparisons.priority import Priority
from mentormatch.matching.comparisons.tags import SharedTags, WantsOffers
from mentormatch.matching.comparisons.text import TextSimilarity
from mentormatch.matching.comparisons.wishes import Wishes
from mentormatch.matching.criteria import STATED_KINDS, Criterion, Rule
from mentormatch.matching.rules import FittedRule, PairMask, fitted_rule
from mentormatch.matching.solver.blocks import BoolArray, Index, IntArray, ScoreArray, row_blocks
from mentormatch.matching.solver.passes import in_parts, shares
from mentormatch.matching.values import Row

TOTAL = 100
"""Points of the best possible pair, as people see them."""

UNIT = 100
"""Integer units per point: inside, a pair's points are integers, TOTAL * UNIT at most."""

COMPARISONS: Mapping[str, type[Comparison]] = MappingProxyType(
    {
        "text": TextSimilarity,
        "tags": SharedTags,
        "complement": WantsOffers,
        "ordinal": Nearness,
        "hours": FreeTime,
        "languages": Languages,
        "equality": Equality,
        "wishes": Wishes,
        "priority": Priority,
    }
)

Number = TypeVar("Number", int, NDArray[np.int32])
Values: TypeAlias = ScoreArray | BoolArray

_TOGETHER = 64
"""Single pairs that are scored as the diagonal of one block: faster than one by one."""

_KEPT_PAIRS = 1 << 25
"""Tracks of at most so many pairs are scored once and kept: 100 MB."""


def comparison_of(criterion: Criterion) -> Comparison:
    """Return the comparison that a criterion asks for, not yet fitted."""
    if criterion.compare is not None:
        return PlugIn(criterion.intern_fields, criterion.host_fields, criterion.compare, criterion.key)
    kind = COMPARISONS[criterion.kind]
    return kind(intern_fields=criterion.intern_fields, host_fields=criterion.host_fields, **criterion.params)


def weight_units(criteria: Sequence[Criterion]) -> dict[str, int]:
    """Share ``TOTAL * UNIT`` units among the criteria in proportion to their weights, by largest remainders.

    Exact arithmetic, and equal remainders go by key: the order of the criteria does not matter.
    """
    weights = {criterion.key: Fraction(criterion.weight) for criterion in criteria}
    whole = sum(weights.values())
    exact = {key: TOTAL * UNIT * weight / whole for key, weight in weights.items()}
    units = {key: int(value) for key, value in exact.items()}
    ranked = sorted(exact, key=lambda key: (units[key] - exact[key], key))
    for key in ranked[: TOTAL * UNIT - sum(units.values())]:
        units[key] += 1
    return units


def _fitted(
    criteria: Sequence[Criterion], units: Mapping[str, int], interns: Sequence[Row], hosts: Sequence[Row]
) -> dict[str, Comparison]:
    """Return key -> fitted comparison, in the order of the criteria; what refers to the others is fitted last."""
    made = {one.key: comparison_of(one) for one in criteria}
    fitted = {key: one.fit(interns, hosts) for key, one in made.items() if not isinstance(one, Priority)}
    named = {one.key: (units[one.key], fitted[one.key]) for one in criteria if one.kind not in STATED_KINDS}
    for key, one in made.items():
        if isinstance(one, Priority):
            fitted[key] = one.over(named).fit(interns, hosts)
    return {key: fitted[key] for key in made}


class CriteriaScores:
    """Points and permissions of all pairs of one track, block by block.

    Parameters
    ----------
    track:
        Its name; criteria and rules of other tracks are left out.
    interns, hosts:
        Rows of n interns and m hosts, in the order that positions refer to.
    criteria, rules:
        What the admin states.
    banned:
        Pairs of positions (row, column) that are not allowed besides.

    Attributes
    ----------
    offset:
        Units that every pair has more for the solver than for people, so that nothing is negative: what all relaxable
        rules cost together. It is the same in every track, and so changes nothing where coverage comes first.
    """

    def __init__(  # noqa: PLR0917  one value each, all needed
        self,
        track: str,
        interns: Sequence[Row],
        hosts: Sequence[Row],
        criteria: Sequence[Criterion],
        rules: Sequence[Rule] = (),
        banned: frozenset[tuple[int, int]] = frozenset(),
    ) -> None:
        self.track = track
        self.interns, self.hosts = interns, hosts
        self.banned = banned
        self.criteria = tuple(criterion for criterion in criteria if criterion.applies_to(track))
        self.units = weight_units(self.criteria)
        self.comparisons = _fitted(self.criteria, self.units, interns, hosts)
        self.rules = tuple(fitted_rule(rule, interns, hosts) for rule in rules if rule.applies_to(track))
        self.offset = sum(map(price_units, rules))
        self._not_banned = PairMask(banned, self.shape)
        self._kept: tuple[NDArray[np.int16 | np.int32], BoolArray] | None = None

    def keep(self, report: Callable[[float], None] | None = None) -> None:
        """Score all pairs once and keep them, if that takes no more than some 100 MB; `report` hears the part done."""
        rows, columns = self.shape
        if rows * columns > _KEPT_PAIRS:
            return
        small = TOTAL * UNIT + self.offset <= np.iinfo(np.int16).max
        scores = np.empty(self.shape, np.int16 if small else np.int32)
        allowed = np.empty(self.shape, np.bool_)
        parts = shares(rows, columns)
        found = in_parts(_scored, copy(self), [(part,) for part in parts])  # a copy: what is sent may not change later
        for part, (some, permitted) in zip(parts, found, strict=True):
            scores[part], allowed[part] = some, permitted
            if report is not None:
                report(part.stop / rows)
        self._kept = scores, allowed

    @property
    def shape(self) -> tuple[int, int]:
        """Interns x hosts."""
        return len(self.interns), len(self.hosts)

    def parts(self, key: str, rows: Index, columns: Index) -> ScoreArray:
        """Return the units that one criterion gives to each pair of a block."""
        return self.units_for(key, self.comparisons[key].closeness(rows, columns))

    def units_for(self, key: str, closeness: Number) -> Number:
        """Return what a criterion gives for a closeness of 0 to `FULL`: exact, halves rounded up."""
        return (2 * self.units[key] * closeness + FULL) // (2 * FULL)

    def scores(self, rows: Index, columns: Index) -> ScoreArray:
        """Return what each pair of a block counts for the solver: its points and `offset`."""
        if self._kept is None:
            return self._scores(rows, columns)
        return self._kept[0][rows][:, columns].astype(np.int32)

    def points_of(self, rows: Index, columns: Index) -> ScoreArray:
        """Return the points of each pair of a block in units: its parts less what it breaks, below zero perhaps."""
        return self.scores(rows, columns) - np.int32(self.offset)

    def points(self, row: int, column: int) -> int:
        """Return the points of one pair in units."""
        return int(self.points_of(slice(row, row + 1), slice(column, column + 1))[0, 0])

    def allowed(self, rows: Index, columns: Index) -> BoolArray:
        """Return whether all hard rules permit each pair of a block and nobody banned it."""
        return self._allowed(rows, columns) if self._kept is None else self._kept[1][rows][:, columns]

    def permitted(self, rows: Index, columns: Index) -> BoolArray:
        """Return whether all hard rules permit each pair of a block, banned or not."""
        permitted = np.ones(_block_shape(self.shape, rows, columns), np.bool_)
        for rule in self.hard_rules:
            permitted &= rule.allowed(rows, columns)
        return permitted

    @property
    def hard_rules(self) -> tuple[FittedRule, ...]:
        """The rules that no pair may break."""
        return tuple(rule for rule in self.rules if rule.rule.is_hard)

    def _scores(self, rows: Index, columns: Index) -> ScoreArray:
        total = np.full(_block_shape(self.shape, rows, columns), self.offset, np.int32)
        for criterion in self.criteria:
            total += self.parts(criterion.key, rows, columns)
        for rule in self.rules:
            if not rule.rule.is_hard:
                total -= np.int32(price_units(rule.rule)) * ~rule.allowed(rows, columns)
        return total

    def _allowed(self, rows: Index, columns: Index) -> BoolArray:
        return self.permitted(rows, columns) & self._not_banned.allowed(rows, columns)

    def parts_of(self, rows: IntArray, columns: IntArray) -> list[dict[str, int]]:
        """Return criterion key -> units for each pair ``(rows[k], columns[k])``; `relaxed_of` has the rest."""
        parts = {
            criterion.key: _one_by_one(partial(self.parts, criterion.key), rows, columns) for criterion in self.criteria
        }
        return [{key: int(units[k]) for key, units in parts.items()} for k in range(rows.size)]

    def relaxed_of(self, rows: IntArray, columns: IntArray) -> list[dict[str, int]]:
        """Return key of a relaxable rule -> units, below zero, for each pair that breaks it.

        With those of `parts_of` they add up to the pair's points.
        """
        kept = {rule.rule: _one_by_one(rule.allowed, rows, columns) for rule in self.rules if not rule.rule.is_hard}
        return [
            {rule.key: -price_units(rule) for rule, pairs in kept.items() if not pairs[k]} for k in range(rows.size)
        ]


def price_units(rule: Rule) -> int:
    """Return what it costs to break a relaxable rule, in units; nothing for a hard one."""
    return round((rule.price or 0) * UNIT)


def _one_by_one(block: Callable[[IntArray, IntArray], Values], rows: IntArray, columns: IntArray) -> list[Any]:
    """Return the values of single pairs, as diagonals of blocks."""
    return [
        value
        for start in range(0, rows.size, _TOGETHER)
        for value in block(rows[start : start + _TOGETHER], columns[start : start + _TOGETHER]).diagonal()
    ]


def _scored(source: CriteriaScores, rows: slice) -> tuple[ScoreArray, BoolArray]:
    """Return scores and permissions of some rows, worked out block by block."""
    blocks = [
        slice(rows.start + part.start, rows.start + part.stop)
        for part in row_blocks(rows.stop - rows.start, source.shape[1])
    ]
    scores = [source.scores(block, slice(None)) for block in blocks]
    return np.concatenate(scores), np.concatenate([source.allowed(block, slice(None)) for block in blocks])


def _block_shape(shape: tuple[int, int], rows: Index, columns: Index) -> tuple[int, int]:
    rows_, columns_ = (np.arange(length)[index].size for length, index in zip(shape, (rows, columns), strict=True))
    return rows_, columns_
