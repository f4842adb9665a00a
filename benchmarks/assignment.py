"""`python -m benchmarks.assignment`: our assignment beside public peers, on the same instances, in one run.

Every measurement runs in a process of its own, so that peak memory is its own too. Making the instance and importing
modules are not counted; compiling is done beforehand, as an installation does it.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass

import numpy as np

from benchmarks.instances import HARD, FactorScores, topics
from benchmarks.peers import PEERS, Peer, ours, problem_of
from mentormatch.matching.solver.assignment import Assignment
from mentormatch.matching.solver.blocks import IntArray
from mentormatch.matching.solver.certificate import certify
from mentormatch.matching.solver.warming import warm_up

ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
"""BLAS keeps to one thread; what runs side by side is decided by each method itself."""

HEAD = "CPU s", "ratio", "wall s", "MB", "passes", "matched", "total", "to best", "certified", "CPU s", "wall s", "MB"
TOTAL = HEAD.index("total")
PLAIN = "topics"
SMALL = 64


@dataclass
class Spent:
    """Seconds of a step; megabytes that the process had used at the most when it ended."""

    cpu: float = 0.0
    wall: float = 0.0
    memory: float = 0.0


@dataclass
class Measure:
    """One line of the table: the answer, and the independent check of it."""

    solving: Spent
    checking: Spent
    matched: int
    objective: int
    passes: float | None
    certified: bool | None


@contextmanager
def timed() -> Iterator[Spent]:
    """Measure what stands inside."""
    spent = Spent()
    wall, cpu = time.perf_counter(), time.process_time()
    yield spent
    spent.cpu, spent.wall = time.process_time() - cpu, time.perf_counter() - wall
    spent.memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def measure(peer: Peer, n: int, kind: str) -> Measure:
    """Run one method on one instance in this process."""
    make = topics if kind == PLAIN else HARD[kind]
    source, capacity = make(n)
    peer.run(*topics(SMALL))
    if peer.run is ours:
        warm_up()
    with timed() as solving:
        answer = peer.run(source, capacity)
    proved = isinstance(answer, Assignment)
    pairs = answer.pairs[0] if isinstance(answer, Assignment) else answer
    objective = _objective(source, capacity, pairs)
    with timed() as checking:
        certified = certify(problem_of(source, capacity), answer).optimal if isinstance(answer, Assignment) else None
    if not proved:
        checking = Spent()
    passes = answer.passes if isinstance(answer, Assignment) else None
    return Measure(solving, checking, int((pairs >= 0).sum()), objective, passes, certified)


def _objective(source: FactorScores, capacity: IntArray, pairs: IntArray) -> int:
    """Total of a matching, which may not break a capacity or a rule."""
    matched = np.flatnonzero(pairs >= 0)
    total = 0
    for i in matched:
        pair = slice(i, i + 1), slice(pairs[i], pairs[i] + 1)
        total += int(source.scores(*pair)[0, 0])
        if not source.allowed(*pair)[0, 0]:
            message = f"intern {i} may not be matched with mentor {pairs[i]}"
            raise RuntimeError(message)
    if (np.bincount(pairs[matched], minlength=capacity.size) > capacity).any():
        message = "a mentor has more interns than places"
        raise RuntimeError(message)
    return total


def in_process(peer: Peer, n: int, kind: str, limit: float) -> Measure | str:
    """The same in a new process; words when there is nothing to report."""
    command = [sys.executable, "-m", "benchmarks.assignment", "--one", peer.name, "--kind", kind, "--sizes", str(n)]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=limit, check=False, env=os.environ | ONE_THREAD
        )
    except subprocess.TimeoutExpired:
        return f"not done in {limit:.0f} s"
    if done.returncode:
        return (done.stderr.strip().splitlines() or ["ended without a word"])[-1][:60]
    found = json.loads(done.stdout.strip().splitlines()[-1])
    return Measure(Spent(**found.pop("solving")), Spent(**found.pop("checking")), **found)


def compare(n: int, limit: float | None) -> None:
    """Print the table of one size; ratios are the peer's figure divided by ours."""
    print(f"\n{n:,} interns x {max(1, n // 4):,} mentors")
    print(f"{'method':<33}{'promise':<15}" + _line(HEAD))
    own: Measure | None = None
    for peer in PEERS:
        if not peer.installed or n > peer.most:
            print(f"{peer.name:<33}{'not installed' if not peer.installed else f'not tried above {peer.most:,}'}")
            continue
        found = in_process(peer, n, PLAIN, limit or peer.seconds)
        if isinstance(found, str):
            print(f"{peer.name:<33}{found}")
            continue
        own = own or found
        print(f"{peer.name:<33}{peer.promise:<15}" + _cells(found, own), flush=True)


def hard(n: int, limit: float | None) -> None:
    """Print the table of the hard variants of one size, ours alone."""
    print(f"\n{n:,} interns")
    print(f"{'variant':<33}" + _line(HEAD))
    for kind in (PLAIN, *HARD):
        found = in_process(PEERS[0], n, kind, limit or PEERS[0].seconds)
        print(f"{kind:<33}" + (found if isinstance(found, str) else _cells(found, found)), flush=True)


def _cells(found: Measure, own: Measure) -> str:
    solving, checking = found.solving, found.checking
    cells = [
        f"{solving.cpu:.2f}", f"x {solving.cpu / max(own.solving.cpu, 1e-9):.1f}", f"{solving.wall:.2f}",
        f"{solving.memory:,.0f}",
        "-" if found.passes is None else f"{found.passes:.2f}", f"{found.matched:,}", f"{found.objective:,}",
        f"{100 * (found.objective / own.objective - 1):+.3f} %",
        {None: "-", True: "yes", False: "NO"}[found.certified],
        *([f"{checking.cpu:.2f}", f"{checking.wall:.2f}", f"{checking.memory:,.0f}"] if checking.wall else "---"),
    ]  # fmt: skip
    return _line(cells)


def _line(cells: Sequence[str]) -> str:
    return "".join(f"{cell:>{16 if place == TOTAL else 11}}" for place, cell in enumerate(cells))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[200, 1000], help="numbers of interns")
    parser.add_argument("--limit", type=float, help="seconds that one method may take, if not its own limit")
    parser.add_argument("--hard", action="store_true", help="variants that break matchers, ours alone")
    parser.add_argument("--one", choices=[peer.name for peer in PEERS], help="measure one method here, print JSON")
    parser.add_argument("--kind", choices=[PLAIN, *HARD], default=PLAIN, help="the instance of --one")
    arguments = parser.parse_args()
    if arguments.one:
        peer = next(peer for peer in PEERS if peer.name == arguments.one)
        print(json.dumps(asdict(measure(peer, arguments.sizes[0], arguments.kind))))
        return
    print(f"CPython {sys.version.split()[0]}, {os.cpu_count()} cores; ratios: theirs divided by ours")
    for n in arguments.sizes:
        (hard if arguments.hard else compare)(n, arguments.limit)


if __name__ == "__main__":
    main()
