"""What a run says while it is going on, and where its time went."""
from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.progress import Progress
from pipeline.sources import Found

ROOT = Path(__file__).parent.parent
ROWS = "".join(json.dumps({"id": f"r{n}", "text": f"第{n}篇文章，内容不长，说的是数字{n * 7}。"}) + "\n" for n in range(30))


def run(folder: Path, *arguments: str, rows: str = ROWS) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "pipeline", "run", "-", "-o", str(folder), "-j", "1", "--stages",
                           "decode,dedup", *arguments], input=rows, capture_output=True, text=True, check=False,
                          env={**os.environ, "PYTHONPATH": str(ROOT)}, cwd=folder.parent)


def test_standard_input_is_jsonl_and_progress_can_be_json(tmp_path: Path) -> None:
    done = run(tmp_path / "out", "--log-json", "--profile", "-q")
    assert done.returncode == 0, done.stderr
    ids = [json.loads(line)["id"] for line in (tmp_path / "out/corpus.jsonl").read_text("utf-8").splitlines()]
    assert ids == [f"r{n}" for n in range(30)]
    told = [json.loads(line) for line in done.stderr.splitlines()]
    assert [t["phase"] for t in told if t.get("done")] == ["until dedup", "settle dedup", "write"]
    ends = [t for t in told if t.get("done")]
    assert all(t["documents"] == 30 and t["bytes"] == ends[0]["bytes"] > 0 for t in ends)
    assert told[-1] | {"seconds": 0} == {"phase": "end", "documents": 30, "kept": 30, "bytes": ends[0]["bytes"],
                                         "reused": 0, "resumed": {}, "seconds": 0, "exit_code": 0}
    table = [line.split() for line in done.stdout.splitlines()]
    assert [row[0] for row in table] == ["CPU", "decode", "dedup", "write", "dedup,", "all"]
    assert "documents:" not in done.stdout


def test_an_id_given_twice_on_standard_input_is_named_with_both_lines(tmp_path: Path) -> None:
    done = run(tmp_path / "out", rows=ROWS + '{"id": "r3", "text": "again"}\n')
    assert done.returncode == 2
    assert "the id 'r3' is given twice: -:4 and -:31" in done.stderr
    assert not (tmp_path / "out/run.json").exists()


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_gets_a_line_a_phase_with_speed_and_time_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.txt").write_bytes(b"x" * 4_000_000)
    clock = [0.0]
    monkeypatch.setattr("time.monotonic", lambda: clock[0])
    monkeypatch.setattr("sys.stderr", Terminal())
    with Progress(lambda: [Found(tmp_path / "a.txt", "a.txt")], "line") as progress:
        for step in range(5):
            clock[0] = step
            progress("until dedup", step * 250, step * 1_000_000)
        clock[0] = 10.0
        progress("write", 0, 0)
        clock[0] = 12.0
        progress("write", 500, 2_000_000)
    lines = [line.split("\x1b[2K")[-1] for line in sys.stderr.getvalue().split("\n")]  # type: ignore[attr-defined]
    assert [" ".join(line.split()) for line in lines] == [
        "until dedup 1,000 documents 100 documents/s 0.40 MB/s 10.0 s",
        "write 500 documents 250 documents/s 1.00 MB/s 2.0 s", ""]
    assert "3 s left" in sys.stderr.getvalue()  # type: ignore[attr-defined]  # after 1 of 4 s
    assert sys.stderr.getvalue().count("2 s left") >= 2  # type: ignore[attr-defined]  # in both phases


def test_nothing_is_said_where_nobody_reads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stderr", io.StringIO())
    with Progress(list, "line") as progress:
        progress("write", 1, 1)
    assert sys.stderr.getvalue() == ""  # type: ignore[attr-defined]
