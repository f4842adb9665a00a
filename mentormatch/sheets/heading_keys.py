"""From a heading as someone typed it to the field it names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import chain
from types import MappingProxyType

from mentormatch.core.fields import FIELDS
from mentormatch.sheets.characters import plain, to_katakana
from mentormatch.sheets.headings import HEADINGS, OTHERS

_REQUIREMENT = re.compile(
    r"[(\[【<《]?\s*[※*]?\s*(?:必須|任意|必ず記入|required|optional|mandatory)(?:項目)?\s*[)\]】>》]?|^[※*]|\s*※.*$|\*+$",
    re.DOTALL,
)
_EXAMPLE = re.compile(r"[(\[【]?\s*(?:例|記入例|e\.g\.|ex\.|example)\s*[:)：].*$", re.DOTALL)
_NUMBERING = re.compile(r"^(?:q|問|設問|質問|no\.?)?\s*\d+(?:[-.]\d+)?\s*[.．:：)）、,\s]\s*|^\d{1,2}(?=[^\d年月日.])")
_BRACKETS = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|【[^【】]*】|<[^<>]*>|〔[^〔〕]*〕|「[^「」]*」")
_SIGNS = re.compile(r"[\W_]+")
_RANK = re.compile(r"^第?[1-9一二三]志望|^第[1-9一二三]希望|[#＃]?\d{1,2}$")
_SCRIPTS = re.compile(r"[a-z][a-z0-9 '&.,()/_-]*|[^\x00-\x7f]+(?:\s*[^\x00-\x7f]+)*")
_POLITE = re.compile(
    r"^(?:あなたの|ご自身の|your )|"
    r"(?:を|は|について)?(?:教えて|選択|お書き|ご?記入|ご?入力|記載)(?:して)?(?:ください|下さい)?$"
)
_SHORTEST_INSIDE = (2, 4)  # characters: of Japanese, of Latin letters
_QUESTION_LENGTH = 120


def key(text: str) -> str:
    """Return the form in which headings are compared: NFKC, case folded, katakana, letters and digits alone."""
    return _SIGNS.sub("", to_katakana(plain(text)).casefold())


def _named_fields() -> MappingProxyType[str, str]:
    """Return heading key → field key; labels win over synonyms, synonyms over keys, earlier fields over later ones."""
    labels = ((name, field.key) for field in FIELDS for name in (field.label.en, field.label.ja))
    synonyms = ((name, field_key) for field_key, names in HEADINGS.items() for name in names)
    keys = ((field.key, field.key) for field in FIELDS)
    found: dict[str, str] = {}
    for name, field_key in chain(labels, synonyms, keys):
        found.setdefault(key(name), field_key)
    return MappingProxyType(found)


_FIELDS = _named_fields()
_OTHERS = tuple(key(word) for word in OTHERS)


def exact(heading: str) -> str | None:
    """Return the field that `heading` names, whatever its marks, numbering, brackets or second language; else None."""
    return next((_FIELDS[form] for form in _forms(heading) if form in _FIELDS), None)


def inside(heading: str) -> str | None:
    """Return the field whose longest name stands inside `heading`, such as a question of a survey; else None."""
    form = key(heading[:_QUESTION_LENGTH])
    if is_about_others(form):
        return None
    names = [name for name in _FIELDS if name in form and len(name) >= _SHORTEST_INSIDE[name.isascii()]]
    return _FIELDS[max(names, key=len)] if names else None


def recognised(headings: Iterable[str]) -> int:
    """Return how many different fields these headings name exactly."""
    return len({field for heading in headings if heading and (field := exact(heading))})


def is_ranked(heading: str) -> bool:
    """Say whether `heading` is one of a numbered series: 業界1, 第二希望業界, Skill 3."""
    return _RANK.search(plain(heading).casefold()) is not None


def is_about_others(form: str) -> bool:
    """Say whether the heading of this key speaks of something that is no field of ours."""
    return any(word in form for word in _OTHERS)


def _forms(heading: str) -> Iterator[str]:
    """Yield the keys under which a heading may be known, the most faithful first."""
    if len(heading) > _QUESTION_LENGTH:
        return
    whole = key(heading)
    yield whole
    if is_about_others(whole):
        return
    text = plain(heading).casefold()
    bare = _EXAMPLE.sub("", _REQUIREMENT.sub("", text)).strip()
    yield key(bare)
    bare = _NUMBERING.sub("", bare)
    yield key(bare)
    bare = _POLITE.sub("", bare).strip()
    yield key(bare)
    without = _BRACKETS.sub("", bare)
    yield key(without)
    yield key(_RANK.sub("", without))
    levels = [line for line in heading.split("\n") if line.strip()]
    if len(levels) > 1:
        yield from (key(level) for level in reversed(levels))
    for part in re.split(r"\s*[/|]\s*", without):
        yield key(part)
    if not without.isascii():
        yield from (key(part) for part in _SCRIPTS.findall(without))
