"""What the pages of the import are made of, and what their forms say."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

from flask import flash, redirect, render_template, request, send_file, url_for
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response

from mentormatch.blueprints.imports.forms import ROLES, UploadForm, roles
from mentormatch.blueprints.request import gettext, installation, speech, store
from mentormatch.blueprints.showing import in_words
from mentormatch.core.clock import now
from mentormatch.core.errors import Conflict, InvalidInput, MentorMatchError, TooLarge
from mentormatch.core.fields import BY_KEY, FIELDS, Owner
from mentormatch.core.i18n import N_
from mentormatch.core.roles import ROLE_LABELS, Role
from mentormatch.queries import import_preview, imports
from mentormatch.queries.programmes import ProgrammeView
from mentormatch.services.imports import DRAFT_LIFETIME
from mentormatch.sheets.messages import Message

View = Callable[..., Any]

_STEPS = frozenset({"columns", "problems", "check"})
_OWNERS = {
    Owner.PERSON: N_("About the person"),
    Owner.ENROLMENT: N_("Part in the programme"),
    Owner.PROFILE: N_("Profile answers"),
}
_LONGEST_NUMBER = 9
_LANGUAGES = {"ja": "日本語", "en": "English"}


def start(
    programme: ProgrammeView,
    form: UploadForm,
    refusal: MentorMatchError | None = None,
    export_refusal: InvalidInput | None = None,
) -> str:
    """Return step 1 with the lists under it."""
    if refusal is not None:
        form.file.errors = [*form.file.errors, told(Message(refusal.message, refusal.fields))]
    drafts, past = imports.listing(store(), programme.id)
    return render_template(
        "mentormatch/imports/index.html",
        programme=programme,
        form=form,
        drafts=drafts,
        past=past,
        limit=limit() >> 20,
        oldest=now() - DRAFT_LIFETIME,
        days=DRAFT_LIFETIME.days,
        roles=[("", gettext("Everybody")), *((value, text) for value, text in roles() if value)],
        export_refusal=export_refusal and told(Message(export_refusal.message, export_refusal.fields)),
    )


def step(name: str, programme: ProgrammeView, upload_id: int) -> str:
    """Return step 2, 3 or 4 of a draft."""
    draft, preview = import_preview.of(store(), programme, upload_id)
    return render_template(
        f"mentormatch/imports/{name}.html",
        programme=programme,
        upload=draft,
        preview=preview,
        fields=_fields(),
        roles=roles(),
        role=dict(ROLES).get(draft.default_role, ""),
        told=told,
        value_told=_value_told,
        in_words=_in_words,
        label=_label,
    )


def comparison(programme: ProgrammeView, upload_id: int, group_key: str, number: int) -> str:
    """Return a row and the row that it repeats, side by side."""
    draft, preview = import_preview.of(store(), programme, upload_id)
    group = preview.group(group_key)
    row = next((row for row in group.rows if row.number == number), None) if group else None
    if group is None or row is None or row.other is None:
        raise Conflict("This problem is not there any more. Look at the present state.")
    whole = imports.draft(store(), programme.id, upload_id)
    names, cells = imports.rows(whole, [row.other, row.number])
    lines = [
        (name, *(found[index] if index < len(found) else "" for found in (cells[row.other], cells[row.number])))
        for index, name in enumerate(names)
    ]
    return render_template(
        "mentormatch/imports/compare.html",
        programme=programme,
        upload=draft,
        group=group,
        row=row,
        lines=[line for line in lines if any(line[1:])],
    )


def after_columns(programme: ProgrammeView, upload_id: int) -> str:
    """Return the endpoint of the step that comes after the columns."""
    _, preview = import_preview.of(store(), programme, upload_id)
    if preview.column_problems:
        return ".columns"
    return ".problems" if preview.problems else ".check"


def back(programme: ProgrammeView, upload_id: int) -> Response:
    """Return to the step from which a form was sent."""
    target = request.form.get("next")
    endpoint = f".{target}" if target in _STEPS else ".show"
    return redirect(url_for(endpoint, programme=programme.slug, upload_id=upload_id), 303)


def returning(view: View) -> View:
    """Answer what cannot be done (any more) with the present state of the sheet and a line that says so."""

    @wraps(view)
    def returned(programme: ProgrammeView, upload_id: int) -> Any:
        refusals = (Conflict, InvalidInput) if request.method == "POST" else (Conflict,)
        try:
            return view(programme, upload_id)
        except refusals as error:
            flash(told(Message(error.message, error.fields)), "warning")
            return back(programme, upload_id)

    return returned


def number(name: str, source: Mapping[str, str] | None = None) -> int:
    """Return a whole number of the form (or of `source`), -1 for what is none."""
    text = (request.form if source is None else source).get(name, "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= _LONGEST_NUMBER else -1


def fields_chosen(programme: ProgrammeView, upload_id: int, *, everything: bool) -> dict[int, str | None]:
    """Return what the form of step 2 says about columns: about all of them, or those that were changed."""
    _, preview = import_preview.of(store(), programme, upload_id)
    chosen = {
        column.index: request.form[f"column-{column.index}"] or None
        for column in preview.columns
        if f"column-{column.index}" in request.form
    }
    current = {column.index: column.field for column in preview.columns}
    return {index: key for index, key in chosen.items() if everything or current[index] != key}


def limit() -> int:
    """Return how many bytes an upload may have."""
    return min(installation().config.upload_limit, request.max_content_length or installation().config.upload_limit)


def bytes_of(file: FileStorage) -> bytes:
    """Return the content of an upload.

    Raises
    ------
    TooLarge
        It is larger than this installation accepts. A host may have set no limit for requests.
    """
    content = file.stream.read(limit() + 1)
    if len(content) > limit():
        raise TooLarge("The largest file that can be uploaded here has %(limit)s MB.", limit=limit() >> 20)
    return content


def download(name: str, mimetype: str, content: bytes) -> Response:
    """Return a file to be saved."""
    return send_file(io.BytesIO(content), mimetype=mimetype, as_attachment=True, download_name=name)


def told(message: Message) -> str:
    """Return a message in the visitor's language."""
    return message.to(gettext)


def _fields() -> list[tuple[str, list[tuple[str, str]]]]:
    """Return the fields that a column can hold, by owner."""
    return [
        (gettext(text), [(field.key, _label(field.key)) for field in FIELDS if field.owner is owner])
        for owner, text in _OWNERS.items()
    ]


def _label(key: str) -> str:
    return BY_KEY[key].label.to(speech().language)


def _value_told(key: str | None, value: str) -> str:
    """Return a value of a list as people read it."""
    if key == "role":
        return ROLE_LABELS[Role(value)].to(speech().language)
    return _LANGUAGES.get(value, value) if key == "language" else value


def _in_words(key: str, value: Any) -> str:
    """Return a stored value in one line, or a dash."""
    if value in (None, "", []):
        return "—"
    if key == "language":
        return _LANGUAGES[value]
    joint = "、" if speech().language == "ja" else ", "
    return joint.join(in_words(BY_KEY[key], value, speech().language))
