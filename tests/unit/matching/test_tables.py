"""Tables as they come, and ids."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from mentormatch.core.errors import InvalidInput
from mentormatch.matching.tables import plain, rows_of


def test_a_data_frame_is_a_list_of_mappings():
    frame = pd.DataFrame({"id": [2.0, 1.0], "year": [3, math.nan], "tags": [["AI"], None], "name": ["b", pd.NA]})
    expected = (
        {"id": 1, "year": None, "tags": None, "name": None},
        {"id": 2, "year": 3.0, "tags": ["AI"], "name": "b"},
    )
    assert rows_of(frame, "interns") == expected
    assert rows_of(frame.set_index("id"), "interns") == expected
    assert rows_of(frame.to_dict("records"), "interns") == expected


def test_ids_are_sorted_numbers_first():
    assert [row["id"] for row in rows_of([{"id": "b"}, {"id": 10}, {"id": "a"}, {"id": 9}], "x")] == [9, 10, "a", "b"]


def test_plain_values():
    assert plain(np.array([[1, 2]])) == [[1, 2]]
    assert plain({"a": (np.int64(1), np.float64("nan"), {"y", "x"})}) == {"a": [1, None, ["x", "y"]]}
    assert plain(pd.NaT) is None
    assert plain(pd.Timestamp("2026-11-22")) == "2026-11-22 00:00:00"


@pytest.mark.parametrize("bad", [None, "", " ", math.nan, 1.5, True, [1]])
def test_ids_must_be_numbers_or_texts(bad):
    with pytest.raises(InvalidInput, match="interns #2: expected an id"):
        rows_of([{"id": 1}, {"id": bad}], "interns")


def test_doubled_ids_are_named():
    with pytest.raises(InvalidInput, match="found more than once: 3, 'x'"):
        rows_of([{"id": key} for key in (3, "x", 1, 3, "x")], "hosts")


@pytest.mark.parametrize("table", [None, 7, "people.csv", {"id": 1}, [1], [["id", 1]]])
def test_what_is_no_table(table):
    with pytest.raises(InvalidInput):
        rows_of(table, "interns")


class LikePolars:
    """A data frame whose rows come from `to_dicts`."""

    def to_dicts(self):
        return [{"id": 2}, {"id": 1}]


def test_other_data_frames():
    assert [row["id"] for row in rows_of(LikePolars(), "x")] == [1, 2]
