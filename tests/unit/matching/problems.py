"""Small assignment problems for Hypothesis, and what must be true of any answer, worked out by brute force."""

from __future__ import annotations

from itertools import product

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array
from scipy.sparse.csgraph import maximum_flow

from mentormatch.matching.solver.assignment import AssignmentProblem, Track
from mentormatch.matching.solver.blocks import DenseScores


@st.composite
def tracks(draw, interns, most_hosts=3, owner=None, *, several=False):
    hosts = draw(st.integers(1, most_hosts)) if owner is None else len(owner)
    high = draw(st.sampled_from([1, 5, 100]))
    matrix = draw(hnp.arrays(np.int32, (interns, hosts), elements=st.integers(0, high)))
    mask = draw(hnp.arrays(np.bool_, (interns, hosts), elements=st.sampled_from([True, True, False])))
    capacity = draw(hnp.arrays(np.int64, hosts, elements=st.integers(0, 3)))
    minimum = draw(hnp.arrays(np.int64, hosts, elements=st.sampled_from([0, 0, 0, 1, 2])))
    minimum = np.minimum(minimum, capacity)
    wanted = draw(hnp.arrays(np.int64, interns, elements=st.sampled_from([1, 2, 2, 3, 0]))) if several else None
    return Track(f"track {hosts}", DenseScores(matrix, mask), capacity, minimum, owner, wanted)


@st.composite
def pins(draw, interns, widths, most=1):
    cells = st.tuples(st.integers(0, len(widths) - 1), st.integers(0, interns - 1), st.integers(0, 99))
    drawn = draw(st.lists(cells, max_size=most))
    return tuple((track, row, column % widths[track]) for track, row, column in drawn)


@st.composite
def single_problems(draw, most_interns=5, most_hosts=4):
    interns = draw(st.integers(1, most_interns))
    track = draw(tracks(interns, most_hosts))
    return AssignmentProblem((track,), draw(pins(interns, [track.source.shape[1]])))


@st.composite
def several_problems(draw, most_interns=7, most_hosts=6):
    """One track in which interns want none, one or several hosts, with any number of pins."""
    interns = draw(st.integers(1, most_interns))
    track = draw(tracks(interns, most_hosts, several=True))
    return AssignmentProblem((track,), draw(pins(interns, [track.source.shape[1]], 3)))


@st.composite
def coupled_problems(draw, *, several=False):
    """Two tracks with common people; with ``several``, interns want several hosts and people stand in one twice."""
    interns = draw(st.integers(1, 5 if several else 3))
    owners = [
        draw(st.lists(st.integers(0, 3), min_size=1, max_size=4 if several else 3, unique=not several))
        for _ in range(2)
    ]
    pair = tuple(draw(tracks(interns, owner=np.array(owner), several=several)) for owner in owners)
    both = sorted(set(owners[0]) | set(owners[1]))
    shared = draw(st.dictionaries(st.sampled_from(both), st.integers(0, 3), max_size=2))
    return AssignmentProblem(pair, draw(pins(interns, [len(owner) for owner in owners], 2 if several else 1)), shared)


def keeps_the_rules(problem, pairs):
    """Whether a matching breaks nothing, told plainly."""
    meetings, loads, made = [], {}, []
    for index, (track, columns) in enumerate(zip(problem.tracks, pairs, strict=True)):
        load = [0] * track.source.shape[1]
        for row, column in zip(track.place_rows.tolist(), columns, strict=True):
            if column < 0:
                continue
            load[column] += 1
            made.append((index, row, int(column)))
            if not track.source.mask[row, column] and (index, row, column) not in problem.pins:
                return False
            if track.owner is not None:
                person = int(track.owner[column])
                meetings.append((row, person))
                loads[person] = loads.get(person, 0) + 1
        if any(got > most for got, most in zip(load, track.capacity, strict=True)):
            return False
        if any(got < least for got, least in zip(load, track.minimum, strict=True)):
            return False
    if len(meetings) > len(set(meetings)) or len(made) > len(set(made)):
        return False
    if any(loads.get(person, 0) > most for person, most in problem.shared_capacity.items()):
        return False
    return all(tuple(pin) in made for pin in problem.pins)


def total(problem, pairs):
    """(filled places, total score)."""
    cells = [
        int(track.source.matrix[row, column])
        for track, columns in zip(problem.tracks, pairs, strict=True)
        for row, column in zip(track.place_rows, columns, strict=True)
        if column >= 0
    ]
    return len(cells), sum(cells)


def best_by_brute_force(problem):
    """Best (filled places, total score) of all matchings, or None when none keeps the rules."""
    n = problem.interns
    columns = [range(-1, track.source.shape[1]) for track in problem.tracks for _ in range(n)]
    answers = [
        total(problem, pairs)
        for flat in product(*columns)
        if keeps_the_rules(problem, pairs := [flat[i : i + n] for i in range(0, len(flat), n)])
    ]
    return max(answers, default=None)


def best_by_integer_program(problem):
    """Best (filled places, total score) by a plain integer program over all pairs; None when none keeps the rules."""
    cells = [(t, i, j) for t, track in enumerate(problem.tracks) for i, j in np.ndindex(track.source.shape)]
    tracks = problem.tracks
    score = np.array([tracks[t].source.matrix[i, j] for t, i, j in cells], np.float64)
    pinned = np.array([cell in problem.pins for cell in cells])
    allowed = np.array([tracks[t].source.mask[i, j] for t, i, j in cells]) | pinned
    limits = {}
    for at, (t, i, j) in enumerate(cells):
        track = tracks[t]
        limits.setdefault(("row", t, i), (0, 1 if track.wanted is None else track.wanted[i], []))[2].append(at)
        limits.setdefault(("host", t, j), (track.minimum[j], track.capacity[j], []))[2].append(at)
        if track.owner is not None:
            person = int(track.owner[j])
            limits.setdefault(("once", i, person), (0, 1, []))[2].append(at)
            limits.setdefault(("person", person), (0, problem.shared_capacity.get(person, 999), []))[2].append(at)
    matrix = np.zeros((len(limits), len(cells)))
    for number, (_, _, members) in enumerate(limits.values()):
        matrix[number, members] = 1
    least, most = ([limit[side] for limit in limits.values()] for side in (0, 1))
    result = milp(
        -(score + score.sum() + 1),
        constraints=[LinearConstraint(matrix, least, most)],
        integrality=np.ones(len(cells)),
        bounds=Bounds(pinned.astype(float), allowed.astype(float)),
        options={"mip_rel_gap": 0.0},
    )
    if result.x is None:
        return None
    chosen = result.x > 0.5
    return int(chosen.sum()), int(score[chosen].sum())


def most_places(problem):
    """Coverage of a problem with one track and no minimum, from SciPy's maximum flow."""
    (track,) = problem.tracks
    n, m = track.source.shape
    graph = np.zeros((n + m + 2, n + m + 2), np.int32)
    graph[n + m, :n] = 1
    graph[:n, n : n + m] = track.source.mask
    graph[n : n + m, n + m + 1] = track.capacity
    for _, row, column in problem.pins:
        graph[row, n : n + m] = 0
        graph[n + m, row] = 0
        graph[n + column, n + m + 1] -= 1
    return int(maximum_flow(csr_array(graph), n + m, n + m + 1).flow_value) + len(problem.pins)
