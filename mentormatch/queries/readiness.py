"""Whether a round is ready for a run: who is missing, and what the rules leave possible, as far as that is known."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import func, select

from mentormatch.core.answers import completeness
from mentormatch.core.errors import InvalidInput
from mentormatch.core.names import Name
from mentormatch.core.roles import Role
from mentormatch.models import AuditEvent, Enrolment, Feasibility, Job, JobState, Person, Round, RoundState
from mentormatch.queries import Store, problems

JOB = "feasibility"
"""Kind of the job that works out what is possible; its subject is the round."""

_IDLE = ("participants.exported", "ledger.exported", "round.reminded", "sheet.uploaded", "sheet.discarded")
"""Acts that change nothing of what is possible."""


@dataclass(frozen=True, slots=True)
class Incomplete:
    """Somebody who has not answered everything that is expected of the role."""

    enrolment_id: int
    person_id: int
    name: Name
    role: Role
    missing: tuple[str, ...]


def incomplete(store: Store, programme_id: int) -> list[Incomplete]:
    """Return the active participants who have not answered all expected fields, most missing first; one query."""
    found = [_missing(row) for row in problems.active(store, programme_id)]
    return sorted((one for one in found if one.missing), key=lambda one: (-len(one.missing), one.name.sort_key))


def _missing(row: Enrolment) -> Incomplete:
    unanswered = tuple(field.key for field in completeness(row.role, row.profile)[1])
    return Incomplete(row.id, row.person_id, row.person.name, row.role, unanswered)


class Work(StrEnum):
    """Where the work on what is possible stands."""

    NONE = "none"
    UNDER_WAY = "under_way"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Possible:
    """What is possible in a round, as the background has last worked it out.

    `tracks` are the figures of `queries.feasibility`, empty if nothing is known yet; `problem` is why there can be no
    run, or None; `fresh` tells whether nothing that matters has happened since `at`. `names` are those of all
    enrolments in the figures.
    """

    tracks: Mapping[Role, Mapping[str, Any]]
    names: Mapping[int, Name]
    problem: InvalidInput | None
    at: datetime | None
    fresh: bool
    work: Work


def possible(store: Store, programme_id: int, round_id: int) -> Possible:
    """Return what is known to be possible in a round; four queries at the most."""
    row = store.get(Feasibility, round_id)
    state = store.scalar(select(Job.state).where(Job.kind == JOB, Job.subject_id == round_id))
    work = {JobState.DUE: Work.UNDER_WAY, JobState.FAILED: Work.FAILED}.get(state, Work.NONE) if state else Work.NONE
    if row is None:
        return Possible({}, {}, None, None, fresh=False, work=work)
    tracks = {Role(track): figures for track, figures in row.figures.get("tracks", {}).items()}
    error = row.figures.get("error")
    return Possible(
        tracks=tracks,
        names=_names(store, programme_id, tracks.values()),
        problem=InvalidInput(error["message"], **error["fields"]) if error else None,
        at=row.computed_at,
        fresh=row.stamp == stamp(store, programme_id),
        work=work,
    )


def _names(store: Store, programme_id: int, tracks: Iterable[Mapping[str, Any]]) -> dict[int, Name]:
    wanted = {
        one
        for figures in tracks
        for group in (
            [{"interns": [one["intern"]], "hosts": []} for one in figures["stranded"]],
            figures["bottlenecks"],
        )
        for part in group
        for one in (*part["interns"], *part["hosts"])
    }
    if not wanted:
        return {}
    found = select(Enrolment.id, Person).join(Person, Person.id == Enrolment.person_id)
    rows = store.execute(found.where(Enrolment.programme_id == programme_id, Enrolment.id.in_(wanted)))
    return {id_: person.name for id_, person in rows}


def stamp(store: Store, programme_id: int) -> str:
    """Return a word that changes with whatever may change what is possible in the programme; one query.

    Every act leaves its trace in the audit trail; people who were written without one are noticed by the last change.
    """
    acts = select(func.max(AuditEvent.id)).where(
        AuditEvent.programme_id == programme_id, AuditEvent.action.not_in(_IDLE)
    )
    people = select(func.count(), func.max(Enrolment.updated_at)).where(Enrolment.programme_id == programme_id)
    number, last, act = store.execute(people.add_columns(acts.scalar_subquery())).one()
    return f"{act or 0}:{number}:{'' if last is None else last.isoformat()}"


@dataclass(frozen=True, slots=True)
class Outlook:
    """The coming round in brief: its number, and for each track the most interns who can be matched of how many."""

    number: int
    tracks: Sequence[tuple[Role, int, int]]


def outlook(store: Store, programme_id: int) -> Outlook | None:
    """Return the newest round that has not been run, with what is known to be possible; one query, None if none."""
    found = (
        select(Round.number, Feasibility.figures)
        .outerjoin(Feasibility, Feasibility.round_id == Round.id)
        .where(Round.programme_id == programme_id, Round.state.in_([RoundState.DRAFT, RoundState.OPEN]))
        .order_by(Round.number.desc())
        .limit(1)
    )
    row = store.execute(found).one_or_none()
    if row is None:
        return None
    tracks = (row.figures or {}).get("tracks", {})
    return Outlook(row.number, [(Role(track), one["coverage"], one["interns"]) for track, one in tracks.items()])
