"""Runs and what they propose, as pages see them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload, undefer

from mentormatch.core.errors import NotFound
from mentormatch.core.names import Name
from mentormatch.core.roles import Role
from mentormatch.models import Enrolment, Person, Proposal, Round, Run, RunState, Unmatched
from mentormatch.queries import Store
from mentormatch.queries.run_settings import RunSettings

UNFINISHED = (RunState.QUEUED, RunState.RUNNING)


@dataclass(frozen=True, slots=True)
class RunView:
    """One run. For the shapes of `progress` and `summary` see `services.run_record`."""

    id: int
    round_id: int
    number: int
    state: RunState
    stop_requested: bool
    settings: RunSettings
    progress: dict[str, Any]
    summary: dict[str, Any]
    error: str
    digest: str
    started_by: Name | None
    created_at: datetime
    finished_at: datetime | None

    @property
    def finished(self) -> bool:
        """Whether nothing will change any more."""
        return self.state not in UNFINISHED


def _select(programme_id: int) -> Select[Run, Person | None]:
    return (
        select(Run, Person)
        .join(Round, Round.id == Run.round_id)
        .outerjoin(Person, Person.id == Run.started_by)
        .where(Round.programme_id == programme_id)
    )


def _view(row: Run, starter: Person | None) -> RunView:
    return RunView(
        id=row.id,
        round_id=row.round_id,
        number=row.number,
        state=row.state,
        stop_requested=row.stop_requested,
        settings=RunSettings.from_json(row.settings),
        progress=dict(row.progress),
        summary=dict(row.summary),
        error=row.error,
        digest=row.digest,
        started_by=None if starter is None else starter.name,
        created_at=row.created_at,
        finished_at=row.finished_at,
    )


def by_id(store: Store, programme_id: int, run_id: int) -> RunView:
    """Return a run of the programme.

    Raises
    ------
    NotFound
        The programme has no such run.
    """
    found = store.execute(_select(programme_id).where(Run.id == run_id)).one_or_none()
    if found is None:
        raise NotFound("There is nothing here, or it is not for you to see.")
    return _view(*found)


def latest(store: Store, programme_id: int, round_id: int) -> RunView | None:
    """Return the newest run of a round, whatever became of it, or None."""
    newest = _select(programme_id).where(Run.round_id == round_id).order_by(Run.number.desc()).limit(1)
    found = store.execute(newest).one_or_none()
    return None if found is None else _view(*found)


def of_round(store: Store, programme_id: int, round_id: int) -> list[RunView]:
    """Return all runs of a round, newest first."""
    found = _select(programme_id).where(Run.round_id == round_id).order_by(Run.number.desc())
    return [_view(*row) for row in store.execute(found)]


@dataclass(frozen=True, slots=True)
class PersonView:
    """One side of a pair: `id` is the enrolment's. `profile` holds the answers by field key."""

    id: int
    person_id: int
    role: Role
    name: Name
    email: str
    capacity: int
    profile: dict[str, Any]


@dataclass(frozen=True, slots=True)
class PairView:
    """A proposed pair; for the shape of `explanation` see `services.run_record`.

    `points` and `margin` (points above the best other host with a free place, None if there is none) are integers, 100
    per shown point.
    """

    track: Role
    intern: PersonView
    host: PersonView
    points: int
    margin: int | None
    explanation: dict[str, Any]


@dataclass(frozen=True, slots=True)
class UnmatchedView:
    """An intern whom the run leaves without a partner in a track. `reason`: `services.run_record`."""

    track: Role
    intern: PersonView
    reason: dict[str, Any]


def person_view(row: Enrolment) -> PersonView:
    """Return one side of a pair; the enrolment comes with its person."""
    return PersonView(
        id=row.id,
        person_id=row.person_id,
        role=row.role,
        name=row.person.name,
        email=row.person.email,
        capacity=row.capacity,
        profile=dict(row.profile),
    )


def pairs(store: Store, run_id: int) -> list[PairView]:
    """Return all pairs of a run, lowest fit first, without explanations (`explanation` is empty); one query."""
    return [_pair(row, {}) for row in store.scalars(_pairs(run_id))]


def pair(store: Store, run_id: int, track: Role, intern_id: int) -> PairView:
    """Return one pair of a run with its explanation; one query.

    Raises
    ------
    NotFound
        The run has no pair for this intern in this track.
    """
    chosen = _pairs(run_id).where(Proposal.track == track, Proposal.intern_id == intern_id)
    row = store.scalar(chosen.options(undefer(Proposal.explanation)))
    if row is None:
        raise NotFound("There is nothing here, or it is not for you to see.")
    return _pair(row, dict(row.explanation))


def _pairs(run_id: int) -> Select[Proposal]:
    return (
        select(Proposal)
        .where(Proposal.run_id == run_id)
        .options(joinedload(Proposal.intern).joinedload(Enrolment.person))
        .options(joinedload(Proposal.host).joinedload(Enrolment.person))
        .order_by(Proposal.points, Proposal.track, Proposal.intern_id)
    )


def _pair(row: Proposal, explanation: dict[str, Any]) -> PairView:
    return PairView(row.track, person_view(row.intern), person_view(row.host), row.points, row.margin, explanation)


def unmatched(store: Store, run_id: int) -> list[UnmatchedView]:
    """Return whom a run leaves without a partner, by track; one query."""
    found = (
        select(Unmatched)
        .where(Unmatched.run_id == run_id)
        .options(joinedload(Unmatched.intern).joinedload(Enrolment.person))
        .order_by(Unmatched.track, Unmatched.intern_id)
    )
    return [UnmatchedView(row.track, person_view(row.intern), dict(row.reason)) for row in store.scalars(found)]
