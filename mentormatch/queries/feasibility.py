"""What the hard rules leave possible before any run: the largest coverage, who has nobody, what binds, bottlenecks.

All figures of a track are about that track alone. They are plain JSON, ids are those of enrolments::

    {track: {"interns", "hosts", "places", "coverage": int,      # interns who seek, hosts, their places, most matched
             "nobody": int,                                      # interns to whom the rules permit no host
             "idle": {"hosts", "places"},                        # hosts with places whom no intern may have
             "rules": [{"rule", "kind", "removes", "alone", "nobody", "gain",
                        "relaxed": {"to", "gain"} or None}],     # the one that binds most first
             "stranded": [{"intern", "removed": {rule: hosts}, "helps": [{"rule", "to", "hosts"}]}],
             "bottlenecks": [{"interns": [id], "count", "hosts": [id], "host_count", "places",
                              "blocked": {rule: pairs}}]}}

Of a rule, ``removes`` counts the pairs that it rules out, ``alone`` those that nothing else rules out, ``nobody`` the
interns whom it alone would leave without any host, ``gain`` by how much the largest coverage would rise without it. The
office's own decisions (vetoes, skips, pins, pairs that came to nothing) stand among the rules as `DECISIONS`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components, maximum_flow

from mentormatch.matching.criteria import Rule
from mentormatch.matching.match_problem import MatchProblem
from mentormatch.matching.solver.blocks import BoolArray, IntArray, row_blocks
from mentormatch.matching.tables import capacity_of

DECISIONS = "decisions"
"""Stands among the rules for what the office has decided on single pairs."""

LISTED = 20
"""At most so many people of a group are named."""
BOTTLENECKS = 5

_ALL_PAIRS = 2_000_000
"""Up to so many pairs the flow runs over all of them at once; above, over some, and more until that is enough."""
_SOME = 16

Allowed = Callable[[Any, Any], BoolArray]


@dataclass(frozen=True, slots=True)
class _Check:
    """A rule that has read the people: what it permits, and a milder form of it, if there is one."""

    key: str
    kind: str
    allowed: Allowed
    milder: Allowed | None = None
    to: int | None = None


@dataclass(frozen=True, eq=False)
class _Track:
    """One track: interns x hosts, how many checks break each pair, and the number (from 1) of the one that does."""

    interns: Sequence[Mapping[str, Any]]
    hosts: Sequence[Mapping[str, Any]]
    capacity: IntArray
    checks: Sequence[_Check]
    broken: np.ndarray[Any, np.dtype[np.uint8]]
    by: np.ndarray[Any, np.dtype[np.uint8]]
    removes: Sequence[int]
    nobody: Sequence[int]

    @property
    def allowed(self) -> BoolArray:
        """Pairs that nothing rules out, interns x hosts."""
        permitted: BoolArray = self.broken == 0
        return permitted

    def only(self, number: int) -> BoolArray:
        """Pairs that this check alone rules out, interns x hosts."""
        alone: BoolArray = (self.broken == 1) & (self.by == number + 1)
        return alone


def figures(problem: MatchProblem, tick: Callable[[], None] = lambda: None) -> dict[str, Any]:
    """Return the figures of every track of a problem, see the module.

    Parameters
    ----------
    tick:
        Called between the steps; what it raises ends the work.
    """
    return {track: _figures(_read(problem, track), tick) for track in problem.hosts}


def _read(problem: MatchProblem, track: str) -> _Track:
    hosts = problem.hosts[track]
    interns = [row for row in problem.interns if track not in row.get("settled", ())]
    checks = list(_checks(problem, track, interns))
    shape = len(interns), len(hosts)
    broken, by = np.zeros(shape, np.uint8), np.zeros(shape, np.uint8)
    removes, nobody = [0] * len(checks), [0] * len(checks)
    for block in row_blocks(*shape):
        for number, check in enumerate(checks):
            out = ~check.allowed(block, slice(None))
            broken[block] += out
            by[block] += out * np.uint8(number + 1)
            removes[number] += int(out.sum())
            nobody[number] += int(out.all(axis=1).sum())
    capacity = np.array([capacity_of(row, track) for row in hosts], np.int64)
    return _Track(interns, hosts, capacity, checks, broken, by, removes, nobody)


def _checks(problem: MatchProblem, track: str, interns: Sequence[Mapping[str, Any]]) -> Iterable[_Check]:
    from mentormatch.matching.rules import fitted_rule  # loads scikit-learn: only where it is used

    hosts = problem.hosts[track]
    for rule in problem.rules:
        if rule.is_hard and rule.applies_to(track):
            allowed = fitted_rule(rule, interns, hosts).allowed
            to = milder(rule)
            if to is None:
                yield _Check(rule.key, rule.kind, allowed)
            else:
                name, value = to
                gentle = replace(rule, params={**rule.params, name: value})
                yield _Check(rule.key, rule.kind, allowed, fitted_rule(gentle, interns, hosts).allowed, value)
    decided = _decided(problem, track, interns)
    if decided is not None:
        yield _Check(DECISIONS, DECISIONS, lambda rows, columns: decided[rows][:, columns])


def milder(rule: Rule) -> tuple[str, int] | None:
    """Return the next milder setting of a rule as option and value: half the minutes, one level less; None for none."""
    if rule.kind == "shared_hours" and rule.option("minutes") > 1:
        return "minutes", int(rule.option("minutes")) // 2
    if rule.kind == "shared_language" and rule.option("min_level") > 1:
        return "min_level", int(rule.option("min_level")) - 1
    return None


def _decided(problem: MatchProblem, track: str, interns: Sequence[Mapping[str, Any]]) -> BoolArray | None:
    """Return which pairs the decisions leave, interns x hosts; None without any: a pin leaves its own pair alone."""
    row_of = {row["id"]: number for number, row in enumerate(interns)}
    column_of = {row["id"]: number for number, row in enumerate(problem.hosts[track])}
    pins, bans = (
        [(row_of[intern], column_of[host]) for name, intern, host in pairs if name == track and intern in row_of]
        for pairs in (problem.pins, problem.bans)
    )
    if not pins and not bans:
        return None
    left = np.ones((len(row_of), len(column_of)), np.bool_)
    for row, _ in pins:
        left[row] = False
    for row, column in pins:
        left[row, column] = True
    for row, column in bans:
        left[row, column] = False
    return left


def _figures(track: _Track, tick: Callable[[], None]) -> dict[str, Any]:
    allowed = track.allowed
    lonely = ~allowed.any(axis=1)
    idle = (track.capacity > 0) & ~allowed.any(axis=0)
    best = largest_coverage(allowed, track.capacity)
    tick()
    return {
        "interns": len(track.interns),
        "hosts": len(track.hosts),
        "places": int(track.capacity.sum()),
        "coverage": best.size,
        "nobody": int(lonely.sum()),
        "idle": {"hosts": int(idle.sum()), "places": int(track.capacity[idle].sum())},
        "rules": _rules(track, best.size, tick),
        "stranded": [_stranded(track, row) for row in np.flatnonzero(lonely)[:LISTED].tolist()],
        "bottlenecks": _bottlenecks(track, allowed, best),
    }


def _rules(track: _Track, coverage: int, tick: Callable[[], None]) -> list[dict[str, Any]]:
    """Return what each check costs, the one that binds most first."""
    found = []
    for number, check in enumerate(track.checks):
        only = track.only(number)
        wider = None
        if check.milder is not None:
            wider = {"to": check.to, "gain": _gain(track, only & _whole(check.milder, only.shape), coverage)}
        gain = _gain(track, only, coverage)
        found.append(
            {
                "rule": check.key,
                "kind": check.kind,
                "removes": track.removes[number],
                "alone": int(only.sum()),
                "nobody": track.nobody[number],
                "gain": gain,
                "relaxed": wider,
            }
        )
        tick()
    return sorted(found, key=lambda one: (-one["gain"], -one["alone"], -one["removes"], one["rule"]))


def _whole(allowed: Allowed, shape: tuple[int, int]) -> BoolArray:
    blocks = [allowed(block, slice(None)) for block in row_blocks(*shape)]
    return np.concatenate(blocks) if blocks else np.zeros(shape, np.bool_)


def _gain(track: _Track, more: BoolArray, coverage: int) -> int:
    """Return by how much the largest coverage rises when these pairs are permitted, too."""
    room = min(len(track.interns), int(np.minimum(track.capacity, len(track.interns)).sum()))
    if coverage == room or not more.any():
        return 0
    return largest_coverage(track.allowed | more, track.capacity).size - coverage


def _stranded(track: _Track, row: int) -> dict[str, Any]:
    """Return which checks leave an intern nobody, and which single change would give how many hosts."""
    here = slice(row, row + 1)
    removed, helps = {}, []
    for number, check in enumerate(track.checks):
        out = int((~check.allowed(here, slice(None))).sum())
        if not out:
            continue
        removed[check.key] = out
        only = (track.broken[row] == 1) & (track.by[row] == number + 1)
        if check.milder is not None and (wider := int((only & check.milder(here, slice(None))[0]).sum())):
            helps.append({"rule": check.key, "to": check.to, "hosts": wider})
        if only.any():
            helps.append({"rule": check.key, "to": None, "hosts": int(only.sum())})
    return {"intern": track.interns[row]["id"], "removed": removed, "helps": helps}


def _bottlenecks(track: _Track, allowed: BoolArray, best: Coverage) -> list[dict[str, Any]]:
    """Return groups of interns with too few places among all whom they may have, the most left over first.

    The interns whom an alternating path joins to one without a host, and the hosts they may have, violate Hall's
    condition; they are the same for every largest matching (Dulmage and Mendelsohn, Canad. J. Math. 10, 1958). Parts
    that do not touch are told apart. Interns who may have nobody at all are left out.
    """
    rows = np.flatnonzero(best.short & allowed.any(axis=1))
    columns = np.flatnonzero(best.scarce)
    if not rows.size:
        return []
    mine, theirs = np.nonzero(allowed[np.ix_(rows, columns)])
    both = rows.size + columns.size
    joined = csr_array((np.ones(mine.size, np.bool_), (mine, rows.size + theirs)), shape=(both, both))
    _, label = connected_components(joined, directed=False)
    found = []
    for number in np.unique(label[: rows.size]):
        mine = rows[label[: rows.size] == number]
        theirs = columns[label[rows.size :] == number]
        found.append((mine, theirs, int(track.capacity[theirs].sum())))
    found.sort(key=lambda one: (one[2] - one[0].size, one[0][0]))
    return [_bottleneck(track, *one) for one in found[:BOTTLENECKS]]


def _bottleneck(track: _Track, rows: IntArray, columns: IntArray, places: int) -> dict[str, Any]:
    others = np.setdiff1d(np.flatnonzero(track.capacity > 0), columns)
    blocked = {check.key: int((~check.allowed(rows, others)).sum()) for check in track.checks}
    return {
        "interns": [track.interns[row]["id"] for row in rows[:LISTED]],
        "count": int(rows.size),
        "hosts": [track.hosts[column]["id"] for column in columns[:LISTED]],
        "host_count": int(columns.size),
        "places": places,
        "blocked": {key: pairs for key, pairs in blocked.items() if pairs},
    }


@dataclass(frozen=True, eq=False)
class Coverage:
    """A largest matching: how many interns get a host, and where places are short.

    `short` marks the interns (n,) whom an alternating path joins to one without a host, those included; `scarce` the
    hosts (m,) whom they may have: together these have fewer places than interns.
    """

    size: int
    short: BoolArray
    scarce: BoolArray


def largest_coverage(allowed: BoolArray, capacity: IntArray) -> Coverage:
    """Return the largest matching of interns to hosts with places.

    A maximum flow over some pairs of each intern is proved largest over all pairs by an alternating search (Berge
    1957); if it is not, more pairs are taken.

    Parameters
    ----------
    allowed:
        Permitted pairs, shape (n, m).
    capacity:
        Places of each host, shape (m,).
    """
    n, m = allowed.shape
    if not m:
        return Coverage(0, np.ones(n, np.bool_), np.zeros(0, np.bool_))
    each = m if n * m <= _ALL_PAIRS else _SOME
    while True:
        host = _flow(allowed if each >= m else _some(allowed, each), capacity)
        short, scarce = _alternate(allowed, host)
        used = np.bincount(host[host >= 0], minlength=m)
        if not (scarce & (used < capacity)).any():
            return Coverage(int((host >= 0).sum()), short, scarce)
        each *= 4


def _some(allowed: BoolArray, each: int) -> BoolArray:
    """Return `each` of the permitted pairs of every row, drawn so that no host is preferred."""
    rng = np.random.default_rng(0)
    chosen = np.zeros_like(allowed)
    for block in row_blocks(*allowed.shape):
        part = allowed[block]
        drawn = np.where(part, rng.random(part.shape, np.float32), np.float32(2))
        first = np.argpartition(drawn, each, axis=1)[:, :each]
        rows = np.arange(part.shape[0])[:, None]
        chosen[block][rows, first] = part[rows, first]
    return chosen


def _flow(allowed: BoolArray, capacity: IntArray) -> IntArray:
    """Return the host of each intern, shape (n,), -1 for none, in a largest matching over these pairs."""
    n, m = allowed.shape
    rows, columns = np.nonzero(allowed)
    source, sink = n + m, n + m + 1
    tails = np.concatenate([np.full(n, source), rows, n + np.arange(m)])
    heads = np.concatenate([np.arange(n), n + columns, np.full(m, sink)])
    limits = np.concatenate([np.ones(n + rows.size, np.int64), np.minimum(capacity, n)])
    graph = csr_array((limits.astype(np.int32), (tails, heads)), shape=(sink + 1, sink + 1))
    flow = maximum_flow(graph, source, sink).flow[:n].tocoo()
    host = np.full(n, -1, np.int64)
    used = flow.data > 0
    host[flow.row[used]] = flow.col[used] - n
    return host


def _alternate(allowed: BoolArray, host: IntArray) -> tuple[BoolArray, BoolArray]:
    """Return interns and hosts that alternating paths reach from interns without a host, shapes (n,) and (m,)."""
    reached, hosts = host < 0, np.zeros(allowed.shape[1], np.bool_)
    fresh = np.flatnonzero(reached)
    while fresh.size:
        for part in row_blocks(fresh.size, allowed.shape[1]):
            hosts |= allowed[fresh[part]].any(axis=0)
        fresh = np.flatnonzero(~reached & hosts[host])  # whoever has none (-1) is reached already
        reached[fresh] = True
    return reached, hosts
