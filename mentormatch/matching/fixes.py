"""What would fix it: the smallest changes that give somebody a host, each tried by really solving with it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mentormatch.core.errors import InvalidInput
from mentormatch.matching.scored import PersonId
from mentormatch.matching.what_if import Effect, Setting, WhatIf

TRIED = 6
"""Hosts tried for each kind of change, best first."""


@dataclass(frozen=True)
class Fix:
    """One change after which the intern has a host and nobody else has lost theirs.

    Attributes
    ----------
    host, gets:
        The host whom the change concerns, and whom she gets: another one where people move on.
    rule:
        Key of the one rule that is set aside for this pair; None: one more place at the host.
    pin:
        Whether the pair must be pinned besides, because somebody else would get the new place otherwise.
    points:
        Points of the pair in units of 1/100.
    effect:
        All that changes with it.
    """

    track: str
    intern: PersonId
    host: PersonId
    gets: PersonId
    rule: str | None
    pin: bool
    points: int
    effect: Effect


def fixes_of(
    what_if: WhatIf, intern: PersonId, track: str, *, setting: Setting | None = None, most: int = 3
) -> tuple[Fix, ...]:
    """Return verified changes that match an intern who has nobody in a track, at most `most` of each kind.

    One more place at a host whom the rules permit; or one rule set aside for one pair, with a host who has a free place
    or gets one by others moving. Each covers one more place than before: what one gains, nobody loses.

    Raises
    ------
    InvalidInput
        Nobody of this id takes part.
    """
    scored, now = what_if.scored, what_if.start if setting is None else setting
    number = scored.index[track]
    one = scored.tracks[number]
    row = scored.place((track, intern, one.hosts[0]))[1] if one.hosts else 0
    banned = {pair[2] for pair in now.bans if pair[:2] == (track, intern)}
    order = [at for at in np.argsort(-one.points[row], kind="stable").tolist() if one.hosts[at] not in banned]
    before = what_if.outcome(now)
    if any(pair[:2] == (track, intern) for pair in before.pairs):
        return ()
    load = dict.fromkeys(one.hosts, 0)
    for pair in before.pairs:
        if pair[0] == track:
            load[pair[2]] += 1
    places = {host: int(number) for host, number in zip(one.hosts, one.capacity.tolist(), strict=True)}
    places |= {host: number for name, host, number in now.places if name == track}
    found: list[Fix] = []
    full = [at for at in order if one.permitted[row, at] and load[one.hosts[at]] >= places[one.hosts[at]]]
    for column in full[:TRIED]:
        host = one.hosts[column]
        fix = _more_places(what_if, now, (track, intern, host), places[host] + 1)
        found += [fix] if fix and sum(old.rule is None for old in found) < most else []
    for key in one.rules:
        alone = [at for at in order if one.broken_by(row, at) == (key,)]
        for column in alone[:TRIED]:
            fix = _without_rule(what_if, now, (track, intern, one.hosts[column]), key)
            if fix:
                found.append(fix)
                break
    return tuple(found)


def _more_places(what_if: WhatIf, now: Setting, pair: tuple[str, PersonId, PersonId], places: int) -> Fix | None:
    """One more place: alone if the intern is then matched whatever ties are broken, else with a pin."""
    track, intern, host = pair
    wider = now.with_places(track, host, places)
    effect = what_if.effect(wider, now)
    mine = next((got for got in effect.after.pairs if got[:2] == (track, intern)), None)
    without = what_if.outcome(wider.without(intern))
    needed = (without.coverage, without.points) < (effect.after.coverage, effect.after.points)
    if mine is not None and needed and _gains(effect):
        return Fix(track, intern, host, mine[2], None, pin=False, points=effect.after.pairs[mine], effect=effect)
    effect = what_if.effect(wider.pinned(pair), now)
    if not _gains(effect):
        return None
    return Fix(track, intern, host, host, None, pin=True, points=effect.after.pairs[pair], effect=effect)


def _without_rule(what_if: WhatIf, now: Setting, pair: tuple[str, PersonId, PersonId], rule: str) -> Fix | None:
    """The pair in spite of one rule: a pin goes before rules."""
    try:
        effect = what_if.effect(now.pinned(pair), now)
    except InvalidInput:  # all places of the host are pinned, or there is none
        return None
    if not _gains(effect):
        return None
    return Fix(*pair, pair[2], rule, pin=True, points=effect.after.pairs[pair], effect=effect)


def _gains(effect: Effect) -> bool:
    """Whether somebody more has a host, and nobody has none who had one."""
    return effect.coverage > 0 and all(move.after is not None for move in effect.moves)
