"""`python -m benchmarks.groups`: our groups beside published searches, on instances of MDGPLIB.

The instances (Gallego, Laguna, Martí and Duarte 2013, Tabu search with strategic oscillation for the maximally diverse
grouping problem) are not part of this repository. Put them into a directory and name it with --data or the environment
variable MENTORMATCH_BENCH_DATA; they are looked for there and in its folder ``mdgplib``.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mentormatch.matching.groups.grouper import Grouper
from mentormatch.matching.solver.blocks import IntArray
from mentormatch.matching.solver.compiled import compiled

PUBLISHED = {
    "RanInt_n120_ss_01": (47_834, 2.1),
    "RanReal_n240_ss_01": (155_017, 17.5),
    "Geo_n120_ss_01": (101_569, 2.4),
}
"""Best of three seeds and seconds of one run: anticlust's three-phase search after Yang, Cai, Yang and Hao (2022)."""

ITERATIONS = {"RanReal_n240_ss_01": 20_000}
SEEDS = (0, 1, 2)
MISSING = """No instances of MDGPLIB found{where}.
They are public: search for "MDGPLIB" (University of Valencia, Optsicom), or take the folder data/mdgplib of the GitHub
repository Maasouza/ALNS-MDGP. Then: python -m benchmarks.groups --data DIRECTORY, or set MENTORMATCH_BENCH_DATA."""

Instance = tuple[NDArray[np.float64], list[tuple[int, int]]]
Method = Callable[[Instance, int], tuple[IntArray, float]]


def read(path: Path) -> Instance:
    """Read distances and the least and most people of each group."""
    with path.open() as lines:
        head = next(lines).split()
        many, groups = int(head[0]), int(head[1])
        sizes = [int(word) for word in head[3:]]
        matrix = np.zeros((many, many))
        for line in lines:
            if line.strip():
                left, right, distance = line.split()
                matrix[int(left), int(right)] = matrix[int(right), int(left)] = float(distance)
    return matrix, [(sizes[2 * group], sizes[2 * group + 1]) for group in range(groups)]


def ours(iterations: int) -> Method:
    """Our grouping with a budget of iterations; reading and checking the matrix is counted."""

    def method(instance: Instance, seed: int) -> tuple[IntArray, float]:
        matrix, sizes = instance
        begun = time.process_time()
        grouper = Grouper(size=sizes, even=False, iterations=iterations, seed=seed).fit(matrix)
        return grouper.labels_, time.process_time() - begun

    return method


def plain(restarts: int) -> Method:
    """A plain search: swaps while they gain, from random groups, again and again."""

    def method(instance: Instance, seed: int) -> tuple[IntArray, float]:
        matrix, sizes = instance
        rng = np.random.default_rng(seed)
        begun = time.process_time()
        best, most = np.zeros(len(matrix), np.int64), -1.0
        for _ in range(restarts):
            group = rng.permutation(np.repeat(np.arange(len(sizes)), [low for low, _ in sizes]))
            swap_while_better(matrix, group, len(sizes))
            if worth(matrix, group) > most:
                best, most = group, worth(matrix, group)
        return best, time.process_time() - begun

    return method


@compiled
def swap_while_better(matrix: NDArray[np.float64], group: IntArray, groups: int) -> None:
    """Swap people of different groups as long as that gains."""
    many = group.size
    gain = np.zeros((groups, many))
    for u in range(many):
        gain[group[u]] += matrix[u]
    better = True
    while better:
        better = False
        for u in range(many):
            for v in range(u + 1, many):
                a, b = group[u], group[v]
                if a != b and gain[b, u] - gain[a, u] + gain[a, v] - gain[b, v] - 2 * matrix[u, v] > 1e-9:  # noqa: PLR2004  rounding
                    gain[a] += matrix[v] - matrix[u]
                    gain[b] += matrix[u] - matrix[v]
                    group[u], group[v], better = b, a, True


def worth(matrix: NDArray[np.float64], group: IntArray) -> float:
    """Return the sum of distances within groups."""
    return float(matrix[group[:, None] == group[None, :]].sum() / 2)


def line(name: str, method: Method, instance: Instance) -> None:
    """Run a method with each seed and print the sums it found, the best, and the mean time."""
    matrix, sizes = instance
    found, seconds = [], []
    for seed in SEEDS:
        group, spent = method(instance, seed)
        counts = np.bincount(group, minlength=len(sizes))
        if any(not low <= count <= high for count, (low, high) in zip(counts.tolist(), sizes, strict=True)):
            message = f"{name} broke a size"
            raise RuntimeError(message)
        found.append(worth(matrix, group))
        seconds.append(spent)
    each = "  ".join(f"{value:>11,.0f}" for value in found)
    print(f"  {name:<34}{each}  {max(found):>11,.0f}  {np.mean(seconds):>8.2f} s", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--data", default=os.environ.get("MENTORMATCH_BENCH_DATA"), help="directory of the instances")
    parser.add_argument("--iterations", type=int, help="budget of our search; chosen by instance when left out")
    parser.add_argument("--instances", nargs="+", default=list(PUBLISHED), help="names of instances, without .txt")
    arguments = parser.parse_args()
    places = [Path(arguments.data), Path(arguments.data) / "mdgplib"] if arguments.data else []
    paths = {name: path for name in arguments.instances for place in places if (path := place / f"{name}.txt").exists()}
    if not paths:
        sys.exit(MISSING.format(where=f" in {arguments.data}" if arguments.data else ""))
    small = (np.ones((20, 20)) - np.eye(20), [(5, 5)] * 4)
    ours(1)(small, 0), plain(1)(small, 0)  # compile, as an installation does
    print("CPU seconds per run, one thread; an upper bound where other programs run beside it")
    for name, path in paths.items():
        instance = read(path)
        print(f"\n{name}\n  {'':<34}" + "  ".join(f"{f'seed {seed}':>11}" for seed in SEEDS) + f"  {'best':>11}")
        iterations = arguments.iterations or ITERATIONS.get(name, 6_000)
        for budget in sorted({max(1, iterations // 10), iterations}):
            line(f"ours, {budget:,} iterations", ours(budget), instance)
        line("plain swaps, 100 restarts", plain(100), instance)
        if name in PUBLISHED:
            best, seconds = PUBLISHED[name]
            print(f"  {'anticlust three-phase, published':<34}{'':>37}  {best:>11,}  {seconds:>8.2f} s")


if __name__ == "__main__":
    main()
