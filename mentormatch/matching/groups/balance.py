"""How alike groups turned out, attribute by attribute, for reports."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from mentormatch.matching.comparisons.words import readable
from mentormatch.matching.groups.distance import Difference, category_of
from mentormatch.matching.values import Row, languages_of, number_of, tags_of

_MOST_VALUES = 12


@dataclass(frozen=True, slots=True)
class Balance:
    """One attribute over all groups.

    Attributes
    ----------
    overall, groups:
        Numbers: ``{"mean": …}``. Otherwise value -> how many people have it, the most frequent values first; the same
        values for every group.
    answered:
        How many people of each group have answered.
    gap:
        The largest difference between two groups: of the means in standard deviations of all people, or of the shares
        (0 to 1) of those who answered. 0 is perfectly alike.
    """

    field: str
    kind: str
    overall: Mapping[str, float]
    groups: tuple[Mapping[str, float], ...]
    answered: tuple[int, ...]
    gap: float

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON data."""
        return asdict(self)


def balance_of(difference: Difference, groups: Sequence[Sequence[Row]]) -> Balance:
    """Return how alike the groups are in one field."""
    return _of_numbers(difference, groups) if difference.kind == "number" else _of_values(difference, groups)


def _of_numbers(difference: Difference, groups: Sequence[Sequence[Row]]) -> Balance:
    found = [[number_of(row, difference.field) for row in rows] for rows in groups]
    known = [np.array([number for number in numbers if number is not None]) for numbers in found]
    everyone = np.concatenate(known)
    means = [float(numbers.mean()) for numbers in known if numbers.size]
    deviation = float(everyone.std()) if everyone.size else 0.0
    return Balance(
        field=difference.field,
        kind=difference.kind,
        overall={"mean": float(everyone.mean())} if everyone.size else {},
        groups=tuple({"mean": float(numbers.mean())} if numbers.size else {} for numbers in known),
        answered=tuple(numbers.size for numbers in known),
        gap=(max(means) - min(means)) / deviation if deviation else 0.0,
    )


def _of_values(difference: Difference, groups: Sequence[Sequence[Row]]) -> Balance:
    found = [[_values(row, difference) for row in rows] for rows in groups]
    counts = [Counter(value for values in rows for value in values) for rows in found]
    overall = sum(counts, Counter[str]())
    chosen = sorted(overall, key=lambda value: (-overall[value], value))[:_MOST_VALUES]
    answered = tuple(sum(bool(values) for values in rows) for rows in found)
    shares = np.array(
        [[count[value] / many for value in chosen] for count, many in zip(counts, answered, strict=True) if many]
    )
    return Balance(
        field=difference.field,
        kind=difference.kind,
        overall={value: overall[value] for value in chosen},
        groups=tuple({value: count[value] for value in chosen} for count in counts),
        answered=answered,
        gap=float(np.ptp(shares, axis=0).max(initial=0.0)) if shares.size else 0.0,
    )


def _values(row: Row, difference: Difference) -> set[str]:
    field = difference.field
    if difference.kind == "languages":
        return set(languages_of(row, field))
    if difference.kind == "tags":
        return {readable(tag).casefold() for tag in tags_of(row, field)}
    category: Hashable = category_of(row, field)
    return set() if category is None else {str(category)}
