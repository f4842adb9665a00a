"""`python -m mentormatch.matching.solver.warming`: compile the engine when installing or starting."""

from __future__ import annotations

from threading import Event, Lock, Thread

import numpy as np

from mentormatch.matching.solver.assignment import AssignmentProblem, Track
from mentormatch.matching.solver.blocks import DenseScores
from mentormatch.matching.solver.bottleneck import find_bottleneck
from mentormatch.matching.solver.generation import Search
from mentormatch.matching.solver.independent import solve_apart
from mentormatch.matching.solver.instance import open_instance
from mentormatch.matching.solver.minimum import meet_minimum
from mentormatch.matching.solver.stability import solve_stable

_compiled, _begun = Event(), Lock()


def is_warm() -> bool:
    """Whether everything is compiled in this process; if not, begin to compile beside, for the next who asks."""
    if not _compiled.is_set() and _begun.acquire(blocking=False):
        Thread(target=warm_up, name="warm-up", daemon=True).start()
    return _compiled.is_set()


def warm_up() -> None:
    """Compile everything, or load it: some ten seconds the first time in an installation, less than one later."""
    n, m = 60, 15
    scores = (np.arange(n * m) * 7919 % 1000).reshape(n, m).astype(np.int32)
    minimum = (np.arange(m) < 1).astype(np.int64)
    instance = open_instance(AssignmentProblem((Track("warm-up", DenseScores(scores), np.full(m, 3), minimum),)))
    # Too few places on purpose: prices then grow beyond 32 bits and the other half is compiled, too.
    solve_apart(Search(instance), meet_minimum(instance))
    find_bottleneck(instance.tracks[0], lambda: False)
    solve_stable(AssignmentProblem((Track("warm-up", DenseScores(scores), np.full(m, 3)),)))
    _compiled.set()


if __name__ == "__main__":
    warm_up()
