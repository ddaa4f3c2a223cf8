"""A second run redoes what changed and no more, and nobody can tell from the bytes; nor after a kill, nor from -j."""
from __future__ import annotations

import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from pipeline import intake
from pipeline.build import build
from pipeline.config import Config, packaged
from pipeline.outputs import lines
from pipeline.record import Report
from pipeline.render import summary
from pipeline.verify import verify

ROOT = Path(__file__).parent.parent
COUNT = 24


def sentences() -> list[str]:
    """Return the sentences of the seed documents, each once."""
    whole = "".join(p.read_text("utf-8-sig") for p in sorted((ROOT / "seeds").glob("*.txt")))
    return list(dict.fromkeys(s for s in re.findall(r"[^。\n]{12,120}。", whole) if re.search("[一-鿿]{8}", s)))


def texts(count: int) -> list[str]:
    """Return `count` texts of which no two are alike; the first few dozen share no sentence."""
    rng = random.Random(7)
    known = sentences()
    deck: list[str] = []
    out = []
    for _ in range(count):
        if len(deck) < 8:
            deck = rng.sample(known, len(known))
        out.append("".join(deck[:4]) + "\n" + "".join(deck[4:8]))
        del deck[:8]
    return out


@pytest.fixture(scope="module")
def originals() -> list[str]:
    return texts(COUNT + 2)


@pytest.fixture
def pages(tmp_path: Path, originals: list[str]) -> Path:
    """Files d00 to d23; d20 is a copy of d03, and d21 a near copy of d04."""
    folder = tmp_path / "pages"
    folder.mkdir()
    for n, text in enumerate(originals[:COUNT]):
        (folder / f"d{n:02}.txt").write_text(text, "utf-8")
    (folder / "d20.txt").write_text(originals[3], "utf-8")
    (folder / "d21.txt").write_text(originals[4] + "\n末尾多了一句话。", "utf-8")
    return folder


@pytest.fixture
def glossary(tmp_path: Path) -> Path:
    path = tmp_path / "terms.tsv"
    shutil.copy(packaged() / "glossary.tsv", path)
    return path


class Runs:
    """Runs into one folder again and again; every run is compared with a fresh one elsewhere."""

    def __init__(self, pages: Path, glossary: Path, folder: Path) -> None:
        self.pages, self.out, self.fresh = pages, folder / "out", folder / "fresh"
        self.common = [f'glossary.files="{glossary}"']

    def __call__(self, *settings: str, stages: str = "") -> Report:
        config = Config.load(None, [*self.common, *settings], stages)
        report = build(config, [self.pages], self.out)
        shutil.rmtree(self.fresh, ignore_errors=True)
        other = build(config, [self.pages], self.fresh)
        assert written(self.out) == written(self.fresh)
        assert (report.documents, report.fates, report.ledger, report.faults, report.bytes_unread) == (
            other.documents, other.fates, other.ledger, other.faults, other.bytes_unread)
        assert other.reused == sum(other.resumed.values()) == 0
        assert names(self.out) == names(self.fresh)
        return report


def written(folder: Path) -> list[bytes]:
    return [p.read_bytes() for p in sorted(folder.glob("*.jsonl*"))]


def names(folder: Path) -> list[str]:
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*"))


@pytest.fixture
def runs(pages: Path, glossary: Path, tmp_path: Path) -> Runs:
    return Runs(pages, glossary, tmp_path)


def test_nothing_changed_nothing_is_done(runs: Runs) -> None:
    first = runs()
    again = runs()
    assert (first.reused, again.reused, again.resumed) == (0, COUNT, {})
    assert "24 as the earlier run left them, 0 worked on from the start" in summary(again)
    assert "earlier run" not in summary(first)
    assert not any(again.seconds[stage] for stage in again.seconds if stage != "write")


def test_of_an_edited_an_added_and_a_deleted_file_only_they_are_redone(runs: Runs, originals: list[str]) -> None:
    runs()
    (runs.pages / "d07.txt").write_text(originals[COUNT], "utf-8")
    edited = runs()
    assert (edited.reused, edited.resumed) == (COUNT - 1, {})
    assert "23 as the earlier run left them, 1 worked on from the start" in summary(edited)
    (runs.pages / "d05b.txt").write_text(originals[COUNT + 1], "utf-8")
    added = runs()
    assert (added.documents, added.reused, added.resumed) == (COUNT + 1, COUNT, {})
    (runs.pages / "d00.txt").unlink()
    deleted = runs()
    assert (deleted.documents, deleted.reused, deleted.resumed) == (COUNT, COUNT, {})


def test_what_depends_on_an_edited_file_is_taken_up_at_dedup(runs: Runs, originals: list[str]) -> None:
    first = runs()
    assert first.fates == {"kept": COUNT - 2, "dropped": 2}
    (runs.pages / "d03.txt").unlink()  # the copy d20 has lost its keeper
    deleted = runs()
    assert (deleted.fates["dropped"], deleted.reused, deleted.resumed) == (1, COUNT - 2, {"dedup": 1})
    (runs.pages / "d03.txt").write_text(originals[3], "utf-8")  # and has it again
    back = runs()
    assert (back.fates["dropped"], back.reused, back.resumed) == (2, COUNT - 2, {"dedup": 1})
    (runs.pages / "d21.txt").write_text(originals[COUNT], "utf-8")  # d04 has lost its family
    alone = runs()
    assert (alone.fates["dropped"], alone.reused, alone.resumed) == (1, COUNT - 2, {"dedup": 1})


def test_a_late_setting_redoes_only_from_its_stage_on(runs: Runs, glossary: Path) -> None:
    runs()
    late = runs("glossary.boundary=any")
    assert (late.reused, late.resumed) == (0, {"glossary": COUNT})
    assert set(late.seconds) == {"glossary", "write"}
    with open(glossary, "a", encoding="utf-8") as file:
        file.write("某某某词\tsome term\tterm\t\n")
    assert runs("glossary.boundary=any").resumed == {"glossary": COUNT}
    earlier = runs("glossary.boundary=any", "segment.hmm=false")
    assert earlier.resumed == {"segment": COUNT}
    assert runs("glossary.boundary=any", "segment.hmm=false").reused == COUNT


def test_other_dedup_settings_settle_anew_and_redo_what_they_decide(runs: Runs) -> None:
    runs()
    strict = runs("dedup.similarity=0.999")
    assert strict.fates["dropped"] == 1
    assert (strict.reused, strict.resumed) == (0, {"dedup": COUNT})
    first = runs("mojibake.margin=1.5", "dedup.similarity=0.999")
    assert (first.reused, first.resumed) == (0, {"mojibake": COUNT})


def test_fewer_stages_and_all_again(runs: Runs) -> None:
    runs()
    fewer = runs(stages="decode,mojibake,boilerplate,dedup")
    assert fewer.reused + sum(fewer.resumed.values()) <= COUNT
    assert runs().fates == {"kept": COUNT - 2, "dropped": 2}


def test_a_lean_run_is_redone_and_leaves_nothing_to_build_on(runs: Runs) -> None:
    runs()
    for _ in range(2):
        lean = runs("provenance=lean")
        assert (lean.reused, lean.resumed) == (0, {})
    assert runs().reused == 0


def spoil_corpus(out: Path) -> None:
    path = out / "corpus.jsonl"
    path.write_bytes(path.read_bytes().replace("。".encode(), "！".encode(), 1))


def spoil_manifest(out: Path) -> None:
    path = out / "manifest.jsonl"
    path.write_bytes(path.read_bytes()[:-40])


def spoil_index(out: Path) -> None:
    path = out / ".store/index.sqlite"
    path.write_bytes(path.read_bytes()[:5000])


def leave_litter(out: Path) -> None:
    (out / ".store/work").mkdir()
    (out / ".store/work/dedup-0").write_bytes(b"half a")


def forget_index(out: Path) -> None:
    (out / ".store/index.sqlite").unlink()


@pytest.mark.parametrize(("spoil", "reused"), [(spoil_corpus, 0), (spoil_manifest, 0), (spoil_index, 0),
                                               (forget_index, 0), (leave_litter, COUNT)])
def test_what_was_tampered_with_is_not_built_on(runs: Runs, spoil: Callable[[Path], None], reused: int) -> None:
    runs()
    spoil(runs.out)
    assert runs().reused == reused


def test_faults_are_tried_again(runs: Runs) -> None:
    (runs.pages / "rows.jsonl").write_text('{"text"\n{"text": "好的，这一行没有问题。", "id": "fine"}\n', "utf-8")
    assert runs().exit_code == 1
    again = runs()
    assert (again.reused, again.faults[0][0]) == (COUNT + 1, "rows.jsonl#1")
    assert again.exit_code == 1


def test_fields_of_a_row_count_as_part_of_it(runs: Runs) -> None:
    row = {"text": "好的，这一行没有问题。", "id": "r", "title": "甲", "note": 1}
    path = runs.pages / "rows.jsonl"
    for change in ({}, {"title": "乙"}, {"note": 2}, {"url": "https://example.org/"}):
        path.write_text(json.dumps(row | change, ensure_ascii=False), "utf-8")
        assert runs().reused == (COUNT if change else 0)


@pytest.mark.parametrize("layout", [["output.format=jsonl.zst"], ["output.shard_mb=0.02"],
                                    ["output.format=jsonl.zst", "output.shard_mb=0.01"]])
def test_another_layout_holds_the_same_lines_and_is_built_on_like_any(runs: Runs, layout: list[str],
                                                                       monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intake, "SHARD_DOCUMENTS", 5)
    runs()
    plain = [[raw for raw, _, _ in lines(runs.out, stem)] for stem in ("corpus", "manifest")]
    for _ in range(2):
        assert runs(*layout).reused == COUNT
        assert [[raw for raw, _, _ in lines(runs.out, stem)] for stem in ("corpus", "manifest")] == plain
        assert not verify(runs.out, runs.pages).problems
    assert not (runs.out / "corpus.jsonl").exists()
    assert runs(*layout, "glossary.boundary=any").resumed == {"glossary": COUNT}
    assert ("-00001" in names(runs.out)[-2]) == ("shard_mb" in layout[-1])
    assert runs("glossary.boundary=any").reused == COUNT


# -- many shards, many workers, kills -------------------------------------------------------------

@pytest.fixture
def rows(tmp_path: Path) -> Path:
    """140 rows with copies and near copies far apart."""
    all_texts = texts(110)
    rng = random.Random(3)
    all_texts += [all_texts[n] + rng.choice(("", "\n最后多一句话。")) for n in rng.sample(range(110), 30)]
    path = tmp_path / "rows.jsonl"
    path.write_text("".join(json.dumps({"id": f"r{n:03}", "text": text}, ensure_ascii=False) + "\n"
                            for n, text in enumerate(all_texts)), "utf-8")
    return path


def test_workers_and_shards_do_not_show(rows: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = Config.load()
    one = build(config, [rows], tmp_path / "one", workers=1)
    assert one.fates["dropped"] >= 25
    monkeypatch.setattr(intake, "SHARD_DOCUMENTS", 17)
    for workers in (1, 2):
        out = tmp_path / f"small-{workers}"
        small = build(config, [rows], out, workers=workers)
        assert written(out) == written(tmp_path / "one")
        assert (small.ledger, small.fates) == (one.ledger, one.fates)
    again = build(config, [rows], tmp_path / "small-2", workers=2)
    assert again.reused == 140
    assert written(tmp_path / "small-2") == written(tmp_path / "one")


# Small shards; and where the first argument says so, the run is killed as it opens that file of its working folder.
CHILD = """
import os, signal, sys
mode, _, name = sys.argv.pop(1).partition(":")

def killing(event, arguments):
    if event == "open" and isinstance(arguments[0], (str, os.PathLike)):
        if os.path.basename(os.fspath(arguments[0])) == name:
            {"run": os.killpg, "worker": os.kill}[mode](os.getpgrp() if mode == "run" else os.getpid(), signal.SIGKILL)

if name:
    sys.addaudithook(killing)
from pipeline import cli, intake
intake.SHARD_DOCUMENTS = 17
cli.main()
"""


def start(*arguments: str | Path, killed: str = "") -> subprocess.Popen[bytes]:
    """Start a command; `killed` is run:FILE for all of its processes, or worker:FILE for the one that opens FILE."""
    return subprocess.Popen([sys.executable, "-c", CHILD, killed, *map(str, arguments)], stdout=subprocess.DEVNULL,
                            stderr=subprocess.PIPE, start_new_session=True,
                            env={**os.environ, "PYTHONPATH": str(ROOT)})


def kill(run: subprocess.Popen[bytes]) -> None:
    """Kill a run and its workers, as a power cut would."""
    with suppress(ProcessLookupError):
        os.killpg(run.pid, signal.SIGKILL)
    run.communicate()


FAST = "decode,dedup"


def test_after_kills_the_same_command_gives_the_same_bytes_and_no_litter(rows: Path, tmp_path: Path) -> None:
    build(Config.load(None, stages=FAST), [rows], tmp_path / "whole")
    out = tmp_path / "out"
    command = ("run", rows, "-o", out, "-j", "2", "--stages", FAST)
    for moment in ("dedup-0-3", "corpus-0-2", "manifest-0-7", "run.json"):
        run = start(*command, killed=f"run:{moment}")
        run.communicate(timeout=120)
        assert run.returncode == -signal.SIGKILL
        assert (out / ".store/work").exists()
        assert not (out / "run.json").exists()
    finish(command)
    assert written(out) == written(tmp_path / "whole")
    assert names(out) == names(tmp_path / "whole")


def finish(command: tuple[str | Path, ...]) -> None:
    again = start(*command)
    assert again.communicate(timeout=120)[1] == b""
    assert again.returncode == 0


@pytest.mark.slow
def test_kills_at_random_moments_of_first_and_second_runs(rows: Path, tmp_path: Path) -> None:
    build(Config.load(), [rows], tmp_path / "whole")
    out = tmp_path / "out"
    command = ("run", rows, "-o", out, "-j", "2")
    rng = random.Random(11)
    for turn in range(12):
        run = start(*command)
        time.sleep(rng.uniform(0.2, 8))
        kill(run)
        if turn in (5, 11):
            finish(command)
            assert written(out) == written(tmp_path / "whole")
            assert names(out) == names(tmp_path / "whole")
        if turn == 5:  # the later kills fall on a folder that holds an earlier, different corpus
            all_rows = rows.read_bytes().splitlines(True)
            rows.write_bytes(b"".join(all_rows[30:]))
            build(Config.load(), [rows], out)
            rows.write_bytes(b"".join(all_rows))


def test_a_worker_that_dies_ends_the_run_with_a_sentence(rows: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    run = start("run", rows, "-o", out, "-j", "2", "--stages", FAST, killed="worker:dedup-0-1")
    try:
        err = run.communicate(timeout=120)[1].decode()
    finally:
        kill(run)
    assert run.returncode == 2
    assert err.count("\n") == 1
    assert "a worker process was killed" in err
    assert not (out / ".store/work").exists()


def test_a_kill_between_the_renames_is_noticed_and_mended(rows: Path, tmp_path: Path,
                                                          monkeypatch: pytest.MonkeyPatch) -> None:
    config = Config.load(None, stages="decode,dedup")
    build(config, [rows], tmp_path / "whole")
    out = tmp_path / "out"
    build(config, [rows], out)
    all_rows = rows.read_bytes().splitlines(True)
    rows.write_bytes(b"".join(all_rows[1:]))
    real, done = os.replace, []

    def replace(source: Path, target: Path) -> None:
        if done:
            raise KeyboardInterrupt  # after the first file is in its place
        done.append(target)
        real(source, target)

    monkeypatch.setattr(os, "replace", replace)
    with pytest.raises(KeyboardInterrupt):
        build(config, [rows], out)
    monkeypatch.undo()
    assert done == [out / "corpus.jsonl"]
    assert verify(out).problems
    rows.write_bytes(b"".join(all_rows))
    assert build(config, [rows], out).reused == 0
    assert written(out) == written(tmp_path / "whole")
    assert names(out) == names(tmp_path / "whole")
    assert not verify(out).problems
