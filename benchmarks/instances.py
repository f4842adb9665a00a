"""Made-up matching instances: interns and mentors with topics, popular mentors, and integer scores."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from mentormatch.matching.solver.blocks import HIGHEST_SCORE, Index, IntArray, block_shape, everything

TOPICS = 48
FEATURES = 128
SCALE = 700
"""Features are rounded to whole numbers of this scale: every product sum is exact in float32, in any order."""


@dataclass(frozen=True, eq=False)
class FactorScores:
    """Scores as products of features (interns x features, mentors x features), worked out block by block.

    Parameters
    ----------
    step:
        Scores are rounded down to multiples of it.
    houses:
        Above 0: a pair is permitted only where the numbers of intern and mentor have the same remainder by it.
    lonely:
        So many interns, the first, may be matched with nobody.
    """

    interns: NDArray[np.float32]
    mentors: NDArray[np.float32]
    step: int = 1
    houses: int = 0
    lonely: int = 0

    @property
    def shape(self) -> tuple[int, int]:
        return len(self.interns), len(self.mentors)

    def scores(self, rows: Index, columns: Index) -> NDArray[np.int32]:
        block = self.interns[rows] @ self.mentors[columns].T
        block += HIGHEST_SCORE // 2
        scores = block.astype(np.int32)
        return scores if self.step == 1 else scores // self.step * self.step

    def allowed(self, rows: Index, columns: Index) -> NDArray[np.bool_]:
        if not self.houses:
            return everything(*block_shape(self.shape, rows, columns))
        at, to = (np.arange(size)[index] for size, index in zip(self.shape, (rows, columns), strict=True))
        return (at >= self.lonely)[:, None] & (at[:, None] % self.houses == to % self.houses)


Instance = tuple[FactorScores, IntArray]


def topics(n: int, seed: int = 7, m: int | None = None) -> Instance:
    """Scores and capacities of n interns and n / 4 mentors; 8 % more places than interns, 1 to 6 per mentor."""
    rng = np.random.default_rng(seed + n)
    m = m or max(1, n // 4)
    centres = _unit(rng.standard_normal((TOPICS, 24)))
    demand = 1 / np.arange(1, TOPICS + 1) ** 0.9
    demand /= demand.sum()
    supply = 0.6 * demand + 0.4 * demand[rng.permutation(TOPICS)]
    interns = np.hstack([_people(rng, n, demand, centres), np.full((n, 1), 0.3)])
    popularity = 0.25 * rng.standard_normal((m, 1))
    mentors = np.hstack([_people(rng, m, supply, centres), popularity])
    source = FactorScores(_whole(interns), _whole(mentors))
    capacity = rng.choice(np.arange(1, 7), m, p=np.arange(1, 7) / 21).astype(np.int64)
    while capacity.sum() <= n:
        capacity[rng.integers(m)] += 1
    return source, capacity


def few_topics(n: int) -> Instance:
    """Three topics: most mentors of a topic are as good as any other, and prices hang together over whole topics."""
    rng = np.random.default_rng(n)
    source, capacity = topics(n)
    centres = _unit(rng.standard_normal((3, FEATURES)))
    interns, mentors = (
        _whole(centres[rng.integers(3, size=size)] + 0.002 * rng.standard_normal((size, FEATURES)))
        for size in source.shape
    )
    return FactorScores(interns, mentors), capacity


def noise(n: int) -> Instance:
    """Nobody has anything in common: no mentor is good for many."""
    rng = np.random.default_rng(n)
    source, capacity = topics(n)
    interns, mentors = (_whole(rng.standard_normal((size, FEATURES))) for size in source.shape)
    return FactorScores(interns, mentors), capacity


def ties(n: int) -> Instance:
    """Scores of ten values at the most."""
    source, capacity = topics(n)
    return replace(source, step=HIGHEST_SCORE // 10), capacity


def exactly_enough(n: int) -> Instance:
    """As many places as interns."""
    source, capacity = topics(n)
    return source, _places(capacity, n)


def too_few(n: int) -> Instance:
    """13 % fewer places than interns."""
    source, capacity = topics(n)
    return source, _places(capacity, n * 87 // 100)


def one_to_one(n: int) -> Instance:
    """As many mentors as interns, one place each."""
    source, _ = topics(n, m=n)
    return source, np.ones(n, np.int64)


def one_favourite(n: int) -> Instance:
    """Everybody would rather have the first mentor than any other."""
    source, capacity = topics(n)
    mentors = source.mentors.copy()
    mentors[0, :-1], mentors[0, -1] = 0, 450_000 // source.interns[:, -1].max()
    return FactorScores(source.interns, mentors), capacity


def one_for_all(n: int) -> Instance:
    """The first mentor takes everybody, the others take one each."""
    source, capacity = topics(n)
    return source, np.where(np.arange(capacity.size) == 0, n, 1)


def houses(n: int) -> Instance:
    """Permitted only within one of seven houses, which is too narrow for some; one intern in fifty may have nobody."""
    source, capacity = topics(n)
    return replace(source, houses=7, lonely=n // 50), capacity


HARD: dict[str, Callable[[int], Instance]] = {
    "few topics": few_topics,
    "noise only": noise,
    "massive ties": ties,
    "places exactly enough": exactly_enough,
    "13 % too few places": too_few,
    "one to one": one_to_one,
    "everybody wants one mentor": one_favourite,
    "one mentor for all": one_for_all,
    "nobody allowed for some": houses,
}
"""Variants that break matchers."""


def _places(capacity: IntArray, total: int) -> IntArray:
    """So many places in all, taken away or added from the first mentor on, one each."""
    capacity = capacity.copy()
    while (left := total - int(capacity.sum())) != 0:
        some = np.flatnonzero((capacity > 1) | (left > 0))[: abs(left)]
        capacity[some] += np.sign(left)
    return capacity


def _people(
    rng: np.random.Generator, count: int, share: NDArray[np.float64], centres: NDArray[np.float64]
) -> NDArray[np.float64]:
    """A mixture of two topics each, and noise of one's own."""
    weight = rng.beta(2, 2, count)[:, None] * 0.5 + 0.5
    first, second = (centres[rng.choice(TOPICS, count, p=share)] for _ in range(2))
    mixture = weight * first + (1 - weight) * second + 0.15 * rng.standard_normal((count, centres.shape[1]))
    noise = _unit(rng.standard_normal((count, FEATURES - centres.shape[1] - 1)))
    return np.hstack([_unit(mixture), 0.55 * noise])


def _unit(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def _whole(rows: NDArray[np.float64]) -> NDArray[np.float32]:
    return np.rint(_unit(rows) * SCALE).astype(np.float32)
