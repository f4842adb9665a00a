"""How a run weighs things: what it makes best, with which weights, and what an undisturbed pair is worth."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Self

from mentormatch.core.errors import InvalidInput
from mentormatch.core.i18n import N_

OBJECTIVES: Mapping[str, str] = {
    "total": N_("Most fit in all"),
    "worst_off": N_("The lowest fit as high as possible"),
    "mixture": N_("Between the two"),
    "stable": N_("Nobody would rather swap"),
}
"""What a run can make best, after the number of pairs, in the admin's words."""

LONGEST_NAME = 60
MOST_STAYING = 100
HIGHEST_WEIGHT = 100


@dataclass(frozen=True, slots=True)
class RunSettings:
    """The settings of one run; what is left out is as the programme says.

    Attributes
    ----------
    name:
        What the admin calls it; empty for a run that needs no name.
    objective:
        One of `OBJECTIVES`.
    mixture:
        For "mixture": 0 to 100, how much the lowest fit counts beside the mean.
    staying:
        Points (as people see them) that breaking up a pair of the run under review must gain at the least.
    weights:
        Criterion key -> points instead of the programme's own.
    """

    name: str = ""
    objective: str = "total"
    mixture: int = 50
    staying: float = 0.5
    weights: Mapping[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if len(self.name) > LONGEST_NAME:
            raise InvalidInput("Keep the name under %(longest)s letters.", field="name", longest=LONGEST_NAME)
        if self.objective not in OBJECTIVES:
            raise InvalidInput("Choose what the run shall make best.", field="objective")
        for name, most in (("mixture", 100), ("staying", MOST_STAYING)):
            value = getattr(self, name)
            if not 0 <= value <= most:
                raise InvalidInput(
                    "Enter a number from 0 to %(most)s; found %(found)s.", field=name, most=most, found=value
                )
        for key, weight in self.weights.items():
            if not 0 <= weight <= HIGHEST_WEIGHT:
                raise InvalidInput(
                    "Enter a number from 0 to %(most)s; found %(found)s.",
                    field=f"weight_{key}",
                    most=HIGHEST_WEIGHT,
                    found=weight,
                )

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON data; `from_json` reads it back."""
        return {**asdict(self), "weights": dict(self.weights)}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Read what `to_json` wrote; a run from before there were settings has the usual ones."""
        return cls(**data)
