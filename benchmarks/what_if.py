"""`python -m benchmarks.what_if`: how long the exact effect of a pin takes, beside solving again from the start.

Both answer the same question, and the answers are compared. Times are medians and maxima in seconds, in one process.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from statistics import median

import numpy as np

from benchmarks.instances import topics
from mentormatch.matching.scored import Scored, ScoredTrack
from mentormatch.matching.solver.assignment import Assignment, solve
from mentormatch.matching.solver.blocks import HIGHEST_SCORE, row_blocks
from mentormatch.matching.solver.warming import warm_up
from mentormatch.matching.what_if import Setting, WhatIf

POINTS = 10_000
"""Of the best possible pair, as a site's criteria give them."""


def scored(n: int) -> Scored:
    """Return an instance of n interns and n / 4 mentors as a run keeps it."""
    source, capacity = topics(n)
    m = capacity.size
    points = np.empty((n, m), np.int32)
    for block in row_blocks(n, m):
        points[block] = source.scores(block, slice(None)) // (HIGHEST_SCORE // POINTS)
    track = ScoredTrack(
        name="mentor",
        hosts=tuple(range(m)),
        points=points,
        broken=np.zeros((n, m), np.uint8),
        capacity=capacity,
        minimum=np.zeros(m, np.int64),
        owner=np.arange(m),
        wanted=np.ones(n, np.int64),
        offset=np.zeros(n, np.int64),
    )
    return Scored(tuple(range(n)), (track,))


def timed(call: Callable[[], object]) -> float:
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def full_solve(problem: Scored, answers: WhatIf, pair: tuple[str, int, int]) -> Assignment:
    """The optimum with a pin, from the start."""
    return solve(problem.problem(pins=[pair], bans=(), earlier=answers.pairs, staying=answers.staying))


def check(problem: Scored, answers: WhatIf, pair: tuple[str, int, int]) -> None:
    """Complain if an effect is not what a full solve gives: points, and what it is worth that pairs stay."""
    again = full_solve(problem, answers, pair)
    shown = answers.outcome(Setting().pinned(pair))
    worth = shown.points + answers.staying * len(shown.pairs.keys() & answers.pairs)
    if (shown.coverage, worth) != (again.coverage, again.objective + answers.staying * (again.stayed or 0)):
        message = f"the effect of {pair} is not that of a full solve"
        raise RuntimeError(message)


def compare(n: int, pins: int) -> None:
    """Print one line."""
    problem = scored(n)
    first = solve(problem.problem(pins=(), bans=()))
    pairs = [("mentor", row, column) for row, column in enumerate(first.pairs[0].tolist()) if column >= 0]
    answers = WhatIf(problem, pairs, staying=50)
    opening = timed(lambda: answers.outcome(answers.start))
    rng = np.random.default_rng(n)
    hosts = np.flatnonzero(problem.tracks[0].capacity > 0)
    wanted = [("mentor", int(rng.integers(n)), int(rng.choice(hosts))) for _ in range(pins)]
    effects = [timed(lambda pair=pair: answers.effect(answers.start.pinned(pair))) for pair in wanted]
    fresh = [timed(lambda pair=pair: full_solve(problem, answers, pair)) for pair in wanted[:3]]
    for pair in wanted[:3]:
        check(problem, answers, pair)
    moves = [len(answers.effect(answers.start.pinned(pair)).moves) for pair in wanted]
    print(
        f"{n:>8,} x {n // 4:>6,}{opening:>12.3f}{median(effects):>12.4f}{max(effects):>12.4f}{median(fresh):>12.3f}"
        f"{'x ' + format(median(fresh) / median(effects), '.0f'):>10}{median(moves):>12.0f}{max(moves):>8}",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[500, 5000, 20000], help="numbers of interns")
    parser.add_argument("--pins", type=int, default=25, help="pins tried at each size")
    arguments = parser.parse_args()
    warm_up()
    columns = ("opening", "pin, median", "pin, max", "full solve", "ratio", "moves, med.", "max")
    print(
        f"{'interns x mentors':>17}"
        + "".join(f"{word:>{width}}" for word, width in zip(columns, (12, 12, 12, 12, 10, 12, 8), strict=True))
    )
    for n in arguments.sizes:
        compare(n, arguments.pins)


if __name__ == "__main__":
    main()
