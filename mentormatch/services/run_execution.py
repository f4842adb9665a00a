"""How the worker carries a run out: read, match, explain, and store everything in one transaction at the end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select, update

from mentormatch.core.clock import now
from mentormatch.core.errors import MentorMatchError, NotFound
from mentormatch.core.i18n import N_
from mentormatch.core.policy import Actor, Permission, authorise
from mentormatch.models import Decision, Proposal, Round, Run, RunScores, RunState, Unmatched
from mentormatch.models.base import AnySession, writing
from mentormatch.queries import criteria, decisions, problems
from mentormatch.queries.run_settings import RunSettings
from mentormatch.queries.runs import UNFINISHED
from mentormatch.services import audit, rounds, run_record

if TYPE_CHECKING:  # only for their types: loading the matcher loads scikit-learn
    from mentormatch.matching.match_problem import MatchProblem
    from mentormatch.matching.matcher import Matcher
    from mentormatch.matching.solver.assignment import Progress

KeepAlive = Callable[[], bool]

_WRITE_EVERY = 0.5
_KEEP_EVERY = 10.0
_READ, _MATCHED, _EXPLAINED = 0.05, 0.85, 0.95
_LONGEST_ERROR = 500
_MOST_SCORES = 30_000_000
"""Pairs whose scores are kept: at most some 50 MB."""
_SOLVER_BEGINS = 0.3
"""Fraction of the matcher's own progress at which comparing ends and the search begins."""
_UNEXPECTED = N_(
    "The run broke off because of a fault on our side. Start it again; "
    "if it happens twice, tell your support the time of the run."
)


class _Superseded(Exception):
    """Another worker has this run by now, or it was called off: leave it alone."""


@dataclass
class _Diary:
    """Tells the page how far the run is and hears whether it shall stop; at most two short transactions a second."""

    session: AnySession
    run_id: int
    keep_alive: KeepAlive
    facts: dict[str, Any] = field(default_factory=dict)
    stage: str = "reading"
    fraction: float = 0.0
    stopped: bool = False
    _written: float = float("-inf")
    _kept: float = field(default_factory=monotonic)

    def note(self, stage: str, fraction: float, **facts: Any) -> None:
        """Write down how far the run is, unless it was written a moment ago."""
        self.stage, self.fraction = stage, max(self.fraction, fraction)
        self.facts.update(facts)
        if monotonic() - self._written >= _WRITE_EVERY:
            self.write()

    def write(self) -> None:
        """Write down now how far the run is, and prolong the lease when it is time."""
        moment = monotonic()
        if moment - self._kept >= _KEEP_EVERY:
            self.check()
        self._written = moment
        progress = {"stage": self.stage, "fraction": round(self.fraction, 3), "facts": dict(self.facts)}
        with writing(self.session):
            stop = self.session.scalar(
                update(Run)
                .where(Run.id == self.run_id, Run.state == RunState.RUNNING)
                .values(progress=progress)
                .returning(Run.stop_requested)
                .execution_options(synchronize_session=False)
            )
        if stop is None:
            raise _Superseded
        self.stopped = stop

    def check(self) -> None:
        """Prolong the lease, or give up when another worker has it."""
        self._kept = monotonic()
        if not self.keep_alive():
            raise _Superseded

    def follow(self, step: Progress) -> None:
        """Write down what the matcher reports."""
        stage = "scoring" if step.fraction < _SOLVER_BEGINS else _STAGES.get(str(step.stage), "solving")
        facts: dict[str, Any] = {}
        if step.coverage and step.objective is not None:
            facts["coverage"], facts["mean"] = step.coverage, round(step.objective / step.coverage)
            if step.upper_bound is not None:
                facts["gap"] = -(-(step.upper_bound - step.objective) // step.coverage)
        self.note(stage, _READ + (_MATCHED - _READ) * step.fraction, **facts)

    def shall_stop(self) -> bool:
        """Return whether somebody has asked to stop, as far as is known."""
        self.note(self.stage, self.fraction)
        return self.stopped


_STAGES = {"pricing": "proving", "branching": "proving"}


def execute(session: AnySession, *, run_id: int, keep_alive: KeepAlive) -> None:
    """Carry out a run. Nothing of its result is there before its last transaction, which stores it whole.

    A run that is finished already is left alone; one that was begun by a worker that is gone starts over. Whatever
    goes wrong marks the run failed, with a message for the admin, and the round goes back to where it was.

    Parameters
    ----------
    keep_alive:
        Prolongs the lease of the job; false when another worker holds it.

    Raises
    ------
    Exception
        Something that nobody foresaw, after the run has been marked failed.
    """
    started = monotonic()
    if not _begin(session, run_id):
        return
    try:
        _carry_out(session, _Diary(session, run_id, keep_alive), started)
    except _Superseded:
        session.rollback()
    except MentorMatchError as error:
        fail(session, run_id, error)
    except Exception:
        fail(session, run_id, MentorMatchError(_UNEXPECTED))
        raise


def _begin(session: AnySession, run_id: int) -> bool:
    with writing(session):
        begun = session.scalar(
            update(Run)
            .where(Run.id == run_id, Run.state.in_(UNFINISHED))
            .values(state=RunState.RUNNING, progress={"stage": "reading", "fraction": 0.0, "facts": {}})
            .returning(Run.id)
            .execution_options(synchronize_session=False)
        )
    return begun is not None


@dataclass(frozen=True, slots=True)
class _Read:
    """What a run reads from the database, all in one snapshot."""

    programme_id: int
    round_id: int
    problem: MatchProblem
    criteria: tuple[criteria.CriterionView, ...]
    decided: list[decisions.DecidedPair]
    needless: frozenset[tuple[str, int]]


def _read(session: AnySession, run_id: int) -> _Read:
    found, given = session.execute(
        select(Round, Run.settings).join(Run, Run.round_id == Round.id).where(Run.id == run_id)
    ).one()
    programme_id, round_id = found.programme_id, found.id
    settings = RunSettings.from_json(given)
    problem = problems.of_round(session, programme_id=programme_id, round_id=round_id, settings=settings)
    read = _Read(
        programme_id=programme_id,
        round_id=round_id,
        problem=problem,
        criteria=criteria.setting(session, programme_id).criteria,
        decided=decisions.pairs(decisions.binding(session, programme_id=programme_id, round_id=round_id)),
        needless=run_record.settled(problem, problems.published(session, programme_id).living),
    )
    session.rollback()
    return read


def _carry_out(session: AnySession, diary: _Diary, started: float) -> None:
    # Loads scikit-learn, three seconds: only where it is used.
    from mentormatch.matching.matcher import Matcher

    read = _read(session, diary.run_id)
    _keep_problem(session, diary.run_id, read.problem)
    diary.note("scoring", _READ, **run_record.first_facts(read.problem))
    matcher = Matcher.solve(read.problem, progress=diary.follow, should_stop=diary.shall_stop)
    diary.note("explaining", _MATCHED)
    rows = run_record.proposals(matcher, lambda part: diary.note("explaining", _MATCHED + 0.1 * part))
    missing = run_record.unmatched(matcher, read.needless)
    figures = run_record.summary(
        matcher, criteria=read.criteria, decided=read.decided, needless=read.needless, seconds=monotonic() - started
    )
    diary.note("saving", _EXPLAINED)
    diary.check()
    _store(session, diary, read, _Result(rows, missing, figures, _scores(matcher)))


def _scores(matcher: Matcher) -> bytes | None:
    """Return what the matcher has scored, unless it is too much to keep."""
    from mentormatch.matching.scored import Scored

    pairs = sum(rows * columns for rows, columns in (state.scores.shape for state in matcher.tracks_.values()))
    return Scored.of(matcher).to_bytes() if pairs <= _MOST_SCORES else None


def _keep_problem(session: AnySession, run_id: int, problem: MatchProblem) -> None:
    with writing(session):
        session.execute(
            update(Run)
            .where(Run.id == run_id, Run.state == RunState.RUNNING)
            .values(problem=problem.to_json(), digest=problem.digest)
            .execution_options(synchronize_session=False)
        )


@dataclass(frozen=True, slots=True)
class _Result:
    """Rows of pairs and of interns without a partner, and the summary: see `services.run_record`; what was scored."""

    pairs: list[dict[str, Any]]
    unmatched: list[dict[str, Any]]
    figures: dict[str, Any]
    scores: bytes | None


def _store(session: AnySession, diary: _Diary, read: _Read, result: _Result) -> None:
    """Store the whole result, or nothing when somebody else has ended the run."""
    figures = result.figures
    run_id = diary.run_id
    state = RunState.STOPPED if figures["status"] == "stopped" else RunState.DONE
    progress = {"stage": str(state), "fraction": 1.0, "facts": dict(diary.facts)}
    with writing(session):
        mine = session.scalar(
            update(Run)
            .where(Run.id == run_id, Run.state == RunState.RUNNING)
            .values(state=state, progress=progress, summary=figures, finished_at=now())
            .returning(Run.id)
            .execution_options(synchronize_session=False)
        )
        if mine is None:
            raise _Superseded
        for table, new in ((Proposal, result.pairs), (Unmatched, result.unmatched)):
            if new:
                session.execute(insert(table), [{"run_id": run_id, **row} for row in new])
        if result.scores is not None:
            session.add(RunScores(run_id=run_id, data=result.scores))
        session.execute(
            update(Decision)
            .where(Decision.round_id == read.round_id)
            .values(applied_run_id=run_id)
            .execution_options(synchronize_session=False)
        )
        rounds.take_step(session, actor=None, round_id=read.round_id, step=rounds.Step.PROPOSE, run_id=run_id)
        audit.record(
            session,
            actor=None,
            action="run.finished",
            subject=f"run:{run_id}",
            programme_id=read.programme_id,
            **{key: figures[key] for key in ("pairs", "unmatched", "objective", "upper_bound", "status")},
        )


def fail(session: AnySession, run_id: int, error: MentorMatchError) -> None:
    """Mark an unfinished run failed, say why, and send the round back to where it was."""
    told = run_record.failure(error)
    with writing(session):
        run = session.scalar(select(Run).where(Run.id == run_id, Run.state.in_(UNFINISHED)).with_for_update())
        if run is None:
            return
        run.state, run.finished_at, run.error = RunState.FAILED, now(), str(error)[:_LONGEST_ERROR]
        run.progress = {**run.progress, "stage": "failed", "error": told}
        session.flush()
        rounds.leave_matching(session, actor=None, round_id=run.round_id)
        programme_id = session.scalar(select(Round.programme_id).where(Round.id == run.round_id))
        audit.record(session, actor=None, action="run.failed", subject=f"run:{run_id}", programme_id=programme_id)


@dataclass(frozen=True, slots=True)
class Repeated:
    """Whether a run that was computed again from what was stored had the same problem and the same pairs."""

    same_problem: bool
    same_pairs: bool


def repeat_check(session: AnySession, *, actor: Actor, run_id: int) -> Repeated:
    """Compute a finished run again from its stored problem and compare; nothing is written.

    A run that was stopped early may differ: it ended when somebody pressed a button.

    Raises
    ------
    NotFound
        There is no such run with a result, or it is none of the actor's business.
    """
    # Loads scikit-learn, three seconds: only where it is used.
    from mentormatch.matching.match_problem import MatchProblem
    from mentormatch.matching.matcher import Matcher

    found = session.execute(
        select(Run.problem, Run.digest, Round.programme_id)
        .join(Round, Round.id == Run.round_id)
        .where(Run.id == run_id)
    ).one_or_none()
    if found is None or not found.digest:
        raise NotFound("There is nothing here, or it is not for you to see.")
    authorise(actor, Permission.RUN_ROUNDS, found.programme_id)
    stored = select(Proposal.track, Proposal.intern_id, Proposal.host_id).where(Proposal.run_id == run_id)
    before = {(str(track), intern, host) for track, intern, host in session.execute(stored)}
    problem = MatchProblem.from_json(found.problem)
    again = {(pair.track, pair.intern, pair.host) for pair in Matcher.solve(problem).pairs_}
    return Repeated(same_problem=problem.digest == found.digest, same_pairs=again == before)
