"""Passes over all pairs of a score source, as independent tasks: threads here, or whatever joblib is told to use.

Every task is a function of a module that is given the source, small arrays, and its part; it returns its result and
writes nothing. So the same pass runs in threads (the default), in processes or on other machines, with the same bits:

    with joblib.parallel_config("loky", n_jobs=8):  # eight processes
        solve(problem)

    client = distributed.Client("scheduler:8786")  # the machines of a Dask cluster; they need MentorMatch installed
    with joblib.parallel_config("dask"):
        solve(problem)

A source goes out once per process or machine, and has to be picklable.
"""

from __future__ import annotations

import pickle
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from functools import cache, partial
from math import ceil
from typing import Any, NamedTuple, TypeAlias, TypeVar
from uuid import uuid4
from weakref import WeakKeyDictionary

import numpy as np
from joblib import Parallel, delayed
from joblib.parallel import get_active_backend
from threadpoolctl import ThreadpoolController

from mentormatch.matching.solver.blocks import ScoreSource

Result = TypeVar("Result")
Part: TypeAlias = tuple[Any, ...]

KEPT = 4
"""Sources that a worker keeps: the tracks of a problem."""


class StoppedError(Exception):
    """The caller asked to stop while a pass was under way."""


class Grain(NamedTuple):
    """How a pass is cut: parts per worker, and pairs per part at the least and at the most."""

    parts: int
    least: int
    most: int


IN_THREADS = Grain(8, 1 << 20, 1 << 25)
"""A part takes 5 to 150 ms: a request to stop is answered that soon."""

ELSEWHERE = Grain(3, 1 << 23, 1 << 27)
"""Each part costs some milliseconds for the way there and back."""


class Crew(NamedTuple):
    """Who works: joblib's backend, its number of workers, and whether they share our memory."""

    backend: Any
    jobs: int
    here: bool

    @classmethod
    def active(cls) -> Crew:
        """The backend of ``joblib.parallel_config``, or as many threads as there are processors."""
        _, wanted = get_active_backend()
        backend, _ = get_active_backend(prefer="threads")
        jobs = int(backend.effective_n_jobs(-1 if wanted is None else wanted))
        return cls(backend, jobs, jobs == 1 or bool(getattr(backend, "supports_sharedmem", False)))


def never() -> bool:
    """Nobody asks to stop."""
    return False


def shares(rows: int, columns: float, step: int = 1) -> list[slice]:
    """Cut a pass into slices of rows, ``step`` of them or a multiple, with about ``columns`` pairs in each row."""
    crew = Crew.active()
    grain = IN_THREADS if crew.here else ELSEWHERE
    pairs = min(max(rows * columns / (crew.jobs * grain.parts), grain.least), grain.most)
    parts = max(1, ceil(rows * columns / pairs))
    each = max(1, ceil(rows / parts / step)) * step
    return [slice(start, min(start + each, rows)) for start in range(0, rows, each)]


def in_parts(
    task: Callable[..., Result],
    source: ScoreSource,
    parts: Sequence[Part],
    *common: object,
    stop: Callable[[], bool] = never,
) -> Iterator[Result]:
    """Give ``task(source, *common, *part)`` for each part, in their order, worked out side by side.

    Parameters
    ----------
    task:
        A function of a module; it may not write to what it is given.
    common:
        What every part needs besides; goes out with each of them.
    stop:
        Asked in this thread before each result.

    Raises
    ------
    StoppedError
        When ``stop`` says so; parts not yet begun are left out.
    """
    crew = Crew.active()
    calls = [partial(task, source, *common, *part) for part in parts]
    results: Generator[Result]
    if len(parts) <= 1 or crew.jobs == 1:
        results = (call() for call in calls)
    else:
        results = _in_threads(crew.jobs, calls) if crew.here else _elsewhere(crew, task, source, common, parts)
    with closing(results):
        for result in results:
            if stop():
                raise StoppedError
            yield result


def _in_threads(jobs: int, calls: Sequence[Callable[[], Result]]) -> Generator[Result]:
    # Not by joblib: its pool of threads takes 20 ms to begin and end, more than a whole pass over a small instance.
    with one_blas_thread(), ThreadPoolExecutor(jobs) as pool:
        waiting = deque(pool.submit(call) for call in calls)
        try:
            while waiting:
                yield waiting.popleft().result()
        finally:
            pool.shutdown(cancel_futures=True)


@contextmanager
def one_blas_thread() -> Iterator[None]:
    """Keep BLAS to one thread: its own in each of ours, or for small blocks, take thrice the processor time."""
    with _libraries().limit(limits=1, user_api="blas"):
        yield


@cache
def _libraries() -> ThreadpoolController:
    """The libraries that have threads of their own; to look for them takes a millisecond."""
    return ThreadpoolController()


def _elsewhere(
    crew: Crew, task: Callable[..., Result], source: ScoreSource, common: tuple[object, ...], parts: Sequence[Part]
) -> Generator[Result]:
    sent = Sent.of(source).for_workers(crew.backend)
    ended = False

    def calls() -> Iterator[Any]:
        for part in parts:
            if ended:
                return
            yield delayed(_with_source)(task, sent, *common, *part)

    results = Parallel(n_jobs=crew.jobs, prefer="threads", return_as="generator")(calls())
    try:
        for result in results:  # noqa: UP028  `yield from` would end joblib's generator before the finally below
            yield result
    finally:
        ended = True
        deque(results, maxlen=0)  # what is under way may end: joblib would kill the workers


def _with_source(task: Callable[..., Result], source: Any, *rest: object) -> Result:
    """In a worker: do a part; on a cluster within this process the source comes as it was sent."""
    return task(source.unpacked() if isinstance(source, Sent) else source, *rest)


class Sent:
    """A source on its way to workers: pickled once here, unpickled once in each process.

    Its large arrays travel beside the pickle, so that joblib can lay them into shared memory.
    """

    def __init__(self, source: ScoreSource) -> None:
        buffers: list[pickle.PickleBuffer] = []
        head = pickle.dumps(source, protocol=5, buffer_callback=buffers.append)
        self.token = uuid4().hex
        self.parts = [np.frombuffer(part, np.uint8) for part in (memoryview(head), *(each.raw() for each in buffers))]
        self.futures: dict[str, Any] = {}

    @classmethod
    def of(cls, source: ScoreSource) -> Sent:
        """The one for this source, which may not change once it is in use."""
        if source not in _sent:
            _sent[source] = cls(source)
        return _sent[source]

    def for_workers(self, backend: Any) -> Any:
        """What stands for the source in a task: on a Dask cluster a future, whose data go to every machine once."""
        client = getattr(backend, "client", None)
        if client is None:
            return self
        if client.id not in self.futures:
            self.futures = {client.id: client.scatter(self, broadcast=True, hash=False)}
        return self.futures[client.id]

    def unpacked(self) -> Any:
        """The source again."""
        return received(self.token, *self.parts)

    def __reduce__(self) -> tuple[Any, ...]:
        return received, (self.token, *self.parts)


_sent: WeakKeyDictionary[ScoreSource, Sent] = WeakKeyDictionary()
_received: dict[str, Any] = {}


def received(token: str, head: Any, *buffers: Any) -> Any:
    """In a worker: the source that was sent, unpickled when it comes for the first time."""
    if token not in _received:
        while len(_received) >= KEPT:
            del _received[next(iter(_received))]
        _received[token] = pickle.loads(head, buffers=buffers)  # noqa: S301  written by this programme a moment ago
    return _received[token]
