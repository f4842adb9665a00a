"""Regression of outcomes on criteria, with weights of zero or more that shrink towards what is believed already.

The model: within a programme, outcome = mean + sum of weight x closeness + noise. Programmes have means of their own;
their weights are drawn towards common ones, and these towards the present weights. How far, cross-validation says.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import nnls
from sklearn.model_selection import GroupKFold

from mentormatch.matching.solver.blocks import IntArray

Numbers = NDArray[np.float64]

STRENGTHS = (0.01, 0.03, 0.1, 0.3, 1.0, 3.0)
"""How much the belief counts beside the data: 1 is as much as the pairs at hand."""

LEAST_CORRELATION = 0.1
"""Between present points and outcomes, as believed at the least: without it there would be nothing to shrink to."""


@dataclass(frozen=True, eq=False)
class Sample:
    """Pairs with outcomes.

    Attributes
    ----------
    closeness:
        Pairs x criteria, NaN where somebody has not answered.
    outcome:
        Per pair.
    programme, host:
        Per pair, numbers from 0: whose weights, and whose pairs go together.
    """

    closeness: Numbers
    outcome: Numbers
    programme: IntArray
    host: IntArray

    def of(self, rows: IntArray) -> Sample:
        """Some of the pairs."""
        return Sample(self.closeness[rows], self.outcome[rows], self.programme[rows], self.host[rows])

    def centred(self) -> Sample:
        """The same as differences from the means of the programmes; an unanswered closeness is the mean."""
        closeness = np.empty_like(self.closeness)
        outcome = np.empty_like(self.outcome)
        for number in np.unique(self.programme):
            mine = self.programme == number
            known = np.ma.masked_invalid(self.closeness[mine])
            closeness[mine] = np.ma.filled(known - known.mean(axis=0), 0.0)
            outcome[mine] = self.outcome[mine] - self.outcome[mine].mean()
        return Sample(closeness, outcome, self.programme, self.host)

    def resampled(self, rng: np.random.Generator) -> Sample:
        """As many hosts, drawn with replacement, with all their pairs (cluster bootstrap: Cameron et al. 2008)."""
        order = np.argsort(self.host, kind="stable")
        pairs = np.split(order, np.cumsum(np.bincount(self.host))[:-1])
        return self.of(np.concatenate([pairs[one] for one in rng.integers(0, len(pairs), len(pairs))]))


@dataclass(frozen=True, slots=True)
class Strengths:
    """How much the present weights count for the common ones, and these for those of a programme."""

    common: float
    programme: float


@dataclass(frozen=True, eq=False)
class Weights:
    """Effects of closeness on the outcome: common ones, shape (criteria,), and by programme, programmes x criteria."""

    common: Numbers
    programmes: Numbers


def believed(sample: Sample, present: Numbers) -> Numbers:
    """Present weights, scaled to the outcome: what is believed before looking at single criteria."""
    direction: Numbers = present / present.sum()
    points = sample.closeness @ direction
    spread = float(points.std())
    if not spread:
        return direction
    slope = float(points @ sample.outcome / (points @ points))
    return direction * max(slope, LEAST_CORRELATION * float(sample.outcome.std()) / spread)


def costs(sample: Sample, strengths: Strengths, programmes: int) -> tuple[float, float]:
    """What a squared distance from the belief costs, for the common weights and for those of a programme.

    The latter is the same for all programmes, which differ by about as much: those with few pairs are drawn the most.
    """
    information = max(1e-9, float((sample.closeness**2).sum(axis=0).mean()))
    return strengths.common * information, strengths.programme * information / programmes


def shrunk(sample: Sample, belief: Numbers, cost: float) -> Numbers:
    """Least squares with weights of zero or more, each squared distance from the belief at this cost."""
    root = sqrt(cost)
    rows = np.vstack([sample.closeness, root * np.eye(belief.size)])
    answers = np.concatenate([sample.outcome, root * belief])
    # Orthogonal rotation: a few rows instead of one per pair, for the same sums of squares.
    small: Numbers = np.asarray(np.linalg.qr(np.column_stack([rows, answers]), mode="r"))
    found: Numbers = nnls(small[:, :-1], small[:, -1])[0]
    return found


def fitted(
    sample: Sample,
    present: Numbers,
    strengths: Strengths,
    programmes: int,
    moved: Callable[[Numbers, float], Numbers] = lambda belief, _: belief,
) -> Weights:
    """Common weights and those of each programme, from a centred sample; ``moved`` may change a belief of some cost."""
    cost, cost_of_each = costs(sample, strengths, programmes)
    common = shrunk(sample, moved(believed(sample, present), cost), cost)
    each = np.tile(common, (programmes, 1))
    for number in range(programmes) if np.isfinite(cost_of_each) else ():
        mine = sample.of(np.flatnonzero(sample.programme == number))
        each[number] = shrunk(mine, moved(common, cost_of_each), cost_of_each)
    return Weights(common, each)


def drawn(  # noqa: PLR0917  one value each, all needed
    sample: Sample, present: Numbers, strengths: Strengths, noise: float, programmes: int, rng: np.random.Generator
) -> Weights:
    """Weights from a resampled sample and from beliefs moved by chance, as far as they are uncertain.

    In a linear model with normal noise such draws follow the posterior distribution (Papandreou and Yuille 2010), so
    that what rests on belief alone is not told as if it were certain.
    """

    def moved(belief: Numbers, cost: float) -> Numbers:
        return belief + noise / sqrt(cost) * rng.standard_normal(belief.size)

    return fitted(sample.resampled(rng).centred(), present, strengths, programmes, moved)


def held_out(sample: Sample, folds: int, seed: int, fit: Callable[[Sample], Weights]) -> Numbers:
    """Predictions for each pair from weights that have seen none of its host's pairs."""
    found = np.zeros(sample.outcome.size)
    for train, test in GroupKFold(folds, shuffle=True, random_state=seed).split(sample.closeness, groups=sample.host):
        weights = fit(sample.of(train))
        found[test] = (sample.closeness[test] * weights.programmes[sample.programme[test]]).sum(axis=1)
    return found


def chosen(sample: Sample, present: Numbers, programmes: int, folds: int, seed: int) -> Strengths:
    """The strengths whose predictions of held-out pairs are best; the stronger of two that are equally good."""

    def loss(strengths: Strengths) -> float:
        predicted = held_out(sample, folds, seed, lambda part: fitted(part, present, strengths, programmes))
        return float(((sample.outcome - predicted) ** 2).sum())

    common = min(reversed(STRENGTHS), key=lambda strength: loss(Strengths(strength, np.inf)))
    if programmes == 1:
        return Strengths(common, np.inf)
    each = min((np.inf, *reversed(STRENGTHS)), key=lambda strength: loss(Strengths(common, strength)))
    return Strengths(common, each)
