"""One pair of a run with everything that is known about it, and what any other host would have meant."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select
from sqlalchemy.orm import aliased, undefer

from mentormatch.core.errors import NotFound
from mentormatch.core.roles import Role
from mentormatch.models import Enrolment, Person, Proposal, Run
from mentormatch.queries import Store
from mentormatch.queries.review_lists import PersonLine, line, people

if TYPE_CHECKING:  # only for its type: loading the matcher loads scikit-learn
    from mentormatch.matching.track_state import TrackState

_NOTHING = "There is nothing here, or it is not for you to see."


@dataclass(frozen=True, slots=True)
class PairDetail:
    """A pair with its explanation; `id` is None for a pair that the run does not propose.

    For `explanation` see `services.run_record`; a pair that is not proposed has no alternatives, and two keys more:
    ``allowed`` and ``banned``. `used` counts the interns whom the run gives to the host. `others` are the people whom
    the alternatives name, by enrolment id.
    """

    id: int | None
    track: Role
    intern: PersonLine
    host: PersonLine
    points: int
    margin: int | None
    used: int
    explanation: Mapping[str, Any]
    others: Mapping[int, PersonLine]


def pair(store: Store, programme_id: int, round_id: int, pair_id: int) -> tuple[int, PairDetail]:
    """Return the id of the run and one pair that it proposes; three queries.

    Raises
    ------
    NotFound
        No run of the round proposes such a pair.
    """
    row = store.scalar(
        select(Proposal)
        .join(Run, Run.id == Proposal.run_id)
        .where(Proposal.id == pair_id, Run.round_id == round_id)
        .options(undefer(Proposal.explanation))
    )
    if row is None:
        raise NotFound(_NOTHING)
    named = {row.intern_id, row.host_id, *(other["host"] for other in row.explanation["alternatives"])}
    found = people(store, programme_id, named)
    return row.run_id, PairDetail(
        id=row.id,
        track=row.track,
        intern=found[row.intern_id],
        host=found[row.host_id],
        points=row.points,
        margin=row.margin,
        used=_used(store, row.run_id, row.host_id),
        explanation=row.explanation,
        others=found,
    )


def _used(store: Store, run_id: int, host_id: int) -> int:
    counted = select(func.count()).where(Proposal.run_id == run_id, Proposal.host_id == host_id)
    return store.scalar(counted) or 0


def pair_of(store: Store, run_id: int, track: Role, intern_id: int) -> tuple[int, int] | None:
    """Return the id of an intern's pair in a run and track and the host's enrolment id, or None."""
    found = select(Proposal.id, Proposal.host_id).where(
        Proposal.run_id == run_id, Proposal.track == track, Proposal.intern_id == intern_id
    )
    row = store.execute(found).one_or_none()
    return None if row is None else (row.id, row.host_id)


def holders(store: Store, run_id: int, host_id: int) -> list[tuple[int, PersonLine, int]]:
    """Return who has a host in a run, best fit first: id of the pair, the intern, points."""
    intern, person = aliased(Enrolment), aliased(Person)
    found = (
        select(Proposal.id, Proposal.points, intern, person)
        .join(intern, intern.id == Proposal.intern_id)
        .join(person, person.id == intern.person_id)
        .where(Proposal.run_id == run_id, Proposal.host_id == host_id)
        .order_by(Proposal.points.desc(), Proposal.id)
    )
    return [(pair_id, line(row, who), points) for pair_id, points, row, who in store.execute(found)]


@dataclass(frozen=True, slots=True)
class Option:
    """What a host would be worth to an intern.

    `broken` names the kinds of the rules that forbid the pair, `relaxed` those that it breaks at a price.
    """

    host: PersonLine
    points: int
    used: int
    broken: tuple[str, ...]
    relaxed: tuple[str, ...] = ()


def options(store: Store, programme_id: int, run_id: int, track: Role, intern_id: int) -> list[Option]:
    """Return every host of a run for an intern: those whom the rules allow first, then the best fit.

    Decisions do not count as rules here: whoever decided can decide anew.

    Raises
    ------
    NotFound
        The intern takes no part in the run.
    """
    state = _state(store, run_id, track)
    if intern_id not in state.rows:
        raise NotFound(_NOTHING)
    row, everybody = state.rows[intern_id], slice(None)
    here = slice(row, row + 1)
    points = state.scores.points_of(here, everybody)[0].tolist()
    kept = [(rule.rule, rule.allowed(here, everybody)[0].tolist()) for rule in state.scores.rules]
    named = people(store, programme_id, (int(str(host)) for host in state.places))
    used = _loads(store, run_id, track)
    found = [
        Option(
            host=named[int(str(host))],
            points=points[place],
            used=used.get(int(str(host)), 0),
            broken=tuple(rule.kind for rule, hosts in kept if rule.is_hard and not hosts[place]),
            relaxed=tuple(rule.kind for rule, hosts in kept if not rule.is_hard and not hosts[place]),
        )
        for host, place in state.places.items()
        if int(str(host)) in named
    ]
    return sorted(found, key=lambda option: (bool(option.broken), -option.points, option.host.id))


def _loads(store: Store, run_id: int, track: Role) -> dict[int, int]:
    counted = (
        select(Proposal.host_id, func.count())
        .where(Proposal.run_id == run_id, Proposal.track == track)
        .group_by(Proposal.host_id)
    )
    return dict(store.execute(counted).all())


def explain(store: Store, programme_id: int, run_id: int, track: Role, *, intern_id: int, host_id: int) -> PairDetail:
    """Return what a pair that a run does not propose would be worth, from the problem that the run solved.

    Raises
    ------
    NotFound
        One of the two takes no part in the run.
    """
    from mentormatch.matching.explanation import account_of_pair, as_json, shown_total

    state = _state(store, run_id, track)
    if intern_id not in state.rows or host_id not in state.places:
        raise NotFound(_NOTHING)
    row, column = state.rows[intern_id], state.places[host_id]
    named = people(store, programme_id, (intern_id, host_id))
    account = account_of_pair(state.scores, row, column)
    here = slice(row, row + 1), slice(column, column + 1)
    return PairDetail(
        id=None,
        track=track,
        intern=named[intern_id],
        host=named[host_id],
        points=account.points,
        margin=None,
        used=_used(store, run_id, host_id),
        explanation={
            "points": account.points,
            "shown": shown_total(account.points),
            "pinned": False,
            "parts": [as_json(part) for part in account.parts],
            "rules": [as_json(check) for check in account.rules],
            "alternatives": [],
            "allowed": bool(state.scores.allowed(*here)[0, 0]),
            "banned": (row, column) in state.scores.banned,
        },
        others=named,
    )


def _state(store: Store, run_id: int, track: Role) -> TrackState:
    """Return the people and scores of one track as the run saw them."""
    # Loading the matcher loads scikit-learn: pages that do not ask about other hosts do without.
    from mentormatch.matching.match_problem import MatchProblem
    from mentormatch.matching.track_state import TrackState

    stored = store.scalar(select(Run.problem).where(Run.id == run_id))
    if not stored or str(track) not in stored["hosts"]:
        raise NotFound(_NOTHING)
    return TrackState.of(MatchProblem.from_json(stored), str(track))
