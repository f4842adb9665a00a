"""Tags: what both sides named (shared interests), or what one wants and the other offers."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from mentormatch.matching.blocks import Index
from mentormatch.matching.comparison import FULL, Closeness, Comparison, Shared, Words
from mentormatch.matching.incidence import common_vocabulary, incidence, product
from mentormatch.matching.values import Row, tags_of
from mentormatch.matching.words import atoms

_MOST_WORDS = 6


class _Tag(NamedTuple):
    field: str
    written: str
    atoms: frozenset[str]


def _tags(row: Row, fields: Iterable[str]) -> list[_Tag]:
    """Return a person's tags of several fields; of two that mean exactly the same the first is kept."""
    tags: dict[frozenset[str], _Tag] = {}
    for field in fields:
        for written in tags_of(row, field):
            meaning = atoms(written)
            if meaning:
                tags.setdefault(meaning, _Tag(field, written, meaning))
    return list(tags.values())


def _matched_counts(asking: Sequence[list[_Tag]], answering: Sequence[list[_Tag]]) -> tuple[csr_array, csr_array]:
    """Return two matrices whose `product` counts how many of an asking person's tags an answering person matches."""
    meanings = sorted({tag.atoms for tags in asking for tag in tags}, key=sorted)
    has = [frozenset[str]().union(*(tag.atoms for tag in tags)) for tags in answering]
    vocabulary = common_vocabulary(meanings, has)
    numbers: dict[Hashable, int] = {meaning: number for number, meaning in enumerate(meanings)}
    lists = incidence([[tag.atoms for tag in tags] for tags in asking], numbers)
    matches = (incidence(has, vocabulary) @ incidence(meanings, vocabulary).T).tocsr()
    matches.data[:] = 1
    return lists, matches


def _share(count: NDArray[np.int32], of: NDArray[np.int32]) -> Closeness:
    of = np.maximum(of, 1)
    return ((2 * FULL * count + of) // (2 * of)).astype(np.int32)


class SharedTags(Comparison):
    """Closeness = matched tags of both sides / all tags of both sides (Dice's coefficient, generalised to synonyms)."""

    def __init__(self, intern_fields: tuple[str, ...] = (), host_fields: tuple[str, ...] = ()) -> None:
        self.intern_fields = intern_fields
        self.host_fields = host_fields

    def _learn(self, interns: Sequence[Row], hosts: Sequence[Row]) -> tuple[list[bool], list[bool]]:
        self.intern_tags_ = [_tags(row, self.intern_fields) for row in interns]
        self.host_tags_ = [_tags(row, self.host_fields) for row in hosts]
        self.met_ = _matched_counts(self.intern_tags_, self.host_tags_)
        self.meets_ = _matched_counts(self.host_tags_, self.intern_tags_)
        self.intern_sizes_ = np.array([len(tags) for tags in self.intern_tags_], np.int32)
        self.host_sizes_ = np.array([len(tags) for tags in self.host_tags_], np.int32)
        return [bool(tags) for tags in self.intern_tags_], [bool(tags) for tags in self.host_tags_]

    def _block(self, rows: Index, columns: Index) -> Closeness:
        matched = product(*self.met_, rows, columns) + product(*self.meets_, columns, rows).T
        return _share(matched, self.intern_sizes_[rows][:, None] + self.host_sizes_[columns][None, :])

    def shared(self, row: int, column: int) -> Shared:
        """Return the matching tags in both spellings."""
        mine, theirs = self.intern_tags_[row], self.host_tags_[column]
        pairs = [(tag, other) for tag in mine for other in theirs if tag.atoms & other.atoms]
        first = dict(reversed(pairs))
        used = {other for _, other in pairs}
        return Shared(
            tags=tuple((tag.written, first[tag].written) for tag in mine if tag in first),
            intern_words=_words(mine, set(first)),
            host_words=_words(theirs, used),
        )


class WantsOffers(SharedTags):
    """Closeness = part of the intern's wants that the host's offers meet; what else a host offers costs nothing."""

    def _block(self, rows: Index, columns: Index) -> Closeness:
        return _share(product(*self.met_, rows, columns), self.intern_sizes_[rows][:, None])


def _words(tags: list[_Tag], matched: set[_Tag]) -> tuple[Words, ...]:
    """Return the tags field by field, those that match first."""
    chosen = sorted(tags, key=lambda tag: tag not in matched)[:_MOST_WORDS]
    fields = dict.fromkeys(tag.field for tag in chosen)
    return tuple(Words(field, [tag.written for tag in chosen if tag.field == field]) for field in fields)
