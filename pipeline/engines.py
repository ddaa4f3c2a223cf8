"""Engines: each is shaped like the builtin `map`, keeps the order of its input, and no more."""
from __future__ import annotations

import gc
import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import AbstractContextManager, contextmanager
from multiprocessing import connection, parent_process
from typing import Any

Map = Callable[[Callable[[Any], Any], Iterable[Any]], Iterable[Any]]
ENGINES = ("local", "ray")
RETRIES = 3  # of a shard whose Ray worker died
RARELY = (20_000, 20, 50)  # documents are many small tuples without cycles: looking for them took a tenth of the time
PATIENCE = 2.0  # seconds
WAITING = 2  # shards in flight for each worker; more would only fill memory


class EngineError(RuntimeError):
    """An engine cannot be used as asked."""


class WorkerDied(RuntimeError):
    """A worker process ended before its work did."""


def start(engine: str, workers: int) -> AbstractContextManager[Map]:
    """Return the engine of a name: ``"local"`` or ``"ray"``."""
    if engine not in ENGINES:
        raise EngineError(f"--engine {engine}: no such engine; there are {', '.join(ENGINES)}")
    return ray_tasks(workers) if engine == "ray" else processes(workers)


@contextmanager
def processes(workers: int) -> Iterator[Map]:
    """Give a `map` over `workers` processes; with one worker, over this process.

    Results come in input order; the input is read no further ahead than the workers need.  Workers
    keep their tables from call to call, and end when this process ends, however it ends.

    Raises:
        WorkerDied: a worker was killed, most likely for want of memory.
    """
    if workers <= 1:
        before = gc.get_threshold()
        gc.set_threshold(*RARELY)
        try:
            yield map
        finally:
            gc.set_threshold(*before)
        return
    method = "fork" if "fork" in multiprocessing.get_all_start_methods() else "spawn"
    pool = ProcessPoolExecutor(workers, multiprocessing.get_context(method), initializer=_settle_in)
    try:
        yield lambda function, items: _windowed(lambda f, item: pool.submit(f, item).result, function, items,
                                                workers * WAITING)
    except BaseException as error:
        # Interrupted, perhaps amid a fork: what there is of workers is killed, and nothing waited for long.
        workers_left = list((getattr(pool, "_processes", None) or {}).values())  # `shutdown` forgets them
        manager = getattr(pool, "_executor_manager_thread", None)
        pool.shutdown(wait=False, cancel_futures=True)
        for process in workers_left:
            process.kill()
        if manager is not None:
            manager.join(PATIENCE)  # if it closes its pipe while Python ends, Python complains
        if isinstance(error, BrokenProcessPool):
            raise WorkerDied("a worker process was killed, perhaps for want of memory; run again, with a smaller -j "
                             "if that was the reason") from error
        raise
    pool.shutdown(wait=True)


@contextmanager
def ray_tasks(workers: int) -> Iterator[Map]:
    """Give a `map` over the workers of a Ray cluster: the one that RAY_ADDRESS names, else one started here.

    Each item is a task.  Ray runs a task again when its worker or machine dies, so tasks must leave
    the same files behind when they are done twice; every machine must see the same folders.

    Raises:
        EngineError: the extra `ray` is not installed, or the cluster cannot be reached.
    """
    try:
        import ray
    except ImportError as error:
        raise EngineError("--engine ray needs an extra: pip install 'qingyuan[ray]'") from error
    ours = not ray.is_initialized()
    if ours:
        address = os.environ.get("RAY_ADDRESS")
        options = {"address": address} if address else {"num_cpus": workers}
        try:
            ray.init(include_dashboard=False, logging_level="error", log_to_driver=False, **options)
        except (ConnectionError, ValueError) as error:
            raise EngineError(f"no Ray cluster at {address}: {error}") from error
    try:
        window = WAITING * max(workers, int(ray.cluster_resources().get("CPU", workers)))

        def submit(function: Callable[[Any], Any], item: Any) -> Callable[[], Any]:
            reference = ray.remote(max_retries=RETRIES)(function).remote(item)
            return lambda: ray.get(reference)

        yield lambda function, items: _windowed(submit, function, items, window)
    except ray.exceptions.WorkerCrashedError as error:
        raise WorkerDied(f"a Ray worker died {RETRIES + 1} times over the same shard, perhaps for want of "
                         "memory") from error
    finally:
        if ours:
            ray.shutdown()


def _windowed(submit: Callable[[Callable[[Any], Any], Any], Callable[[], Any]], function: Callable[[Any], Any],
              items: Iterable[Any], window: int) -> Iterator[Any]:
    """Yield results in the order of `items`, with no more than `window` of these under way."""
    waiting: deque[Callable[[], Any]] = deque()
    for item in items:
        waiting.append(submit(function, item))
        if len(waiting) >= window:
            yield waiting.popleft()()
    while waiting:
        yield waiting.popleft()()


def _settle_in() -> None:
    """Leave Ctrl-C to the parent, and do not outlive it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.set_threshold(*RARELY)
    parent = parent_process()
    if parent is not None:
        threading.Thread(target=_follow, args=(parent.sentinel,), daemon=True).start()


def _follow(sentinel: int) -> None:
    connection.wait([sentinel])
    os._exit(1)
