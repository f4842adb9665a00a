"""What a decision would do, before it is taken: exact answers from what the run under review has scored."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from threading import Lock
from typing import TYPE_CHECKING

from sqlalchemy import select

from mentormatch.core.errors import Conflict
from mentormatch.models import Proposal, Run, RunScores
from mentormatch.queries import Store
from mentormatch.queries.run_settings import RunSettings

if TYPE_CHECKING:  # only for their types: numba is loaded where it is used
    from mentormatch.matching.fixes import Fix as Fix  # noqa: PLC0414  passed on to pages, for types
    from mentormatch.matching.what_if import Effect as Effect  # noqa: PLC0414  passed on to pages, for types
    from mentormatch.matching.what_if import Setting as Setting  # noqa: PLC0414  passed on to pages, for types
    from mentormatch.matching.what_if import WhatIf as WhatIf  # noqa: PLC0414  passed on to pages, for types

Pair = tuple[str, int, int]
"""Track, enrolment id of the intern, enrolment id of the host."""

UNIT = 100
"""Units of points for one point as people see it."""

REMEMBERED = 3
"""Runs whose scores a process keeps at hand."""

_lock = Lock()
_asked: OrderedDict[tuple[str, int, str], WhatIf] = OrderedDict()


def of_run(store: Store, run_id: int) -> WhatIf:
    """Return the one that answers for a run; the first question of a process reads the run's scores.

    Raises
    ------
    Conflict
        The run's scores were not kept.
    """
    from mentormatch.matching.scored import Scored
    from mentormatch.matching.what_if import WhatIf

    found = select(Run.digest, Run.created_at, Run.settings).where(Run.id == run_id)
    digest, created, settings = store.execute(found).one()
    key = (digest, run_id, created.isoformat())
    with _lock:
        if key in _asked:
            _asked.move_to_end(key)
            return _asked[key]
    data = store.scalar(select(RunScores.data).where(RunScores.run_id == run_id))
    if data is None:
        raise Conflict("This run has not kept what this needs. Run the matching again.")
    proposed = select(Proposal.track, Proposal.intern_id, Proposal.host_id).where(Proposal.run_id == run_id)
    pairs = [(str(track), intern, host) for track, intern, host in store.execute(proposed)]
    # The next run inherits these settings: what is shown is what it will do.
    made = WhatIf(Scored.from_bytes(data), pairs, staying=round(RunSettings.from_json(settings).staying * UNIT))
    with _lock:
        _asked[key] = made
        while len(_asked) > REMEMBERED:
            _asked.popitem(last=False)
    return made


def forget() -> None:
    """Forget all runs that are at hand."""
    with _lock:
        _asked.clear()


def between_runs(store: Store, run_id: int, other_id: int, track: str) -> Effect:
    """Return who has another host in another run, in one track; one query."""
    from mentormatch.matching.what_if import Effect, Outcome

    found = select(Proposal.run_id, Proposal.intern_id, Proposal.host_id, Proposal.points).where(
        Proposal.run_id.in_([run_id, other_id]), Proposal.track == track
    )
    pairs: dict[int, dict[tuple[str, int | str, int | str], int]] = {run_id: {}, other_id: {}}
    for run, intern, host, points in store.execute(found):
        pairs[run][track, intern, host] = points
    return Effect.between(Outcome(pairs[run_id], proved=True), Outcome(pairs[other_id], proved=True))


def setting(what_if: WhatIf, changes: Iterable[tuple[Pair, str | None]]) -> Setting:
    """Return the setting of a next run: the run's own, with what has been decided or taken back since.

    Decisions on people who take no part in the run change nothing.

    Parameters
    ----------
    changes:
        Pairs with what is decided on them now: pin, veto, skip, or None.
    """
    made = what_if.start
    for pair, kind in changes:
        if what_if.scored.knows(pair):
            made = decided(made, pair, kind)
    return made


def decided(now: Setting, pair: Pair, kind: str | None) -> Setting:
    """Return a setting with one decision more: pin, veto, skip, or None to take it back."""
    if kind is None:
        return now.freed(pair)
    return now.pinned(pair) if kind == "pin" else now.banned(pair)


def fixes(what_if: WhatIf, intern_id: int, track: str, now: Setting) -> tuple[Fix, ...]:
    """Return changes that give an intern a host in a track, each tried by solving with it."""
    from mentormatch.matching.fixes import fixes_of

    return fixes_of(what_if, intern_id, track, setting=now)
