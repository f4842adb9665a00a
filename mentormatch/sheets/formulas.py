"""A cell that a spreadsheet program would run as a formula is written as text, and read back as it was."""

from __future__ import annotations

import re

_FORMULA = re.compile(r"""["'“”‘’;；,，\s]*[=+\-@＝＋－＠\t\r\n]""")


def guarded(text: str) -> str:
    """Return `text` with an apostrophe before what a spreadsheet program might take for a formula.

    That is what begins with ``= + - @``, full-width ones too, TAB, CR or LF, also after quotation marks, separators or
    blanks.
    """
    return "'" + text if _FORMULA.match(text) else text


def unguarded(text: str) -> str:
    """Return what `guarded` was given, for every text."""
    return text[1:] if text.startswith("'") and _FORMULA.match(text, 1) else text
