"""The search for groups: iterated maxima with insertions, swaps and random kicks, compiled.

Lai, X. and Hao, J.-K. (2016). Iterated maxima search for the maximally diverse grouping problem. European Journal of
Operational Research 254: climbing by insertions and swaps over a table of gains, then a kick, then climbing again.
Whether the new maximum is kept is decided as in Martin, O., Otto, S. W. and Felten, E. W. (1991), Large-step Markov
chains for the traveling salesman problem, Complex Systems 5: a worse one sometimes, and more and more seldom.

Everything is done in integers with a generator of its own, so a seed gives the same groups everywhere.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mentormatch.matching.groups.state import (
    State,
    Units,
    best_insertion,
    best_swap,
    compare_groups,
    fits,
    shift,
    swap,
    swap_gain,
    unevenness,
)
from mentormatch.matching.solver.blocks import BoolArray, IntArray
from mentormatch.matching.solver.compiled import FAR, compiled

KICKS = 12
"""Random swaps between two climbs at the beginning of the search; they become fewer until one is left."""

CHANCES = 4096
LOGARITHMS: IntArray = np.rint(-np.log((np.arange(CHANCES) + 0.5) / CHANCES) * (1 << 10)).astype(np.int64)
"""``-log(u)`` in 1/1024 at evenly spaced u: the loss accepted at temperature one, without a logarithm per step."""


@compiled
def next_promising(  # noqa: PLR0917  compiled functions take no keywords
    gain: IntArray,
    own: IntArray,
    group: IntArray,
    distance: NDArray[np.int32],
    mine: IntArray,
    turn: BoolArray,
    dirty: BoolArray,
    giving: BoolArray,
    start: IntArray,
    veil: IntArray,
    u: int,
) -> int:
    """Return the next unit from u on, in a dirty group, that some swap might make better off; U when there is none.

    Units in groups that may give somebody away are promising when they are worth more in any other group. This walks
    over all pairs; the loop without branches takes about half a nanosecond per pair.
    """
    while u < own.size:
        a = group[u]
        if turn[a] or dirty[a]:
            elsewhere = np.int64(-FAR)
            if start[u + 1] > start[u]:
                return u  # swaps with those it must be apart from need a closer look
            compare_groups(gain, own, group, distance, mine, u)
            for b in range(mine.size):
                elsewhere = max(elsewhere, mine[b]) if b != a else elsewhere
            if giving[a] and elsewhere > 0:
                return u
            mine[a] = -FAR // 2
            most = np.int64(-FAR)
            for v in range(own.size):
                most = max(most, mine[group[v]] + gain[a, v] - own[v] - veil[v] - 2 * np.int64(distance[u, v]))
            if most > 0:
                return u
        u += 1
    return u


@compiled
def give_away(units: Units, state: State) -> bool:
    """Mark as `giving` the groups that may give somebody to another; return whether no move can make sizes more even.

    Moving people between groups evens out only where loads differ by two or more.
    """
    least, most, lightest = state.load.min(), state.load.max(), FAR
    for b in range(units.low.size):
        if state.load[b] < units.high[b]:
            lightest = min(lightest, state.load[b])
    for a in range(units.low.size):
        enough = units.even == 0 or state.load[a] > lightest
        state.giving[a] = lightest < FAR and enough and state.load[a] > units.low[a]
    return bool(units.alike or most - least <= 1)


@compiled
def next_unit(units: Units, state: State, turn: BoolArray, u: int) -> int:
    """Return the next unit from u on to look at closely; U when there is none."""
    if give_away(units, state):
        return next_promising(
            state.gain, state.own, state.group, units.distance, state.mine, turn, state.dirty, state.giving,
            units.start, units.veil, u
        )  # fmt: skip
    while u < units.size.size and not (turn[state.group[u]] or state.dirty[state.group[u]]):
        u += 1
    return u


@compiled
def climb(units: Units, state: State) -> int:
    """Improve until no insertion or swap from a dirty group gains; returns what was gained."""
    total, again = 0, True
    while again:
        again = False
        turn = state.dirty.copy()
        state.dirty[:] = False
        u = next_unit(units, state, turn, 0)
        while u < units.size.size:
            gained = step_up(units, state, u) if units.movable[u] else 0
            total += gained
            again = again or gained > 0
            u = next_unit(units, state, turn, u + 1)
    return total


@compiled
def step_up(units: Units, state: State, u: int) -> int:
    """Make the best insertion or swap of one unit if it gains; returns what was gained."""
    a = state.group[u]
    v, gained = best_swap(units, state, u, 0)
    b, more = best_insertion(units, state, u, gained)
    if b >= 0:
        shift(units, state, u, b)
        state.dirty[a] = state.dirty[b] = True
    elif v >= 0:
        swap(units, state, u, v)
    return more


@compiled
def usual_loss(units: Units, state: State) -> int:
    """Return the median over units of the least that a swap would lose: the temperature to begin with."""
    losses = np.zeros(state.group.size, np.int64)
    for u in range(losses.size):
        found, gained = best_swap(units, state, u, -units.penalty)
        losses[u] = -gained if found >= 0 else 0
    losses.sort()
    return int(losses[losses.size // 2])


@compiled
def below(random: NDArray[np.uint64], limit: int) -> int:
    """Return a random number, 0 to ``limit - 1`` (SplitMix64, Steele, Lea and Flood 2014)."""
    random[0] += np.uint64(0x9E3779B97F4A7C15)
    z = random[0]
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return int(((z ^ (z >> np.uint64(31))) >> np.uint64(32)) * np.uint64(limit) >> np.uint64(32))


@compiled
def kick(units: Units, state: State, random: NDArray[np.uint64], times: int) -> int:
    """Swap random units, or move one where its group may give it away; returns what was gained, mostly less than 0."""
    total, many = 0, state.group.size
    for _ in range(times):
        u, v = below(random, many), below(random, many)
        a, b = state.group[u], state.group[v]
        if a == b or not units.movable[u] or not units.movable[v]:
            continue
        if units.size[u] > units.size[v]:
            total += trade(units, state, random, u, b)
            continue
        moved = below(random, 4) == 0 and fits(units, state, a, b, units.size[u], units.lead[u])
        if moved:
            gained = state.gain[b, u] - state.own[u] - unevenness(units, state, a, b, units.size[u])
        else:
            gained = swap_gain(units, state, u, v)
        if 2 * gained < -(units.even if units.even > 0 else units.penalty):
            continue  # it breaks a constraint, or makes sizes less even
        total += gained
        if moved:
            shift(units, state, u, b)
            state.dirty[a] = state.dirty[b] = True
        else:
            swap(units, state, u, v)
    return total


@compiled
def trade(units: Units, state: State, random: NDArray[np.uint64], u: int, b: int) -> int:
    """Exchange a block for random smaller units of group b, as many people as it has; returns what was gained.

    Without this, blocks would never leave a group where sizes are fixed.
    """
    a, many, owed = state.group[u], state.group.size, units.size[u]
    gained = state.gain[b, u] - state.own[u]
    moved = np.empty(owed, np.int64)
    count, first = 0, below(random, many)
    shift(units, state, u, b)
    for k in range(many):
        v = (first + k) % many
        if owed > 0 and v != u and state.group[v] == b and units.movable[v] and units.size[v] <= owed:
            gained += state.gain[a, v] - state.own[v]
            shift(units, state, v, a)
            moved[count] = v
            count += 1
            owed -= units.size[v]
    if owed == 0 and fits(units, state, a, b, 0, 0) and 2 * gained > -units.penalty:
        state.dirty[a] = state.dirty[b] = True
        return int(gained)
    shift(units, state, u, a)
    for k in range(count):
        shift(units, state, moved[k], b)
    return 0


@compiled
def wander(  # noqa: PLR0917  compiled functions take no keywords
    units: Units,
    state: State,
    kept: IntArray,
    best: IntArray,
    worth: IntArray,
    random: NDArray[np.uint64],
    logarithms: IntArray,
    heat: int,
    left: int,
    whole: int,
    steps: int,
) -> None:
    """Kick and climb, `steps` times out of `left` that remain of the `whole` search.

    Parameters
    ----------
    state:
        At a local maximum; the groups in it are those in `kept`.
    kept, best:
        Group per unit of the maximum the search stands at, and of the best one so far.
    worth:
        Shape (2,): what these two are worth, from any common zero.
    heat:
        Temperature (in distance) at the beginning of the search; it falls to zero with `left`, and so do the kicks.
    """
    for step in range(steps):
        value = worth[0] + kick(units, state, random, 1 + KICKS * (left - step) // whole) + climb(units, state)
        loss = heat * (left - step) // whole * logarithms[below(random, logarithms.size)] >> 10
        if value >= worth[0] - loss:
            kept[:] = state.group
            worth[0] = value
            if value > worth[1]:
                best[:] = state.group
                worth[1] = value
        else:
            for u in range(kept.size):
                if state.group[u] != kept[u]:
                    shift(units, state, u, kept[u])
            state.dirty[:] = False
