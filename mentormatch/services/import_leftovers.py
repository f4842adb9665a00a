"""The rows that an import leaves out: they become a draft of their own, so that nothing is lost."""

from __future__ import annotations

from mentormatch.core.i18n import N_, Speech
from mentormatch.core.policy import Actor
from mentormatch.core.wording import Language
from mentormatch.models import Upload
from mentormatch.models.base import AnySession
from mentormatch.queries import exports
from mentormatch.queries.imports import Draft, Examined, Step
from mentormatch.sheets.findings import WORDINGS
from mentormatch.sheets.headings import PROBLEM_HEADING
from mentormatch.sheets.messages import Message
from mentormatch.sheets.writing import write_broken

_FIRST_ROW = 2


def of(examined: Examined, found: Draft, language: Language) -> Draft:
    """Return the rows that need mending as a draft, with the columns as they were read.

    A row that repeated the address of another one loses it: that other one is imported now, and the address would
    make this row change it.
    """
    columns = [column for column in examined.columns.columns if column.heading != PROBLEM_HEADING]
    address = next((index for index, column in enumerate(columns) if column.field == "email"), None)
    doubles = [
        [number, address, ""]
        for number, broken in enumerate(examined.checked.broken(), _FIRST_ROW)
        if any(problem.text == WORDINGS["duplicate"].line for problem in broken.problems)
    ]
    told = Message(N_("Addresses that stood twice were taken out (rows: %(count)s)"), {"count": len(doubles)})
    return Draft(
        id=0,
        rev=0,
        filename=exports.to_fix_name(found.filename, language),
        content=write_broken(examined.sheet, examined.checked, Speech(language).gettext),
        default_role=found.default_role,
        mapping={index: column.field for index, column in enumerate(columns)},
        steps=(Step(told, {"cells": doubles}),) if doubles else (),
    )


def keep(session: AnySession, actor: Actor, programme_id: int, left: Draft, rows: int) -> int:
    """Store the draft inside the caller's transaction and return its id."""
    row = Upload(
        programme_id=programme_id,
        filename=left.filename,
        content=left.content,
        default_role=left.default_role,
        mapping={str(index): key for index, key in left.mapping.items()},
        corrections={"steps": [step.to_json() for step in left.steps]},
        report={"rows": rows, "good": 0, "fix": rows},
        uploaded_by=actor.person_id,
    )
    session.add(row)
    session.flush()
    return row.id
