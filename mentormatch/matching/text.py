"""Texts: TF-IDF over words and character n-grams; a person's texts are compared one by one and the best few pooled."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from sklearn.feature_extraction.text import CountVectorizer, TfidfTransformer

from mentormatch.matching.blocks import Index
from mentormatch.matching.common_terms import common_terms, excerpt
from mentormatch.matching.comparison import FULL, Closeness, Comparison, Shared, Words
from mentormatch.matching.incidence import product
from mentormatch.matching.values import Row, texts_of
from mentormatch.matching.words import terms

_GRAIN = 1024
"""Vectors are rounded to multiples of 1/1024, so that products are exact integers."""

_HALF = 0.04
"""Similarity that gives half of the closeness; texts by different people on one subject seldom reach 0.2."""

_SHORT = 0.5
"""Texts whose squared length is below this part of the mean are short."""


class _Text(NamedTuple):
    field: str
    text: str


class TextSimilarity(Comparison):
    """Closeness of what people wrote: the mean of the `best` most similar pairs of texts.

    Similarity s of two texts is the product of their TF-IDF vectors (sublinear counts, ``1 + log(count)``, smoothed
    inverse document frequencies over all texts) divided by their lengths: the cosine; a short text is divided by more
    than its length, lest two words be fully alike for sharing one. Closeness is ``1.04 s / (s + 0.04)`` of the mean:
    it spreads the low values that texts by different people have, and keeps their order.
    """

    def __init__(self, intern_fields: tuple[str, ...] = (), host_fields: tuple[str, ...] = (), best: int = 3) -> None:
        self.intern_fields = intern_fields
        self.host_fields = host_fields
        self.best = best

    def _learn(self, interns: Sequence[Row], hosts: Sequence[Row]) -> tuple[list[bool], list[bool]]:
        self.intern_texts_ = [_texts(row, self.intern_fields) for row in interns]
        self.host_texts_ = [_texts(row, self.host_fields) for row in hosts]
        texts = [entry.text for person in (*self.intern_texts_, *self.host_texts_) for entry in person]
        self.weights_: dict[str, float] = {}
        vectors = self._vectors(texts)
        here = sum(map(len, self.intern_texts_))
        used = np.flatnonzero((_occurs(vectors[:here]) > 0) & (_occurs(vectors[here:]) > 0))
        vectors = vectors[:, used]
        self.intern_slots_ = _slots(vectors[:here], self.intern_texts_)
        self.host_slots_ = _slots(vectors[here:], self.host_texts_)
        self.intern_counts_ = np.array([len(person) for person in self.intern_texts_], np.int32)
        self.host_counts_ = np.array([len(person) for person in self.host_texts_], np.int32)
        return [bool(person) for person in self.intern_texts_], [bool(person) for person in self.host_texts_]

    def _vectors(self, texts: Sequence[str]) -> csr_array:
        """Return one row per text: its TF-IDF vector divided by its length, in multiples of ``1 / _GRAIN``."""
        counter = CountVectorizer(analyzer=terms, dtype=np.int32)
        try:
            counts = csr_array(counter.fit_transform(texts))
        except ValueError:  # no text, or none with a single term
            return csr_array((len(texts), 0), dtype=np.int32)
        counts.sort_indices()
        weigher = TfidfTransformer(norm=None, sublinear_tf=True)
        vectors = csr_array(weigher.fit_transform(counts))
        self.weights_ = dict(zip(counter.get_feature_names_out().tolist(), weigher.idf_.tolist(), strict=True))
        squares = np.asarray(vectors.power(2).sum(axis=1))
        lengths = np.repeat(np.sqrt(np.maximum(squares, _SHORT * squares.mean())), np.diff(vectors.indptr))
        values = np.rint(_GRAIN * vectors.data / lengths).astype(np.int32)
        return csr_array((values, vectors.indices, vectors.indptr), vectors.shape)

    def _block(self, rows: Index, columns: Index) -> Closeness:
        counts = self.intern_counts_[rows][:, None] * self.host_counts_[columns][None, :]
        best = [np.zeros(counts.shape, np.int32) for _ in range(int(self.best))]
        for mine in self.intern_slots_:
            for theirs in self.host_slots_:
                new = product(mine, theirs, rows, columns)
                for rank, old in enumerate(best):
                    best[rank], new = np.maximum(old, new), np.minimum(old, new)
        pooled = np.clip(counts, 1, int(self.best))
        cosine = sum(best) / (pooled * (_GRAIN * _GRAIN))
        closeness: Closeness = np.rint(FULL * (1 + _HALF) * cosine / (cosine + _HALF)).astype(np.int32)
        return np.minimum(closeness, FULL)

    def shared(self, row: int, column: int) -> Shared:
        """Return the strongest common terms, and of the most similar texts the sentences that hold them."""
        mine, theirs = self.intern_texts_[row], self.host_texts_[column]
        ranked = sorted(
            (-self._cosine(row, column, left, right), left, right)
            for left in range(len(mine))
            for right in range(len(theirs))
        )[: int(self.best)]
        pairs = [(mine[left], theirs[right]) for product_, left, right in ranked if product_ < 0]
        strongest: dict[str, float] = {}
        for left, right in pairs:
            for term, weight in common_terms(left.text, right.text, self.weights_):
                strongest[term] = max(weight, strongest.get(term, 0.0))
        return Shared(
            terms=tuple(sorted(strongest, key=lambda term: (-strongest[term], term))[:6]),
            intern_words=self._words([(left, right.text) for left, right in pairs] or [(t, "") for t in mine[:1]]),
            host_words=self._words([(right, left.text) for left, right in pairs] or [(t, "") for t in theirs[:1]]),
        )

    def _cosine(self, row: int, column: int, left: int, right: int) -> int:
        mine, theirs = self.intern_slots_[left], self.host_slots_[right]
        return int(product(mine, theirs, slice(row, row + 1), slice(column, column + 1))[0, 0])

    def _words(self, texts: Sequence[tuple[_Text, str]]) -> tuple[Words, ...]:
        words: dict[str, Words] = {}
        for entry, other in texts:
            words.setdefault(entry.field, Words(entry.field, excerpt(entry.text, other, self.weights_)))
        return tuple(words.values())


def _texts(row: Row, fields: Sequence[str]) -> list[_Text]:
    return [_Text(field, text) for field in fields for text in texts_of(row, field) if re.search(r"\w", text)]


def _occurs(vectors: csr_array) -> NDArray[np.int64]:
    return np.bincount(vectors.indices, minlength=vectors.shape[1])


def _slots(vectors: csr_array, people: Sequence[Sequence[_Text]]) -> list[csr_array]:
    """Return one matrix people x terms for each person's first text, one for the second, and so on."""
    starts = np.cumsum([0, *map(len, people)])
    lengths = np.diff(starts)
    slots = []
    for slot in range(int(lengths.max(initial=0))):
        has = np.flatnonzero(lengths > slot)
        chosen = vectors[starts[has] + slot]
        pointers = np.zeros(len(people) + 1, np.int64)
        pointers[has + 1] = np.diff(chosen.indptr)
        slots.append(csr_array((chosen.data, chosen.indices, np.cumsum(pointers)), (len(people), vectors.shape[1])))
    return slots
