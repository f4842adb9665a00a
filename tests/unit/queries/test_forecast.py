"""Forecasts of sign-ups: the range holds as often as it says, and nothing is said on too little."""

from __future__ import annotations

import random
from math import exp

import pytest

from mentormatch.queries.forecast import CHANCE, Expected, Silence, expected


def _poisson(rng: random.Random, rate: float) -> int:
    count, product = 0, rng.random()
    while product > exp(-rate):
        count, product = count + 1, product * rng.random()
    return count


@pytest.mark.parametrize(("rate", "days", "ahead"), [(1.5, 14, 7), (4, 7, 10), (12, 14, 20)])
def test_the_range_holds_as_often_as_it_says(rate, days, ahead):
    rng = random.Random(5)
    held = tried = 0
    while tried < 1000:
        found = expected([_poisson(rng, rate) for _ in range(days)], ahead)
        if isinstance(found, Expected):
            tried += 1
            held += found.low <= sum(_poisson(rng, rate) for _ in range(ahead)) <= found.high
    assert held / tried >= CHANCE - 0.03
    assert held / tried <= 0.95  # nor is it so wide that it says nothing


def test_days_that_differ_widen_the_range():
    even, uneven = expected([5] * 10, 10), expected([1, 9] * 5, 10)
    assert even.middle == uneven.middle == 50
    assert uneven.high - uneven.low > even.high - even.low
    assert even.low < 50 < even.high


@pytest.mark.parametrize(
    ("daily", "ahead", "why"),
    [
        ([3] * 14, 0, Silence.PAST),
        ([9] * 4, 5, Silence.FEW_DAYS),
        ([0] * 10 + [1] * 4, 5, Silence.FEW),
        ([1, 0, 0, 200, 1, 2], 5, Silence.BURST),
    ],
)
def test_too_little_is_said_to_be_too_little(daily, ahead, why):
    assert expected(daily, ahead) is why


def test_large_numbers_are_no_trouble():
    found = expected([400, 380, 420, 390, 410], 30)
    assert 11_000 < found.low < 12_000 < found.high < 13_000
