"""A published round goes on: who waits and who could come, one match and its end, what the office was told."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from mentormatch.blueprints.guard import guard
from mentormatch.blueprints.redirects import notice
from mentormatch.blueprints.request import actor, gettext, speech, store
from mentormatch.blueprints.rounds import review_rows, review_words, words
from mentormatch.blueprints.rounds.area import area
from mentormatch.blueprints.rounds.forms import EndForm
from mentormatch.blueprints.rounds.review_address import number_in
from mentormatch.core.errors import Conflict, InvalidInput
from mentormatch.core.i18n import N_
from mentormatch.core.policy import Permission
from mentormatch.core.roles import ROLE_LABELS, Role
from mentormatch.queries import criteria, openings, repair
from mentormatch.queries import review as reading_review
from mentormatch.queries import review_lists as lists
from mentormatch.queries import rounds as reading
from mentormatch.queries.openings import Waiting
from mentormatch.queries.programmes import ProgrammeView
from mentormatch.queries.repair import ConcernLine, MatchLine
from mentormatch.queries.rounds import RoundView
from mentormatch.services import concerns, endings, fall_through
from mentormatch.services.fall_through import Plan
from mentormatch.services.letters import OPEN_REASONS
from mentormatch.services.matches import DECLINE_REASONS

STATES: Mapping[str, tuple[str, str, str]] = {**review_rows.ANSWERS, "ended": (N_("Ended"), "", "circle-stop")}

_FEW = 25
"""So many who wait are seen to at once; for more, the page shows the proposal when it is asked for."""

SINCE: Mapping[str | None, str] = {
    None: N_("Nobody was left when the round was published"),
    "declined": N_("A host declined"),
    "expired": N_("An answer never came"),
    "ended": N_("The office ended a match"),
}
"""Why somebody waits, by the state of the last match."""


@area.get("/programmes/<programme>/rounds/<int:number>/repair")
@guard(Permission.SEE_ROUNDS)
def repairing(programme: ProgrammeView, number: int) -> str | Response:
    """Show who waits for somebody, whom the program proposes, and what participants have told the office."""
    found = reading.by_number(store(), programme.id, number)
    if found.state not in openings.PUBLISHED:
        return redirect(words.address(programme, found, "show"), 303)
    return _repair_page(programme, found)


def _repair_page(programme: ProgrammeView, found: RoundView, refused: str = "") -> str:
    plan, problem = Plan(), ""
    waiting = openings.waiting(store(), programme_id=programme.id, round_id=found.id)
    looked = len(waiting) <= _FEW or "look" in request.args or bool(refused)
    try:
        plan = fall_through.proposal(store(), actor=actor(), round_id=found.id) if looked else plan
    except InvalidInput as error:
        problem = words.problem(error.message, error.fields)
    told = repair.concerns(store(), found.id)
    here = {"programme": programme, "round": found, "state": words.state_words(found)}
    return render_template(
        "mentormatch/rounds/repair.html",
        **here,
        **_plan(programme, plan),
        waiting=_waiting(programme, found, plan, waiting),
        concerns=[_concern(one) for one in told],
        problem=problem,
        refused=refused,
        looked=looked,
        look="1" if "look" in request.args else None,
    )


def _plan(programme: ProgrammeView, plan: Plan) -> dict[str, Any]:
    """Return the pairs that would be made, as both the repair page and the preview of an end show them."""
    ids = {one for pair in plan.pairs for one in (pair.intern_id, pair.host_id)}
    people = lists.people(store(), programme.id, ids)
    return {
        "stamp": plan.stamp,
        "pairs": [
            {
                "intern": review_rows.person(people[pair.intern_id]),
                "host": review_rows.person(people[pair.host_id]),
                "fit": reading_review.shown(pair.points),
                "track": _role(pair.track),
            }
            for pair in plan.pairs
        ],
    }


def _role(track: str) -> str:
    """Return the role of the host in a track."""
    return ROLE_LABELS[Role(track)].to(speech().language)


def _waiting(
    programme: ProgrammeView, found: RoundView, plan: Plan, waiting: Iterable[Waiting]
) -> lists.Page[dict[str, Any]]:
    """Return a page of those who would still wait, with the reason and what would help."""
    got = {(pair.track, pair.intern_id) for pair in plan.pairs}
    why = {(one.track, one.intern_id): reason for one, reason in plan.nobody}
    listed = [one for one in waiting if (one.track, one.intern_id) not in got]
    first = (max(1, min(number_in(request.args.get("page"), 1), 10_000)) - 1) * lists.PAGE
    page = listed[first:][: lists.PAGE]
    reasons = openings.reasons(store(), found.id)
    chosen = {(one.track, one.intern_id): why.get((one.track, one.intern_id)) for one in page}
    offers = {offer["host"] for reason in chosen.values() if reason for offer in reason["one_more_place"]}
    people = lists.people(store(), programme.id, offers | {one.intern_id for one in page})
    kinds = {rule.key: rule.kind for rule in criteria.setting(store(), programme.id).rules}
    items = []
    for one in page:
        reason = chosen[one.track, one.intern_id]
        kept = reasons.get((one.track, one.intern_id))
        brief = OPEN_REASONS[kept["why"]] if kept else ""
        items.append(
            {
                "intern": review_rows.person(people[one.intern_id]),
                "track": _role(one.track),
                "since": gettext(SINCE[one.state]),
                "match": one.match_id,
                "why": review_words.why_nobody(reason, Role(one.track), kinds)
                if reason
                else gettext(brief)
                if brief
                else "",
                "helps": review_words.what_helps(reason, people, kinds) if reason else "",
            }
        )
    return lists.Page(items, first + 1, len(listed))


def _concern(one: ConcernLine) -> dict[str, Any]:
    return {
        "id": one.id,
        "match": one.match_id,
        "who": one.who.full(speech().language),
        "kind": gettext(concerns.KINDS[one.kind]),
        "note": one.note,
        "when": speech().moment(one.told_at),
        "open": one.settled_at is None,
    }


@area.post("/programmes/<programme>/rounds/<int:number>/repair")
@guard(Permission.PUBLISH_ROUNDS)
def confirm(programme: ProgrammeView, number: int) -> Response | tuple[str, int]:
    """Make the pairs that were looked at."""
    found = reading.by_number(store(), programme.id, number)
    try:
        made = fall_through.confirm(store(), actor=actor(), round_id=found.id, stamp=request.form.get("stamp", ""))
    except Conflict as error:
        return _repair_page(programme, found, gettext(error.message, **error.fields)), error.status
    notice("%(pairs)s new pairs. Both sides will hear about it in the next few minutes.", pairs=made)
    return redirect(words.address(programme, found, "repairing"), 303)


@area.get("/programmes/<programme>/rounds/<int:number>/matches/<int:match_id>")
@guard(Permission.SEE_ROUNDS)
def match(programme: ProgrammeView, number: int, match_id: int) -> str:
    """Show one published match: how it stands, what came before, what the office was told; and a way to end it."""
    found = reading.by_number(store(), programme.id, number)
    one = repair.match(store(), programme.id, found.id, match_id)
    return render_template(
        "mentormatch/rounds/match.html",
        programme=programme,
        round=found,
        found=_match(one),
        course=[_match(earlier) for earlier in repair.course(store(), one)],
        concerns=[_concern(told) for told in repair.concerns(store(), found.id, match_id=match_id)],
        form=EndForm(formdata=None),
    )


def _match(one: MatchLine) -> dict[str, Any]:
    moment = one.ended_at or one.answered_at
    reason = DECLINE_REASONS.get(one.decline_reason) or endings.REASONS.get(one.end_reason)
    origins = {
        "round": N_("with the round"),
        "fall_through": N_("after a host declined"),
        "office": N_("by the office"),
    }
    return {
        "id": one.id,
        "lives": one.lives,
        "intern": review_rows.person(one.intern),
        "host": review_rows.person(one.host),
        "track": _role(str(one.track)),
        "state": (gettext(review_rows.ANSWERS[one.state][0]), *review_rows.ANSWERS[one.state][1:]),
        "made": gettext(origins[one.origin]),
        "created": speech().day(one.created_at),
        "due": speech().day(one.answer_by) if one.state == "proposed" else "",
        "when": speech().day(moment) if moment else "",
        "reason": gettext(reason) if reason else "",
        "note": one.end_note or one.decline_note,
    }


@area.get("/programmes/<programme>/rounds/<int:number>/matches/<int:match_id>/end")
@guard(Permission.PUBLISH_ROUNDS)
def ending(programme: ProgrammeView, number: int, match_id: int) -> str | Response | tuple[str, int]:
    """Show who would get whom if a match ended so; nothing is written."""
    found = reading.by_number(store(), programme.id, number)
    one = repair.match(store(), programme.id, found.id, match_id)
    form = EndForm(request.args)
    if not one.lives or not form.validate():
        return redirect(_match_url(programme, found, one), 303)
    return _ending_page(programme, found, one, form)


@area.post("/programmes/<programme>/rounds/<int:number>/matches/<int:match_id>/end")
@guard(Permission.PUBLISH_ROUNDS)
def end(programme: ProgrammeView, number: int, match_id: int) -> Response | tuple[str, int]:
    """End a match, with thanks to both sides and the pairs that were looked at."""
    found = reading.by_number(store(), programme.id, number)
    one = repair.match(store(), programme.id, found.id, match_id)
    form = EndForm()
    if not one.lives or not form.validate():
        return _ending_page(programme, found, one, form), 422
    try:
        made = endings.end(
            store(),
            actor=actor(),
            programme_id=programme.id,
            match_id=match_id,
            how=form.how(),
            stamp=form.stamp.data or "",
        )
    except Conflict as error:
        one = repair.match(store(), programme.id, found.id, match_id)
        if not one.lives:
            notice(error.message, **error.fields)
            return redirect(_match_url(programme, found, one), 303)
        return _ending_page(programme, found, one, form, gettext(error.message, **error.fields)), error.status
    notice("The match has ended, with thanks to both sides. New pairs: %(pairs)s.", pairs=made)
    return redirect(words.address(programme, found, "repairing"), 303)


def _ending_page(programme: ProgrammeView, found: RoundView, one: MatchLine, form: EndForm, refused: str = "") -> str:
    plan, problem = Plan(), ""
    if one.lives and not form.errors:
        try:
            plan = endings.preview(store(), actor=actor(), programme_id=programme.id, match_id=one.id, how=form.how())
        except InvalidInput as error:
            problem = words.problem(error.message, error.fields)
    mine = next((reason for who, reason in plan.nobody if who.intern_id == one.intern.id), None)
    return render_template(
        "mentormatch/rounds/ending.html",
        programme=programme,
        round=found,
        found=_match(one),
        form=form,
        alone=mine is not None,
        problem=problem,
        refused=refused,
        **_plan(programme, plan),
    )


def _match_url(programme: ProgrammeView, found: RoundView, one: MatchLine) -> str:
    where: dict[str, Any] = {"programme": programme.slug, "number": found.number}
    return url_for("mentormatch.rounds.match", match_id=one.id, **where)


@area.post("/programmes/<programme>/rounds/<int:number>/concerns/<int:concern_id>/settle")
@guard(Permission.PUBLISH_ROUNDS)
def settle(programme: ProgrammeView, number: int, concern_id: int) -> Response:
    """Note that what the office was told has been dealt with."""
    found = reading.by_number(store(), programme.id, number)
    concerns.settle(store(), actor=actor(), programme_id=programme.id, round_id=found.id, concern_id=concern_id)
    notice("Noted as dealt with.")
    return redirect(words.address(programme, found, "repairing"), 303)
