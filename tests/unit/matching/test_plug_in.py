"""Comparisons of one's own: what they give, what is refused, how they are stored."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from sklearn.base import clone

from mentormatch.core.errors import InvalidInput
from mentormatch.matching.comparisons import plug_in
from mentormatch.matching.comparisons.comparison import FULL, Words
from mentormatch.matching.comparisons.plug_in import PlugIn
from mentormatch.matching.criteria import CRITERION_KINDS, PLUG_IN, Criterion
from mentormatch.matching.match_problem import MatchProblem
from mentormatch.matching.matcher import Matcher

ALL = slice(None)
INTERNS = [{"id": 1, "x": 0.25}, {"id": 2, "x": None}, {"id": 3, "x": 1.0}]
HOSTS = [{"id": 8, "x": 0.5}, {"id": 9, "x": 0.1}]


def closely(interns, hosts):
    """One minus the distance of the numbers; who has no number would be an error here."""
    return [[1 - abs(one["x"] - other["x"]) for other in hosts] for one in interns]


def criterion(compare=closely, **changes):
    return Criterion(
        **{"key": "near", "kind": PLUG_IN, "intern_fields": "x", "host_fields": "x", "weight": 1} | changes,
        compare=compare,
    )


def fitted(compare=closely, interns=INTERNS, hosts=HOSTS):
    return PlugIn(("x",), ("x",), compare, "near").fit(interns, hosts)


def test_numbers_are_rounded_once_and_blanks_are_neutral_and_never_shown():
    found = fitted()
    table = found.closeness(ALL, ALL)
    assert table[[0, 2]].tolist() == [[750, 850], [500, 100]]
    assert table[1].tolist() == [found.neutral_] * 2
    assert found.missing(1, 0) == ("intern",)
    assert table.dtype == np.int32
    assert found.closeness(np.array([2, 0]), slice(1, 2)).tolist() == [[100], [850]]


@pytest.mark.parametrize("kept", [0, 1 << 20])
def test_blocks_agree_whether_values_are_kept_or_asked_for_again(monkeypatch, kept):
    monkeypatch.setattr(plug_in, "_KEPT_PAIRS", kept)
    calls = []
    found = fitted(lambda interns, hosts: calls.append(1) or closely(interns, hosts))
    before = len(calls)
    assert found.closeness(ALL, ALL)[[0, 2]].tolist() == [[750, 850], [500, 100]]
    assert found.closeness(np.array([2]), np.array([1, 0])).tolist() == [[100, 500]]
    assert (len(calls) == before) == bool(kept)


def test_a_matcher_uses_and_explains_it():
    matcher = Matcher([criterion()], rules=[]).fit([INTERNS[0], INTERNS[2]], HOSTS)
    assert [(pair.intern, pair.host, pair.shown) for pair in matcher.pairs_] == [(1, 9, 85), (3, 8, 50)]
    [part] = matcher.explain(1).parts
    assert (part.criterion, part.kind, part.points, part.closeness) == ("near", PLUG_IN, 8500, 850)
    assert part.shared.intern_words == (Words("x", 0.25),)
    assert [reason.criterion for reason in matcher.reasons(1).reasons] == ["near"]


def test_long_answers_are_shortened_when_they_are_told():
    found = fitted(lambda interns, hosts: np.ones((len(interns), len(hosts))), [{"id": 1, "x": "a" * 500}], HOSTS)
    [words] = found.shared(0, 0).intern_words
    assert (len(words.value), words.value[-1]) == (120, "…")


@pytest.mark.parametrize("value", [True, 1, 1 + 1e-9, np.float32(1)])
def test_whole_numbers_and_a_little_noise_are_fine(value):
    assert (fitted(lambda interns, hosts: [[value] * len(hosts)] * len(interns)).closeness(ALL, ALL)[0] == FULL).all()


@pytest.mark.parametrize(
    ("value", "named"),
    [
        (math.nan, "near: expected numbers from 0 to 1 from its function, found nan for 1 and 8"),
        (math.inf, "found inf for 1 and 8"),
        (-0.5, "found -0.5 for 1 and 8"),
        (70, "found 70.0 for 1 and 8"),
        ("high", "near: expected 2 x 2 numbers, interns x hosts, from its function, found list"),
        (None, "found nan for 1 and 8"),
    ],
)
def test_what_is_no_closeness_is_refused_by_name(value, named):
    with pytest.raises(InvalidInput) as caught:
        fitted(lambda interns, hosts: [[value] * len(hosts)] * len(interns))
    assert named in str(caught.value)


@pytest.mark.parametrize("table", [None, 0.5, [0.5, 0.5], [[0.5]], [[0.5, 0.5]], [[0.5], [0.5, 0.5]]])
def test_the_wrong_shape_is_refused(table):
    with pytest.raises(InvalidInput, match="near: expected 2 x 2 numbers"):
        fitted(lambda *_: table)


def test_numbers_that_change_are_refused():
    drawn = iter(np.random.default_rng(0).random(100))
    with pytest.raises(InvalidInput, match="near: its function gives 1 and 8 another number"):
        fitted(lambda interns, hosts: [[next(drawn) for _ in hosts] for _ in interns])


def test_numbers_that_depend_on_the_company_are_refused():
    with pytest.raises(InvalidInput, match="another number"):
        fitted(lambda interns, hosts: [[place / 4 for _ in hosts] for place, _ in enumerate(interns)])


def test_nobody_to_compare():
    for interns, hosts in (([], []), (INTERNS, []), ([], HOSTS), ([INTERNS[1]], HOSTS)):
        found = fitted(closely, interns, hosts)
        assert found.closeness(ALL, ALL).tolist() == [[FULL // 2] * len(hosts) for _ in interns]


def test_a_stored_criterion_needs_its_function_again():
    stored = json.loads(json.dumps(criterion().to_json()))
    assert stored["compare"] == f"{__name__}.closely"
    assert Criterion.from_json(stored, [len, closely]) == criterion()
    with pytest.raises(InvalidInput, match="near: expected its function among those given"):
        Criterion.from_json(stored)
    problem = MatchProblem.of(INTERNS, HOSTS, criteria=[criterion()], rules=[])
    again = MatchProblem.from_json(problem.to_json(), plug_ins=iter([closely]))
    assert (again, again.digest) == (problem, problem.digest)


@pytest.mark.parametrize(("changes", "compare"), [({}, None), ({}, "closely"), ({"kind": "tags"}, closely)])
def test_a_function_belongs_to_this_kind_and_to_no_other(changes, compare):
    with pytest.raises(InvalidInput, match="near: expected a function to compare with for the kind plug-in"):
        criterion(compare, **changes)


def test_pages_do_not_offer_it():
    assert PLUG_IN not in CRITERION_KINDS


def test_a_callable_object_is_stored_under_its_class_and_cloned():
    class Near:
        def __call__(self, interns, hosts):
            return closely(interns, hosts)

    one = criterion(Near())
    assert one.to_json()["compare"].endswith("Near")
    copied = clone(PlugIn(("x",), ("x",), one.compare, "near")).fit(INTERNS, HOSTS)
    assert copied.closeness(ALL, ALL).tolist() == fitted().closeness(ALL, ALL).tolist()
