"""The review of a round: what its run proposes, and why."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import render_template, request

from mentormatch.blueprints.guard import guard
from mentormatch.blueprints.request import store
from mentormatch.blueprints.rounds import (
    deciding,
    effects,
    exporting,
    parity,
    publishing,
    review_figures,
    review_panel,
    review_rows,
    review_state,
    scenarios,
    words,
)
from mentormatch.blueprints.rounds.area import area
from mentormatch.blueprints.rounds.review_address import Address, parse
from mentormatch.blueprints.rounds.review_state import Review
from mentormatch.core.errors import NotFound
from mentormatch.core.policy import Permission
from mentormatch.queries import review_lists as lists
from mentormatch.queries import review_pair, runs
from mentormatch.queries import rounds as reading
from mentormatch.queries.programmes import ProgrammeView
from mentormatch.queries.rounds import RoundView

# The pages register themselves when they are imported.
__all__ = ["deciding", "effects", "exporting", "parity", "publishing", "review", "scenarios"]

_NOTHING = "There is nothing here, or it is not for you to see."


@area.get("/programmes/<programme>/rounds/<int:number>/review")
@guard(Permission.SEE_ROUNDS)
def review(programme: ProgrammeView, number: int) -> str:
    """Show what the round's run proposes: figures, lists, and why the first pair was made."""
    found, here = _asked(programme, number)
    if found.state in {"published", "closed"} and "tab" not in request.args and not here.run:
        here = replace(here, tab="answers")
    looked = review_state.load(programme, found, here)
    if looked is None:
        return render_template("mentormatch/rounds/review_empty.html", **_frame(programme, found))
    if request.headers.get("HX-Target") == "mm-list":
        return render_template("mentormatch/rounds/review_list.html", **frame(looked), **_list(looked))
    comparison = None if looked.published else review_figures.comparison(looked)
    return render_template(
        "mentormatch/rounds/review.html",
        **frame(looked),
        **_list(looked),
        facts=review_figures.facts(looked),
        comparison=comparison,
        answered=review_rows.totals(lists.answer_counts(store(), found.id)) if looked.published else None,
        histogram=review_figures.histogram(looked, comparison.other if comparison else None),
        places=review_figures.places(looked),
    )


def _asked(programme: ProgrammeView, number: int) -> tuple[RoundView, Address]:
    return reading.by_number(store(), programme.id, number), parse(programme, number, request.args)


def _frame(programme: ProgrammeView, found: RoundView) -> dict[str, Any]:
    return {"programme": programme, "round": found, "state": words.state_words(found)}


def frame(found: Review) -> dict[str, Any]:
    """Return what all templates of the review use."""
    return {
        **_frame(found.programme, found.round),
        "here": found.here,
        "found": found,
        "run": found.run,
        "changed": review_rows.changed(found.changes),
        "together": effects.summary(found),
        "tracks": [(track, review_figures.track_name(track)) for track in found.here.tracks],
        "host_word": review_figures.host_word(found.track),
    }


def _list(found: Review) -> dict[str, Any]:
    """Return the list that the address asks for, with the tabs above it and the panel beside it."""
    alone = found.figures["unmatched"]
    context: dict[str, Any] = {"tabs": review_rows.tabs(found, alone), "panel": None}
    tab = found.here.tab
    if tab in {"pairs", "look"}:
        page, rows = review_rows.listing(found)
        context |= {"page": page, "rows": rows, "chips": review_rows.chips(found)}
        if rows and "HX-Request" not in request.headers:
            _, detail = review_pair.pair(store(), found.programme.id, found.round.id, rows[0].id)
            context["panel"] = review_panel.panel(found, detail)
    elif tab == "unmatched":
        context["page"] = review_rows.unmatched(found)
    elif tab == "hosts":
        context["page"] = review_rows.hosts(found)
    elif tab == "answers":
        context["page"] = review_rows.answers(found)
        context["chips"] = review_rows.answer_chips(found, lists.answer_counts(store(), found.round.id))
    else:
        context["listed"] = review_rows.decisions(found)
    return context


@area.get("/programmes/<programme>/rounds/<int:number>/review/pairs/<int:proposal_id>")
@guard(Permission.SEE_ROUNDS)
def pair(programme: ProgrammeView, number: int, proposal_id: int) -> str:
    """Show why a pair was made, as a page or as the panel beside the list."""
    found, here = _asked(programme, number)
    run_id, detail = review_pair.pair(store(), programme.id, found.id, proposal_id)
    run = runs.by_id(store(), programme.id, run_id)
    here = replace(here, track=detail.track, run=0 if run_id == found.run_id else run.number)
    looked = _loaded(programme, found, here)
    page = "review_panel.html" if "HX-Request" in request.headers else "review_pair.html"
    focus = request.args.get("focus") == "others"
    return render_template(
        f"mentormatch/rounds/{page}", **frame(looked), panel=review_panel.panel(looked, detail), focus=focus
    )


def _loaded(programme: ProgrammeView, found: RoundView, here: Address) -> Review:
    looked = review_state.load(programme, found, here)
    if looked is None:
        raise NotFound(_NOTHING)
    return looked


@area.get("/programmes/<programme>/rounds/<int:number>/review/interns/<int:intern_id>")
@guard(Permission.SEE_ROUNDS)
def options(programme: ProgrammeView, number: int, intern_id: int) -> str:
    """Show every host for an intern, to choose by hand or to ask why it was not that one."""
    found, here = _asked(programme, number)
    looked = _loaded(programme, found, here)
    page = review_panel.options(looked, intern_id)
    intern = lists.people(store(), programme.id, [intern_id])[intern_id]
    return render_template(
        "mentormatch/rounds/review_options.html", **frame(looked), intern=review_rows.person(intern), page=page
    )


@area.get("/programmes/<programme>/rounds/<int:number>/review/interns/<int:intern_id>/hosts/<int:host_id>")
@guard(Permission.SEE_ROUNDS)
def other(programme: ProgrammeView, number: int, intern_id: int, host_id: int) -> str:
    """Show what a pair that the run does not propose would be worth, and why it is not proposed."""
    found, here = _asked(programme, number)
    looked = _loaded(programme, found, here)
    fact = looked.facts_by_intern.get(intern_id)
    current = None
    if fact is not None:
        _, current = review_pair.pair(store(), programme.id, found.id, fact.id)
    detail = review_pair.explain(
        store(), programme.id, looked.run.id, looked.track, intern_id=intern_id, host_id=host_id
    )
    return render_template(
        "mentormatch/rounds/review_other.html",
        **frame(looked),
        panel=review_panel.panel(looked, detail),
        current=None if current is None else review_panel.panel(looked, current),
        verdict=review_panel.verdict(looked, detail, current),
        holders=review_panel.holders(looked, detail),
    )


@area.get("/programmes/<programme>/rounds/<int:number>/review/history")
@guard(Permission.SEE_ROUNDS)
def history(programme: ProgrammeView, number: int) -> str:
    """Show all runs of a round; each can be looked at."""
    found, here = _asked(programme, number)
    listed = [review_figures.entry(found, here, run) for run in runs.of_round(store(), programme.id, found.id)]
    return render_template("mentormatch/rounds/review_history.html", **_frame(programme, found), here=here, runs=listed)
