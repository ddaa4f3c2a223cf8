"""A Ray cluster: items are mapped by Ray Data, which spreads them, keeps their order, and repeats what died.

Items wait in a file of the shared folder, and what a Ray Data set holds is their numbers: so the first machine
holds no list of them, whatever their number.  Results come back pickled, one row each.  An error of a function is a
result as well, raised here again; Ray repeats only what was lost with a worker or a machine.
"""
from __future__ import annotations

import gc
import logging
import os
import pickle
from array import array
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from pipeline.engines.shape import RARELY, EngineError, Map, WorkerDied, whole

LOGGERS = ("ray", "ray.data")
TRIES = 4  # at a piece of work that its worker dies of; Ray Data itself would go on for ever


class Items(NamedTuple):
    """Pickled items in a file, and where each begins, in another."""

    path: Path

    def write(self, items: Iterable[Any]) -> int:
        """Write items, and return how many there were."""
        starts = array("Q")
        with open(self.path, "wb") as file:
            for item in items:
                starts.append(file.tell())
                pickle.dump(item, file, protocol=5)
        Path(f"{self.path}.starts").write_bytes(starts.tobytes())
        return len(starts)

    def read(self, number: int) -> Any:
        """Return an item by its number."""
        start = np.fromfile(f"{self.path}.starts", np.uint64, 1, offset=number * 8)
        with open(self.path, "rb") as file:
            file.seek(int(start[0]))
            return pickle.load(file)

    @contextmanager
    def tried(self, number: int) -> Iterator[int]:
        """Give how often work on an item was begun and not ended, this time included."""
        path = Path(f"{self.path}.tried-{number}")
        with open(path, "ab") as file:
            file.write(b".")
            tries = file.tell()
        yield tries
        path.unlink(missing_ok=True)  # another may be at it, too, if Ray took a worker for dead

    def remove(self) -> None:
        """Delete the files."""
        self.path.unlink()
        Path(f"{self.path}.starts").unlink()


@contextmanager
def ray_data(workers: int, folder: Path) -> Iterator[Map]:
    """Give a `map` over the workers of a Ray cluster: the one that RAY_ADDRESS names, else one started here.

    Each item is a task of Ray Data, which is run again when its worker or machine dies, so functions must
    leave the same files behind when they are called twice; every machine must see the same folders.

    Raises:
        EngineError: the extra `ray` is not installed, or the cluster cannot be reached or does not do its work.
        WorkerDied: a worker died too often over the same item.
    """
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # nothing goes out that was not asked for
    try:
        import ray
        import ray.data
    except ImportError as error:
        raise EngineError("--engine ray needs an extra: pip install 'qingyuan[ray]'") from error
    ours = not ray.is_initialized()
    if ours:
        address = os.environ.get("RAY_ADDRESS")
        options = {"address": address} if address else {"num_cpus": workers}
        try:
            ray.init(include_dashboard=False, logging_level="error", log_to_driver=False, **options)
        except (ConnectionError, RuntimeError, ValueError) as error:
            where = f"at {address}" if address else "can be started here"
            raise EngineError(f"no Ray cluster {where}: {error}") from error
    count = [0]

    def mapped(function: Callable[[Any], Any], items: Iterable[Any],
               cut: Callable[[Any], Iterable[Any]] = whole) -> Iterator[Any]:
        waiting = Items(folder / f"items-{count[0]}")
        count[0] += 1
        number = waiting.write(items)
        if number:
            with closing(_rows(number, _each(waiting, function, cut))) as rows:
                for row in rows:
                    good, result = pickle.loads(row["result"])
                    if not good:
                        raise result
                    yield result
        waiting.remove()

    try:
        with _quiet():
            yield mapped
    except ray.exceptions.RayError as error:
        last = str(error).strip().rpartition("\n")[2]
        raise EngineError(f"the Ray cluster gave up: {last}") from error
    finally:
        if ours:
            ray.shutdown()


def _each(waiting: Items, function: Callable[[Any], Any], cut: Callable[[Any], Iterable[Any]]
          ) -> Callable[[dict[str, Any]], Iterator[dict[str, bytes]]]:
    """Return what a worker does with the number of an item: it yields the results of the item's pieces, pickled."""
    here = os.getcwd()

    def each(row: dict[str, Any]) -> Iterator[dict[str, bytes]]:
        gc.set_threshold(*RARELY)
        with suppress(OSError):
            os.chdir(here)  # paths may be relative; if no path is, the folder need not be there
        number = int(row["id"])
        try:
            with waiting.tried(number) as tries:
                if tries > TRIES:
                    raise WorkerDied(f"{TRIES} Ray workers died over the same piece of work, "
                                     "perhaps for want of memory")
                for piece in cut(waiting.read(number)):
                    yield {"result": pickle.dumps((True, function(piece)), protocol=5)}
        except Exception as error:
            yield {"result": pickle.dumps((False, error), protocol=5)}

    return each


def _rows(number: int, each: Callable[[dict[str, Any]], Iterator[dict[str, bytes]]]
          ) -> Generator[dict[str, Any], None, None]:
    """Yield the rows that Ray Data makes of the numbers below `number`, in order, each number a block of its own."""
    import ray.data
    yield from ray.data.range(number, override_num_blocks=number).flat_map(each).iter_rows()


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep the order of rows, and standard error for ourselves."""
    from ray.data import DataContext
    context = DataContext.get_current()
    before = context.execution_options.preserve_order, context.enable_progress_bars
    levels = [logging.getLogger(name).level for name in LOGGERS]
    context.execution_options.preserve_order, context.enable_progress_bars = True, False
    for name in LOGGERS:
        logging.getLogger(name).setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        context.execution_options.preserve_order, context.enable_progress_bars = before
        for name, level in zip(LOGGERS, levels, strict=True):
            logging.getLogger(name).setLevel(level)
