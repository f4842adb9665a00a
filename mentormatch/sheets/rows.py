"""One row of a sheet as the person, the enrolment and the answers that it describes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from mentormatch.core.fields import BY_KEY, Owner
from mentormatch.core.roles import PARTICIPANT_ROLES, Role
from mentormatch.core.wording import Language
from mentormatch.sheets.characters import is_nothing, trimmed
from mentormatch.sheets.names import Name, split_name
from mentormatch.sheets.parsed import Finding
from mentormatch.sheets.recognition import ColumnMapping
from mentormatch.sheets.sheet import Row, Sheet
from mentormatch.sheets.slots import in_slot, slot_of
from mentormatch.sheets.values import Json, Values, damage

_EXAMPLE_MARKS = frozenset(
    ("例", "記入例", "(例)", "（例）", "見本", "サンプル", "記載例", "入力例", "example", "sample", "e.g.", "ex.")
)
_LONGEST_MARK = 10
_NAMES = ("family_name", "given_name", "family_kana", "given_kana", "romaji", "preferred_name")


@dataclass(frozen=True, slots=True)
class ParticipantRow:
    """A row that can be imported.

    Attributes
    ----------
    row:
        Its number, as Excel shows it.
    is_known:
        Whether somebody with this address is registered already: the row updates them.
    email, family_name, given_name, family_kana, given_kana, romaji, preferred_name, language:
        The person; ``""`` (None for `language`) where the sheet says nothing. Kana are katakana.
    role, number, capacity, minimum:
        The enrolment; None for a number that the sheet does not give.
    profile:
        Field key → value in the shape of `core.field_kinds.Kind`; only what the sheet says.
    """

    row: int
    is_known: bool
    email: str
    family_name: str
    given_name: str
    family_kana: str
    given_kana: str
    romaji: str
    preferred_name: str
    language: Language | None
    role: Role
    number: str
    capacity: int | None
    minimum: int | None
    profile: dict[str, Json] = field(default_factory=dict)


class CellFinding(NamedTuple):
    """A finding, the column it is about (None: the row), and the text that was found there."""

    column: int | None
    found: str
    finding: Finding


@dataclass(slots=True)
class Draft:
    """A row on its way: values by field key, and what there is to say."""

    row: Row
    values: dict[str, object] = field(default_factory=dict)
    findings: list[CellFinding] = field(default_factory=list)
    is_example: bool = False

    @property
    def email(self) -> str | None:
        """The address, if it can be used."""
        value = self.values.get("email")
        return value if isinstance(value, str) else None

    def participant(self, *, is_known: bool) -> ParticipantRow:
        """Return the finished row; only for a draft without blocking findings."""
        values = self.values
        text = {name: str(values.get(name) or "") for name in ("email", *_NAMES, "number")}
        role = values["role"]
        assert isinstance(role, Role)
        return ParticipantRow(
            row=self.row.number,
            is_known=is_known,
            language=values.get("language"),  # type: ignore[arg-type]  # the parser gives a Language
            role=role,
            capacity=values.get("capacity"),  # type: ignore[arg-type]  # the parser gives an int
            minimum=values.get("minimum"),  # type: ignore[arg-type]
            profile={key: value for key, value in values.items() if BY_KEY[key].owner is Owner.PROFILE},  # type: ignore[misc]
            **text,
        )


class RowReader:
    """Reads the rows of one sheet, one by one, without memory of the rows before.

    Parameters
    ----------
    defaults:
        Field key → cell text that stands in for an empty or missing cell: ``{"role": "intern"}``.
    choices:
        Field key → the allowed values.
    """

    def __init__(
        self, sheet: Sheet, mapping: ColumnMapping, defaults: Mapping[str, str], choices: Mapping[str, Sequence[str]]
    ) -> None:
        columns: dict[str, list[int]] = {key: [] for key in defaults}
        for index, field_key in mapping.fields.items():
            columns.setdefault(field_key, []).append(index)
        self._columns = {field_key: tuple(found) for field_key, found in columns.items()}
        self._foreign = {
            role: [index for key, found in self._columns.items() if role not in BY_KEY[key].roles for index in found]
            for role in PARTICIPANT_ROLES
        }
        self._all = len(sheet.header)
        self._width = sheet.named_width if sheet.delimiter is not None else None
        self._defaults = defaults
        self._values = Values(choices)
        self._slots = {index: slot_of(mapping.columns[index].heading) for index in self._columns.get("free_time", ())}
        unread = {column.index for column in mapping.columns if column.field is None}
        self._marked = sorted(unread.union(self._columns.get("full_name", ()), self._columns.get("number", ())))

    def read(self, row: Row) -> Draft:
        """Return what `row` says."""
        cells = row.cells
        if len(cells) < self._all:
            cells += ("",) * (self._all - len(cells))
        draft = Draft(row)
        if any(_is_example(cells[index]) for index in self._marked):
            draft.is_example = True
            draft.findings.append(CellFinding(None, "", Finding("example_row")))
            return draft
        if self._width is not None and len(row.cells) > self._width:
            self._check_width(draft, self._width)
        for field_key, columns in self._columns.items():
            if len(columns) == 1 and field_key != "free_time":
                self._take(draft, field_key, columns[0], cells[columns[0]])
            else:
                self._take_several(draft, field_key, columns, cells)
        complete_names(draft)
        self._complete(draft)
        if isinstance(role := draft.values.get("role"), Role):
            self._drop_foreign(draft, role, cells)
        return draft

    def _check_width(self, draft: Draft, width: int) -> None:
        extra = next((cell for cell in draft.row.cells[width:] if cell.strip()), None)
        if extra is not None:
            draft.findings.append(CellFinding(None, extra, Finding("extra_cells", fields={"expected": width})))

    def _take_several(self, draft: Draft, field_key: str, columns: tuple[int, ...], cells: tuple[str, ...]) -> None:
        """Take the cells of several columns as lines of one answer; a column named for a time gives it to its cells."""
        lines = []
        for column in columns:
            text = cells[column]
            if code := damage(text):
                draft.findings.append(CellFinding(column, text, Finding(code)))
                return
            slot = self._slots.get(column)
            lines.append(text if slot is None else in_slot(slot, text))
        self._take(draft, field_key, columns[0] if columns else None, "\n".join(filter(None, lines)))

    def _take(self, draft: Draft, field_key: str, column: int | None, text: str) -> None:
        if not text or text.isspace():
            text = self._defaults.get(field_key, "")
            if not text:
                return
        parsed = self._values.parse(field_key, text)
        if parsed.value is not None:
            draft.values[field_key] = parsed.value
        if parsed.findings:
            draft.findings.extend([CellFinding(column, text, finding) for finding in parsed.findings])

    def _complete(self, draft: Draft) -> None:
        """Note what is missing, and what contradicts itself."""
        if self._lacks(draft, "email"):
            draft.findings.append(CellFinding(self._column("email"), "", Finding("email_missing")))
        if self._lacks(draft, "family_name", "full_name", "given_name", "romaji"):
            draft.findings.append(CellFinding(None, "", Finding("name_missing")))
        if self._lacks(draft, "role"):
            draft.findings.append(CellFinding(self._column("role"), "", Finding("role_missing")))
        minimum, capacity = draft.values.get("minimum"), draft.values.get("capacity")
        if isinstance(minimum, int) and isinstance(capacity, int) and minimum > capacity:
            finding = Finding("minimum_above_places", fields={"highest": capacity})
            draft.findings.append(CellFinding(self._column("minimum"), str(minimum), finding))

    def _drop_foreign(self, draft: Draft, role: Role, cells: tuple[str, ...]) -> None:
        """Leave out what is not asked of `role`, right or wrong; a default is meant for those whom it concerns."""
        for field_key in [key for key in draft.values if role not in BY_KEY[key].roles]:
            del draft.values[field_key]
        foreign = self._foreign[role]
        draft.findings = [item for item in draft.findings if item.column not in foreign]
        draft.findings.extend(
            CellFinding(column, cells[column], Finding("not_for_role"))
            for column in foreign
            if not is_nothing(cells[column])
        )

    def _lacks(self, draft: Draft, *field_keys: str) -> bool:
        """Say whether none of these fields has a value, nor a cell of which something was said already."""
        if any(draft.values.get(key) for key in field_keys):
            return False
        columns = {column for key in field_keys for column in self._columns.get(key, ())}
        return not any(item.column in columns for item in draft.findings)

    def _column(self, field_key: str) -> int | None:
        return next(iter(self._columns.get(field_key, ())), None)


def _is_example(cell: str) -> bool:
    return 0 < len(cell) <= _LONGEST_MARK and trimmed(cell).casefold() in _EXAMPLE_MARKS


def complete_names(draft: Draft) -> None:
    """Put names and readings in their two places, whichever columns they came from."""
    values = draft.values
    whole, reading = values.pop("full_name", None), values.pop("full_kana", None)
    if not isinstance(whole, Name) and not values.get("given_name"):
        # Both names in the column of the family name, or only a name in Latin letters.
        whole = split_name(str(values.get("family_name") or values.get("romaji") or "")).value
        if isinstance(whole, Name) and whole.given:
            values.pop("family_name", None)
    if isinstance(whole, Name):
        if not values.get("family_name") and not values.get("given_name"):
            values["family_name"], values["given_name"] = whole.family, whole.given
        if whole.kana and reading is None:
            reading = Name(*whole.kana.split(" ", 1))
    if isinstance(reading, Name) and not values.get("family_kana"):
        values["family_kana"], values["given_kana"] = reading.family, reading.given
    if not values.get("family_name") and values.get("given_name"):
        values["family_name"], values["given_name"] = values["given_name"], ""
