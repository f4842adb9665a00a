"""`mentormatch serve`, `worker` and `demo`: the running program."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

import click
from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels
from sqlalchemy.orm import Session

from mentormatch.cli.running import a_worker, opened, require_current, settings
from mentormatch.core.roles import ROLE_LABELS
from mentormatch.models import schema
from mentormatch.services import demo as demonstration

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mentormatch.core.config import Config

_THREADS = 4


@contextmanager
def _working() -> Iterator[None]:
    """Run a worker beside the web server, in a process of its own: the server forks, which threads do not survive."""
    process = subprocess.Popen([sys.executable, "-m", "mentormatch", "worker"])
    try:
        yield
    finally:
        process.terminate()
        try:
            process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            process.kill()


def _serve(config: Config, host: str, port: int, workers: int) -> None:
    with opened(config) as engine:
        require_current(engine)
    config.secret()  # made once, before several processes ask for it
    with _working() if config.embedded_worker else nullcontext():
        Granian(
            "mentormatch:create_app",
            factory=True,
            address=host,
            port=port,
            interface=Interfaces.WSGI,
            workers=workers,
            blocking_threads=_THREADS,
            log_level=LogLevels.error,
            respawn_failed_workers=True,
        ).serve()


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8000, show_default=True, help="Port to listen on.")
@click.option("--workers", default=1, show_default=True, help="Web processes.")
def serve(host: str, port: int, workers: int) -> None:
    """Serve the site, by default with a worker beside it."""
    _serve(settings(), host, port, workers)


@click.command()
def worker() -> None:
    """Work off jobs and messages until stopped; any number of workers may run."""
    config = settings()
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    with opened(config) as engine:
        require_current(engine)
        threading.Thread(target=_warm_up, name="warm-up", daemon=True).start()
        a_worker(engine, config).run(stop)


def _warm_up() -> None:
    """Load and compile what the first run would have to wait for."""
    # Inside the function: it takes seconds, which the worker spends on messages meanwhile.
    from mentormatch.matching.matcher import Matcher
    from mentormatch.matching.solver.warming import warm_up

    warm_up()
    Matcher().fit([{"id": 1, "goals": "a"}], [{"id": 2, "offers": ["a"]}])


@click.command()
@click.option("--port", default=8000, show_default=True, help="Port to listen on.")
@click.option("--reset", is_flag=True, help="Begin anew: forget what was done in the demo.")
@click.option("--prepare-only", is_flag=True, help="Make the database and stop.")
def demo(port: int, *, reset: bool, prepare_only: bool) -> None:
    """Show the program with an invented programme, on this machine only."""
    folder = Path("instance") / "demo"
    if reset and folder.exists():
        shutil.rmtree(folder)
    os.environ |= {
        "MENTORMATCH_INSTANCE_DIR": str(folder),
        "MENTORMATCH_BASE_URL": f"http://127.0.0.1:{port}",
        "MENTORMATCH_MAILBOX_PAGE": "true",
        "MENTORMATCH_COMPONENT_PAGE": "true",
    }
    config = settings()
    with opened(config) as engine:
        schema.upgrade(engine)
        with Session(engine) as session:
            demonstration.load(session)
    _announce(config)
    if not prepare_only:
        _serve(config, "127.0.0.1", port, workers=1)


def _announce(config: Config) -> None:
    click.echo(f"\n  MentorMatch demo: {config.base_url}\n")
    for role, address in demonstration.PEOPLE_TO_TRY:
        click.echo(f"    {ROLE_LABELS[role].en:16} {address}")
    click.echo(f"    password         {demonstration.PASSWORD}")
    click.echo(f"    mail             {config.base_url}/mailbox/\n")
    click.echo("  All people in it are invented. Ctrl-C stops it.\n")
