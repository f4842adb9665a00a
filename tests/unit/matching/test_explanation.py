"""Why this pair, why not another, why nobody: as data."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings

from mentormatch.core.errors import InvalidInput
from mentormatch.matching.criteria import DEFAULT_CRITERIA, DEFAULT_RULES, Criterion, Rule
from mentormatch.matching.explanation import PERSONAL_KINDS, kinds_not_used
from mentormatch.matching.matcher import Matcher
from mentormatch.matching.unmatched import OneMorePlace, Removed, Why
from tests.unit.matching.people import AOI, EMMA, KEN, LIAM, host_tables, tables

INTERNS = [AOI, LIAM]
HOSTS = [KEN, EMMA]
FIELD = Criterion("field", "tags", ("industries",), ("industries",), 1)


@pytest.fixture(scope="module")
def matcher():
    return Matcher().fit(INTERNS, HOSTS)


def test_parts_add_up_to_what_is_shown(matcher):
    found = matcher.explain(1)
    assert (found.track, found.intern, found.host) == ("mentor", 1, 11)
    assert sum(part.points for part in found.parts) == found.points == matcher.pairs_[0].points
    assert sum(part.shown for part in found.parts) == found.shown == matcher.pairs_[0].shown
    assert [part.shown_max for part in found.parts] == [30, 25, 20, 5, 10, 10]
    assert sum(part.max_points for part in found.parts) == 10_000
    assert {part.criterion: part.points for part in found.parts} == matcher.pairs_[0].parts


def test_shared_things_and_own_words(matcher):
    parts = {part.criterion: part for part in matcher.explain(1).parts}
    assert parts["field"].shared.tags == (("データ分析", "Data analytics"), ("交通", "Transport"))
    assert parts["learning"].shared.tags == (("Python", "Python"), ("プレゼン", "Presentations"))
    assert parts["interests"].shared.tags == (("登山", "hiking"),)
    assert (parts["schedule"].shared.windows, parts["schedule"].shared.minutes) == (((4, 1140, 1200),), 60)
    assert parts["language"].shared.languages == (("ja", 4, 4), ("en", 2, 3))
    assert parts["goals"].shared.terms == ("交通",)


def test_rules_are_checked_one_by_one(matcher):
    checks = {check.rule: (check.verdict.value, check.detail) for check in matcher.explain(1).rules}
    assert checks == {
        "shared_language": ("met", {"languages": (("ja", 4, 4), ("en", 2, 3)), "needed": 2}),
        "shared_hours": ("met", {"minutes": 60, "needed": 30}),
        "not_supervisor": ("met", {"value": None}),
        "not_same_person": ("met", {"value": None}),
        "asked_not_to": ("met", {"by": []}),
    }


def test_any_other_pair_can_be_asked_about(matcher):
    found = matcher.explain(1, host=12)
    assert (found.allowed, found.assigned, found.pinned, found.banned) == (False, False, False, False)
    assert [check.rule for check in found.rules if check.verdict.value == "broken"] == ["not_supervisor"]
    with pytest.raises(InvalidInput, match="found 99"):
        matcher.explain(1, host=99)
    with pytest.raises(InvalidInput, match="found 'x'"):
        matcher.explain("x")
    with pytest.raises(InvalidInput, match="found 'friend'"):
        matcher.explain(1, track="friend")


def test_missing_answers_are_told(matcher):
    part = next(part for part in matcher.explain(2).parts if part.criterion == "interests")
    assert part.missing == ("intern", "host")


def test_it_is_plain_json(matcher):
    data = matcher.explain(1).to_json()
    assert json.loads(json.dumps(data)) == data
    field = next(part for part in data["parts"] if part["criterion"] == "field")
    assert field["shared"] == {
        "tags": [["データ分析", "Data analytics"], ["交通", "Transport"]],
        "intern_words": [{"field": "industries", "value": ["データ分析", "交通"]}],
        "host_words": [{"field": "industries", "value": ["Data analytics", "Transport"]}],
    }
    assert json.loads(json.dumps(matcher.reasons(1).to_json())) == matcher.reasons(1).to_json()


def test_three_reasons_without_points(matcher):
    found = matcher.reasons(1)
    assert [(reason.criterion, reason.strength) for reason in found.reasons] == [
        ("field", 3),
        ("learning", 3),
        ("goals", 2),
    ]
    assert found.not_used == tuple(PERSONAL_KINDS)


def test_reasons_are_answered_on_both_sides():
    matcher = Matcher([FIELD], rules=[]).fit([{"id": 1}], [{"id": 2, "industries": ["AI"]}])
    assert matcher.reasons(1).reasons == ()


def test_what_was_not_used_follows_from_the_criteria():
    assert kinds_not_used(DEFAULT_CRITERIA, DEFAULT_RULES) == tuple(PERSONAL_KINDS)
    criteria = [Criterion("g", "equality", ("gender",), ("gender",), 1), Criterion("a", "ordinal", "age", "age", 0)]
    rules = [Rule("far", "not_same_company", {"intern_field": "faculty", "host_field": "faculty"})]
    assert kinds_not_used(criteria, rules) == ("age", "nationality", "grades", "photo", "name", "place")


def test_runners_up_come_with_margin_and_places():
    hosts = [
        {"id": n, "industries": tags, "capacity": 2} for n, tags in ((5, ["AI"]), (6, ["AI", "農業"]), (7, ["IT"]))
    ]
    matcher = Matcher([FIELD], rules=[]).fit([{"id": 1, "industries": ["AI"]}], hosts)
    first, second = matcher.alternatives(1)
    assert (first.host, first.points, first.shown, first.margin, first.places_left) == (6, 8160, 82, -1840, 2)
    assert (second.host, second.points, second.places_left) == (7, 0, 2)
    assert (first.costs_at_least, first.costs_a_place) == (1840, False)
    assert matcher.explain(1).alternatives == (first, second)
    assert matcher.alternatives(1, k=1) == (first,)


def test_a_host_that_somebody_else_cannot_do_without():
    interns = [{"id": 1, "industries": ["AI"]}, {"id": 2, "industries": ["農業"]}, {"id": 3, "industries": ["農業"]}]
    hosts = [{"id": 5, "industries": ["AI"]}, {"id": 6, "industries": ["AI"]}]
    matcher = Matcher([FIELD], rules=[]).fit(interns, hosts, bans=[(2, 6), (3, 6)])
    [other] = matcher.alternatives(1)
    assert (other.host, other.costs_at_least, other.costs_a_place) == (5, None, True)


@settings(deadline=None, max_examples=40)
@given(interns=tables(4), hosts=host_tables(3))
def test_the_price_of_a_forced_pair_is_a_true_bound(interns, hosts):
    criteria = (FIELD, Criterion("language", "languages", ("languages",), ("languages",), 1))
    matcher = Matcher(criteria, rules=[]).fit(interns, hosts)
    for pair in matcher.pairs_:
        for other in matcher.alternatives(pair.intern):
            if next(host for host in hosts if host["id"] == other.host)["capacity"] == 0:
                continue
            forced = Matcher(criteria, rules=[]).fit(interns, hosts, pins=[(pair.intern, other.host)])
            if other.costs_a_place:
                assert forced.coverage_ < matcher.coverage_
            elif other.costs_at_least is not None and forced.coverage_ == matcher.coverage_:
                assert forced.objective_ <= matcher.objective_ - other.costs_at_least


def test_nobody_left_because_all_are_full():
    interns = [{"id": n, "industries": ["AI"]} for n in (1, 2)]
    hosts = [{"id": 5, "industries": ["AI"]}, {"id": 6, "capacity": 0, "industries": ["IT"]}]
    [one] = Matcher([FIELD], rules=[]).fit(interns, hosts).unmatched_
    assert (one.track, one.why, one.hosts, one.allowed, one.removed) == ("mentor", Why.ALL_FULL, 2, 2, ())
    assert one.one_more_place == (OneMorePlace(5, 10_000, 100, 1), OneMorePlace(6, 0, 0, 0))
    assert json.loads(json.dumps(one.to_json()))["why"] == "all_full"


def test_nobody_allowed_and_which_rule_removes_how_many():
    interns = [{**AOI, "languages": [["pt", 4]]}]
    rules = [Rule("talk", "shared_language"), Rule("boss", "not_supervisor"), Rule("meet", "shared_hours")]
    [one] = Matcher(rules=rules).fit(interns, HOSTS, bans=[(1, 11)]).unmatched_
    assert (one.why, one.hosts, one.allowed, one.one_more_place) == (Why.NO_ALLOWED_HOST, 2, 0, ())
    assert one.removed == (Removed("talk", 2, 0), Removed("banned", 1, 0), Removed("boss", 1, 0))


def test_the_only_host_serves_this_intern_already():
    hosts = {"mentor": [{"id": 7}], "alumnus": [{"id": 7}]}
    [one] = Matcher([FIELD], rules=[]).fit([{"id": 1}], hosts).unmatched_
    assert (one.why, one.removed) == (Why.NO_ALLOWED_HOST, (Removed("serves_elsewhere", 1, 1),))


def test_no_hosts_at_all():
    [one] = Matcher([FIELD], rules=[]).fit([{"id": 1}], []).unmatched_
    assert (one.why, one.hosts) == (Why.NO_HOSTS, 0)


def test_a_place_is_free_but_shared_capacity_is_used_up():
    hosts = {"mentor": [{"id": 7, "capacity": 2}]}
    interns = [{"id": 1}, {"id": 2}]
    [one] = Matcher([FIELD], rules=[]).fit(interns, hosts, shared_capacity={7: 1}).unmatched_
    assert one.why is Why.NEEDED_ELSEWHERE


def test_one_more_place_really_matches():
    interns = [{"id": n, "industries": ["AI"]} for n in (1, 2, 3)]
    hosts = [{"id": 5, "industries": ["AI"]}, {"id": 6, "industries": ["AI", "IT"]}]
    matcher = Matcher([FIELD], rules=[]).fit(interns, hosts)
    [one] = matcher.unmatched_
    best = one.one_more_place[0]
    more = [{**host, "capacity": 1 + (host["id"] == best.host)} for host in hosts]
    again = Matcher([FIELD], rules=[]).fit(interns, more)
    assert again.coverage_ == matcher.coverage_ + 1
    assert again.objective_ >= matcher.objective_ + best.points


def test_who_has_nobody_cannot_be_explained_without_a_name():
    matcher = Matcher([FIELD], rules=[]).fit([{"id": 1}], [{"id": 7, "capacity": 0}])
    with pytest.raises(InvalidInput, match="1 has no host"):
        matcher.explain(1)
    assert matcher.explain(1, host=7).assigned is False
    assert [other.costs_at_least for other in matcher.alternatives(1)] == [None]
