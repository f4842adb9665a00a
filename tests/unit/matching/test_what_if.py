"""What a change would do: the shown effect is the difference of two full solves, and moves nobody for nothing."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mentormatch.core.errors import InvalidInput
from mentormatch.matching.criteria import Criterion, Rule
from mentormatch.matching.matcher import Matcher
from mentormatch.matching.scored import Scored, ScoredTrack
from mentormatch.matching.solver.assignment import solve
from mentormatch.matching.solver.warming import warm_up
from mentormatch.matching.what_if import Effect, Setting, WhatIf, in_json

HOSTS = 5


@pytest.fixture(scope="module", autouse=True)
def compiled():
    """What is compiled in this process answers; what is not yet is another test's business."""
    warm_up()


def test_before_the_compiler_is_done_a_small_problem_is_solved_from_the_start(monkeypatch):
    monkeypatch.setattr("mentormatch.matching.what_if.is_warm", lambda: False)
    scored = made_up(5)
    what_if = WhatIf(scored, present(scored))
    assert (what_if.quick, what_if.ready, what_if.prompt) == (True, False, True)
    wanted = what_if.start.without(0)
    assert (what_if.outcome(wanted).coverage, what_if.outcome(wanted).points) == value(scored, wanted)
    assert not what_if._live


def made_up(seed, n=9, m=HOSTS, *, shared=False, objective="total", tracks=1, several=False):
    """Interns 0 … n-1, hosts 100 …; few points so that ties are many."""
    rng = np.random.default_rng(seed)
    made = [
        ScoredTrack(
            name=f"t{number}",
            hosts=tuple(range(100, 100 + m)),
            points=rng.integers(0, 6, (n, m)).astype(np.int32) * 100,
            broken=(rng.random((n, m)) < 0.2).astype(np.uint8),
            rules=("rule",),
            capacity=rng.integers(0, 4, m),
            minimum=np.zeros(m, np.int64),
            owner=np.arange(m) + (0 if shared else number * m),
            wanted=rng.integers(0, 3, n) if several else np.ones(n, np.int64),
            offset=np.zeros(n, np.int64),
        )
        for number in range(tracks)
    ]
    return Scored(tuple(range(n)), tuple(made), objective=objective)


def present(scored):
    """The pairs of one optimum."""
    answer = solve(scored.problem(pins=scored.pins, bans=scored.bans))
    return [
        (track.name, row, track.hosts[column])
        for track, columns in zip(scored.tracks, answer.pairs, strict=True)
        for row, column in zip(
            np.repeat(np.arange(track.wanted.size), track.wanted).tolist(), columns.tolist(), strict=True
        )
        if column >= 0
    ]


def value(scored, setting):
    """Coverage and points of a full solve that knows nothing of earlier pairs."""
    places = {one[:2]: one[2] for one in setting.places}
    answer = solve(scored.problem(pins=setting.pins, bans=setting.bans, absent=setting.absent, places=places))
    return answer.coverage, answer.objective


edits = st.lists(
    st.tuples(
        st.sampled_from(["pin", "ban", "free", "places", "leave"]), st.integers(0, 8), st.integers(100, 99 + HOSTS)
    ),
    max_size=6,
)


def changed(setting, edit):
    kind, intern, host = edit
    pair = ("t0", intern, host)
    match kind:
        case "pin":
            return setting if intern in setting.absent else setting.pinned(pair, instead=intern % 2 == 0)
        case "ban":
            return setting.banned(pair)
        case "free":
            return setting.freed(pair)
        case "places":
            return setting.with_places("t0", host, intern % 4)
        case _:
            return setting.without(intern)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), edits, st.booleans(), st.booleans())
def test_an_effect_is_the_difference_of_two_full_solves(seed, steps, coupled, several):
    scored = made_up(seed, shared=coupled, tracks=2 if coupled else 1, several=several)
    what_if = WhatIf(scored, present(scored))
    assert what_if.quick is not coupled
    setting = what_if.start
    before = value(scored, setting)
    for edit in steps:
        wanted = changed(setting, edit)
        try:
            expected = value(scored, wanted)
        except InvalidInput:
            with pytest.raises(InvalidInput):
                what_if.outcome(wanted)
            continue
        effect = what_if.effect(wanted, setting)
        assert (effect.coverage, effect.points) == (expected[0] - before[0], expected[1] - before[1])
        assert effect.after.proved
        moved = {(move.track, move.intern) for move in effect.moves}
        assert several or len(moved) == len(effect.moves)
        setting, before = wanted, expected


@pytest.mark.parametrize("seed", range(8))
def test_nobody_moves_when_nothing_changes(seed):
    scored = made_up(seed)
    pairs = present(scored)
    what_if = WhatIf(scored, pairs)
    assert set(what_if.outcome(what_if.start).pairs) == set(pairs)


@pytest.mark.parametrize("seed", range(12))
def test_of_equally_good_matchings_the_one_with_fewest_moves_is_shown(seed):
    scored = made_up(seed, n=6, m=4)
    what_if = WhatIf(scored, present(scored))
    wanted = what_if.start.without(0)
    found = what_if.effect(wanted)
    best = found.after.points, -len(found.moves)
    # Every matching of the changed problem, by brute force over hosts or nobody for each intern.
    track = scored.tracks[0]
    options = [[None, *np.flatnonzero(track.permitted[row]).tolist()] for row in range(1, 6)]
    for choice in np.ndindex(*map(len, options)):
        hosts = [option[at] for option, at in zip(options, choice, strict=True)]
        load = np.bincount([host for host in hosts if host is not None], minlength=4)
        pairs = {("t0", row, track.hosts[host]) for row, host in enumerate(hosts, 1) if host is not None}
        if (load > track.capacity).any() or len(pairs) != found.after.coverage:
            continue
        points = sum(scored.worth(pair) for pair in pairs)
        moves = len({pair[1] for pair in pairs ^ what_if.pairs})
        assert (points, -moves) <= best


def test_an_effect_says_who_moves_and_by_how_much():
    points = np.array([[900, 100], [800, 700]], np.int32)
    track = ScoredTrack(
        "mentor", ("a", "b"), points, np.zeros((2, 2), np.uint8), *np.ones((2, 2), np.int64) * [[1], [0]],
        owner=np.arange(2), wanted=np.ones(2, np.int64),
            offset=np.zeros(2, np.int64),
    )  # fmt: skip
    what_if = WhatIf(Scored(("i", "j"), (track,)), [("mentor", "i", "a"), ("mentor", "j", "b")])
    effect = what_if.effect(what_if.start.pinned(("mentor", "j", "a")))
    assert (effect.points, effect.coverage) == (-700, 0)
    assert [(move.intern, move.before, move.after, move.points_before, move.points_after) for move in effect.moves] == [
        ("i", "a", "b", 900, 100),
        ("j", "b", "a", 700, 800),
    ]
    assert in_json(effect)["moves"][0]["after"] == "b"
    assert in_json(effect)["proved"] is True


def test_a_contradiction_is_refused_and_changes_nothing():
    scored = made_up(3)
    scored = replace(scored, tracks=(replace(scored.tracks[0], capacity=np.ones(HOSTS, np.int64)),))
    what_if = WhatIf(scored, present(scored))
    first = what_if.start.pinned(("t0", 0, 100))
    what_if.outcome(first)
    with pytest.raises(InvalidInput):
        what_if.outcome(first.pinned(("t0", 1, 100)))
    with pytest.raises(InvalidInput, match="take part"):
        what_if.outcome(first.pinned(("t0", 77, 100)))
    assert what_if.outcome(first).coverage == value(scored, first)[0]


def test_a_scored_problem_survives_storage():
    field = Criterion("field", "tags", ("field",), ("field",), 1)
    interns = [{"id": key, "field": tags} for key, tags in ((1, ["AI"]), (2, ["retail"]), (3, ["AI", "retail"]))]
    hosts = [{"id": 8, "field": ["retail"], "person": 80}, {"id": 9, "field": ["AI"], "capacity": 2, "person": 90}]
    rules = [Rule("never", "never_pairs", {"pairs": [[1, 80]]})]
    matcher = Matcher([field], rules).fit(
        interns, {"mentor": hosts, "alumnus": hosts}, pins=[("mentor", 3, 8)], bans=[("mentor", 2, 9)],
        shared_capacity={90: 2},
    )  # fmt: skip
    scored = Scored.of(matcher)
    again = Scored.from_bytes(scored.to_bytes())
    assert (again.interns, again.pins, again.bans, again.shared_capacity) == (
        scored.interns, scored.pins, scored.bans, scored.shared_capacity,
    )  # fmt: skip
    for mine, theirs in zip(scored.tracks, again.tracks, strict=True):
        assert mine.hosts == theirs.hosts
        for name in ("points", "broken", "capacity", "minimum", "owner", "wanted", "offset"):
            np.testing.assert_array_equal(getattr(mine, name), getattr(theirs, name))
    assert scored.tracks[1].permitted[1, 1]  # a ban is no rule
    assert scored.tracks[1].broken_by(0, 0) == ("never",)
    assert again.coupled
    pairs = [(pair.track, pair.intern, pair.host) for pair in matcher.pairs_]
    outcome = WhatIf(again, pairs).outcome(Setting(again.pins, again.bans))
    assert outcome.pairs == {(pair.track, pair.intern, pair.host): pair.points for pair in matcher.pairs_}
    assert Effect.between(outcome, outcome).moves == ()
