"""From written language to terms: words of spaced scripts, character n-grams of Chinese, Japanese and Korean."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import NamedTuple, TypeAlias

from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

from mentormatch.matching.comparisons.concepts import concept_named, concepts_in, short_spelling
from mentormatch.matching.comparisons.everyday import EVERYDAY_ENGLISH, EVERYDAY_JAPANESE
from mentormatch.matching.comparisons.morphemes import morphemes

_CJK = r"\u3041-\u3096\u30a1-\u30fa\u30fc\u3005\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\U00020000-\U0003ffff"
_RUNS = re.compile(
    r"(?P<kanji>[\u3005\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003ffff]+)|(?P<katakana>[\u30a1-\u30fa\u30fc]+)"
    rf"|(?P<hangul>[\uac00-\ud7a3]+)|(?P<word>(?:(?![{_CJK}])[^\W_])+[+#]*)|(?P<stop>[.!?。！？\n])"
)
_IN_JAPANESE = re.compile("[\u3041-\u3096\u30a1-\u30fa\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003ffff]")
_INFLECTED = re.compile(r"[\u3041-\u3096](?<![をはがにのとでもへや])")
_PART_SEPARATORS = re.compile(r"[・/／&＆+]|\band\b")
_SPACES = re.compile(r"\s+")

CONCEPT_MARK = "="
"""Begins the name of a term that stands for a concept, whatever its language."""

_GRAM = 3


class Term(NamedTuple):
    """One term of a text: what is compared, how it was written, and where it starts and ends in the text."""

    name: str
    written: str
    start: int
    end: int


Analyse: TypeAlias = Callable[[str], Iterator[Term]]
"""Takes a `readable` text apart."""


def readable(text: str) -> str:
    """Return `text` in compatibility form (NFKC): full-width letters and half-width kana are the ordinary ones."""
    return unicodedata.normalize("NFKC", text)


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


def _cuts(script: str, length: int) -> Iterator[tuple[int, int]]:
    """Yield where a run of one script is cut into n-grams.

    Kanji: the whole run and pairs, and a run of even length falls into words of two, as 個人・事業 does, never 人事.
    Katakana: the whole run, which is a word or a compound of words, and triples. Hangul: pairs.
    """
    if script == "kanji":
        step = 1 if length % 2 else 2
        yield from ((start, start + 2) for start in range(0, length - 1, step))
    elif script == "katakana":
        yield from ((start, start + _GRAM) for start in range(length - _GRAM + 1) if length > _GRAM)
    else:
        yield from ((start, start + 2) for start in range(length - 1))
    if length != 2 or script == "katakana":  # noqa: PLR2004  two kanji are a pair already
        yield 0, length


def _gram_terms(text: str, script: str, start: int, end: int) -> Iterator[Term]:
    if script == "kanji" and end - start == 1 and _INFLECTED.match(text, end):
        return  # 見る, 考え: a verb alone tells no subject
    if script == "katakana":
        end = start + len(short_spelling(text[start:end]))
    for left, right in _cuts(script, end - start):
        gram = text[start + left : start + right]
        if gram not in EVERYDAY_JAPANESE:
            yield Term(gram, gram, start + left, start + right)


_STOP_STEMS = frozenset(map(stem, (*ENGLISH_STOP_WORDS, *EVERYDAY_ENGLISH)))


def terms_at(text: str) -> Iterator[Term]:
    """Yield the terms of a `readable` text with their places.

    Terms are the stems of words and pairs of them, character n-grams of Chinese, Japanese and Korean, and the concepts
    that the text names, which are the same in every language. Hiragana is grammar for the most part and left out.
    """
    yield from _terms(text, lambda run: _gram_terms(text, str(run.lastgroup), run.start(), run.end()))


def terms_with_morphemes(text: str) -> Iterator[Term]:
    """Yield the same terms, but of Japanese the words that SudachiPy finds instead of character n-grams."""
    yield from _terms(text, lambda run: _gram_terms(text, "hangul", *run.span()) if run.lastgroup == "hangul" else ())
    for name, start, end in morphemes(text):
        if _IN_JAPANESE.search(text, start, end) and name not in EVERYDAY_JAPANESE:
            yield Term(name, text[start:end], start, end)


ANALYSES: Mapping[str, Analyse] = MappingProxyType({"grams": terms_at, "sudachi": terms_with_morphemes})
"""How texts are taken apart, by the name of the option."""


def _terms(text: str, grams: Callable[[re.Match[str]], Iterable[Term]]) -> Iterator[Term]:
    previous: Term | None = None
    for run in _RUNS.finditer(text):
        if run.lastgroup != "word":
            previous = None
            if run.lastgroup != "stop":
                yield from grams(run)
            continue
        word = stem(run.group().casefold())
        if word in _STOP_STEMS or word.isdecimal() or (len(word) == 1 and word.isalnum()):
            continue
        term = Term(word, run.group(), run.start(), run.end())
        yield term
        if previous is not None:
            yield Term(f"{previous.name} {term.name}", text[previous.start : term.end], previous.start, term.end)
        previous = term
    for key, start, end in concepts_in(text):
        yield Term(CONCEPT_MARK + key, text[start:end], start, end)


def terms(text: str, analyse: Analyse = terms_at) -> list[str]:
    """Return the names of the terms of any text, as a vectoriser counts them."""
    return [term.name for term in analyse(readable(text))]


def _fold(part: str) -> str:
    words = _SPACES.split(short_spelling(part).strip(" 　.。()（）「」\"'").casefold())
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
            found.add(CONCEPT_MARK + concept)
            continue
        found.update(CONCEPT_MARK + key for key, _, _ in concepts_in(part))
        found.add(_fold(part))
    return frozenset(found - {""})
