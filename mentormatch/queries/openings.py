"""Published rounds in which somebody still needs a host: who waits, since when, and what is left to give."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Select, and_, exists, func, or_, select

from mentormatch.core.roles import Role
from mentormatch.matching.match_problem import MatchProblem
from mentormatch.models import (
    LIVING,
    Enrolment,
    EnrolmentState,
    Match,
    MatchOrigin,
    MatchState,
    Opening,
    Round,
    RoundState,
    Unmatched,
)
from mentormatch.queries import Store, problems

PUBLISHED = (RoundState.PUBLISHED, RoundState.CLOSED)
_FELL = (MatchState.DECLINED, MatchState.EXPIRED)


@dataclass(frozen=True, slots=True, order=True)
class Waiting:
    """An intern (id of the enrolment) who takes part and needs a host in a track of a published round.

    `match_id` and `state` are those of the match that came to nothing, None for somebody whom the round's run left
    alone. `falls` counts how often the round gave the intern somebody in this track by itself.
    """

    track: str
    intern_id: int
    match_id: int | None
    state: MatchState | None
    falls: int

    @property
    def fell(self) -> bool:
        """Whether a host declined or never answered; otherwise the office ended a match, or there was none."""
        return self.state in _FELL


def _ended(programme_id: int) -> Select[int, Role, int, MatchState, int]:
    """Return the newest match of each intern and track, where it lives no longer and the intern seeks somebody."""
    newest = (
        select(func.max(Match.id))
        .join(Round, Round.id == Match.round_id)
        .where(Round.programme_id == programme_id)
        .group_by(Match.track, Match.intern_id)
    )
    seeks = or_(Match.state.in_(_FELL), and_(Match.state == MatchState.ENDED, Match.seeks))
    return (
        select(Match.round_id, Match.track, Match.intern_id, Match.state, Match.id)
        .join(Enrolment, Enrolment.id == Match.intern_id)
        .where(Match.id.in_(newest), seeks, Enrolment.state == EnrolmentState.ACTIVE)
    )


def _never(programme_id: int) -> Select[int, Role, int]:
    """Return whom the run of a published round left alone, and who has had nobody in the track ever since."""
    had = exists().where(Match.intern_id == Unmatched.intern_id, Match.track == Unmatched.track)
    return (
        select(Round.id, Unmatched.track, Unmatched.intern_id)
        .join(Round, Round.run_id == Unmatched.run_id)
        .join(Enrolment, Enrolment.id == Unmatched.intern_id)
        .where(Round.programme_id == programme_id, Round.state.in_(PUBLISHED), ~had)
        .where(Enrolment.state == EnrolmentState.ACTIVE)
    )


def waiting(store: Store, *, programme_id: int, round_id: int) -> list[Waiting]:
    """Return who waits in a published round, by track and enrolment; three queries."""
    falls = {
        (track, intern): number
        for track, intern, number in store.execute(
            select(Match.track, Match.intern_id, func.count())
            .where(Match.round_id == round_id, Match.origin == MatchOrigin.FALL_THROUGH)
            .group_by(Match.track, Match.intern_id)
        )
    }
    ended = store.execute(_ended(programme_id).where(Match.round_id == round_id)).all()
    never = store.execute(_never(programme_id).where(Round.id == round_id)).all()
    found = [
        Waiting(str(track), intern, match_id, state, falls.get((track, intern), 0))
        for _, track, intern, state, match_id in ended
    ]
    found += [Waiting(str(track), intern, None, None, 0) for _, track, intern in never]
    return sorted(found, key=lambda one: (one.track, one.intern_id))


def tracks_of(store: Store, programme_id: int, interns: Collection[int]) -> list[Role]:
    """Return the tracks in which one of the interns (ids of enrolments) waits in a published round; two queries."""
    ended = store.execute(_ended(programme_id).where(Match.intern_id.in_(interns)))
    never = store.execute(_never(programme_id).where(Unmatched.intern_id.in_(interns)))
    return sorted({row.track for row in (*ended, *never)}, reverse=True)


def reasons(store: Store, round_id: int) -> dict[tuple[str, int], dict[str, Any]]:
    """Return why those who wait got nobody the last time this was tried, by track and intern; one query."""
    rows = store.execute(select(Opening.track, Opening.intern_id, Opening.reason).where(Opening.round_id == round_id))
    return {(str(track), intern): dict(reason) for track, intern, reason in rows}


@dataclass(frozen=True, slots=True)
class Left:
    """What is left of a round: who is to get somebody, and the problem that says from whom.

    `stamp` is the same as long as nothing of it has changed.
    """

    round_id: int
    programme_id: int
    wanted: tuple[Waiting, ...]
    problem: MatchProblem

    @property
    def stamp(self) -> str:
        """Recognise the question: SHA-256 in hexadecimal."""
        asked = [[one.track, one.intern_id, one.match_id] for one in self.wanted]
        return hashlib.sha256(json.dumps([self.round_id, asked, self.problem.digest]).encode()).hexdigest()


def left(store: Store, found: Round, wanted: Sequence[Waiting]) -> Left:
    """Return what is left for those who are wanted: pairs that live are no part of it, so nothing can move them.

    Hosts who declined for want of time, or never answered, are asked no more in this round. Minimum loads do not
    count: they were met when the round was published, or could not be.

    Raises
    ------
    InvalidInput
        As `problems.of_round`.
    """
    whole = problems.of_round(store, programme_id=found.programme_id, round_id=found.id)
    rows = store.execute(select(Match.host_id, Match.state, Match.offers).where(Match.round_id == found.id)).all()
    spent = {host for host, state, offers in rows if state not in LIVING and not offers}
    loads = Counter(host for host, state, _ in rows if state in LIVING)
    tracks: dict[int, set[str]] = {}
    for one in wanted:
        tracks.setdefault(one.intern_id, set()).add(one.track)
    interns = [
        {**row, "settled": sorted(set(whole.hosts) - tracks[row["id"]])} for row in whole.interns if row["id"] in tracks
    ]
    hosts = {
        track: [_host(row, loads[row["id"]], found.most_interns) for row in rows_ if row["id"] not in spent]
        for track, rows_ in whole.hosts.items()
    }
    known = {track: {row["id"] for row in rows_} for track, rows_ in hosts.items()}
    over = {(str(track), intern, host) for track, intern, host in _dead(store, found.programme_id)}
    bans = {(track, intern, host) for track, intern, host in {*whole.bans, *over} if intern in tracks}
    problem = replace(
        whole,
        interns=tuple(interns),
        hosts={track: tuple(rows_) for track, rows_ in hosts.items()},
        pins=(),
        bans=tuple(sorted(ban for ban in bans if ban[2] in known[ban[0]])),
        earlier=(),
    )
    return Left(found.id, found.programme_id, tuple(wanted), problem)


def _dead(store: Store, programme_id: int) -> Sequence[Any]:
    """Return the pairs that came to nothing: a pin of the round does not bring them back."""
    return store.execute(
        select(Match.track, Match.intern_id, Match.host_id)
        .join(Round, Round.id == Match.round_id)
        .where(Round.programme_id == programme_id, Match.state.not_in(LIVING))
    ).all()


def _host(row: Mapping[str, Any], load: int, most: int | None) -> dict[str, Any]:
    """Return a host as what is left sees it: `most` interns of the round, those that live included."""
    capacity = row["capacity"] if most is None else min(row["capacity"], max(0, most - load))
    return {**row, "capacity": capacity, "minimum": 0}
