"""Groups of people, for cohorts: as different as possible within a group, alike between groups."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator

from mentormatch.core.errors import InvalidInput
from mentormatch.matching.groups.balance import Balance, balance_of
from mentormatch.matching.groups.distance import APART, Difference, Matrix, distances_of, whole_distances
from mentormatch.matching.groups.problem import GroupProblem, Wishes, bounds_of, problem_of
from mentormatch.matching.groups.search import LOGARITHMS, climb, usual_loss, wander
from mentormatch.matching.groups.start import exchangeable, first_grouping, proved_best, units_of
from mentormatch.matching.groups.state import Units, state_of
from mentormatch.matching.solver.blocks import IntArray
from mentormatch.matching.tables import PersonId, clean_id, order_of, rows_of
from mentormatch.matching.values import Row, called

_REPORTS = 100
"""How often a search says how far it is, and asks whether to stop."""

_USUAL = 2_500_000
"""Iterations times people of a usual search: seconds for hundreds of people, half a minute for 5,000."""

People = Iterable[PersonId]


class Grouper(BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """Makes groups that are mixed within and alike between: the sum of distances within groups is made large.

    Groups that share out all that people differ in are as alike as can be: for whole categories the sum is largest
    when every group gets its part, for numbers it is the energy distance between groups that becomes small (Székely
    and Rizzo 2013, Energy statistics). The search is that of `mentormatch.matching.groups.search`; up to 14 units
    (people, or blocks that stay together) every grouping is looked at and the result is proved.

    Parameters
    ----------
    groups:
        How many groups; as many as `size` asks for when None.
    size:
        None for sizes as equal as can be, the most people of a group, (least, most), or such a pair for each group.
    fields:
        What to mix by when people come as a table, see `Difference`.
    even:
        Whether equal sizes come before diversity; otherwise sizes are free within their bounds.
    iterations:
        Budget of the search, in kicks with a climb each; 5,000 for up to 500 people and fewer for more when None.
        More is better, slowly.
    seed:
        Same seed, same people: same groups, whatever the order of the rows.

    Attributes
    ----------
    labels_:
        Shape (n,), group of each row in the order given, from 0.
    groups_:
        Ids of each group's people, sorted.
    objective_:
        Sum of the distances within groups; for tables in units of 1 = different in everything.
    proved_:
        Whether all groupings were looked at and none is better.
    sizes_:
        People in each group.
    diversity_:
        Mean distance within each group divided by the mean distance of all people: 1 is what chance gives.
    balance_:
        A `Balance` for each of `fields`.

    Examples
    --------
    >>> people = [{"id": number, "field": "law" if number < 2 else "art"} for number in range(4)]
    >>> Grouper(groups=2, fields=[Difference("field", "category")]).fit(people).groups_
    [(0, 2), (1, 3)]
    """

    def __init__(  # noqa: PLR0917  as scikit-learn's estimators
        self,
        groups: int | None = None,
        size: int | tuple[int, int] | Sequence[tuple[int, int]] | None = None,
        fields: Sequence[Difference] = (),
        even: bool = True,  # noqa: FBT001, FBT002  as scikit-learn's estimators
        iterations: int | None = None,
        seed: int = 0,
    ) -> None:
        self.groups = groups
        self.size = size
        self.fields = fields
        self.even = even
        self.iterations = iterations
        self.seed = seed

    def fit(
        self,
        people: object,
        y: object = None,  # noqa: ARG002  scikit-learn's pipelines pass it
        *,
        together: Iterable[People] = (),
        apart: Iterable[People] = (),
        facilitators: People = (),
        pins: Mapping[PersonId, int] | None = None,
        progress: Callable[[float], None] | None = None,
        should_stop: Callable[[], bool] | None = None,
    ) -> Self:
        """Find groups.

        Parameters
        ----------
        people:
            A list of mappings or a data frame with ``id`` and the fields to mix by; or a matrix (n, n) of distances,
            symmetric, zero or more: then ids are 0 to n - 1, or the index of a data frame.
        together, apart:
            Lists of ids: all people of such a list share a group, or no two of them do.
        facilitators:
            Ids of people who lead; they are shared out evenly and count as members.
        pins:
            Id -> group that a person must be in, from 0.
        progress, should_stop:
            Called with the part done, and asked whether to take the best groups so far.

        Raises
        ------
        InvalidInput
            Anything that cannot be used; the text names the people and constraints concerned.
        """
        self._check_numbers()
        ids, rows = self._read(people)
        order = sorted(range(len(ids)), key=lambda position: order_of(ids[position]))
        sorted_ids = [ids[position] for position in order]
        given, matrix = self._distances(people, rows, order)
        problem = problem_of(
            sorted_ids,
            [called(row) for row in rows] if rows else [repr(key) for key in sorted_ids],
            bounds_of(len(ids), self.groups, self.size),
            Wishes(
                _listed("together", together), _listed("apart", apart), sorted(facilitators, key=order_of), pins or {}
            ),
            even=self.even,
        )
        group = self._solve(problem, matrix, progress, should_stop)
        self._learn(sorted_ids, rows, _in_order(problem, group)[problem.unit], given)
        self.labels_ = np.empty(len(ids), np.int64)
        self.labels_[order] = self.group_
        return self

    def _check_numbers(self) -> None:
        for name, least in (("iterations", 0), ("seed", 0)):
            value = getattr(self, name)
            if value is None and name == "iterations":
                continue
            if not isinstance(value, int) or isinstance(value, bool) or value < least:
                message = "%(name)s: expected a whole number, %(least)s or more, found %(found)s."
                raise InvalidInput(message, field=name, name=name, least=least, found=repr(value))

    def fit_predict(self, people: object, y: object = None, **wishes: Any) -> IntArray:
        """Find groups and return `labels_`; everything as for `fit`."""
        return self.fit(people, y, **wishes).labels_

    def _read(self, people: object) -> tuple[list[PersonId], tuple[Row, ...]]:
        """Return the ids as they come, and the rows sorted by id; no rows for a matrix."""
        if self.fields:
            listed = _records(people)
            rows = rows_of(listed, "people")
            return [clean_id(record.get("id"), f"people {n}") for n, record in enumerate(listed, 1)], rows
        matrix = np.asarray(people)
        if matrix.ndim != 2 or matrix.dtype == object:  # noqa: PLR2004  rows and columns
            message = "People: expected a matrix of distances, or a table together with fields to mix by, found %(found)s without fields."  # noqa: E501  one sentence, one message
            raise InvalidInput(message, field="fields", found=type(people).__name__)
        ids = [clean_id(key, f"people {n}") for n, key in enumerate(_index(people), 1)]
        rows_of([{"id": key} for key in ids], "people")  # each id once
        return ids, ()

    def _distances(self, people: object, rows: Sequence[Row], order: Sequence[int]) -> tuple[NDArray[Any], Matrix]:
        """Return distances as they are reported, and in the whole numbers of the search; both in order of the ids."""
        if self.fields:
            whole = distances_of(rows, self.fields)
            return whole, whole
        matrix = np.asarray(people)
        given = matrix[np.ix_(order, order)] if matrix.shape == (len(order), len(order)) else matrix
        ids = _index(people)
        names = [repr(ids[position]) for position in order]
        return given, whole_distances(given, names)

    def _solve(
        self,
        problem: GroupProblem,
        matrix: Matrix,
        progress: Callable[[float], None] | None,
        should_stop: Callable[[], bool] | None,
    ) -> IntArray:
        units = units_of(problem, matrix, even=self.even)
        found = proved_best(problem, units)
        self.proved_ = found is not None
        if found is None:
            random = np.array([self.seed], np.uint64)
            start = first_grouping(problem, units, random, self.seed)
            budget = _USUAL // max(500, problem.unit.size) if self.iterations is None else self.iterations
            found = _search(units, start, random, budget, progress, should_stop)
        return found

    def _learn(self, ids: Sequence[PersonId], rows: Sequence[Row], group: IntArray, given: NDArray[Any]) -> None:
        many = len(bounds_of(len(ids), self.groups, self.size))
        members = [np.flatnonzero(group == number) for number in range(many)]
        within = [given[np.ix_(some, some)][np.triu_indices(some.size, 1)] for some in members]
        scale = APART if self.fields else 1
        total = sum(pairs.sum() for pairs in within)
        self.group_ = group
        self.groups_ = [tuple(ids[person] for person in some.tolist()) for some in members]
        self.sizes_ = [some.size for some in members]
        self.objective_ = total.item() / scale if self.fields else np.asarray(total).item()
        pairs = len(ids) * (len(ids) - 1) / 2
        mean = (float(given.sum()) - float(given.trace())) / 2 / pairs if pairs else 0.0
        self.diversity_ = [float(part.mean()) / mean if part.size and mean else 1.0 for part in within]
        self.balance_: list[Balance] = [
            balance_of(field, [[rows[person] for person in some.tolist()] for some in members]) for field in self.fields
        ]


def _search(  # noqa: PLR0917  called in one place
    units: Units,
    start: IntArray,
    random: NDArray[np.uint64],
    iterations: int,
    progress: Callable[[float], None] | None,
    should_stop: Callable[[], bool] | None,
) -> IntArray:
    """Climb, then wander until the budget is spent; return the best grouping seen."""
    state = state_of(units, start)
    climb(units, state)
    kept, best = state.group.copy(), state.group.copy()
    worth = np.zeros(2, np.int64)
    if units.low.size == 1 or not units.movable.any():
        return best
    heat, done = usual_loss(units, state), 0
    part = max(1, iterations // _REPORTS)
    while done < iterations and not (should_stop and should_stop()):
        steps = min(part, iterations - done)
        left = iterations - done
        wander(units, state, kept, best, worth, random, LOGARITHMS, heat, left, iterations, steps)
        done += steps
        if progress:
            progress(done / iterations)
    return best


def _in_order(problem: GroupProblem, group: IntArray) -> IntArray:
    """Number groups that may be exchanged by their first person, so that equal groupings have equal numbers."""
    kind = exchangeable(problem)
    first = np.full(kind.size, group.size, np.int64)
    np.minimum.at(first, group, np.arange(group.size))
    number = np.empty(kind.size, np.int64)
    for one in np.unique(kind).tolist():
        alike = np.flatnonzero(kind == one)
        number[alike[np.argsort(first[alike], kind="stable")]] = alike
    return number[group]


def _index(matrix: Any) -> list[Any]:
    """Return the ids of a matrix: the index of a data frame, or positions."""
    return list(getattr(matrix, "index", range(len(np.asarray(matrix)))))


def _records(people: Any) -> list[Any]:
    """Return the rows of a table in their order."""
    if hasattr(people, "to_dicts"):  # Polars
        return list(people.to_dicts())
    if hasattr(people, "to_dict") and hasattr(people, "columns"):  # pandas
        frame = people if "id" in people.columns or people.index.name != "id" else people.reset_index()
        return list(frame.to_dict("records"))
    if isinstance(people, Iterable) and not isinstance(people, str | bytes | Mapping):
        return list(people)
    return list(rows_of(people, "people"))  # it says what is wrong


def _listed(what: str, lists: Iterable[People]) -> list[list[PersonId]]:
    """Return lists of ids, in an order of their own."""
    listed = [people if isinstance(people, str | int) else list(people) for people in lists]
    if any(isinstance(people, str | int) for people in listed):
        message = "%(what)s: expected lists of ids, found %(found)s. Write one list for each block of people."
        raise InvalidInput(message, field=what, what=what, found=", ".join(map(repr, listed)))
    return sorted(sorted(people, key=order_of) for people in listed if not isinstance(people, str | int))
