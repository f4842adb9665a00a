"""How much two tags say the same: fully when they share a meaning, partly when they share rare words."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

import numpy as np
from scipy.sparse import coo_array, csr_array
from sklearn.feature_extraction.text import CountVectorizer, TfidfTransformer

from mentormatch.matching.comparisons.comparison import FULL
from mentormatch.matching.comparisons.words import atoms, terms
from mentormatch.matching.solver.incidence import common_vocabulary, incidence

_LEAST = 0.4
"""Cosine of two tags' terms below which they have nothing to do with each other."""

_GRAIN = 1024
_PARTLY = 0.75
"""What tags count at most that share words, but no meaning."""


def tag_likeness(mine: Sequence[str], theirs: Sequence[str], *, partly: bool) -> csr_array:
    """Return a matrix tags x tags of integers up to `FULL`.

    Parameters
    ----------
    mine, theirs:
        The different tags of each side.
    partly:
        Whether tags that share words, but no atom, count by the cosine of their TF-IDF vectors.
    """
    meanings = [atoms(tag) for tag in mine], [atoms(tag) for tag in theirs]
    vocabulary = common_vocabulary(*meanings)
    same = (incidence(meanings[0], vocabulary) @ incidence(meanings[1], vocabulary).T).tocsr()
    same.data[:] = FULL
    if not partly:
        return same
    return same.maximum(_word_likeness(mine, theirs)).tocsr()


def _word_likeness(mine: Sequence[str], theirs: Sequence[str]) -> csr_array:
    try:
        counts = csr_array(CountVectorizer(analyzer=terms, binary=True, dtype=np.int32).fit_transform([*mine, *theirs]))
    except ValueError:  # not one term
        return csr_array((len(mine), len(theirs)), dtype=np.int32)
    counts.sort_indices()
    vectors = csr_array(TfidfTransformer().fit_transform(counts))
    vectors.data = np.rint(vectors.data * _GRAIN)
    cosine = (vectors[: len(mine)] @ vectors[len(mine) :].T).tocsr() / (_GRAIN * _GRAIN)
    cosine.data[cosine.data < _LEAST] = 0
    cosine.eliminate_zeros()
    cosine.data = np.rint(np.minimum(cosine.data, 1) * _PARTLY * FULL)
    return cosine.astype(np.int32)


def best_likeness(likeness: csr_array, lists: csr_array) -> csr_array:
    """Return a matrix people x tags: how well each person's best tag answers each tag.

    Parameters
    ----------
    likeness:
        Asked tags x offered tags.
    lists:
        People x offered tags, 1 where a person has a tag.
    """
    pairs, having = likeness.tocsc(), lists.tocsc()
    times = np.diff(having.indptr)[_columns(pairs)]
    values = np.repeat(pairs.data, times)
    asked = np.repeat(pairs.indices, times)
    starts = having.indptr[_columns(pairs)]
    within = np.arange(times.sum()) - np.repeat(np.cumsum(times) - times, times)
    people = having.indices[np.repeat(starts, times) + within]
    shape = (lists.shape[0], likeness.shape[0])
    order = np.lexsort((-values, asked, people))
    places = people[order].astype(np.int64) * shape[1] + asked[order]
    first = np.ones(places.size, np.bool_)
    first[1:] = places[1:] != places[:-1]
    kept = order[first]
    return coo_array((values[kept].astype(np.int32), (people[kept], asked[kept])), shape).tocsr()


def _columns(matrix: csr_array) -> np.ndarray:
    return np.repeat(np.arange(matrix.shape[1]), np.diff(matrix.indptr))


def numbered(tags: Sequence[Sequence[str]]) -> dict[Hashable, int]:
    """Return a number for each different tag, in order."""
    return {tag: number for number, tag in enumerate(sorted({tag for person in tags for tag in person}))}
