"""What a run leaves behind, as plain JSON: the shapes of its progress, summary, explanations and reasons.

Points are integers, 100 per shown point, unless the name is ``shown``. ``track`` is the value of a `Role`, ids are
those of enrolments. Texts of people stand as they wrote them; everything else is data, put into words by the page.

``Run.progress``
    ``{"stage": Stage, "fraction": 0..1, "facts": Facts}``, and after a failure
    ``"error": {"message": English text with %(name)s fields, "fields": {…}}``.
    *Stage* is one of queued, reading, scoring, solving, proving, explaining, saving, done, stopped, cancelled,
    failed.
    *Facts* grow as the run goes on: ``interns: int``, ``hosts: {track: int}``, ``possible: int`` (pairs to compare),
    ``coverage: int`` (pairs in the best matching so far), ``mean: int`` (its mean points), ``gap: int`` (points by
    which the mean may rise at most).
``Run.summary``
    ``pairs, unmatched, interns: int``; ``objective, upper_bound: int`` (equal when proved), ``coverage,
    coverage_bound: int``; ``status``: optimal, stopped or bounded; ``seconds: float``; ``tracks: {track: Figures}``;
    ``criteria: [{"key", "kind", "label": {"en", "ja"}, "intern_fields", "host_fields", "weight", "max_points"}]``;
    ``rules: [{"key", "kind", "params", "price": points people see | None}]``; ``decisions: [[track, intern, host,
    kind]]``, what the run applied.
    *Figures*: ``interns, hosts, pairs, unmatched, possible, ruled_out: int``; ``mean, lowest, highest: int | None``;
    ``histogram``: 20 counts of pairs with at most 4, 5–9, … 95–100 shown points; ``places``: ``{"total", "used"}`` in
    interns, with those of earlier rounds, and ``{"full", "room", "empty"}`` in hosts; ``wishes``: interns who have
    wished (``people``) and ranked (``asked``) somebody, who get their ``first`` choice, one of the first three
    (``top3``), or anybody they wished for (``met``).
``Proposal.explanation``
    ``points, shown: int``; ``pinned: bool``; ``parts: [{"criterion", "kind", "points", "max_points", "shown",
    "shown_max", "closeness" (0..1000), "missing": ["intern"|"host"], "shared": Shared}]``; ``rules: [{"rule", "kind",
    "verdict": met|broken|relaxed|unknown, "detail": {…}, "points", "shown"}]``: points of parts and of relaxed rules,
    which are below zero, add up (a record whose rules have no points has none relaxed); ``alternatives: [{"host",
    "points", "shown", "margin" (its points less this pair's), "places_left", "costs_at_least": int | None}]``;
    ``reasons: [{"criterion", "kind", "strength": 1..3, "shared": Shared}]``, for participants; ``not_used: [kind of
    personal information that nothing compares]``.
    *Shared* has those of ``tags: [[intern's, host's]]``, ``windows: [[weekday, start, end]]``, ``minutes``,
    ``languages: [[code, intern's level, host's level]]``, ``terms: [str]``, ``numbers``, ``intern_words,
    host_words: [{"field", "value"}]`` that the criterion knows.
``Unmatched.reason``
    ``why``: no_hosts, no_allowed_host, all_full or needed_elsewhere; ``hosts, allowed: int``; ``removed: [{"rule": key
    of a rule, or "banned" (by decisions), or "serves_elsewhere", "hosts", "alone"}]``; ``one_more_place: [{"host",
    "points", "shown", "capacity"}]``, full hosts with whom one more place would help, best first.
``Match.reasons``
    ``{"reasons": [{"criterion", "label": {"en", "ja"}, "kind", "strength", "shared"}], "not_used": […]}``; words from
    fields that the other side does not see are left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from mentormatch.core.errors import MentorMatchError
from mentormatch.core.fields import BY_KEY
from mentormatch.models.round import NOT_A_WISH, PREFERRED
from mentormatch.queries.criteria import CriterionView
from mentormatch.queries.decisions import DecidedPair

if TYPE_CHECKING:  # only for its type: loading the matcher loads scikit-learn
    from mentormatch.matching.match_problem import MatchProblem
    from mentormatch.matching.matcher import Matcher

BINS = 20
_TOP = 3
_BIN_POINTS = 5


def first_facts(problem: MatchProblem) -> dict[str, Any]:
    """Return what is known once the people have been read."""
    hosts = {track: len(rows) for track, rows in problem.hosts.items()}
    interns = len(problem.interns)
    return {"interns": interns, "hosts": hosts, "possible": interns * sum(hosts.values())}


def failure(error: MentorMatchError) -> dict[str, Any]:
    """Return an error as JSON, to be translated when it is shown."""
    plain = {key: value if isinstance(value, int | float) else str(value) for key, value in error.fields.items()}
    return {"message": error.message, "fields": plain}


def settled(problem: MatchProblem, living: Iterable[tuple[str, int, int]]) -> frozenset[tuple[str, int]]:
    """Return (track, intern) of those in the problem who need nobody in a track because they have somebody already."""
    present = {row["id"] for row in problem.interns}
    return frozenset((track, intern) for track, intern, _ in living if intern in present)


def proposals(matcher: Matcher, report: Callable[[float], None]) -> list[dict[str, Any]]:
    """Return one row for each pair: the columns of `Proposal` but for the run. `report` hears the fraction done."""
    # Loads scikit-learn, three seconds: only where it is used.
    from mentormatch.matching import explanation

    not_used = list(explanation.kinds_not_used(matcher.problem_.criteria, matcher.problem_.rules))
    wishes = {track: wished(matcher.problem_, track) for track in matcher.problem_.hosts}
    rows = []
    for number, pair in enumerate(matcher.pairs_):
        report(number / len(matcher.pairs_))
        explained = matcher.explain(pair.intern, track=pair.track)
        plain = explained.to_json()
        reasons = [explanation.as_json(reason) for reason in explanation.best_reasons(explained.parts)]
        kept = {key: plain[key] for key in ("points", "shown", "pinned", "parts", "rules", "alternatives")}
        rows.append(
            {
                "track": pair.track,
                "intern_id": pair.intern,
                "host_id": pair.host,
                "points": pair.points,
                "margin": -explained.alternatives[0].margin if explained.alternatives else None,
                "wish": wishes[pair.track].get(pair.intern, {}).get(pair.host, NOT_A_WISH)
                if pair.intern in wishes[pair.track]
                else None,
                "explanation": {**kept, "reasons": reasons, "not_used": not_used},
            }
        )
    return rows


def wished(problem: MatchProblem, track: str) -> dict[Any, dict[Any, int]]:
    """Return what interns ask for in a track: intern -> host -> rank, or `PREFERRED`; nobody who asks for nobody."""
    there = {row["id"] for row in problem.hosts[track]}
    found = {
        row["id"]: {other: rank or PREFERRED for other, rank in row.get("wishes", ()) if other in there}
        for row in problem.interns
    }
    return {intern: hosts for intern, hosts in found.items() if hosts}


def _wishes(matcher: Matcher, track: str, needless: frozenset[tuple[str, int]]) -> dict[str, int]:
    """Return how many interns who seek somebody have wished and ranked, and how many get what they wished for."""
    asked = {one: hosts for one, hosts in wished(matcher.problem_, track).items() if (track, one) not in needless}
    got = [
        asked[pair.intern].get(pair.host, NOT_A_WISH)
        for pair in matcher.pairs_
        if pair.track == track and pair.intern in asked
    ]
    return {
        "people": len(asked),
        "asked": sum(min(hosts.values()) < PREFERRED for hosts in asked.values()),
        "first": got.count(1),
        "top3": sum(wish <= _TOP for wish in got),
        "met": sum(wish < NOT_A_WISH for wish in got),
    }


def unmatched(matcher: Matcher, needless: frozenset[tuple[str, int]]) -> list[dict[str, Any]]:
    """Return one row for each intern without a partner: the columns of `Unmatched` but for the run."""
    taken = {row["id"]: row["taken"] for rows in matcher.problem_.hosts.values() for row in rows}
    found = []
    for one in matcher.unmatched_:
        if (one.track, one.intern) in needless:
            continue
        reason = one.to_json()
        for offer in reason["one_more_place"]:
            offer["capacity"] += taken[offer["host"]]
        kept = ("why", "hosts", "allowed", "removed", "one_more_place")
        found.append({"track": one.track, "intern_id": one.intern, "reason": {key: reason[key] for key in kept}})
    return found


def summary(
    matcher: Matcher,
    *,
    criteria: Sequence[CriterionView],
    decided: Iterable[DecidedPair],
    needless: frozenset[tuple[str, int]],
    seconds: float,
) -> dict[str, Any]:
    """Return the figures of a finished run."""
    problem = matcher.problem_
    tracks = {track: _figures(matcher, track, needless) for track in problem.hosts}
    status = matcher.status_
    return {
        "pairs": len(matcher.pairs_),
        "unmatched": sum(figures["unmatched"] for figures in tracks.values()),
        "interns": len(problem.interns),
        "objective": matcher.objective_,
        "upper_bound": matcher.upper_bound_,
        "coverage": matcher.coverage_,
        "coverage_bound": matcher.coverage_bound_,
        "status": None if status is None else str(status),
        "seconds": round(seconds, 2),
        "tracks": tracks,
        "criteria": [_criterion(item, matcher) for item in criteria],
        "rules": [
            {"key": rule.key, "kind": rule.kind, "params": dict(rule.params), "price": rule.price}
            for rule in problem.rules
        ],
        "decisions": [[str(one.track), one.intern_id, one.host_id, str(one.kind)] for one in decided],
    }


def _criterion(item: CriterionView, matcher: Matcher) -> dict[str, Any]:
    units = [state.scores.units.get(item.key, 0) for state in matcher.tracks_.values()]
    return {
        "key": item.key,
        "kind": item.kind,
        "label": {"en": item.label.en, "ja": item.label.ja},
        "intern_fields": list(item.intern_fields),
        "host_fields": list(item.host_fields),
        "weight": next((one.weight for one in matcher.problem_.criteria if one.key == item.key), item.weight),
        "max_points": max(units, default=0),
    }


def _figures(matcher: Matcher, track: str, needless: frozenset[tuple[str, int]]) -> dict[str, Any]:
    state = matcher.tracks_[track]
    points = [pair.points for pair in matcher.pairs_ if pair.track == track]
    histogram = [0] * BINS
    for pair in matcher.pairs_:
        if pair.track == track:
            histogram[min(max(pair.shown, 0) // _BIN_POINTS, BINS - 1)] += 1
    everything = slice(None)
    seeking = sum((track, row["id"]) not in needless for row in matcher.problem_.interns)
    forbidden = ~state.scores.allowed(everything, everything)
    return {
        "interns": seeking,
        "hosts": len(state.places),
        "pairs": len(points),
        "unmatched": seeking - len(points),
        "possible": forbidden.size,
        "ruled_out": int(forbidden.sum()),
        "mean": round(sum(points) / len(points)) if points else None,
        "lowest": min(points, default=None),
        "highest": max(points, default=None),
        "histogram": histogram,
        "wishes": _wishes(matcher, track, needless),
        "places": _places(matcher.problem_.hosts[track], state.loads.tolist()),
    }


def _places(hosts: Sequence[Mapping[str, Any]], loads: Sequence[int]) -> dict[str, int]:
    kinds = {"full": 0, "room": 0, "empty": 0}
    for host, load in zip(hosts, loads, strict=True):
        used = load + host["taken"]
        kinds["full" if load >= host["capacity"] else "room" if used else "empty"] += 1
    return {
        "total": sum(host["capacity"] + host["taken"] for host in hosts),
        "used": sum(loads) + sum(host["taken"] for host in hosts),
        **kinds,
    }


def for_participants(explanation: Mapping[str, Any], labels: Mapping[str, Mapping[str, str]]) -> dict[str, Any]:
    """Return the reasons of a published pair, frozen: with the criteria's names, without words that are not shown."""
    return {
        "reasons": [
            {**reason, "label": dict(labels[reason["criterion"]]), "shared": _shown(reason["shared"])}
            for reason in explanation["reasons"]
        ],
        "not_used": list(explanation["not_used"]),
    }


def _shown(shared: Mapping[str, Any]) -> dict[str, Any]:
    """Return what two people share, without words from fields that the other side does not see."""
    told = dict(shared)
    for side in ("intern_words", "host_words"):
        if side in told:
            words = [word for word in told[side] if word["field"] in BY_KEY and BY_KEY[word["field"]].shown]
            told[side] = words
    return told
