"""What would help: every stated change, applied and solved from the start, gives the person a host."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mentormatch.matching.fixes import fixes_of
from mentormatch.matching.scored import Scored, ScoredTrack
from mentormatch.matching.solver.assignment import solve
from mentormatch.matching.what_if import WhatIf


def scored_of(points, broken, capacity):
    n, m = points.shape
    track = ScoredTrack(
        name="mentor",
        hosts=tuple(f"h{column}" for column in range(m)),
        points=points.astype(np.int32),
        broken=broken.astype(np.uint8),
        capacity=np.array(capacity),
        minimum=np.zeros(m, np.int64),
        owner=np.arange(m),
        wanted=np.ones(n, np.int64),
        offset=np.zeros(n, np.int64),
        rules=("language", "hours"),
    )
    return Scored(tuple(range(n)), (track,))


def pairs_of(scored, setting):
    places = {one[:2]: one[2] for one in setting.places}
    answer = solve(scored.problem(pins=setting.pins, bans=setting.bans, absent=setting.absent, places=places))
    hosts = scored.tracks[0].hosts
    return {row: hosts[column] for row, column in enumerate(answer.pairs[0].tolist()) if column >= 0}


@settings(max_examples=80, deadline=None)
@given(st.integers(0, 100_000))
def test_every_stated_fix_applied_matches_the_person_and_nobody_loses(seed):
    rng = np.random.default_rng(seed)
    n, m = 7, 4
    scored = scored_of(rng.integers(0, 9, (n, m)) * 100, rng.integers(0, 4, (n, m)), rng.integers(0, 3, m))
    start = WhatIf(scored, ()).start
    before = pairs_of(scored, start)
    what_if = WhatIf(scored, [("mentor", row, host) for row, host in before.items()])
    for intern in set(range(n)) - before.keys():
        for fix in fixes_of(what_if, intern, "mentor"):
            number = scored.tracks[0].hosts.index(fix.host)
            applied = start
            if fix.rule is None:
                applied = applied.with_places("mentor", fix.host, int(scored.tracks[0].capacity[number]) + 1)
                assert scored.tracks[0].permitted[intern, number]
            else:
                assert scored.tracks[0].broken_by(intern, number) == (fix.rule,)
            if fix.pin:
                applied = applied.pinned(("mentor", intern, fix.host))
            after = pairs_of(scored, applied)
            assert intern in after
            assert len(after) == len(before) + 1
            if fix.pin:
                assert after[intern] == fix.host == fix.gets


def test_the_best_host_comes_first_and_a_place_before_a_rule():
    points = np.array([[900, 800, 100], [700, 600, 500]])
    broken = np.array([[0, 0, 1], [0, 0, 2]])
    scored = scored_of(points, broken, [1, 0, 1])
    what_if = WhatIf(scored, [("mentor", 0, "h0")])
    [place, other, rule] = fixes_of(what_if, 1, "mentor")
    assert (place.host, place.rule, place.pin) == ("h0", None, False)
    assert (other.host, other.rule) == ("h1", None)
    assert (rule.host, rule.rule, rule.points) == ("h2", "hours", 500)
    assert place.effect.coverage == 1


def test_somebody_with_a_host_needs_no_help_and_a_stranger_is_refused():
    scored = scored_of(np.ones((2, 2)) * 100, np.zeros((2, 2)), [1, 1])
    what_if = WhatIf(scored, [("mentor", 0, "h0"), ("mentor", 1, "h1")])
    assert fixes_of(what_if, 0, "mentor") == ()
    with pytest.raises(Exception, match="take part"):
        fixes_of(what_if, 9, "mentor")
    nobody = replace(scored, tracks=(replace(scored.tracks[0], broken=np.full((2, 2), 3, np.uint8)),))
    assert fixes_of(WhatIf(nobody, ()), 0, "mentor") == ()
