"""What admins decide on pairs of a round under review: keep it, never, not this time; it binds the next run."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import and_, delete, func, or_, select
from sqlalchemy.orm import joinedload

from mentormatch.core.errors import Conflict, InvalidInput, NotFound
from mentormatch.core.i18n import N_
from mentormatch.core.policy import Actor, Permission
from mentormatch.core.roles import HOST_ROLES, Role
from mentormatch.models import Decision, DecisionKind, Enrolment, EnrolmentState, Round, RoundState
from mentormatch.models.base import AnySession, writing
from mentormatch.queries import asked, criteria, problems
from mentormatch.queries import decisions as reading
from mentormatch.services import audit, rounds

LONGEST_NOTE = 500
NOTHING = N_("There is nothing here, or it is not for you to see.")

ASKED = "asked_not_to"
"""The rule that no exception is made from: somebody was promised to be heard."""

BROKEN_RULES: Mapping[str, str] = {
    "shared_language": N_("%(intern)s and %(host)s share no language at the level that the rules ask for."),
    "shared_hours": N_("%(intern)s and %(host)s have less free time in common than the rules ask for."),
    "not_supervisor": N_("%(host)s is the supervisor of %(intern)s, and the rules forbid that."),
    "not_same_company": N_("%(host)s works for the company where %(intern)s is an intern, and the rules forbid that."),
    "not_same_person": N_("%(intern)s and %(host)s are the same person."),
    "never_pairs": N_("%(intern)s and %(host)s are on the list of people who must never be paired."),
    ASKED: N_("%(intern)s or %(host)s has asked not to be paired with the other. That is not set aside for one pair."),
}
"""Why a pin is refused, by the kind of the rule that it would break."""


def decide(
    session: AnySession,
    *,
    actor: Actor,
    round_id: int,
    track: Role,
    intern_id: int,
    host_id: int,
    kind: DecisionKind | None,
    note: str = "",
    instead: bool = False,
    despite: bool = False,
) -> None:
    """Decide on one pair (ids of enrolments), replacing what was decided on it before.

    Parameters
    ----------
    kind:
        PIN keeps the pair, SKIP forbids it in this round, VETO for good: also in later rounds of the programme. None
        takes the decision back, and an older veto, too.
    instead:
        Whether a pin replaces the one that the intern has in this track; without it, a second pin is refused.
    despite:
        Whether a pin is made although a rule forbids the pair: an exception, recorded as one.

    Raises
    ------
    NotFound
        The round, or one of the two, is none of the actor's business.
    Conflict
        The round is not in review, or the decision contradicts others: the text names the people.
    InvalidInput
        The note is too long.
    """
    if len(note) > LONGEST_NOTE:
        raise InvalidInput("Keep the note under %(longest)s letters.", field="note", longest=LONGEST_NOTE)
    with writing(session):
        found = _under_review(session, actor, round_id)
        intern, host = _pair(session, found.programme_id, track, intern_id, host_id)
        if kind is DecisionKind.PIN:
            if instead:
                _release(session, found, track, intern_id, host_id)
            broken = _check_pin(session, actor, found, intern, host, despite=despite)
            despite = broken is not None
        _put(session, actor, found, (track, intern_id, host_id), kind=kind, note=note.strip(), despite=despite)
        action = "decision.undone" if kind is None else f"decision.{kind}"
        _record(session, actor, found, action, track=str(track), intern=intern_id, host=host_id)


def _record(session: AnySession, actor: Actor, found: Round, action: str, **detail: object) -> None:
    subject, programme_id = f"round:{found.id}", found.programme_id
    audit.record(session, actor=actor, action=action, subject=subject, programme_id=programme_id, **detail)


def undo_all(session: AnySession, *, actor: Actor, round_id: int) -> int:
    """Put the decisions back to what the current run knows; return on how many pairs that changed something.

    Raises
    ------
    NotFound
        The round is none of the actor's business.
    Conflict
        The round is not in review.
    """
    with writing(session):
        found = _under_review(session, actor, round_id)
        applied: dict[tuple[Role, int, int], DecisionKind] = {}
        if found.run is not None:
            for track, intern_id, host_id, kind in found.run.summary["decisions"]:
                applied[Role(track), intern_id, host_id] = DecisionKind(kind)
        binding = reading.binding(session, programme_id=found.programme_id, round_id=round_id)
        present = {(one.track, one.intern_id, one.host_id): one.kind for one in binding}
        changed = sorted(pair for pair in present.keys() | applied.keys() if present.get(pair) != applied.get(pair))
        for pair in changed:
            _put(session, actor, found, pair, kind=applied.get(pair))
        _record(session, actor, found, "decisions.undone", pairs=len(changed))
    return len(changed)


def _under_review(session: AnySession, actor: Actor, round_id: int) -> Round:
    found = rounds.lock(session, actor=actor, permission=Permission.RUN_ROUNDS, round_id=round_id)
    if found.state is not RoundState.REVIEW:
        raise Conflict("Pairs can be changed while the round is in review. Reload the page to see where it stands.")
    return found


def _pair(
    session: AnySession, programme_id: int, track: Role, intern_id: int, host_id: int
) -> tuple[Enrolment, Enrolment]:
    """Return intern and host, with their people, if they are what the track asks for."""
    found = select(Enrolment).where(Enrolment.programme_id == programme_id, Enrolment.id.in_([intern_id, host_id]))
    sides = {row.id: row for row in session.scalars(found.options(joinedload(Enrolment.person)))}
    intern, host = sides.get(intern_id), sides.get(host_id)
    if intern is None or host is None or track not in HOST_ROLES:
        raise NotFound(NOTHING)
    if intern.role is not Role.INTERN or host.role is not track:
        raise NotFound(NOTHING)
    return intern, host


def _put(
    session: AnySession,
    actor: Actor,
    found: Round,
    pair: tuple[Role, int, int],
    *,
    kind: DecisionKind | None,
    note: str = "",
    despite: bool = False,
) -> None:
    """Set what is decided on a pair. Taking back also removes a veto that an earlier round left behind."""
    track, intern_id, host_id = pair
    rounds_of_programme = select(Round.id).where(Round.programme_id == found.programme_id)
    mine = Decision.round_id == found.id
    lasting = and_(Decision.kind == DecisionKind.VETO, Decision.round_id.in_(rounds_of_programme))
    session.execute(
        delete(Decision)
        .where(Decision.track == track, Decision.intern_id == intern_id, Decision.host_id == host_id)
        .where(mine if kind is not None else or_(mine, lasting))
        .execution_options(synchronize_session=False)
    )
    if kind is not None:
        session.add(
            Decision(
                round_id=found.id,
                track=track,
                intern_id=intern_id,
                host_id=host_id,
                kind=kind,
                despite=despite and kind is DecisionKind.PIN,
                note=note,
                decided_by=actor.person_id,
            )
        )
        session.flush()


def _release(session: AnySession, found: Round, track: Role, intern_id: int, host_id: int) -> None:
    """Take back the pins of an intern in a track to any other host."""
    session.execute(
        delete(Decision)
        .where(Decision.round_id == found.id, Decision.kind == DecisionKind.PIN, Decision.track == track)
        .where(Decision.intern_id == intern_id, Decision.host_id != host_id)
        .execution_options(synchronize_session=False)
    )


def _check_pin(
    session: AnySession, actor: Actor, found: Round, intern: Enrolment, host: Enrolment, *, despite: bool
) -> str | None:
    """Refuse a pin that contradicts other pins, living matches, places or rules; return the rule that it breaks."""
    language = actor.language
    names = {"intern": intern.person.name.full(language), "host": host.person.name.full(language)}
    for person, name in ((intern, names["intern"]), (host, names["host"])):
        if person.state is not EnrolmentState.ACTIVE:
            raise Conflict("%(name)s does not take part in matching at the moment.", name=name)
    living = problems.published(session, found.programme_id).living
    if any((track, one) == (str(host.role), intern.id) for track, one, _ in living):
        raise Conflict("%(name)s already has a published match here.", name=names["intern"])
    _check_other_pins(session, found, intern, host, language)
    pinned = session.scalar(
        select(func.count())
        .select_from(Decision)
        .where(Decision.round_id == found.id, Decision.kind == DecisionKind.PIN, Decision.host_id == host.id)
        .where(Decision.intern_id != intern.id)
    )
    taken = (pinned or 0) + sum(one == host.id for _, _, one in living)
    if taken >= host.capacity:
        message = N_("%(host)s has %(places)s places, and all of them are taken by pinned or published pairs.")
        raise Conflict(message, host=names["host"], places=host.capacity)
    broken = _broken_rule(session, found.programme_id, intern, host)
    if broken and (broken == ASKED or not despite):
        raise Conflict(BROKEN_RULES[broken], **names)
    return broken


def _check_other_pins(session: AnySession, found: Round, intern: Enrolment, host: Enrolment, language: str) -> None:
    """Refuse a second host for the intern in this track, and the same person in two tracks."""
    others = (
        select(Decision.track, Enrolment)
        .join(Enrolment, Enrolment.id == Decision.host_id)
        .where(Decision.round_id == found.id, Decision.kind == DecisionKind.PIN, Decision.intern_id == intern.id)
        .where(Decision.host_id != host.id)
        .options(joinedload(Enrolment.person))
    )
    for track, other in session.execute(others):
        names = {"intern": intern.person.name.full(language), "other": other.person.name.full(language)}
        if track is host.role:
            raise Conflict("%(intern)s is already pinned to %(other)s. Take that pin back first.", **names)
        if other.person_id == host.person_id:
            raise Conflict(
                "%(intern)s is already pinned to %(other)s in the other role. One person, one part.", **names
            )


def _broken_rule(session: AnySession, programme_id: int, intern: Enrolment, host: Enrolment) -> str | None:
    """Return the kind of the first active rule that forbids the pair; that somebody asked not to goes first."""
    from mentormatch.matching.rules import fitted_rule  # loads scikit-learn: only where it is used

    listed, rules = criteria.for_matching(criteria.setting(session, programme_id), [host.role])
    mine, theirs = problems.keys_read(listed, rules)
    wishes = asked.of_programme(session, programme_id)
    sides = ([problems.row_of(intern, mine) | wishes.row(intern)], [problems.row_of(host, theirs) | wishes.row(host)])
    everything = slice(None)
    for rule in sorted(rules, key=lambda rule: rule.kind != ASKED):
        if rule.is_hard and not fitted_rule(rule, *sides).allowed(everything, everything)[0, 0]:
            return rule.kind
    return None
