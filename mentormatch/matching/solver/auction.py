"""The forward auction: quick starting prices by bidding, after Bertsekas (1988), with several places per host.

Bertsekas, D. P. (1988). The auction algorithm: a distributed relaxation method for the assignment problem. Annals of
Operations Research 14. Hosts with several places as in Bertsekas and Castañon (1989), The auction algorithm for the
transportation problem, ibid. 20: a full host's price is its lowest accepted bid. Each slot of a row bids for itself,
among the hosts that no other slot of the row has.
"""

from __future__ import annotations

from mentormatch.matching.solver.blocks import IntArray
from mentormatch.matching.solver.compiled import FAR, NONE, Lists, Matching, compiled, enter, leave, taken


@compiled
def forward_auction(lists: Lists, x: Matching, bid: IntArray, stack: IntArray, waiting: int, step: int, most: int) -> int:  # fmt: skip  # noqa: E501, PLR0917  compiled functions take no keywords
    """Bid until every slot has a host or prefers its guard; ``x.price`` holds the prices afterwards.

    May be called again with what it has returned, and goes on.

    Parameters
    ----------
    bid:
        Shape (slots,), work space: what each slot offered for its place.
    stack:
        Shape (slots,): the first ``waiting`` are slots without a place; the last of them bids first.
    step:
        Least rise of a bid (epsilon), in points: the larger, the fewer bids, and the rougher the prices.
    most:
        Bids after which to return; the prices are a start and need not be final.

    Returns
    -------
    int
        How many slots are still waiting.
    """
    bids = 0
    while waiting > 0 and bids < most:
        waiting -= 1
        i = stack[waiting]
        bids += 1
        row = x.row[i]
        several = x.slot[row + 1] - x.slot[row] > 1
        best, second, at = x.guard[i], -FAR, NONE
        for e in range(lists.start[row], lists.start[row + 1]):
            j = lists.column[e]
            gain = lists.score[e] - x.price[j]
            if x.capacity[j] == 0 or (several and gain > second and taken(x, i, j)):
                continue
            second = max(second, min(gain, best))
            if gain > best:
                best, at = gain, e
        if at < 0:
            continue
        target = lists.column[at]
        if x.load[target] == x.capacity[target]:
            lowest = _lowest(x, bid, target)
            leave(x, lowest)
            stack[waiting] = lowest
            waiting += 1
        bid[i] = x.price[target] + best - second + step
        enter(x, i, target, lists.score[at])
        if x.load[target] == x.capacity[target]:
            x.price[target] = bid[_lowest(x, bid, target)]
    return waiting


@compiled
def _lowest(x: Matching, bid: IntArray, column: int) -> int:
    """Member of a column with the lowest bid."""
    lowest = x.first[column]
    i = x.after[lowest]
    while i >= 0:
        if bid[i] < bid[lowest]:
            lowest = i
        i = x.after[i]
    return int(lowest)
