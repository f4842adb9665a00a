"""The matcher: people in, the best pairs with their proof and explanations out, in scikit-learn's manner."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Self

from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from mentormatch.core.errors import InvalidInput
from mentormatch.matching.alternatives import alternatives_of
from mentormatch.matching.criteria import Criterion, Rule
from mentormatch.matching.explanation import (
    Alternative,
    Explanation,
    Reasons,
    account_of_pair,
    best_reasons,
    kinds_not_used,
    parts_of_pair,
    shown_total,
)
from mentormatch.matching.match_problem import MatchProblem
from mentormatch.matching.pairs import Pair, pairs_of
from mentormatch.matching.scores import UNIT
from mentormatch.matching.solver.assignment import Assignment, Progress, Status
from mentormatch.matching.solver.blocking import blocking_pairs
from mentormatch.matching.solver.problem import Objective
from mentormatch.matching.solving import assignment_problem, check_pins_allowed, later, scoring, solve
from mentormatch.matching.tables import PersonId
from mentormatch.matching.track_state import TrackState
from mentormatch.matching.unmatched import Unmatched, unmatched_of


class Matcher(BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """Pairs interns with hosts: as many as the rules allow, and among those matchings the best, with a proof.

    Parameters
    ----------
    criteria, rules:
        What makes a pair good, and what no pair may break; the defaults for mentoring when None.
    objective:
        What is best, after coverage: "total", the sum of all points; "worst_off", the lowest fit of all, then the
        sum; "stable", nobody would rather have each other; "mixture" of the mean and the lowest fit.
    mixture:
        For "mixture": hundredths, 0 to 100, that the lowest fit counts beside the mean.
    per_intern:
        How many different hosts each intern is to get: one number, or track -> number.
    staying:
        Points that a new matching must gain to break up one of the `earlier` pairs given to `fit`.
    host_criteria:
        What hosts prefer, for "stable"; the same as the interns when None.

    Attributes
    ----------
    pairs_:
        List of `Pair`, by track and intern id.
    unmatched_:
        List of `Unmatched`, with reasons, by track and intern id.
    objective_, upper_bound_:
        Sum of the points of all pairs in units of 1/100, and the most that any matching of this coverage can reach;
        equal when the matching is proved best.
    coverage_, coverage_bound_:
        Number of pairs, and the most that rules, pins and places permit.
    status_:
        `mentormatch.matching.solver.assignment.Status`: optimal, stopped or bounded.
    stayed_:
        How many of the earlier pairs have been made again; None where there were none.
    blocking_pairs_:
        Under "stable": pairs that would rather have each other, counted over all pairs by an independent check.
        `count_blocking_pairs` counts them under other objectives.
    problem_:
        The `MatchProblem` that was solved.

    Examples
    --------
    >>> from mentormatch.matching.criteria import Criterion
    >>> matcher = Matcher([Criterion("field", "tags", ("field",), ("field",), 1)], rules=[])
    >>> interns = [{"id": 1, "field": ["AI"]}, {"id": 2, "field": ["retail"]}]
    >>> hosts = [{"id": 8, "field": ["小売"]}, {"id": 9, "field": ["AI・機械学習"]}]
    >>> [(pair.intern, pair.host, pair.shown) for pair in matcher.fit(interns, hosts).pairs_]
    [(1, 9, 100), (2, 8, 100)]
    """

    problem_: MatchProblem
    tracks_: Mapping[str, TrackState]
    pairs_: list[Pair]
    unmatched_: list[Unmatched]
    objective_: int
    upper_bound_: int | None
    coverage_: int
    coverage_bound_: int | None
    status_: Status | None
    stayed_: int | None
    blocking_pairs_: int | None

    def __init__(
        self,
        criteria: Sequence[Criterion] | None = None,
        rules: Sequence[Rule] | None = None,
        objective: str = "total",
        *,
        mixture: int = 50,
        per_intern: int | Mapping[str, int] = 1,
        staying: float = 0,
        host_criteria: Sequence[Criterion] | None = None,
    ) -> None:
        self.criteria = criteria
        self.rules = rules
        self.objective = objective
        self.mixture = mixture
        self.per_intern = per_intern
        self.staying = staying
        self.host_criteria = host_criteria

    def fit(
        self,
        interns: object,
        hosts: object,
        pins: Iterable[Sequence[Any]] = (),
        bans: Iterable[Sequence[Any]] = (),
        *,
        earlier: Iterable[Sequence[Any]] = (),
        shared_capacity: Mapping[PersonId, int] | None = None,
        progress: Callable[[Progress], None] | None = None,
        should_stop: Callable[[], bool] | None = None,
    ) -> Self:
        """Find the best matching.

        Parameters
        ----------
        interns:
            A list of mappings or a data frame, with ``id`` and the fields of the criteria.
        hosts:
            Track name -> such a table (each intern gets one host of every track), or one table alone.
        pins, bans:
            Pairs that must or must not be made: (track, intern id, host id), or (intern id, host id).
        earlier:
            Pairs of an earlier matching, in the same form: each is worth `staying` points to keep.
        shared_capacity:
            Person id -> most interns of that person over all tracks together.
        progress, should_stop:
            Told the stage and the fraction done; asked whether to end with the best matching so far.

        Raises
        ------
        InvalidInput
            Anything that cannot be used; the text names the people, fields and rules concerned.
        """
        decided: dict[str, Any] = {"pins": pins, "bans": bans, "earlier": earlier, "shared_capacity": shared_capacity}
        problem = MatchProblem.of(interns, hosts, **self.get_params(deep=False), **decided)
        return self._fit(problem, progress, should_stop)

    @classmethod
    def solve(
        cls,
        problem: MatchProblem,
        *,
        progress: Callable[[Progress], None] | None = None,
        should_stop: Callable[[], bool] | None = None,
    ) -> Self:
        """Return a fitted matcher for a problem that is there already; as `fit` otherwise."""
        matcher = cls(**_settings(problem))
        return matcher._fit(problem, progress, should_stop)

    def assign(self, interns: object, hosts: object, **options: Any) -> Any:
        """Find the best matching, as `fit` does, and return its pairs alone.

        Returns
        -------
        A data frame with the columns track, intern, host, points and fit (0 to 100) when the interns came as one, else
        the list of `Pair`.
        """
        pairs = self.fit(interns, hosts, **options).pairs_
        if not hasattr(interns, "columns"):
            return pairs
        table = [(pair.track, pair.intern, pair.host, pair.points, pair.shown) for pair in pairs]
        return type(interns)(table, columns=["track", "intern", "host", "points", "fit"])  # type: ignore[call-arg]

    def __repr__(self, N_CHAR_MAX: int = 700) -> str:  # noqa: N803  scikit-learn's name
        """Say how it is set; once fitted, what it has found and whether that is proved."""
        if not hasattr(self, "pairs_"):
            text: str = super().__repr__(N_CHAR_MAX)
            return text
        mean = f", mean fit {self.objective_ / self.coverage_ / UNIT:.1f}" if self.pairs_ else ""
        most = "" if self.coverage_bound_ is None else f" of at most {self.coverage_bound_}"
        proof = "stable" if self.blocking_pairs_ == 0 else self.status_ or "not proved"
        return f"<Matcher ({self.objective}): {self.coverage_} pairs{most}{mean}, {proof}>"

    def count_blocking_pairs(self) -> int:
        """Return how many permitted pairs would both rather have each other: what stability would forbid.

        One look at every pair; pinned pairs never block.
        """
        check_is_fitted(self, "pairs_")
        problem = assignment_problem(self.problem_, list(self.tracks_.values()))
        return sum(one.count for one in blocking_pairs(problem, tuple(one.columns for one in self.tracks_.values())))

    @classmethod
    def restore(cls, problem: MatchProblem, pairs: Iterable[tuple[str, PersonId, PersonId]]) -> Self:
        """Return a fitted matcher for pairs that are known, (track, intern id, host id), without solving again.

        For explanations of a stored run. Nothing is proved: both bounds and the status are None.
        """
        matcher = cls(**_settings(problem))
        states = {track: TrackState.of(problem, track) for track in problem.hosts}
        columns = {track: state.columns.copy() for track, state in states.items()}
        used: Counter[tuple[str, int]] = Counter()
        for track, intern, host in pairs:
            state, row = states[track], states[track].row_of(intern)
            columns[track][state.places_of(row).start + used[track, row]] = state.column_of(host)
            used[track, row] += 1
        matcher._learn(problem, {track: state.assigned(columns[track]) for track, state in states.items()}, None)
        return matcher

    def _fit(
        self, problem: MatchProblem, progress: Callable[[Progress], None] | None, should_stop: Callable[[], bool] | None
    ) -> Self:
        states = [
            TrackState.of(problem, track, scoring(progress, number, len(problem.hosts)))
            for number, track in enumerate(problem.hosts)
        ]
        check_pins_allowed(states, problem)
        assignment = solve(assignment_problem(problem, states), states, later(progress, states), should_stop)
        solved = {s.name: s.assigned(columns) for s, columns in zip(states, assignment.pairs, strict=True)}
        self._learn(problem, solved, assignment)
        return self

    def _learn(self, problem: MatchProblem, states: Mapping[str, TrackState], assignment: Assignment | None) -> None:
        self.problem_ = problem
        self.tracks_ = states
        self.assignment_ = assignment
        self.pairs_ = [pair for state in states.values() for pair in pairs_of(state)]
        self.unmatched_ = [
            one
            for state in states.values()
            for one in unmatched_of(state, [other for other in states.values() if other is not state])
        ]
        self.coverage_ = len(self.pairs_)
        self.objective_ = sum(pair.points for pair in self.pairs_)
        self.coverage_bound_ = assignment.coverage_bound if assignment else None
        self.upper_bound_ = self.objective_ + assignment.gap if assignment else None
        self.status_ = assignment.status if assignment else None
        self.stayed_ = assignment.stayed if assignment else None
        self.blocking_pairs_ = assignment.blocking_pairs if assignment else None

    def explain(self, intern: PersonId, host: PersonId | None = None, track: str | None = None) -> Explanation:
        """Return why a pair was made, or what it would be worth.

        Parameters
        ----------
        intern:
            Id of an intern.
        host:
            Id of any host; the assigned one when None.
        track:
            Needed when there are several.

        Raises
        ------
        InvalidInput
            Unknown ids, or no host given for an intern who has none or several.
        """
        state, row, column = self._place(intern, host, track)
        mine = state.hosts_of(row)
        account = account_of_pair(state.scores, row, column)
        here = slice(row, row + 1), slice(column, column + 1)
        return Explanation(
            track=state.name,
            intern=intern,
            host=state.host_id(column),
            points=account.points,
            shown=shown_total(account.points),
            parts=account.parts,
            rules=account.rules,
            allowed=bool(state.scores.allowed(*here)[0, 0]),
            banned=(row, column) in state.scores.banned,
            pinned=(row, column) in state.pinned,
            assigned=column in mine,
            alternatives=self._alternatives(state, row, 3, column if column in mine else None),
        )

    def alternatives(self, intern: PersonId, track: str | None = None, k: int = 3) -> tuple[Alternative, ...]:
        """Return the `k` best other hosts that the rules allow for an intern, best first."""
        state = self._state(track)
        return self._alternatives(state, state.row_of(intern), k, None)

    def _alternatives(self, state: TrackState, row: int, k: int, instead_of: int | None) -> tuple[Alternative, ...]:
        """Compare with one of the intern's hosts, the one with the fewest points when None is given."""
        mine = state.hosts_of(row)
        if instead_of is None and mine:
            instead_of = min(mine, key=lambda column: (state.scores.points(row, column), -column))
        # Other objectives have other prices: what they cost in points says nothing about this one.
        priced = self.assignment_ if self.problem_.objective == Objective.TOTAL else None
        return alternatives_of(state, priced, list(self.tracks_), row, k=k, instead_of=instead_of)

    def reasons(self, intern: PersonId, host: PersonId | None = None, track: str | None = None) -> Reasons:
        """Return the three best reasons for a pair, for participants, and what was not used."""
        state, row, column = self._place(intern, host, track)
        return Reasons(
            track=state.name,
            intern=intern,
            host=state.host_id(column),
            reasons=best_reasons(parts_of_pair(state.scores, row, column)),
            not_used=kinds_not_used(self.problem_.criteria, self.problem_.rules),
        )

    def _state(self, track: str | None) -> TrackState:
        check_is_fitted(self, "pairs_")
        if track is None and len(self.tracks_) == 1:
            return next(iter(self.tracks_.values()))
        if track is None or track not in self.tracks_:
            raise InvalidInput(
                "Track: expected one of %(known)s, found %(found)s.",
                field="track",
                known=", ".join(self.tracks_),
                found=repr(track),
            )
        return self.tracks_[track]

    def _place(self, intern: PersonId, host: PersonId | None, track: str | None) -> tuple[TrackState, int, int]:
        state = self._state(track)
        row = state.row_of(intern)
        if host is not None:
            return state, row, state.column_of(host)
        mine = state.hosts_of(row)
        if len(mine) > 1:
            raise InvalidInput(
                "Track %(track)s: %(intern)s has several hosts. Name the host that you want to know about.",
                field="host",
                track=state.name,
                intern=repr(intern),
            )
        if not mine:
            raise InvalidInput(
                "Track %(track)s: %(intern)s has no host. Name the host that you want to know about.",
                field="host",
                track=state.name,
                intern=repr(intern),
            )
        return state, row, mine[0]


def _settings(problem: MatchProblem) -> dict[str, Any]:
    """Return the arguments of a matcher for a problem that is there already."""
    return {name: getattr(problem, name) for name in Matcher().get_params(deep=False)}
