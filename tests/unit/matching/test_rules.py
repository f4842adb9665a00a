"""Hard rules as masks and as verdicts."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mentormatch.core.errors import InvalidInput
from mentormatch.matching.criteria import DEFAULT_RULES, Rule
from mentormatch.matching.rules import PairMask, Verdict, company_name, fitted_rule
from tests.unit.matching.people import AOI, EMMA, KEN, LIAM, tables

ALL = slice(None)
INTERNS, HOSTS = [AOI, LIAM], [KEN, EMMA]


def mask(rule, interns=INTERNS, hosts=HOSTS):
    return fitted_rule(rule, interns, hosts).allowed(ALL, ALL).tolist()


def check(rule, row, column, interns=INTERNS, hosts=HOSTS):
    found = fitted_rule(rule, interns, hosts).check(row, column)
    return found.verdict, found.detail


def test_a_language_both_speak_well_enough():
    rule = Rule("talk", "shared_language", {"min_level": 4})
    assert mask(rule) == [[True, True], [False, False]]
    assert check(rule, 0, 0) == (Verdict.MET, {"languages": (("ja", 4, 4), ("en", 2, 3)), "needed": 4})
    assert check(rule, 1, 1) == (Verdict.BROKEN, {"languages": (("en", 4, 3),), "needed": 4})


def test_hours_both_have():
    rule = Rule("meet", "shared_hours", {"minutes": 90})
    assert mask(rule) == [[False, True], [False, False]]
    assert check(rule, 0, 0) == (Verdict.BROKEN, {"minutes": 60, "needed": 90})


def test_not_the_own_supervisor():
    rule = Rule("boss", "not_supervisor")
    assert mask(rule) == [[True, False], [True, True]]
    assert check(rule, 0, 1) == (Verdict.BROKEN, {"value": "boss@tsubame.example"})
    assert check(rule, 0, 0) == (Verdict.MET, {"value": None})
    assert check(rule, 1, 0) == (Verdict.UNKNOWN, {"value": None})
    assert mask(rule, [{"id": 1, "supervisor": "ＢＯＳＳ＠Tsubame.example "}]) == [[True, False]]
    assert mask(rule, [{"id": 1, "supervisor": ["x@y.example", "boss@tsubame.example"]}]) == [[True, False]]


def test_not_the_same_company():
    assert mask(Rule("firm", "not_same_company")) == [[True, False], [True, True]]


@pytest.mark.parametrize(
    "name", ["株式会社つばめ運輸", "つばめ運輸（株）", "㈱つばめ運輸", "つばめ運輸", "つばめ 運輸 株式会社"]
)
def test_japanese_company_forms(name):
    assert company_name(name) == "つばめ運輸"


@pytest.mark.parametrize("name", ["Minato Data, Inc.", "MINATO DATA Co., Ltd.", "Minato-Data K.K.", "minato data"])
def test_english_company_forms(name):
    assert company_name(name) == "minatodata"


def test_a_name_that_is_only_a_form_stays():
    assert company_name("Inc.") == "inc"


def test_nobody_is_their_own_host():
    interns = [{"id": 5, "person": 70}, {"id": 6}]
    hosts = [{"id": 9, "person": 70}, {"id": 6}]
    assert mask(Rule("self", "not_same_person"), interns, hosts) == [[False, True], [True, False]]


def test_never_these_two_whichever_is_the_intern():
    interns = [{"id": 5, "person": 70}, {"id": 6}]
    hosts = [{"id": 9, "person": 80}, {"id": 7}]
    rule = Rule("apart", "never_pairs", {"pairs": [[80, 70], [6, 7], [1, 2]]})
    assert mask(rule, interns, hosts) == [[False, True], [True, False]]
    assert check(rule, 0, 0, interns, hosts) == (Verdict.BROKEN, {})
    assert check(rule, 1, 0, interns, hosts) == (Verdict.MET, {})


def test_pairs_must_be_pairs():
    with pytest.raises(InvalidInput, match="apart"):
        mask(Rule("apart", "never_pairs", {"pairs": [[1, 2, 3]]}))


def test_a_missing_answer_breaks_nothing():
    blank = [{"id": 1}]
    for rule in (*DEFAULT_RULES[:3], Rule("firm", "not_same_company")):
        assert mask(rule, blank, [*HOSTS, {"id": 99}]) == [[True, True, True]]
        assert check(rule, 0, 0, blank)[0] is Verdict.UNKNOWN


def test_pair_mask():
    allowed = PairMask({(0, 2), (3, 1)}, (4, 3)).allowed
    assert np.argwhere(~allowed(ALL, ALL)).tolist() == [[0, 2], [3, 1]]
    assert allowed(np.array([3, 0]), slice(1, 3)).tolist() == [[False, True], [True, False]]


RULES = [
    Rule("talk", "shared_language", {"min_level": 3}),
    Rule("meet", "shared_hours", {"minutes": 60}),
    Rule("self", "not_same_person"),
    Rule("apart", "never_pairs", {"pairs": [[0, 1], [2, 2]]}),
    Rule("boss", "not_supervisor", {"intern_field": "year", "host_field": "year"}),
]


@settings(deadline=None)
@given(rule=st.sampled_from(RULES), interns=tables(), hosts=tables())
def test_masks_are_the_verdicts(rule, interns, hosts):
    fitted = fitted_rule(rule, interns, hosts)
    allowed = fitted.allowed(ALL, ALL)
    assert allowed.shape == (len(interns), len(hosts))
    verdicts = [[fitted.check(row, column).verdict for column in range(len(hosts))] for row in range(len(interns))]
    assert allowed.tolist() == [[verdict is not Verdict.BROKEN for verdict in row] for row in verdicts]
    assert fitted.allowed(slice(1, 3), slice(0, 2)).tolist() == allowed[1:3, 0:2].tolist()
