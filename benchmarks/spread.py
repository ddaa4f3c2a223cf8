"""What an engine costs, and what a document takes in files and in the main process: figures to plan a crawl with.

    python benchmarks/spread.py [DATA] [--rows 2000] [--engine local|ray] [--workers 2] [--keys 30000]

`--keys` is how many records a partition of the group-bys holds; few, so that there are several partitions.
"""
from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.cost import family  # noqa: E402
from benchmarks.scale import YARDSTICK  # noqa: E402
from pipeline.build import build  # noqa: E402
from pipeline.cjk import apart, shuffle  # noqa: E402
from pipeline.config import Config  # noqa: E402

FILES = {"facts": "dedup-*.facts", "spool, with facts": "dedup-*", "reasons for removals": "partings-*",
         "verdicts": "verdicts-*"}


class Watch:
    """Notes the files of a run's working folder, and the CPU seconds of all processes below this one."""

    def __init__(self, work: Path) -> None:
        self.bytes: dict[str, int] = {}
        self.cpu: dict[int, float] = {}
        self._work, self._clear = work, shuffle.GroupBy.clear
        shuffle.GroupBy.clear = lambda by, name: self._cleared(by, name)  # type: ignore[method-assign]
        threading.Thread(target=self._follow, daemon=True).start()

    def progress(self, phase: str, documents: int, size: int) -> None:
        """Note the files when dedup is settled: what `build` calls as it goes on."""
        if phase == "settle dedup" and documents:
            self.bytes |= {what: self._size(pattern) for what, pattern in FILES.items()}

    def _cleared(self, by: shuffle.GroupBy, name: str) -> None:
        self.bytes[f"group-by of {name}, {by.partitions} partitions"] = self._size(f"{name}-*")
        self._clear(by, name)

    def _size(self, pattern: str) -> int:
        return sum(path.stat().st_size for path in self._work.glob(pattern))

    def _follow(self) -> None:
        while True:
            for process in family(os.getpid())[1:]:
                try:
                    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
                except OSError:
                    continue
                self.cpu[process] = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
            time.sleep(0.3)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", nargs="?", default=os.environ.get("QINGYUAN_DATA", ""), help="as of scale.py")
    parser.add_argument("--rows", type=int, default=2000)
    parser.add_argument("--engine", default="local")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--keys", type=int, default=30_000)
    args = parser.parse_args()
    os.environ["PYTHONPATH"] = str(ROOT)
    apart.KEYS = args.keys
    with tempfile.TemporaryDirectory() as folder:
        path, out = Path(folder, "rows.jsonl"), Path(folder, "out")
        subprocess.run([sys.executable, str(YARDSTICK / "corpus.py"), str(args.rows), str(path),
                        *filter(None, [args.data])], check=True, stdout=subprocess.DEVNULL)
        show(path, out, args)


def show(path: Path, out: Path, args: argparse.Namespace) -> None:
    """Run once and print what it took."""
    watch = Watch(out / ".store/work")
    began, before = time.perf_counter(), time.process_time()
    report = build(Config.load(), [path], out, args.workers, watch.progress, args.engine)
    wall, cpu = time.perf_counter() - began, time.process_time() - before
    watch.bytes["rebuild index"] = (out / ".store/index.sqlite").stat().st_size
    stages = sum(seconds for stage, seconds in report.seconds.items() if "settling" not in stage)
    print(f"{report.documents} rows, engine {args.engine}, {args.workers} workers: {wall:.1f} s, "
          f"{cpu + sum(watch.cpu.values()):.1f} CPU s, of which {cpu:.1f} in the main process, {stages:.1f} in stages")
    print(f"CPU ms a shard of 0.5 MB: {stages / (path.stat().st_size / (1 << 19)) * 1000:.0f}")
    print(f"most memory of the main process: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")
    for what, size in watch.bytes.items():
        print(f"bytes a document: {size / report.documents:>7.0f} {what}")


if __name__ == "__main__":
    main()
