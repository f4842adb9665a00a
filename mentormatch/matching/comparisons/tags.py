"""Tags: what both sides named (shared interests), or what one wants and the other offers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mentormatch.matching.comparisons.comparison import FULL, Closeness, Comparison, Shared, Words
from mentormatch.matching.comparisons.tag_likeness import best_likeness, numbered, tag_likeness
from mentormatch.matching.comparisons.words import atoms, readable
from mentormatch.matching.solver.blocks import Index
from mentormatch.matching.solver.incidence import incidence, product
from mentormatch.matching.values import Row, tags_of

_MOST_WORDS = 6


class _Tag(NamedTuple):
    field: str
    written: str
    name: str


def _tags(row: Row, fields: Iterable[str]) -> list[_Tag]:
    """Return a person's tags of several fields; of two that mean exactly the same the first is kept."""
    tags: dict[frozenset[str], _Tag] = {}
    for field in fields:
        for written in tags_of(row, field):
            meaning = atoms(written)
            if meaning:
                tags.setdefault(meaning, _Tag(field, written, readable(written).casefold()))
    return list(tags.values())


def _root(part: NDArray[np.int32], whole: NDArray[np.int32]) -> Closeness:
    """Return `FULL` times the square root of ``part / (FULL * whole)``: the first thing in common counts most."""
    closeness: Closeness = np.rint(np.sqrt(part * (FULL / np.maximum(whole, 1)))).astype(np.int32)
    return np.minimum(closeness, FULL)


class SharedTags(Comparison):
    """Closeness of two lists of tags.

    The square root of the share of all tags of both sides that the other side matches (Dice's coefficient, with
    synonyms in Japanese and English counting fully and tags that share rare words in part).
    """

    _partly: ClassVar[bool] = True

    def __init__(self, intern_fields: tuple[str, ...] = (), host_fields: tuple[str, ...] = ()) -> None:
        self.intern_fields = intern_fields
        self.host_fields = host_fields

    def _learn(self, interns: Sequence[Row], hosts: Sequence[Row]) -> tuple[list[bool], list[bool]]:
        self.intern_tags_ = [_tags(row, self.intern_fields) for row in interns]
        self.host_tags_ = [_tags(row, self.host_fields) for row in hosts]
        names = ([[tag.name for tag in tags] for tags in side] for side in (self.intern_tags_, self.host_tags_))
        mine, theirs = names
        self.numbers_ = numbered(mine), numbered(theirs)
        self.likeness_ = tag_likeness(*(list(map(str, numbers)) for numbers in self.numbers_), partly=self._partly)
        lists = incidence(mine, self.numbers_[0]), incidence(theirs, self.numbers_[1])
        self.met_ = lists[0], best_likeness(self.likeness_, lists[1])
        self.meets_ = lists[1], best_likeness(self.likeness_.T.tocsr(), lists[0])
        self.intern_sizes_ = np.array([len(tags) for tags in self.intern_tags_], np.int32)
        self.host_sizes_ = np.array([len(tags) for tags in self.host_tags_], np.int32)
        return [bool(tags) for tags in self.intern_tags_], [bool(tags) for tags in self.host_tags_]

    def _block(self, rows: Index, columns: Index) -> Closeness:
        matched = product(*self.met_, rows, columns) + product(*self.meets_, columns, rows).T
        return _root(matched, self.intern_sizes_[rows][:, None] + self.host_sizes_[columns][None, :])

    def shared(self, row: int, column: int) -> Shared:
        """Return the matching tags in both spellings, the best match of each."""
        mine, theirs = self.intern_tags_[row], self.host_tags_[column]
        like = {(tag, other): self._likeness(tag, other) for tag in mine for other in theirs}
        best = {tag: max(theirs, key=lambda other: like[tag, other]) for tag in mine} if theirs else {}
        matched = {tag: other for tag, other in best.items() if like[tag, other]}
        used = {other for other in theirs if any(like[tag, other] for tag in mine)}
        return Shared(
            tags=tuple(
                (tag.written, other.written) for tag, other in sorted(matched.items(), key=lambda item: -like[item])
            ),
            intern_words=_words(mine, set(matched)),
            host_words=_words(theirs, used),
        )

    def _likeness(self, tag: _Tag, other: _Tag) -> int:
        return int(self.likeness_[self.numbers_[0][tag.name], self.numbers_[1][other.name]])


class WantsOffers(SharedTags):
    """Closeness = square root of the part of the intern's wants that the host meets; other offers cost nothing."""

    def _block(self, rows: Index, columns: Index) -> Closeness:
        return _root(product(*self.met_, rows, columns), self.intern_sizes_[rows][:, None])


def _words(tags: list[_Tag], matched: set[_Tag]) -> tuple[Words, ...]:
    """Return the tags field by field, those that match first."""
    chosen = sorted(tags, key=lambda tag: tag not in matched)[:_MOST_WORDS]
    fields = dict.fromkeys(tag.field for tag in chosen)
    return tuple(Words(field, [tag.written for tag in chosen if tag.field == field]) for field in fields)
