"""Importing a sheet: upload, decide about columns and problems, import once, or give up."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from tempfile import SpooledTemporaryFile
from typing import IO, Any

from sqlalchemy import ColumnElement, select, update

from mentormatch.core.clock import now
from mentormatch.core.errors import Conflict, InvalidInput
from mentormatch.core.i18n import N_
from mentormatch.core.policy import Actor, Permission, authorise
from mentormatch.core.roles import PARTICIPANT_ROLES, Role
from mentormatch.core.wording import Language
from mentormatch.models import Programme, Upload, UploadState
from mentormatch.models.base import AnySession, writing
from mentormatch.queries import import_preview, imports
from mentormatch.queries.import_plan import Effect, Entry
from mentormatch.queries.import_preview import Preview
from mentormatch.queries.imports import Draft
from mentormatch.queries.programmes import ProgrammeView
from mentormatch.services import audit, import_leftovers, import_repairs, import_writing, mappings
from mentormatch.sheets.reading import read
from mentormatch.sheets.writing import file_name

DRAFT_LIFETIME = timedelta(days=30)
_CHANGED = N_("This sheet has changed in the meantime. Look at its present state and decide again.")
_IN_MEMORY = 8 << 20


def upload(
    session: AnySession, *, actor: Actor, programme: ProgrammeView, filename: str, content: bytes, default_role: str
) -> int:
    """Keep an uploaded sheet as a draft and return its id. What cannot be read is refused and not kept.

    Parameters
    ----------
    default_role:
        The role of rows that name none; empty if the sheet must say it.

    Raises
    ------
    InvalidInput, TooLarge
        The file is no sheet that can be read; the text says where and why.
    """
    authorise(actor, Permission.IMPORT_PARTICIPANTS, programme.id)
    name = file_name(*_name_parts(filename))
    sheet = read(content, filename)
    mapping = imports.remembered(session, programme.id, sheet)
    draft = Draft(0, 0, name, content, default_role=_role(default_role), mapping=mapping)
    preview = import_preview.build(session, programme, draft, (sheet, imports.columns_of(draft, sheet)))
    with writing(session):
        row = Upload(
            programme_id=programme.id, content=content, uploaded_by=actor.person_id, **_columns(draft, preview)
        )
        session.add(row)
        session.flush()
        subject = f"upload:{row.id}"
        audit.record(
            session, actor=actor, action="sheet.uploaded", subject=subject, programme_id=programme.id, rows=preview.rows
        )
        return row.id


def map_columns(
    session: AnySession,
    *,
    actor: Actor,
    programme: ProgrammeView,
    upload_id: int,
    rev: int,
    fields: Mapping[int, str | None],
    default_role: str,
    worksheet: str = "",
    remember: bool = False,
) -> None:
    """Decide what the columns hold.

    Parameters
    ----------
    rev:
        The revision that the admin saw.
    fields:
        Column index → field key, or None to leave the column out; other columns stay as they are.
    worksheet:
        Another worksheet starts anew; empty stays with the one that is read.
    remember:
        Whether sheets with the same headings are read the same way from now on.

    Raises
    ------
    Conflict
        Somebody else decided something since.
    InvalidInput
        There is no such column, field or worksheet.
    """
    found = _draft(session, actor, programme, upload_id, rev)
    role = _role(default_role)
    if worksheet and worksheet != found.worksheet:
        changed = replace(found, worksheet=worksheet, default_role=role, mapping={}, steps=())
    else:
        changed = replace(found, default_role=role, mapping={**found.mapping, **fields})
    kept = import_preview.build(session, programme, changed)
    columns = imports.opened(changed)[1] if remember else None
    with writing(session):
        _keep(session, programme, changed, kept)
        if columns is not None:
            mappings.remember(session, programme_id=programme.id, columns=columns)


def correct(
    session: AnySession, *, actor: Actor, programme: ProgrammeView, upload_id: int, rev: int, wish: import_repairs.Wish
) -> None:
    """Store one correction of the sheet and check again.

    Raises
    ------
    Conflict
        Somebody else decided something since.
    InvalidInput
        The problem is not there, or cannot be mended this way.
    """
    found = _draft(session, actor, programme, upload_id, rev)
    step = import_repairs.step(import_preview.of(session, programme, upload_id)[1], wish)
    if step.allow:
        authorise(actor, Permission.EDIT_PROGRAMME, programme.id)
    changed = imports.with_step(found, step)
    kept = import_preview.build(session, programme, changed)
    with writing(session):
        _keep(session, programme, changed, kept)


def undo(session: AnySession, *, actor: Actor, programme: ProgrammeView, upload_id: int, rev: int, step: int) -> None:
    """Take back one correction, by its place from 0."""
    found = _draft(session, actor, programme, upload_id, rev)
    if not 0 <= step < len(found.steps):
        raise Conflict(_CHANGED)
    changed = replace(found, steps=found.steps[:step] + found.steps[step + 1 :])
    kept = import_preview.build(session, programme, changed)
    with writing(session):
        _keep(session, programme, changed, kept)


def run(
    session: AnySession,
    *,
    actor: Actor,
    programme: ProgrammeView,
    upload_id: int,
    rev: int,
    good: int,
    language: Language,
) -> dict[str, Any]:
    """Import the good rows: all of them in one transaction, once. Return what was done, in numbers.

    A second call, from a second click or a second admin, changes nothing and returns the same. Rows that still need
    mending become a new draft.

    Parameters
    ----------
    good:
        How many rows the admin was told would be imported.
    language:
        In which the draft of what is left says what is wrong.

    Raises
    ------
    Conflict
        The sheet was changed or given up since, or other rows than those seen would be imported.
    InvalidInput
        There is nothing to import.
    """
    authorise(actor, Permission.IMPORT_PARTICIPANTS, programme.id)
    seen = imports.one(session, programme.id, upload_id)
    if seen.state is UploadState.IMPORTED:
        return dict(seen.report)
    found = _draft(session, actor, programme, upload_id, rev)
    examined = imports.examine(session, programme, found)
    counts = examined.checked.counts
    if counts.add + counts.update != good:
        raise Conflict(_CHANGED)
    if not good:
        raise InvalidInput("There is no row that can be imported yet.")
    left = import_leftovers.of(examined, found, language) if counts.fix else None
    with SpooledTemporaryFile(max_size=_IN_MEMORY) as spool:
        # Reading takes longer than writing; nobody else should wait for it.
        _put(spool, (imports.entry(row) for row in examined.checked.rows()))
        with writing(session):
            if not _claim(session, programme, found):
                return _result_of_another(session, programme, upload_id)
            effects = import_writing.write(session, programme_id=programme.id, entries=_take(spool))
            report = _report(effects, counts.fix, counts.skip)
            report["allowed"] = _extend_lists(session, actor, programme, found)
            report["left"] = left and import_leftovers.keep(session, actor, programme.id, left, counts.fix)
            session.execute(update(Upload).where(Upload.id == upload_id).values(report=report))
            subject = f"upload:{upload_id}"
            audit.record(
                session, actor=actor, action="sheet.imported", subject=subject, programme_id=programme.id, **report
            )
    return report


def discard(session: AnySession, *, actor: Actor, programme_id: int, upload_id: int) -> None:
    """Give up a draft: the file goes, and what was decided about it. Once given up it stays so.

    Raises
    ------
    Conflict
        The sheet was imported.
    """
    authorise(actor, Permission.IMPORT_PARTICIPANTS, programme_id)
    with writing(session):
        found = imports.one(session, programme_id, upload_id)
        if found.state is UploadState.IMPORTED:
            raise Conflict("This sheet was imported or discarded in the meantime.")
        _empty(session, actor, programme_id, Upload.id == upload_id)


def discard_old(session: AnySession, *, actor: Actor, programme_id: int) -> int:
    """Give up the drafts that are older than `DRAFT_LIFETIME`; return how many."""
    authorise(actor, Permission.IMPORT_PARTICIPANTS, programme_id)
    with writing(session):
        return _empty(session, actor, programme_id, Upload.created_at < now() - DRAFT_LIFETIME)


def _empty(session: AnySession, actor: Actor, programme_id: int, which: ColumnElement[bool]) -> int:
    emptied = session.scalars(
        update(Upload)
        .where(Upload.programme_id == programme_id, Upload.state == UploadState.DRAFT, which)
        .values(state=UploadState.DISCARDED, rev=Upload.rev + 1, **_NOTHING)
        .returning(Upload.id)
        .execution_options(synchronize_session=False)
    ).all()
    for upload_id in emptied:
        subject = f"upload:{upload_id}"
        audit.record(session, actor=actor, action="sheet.discarded", subject=subject, programme_id=programme_id)
    return len(emptied)


_NOTHING: Mapping[str, Any] = {"content": b"", "mapping": {}, "corrections": {}, "preview": {}}


def _draft(session: AnySession, actor: Actor, programme: ProgrammeView, upload_id: int, rev: int) -> Draft:
    """Return the draft as the admin saw it."""
    authorise(actor, Permission.IMPORT_PARTICIPANTS, programme.id)
    found = imports.draft(session, programme.id, upload_id)
    if found.rev != rev:
        raise Conflict(_CHANGED)
    return found


def _name_parts(filename: str) -> tuple[str, str]:
    """Return the name without folders, and its ending."""
    stem, dot, ending = filename.replace("\\", "/").rpartition("/")[2].rpartition(".")
    return (stem, ending.lower()[:8]) if dot and ending.isalnum() and ending.isascii() else (stem + dot + ending, "csv")


def _role(given: str) -> str:
    if given and given not in PARTICIPANT_ROLES:
        raise InvalidInput("Choose intern, mentor or alumnus.", field="role")
    return given


def _columns(found: Draft, preview: Preview) -> dict[str, Any]:
    """Return what is stored of a draft besides the file."""
    return {
        "filename": found.filename,
        "worksheet": found.worksheet,
        "default_role": found.default_role,
        "mapping": {str(index): key for index, key in found.mapping.items()},
        "corrections": {"steps": [step.to_json() for step in found.steps]},
        "preview": import_preview.to_json(preview),
        "report": {"rows": preview.rows, "good": preview.good, "fix": preview.counts.fix},
    }


def _keep(session: AnySession, programme: ProgrammeView, found: Draft, preview: Preview) -> None:
    """Store the draft if it is still the one that was seen."""
    if not _set(session, programme, found, _columns(found, preview)):
        raise Conflict(_CHANGED)


def _claim(session: AnySession, programme: ProgrammeView, found: Draft) -> bool:
    """Make this import the one that happens; the file is not needed any more."""
    return _set(session, programme, found, {"state": UploadState.IMPORTED, "imported_at": now(), **_NOTHING})


def _set(session: AnySession, programme: ProgrammeView, found: Draft, values: Mapping[str, Any]) -> bool:
    changed = session.execute(
        update(Upload)
        .where(
            Upload.id == found.id,
            Upload.programme_id == programme.id,
            Upload.state == UploadState.DRAFT,
            Upload.rev == found.rev,
        )
        .values(rev=found.rev + 1, **values)
        .returning(Upload.id)
        .execution_options(synchronize_session=False)
    )
    return changed.one_or_none() is not None


def _result_of_another(session: AnySession, programme: ProgrammeView, upload_id: int) -> dict[str, Any]:
    seen = imports.one(session, programme.id, upload_id)
    if seen.state is not UploadState.IMPORTED:
        raise Conflict(_CHANGED)
    return dict(seen.report)


def _report(effects: Counter[Effect], fix: int, skip: int) -> dict[str, Any]:
    counts = {effect.value: effects[effect] for effect in Effect}
    return {**counts, "rows": sum(counts.values()) + fix + skip, "fix": fix, "skip": skip}


def _extend_lists(session: AnySession, actor: Actor, programme: ProgrammeView, found: Draft) -> int:
    """Add the values that the admin accepted to the lists of the programme; return how many are new."""
    if not found.allowed:
        return 0
    authorise(actor, Permission.EDIT_PROGRAMME, programme.id)
    row = session.scalars(select(Programme).where(Programme.id == programme.id).with_for_update(key_share=True)).one()
    choices, added = dict(row.choices), 0
    for key, values in found.allowed.items():
        new = [value for value in dict.fromkeys(values) if value not in choices.get(key, ())]
        choices[key] = [*choices.get(key, ()), *new]
        added += len(new)
    row.choices = choices
    return added


def _put(spool: IO[bytes], entries: Iterable[Entry]) -> None:
    for entry in entries:
        line = json.dumps([entry.row, entry.email, entry.role.value, entry.values], ensure_ascii=True)
        spool.write(line.encode("ascii") + b"\n")
    spool.seek(0)


def _take(spool: IO[bytes]) -> Iterator[Entry]:
    for line in spool:
        row, email, role, values = json.loads(line)
        yield Entry(row, email, Role(role), values)
