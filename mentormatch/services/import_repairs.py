"""From what an admin pressed beside a problem to the correction that is stored."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from mentormatch.core.errors import InvalidInput
from mentormatch.core.i18n import N_
from mentormatch.queries.import_preview import GroupView, Preview
from mentormatch.queries.imports import Step
from mentormatch.sheets.characters import storable
from mentormatch.sheets.messages import Message

LONGEST_CELL = 5_000
_TYPED = N_("Row %(row)s is now “%(instead)s”")
_GONE = N_("This problem is not there any more. Look at the present state.")


@dataclass(frozen=True, slots=True)
class Wish:
    """What was pressed: the group of rows, the kind of repair, and where it needs one, a row or a value."""

    group: str
    kind: str
    row: int | None = None
    value: str = ""


def step(preview: Preview, wish: Wish) -> Step:
    """Return the correction that `wish` stands for.

    Raises
    ------
    InvalidInput
        The problem is not there, or cannot be mended this way.
    """
    group = preview.group(wish.group)
    make = _KINDS.get(wish.kind)
    if group is None or make is None:
        raise InvalidInput(_GONE)
    return make(group, wish)


def _at_once(group: GroupView, wish: Wish) -> Step:
    """Return a repair that the check itself offers for all rows of the group."""
    repair = group.repair(wish.kind)
    if repair is None:
        raise InvalidInput(_GONE)
    if wish.kind == "cells" and len(repair.patch["cells"]) == 1:
        row, _, value = repair.patch["cells"][0]
        return Step(Message(_TYPED, {"row": row, "instead": value}), repair.patch)
    told = _TOLD[wish.kind]
    return Step(Message(told, {"column": group.heading, "count": group.count}), repair.patch)


def _leave_out(group: GroupView, wish: Wish) -> Step:
    """Leave out all rows of a group; rows that repeat others are offered one by one."""
    numbers = [row for repair in group.repairs if repair.kind == wish.kind for row in repair.patch["skip"]]
    if not numbers:
        raise InvalidInput(_GONE)
    told = _TOLD[wish.kind]
    return Step(Message(told, {"count": len(numbers)}), {"skip": numbers})


def _replace(group: GroupView, wish: Wish) -> Step:
    if group.found is None or wish.value not in group.choices:
        raise InvalidInput("Choose a value from the list.")
    fields = {"found": group.found, "instead": wish.value, "count": group.count}
    told = Message(N_("“%(found)s” is now “%(instead)s” (rows: %(count)s)"), fields)
    return Step(told, {"replace": [[group.column, group.found, wish.value]]})


def _allow(group: GroupView, wish: Wish) -> Step:  # noqa: ARG001 - all kinds are called alike
    if not group.extendable or group.field is None or group.found is None:
        raise InvalidInput(_GONE)
    told = Message(N_("“%(found)s” joins the list when you import"), {"found": group.found})
    return Step(told, allow=(group.field, " ".join(group.found.split())))


def _leave_out_row(group: GroupView, wish: Wish) -> Step:
    if not any(wish.row in {row.number, row.other} for row in group.rows):
        raise InvalidInput(_GONE)
    return Step(Message(N_("Row %(row)s is left out"), {"row": wish.row}), {"skip": [wish.row]})


def _type_again(group: GroupView, wish: Wish) -> Step:
    row = next((row for row in group.rows if row.number == wish.row), None)
    if row is None or group.edited is None:
        raise InvalidInput(_GONE)
    if len(wish.value) > LONGEST_CELL:
        raise InvalidInput(
            "%(limit)s characters at most; this has %(found)s.", limit=LONGEST_CELL, found=len(wish.value)
        )
    value = storable(wish.value)
    return Step(
        Message(_TYPED, {"row": row.number, "instead": value[:80]}), {"cells": [[row.number, group.edited, value]]}
    )


_TOLD: Mapping[str, str] = {
    "half_width": N_("%(column)s is now half-width"),
    "cells": N_("%(column)s: what was proposed is used (rows: %(count)s)"),
    "skip": N_("Left out (rows: %(count)s)"),
}
_KINDS: Mapping[str, Callable[[GroupView, Wish], Step]] = {
    "half_width": _at_once,
    "cells": _at_once,
    "skip": _leave_out,
    "replace": _replace,
    "allow": _allow,
    "skip_row": _leave_out_row,
    "cell": _type_again,
}
