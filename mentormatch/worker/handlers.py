"""The jobs there are, one line each."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sqlalchemy.orm import Session

from mentormatch.services import runs

Handler = Callable[[Session, int, Callable[[], bool]], None]

HANDLERS: Mapping[str, Handler] = {
    "run": lambda session, run_id, keep_alive: runs.execute(session, run_id=run_id, keep_alive=keep_alive)
}
