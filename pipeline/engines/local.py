"""Processes of this machine."""
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
from contextlib import contextmanager
from itertools import chain
from multiprocessing import connection, parent_process
from typing import Any

from pipeline.engines.shape import RARELY, Map, WorkerDied, whole

PATIENCE = 2.0  # seconds
WAITING = 2  # shards in flight for each worker; more would only fill memory


@contextmanager
def processes(workers: int) -> Iterator[Map]:
    """Give a `map` over `workers` processes; with one worker, over this process.

    Results come in input order; the input is read no further ahead than the workers need.  Workers
    keep their tables from call to call, and end when this process ends, however it ends.

    Raises:
        WorkerDied: a worker was killed, most likely for want of memory.
    """
    before = gc.get_threshold()
    gc.set_threshold(*RARELY)
    try:
        if workers > 1:
            with _pool(workers) as parallel:
                yield parallel
        else:
            yield lambda function, items, cut=whole: map(function, chain.from_iterable(map(cut, items)))
    finally:
        gc.set_threshold(*before)


@contextmanager
def _pool(workers: int) -> Iterator[Map]:
    method = "fork" if "fork" in multiprocessing.get_all_start_methods() else "spawn"
    pool = ProcessPoolExecutor(workers, multiprocessing.get_context(method), initializer=_settle_in)
    try:
        yield lambda function, items, cut=whole: _windowed(
            lambda piece: pool.submit(function, piece).result, chain.from_iterable(map(cut, items)), workers * WAITING)
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


def _windowed(submit: Callable[[Any], Callable[[], Any]], items: Iterable[Any], window: int) -> Iterator[Any]:
    """Yield results in the order of `items`, with no more than `window` of these under way."""
    waiting: deque[Callable[[], Any]] = deque()
    for item in items:
        waiting.append(submit(item))
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
