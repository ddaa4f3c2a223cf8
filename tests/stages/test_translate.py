"""The stage translate: without a server, on text written for the purpose."""
from __future__ import annotations

import json
import os
import pickle
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.api import Pipeline
from pipeline.build import build as run
from pipeline.config import Config, ConfigError
from pipeline.document import Document
from pipeline.export import export
from pipeline.record import Report
from pipeline.stages.translate import Translate
from pipeline.translation.backend import Refused
from pipeline.translation.memory import close, memory
from pipeline.translation.segments import segments
from pipeline.verify import verify

STAGES = "decode,segment,glossary,translate"
TEXT = "阿里云\n今天的天气很好。大家都说：“是的！”然后就走了。\nhttps://example.com/a\nGPT-5.2 is here.\n阿里云发布了新产品。"
TMX = ('<tmx version="1.4"><header/><body><tu><tuv xml:lang="zh"><seg>今天的天气很好。</seg></tuv>'
       '<tuv xml:lang="en"><seg>The weather is good today.</seg></tuv></tu></body></tmx>')


def clean(text: str, *settings: str) -> Document:
    return Pipeline(Config.load(None, settings, STAGES)).clean(text)


def by_source(doc: Document) -> dict[str, dict[str, object]]:
    return {doc.text[s["start"] : s["end"]]: s for s in doc.translation}


def test_the_glossary_backend_translates_terms_and_never_copies_chinese() -> None:
    doc = clean(TEXT)
    told = by_source(doc)
    assert told["阿里云"]["en"] == "Alibaba Cloud"
    assert told["阿里云"]["status"] == "translated"
    assert told["今天的天气很好。"] == {"start": 4, "end": 12, "en": None, "status": "untranslated"}
    assert told["https://example.com/a"]["status"] == "kept"
    assert told["GPT-5.2 is here."]["en"] == "GPT-5.2 is here."
    assert told["阿里云发布了新产品。"]["en"] is None
    assert doc.text == TEXT


def test_every_segment_slices_back_and_all_text_stands_in_one(tmp_path: Path) -> None:
    for file in sorted(Path("seeds").glob("*.txt")):
        text = file.read_text("utf-8", "replace")
        for unit in ("sentence", "paragraph"):
            found = list(segments(text, unit, 60))
            assert all(text[s.start : s.end] == s.text and len(s.text) <= 60 for s in found)
            covered = "".join(s.text for s in found)
            assert "".join(covered.split()) == "".join(text.split())


def test_a_tmx_file_fills_the_memory_and_a_like_sentence_is_only_reported(tmp_path: Path) -> None:
    (tmp_path / "a.tmx").write_text(TMX, "utf-8")
    setting = f'translate.tmx=["{tmp_path / "a.tmx"}"]'
    doc = clean("今天的天气很好。今天的天气很好！", setting)
    exact, alike = doc.translation
    assert (exact["en"], exact["status"]) == ("The weather is good today.", "translated")
    assert (alike["en"], alike["status"]) == (None, "untranslated")
    record = json.loads(next(t.value for t in doc.tagged("translated") if t.start == alike["start"]))
    assert record["similar"]["target"] == "The weather is good today."


def test_documents_in_other_languages_are_left_alone() -> None:
    for text in ("これは日本語の文章です。とても短いです。", "This is an English text.", "12345"):
        assert clean(text).translation == []


def test_english_to_chinese_takes_terms_from_the_glossary_file() -> None:
    doc = clean("Alibaba Cloud\nLarge language models are useful.", "translate.source=en", "translate.target=zh")
    first, second = doc.translation
    assert (first["zh"], first["status"]) == ("阿里云", "translated")
    assert second == {"start": 14, "end": 47, "zh": None, "status": "untranslated"}


@pytest.mark.parametrize("workers", [1, 2])
def test_too_many_failures_stop_the_run_and_what_was_answered_is_kept(tmp_path: Path, workers: int) -> None:
    pytest.importorskip("ctranslate2", reason="the backend ct2 needs ctranslate2: make test-translate")
    pytest.importorskip("sentencepiece", reason="the backend ct2 needs sentencepiece: make test-translate")
    from tests.translation.models.random_ct2 import build

    settings = ["translate.backend=ct2", f"translate.ct2.model_dir={build(tmp_path / 'model')}",
                "translate.ct2.max_tokens=12", f"translate.tm={tmp_path / 'tm.sqlite'}"]
    for known in (3, 6):  # the count begins anew with each run
        with pytest.raises(Refused, match="more than 2 segments could not be translated"):
            make(tmp_path, *settings, "translate.max_failures=2", workers=workers)
        with sqlite3.connect(tmp_path / "tm.sqlite") as db:
            assert known <= db.execute("select count(*) from segments where failed").fetchone()[0] <= known + workers
        if workers > 1:
            break
    assert not (tmp_path / "out" / "corpus.jsonl").exists()


@pytest.mark.parametrize(("settings", "message"), [
    (["translate.retry=lost"], "there is no code 'lost'"),
    (["translate.max_failures=-1"], "max_failures must be a number, 0 or more"),
    (["translate.backend=gpt"], "translate.backend is 'gpt'"),
    (["translate.source=en"], "both 'en'"),
    (["translate.backend=openai"], "base_url must be the address"),
    (["translate.openai.modle=x"], "no setting 'modle'; did you mean 'model'"),
    (["translate.openai=x"], r"write \[translate.openai\]"),
    (["translate.openai.rpm=many"], "translate.openai.rpm must be a whole number"),
    (["translate.backend=openai", "translate.openai.base_url=http://u:secret@h/v1"], "must not hold a password"),
    (["translate.backend=ct2", "translate.ct2.model_dir=/nowhere"], "is no folder"),
    (["translate.glossary=/nowhere.tsv"], "cannot read the glossary"),
    (["translate.tmx=/nowhere.tmx"], "nowhere.tmx"),
])
def test_a_mistake_is_told_before_any_work(tmp_path: Path, settings: list[str], message: str) -> None:
    with pytest.raises(ConfigError, match=message) as caught:
        Config.load(None, [*settings, f"translate.tm={tmp_path / 'tm'}"], STAGES).build()
    assert "\n" not in str(caught.value)
    assert "secret" not in str(caught.value)


def test_the_stage_goes_to_other_processes_and_limits_of_speed_do_not_change_its_key() -> None:
    stage = Translate()
    assert pickle.loads(pickle.dumps(stage)) == stage
    slow = Config.load(None, ["translate.openai.rpm=3", "translate.tm=x.sqlite"], STAGES).settings("translate")
    assert slow.openai.rpm == 3
    assert repr(slow) == repr(Config.load(None, [], STAGES).settings("translate"))


def make(tmp_path: Path, *settings: str, out: str = "out", workers: int = 1) -> Report:
    source = tmp_path / "in"
    if not source.exists():
        source.mkdir()
        (source / "a.txt").write_text(TEXT, "utf-8")
        (source / "b.txt").write_text("今天的天气很好。\n不知道。", "utf-8")
        (source / "c.txt").write_text("plain English", "utf-8")
    return run(Config.load(None, settings, STAGES), [str(source)], tmp_path / out, workers)


def test_a_run_writes_rows_provenance_and_counts_and_verifies(tmp_path: Path) -> None:
    report = make(tmp_path)
    assert report.exit_code == 0
    assert report.segments["segments"] == 9
    assert report.segments["untranslated"] == 6
    rows = [json.loads(line) for line in (tmp_path / "out/corpus.jsonl").read_text("utf-8").splitlines()]
    assert ["translation" in row for row in rows] == [True, True, False]
    entry = json.loads((tmp_path / "out/manifest.jsonl").read_text("utf-8").splitlines()[0])
    tags = [t for p in entry["patches"] for t in p.get("tags", ()) if t[2] == "translator"]
    assert json.loads(tags[0][3])["backend"] == "glossary"
    assert json.loads((tmp_path / "out/run.json").read_text("utf-8"))["translation"]["segments"] == 9
    assert not verify(tmp_path / "out", tmp_path / "in").problems


def test_workers_reruns_and_a_warm_store_write_the_same_bytes(tmp_path: Path) -> None:
    outputs = []
    for out, workers in (("one", 1), ("two", 2), ("one", 1)):
        make(tmp_path, out=out, workers=workers)
        outputs.append([(tmp_path / out / name).read_bytes() for name in ("corpus.jsonl", "manifest.jsonl")])
    assert outputs[0] == outputs[1] == outputs[2]
    names = sorted(p.name for p in (tmp_path / "two/.store").iterdir())
    assert [n for n in names if n.startswith("translations")] == ["translations.sqlite", "translations.sqlite.lock"]


def test_a_dry_run_counts_and_writes_nothing(tmp_path: Path) -> None:
    report = make(tmp_path, "translate.dry_run=true")
    assert report.segments["segments"] == 9
    assert report.segments["requests"] == 0
    assert not (tmp_path / "out/corpus.jsonl").exists()


def test_a_translation_given_later_is_taken_up_by_the_next_run(tmp_path: Path) -> None:
    make(tmp_path)
    (tmp_path / "a.tmx").write_text(TMX, "utf-8")
    report = make(tmp_path, f"translate.tmx={tmp_path / 'a.tmx'}")
    assert report.segments["translated"] == 3
    assert report.segments["reused"] == 2


def test_exports_are_aligned_and_the_same_after_a_round_trip(tmp_path: Path) -> None:
    (tmp_path / "a.tmx").write_text(TMX, "utf-8")
    make(tmp_path, f"translate.tmx={tmp_path / 'a.tmx'}")
    moses = export(tmp_path / "out", "moses")
    zh, en = ((moses / f"corpus.{lang}").read_text("utf-8").splitlines() for lang in ("zh", "en"))
    assert (zh, en) == (["阿里云", "今天的天气很好。", "今天的天气很好。"],
                        ["Alibaba Cloud", "The weather is good today.", "The weather is good today."])
    back = memory(tmp_path / "back.sqlite")
    from pipeline.translation.tmx import read_tmx

    back.take_in(((p.source, p.target) for p in read_tmx(export(tmp_path / "out", "tmx"), ("zh", "en"))), "zh", "en")
    assert sorted((r.source, r.target) for r in back.rows()) == sorted(set(zip(zh, en, strict=True)))
    close(tmp_path / "back.sqlite")
    lines = [json.loads(line) for line in export(tmp_path / "out", "jsonl").read_text("utf-8").splitlines()]
    assert len(lines) == 9
    assert lines[2]["zh"] == "大家都说：“是的！”"
    assert lines[2]["en"] is None


def test_parquet_holds_pairs(tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet", reason="needs the extra parquet")
    make(tmp_path)
    rows = parquet.read_table(export(tmp_path / "out", "parquet")).to_pylist()
    assert rows[0]["translation"][0] == {"start": 0, "end": 3, "zh": "阿里云", "en": "Alibaba Cloud",
                                         "status": "translated"}
    assert rows[2]["translation"] is None


def test_nothing_heavy_is_imported_before_it_is_needed() -> None:
    code = ("import sys; from pipeline.stages.translate import Translate; Translate(); "
            "print(sorted({'httpx', 'ctranslate2', 'sentencepiece', 'torch'} & set(sys.modules)))")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=os.environ)
    assert done.stdout.strip() == "[]"


def test_a_random_model_runs_the_whole_way_and_a_rerun_asks_for_nothing(tmp_path: Path) -> None:
    pytest.importorskip("ctranslate2", reason="the backend ct2 needs ctranslate2: make test-translate")
    pytest.importorskip("sentencepiece", reason="the backend ct2 needs sentencepiece: make test-translate")
    from tests.translation.models.random_ct2 import build

    folder = build(tmp_path / "model")
    settings = ["translate.backend=ct2", f"translate.ct2.model_dir={folder}", "translate.ct2.max_tokens=12",
                f"translate.tm={tmp_path / 'tm.sqlite'}"]
    first = make(tmp_path, *settings, out="one")
    assert first.exit_code == 1  # noise at the cap is truncated, and that is a failure
    assert first.segments["failed"] == 7
    assert first.segments["requests"] >= 5
    rows = [json.loads(line) for line in (tmp_path / "one/corpus.jsonl").read_text("utf-8").splitlines()]
    assert all(s["en"] is None for row in rows for s in row.get("translation", ()) if s["status"] == "failed")
    again = make(tmp_path, *settings, out="two", workers=2)
    assert again.segments["requests"] == 0
    for name in ("corpus.jsonl", "manifest.jsonl"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()
    untouched = make(tmp_path, *settings, out="two")
    assert untouched.reused == 3
    assert untouched.exit_code == 1  # the failures stand until they are asked for again
    for retry in ("translate.retry_failed=true", "translate.retry=truncated"):
        asked = make(tmp_path, *settings, retry, out="two")
        assert asked.reused == 1
        assert asked.segments["requests"] >= 5
    other = make(tmp_path, *settings, 'translate.retry=["copied"]', out="two")
    assert (other.segments["requests"], other.segments["failed"]) == (0, 7)
    with sqlite3.connect(tmp_path / "tm.sqlite") as db:
        assert db.execute("select count(*) from segments where failed").fetchone()[0] >= 5
    shutil.rmtree(folder)
    with pytest.raises(ConfigError, match="is no folder"):
        make(tmp_path, *settings, out="two")
