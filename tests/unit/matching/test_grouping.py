"""Groups: the best of all for a handful of people, every constraint kept for many, complaints that name people."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import clone

from mentormatch.core.errors import InvalidInput
from mentormatch.matching.groups.distance import Difference
from mentormatch.matching.groups.grouper import Grouper

MIXED = (
    Difference("field", "category", 2),
    Difference("year", "number"),
    Difference("skills", "tags"),
    Difference("languages", "languages"),
)


def distances(n, seed, most=100):
    matrix = np.random.default_rng(seed).integers(0, most, (n, n))
    return np.triu(matrix, 1) + np.triu(matrix, 1).T


def people(n, seed=0):
    chance = np.random.default_rng(seed)
    fields = ["law", "art", "法学", "engineering"]
    skills = ["Python", "Excel", "統計", "sales", "design"]
    return [
        {
            "id": f"p{number:04}",
            "field": fields[chance.integers(4)] if chance.random() < 0.95 else None,
            "year": int(chance.integers(1, 5)),
            "skills": [skills[k] for k in chance.permutation(5)[: chance.integers(0, 4)]],
            "languages": [["ja", 4], ["en", int(chance.integers(1, 5))]],
        }
        for number in range(n)
    ]


def worth(matrix, group):
    return sum(matrix[i, j] for i, j in itertools.combinations(range(len(matrix)), 2) if group[i] == group[j])


def keeps(group, groups, bounds, together=(), apart=(), facilitators=(), pins=()):
    sizes = [group.count(number) for number in range(groups)]
    lead = [sum(group[p] == number for p in facilitators) for number in range(groups)]
    return (
        all(bounds[0] <= size <= bounds[1] for size in sizes)
        and all(len({group[p] for p in block}) == 1 for block in together)
        and all(len({group[p] for p in some}) == len(some) for some in apart)
        and (not facilitators or max(lead) - min(lead) <= 1)
        and all(group[p] == g for p, g in dict(pins).items())
    )


def best_of_all(matrix, groups, bounds, *, even, **constraints):
    """(sum of squared sizes, minus worth) of the best grouping, looked for among all; None when there is none."""
    found = [
        (sum(group.count(g) ** 2 for g in range(groups)) if even else 0, -worth(matrix, group))
        for group in itertools.product(range(groups), repeat=len(matrix))
        if keeps(group, groups, bounds, **constraints)
    ]
    return min(found, default=None)


@st.composite
def small_problems(draw):
    n, groups = draw(st.integers(1, 6)), draw(st.integers(1, 3))
    person = st.integers(0, n - 1)
    block = st.lists(person, min_size=1, max_size=3, unique=True)
    low = draw(st.integers(0, 2))
    return {
        "matrix": distances(n, draw(st.integers(0, 1000)), most=draw(st.sampled_from([2, 100]))),
        "groups": groups,
        "bounds": (low, draw(st.integers(max(1, low), 6))),
        "even": draw(st.booleans()),
        "together": draw(st.lists(block, max_size=2)),
        "apart": draw(st.lists(block, max_size=2)),
        "facilitators": draw(st.lists(person, max_size=3, unique=True)),
        "pins": draw(st.dictionaries(person, st.integers(0, groups - 1), max_size=1)),
    }


@given(small_problems())
@settings(max_examples=150, deadline=None)
def test_a_handful_of_people_get_the_best_groups_of_all(problem):
    matrix, groups, bounds, even = (problem.pop(name) for name in ("matrix", "groups", "bounds", "even"))
    best = best_of_all(matrix, groups, bounds, even=even, **problem)
    grouper = Grouper(groups, bounds, even=even)
    if best is None:
        with pytest.raises(InvalidInput):
            grouper.fit(matrix, **problem)
        return
    grouper.fit(matrix, **problem)
    labels = grouper.labels_.tolist()
    assert keeps(labels, groups, bounds, **problem)
    assert grouper.proved_
    assert (sum(size**2 for size in grouper.sizes_) if even else 0, -worth(matrix, labels)) == best
    assert grouper.objective_ == -best[1]


@pytest.mark.parametrize("seed", range(8))
def test_the_search_finds_what_looking_at_all_finds(seed, monkeypatch):
    matrix = distances(12, seed)
    wishes = {"together": [[0, 1]], "apart": [[2, 3, 4]], "facilitators": [5, 6, 7], "pins": {8: 1}}
    proved = Grouper(3).fit(matrix, **wishes)
    monkeypatch.setattr("mentormatch.matching.groups.start.MOST_UNITS", 0)
    searched = Grouper(3, iterations=500).fit(matrix, **wishes)
    assert (proved.proved_, searched.proved_) == (True, False)
    assert (searched.sizes_, searched.objective_) == (proved.sizes_, proved.objective_)


@given(st.integers(0, 10_000), st.booleans())
@settings(max_examples=25, deadline=None)
def test_many_people_keep_every_constraint(seed, even):
    chance = np.random.default_rng(seed)
    n, groups = 40, 7
    order = chance.permutation(n).tolist()
    wishes = {
        "together": [order[:3], order[3:5]],
        "apart": [order[5:11], [order[0], order[11]]],
        "facilitators": order[11:20],
        "pins": {order[20]: 4, order[21]: 0},
    }
    grouper = Grouper(groups, (4, 8), even=even, iterations=30, seed=seed).fit(distances(n, seed), **wishes)
    assert keeps(grouper.labels_.tolist(), groups, (4, 8), **wishes)
    if even:
        assert sorted(grouper.sizes_) == [5, 5, 6, 6, 6, 6, 6]


def test_the_order_of_rows_and_constraints_is_of_no_account():
    rows = people(60)
    first = Grouper(8, fields=MIXED, iterations=200).fit(rows, apart=[["p0001", "p0002"], ["p0003", "p0004"]])
    shuffled = [rows[k] for k in np.random.default_rng(1).permutation(60)]
    again = clone(first).fit(pd.DataFrame(shuffled), apart=[["p0004", "p0003"], ["p0002", "p0001"]])
    assert again.groups_ == first.groups_
    assert again.objective_ == first.objective_
    by_id = dict(zip((row["id"] for row in rows), first.labels_.tolist(), strict=True))
    assert again.labels_.tolist() == [by_id[row["id"]] for row in shuffled]


def test_same_seed_same_groups_and_more_search_is_never_worse():
    matrix = distances(60, 3)
    short, long = (Grouper(6, iterations=count).fit(matrix) for count in (0, 400))
    assert long.objective_ > short.objective_
    assert Grouper(6, iterations=400).fit(matrix).labels_.tolist() == long.labels_.tolist()


def test_stopping_at_any_time_leaves_valid_groups():
    told = []
    grouper = Grouper(5, iterations=1000)
    grouper.fit(distances(50, 0), progress=told.append, should_stop=lambda: len(told) >= 3)
    assert told == [0.01, 0.02, 0.03]
    assert grouper.sizes_ == [10] * 5


def test_groups_that_divide_evenly_are_exactly_alike():
    rows = [{"id": n, "field": "abc"[n % 3], "year": n // 3 % 2} for n in range(36)]
    grouper = Grouper(size=6, fields=[Difference("field", "category"), Difference("year", "number")]).fit(rows)
    assert grouper.sizes_ == [6] * 6
    assert [balance.gap for balance in grouper.balance_] == [0, 0]
    assert grouper.balance_[0].groups == ({"a": 2, "b": 2, "c": 2},) * 6
    assert min(grouper.diversity_) > 1


def test_reports_of_all_kinds():
    grouper = Grouper(4, fields=MIXED, iterations=50).fit(people(24))
    reports = {balance.field: balance for balance in grouper.balance_}
    assert list(reports) == ["field", "year", "skills", "languages"]
    assert reports["languages"].overall["ja"] == 24
    assert sum(counts["ja"] for counts in reports["languages"].groups) == 24
    assert reports["field"].to_json()["answered"] == reports["field"].answered
    assert all(0 <= balance.gap <= 2 for balance in grouper.balance_)


def test_distances_that_are_no_whole_numbers_and_a_frame_of_them():
    matrix = distances(30, 5) / 7
    names = [f"n{number:02}" for number in range(30)]
    frame = pd.DataFrame(matrix, index=names, columns=names)
    grouper = Grouper(5, iterations=50).fit(frame, together=[["n00", "n29"]])
    labels = grouper.labels_.tolist()
    assert labels[0] == labels[29]
    assert grouper.objective_ == pytest.approx(worth(matrix, labels))


def test_as_many_groups_as_the_size_asks_for():
    assert Grouper(size=5, iterations=0).fit(distances(23, 0)).sizes_ == [5, 5, 5, 4, 4]
    assert sorted(Grouper(size=(4, 6), iterations=0).fit(distances(23, 0)).sizes_) == [4, 4, 5, 5, 5]
    sizes = [(2, 2), (10, 12), (8, 12)]
    assert sorted(Grouper(size=sizes, iterations=0).fit(distances(23, 0)).sizes_) == [2, 10, 11]


NOBODY = np.zeros((4, 4))


@pytest.mark.parametrize(
    ("grouper", "people", "wishes", "words"),
    [
        (Grouper(2), NOBODY, {"together": [[0, 1], [1, 2]], "apart": [[2, 0]]}, "0 and 2 must be apart, and together at once: 0 + 1 + 2"),  # noqa: E501  a table
        (Grouper(2, (1, 2)), NOBODY, {"together": [[0, 1, 3]]}, "0 + 1 + 3 must be together: expected at most 2 people in a group, found 3"),  # noqa: E501  a table
        (Grouper(2), NOBODY, {"apart": [[0, 1, 3]]}, "0, 1, 3 must all be apart: expected at least 3 groups"),
        (Grouper(2, (3, 4)), NOBODY, {}, "Sizes: expected 2 groups for 4 people, found room for 6 to 8"),
        (Grouper(5, (1, 2)), NOBODY, {}, "Sizes: expected 5 groups for 4 people, found room for 5 to 10"),
        (Grouper(), NOBODY, {}, "expected a number of groups or a size, found neither"),
        (Grouper(0), NOBODY, {}, "expected a whole number, 1 or more, found 0"),
        (Grouper(2, (3, 1)), NOBODY, {}, "Size of groups: expected a number, (least, most)"),
        (Grouper(2), NOBODY, {"apart": [[0, 9]]}, "Apart: expected people of the table, found unknown 9"),
        (Grouper(2), NOBODY, {"apart": [3]}, "apart: expected lists of ids, found 3"),
        (Grouper(2), NOBODY, {"pins": {0: 2}}, "Pin of 0: expected a group from 0 to 1, found 2"),
        (Grouper(2), NOBODY, {"pins": {0: 0, 1: 1}, "together": [[0, 1]]}, "0 + 1 must be together and are pinned to groups 0 and 1"),  # noqa: E501  a table
        (Grouper(2), NOBODY, {"pins": {0: 0, 1: 0}, "apart": [[0, 1]]}, "0 and 1 must be apart, and are pinned to group 0"),  # noqa: E501  a table
        (Grouper(2, 2), NOBODY, {"pins": {0: 0, 1: 0, 2: 0}}, "Group 0: expected at most 2 people, found 3 pinned: 0, 1, 2"),  # noqa: E501  a table
        (Grouper(2), NOBODY, {"facilitators": [0, 1], "together": [[0, 1]]}, "0 + 1 must be together: expected at most 1 facilitators"),  # noqa: E501  a table
        (Grouper(2, (2, 2)), NOBODY, {"together": [[0, 1]], "apart": [[2, 3]]}, "no grouping exists that keeps all constraints"),  # noqa: E501  a table
        (Grouper(2), np.array([[0, 1], [2, 0]]), {}, "Distance of 0 and 1: expected a number, zero or more, the same both ways, found 1.0 and 2.0"),  # noqa: E501  a table
        (Grouper(2), np.array([[0, np.nan], [np.nan, 0]]), {}, "Distance of 0 and 1"),
        (Grouper(2), np.zeros((4, 3)), {}, "expected a square matrix for 4 people, found shape (4, 3)"),
        (Grouper(2), [{"id": 1}, {"id": 2}], {}, "or a table together with fields to mix by"),
        (Grouper(2, iterations=-1), NOBODY, {}, "iterations: expected a whole number, 0 or more, found -1"),
        (Grouper(2, fields=[Difference("a", "colour")]), [{"id": 1}], {}, "expected one of the kinds number, category"),
        (Grouper(2, fields=[Difference("a", "number", 0)]), [{"id": 1}], {}, "expected a weight above zero, found 0"),
        (Grouper(2, fields=[Difference("a", "number")]), [{"id": 1, "a": "x"}, {"id": 2}], {}, "expected a number, found 'x'"),  # noqa: E501  a table
        (Grouper(2, fields=MIXED), [{"id": 1}, {"id": 1}], {}, "expected each id once, found more than once: 1"),
    ],
)  # fmt: skip
def test_bad_input_is_named(grouper, people, wishes, words):
    with pytest.raises(InvalidInput) as caught:
        grouper.fit(people, **wishes)
    assert words in str(caught.value)


def test_constraints_that_only_a_search_can_refute_or_meet():
    blocks = [[0, 1, 2], [3, 4, 5], [6, 7, 8], [9, 10, 11], [12, 13, 14]]
    with pytest.raises(InvalidInput, match="no grouping exists"):
        Grouper(5, (4, 4)).fit(
            distances(20, 0), together=blocks, apart=[[0, 15, 16], [3, 15], [6, 15], [9, 15], [12, 15]]
        )
    grouper = Grouper(5, (4, 4), iterations=5).fit(distances(20, 0), together=blocks, apart=[[0, 15], [3, 15], [6, 15]])
    assert grouper.labels_[15] in {grouper.labels_[9], grouper.labels_[12]}
