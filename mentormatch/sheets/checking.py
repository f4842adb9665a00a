"""What an import of a sheet would do: who is added, who is updated, what must be mended first and how."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from mentormatch.core.errors import InvalidInput
from mentormatch.core.fields import BY_KEY
from mentormatch.core.names import email_key
from mentormatch.core.wording import LANGUAGES
from mentormatch.sheets.characters import folded
from mentormatch.sheets.corrections import Corrections
from mentormatch.sheets.findings import WORDINGS
from mentormatch.sheets.groups import Group, Groups, line_of
from mentormatch.sheets.messages import Message
from mentormatch.sheets.parsed import Finding
from mentormatch.sheets.people_words import ROLE_CHOICES
from mentormatch.sheets.recognition import ColumnMapping
from mentormatch.sheets.rows import CellFinding, Draft, ParticipantRow, RowReader
from mentormatch.sheets.sheet import Row, Sheet
from mentormatch.sheets.values import Values

KnownPeople = Mapping[str, str]
"""`core.names.email_key` of an address → the name under which it is registered ("" if none)."""


class Outcome(StrEnum):
    """What happens to a row."""

    ADD = "add"
    UPDATE = "update"
    FIX = "fix"
    SKIP = "skip"


@dataclass(frozen=True, slots=True)
class Counts:
    """How many rows are added, update somebody, need mending first, are left out; together all rows of the sheet."""

    add: int = 0
    update: int = 0
    fix: int = 0
    skip: int = 0

    @property
    def total(self) -> int:
        """All rows."""
        return self.add + self.update + self.fix + self.skip


class BrokenRow(NamedTuple):
    """A row that cannot be imported: its cells (as corrected so far) and what is wrong with each."""

    row: Row
    problems: tuple[Message, ...]


@dataclass(frozen=True, slots=True)
class Checked:
    """The result of a check. Groups come in the order of their first rows; everything is the same each time.

    Attributes
    ----------
    counts:
        What would happen to the rows.
    column_problems:
        What is wrong with the mapping itself; while there is any, no row is read, and all need fixing.
    problems:
        What keeps rows from being imported, grouped by what mends them.
    warnings:
        What a person may want to know; these rows are imported.
    """

    counts: Counts
    column_problems: tuple[Message, ...]
    problems: tuple[Group, ...]
    warnings: tuple[Group, ...]
    _examination: _Examination

    @property
    def is_ready(self) -> bool:
        """Whether every row can be imported or is left out."""
        return not self.counts.fix and not self.column_problems

    def rows(self) -> Iterator[ParticipantRow]:
        """Yield the rows that can be imported, reading the file again: they are not kept in memory."""
        for examined in self._examination.walk():
            if examined.outcome in {Outcome.ADD, Outcome.UPDATE}:
                yield examined.draft.participant(is_known=examined.outcome is Outcome.UPDATE)

    def broken(self) -> Iterator[BrokenRow]:
        """Yield the rows that need mending, reading the file again."""
        for examined in self._examination.walk():
            if examined.outcome is Outcome.FIX:
                problems = tuple(
                    line_of(item, examined.draft.row.number, self._examination.names)
                    for item in examined.draft.findings
                    if WORDINGS[item.finding.code].blocks
                )
                yield BrokenRow(examined.draft.row, problems or self.column_problems)


def check(
    sheet: Sheet,
    mapping: ColumnMapping,
    *,
    known: KnownPeople | None = None,
    defaults: Mapping[str, str] | None = None,
    choices: Mapping[str, Sequence[str]] | None = None,
    corrections: Corrections | Mapping[str, object] | None = None,
) -> Checked:
    """Say what an import of `sheet` would do, without doing anything.

    Parameters
    ----------
    known:
        People who are registered already; their rows are updates.
    defaults:
        Field key → text for rows in which that cell is empty: ``{"role": "intern", "language": "ja"}``.
    choices:
        Field key → allowed values; e.g. the programme's faculties.
    corrections:
        What a person decided so far, as `Corrections` or its JSON.

    Returns
    -------
    Checked
        One walk over the sheet; memory grows with the number of e-mail addresses only.

    Raises
    ------
    InvalidInput
        If a default or the corrections cannot be read.
    """
    if not isinstance(corrections, Corrections):
        corrections = Corrections.from_json(corrections)
    _check_defaults(defaults or {}, choices or {})
    return _gathered(_Examination(sheet, mapping, known or {}, defaults or {}, choices or {}, corrections))


def _gathered(examination: _Examination) -> Checked:
    """Walk over the sheet once and gather what there is to say."""
    mapping = examination.mapping
    groups = Groups(mapping, {**examination.choices, "role": ROLE_CHOICES, "language": LANGUAGES})
    counts = dict.fromkeys(Outcome, 0)
    for examined in examination.walk():
        counts[examined.outcome] += 1
        for item in examined.draft.findings:
            groups.add(examined.draft.row, item)
    problems, warnings = groups.result()
    total = Counts(**{outcome.value: count for outcome, count in counts.items()})
    return Checked(total, mapping.problems(), problems, warnings, examination)


def _check_defaults(defaults: Mapping[str, str], choices: Mapping[str, Sequence[str]]) -> None:
    """Refuse a default that would be wrong in every row."""
    values = Values(choices)
    for field_key, text in defaults.items():
        if field_key not in BY_KEY or values.parse(field_key, text).value is None:
            raise InvalidInput("“%(found)s” cannot stand for all rows as %(field)s.", found=text, field=field_key)


class _Examined(NamedTuple):
    draft: Draft
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class _Examination:
    """Everything a walk over the sheet needs; each walk gives the same."""

    sheet: Sheet
    mapping: ColumnMapping
    known: KnownPeople
    defaults: Mapping[str, str]
    choices: Mapping[str, Sequence[str]]
    corrections: Corrections

    @property
    def names(self) -> dict[int, str]:
        """Column index → what messages call the column."""
        return {column.index: column.name for column in self.mapping.columns}

    def walk(self) -> Iterator[_Examined]:
        """Yield what becomes of each row."""
        reader = RowReader(self.sheet, self.mapping, self.defaults, self.choices)
        mailboxes = _Mailboxes(next((index for index, key in self.mapping.fields.items() if key == "email"), None))
        is_mapped = not self.mapping.problems()
        for row in self.sheet.rows:
            if row.number in self.corrections.skip:
                yield _Examined(Draft(row), Outcome.SKIP)
                continue
            if not is_mapped:
                yield _Examined(Draft(row), Outcome.FIX)
                continue
            draft = reader.read(self.corrections.applied(row))
            if draft.is_example:
                yield _Examined(draft, Outcome.SKIP)
                continue
            mailboxes.look(draft)
            is_known = draft.email is not None and email_key(draft.email) in self.known
            if is_known:
                self._compare_name(draft)
            yield _Examined(draft, _outcome(draft, is_known=is_known))

    def _compare_name(self, draft: Draft) -> None:
        """Note when a known address comes with another name: it may be a slip in the address."""
        registered = self.known[email_key(draft.email or "")]
        family, given = (str(draft.values.get(name) or "") for name in ("family_name", "given_name"))
        forms = {folded(family + given), folded(given + family), folded(str(draft.values.get("romaji") or ""))}
        if registered and (family or given) and folded(registered) not in forms:
            finding = Finding("name_differs", fields={"known": registered})
            draft.findings.append(CellFinding(None, f"{family} {given}".strip(), finding))


def _outcome(draft: Draft, *, is_known: bool) -> Outcome:
    if any(WORDINGS[item.finding.code].blocks for item in draft.findings):
        return Outcome.FIX
    return Outcome.UPDATE if is_known else Outcome.ADD


class _Mailboxes:
    """The addresses that a walk has met: the one thing it keeps of each row."""

    def __init__(self, column: int | None) -> None:
        self._column = column
        self._met: dict[str, tuple[str, dict[object, int]]] = {}  # address → name, and the row of each role
        self._tagged: dict[str, int] = {}

    def look(self, draft: Draft) -> None:
        """Note when the address of `draft` was met before, or one that differs by a ``+tag`` only.

        One person may stand in several rows with several roles; another name makes it a slip in the address.
        """
        if draft.email is None:
            return
        address, role, name = email_key(draft.email), draft.values.get("role"), _name(draft)
        if address in self._met:
            known, rows = self._met[address]
            is_other_role = role not in rows and None not in {role, *rows} and known == name
            other = next(iter(rows.values())) if is_other_role else rows.get(role, next(iter(rows.values())))
            self._say(draft, "several_roles" if is_other_role else "duplicate", other)
            if is_other_role:
                rows[role] = draft.row.number
            return
        self._met[address] = (name, {role: draft.row.number})
        self._look_for_tags(draft, address)

    def _look_for_tags(self, draft: Draft, address: str) -> None:
        local, _, domain = address.rpartition("@")
        base = f"{local.partition('+')[0]}@{domain}"
        if base == address:
            alike = self._tagged.get(base)
        else:
            alike = next(iter(self._met[base][1].values())) if base in self._met else self._tagged.get(base)
            self._tagged.setdefault(base, draft.row.number)
        if alike is not None:
            self._say(draft, "same_mailbox", alike)

    def _say(self, draft: Draft, code: str, other: int) -> None:
        found = draft.email or ""
        draft.findings.append(CellFinding(self._column, found, Finding(code, fields={"other": other})))


def _name(draft: Draft) -> str:
    return folded(f"{draft.values.get('family_name') or ''}{draft.values.get('given_name') or ''}")
