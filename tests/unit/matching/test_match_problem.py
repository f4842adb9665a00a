"""The frozen problem: round trip, digest, and complaints that name people and rules."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mentormatch.core.errors import InvalidInput
from mentormatch.matching.criteria import DEFAULT_CRITERIA, DEFAULT_RULES, Criterion, Rule
from mentormatch.matching.match_problem import MatchProblem
from tests.unit.matching.people import AOI, EMMA, KEN, LIAM, host_tables, tables

INTERNS = [AOI, LIAM]
HOSTS = {"mentor": [KEN, EMMA]}


def problem(**change):
    given_ = {"interns": INTERNS, "hosts": HOSTS, **change}
    return MatchProblem.of(given_.pop("interns"), given_.pop("hosts"), **given_)


def complaint(**change):
    with pytest.raises(InvalidInput) as caught:
        problem(**change)
    return str(caught.value)


def test_round_trip_through_json():
    one = problem(pins=[("mentor", 2, 11)], bans=[(1, 11)], shared_capacity={11: 2})
    again = MatchProblem.from_json(json.loads(json.dumps(one.to_json())))
    assert again == one
    assert again.digest == one.digest
    assert (one.pins, one.bans) == ((("mentor", 2, 11),), (("mentor", 1, 11),))


@pytest.mark.parametrize(
    "data", [None, [], {}, {"version": 2}, {"version": 1}, {**MatchProblem.of([], []).to_json(), "objective": "luck"}]
)
def test_other_data_is_refused(data):
    with pytest.raises(InvalidInput):
        MatchProblem.from_json(data)


@settings(deadline=None, max_examples=40)
@given(interns=tables(), mentors=host_tables(), alumni=host_tables(), data=st.data())
def test_the_digest_knows_no_order_but_every_change(interns, mentors, alumni, data):
    one = MatchProblem.of(interns, {"mentor": mentors, "alumnus": alumni})
    turned = MatchProblem.of(
        data.draw(st.permutations(interns)),
        {"alumnus": data.draw(st.permutations(alumni)), "mentor": data.draw(st.permutations(mentors))},
        criteria=data.draw(st.permutations(one.criteria)),
        rules=data.draw(st.permutations(one.rules)),
    )
    assert turned.digest == one.digest
    assert MatchProblem.from_json(json.loads(json.dumps(one.to_json()))) == one
    more = MatchProblem.of([*interns, {"id": "new"}], {"mentor": mentors, "alumnus": alumni}, criteria=one.criteria)
    assert more.digest != one.digest


def test_a_fixed_digest_is_the_same_on_every_machine():
    small = MatchProblem.of([{"id": 1}], [{"id": 2}], criteria=[DEFAULT_CRITERIA[1]], rules=[])
    assert small.digest == MatchProblem.of([{"id": 1.0}], [{"id": 2}], criteria=[DEFAULT_CRITERIA[1]], rules=[]).digest
    assert len(small.digest) == 64


def test_one_table_of_hosts_is_the_track_mentor():
    assert list(problem(hosts=[KEN]).hosts) == ["mentor"]


def test_default_criteria_are_those_whose_fields_occur():
    assert [one.key for one in problem().criteria] == [one.key for one in DEFAULT_CRITERIA]
    assert problem().criteria[0].intern_fields == ("goals",)
    slim = MatchProblem.of([{"id": 1, "industries": []}], [{"id": 2, "industries": []}])
    assert [one.key for one in slim.criteria] == ["field"]
    assert slim.rules == DEFAULT_RULES
    assert "at least one criterion" in complaint(interns=[{"id": 1, "hobby": "x"}])


def test_unknown_fields():
    criteria = [Criterion("goals", "text", ("gaols",), ("career",), 1)]
    text = complaint(criteria=criteria)
    assert "goals" in text
    assert "gaols" in text
    rules = [Rule("firm", "not_same_company", {"intern_field": "frim"})]
    assert "firm: no such field: frim" in complaint(rules=rules)
    assert problem(criteria=[Criterion("place", "equality", ("place",), ("place",), 1)]).criteria[0].key == "place"


def test_doubled_keys_and_unknown_tracks():
    assert "field" in complaint(criteria=[DEFAULT_CRITERIA[1]] * 2)
    assert "talk" in complaint(rules=[Rule("talk", "shared_language")] * 2)
    assert "alumnus" in complaint(rules=[Rule("talk", "shared_language", track="alumnus")])
    assert "at least one criterion" in complaint(criteria=[DEFAULT_CRITERIA[1].with_weight(0)])
    assert "objective" in complaint(objective="luck").lower()
    assert "track" in complaint(hosts={})


@pytest.mark.parametrize("capacity", [-1, 1.5, math.inf, "two", True, [1]])
def test_capacities_must_be_whole_numbers(capacity):
    assert "江間 恵 (12): expected capacity" in complaint(hosts=[KEN, {**EMMA, "capacity": capacity}])


def test_places_nobody_spoke_of():
    one = problem(hosts=[{**KEN, "capacity": None}, {"id": 5}])
    assert [row["id"] for row in one.hosts["mentor"]] == [5, 11]


def test_minimum_loads():
    assert "Ken Morita (11)" in complaint(hosts=[{**KEN, "minimum": 3}])
    text = complaint(hosts=[{**KEN, "minimum": 2}, {**EMMA, "minimum": 1}])
    assert "at most 2 interns" in text
    assert "Ken Morita (11), 江間 恵 (12)" in text


@pytest.mark.parametrize("what", ["pins", "bans"])
def test_pins_and_bans_of_strangers(what):
    assert "nobody has the id 9" in complaint(**{what: [("mentor", 9, 11)]})
    assert "nobody has the id 9" in complaint(**{what: [("mentor", 1, 9)]})
    assert "found 'friend'" in complaint(**{what: [("friend", 1, 11)]})
    assert "(1, 9): expected the host in one track" in complaint(**{what: [(1, 9)]})
    assert "expected (track, intern id, host id)" in complaint(**{what: [(1,)]})


def test_pins_that_contradict():
    names = "鈴木 葵 (1) and Ken Morita (11)"
    assert names in complaint(pins=[(1, 11)], bans=[(1, 11)])
    assert "鈴木 葵 (1) is pinned to 2 hosts; an intern gets 1" in complaint(pins=[(1, 11), (1, 12)])
    assert "江間 恵 (12): expected at most 1 pins, found 2" in complaint(pins=[(1, 12), (2, 12)])
    both = {"mentor": [{**EMMA, "person": 7}], "alumnus": [{**KEN, "person": 7}]}
    assert "in two tracks" in complaint(hosts=both, pins=[("mentor", 1, 12), ("alumnus", 1, 11)])
    assert "Name the track" in complaint(hosts={"mentor": [KEN], "alumnus": [KEN]}, pins=[(1, 11)])
    assert problem(hosts={"mentor": [KEN], "alumnus": [KEN]}, bans=[(1, 11)]).bans == (
        ("alumnus", 1, 11),
        ("mentor", 1, 11),
    )


def test_shared_capacities():
    assert "'x'" in complaint(shared_capacity={11: "x"})
    assert "99" in complaint(shared_capacity={99: 1})
    assert "at most 1 pins over all tracks" in complaint(pins=[(1, 11), (2, 11)], shared_capacity={11: 1})
