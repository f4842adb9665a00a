"""Findings of many rows, gathered by what a person would do about them."""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from mentormatch.sheets.characters import trimmed, visible
from mentormatch.sheets.corrections import Patch
from mentormatch.sheets.findings import WORDINGS
from mentormatch.sheets.messages import Message
from mentormatch.sheets.people_words import closest
from mentormatch.sheets.recognition import ColumnMapping
from mentormatch.sheets.rows import CellFinding
from mentormatch.sheets.sheet import Row

SAMPLES = 200
"""At most so many rows of a group are kept with their texts; the numbers of all of them are."""

_GROUPS_PER_COLUMN = 100
_LONGEST_VALUE = 200


@dataclass(frozen=True, slots=True)
class Found:
    """One row of a group: its number, the text that was found, a line for a person, what it may become, its double."""

    row: int
    found: str
    line: Message
    proposal: str | None = None
    other: int | None = None


@dataclass(frozen=True, slots=True)
class Repair:
    """One way out. Merging `patch` into the corrections does it.

    `kind` is ``half_width``, ``replace``, ``cells`` or ``skip``.
    """

    kind: str
    label: Message
    patch: Patch


@dataclass(frozen=True, slots=True)
class Group:
    """Rows with the same problem and the same way out.

    Attributes
    ----------
    key:
        Identifies the group within a check, stable while the sheet is.
    code:
        What is wrong, see `findings.WORDINGS`.
    column, heading, field:
        The column it is about, None for the row as a whole; what it is called; the field it is read as.
    title:
        Heads the group.
    found:
        The text that all rows share, for ``not_in_list``; None where each has its own.
    rows:
        The first rows, at most `SAMPLES`.
    numbers:
        The numbers of all rows.
    repairs:
        What can be done at once. Editing a cell is always possible: ``{"cells": [[row, column, text]]}``.
    choices:
        The allowed values, where there is a list.
    """

    key: str
    code: str
    column: int | None
    heading: str
    field: str | None
    title: Message
    found: str | None
    rows: tuple[Found, ...]
    numbers: Sequence[int]
    repairs: tuple[Repair, ...]
    choices: tuple[str, ...] = ()

    @property
    def count(self) -> int:
        """How many rows are in the group."""
        return len(self.numbers)

    @property
    def blocks(self) -> bool:
        """Whether these rows cannot be imported as they are."""
        return WORDINGS[self.code].blocks


def line_of(item: CellFinding, row: int, names: Mapping[int, str]) -> Message:
    """Return the text about one finding: row, column, what was expected, what was found."""
    fields = {
        **item.finding.fields,
        "row": row,
        "column": "" if item.column is None else names[item.column],
        "found": visible(item.found),
    }
    return Message(WORDINGS[item.finding.code].line, fields)


@dataclass(slots=True)
class _Gathering:
    code: str
    column: int | None
    found: str | None
    rows: list[Found] = field(default_factory=list)
    numbers: array[int] = field(default_factory=lambda: array("L"))


class Groups:
    """Takes findings row by row; what it keeps does not grow with the sheet, but for four bytes a row."""

    def __init__(self, mapping: ColumnMapping, choices: Mapping[str, Sequence[str]]) -> None:
        self._names = {column.index: column.name for column in mapping.columns}
        self._fields = mapping.fields
        self._choices = choices
        self._gathered: dict[tuple[str, int | None, str | None], _Gathering] = {}
        self._distinct: dict[tuple[str, int | None], int] = {}

    def add(self, row: Row, item: CellFinding) -> None:
        """Take one finding."""
        shared = self._shared(item)
        place = (item.finding.code, item.column, shared)
        gathering = self._gathered.get(place)
        if gathering is None:
            gathering = self._gathered[place] = _Gathering(item.finding.code, item.column, shared)
        gathering.numbers.append(row.number)
        if len(gathering.rows) < SAMPLES:
            other = item.finding.fields.get("other")
            gathering.rows.append(
                Found(
                    row=row.number,
                    found=visible(item.found, _LONGEST_VALUE),
                    line=line_of(item, row.number, self._names),
                    proposal=item.finding.proposal,
                    other=other if isinstance(other, int) else None,
                )
            )

    def _shared(self, item: CellFinding) -> str | None:
        """Return the text by which the rows of a group are repaired together; beyond a number of texts, none."""
        text = trimmed(item.found)
        if item.finding.code != "not_in_list" or len(text) > _LONGEST_VALUE:
            return None
        place = (item.finding.code, item.column)
        if (*place, text) not in self._gathered:
            if self._distinct.get(place, 0) >= _GROUPS_PER_COLUMN:
                return None
            self._distinct[place] = self._distinct.get(place, 0) + 1
        return text

    def result(self) -> tuple[tuple[Group, ...], tuple[Group, ...]]:
        """Return the problems and the warnings."""
        groups = [self._group(gathering) for gathering in self._gathered.values()]
        return tuple(group for group in groups if group.blocks), tuple(group for group in groups if not group.blocks)

    def _group(self, gathering: _Gathering) -> Group:
        column, code = gathering.column, gathering.code
        field_key = None if column is None else self._fields.get(column)
        choices = tuple(self._choices.get(field_key or "", ())) if code in {"not_in_list", "role_missing"} else ()
        return Group(
            key=":".join(str(part) for part in (code, column, gathering.found) if part is not None),
            code=code,
            column=column,
            heading="" if column is None else self._names[column],
            field=field_key,
            title=Message(WORDINGS[code].title),
            found=gathering.found,
            rows=tuple(gathering.rows),
            numbers=gathering.numbers,
            repairs=tuple(_repairs(gathering, choices)),
            choices=choices,
        )


def _repairs(gathering: _Gathering, choices: Sequence[str]) -> list[Repair]:
    column, count = gathering.column, len(gathering.numbers)
    repairs: list[Repair] = []
    if gathering.code == "email_full_width":
        repairs.append(
            Repair("half_width", Message("Convert %(count)s to half-width", {"count": count}), {"half_width": [column]})
        )
    elif proposed := [(found.row, found.proposal) for found in gathering.rows if found.proposal is not None]:
        label = Message("Use what is proposed (%(count)s)", {"count": len(proposed)})
        repairs.append(Repair("cells", label, {"cells": [[row, column, text] for row, text in proposed]}))
    if gathering.found is not None:
        for instead in closest(gathering.found, choices):
            label = Message("Use “%(instead)s” for all %(count)s", {"instead": instead, "count": count})
            repairs.append(Repair("replace", label, {"replace": [[column, gathering.found, instead]]}))
    if gathering.code == "duplicate":
        repairs.extend(
            Repair("skip", Message("Leave out row %(row)s", {"row": found.row}), {"skip": [found.row]})
            for found in gathering.rows
        )
    elif WORDINGS[gathering.code].blocks:
        label = Message("Leave out these rows (%(count)s)", {"count": count})
        repairs.append(Repair("skip", label, {"skip": list(gathering.numbers)}))
    return repairs
