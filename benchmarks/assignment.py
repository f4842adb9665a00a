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
from typing import TypedDict

import numpy as np

from benchmarks.instances import topics
from benchmarks.peers import PEERS, Peer, ours, problem_of
from mentormatch.matching.solver.assignment import Assignment
from mentormatch.matching.solver.certificate import certify
from mentormatch.matching.solver.warming import warm_up

ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
"""BLAS keeps to one thread; what runs side by side is decided by each method itself."""


class Measure(TypedDict):
    """One line of the table: seconds, megabytes and points."""

    cpu: float
    wall: float
    memory: float
    matched: int
    objective: int
    certified: bool
    checking: float


def measure(peer: Peer, n: int) -> Measure:
    """Run one method on one instance in this process."""
    source, capacity = topics(n)
    peer.run(*topics(64))
    if peer.run is ours:
        warm_up()
    wall, cpu = time.perf_counter(), time.process_time()
    answer = peer.run(source, capacity)
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    pairs = answer.pairs[0] if isinstance(answer, Assignment) else answer
    matched = np.flatnonzero(pairs >= 0)
    if (np.bincount(pairs[matched], minlength=capacity.size) > capacity).any():
        message = f"{peer.name} broke a capacity"
        raise RuntimeError(message)
    objective = sum(int(source.scores(slice(i, i + 1), slice(pairs[i], pairs[i] + 1))[0, 0]) for i in matched)
    start = time.perf_counter()
    certified = isinstance(answer, Assignment) and certify(problem_of(source, capacity), answer).optimal
    checking = time.perf_counter() - start
    return Measure(
        cpu=cpu, wall=wall, memory=memory, matched=matched.size, objective=objective, certified=certified,
        checking=checking,
    )  # fmt: skip


def in_process(peer: Peer, n: int, limit: float) -> Measure | str:
    """The same in a new process; words when there is nothing to report."""
    command = [sys.executable, "-m", "benchmarks.assignment", "--one", peer.name, "--sizes", str(n)]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=limit, check=False, env=os.environ | ONE_THREAD
        )
    except subprocess.TimeoutExpired:
        return f"not done in {limit:.0f} s"
    if done.returncode:
        return (done.stderr.strip().splitlines() or ["ended without a word"])[-1][:60]
    found: Measure = json.loads(done.stdout.strip().splitlines()[-1])
    return found


def compare(n: int, limit: float) -> None:
    """Print the table of one size; ratios are the peer's figure divided by ours."""
    print(f"\n{n:,} interns x {max(1, n // 4):,} mentors")
    columns = ("CPU s", "ratio", "wall s", "memory MB", "ratio", "matched", "total", "to best", "certified")
    print(f"{'method':<33}{'promise':<15}" + "".join(f"{word:>16}" for word in columns))
    own: Measure | None = None
    for peer in PEERS:
        if not peer.installed or n > peer.most:
            print(f"{peer.name:<33}{'not installed' if not peer.installed else 'does not fit'}")
            continue
        found = in_process(peer, n, limit)
        if isinstance(found, str):
            print(f"{peer.name:<33}{found}")
            continue
        own = own or found
        print(f"{peer.name:<33}{peer.promise:<15}" + "".join(f"{word:>16}" for word in _cells(found, own)), flush=True)


def _cells(found: Measure, own: Measure) -> list[str]:
    best = own["objective"]
    proof = f"yes ({found['checking']:.2f} s)" if found["certified"] else "-"
    return [
        f"{found['cpu']:.2f}", f"x {found['cpu'] / max(own['cpu'], 1e-9):.1f}", f"{found['wall']:.2f}",
        f"{found['memory']:,.0f}", f"x {found['memory'] / own['memory']:.1f}", f"{found['matched']:,}",
        f"{found['objective']:,}", f"{100 * (found['objective'] / best - 1):+.3f} %", proof,
    ]  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[200, 1000], help="numbers of interns")
    parser.add_argument("--limit", type=float, default=300, help="seconds that one method may take")
    parser.add_argument("--one", choices=[peer.name for peer in PEERS], help="measure one method here, print JSON")
    arguments = parser.parse_args()
    if arguments.one:
        peer = next(peer for peer in PEERS if peer.name == arguments.one)
        print(json.dumps(measure(peer, arguments.sizes[0])))
        return
    print(f"CPython {sys.version.split()[0]}, {os.cpu_count()} cores; ratios: theirs divided by ours")
    for n in arguments.sizes:
        compare(n, arguments.limit)


if __name__ == "__main__":
    main()
