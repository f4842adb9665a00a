"""Parity of groups: figures against SciPy and published examples, and silence about small groups."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from mentormatch.core.errors import InvalidInput
from mentormatch.matching.parity import Interval, parity_of


def people(**groups):
    """Values and fits of interns, numbered, from the fits of each group."""
    every = [(value, fit) for value, fits in groups.items() for fit in fits]
    values = {number: value for number, (value, _) in enumerate(every)}
    return values, {number: fit for number, (_, fit) in enumerate(every)}


LAW = [70.0, 80.0, 75.0, 90.0, 60.0, None]
ARTS = [55.0, 65.0, 58.0, 71.0, 44.0, 62.0, None, None]


def test_groups_have_their_numbers_and_intervals():
    found = parity_of("faculty", *people(law=LAW, arts=ARTS))
    assert list(found.groups) == ["arts", "law"]
    law = found.groups["law"]
    assert (law.n, law.matched, law.share, law.lowest_fit, law.mean_fit) == (6, 5, 5 / 6, 60.0, 75.0)
    wilson = stats.binomtest(5, 6).proportion_ci(0.95, method="wilson")
    assert (law.share_interval.low, law.share_interval.high) == pytest.approx((wilson.low, wilson.high))
    student = stats.ttest_1samp([fit for fit in LAW if fit], 0).confidence_interval(0.95)
    assert (law.mean_interval.low, law.mean_interval.high) == pytest.approx((student.low, student.high))
    assert (found.hidden, found.rest, found.confidence) == ((), None, 0.95)


def test_the_difference_of_two_groups():
    (found,) = parity_of("faculty", *people(law=LAW, arts=ARTS)).differences
    assert (found.first, found.second) == ("arts", "law")
    assert found.share == pytest.approx(6 / 8 - 5 / 6)
    welch = stats.ttest_ind([f for f in ARTS if f], [f for f in LAW if f], equal_var=False).confidence_interval(0.95)
    assert (found.mean_interval.low, found.mean_interval.high) == pytest.approx((welch.low, welch.high))
    assert not found.mean_interval.contains_zero


def test_shares_differ_as_in_the_published_example():
    """Newcombe 1998, Statistics in Medicine 17: 873-890, table II, (a) 56/70 - 48/80, method 10."""
    one, other = [1.0] * 56 + [None] * 14, [1.0] * 48 + [None] * 32
    (found,) = parity_of("group", *people(b=other, a=one)).differences
    assert (found.first, found.share) == ("b", pytest.approx(-0.2))
    assert (found.share_interval.low, found.share_interval.high) == pytest.approx((-0.3339, -0.0524), abs=5e-5)


def test_intervals_of_several_pairs_hold_together():
    groups = {name: [50.0 + k + i for i in range(8)] + [None] for k, name in enumerate("abcd")}
    found = parity_of("faculty", *people(**groups))
    assert [(d.first, d.second) for d in found.differences] == [
        ("a", "b"), ("a", "c"), ("a", "d"), ("b", "c"), ("b", "d"), ("c", "d")
    ]  # fmt: skip
    welch = stats.ttest_ind(groups["a"][:8], groups["b"][:8], equal_var=False).confidence_interval(1 - 0.05 / 6)
    assert found.differences[0].mean_interval.low == pytest.approx(welch.low)


def test_small_groups_are_hidden_and_told_of_together():
    few, fewer = [80.0] * 3, [40.0, 50.0]
    found = parity_of("language", *people(ja=[70.0] * 9, en=few, ko=fewer))
    assert (list(found.groups), found.hidden) == (["ja"], ("en", "ko"))
    assert (found.rest.n, found.rest.mean_fit, found.differences) == (5, 66.0, ())


def test_one_small_group_takes_the_next_one_with_it():
    """Otherwise whoever knows the totals could subtract the others."""
    found = parity_of("language", *people(ja=[70.0] * 9, en=[80.0] * 6, ko=[40.0]))
    assert (list(found.groups), found.hidden, found.rest.n) == (["ja"], ("en", "ko"), 7)


def test_nothing_at_all_is_told_of_few_people():
    found = parity_of("language", *people(ja=[70.0] * 2, en=[80.0] * 2))
    assert (dict(found.groups), found.hidden, found.rest, found.differences) == ({}, ("en", "ja"), None, ())


def test_the_fits_of_few_matched_people_are_not_told():
    (group,) = parity_of("language", *people(ja=[70.0, 71.0, 72.0, None, None, None])).groups.values()
    assert (group.n, group.matched, group.share) == (6, 3, 0.5)
    assert (group.mean_fit, group.mean_interval, group.lowest_fit) == (None, None, None)


def test_the_same_fit_for_all_has_no_interval():
    found = parity_of("language", *people(ja=[70.0] * 6, en=[70.0] * 6))
    assert found.groups["ja"].mean_interval is None
    assert (found.differences[0].mean_fit, found.differences[0].mean_interval) == (0.0, None)


def test_who_has_not_answered_is_a_group_too():
    fits = {f"i{number}": 50.0 + number for number in range(12)}
    found = parity_of("gender", {f"i{number}": "f" for number in range(6)} | {"i6": None}, fits)
    assert [(value, group.n) for value, group in found.groups.items()] == [("f", 6), (None, 6)]


@given(st.dictionaries(st.integers(0, 60), st.sampled_from("abcdef"), min_size=1), st.integers(2, 8), st.randoms())
def test_no_figure_speaks_of_fewer_than_the_minimum(values, minimum, random):
    fits = {key: random.choice([None, 10.0, 20.0, 35.0]) for key in values}
    found = parity_of("x", values, fits, minimum=minimum)
    told = list(found.groups.values()) + ([found.rest] if found.rest else [])
    assert all(group.n >= minimum for group in told)
    assert all(group.mean_fit is None for group in told if group.matched < minimum)
    left = len(values) - sum(group.n for group in found.groups.values())
    assert left == 0 or left >= minimum or not found.groups
    for group in told:
        assert 0 <= group.share_interval.low <= group.share <= group.share_interval.high <= 1
    again = dict(random.sample(sorted(fits.items()), len(fits)))
    assert parity_of("x", values, again, minimum=minimum).differences == found.differences


@pytest.mark.parametrize("matched", [0, 5])
def test_none_and_all_are_edges_of_their_intervals(matched):
    (group,) = parity_of("x", *people(a=[1.0] * matched + [None] * (5 - matched))).groups.values()
    assert (group.share_interval.low == 0, group.share_interval.high == 1) == (matched == 0, matched == 5)
    assert isinstance(group.share_interval, Interval)


@pytest.mark.parametrize(
    ("words", "values", "fits", "options"),
    [
        ("at least 2 people", {}, {}, {"minimum": 1}),
        ("between 0 and 1", {}, {}, {"confidence": 95}),
        (r"Parity by x: .* others: 'z'", {"z": 1}, {"a": 1.0}, {}),
        (r"found none for 'a'", {"a": 1}, {"a": np.nan}, {}),
    ],
)
def test_what_cannot_be_used_is_refused(words, values, fits, options):
    with pytest.raises(InvalidInput, match=words):
        parity_of("x", values, fits, **options)
