"""Tables of people as they come: lists of mappings or data frames, turned into plain rows with clean ids."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

from mentormatch.core.errors import InvalidInput
from mentormatch.matching.values import Row, called, is_blank

PersonId: TypeAlias = int | str

PairId: TypeAlias = tuple[str, PersonId, PersonId]
"""Track, intern id, host id."""


def rows_of(table: object, where: str) -> tuple[dict[str, Any], ...]:
    """Return the rows of a table, plain and sorted by id.

    Parameters
    ----------
    table:
        Mappings with an ``id``, or a data frame (pandas, Polars) with a column ``id`` or an index of that name.
    where:
        Name of the table in errors.

    Raises
    ------
    InvalidInput
        No table, or ids that are missing, doubled or neither whole numbers nor text.
    """
    rows = [_plain_row(record, where, number) for number, record in enumerate(_records(table, where), start=1)]
    seen: dict[PersonId, int] = {}
    for row in rows:
        seen[row["id"]] = seen.get(row["id"], 0) + 1
    doubled = sorted((key for key, count in seen.items() if count > 1), key=order_of)
    if doubled:
        raise InvalidInput(
            "%(table)s: expected each id once, found more than once: %(ids)s. Join or remove the double rows.",
            field="id",
            table=where,
            ids=", ".join(map(repr, doubled[:10])),
        )
    return tuple(sorted(rows, key=lambda row: order_of(row["id"])))


def listed(values: object, where: str) -> list[Any]:
    """Return `values` as a list.

    Raises
    ------
    InvalidInput
        They are none; `where` says in the text which.
    """
    if isinstance(values, Iterable) and not isinstance(values, str | bytes | Mapping):
        return list(values)
    raise InvalidInput("%(where)s: expected a list, found %(found)s.", field=where, where=where, found=repr(values))


def order_of(key: PersonId) -> tuple[bool, PersonId]:
    """Return a sort key for ids: numbers first, in order, then texts."""
    return isinstance(key, str), key


def _records(table: Any, where: str) -> Iterable[Mapping[str, Any]]:
    if hasattr(table, "to_dicts"):  # Polars
        return list(table.to_dicts())
    if hasattr(table, "to_dict") and hasattr(table, "columns"):  # pandas
        frame = table if "id" in table.columns or table.index.name != "id" else table.reset_index()
        return list(frame.to_dict("records"))
    if isinstance(table, Iterable) and not isinstance(table, str | bytes | Mapping):
        return table
    raise InvalidInput(
        "%(table)s: expected a list of rows (mappings) or a data frame, found %(found)s.",
        table=where,
        found=type(table).__name__,
    )


def _plain_row(record: object, where: str, number: int) -> dict[str, Any]:
    if not isinstance(record, Mapping):
        raise InvalidInput(
            "%(table)s #%(row)s: expected a mapping of field names to values, found %(found)s.",
            table=where,
            row=number,
            found=type(record).__name__,
        )
    row = {str(key): plain(value) for key, value in record.items()}
    place = f"{where} #{number}"
    row["id"] = clean_id(row.get("id"), place)
    if row.get("person") is not None:
        row["person"] = clean_id(row["person"], place)
    return row


def plain(value: Any) -> Any:
    """Return `value` as plain JSON data: arrays become lists, numpy scalars numbers, NaN and NA None, infinity text."""
    if hasattr(value, "tolist"):  # numpy arrays and scalars
        value = value.tolist()
    match value:
        case None | bool() | int() | str():
            plain_value: Any = value
        case float():
            plain_value = value if math.isfinite(value) else None if math.isnan(value) else str(value)
        case Mapping():
            plain_value = {str(key): plain(part) for key, part in value.items()}
        case set() | frozenset():
            plain_value = sorted((plain(part) for part in value), key=repr)
        case list() | tuple():
            plain_value = [plain(part) for part in value]
        case _:
            missing = type(value).__name__ in {"NAType", "NaTType"}  # of pandas, which is not needed here
            plain_value = None if missing else str(value)
    return plain_value


def clean_id(value: object, where: str) -> PersonId:
    """Return an id as an int or a text; a float that stands for a whole number, as data frames make it, is one."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if (isinstance(value, int) and not isinstance(value, bool)) or (isinstance(value, str) and value.strip()):
        return value
    raise InvalidInput(
        "%(place)s: expected an id (a whole number or a text), found %(found)s. Give every person an id.",
        field="id",
        place=where,
        found=repr(value),
    )


def person_of(row: Row) -> PersonId:
    """Return the id of the person behind a row: its ``person``, or its ``id`` where there is none."""
    person: PersonId | None = row.get("person")
    return row["id"] if person is None else person


def whole_number(row: Row, field: str, default: int, track: str) -> int:
    """Return a count of places, zero or more; `default` when blank."""
    value = row.get(field)
    if is_blank(value):
        return default
    number = float(value) if isinstance(value, int | float) and not isinstance(value, bool) else math.nan
    if math.isnan(number) or number < 0 or not number.is_integer():
        raise InvalidInput(
            "Track %(track)s, %(person)s: expected %(column)s to be a whole number, zero or more, found %(found)s.",
            field=field,
            track=track,
            person=called(row),
            column=field,
            found=repr(value),
        )
    return int(number)


def capacity_of(row: Row, track: str) -> int:
    """Return how many interns a host can take; 1 when nothing is said."""
    return whole_number(row, "capacity", 1, track)


def minimum_of(row: Row, track: str) -> int:
    """Return how many interns a host must get; none when nothing is said."""
    return whole_number(row, "minimum", 0, track)


def wanted_of(row: Row, track: str, per_intern: int) -> int:
    """Return how many hosts an intern is to get in a track: none where she has somebody already (``settled``)."""
    return 0 if track in row.get("settled", ()) else per_intern


def waited_of(row: Row) -> int:
    """Return how many earlier rounds have left an intern without a host; none when nothing is said."""
    return whole_number(row, "waited", 0, "interns")
