"""Several different hosts for an intern: every engine against an integer program, with the certificate."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from mentormatch.matching.solver.assignment import ContradictoryPins, ImpossibleMinimum, Proof, Status, solve
from mentormatch.matching.solver.certificate import certify
from tests.unit.matching.problems import (
    best_by_integer_program,
    coupled_problems,
    keeps_the_rules,
    several_problems,
    total,
)


@pytest.fixture(params=["HiGHS", "compiled"], autouse=True, scope="module")
def engine(request):
    """Everything holds for both engines, and for lists so short that they must be renewed."""
    with pytest.MonkeyPatch.context() as patch:
        if request.param == "compiled":
            patch.setattr("mentormatch.matching.solver.assignment.LARGE", 0)
            for name, value in [("FIRST", 2), ("NEXT", 1), ("ENOUGH", 12), ("FRACTION", 2)]:
                patch.setattr(f"mentormatch.matching.solver.guarded.{name}", value)
        else:
            for name, value in [("EVERY_PAIR", 0), ("FIRST_LIST", 1), ("NEXT_LIST", 1)]:
                patch.setattr(f"mentormatch.matching.solver.generation.{name}", value)
        yield request.param


def solved(problem):
    """The answer, or None where pins or minima cannot be met."""
    try:
        return solve(problem)
    except (ContradictoryPins, ImpossibleMinimum):
        return None


@settings(deadline=None, max_examples=200)
@given(several_problems())
def test_several_hosts_equal_an_integer_program(problem):
    best, answer = best_by_integer_program(problem), solved(problem)
    if best is None:
        assert answer is None
        return
    assert keeps_the_rules(problem, answer.pairs)
    assert total(problem, answer.pairs) == (answer.coverage, answer.objective) == best
    assert (answer.coverage_bound, answer.upper_bound) == best
    assert answer.status == Status.OPTIMAL
    assert answer.proof == Proof.PRICES
    assert certify(problem, answer).optimal


@settings(deadline=None, max_examples=150)
@given(coupled_problems(several=True))
def test_several_hosts_of_tracks_that_share_people(problem):
    best, answer = best_by_integer_program(problem), solved(problem)
    if best is None:
        assert answer is None
        return
    assert keeps_the_rules(problem, answer.pairs)
    assert total(problem, answer.pairs) == (answer.coverage, answer.objective) == best
    assert (answer.coverage_bound, answer.upper_bound) == best
    assert answer.status == Status.OPTIMAL
    certificate = certify(problem, answer)
    assert certificate.valid
    assert certificate.optimal or answer.proof == Proof.BRANCHING
