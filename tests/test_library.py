"""The library as another project uses it."""
from __future__ import annotations

import json
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from pipeline import Config, Document, Pipeline
from pipeline.sources import InputError

ROOT = Path(__file__).parent.parent
TEXT = "這個軟體很好用,開發者也很用心。"


def test_clean_takes_text_or_bytes_alike() -> None:
    pipeline = Pipeline()
    one, two = pipeline.clean(TEXT), pipeline.clean(TEXT.encode())
    assert one.text == two.text == "这个软体很好用,开发者也很用心。"
    assert one.source == two.source == TEXT.encode()
    assert (one.fate, one.why, one.lang) == ("kept", "", "zh-Hans")
    assert one.trace(2, 4) == (6, 12)
    assert one.patches[0].stage == "decode"


def test_clean_removes_a_repeated_body_inside_one_text() -> None:
    body = "\n".join(f"第{n}段讲的是不同的事情,这里写得足够长,好让人看出它是正文,而不是菜单里的一行字,编号{n * 37}。" for n in range(12))
    doc = Pipeline().clean(f"{body}\n相关阅读\n{body}")
    assert doc.text.count("第3段讲的是") == 1


def test_run_takes_documents_rows_and_pairs_and_yields_all_in_order() -> None:
    long = "这是一篇足够长的文章,写了很多事情,为的是让两份完全相同的内容被认出来是同一篇。" * 3
    items = [("b", long), {"id": "a", "text": long, "title": "T", "extra": 1}, Document.read("c", b""),
             {"text": "没有编号的一行。"}, {"id": "x"}]
    out = list(Pipeline().run(items))  # type: ignore[arg-type]
    assert [d.id for d in out] == ["b", "a", "c", "row#4", "row#5"]
    assert [d.fate for d in out] == ["dropped", "kept", "dropped", "kept", "fault"]
    assert out[0].duplicate_of == "a"
    assert out[1].given.fields == {"extra": 1}
    assert out[4].fault is not None


def test_equal_ids_are_refused_with_both_places() -> None:
    with pytest.raises(InputError, match="'a' is given twice: by documents 1 and 3"):
        list(Pipeline().run([("a", "一"), ("b", "二".encode()), ("a", "三")]))


def test_lang_is_there_for_every_document() -> None:
    pipeline = Pipeline()
    assert pipeline.clean(TEXT).lang == "zh-Hans"
    assert pipeline.clean("This is an English sentence, and nothing else stands in it.").lang == "en"
    assert pipeline.clean("").lang == "und"


def test_build_takes_one_path_and_gives_a_report(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(TEXT, "utf-8")
    report = Pipeline().build(tmp_path / "a.txt", tmp_path / "out")
    assert (report.documents, report.exit_code) == (1, 0)
    assert sum(report.ledger.values()) == report.bytes_in == len(TEXT.encode())


def test_settings_from_a_file_and_from_code(tmp_path: Path) -> None:
    (tmp_path / "my.toml").write_text('stages = ["decode", "simplify"]\n', "utf-8")
    doc = Pipeline.load(tmp_path / "my.toml").clean(TEXT)
    assert doc.segmented is None
    assert Pipeline(Config.load(None, ["simplify.variant=t2s"])).clean(TEXT).text.startswith("这个软体")


def test_importing_is_quick_and_loads_no_table() -> None:
    code = ("import time; t = time.perf_counter(); from pipeline import Pipeline; s = time.perf_counter() - t; import sys;"
            "print(s, [m for m in ('jieba', 'ftfy', 'opencc', 'langdetect', 'pypinyin', 'trafilatura') if m in sys.modules])")
    best = 9.0
    for _ in range(3):
        seconds, loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True,
                                         cwd=ROOT).stdout.split(" ", 1)
        best = min(best, float(seconds))
        assert loaded.strip() == "[]"
    assert best < 0.9  # 0.3 s on a quiet machine; a gross fault, not the clock, is what this test is for


def test_the_wheel_carries_config_and_data_and_works_in_any_folder(tmp_path: Path) -> None:
    pytest.importorskip("hatchling")
    subprocess.run([sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)], check=True,
                   cwd=ROOT, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        archive.extractall(tmp_path / "site")
    assert {"pipeline/_config/default.toml", "pipeline/_config/glossary.tsv", "pipeline/py.typed"} <= names
    data = {p.relative_to(ROOT).as_posix() for p in (ROOT / "pipeline/data").rglob("*") if p.is_file()}
    assert data <= names
    code = ("import json, pipeline; from pipeline import Pipeline; d = Pipeline().clean('阿里雲的軟體');"
            "print(json.dumps([pipeline.__file__, d.text, d.terms]))")
    shown = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True,
                           env={"PYTHONPATH": str(tmp_path / "site"), "PATH": "/usr/bin"}).stdout
    where, text, terms = json.loads(shown)
    assert where.startswith(str(tmp_path))
    assert text == "阿里云的软体"
    assert terms == [{"start": 0, "end": 3, "zh": "阿里云", "en": "Alibaba Cloud", "type": "org"}]


@pytest.mark.parametrize(("source", "error", "message"), [
    (None, TypeError, "document: a document is text (str) or bytes, not NoneType"),
    (3, TypeError, "not int"),
    ("好\ud800", ValueError, r"character 1 is half of a surrogate pair (U+D800), which no UTF-8 text can hold"),
])
def test_what_is_no_document_is_told_in_one_sentence(source: object, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=re.escape(message)) as caught:
        Pipeline().clean(source)  # type: ignore[arg-type]
    assert not isinstance(caught.value, UnicodeError)
    with pytest.raises(error, match="x: "):
        list(Pipeline().run([("x", source)]))  # type: ignore[list-item]
