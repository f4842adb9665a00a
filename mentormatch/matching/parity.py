"""Parity: how groups of interns fared in a matching, with their numbers, intervals, and silence about small groups.

It says what happened, not why, and proves no discrimination: a group may fare worse because it asked for other fields.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from itertools import combinations
from math import sqrt
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm, t

from mentormatch.core.errors import InvalidInput

Key = TypeVar("Key", bound=Hashable)

MINIMUM = 5
"""Fewest people of a group that is told of: with fewer, figures would speak of persons."""

CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True)
class Interval:
    """A confidence interval. The people are taken for a sample of those who might have come."""

    low: float
    high: float

    @property
    def contains_zero(self) -> bool:
        return self.low <= 0 <= self.high


@dataclass(frozen=True, slots=True)
class Fared:
    """How a group fared.

    Attributes
    ----------
    n, matched:
        Interns of the group, and those of them with somebody.
    share, share_interval:
        Matched interns / n, with Wilson's interval (1927).
    mean_fit, mean_interval, lowest_fit:
        Fit of the matched, with Student's interval; None if fewer than the least number are matched. The interval is
        None, too, where all have the same fit: it would say more than is known.
    """

    n: int
    matched: int
    share: float
    share_interval: Interval
    mean_fit: float | None
    mean_interval: Interval | None
    lowest_fit: float | None


@dataclass(frozen=True, slots=True)
class Difference:
    """The first group less the second.

    Attributes
    ----------
    share, share_interval:
        Difference of the matched shares, with Newcombe's hybrid score interval (1998, method 10).
    mean_fit, mean_interval:
        Difference of the mean fits, with Welch's interval (1947); None where a group's is.
    """

    first: Hashable
    second: Hashable
    share: float
    share_interval: Interval
    mean_fit: float | None
    mean_interval: Interval | None


@dataclass(frozen=True, slots=True)
class Parity:
    """What is told about one attribute.

    Attributes
    ----------
    attribute:
        Its name.
    groups:
        Value -> how its group fared, largest first; None stands for those who have not answered.
    hidden:
        Values of which nothing is told by themselves, as their groups are too small.
    rest:
        How all the hidden groups fared together; None where there is none, or where they are too few even so.
    differences:
        Every two of `groups`. The intervals are widened so that all of them hold together with the confidence asked
        for (Bonferroni): among many groups some pair would otherwise differ by chance.
    confidence:
        Of the intervals, 0 to 1.
    """

    attribute: str
    groups: Mapping[Hashable, Fared]
    hidden: tuple[Hashable, ...]
    rest: Fared | None
    differences: tuple[Difference, ...]
    confidence: float


def parity_of(
    attribute: str,
    values: Mapping[Key, Hashable],
    fits: Mapping[Key, float | None],
    *,
    minimum: int = MINIMUM,
    confidence: float = CONFIDENCE,
) -> Parity:
    """Compare the groups that an attribute makes.

    A group of fewer than ``minimum`` people is hidden. If all hidden people together are fewer than that, the smallest
    group that is left is hidden, too: otherwise whoever knows the totals could work out the missing figures (secondary
    suppression: Hundepool et al. 2012, *Statistical Disclosure Control*). Two attributes side by side are not guarded
    against each other.

    Parameters
    ----------
    attribute:
        Named in the answer.
    values:
        Intern (position or id) -> value; an intern who is missing, or has None, has not answered.
    fits:
        Every intern -> fit of her place (the mean of several), in any unit; None if she has nobody.
    minimum:
        Fewest people of a group that is told of, 2 or more.
    confidence:
        Of the intervals.

    Raises
    ------
    InvalidInput
        A minimum below 2, a confidence out of range, a fit that is no number, or values of people who are no interns.
    """
    _check(attribute, values, fits, minimum, confidence)
    people: dict[Hashable, list[float | None]] = {}
    for key, fit in fits.items():
        people.setdefault(values.get(key), []).append(fit)
    ordered = sorted(people, key=lambda value: (-len(people[value]), value is None, type(value).__name__, str(value)))
    shown = _shown(ordered, people, minimum)
    hidden = tuple(value for value in ordered if value not in shown)
    rest = [fit for value in hidden for fit in people[value]]
    samples = {value: _Sample.of(people[value], minimum) for value in shown}
    pairs = list(combinations(shown, 2))
    each = 1 - (1 - confidence) / max(1, len(pairs))
    return Parity(
        attribute,
        {value: samples[value].fared(confidence) for value in shown},
        hidden,
        _Sample.of(rest, minimum).fared(confidence) if len(rest) >= minimum else None,
        tuple(_difference(first, second, samples[first], samples[second], each) for first, second in pairs),
        confidence,
    )


def _check(
    attribute: str, values: Mapping[Key, Hashable], fits: Mapping[Key, float | None], minimum: int, confidence: float
) -> None:
    if minimum < 2:  # noqa: PLR2004  one person is no group
        raise InvalidInput(
            "Parity: expected groups of at least 2 people, found a minimum of %(found)s.",
            field="minimum",
            found=minimum,
        )
    if not 0 < confidence < 1:
        raise InvalidInput(
            "Parity: expected a confidence between 0 and 1, such as 0.95, found %(found)s.",
            field="confidence",
            found=confidence,
        )
    strangers = [key for key in values if key not in fits]
    if strangers:
        raise InvalidInput(
            "Parity by %(attribute)s: expected values of interns of this matching, found others: %(found)s.",
            attribute=attribute,
            found=", ".join(map(repr, strangers[:5])),
        )
    odd = [key for key, fit in fits.items() if fit is not None and not np.isfinite(fit)]
    if odd:
        raise InvalidInput(
            "Parity by %(attribute)s: expected a number for the fit of every matched intern, found none for %(found)s.",
            attribute=attribute,
            found=", ".join(map(repr, odd[:5])),
        )


def _shown(ordered: list[Hashable], people: Mapping[Hashable, list[float | None]], minimum: int) -> list[Hashable]:
    """The groups that may be told of, largest first."""
    shown = [value for value in ordered if len(people[value]) >= minimum]
    hidden = sum(len(people[value]) for value in ordered[len(shown) :])
    if 0 < hidden < minimum and shown:
        shown.pop()
    return shown


@dataclass(frozen=True, slots=True)
class _Sample:
    """Fits of a group's matched interns; ``told`` says whether they are enough to be told of."""

    n: int
    fits: NDArray[np.float64]
    told: bool

    @classmethod
    def of(cls, fits: list[float | None], minimum: int) -> _Sample:
        # In order, so that sums do not depend on the order of the people.
        found = np.array(sorted(fit for fit in fits if fit is not None), np.float64)
        return cls(len(fits), found, found.size >= minimum)

    @property
    def share(self) -> float:
        return self.fits.size / self.n

    def wilson(self, confidence: float) -> Interval:
        z = norm.ppf((1 + confidence) / 2)
        centre = (self.share + z * z / (2 * self.n)) / (1 + z * z / self.n)
        half = z * sqrt(self.share * (1 - self.share) / self.n + z * z / (4 * self.n**2)) / (1 + z * z / self.n)
        low = 0.0 if not self.fits.size else max(0.0, centre - half)
        return Interval(float(low), 1.0 if self.fits.size == self.n else float(min(1.0, centre + half)))

    @property
    def mean(self) -> float | None:
        return float(self.fits.mean()) if self.told else None

    @property
    def squared_error(self) -> float:
        """Of the mean."""
        return float(self.fits.var(ddof=1) / self.fits.size)

    def fared(self, confidence: float) -> Fared:
        lowest = float(self.fits.min()) if self.told else None
        within = None
        if self.mean is not None and self.squared_error > 0:
            within = _around(self.mean, sqrt(self.squared_error), self.fits.size - 1, confidence)
        wilson = self.wilson(confidence)
        return Fared(self.n, int(self.fits.size), self.share, wilson, self.mean, within, lowest)


def _around(middle: float, error: float, freedom: float, confidence: float) -> Interval:
    half = float(t.ppf((1 + confidence) / 2, freedom)) * error
    return Interval(middle - half, middle + half)


def _difference(first: Hashable, second: Hashable, one: _Sample, other: _Sample, confidence: float) -> Difference:
    share = one.share - other.share
    mine, theirs = one.wilson(confidence), other.wilson(confidence)
    low = share - sqrt((one.share - mine.low) ** 2 + (theirs.high - other.share) ** 2)
    high = share + sqrt((mine.high - one.share) ** 2 + (other.share - theirs.low) ** 2)
    gap, within = None, None
    if one.mean is not None and other.mean is not None:
        gap = one.mean - other.mean
        parts = [(sample.squared_error, sample.fits.size - 1) for sample in (one, other)]
        error = sum(squared for squared, _ in parts)
        if error > 0:
            freedom = error**2 / sum(squared**2 / left for squared, left in parts)
            within = _around(gap, sqrt(error), freedom, confidence)
    return Difference(first, second, share, Interval(low, high), gap, within)
