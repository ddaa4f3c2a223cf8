"""The report: one file, nothing outside it, and what it shows is what happened."""
from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from pipeline import Pipeline
from pipeline.cli import main
from pipeline.report import write

ROWS = [
    {"id": "a", "text": "首页 > 新闻 > 正文\n關於開發軟體的一篇文章,寫得足夠長,好讓人看出它是正文。阿里雲也在其中。</script><b>"},
    {"id": "b", "text": "第二篇文章与第一篇没有关系,讲的是秋天公园里的树叶和每天来散步的老人,内容也足够长。"},
    {"id": "c", "text": "第二篇文章与第一篇没有关系,讲的是秋天公园里的树叶和每天来散步的老人,内容也足够长。"},
    {"id": "d", "html": "<p>第三篇很短。</p>"}, {"id": "e"},
]


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("report")
    (folder / "rows.jsonl").write_text("\n".join(json.dumps(row) for row in ROWS), "utf-8")
    assert Pipeline().build(folder / "rows.jsonl", folder / "out").exit_code == 1
    return folder / "out"


def data(page: str) -> dict[str, Any]:
    packed = re.search(r"const DATA = (.*);\n", page)
    assert packed
    found: dict[str, Any] = json.loads(packed[1].replace("<\\/", "</"))
    return found


def test_it_is_one_file_without_anything_from_outside(out: Path) -> None:
    page = write(out).read_text("utf-8")
    assert not re.search(r"""(src|href)\s*=|@import|url\(|fetch\(|XMLHttpRequest""", page.split("const DATA")[0])
    assert page.count("</script>") == 1


def test_it_shows_what_happened(out: Path) -> None:
    found = data(write(out).read_text("utf-8"))
    assert {d["id"]: d["fate"] for d in found["documents"]} == {
        "a": "kept", "b": "kept", "c": "dropped", "d": "kept", "rows.jsonl#5": "fault"}
    assert found["families"] == [["b", "c"]]
    runs = found["shown"]["a"]["runs"]
    assert "".join(r[1] for r in runs).replace("\r", "") == ROWS[0]["text"]
    corpus = {r["id"]: r for r in map(json.loads, (out / "corpus.jsonl").read_bytes().splitlines())}
    for id in ("a", "b", "d"):
        runs = found["shown"][id]["runs"]
        assert "".join(r[1] if r[0] == "k" else r[2] for r in runs) == corpus[id]["text"]
    assert any(r[0] == "r" and r[3] == "boilerplate" for r in found["shown"]["a"]["runs"])
    assert any(r[:2] == ["changed", "simplify"] for r in found["rules"])


def test_the_number_of_documents_side_by_side_is_limited_the_most_telling_first(out: Path, tmp_path: Path) -> None:
    found = data(write(out, tmp_path / "r.html", limit=2).read_text("utf-8"))
    assert set(found["shown"]) == {"rows.jsonl#5", "c"}
    assert len(found["documents"]) == 5


def test_the_command_says_where_it_is(out: Path, tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["report", str(out), "-o", str(tmp_path / "r.html")])
    assert (result.exit_code, result.stdout.strip()) == (0, str(tmp_path / "r.html"))
    assert CliRunner().invoke(main, ["report", str(tmp_path)]).exit_code == 2


@pytest.mark.slow
def test_a_browser_shows_it(out: Path, tmp_path: Path) -> None:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if not chromium:
        pytest.skip("no chromium here")
    page = write(out, tmp_path / "r.html")
    shown = subprocess.run([chromium, "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking",
                            "--no-first-run", f"--user-data-dir={tmp_path / 'profile'}", "--dump-dom", page.as_uri()],
                           capture_output=True, text=True, timeout=120, check=True).stdout
    assert "rows.jsonl#5" in shown
    assert "Side by side" in shown or "对照" in shown
