"""The jobs there are, one line each, and what a worker looks after from time to time."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sqlalchemy.orm import Session

from mentormatch.queries import readiness
from mentormatch.services import fall_through, feasibility, matches, publication, runs

Handler = Callable[[Session, int, Callable[[], bool]], object]

HANDLERS: Mapping[str, Handler] = {
    "run": lambda session, run_id, keep_alive: runs.execute(session, run_id=run_id, keep_alive=keep_alive),
    readiness.JOB: lambda session, round_id, keep_alive: feasibility.work_out(
        session, round_id=round_id, keep_alive=keep_alive
    ),
    publication.JOB: lambda session, round_id, _: publication.carry_out(session, round_id=round_id),
    fall_through.JOB: lambda session, round_id, _: fall_through.carry_out(session, round_id=round_id),
}

WATCHES: tuple[Callable[[Session], int], ...] = (matches.expire,)
"""Each does what its moment has come for and returns how much that was; any number of workers may call it."""
