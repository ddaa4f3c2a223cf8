"""The same bytes from a Ray cluster, also when a worker is killed on the way."""
from __future__ import annotations

import json
import os
import signal
import threading
import time
from pathlib import Path

import pytest

from pipeline import intake
from pipeline.build import build
from pipeline.config import Config
from pipeline.engines import EngineError, start
from tests.test_rebuild import texts, written


def below(process: int) -> list[int]:
    """Return the processes that a process started, and those that they started."""
    found: list[int] = []
    for task in Path(f"/proc/{process}/task").iterdir():
        for child in map(int, (task / "children").read_text().split()):
            found += [child, *below(child)]
    return found


def test_an_unknown_engine_is_refused() -> None:
    with pytest.raises(EngineError, match="no such engine; there are local, ray"):
        start("spark", 2)


@pytest.mark.slow
def test_a_ray_cluster_gives_the_same_bytes_though_a_worker_is_killed(tmp_path: Path,
                                                                      monkeypatch: pytest.MonkeyPatch) -> None:
    ray = pytest.importorskip("ray")
    all_texts = texts(150)
    path = tmp_path / "rows.jsonl"
    rows = [{"id": f"r{n}", "text": text} for n, text in enumerate([*all_texts, *all_texts[:20]])]
    path.write_text("\n".join(json.dumps(row) for row in rows), "utf-8")
    monkeypatch.setattr(intake, "SHARD_DOCUMENTS", 11)
    monkeypatch.setenv("PYTHONPATH", str(Path(intake.__file__).parents[1]))
    local = build(Config.load(), [path], tmp_path / "local")
    ray.init(num_cpus=3, include_dashboard=False, log_to_driver=False)
    killed: list[int] = []

    def kill_a_worker() -> None:
        while not (tmp_path / "ray/.store/work/dedup-3").exists():
            time.sleep(0.02)
        killed.extend([p for p in below(os.getpid()) if b"ray::work" in Path(f"/proc/{p}/cmdline").read_bytes()][:1])
        for one in killed:
            os.kill(one, signal.SIGKILL)

    killer = threading.Thread(target=kill_a_worker, daemon=True)
    killer.start()
    try:
        report = build(Config.load(), [path], tmp_path / "ray", workers=3, engine="ray")
    finally:
        ray.shutdown()
    killer.join(10)
    assert killed
    assert written(tmp_path / "ray") == written(tmp_path / "local")
    assert (report.fates, report.ledger) == (local.fates, local.ledger)
