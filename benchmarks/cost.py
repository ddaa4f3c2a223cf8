"""What a command takes: wall and CPU seconds, and the memory of all its processes.  Used by scale.py and spread.py."""
from __future__ import annotations

import resource
import subprocess
import tempfile
import time
from pathlib import Path
from typing import IO, NamedTuple


class Cost(NamedTuple):
    """What a command took: wall and CPU seconds, and the most memory that all its processes held at once."""

    wall: float
    cpu: float
    memory_mb: float


class Result(NamedTuple):
    """What a command took with so many rows and workers; `size` is the MB of their texts."""

    rows: int
    workers: int
    what: str
    size: float
    cost: Cost


def measure(command: list[str]) -> Cost:
    """Run a command to its end and return what it took.

    Raises:
        RuntimeError: it failed; the message is the last line it wrote.
    """
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.perf_counter()
    peak = 0.0
    with tempfile.TemporaryFile() as said:
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=said) as process:
            while process.poll() is None:
                peak = max(peak, sum(map(memory_mb, family(process.pid))))
                time.sleep(0.1)
        wall = time.perf_counter() - began
        if process.returncode:
            raise RuntimeError(last_line(said) or f"exit code {process.returncode}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Cost(wall, cpu, peak or after.ru_maxrss / 1024)


def last_line(file: IO[bytes]) -> str:
    """Return the last line of a file that is not empty."""
    file.seek(0)
    lines = file.read().decode("utf-8", "replace").splitlines()
    return next((line.strip() for line in reversed(lines) if line.strip()), "")


def family(process: int) -> list[int]:
    """Return a process and all below it."""
    found = [process]
    for one in found:
        try:
            found += map(int, Path(f"/proc/{one}/task/{one}/children").read_text().split())
        except OSError:
            continue
    return found


def memory_mb(process: int) -> float:
    """Return the memory of a process in MB; what it shares with others is divided among them."""
    try:
        rows = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return next((int(row.split()[1]) / 1024 for row in rows if row.startswith("Pss:")), 0.0)


def growth(results: list[Result]) -> list[str]:
    """Return a table of speeds at each size, beside those at the base, and of memory from size to size.

    The base is the smallest size of 10,000 rows or more, else the smallest.  A command that ran at one size only has
    no lines.
    """
    table = [f"{'what':<11} {'workers':>7} {'rows':>7} {'MB/s':>7} {'of base':>8} {'MB/CPU s':>9} {'of base':>8} "
             f"{'more bytes a document':>22}"]
    for what, workers in dict.fromkeys((one.what, one.workers) for one in results):
        sizes = sorted(one for one in results if (one.what, one.workers) == (what, workers))
        if len(sizes) < 2:
            continue
        base = next((one for one in sizes if one.rows >= 10_000), sizes[0])
        for before, one in zip([None, *sizes], sizes, strict=False):
            by_wall, by_cpu = base.cost.wall / base.size, base.cost.cpu / base.size
            more = "" if before is None else f"{memory_growth(before, one):,.0f}"
            table.append(f"{what:<11} {workers:>7} {one.rows:>7} {one.size / one.cost.wall:>7.2f} "
                         f"{one.size / one.cost.wall * by_wall:>8.0%} {one.size / one.cost.cpu:>9.2f} "
                         f"{one.size / one.cost.cpu * by_cpu:>8.0%} {more:>22}")
    return table if len(table) > 1 else []


def memory_growth(small: Result, large: Result) -> float:
    """Return the bytes of memory that each document beyond those of `small` takes."""
    return (large.cost.memory_mb - small.cost.memory_mb) * 2**20 / (large.rows - small.rows)
