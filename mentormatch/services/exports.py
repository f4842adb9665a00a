"""Taking participants and the ledger out as spreadsheets, which leaves a trace in the audit trail."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import count

from mentormatch.core.errors import InvalidInput
from mentormatch.core.i18n import Speech
from mentormatch.core.policy import Actor, Permission, authorise
from mentormatch.core.roles import PARTICIPANT_ROLES, Role
from mentormatch.core.wording import Language
from mentormatch.models.base import AnySession, writing
from mentormatch.queries import exports, ledger_sheet
from mentormatch.queries.programmes import ProgrammeView
from mentormatch.services import audit
from mentormatch.sheets.writing import Cell, file_name, write_csv, write_xlsx


class Form(StrEnum):
    """The forms in which participants leave."""

    XLSX = "xlsx"
    CSV = "csv"
    CSV_CP932 = "cp932"


@dataclass(frozen=True, slots=True)
class File:
    """A file to be downloaded."""

    name: str
    mimetype: str
    content: bytes = field(repr=False)


_MIMETYPES = {
    Form.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    Form.CSV: "text/csv; charset=utf-8",
    Form.CSV_CP932: "text/csv; charset=shift_jis",
}


def participants(
    session: AnySession, *, actor: Actor, programme: ProgrammeView, form: str, role: str, language: Language
) -> File:
    """Return the participants of a programme as a file.

    Parameters
    ----------
    form:
        A value of `Form`.
    role:
        Interns, mentors or alumni only; empty for all.

    Raises
    ------
    InvalidInput
        There is no such form or role.
    Unencodable
        Shift_JIS was asked for and lacks a character; the text says which and where.
    """
    authorise(actor, Permission.EDIT_PARTICIPANTS, programme.id)
    if form not in set(Form) or role not in {"", *PARTICIPANT_ROLES}:
        raise InvalidInput("Choose a form and a role from the lists.")
    tally = count()
    found = exports.participants(session, programme.id, language, role=Role(role) if role else None)
    content = _content(Form(form), exports.heading(language), (row for row, _ in zip(found, tally, strict=False)))
    with writing(session):
        audit.record(
            session,
            actor=actor,
            action="participants.exported",
            subject=f"programme:{programme.id}",
            programme_id=programme.id,
            rows=next(tally),
            form=form,
            role=role,
        )
    stem = Speech(language).gettext("%(name)s participants", name=programme.name.to(language))
    return File(file_name(stem, "xlsx" if form == Form.XLSX else "csv"), _MIMETYPES[Form(form)], content)


def ledger(
    session: AnySession, *, actor: Actor, programme: ProgrammeView, form: str, side: str, language: Language
) -> File:
    """Return the ledger of a programme as a file, all tracks in one.

    Parameters
    ----------
    form:
        A value of `Form`.
    side:
        interns or hosts.

    Raises
    ------
    InvalidInput
        There is no such form or side.
    Unencodable
        Shift_JIS was asked for and lacks a character; the text says which and where.
    """
    authorise(actor, Permission.SEE_ROUNDS, programme.id)
    if form not in set(Form) or side not in {"interns", "hosts"}:
        raise InvalidInput("Choose a form and a side from the lists.")
    said = Speech(language)
    rows = list(ledger_sheet.rows(session, programme.id, programme.tracks, side, said))
    content = _content(Form(form), ledger_sheet.heading(side, said), rows)
    with writing(session):
        audit.record(
            session,
            actor=actor,
            action="ledger.exported",
            subject=f"programme:{programme.id}",
            programme_id=programme.id,
            rows=len(rows),
            form=form,
            side=side,
        )
    stem = said.gettext("%(name)s ledger", name=programme.name.to(language))
    return File(file_name(stem, "xlsx" if form == Form.XLSX else "csv"), _MIMETYPES[Form(form)], content)


def _content(form: Form, heading: list[str], rows: Iterable[list[Cell]]) -> bytes:
    if form is Form.XLSX:
        return write_xlsx(heading, rows)
    return write_csv(heading, rows, encoding="cp932" if form is Form.CSV_CP932 else "utf-8")
