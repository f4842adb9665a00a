"""What every comparison has in common: it is fitted on the people and then gives closeness block by block."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from mentormatch.matching.solver.blocks import BoolArray, Index
from mentormatch.matching.values import Row

FULL = 1000
"""Closeness is an integer from 0 to FULL, so that sums are exact and every block size gives the same bits."""

Closeness = NDArray[np.int32]

_SAMPLE = 200
"""People per side whose pairs tell the average closeness that stands in for a missing answer."""

_DOUBT = 10
"""Pairs of closeness one half that are counted besides, so that few answers do not make an extreme average."""


@dataclass(frozen=True, slots=True)
class Words:
    """What a person wrote in one field, shortened: a text, or the list of what was compared."""

    field: str
    value: Any


@dataclass(frozen=True, slots=True)
class Shared:
    """What two people share under one criterion; only what the criterion's kind knows is filled in.

    Attributes
    ----------
    tags:
        (the intern's spelling, the host's spelling) of each match.
    windows, minutes:
        Common free time of the week as (weekday, start minute, end minute), and its sum.
    languages:
        (code, the intern's level, the host's level), best first.
    terms:
        Strongest common terms of the texts, as the intern wrote them.
    numbers:
        The two values of an ordinal or equality criterion.
    intern_words, host_words:
        The sides' own words that belong to it.
    """

    tags: tuple[tuple[str, str], ...] = ()
    windows: tuple[tuple[int, int, int], ...] = ()
    minutes: int | None = None
    languages: tuple[tuple[str, int, int], ...] = ()
    terms: tuple[str, ...] = ()
    numbers: tuple[Any, Any] | None = None
    intern_words: tuple[Words, ...] = ()
    host_words: tuple[Words, ...] = ()


class Comparison(BaseEstimator, ABC):  # type: ignore[misc]  # scikit-learn has no types
    """Base of the comparisons.

    Learned attributes: ``intern_answered_`` (n,) and ``host_answered_`` (m,), and ``neutral_``, the closeness of a pair
    in which somebody has not answered: the average over (a sample of) the pairs that have, drawn a little towards one
    half where these are few. So a blank neither helps nor harms.
    """

    intern_fields: tuple[str, ...]
    host_fields: tuple[str, ...]
    interns_: Sequence[Row]
    hosts_: Sequence[Row]
    intern_answered_: BoolArray
    host_answered_: BoolArray
    neutral_: int

    def fit(self, interns: Sequence[Row], hosts: Sequence[Row]) -> Self:
        """Read the fields of all people; rows keep their positions as n interns and m hosts.

        Raises
        ------
        InvalidInput
            A cell that cannot be read; the person and the field are named.
        """
        self.interns_, self.hosts_ = interns, hosts
        answered = self._learn(interns, hosts)
        self.intern_answered_, self.host_answered_ = (np.asarray(side, np.bool_) for side in answered)
        rows, columns = _sample(self.intern_answered_), _sample(self.host_answered_)
        total = int(self._block(rows, columns).sum()) if rows.size and columns.size else 0
        self.neutral_ = (total + _DOUBT * FULL // 2) // (rows.size * columns.size + _DOUBT)
        return self

    def closeness(self, rows: Index, columns: Index) -> Closeness:
        """Return the closeness of each pair of a block, 0 to `FULL`."""
        check_is_fitted(self, "neutral_")
        answered = self.intern_answered_[rows][:, None] & self.host_answered_[columns][None, :]
        return np.where(answered, self._block(rows, columns), np.int32(self.neutral_))

    def missing(self, row: int, column: int) -> tuple[str, ...]:
        """Return who of a pair has not answered: any of "intern" and "host"."""
        sides = (("intern", self.intern_answered_[row]), ("host", self.host_answered_[column]))
        return tuple(side for side, answered in sides if not answered)

    @abstractmethod
    def _learn(self, interns: Sequence[Row], hosts: Sequence[Row]) -> tuple[Sequence[bool], Sequence[bool]]:
        """Read the rows and return who answered, on each side."""

    @abstractmethod
    def _block(self, rows: Index, columns: Index) -> Closeness:
        """Return the closeness of a block; cells of people who have not answered may hold anything."""

    @abstractmethod
    def shared(self, row: int, column: int) -> Shared:
        """Return what a pair shares, for its explanation."""


def _sample(answered: BoolArray) -> NDArray[np.int64]:
    """Return at most `_SAMPLE` positions of people who answered, evenly spread."""
    positions = np.flatnonzero(answered)
    if positions.size <= _SAMPLE:
        return positions
    return positions[np.arange(_SAMPLE) * positions.size // _SAMPLE]
