"""What must be true at the moment of publication; everything is looked up anew, and the rows are held until the end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from sqlalchemy import select, union
from sqlalchemy.orm import joinedload

from mentormatch.core.errors import Conflict
from mentormatch.core.i18n import N_
from mentormatch.models import Enrolment, EnrolmentState, Programme, Proposal, Round, Run
from mentormatch.models.base import AnySession
from mentormatch.queries import criteria, decisions, problems

_BLOCK = 64


def load() -> None:
    """Load what the checks need, before a transaction begins: it takes seconds, in which nobody else should wait."""
    from mentormatch.matching import rules as _  # noqa: F401 - loads scikit-learn: only where it is used


def check(session: AnySession, found: Round, run_id: int, *, asked_by: int | None) -> None:
    """Refuse to publish a run that is no longer true, inside the caller's transaction.

    Parameters
    ----------
    asked_by:
        The person who publishes; somebody else must have signed the run off where the programme asks for that.

    Raises
    ------
    Conflict
        The run is not signed off; it does not know all decisions; somebody in its pairs has left or paused; another
        round was published since; an intern has somebody already, a host has no place, or a pair breaks a rule.
    """
    _check_signed(found, run_id, asked_by)
    programme_id = found.programme_id
    hold_programme(session, programme_id)
    if waiting := decisions.pending(session, programme_id=programme_id, round_id=found.id):
        message = N_("%(number)s of your decisions are not applied yet. Run the matching again, or undo them.")
        raise Conflict(message, number=waiting)
    people = _held(session, run_id)
    if gone := sum(one.state is not EnrolmentState.ACTIVE for one in people.values()):
        message = N_("%(number)s people of these pairs have left or paused. Run the matching again, without them.")
        raise Conflict(message, number=gone)
    begun = select(Run.created_at).where(Run.id == run_id).scalar_subquery()
    since = select(Round.number).where(Round.programme_id == programme_id, Round.id != found.id)
    other = session.scalar(since.where(Round.published_at > begun).limit(1))
    if other is not None:
        message = N_("Round %(number)s has been published since this run. Run the matching again, so that it knows.")
        raise Conflict(message, number=other)
    proposed = session.scalars(select(Proposal).where(Proposal.run_id == run_id).order_by(Proposal.id)).all()
    _check_places(session, programme_id, proposed, people)
    if broken := _broken(session, programme_id, proposed, people):
        message = N_("%(number)s of these pairs break a rule by now. Run the matching again.")
        raise Conflict(message, number=broken)


def hold_programme(session: AnySession, programme_id: int) -> None:
    """Wait inside the caller's transaction for whoever else writes matches of the programme, and see what they wrote.

    The programme's row is the lock: of two rounds published at once, the second knows the first.
    """
    session.execute(select(Programme.id).where(Programme.id == programme_id).with_for_update())


def _check_signed(found: Round, run_id: int, asked_by: int | None) -> None:
    if not found.programme.sign_off:
        return
    if found.signed_run_id != run_id or found.signed_by is None:
        raise Conflict("This result is not signed off yet. A second person of the office has to look at it first.")
    if found.signed_by == asked_by:
        raise Conflict("You have signed this result off yourself. Somebody else has to publish it.")


def _held(session: AnySession, run_id: int) -> dict[int, Enrolment]:
    """Return everybody in a run's pairs, held so that nobody leaves and no place goes before this is committed."""
    sides = union(*(select(side).where(Proposal.run_id == run_id) for side in (Proposal.intern_id, Proposal.host_id)))
    involved = select(Enrolment).where(Enrolment.id.in_(sides)).order_by(Enrolment.id)
    held = involved.with_for_update(read=True).execution_options(populate_existing=True)
    return {row.id: row for row in session.scalars(held)}


def _check_places(
    session: AnySession, programme_id: int, proposed: Sequence[Proposal], people: dict[int, Enrolment]
) -> None:
    """Refuse a second partner in one track, and more interns than a host has places."""
    living = problems.published(session, programme_id).living
    settled = {(track, intern) for track, intern, _ in living}
    if twice := sum((str(row.track), row.intern_id) in settled for row in proposed):
        message = N_("%(number)s interns have got somebody since this run. Run the matching again, so that it knows.")
        raise Conflict(message, number=twice)
    loads = Counter(host for _, _, host in living) + Counter(row.host_id for row in proposed)
    mine = {row.host_id for row in proposed}
    if full := sum(loads[host] > people[host].capacity for host in mine):
        message = N_("%(number)s hosts have fewer places than this run gives them. Run the matching again.")
        raise Conflict(message, number=full)


def _broken(session: AnySession, programme_id: int, proposed: Sequence[Proposal], people: dict[int, Enrolment]) -> int:
    """Return how many pairs break an active rule, as profiles and rules stand now."""
    # Loads scikit-learn: only where it is used.
    import numpy as np

    from mentormatch.matching.rules import fitted_rule

    tracks = sorted({row.track for row in proposed})
    listed, rules = criteria.for_matching(criteria.setting(session, programme_id), tracks)
    mine, theirs = problems.keys_read(listed, rules)
    ids = [row.intern_id for row in proposed], [row.host_id for row in proposed]
    loaded = select(Enrolment).where(Enrolment.id.in_({*ids[0], *ids[1]})).options(joinedload(Enrolment.person))
    session.scalars(loaded).all()
    sides: list[list[dict[str, Any]]] = [
        [problems.row_of(people[one], keys) for one in side] for side, keys in zip(ids, (mine, theirs), strict=True)
    ]
    kept = np.ones(len(proposed), np.bool_)
    for rule in rules:
        if rule.is_hard:
            fitted = fitted_rule(rule, *sides)
            for start in range(0, len(proposed), _BLOCK):  # each pair stands on the diagonal of its block
                here = slice(start, start + _BLOCK)
                kept[here] &= fitted.allowed(here, here).diagonal()
    return int((~kept).sum())
