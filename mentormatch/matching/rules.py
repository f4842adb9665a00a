"""Rules as masks over blocks of pairs, and the verdict on one pair in detail."""

from __future__ import annotations

import re
import unicodedata
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Self

import numpy as np

from mentormatch.core.errors import InvalidInput
from mentormatch.matching.comparisons.hours import WeekOverlap, common_windows, free_windows, minutes_of
from mentormatch.matching.comparisons.languages import CommonLanguages, common_languages, spoken
from mentormatch.matching.criteria import Rule
from mentormatch.matching.solver.blocks import BoolArray, Index
from mentormatch.matching.solver.incidence import common_vocabulary, incidence, product
from mentormatch.matching.tables import person_of
from mentormatch.matching.values import Row, is_blank

_COMPANY_FORMS = re.compile(
    r"株式会社|有限会社|合同会社|合名会社|合資会社|一般社団法人|一般財団法人|公益財団法人|学校法人|\((?:株|有|同)\)"
    r"|\b(?:incorporated|inc|corporation|corp|company|co|limited|ltd|llc|llp|plc|gmbh|ag|k\.?k|holdings)\b\.?"
)
_NOT_LETTERS = re.compile(r"[\W_]+")


class Verdict(StrEnum):
    """What a rule says about a pair."""

    MET = "met"
    BROKEN = "broken"
    RELAXED = "relaxed"
    """Not kept, which this rule permits at its price."""
    UNKNOWN = "unknown"
    """Somebody has not answered: the pair is allowed, and said to be unchecked."""


@dataclass(frozen=True, slots=True)
class RuleCheck:
    """The verdict of one rule on one pair.

    Attributes
    ----------
    detail:
        What it rests on: ``minutes`` and ``needed``; ``languages`` (code, intern's level, host's level) and ``needed``;
        or ``value``, what both sides have in common.
    points, shown:
        What a relaxed rule takes from the pair's points: zero or less, in units of 1/100 and whole.
    """

    rule: str
    kind: str
    verdict: Verdict
    detail: Mapping[str, Any]
    points: int = 0
    shown: int = 0


class FittedRule(ABC):
    """A rule that has read the people of one track."""

    def __init__(self, rule: Rule) -> None:
        self.rule = rule

    @abstractmethod
    def fit(self, interns: Sequence[Row], hosts: Sequence[Row]) -> Self:
        """Read the rows; they keep their positions."""

    @abstractmethod
    def allowed(self, rows: Index, columns: Index) -> BoolArray:
        """Return whether each pair of a block keeps the rule."""

    @abstractmethod
    def check(self, row: int, column: int) -> RuleCheck:
        """Return the verdict on one pair."""

    def _verdict(self, row: int, column: int, *, answered: bool, detail: Mapping[str, Any]) -> RuleCheck:
        kept = bool(self.allowed(slice(row, row + 1), slice(column, column + 1))[0, 0])
        broken = Verdict.BROKEN if self.rule.is_hard else Verdict.RELAXED
        verdict = Verdict.UNKNOWN if not answered else Verdict.MET if kept else broken
        return RuleCheck(self.rule.key, self.rule.kind, verdict, dict(detail))


class SharedLanguage(FittedRule):
    """Both speak some language at `min_level` or above."""

    def fit(self, interns: Sequence[Row], hosts: Sequence[Row]) -> Self:
        self._mine = [spoken(row, [self.rule.option("intern_field")]) for row in interns]
        self._theirs = [spoken(row, [self.rule.option("host_field")]) for row in hosts]
        self._common = CommonLanguages(self._mine, self._theirs)
        self._answered = _answered(self._mine), _answered(self._theirs)
        return self

    def allowed(self, rows: Index, columns: Index) -> BoolArray:
        enough: BoolArray = self._common.level(rows, columns) >= self.rule.option("min_level")
        return enough | ~_both_answered(self._answered, rows, columns)

    def check(self, row: int, column: int) -> RuleCheck:
        mine, theirs = self._mine[row], self._theirs[column]
        needed = self.rule.option("min_level")
        detail = {"languages": common_languages(mine, theirs), "needed": needed}
        return self._verdict(row, column, answered=bool(mine and theirs), detail=detail)


class SharedHours(FittedRule):
    """Both are free for `minutes` of the same week."""

    def fit(self, interns: Sequence[Row], hosts: Sequence[Row]) -> Self:
        self._mine = [free_windows(row, [self.rule.option("intern_field")]) for row in interns]
        self._theirs = [free_windows(row, [self.rule.option("host_field")]) for row in hosts]
        self._overlap = WeekOverlap(self._mine, self._theirs)
        self._answered = _answered(self._mine), _answered(self._theirs)
        return self

    def allowed(self, rows: Index, columns: Index) -> BoolArray:
        enough: BoolArray = self._overlap.minutes(rows, columns) >= self.rule.option("minutes")
        return enough | ~_both_answered(self._answered, rows, columns)

    def check(self, row: int, column: int) -> RuleCheck:
        mine, theirs = self._mine[row], self._theirs[column]
        detail = {"minutes": minutes_of(common_windows(mine, theirs)), "needed": self.rule.option("minutes")}
        return self._verdict(row, column, answered=bool(mine and theirs), detail=detail)


class Different(FittedRule):
    """One value of the intern's must not be the host's: supervisor and address, company and employer, the person."""

    def __init__(self, rule: Rule, fields: tuple[str, str], normal: Callable[[Any], str]) -> None:
        super().__init__(rule)
        self._fields = fields
        self._normal = normal

    def fit(self, interns: Sequence[Row], hosts: Sequence[Row]) -> Self:
        self._mine = [self._values(row, self._fields[0]) for row in interns]
        self._theirs = [self._values(row, self._fields[1]) for row in hosts]
        vocabulary = common_vocabulary(self._mine, self._theirs)
        self._sets = incidence(self._mine, vocabulary), incidence(self._theirs, vocabulary)
        return self

    def _values(self, row: Row, field: str) -> dict[str, Any]:
        value = row.get(field)
        parts = value if isinstance(value, list | tuple) else (value,)
        return {self._normal(part): part for part in parts if not is_blank(part) and self._normal(part)}

    def allowed(self, rows: Index, columns: Index) -> BoolArray:
        permitted: BoolArray = product(*self._sets, rows, columns) == 0
        return permitted

    def check(self, row: int, column: int) -> RuleCheck:
        mine, theirs = self._mine[row], self._theirs[column]
        same = [mine[name] for name in mine if name in theirs]
        return self._verdict(row, column, answered=bool(mine and theirs), detail={"value": same[0] if same else None})


class NeverPairs(FittedRule):
    """These two people never, whichever of them is the intern."""

    def fit(self, interns: Sequence[Row], hosts: Sequence[Row]) -> Self:
        mine = _positions(interns)
        theirs = _positions(hosts)
        self._banned = {
            (row, column)
            for first, second in self._pairs()
            for left, right in ((first, second), (second, first))
            for row in mine.get(left, ())
            for column in theirs.get(right, ())
        }
        self._mask = PairMask(self._banned, (len(interns), len(hosts)))
        return self

    def _pairs(self) -> list[tuple[Any, Any]]:
        pairs = self.rule.option("pairs")
        if not isinstance(pairs, list | tuple) or not all(map(_is_pair, pairs)):
            raise InvalidInput(
                "%(key)s: expected pairs as lists of two person ids, found %(found)s.",
                field="params",
                key=self.rule.key,
                found=repr(pairs),
            )
        return [(first, second) for first, second in pairs]

    def allowed(self, rows: Index, columns: Index) -> BoolArray:
        return self._mask.allowed(rows, columns)

    def check(self, row: int, column: int) -> RuleCheck:
        return self._verdict(row, column, answered=True, detail={})


class AskedNotTo(FittedRule):
    """Neither of the two has asked not to be paired with the other: ``avoid`` lists *person* ids."""

    def fit(self, interns: Sequence[Row], hosts: Sequence[Row]) -> Self:
        mine, theirs = _positions(interns), _positions(hosts)
        self._by_intern = {
            (row, column)
            for row, one in enumerate(interns)
            for person in _avoided(one)
            for column in theirs.get(person, ())
        }
        self._by_host = {
            (row, column)
            for column, one in enumerate(hosts)
            for person in _avoided(one)
            for row in mine.get(person, ())
        }
        self._mask = PairMask(self._by_intern | self._by_host, (len(interns), len(hosts)))
        return self

    def allowed(self, rows: Index, columns: Index) -> BoolArray:
        return self._mask.allowed(rows, columns)

    def check(self, row: int, column: int) -> RuleCheck:
        sides = (("intern", self._by_intern), ("host", self._by_host))
        by = [side for side, pairs in sides if (row, column) in pairs]
        return self._verdict(row, column, answered=True, detail={"by": by})


def _avoided(row: Row) -> tuple[Any, ...]:
    people = row.get("avoid")
    return () if is_blank(people) else tuple(people) if isinstance(people, list | tuple) else (people,)


def _is_pair(pair: object) -> bool:
    return isinstance(pair, list | tuple) and len(pair) == 2 and all(isinstance(one, int | str) for one in pair)  # noqa: PLR2004  a pair is two


class PairMask:
    """True but for some pairs, for blocks of pairs."""

    def __init__(self, pairs: Collection[tuple[int, int]], shape: tuple[int, int]) -> None:
        rows: list[set[int]] = [set() for _ in range(shape[0])]
        for row, column in pairs:
            rows[row].add(column)
        named = {column for _, column in pairs}
        columns = [{column} if column in named else set() for column in range(shape[1])]
        vocabulary = common_vocabulary(rows, columns)
        self._sets = incidence(rows, vocabulary), incidence(columns, vocabulary)

    def allowed(self, rows: Index, columns: Index) -> BoolArray:
        """Return whether each pair of the block is none of them."""
        permitted: BoolArray = product(*self._sets, rows, columns) == 0
        return permitted


def _positions(people: Sequence[Row]) -> dict[Any, list[int]]:
    positions: dict[Any, list[int]] = {}
    for position, row in enumerate(people):
        positions.setdefault(person_of(row), []).append(position)
    return positions


def _answered(values: Sequence[object]) -> BoolArray:
    return np.array([bool(value) for value in values], np.bool_)


def _both_answered(answered: tuple[BoolArray, BoolArray], rows: Index, columns: Index) -> BoolArray:
    both: BoolArray = answered[0][rows][:, None] & answered[1][columns][None, :]
    return both


def _same_text(value: object) -> str:
    return unicodedata.normalize("NFKC", str(value)).strip().casefold()


def company_name(value: object) -> str:
    """Return a company's name without its legal form, width, case, spaces and punctuation."""
    return _NOT_LETTERS.sub("", _COMPANY_FORMS.sub(" ", _same_text(value))) or _NOT_LETTERS.sub("", _same_text(value))


def fitted_rule(rule: Rule, interns: Sequence[Row], hosts: Sequence[Row]) -> FittedRule:
    """Return `rule` ready for the people of one track."""
    match rule.kind:
        case "shared_language":
            fitted: FittedRule = SharedLanguage(rule)
        case "shared_hours":
            fitted = SharedHours(rule)
        case "not_supervisor":
            fitted = Different(rule, (rule.option("intern_field"), rule.option("host_field")), _same_text)
        case "not_same_company":
            fitted = Different(rule, (rule.option("intern_field"), rule.option("host_field")), company_name)
        case "not_same_person":
            fitted = Different(rule, ("person", "person"), repr)
            interns, hosts = ([{"person": person_of(row)} for row in side] for side in (interns, hosts))
        case "asked_not_to":
            fitted = AskedNotTo(rule)
        case _:
            fitted = NeverPairs(rule)
    return fitted.fit(interns, hosts)
