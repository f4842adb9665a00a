"""What a parser of cell text answers: a value, and what there is to say about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Finding:
    """Something to say about a cell.

    Attributes
    ----------
    code:
        What it is; `findings` tells whether it blocks the row, and its texts.
    proposal:
        Cell text that would be right, if there is one to offer.
    fields:
        Further values for the texts.
    """

    code: str
    proposal: str | None = None
    fields: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Parsed(Generic[T]):
    """The value of a cell, None if there is none that can be used, and the findings about it."""

    value: T | None
    findings: tuple[Finding, ...] = ()


def one(value: T | None, code: str, proposal: str | None = None, **fields: object) -> Parsed[T]:
    """Return `value` with one finding."""
    return Parsed(value, (Finding(code, proposal, fields),))
