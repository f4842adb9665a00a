"""Texts: TF-IDF over words and character n-grams; a person's texts are compared one by one, the best count most."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, vstack
from sklearn.feature_extraction.text import CountVectorizer, TfidfTransformer

from mentormatch.matching.comparisons.common_terms import excerpt, strongest_terms
from mentormatch.matching.comparisons.comparison import FULL, Closeness, Comparison, Shared, Words
from mentormatch.matching.comparisons.morphemes import check_installed
from mentormatch.matching.comparisons.words import ANALYSES, terms
from mentormatch.matching.solver.blocks import Index
from mentormatch.matching.solver.incidence import product
from mentormatch.matching.values import Row, texts_of

_GRAIN = 1024
"""Vectors are rounded to multiples of 1/1024, so that products are exact integers."""

_SATURATION = 1.2
"""Occurrences c of a term count ``2.2 c / (c + 1.2)``: BM25's saturation with its usual k1 (Robertson and Zaragoza, The
Probabilistic Relevance Framework, 2009, section 3.2). The length of a text is dealt with by its vector's length."""

_STEPS = 1 << 10
"""Weights of ranks are rounded to multiples of 1/1024, so that weighted sums are exact integers."""

_HALF = 0.02
"""Similarity that gives half of the closeness; means over the texts of different people seldom reach 0.1."""

_SHORT = 0.5
"""Texts whose squared length is below this part of the mean are short."""

_TOGETHER = 1 << 22
"""Pairs of texts that are held in memory at once: 16 MB."""

_MOST_TERMS = 6
_TOLD = 3
"""Pairs of texts from which an explanation takes its words."""


class _Text(NamedTuple):
    field: str
    text: str


class TextSimilarity(Comparison):
    """Closeness of what people wrote: a mean over all pairs of their texts in which the most similar count most.

    Similarity s of two texts is the product of their TF-IDF vectors (saturated counts, smoothed inverse document
    frequencies over all texts) divided by their lengths: the cosine; a short text is divided by more than its length,
    lest two words be fully alike for sharing one. The pair of texts of rank r = 0, 1, 2… has the weight ``fading ** r``
    in the mean. Closeness is ``1.02 s / (s + 0.02)`` of the mean: it spreads the low values that texts by different
    people have, and keeps their order.

    Parameters
    ----------
    intern_fields, host_fields:
        Fields whose texts are read, each list of texts one by one.
    fading:
        Weight of each pair of texts beside that of the next better pair: 0 takes the best pair alone, 1 the plain
        mean. The default was chosen on one subset of a gold standard and reported on others: `benchmarks.similarity`.
    japanese:
        How Japanese is cut: "grams", into n-grams of kanji and katakana, or "sudachi", into the normalised words that
        SudachiPy finds, which has to be installed.
    """

    def __init__(
        self,
        intern_fields: tuple[str, ...] = (),
        host_fields: tuple[str, ...] = (),
        fading: float = 0.9,
        japanese: str = "grams",
    ) -> None:
        self.intern_fields = intern_fields
        self.host_fields = host_fields
        self.fading = fading
        self.japanese = japanese

    def _learn(self, interns: Sequence[Row], hosts: Sequence[Row]) -> tuple[list[bool], list[bool]]:
        if self.japanese == "sudachi":
            check_installed()
        self.intern_texts_ = [_texts(row, self.intern_fields) for row in interns]
        self.host_texts_ = [_texts(row, self.host_fields) for row in hosts]
        texts = [entry.text for person in (*self.intern_texts_, *self.host_texts_) for entry in person]
        self.weights_: dict[str, float] = {}
        vectors = self._vectors(texts)
        here = sum(map(len, self.intern_texts_))
        used = np.flatnonzero((_occurs(vectors[:here]) > 0) & (_occurs(vectors[here:]) > 0))
        nothing = csr_array((1, used.size), dtype=np.int32)
        self.intern_vectors_ = vstack([vectors[:here, used], nothing], format="csr")
        self.host_vectors_ = vstack([vectors[here:, used], nothing], format="csr")
        self.intern_places_ = _places(self.intern_texts_)
        self.host_places_ = _places(self.host_texts_)
        return [bool(person) for person in self.intern_texts_], [bool(person) for person in self.host_texts_]

    def _vectors(self, texts: Sequence[str]) -> csr_array:
        """Return one row per text: its TF-IDF vector divided by its length, in multiples of ``1 / _GRAIN``."""
        counter = CountVectorizer(analyzer=partial(terms, analyse=ANALYSES[self.japanese]), dtype=np.int32)
        try:
            counts = csr_array(counter.fit_transform(texts))
        except ValueError:  # no text, or none with a single term
            return csr_array((len(texts), 0), dtype=np.int32)
        counts.sort_indices()
        weigher = TfidfTransformer(norm=None).fit(counts)
        counts.data = (_SATURATION + 1) * counts.data / (counts.data + _SATURATION)
        vectors = csr_array(weigher.transform(counts))
        self.weights_ = dict(zip(counter.get_feature_names_out().tolist(), weigher.idf_.tolist(), strict=True))
        squares = np.asarray(vectors.power(2).sum(axis=1))
        lengths = np.repeat(np.sqrt(np.maximum(squares, _SHORT * squares.mean())), np.diff(vectors.indptr))
        values = np.rint(_GRAIN * vectors.data / lengths).astype(np.int32)
        return csr_array((values, vectors.indices, vectors.indptr), vectors.shape)

    def _block(self, rows: Index, columns: Index) -> Closeness:
        mine, theirs = self.intern_places_[rows], self.host_places_[columns]
        most = mine.shape[1] * theirs.shape[1]
        weights = np.rint(_STEPS * np.power(float(self.fading), np.arange(most)))
        whole = np.cumsum([0, *weights])
        step = max(1, _TOGETHER // max(1, mine.shape[1] * theirs.size))
        closeness = np.empty((mine.shape[0], theirs.shape[0]), np.int32)
        for start in range(0, mine.shape[0], step):
            some = mine[start : start + step]
            # Whole numbers below 2 ** 53: the sums are exact in whatever order they are added.
            total = np.sort(self._products(some, theirs), axis=2).astype(np.float64) @ weights[::-1]
            pairs = (some >= 0).sum(axis=1)[:, None] * (theirs >= 0).sum(axis=1)[None, :]
            mean = total / (np.maximum(whole[pairs], 1) * (_GRAIN * _GRAIN))
            closeness[start : start + step] = np.rint(FULL * (1 + _HALF) * mean / (mean + _HALF))
        return np.minimum(closeness, FULL)

    def _products(self, mine: NDArray[np.int64], theirs: NDArray[np.int64]) -> NDArray[np.int32]:
        """Return the products of all texts of each pair: interns x hosts x (texts of one, times texts of the other)."""
        block = product(self.intern_vectors_, self.host_vectors_, mine.ravel(), theirs.ravel())
        sides = block.reshape(*mine.shape, *theirs.shape).transpose(0, 2, 1, 3)
        return sides.reshape(mine.shape[0], theirs.shape[0], mine.shape[1] * theirs.shape[1])

    def shared(self, row: int, column: int) -> Shared:
        """Return the strongest common terms, and of the most similar texts the sentences that hold them."""
        mine, theirs = self.intern_texts_[row], self.host_texts_[column]
        pairs = [(left, right) for left in mine for right in theirs]
        alike = product(
            self.intern_vectors_,
            self.host_vectors_,
            self.intern_places_[row][: len(mine)],
            self.host_places_[column][: len(theirs)],
        ).ravel()
        chosen = [k for k in np.argsort(-alike, kind="stable")[:_TOLD].tolist() if alike[k]]
        shared = strongest_terms(
            [(pairs[k][0].text, pairs[k][1].text) for k in chosen], self.weights_, ANALYSES[self.japanese]
        )
        return Shared(
            terms=tuple(shared[:_MOST_TERMS]),
            intern_words=self._words([pairs[k] for k in chosen] or [(text, None) for text in mine[:1]]),
            host_words=self._words([pairs[k][::-1] for k in chosen] or [(text, None) for text in theirs[:1]]),
        )

    def _words(self, texts: Sequence[tuple[_Text, _Text | None]]) -> tuple[Words, ...]:
        words: dict[str, Words] = {}
        for entry, other in texts:
            if entry.field not in words:
                told = excerpt(entry.text, other.text if other else "", self.weights_, ANALYSES[self.japanese])
                words[entry.field] = Words(entry.field, told)
        return tuple(words.values())


def _texts(row: Row, fields: Sequence[str]) -> list[_Text]:
    return [_Text(field, text) for field in fields for text in texts_of(row, field) if re.search(r"\w", text)]


def _occurs(vectors: csr_array) -> NDArray[np.int64]:
    return np.bincount(vectors.indices, minlength=vectors.shape[1])


def _places(people: Sequence[Sequence[_Text]]) -> NDArray[np.int64]:
    """Return the numbers of each person's texts, people x most texts of a person; -1, an empty text, fills the rest."""
    places = np.full((len(people), max(map(len, people), default=0)), -1, np.int64)
    number = 0
    for position, texts in enumerate(people):
        places[position, : len(texts)] = np.arange(number, number + len(texts))
        number += len(texts)
    return places
