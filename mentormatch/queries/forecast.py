"""How many will have signed up by a day, from the sign-ups so far: a range, or the reason why nothing can be said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import exp, lgamma, log, sqrt
from statistics import mean, variance

WINDOW = 14
"""Full days that are looked back at most."""
FEWEST_DAYS = 5
FEWEST = 5
"""Sign-ups in the window below which nothing is said."""
CHANCE = 0.8
"""How often the range holds if people go on to sign up as they did."""
_BURST = 0.6
"""Share of the sign-ups on one day above which they came at once, as by an import."""


class Silence(StrEnum):
    """Why there is no forecast."""

    NO_DATE = "no_date"
    PAST = "past"
    FEW_DAYS = "few_days"
    FEW = "few"
    BURST = "burst"


@dataclass(frozen=True, slots=True)
class Expected:
    """How many more are expected: `low` to `high` in `CHANCE` of the cases; its basis is `seen` in `days` full days."""

    low: int
    middle: float
    high: int
    seen: int
    days: int


def expected(daily: Sequence[int], ahead: float) -> Expected | Silence:
    """Return how many more will sign up in the days ahead.

    Sign-ups are taken to go on at the mean rate of the last days. The range is that of a negative binomial variable
    with the mean and the variance of a Poisson count whose rate was itself estimated from so many days, widened where
    the days differed more than Poisson counts do.

    Parameters
    ----------
    daily:
        Sign-ups of the last full days, at most `WINDOW`, since the first sign-up.
    ahead:
        Days from now to the date.
    """
    seen, days = sum(daily), len(daily)
    if ahead <= 0:
        return Silence.PAST
    if days < FEWEST_DAYS:
        return Silence.FEW_DAYS
    if seen < FEWEST:
        return Silence.FEW
    if max(daily) > _BURST * seen:
        return Silence.BURST
    spread = max(1.0, variance(daily) / mean(daily))
    middle = seen / days * ahead
    wide = spread * middle * (1 + ahead / days)
    tail = (1 - CHANCE) / 2
    return Expected(_quantile(middle, wide, tail), middle, _quantile(middle, wide, 1 - tail), seen, days)


def _quantile(middle: float, wide: float, share: float) -> int:
    """Return the smallest count that a negative binomial variable does not exceed with probability `share`.

    Parameters
    ----------
    middle, wide:
        Its mean and its variance, which is the larger of the two.
    """
    stop = 1 - middle / wide
    size = middle * (1 - stop) / stop
    below = 0.0
    most = int(middle + 40 * sqrt(wide)) + 1
    for count in range(most):
        chance = lgamma(count + size) - lgamma(size) - lgamma(count + 1) + size * log(1 - stop) + count * log(stop)
        below += exp(chance)
        if below >= share:
            return count
    return most
