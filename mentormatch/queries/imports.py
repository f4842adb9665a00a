"""Uploaded sheets: the list of them, one of them with what was decided so far, and reading it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from mentormatch.core.errors import Conflict, NotFound
from mentormatch.core.fields import BY_KEY
from mentormatch.core.names import Name
from mentormatch.models import Enrolment, Person, Upload, UploadMapping, UploadState
from mentormatch.queries import Store
from mentormatch.queries.import_plan import Entry
from mentormatch.queries.programmes import ProgrammeView
from mentormatch.sheets.checking import Checked, check
from mentormatch.sheets.corrections import Corrections
from mentormatch.sheets.messages import Message
from mentormatch.sheets.reading import read
from mentormatch.sheets.recognition import ColumnMapping, recognise
from mentormatch.sheets.rows import ParticipantRow
from mentormatch.sheets.sheet import Sheet

MOST_PAST = 100
_NO_SUCH_ID = 2**31  # databases refuse to compare much larger numbers


@dataclass(frozen=True, slots=True)
class UploadView:
    """One upload as lists show it. `report` holds counts: of the last check, or of what the import did."""

    id: int
    filename: str
    state: UploadState
    uploader: Name | None
    created_at: datetime
    imported_at: datetime | None
    report: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Step:
    """One correction: a patch for the sheet's corrections, or a value that joins a list of the programme."""

    told: Message
    patch: Mapping[str, Any] = field(default_factory=dict)
    allow: tuple[str, str] | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the step as it is stored."""
        return {
            "told": [self.told.text, dict(self.told.fields)],
            "patch": dict(self.patch),
            "allow": self.allow and list(self.allow),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Step:
        """Return the step that was stored."""
        text, fields = data["told"]
        return cls(Message(text, fields), data["patch"], tuple(data["allow"]) if data["allow"] else None)


@dataclass(frozen=True, slots=True)
class Draft:
    """An upload under way: the file, and what was decided about it so far. `rev` counts the changes."""

    id: int
    rev: int
    filename: str
    content: bytes = field(repr=False)
    worksheet: str = ""
    default_role: str = ""
    mapping: Mapping[int, str | None] = field(default_factory=dict)
    steps: tuple[Step, ...] = ()

    @property
    def corrections(self) -> Corrections:
        """All patches as one; a later one wins."""
        merged: dict[str, list[Any]] = {}
        for step in self.steps:
            for kind, entries in step.patch.items():
                merged.setdefault(kind, []).extend(entries)
        return Corrections.from_json(merged)

    @property
    def allowed(self) -> dict[str, list[str]]:
        """Values that join the lists of the programme, by field."""
        added: dict[str, list[str]] = {}
        for step in self.steps:
            if step.allow:
                added.setdefault(step.allow[0], []).append(step.allow[1])
        return added

    def choices(self, programme: ProgrammeView) -> dict[str, list[str]]:
        """Return the allowed values of each field that has a list, with those that join it."""
        listed = {key: list(values) for key, values in programme.choices.items() if key in BY_KEY and values}
        return {key: [*values, *self.allowed.get(key, ())] for key, values in listed.items()}


@dataclass(frozen=True, slots=True)
class Examined:
    """A draft that was read and checked."""

    sheet: Sheet
    columns: ColumnMapping
    checked: Checked


def listing(store: Store, programme_id: int) -> tuple[list[UploadView], list[UploadView]]:
    """Return the drafts and the finished imports of a programme, newest first; one query each."""
    found = select(Upload).where(Upload.programme_id == programme_id).options(joinedload(Upload.uploader))
    drafts = found.where(Upload.state == UploadState.DRAFT).order_by(Upload.id.desc())
    past = found.where(Upload.state == UploadState.IMPORTED).order_by(Upload.imported_at.desc(), Upload.id.desc())
    return [_view(row) for row in store.scalars(drafts)], [_view(row) for row in store.scalars(past.limit(MOST_PAST))]


def one(store: Store, programme_id: int, upload_id: int) -> UploadView:
    """Return one upload of the programme.

    Raises
    ------
    NotFound
        There is none with this id in this programme.
    """
    return _view(_row(store, programme_id, upload_id))


def left_of(store: Store, programme_id: int, imported: UploadView) -> UploadView | None:
    """Return the draft of the rows that an import left out, while it is one."""
    found = store.scalar(
        select(Upload)
        .where(Upload.id == imported.report.get("left"), Upload.programme_id == programme_id)
        .where(Upload.state == UploadState.DRAFT)
    )
    return None if found is None else _view(found)


def draft(store: Store, programme_id: int, upload_id: int, *, content: bool = True) -> Draft:
    """Return an upload that is under way; the file itself is only loaded with `content`.

    Raises
    ------
    NotFound
        There is none with this id in this programme.
    Conflict
        It was imported or discarded in the meantime.
    """
    row = _row(store, programme_id, upload_id)
    if row.state is not UploadState.DRAFT:
        raise Conflict("This sheet was imported or discarded in the meantime.")
    return Draft(
        id=row.id,
        rev=row.rev,
        filename=row.filename,
        content=row.content if content else b"",
        worksheet=row.worksheet,
        default_role=row.default_role,
        mapping={int(index): key for index, key in row.mapping.items()},
        steps=tuple(Step.from_json(step) for step in row.corrections.get("steps", ())),
    )


def opened(found: Draft) -> tuple[Sheet, ColumnMapping]:
    """Return the sheet of a draft, and its columns as they were recognised and decided on."""
    sheet = read(found.content, found.filename, worksheet=found.worksheet or None)
    return sheet, columns_of(found, sheet)


def columns_of(found: Draft, sheet: Sheet) -> ColumnMapping:
    """Return the columns of a draft's sheet as they were recognised and decided on."""
    return recognise(sheet).with_fields(found.mapping)


def examine(
    store: Store, programme: ProgrammeView, found: Draft, sheet: tuple[Sheet, ColumnMapping] | None = None
) -> Examined:
    """Read the sheet (unless it is given), and check it against the programme. Nothing is written."""
    table, columns = sheet or opened(found)
    checked = check(
        table,
        columns,
        known=_known(store, programme.id),
        defaults={"role": found.default_role} if found.default_role else {},
        choices=found.choices(programme),
        corrections=found.corrections,
    )
    return Examined(table, columns, checked)


def remembered(store: Store, programme_id: int, sheet: Sheet) -> dict[int, str | None]:
    """Return how the columns of a sheet with the same headings were read before; empty if there was none."""
    rows = select(UploadMapping.signature, UploadMapping.mapping).where(UploadMapping.programme_id == programme_id)
    columns = recognise(sheet, {row.signature: row.mapping for row in store.execute(rows)})
    return dict(enumerate(columns.to_json())) if columns.is_remembered else {}


def entry(row: ParticipantRow) -> Entry:
    """Return what a good row says: the fields that it fills in."""
    said = {name: getattr(row, name) for name in _COLUMNS}
    values = {name: value for name, value in said.items() if value not in ("", None)}
    return Entry(row.row, row.email, row.role, values | row.profile)


def rows(found: Draft, numbers: Sequence[int]) -> tuple[list[str], dict[int, tuple[str, ...]]]:
    """Return the names of the columns, and the cells of these rows as corrected so far, by row number."""
    sheet, columns = opened(found)
    picked = {number: found.corrections.applied(row).cells for number, row in sheet.pick(numbers).items()}
    return [column.name for column in columns.columns], picked


def with_step(found: Draft, step: Step) -> Draft:
    """Return the draft with one more correction."""
    return replace(found, steps=(*found.steps, step))


_COLUMNS: Sequence[str] = (
    *("family_name", "given_name", "family_kana", "given_kana", "romaji", "preferred_name", "language"),
    *("number", "capacity", "minimum"),
)


def _known(store: Store, programme_id: int) -> dict[str, str]:
    """Return address key → name of everybody in the programme. Who is only known elsewhere is not given away."""
    columns = (Person.family_name, Person.given_name, Person.romaji)
    here = select(Enrolment.person_id).where(Enrolment.programme_id == programme_id)
    rows = store.execute(select(Person.email_key, *columns).where(Person.id.in_(here)))
    return {key: Name(family=family, given=given).full("ja") or romaji for key, family, given, romaji in rows}


def _row(store: Store, programme_id: int, upload_id: int) -> Upload:
    row = None
    if upload_id < _NO_SUCH_ID:
        row = store.scalar(select(Upload).where(Upload.id == upload_id, Upload.programme_id == programme_id))
    if row is None:
        raise NotFound("There is nothing here, or it is not for you to see.")
    return row


def _view(row: Upload) -> UploadView:
    return UploadView(
        id=row.id,
        filename=row.filename,
        state=row.state,
        uploader=row.uploader.name if row.uploader else None,
        created_at=row.created_at,
        imported_at=row.imported_at,
        report=dict(row.report),
    )
