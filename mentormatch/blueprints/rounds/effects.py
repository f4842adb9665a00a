"""What a decision would do, in words: how the total and the number of pairs change, who moves, and what would help."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import render_template, request

from mentormatch.blueprints.criteria.words import RULES as RULE_NAMES
from mentormatch.blueprints.guard import guard
from mentormatch.blueprints.request import gettext, ngettext, speech, store
from mentormatch.blueprints.rounds import review_rows, review_state, words
from mentormatch.blueprints.rounds.area import area
from mentormatch.blueprints.rounds.review_address import number_in, parse
from mentormatch.blueprints.rounds.review_rows import Person
from mentormatch.blueprints.rounds.review_state import Review
from mentormatch.core.errors import Conflict, InvalidInput, NotFound
from mentormatch.core.policy import Permission
from mentormatch.queries import review as reading
from mentormatch.queries import review_lists as lists
from mentormatch.queries import rounds, what_if
from mentormatch.queries.programmes import ProgrammeView

if TYPE_CHECKING:
    from mentormatch.queries.what_if import Effect, Fix, Pair, Setting, WhatIf

_NOTHING = "There is nothing here, or it is not for you to see."
_MOST_MOVES = 200
"""Moves listed on one page; beyond that, running the matching again is the better question."""


@dataclass(frozen=True, slots=True)
class MoveLine:
    """One intern for whom something changes: hosts are None for nobody, fits as they are shown."""

    intern: Person
    before: Person | None
    after: Person | None
    fit_before: int | None
    fit_after: int | None
    track: str


@dataclass(frozen=True, slots=True)
class EffectView:
    """An effect in words; `facts` are short, `moves` a list of people, `more` how many it leaves out."""

    facts: list[str]
    moves: list[MoveLine]
    more: int
    proved: bool


@dataclass(frozen=True, slots=True)
class FixView:
    """A change that would give somebody a partner, in words, with all that follows from it.

    `pins` is the host to whom the intern is pinned with it, or 0; `place` is the host whom it concerns.
    """

    text: str
    host: Person
    fit: int
    rule: bool
    pins: int
    place: int
    effect: EffectView


def summary(found: Review) -> str:
    """Return in one line what the decisions that are not applied yet do together; a question where that takes time."""
    if not found.changes or (answers := found.answers) is None:
        return ""
    if not answers[0].prompt:
        return gettext("What do they do together?")
    try:
        return " · ".join(facts(answers[0].effect(answers[1])))
    except InvalidInput as error:
        return gettext(error.message, **error.fields)


def price(found: Review, pair: Pair) -> str:
    """Return in one line what it would do to pin a pair; nothing where that is not known at once."""
    if not found.editable or (answers := found.answers) is None or not answers[0].ready:
        return ""
    known, now = answers
    if not known.scored.knows(pair):
        return ""
    try:
        return " · ".join(facts(known.effect(now.pinned(pair), now)))
    except InvalidInput:
        return ""


def facts(effect: Effect) -> list[str]:
    """Return an effect in brief: pairs, total, people."""
    told = []
    if effect.coverage > 0:
        told.append(ngettext("%(num)s pair more", "%(num)s pairs more", effect.coverage))
    elif effect.coverage < 0:
        told.append(ngettext("%(num)s pair fewer", "%(num)s pairs fewer", -effect.coverage))
    if effect.points > 0:
        told.append(gettext("total %(points)s points higher", points=words.points(effect.points)))
    elif effect.points < 0:
        told.append(gettext("total %(points)s points lower", points=words.points(-effect.points)))
    else:
        told.append(gettext("same total"))
    people = len({(move.track, move.intern) for move in effect.moves})
    told.append(
        ngettext("%(num)s intern changes host", "%(num)s interns change host", people)
        if people
        else gettext("nobody moves")
    )
    return told


def view(found: Review, effect: Effect) -> EffectView:
    """Return an effect with the people it concerns."""
    return _views(found, [effect])[0]


def _views(found: Review, effects: Iterable[Effect]) -> list[EffectView]:
    """Return several effects; one query for all people in them."""
    listed = list(effects)
    ids = {
        int(one)
        for effect in listed
        for move in effect.moves[:_MOST_MOVES]
        for one in (move.intern, move.before, move.after)
        if one is not None
    }
    people = {key: review_rows.person(one) for key, one in lists.people(store(), found.programme.id, ids).items()}
    views = []
    for effect in listed:
        moves = [
            MoveLine(
                intern=people[int(move.intern)],
                before=None if move.before is None else people[int(move.before)],
                after=None if move.after is None else people[int(move.after)],
                fit_before=None if move.points_before is None else reading.shown(move.points_before),
                fit_after=None if move.points_after is None else reading.shown(move.points_after),
                track=move.track,
            )
            for move in effect.moves[:_MOST_MOVES]
        ]
        proved = effect.before.proved and effect.after.proved
        views.append(EffectView(facts(effect), moves, len(effect.moves) - len(moves), proved))
    return views


@area.get("/programmes/<programme>/rounds/<int:number>/review/effect")
@guard(Permission.SEE_ROUNDS)
def effect(programme: ProgrammeView, number: int) -> str:
    """Show what all decisions that are not applied yet would do, or one decision more on top of them."""
    found = _loaded(programme, number)
    known, now = _known(found)
    kind = request.args.get("kind", "")
    pair: Pair | None = None
    try:
        if kind:
            people = [number_in(request.args.get(side), -1) for side in ("intern", "host")]
            pair = (str(found.track), people[0], people[1])
            if kind not in {"pin", "veto", "skip", "back"} or not known.scored.knows(pair):
                raise NotFound(_NOTHING)
            shown = known.effect(what_if.decided(now, pair, None if kind == "back" else kind), now)
        else:
            shown = known.effect(now)
        refused = ""
    except InvalidInput as error:
        shown, refused = None, gettext(error.message, **error.fields)
    named = lists.people(store(), programme.id, pair[1:] if pair else ())
    page = "effect_part.html" if "HX-Request" in request.headers else "effect.html"
    return render_template(
        f"mentormatch/rounds/{page}",
        programme=programme,
        round=found.round,
        here=found.here,
        found=found,
        changed=review_rows.changed(found.changes),
        kind=kind,
        pair=None if pair is None else [review_rows.person(named[one]) for one in pair[1:]],
        effect=None if shown is None else view(found, shown),
        refused=refused,
    )


@area.get("/programmes/<programme>/rounds/<int:number>/review/interns/<int:intern_id>/fixes")
@guard(Permission.SEE_ROUNDS)
def fixes(programme: ProgrammeView, number: int, intern_id: int) -> str:
    """Show what would give an intern a partner; each change has been tried by solving with it."""
    found = _loaded(programme, number)
    known, now = _known(found)
    if intern_id not in known.scored.rows:
        raise NotFound(_NOTHING)
    named = lists.people(store(), programme.id, [intern_id])
    if intern_id not in named:
        raise NotFound(_NOTHING)
    tried = what_if.fixes(known, intern_id, str(found.track), now)
    return render_template(
        "mentormatch/rounds/fixes.html",
        programme=programme,
        round=found.round,
        here=found.here,
        found=found,
        changed=review_rows.changed(found.changes),
        together=summary(found),
        intern=review_rows.person(named[intern_id]),
        fixes=_fixes(found, tried),
    )


def _fixes(found: Review, tried: Iterable[Fix]) -> list[FixView]:
    kinds = {rule["key"]: rule["kind"] for rule in found.run.summary["rules"]}
    # Whom somebody has asked not to get is no way out: that rule is never set aside.
    listed = [fix for fix in tried if fix.rule is None or kinds[fix.rule] != "asked_not_to"]
    people = lists.people(store(), found.programme.id, {int(one) for fix in listed for one in (fix.host, fix.gets)})
    made = []
    for fix, seen in zip(listed, _views(found, (fix.effect for fix in listed)), strict=True):
        name = people[int(fix.host)].name.full(speech().language)
        if fix.rule is not None:
            rule = gettext(RULE_NAMES[kinds[fix.rule]][0])
            text = gettext("Set the rule “%(rule)s” aside for %(host)s", rule=rule, host=name)
        elif fix.pin:
            text = gettext("One more place at %(host)s, and pin the pair", host=name)
        else:
            text = gettext("One more place at %(host)s", host=name)
        partner = review_rows.person(people[int(fix.gets)])
        pins = int(fix.host) if fix.pin else 0
        made.append(FixView(text, partner, reading.shown(fix.points), fix.rule is not None, pins, int(fix.host), seen))
    return made


def _loaded(programme: ProgrammeView, number: int) -> Review:
    """Return the run under review; what would happen to another run is nobody's question."""
    found = rounds.by_number(store(), programme.id, number)
    here = parse(programme, number, {"track": request.args.get("track", "")})
    looked = review_state.load(programme, found, here)
    if looked is None:
        raise NotFound(_NOTHING)
    return looked


def _known(found: Review) -> tuple[WhatIf, Setting]:
    answers = found.answers
    if answers is None:
        raise Conflict("This run has not kept what this needs. Run the matching again.")
    return answers
