"""What cannot be used is refused with a text that names the people, fields and rules concerned, in both languages."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from mentormatch.core.errors import InvalidInput
from mentormatch.core.i18n import Speech
from mentormatch.matching.criteria import Criterion, Rule
from mentormatch.matching.match_problem import MatchProblem
from mentormatch.matching.matcher import Matcher

FIELD = Criterion("field", "tags", ("industries",), ("industries",), 1)
AOI, LIAM = {"id": 1, "full_name": "鈴木 葵", "industries": ["AI"]}, {"id": 2, "industries": ["law"]}
KEN, EMMA = {"id": 11, "full_name": "Ken Morita", "industries": ["AI"]}, {"id": 12, "industries": ["law"]}
SETTINGS = {"objective", "mixture", "per_intern", "staying", "host_criteria"}


def fit(interns=(AOI, LIAM), hosts=(KEN, EMMA), criteria=(FIELD,), rules=(), **options):
    settings = {name: options.pop(name) for name in SETTINGS & options.keys()}
    return Matcher(criteria, rules, **settings).fit(interns, hosts, **options)


def cell(kind, value, **params):
    """Compare one cell of 葵 with the same of a host."""
    criterion = Criterion("close", kind, ("x",), ("x",), 1, params=params)
    return fit([{**AOI, "x": value}], [{"id": 11, "x": value}], [criterion])


def with_host(**changes):
    return fit(hosts=[{**KEN, **changes}, EMMA])


def rule(kind, **changes):
    return fit(rules=[Rule("house rule", kind, changes.pop("params", {}), **changes)])


def stored(**changes):
    return MatchProblem.from_json(MatchProblem.of([AOI], [KEN], criteria=[FIELD], rules=[]).to_json() | changes)


INFINITE = [[0, 0, 60], [7, 0, 60]]

REFUSED = {
    # who
    "no id": (lambda: fit([{"full_name": "葵"}]), ["interns #1"]),
    "not a number": (lambda: fit([{"id": math.nan}]), ["interns #1", "None"]),
    "half an id": (lambda: fit([{"id": 1.5}]), ["interns #1", "1.5"]),
    "a list as person": (lambda: fit([{"id": 1, "person": [1]}]), ["interns #1", "[1]"]),
    "twice the same": (lambda: fit([AOI, AOI]), ["interns", "1"]),
    "twice in a frame": (lambda: fit(hosts=pd.DataFrame([KEN, KEN])), ["mentor", "11"]),
    "a frame without ids": (lambda: fit(pd.DataFrame([{"a": 1}])), ["interns #1"]),
    "rows of numbers": (lambda: fit([1, 2]), ["interns #1", "int"]),
    "no table": (lambda: fit(None), ["interns", "NoneType"]),
    "one row": (lambda: fit(AOI), ["interns", "dict"]),
    "no track": (lambda: fit(hosts={}), []),
    "an empty track": (lambda: fit(hosts={"coach": None}), ["coach", "NoneType"]),
    # places
    "a negative capacity": (lambda: with_host(capacity=-1), ["mentor", "Ken Morita (11)", "capacity", "-1"]),
    "half a place": (lambda: with_host(capacity=1.5), ["Ken Morita (11)", "1.5"]),
    "places in words": (lambda: with_host(capacity="three"), ["Ken Morita (11)", "'three'"]),
    "endless places": (lambda: with_host(capacity=math.inf), ["Ken Morita (11)", "inf"]),
    "yes as places": (lambda: with_host(capacity=True), ["Ken Morita (11)", "True"]),
    "minimum above capacity": (lambda: with_host(capacity=1, minimum=2), ["Ken Morita (11)", "2", "1"]),
    "more minimum than interns": (lambda: with_host(capacity=3, minimum=3), ["mentor", "2", "3", "Ken Morita (11)"]),
    "a minimum that rules forbid": (
        lambda: fit(
            [AOI],
            [{**KEN, "minimum": 1}],
            rules=[Rule("apart", "never_pairs", {"pairs": [[1, 11]]})],
        ),
        ["mentor", "Ken Morita (11)"],
    ),
    # cells
    "tags in a mapping": (lambda: cell("tags", {"AI": 1}), ["鈴木 葵 (1)", "x", "{'AI': 1}"]),
    "tags in lists": (lambda: cell("complement", [["AI"]]), ["鈴木 葵 (1)", "[['AI']]"]),
    "a text in a mapping": (lambda: cell("text", {"a": "b"}), ["鈴木 葵 (1)", "x", "{'a': 'b'}"]),
    "a word as number": (lambda: cell("ordinal", "many"), ["鈴木 葵 (1)", "x", "'many'"]),
    "infinity": (lambda: cell("ordinal", math.inf), ["鈴木 葵 (1)", "inf"]),
    "off the scale": (lambda: cell("ordinal", "B4", scale=["B1", "B2"]), ["鈴木 葵 (1)", "B1, B2", "'B4'"]),
    "an eighth day": (lambda: cell("hours", INFINITE), ["鈴木 葵 (1)", "x", "[7, 0, 60]"]),
    "an end before its start": (lambda: cell("hours", [[0, 60, 0]]), ["鈴木 葵 (1)", "[0, 60, 0]"]),
    "hours in words": (lambda: cell("hours", "evenings"), ["鈴木 葵 (1)", "'evenings'"]),
    "a fifth level": (lambda: cell("languages", [["ja", 5]]), ["鈴木 葵 (1)", "['ja', 5]"]),
    "a language without level": (lambda: cell("languages", ["ja"]), ["鈴木 葵 (1)", "'ja'"]),
    # criteria and rules
    "no criteria": (lambda: fit(criteria=[]), ["mentor"]),
    "criteria without weight": (lambda: fit(criteria=[FIELD.with_weight(0)]), ["mentor"]),
    "a weight that is no number": (lambda: FIELD.with_weight(math.nan), ["field", "nan"]),
    "a key twice": (lambda: fit(criteria=[FIELD, FIELD]), ["field"]),
    "a criterion of another track": (
        lambda: fit(criteria=[Criterion("a", "tags", ("industries",), ("industries",), 1, track="coach")]),
        ["a", "mentor", "coach"],
    ),
    "an unknown field": (
        lambda: fit(criteria=[Criterion("a", "tags", ("industry",), ("industries",), 1)]),
        ["a", "industry"],
    ),
    "names for criteria": (lambda: fit(criteria=["field"]), ["criteria", "Criterion", "'field'"]),
    "one criterion": (lambda: fit(criteria=FIELD), ["criteria", "'tags'"]),
    "names for rules": (lambda: fit(rules=["talk"]), ["rules", "Rule", "'talk'"]),
    "a scale of one": (lambda: cell("ordinal", None, scale=["B1"]), ["close", "scale", "['B1']"]),
    "a scale in one word": (lambda: cell("ordinal", None, scale="B1"), ["close", "scale", "'B1'"]),
    "a rule of another track": (
        lambda: rule("not_same_person", track="coach"), ["house rule", "mentor", "coach"],
    ),
    "a field that is a number": (
        lambda: rule("shared_hours", params={"intern_field": 3}), ["house rule", "intern_field", "3"],
    ),
    "a rule on an unknown field": (
        lambda: rule("shared_hours", params={"intern_field": "hours"}), ["house rule", "hours"],
    ),
    "no level": (lambda: rule("shared_language", params={"min_level": None}), ["house rule", "min_level", "None"]),
    "a level too high": (lambda: rule("shared_language", params={"min_level": 5}), ["house rule", "1", "4", "5"]),
    "no minutes": (lambda: rule("shared_hours", params={"minutes": 0}), ["house rule", "minutes", "0"]),
    "three who are never paired": (
        lambda: rule("never_pairs", params={"pairs": [[1, 11, 12]]}), ["house rule", "[[1, 11, 12]]"],
    ),
    "a list who is never paired": (
        lambda: rule("never_pairs", params={"pairs": [[1, [11]]]}), ["house rule", "[[1, [11]]]"],
    ),
    "a negative price": (lambda: rule("shared_hours", price=-5), ["house rule", "-5", "100"]),
    "a price on never": (lambda: rule("never_pairs", price=5), ["house rule", "never_pairs"]),
    "prices beyond all points": (
        lambda: fit(rules=[Rule(f"r{n}", "shared_hours", price=100) for n in range(51)]), ["5000", "5100", "r0"],
    ),
    # pins, bans, shared places
    "pinned and banned": (lambda: fit(pins=[(1, 11)], bans=[(1, 11)]), ["鈴木 葵 (1)", "Ken Morita (11)"]),
    "pinned to two": (lambda: fit(pins=[(1, 11), (1, 12)]), ["mentor", "鈴木 葵 (1)"]),
    "more pins than places": (lambda: fit(pins=[(1, 11), (2, 11)]), ["mentor", "Ken Morita (11)", "2"]),
    "a pin that a rule forbids": (
        lambda: fit(pins=[(1, 11)], rules=[Rule("apart", "never_pairs", {"pairs": [[1, 11]]})]),
        ["鈴木 葵 (1)", "Ken Morita (11)", "apart"],
    ),
    "a pin of a stranger": (lambda: fit(pins=[(9, 11)]), ["mentor", "9", "11"]),
    "a ban of a stranger": (lambda: fit(bans=[(1, 99)]), ["(1, 99)"]),
    "a pin in an unknown track": (lambda: fit(pins=[("coach", 1, 11)]), ["mentor", "'coach'"]),
    "half a pin": (lambda: fit(pins=[(1,)]), ["(1,)"]),
    "pins that are no list": (lambda: fit(pins=5), ["5"]),
    "shared places of a stranger": (lambda: fit(shared_capacity={5: 1}), ["5"]),
    "fewer than no shared places": (lambda: fit(shared_capacity={11: -1}), ["11", "-1"]),
    "shared places in a list": (lambda: fit(shared_capacity=[1]), ["[1]"]),
    "more pins than shared places": (lambda: fit(pins=[(1, 11)], shared_capacity={11: 0}), ["11", "0", "1"]),
    # settings
    "an unknown objective": (lambda: fit(objective="fair"), ["total", "'fair'"]),
    "no host for each": (lambda: fit(per_intern=0), ["mentor", "0"]),
    "hosts of an unknown track": (lambda: fit(per_intern={"coach": 1}), ["mentor", "coach"]),
    "staying for nothing less": (lambda: fit(staying=-1), ["-1"]),
    "a mixture that is no number": (lambda: fit(mixture="half"), ["'half'"]),
    "hosts who prefer nothing": (lambda: fit(objective="stable", host_criteria=[]), ["mentor"]),
    # stored problems
    "no stored problem": (lambda: MatchProblem.from_json([]), ["list"]),
    "another version": (lambda: stored(version=0), ["0"]),
    "stored criteria that are none": (lambda: stored(criteria=3), ["criteria", "3"]),
    "a stored criterion that is none": (lambda: stored(criteria=["a"]), ["'a'"]),
    "stored rules that are none": (lambda: stored(rules=None), ["rules", "None"]),
    "stored pins that are none": (lambda: stored(pins=None), ["None"]),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_it_is_refused_and_says_what_and_who(case):
    make, named = REFUSED[case]
    with pytest.raises(InvalidInput) as caught:
        make()
    error, japanese = caught.value, Speech("ja")
    told = japanese.gettext(error.message, **error.fields)
    assert told != str(error)
    assert any("\u3041" <= letter <= "\u9fff" for letter in japanese.gettext(error.message))
    for name in named:
        assert name in str(error)
        assert name in told


@pytest.mark.parametrize(
    "value", [None, "", " ", "　", [], [None], ["", None], math.nan, pd.NA, pd.NaT, float("nan"), {}]
)
@pytest.mark.parametrize("kind", ["text", "tags", "complement", "ordinal", "hours", "languages", "equality"])
def test_a_blank_is_an_unanswered_question(kind, value):
    [pair] = cell(kind, value).pairs_
    assert pair.points == 5000
    [part] = cell(kind, value).explain(1).parts
    assert part.missing == ("intern", "host")


@pytest.mark.parametrize("value", [None, math.nan, pd.NA, ""])
def test_blank_places_are_the_usual_ones(value):
    matcher = with_host(capacity=value, minimum=value)
    assert [(pair.intern, pair.host) for pair in matcher.pairs_] == [(1, 11), (2, 12)]


def test_a_host_without_places_gets_nobody():
    matcher = with_host(capacity=0)
    assert [pair.host for pair in matcher.pairs_] == [12]
    assert [one.why.value for one in matcher.unmatched_] == ["all_full"]


def test_infinity_in_a_cell_that_is_a_word_can_be_stored():
    problem = cell("tags", math.inf).problem_
    assert MatchProblem.from_json(problem.to_json()).digest == problem.digest


def test_nobody_at_all_is_an_answer():
    assert fit([], []).pairs_ == fit([], [KEN]).pairs_ == []
    assert [one.why.value for one in fit([AOI], []).unmatched_] == ["no_hosts"]
