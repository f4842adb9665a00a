"""The lists of the review in words: tabs, filters, pairs, unmatched interns, hosts, decisions, answers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from mentormatch.blueprints.request import gettext, speech, store
from mentormatch.blueprints.rounds import review_words, wish_words, words
from mentormatch.blueprints.rounds.review_state import Change, Review
from mentormatch.core.i18n import N_
from mentormatch.core.names import Name
from mentormatch.core.roles import Role
from mentormatch.queries import review as reading
from mentormatch.queries import review_lists as lists
from mentormatch.queries import runs
from mentormatch.queries.decisions import DecisionView
from mentormatch.queries.review import PairFact
from mentormatch.queries.review_lists import Page, PairRow, PersonLine
from mentormatch.services.matches import DECLINE_REASONS

MARKS: Mapping[str, tuple[str, str]] = {
    "pin": (N_("Pinned"), ""),
    "veto": (N_("Vetoed"), "v"),
    "skip": (N_("Skipped this time"), "v"),
}
"""What was decided on a pair, and the class of its mark."""

HOST_TABS: Mapping[Role, str] = {Role.MENTOR: N_("By mentor"), Role.ALUMNUS: N_("By alumnus")}


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody in a list; `key` gives the initials, `work_short` the faculty or the organisation alone."""

    id: int
    name: str
    work: str
    work_short: str
    key: Name
    role: str


@dataclass(frozen=True, slots=True)
class PairView:
    """A row of the list of pairs.

    `wish` is what the host is among the intern's wishes, as text and kind of a pill; `decided` is pin, veto, skip or
    nothing; `mark` says it in words, or to whom the intern goes instead.
    """

    id: int
    track: str
    intern: Person
    host: Person
    load: str
    fit: int
    low: bool
    flag: str
    next_best: str
    close: bool
    wish: tuple[str, str]
    decided: str
    mark: str
    mark_class: str
    out: bool


def person(found: PersonLine) -> Person:
    """Return somebody in words."""
    language = speech().language
    return Person(
        id=found.id,
        name=found.name.full(language),
        work=review_words.work(found),
        work_short=found.work[0] if found.work else "",
        key=found.name,
        role=str(found.role),
    )


def _intern(found: Review, who: PersonLine) -> Person:
    """Return an intern in words, with how long they have waited."""
    told = person(who)
    wait = found.waits.get(who.id)
    if wait is None:
        return told
    waited = gettext("waited since round %(number)s", number=wait.since)
    return replace(told, work=" · ".join(filter(None, [told.work, waited])))


def pairs(found: Review, page: Page[PairRow]) -> list[PairView]:
    """Return a page of pairs in words."""
    facts = {fact.id: fact for fact in found.facts}
    elsewhere = {host for row in page.items if (host := found.pins.get(row.intern.id)) and host != row.host.id}
    others = lists.people(store(), found.programme.id, elsewhere)
    lowest = found.facts[0].id if found.facts else None
    return [_pair(found, row, facts[row.id], others, lowest=row.id == lowest) for row in page.items]


def _pair(found: Review, row: PairRow, fact: PairFact, others: Mapping[int, PersonLine], *, lowest: bool) -> PairView:
    decision = found.marks.get((row.intern.id, row.host.id))
    instead = others.get(found.pins.get(row.intern.id, 0))
    mark, mark_class = _mark(decision, instead)
    return PairView(
        id=row.id,
        track=str(found.track),
        intern=_intern(found, row.intern),
        host=person(row.host),
        load=f"{found.loads.get(row.host.id, 0)}/{row.host.capacity}",
        fit=reading.shown(row.points),
        low=row.points < reading.below(found.low),
        flag=_flag(fact, lowest=lowest),
        next_best=_next_best(row),
        close=fact.close,
        wish=wish_words.pill(fact),
        decided=str(decision.kind) if decision else "",
        mark=mark,
        mark_class=mark_class,
        out=instead is not None or (decision is not None and decision.kind != "pin"),
    )


def _mark(decision: DecisionView | None, instead: PersonLine | None) -> tuple[str, str]:
    if instead is not None:
        return gettext("To %(host)s instead", host=instead.name.full(speech().language)), ""
    if decision is None:
        return "", ""
    text, mark_class = MARKS[str(decision.kind)]
    return gettext(text), mark_class


def _flag(fact: PairFact, *, lowest: bool) -> str:
    if lowest:
        return gettext("lowest")
    return gettext(review_words.DOUBTS[fact.doubts[0]]) if fact.doubts else ""


def _next_best(row: PairRow) -> str:
    """Return how the next best host fits beside this one, in points as they are shown."""
    if row.margin is None:
        return gettext("nobody else")
    more = reading.shown(row.points - row.margin) - reading.shown(row.points)
    if not more:
        return gettext("as good")
    return gettext("%(points)s better", points=more) if more > 0 else gettext("%(points)s less", points=-more)


def listing(found: Review) -> tuple[Page[PairRow], list[PairView]]:
    """Return the page of pairs that the address asks for."""
    here = found.here
    page = lists.pairs(
        store(), found.run.id, found.track, only=_wanted(found), search=here.q, order=here.sort, offset=here.offset
    )
    return page, pairs(found, page)


def one(found: Review, intern_id: int) -> PairView | None:
    """Return the row of an intern in the run that is looked at, or None if there is none."""
    ids = [fact.id for fact in found.facts if fact.intern_id == intern_id]
    if not ids:
        return None
    return pairs(found, lists.pairs(store(), found.run.id, found.track, only=ids))[0]


def _wanted(found: Review) -> Collection[int] | None:
    """Return the ids of the pairs that tab and filter ask for, or None for all."""
    ids = [fact for fact in found.facts if found.wants_look(fact)] if found.here.tab == "look" else found.facts
    if found.here.show:
        chosen = _chosen(found, found.here.show)
        return {fact.id for fact in ids if fact.id in chosen}
    return None if ids is found.facts else {fact.id for fact in ids}


def _chosen(found: Review, only: str) -> set[int]:
    if only == "low":
        return {fact.id for fact in found.facts if fact.points < reading.below(found.low)}
    if only == "close":
        return {fact.id for fact in found.facts if fact.close}
    if only == "unwished":
        return {fact.id for fact in found.facts if fact.is_unwished}
    if only == "moved":
        return {fact.id for fact in found.facts if fact.intern_id in found.moved}
    kinds = {"pin"} if only == "pinned" else {"veto", "skip"}
    decided = {pair for pair, mark in found.marks.items() if mark.kind in kinds}
    return {fact.id for fact in found.facts if (fact.intern_id, fact.host_id) in decided}


def chips(found: Review) -> list[dict[str, Any]]:
    """Return the filters of the list of pairs with how many pairs each of them leaves."""
    here = found.here
    labels = {
        "low": gettext("Fit below %(low)s", low=found.low),
        "close": gettext("Close calls"),
        "unwished": gettext("Not a wish"),
        "pinned": gettext("Pinned"),
        "refused": gettext("Vetoed or skipped"),
    }
    if here.compare:
        labels["moved"] = gettext("Differs from run %(number)s", number=here.compare)
    items = []
    for only, label in labels.items():
        on = here.show == only
        number = len(_chosen(found, only))
        if number or on:
            url = here.to(show="" if on else only) + "#list"
            items.append({"url": url, "label": label, "count": number, "on": on})
    return items


def tabs(found: Review, unmatched: int) -> list[dict[str, Any]]:
    """Return the lists there are, with their lengths."""
    here = found.here
    items: list[tuple[str, str, int | None, str]] = [
        ("pairs", gettext("Pairs"), found.figures["pairs"], ""),
        ("unmatched", gettext("Unmatched"), unmatched, "amber" if unmatched else ""),
        ("look", gettext("Needs a look"), sum(map(found.wants_look, found.facts)), ""),
        ("hosts", gettext(HOST_TABS[found.track]), found.figures["hosts"], ""),
        ("decisions", gettext("Decisions"), len(found.marks), ""),
    ]
    if found.published:
        items.insert(0, ("answers", gettext("Answers"), None, ""))
    return [
        {"url": here.to(tab=tab) + "#list", "label": label, "count": count, "kind": kind, "current": here.tab == tab}
        for tab, label, count, kind in items
    ]


def unmatched(found: Review) -> Page[dict[str, Any]]:
    """Return the interns whom the run leaves without anybody in this track, with reason and remedy."""
    everybody = [row for row in runs.unmatched(store(), found.run.id) if row.track is found.track]
    page = everybody[found.here.offset :][: lists.PAGE]
    named = {offer["host"] for row in page for offer in row.reason["one_more_place"]}
    named |= {found.pins[row.intern.id] for row in page if row.intern.id in found.pins}
    hosts = lists.people(store(), found.programme.id, named)
    interns = lists.people(store(), found.programme.id, (row.intern.id for row in page))
    kinds = {rule["key"]: rule["kind"] for rule in found.run.summary["rules"]}
    items = [
        {
            "intern": _intern(found, interns[row.intern.id]),
            "why": review_words.why_nobody(row.reason, found.track, kinds),
            "helps": review_words.what_helps(row.reason, hosts, kinds),
            "pinned": hosts[pin].name.full(speech().language) if (pin := found.pins.get(row.intern.id)) else "",
            "possible": row.reason["allowed"],
        }
        for row in page
    ]
    return Page(items, found.here.offset + 1, len(everybody))


def hosts(found: Review) -> Page[dict[str, Any]]:
    """Return the hosts of this track with their interns."""
    here = found.here
    page = lists.hosts(store(), found.programme.id, found.run.id, found.track, search=here.q, offset=here.offset)
    items = [
        {
            "host": person(row.host),
            "used": found.loads.get(row.host.id, 0),
            "places": row.host.capacity,
            "interns": [
                {"id": pair_id, "name": who.name.full(speech().language), "fit": reading.shown(points)}
                for pair_id, who, points in row.interns
            ],
        }
        for row in page.items
    ]
    return Page(items, page.first, page.total)


def decisions(found: Review) -> list[dict[str, Any]]:
    """Return what was decided in any track, what is not applied yet first; and what was taken back since the run."""
    changed = {(one.track, one.intern_id, one.host_id): one for one in found.changes}
    back = [one for one in found.changes if one.now is None]
    both: list[DecisionView | Change] = [*found.decided, *back]
    ids = {one for item in both for one in (item.intern_id, item.host_id)}
    people = lists.people(store(), found.programme.id, ids)
    taken_back = [_taken_back(one, people) for one in back]
    listed = [
        _decision(one, changed.get((one.track, one.intern_id, one.host_id)), people)
        for one in sorted(found.decided, key=lambda item: item.decided_at, reverse=True)
    ]
    return sorted([*taken_back, *listed], key=lambda item: not item["waits"])


def _decision(one: DecisionView, change: Change | None, people: Mapping[int, PersonLine]) -> dict[str, Any]:
    text, mark_class = MARKS[str(one.kind)]
    who = one.decided_by.full(speech().language) if one.decided_by else ""
    return {
        **_sides(one, people),
        "kind": str(one.kind),
        "text": gettext(N_("Vetoed in an earlier round")) if one.lasting else gettext(text),
        "refused": bool(mark_class),
        "who": " · ".join(filter(None, [who, speech().moment(one.decided_at)])),
        "note": one.note,
        "waits": change is not None,
        "undo": (change.before or "") if change else "",
        "lasting": one.lasting,
    }


def _taken_back(one: Change, people: Mapping[int, PersonLine]) -> dict[str, Any]:
    texts = {"pin": N_("Pin taken back"), "veto": N_("Veto taken back"), "skip": N_("Skip taken back")}
    return {
        **_sides(one, people),
        "kind": "",
        "text": gettext(texts[str(one.before)]),
        "refused": False,
        "who": "",
        "note": "",
        "waits": True,
        "undo": one.before,
        "lasting": False,
    }


def _sides(one: DecisionView | Change, people: Mapping[int, PersonLine]) -> dict[str, Any]:
    return {"track": str(one.track), "intern": person(people[one.intern_id]), "host": person(people[one.host_id])}


def changed(changes: Iterable[Change]) -> str:
    """Return decisions that are not applied yet, counted by kind."""
    counts = Counter(one.now or "back" for one in changes)
    return " · ".join(text for kind, text in review_words.counted(counts) if counts[kind])


ANSWERS: Mapping[str, tuple[str, str, str]] = {
    "proposed": (N_("No answer yet"), "", "hourglass"),
    "accepted": (N_("Accepted"), "green", "check"),
    "declined": (N_("Declined"), "red", "x"),
    "expired": (N_("Answer never came"), "amber", "clock"),
    "ended": (N_("Ended"), "", "circle-stop"),
}


def answers(found: Review) -> Page[dict[str, Any]]:
    """Return the published pairs of this track with what the hosts said."""
    here = found.here
    page = lists.answers(
        store(), found.round.id, found.run.id, found.track, state=here.show, search=here.q, offset=here.offset
    )
    items = [
        {
            "id": row.id,
            "pair": row.pair_id,
            "intern": person(row.intern),
            "host": person(row.host),
            "state": (gettext(ANSWERS[row.state][0]), *ANSWERS[row.state][1:]),
            "when": gettext("by %(day)s", day=speech().short_day(row.answer_by))
            if row.state == "proposed"
            else speech().moment(row.answered_at or row.answer_by),
            "reason": gettext(DECLINE_REASONS[row.decline_reason]) if row.decline_reason in DECLINE_REASONS else "",
            "note": row.decline_note,
        }
        for row in page.items
    ]
    return Page(items, page.first, page.total)


def answer_chips(found: Review, counts: Mapping[Any, int]) -> list[dict[str, Any]]:
    """Return the filters of the answers."""
    here = found.here
    items = []
    for state, (label, _, _) in ANSWERS.items():
        number = counts.get((found.track, state), 0)
        on = here.show == state
        if number or on:
            url = here.to(show="" if on else state) + "#list"
            items.append({"url": url, "label": gettext(label), "count": number, "on": on})
    return items


def totals(counts: Mapping[Any, int]) -> Sequence[tuple[str, object, str | None, str]]:
    """Return how the hosts of all tracks have answered, as the macro `stats` shows it."""
    return [
        (gettext(label), words.number(number), None, kind if number else "")
        for state, (label, kind, _) in ANSWERS.items()
        if (number := sum(found for (_, one), found in counts.items() if one == state))
        or state not in {"expired", "ended"}
    ]
