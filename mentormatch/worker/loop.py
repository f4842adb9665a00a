"""One worker: a thread each for jobs, messages and what is due by the clock, idle until there is something."""

from __future__ import annotations

import logging
import os
import secrets
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

from mentormatch.channels.mail import Way
from mentormatch.core.config import Config
from mentormatch.services import delivery, jobs
from mentormatch.worker.handlers import HANDLERS, WATCHES

_log = logging.getLogger(__name__)
_IDLE = 0.5
_WATCH_EVERY = 5.0
_AFTER_FAILURE = 5.0


def _name() -> str:
    return f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"


@dataclass(frozen=True, slots=True)
class Worker:
    """Works off jobs and messages of one database.

    Any number of workers may run: leases in the database keep them apart, and the lease of a killed one runs out.
    """

    engine: Engine
    config: Config
    way: Way
    sign_in_links: bool
    name: str = field(default_factory=_name)

    def run_job(self) -> bool:
        """Do one due job; return whether there was one."""
        with Session(self.engine) as session:
            job = jobs.claim(session, owner=self.name, kinds=tuple(HANDLERS))
            if job is None:
                return False
            job_id, kind, subject = job.id, job.kind, job.subject_id
            session.rollback()
            error = ""
            try:
                HANDLERS[kind](session, subject, lambda: self._keep(job_id))
            except Exception as failure:  # noqa: BLE001 - whatever went wrong belongs in the job row
                _log.exception("job %s %s failed", kind, subject)
                error = f"{type(failure).__name__}: {failure}"
            session.rollback()
            jobs.finish(session, job_id=job_id, owner=self.name, error=error)
        return True

    def _keep(self, job_id: int) -> bool:
        with Session(self.engine) as session:
            return jobs.prolong(session, job_id=job_id, owner=self.name)

    def send_message(self) -> bool:
        """Send one due message; return whether there was one."""
        with Session(self.engine) as session:
            return delivery.deliver_next(
                session, config=self.config, way=self.way, owner=self.name, sign_in_links=self.sign_in_links
            )

    def watch(self) -> bool:
        """Do what is due by the clock alone; return whether there was anything."""
        with Session(self.engine) as session:
            return sum(look(session) for look in WATCHES) > 0

    def drain(self) -> None:
        """Do everything that is due now, then return."""
        while self.watch() or self.run_job() or self.send_message():
            pass

    def run(self, stop: threading.Event) -> None:
        """Work until `stop` is set."""
        threads = [
            threading.Thread(target=self._repeat, args=(step, pause, stop), name=step.__name__, daemon=True)
            for step, pause in ((self.run_job, _IDLE), (self.send_message, _IDLE), (self.watch, _WATCH_EVERY))
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    @staticmethod
    def _repeat(step: Callable[[], bool], pause: float, stop: threading.Event) -> None:
        while not stop.is_set():
            try:
                if not step():
                    stop.wait(pause)
            except Exception:  # noqa: BLE001 - the database may be away for a while: the worker outlives that
                _log.exception("%s failed, trying again", step.__name__)
                stop.wait(_AFTER_FAILURE)
