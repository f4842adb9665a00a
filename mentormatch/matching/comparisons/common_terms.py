"""What two texts have in common, in words that a person can read: for explanations only, not for scores."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from mentormatch.matching.comparisons.words import CONCEPT_MARK, Analyse, Term, readable, terms_at

_SENTENCE_END = re.compile(r"(?<=[。．！？!?])|(?<=\.)\s|\n")
_EDGES = re.compile(r"^[\u3041-\u3096ー]+|[\u3041-\u3096]+$")
_LONGEST_EXCERPT = 120


def common_terms(
    left: str, right: str, weights: Mapping[str, float], analyse: Analyse = terms_at
) -> list[tuple[str, float]]:
    """Return (term as `left` writes it, weight), heaviest first; overlapping n-grams are joined to what they spell.

    `weights` holds the inverse document frequency of each term, `analyse` takes the texts apart.
    """
    left, right = readable(left), readable(right)
    other = {term.name for term in analyse(right)}
    common = [term for term in analyse(left) if term.name in other]
    found: dict[str, float] = defaultdict(float)
    spelled: dict[str, str] = {}
    for term in common:
        if term.name.startswith(CONCEPT_MARK):
            spelled.setdefault(term.written.casefold(), term.written)
            found[term.written.casefold()] = weights.get(term.name, 0)
    for start, end, names in _joined(term for term in common if not term.name.startswith(CONCEPT_MARK)):
        written = left[start:end]
        if analyse is terms_at and not written.isascii():  # n-grams spell no words
            written = _EDGES.sub("", _longest_in(written, right))
        if len(written) > 1:
            spelled.setdefault(written.casefold(), written)
            found[written.casefold()] = max(found[written.casefold()], sum(weights.get(name, 0) for name in names))
    ranked = sorted(found.items(), key=lambda item: (-item[1], item[0]))
    return [(spelled[name], weight) for name, weight in ranked if weight > 0]


def strongest_terms(
    pairs: Sequence[tuple[str, str]], weights: Mapping[str, float], analyse: Analyse = terms_at
) -> list[str]:
    """Return the common terms of several pairs of texts, heaviest first, without those that a longer one holds."""
    found: dict[str, float] = {}
    for left, right in pairs:
        for term, weight in common_terms(left, right, weights, analyse):
            found[term] = max(weight, found.get(term, 0.0))
    ranked = sorted(found, key=lambda term: (-found[term], term))
    return [
        term for term in ranked if not any(term != other and term.casefold() in other.casefold() for other in found)
    ]


def _joined(common: Iterator[Term]) -> Iterator[tuple[int, int, list[str]]]:
    """Yield places where common terms overlap, with the names of the terms there."""
    start = end = -1
    names: list[str] = []
    for term in sorted(common, key=lambda term: (term.start, term.end)):
        if term.start < end:
            end = max(end, term.end)
        else:
            if names:
                yield start, end, names
            start, end, names = term.start, term.end, []
        names.append(term.name)
    if names:
        yield start, end, names


def _longest_in(written: str, text: str) -> str:
    """Return the longest part of `written` that occurs in `text`; the first of equals."""
    for size in range(len(written), 0, -1):
        for start in range(len(written) - size + 1):
            if written[start : start + size] in text:
                return written[start : start + size]
    return ""


def excerpt(text: str, other: str, weights: Mapping[str, float], analyse: Analyse = terms_at) -> str:
    """Return the sentence of `text` that has most in common with `other`, at most 120 characters."""
    sentences = [part.strip() for part in _SENTENCE_END.split(text) if part.strip()] or [text.strip()]
    names = {term.name for term in analyse(readable(other))}

    def weight(sentence: str) -> float:
        return sum(weights.get(name, 0) for name in {term.name for term in analyse(readable(sentence))} & names)

    best = max(sentences, key=weight)
    return best if len(best) <= _LONGEST_EXCERPT else best[: _LONGEST_EXCERPT - 1].rstrip() + "…"
