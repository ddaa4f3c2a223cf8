"""A small trained model in the layout of OPUS-MT, converted by CTranslate2's own converter: the whole way."""
from __future__ import annotations

import json
from pathlib import Path

import pytest

from pipeline.build import build
from pipeline.config import Config
from pipeline.export import export
from pipeline.record import Report
from pipeline.translation.ct2 import CT2
from pipeline.translation.tmx import read_tmx
from tests.translation.models.pairs import make

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[2]
STAGES = "decode,markup,mojibake,boilerplate,spam,dedup,simplify,segment,glossary,translate"


def run(source: Path, out: Path, model: Path, *more: str, stages: str = STAGES) -> Report:
    settings = ["translate.backend=ct2", f"translate.ct2.model_dir={model}", *more]
    return build(Config.load(None, settings, stages), [str(source)], out)


def test_learned_sentences_come_out_right_aligned_and_with_their_terms(opus: Path, tmp_path: Path) -> None:
    pairs = dict(make(140)[32:])
    (tmp_path / "a.txt").write_text("\n".join(pairs), "utf-8")
    run(tmp_path / "a.txt", tmp_path / "out", opus, stages="decode,segment,glossary,translate")
    row = json.loads((tmp_path / "out/corpus.jsonl").read_text("utf-8"))
    got = {row["text"][s["start"] : s["end"]]: s["en"] for s in row["translation"]}
    assert list(got) == list(pairs)
    right = sum(got[zh] == en for zh, en in pairs.items())
    assert right >= 0.8 * len(pairs)
    entry = json.loads((tmp_path / "out/manifest.jsonl").read_text("utf-8"))
    told = next(json.loads(t[3]) for t in entry["patches"][-1]["tags"] if t[2] == "translator")
    assert told["terms"]["rendered"] >= 0.8 * told["terms"]["expected"] > 50
    back = {p.source: p.target for p in read_tmx(export(tmp_path / "out", "tmx"), ("zh", "en"))}
    assert back == {zh: en for zh, en in got.items() if en}


def test_the_seeds_come_out_aligned_never_chinese_and_a_rerun_asks_for_nothing(opus: Path, tmp_path: Path) -> None:
    tm = f"translate.tm={tmp_path / 'tm.sqlite'}"
    first = run(ROOT / "seeds", tmp_path / "one", opus, tm)
    assert first.segments["requests"] > 300
    for line in (tmp_path / "one/corpus.jsonl").read_text("utf-8").splitlines():
        row = json.loads(line)
        covered = "".join(row["text"][s["start"] : s["end"]] for s in row["translation"])
        assert "".join(covered.split()) == "".join(row["text"].split())
        for s in row["translation"]:
            assert (s["en"] is None) is (s["status"] == "failed")
            assert not any("\u4e00" <= c <= "\u9fff" for c in s["en"] or "")
    again = run(ROOT / "seeds", tmp_path / "two", opus, tm)
    assert again.segments["requests"] == 0
    for name in ("corpus.jsonl", "manifest.jsonl"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_the_folder_before_conversion_is_told_the_command_that_made_the_other(opus_source: Path) -> None:
    command = f"--model {opus_source} --output_dir {opus_source}-ct2 --quantization int8 --copy_files source.spm target.spm"
    with pytest.raises(ValueError, match="ct2-transformers-converter") as caught:
        CT2(opus_source).check()
    assert command in str(caught.value)
