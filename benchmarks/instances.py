"""Made-up matching instances: interns and mentors with topics, popular mentors, and integer scores."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mentormatch.matching.solver.blocks import HIGHEST_SCORE, Index, IntArray

TOPICS = 48
FEATURES = 128
SCALE = 700
"""Features are rounded to whole numbers of this scale: every product sum is exact in float32, in any order."""


@dataclass(frozen=True, eq=False)
class FactorScores:
    """Scores as products of features (interns x features, mentors x features), worked out block by block."""

    interns: NDArray[np.float32]
    mentors: NDArray[np.float32]

    @property
    def shape(self) -> tuple[int, int]:
        return len(self.interns), len(self.mentors)

    def scores(self, rows: Index, columns: Index) -> NDArray[np.int32]:
        block = self.interns[rows] @ self.mentors[columns].T
        block += HIGHEST_SCORE // 2
        return block.astype(np.int32)

    def allowed(self, rows: Index, columns: Index) -> NDArray[np.bool_]:
        return np.ones((len(self.interns[rows]), len(self.mentors[columns])), np.bool_)


def topics(n: int, seed: int = 7) -> tuple[FactorScores, IntArray]:
    """Scores and capacities of n interns and n / 4 mentors; 8 % more places than interns, 1 to 6 per mentor."""
    rng = np.random.default_rng(seed + n)
    m = max(1, n // 4)
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
