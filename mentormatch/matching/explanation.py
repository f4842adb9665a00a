"""Why a pair was made, as data: points and their parts, shared things, both sides' words, rules. No prose."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, NamedTuple, TypeVar

from mentormatch.matching.comparisons.comparison import FULL, Shared
from mentormatch.matching.criteria import STATED_KINDS, Criterion, Rule
from mentormatch.matching.rules import RuleCheck, Verdict
from mentormatch.matching.scores import TOTAL, UNIT, CriteriaScores, price_units
from mentormatch.matching.tables import PersonId

Name = TypeVar("Name", str, tuple[str, str])

_REASONS = 3
_STRONG, _GOOD = 2 * FULL // 3, FULL // 3

PERSONAL_KINDS: Mapping[str, frozenset[str]] = {
    "gender": frozenset({"gender", "sex"}),
    "age": frozenset({"age", "birth_date", "birthday", "date_of_birth", "birth_year"}),
    "nationality": frozenset({"nationality", "citizenship", "country"}),
    "grades": frozenset({"grades", "gpa", "marks"}),
    "photo": frozenset({"photo", "picture"}),
    "name": frozenset({"full_name", "family_name", "given_name", "romaji", "preferred_name"}),
    "faculty": frozenset({"faculty"}),
    "place": frozenset({"place", "address"}),
}
"""Kinds of information that people ask about, and the fields that would hold them."""


@dataclass(frozen=True, slots=True)
class Part:
    """What one criterion gives to a pair.

    Attributes
    ----------
    points, max_points:
        In units of 1/100 point; the points of all parts and of the relaxed rules add up to the pair's, the maxima to
        10,000.
    shown:
        Whole points, rounded so that the parts and relaxed rules shown add up to the total shown.
    closeness:
        0 to 1000.
    missing:
        Who has not answered, any of "intern" and "host"; then the closeness is the average over all answered pairs.
    """

    criterion: str
    kind: str
    points: int
    max_points: int
    shown: int
    shown_max: int
    closeness: int
    missing: tuple[str, ...]
    shared: Shared


@dataclass(frozen=True, slots=True)
class Alternative:
    """Another host for an intern who has one, or none yet.

    `margin` is its points less those of the assigned host (of nothing: its points); `places_left` counts free places
    after the matching. Two things are proved by the solver's prices, without solving again: with this host forced, the
    total of all pairs falls by no less than `costs_at_least` (None where nothing is proved), or, if `costs_a_place`,
    somebody else is left without a host.
    """

    host: PersonId
    points: int
    shown: int
    margin: int
    places_left: int
    costs_at_least: int | None
    costs_a_place: bool


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a pair was made, or how good it would be.

    Points are in units of 1/100; people see `shown`, at most 100. The points of the `parts` and those that relaxed
    `rules` cost, which are negative, add up to the pair's.
    """

    track: str
    intern: PersonId
    host: PersonId
    points: int
    shown: int
    parts: tuple[Part, ...]
    rules: tuple[RuleCheck, ...]
    allowed: bool
    banned: bool
    pinned: bool
    assigned: bool
    alternatives: tuple[Alternative, ...]

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON data."""
        data: dict[str, Any] = as_json(self)
        return data


@dataclass(frozen=True, slots=True)
class PairReason:
    """One reason for participants: no points, only a strength from 1 (some) to 3 (very good)."""

    criterion: str
    kind: str
    strength: int
    shared: Shared


@dataclass(frozen=True, slots=True)
class Reasons:
    """The best reasons for a pair, and the kinds of personal information that no criterion and no rule reads."""

    track: str
    intern: PersonId
    host: PersonId
    reasons: tuple[PairReason, ...]
    not_used: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON data."""
        data: dict[str, Any] = as_json(self)
        return data


def as_json(value: Any) -> Any:
    """Return a dataclass of this package as plain JSON data: tuples as lists, empty parts of `Shared` left out."""
    return _listed(asdict(value))


def _listed(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            key: {name: item for name, item in _listed(part).items() if item not in (None, [])}
            if key == "shared"
            else _listed(part)
            for key, part in value.items()
        }
    return [_listed(part) for part in value] if isinstance(value, list | tuple) else value


def whole_points(parts: Mapping[Name, int]) -> dict[Name, int]:
    """Round parts to whole points so that they add up to the rounded total (largest remainders; ties by key)."""
    shown = {key: part // UNIT for key, part in parts.items()}
    left = shown_total(sum(parts.values())) - sum(shown.values())
    ranked = sorted(parts, key=lambda key: (-(parts[key] % UNIT), key))
    for key in ranked[:left]:
        shown[key] += 1
    return shown


def shown_total(points: int) -> int:
    """Return whole points, halves rounded up."""
    return (points + UNIT // 2) // UNIT


class Account(NamedTuple):
    """Where the points of a pair come from: what criteria give and what relaxed rules take; their points add up."""

    parts: tuple[Part, ...]
    rules: tuple[RuleCheck, ...]

    @property
    def points(self) -> int:
        """The pair's points in units of 1/100."""
        return sum(part.points for part in self.parts) + sum(check.points for check in self.rules)


def account_of_pair(scores: CriteriaScores, row: int, column: int) -> Account:
    """Return the parts of a pair in the order of the criteria, and the verdict of every rule of the track on it."""
    here = slice(row, row + 1), slice(column, column + 1)
    closeness = {key: int(one.closeness(*here)[0, 0]) for key, one in scores.comparisons.items()}
    points = {("part", key): scores.units_for(key, closeness[key]) for key in closeness}
    checks = [rule.check(row, column) for rule in scores.rules]
    for rule, check in zip(scores.rules, checks, strict=True):
        points["rule", check.rule] = -price_units(rule.rule) if check.verdict is Verdict.RELAXED else 0
    shown, shown_max = whole_points(points), whole_points(scores.units)
    parts = []
    for criterion in scores.criteria:
        key, comparison = criterion.key, scores.comparisons[criterion.key]
        parts.append(
            Part(
                criterion=key,
                kind=criterion.kind,
                points=points["part", key],
                max_points=scores.units[key],
                shown=shown["part", key],
                shown_max=shown_max[key],
                closeness=closeness[key],
                missing=comparison.missing(row, column),
                shared=comparison.shared(row, column),
            )
        )
    priced = (replace(one, points=points["rule", one.rule], shown=shown["rule", one.rule]) for one in checks)
    return Account(tuple(parts), tuple(priced))


def parts_of_pair(scores: CriteriaScores, row: int, column: int) -> tuple[Part, ...]:
    """Return what the criteria give to a pair, in their order."""
    return account_of_pair(scores, row, column).parts


def broken_rules(scores: CriteriaScores, row: int, column: int) -> tuple[str, ...]:
    """Return the keys of the hard rules that a pair breaks."""
    checks = (rule.check(row, column) for rule in scores.hard_rules)
    return tuple(check.rule for check in checks if check.verdict is Verdict.BROKEN)


def best_reasons(parts: Sequence[Part]) -> tuple[PairReason, ...]:
    """Return at most three reasons that can be shown: what both answered and have in common, most points first.

    What somebody has said to the office alone, such as a wish, is never a reason.
    """
    told = [part for part in parts if part.kind not in STATED_KINDS]
    real = [
        part for part in told if not part.missing and part.closeness > 0 and (part.kind != "text" or part.shared.terms)
    ]
    best = sorted(real, key=lambda part: (-part.points, part.criterion))[:_REASONS]
    return tuple(
        PairReason(part.criterion, part.kind, 1 + (part.closeness >= _GOOD) + (part.closeness >= _STRONG), part.shared)
        for part in best
    )


def kinds_not_used(criteria: Sequence[Criterion], rules: Sequence[Rule]) -> tuple[str, ...]:
    """Return which of `PERSONAL_KINDS` no active criterion compares and no rule reads."""
    used = {
        name
        for criterion in criteria
        if criterion.weight > 0
        for name in criterion.intern_fields + criterion.host_fields
    }
    for rule in rules:
        used.update(str(rule.option(name)) for name in ("intern_field", "host_field") if rule.has_option(name))
    return tuple(kind for kind, fields in PERSONAL_KINDS.items() if not fields & used)


__all__ = [
    "TOTAL",
    "UNIT",
    "Account",
    "Alternative",
    "Explanation",
    "PairReason",
    "Part",
    "Reasons",
    "account_of_pair",
    "best_reasons",
    "broken_rules",
    "kinds_not_used",
    "parts_of_pair",
    "shown_total",
    "whole_points",
]
