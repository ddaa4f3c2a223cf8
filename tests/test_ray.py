"""The same bytes from a Ray cluster, also when workers are killed on the way."""
from __future__ import annotations

import gzip
import json
import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from pipeline import intake
from pipeline.build import build
from pipeline.cjk import apart
from pipeline.config import Config
from pipeline.engines import EngineError, WorkerDied, start
from pipeline.engines.cluster import Items
from pipeline.sources import InputError
from pipeline.verify import verify
from tests.test_rebuild import names, texts, written

WORKERS = 3


def below(process: int) -> list[int]:
    """Return the processes that a process started, and those that they started."""
    found: list[int] = []
    for task in Path(f"/proc/{process}/task").iterdir():
        for child in map(int, (task / "children").read_text().split()):
            found += [child, *below(child)]
    return found


def test_an_unknown_engine_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="no such engine; there are local, ray"):
        start("spark", 2, tmp_path)


def test_standard_input_is_not_for_many_machines(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match=r"standard input \(-\) is none"):
        build(Config.load(), ["-"], tmp_path / "out", engine="ray")
    assert not (tmp_path / "out").exists()


def test_items_wait_in_a_file(tmp_path: Path) -> None:
    items = Items(tmp_path / "items")
    assert items.write({"n": n} for n in range(5)) == 5
    assert [items.read(n) for n in (4, 0, 2)] == [{"n": 4}, {"n": 0}, {"n": 2}]
    for times in (1, 2, 3):
        with suppress(KeyboardInterrupt), items.tried(3) as tries:
            assert tries == times
            raise KeyboardInterrupt
    with items.tried(3) as tries, items.tried(2) as others:
        assert (tries, others) == (4, 1)
    items.remove()
    assert not list(tmp_path.iterdir())


# -- with a cluster -------------------------------------------------------------------------------

@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    """A Ray cluster on this machine, of several workers that have this checkout on their path."""
    ray = pytest.importorskip("ray", reason="needs Ray: make test-ray")
    pytest.importorskip("pandas", reason="needs Ray Data: make test-ray")
    before = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = str(Path(__file__).parent.parent)
    ray.init(num_cpus=WORKERS, include_dashboard=False, log_to_driver=False, logging_level="error")
    yield ray
    ray.shutdown()
    os.environ.pop("PYTHONPATH")
    if before is not None:
        os.environ["PYTHONPATH"] = before


@pytest.fixture
def crawl(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of many kinds of files; with copies across blocks, which are small, and a row that is none."""
    monkeypatch.setattr(intake, "SHARD_DOCUMENTS", 7)
    monkeypatch.setattr("pipeline.sources.cutting.BLOCK_BYTES", 9_000)
    monkeypatch.setattr("pipeline.sources.cutting.BLOCK_FILES", 10)
    monkeypatch.setattr(apart, "KEYS", 900)
    monkeypatch.setattr(apart, "TEXTS", 11)
    monkeypatch.setattr(apart, "SHELVES", 4)
    folder = tmp_path / "crawl"
    folder.mkdir()
    some = texts(160)
    some[95], some[130], some[131] = some[3], some[4] + "\n末尾多了一句话。", some[100]

    def rows(first: int, last: int) -> list[bytes]:
        return [json.dumps({"id": f"r{n}", "text": some[n], "n": n}).encode() for n in range(first, last)]

    long = rows(0, 60)
    long[40] = b'{"text": '
    (folder / "a.jsonl").write_bytes(b"\n".join(long))
    (folder / "b.jsonl").write_bytes(b"".join(row + b"\r\n" for row in rows(60, 80)))
    (folder / "c.jsonl.gz").write_bytes(gzip.compress(b"\n".join(rows(80, 100))))
    for n in range(100, 125):
        (folder / f"d{n}.txt").write_text(some[n], "utf-8")
    (folder / "gone.txt").symlink_to(folder / "nowhere")
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError:
        (folder / "e.jsonl").write_bytes(b"\n".join(rows(125, 160)))
    else:
        table = pyarrow.Table.from_pylist([{"id": f"r{n}", "text": some[n]} for n in range(125, 160)])
        parquet.write_table(table, folder / "e.parquet", row_group_size=5)
    return folder


class Killer:
    """Kills a worker that is at work when a file is there; one for each file."""

    def __init__(self, *files: Path) -> None:
        self.killed: list[int] = []
        self._files = files
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def _watch(self) -> None:
        for file in self._files:
            while not file.exists():
                time.sleep(0.005)
            busy: list[int] = []
            while not busy:
                busy = [p for p in below(os.getpid()) if p not in self.killed and b"FlatMap" in _command(p)]
            os.kill(busy[0], signal.SIGKILL)
            self.killed.append(busy[0])

    def __enter__(self) -> Killer:
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._thread.join(10)


def _command(process: int) -> bytes:
    try:
        return Path(f"/proc/{process}/cmdline").read_bytes()
    except OSError:
        return b""


SETTINGS = ("output.shard_mb=0.05", "output.format=jsonl.zst")


@pytest.mark.slow
def test_the_same_bytes_though_workers_are_killed(cluster: Any, crawl: Path, tmp_path: Path) -> None:
    config = Config.load(None, SETTINGS)
    local = build(config, [crawl], tmp_path / "local")
    assert (local.fates["dropped"], len(local.faults)) == (3, 2)
    assert local.faults[0] == ("a.jsonl#41", "sources: line 41: no JSON: Expecting value: line 1 column 10 (char 9)")
    out = tmp_path / "ray"
    with Killer(out / ".store/work/dedup-2-0", out / ".store/work/corpus-2-0") as killer:
        report = build(config, [crawl], out, WORKERS, engine="ray")
    assert len(killer.killed) == 2
    assert len(written(out)) > 6
    assert written(out) == written(tmp_path / "local")
    assert names(out) == names(tmp_path / "local")
    assert not (out / ".store/work").exists()
    assert (report.fates, report.ledger, report.faults, report.documents) == (
        local.fates, local.ledger, local.faults, local.documents)
    assert not verify(out, crawl).problems
    again = build(config, [crawl], out, WORKERS, engine="ray")
    assert again.reused == local.documents - len(local.faults) == 159
    assert written(out) == written(tmp_path / "local")
    assert build(config, [crawl], out).reused == 159


@pytest.mark.slow
def test_a_run_of_one_leg_and_one_file_with_relative_paths(cluster: Any, crawl: Path, tmp_path: Path,
                                                           monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    config = Config.load(None, stages="decode,simplify")
    build(config, ["crawl"], "local", 2)
    build(config, ["crawl"], "ray", WORKERS, engine="ray")
    assert written(tmp_path / "ray") == written(tmp_path / "local")
    (crawl / "d100.txt").write_text("另外一段文字。", "utf-8")
    assert build(config, ["crawl"], "ray", WORKERS, engine="ray").reused == 158


@pytest.mark.slow
def test_errors_come_out_as_they_are(cluster: Any, crawl: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (crawl / "f.jsonl").write_text('{"id": "r70", "text": "另外一段文字。"}\n')
    with pytest.raises(InputError, match=r"^the id 'r70' is given twice: .*/b\.jsonl:11 and .*/f\.jsonl:1$"):
        build(Config.load(), [crawl], tmp_path / "out", WORKERS, engine="ray")
    assert not (tmp_path / "out").exists()
    with start("ray", WORKERS, tmp_path) as parallel:
        assert list(parallel(_square, range(5), _twice)) == [0, 0, 1, 1, 4, 4, 9, 9, 16, 16]
        assert list(parallel(_square, [])) == []
        for error in (InputError("so"), OSError(28, "full"), KeyError("k")):
            with pytest.raises(type(error)) as found:
                list(parallel(_raise, [error]))
            assert (type(found.value), found.value.args) == (type(error), error.args)
    out, err = capfd.readouterr()
    assert (out, err) == ("", "")
    with pytest.raises(WorkerDied, match="4 Ray workers died over the same"), start("ray", WORKERS, tmp_path) as parallel:
        list(parallel(_die, [0]))


def _square(n: int) -> int:
    return n * n


def _twice(n: int) -> tuple[int, int]:
    return n, n


def _raise(error: Exception) -> None:
    raise error


def _die(n: int) -> None:
    os.kill(os.getpid(), signal.SIGKILL)
