"""Free time: how many minutes of the week two people share."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from mentormatch.matching.comparisons.comparison import FULL, Closeness, Comparison, Shared, Words
from mentormatch.matching.solver.blocks import Index
from mentormatch.matching.values import Row, Window, hours_of, joined

_MINUTES_PER_DAY = 1440


def free_windows(row: Row, fields: Iterable[str]) -> tuple[Window, ...]:
    """Return a person's windows of all `fields`, joined."""
    return joined(window for field in fields for window in hours_of(row, field))


def common_windows(left: Sequence[Window], right: Sequence[Window]) -> tuple[Window, ...]:
    """Return the windows in which both are free."""
    pairs = ((mine, theirs) for mine in left for theirs in right if mine[0] == theirs[0])
    cuts = ((mine[0], max(mine[1], theirs[1]), min(mine[2], theirs[2])) for mine, theirs in pairs)
    return tuple(sorted(cut for cut in cuts if cut[1] < cut[2]))


def minutes_of(windows: Iterable[Window]) -> int:
    """Return the length of all windows together, in minutes."""
    return sum(end - start for _, start, end in windows)


class WeekOverlap:
    """Minutes of common free time for blocks of pairs.

    The week is cut at every minute at which somebody's window starts or ends. Between two cuts everybody is free or
    not, so that the overlap is a product of small integers, exact in float32 (10,080 minutes).
    """

    def __init__(self, interns: Sequence[Sequence[Window]], hosts: Sequence[Sequence[Window]]) -> None:
        ends = {moment for windows in (*interns, *hosts) for window in windows for moment in _moments(window)}
        cuts = np.array(sorted(ends), np.int64)
        lengths = np.diff(cuts)
        self._interns = _free(interns, cuts) * lengths.astype(np.float32)
        self._hosts = _free(hosts, cuts)

    def minutes(self, rows: Index, columns: Index) -> NDArray[np.int32]:
        """Return the common minutes of each pair of the block."""
        return (self._interns[rows] @ self._hosts[columns].T).astype(np.int32)


def _moments(window: Window) -> tuple[int, int]:
    day, start, end = window
    return day * _MINUTES_PER_DAY + start, day * _MINUTES_PER_DAY + end


def _free(people: Sequence[Sequence[Window]], cuts: NDArray[np.int64]) -> NDArray[np.float32]:
    table = np.zeros((len(people), max(0, cuts.size - 1)), np.float32)
    for position, windows in enumerate(people):
        for window in windows:
            start, end = np.searchsorted(cuts, _moments(window))
            table[position, start:end] = 1
    return table


class FreeTime(Comparison):
    """Closeness = common minutes of a week / `enough` minutes, at most 1."""

    def __init__(
        self, intern_fields: tuple[str, ...] = (), host_fields: tuple[str, ...] = (), enough: int = 120
    ) -> None:
        self.intern_fields = intern_fields
        self.host_fields = host_fields
        self.enough = enough

    def _learn(self, interns: Sequence[Row], hosts: Sequence[Row]) -> tuple[list[bool], list[bool]]:
        self.intern_windows_ = [free_windows(row, self.intern_fields) for row in interns]
        self.host_windows_ = [free_windows(row, self.host_fields) for row in hosts]
        self.overlap_ = WeekOverlap(self.intern_windows_, self.host_windows_)
        return [bool(windows) for windows in self.intern_windows_], [bool(windows) for windows in self.host_windows_]

    def _block(self, rows: Index, columns: Index) -> Closeness:
        enough = int(self.enough)
        minutes = np.minimum(self.overlap_.minutes(rows, columns), enough)
        return ((2 * FULL * minutes + enough) // (2 * enough)).astype(np.int32)

    def shared(self, row: int, column: int) -> Shared:
        """Return the common windows and their minutes."""
        mine, theirs = self.intern_windows_[row], self.host_windows_[column]
        windows = common_windows(mine, theirs)
        return Shared(
            windows=windows,
            minutes=minutes_of(windows),
            intern_words=_words(self.intern_fields, mine),
            host_words=_words(self.host_fields, theirs),
        )


def _words(fields: tuple[str, ...], windows: Sequence[Window]) -> tuple[Words, ...]:
    return (Words(fields[0], [list(window) for window in windows]),) if windows else ()
