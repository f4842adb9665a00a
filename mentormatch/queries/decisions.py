"""What admins have decided on pairs of a round, and how much of it the current run does not know yet."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import joinedload

from mentormatch.core.names import Name
from mentormatch.core.roles import Role
from mentormatch.models import Decision, DecisionKind, Round, Run
from mentormatch.queries import Store


class DecidedPair(NamedTuple):
    """One decision as a run remembers it: track, enrolment ids of both sides, kind."""

    track: Role
    intern_id: int
    host_id: int
    kind: DecisionKind


@dataclass(frozen=True, slots=True)
class DecisionView:
    """One decision as pages show it.

    `lasting` marks a veto of an earlier round, which goes on binding; `despite` a pin although a rule forbids the pair.
    """

    track: Role
    intern_id: int
    host_id: int
    kind: DecisionKind
    note: str
    decided_by: Name | None
    decided_at: datetime
    lasting: bool
    despite: bool = False


def _binding(programme_id: int, round_id: int) -> Any:
    """Return the condition of what binds a round: its own decisions, and every veto of the programme."""
    return and_(
        Round.programme_id == programme_id, or_(Decision.round_id == round_id, Decision.kind == DecisionKind.VETO)
    )


def binding(store: Store, *, programme_id: int, round_id: int) -> list[DecisionView]:
    """Return what binds the next run, in a fixed order; a decision of the round goes before an older veto."""
    found = (
        select(Decision)
        .join(Round, Round.id == Decision.round_id)
        .where(_binding(programme_id, round_id))
        .options(joinedload(Decision.person))
        .order_by(Decision.track, Decision.intern_id, Decision.host_id, Decision.round_id)
    )
    views: dict[tuple[Role, int, int], DecisionView] = {}
    for row in store.scalars(found):
        key = (row.track, row.intern_id, row.host_id)
        if key in views and row.round_id != round_id:
            continue
        views[key] = DecisionView(
            *key,
            kind=row.kind,
            note=row.note,
            decided_by=None if row.person is None else row.person.name,
            decided_at=row.decided_at,
            lasting=row.round_id != round_id,
            despite=row.despite,
        )
    return list(views.values())


def pairs(decisions: Iterable[DecisionView]) -> list[DecidedPair]:
    """Return the bare decisions, sorted: what a run writes down as ``summary["decisions"]``."""
    return sorted(DecidedPair(item.track, item.intern_id, item.host_id, item.kind) for item in decisions)


def difference(now: Sequence[DecidedPair], applied: Sequence[Sequence[Any]]) -> int:
    """Return on how many pairs `now` differs from what a run applied: decided, changed or taken back since."""
    before = {(track, intern, host): kind for track, intern, host, kind in applied}
    after = {(str(pair.track), pair.intern_id, pair.host_id): str(pair.kind) for pair in now}
    return sum(before.get(pair) != after.get(pair) for pair in before.keys() | after.keys())


def pending(store: Store, *, programme_id: int, round_id: int) -> int:
    """Return how many decisions (taken, changed or undone) the run under review does not know yet."""
    summary = store.scalar(select(Run.summary).join(Round, Round.run_id == Run.id).where(Round.id == round_id))
    if summary is None:
        return 0
    return difference(pairs(binding(store, programme_id=programme_id, round_id=round_id)), summary["decisions"])
