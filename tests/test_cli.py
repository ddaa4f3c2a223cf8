"""The command line as a user meets it: outputs, exit codes, one-sentence errors."""
from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from pipeline.cli import main

ROOT = Path(__file__).parent.parent
COMMANDS = sorted(main.commands)


def qingyuan(*args: object, stdin: bytes = b"") -> Result:
    return CliRunner().invoke(main, [str(a) for a in args], input=stdin)


def started(*args: object, **options: object) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-m", "pipeline", *map(str, args)], stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, env={**os.environ, "PYTHONPATH": str(ROOT)},
                            **options)  # type: ignore[call-overload, no-any-return]


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    """A small folder: two files in different encodings, one empty."""
    folder = tmp_path / "pages"
    folder.mkdir()
    (folder / "a.txt").write_text("第一篇文章,内容不长。\n只有两行。\n", "utf-8")
    (folder / "b.txt").write_bytes("第二篇文章用的是另一种编码,也不长,但足够认出来。".encode("gb18030"))
    (folder / "c.txt").write_bytes(b"")
    return folder


@pytest.fixture
def done(pages: Path, tmp_path: Path) -> Path:
    assert qingyuan("run", pages, "-o", tmp_path / "out", "-j", 1, "--stages", "decode").exit_code == 0
    return tmp_path / "out"


def lines(path: Path) -> list[dict[str, object]]:
    return [json.loads(row) for row in path.read_bytes().splitlines()]


def test_run_writes_three_files_and_says_what_it_did(pages: Path, tmp_path: Path) -> None:
    result = qingyuan("run", pages, "-o", tmp_path / "out", "--stages", "decode")
    assert result.exit_code == 0
    assert "3 documents: 2 kept, 1 dropped, 0 set aside" in result.stdout
    assert "= bytes in" in result.stdout
    assert result.stderr == ""
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == [".store", "corpus.jsonl", "manifest.jsonl",
                                                                   "run.json"]
    assert [row["id"] for row in lines(tmp_path / "out/corpus.jsonl")] == ["a.txt", "b.txt"]
    manifest = lines(tmp_path / "out/manifest.jsonl")
    assert [(e["id"], e["fate"], e.get("why")) for e in manifest] == [
        ("a.txt", "kept", None), ("b.txt", "kept", None), ("c.txt", "dropped", "empty")]
    assert [e["source"]["encoding"] for e in manifest[:2]] == ["utf-8", "gb18030"]  # type: ignore[index]


def test_a_second_run_gives_the_same_bytes_for_any_number_of_workers(pages: Path, tmp_path: Path) -> None:
    written = []
    for out, jobs in (("one", 1), ("one", 1), ("two", 2)):
        assert qingyuan("run", pages, "-o", tmp_path / out, "-j", jobs, "-q").exit_code == 0
        written.append([(tmp_path / out / name).read_bytes() for name in ("corpus.jsonl", "manifest.jsonl")])
    assert written[0] == written[1] == written[2]


def test_verify_and_restore(done: Path, pages: Path, tmp_path: Path) -> None:
    result = qingyuan("verify", done, "--sources", pages)
    assert result.exit_code == 0, result.output
    assert "3 sources rebuilt" in result.stdout
    for source in pages.iterdir():
        assert qingyuan("restore", done, source.name).stdout_bytes == source.read_bytes()
    assert qingyuan("restore", done, "b.txt", "-o", tmp_path / "b").exit_code == 0
    assert (tmp_path / "b").read_bytes() == (pages / "b.txt").read_bytes()


@pytest.mark.parametrize(("file", "old", "new", "message"), [
    ("corpus.jsonl", "不长", "不短", "not the one the manifest describes"),
    ("corpus.jsonl", "not", "no", None),
    ("manifest.jsonl", '"size":', '"size": ', "not the file that run.json describes"),
    ("manifest.jsonl", '"bytes_kept":', '"bytes_kept":1', "do not add up"),
    ("run.json", '"kept": 2', '"kept": 3', None),
    ("run.json", '"in": 3', '"in": 4', "the manifest has 3 documents, run.json says 4"),
    ("run.json", '"bytes_in": ', '"bytes_in": 1', "ledger"),
])
def test_verify_finds_a_changed_byte(done: Path, file: str, old: str, new: str, message: str | None) -> None:
    text = (done / file).read_text("utf-8")
    (done / file).write_text(text.replace(old, new, 1), "utf-8")
    result = qingyuan("verify", done)
    if message:
        assert result.exit_code == 1
        assert message in result.stderr
    else:
        assert result.exit_code == 0


def test_verify_against_sources_finds_changed_missing_and_new_files(done: Path, pages: Path) -> None:
    (pages / "a.txt").write_text("another", "utf-8")
    (pages / "b.txt").unlink()
    (pages / "d.txt").write_text("new", "utf-8")
    result = qingyuan("verify", done, "--sources", pages)
    assert result.exit_code == 1
    assert "a.txt: the file in" in result.stderr
    assert "b.txt: in the manifest, but not in" in result.stderr
    assert "d.txt: in" in result.stderr


def test_clean_text_json_and_diff(pages: Path) -> None:
    assert qingyuan("clean", pages / "b.txt", "--stages", "decode").stdout.startswith("第二篇文章")
    both = json.loads(qingyuan("clean", "-", "--json", "--stages", "decode", stdin="你好".encode()).stdout)
    assert both["manifest"]["source"]["path"] == "-"
    assert "url" not in both["manifest"]["source"]
    assert both["corpus"] == {"id": "-", "text": "你好", "lang": "zh-Hans"}
    assert both["manifest"]["output"]["chars"] == 2
    assert "你好" in qingyuan("clean", "--diff", "--stages", "decode", stdin="你好".encode()).stdout


def test_clean_says_when_a_document_is_dropped() -> None:
    result = qingyuan("clean", "-", stdin=b"")
    assert (result.exit_code, result.stdout) == (0, "")
    assert "dropped: empty" in result.stderr


def test_explain_says_where_a_character_and_a_line_came_from(done: Path) -> None:
    whole = qingyuan("explain", done, "a.txt")
    assert whole.exit_code == 0
    assert "a.txt: kept" in whole.stdout
    line = qingyuan("explain", done, "a.txt", "--line", 2).stdout
    assert "只有两行" in line
    at = qingyuan("explain", done, "b.txt", "--at", 1).stdout
    assert "'二' at 1 of the clean text" in at
    assert "bytes 2-4 of the source" in at


def test_a_broken_row_is_exit_code_1_and_everything_else_is_written(tmp_path: Path) -> None:
    (tmp_path / "r.jsonl").write_text('{"text": "好的。", "id": "x", "extra": [1]}\n{"text"\n', "utf-8")
    result = qingyuan("run", tmp_path / "r.jsonl", "-o", tmp_path / "out", "--stages", "decode")
    assert result.exit_code == 1
    assert "set aside: r.jsonl#2: sources: line 2: no JSON" in result.stdout
    assert lines(tmp_path / "out/corpus.jsonl") == [
        {"id": "x", "text": "好的。", "lang": "zh-Hans", "fields": {"extra": [1]}}]
    assert qingyuan("verify", tmp_path / "out", "--sources", tmp_path / "r.jsonl").exit_code == 0
    assert qingyuan("restore", tmp_path / "out", "r.jsonl#2").stdout_bytes == b'{"text"'


def test_a_file_over_the_limit_is_recorded_and_the_run_goes_on(pages: Path, tmp_path: Path) -> None:
    (pages / "big.txt").write_bytes(b"x" * 2000)
    result = qingyuan("run", pages, "-o", tmp_path / "out", "--set", "max_document_mb=0.001", "--stages", "decode")
    assert result.exit_code == 1
    entry = next(e for e in lines(tmp_path / "out/manifest.jsonl") if e["id"] == "big.txt")
    assert entry["fault"] == {"stage": "sources",
                              "message": "2,000 bytes are more than max_document_mb allows (1,000 bytes)"}
    assert qingyuan("verify", tmp_path / "out", "--sources", pages).exit_code == 0
    refused = qingyuan("restore", tmp_path / "out", "big.txt")
    assert refused.exit_code == 2
    assert "was not taken in" in refused.stderr


@pytest.mark.parametrize(("args", "message"), [
    (["run", "nowhere"], "nowhere: no such file or folder"),
    (["run", "EMPTY"], "holds no documents"),
    (["run", "PAGES", "-o", "PAGES/a.txt"], "is a file; -o names a folder"),
    (["run", "PAGES", "-c", "none.toml"], "none.toml: No such file"),
    (["run", "PAGES", "--stages", "decode,simplfy"], "did you mean 'simplify'?"),
    (["run", "PAGES", "--set", "nothing=1"], "no setting or stage is called 'nothing'"),
    (["run", "PAGES", "-j", "-1"], "-j: the number of workers must be 1 or more"),
    (["run", "PAGES/a.txt", "PAGES/a.txt"], "the id 'a.txt' is given twice"),
    (["run", "BLANK"], "hold no documents"),
    (["rules", "no-rule"], "no rule is called 'no-rule'"),
    (["clean", "PAGES"], "PAGES: is a folder; use qingyuan run"),
    (["report", "OUT", "--documents", "-3"], "--documents: the number must be 0 or more"),
    (["clean", "nowhere.txt"], "nowhere.txt: No such file"),
    (["clean", "ROWS"], "holds many documents; use qingyuan run"),
    (["verify", "PAGES"], "is PAGES the output folder of a finished run?"),
    (["restore", "OUT", "nobody"], "there is no document 'nobody'"),
    (["explain", "OUT", "nobody"], "there is no document 'nobody'"),
    (["explain", "OUT", "a.txt", "--line", "9"], "the decoded source has 3 lines"),
    (["explain", "OUT", "a.txt", "--at", "99"], "the clean text has 18 characters"),
    (["explain", "OUT", "a.txt", "--at", "1", "--line", "1"], "give one of them"),
    (["clean", "PAGES/a.txt", "--json", "--diff"], "give one of them"),
    (["clean", "PAGES/a.txt", "--set", "mojibake.margin=nan"], "mojibake.margin must be a number, 0 or more, not nan"),
    (["clean", "PAGES/a.txt", "--set", "spam.threshold=-1"], "spam.threshold must be a number, 0 or more, not -1"),
    (["run", "PAGES", "--set", "spam.page=inf"], "spam.page must be a number, 0 or more, not inf"),
    (["run", "PAGES", "--set", "spam.page=1.5"], "spam.page lies above 0 and is at most 1"),
    (["run", "PAGES", "--set", "dedup.shingle=-5"], "dedup.shingle must be a number, 0 or more, not -5"),
])
def test_a_mistake_is_one_sentence_and_exit_code_2(done: Path, pages: Path, tmp_path: Path, args: list[str],
                                                   message: str) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "blank.jsonl").write_text("\n\n")
    (tmp_path / "rows.jsonl").write_text('{"text": "x"}\n')
    before = {p.name: p.read_bytes() for p in done.iterdir() if p.is_file()}
    names = {"PAGES": pages, "EMPTY": tmp_path / "empty", "OUT": done, "BLANK": tmp_path / "blank.jsonl",
             "ROWS": tmp_path / "rows.jsonl"}

    def fill(text: str) -> str:
        for name, path in names.items():
            text = text.replace(name, str(path))
        return text

    args = [fill(a) for a in args]
    if args[0] == "run" and "-o" not in args:
        args += ["-o", str(done)]
    result = qingyuan(*args)
    assert result.exit_code == 2, result.output
    assert fill(message) in result.stderr
    assert result.stderr.count("\n") == 1
    assert {p.name: p.read_bytes() for p in done.iterdir() if p.is_file()} == before
    assert not (done / ".store/work").exists()


def test_lean_provenance_keeps_spans_and_hashes_but_no_removed_text(pages: Path, tmp_path: Path) -> None:
    (pages / "d.txt").write_bytes(b"\xef\xbb\xbf" + "有字节顺序标记的文件。".encode())
    args = ["run", pages, "-o", tmp_path / "out", "--set", "provenance=lean", "--stages", "decode"]
    assert qingyuan(*args).exit_code == 0
    assert "\\u00ef" not in (tmp_path / "out/manifest.jsonl").read_text("utf-8")
    checked = qingyuan("verify", tmp_path / "out", "--sources", pages)
    assert checked.exit_code == 0
    assert "as far as a lean manifest shows: 4 documents" in checked.stdout
    assert "1 sources rebuilt, 3 cannot be" in checked.stdout
    refused = qingyuan("restore", tmp_path / "out", "d.txt")
    assert refused.exit_code == 1
    assert "lean" in refused.stderr


def test_explain_tells_what_a_lean_manifest_holds(pages: Path, tmp_path: Path) -> None:
    (pages / "d.txt").write_text("這是一篇文章，講的是天氣。\n作者：李明\n" * 2, "utf-8")
    assert qingyuan("run", pages, "-o", tmp_path / "out", "--set", "provenance=lean").exit_code == 0
    told = qingyuan("explain", tmp_path / "out", "d.txt")
    assert told.exit_code == 0
    entry = next(e for e in lines(tmp_path / "out/manifest.jsonl") if e["id"] == "d.txt")
    for patch in entry["patches"]:  # type: ignore[attr-defined]
        assert f"{patch['stage']} (received " in told.stdout or not patch.get("edits")
        for start, length, why, *_, digest in patch.get("edits", ()):
            assert f"  {start}-{start + length}: " in told.stdout
            assert f"sha256 {digest}  [{why}]" in told.stdout
    assert "這" not in told.stdout
    for option in ("--line", "--at"):
        refused = qingyuan("explain", tmp_path / "out", "d.txt", option, "1")
        assert (refused.exit_code, refused.stderr.count("\n")) == (2, 1)
        assert "the manifest is lean" in refused.stderr


@pytest.mark.parametrize(("old", "new"), [('"size":', '"size":1'), ("[[0,", "[[1,")])
def test_verify_finds_spans_of_a_lean_manifest_that_do_not_fit(pages: Path, tmp_path: Path, old: str, new: str) -> None:
    out = tmp_path / "out"
    assert qingyuan("run", pages, "-o", out, "--set", "provenance=lean", "--stages", "decode").exit_code == 0
    rows = (out / "manifest.jsonl").read_text("utf-8")
    assert old in rows
    (out / "manifest.jsonl").write_text(rows.replace(old, new, 1), "utf-8")
    run = json.loads((out / "run.json").read_text("utf-8"))
    run["files"]["manifest.jsonl"]["sha256"] = hashlib.sha256((out / "manifest.jsonl").read_bytes()).hexdigest()
    (out / "run.json").write_text(json.dumps(run), "utf-8")
    result = qingyuan("verify", out)
    assert result.exit_code == 1
    assert "received" in result.stderr or "outside" in result.stderr


def test_a_mistake_leaves_no_new_folder(pages: Path, tmp_path: Path) -> None:
    (tmp_path / "dup.jsonl").write_text('{"id": 1, "text": "a"}\n{"id": 1, "text": "b"}\n')
    assert qingyuan("run", tmp_path / "dup.jsonl", "-o", tmp_path / "new").exit_code == 2
    assert not (tmp_path / "new").exists()
    assert qingyuan("run", pages, "-o", tmp_path / "new", "--set", "max_document_mb=nan").exit_code == 2
    assert not (tmp_path / "new").exists()


def test_a_store_that_was_tampered_with_runs_no_code(done: Path, pages: Path) -> None:
    import pickle
    import sqlite3

    class Evil:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return os.system, (f"touch {done}/pwned",)

    assert qingyuan("run", pages, "-o", done, "-j", 1, "-q").exit_code == 0
    with sqlite3.connect(done / ".store/index.sqlite") as index:
        index.execute("update documents set facts = ?", (pickle.dumps({"dedup": Evil()}),))
    result = qingyuan("run", pages, "-o", done, "-j", 1)
    assert result.exit_code == 2
    assert "the rebuild store is damaged" in result.stderr
    assert not (done / "pwned").exists()


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_an_example(command: str) -> None:
    result = qingyuan(command, "--help")
    assert result.exit_code == 0
    assert "Example" in result.stdout
    assert f"qingyuan {command}" in result.stdout
    assert main.commands[command].help


def test_stages_and_config_show_what_is_in_force() -> None:
    assert "off  sitewide" in qingyuan("stages").stdout
    assert "on   simplify" in qingyuan("stages").stdout
    assert 'stages = ["decode"]' in qingyuan("config", "--stages", "decode").stdout
    assert json.loads(qingyuan("config", "--json").stdout)["provenance"] == "full"


def test_rules_are_listed_with_what_they_take_and_leave() -> None:
    listed = qingyuan("rules").stdout
    assert "on   boilerplate  share-bar" in listed
    assert "on   spam" in listed
    assert "off  boilerplate  share-bar" in qingyuan("rules", "--set", "boilerplate.off=share-bar").stdout
    examples = qingyuan("rules", "--examples", "share-bar").stdout
    assert "       - " in examples
    assert "       = " in examples


def test_a_second_run_on_the_same_folder_is_refused(pages: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    fifo = tmp_path / "slow.jsonl"
    os.mkfifo(fifo)
    first = started("run", fifo, "-o", out, "-j", 1, "--stages", "decode")
    try:
        deadline = time.monotonic() + 20
        while not (out / ".store/work").exists() and time.monotonic() < deadline:
            time.sleep(0.05)
        second = qingyuan("run", pages, "-o", out, "--stages", "decode")
        assert second.exit_code == 2
        assert "another run is writing here" in second.stderr
        with open(fifo, "w") as pipe:
            pipe.write('{"text": "好"}\n')
        assert first.wait(20) == 0
    finally:
        first.kill()
        first.communicate()


@pytest.mark.parametrize("jobs", [1, 2])
def test_ctrl_c_is_130_and_leaves_the_folder_as_it_was(done: Path, tmp_path: Path, jobs: int) -> None:
    before = {p.name: p.read_bytes() for p in done.iterdir() if p.is_file()}
    fifo = tmp_path / "slow.jsonl"
    os.mkfifo(fifo)
    run = started("run", fifo, "-o", done, "-j", jobs, "--stages", "decode", start_new_session=True)
    try:
        with open(fifo, "w") as pipe:
            for n in range(900):
                pipe.write(json.dumps({"text": f"第{n}篇"}) + "\n")
            pipe.flush()
            time.sleep(0.5)
            os.killpg(run.pid, signal.SIGINT)
            _, err = run.communicate(timeout=20)
        assert run.returncode == 130
        assert b"interrupted; the output folder is as it was" in err
        assert b"Traceback" not in err
    finally:
        run.kill()
        run.communicate()
    assert {p.name: p.read_bytes() for p in done.iterdir() if p.is_file()} == before
    assert not (done / ".store/work").exists()


def test_a_full_disk_is_one_sentence(pages: Path, tmp_path: Path) -> None:
    (pages / "big.txt").write_text("这一行很长。" * 20_000, "utf-8")

    def small_files() -> None:
        import resource
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)

    run = started("run", pages, "-o", tmp_path / "out", "-j", 1, "--stages", "decode", preexec_fn=small_files)
    _, err = run.communicate(timeout=30)
    assert run.returncode == 2
    assert err.count(b"\n") == 1
    assert b"File too large" in err
    assert not (tmp_path / "out/corpus.jsonl").exists()


def test_a_closed_pipe_is_no_traceback(done: Path) -> None:
    run = started("explain", done, "a.txt")
    assert run.stdout is not None
    run.stdout.close()
    assert run.stderr is not None
    err = run.stderr.read()
    run.wait(20)
    assert b"Traceback" not in err


def test_killed_workers_do_not_outlive_their_parent(tmp_path: Path) -> None:
    fifo = tmp_path / "slow.jsonl"
    os.mkfifo(fifo)
    run = started("run", fifo, "-o", tmp_path / "out", "-j", 2, "--stages", "decode", start_new_session=True)
    with open(fifo, "w") as pipe:
        for n in range(900):
            pipe.write(json.dumps({"text": f"第{n}篇"}) + "\n")
        pipe.flush()
        time.sleep(1)
        run.kill()
        run.wait(10)
    for _ in range(100):
        if not _alive(run.pid):
            break
        time.sleep(0.1)
    assert not _alive(run.pid)
    (tmp_path / "a.txt").write_text("好", "utf-8")
    again = qingyuan("run", tmp_path / "a.txt", "-o", tmp_path / "out", "--stages", "decode")
    assert again.exit_code == 0
    assert not (tmp_path / "out/.store/work").exists()


def _alive(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True
