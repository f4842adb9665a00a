"""The pairs of a run, and the interns without one, as spreadsheets."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO

from flask import Response, request, send_file

from mentormatch.blueprints.guard import guard
from mentormatch.blueprints.request import gettext, speech, store
from mentormatch.blueprints.rounds import review_rows, review_state, review_words
from mentormatch.blueprints.rounds.area import area
from mentormatch.blueprints.rounds.review_address import parse
from mentormatch.blueprints.rounds.review_state import Review
from mentormatch.core.errors import NotFound
from mentormatch.core.i18n import N_
from mentormatch.core.policy import Permission
from mentormatch.core.roles import ROLE_LABELS
from mentormatch.queries import review as figures
from mentormatch.queries import review_lists as lists
from mentormatch.queries import rounds as reading
from mentormatch.queries import runs
from mentormatch.queries.programmes import ProgrammeView
from mentormatch.sheets.writing import Cell, file_name, write_csv, write_xlsx

_NOTHING = "There is nothing here, or it is not for you to see."
_TYPES = {"csv": "text/csv; charset=utf-8", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}
_PAIRS = (
    N_("Role"),
    N_("Intern's number"),
    N_("Intern"),
    N_("Intern's email"),
    N_("Faculty and year"),
    N_("Partner"),
    N_("Partner's email"),
    N_("Organisation and position"),
    N_("Fit"),
    N_("Against the next best"),
    N_("Decision"),
)
_ALONE = (
    N_("Role"),
    N_("Intern's number"),
    N_("Intern"),
    N_("Intern's email"),
    N_("Faculty and year"),
    N_("Reason"),
    N_("What would help"),
)


@area.get("/programmes/<programme>/rounds/<int:number>/review/<any(pairs, unmatched):what>.<any(csv, xlsx):form>")
@guard(Permission.SEE_ROUNDS)
def export(programme: ProgrammeView, number: int, what: str, form: str) -> Response:
    """Give the pairs, or the interns without one, of all tracks as a sheet in the language of the reader."""
    found = reading.by_number(store(), programme.id, number)
    looked = review_state.load(programme, found, parse(programme, number, request.args))
    if looked is None:
        raise NotFound(_NOTHING)
    headings, rows = (_PAIRS, _pairs(looked)) if what == "pairs" else (_ALONE, _alone(looked))
    header = [gettext(text) for text in headings]
    title = gettext("Pairs") if what == "pairs" else gettext("Unmatched")
    data = write_csv(header, rows) if form == "csv" else write_xlsx(header, rows, title=title)
    name = gettext("%(programme)s round %(number)s", programme=programme.name.to(speech().language), number=number)
    called = file_name(f"{name} {title}", form)  # in a header, Japanese needs the encoding that send_file gives it
    return send_file(BytesIO(data), mimetype=_TYPES[form], as_attachment=True, download_name=called)


def _pairs(found: Review) -> Iterator[list[Cell]]:
    language = speech().language
    marks = {(one.track, one.intern_id, one.host_id): str(one.kind) for one in found.decided}
    numbers = lists.numbers(store(), found.programme.id)
    for row in runs.pairs(store(), found.run.id):
        mark = marks.get((row.track, row.intern.id, row.host.id), "")
        yield [
            ROLE_LABELS[row.track].to(language),
            numbers.get(row.intern.id, ""),
            row.intern.name.full(language),
            row.intern.email,
            _work(row.intern.profile, "faculty", "year"),
            row.host.name.full(language),
            row.host.email,
            _work(row.host.profile, "organisation", "position"),
            figures.shown(row.points),
            None if row.margin is None else round(row.margin / 100),
            gettext(review_rows.MARKS[mark][0]) if mark else "",
        ]


def _alone(found: Review) -> Iterator[list[Cell]]:
    language = speech().language
    everybody = runs.unmatched(store(), found.run.id)
    named = {offer["host"] for row in everybody for offer in row.reason["one_more_place"]}
    hosts = lists.people(store(), found.programme.id, named)
    kinds = {rule["key"]: rule["kind"] for rule in found.run.summary["rules"]}
    numbers = lists.numbers(store(), found.programme.id)
    for row in everybody:
        yield [
            ROLE_LABELS[row.track].to(language),
            numbers.get(row.intern.id, ""),
            row.intern.name.full(language),
            row.intern.email,
            _work(row.intern.profile, "faculty", "year"),
            review_words.why_nobody(row.reason, row.track, kinds),
            review_words.what_helps(row.reason, hosts, kinds),
        ]


def _work(profile: dict[str, object], *keys: str) -> str:
    return " ".join(str(profile[key]) for key in keys if profile.get(key))
