"""Criteria and rules as plain data."""

from __future__ import annotations

import json
import math

import pytest

from mentormatch.core.errors import InvalidInput
from mentormatch.core.fields import BY_KEY
from mentormatch.matching.criteria import CRITERION_KINDS, DEFAULT_CRITERIA, DEFAULT_RULES, RULE_KINDS, Criterion, Rule
from mentormatch.matching.explanation import PERSONAL_KINDS
from mentormatch.matching.scores import COMPARISONS, comparison_of


def test_defaults_survive_json():
    criteria = [Criterion.from_json(json.loads(json.dumps(one.to_json()))) for one in DEFAULT_CRITERIA]
    rules = [Rule.from_json(json.loads(json.dumps(one.to_json()))) for one in DEFAULT_RULES]
    assert (tuple(criteria), tuple(rules)) == (DEFAULT_CRITERIA, DEFAULT_RULES)


def test_defaults_read_known_fields_and_nothing_about_who_somebody_is():
    fields = {name for one in DEFAULT_CRITERIA for name in one.intern_fields + one.host_fields}
    assert fields <= BY_KEY.keys()
    assert not fields & {name for kind in PERSONAL_KINDS.values() for name in kind}
    assert sum(one.weight for one in DEFAULT_CRITERIA) == 100


def test_every_kind_has_a_comparison_that_takes_its_options():
    assert COMPARISONS.keys() == CRITERION_KINDS.keys()
    for kind, spec in CRITERION_KINDS.items():
        params = {name: option.default for name, option in spec.parameters.items()}
        made = comparison_of(Criterion("one", kind, ("a",), ("b",), 1, params=params))
        assert {name: getattr(made, name) for name in params} == params
        assert comparison_of(Criterion("one", kind, ("a",), ("b",), 1)).get_params() == made.get_params()


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"key": " "}, "a key"),
        ({"kind": "magic"}, "'magic'"),
        ({"intern_fields": []}, "[]"),
        ({"host_fields": [3]}, "[3]"),
        ({"weight": -1}, "-1"),
        ({"weight": math.nan}, "nan"),
        ({"weight": True}, "True"),
        ({"weight": "heavy"}, "'heavy'"),
        ({"params": {"depth": 3}}, "'depth'"),
        ({"params": {"fading": 1.5}}, "from 0 to 1, found 1.5"),
        ({"kind": "hours", "params": {"enough": 0}}, "1 or more, found 0"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_bad_criteria_are_refused_by_name(change, named):
    good = Criterion("goals", "text", ("goals",), ("career",), 10).to_json()
    with pytest.raises(InvalidInput) as caught:
        Criterion.from_json({**good, **change})
    assert named in str(caught.value)


@pytest.mark.parametrize("data", [None, [], {"key": "x"}, {"key": "x", "kind": "unknown"}])
def test_bad_rules_are_refused(data):
    with pytest.raises(InvalidInput):
        Rule.from_json(data)


def test_options_of_a_rule_have_defaults():
    assert Rule("hours", "shared_hours").option("minutes") == RULE_KINDS["shared_hours"].parameters["minutes"].default
    assert Rule("hours", "shared_hours", {"minutes": 90}).option("minutes") == 90


def test_one_field_may_be_given_as_a_text():
    assert Criterion("x", "tags", "industries", "offers", 1).intern_fields == ("industries",)


def test_specs_are_values():
    one, other = (Criterion("x", "text", ("a",), ("b",), 1, params={"fading": 0.5}) for _ in range(2))
    assert one == other
    assert {one} == {other}
    assert one.with_weight(0).applies_to("mentor") is False
