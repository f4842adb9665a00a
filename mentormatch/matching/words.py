"""From written language to terms: words of spaced scripts, character n-grams of Chinese, Japanese and Korean."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

from mentormatch.matching.concepts import concept_named, concepts_in

_CJK = r"\u3041-\u3096\u30a1-\u30fa\u30fc\u3005\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\U00020000-\U0003ffff"
_RUNS = re.compile(rf"(?P<cjk>[{_CJK}]+)|(?P<word>(?:(?![{_CJK}])[^\W_])+[+#]*)|(?P<stop>[.!?。！？\n])")
_HIRAGANA = re.compile(r"[\u3041-\u3096]+")
_FINAL_LONG_VOWEL = re.compile(r"(?<=[ァ-ヺ]{2})ー(?![ァ-ヺー])")
_PART_SEPARATORS = re.compile(r"[・/／&＆+]|\band\b")
_SPACES = re.compile(r"\s+")

_SHORTEST_GRAM, _LONGEST_GRAM = 2, 3
_CONCEPT_MARK = "="

_FUNCTION_PHRASES = (
    "ています ていました でした でしょう しました したいです ことができる ことがあります ようにする ために ための "
    "について として において によって から まで など これ それ あれ どのように どんな ような という といった "
    "したいと思います と考えています してみたい していきたい してください されている させていただ できます "
    "ましたが ですが だけで ではなく よりも である であり があり がある とても たくさん いろいろ さまざまな "
    "のは のが のを のに ので のと のも には では とは への でも ても たり なり なる くる いく みる ある いる する"
)


def _grams(text: str) -> Iterator[str]:
    for size in range(_SHORTEST_GRAM, _LONGEST_GRAM + 1):
        for start in range(len(text) - size + 1):
            yield text[start : start + size]


_FUNCTION_GRAMS = frozenset(gram for phrase in _FUNCTION_PHRASES.split() for gram in _grams(phrase))
"""N-grams of grammar, not of content."""


class Term(NamedTuple):
    """One term of a text: what is compared, how it was written, and where it starts and ends in the text."""

    name: str
    written: str
    start: int
    end: int


def readable(text: str) -> str:
    """Return `text` in compatibility form (NFKC) with the optional final ー of katakana words left out."""
    return _FINAL_LONG_VOWEL.sub("", unicodedata.normalize("NFKC", text))


@lru_cache(maxsize=1 << 16)
def stem(word: str) -> str:
    """Return a lower-case English word without its plural, -ing, -ed or final e; other words as they are.

    A light stemmer in the manner of Harman's "How effective is suffixing?" (1991): it joins the forms that people
    write in profiles and leaves longer derivations apart.
    """
    if len(word) <= 3 or not word.isascii():  # noqa: PLR2004  three letters have nothing to lose
        return word
    if word.endswith("ies"):
        return word[:-3] + "y"
    if word.endswith("s") and not word.endswith(("ss", "us", "is")):
        word = word[:-2] if word.endswith(("sses", "ches", "shes", "xes")) else word[:-1]
    for suffix in ("ing", "ed"):
        root = word.removesuffix(suffix)
        if root != word and len(root) >= 3 and re.search("[aeiouy]", root):  # noqa: PLR2004  "sing" is no form of "s"
            doubled = root[-1] == root[-2] and root[-1] not in "lsz"
            return root[:-1] if doubled else root.removesuffix("e")
    return word.removesuffix("e")


def _is_grammar(gram: str) -> bool:
    return gram in _FUNCTION_GRAMS or (len(gram) == _SHORTEST_GRAM and _HIRAGANA.fullmatch(gram) is not None)


def _gram_terms(run: str, offset: int) -> Iterator[Term]:
    if len(run) == 1:
        if not _HIRAGANA.fullmatch(run):
            yield Term(run, run, offset, offset + 1)
        return
    for size in range(_SHORTEST_GRAM, min(_LONGEST_GRAM, len(run)) + 1):
        for start in range(len(run) - size + 1):
            gram = run[start : start + size]
            if not _is_grammar(gram):
                yield Term(gram, gram, offset + start, offset + start + size)


def terms_at(text: str) -> Iterator[Term]:
    """Yield the terms of a `readable` text with their places: word stems and pairs of them, character n-grams."""
    previous: Term | None = None
    for run in _RUNS.finditer(text):
        start = run.start()
        if run.lastgroup != "word":
            previous = None
            if run.lastgroup == "cjk":
                yield from _gram_terms(run.group(), start)
            continue
        word = run.group().casefold()
        if word in ENGLISH_STOP_WORDS or (len(word) == 1 and word.isalnum()):
            continue
        term = Term(stem(word), run.group(), start, run.end())
        yield term
        if previous is not None:
            yield Term(f"{previous.name} {term.name}", text[previous.start : term.end], previous.start, term.end)
        previous = term


def terms(text: str) -> list[str]:
    """Return the terms of a text as a vectoriser counts them: those of `terms_at` and the concepts it names."""
    text = readable(text)
    return [term.name for term in terms_at(text)] + [_CONCEPT_MARK + key for key in concepts_in(text)]


def _fold(part: str) -> str:
    words = _SPACES.split(part.strip(" 　.。()（）「」\"'").casefold())
    return " ".join(stem(word) for word in words)


@lru_cache(maxsize=1 << 16)
def atoms(tag: str) -> frozenset[str]:
    """Return what a tag stands for; two tags match when they have an atom in common.

    The whole tag and each of its parts (「AI・機械学習」 has two) are atoms, folded in width, case and plural;
    a part that is or clearly contains a concept stands for that concept in every language.
    """
    text = readable(tag)
    parts = _PART_SEPARATORS.split(text)
    if any(len(part.strip()) <= 1 for part in parts):  # R&D, C++, Q&A are not lists
        parts = []
    found: set[str] = set()
    for part in (text, *parts):
        concept = concept_named(part.strip())
        if concept is not None:
            found.add(_CONCEPT_MARK + concept)
            continue
        found.update(_CONCEPT_MARK + key for key in concepts_in(part))
        found.add(_fold(part))
    return frozenset(found - {""})
