"""The whole pipeline against a plain script and the installed peers, on the same rows in the same run.

    python benchmarks/scale.py [DATA] [--rows 1000,10000,50000] [--workers 1,2] [--all] [--no-plain] [--no-peers]
                               [--no-stages] [--no-manifest]

Rows: 1,000 of text made from seeds/; with DATA 1,000, 10,000 and 50,000.  The plain script and the peers take minutes,
so they get 10,000 at most, unless there is --all.  A peer is run if it is installed here, or in the environment whose
Python QINGYUAN_DATATROVE or QINGYUAN_DATA_JUICER names (they need other versions of packages); what must be in it, what
they do and what not is said in benchmarks/yardstick/.

Printed are, for each size, a line for each command, ratios to qingyuan, and the seconds of each stage (of a run of its
own, with one worker); at last what a document costs as the rows grow.
"""
from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import zstandard

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.cost import Cost, Result, growth, measure

YARDSTICK = Path(__file__).parent / "yardstick"  # a folder of its own: its scripts import html, and so on
PEERS = {"datatrove": ("datatrove", "QINGYUAN_DATATROVE"), "data-juicer": ("data_juicer", "QINGYUAN_DATA_JUICER")}
MOST = 10_000  # rows for the plain script and the peers without --all


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", nargs="?", help="evaluation data folder; default: text made from seeds/")
    parser.add_argument("--rows")
    parser.add_argument("--workers", default="1,2")
    parser.add_argument("--all", action="store_true", help=f"the plain script and the peers beyond {MOST:,} rows, too")
    parser.add_argument("--no-plain", action="store_true", help="leave the plain script out")
    parser.add_argument("--no-peers", action="store_true", help="leave datatrove and Data-Juicer out")
    parser.add_argument("--no-stages", action="store_true", help="leave the run that is timed by stage out")
    parser.add_argument("--no-manifest", action="store_true", help="a run without provenance, too")
    args = parser.parse_args()
    args.data = args.data or os.environ.get("QINGYUAN_DATA", "")
    args.rows = args.rows or ("1000,10000,50000" if args.data else "1000")
    scripts = yardsticks(args)
    print(f"{'rows':>7} {'workers':>7} {'what':<11} {'wall s':>8} {'CPU s':>8} {'MB/CPU s':>9} {'MB/s':>7} "
          f"{'MB mem':>7}")
    results: list[Result] = []
    for rows in map(int, args.rows.split(",")):
        with tempfile.TemporaryDirectory() as folder:
            results += compare(Path(folder), rows, scripts if args.all or rows <= MOST else {}, args)
    for line in growth([one for one in results if one.what not in ("again", "no manifest")]):
        print(line)


def yardsticks(args: argparse.Namespace) -> dict[str, list[str]]:
    """Return the commands to compare with, short of their arguments; say which peers are not installed."""
    found = {} if args.no_plain else {"plain": [sys.executable, str(YARDSTICK / "plain_script.py")]}
    for peer, (module, variable) in ({} if args.no_peers else PEERS).items():
        python = os.environ.get(variable) or (sys.executable if find_spec(module) else "")
        if python:
            found[peer] = [python, str(YARDSTICK / f"{module}_chain.py")]
        else:
            print(f"{peer} is not installed; {variable}=PYTHON names the Python of an environment that has it")
    return found


def compare(folder: Path, rows: int, scripts: dict[str, list[str]], args: argparse.Namespace) -> list[Result]:
    """Print a line for each command on `rows` rows, the ratios, and what each stage took."""
    path = folder / "rows.jsonl"
    made = subprocess.run([sys.executable, str(YARDSTICK / "corpus.py"), str(rows), str(path),
                           *filter(None, [args.data])], check=True, stdout=subprocess.PIPE)
    size = int(made.stdout) / 1e6
    results: list[Result] = []
    for workers in args.workers.split(","):
        command = ours(path, folder / f"out-{workers}", workers)
        commands = {"qingyuan": command, "again": command}
        if args.no_manifest:
            commands["no manifest"] = [sys.executable, str(YARDSTICK / "no_manifest.py"),
                                       *ours(path, folder / f"bare-{workers}", workers)[3:]]
        for what, script in scripts.items():
            commands[what] = [*script, str(path), str(folder / f"{what}-{workers}"), workers]
        done = [Result(rows, int(workers), what, size, cost) for what, cost in run(commands, rows, workers, size)]
        for one in done:
            if one.what in scripts:
                print(f"{'':>15} {one.what} / qingyuan: wall {one.cost.wall / done[0].cost.wall:.1f}, "
                      f"CPU {one.cost.cpu / done[0].cost.cpu:.1f}")
        results += done
    with open(folder / f"out-{workers}" / "manifest.jsonl", "rb") as manifest, open(os.devnull, "wb") as nowhere:
        plain, packed = zstandard.ZstdCompressor(level=3).copy_stream(manifest, nowhere)
    print(f"{'':>15} manifest / source: {plain / 1e6 / size:.2f}, with zstd -3 {packed / 1e6 / size:.2f}")
    if not args.no_stages:
        print(f"{rows:>7} {1:>7} by stage, in a run of its own", flush=True)
        subprocess.run([*ours(path, folder / "profile", "1"), "--profile"], check=True)
    return results


def ours(path: Path, out: Path, workers: str) -> list[str]:
    return [sys.executable, "-m", "pipeline", "run", str(path), "-o", str(out), "-j", workers, "-q"]


def run(commands: dict[str, list[str]], rows: int, workers: str, size: float) -> Iterator[tuple[str, Cost]]:
    """Run each command, print its line, and yield what it took; a peer that fails gets a line that says why."""
    for what, command in commands.items():
        try:
            cost = measure(command)
        except (OSError, RuntimeError) as error:
            if what not in PEERS:
                raise
            print(f"{rows:>7} {workers:>7} {what:<11} failed: {error}", flush=True)
            continue
        print(f"{rows:>7} {workers:>7} {what:<11} {cost.wall:>8.2f} {cost.cpu:>8.2f} {size / cost.cpu:>9.2f} "
              f"{size / cost.wall:>7.2f} {cost.memory_mb:>7.0f}", flush=True)
        yield what, cost


if __name__ == "__main__":
    main()
