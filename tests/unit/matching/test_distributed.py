"""Passes in threads, in processes and on a Dask cluster: the same pairs, prices and proof, to the bit."""

from __future__ import annotations

import os
import pickle

import numpy as np
import pytest
from distributed import Client, LocalCluster
from joblib import parallel_config

from benchmarks.instances import topics
from mentormatch.matching.solver import passes
from mentormatch.matching.solver.assignment import AssignmentProblem, Track, solve
from mentormatch.matching.solver.blocks import DenseScores
from mentormatch.matching.solver.certificate import certify
from mentormatch.matching.solver.passes import Grain, Sent, StoppedError, in_parts
from mentormatch.matching.solver.reoptimisation import EditedScores
from mentormatch.matching.solver.staying import Rewarded
from mentormatch.matching.solver.thresholds import AtLeast

ALL = slice(None)


def dense(n, m):
    rng = np.random.default_rng(3)
    interns, hosts = rng.standard_normal((n, 6)), rng.standard_normal((m, 6))
    scores = np.clip(interns @ hosts.T * 1000 + 5000, 0, 10_000).astype(np.int32) // 100
    return DenseScores(scores, rng.random(scores.shape) < 0.9)


def large():
    """Tracks for the compiled engine; one is a view of another source."""
    source = EditedScores(dense(900, 250), banned=frozenset({(3, 5), (700, 0)}))
    return AssignmentProblem((Track("t", source, np.full(250, 4)),))


def coupled():
    """Two tracks that share people: column generation and branching."""
    tracks = tuple(Track(name, dense(60, 20), np.full(20, 4), owner=np.arange(20) + 7 * (name == "b")) for name in "ab")
    return AssignmentProblem(tracks)


PROBLEMS = {"large": large, "coupled": coupled}


def outcome(name):
    """All bits of an answer, and what the independent check says."""
    problem = PROBLEMS[name]()
    answer = solve(problem)
    parts = [*answer.pairs, *answer.prices.hosts, *answer.utilities]
    certificate = certify(problem, answer)
    assert certificate.valid
    return [part.tolist() for part in parts], answer.objective, answer.upper_bound, answer.status, certificate


@pytest.fixture(scope="module")
def expected():
    with parallel_config("threading", n_jobs=1):
        return {name: outcome(name) for name in PROBLEMS}


@pytest.fixture(autouse=True)
def small_parts(monkeypatch):
    """Instances of the tests are cut as large ones are."""
    for grain in ("IN_THREADS", "ELSEWHERE"):
        monkeypatch.setattr(passes, grain, Grain(3, 1, 1 << 20))
    monkeypatch.setattr("mentormatch.matching.solver.scanning.ROWS", 64)
    monkeypatch.setattr("mentormatch.matching.solver.blocks.row_blocks.__defaults__", (500,))


@pytest.fixture(scope="module", params=["threading", "loky", "dask"])
def backend(request):
    """Two workers of each kind, chosen by configuration alone."""
    if request.param != "dask":
        with parallel_config(request.param, n_jobs=2):
            yield request.param
        return
    cluster = LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None)
    with cluster, Client(cluster), parallel_config("dask"):
        yield request.param


@pytest.mark.parametrize("name", PROBLEMS)
def test_where_the_work_is_done_changes_nothing(name, backend, expected):
    assert outcome(name) == expected[name]


def whoami(source, common, part):
    return os.getpid(), source.scores(slice(part, part + 1), ALL).sum() + common


def test_parts_come_in_order_from_workers(backend):
    source = dense(40, 5)
    found = list(in_parts(whoami, source, [(part,) for part in range(40)], 7))
    assert [total for _, total in found] == (source.matrix.sum(axis=1) + 7).tolist()
    assert (os.getpid() in {process for process, _ in found}) == (backend == "threading")


def test_a_stop_ends_a_pass_and_the_next_one_works(backend):
    source, parts, asked = dense(40, 5), [(part,) for part in range(40)], iter([False, False, True])
    found = in_parts(whoami, source, parts, 7, stop=lambda: next(asked))
    next(found), next(found)
    with pytest.raises(StoppedError):
        next(found)
    assert len(list(in_parts(whoami, source, parts, 7))) == 40


def failing(source, part):
    if part == 5:
        message = "out of luck"
        raise ValueError(message)
    return part


def test_an_error_in_a_part_is_raised(backend):
    with pytest.raises(ValueError, match="out of luck"):
        list(in_parts(failing, dense(9, 5), [(part,) for part in range(9)]))


SOURCES = {
    "factors": lambda: topics(64)[0],
    "dense": lambda: dense(30, 8),
    "edited": lambda: EditedScores(dense(30, 8), frozenset({4}), frozenset({(1, 1)})),
    "rewarded": lambda: Rewarded(dense(30, 8), np.array([1, 2]), np.array([0, 3]), 5),
    "at least": lambda: AtLeast(dense(30, 8), 40),
}


@pytest.mark.parametrize("name", SOURCES)
def test_sources_arrive_as_they_were_sent(name):
    source = SOURCES[name]()
    sent = Sent.of(source)
    arrived = pickle.loads(pickle.dumps(sent))
    assert arrived is sent.unpacked()
    assert arrived.shape == source.shape
    assert (arrived.scores(ALL, ALL) == source.scores(ALL, ALL)).all()
    assert (arrived.allowed(ALL, ALL) == source.allowed(ALL, ALL)).all()
