"""Learning from outcomes: past pairs and what became of them propose weights, for an admin to judge."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import Self

import numpy as np
from sklearn.base import BaseEstimator

from mentormatch.core.errors import InvalidInput
from mentormatch.matching.criteria import Criterion
from mentormatch.matching.explanation import PERSONAL_KINDS
from mentormatch.matching.past_pairs import PastPair, closeness_of, sample_of
from mentormatch.matching.tables import order_of
from mentormatch.matching.weight_regression import Numbers, Sample, Strengths, chosen, drawn, fitted, held_out

__all__ = ["Gain", "Learned", "PastPair", "Proposal", "ProposedWeight", "WeightLearner", "closeness_of"]

LEAST_PAIRS = 60
PAIRS_PER_CRITERION = 15
LEAST_HOSTS = 20
LEAST_SPREAD = 0.05
"""Standard deviation, on a scale from 0 to 1, below which outcomes or closeness are taken to be all alike."""

LOOSE = 0.3
"""Strength of belief in the draws for intervals, at most: so the pull towards the belief hardly moves them, and they
hold what they promise (undersmoothing: Hall 1992, *The Bootstrap and Edgeworth Expansion*)."""


class Learned(StrEnum):
    """What the outcomes say about a criterion."""

    LEARNED = "learned"
    PERSONAL = "personal"
    """It reads who somebody is: it never enters, and keeps its weight."""
    ALIKE = "alike"
    """All pairs were about as close by it: nothing can be learned, and it keeps its weight."""


@dataclass(frozen=True, slots=True)
class ProposedWeight:
    """A criterion's weight, in the admin's points: the present one, the proposed one and the latter's interval."""

    criterion: str
    present: float
    proposed: float
    low: float
    high: float
    learned: Learned


@dataclass(frozen=True, slots=True)
class Gain:
    """What the weights foretell about hosts who had no part in choosing them (cross-validation).

    Attributes
    ----------
    present, proposed:
        Part of the outcomes' variance within programmes that is foretold, at most 1; below 0: worse than no weights.
    difference, low, high:
        The proposed less the present one, with its interval over hosts.
    """

    present: float
    proposed: float
    difference: float
    low: float
    high: float

    @property
    def is_sure(self) -> bool:
        """Whether the whole interval is above zero."""
        return self.low > 0


@dataclass(frozen=True, slots=True)
class Proposal:
    """New weights, for an admin to take over or not; nothing is changed by itself.

    Attributes
    ----------
    weights:
        One for each criterion, in their order; they add up to what the present ones do.
    by_programme:
        The same for each programme on its own, drawn towards `weights` as far as its own pairs say little.
    gain:
        Whether it would have been better to have had them.
    pairs, hosts:
        With outcomes; what everything rests on.
    without_outcome:
        Pairs left out because nothing is known about what became of them.
    confidence:
        Of all intervals, nominally; in simulations with 300 to 500 pairs, those of 95 % held 90 to 95 % of the truth.
    """

    weights: tuple[ProposedWeight, ...]
    by_programme: Mapping[str, tuple[ProposedWeight, ...]]
    gain: Gain
    pairs: int
    hosts: int
    without_outcome: int
    confidence: float

    def taken_over(self, criteria: Iterable[Criterion], programme: str | None = None) -> tuple[Criterion, ...]:
        """Return criteria with the proposed weights; those that the proposal does not know stay as they are."""
        told = self.weights if programme is None else self.by_programme[programme]
        weights = {weight.criterion: weight.proposed for weight in told}
        return tuple(one.with_weight(weights.get(one.key, one.weight)) for one in criteria)


class WeightLearner(BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """Proposes weights from past pairs and their outcomes.

    The outcome of a pair is the mean of what is known: both sides' ratings and the part of the agreed meetings that
    took place, each from 0 to 1 and compared with the mean of its kind. A ridge regression with weights of zero or more
    on the closeness of the pairs, within programmes, gives the proportions. It shrinks towards the present weights, and
    the weights of each programme towards the common ones, as far as cross-validation by host recommends (see
    `mentormatch.matching.weight_regression`). Intervals come from drawing hosts, with all their pairs, again.

    **Only pairs that were matched have outcomes.** Matched pairs are close by most criteria, so that effects look
    smaller than they are, and a criterion by which all pairs are close looks useless although it may be why they went
    well (restriction of range); pairs that are distant by one criterion were matched because they are close by
    others, which ties the criteria to each other (selection bias: Elwert and Winship 2014). Those who answer are not
    like those who do not. Hence the pull towards the present weights, hence "alike" instead of zero, and hence this is
    a proposal: it says what went with good outcomes among such pairs, not what would cause them.

    Criteria that read who somebody is (`explanation.PERSONAL_KINDS`, and `sensitive_fields`) never enter: their weight
    stays as it is, whatever the outcomes.

    Parameters
    ----------
    criteria:
        Those of one track, with the present weights.
    sensitive_fields:
        Further fields that no weight may be learned for.
    confidence:
        Of the intervals.
    folds, replicates:
        Of cross-validation, and draws for the intervals.
    seed:
        Same seed, same pairs: same proposal, whatever their order.

    Attributes
    ----------
    proposal_:
        A `Proposal`.

    Examples
    --------
    >>> criteria = [Criterion("field", "tags", ("industries",), ("industries",), 3)]
    >>> pair = PastPair(programme="2025", intern=1, host=2, closeness={"field": 0.8}, intern_rating=5)
    >>> WeightLearner(criteria).fit([pair])
    Traceback (most recent call last):
        ...
    mentormatch.core.errors.InvalidInput: Learning: expected at least 60 pairs with an outcome, found 1. ...
    """

    def __init__(  # noqa: PLR0917  as scikit-learn's estimators
        self,
        criteria: Sequence[Criterion] = (),
        sensitive_fields: Sequence[str] = (),
        confidence: float = 0.95,
        folds: int = 5,
        replicates: int = 400,
        seed: int = 0,
    ) -> None:
        self.criteria = criteria
        self.sensitive_fields = sensitive_fields
        self.confidence = confidence
        self.folds = folds
        self.replicates = replicates
        self.seed = seed

    def fit(self, pairs: Iterable[PastPair], y: object = None) -> Self:  # noqa: ARG002  scikit-learn's pipelines pass it
        """Work out `proposal_`.

        Parameters
        ----------
        pairs:
            Of one track, from any number of programmes.

        Raises
        ------
        InvalidInput
            Too few pairs or hosts, outcomes all alike, or too few criteria that differ; says how many it takes.
        """
        every = sorted(pairs, key=lambda pair: (pair.programme, order_of(pair.host), order_of(pair.intern)))
        known = [pair for pair in every if any(value is not None for value in pair.outcomes)]
        names = sorted({pair.programme for pair in known})
        criteria = [one for one in self.criteria if not self._is_personal(one)]
        _check_numbers(known, len(criteria))
        sample = sample_of(known, names, criteria).centred()
        varies = sample.closeness.std(axis=0) >= LEAST_SPREAD
        criteria = [one for one, enough in zip(criteria, varies, strict=True) if enough]
        present = np.array([one.weight for one in criteria], np.float64)
        _check_variation(sample, criteria, present)
        raw = sample_of(known, names, criteria)
        self.proposal_ = self._proposal(raw, names, criteria, present, len(every) - len(known))
        return self

    def _is_personal(self, criterion: Criterion) -> bool:
        fields = {*criterion.intern_fields, *criterion.host_fields}
        return bool(fields & frozenset().union(*PERSONAL_KINDS.values(), self.sensitive_fields))

    def _proposal(
        self, raw: Sample, names: Sequence[str], criteria: Sequence[Criterion], present: Numbers, without: int
    ) -> Proposal:
        sample, many = raw.centred(), len(names)
        strengths = chosen(sample, present, many, self.folds, self.seed)
        weights = fitted(sample, present, strengths, many)
        predicted = (sample.closeness * weights.programmes[sample.programme]).sum(axis=1)
        noise = float(np.sqrt(((sample.outcome - predicted) ** 2).sum() / (sample.outcome.size - present.size)))
        rng = np.random.default_rng(self.seed)
        loose = Strengths(min(strengths.common, LOOSE), strengths.programme)
        draws = [drawn(raw, present, loose, noise, many, rng) for _ in range(self.replicates)]
        told = partial(self._told, criteria, present)
        return Proposal(
            told(weights.common, np.array([draw.common for draw in draws])),
            {
                name: told(weights.programmes[number], np.array([draw.programmes[number] for draw in draws]))
                for number, name in enumerate(names)
            },
            self._gain(sample, present, many),
            sample.outcome.size,
            np.unique(sample.host).size,
            without,
            self.confidence,
        )

    def _told(
        self, criteria: Sequence[Criterion], present: Numbers, effects: Numbers, draws: Numbers
    ) -> tuple[ProposedWeight, ...]:
        """Effects as points that add up to the present ones, with the quantiles of the draws."""
        points, drawn_points = _as_points(effects[None, :], present)[0], _as_points(draws, present)
        tail = (1 - self.confidence) / 2
        low, high = np.quantile(drawn_points, [tail, 1 - tail], axis=0)
        place = {one.key: at for at, one in enumerate(criteria)}
        told = []
        for one in self.criteria:
            at = place.get(one.key)
            if at is None:
                why = Learned.PERSONAL if self._is_personal(one) else Learned.ALIKE
                told.append(ProposedWeight(one.key, one.weight, one.weight, one.weight, one.weight, why))
            else:
                bounds = float(min(low[at], points[at])), float(max(high[at], points[at]))
                told.append(ProposedWeight(one.key, one.weight, float(points[at]), *bounds, Learned.LEARNED))
        return tuple(told)

    def _gain(self, sample: Sample, present: Numbers, programmes: int) -> Gain:
        """Compare both by predictions for hosts whose pairs neither has seen, not even to choose the strengths."""
        nothing_learned = Strengths(1e9, np.inf)

        def learn(part: Sample) -> Strengths:
            return chosen(part, present, programmes, self.folds, self.seed)

        new = held_out(sample, self.folds, self.seed, lambda part: fitted(part, present, learn(part), programmes))
        old = held_out(sample, self.folds, self.seed, lambda part: fitted(part, present, nothing_learned, programmes))
        loss = [np.bincount(sample.host, (sample.outcome - found) ** 2) for found in (old, new)]
        whole = np.bincount(sample.host, sample.outcome**2)
        rng = np.random.default_rng(self.seed)
        hosts = rng.integers(0, whole.size, (10 * self.replicates, whole.size))
        differences = (loss[0] - loss[1])[hosts].sum(axis=1) / whole[hosts].sum(axis=1)
        tail = (1 - self.confidence) / 2
        low, high = np.quantile(differences, [tail, 1 - tail])
        explained = [float(1 - each.sum() / whole.sum()) for each in loss]
        return Gain(explained[0], explained[1], explained[1] - explained[0], float(low), float(high))


def _as_points(effects: Numbers, present: Numbers) -> Numbers:
    """Rows of effects as proportions of the present points; the present points where no effect is above zero."""
    total = effects.sum(axis=1, keepdims=True)
    return np.where(total > 0, effects / np.where(total > 0, total, 1) * present.sum(), present)


def _check_numbers(pairs: Sequence[PastPair], criteria: int) -> None:
    least = max(LEAST_PAIRS, PAIRS_PER_CRITERION * criteria)
    if len(pairs) < least:
        raise InvalidInput(
            "Learning: expected at least %(expected)s pairs with an outcome, found %(found)s. Wait for more ratings or "
            "meetings.",
            expected=least,
            found=len(pairs),
        )
    hosts = len({pair.host for pair in pairs})
    if hosts < LEAST_HOSTS:
        raise InvalidInput(
            "Learning: expected pairs of at least %(expected)s different hosts, found %(found)s. Few hosts say more "
            "about themselves than about the criteria.",
            expected=LEAST_HOSTS,
            found=hosts,
        )


def _check_variation(sample: Sample, criteria: Sequence[Criterion], present: Numbers) -> None:
    spread = float(sample.outcome.std())
    if spread < LEAST_SPREAD:
        raise InvalidInput(
            "Learning: the outcomes are practically all alike (spread %(found)s on a scale from 0 to 1, expected at "
            "least %(expected)s). There is nothing to learn from.",
            expected=LEAST_SPREAD,
            found=round(spread, 3),
        )
    if len(criteria) < 2:  # noqa: PLR2004  one weight has nothing to be weighed against
        raise InvalidInput(
            "Learning: expected at least two criteria by which pairs of a programme differ, found %(found)s.",
            found=", ".join(one.key for one in criteria) or 0,
        )
    if not present.sum():
        raise InvalidInput(
            "Learning: expected a weight above zero for one of the criteria at least: %(found)s.",
            found=", ".join(one.key for one in criteria),
        )
