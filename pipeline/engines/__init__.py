"""Engines: each is shaped like the builtin `map`, keeps the order of its input, and no more."""
from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path

from pipeline.engines.cluster import ray_data
from pipeline.engines.local import processes
from pipeline.engines.shape import EngineError, Map, WorkerDied

__all__ = ["ENGINES", "EngineError", "Map", "WorkerDied", "start"]

ENGINES = ("local", "ray")


def start(engine: str, workers: int, folder: Path) -> AbstractContextManager[Map]:
    """Return the engine of a name, ``"local"`` or ``"ray"``; `folder` is for files that it passes to workers.

    Raises:
        EngineError: there is no such engine, or it cannot be used here.
    """
    if engine not in ENGINES:
        raise EngineError(f"--engine {engine}: no such engine; there are {', '.join(ENGINES)}")
    return ray_data(workers, folder) if engine == "ray" else processes(workers)
