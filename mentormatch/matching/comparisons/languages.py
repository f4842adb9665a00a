"""Languages: the best language that two people have in common."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from mentormatch.core.field_kinds import LANGUAGE_LEVELS
from mentormatch.matching.comparisons.comparison import Closeness, Comparison, Shared, Words
from mentormatch.matching.solver.blocks import Index
from mentormatch.matching.values import Row, languages_of

_CLOSENESS_AT = {1: 300, 2: 600, 3: 900, 4: 1000}
"""Closeness by the lower of the two levels in the best common language: talking well enough matters, not perfection."""


def spoken(row: Row, fields: Iterable[str]) -> dict[str, int]:
    """Return a person's languages of all `fields`: code -> level."""
    levels: dict[str, int] = {}
    for field in fields:
        for code, level in languages_of(row, field).items():
            levels[code] = max(level, levels.get(code, 0))
    return levels


def common_languages(left: Mapping[str, int], right: Mapping[str, int]) -> tuple[tuple[str, int, int], ...]:
    """Return (code, left level, right level) of the common languages, those that both speak best first."""
    common = [(code, left[code], right[code]) for code in left if code in right]
    return tuple(sorted(common, key=lambda item: (-min(item[1:]), -sum(item[1:]), item[0])))


class CommonLanguages:
    """The level that both sides of a pair reach in their best common language, for blocks of pairs."""

    def __init__(self, interns: Sequence[Mapping[str, int]], hosts: Sequence[Mapping[str, int]]) -> None:
        codes = {code for levels in interns for code in levels} & {code for levels in hosts for code in levels}
        self._numbers = {code: number for number, code in enumerate(sorted(codes))}
        self._interns, self._hosts = self._table(interns), self._table(hosts)

    def _table(self, people: Sequence[Mapping[str, int]]) -> NDArray[np.int8]:
        table = np.zeros((len(people), len(self._numbers)), np.int8)
        for position, levels in enumerate(people):
            for code, level in levels.items():
                if code in self._numbers:
                    table[position, self._numbers[code]] = level
        return table

    def level(self, rows: Index, columns: Index) -> NDArray[np.int32]:
        """Return 1 to 4 for each pair of the block, 0 where no language is common."""
        mine, theirs = self._interns[rows], self._hosts[columns]
        best = np.zeros((mine.shape[0], theirs.shape[0]), np.int32)
        for level in LANGUAGE_LEVELS:
            both = (mine >= level).astype(np.float32) @ (theirs >= level).astype(np.float32).T
            best[both > 0] = level
        return best


class Languages(Comparison):
    """Closeness by the level that both reach in their best common language."""

    def __init__(self, intern_fields: tuple[str, ...] = (), host_fields: tuple[str, ...] = ()) -> None:
        self.intern_fields = intern_fields
        self.host_fields = host_fields

    def _learn(self, interns: Sequence[Row], hosts: Sequence[Row]) -> tuple[list[bool], list[bool]]:
        self.intern_levels_ = [spoken(row, self.intern_fields) for row in interns]
        self.host_levels_ = [spoken(row, self.host_fields) for row in hosts]
        self.common_ = CommonLanguages(self.intern_levels_, self.host_levels_)
        return [bool(levels) for levels in self.intern_levels_], [bool(levels) for levels in self.host_levels_]

    def _block(self, rows: Index, columns: Index) -> Closeness:
        table = np.array([0, *(_CLOSENESS_AT[level] for level in LANGUAGE_LEVELS)], np.int32)
        closeness: Closeness = table[self.common_.level(rows, columns)]
        return closeness

    def shared(self, row: int, column: int) -> Shared:
        """Return the common languages with both levels."""
        mine, theirs = self.intern_levels_[row], self.host_levels_[column]
        return Shared(
            languages=common_languages(mine, theirs),
            intern_words=_words(self.intern_fields, mine),
            host_words=_words(self.host_fields, theirs),
        )


def _words(fields: tuple[str, ...], levels: Mapping[str, int]) -> tuple[Words, ...]:
    return (Words(fields[0], [[code, level] for code, level in levels.items()]),) if levels else ()
