"""Large sheets: what is kept does not grow with what the rows hold."""

from __future__ import annotations

import gc
import subprocess
import sys
import tracemalloc

import pytest

from mentormatch.sheets.checking import Counts, check
from mentormatch.sheets.reading import read
from mentormatch.sheets.recognition import recognise
from mentormatch.sheets.rows import Draft

BYTES_PER_ROW = 700
"""Address, name and row number as Python objects: what recognising a person twice needs. A row here holds 4,000."""

UNDER_A_LIMIT = """
import resource
resource.setrlimit(resource.RLIMIT_DATA, (100 << 20, 100 << 20))
from mentormatch.sheets.checking import check
from mentormatch.sheets.reading import read
from mentormatch.sheets.recognition import recognise
data = bytearray("氏名,メール,区分,目標\\n".encode())
for number in range(100_000):
    data += f"山田 太郎,p{number}@example.ac.jp,学生,{'目標です' * 10}\\n".encode()
sheet = read(bytes(data), "people.csv")
del data
result = check(sheet, recognise(sheet))
print(result.counts.add, sum(1 for row in result.rows()))
"""


def data_of(rows: int) -> bytes:
    """Return a sheet whose rows hold 4,000 bytes each."""
    lines = (f"山田 太郎,person{number:06}@example.ac.jp,学生,{number}{'目標' * 650}" for number in range(rows))
    return "\r\n".join(("氏名,メール,区分,目標", *lines)).encode()


def peak_of(rows: int) -> int:
    """Return the most bytes that reading and checking so many rows holds at a time, beside the file itself."""
    data = data_of(rows)
    gc.collect()
    tracemalloc.start()
    sheet = read(data, "people.csv")
    result = check(sheet, recognise(sheet))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert result.counts == Counts(add=rows)
    return peak


def test_what_is_kept_does_not_grow_with_what_the_rows_hold() -> None:
    assert peak_of(1_500) - peak_of(500) < 1_000 * BYTES_PER_ROW


def test_rows_pass_by_one_at_a_time() -> None:
    sheet = read(data_of(500), "people.csv")
    rows = check(sheet, recognise(sheet)).rows()
    for _ in range(300):
        next(rows)
    assert sum(isinstance(thing, Draft) for thing in gc.get_objects()) <= 2


@pytest.mark.skipif(sys.platform != "linux", reason="needs Linux's limit on the data of a process")
def test_100_000_rows_are_read_and_checked_twice_in_100_megabytes() -> None:
    # The file itself is 17 MB of it.
    done = subprocess.run([sys.executable, "-c", UNDER_A_LIMIT], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("100000 100000\n", "")


def test_a_sheet_where_every_row_is_wrong_keeps_samples_only() -> None:
    lines = ["氏名,メール,区分", *(f"山田 太郎,山田{number},学生" for number in range(20_000))]
    sheet = read("\n".join(lines).encode(), "people.csv")
    (group,) = check(sheet, recognise(sheet).with_fields({1: "email"})).problems
    assert (group.code, group.count, len(group.rows), len(group.numbers)) == ("email_letters", 20_000, 200, 20_000)
