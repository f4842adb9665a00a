"""`python -m benchmarks.fairness`: the worst-off beside the total, on public paper assignments and a made-up instance.

The public instances are not part of this repository: MIDL 2018 (scores, coverage and loads; Kobren, Saha and McCallum
2019, Paper matching with local fairness constraints) and the bids of AAMAS 2015 (PrefLib 00037). Put them into a
directory and name it with --data or the environment variable MENTORMATCH_BENCH_DATA; they are looked for in its folders
``midl2018`` and ``aamas2015``.
"""

from __future__ import annotations

import argparse
import os
import time
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp

from benchmarks.instances import topics
from mentormatch.matching.solver.assignment import Assignment, AssignmentProblem, Objective, Track, solve
from mentormatch.matching.solver.blocks import BoolArray, DenseScores, IntArray
from mentormatch.matching.solver.certificate import certify
from mentormatch.matching.solver.warming import warm_up
from mentormatch.matching.solver.worst_off_certificate import certify_worst_off

PUBLISHED = {"MIDL 2018": (188.874, 0.9448, 2.8), "AAMAS 2015": (1339.5, 1.25, 33.0)}
"""Total, worst-off and seconds of FairFlow (Kobren, Saha and McCallum 2019) as noted beforehand; it is not run here."""

MISSING = """No public instances found{where}: the made-up one alone.
They are public: data/midl of the GitHub repository iesl/fair-matching (the files covs.npy, loads.npy, scores.npy) and
datasets/aamas2015.in of YixuanEvenXu/perturbed-maximization. Put them into the folders midl2018 and aamas2015 of a
directory. Then: python -m benchmarks.fairness --data DIRECTORY, or set MENTORMATCH_BENCH_DATA."""

AAMAS_LOAD, PER_PAPER = 12, 3
"""Papers per reviewer and reviewers per paper of AAMAS 2015, for which nothing is prescribed."""

SECONDS = 120.0
"""HiGHS alone ends after this time."""


@dataclass(frozen=True, eq=False)
class Instance:
    """Papers x reviewers: scores as given, which pairs may be, and reviewers per paper and papers per reviewer.

    Whole scores are ``(score + shift) * scale``, rounded: exact for AAMAS 2015, to half a millionth for MIDL 2018.
    """

    scores: NDArray[np.float64]
    allowed: BoolArray
    wanted: IntArray
    capacity: IntArray
    shift: float
    scale: int

    @property
    def problem(self) -> AssignmentProblem:
        whole = np.rint((np.where(self.allowed, self.scores, -self.shift) + self.shift) * self.scale)
        source = DenseScores(whole.astype(np.int32), self.allowed)
        return AssignmentProblem((Track("papers", source, self.capacity, wanted=self.wanted),))

    def told(self, pairs: IntArray) -> tuple[float, float]:
        """Total and worst-off in the scores as given."""
        rows = np.repeat(np.arange(self.wanted.size), self.wanted)
        points = self.scores[rows, pairs]
        return float(points.sum()), float(np.bincount(rows, points).min())


def midl(folder: Path) -> Instance:
    """Read MIDL 2018; a score of -1 is a conflict of interest."""
    scores = np.load(folder / "scores.npy").T
    wanted, capacity = (np.load(folder / name).astype(np.int64) for name in ("covs.npy", "loads.npy"))
    return Instance(scores, scores > -1, wanted, capacity, 0.5, 500_000)


def aamas(folder: Path) -> Instance:
    """Read AAMAS 2015: bids as multiples of a quarter."""
    scores = np.loadtxt(folder / "aamas2015.in", skiprows=1)
    papers, reviewers = scores.shape
    wanted, capacity = np.full(papers, PER_PAPER), np.full(reviewers, AAMAS_LOAD)
    return Instance(scores, np.ones_like(scores, np.bool_), wanted, capacity, 0.0, 4)


def plain(instance: Instance) -> tuple[IntArray | None, str]:
    """HiGHS alone: the highest floor over all pairs in one integer program; then what it has found."""
    row, column = np.nonzero(instance.allowed)
    score, count = instance.scores[row, column], np.arange(row.size)
    papers, reviewers = instance.scores.shape
    ones = np.ones(row.size)
    floor = sparse.csr_array((score, (row, count)), shape=(papers, row.size))
    each = sparse.csr_array((ones, (row, count)), shape=(papers, row.size + 1))
    load = sparse.csr_array((ones, (column, count)), shape=(reviewers, row.size + 1))
    above = sparse.hstack([floor, sparse.csr_array(-np.ones((papers, 1)))])
    rules = [
        LinearConstraint(above, 0, np.inf),
        LinearConstraint(each, instance.wanted, instance.wanted),
        LinearConstraint(load, 0, instance.capacity),
    ]
    result = milp(
        np.append(np.zeros(row.size), -1),
        constraints=rules,
        integrality=np.append(ones, 0),
        bounds=Bounds(np.append(np.zeros(row.size), -np.inf), np.append(ones, np.inf)),
        options={"time_limit": SECONDS, "mip_rel_gap": 0.0},
    )
    if result.x is None:
        return None, f"nothing found in {SECONDS:.0f} s"
    chosen = result.x[:-1] > 0.5  # noqa: PLR2004  rounds a share of 0 or 1
    return column[chosen], "optimal" if result.status == 0 else f"ended after {SECONDS:.0f} s"


class Stopwatch:
    """CPU and wall seconds since it was made, as text."""

    def __init__(self) -> None:
        self.wall, self.cpu = time.perf_counter(), time.process_time()

    def __str__(self) -> str:
        return f"{time.process_time() - self.cpu:>7.2f} {time.perf_counter() - self.wall:>7.2f}"


def line(name: str, total: float, worst: float, seconds: str, note: str) -> None:
    print(f"  {name:<36}{total:>14,.3f} {worst:>11,.4f}  {seconds:>15}  {note}", flush=True)


def head(name: str) -> None:
    print(f"\n{name}\n  {'':<36}{'total':>14} {'worst-off':>11}  {'CPU s':>7} {'wall s':>7}  proof", flush=True)


def proof_of(problem: AssignmentProblem, answer: Assignment) -> str:
    """What is proved, and what the independent checks say."""
    certificate = certify(problem, answer)
    if certificate.violations:
        raise RuntimeError(certificate.violations[0])
    words = [f"{answer.status} by {answer.proof}"]
    if certificate.optimal:
        words.append("total certified")
    if problem.objective == Objective.WORST_OFF:
        words.append(f"worst-off at most {answer.worst_off_bound[0]:,} whole points")
        if certify_worst_off(problem, answer).optimal:
            words.append("certified")
    return ", ".join(words)


def public(name: str, instance: Instance, mixture: int) -> None:
    """Our objectives, the published figures and HiGHS alone on a public instance."""
    papers, reviewers = instance.scores.shape
    head(f"{name}: {papers} papers, {reviewers} reviewers, {int(instance.wanted[0])} per paper")
    for objective in (Objective.TOTAL, Objective.WORST_OFF, Objective.MIXTURE):
        problem = replace(instance.problem, objective=objective, mixture=mixture)
        watch = Stopwatch()
        answer, seconds = solve(problem), str(watch)
        title = f"ours, {objective}" + (f" {mixture} %" if objective == Objective.MIXTURE else "")
        line(title, *instance.told(answer.pairs[0]), seconds, proof_of(problem, answer))
    watch = Stopwatch()
    (pairs, note), seconds = plain(instance), str(watch)
    if pairs is None:
        print(f"  {'HiGHS alone, highest floor':<36}{'':>26}  {seconds}  {note}")
    else:
        line("HiGHS alone, highest floor", *instance.told(pairs), seconds, note)
    total, worst, spent = PUBLISHED[name]
    line("FairFlow, published", total, worst, f"{spent:>7.2f} {'':>7}", "none")


def made_up(n: int, mixture: int | None) -> None:
    """Our objectives on the made-up instance of `benchmarks.assignment`, one mentor each."""
    source, capacity = topics(n)
    head(f"Made up: {n:,} interns, {capacity.size:,} mentors, one mentor each")
    objectives = [Objective.TOTAL, Objective.WORST_OFF] + ([] if mixture is None else [Objective.MIXTURE])
    for objective in objectives:
        weight = 50 if mixture is None else mixture
        problem = AssignmentProblem((Track("mentors", source, capacity),), objective=objective, mixture=weight)
        watch = Stopwatch()
        answer, seconds = solve(problem), str(watch)
        worst = certify_worst_off(problem, answer).worst_off[0]
        line(f"ours, {objective}", answer.objective, worst or 0, seconds, proof_of(problem, answer))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--data", default=os.environ.get("MENTORMATCH_BENCH_DATA"), help="directory of the instances")
    parser.add_argument("--mixture", type=int, default=50, help="hundredths that the worst-off counts; 50 if left out")
    parser.add_argument("--sizes", type=int, nargs="*", default=[20_000], help="interns of the made-up instances")
    parser.add_argument("--mix-made-up", action="store_true", help="also the mixture of the made-up instances: minutes")
    arguments = parser.parse_args()
    warm_up()
    warm = AssignmentProblem((Track("warm-up", topics(40)[0], topics(40)[1]),), objective=Objective.WORST_OFF)
    solve(warm)  # compile, as an installation does
    readers = {"MIDL 2018": ("midl2018", midl), "AAMAS 2015": ("aamas2015", aamas)}
    root = Path(arguments.data) if arguments.data else None
    folders = {name: root / folder for name, (folder, _) in readers.items()} if root else {}
    found = {name: folder for name, folder in folders.items() if folder.is_dir()}
    if not found:
        print(MISSING.format(where=f" in {arguments.data}" if arguments.data else ""))
    for name, folder in found.items():
        public(name, readers[name][1](folder), arguments.mixture)
    for n in arguments.sizes:
        made_up(n, arguments.mixture if arguments.mix_made_up else None)


if __name__ == "__main__":
    main()
