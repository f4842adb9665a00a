"""A place that became free goes to the next best: decided exactly for all who wait, and nobody else moves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import joinedload

from mentormatch.core.clock import now
from mentormatch.core.errors import Conflict, InvalidInput, NotFound
from mentormatch.core.i18n import N_
from mentormatch.core.policy import Actor, Permission, authorise
from mentormatch.models import Enrolment, Match, MatchOrigin, Opening, Round, RoundState
from mentormatch.models.base import AnySession, writing
from mentormatch.queries import criteria, openings
from mentormatch.queries.openings import Left, Waiting
from mentormatch.services import audit, matches, outbox, publication, publication_checks, rounds, run_record

JOB = "fall_through"
OFFICE: Mapping[str, Any] = {"why": "office"}
"""The reason of an opening that waits for the office to decide."""

CHANGED = N_("Somebody has answered, left or changed in the meantime. Look at the present proposal and decide again.")
_TRIES = 3


@dataclass(frozen=True, slots=True)
class NewPair:
    """A pair that would be made: ids of enrolments, points as in `Proposal`, the reasons that both sides are told."""

    track: str
    intern_id: int
    host_id: int
    points: int
    reasons: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Plan:
    """What becomes of those who wait: the pairs to make, and who gets nobody, with the reason as in `Unmatched`.

    `held` are those who wait for the office to decide. `stamp` is the same as long as the question is, "" when there
    is none.
    """

    pairs: tuple[NewPair, ...] = ()
    nobody: tuple[tuple[Waiting, Mapping[str, Any]], ...] = ()
    held: tuple[Waiting, ...] = ()
    stamp: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """What has to be decided: `left` is None when nobody is wanted now."""

    left: Left | None
    held: tuple[Waiting, ...]
    labels: Mapping[str, Any]

    @property
    def stamp(self) -> str:
        """Recognise the question."""
        return self.left.stamp if self.left else ""


def ask(session: AnySession, found: Round, *, by_itself: bool) -> Question:
    """Read who waits in a round and what is left for them.

    Parameters
    ----------
    by_itself:
        Whether to leave to the office what is the office's: everything where the programme says so or the round is
        closed, those whose match the office has ended, and those who have fallen through too often.

    Raises
    ------
    InvalidInput
        The criteria and rules of the programme make no problem.
    """
    everybody = openings.waiting(session, programme_id=found.programme_id, round_id=found.id)
    wanted = [one for one in everybody if not by_itself or _falls(found, one)]
    held = tuple(one for one in everybody if one not in wanted)
    listed = criteria.setting(session, found.programme_id).criteria
    labels = {item.key: {"en": item.label.en, "ja": item.label.ja} for item in listed}
    return Question(openings.left(session, found, wanted) if wanted else None, held, labels)


def _falls(found: Round, one: Waiting) -> bool:
    """Tell whether somebody is given a host without the office being asked."""
    programme = found.programme
    if not programme.falls_through or found.state is not RoundState.PUBLISHED:
        return False
    return one.match_id is None or (one.fell and one.falls < programme.most_falls)


def decide(question: Question) -> Plan:
    """Find the best pairs for those who wait, with a proof; nothing is read or written.

    Raises
    ------
    InvalidInput
        The problem has no solution; the text says why.
    """
    if question.left is None:
        return Plan(held=question.held)
    # Loads scikit-learn, three seconds: only where it is used.
    from mentormatch.matching.matcher import Matcher

    matcher = Matcher.solve(question.left.problem)
    pairs = tuple(
        NewPair(
            track=row["track"],
            intern_id=row["intern_id"],
            host_id=row["host_id"],
            points=row["points"],
            reasons=run_record.for_participants(row["explanation"], question.labels),
        )
        for row in run_record.proposals(matcher, lambda _: None)
    )
    why = {(row["track"], row["intern_id"]): row["reason"] for row in run_record.unmatched(matcher, frozenset())}
    nobody = tuple((one, why[one.track, one.intern_id]) for one in question.left.wanted if _key(one) in why)
    return Plan(pairs, nobody, question.held, question.stamp)


def _key(one: Waiting) -> tuple[str, int]:
    return one.track, one.intern_id


def carry_out(session: AnySession, *, round_id: int) -> int:
    """Give everybody who waits in a published round the best host that is left; return the number of new pairs.

    May be called at any time, repeatedly and by several workers at once: what has been decided is not decided again.
    Nothing of a decision is there before its last transaction, which writes it whole if its question still stands.
    """
    for _ in range(_TRIES):
        found = _published(session, round_id)
        if found is None:
            return 0
        question = _asked(session, found)
        session.rollback()
        plan = _decided(question)
        with writing(session):
            found = _published(session, round_id, hold=plan)
            fresh = None if found is None else _asked(session, found)
            if found is not None and fresh is not None and (fresh.stamp, fresh.held) == (plan.stamp, plan.held):
                write(session, found, plan, actor=None, origin=MatchOrigin.FALL_THROUGH)
                return len(plan.pairs)
    raise Conflict(CHANGED)  # the job comes back after a pause


def _asked(session: AnySession, found: Round) -> Question:
    """Return the question; one that cannot be put leaves everybody to the office."""
    try:
        return ask(session, found, by_itself=True)
    except InvalidInput:
        everybody = openings.waiting(session, programme_id=found.programme_id, round_id=found.id)
        return Question(None, tuple(everybody), {})


def _decided(question: Question) -> Plan:
    try:
        return decide(question)
    except InvalidInput:
        assert question.left is not None  # without one there is nothing to fail
        return Plan(held=(*question.held, *question.left.wanted), stamp=question.stamp)


def _published(session: AnySession, round_id: int, hold: Plan | None = None) -> Round | None:
    """Return the round if it is published; with a plan, hold what the plan relies on until the transaction ends."""
    wanted = select(Round).where(Round.id == round_id, Round.state.in_(openings.PUBLISHED))
    found: Round | None = session.scalar(wanted.execution_options(populate_existing=True))
    if found is not None and hold is not None:
        hold_all(session, found, hold)
    return found


def hold_all(session: AnySession, found: Round, plan: Plan) -> None:
    """Keep other writers of matches out, and the people of the new pairs from leaving, until the transaction ends."""
    publication_checks.hold_programme(session, found.programme_id)
    people = {one for pair in plan.pairs for one in (pair.intern_id, pair.host_id)}
    involved = select(Enrolment).where(Enrolment.id.in_(people)).order_by(Enrolment.id).with_for_update(read=True)
    session.scalars(involved.execution_options(populate_existing=True)).all()


def proposal(session: AnySession, *, actor: Actor, round_id: int) -> Plan:
    """Return who would get whom if the office confirmed it now, for all who wait in a round; nothing is written.

    Raises
    ------
    NotFound
        The round is none of the actor's business.
    InvalidInput
        The criteria and rules of the programme make no problem; the text says why.
    """
    found = session.get(Round, round_id)
    if found is None:
        raise NotFound("There is nothing here, or it is not for you to see.")
    authorise(actor, Permission.SEE_ROUNDS, found.programme_id)
    if found.state not in openings.PUBLISHED:
        return Plan()
    question = ask(session, found, by_itself=False)
    session.rollback()
    return decide(question)


def confirm(session: AnySession, *, actor: Actor, round_id: int, stamp: str) -> int:
    """Make the pairs of the proposal that the office has looked at; return their number.

    Raises
    ------
    Conflict
        What was looked at is not the present proposal. Of two admins who press at once, one gets this.
    """
    plan = proposal(session, actor=actor, round_id=round_id)
    with writing(session):
        found = rounds.lock(session, actor=actor, permission=Permission.PUBLISH_ROUNDS, round_id=round_id)
        hold_all(session, found, plan)
        if not stamp or stamp != plan.stamp or ask(session, found, by_itself=False).stamp != stamp:
            raise Conflict(CHANGED)
        write(session, found, plan, actor=actor, origin=MatchOrigin.OFFICE)
    return len(plan.pairs)


def write(session: AnySession, found: Round, plan: Plan, *, actor: Actor | None, origin: MatchOrigin) -> None:
    """Write the new matches with their letters, and why somebody got nobody, inside the caller's transaction."""
    waited = {_key(one): one for one in openings.waiting(session, programme_id=found.programme_id, round_id=found.id)}
    made = _make(session, found, plan.pairs, origin)
    fell = {match.id for match in made if waited[str(match.track), match.intern_id].match_id is not None}
    matches.announce(session, made, found.programme, fell=fell)
    for match in made:
        matches.record(session, actor, match, found.programme_id, "fell_through")
    before = openings.reasons(session, found.id)
    reasons = [*plan.nobody, *((one, before.get(_key(one), OFFICE)) for one in plan.held)]
    if not made and before == {_key(one): dict(reason) for one, reason in reasons}:
        return  # said before
    _forget(session, found.id)
    for one, reason in reasons:
        kept = {"round_id": found.id, "track": one.track, "intern_id": one.intern_id, "reason": dict(reason)}
        session.add(Opening(**kept))
        if actor is None:  # the office has seen it otherwise
            _tell_of_opening(session, found, one, nobody=one not in plan.held)
    _record(session, actor, found, pairs=len(made), open=len(reasons))


def _make(session: AnySession, found: Round, pairs: Sequence[NewPair], origin: MatchOrigin) -> list[Match]:
    due = publication.answers_due(now(), found)
    made = [
        Match(
            round_id=found.id,
            track=pair.track,
            intern_id=pair.intern_id,
            host_id=pair.host_id,
            reasons=dict(pair.reasons),
            origin=origin,
            answer_by=due,
        )
        for pair in pairs
    ]
    session.add_all(made)
    session.flush()
    ids = [match.id for match in made]
    wanted = select(Match).where(Match.id.in_(ids)).order_by(Match.id)
    return list(session.scalars(wanted.options(joinedload(Match.intern), joinedload(Match.host))))


def _forget(session: AnySession, round_id: int) -> None:
    """Take away what earlier tries have said; this one says it anew."""
    gone = delete(Opening).where(Opening.round_id == round_id)
    session.execute(gone.execution_options(synchronize_session=False))


def _tell_of_opening(session: AnySession, found: Round, one: Waiting, *, nobody: bool) -> None:
    """Write once for each match that came to nothing: to the admins, and to the intern where nobody is left.

    Whom the round itself left alone has been told when it was published, and whose match the office ended with its end.
    """
    if one.match_id is None:
        return
    match = session.get_one(Match, one.match_id)
    matches.tell_admins(
        session, found.programme_id, kind="place_open", reason=f"match:{one.match_id}:open", match=match
    )
    if nobody and one.fell:
        outbox.post(
            session,
            kind="place_open_intern",
            reason=f"match:{one.match_id}:open",
            person_id=match.intern.person_id,
            programme_id=found.programme_id,
            facts={"match_id": one.match_id},
        )


def _record(session: AnySession, actor: Actor | None, found: Round, **detail: object) -> None:
    subject, programme_id = f"round:{found.id}", found.programme_id
    audit.record(
        session, actor=actor, action="round.fell_through", subject=subject, programme_id=programme_id, **detail
    )
