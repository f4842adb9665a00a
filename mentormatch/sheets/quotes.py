"""Where a text file's quotation marks go wrong: read by hand what the csv module could not."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(slots=True)
class Stop:
    """The cell in which reading stops.

    `line` (from 0) is where its quotation mark stands, None if it has none; `column` counts from 0; `lines` and
    `length` are what it holds until then.
    """

    line: int | None = None
    column: int = 0
    lines: int = 1
    length: int = 0
    _state: str = "start"  # of the cell; then plain, quoted, or after: behind a mark that may close

    def take(self, character: str, number: int, delimiter: str) -> bool:
        """Take one character of the line `number`; return False where the csv module gives up."""
        self.length += 1
        if self._state == "quoted":
            self._state = "after" if character == '"' else "quoted"
        elif character == delimiter:
            self.line, self.column, self.lines, self.length, self._state = None, self.column + 1, 1, 0, "start"
        elif self._state == "after":
            self._state = "quoted" if character == '"' else "plain"
            return character in '"\r\n'
        elif self._state == "start" and character == '"':
            self.line, self._state = number, "quoted"
        else:
            self._state = "plain"
        return True

    @property
    def is_open(self) -> bool:
        """Whether a line break now belongs to the cell."""
        return self._state == "quoted"


def stop_of(lines: Iterable[str], delimiter: str, longest: int, wanted: int | None = None) -> Stop:
    """Return where reading one record from `lines` stops: a misplaced mark, a cell longer than `longest`, the end.

    With `wanted` it stops where the quotation mark of that column opens.
    """
    stop = Stop()
    for number, line in enumerate(lines):
        for character in line:
            if not stop.take(character, number, delimiter) or stop.length > longest:
                return stop
            if stop.column == wanted and stop.line is not None:
                return stop
        if not stop.is_open:
            break
        stop.lines += 1
    return stop
