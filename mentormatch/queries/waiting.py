"""Who took part in published rounds of a programme and got nobody: the previously unmatched."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Subquery, exists, select, union
from sqlalchemy.orm import aliased

from mentormatch.core.roles import Role
from mentormatch.models import Match, MatchState, Round, Unmatched
from mentormatch.queries import Store

FAILED = (MatchState.DECLINED, MatchState.EXPIRED)
"""States of a published pair that never became one. Whatever else becomes of a pair: the intern had somebody."""


@dataclass(frozen=True, slots=True)
class Wait:
    """How many published rounds left an intern without anybody in a track, and the number of the first of them."""

    rounds: int
    since: int


def missed(programme_id: int, *, but: int | None = None) -> Subquery:
    """Return (round_id, number, track, intern_id) wherever a published round left an intern without anybody.

    That is who was in the round's run and got nobody, and whose host declined or never answered, unless somebody else
    came instead.

    Parameters
    ----------
    but:
        Id of a round that does not count: the one that is being prepared.
    """
    counts = [Round.programme_id == programme_id, Round.published_at.is_not(None)]
    if but is not None:
        counts.append(Round.id != but)
    alone = (
        select(Round.id.label("round_id"), Round.number, Unmatched.track, Unmatched.intern_id)
        .join(Round, Round.run_id == Unmatched.run_id)
        .where(*counts, ~_held(Unmatched))
    )
    refused = (
        select(Round.id.label("round_id"), Round.number, Match.track, Match.intern_id)
        .join(Round, Round.id == Match.round_id)
        .where(*counts, Match.state.in_(FAILED), ~_held(Match))
    )
    return union(alone, refused).subquery()


def _held(table: Any) -> Any:
    """Return whether the round gave the intern of a row somebody in the same track after all."""
    other = aliased(Match)
    return exists().where(
        other.round_id == Round.id,
        other.track == table.track,
        other.intern_id == table.intern_id,
        other.state.not_in(FAILED),
    )


def waits(
    store: Store, programme_id: int, *, but: int | None = None, interns: Collection[int] | None = None
) -> Mapping[tuple[Role, int], Wait]:
    """Return how long interns have waited, by track and enrolment; one query.

    Parameters
    ----------
    but:
        As for `missed`.
    interns:
        Enrolments that are asked for; None for all.
    """
    found = missed(programme_id, but=but)
    wanted = select(found.c.track, found.c.intern_id, found.c.number)
    if interns is not None:
        wanted = wanted.where(found.c.intern_id.in_(interns))
    numbers: dict[tuple[Role, int], list[int]] = defaultdict(list)
    for track, intern, number in store.execute(wanted):
        numbers[Role(track), intern].append(number)
    return {key: Wait(len(rounds), min(rounds)) for key, rounds in numbers.items()}
