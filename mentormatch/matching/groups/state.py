"""A grouping under way: units, the table of what each is worth in each group, and single moves. Compiled."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mentormatch.matching.solver.blocks import BoolArray, IntArray
from mentormatch.matching.solver.compiled import FAR, compiled


class Units(NamedTuple):
    """What is to be grouped: units (people, or blocks that stay together) and what each group may hold.

    Per pair of units: ``distance`` (U, U), int32. Per unit: ``size`` in people, ``lead`` facilitators in it,
    ``movable``, and the units it must be apart from, ``apart[start[u]:start[u + 1]]``. Per group: least and most people
    and facilitators. ``penalty`` is what a broken constraint costs, ``even`` what unequal sizes cost (0: nothing).
    ``alike`` says that no swap can make sizes more even: all units have one size, or evenness costs nothing.
    ``veil`` (U,) is zero for units of the most frequent size and huge for others, which are looked at one by one.
    """

    distance: NDArray[np.int32]
    size: IntArray
    lead: IntArray
    movable: BoolArray
    start: IntArray
    apart: IntArray
    low: IntArray
    high: IntArray
    lead_low: IntArray
    lead_high: IntArray
    penalty: int
    even: int
    alike: bool
    veil: IntArray


class State(NamedTuple):
    """One grouping: ``group`` per unit, ``gain`` (G, U), the worth of each unit in each group, and loads.

    ``own`` repeats the gain of each unit in its own group; ``dirty`` marks groups to be looked at again;
    ``mine`` (G,) is work space.
    """

    group: IntArray
    gain: IntArray
    own: IntArray
    mine: IntArray
    load: IntArray
    lead: IntArray
    dirty: BoolArray
    giving: BoolArray


@compiled
def state_of(units: Units, group: IntArray) -> State:
    """Work out the table of gains of a grouping, in one walk over all pairs."""
    many, groups = group.size, units.low.size
    state = State(
        group.copy(),
        np.zeros((groups, many), np.int64),
        np.zeros(many, np.int64),
        np.zeros(groups, np.int64),
        np.zeros(groups, np.int64),
        np.zeros(groups, np.int64),
        np.ones(groups, np.bool_),
        np.ones(groups, np.bool_),
    )
    for u in range(many):
        g = group[u]
        state.load[g] += units.size[u]
        state.lead[g] += units.lead[u]
        gain, distance = state.gain[g], units.distance[u]
        for v in range(many):
            gain[v] += distance[v]
        for e in range(units.start[u], units.start[u + 1]):
            gain[units.apart[e]] -= units.penalty
    for u in range(many):
        state.own[u] = state.gain[group[u], u]
    return state


@compiled
def carry(  # noqa: PLR0917  compiled functions take no keywords
    gain: IntArray, own: IntArray, group: IntArray, distance: NDArray[np.int32], u: int, a: int, b: int
) -> None:
    """Carry the distances to unit u from row a of the gains to row b; flat arguments, as reference counts cost time."""
    for v in range(own.size):
        less, more = gain[a, v] - distance[u, v], gain[b, v] + distance[u, v]
        gain[a, v], gain[b, v] = less, more
        own[v] = less if group[v] == a else (more if group[v] == b else own[v])


@compiled
def shift(units: Units, state: State, u: int, b: int) -> None:
    """Put unit u into group b."""
    a = state.group[u]
    for e in range(units.start[u], units.start[u + 1]):
        state.gain[a, units.apart[e]] += units.penalty
        state.gain[b, units.apart[e]] -= units.penalty
    state.group[u] = b
    carry(state.gain, state.own, state.group, units.distance, u, a, b)
    state.load[a] -= units.size[u]
    state.load[b] += units.size[u]
    state.lead[a] -= units.lead[u]
    state.lead[b] += units.lead[u]


@compiled
def fits(  # noqa: PLR0917  compiled functions take no keywords
    units: Units, state: State, a: int, b: int, people: int, lead: int
) -> bool:
    """Whether that many people and facilitators may go from group a to group b."""
    return bool(
        units.low[a] <= state.load[a] - people <= units.high[a]
        and units.low[b] <= state.load[b] + people <= units.high[b]
        and units.lead_low[a] <= state.lead[a] - lead <= units.lead_high[a]
        and units.lead_low[b] <= state.lead[b] + lead <= units.lead_high[b]
    )


@compiled
def unevenness(units: Units, state: State, a: int, b: int, people: int) -> int:
    """Return what it costs in evenness when that many people go from group a to group b."""
    return int(units.even * people * (state.load[b] - state.load[a] + people))


@compiled
def compare_groups(  # noqa: PLR0917  compiled functions take no keywords
    gain: IntArray, own: IntArray, group: IntArray, distance: NDArray[np.int32], mine: IntArray, u: int
) -> None:
    """Leave in `mine` what unit u would gain in each group, but for penalties where groups are many.

    A column of a wide table costs a cache miss per group; then adding up the distances anew is quicker.
    """
    if 8 * mine.size < own.size:
        for b in range(mine.size):
            mine[b] = gain[b, u] - own[u]
        return
    for b in range(mine.size):
        mine[b] = -own[u]
    for v in range(own.size):
        mine[group[v]] += distance[u, v]


@compiled
def best_swap(units: Units, state: State, u: int, least: int) -> tuple[int, int]:
    """Return the unit to swap u with and what that gains; -1 when nothing gains more than `least`."""
    a, found, mine = state.group[u], -1, state.mine
    compare_groups(state.gain, state.own, state.group, units.distance, mine, u)
    if 8 * mine.size >= state.own.size:
        for e in range(units.start[u], units.start[u + 1]):
            mine[state.group[units.apart[e]]] -= units.penalty
    for v in range(units.size.size):
        b = state.group[v]
        if b == a or not units.movable[v]:
            continue
        gained = mine[b] + state.gain[a, v] - state.own[v] - 2 * np.int64(units.distance[u, v])
        people, lead = units.size[u] - units.size[v], units.lead[u] - units.lead[v]
        if people != 0 or lead != 0:
            if not fits(units, state, a, b, people, lead):
                continue
            gained -= unevenness(units, state, a, b, people)
        if gained > least:
            least, found = gained, v
    for e in range(units.start[u], units.start[u + 1]):
        gained = swap_gain(units, state, u, units.apart[e])
        if gained > least:
            least, found = gained, units.apart[e]
    return found, least


@compiled
def swap_gain(units: Units, state: State, u: int, v: int) -> int:
    """Return what a swap gains, also of two units that must be apart; less than any other when it is not allowed."""
    a, b = state.group[u], state.group[v]
    people, lead = units.size[u] - units.size[v], units.lead[u] - units.lead[v]
    if a == b or not (units.movable[u] and units.movable[v] and fits(units, state, a, b, people, lead)):
        return int(-FAR)
    gained = state.gain[b, u] - state.own[u] + state.gain[a, v] - state.own[v] - 2 * np.int64(units.distance[u, v])
    for e in range(units.start[u], units.start[u + 1]):
        gained += 2 * units.penalty if units.apart[e] == v else 0  # they change places: they do not meet
    return int(gained - unevenness(units, state, a, b, people))


@compiled
def best_insertion(units: Units, state: State, u: int, least: int) -> tuple[int, int]:
    """Return the group to move u to and what that gains; -1 when nothing gains more than `least`."""
    a, found = state.group[u], -1
    for b in range(units.low.size):
        if b == a or not fits(units, state, a, b, units.size[u], units.lead[u]):
            continue
        gained = state.gain[b, u] - state.own[u] - unevenness(units, state, a, b, units.size[u])
        if gained > least:
            least, found = gained, b
    return found, least


@compiled
def swap(units: Units, state: State, u: int, v: int) -> None:
    """Let two units change places."""
    a, b = state.group[u], state.group[v]
    shift(units, state, u, b)
    shift(units, state, v, a)
    state.dirty[a] = state.dirty[b] = True
