"""The whole pipeline against a plain script of the usual packages, on the same rows in the same run.

    python benchmarks/scale.py [DATA] [--rows 2000,10000] [--workers 1,2] [--no-plain] [--no-manifest]
"""
from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

import zstandard

YARDSTICK = Path(__file__).parent / "yardstick"  # a folder of its own: its scripts import html, and so on


class Cost(NamedTuple):
    """What a command took: wall and CPU seconds, and the most memory that all its processes held at once."""

    wall: float
    cpu: float
    memory_mb: float


def measure(command: list[str]) -> Cost:
    """Run a command to its end and return what it took.

    Raises:
        CalledProcessError: it failed.
    """
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.perf_counter()
    peak = 0.0
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        while process.poll() is None:
            peak = max(peak, sum(map(memory_mb, family(process.pid))))
            time.sleep(0.1)
    wall = time.perf_counter() - began
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Cost(wall, cpu, peak or after.ru_maxrss / 1024)


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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", nargs="?", help="evaluation data folder; default: text made from seeds/")
    parser.add_argument("--rows", default="2000")
    parser.add_argument("--workers", default="1,2")
    parser.add_argument("--no-plain", action="store_true", help="leave the plain script out")
    parser.add_argument("--no-manifest", action="store_true", help="a run without provenance, too")
    args = parser.parse_args()
    data = args.data or os.environ.get("QINGYUAN_DATA", "")
    print(f"{'rows':>7} {'workers':>7} {'what':<11} {'wall s':>8} {'CPU s':>8} {'MB/CPU s':>9} {'MB/s':>7} "
          f"{'MB mem':>7}")
    for rows in map(int, args.rows.split(",")):
        with tempfile.TemporaryDirectory() as folder:
            compare(Path(folder), rows, data, args)


def compare(folder: Path, rows: int, data: str, args: argparse.Namespace) -> None:
    """Print a line for each command on `rows` rows, and the ratios."""
    path = folder / "rows.jsonl"
    made = subprocess.run([sys.executable, str(YARDSTICK / "corpus.py"), str(rows), str(path), *filter(None, [data])],
                          check=True, stdout=subprocess.PIPE)
    size = int(made.stdout) / 1e6
    for workers in args.workers.split(","):
        out = folder / f"out-{workers}"
        command = [sys.executable, "-m", "pipeline", "run", str(path), "-o", str(out), "-j", workers, "-q"]
        costs = {"qingyuan": measure(command), "again": measure(command)}
        if args.no_manifest:
            bare = [sys.executable, str(YARDSTICK / "no_manifest.py"), *command[3:]]
            bare[bare.index(str(out))] = str(folder / "bare")
            costs["no manifest"] = measure(bare)
        if not args.no_plain:
            costs["plain"] = measure([sys.executable, str(YARDSTICK / "plain_script.py"), str(path),
                                      str(folder / "plain.jsonl"), workers])
        for what, cost in costs.items():
            print(f"{rows:>7} {workers:>7} {what:<11} {cost.wall:>8.2f} {cost.cpu:>8.2f} {size / cost.cpu:>9.2f} "
                  f"{size / cost.wall:>7.2f} {cost.memory_mb:>7.0f}", flush=True)
        if "plain" in costs:
            ours, plain = costs["qingyuan"], costs["plain"]
            print(f"{'':>15} plain / qingyuan: wall {plain.wall / ours.wall:.1f}, CPU {plain.cpu / ours.cpu:.1f}")
    with open(out / "manifest.jsonl", "rb") as manifest, open(os.devnull, "wb") as nowhere:
        plain, packed = zstandard.ZstdCompressor(level=3).copy_stream(manifest, nowhere)
    print(f"{'':>15} manifest / source: {plain / 1e6 / size:.2f}, with zstd -3 {packed / 1e6 / size:.2f}")


if __name__ == "__main__":
    main()
