"""Which column holds which field: by what it is called, then by what it holds, then by what a person said before."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import islice

from mentormatch.core.errors import InvalidInput
from mentormatch.core.fields import BY_KEY, Kind
from mentormatch.core.i18n import N_
from mentormatch.sheets import evidence
from mentormatch.sheets.characters import visible
from mentormatch.sheets.heading_keys import exact, inside, is_about_others, is_ranked, key
from mentormatch.sheets.headings import PROBLEM_HEADING
from mentormatch.sheets.messages import Message
from mentormatch.sheets.sheet import Sheet, column_name
from mentormatch.sheets.slots import slot_of

SHARED_KINDS = frozenset({Kind.TAGS, Kind.LANGUAGES, Kind.HOURS, Kind.TEXT, Kind.CAREER})
"""Fields of these kinds may be spread over several columns (業界1, 業界2); their cells are lines of one answer."""

NAME_FIELDS = ("full_name", "family_name", "given_name", "romaji")
_SAMPLE_ROWS = 200
_EXAMPLES = 3
_PROBLEM_KEY = key(PROBLEM_HEADING)
_SPLIT_FIELDS = {"full_name": ("family_name", "given_name"), "full_kana": ("family_kana", "given_kana")}
_ONE_IS_READ = N_("Column “%(other)s” looks the same; one of them is read.")
_BOTH_ARE_READ = N_("Column “%(other)s” looks the same; both are read.")
_UNLIKE = N_("The heading says so, the cells do not look like it.")


class Verdict(StrEnum):
    """How sure the recognition of a column is."""

    OK = "ok"
    CHECK = "check"
    IGNORED = "ignored"


class _Claim(StrEnum):
    """What speaks for a field, the strongest first."""

    HEADING = "heading"
    QUESTION = "question"
    CELLS = "cells"
    DOUBT = "doubt"  # the heading says so, the cells contradict


_STRENGTH = {_Claim.HEADING: 4, _Claim.QUESTION: 3, _Claim.CELLS: 2, _Claim.DOUBT: 1}


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the sheet and the field it is taken for; `reason` says why a person should look."""

    index: int
    heading: str
    field: str | None
    verdict: Verdict
    examples: tuple[str, ...] = ()
    reason: Message | None = None

    @property
    def name(self) -> str:
        """What to call the column in a message: its heading, or its letter where it has none."""
        return " ".join(self.heading.split()) or column_name(self.index)


@dataclass(frozen=True, slots=True)
class ColumnMapping:
    """Which column holds which field.

    `signature` identifies the set of headings, in whatever order: what a person decides for it can be remembered.
    """

    columns: tuple[Column, ...]
    signature: str
    is_remembered: bool = False

    @property
    def fields(self) -> dict[int, str]:
        """Column index → field key, of the columns that are read."""
        return {column.index: column.field for column in self.columns if column.field is not None}

    def count(self, verdict: Verdict | str) -> int:
        """Return how many columns have this verdict."""
        return sum(column.verdict == verdict for column in self.columns)

    def with_fields(self, fields: Mapping[int, str | None]) -> ColumnMapping:
        """Return the mapping after a person decided on some columns (index → field key, or None to leave it out).

        Raises
        ------
        InvalidInput
            If there is no such column or field.
        """
        for index, field in fields.items():
            if not 0 <= index < len(self.columns) or (field is not None and field not in BY_KEY):
                raise InvalidInput(
                    "Column %(column)s cannot be read as “%(field)s”.", column=index + 1, field=str(field)
                )
        columns = tuple(
            replace(column, field=fields[column.index], verdict=_decided(fields[column.index]), reason=None)
            if column.index in fields
            else column
            for column in self.columns
        )
        return replace(self, columns=columns)

    def to_json(self) -> list[str | None]:
        """Return the field of each column in order; `with_fields(dict(enumerate(…)))` takes it back."""
        return [column.field for column in self.columns]

    def to_remember(self) -> dict[str, str | None]:
        """Return heading → field, to be stored under `signature` and given to `recognise` next time."""
        return dict(zip(_heading_keys([column.heading for column in self.columns]), self.to_json(), strict=True))

    def problems(self) -> tuple[Message, ...]:
        """Return what makes the mapping as a whole unusable."""
        fields = Counter(self.fields.values())
        found = []
        if "email" not in fields:
            found.append(Message("No column is read as the email address. Every person needs one."))
        if not any(name in fields for name in NAME_FIELDS):
            found.append(Message("No column is read as the name."))
        for field, count in fields.items():
            if count > 1 and BY_KEY[field].kind not in SHARED_KINDS:
                names = [column.name for column in self.columns if column.field == field]
                found.append(
                    Message(
                        "Columns %(columns)s are read as the same thing. Choose one of them.",
                        {"columns": " / ".join(names)},
                    )
                )
        return tuple(found)


def _decided(field: str | None) -> Verdict:
    return Verdict.IGNORED if field is None else Verdict.OK


def recognise(sheet: Sheet, remembered: Mapping[str, Mapping[str, str | None]] | None = None) -> ColumnMapping:
    """Return which column of `sheet` holds which field.

    Parameters
    ----------
    sheet:
        A sheet from `reading.read`.
    remembered:
        Signature → what `ColumnMapping.to_remember` gave for it; a mapping that a person confirmed wins over ours.
    """
    keys = _heading_keys(sheet.header)
    signature = _signature(keys)
    samples = _samples(sheet)
    examples = [_examples(cells) for cells in samples]
    if remembered and (known := remembered.get(signature)) is not None:
        fields = [known.get(heading) for heading in keys]
        columns = tuple(
            Column(index, sheet.header[index], field, _decided(field), examples[index])
            for index, field in enumerate(field if field in BY_KEY else None for field in fields)
        )
        return ColumnMapping(columns, signature, is_remembered=True)
    claims = _claims(sheet, samples)
    columns = tuple(
        replace(column, examples=examples[column.index]) for column in _settled(sheet.header, claims, samples)
    )
    return ColumnMapping(columns, signature)


def _heading_keys(headings: Sequence[str]) -> list[str]:
    """Return a distinct key for each heading: the second 「メール」 is ``メール#2``."""
    seen: Counter[str] = Counter()
    keys = []
    for heading in headings:
        form = key(heading)
        seen[form] += 1
        keys.append(form if seen[form] == 1 else f"{form}#{seen[form]}")
    return keys


def _signature(keys: Sequence[str]) -> str:
    named = sorted(form for form in keys if form and not form.startswith("#") and form != _PROBLEM_KEY)
    return hashlib.sha256("\x1f".join(named).encode("utf-8", "surrogatepass")).hexdigest()


def _samples(sheet: Sheet) -> list[list[str]]:
    """Return the cells of the first rows that hold anything, by column."""
    samples: list[list[str]] = [[] for _ in sheet.header]
    for row in islice(sheet.rows, _SAMPLE_ROWS):
        for index, cell in enumerate(row.cells):
            if cell and not cell.isspace():
                samples[index].append(cell)
    return samples


def _examples(cells: Sequence[str]) -> tuple[str, ...]:
    return tuple(visible(cell, 40) for cell in islice(dict.fromkeys(cell.strip() for cell in cells), _EXAMPLES))


@dataclass(frozen=True, slots=True)
class _Guess:
    field: str
    claim: _Claim
    reason: Message | None = None


def _claims(sheet: Sheet, samples: Sequence[Sequence[str]]) -> list[_Guess | None]:
    guesses = [_guess(heading, cells) for heading, cells in zip(sheet.header, samples, strict=True)]
    _divide_names(sheet.header, samples, guesses)
    slots = [index for index, heading in enumerate(sheet.header) if slot_of(heading)]
    if len(slots) > 1:  # one column of that name may be anything
        for index in slots:
            guesses[index] = _Guess("free_time", _Claim.HEADING)
    return guesses


def _guess(heading: str, cells: Sequence[str]) -> _Guess | None:
    """Return what one column looks like by itself."""
    form = key(heading)
    if form == _PROBLEM_KEY or is_about_others(form):
        return None
    by_cells = evidence.field_of(cells)
    if field := exact(heading):
        claim = _Claim.HEADING
    elif field := inside(heading):
        claim = _Claim.QUESTION
    else:
        told = Message("The cells look like it; the heading does not say so.")
        return _Guess(by_cells, _Claim.CELLS, told) if by_cells else None
    if evidence.contradicts(field, cells):
        if by_cells:
            return _Guess(by_cells, _Claim.CELLS, Message(_UNLIKE))
        return _Guess(field, _Claim.DOUBT, Message(_UNLIKE))
    reason = None if claim is _Claim.HEADING else Message("Part of the heading says so.")
    return _Guess(field, claim, reason)


def _divide_names(headings: Sequence[str], samples: Sequence[Sequence[str]], guesses: list[_Guess | None]) -> None:
    """See the family and given name in two neighbours under one heading, as merged cells leave them."""
    for index in range(len(headings) - 1):
        guess, further = guesses[index], guesses[index + 1]
        if guess is None or guess.field not in _SPLIT_FIELDS:
            continue
        shares = not headings[index + 1].strip() or key(headings[index + 1]) == key(headings[index])
        free = further is None or further.field == guess.field or further.claim is _Claim.CELLS
        if shares and free and evidence.are_halves(samples[index], samples[index + 1]):
            reason = Message("Two columns under one heading are read as family and given name.")
            family, given = _SPLIT_FIELDS[guess.field]
            guesses[index] = _Guess(family, _Claim.HEADING, reason)
            guesses[index + 1] = _Guess(given, _Claim.HEADING, reason)


def _settled(
    headings: Sequence[str], guesses: Sequence[_Guess | None], samples: Sequence[Sequence[str]]
) -> list[Column]:
    """Return the columns after those that claim the same field have been told apart."""
    by_field: dict[str, list[int]] = {}
    for index, guess in enumerate(guesses):
        if guess is not None:
            by_field.setdefault(guess.field, []).append(index)
    columns = []
    for index, (heading, guess) in enumerate(zip(headings, guesses, strict=True)):
        column = Column(index, heading, None, Verdict.IGNORED)
        if guess is not None:
            rivals = by_field[guess.field]
            winner = max(rivals, key=lambda rival: (_strength(guesses[rival]), len(samples[rival]), -rival))
            equals = [rival for rival in rivals if _strength(guesses[rival]) == _strength(guesses[winner])]
            column = _column(column, guess, winner, equals, headings)
        columns.append(column)
    return columns


def _strength(guess: _Guess | None) -> int:
    return 0 if guess is None else _STRENGTH[guess.claim]


def _column(column: Column, guess: _Guess, winner: int, equals: Sequence[int], headings: Sequence[str]) -> Column:
    """Return `column` beside its rivals, of which `winner` has the best claim and `equals` as strong a one."""
    verdict = Verdict.OK if guess.claim is _Claim.HEADING and guess.reason is None else Verdict.CHECK
    alone = replace(column, field=guess.field, verdict=verdict, reason=guess.reason)
    if BY_KEY[guess.field].kind in SHARED_KINDS:
        heading = headings[column.index]
        if column.index == winner or is_ranked(heading) or slot_of(heading):
            return alone
        return replace(alone, verdict=Verdict.CHECK, reason=Message(_BOTH_ARE_READ, _other(headings, winner)))
    if column.index == winner:
        if len(equals) == 1:
            return alone
        other = next(rival for rival in equals if rival != winner)
        return replace(alone, verdict=Verdict.CHECK, reason=Message(_ONE_IS_READ, _other(headings, other)))
    if column.index in equals:
        return replace(column, verdict=Verdict.CHECK, reason=Message(_ONE_IS_READ, _other(headings, winner)))
    return column


def _other(headings: Sequence[str], index: int) -> dict[str, str]:
    return {"other": " ".join(headings[index].split()) or column_name(index)}
