"""Pairs of earlier matchings, and what became of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from mentormatch.core.errors import InvalidInput
from mentormatch.matching.criteria import Criterion
from mentormatch.matching.tables import PersonId, order_of
from mentormatch.matching.weight_regression import Sample

LOWEST_RATING, HIGHEST_RATING = 1, 5


@dataclass(frozen=True, slots=True, kw_only=True)
class PastPair:
    """A pair of an earlier matching and what became of it.

    Parameters
    ----------
    programme, intern, host:
        Who, and when.
    closeness:
        Key of a criterion -> closeness from 0 to 1, as it was when they were matched; None where somebody had not
        answered.
    intern_rating, host_rating:
        From 1 to 5; None where nobody has said.
    held, planned:
        Meetings that took place, and that were agreed; None where nobody knows.

    Raises
    ------
    InvalidInput
        A number out of range.
    """

    programme: str
    intern: PersonId
    host: PersonId
    closeness: Mapping[str, float | None]
    intern_rating: float | None = None
    host_rating: float | None = None
    held: int | None = None
    planned: int | None = None

    def __post_init__(self) -> None:
        for key, value in self.closeness.items():
            if value is not None and not 0 <= value <= 1:
                raise InvalidInput(
                    "%(intern)s, %(host)s: expected a closeness from 0 to 1 by %(key)s, found %(found)s.",
                    intern=self.intern,
                    host=self.host,
                    key=key,
                    found=value,
                )
        for rating in (self.intern_rating, self.host_rating):
            if rating is not None and not LOWEST_RATING <= rating <= HIGHEST_RATING:
                raise InvalidInput(
                    "%(intern)s, %(host)s: expected a rating from 1 to 5, found %(found)s.",
                    intern=self.intern,
                    host=self.host,
                    found=rating,
                )
        if (self.held or 0) < 0 or (self.planned or 0) < 0:
            raise InvalidInput(
                "%(intern)s, %(host)s: expected numbers of meetings of zero or more, found %(held)s of %(planned)s.",
                intern=self.intern,
                host=self.host,
                held=self.held,
                planned=self.planned,
            )

    @property
    def outcomes(self) -> tuple[float | None, float | None, float | None]:
        """Both ratings and the part of the meetings that took place, from 0 to 1, None where unknown."""
        span = HIGHEST_RATING - LOWEST_RATING
        ratings = [
            None if each is None else (each - LOWEST_RATING) / span for each in (self.intern_rating, self.host_rating)
        ]
        meetings = min(1.0, self.held / self.planned) if self.held is not None and self.planned else None
        return ratings[0], ratings[1], meetings


def closeness_of(points: Mapping[str, int], most: Mapping[str, int]) -> dict[str, float]:
    """Return the closeness behind the points of a pair (`Pair.parts`) and the most that each criterion could give."""
    return {key: points[key] / most[key] for key in points if most[key]}


def sample_of(pairs: Sequence[PastPair], programmes: Sequence[str], criteria: Sequence[Criterion]) -> Sample:
    """Pairs as arrays; hosts are numbered by id."""
    parts = np.array([[np.nan if v is None else v for v in pair.outcomes] for pair in pairs])
    known = np.ma.masked_invalid(parts)
    outcome = np.ma.filled((known - known.mean(axis=0)).mean(axis=1), 0.0)
    closeness = np.full((len(pairs), len(criteria)), np.nan)
    for row, pair in enumerate(pairs):
        for column, one in enumerate(criteria):
            value = pair.closeness.get(one.key)
            closeness[row, column] = np.nan if value is None else value
    number = {name: at for at, name in enumerate(programmes)}
    hosts = {host: at for at, host in enumerate(sorted({pair.host for pair in pairs}, key=order_of))}
    return Sample(
        closeness,
        outcome,
        np.array([number[pair.programme] for pair in pairs]),
        np.array([hosts[pair.host] for pair in pairs]),
    )
