"""Wishes, what matters most, and who asked not to be paired."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import clone

from mentormatch.core.errors import InvalidInput
from mentormatch.matching.comparisons.comparison import FULL
from mentormatch.matching.comparisons.priority import Priority
from mentormatch.matching.comparisons.tags import SharedTags
from mentormatch.matching.comparisons.wishes import CHOICES, Wishes, worth
from mentormatch.matching.criteria import DEFAULT_CRITERIA, DEFAULT_RULES, WISH_CRITERIA, Criterion, Rule
from mentormatch.matching.explanation import best_reasons, parts_of_pair
from mentormatch.matching.match_problem import MatchProblem
from mentormatch.matching.matcher import Matcher
from mentormatch.matching.rules import Verdict, fitted_rule
from mentormatch.matching.scores import CriteriaScores

ALL = slice(None)
FIELD = Criterion("field", "tags", ("industries",), ("industries",), 25)
ASKED = Rule("asked_not_to", "asked_not_to")
ranks = st.none() | st.integers(1, CHOICES)


@st.composite
def stated(draw, mine, theirs):
    """A wish of some of `mine` about some of `theirs`, and of somebody who is not there."""
    wishes = draw(st.dictionaries(st.sampled_from([*theirs, 99]), ranks, max_size=5))
    return [[other, rank] for other, rank in wishes.items()]


@st.composite
def sides(draw):
    interns, hosts = list(range(1, draw(st.integers(1, 5)) + 1)), list(range(11, draw(st.integers(1, 4)) + 11))
    rows = [{"id": one, "wishes": draw(stated(interns, hosts))} for one in interns]
    return rows, [{"id": one, "wishes": draw(stated(hosts, interns))} for one in hosts]


def value_of(row, other):
    found = dict(map(tuple, row["wishes"]))
    return worth(found[other]) if other in found else 0


def test_a_better_wish_is_worth_more_and_any_wish_more_than_none():
    worths = [worth(rank) for rank in range(1, CHOICES + 1)]
    assert worths == [1000, 850, 700, 550, 400]
    assert 0 < worth(None) < worths[-1]
    assert all(value % 50 == 0 for value in [*worths, worth(None)])


@settings(deadline=None)
@given(tables=sides(), data=st.data())
def test_closeness_is_the_mean_of_both_sides_in_any_block_and_order(tables, data):
    mine, theirs = tables
    fitted = Wishes(("wishes",), ("wishes",)).fit(mine, theirs)
    table = fitted.closeness(ALL, ALL)
    assert table.dtype == np.int32
    for row, left in enumerate(mine):
        for column, right in enumerate(theirs):
            assert 2 * table[row, column] == value_of(left, right["id"]) + value_of(right, left["id"])
            assert (fitted.shared(row, column).numbers is not None) == bool(table[row, column])
    rows = np.array(data.draw(st.lists(st.integers(0, len(mine) - 1))), np.int64)
    columns = np.array(data.draw(st.lists(st.integers(0, len(theirs) - 1))), np.int64)
    assert fitted.closeness(rows, columns).tolist() == table[rows][:, columns].tolist()
    turned = clone(fitted).fit(mine[::-1], theirs[::-1]).closeness(ALL, ALL)
    assert turned[::-1, ::-1].tolist() == table.tolist()


@settings(deadline=None)
@given(tables=sides(), data=st.data())
def test_a_better_rank_never_lowers_and_touches_nobody_else(tables, data):
    mine, theirs = tables
    before = Wishes(("wishes",), ("wishes",)).fit(mine, theirs).closeness(ALL, ALL)
    row, column = data.draw(st.integers(0, len(mine) - 1)), data.draw(st.integers(0, len(theirs) - 1))
    wished = {**dict(map(tuple, mine[row]["wishes"])), theirs[column]["id"]: 1}
    changed = [*mine[:row], {**mine[row], "wishes": [list(item) for item in wished.items()]}, *mine[row + 1 :]]
    after = Wishes(("wishes",), ("wishes",)).fit(changed, theirs).closeness(ALL, ALL)
    assert after[row, column] >= max(before[row, column], FULL // 2)
    after[row, column] = before[row, column]
    assert after.tolist() == before.tolist()


@pytest.mark.parametrize("wish", [7, [11, 0], [11, 6], [11, "first"], [[11], 1], "Ken"])
def test_wishes_that_cannot_be_read_name_the_person(wish):
    with pytest.raises(InvalidInput) as caught:
        Wishes(("wishes",), ("wishes",)).fit([{"id": 5, "wishes": [wish]}], [{"id": 11}])
    assert str(caught.value).startswith("5, field wishes")


def twins(**changes):
    """Return a problem in which every host fits every intern equally well."""
    interns = [{"id": one, "industries": ["AI"], **changes.get(f"i{one}", {})} for one in (1, 2)]
    hosts = [{"id": one, "industries": ["AI"], **changes.get(f"h{one}", {})} for one in (11, 12)]
    return MatchProblem.of(interns, hosts, criteria=[FIELD, *WISH_CRITERIA], rules=[ASKED])


def matched(problem):
    return {(pair.intern, pair.host) for pair in Matcher.solve(problem).pairs_}


@pytest.mark.parametrize("wish", [{"i2": {"wishes": [[11, 1]]}}, {"h11": {"wishes": [[2, 5]]}}])
def test_a_wish_of_either_side_decides_a_tie(wish):
    assert (2, 11) in matched(twins(**wish))
    assert (1, 11) in matched(twins(i1=wish.get("i2", {}), h11={"wishes": [[1, 5]]} if "h11" in wish else {}))


def test_first_choices_of_both_go_before_one_first_choice():
    wishes = {"i1": {"wishes": [[11, 1]]}, "i2": {"wishes": [[11, 1]]}, "h11": {"wishes": [[2, None]]}}
    assert (2, 11) in matched(twins(**wishes))


def test_a_wish_does_not_make_up_for_somebody_who_does_not_fit():
    """The intern's first choice shares nothing with her; the other one everything."""
    interns = [{"id": 1, "industries": ["AI"], "wishes": [[11, 1]]}]
    hosts = [{"id": 11, "industries": ["law"]}, {"id": 12, "industries": ["AI"]}]
    assert matched(MatchProblem.of(interns, hosts, criteria=[FIELD, *WISH_CRITERIA], rules=[])) == {(1, 12)}


def test_who_asked_not_to_is_never_given_whichever_side_asked():
    for asked in ({"i1": {"avoid": [11]}}, {"h11": {"avoid": [1]}}, {"i1": {"avoid": [11], "wishes": [[11, 1]]}}):
        assert matched(twins(**asked)) == {(1, 12), (2, 11)}
    nobody = Matcher.solve(twins(i1={"avoid": [11, 12]}))
    assert {(pair.intern) for pair in nobody.pairs_} == {2}
    assert [(rule.rule, rule.hosts) for rule in nobody.unmatched_[0].removed] == [("asked_not_to", 2)]


def test_the_verdict_says_who_asked():
    interns, hosts = [{"id": 1, "avoid": [11, 404]}, {"id": 2}], [{"id": 11, "avoid": [1, 2]}, {"id": 12}]
    rule = fitted_rule(ASKED, interns, hosts)
    told = {(row, column): rule.check(row, column) for row in (0, 1) for column in (0, 1)}
    assert told[0, 0].detail == {"by": ["intern", "host"]}
    assert told[1, 0].detail == {"by": ["host"]}
    assert {pair for pair, check in told.items() if check.verdict is Verdict.BROKEN} == {(0, 0), (1, 0)}


@settings(deadline=None, max_examples=30)
@given(tables=sides(), data=st.data())
def test_no_matching_breaks_an_avoid(tables, data):
    mine, theirs = tables
    for side, other in ((mine, theirs), (theirs, mine)):
        for row in side:
            row["avoid"] = data.draw(st.lists(st.sampled_from([one["id"] for one in other]), max_size=3))
    problem = MatchProblem.of(mine, theirs, criteria=[WISH_CRITERIA[0]], rules=[ASKED])
    left, right = ({row["id"]: row["avoid"] for row in side} for side in (mine, theirs))
    assert all(host not in left[intern] and intern not in right[host] for intern, host in matched(problem))


PLACE = Criterion("place", "equality", ("place",), ("place",), 5)


def people(*rows):
    return [{"id": number, "industries": ["AI"], "place": "Kyoto", **row} for number, row in enumerate(rows)]


def scored(mine, theirs):
    return CriteriaScores("mentor", mine, theirs, [FIELD, PLACE, *WISH_CRITERIA])


def test_what_matters_most_counts_once_more():
    mine = people({"priority": "place"}, {"priority": "field"}, {}, {"priority": "gone"})
    theirs = people({"industries": ["law"]}, {"place": "Osaka"}, {"industries": ["law"], "priority": "field"})
    table = scored(mine, theirs).comparisons["priority"].closeness(ALL, ALL)
    assert table[:2].tolist() == [[FULL, 0, FULL // 2], [0, FULL, 0]]
    # Nothing named: the mean by weight, 25 to 5. A host's own priority counts alone where the intern names none.
    assert table[2].tolist() == table[3].tolist() == [167, 833, 0]


def test_naming_nothing_is_neutral():
    """Where nobody names anything, the criterion orders all pairs as the others do."""
    mine, theirs = people({}, {"place": "Nara"}), people({"industries": ["law"]}, {"place": "Nara"}, {})
    scores = scored(mine, theirs)
    others = scores.parts("field", ALL, ALL) + scores.parts("place", ALL, ALL)
    assert (
        np.argsort(others.ravel(), kind="stable").tolist()
        == np.argsort(scores.parts("priority", ALL, ALL).ravel(), kind="stable").tolist()
    )


def test_a_blank_answer_stays_neutral_under_the_priority():
    mine, theirs = people({"priority": "field", "industries": None}), people({}, {"industries": ["law"]})
    fitted = SharedTags(("industries",), ("industries",)).fit(mine, theirs)
    priority = Priority(("priority",), ("priority",)).over({"field": (1, fitted)}).fit(mine, theirs)
    assert priority.closeness(ALL, ALL).tolist() == [[fitted.neutral_] * 2]


def test_participants_are_told_no_wish_and_no_priority():
    mine = [{"id": 1, "wishes": [[11, 1]], "priority": "field", "industries": ["AI"]}]
    theirs = [{"id": 11, "wishes": [[1, 1]], "priority": "field", "industries": ["AI"]}]
    scores = CriteriaScores("mentor", mine, theirs, [FIELD, *WISH_CRITERIA])
    parts = parts_of_pair(scores, 0, 0)
    assert [(part.kind, part.shared.numbers) for part in parts[1:]] == [
        ("wishes", (1, 1)),
        ("priority", ("field", "field")),
    ]
    assert sum(part.shown for part in parts) == 100
    assert [reason.kind for reason in best_reasons(parts)] == ["tags"]


def test_first_choices_of_both_weigh_as_much_as_the_field():
    weights = {one.key: one.weight for one in (*DEFAULT_CRITERIA, *WISH_CRITERIA)}
    assert weights["wishes"] == weights["field"]
    assert weights["priority"] < min(weights["goals"], weights["field"], weights["learning"])
    assert ASKED in DEFAULT_RULES
