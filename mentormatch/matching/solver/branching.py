"""Branch and bound where people stand in two tracks, so that the linear program may choose fractions of pairs.

The bound of the linear program excludes most pairs beforehand (reduced-cost fixing); HiGHS decides among the rest. Its
dual bound is then the proof: it is believed, not checked, and the answer says so.
"""

from __future__ import annotations

import numpy as np
from scipy.optimize import OptimizeResult

from mentormatch.matching.solver.generation import Search, pairs_within
from mentormatch.matching.solver.problem import Proof, Stage
from mentormatch.matching.solver.restricted import Candidates, Restricted

MOST_PAIRS = 400_000
"""Most pairs that an integer program is given."""

SLACK = 1e-4
"""What a dual bound in floating point may lie below a whole number and still mean it."""


def branch(search: Search) -> Proof:
    """Close the gap between the matching and the linear bound as far as possible; says what the bound rests on."""
    assert search.bound is not None
    search.report(Stage.BRANCHING, 0.9)
    _offer(search, search.candidates, search.bound // search.worth)
    if search.closed or search.stop():
        return Proof.PRICES
    everything = None
    if search.bound // search.worth > search.places:
        everything = pairs_within(search, 1 << 40, MOST_PAIRS)
        if everything is None:
            return Proof.PRICES
        _most_places(search, everything)
    gap = search.bound - search.value
    pairs = everything if everything is not None else pairs_within(search, gap, MOST_PAIRS)
    if search.closed or pairs is None or search.stop():
        return Proof.PRICES if search.most is None else Proof.BRANCHING
    result = _offer(search, pairs, search.places)
    if result is None or result.mip_dual_bound is None:
        return Proof.PRICES
    upper = int(np.floor(-result.mip_dual_bound + SLACK)) + search.worth * search.places
    search.bound = max(min(search.bound, upper), search.value)
    return Proof.BRANCHING


def _offer(search: Search, candidates: tuple[Candidates, ...], places: int) -> OptimizeResult | None:
    """Best matching of exactly ``places`` places over these pairs; None when there is none."""
    program = Restricted(search.instance, candidates)
    result = program.branch(program.scores, places)
    if result.x is None:
        return None
    search.offer(program.matching(result.x > 0.5))  # noqa: PLR2004  rounds a share of 0 or 1
    return result


def _most_places(search: Search, everything: tuple[Candidates, ...]) -> None:
    """Settle how many places can be filled at all, over all pairs."""
    program = Restricted(search.instance, everything)
    result = program.branch(np.ones(program.scores.size, np.int64))
    if result.x is not None:
        search.offer(program.matching(result.x > 0.5))  # noqa: PLR2004  rounds a share of 0 or 1
    if result.mip_dual_bound is not None:
        search.most = max(int(np.floor(-result.mip_dual_bound + SLACK)), search.places)
