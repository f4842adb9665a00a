"""Rounds as pages see them: the list with its figures, and one round by its number."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from mentormatch.core.errors import NotFound
from mentormatch.models import Match, MatchState, Round, RoundState
from mentormatch.queries import Store


@dataclass(frozen=True, slots=True)
class RoundView:
    """One round. Moments are aware; `run_id` is the run under review or published; `rev` goes into forms.

    `most_interns` is how many interns one host may get in the round; None for as many as they have places.
    """

    id: int
    programme_id: int
    number: int
    state: RoundState
    opens_at: datetime | None
    matching_at: datetime | None
    publish_at: datetime | None
    closes_at: datetime | None
    answer_days: int
    most_interns: int | None
    run_id: int | None
    rev: int
    created_at: datetime
    published_at: datetime | None

    @property
    def next_date(self) -> datetime | None:
        """The planned moment of the step that comes next."""
        planned = {
            RoundState.DRAFT: self.opens_at,
            RoundState.OPEN: self.matching_at,
            RoundState.MATCHING: self.publish_at,
            RoundState.REVIEW: self.publish_at,
            RoundState.PUBLISHED: self.closes_at,
        }
        return planned.get(self.state)


@dataclass(frozen=True, slots=True)
class RoundRow:
    """A round in the list.

    `pairs` and `unmatched` are those of the run under review or published, None while there is none. The rest counts
    the hosts' answers to a published round.
    """

    round: RoundView
    pairs: int | None
    unmatched: int | None
    waiting: int
    accepted: int
    declined: int


def view_of(row: Round) -> RoundView:
    """Return what pages see of a row."""
    return RoundView(
        id=row.id,
        programme_id=row.programme_id,
        number=row.number,
        state=row.state,
        opens_at=row.opens_at,
        matching_at=row.matching_at,
        publish_at=row.publish_at,
        closes_at=row.closes_at,
        answer_days=row.answer_days,
        most_interns=row.most_interns,
        run_id=row.run_id,
        rev=row.rev,
        created_at=row.created_at,
        published_at=row.published_at,
    )


def by_number(store: Store, programme_id: int, number: int) -> RoundView:
    """Return the round of the programme with this number.

    Raises
    ------
    NotFound
        The programme has no such round.
    """
    row = store.scalar(select(Round).where(Round.programme_id == programme_id, Round.number == number))
    if row is None:
        raise NotFound("This programme has no round %(number)s.", number=number)
    return view_of(row)


def of_programme(store: Store, programme_id: int) -> list[RoundRow]:
    """Return the rounds of a programme, newest first, with their figures; two queries however many there are."""
    counted = (
        select(Match.round_id, Match.state, func.count())
        .join(Round, Round.id == Match.round_id)
        .where(Round.programme_id == programme_id)
        .group_by(Match.round_id, Match.state)
    )
    answers = {(round_id, state): number for round_id, state, number in store.execute(counted)}
    rounds = select(Round).where(Round.programme_id == programme_id).order_by(Round.number.desc())
    return [
        RoundRow(
            round=view_of(row),
            pairs=None if row.run is None else row.run.summary["pairs"],
            unmatched=None if row.run is None else row.run.summary["unmatched"],
            waiting=answers.get((row.id, MatchState.PROPOSED), 0),
            accepted=answers.get((row.id, MatchState.ACCEPTED), 0),
            declined=answers.get((row.id, MatchState.DECLINED), 0) + answers.get((row.id, MatchState.EXPIRED), 0),
        )
        for row in store.scalars(rounds.options(joinedload(Round.run)))
    ]
