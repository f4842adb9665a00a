"""How different people are: simple distances per field, weighted and added up to whole numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from mentormatch.core.errors import InvalidInput
from mentormatch.core.field_kinds import LANGUAGE_LEVELS
from mentormatch.matching.comparisons.words import atoms, readable
from mentormatch.matching.solver.blocks import BoolArray
from mentormatch.matching.solver.incidence import incidence
from mentormatch.matching.values import Row, is_blank, languages_of, number_of, tags_of

STEPS = 1000
"""The distance of one field is 0 to this."""

APART = STEPS * STEPS
"""The distance of two people who differ in everything as much as can be."""

FINEST = 1 << 22
"""The largest distance of a given matrix after it was made whole numbers, unless it holds whole numbers already."""

Matrix = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Difference:
    """One field in which groups should be mixed.

    Parameters
    ----------
    field:
        Name of the field.
    kind:
        "number" (difference by the span of all people), "category" (same or not), "tags" (Jaccard distance of what the
        tags stand for) or "languages" (the same with levels: one minus the sum of the lower levels by that of the
        higher ones).
    weight:
        Its share of the distance, by the sum of all weights.
    """

    field: str
    kind: str
    weight: float = 1


def category_of(row: Row, field: str) -> str | None:
    """Return what a category is compared by: folded in width, case and spaces; None when blank."""
    value = row.get(field)
    return None if is_blank(value) else " ".join(readable(str(value)).casefold().split())


def meanings_of(row: Row, field: str) -> frozenset[str]:
    """Return what a person's tags stand for."""
    return frozenset(atom for tag in tags_of(row, field) for atom in atoms(tag))


def _numbers(rows: Sequence[Row], field: str) -> tuple[Matrix, BoolArray]:
    found = [number_of(row, field) for row in rows]
    answered = np.array([number is not None for number in found], np.bool_)
    values = np.array([0.0 if number is None else number for number in found])
    span = float(np.ptp(values[answered])) if answered.any() else 0.0
    scaled = values / (span or 1.0)
    return _by_rows(len(rows), lambda here: np.abs(scaled[here, None] - scaled[None, :])), answered


def _categories(rows: Sequence[Row], field: str) -> tuple[Matrix, BoolArray]:
    found = [category_of(row, field) for row in rows]
    names = {name: number for number, name in enumerate(sorted({name for name in found if name is not None}))}
    codes = np.array([-1 if name is None else names[name] for name in found], np.int64)
    return _by_rows(len(rows), lambda here: (codes[here, None] != codes[None, :]).astype(np.float64)), codes >= 0


def _tags(rows: Sequence[Row], field: str) -> tuple[Matrix, BoolArray]:
    found = [meanings_of(row, field) for row in rows]
    table = incidence(found, {name: number for number, name in enumerate(sorted(frozenset().union(*found)))})
    count = np.array([len(things) for things in found], np.int64)

    def apart(here: slice) -> NDArray[np.float64]:
        common = (table[here] @ table.T).toarray()
        ratio: NDArray[np.float64] = common / np.maximum(count[here, None] + count[None, :] - common, 1)
        return 1 - ratio

    return _by_rows(len(rows), apart), count > 0


def _languages(rows: Sequence[Row], field: str) -> tuple[Matrix, BoolArray]:
    found = [languages_of(row, field) for row in rows]
    codes = {code: number for number, code in enumerate(sorted({code for levels in found for code in levels}))}
    table = np.zeros((len(rows), len(codes)), np.int64)
    for position, levels in enumerate(found):
        for code, level in levels.items():
            table[position, codes[code]] = level
    total = table.sum(axis=1)
    reached = [(table >= level).astype(np.float32) for level in LANGUAGE_LEVELS]

    def apart(here: slice) -> NDArray[np.float64]:
        lower = np.sum([some[here] @ some.T for some in reached], axis=0, dtype=np.float64)
        ratio: NDArray[np.float64] = lower / np.maximum(total[here, None] + total[None, :] - lower, 1)
        return 1 - ratio

    return _by_rows(len(rows), apart), total > 0


DIFFERENCES: Mapping[str, Callable[[Sequence[Row], str], tuple[Matrix, BoolArray]]] = MappingProxyType(
    {"number": _numbers, "category": _categories, "tags": _tags, "languages": _languages}
)


def _by_rows(people: int, part: Callable[[slice], NDArray[np.float64]]) -> Matrix:
    """Put a matrix together from blocks of rows, in whole steps: the temporary arrays stay small."""
    matrix = np.empty((people, people), np.int32)
    for start in range(0, people, 256):
        here = slice(start, start + 256)
        matrix[here] = np.rint(STEPS * part(here))
    return matrix


def distances_of(rows: Sequence[Row], differences: Sequence[Difference]) -> Matrix:
    """Return the distance of each two people, 0 to `APART`.

    Where one of two people has not answered, the mean distance of those who have stands in: a blank neither helps nor
    harms.

    Raises
    ------
    InvalidInput
        An unknown kind, a weight that is not above zero, or a cell that cannot be read.
    """
    _check(differences)
    weights = np.array([difference.weight for difference in differences], np.float64)
    bounds = np.rint(STEPS * np.cumsum([0.0, *weights]) / weights.sum()).astype(np.int64)
    total = np.zeros((len(rows), len(rows)), np.int32)
    for difference, weight in zip(differences, np.diff(bounds).tolist(), strict=True):
        matrix, answered = DIFFERENCES[difference.kind](rows, difference.field)
        known = int(answered.sum())
        blank = ~answered
        matrix[blank] = matrix[:, blank] = 0
        mean = int(matrix.sum(dtype=np.int64)) // max(1, known * (known - 1))
        matrix[blank] = matrix[:, blank] = mean
        matrix *= np.int32(weight)
        total += matrix
    np.fill_diagonal(total, 0)
    return total


def _check(differences: Sequence[Difference]) -> None:
    if not differences:
        message = "Groups: expected at least one field to mix by, found none. Name one."
        raise InvalidInput(message, field="fields")
    for difference in differences:
        if difference.kind not in DIFFERENCES:
            message = "Field %(column)s: expected one of the kinds %(known)s, found %(found)s."
            known = ", ".join(DIFFERENCES)
            raise InvalidInput(message, field="kind", column=difference.field, known=known, found=repr(difference.kind))
        if not difference.weight > 0 or difference.weight == float("inf"):
            message = "Field %(column)s: expected a weight above zero, found %(found)s."
            raise InvalidInput(message, field="weight", column=difference.field, found=repr(difference.weight))


def whole_distances(matrix: NDArray[np.generic], names: Sequence[str]) -> Matrix:
    """Return a given distance matrix in whole numbers, for exact sums; its diagonal is ignored.

    Raises
    ------
    InvalidInput
        No square matrix of finite numbers, zero or more, that is the same both ways; the first two people in question
        are named.
    """
    if matrix.ndim != 2 or matrix.shape != (len(names), len(names)):  # noqa: PLR2004  rows and columns
        message = "Distances: expected a square matrix for %(people)s people, found shape %(found)s."
        raise InvalidInput(message, field="distances", people=len(names), found=matrix.shape)
    try:
        values = matrix.astype(np.float64)
    except (TypeError, ValueError) as error:
        message = "Distances: expected numbers, found %(found)s."
        raise InvalidInput(message, field="distances", found=str(matrix.dtype)) from error
    np.fill_diagonal(values, 0)
    wrong = np.argwhere(~(np.isfinite(values) & (values >= 0)) | (values != values.T))
    if wrong.size:
        row, column = wrong[0].tolist()
        message = "Distance of %(left)s and %(right)s: expected a number, zero or more, the same both ways, found %(one)s and %(other)s."  # noqa: E501  one sentence, one message
        one, other = values[row, column].item(), values[column, row].item()
        raise InvalidInput(message, field="distances", left=names[row], right=names[column], one=one, other=other)
    most = float(values.max(initial=0.0))
    whole = most <= FINEST and bool((values == np.rint(values)).all())
    return np.rint(values if whole or not most else values * (FINEST / most)).astype(np.int32)
