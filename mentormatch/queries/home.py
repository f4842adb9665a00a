"""What a participant's home needs besides the matches."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from mentormatch.core.roles import Role
from mentormatch.core.wording import Bilingual
from mentormatch.matching.criteria import STATED_KINDS
from mentormatch.models import Criterion, Round, RoundState
from mentormatch.queries import Store, openings, participants
from mentormatch.queries.participants import Participant


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a participant stands: the own enrolments, how far the programme is, and tracks that are still open.

    `open_tracks` are those in which the intern waits for somebody after a round was published.
    """

    enrolments: list[Participant]
    round_state: RoundState | None
    open_tracks: list[Role]

    @property
    def unfinished(self) -> Participant | None:
        """The first own enrolment whose profile lacks something."""
        return next((found for found in self.enrolments if found.missing), None)


def standing(store: Store, programme_id: int, person_id: int) -> Standing:
    """Return where a participant stands; four queries."""
    mine = participants.of_person(store, programme_id, person_id)
    state = store.scalar(
        select(Round.state).where(Round.programme_id == programme_id).order_by(Round.number.desc()).limit(1)
    )
    tracks = openings.tracks_of(store, programme_id, [found.id for found in mine])
    return Standing(mine, state, tracks)


def criteria_labels(store: Store, programme_id: int) -> list[Bilingual]:
    """Return the names of what is compared in profiles, the heaviest first; weights are not told."""
    rows = store.scalars(
        select(Criterion)
        .where(Criterion.programme_id == programme_id, Criterion.weight > 0, Criterion.kind.not_in(STATED_KINDS))
        .order_by(Criterion.weight.desc(), Criterion.position)
    )
    return [row.label for row in rows]
