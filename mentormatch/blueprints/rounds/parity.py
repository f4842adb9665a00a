"""How groups of interns fared, for the office that has to answer for it."""

from __future__ import annotations

from typing import Any

from babel import Locale
from babel.numbers import format_percent
from flask import render_template, request

from mentormatch.blueprints.guard import guard
from mentormatch.blueprints.request import gettext, speech, store
from mentormatch.blueprints.rounds import review_rows, review_state, words
from mentormatch.blueprints.rounds.area import area
from mentormatch.blueprints.rounds.review_address import parse
from mentormatch.core.errors import NotFound
from mentormatch.core.fields import BY_KEY
from mentormatch.core.policy import Permission
from mentormatch.queries import parity as reading
from mentormatch.queries import rounds
from mentormatch.queries.parity import AttributeTable, GroupLine
from mentormatch.queries.programmes import ProgrammeView


@area.get("/programmes/<programme>/rounds/<int:number>/review/groups")
@guard(Permission.SEE_ROUNDS)
def parity(programme: ProgrammeView, number: int) -> str:
    """Show how many of each faculty, year, place and language have somebody, and how well they fit."""
    found = rounds.by_number(store(), programme.id, number)
    here = parse(programme, number, request.args)
    looked = review_state.load(programme, found, here)
    if looked is None:
        raise NotFound("There is nothing here, or it is not for you to see.")
    tables = reading.of_run(store(), looked.run.id, looked.track)
    return render_template(
        "mentormatch/rounds/parity.html",
        programme=programme,
        round=found,
        here=here,
        found=looked,
        changed=review_rows.changed(looked.changes),
        tables=[_table(one) for one in tables],
    )


def _table(one: AttributeTable) -> dict[str, Any]:
    label = gettext("Strongest language") if one.attribute == "languages" else _label(one.attribute)
    rows = [_row(one.attribute, group) for group in one.groups]
    return {"key": one.attribute, "label": label, "rows": rows, "hidden": one.hidden}


def _label(attribute: str) -> str:
    return BY_KEY[attribute].label.to(speech().language)


def _row(attribute: str, group: GroupLine) -> dict[str, Any]:
    name = group.value
    if name is None:
        name = gettext("no answer")
    elif attribute == "languages":
        name = Locale(speech().language).languages.get(name, name)
    return {
        "name": name,
        "n": words.number(group.n),
        "share": format_percent(group.share, locale=speech().language),
        "mean": _fit(group.mean),
        "lowest": _fit(group.lowest),
        "stands_out": group.stands_out,
    }


def _fit(value: float | None) -> str:
    return words.points(None if value is None else round(value))
