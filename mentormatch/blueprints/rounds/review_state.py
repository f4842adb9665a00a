"""What every part of the review page needs: the round, the run that is looked at, its pairs, and what was decided."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from mentormatch.blueprints.request import store
from mentormatch.blueprints.rounds.review_address import LOWS, Address
from mentormatch.core.errors import Conflict, NotFound
from mentormatch.core.roles import Role
from mentormatch.queries import decisions, review, runs, waiting, what_if
from mentormatch.queries.decisions import DecisionView
from mentormatch.queries.programmes import ProgrammeView
from mentormatch.queries.review import PairFact
from mentormatch.queries.rounds import RoundView
from mentormatch.queries.runs import RunView
from mentormatch.queries.waiting import Wait

if TYPE_CHECKING:
    from mentormatch.queries.what_if import Setting, WhatIf

_FEW = 5
"""The fit below which a pair wants a look is chosen so that at most one pair in so many is below it."""

Pair = tuple[Role, int, int]


@dataclass(frozen=True)
class Change:
    """A decision that the run under review does not know: what holds now, and what the run knew; None for nothing."""

    track: Role
    intern_id: int
    host_id: int
    now: str | None
    before: str | None


@dataclass(frozen=True)
class Review:
    """A run of a round as it is looked at; `runs` are those with a result, newest first."""

    programme: ProgrammeView
    round: RoundView
    here: Address
    run: RunView
    runs: tuple[RunView, ...]
    decided: tuple[DecisionView, ...]

    @property
    def track(self) -> Role:
        """The track that is looked at."""
        return self.here.track

    @property
    def editable(self) -> bool:
        """Whether pairs can be decided on: the run is under review, and the round is, too."""
        return self.round.state == "review" and self.run.id == self.round.run_id

    @property
    def published(self) -> bool:
        """Whether this very run has been published."""
        return self.round.state in {"published", "closed"} and self.run.id == self.round.run_id

    @property
    def figures(self) -> Mapping[str, Any]:
        """The run's figures in this track."""
        found: Mapping[str, Any] = self.run.summary["tracks"][str(self.track)]
        return found

    @cached_property
    def facts(self) -> list[PairFact]:
        """The run's pairs in this track, in brief."""
        return review.facts(store(), self.run.id, self.track)

    @cached_property
    def facts_by_intern(self) -> Mapping[int, PairFact]:
        """The same pairs by intern."""
        return {fact.intern_id: fact for fact in self.facts}

    @cached_property
    def loads(self) -> Mapping[int, int]:
        """Places of each host that are taken: by this run, and by the pairs of other rounds."""
        elsewhere = review.taken(store(), self.programme.id, self.round.id, self.track)
        return Counter(fact.host_id for fact in self.facts) + Counter(elsewhere)

    @cached_property
    def waits(self) -> Mapping[int, Wait]:
        """How long interns had waited for somebody in this track before this round."""
        found = waiting.waits(store(), self.programme.id, but=self.round.id)
        return {intern: wait for (track, intern), wait in found.items() if track is self.track}

    @property
    def low(self) -> int:
        """The fit below which a pair wants a look: the one that was asked for, or one that few pairs miss."""
        if self.here.low:
            return self.here.low
        most = self.figures["pairs"] // _FEW
        return next((low for low in LOWS[1:] if self.pairs_below(low) <= most), LOWS[-1])

    def pairs_below(self, low: int) -> int:
        """Return how many pairs show a fit below `low`, a multiple of five."""
        return sum(self.figures["histogram"][: low // 5])

    @cached_property
    def marks(self) -> Mapping[tuple[int, int], DecisionView]:
        """What was decided in this track, by intern and host."""
        return {(one.intern_id, one.host_id): one for one in self.decided if one.track is self.track}

    @cached_property
    def pins(self) -> Mapping[int, int]:
        """Whom each pinned intern of this track is to have."""
        return {one.intern_id: one.host_id for one in self.marks.values() if one.kind == "pin"}

    @cached_property
    def changes(self) -> list[Change]:
        """What was decided, changed or taken back since the run under review, in all tracks."""
        if self.round.state != "review" or self.run.id != self.round.run_id:
            return []
        now: dict[Pair, str] = {
            (one.track, one.intern_id, one.host_id): str(one.kind) for one in decisions.pairs(self.decided)
        }
        before: dict[Pair, str] = {
            (Role(track), intern, host): kind for track, intern, host, kind in self.run.summary["decisions"]
        }
        return [
            Change(*pair, now=now.get(pair), before=before.get(pair))
            for pair in sorted(now.keys() | before.keys())
            if now.get(pair) != before.get(pair)
        ]

    @cached_property
    def answers(self) -> tuple[WhatIf, Setting] | None:
        """Who says what a decision would do to this run, and what is decided now; None where its scores are gone."""
        try:
            known = what_if.of_run(store(), self.run.id)
        except Conflict:
            return None
        changes: list[tuple[what_if.Pair, str | None]] = [
            ((str(one.track), one.intern_id, one.host_id), one.now) for one in self.changes
        ]
        return known, what_if.setting(known, changes)

    @cached_property
    def moved(self) -> frozenset[int]:
        """The interns whose host differs in the run that the address compares."""
        other = [run for run in self.runs if run.number == self.here.compare]
        listed = review.scenarios(store(), self.programme.id, self.track, other, self.run) if other else []
        return listed[0].moved if listed else frozenset()

    def wants_look(self, fact: PairFact) -> bool:
        """Tell whether a pair should be looked at: a low fit, a close call, or something in doubt."""
        return fact.points < review.below(self.low) or fact.close or bool(fact.doubts)


def load(programme: ProgrammeView, found: RoundView, here: Address) -> Review | None:
    """Return the run that the address asks for, or None while the round has no result.

    Raises
    ------
    NotFound
        The round has no such run, or the run has no such track.
    """
    every = runs.of_round(store(), programme.id, found.id)
    finished = tuple(run for run in every if "pairs" in run.summary)
    if here.run:
        run = next((run for run in finished if run.number == here.run), None)
        if run is None:
            raise NotFound("This round has no run %(number)s with a result.", number=here.run)
    else:
        run = next((run for run in finished if run.id == found.run_id), None)
    if run is None:
        return None
    if str(here.track) not in run.summary["tracks"]:
        raise NotFound("There is nothing here, or it is not for you to see.")
    decided = decisions.binding(store(), programme_id=programme.id, round_id=found.id)
    return Review(programme, found, here, run, finished, tuple(decided))
