"""The frozen matching problem of a round or a programme: people, criteria, rules, and what admins have decided."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from mentormatch.core.fields import BY_KEY
from mentormatch.core.roles import Role
from mentormatch.matching.criteria import Criterion, Rule
from mentormatch.matching.match_problem import MatchProblem
from mentormatch.models import DecisionKind, Enrolment, EnrolmentState, Match, MatchState, Programme, Proposal, Round
from mentormatch.queries import Store, asked, criteria, decisions, waiting
from mentormatch.queries.run_settings import RunSettings
from mentormatch.queries.waiting import Wait

Triple = tuple[str, int, int]
"""Track, enrolment id of the intern, enrolment id of the host."""

LIVING = (MatchState.PROPOSED, MatchState.ACCEPTED)


@dataclass(frozen=True, slots=True)
class Published:
    """What earlier rounds of the programme have settled: pairs that live, and pairs that came to nothing."""

    living: frozenset[Triple]
    ended: frozenset[Triple]


def published(store: Store, programme_id: int) -> Published:
    """Return the published pairs of a programme; one query."""
    found = (
        select(Match.track, Match.intern_id, Match.host_id, Match.state)
        .join(Round, Round.id == Match.round_id)
        .where(Round.programme_id == programme_id)
    )
    rows = store.execute(found).all()
    living = frozenset((str(track), intern, host) for track, intern, host, state in rows if state in LIVING)
    everything = frozenset((str(track), intern, host) for track, intern, host, _ in rows)
    return Published(living, everything - living)


def active(store: Store, programme_id: int) -> list[Enrolment]:
    """Return the enrolments that take part in matching, with their people, by id; one query."""
    found = select(Enrolment).where(Enrolment.programme_id == programme_id, Enrolment.state == EnrolmentState.ACTIVE)
    return list(store.scalars(found.options(joinedload(Enrolment.person)).order_by(Enrolment.id)))


def row_of(enrolment: Enrolment, keys: Iterable[str]) -> dict[str, Any]:
    """Return one person as the matching reads them: ids, the name for messages, and those fields that are compared."""
    row: dict[str, Any] = {
        "id": enrolment.id,
        "person": enrolment.person_id,
        "full_name": enrolment.person.name.full("ja"),
    }
    own = {"email": enrolment.person.email, "number": enrolment.number}
    for key in keys:
        if (value := own.get(key, enrolment.profile.get(key))) is not None:
            row[key] = value
    return row


def keys_read(criteria_: Sequence[Criterion], rules: Sequence[Rule]) -> tuple[frozenset[str], frozenset[str]]:
    """Return the fields that criteria and rules read, of interns and of hosts: a problem stores no others."""
    mine = {key for criterion in criteria_ for key in criterion.intern_fields}
    theirs = {key for criterion in criteria_ for key in criterion.host_fields}
    for rule in rules:
        if rule.has_option("intern_field"):
            mine.add(rule.option("intern_field"))
            theirs.add(rule.option("host_field"))
    return frozenset(mine & BY_KEY.keys()), frozenset(theirs & BY_KEY.keys())


def of_round(store: Store, *, programme_id: int, round_id: int, settings: RunSettings | None = None) -> MatchProblem:
    """Return the problem that the round's next run solves, with these settings or the usual ones.

    Interns who have a living match in every track are left out, and their hosts have so many places less (``taken`` in
    the host's row says how many) and get no more than the round allows each host. ``waited`` in an intern's row
    counts the earlier rounds that left them without anybody. Vetoes, skips and pairs that came to nothing are bans;
    whom people wish for, ask not to get and name as what matters most stands in their rows.

    Raises
    ------
    InvalidInput
        The criteria, rules and decisions make no problem; the text says which.
    """
    decided = decisions.binding(store, programme_id=programme_id, round_id=round_id)
    pins = {(str(one.track), one.intern_id, one.host_id) for one in decided if one.kind is DecisionKind.PIN}
    bans = {(str(one.track), one.intern_id, one.host_id) for one in decided if one.kind is not DecisionKind.PIN}
    problem = _build(store, programme_id, pins, bans, round_id)
    despite = {(str(one.track), one.intern_id, one.host_id) for one in decided if one.despite}
    return _weighed(problem, settings or RunSettings(), _under_review(store, round_id), despite)


def _weighed(problem: MatchProblem, settings: RunSettings, present: list[Triple], despite: set[Triple]) -> MatchProblem:
    """Return the problem as the settings weigh it.

    `present` are the pairs of the run under review, `despite` pins that may break rules.
    """
    weights = settings.weights
    return MatchProblem.of(
        problem.interns,
        problem.hosts,
        criteria=[item.with_weight(weights.get(item.key, item.weight)) for item in problem.criteria],
        rules=problem.rules,
        objective=settings.objective,
        mixture=settings.mixture,
        pins=problem.pins,
        bans=problem.bans,
        earlier=present,
        staying=settings.staying,
        exceptions=[pin for pin in problem.pins if pin in despite],
    )


def _under_review(store: Store, round_id: int) -> list[Triple]:
    found = select(Proposal.track, Proposal.intern_id, Proposal.host_id).join(Round, Round.run_id == Proposal.run_id)
    rows = store.execute(found.where(Round.id == round_id).order_by(Proposal.id))
    return [(str(track), intern, host) for track, intern, host in rows]


def of_programme(store: Store, programme_id: int) -> MatchProblem:
    """Return the programme's problem without the decisions of any round, to look at what is possible.

    Raises
    ------
    InvalidInput
        The criteria and rules make no problem; the text says which.
    """
    return _build(store, programme_id, set(), set())


def _build(
    store: Store, programme_id: int, pins: set[Triple], bans: set[Triple], round_id: int | None = None
) -> MatchProblem:
    programme = store.get_one(Programme, programme_id)
    tracks = [Role(track) for track in programme.tracks]
    listed, rules = criteria.for_matching(criteria.setting(store, programme_id), tracks)
    mine, theirs = keys_read(listed, rules)
    earlier = published(store, programme_id)
    people = active(store, programme_id)
    settled = {(track, intern) for track, intern, _ in earlier.living}
    waits = waiting.waits(store, programme_id, but=round_id)
    wishes = asked.of_programme(store, programme_id)
    interns = [
        row_of(one, mine)
        | wishes.row(one)
        | _settled(one.id, tracks, settled)
        | _waited(one.id, tracks, settled, waits)
        for one in people
        if one.role is Role.INTERN and not all((str(track), one.id) in settled for track in tracks)
    ]
    taken = Counter(host for _, _, host in earlier.living)
    most = None if round_id is None else store.scalar(select(Round.most_interns).where(Round.id == round_id))
    hosts = {
        str(track): [_host(one, theirs, taken[one.id], most) | wishes.row(one) for one in people if one.role is track]
        for track in tracks
    }
    shut = _shut(interns, hosts, earlier)
    known = _known(interns, hosts)
    return MatchProblem.of(
        interns,
        hosts,
        criteria=asked.counting(listed, interns, hosts),
        rules=rules,
        pins=sorted(known({pin for pin in pins - shut if pin[:2] not in settled})),
        bans=sorted(known((bans | earlier.ended) - pins | shut)),
    )


def _settled(intern: int, tracks: Sequence[Role], settled: set[tuple[str, int]]) -> dict[str, Any]:
    """Return the tracks in which an intern needs nobody any more, if there are any."""
    found = [str(track) for track in tracks if (str(track), intern) in settled]
    return {"settled": found} if found else {}


def _waited(
    intern: int, tracks: Sequence[Role], settled: set[tuple[str, int]], waits: Mapping[tuple[Role, int], Wait]
) -> dict[str, Any]:
    """Return how many earlier rounds left an intern alone in a track where they still need somebody, if any did."""
    open_tracks = [track for track in tracks if (str(track), intern) not in settled]
    rounds = max((waits[track, intern].rounds for track in open_tracks if (track, intern) in waits), default=0)
    return {"waited": rounds} if rounds else {}


def _host(enrolment: Enrolment, keys: Iterable[str], taken: int, most: int | None) -> dict[str, Any]:
    free = max(0, enrolment.capacity - taken)
    capacity = free if most is None else min(free, most)
    return {
        **row_of(enrolment, keys),
        "capacity": capacity,
        "minimum": min(capacity, max(0, enrolment.minimum - taken)),
        "taken": taken,
    }


def _shut(
    interns: Sequence[Mapping[str, Any]], hosts: Mapping[str, Sequence[Mapping[str, Any]]], earlier: Published
) -> set[Triple]:
    """Return what an intern who is settled in one track may not get in the others: the same person again."""
    present = {row["id"] for row in interns}
    person = {row["id"]: row["person"] for rows in hosts.values() for row in rows}
    parts: dict[Any, list[tuple[str, int]]] = defaultdict(list)
    for track, rows in hosts.items():
        for row in rows:
            parts[row["person"]].append((track, row["id"]))
    return {
        (track, intern, again)
        for settled, intern, host in earlier.living
        if intern in present and host in person
        for track, again in parts[person[host]]
        if track != settled
    }


def _known(
    interns: Sequence[Mapping[str, Any]], hosts: Mapping[str, Sequence[Mapping[str, Any]]]
) -> Callable[[set[Triple]], set[Triple]]:
    """Return a filter for triples: those whose people take part; a decision on somebody who has left is moot."""
    left = {row["id"] for row in interns}
    right = {(track, row["id"]) for track, rows in hosts.items() for row in rows}
    return lambda triples: {one for one in triples if one[1] in left and (one[0], one[2]) in right}
