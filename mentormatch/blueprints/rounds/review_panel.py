"""Why a pair was made, why another was not, and who else there is: the panel and its pages, in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from mentormatch.blueprints.request import gettext, ngettext, speech, store
from mentormatch.blueprints.rounds import effects, review_rows, review_words, words
from mentormatch.blueprints.rounds.review_rows import Person
from mentormatch.blueprints.rounds.review_state import Review
from mentormatch.blueprints.rounds.review_words import PartLine
from mentormatch.core.roles import Role
from mentormatch.queries import review as reading
from mentormatch.queries import review_lists as lists
from mentormatch.queries import review_pair
from mentormatch.queries.review_lists import PAGE, Page
from mentormatch.queries.review_pair import Option, PairDetail


@dataclass(frozen=True, slots=True)
class OtherHost:
    """A runner-up: who, how well, and what it would do to all to choose this one: `exact` is empty if not known."""

    host: Person
    fit: int
    text: str
    exact: str
    pinned: bool


@dataclass(frozen=True, slots=True)
class Panel:
    """Everything that is known about one pair, in words. `id` is None for a pair that the run does not propose."""

    id: int | None
    track: Role
    intern: Person
    host: Person
    called: str
    fit: int
    low: bool
    look: list[str]
    parts: list[PartLine]
    relaxed: list[tuple[str, str]]
    checks: list[tuple[str, str]]
    others: list[OtherHost]
    decided: str
    instead: str


def panel(found: Review, detail: PairDetail) -> Panel:
    """Return a pair in words, with what was decided on it."""
    known = detail.explanation
    decision = found.marks.get((detail.intern.id, detail.host.id))
    pinned = found.pins.get(detail.intern.id)
    language = speech().language
    return Panel(
        id=detail.id,
        track=detail.track,
        intern=review_rows.person(detail.intern),
        host=review_rows.person(detail.host),
        called=detail.intern.name.called(language),
        fit=known["shown"],
        low=detail.points < reading.below(found.low),
        look=_look(found, detail),
        parts=review_words.parts(known["parts"], found.run.summary["criteria"], detail.intern, detail.host),
        relaxed=review_words.relaxed(known["rules"]),
        checks=review_words.rules(
            known["rules"], detail.host, found.loads.get(detail.host.id, 0), more=int(detail.id is None)
        ),
        others=[
            OtherHost(
                host=review_rows.person(detail.others[other["host"]]),
                fit=other["shown"],
                text=review_words.alternative(other, known["shown"], fixed=known["pinned"]),
                exact=effects.price(found, (str(detail.track), detail.intern.id, other["host"])),
                pinned=other["host"] == pinned,
            )
            for other in known["alternatives"]
            if other["host"] in detail.others
        ],
        decided=str(decision.kind) if decision else "",
        instead=_instead(found, detail, pinned),
    )


def _instead(found: Review, detail: PairDetail, pinned: int | None) -> str:
    """Return the name of the host to whom the intern is pinned besides this one, if any."""
    if pinned is None or pinned == detail.host.id:
        return ""
    known = detail.others.get(pinned) or lists.people(store(), found.programme.id, [pinned])[pinned]
    return known.name.full(speech().language)


def _look(found: Review, detail: PairDetail) -> list[str]:
    """Return why a pair wants a look, if it does."""
    told = [gettext("Fit below %(low)s", low=found.low)] if detail.points < reading.below(found.low) else []
    if detail.margin is not None and abs(detail.margin) <= reading.CLOSE:
        told.append(gettext("Close call"))
    doubts = reading.doubts(detail.explanation["rules"])
    return [*told, *(gettext(review_words.DOUBTS[doubt]) for doubt in doubts)]


def verdict(found: Review, detail: PairDetail, current: PairDetail | None) -> list[str]:
    """Return why the run did not make a pair, as far as it is certain, in a few sentences."""
    language = speech().language
    names = review_words.names(detail.intern, detail.host)
    if any(check["verdict"] == "broken" for check in detail.explanation["rules"]):
        return [gettext("The rules forbid this pair.")]
    told = []
    if detail.explanation["banned"]:
        told.append(gettext("This run was not allowed to make this pair: it had been vetoed or skipped."))
    if current is not None:
        gap = abs(reading.shown(detail.points) - reading.shown(current.points))
        other = current.host.name.full(language)
        if not gap:
            told.append(gettext("%(host)s and %(other)s fit equally well.", host=names["host"], other=other))
        else:
            better = detail.points > current.points
            text = (
                gettext("%(host)s would fit %(points)s points better than %(other)s.")
                if better
                else gettext("%(host)s would fit %(points)s points less than %(other)s.")
            )
            told.append(text % {"host": names["host"], "points": gap, "other": other})
    free = detail.host.capacity - found.loads.get(detail.host.id, 0)
    told.append(
        ngettext("%(num)s place is free.", "%(num)s places are free.", free)
        if free > 0
        else gettext("All places are taken; the run gives them to:")
    )
    return told


def holders(found: Review, detail: PairDetail) -> list[dict[str, Any]]:
    """Return who has this host in the run."""
    language = speech().language
    return [
        {"id": pair_id, "name": who.name.full(language), "fit": reading.shown(points)}
        for pair_id, who, points in review_pair.holders(store(), found.run.id, detail.host.id)
    ]


def options(found: Review, intern_id: int) -> Page[dict[str, Any]]:
    """Return every host for an intern, best fit first, those whom the rules forbid last."""
    everybody = review_pair.options(store(), found.programme.id, found.run.id, found.track, intern_id)
    asked = found.here.q.casefold().split()
    wanted = [option for option in everybody if all(word in _text(option) for word in asked)]
    here = [found.facts_by_intern[intern_id].host_id] if intern_id in found.facts_by_intern else []
    page = wanted[found.here.offset :][:PAGE]
    return Page([_option(found, option, intern_id, here) for option in page], found.here.offset + 1, len(wanted))


def _text(option: Option) -> str:
    name = option.host.name
    return " ".join(
        (name.full("ja"), name.full("en"), name.family_kana, name.given_kana, name.preferred, *option.host.work)
    ).casefold()


def _option(found: Review, option: Option, intern_id: int, here: list[int]) -> dict[str, Any]:
    mark = found.marks.get((intern_id, option.host.id))
    used = found.loads.get(option.host.id, 0)
    return {
        "host": review_rows.person(option.host),
        "fit": reading.shown(option.points),
        "low": option.points < reading.below(found.low),
        "used": used,
        "places": option.host.capacity,
        "full": used >= option.host.capacity,
        "broken": [gettext(words.RULES[kind]) for kind in option.broken],
        "relaxed": [gettext(words.RULES[kind]) for kind in option.relaxed],
        "current": option.host.id in here,
        "decided": str(mark.kind) if mark else "",
    }
