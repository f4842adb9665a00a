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
from mentormatch.queries.participation import Completeness
from mentormatch.queries.supply import Market

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
class Known:
    """What is known of a round before its run, as the background has last worked it out.

    `tracks` are the figures of `queries.feasibility`; `markets` what interns seek and hosts offer; `profiles` how
    complete the profiles are. All are empty while nothing is known. `problem` is why there can be no run, or None;
    `fresh` tells whether nothing that matters has happened since `at`. `names` are those of all enrolments in the
    figures.
    """

    tracks: Mapping[Role, Mapping[str, Any]]
    markets: Mapping[Role, Market]
    profiles: Completeness | None
    names: Mapping[int, Name]
    problem: InvalidInput | None
    at: datetime | None
    fresh: bool
    work: Work


def known(store: Store, programme_id: int, round_id: int) -> Known:
    """Return what is known of a round before its run; four queries at the most."""
    row = store.get(Feasibility, round_id)
    state = store.scalar(select(Job.state).where(Job.kind == JOB, Job.subject_id == round_id))
    work = {JobState.DUE: Work.UNDER_WAY, JobState.FAILED: Work.FAILED}.get(state, Work.NONE) if state else Work.NONE
    if row is None:
        return Known({}, {}, None, {}, None, None, fresh=False, work=work)
    tracks = {Role(track): figures for track, figures in row.figures.get("tracks", {}).items()}
    profiles = Completeness.from_json(row.figures["profiles"])
    error = row.figures.get("error")
    message = "" if error is None else error["message"]
    return Known(
        tracks=tracks,
        markets={Role(track): Market.from_json(data) for track, data in row.figures["markets"].items()},
        profiles=profiles,
        names=_names(store, programme_id, _named(tracks.values()) | {id_ for id_, _, _ in profiles.most}),
        problem=InvalidInput(message, **error["fields"]) if error else None,
        at=row.computed_at,
        fresh=row.stamp == stamp(store, programme_id),
        work=work,
    )


def _named(tracks: Iterable[Mapping[str, Any]]) -> set[int]:
    """Return all enrolments that figures name."""
    found: set[int] = set()
    for figures in tracks:
        found.update(one["intern"] for one in figures["stranded"])
        for group in figures["bottlenecks"]:
            found.update(group["interns"], group["hosts"])
    return found


def _names(store: Store, programme_id: int, wanted: set[int]) -> dict[int, Name]:
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
