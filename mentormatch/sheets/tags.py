"""Cells that hold several short answers."""

from __future__ import annotations

import re

from mentormatch.sheets.characters import folded, is_nothing, plain, trimmed

_OPENING, _CLOSING = "(（[［〔【「『<", ")）]］〕】」』>"
_SEPARATORS = frozenset("、,，;；／|｜\n\t")
_BULLET = re.compile(r"^(?:[・●○◯■□◆◇▪•※*★☆✓→>]|[-–—](?=\s)|\d{1,2}[.)）．](?=\D)|[①-⑳])\s*")
_TAIL = re.compile(r"(?:\s*(?:など|等々|ほか|etc\.?|and so on))?[。.]?$", re.IGNORECASE)
_SHORT_TOKEN = re.compile(r"[A-Z0-9]{1,4}")
_LIST_OF_DOTS = 2


def tags(text: str) -> list[str]:
    """Return the tags of a cell in their order, without repetitions.

    Separators are 、 , ; ／ | TAB and line breaks, outside brackets, and two more with care:

    - ``/`` separates unless both neighbours are short capitals, as in ``UI/UX`` and ``B2B/B2C``;
    - ``・`` separates only in a cell with no other separator and at least two of it: ``商社・金融・IT`` is a list,
      while ``AI・機械学習`` is one tag, as is every ``・`` beside another separator (``AI・機械学習、統計``).
    """
    text = trimmed(text)
    if is_nothing(text):
        return []
    pieces = _split(text)
    if pieces == [text] and text.lstrip("・").count("・") >= _LIST_OF_DOTS:
        pieces = text.split("・")
    found: dict[str, str] = {}
    for piece in pieces:
        tag = plain(_TAIL.sub("", _BULLET.sub("", " ".join(piece.split()))))
        if tag and not is_nothing(tag):
            found.setdefault(folded(tag), tag)
    return list(found.values())


def _split(text: str) -> list[str]:
    pieces: list[str] = []
    start = depth = 0
    for index, character in enumerate(text):
        if character in _OPENING:
            depth += 1
        elif character in _CLOSING:
            depth = max(0, depth - 1)
        elif (depth == 0 or character == "\n") and (
            character in _SEPARATORS or (character == "/" and not _joins(text, index))
        ):
            pieces.append(text[start:index])
            start, depth = index + 1, 0
    pieces.append(text[start:])
    return [piece for piece in pieces if piece.strip()]


def _joins(text: str, index: int) -> bool:
    """Say whether the slash at `index` stands inside an abbreviation such as UI/UX."""
    before = re.split(r"[^A-Za-z0-9]", text[max(0, index - 12) : index])[-1]
    after = re.split(r"[^A-Za-z0-9]", text[index + 1 : index + 13])[0]
    return _SHORT_TOKEN.fullmatch(before) is not None and _SHORT_TOKEN.fullmatch(after) is not None
