"""Minimum loads: pairs that meet them all, or the hosts whose minima cannot be met together."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import maximum_flow

from mentormatch.matching.solver.blocks import IntArray, row_blocks
from mentormatch.matching.solver.instance import NOBODY, Instance, OpenTrack
from mentormatch.matching.solver.pricing import best_rows
from mentormatch.matching.solver.problem import UNFILLED, ImpossibleMinimum
from mentormatch.matching.solver.restricted import Candidates, Restricted

ALL_PAIRS = 2_000_000
"""Up to this many pairs all rows are considered for the hosts with a minimum; above it, each host's best rows first."""


def meet_minimum(instance: Instance) -> tuple[IntArray, ...]:
    """Per track, shape (places,): columns that give every host its minimum and nobody more; pins included.

    Raises
    ------
    ImpossibleMinimum
        When no matching meets all minima; names hosts that want more interns than are permitted to them.
    """
    _check_limits(instance)
    wanted = sum(int(track.minimum.sum()) for track in instance.tracks)
    if not wanted:
        return tuple(map(_pins_alone, instance.tracks))
    tracks = tuple(
        replace(track, capacity=track.minimum, minimum=np.zeros_like(track.minimum)) for track in instance.tracks
    )
    demand = replace(instance, tracks=tracks)
    size = sum(track.shape[0] * int((track.capacity > 0).sum()) for track in tracks)
    for everything in (False, True) if size > ALL_PAIRS else (True,):
        candidates = tuple(_candidates(track, everything=everything) for track in tracks)
        pairs = _met_together(demand, candidates) if instance.coupled else tuple(map(_met, tracks, candidates))
        if sum(map(_filled, pairs)) - instance.pinned_places == wanted:
            return pairs
    raise _impossible(instance, tracks, pairs)


def _pins_alone(track: OpenTrack) -> IntArray:
    none = np.zeros(0, np.int64)
    return track.matching(none, none)


def _met(track: OpenTrack, part: Candidates) -> IntArray:
    """Most places of one track's demand, by maximum flow."""
    n, m = track.shape
    hosts = np.flatnonzero(track.capacity > 0)
    source, sink = n + m, n + m + 1
    tails = np.concatenate([np.full(n, source), part.rows, n + hosts])
    heads = np.concatenate([np.arange(n), n + part.columns, np.full(hosts.size, sink)])
    limits = np.concatenate([track.wanted, np.ones(part.rows.size, np.int64), track.capacity[hosts]])
    graph = csr_array((limits.astype(np.int32), (tails, heads)), shape=(sink + 1, sink + 1))
    flow = maximum_flow(graph, source, sink).flow[:n].tocoo()
    used = flow.data > 0
    return track.matching(flow.row[used].astype(np.int64), flow.col[used] - np.int64(n))


def _met_together(demand: Instance, candidates: tuple[Candidates, ...]) -> tuple[IntArray, ...]:
    """Most places of all tracks' demand where people are shared, by branch and bound."""
    program = Restricted(demand, candidates)
    if not program.scores.size:
        return tuple(map(_pins_alone, demand.tracks))
    result = program.branch(np.ones(program.scores.size, np.int64))
    return program.matching(result.x > 0.5)  # noqa: PLR2004  rounds a share of 0 or 1


def _filled(pairs: IntArray) -> int:
    return int((pairs != UNFILLED).sum())


def _check_limits(instance: Instance) -> None:
    for index, track in enumerate(instance.tracks):
        over = np.flatnonzero(track.minimum > track.capacity)
        if over.size:
            text = "Track %(where)s, hosts %(hosts)s: expected a minimum load within the capacity. Lower the minimum."
            raise ImpossibleMinimum(text, track=index, columns=over, where=track.track.name, hosts=over.tolist())
    for person, limit in instance.shared.items():
        mine = [np.flatnonzero((track.owner == person) & (track.minimum > 0)) for track in instance.tracks]
        need = sum(int(track.minimum[columns].sum()) for track, columns in zip(instance.tracks, mine, strict=True))
        if need > limit:
            index = next(at for at, columns in enumerate(mine) if columns.size)
            text = (
                "Person %(person)s: expected minimum loads within the shared capacity, found %(found)s for %(expected)s"
                " places. Lower a minimum or raise the shared capacity."
            )
            fields = {"person": person, "found": need, "expected": limit}
            raise ImpossibleMinimum(text, track=index, columns=mine[index], **fields)


def _candidates(track: OpenTrack, *, everything: bool) -> Candidates:
    """Permitted pairs of the hosts that want somebody: all of them, or each host's best rows."""
    hosts = np.flatnonzero(track.capacity > 0)
    rows, columns, scores = [], [], []
    step = max(1, ALL_PAIRS // max(1, track.shape[0]))
    for start in range(0, hosts.size, step):
        some = hosts[start : start + step]
        mask = track.allowed(slice(None), some)
        block = track.track.source.scores(slice(None), some).astype(np.int64)
        if everything:
            row, column = np.nonzero(mask)
        else:
            row, column = best_rows(np.where(mask, block, -1), int(4 * track.capacity[some].max()) + 16)
            kept = mask[row, column]
            row, column = row[kept], column[kept]
        rows.append(row)
        columns.append(some[column])
        scores.append(block[row, column])
    empty = np.zeros(0, np.int64)
    none = Candidates(empty, empty, empty)
    joined = [np.concatenate([empty, *part]) for part in (rows, columns, scores)]
    return none.joined(joined[0], joined[1], joined[2], track.shape[1])


def _impossible(instance: Instance, tracks: tuple[OpenTrack, ...], pairs: tuple[IntArray, ...]) -> ImpossibleMinimum:
    """The first track with a deficit, and hosts whose permitted interns are too few for all of them (Hall)."""
    for index, track in enumerate(tracks):
        rows, columns = track.decided(pairs[index])
        load = np.bincount(columns, minlength=track.shape[1])
        short = np.flatnonzero(load < track.capacity)
        if short.size:
            hosts, supply = _violating(track, rows, columns, short)
            need = int(track.capacity[hosts].sum())
            shared = (track.owner[hosts] != NOBODY).any() and instance.coupled
            text = (
                "Track %(where)s, hosts %(hosts)s: their minimum loads ask for %(found)s interns together, and the"
                " rules leave %(expected)s. Lower a minimum or relax a rule."
            )
            left = need - int((track.capacity - load)[hosts].sum()) if shared else supply
            fields = {"where": track.track.name, "hosts": hosts.tolist(), "found": need, "expected": left}
            return ImpossibleMinimum(text, track=index, columns=hosts, **fields)
    message = "a demand that is met has no deficit"
    raise AssertionError(message)


def _violating(track: OpenTrack, rows: IntArray, columns: IntArray, short: IntArray) -> tuple[IntArray, int]:
    """Hosts reachable from ``short`` by alternating paths, and how many places are permitted to all of them.

    ``rows`` and ``columns`` are the pairs that are made.
    """
    n, m = track.shape
    hosts = np.zeros(m, np.bool_)
    hosts[short] = True
    reached = np.zeros(n, np.bool_)
    new = short
    while new.size:
        fresh = np.zeros_like(reached)
        for block in row_blocks(n, new.size):
            mask = track.allowed(block, new)
            at = np.full(m, -1)
            at[new] = np.arange(new.size)
            mine = (rows >= block.start) & (rows < block.stop) & (at[columns] >= 0)
            mask[rows[mine] - block.start, at[columns[mine]]] = False  # who is with the host already brings nobody new
            fresh[block] = mask.any(axis=1)
        fresh &= ~reached
        reached |= fresh
        new = np.setdiff1d(columns[fresh[rows]], np.flatnonzero(hosts))
        hosts[new] = True
    found = np.flatnonzero(hosts)
    supply = 0
    for block in row_blocks(n, found.size):
        supply += int(np.minimum(track.allowed(block, found).sum(axis=1), track.wanted[block]).sum())
    return found, supply
