"""What the wizard's pages show of a sheet: kept with the upload, so that a page need not read a large file again."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import astuple, dataclass, field
from itertools import islice
from typing import Any

from sqlalchemy import func, select

from mentormatch.core.names import Name
from mentormatch.models import Enrolment, Upload
from mentormatch.queries import Store, import_plan, imports
from mentormatch.queries.import_plan import Effect, Outcome
from mentormatch.queries.imports import Draft, Examined
from mentormatch.queries.programmes import ProgrammeView
from mentormatch.sheets.characters import storable, visible
from mentormatch.sheets.groups import Found, Group, Repair
from mentormatch.sheets.messages import Message
from mentormatch.sheets.recognition import NAME_FIELDS, Column, ColumnMapping
from mentormatch.sheets.sheet import Sheet

COMPARED = 5_000
"""So many good rows are compared with what is stored; of a larger sheet the effects are told by address alone."""

SHOWN_ROWS, SHOWN_PEOPLE = 20, 100


@dataclass(frozen=True, slots=True)
class ColumnView:
    """A column of the sheet and the field that it is taken for."""

    index: int
    name: str
    field: str | None
    verdict: str
    examples: list[str]
    reason: Message | None = None


@dataclass(frozen=True, slots=True)
class RowView:
    """A row with a problem; `other` is the row that it repeats."""

    number: int
    found: str
    line: Message
    proposal: str | None = None
    other: int | None = None


@dataclass(frozen=True, slots=True)
class RepairView:
    """One way out of a problem. `patch` goes into the corrections."""

    kind: str
    label: Message
    patch: dict[str, Any]


@dataclass(frozen=True, slots=True)
class GroupView:
    """Rows with the same problem. `edited` is the column that can be typed again, None if there is no such cell."""

    key: str
    code: str
    title: Message
    heading: str
    column: int | None
    field: str | None
    edited: int | None
    found: str | None
    count: int
    first: list[int]
    rows: list[RowView]
    repairs: list[RepairView]
    choices: list[str]
    extendable: bool = False

    def repair(self, kind: str) -> RepairView | None:
        """Return the first repair of this kind."""
        return next((repair for repair in self.repairs if repair.kind == kind), None)


@dataclass(frozen=True, slots=True)
class PersonView:
    """Somebody whom the import adds or updates: `parts` of the name, `changes` as (field, before, after)."""

    row: int
    parts: list[str]
    email: str
    role: str
    changes: list[list[Any]] = field(default_factory=list)

    @property
    def name(self) -> Name:
        """The person's name."""
        return Name(*self.parts)


@dataclass(frozen=True, slots=True)
class Tally:
    """What happens to the rows: added, updated, nothing new, to be fixed first, left out."""

    add: int = 0
    update: int = 0
    same: int = 0
    fix: int = 0
    skip: int = 0


@dataclass(frozen=True, slots=True)
class Preview:
    """Everything the pages show. `seal` tells what the sheet was compared with."""

    seal: str
    encoding: str
    worksheet: str
    worksheets: list[str]
    rows: int
    counts: Tally
    notes: list[Message]
    column_problems: list[Message]
    columns: list[ColumnView]
    problems: list[GroupView]
    warnings: list[GroupView]
    added: list[PersonView]
    updated: list[PersonView]

    @property
    def good(self) -> int:
        """Rows that can be imported."""
        return self.counts.add + self.counts.update + self.counts.same

    def group(self, key: str) -> GroupView | None:
        """Return the group of problems or warnings with this key."""
        return next((group for group in (*self.problems, *self.warnings) if group.key == key), None)

    def verdicts(self, verdict: str) -> int:
        """Return how many columns have this verdict."""
        return sum(column.verdict == verdict for column in self.columns)


def of(store: Store, programme: ProgrammeView, upload_id: int) -> tuple[Draft, Preview]:
    """Return a draft without its file, and what its pages show.

    That is what was kept, or a new check if the programme has changed since.

    Raises
    ------
    NotFound, Conflict
        As `imports.draft` does.
    """
    found = imports.draft(store, programme.id, upload_id, content=False)
    kept = store.scalar(select(Upload.preview).where(Upload.id == upload_id, Upload.programme_id == programme.id))
    if kept and kept["seal"] == seal(store, programme):
        return found, _read(kept)
    return found, build(store, programme, imports.draft(store, programme.id, upload_id))


def build(
    store: Store, programme: ProgrammeView, found: Draft, sheet: tuple[Sheet, ColumnMapping] | None = None
) -> Preview:
    """Read the sheet (unless it is given), check it, and gather what the pages show of it."""
    sealed = seal(store, programme)
    examined = imports.examine(store, programme, found, sheet)
    counts, added, updated = _people(store, programme, examined)
    table, checked = examined.sheet, examined.checked
    extendable = frozenset(key for key, values in programme.choices.items() if values)
    return Preview(
        seal=sealed,
        encoding=table.encoding,
        worksheet=storable(table.name or ""),
        worksheets=sorted(storable(name) for name in ([table.name, *table.others] if table.name else [])),
        rows=len(table.rows),
        counts=counts,
        notes=list(table.notes),
        column_problems=list(checked.column_problems),
        columns=[_column(column) for column in examined.columns.columns],
        problems=[_group(group, examined.columns, extendable) for group in checked.problems],
        warnings=[_group(group, examined.columns, extendable) for group in checked.warnings],
        added=added,
        updated=updated,
    )


def seal(store: Store, programme: ProgrammeView) -> str:
    """Return a mark that changes whenever the programme's participants or lists do."""
    people = select(func.count(), func.max(Enrolment.updated_at)).where(Enrolment.programme_id == programme.id)
    count, latest = store.execute(people).one()
    state = json.dumps([count, str(latest), programme.choices], sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(state.encode("ascii")).hexdigest()[:32]


def _people(
    store: Store, programme: ProgrammeView, examined: Examined
) -> tuple[Tally, list[PersonView], list[PersonView]]:
    """Compare the good rows with what is stored: the effects, and the first people of each kind."""
    checked, effects = examined.checked, Counter[Effect]()
    people: dict[Effect, list[PersonView]] = {effect: [] for effect in Effect}
    entries = (imports.entry(row) for row in islice(checked.rows(), COMPARED))
    for outcome in import_plan.outcomes(store, programme_id=programme.id, entries=entries):
        effects[outcome.effect] += 1
        if len(people[outcome.effect]) < SHOWN_PEOPLE:
            people[outcome.effect].append(_person(outcome))
    counts = {effect.value: effects[effect] for effect in Effect}
    if checked.counts.add + checked.counts.update > COMPARED:
        counts = {"add": checked.counts.add, "update": checked.counts.update}
    tally = Tally(**counts, fix=checked.counts.fix, skip=checked.counts.skip)
    return tally, people[Effect.ADD], people[Effect.UPDATE]


def _person(outcome: Outcome) -> PersonView:
    changes = [list(change) for change in outcome.changes]
    parts = list(astuple(outcome.name))
    return PersonView(outcome.entry.row, parts, outcome.entry.email, outcome.entry.role.value, changes)


def _column(column: Column) -> ColumnView:
    examples = [storable(example) for example in column.examples]
    return ColumnView(column.index, visible(column.name), column.field, column.verdict.value, examples, column.reason)


def _group(group: Group, columns: ColumnMapping, extendable: frozenset[str]) -> GroupView:
    edited = group.column
    if group.code == "name_missing":
        edited = next((index for index, key in columns.fields.items() if key in NAME_FIELDS), None)
    return GroupView(
        key=storable(group.key),
        code=group.code,
        title=group.title,
        heading=visible(group.heading),
        column=group.column,
        field=group.field,
        edited=edited,
        found=None if group.found is None else storable(group.found),
        count=group.count,
        first=list(group.numbers[:SHOWN_ROWS]),
        rows=[_row(row) for row in group.rows[:SHOWN_ROWS]],
        repairs=[_repair(repair) for repair in group.repairs],
        choices=list(group.choices),
        extendable=group.code == "not_in_list" and group.found is not None and group.field in extendable,
    )


def _row(row: Found) -> RowView:
    return RowView(row.row, storable(row.found), row.line, row.proposal, row.other)


def _repair(repair: Repair) -> RepairView:
    return RepairView(repair.kind, repair.label, {kind: list(entries) for kind, entries in repair.patch.items()})


# -- the same as JSON


def to_json(preview: Preview) -> dict[str, Any]:
    """Return the preview as it is stored."""
    plain: dict[str, Any] = _plain(preview)
    return plain


def _plain(value: Any) -> Any:
    if isinstance(value, Message):
        return {"text": value.text, "fields": _plain(value.fields)}
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, str):
        return storable(value)
    if hasattr(value, "__dataclass_fields__"):
        return {name: _plain(getattr(value, name)) for name in value.__dataclass_fields__}
    return value


def _read(data: Mapping[str, Any]) -> Preview:
    views = {
        "counts": Tally(**data["counts"]),
        "notes": _messages(data["notes"]),
        "column_problems": _messages(data["column_problems"]),
        "columns": [
            ColumnView(**{**column, "reason": column["reason"] and _message(column["reason"])})
            for column in data["columns"]
        ],
        "problems": [_read_group(group) for group in data["problems"]],
        "warnings": [_read_group(group) for group in data["warnings"]],
        "added": [PersonView(**person) for person in data["added"]],
        "updated": [PersonView(**person) for person in data["updated"]],
    }
    return Preview(**{**data, **views})


def _read_group(data: Mapping[str, Any]) -> GroupView:
    views = {
        "title": _message(data["title"]),
        "rows": [RowView(**{**row, "line": _message(row["line"])}) for row in data["rows"]],
        "repairs": [RepairView(**{**repair, "label": _message(repair["label"])}) for repair in data["repairs"]],
    }
    return GroupView(**{**data, **views})


def _messages(data: Iterable[Mapping[str, Any]]) -> list[Message]:
    return [_message(item) for item in data]


def _message(data: Mapping[str, Any]) -> Message:
    """Return the message that was stored; a field that is a message itself becomes one again."""
    text, given = data["text"], data["fields"]
    fields = {
        name: _message(value) if isinstance(value, Mapping) and "text" in value else value
        for name, value in given.items()
    }
    return Message(text, fields)
