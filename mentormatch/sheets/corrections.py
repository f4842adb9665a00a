"""What a person decided about a sheet, as plain JSON that is kept between the steps and applied again each time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from mentormatch.core.errors import InvalidInput
from mentormatch.core.names import half_width
from mentormatch.sheets.characters import trimmed
from mentormatch.sheets.sheet import Row

Patch = Mapping[str, Sequence[object]]
"""A part of the JSON of corrections, to be merged into it."""

_KINDS = ("replace", "cells", "skip", "half_width")


@dataclass(frozen=True, slots=True)
class Corrections:
    """Corrections of a sheet; columns count from 0, rows are numbers as Excel shows them.

    In JSON: ``{"replace": [[column, found, instead], …], "cells": [[row, column, value], …], "skip": [row, …],
    "half_width": [column, …]}``. A later entry wins over an earlier one for the same thing. The text of a corrected
    cell is final: it is not replaced again.
    """

    replace: Mapping[tuple[int, str], str] = field(default_factory=dict)
    cells: Mapping[int, Mapping[int, str]] = field(default_factory=dict)
    skip: frozenset[int] = frozenset()
    half_width: frozenset[int] = frozenset()

    @classmethod
    def from_json(cls, data: object) -> Corrections:
        """Return the corrections that `data` describes.

        Raises
        ------
        InvalidInput
            If it has another shape.
        """
        try:
            return cls._parsed(data if data is not None else {})
        except (TypeError, ValueError, AttributeError) as error:
            raise InvalidInput("The corrections cannot be read. Start this step again.") from error

    @classmethod
    def _parsed(cls, data: object) -> Corrections:
        if not isinstance(data, Mapping) or set(data) - set(_KINDS):
            raise TypeError(data)
        cells: dict[int, dict[int, str]] = {}
        for row, column, value in data.get("cells", ()):
            cells.setdefault(_number(row), {})[_number(column)] = _text(value)
        return cls(
            replace={
                (_number(column), trimmed(_text(found))): _text(instead)
                for column, found, instead in data.get("replace", ())
            },
            cells=cells,
            skip=frozenset(map(_number, data.get("skip", ()))),
            half_width=frozenset(map(_number, data.get("half_width", ()))),
        )

    def to_json(self) -> dict[str, list[Any]]:
        """Return the corrections as JSON, in one order whatever the order in which they were made."""
        return {
            "replace": [[column, found, instead] for (column, found), instead in sorted(self.replace.items())],
            "cells": [
                [row, column, value]
                for row, values in sorted(self.cells.items())
                for column, value in sorted(values.items())
            ],
            "skip": sorted(self.skip),
            "half_width": sorted(self.half_width),
        }

    def merged(self, patch: Patch) -> Corrections:
        """Return these corrections and those of `patch`, which win."""
        mine = self.to_json()
        return Corrections.from_json({kind: [*mine[kind], *patch.get(kind, ())] for kind in _KINDS})

    def applied(self, row: Row) -> Row:
        """Return `row` as it reads after the corrections."""
        if not (self.cells or self.replace or self.half_width):
            return row
        cells = list(row.cells)
        for column in self.half_width:
            if column < len(cells):
                cells[column] = half_width(cells[column])
        for column in {column for column, _ in self.replace}:
            if column < len(cells):
                cells[column] = self.replace.get((column, trimmed(cells[column])), cells[column])
        for column, value in self.cells.get(row.number, {}).items():
            cells.extend([""] * (column + 1 - len(cells)))
            cells[column] = value
        return Row(row.number, tuple(cells))


def _number(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 2**31:
        raise TypeError(value)
    return value


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(value)
    return value
