"""The import wizard: upload, match columns, fix problems, check and import."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.wrappers import Response

from mentormatch.blueprints.guard import guard
from mentormatch.blueprints.imports import pages
from mentormatch.blueprints.imports.forms import UploadForm
from mentormatch.blueprints.imports.pages import returning
from mentormatch.blueprints.redirects import notice
from mentormatch.blueprints.request import actor, gettext, ngettext, speech, store
from mentormatch.core.errors import InvalidInput, TooLarge
from mentormatch.core.policy import Permission
from mentormatch.queries import exports as export_queries
from mentormatch.queries import imports as import_queries
from mentormatch.queries.programmes import ProgrammeView
from mentormatch.services import exports, imports
from mentormatch.services.import_repairs import Wish

area = Blueprint("imports", __name__, template_folder="templates")

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@area.get("/programmes/<programme>/imports/")
@guard(Permission.IMPORT_PARTICIPANTS)
def index(programme: ProgrammeView) -> str:
    """Show step 1, the imports under way and those of the past."""
    return pages.start(programme, UploadForm())


@area.post("/programmes/<programme>/imports/")
@guard(Permission.IMPORT_PARTICIPANTS)
def upload(programme: ProgrammeView) -> tuple[str, int] | Response:
    """Take a file and go on to its columns."""
    form = UploadForm()
    if not form.validate_on_submit():
        return pages.start(programme, form), 422
    try:
        content = pages.bytes_of(form.file.data)
        upload_id = imports.upload(
            store(),
            actor=actor(),
            programme=programme,
            filename=form.file.data.filename,
            content=content,
            default_role=form.role.data,
        )
    except (InvalidInput, TooLarge) as error:
        return pages.start(programme, form, refusal=error), error.status
    return redirect(url_for(".columns", programme=programme.slug, upload_id=upload_id), 303)


@area.errorhandler(RequestEntityTooLarge)
def too_large(_error: RequestEntityTooLarge) -> tuple[str, int]:
    """Say how large a file may be."""
    detail = gettext("The largest file that can be uploaded here has %(limit)s MB.", limit=pages.limit() >> 20)
    return render_template("mentormatch/error.html", code=413, detail=detail), 413


@area.get("/programmes/<programme>/imports/<int:upload_id>/")
@guard(Permission.IMPORT_PARTICIPANTS)
def show(programme: ProgrammeView, upload_id: int) -> str | Response:
    """Show what an import did; of a draft, its columns."""
    found = import_queries.one(store(), programme.id, upload_id)
    if found.state == "draft":
        return redirect(url_for(".columns", programme=programme.slug, upload_id=upload_id), 303)
    if found.state == "discarded":
        return redirect(url_for(".index", programme=programme.slug), 303)
    left = import_queries.left_of(store(), programme.id, found)
    return render_template("mentormatch/imports/done.html", programme=programme, upload=found, left=left)


@area.get("/programmes/<programme>/imports/<int:upload_id>/columns")
@guard(Permission.IMPORT_PARTICIPANTS)
@returning
def columns(programme: ProgrammeView, upload_id: int) -> str:
    """Show step 2: which column holds what, and what would happen."""
    return pages.step("columns", programme, upload_id)


@area.post("/programmes/<programme>/imports/<int:upload_id>/columns")
@guard(Permission.IMPORT_PARTICIPANTS)
@returning
def map_columns(programme: ProgrammeView, upload_id: int) -> Response:
    """Keep what was chosen, and stay, leave or go on."""
    go = request.form.get("go")
    imports.map_columns(
        store(),
        actor=actor(),
        programme=programme,
        upload_id=upload_id,
        rev=pages.number("rev"),
        fields=pages.fields_chosen(programme, upload_id, everything=go == "next"),
        default_role=request.form.get("role", ""),
        worksheet=request.form.get("worksheet", ""),
        remember=go == "next" and "remember" in request.form,
    )
    if go == "leave":
        return redirect(url_for(".index", programme=programme.slug), 303)
    target = ".columns" if go != "next" else pages.after_columns(programme, upload_id)
    return redirect(url_for(target, programme=programme.slug, upload_id=upload_id), 303)


@area.get("/programmes/<programme>/imports/<int:upload_id>/problems")
@guard(Permission.IMPORT_PARTICIPANTS)
@returning
def problems(programme: ProgrammeView, upload_id: int) -> str:
    """Show step 3: the problems and the ways out."""
    return pages.step("problems", programme, upload_id)


@area.post("/programmes/<programme>/imports/<int:upload_id>/corrections")
@guard(Permission.IMPORT_PARTICIPANTS)
@returning
def correct(programme: ProgrammeView, upload_id: int) -> Response:
    """Keep one correction and check again."""
    given = request.form
    wish = Wish(given.get("group", ""), given.get("kind", ""), pages.number("row"), given.get("value", ""))
    rev = pages.number("rev")
    imports.correct(store(), actor=actor(), programme=programme, upload_id=upload_id, rev=rev, wish=wish)
    return pages.back(programme, upload_id)


@area.post("/programmes/<programme>/imports/<int:upload_id>/undo")
@guard(Permission.IMPORT_PARTICIPANTS)
@returning
def undo(programme: ProgrammeView, upload_id: int) -> Response:
    """Take back one correction."""
    rev, step = pages.number("rev"), pages.number("step")
    imports.undo(store(), actor=actor(), programme=programme, upload_id=upload_id, rev=rev, step=step)
    return pages.back(programme, upload_id)


@area.get("/programmes/<programme>/imports/<int:upload_id>/rows")
@guard(Permission.IMPORT_PARTICIPANTS)
@returning
def compare(programme: ProgrammeView, upload_id: int) -> str:
    """Show two rows side by side."""
    return pages.comparison(programme, upload_id, request.args.get("group", ""), pages.number("row", request.args))


@area.get("/programmes/<programme>/imports/<int:upload_id>/to-fix.xlsx")
@guard(Permission.IMPORT_PARTICIPANTS)
@returning
def to_fix(programme: ProgrammeView, upload_id: int) -> Response:
    """Send the rows that need mending as a workbook."""
    name, content = export_queries.broken(store(), programme, upload_id, speech().language)
    return pages.download(name, XLSX, content)


@area.get("/programmes/<programme>/imports/<int:upload_id>/check")
@guard(Permission.IMPORT_PARTICIPANTS)
@returning
def check(programme: ProgrammeView, upload_id: int) -> str:
    """Show step 4: who is added, who is updated and how."""
    return pages.step("check", programme, upload_id)


@area.post("/programmes/<programme>/imports/<int:upload_id>/run")
@guard(Permission.IMPORT_PARTICIPANTS)
@returning
def run(programme: ProgrammeView, upload_id: int) -> Response:
    """Import."""
    imports.run(
        store(),
        actor=actor(),
        programme=programme,
        upload_id=upload_id,
        rev=pages.number("rev"),
        good=pages.number("good"),
        language=speech().language,
    )
    return redirect(url_for(".show", programme=programme.slug, upload_id=upload_id), 303)


@area.post("/programmes/<programme>/imports/<int:upload_id>/discard")
@guard(Permission.IMPORT_PARTICIPANTS)
@returning
def discard(programme: ProgrammeView, upload_id: int) -> Response:
    """Give up a draft."""
    imports.discard(store(), actor=actor(), programme_id=programme.id, upload_id=upload_id)
    notice("The sheet was discarded. Nothing of it was saved.")
    return redirect(url_for(".index", programme=programme.slug), 303)


@area.post("/programmes/<programme>/imports/discard-old")
@guard(Permission.IMPORT_PARTICIPANTS)
def discard_old(programme: ProgrammeView) -> Response:
    """Give up the drafts that nobody finished."""
    count = imports.discard_old(store(), actor=actor(), programme_id=programme.id)
    flash(ngettext("%(num)s sheet was discarded.", "%(num)s sheets were discarded.", count), "mentormatch")
    return redirect(url_for(".index", programme=programme.slug), 303)


@area.post("/programmes/<programme>/exports/participants")
@guard(Permission.EDIT_PARTICIPANTS)
def export_participants(programme: ProgrammeView) -> tuple[str, int] | Response:
    """Send the participants as a file."""
    given = request.form
    try:
        file = exports.participants(
            store(),
            actor=actor(),
            programme=programme,
            form=given.get("form", ""),
            role=given.get("role", ""),
            language=speech().language,
        )
    except InvalidInput as error:
        return pages.start(programme, UploadForm(), export_refusal=error), error.status
    return pages.download(file.name, file.mimetype, file.content)
