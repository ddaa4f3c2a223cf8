"""Exports hold what the corpus holds, and are what other programs take them for."""
from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from pipeline.build import build
from pipeline.cli import main
from pipeline.config import Config
from pipeline.export import FORMATS, export
from pipeline.export.texts import file_name
from pipeline.sources import InputError
from pipeline.verify import records, verify

ROWS: list[dict[str, Any]] = [
    {"id": "a/b.txt", "text": "阿里云发布了新的大模型，开发者可以免费使用。\n第二段也在这里。", "title": "标题",
     "n": 1},
    {"id": "https://例.cn/?q=1", "text": "另一篇完全不同的文章，讲的是天气和农业。", "url": "https://例.cn/?q=1",
     "date": "2024-03-05", "n": "one"},
    {"id": "a/b.txt/c", "text": "第三篇讲的是足球比赛，主队以三比一获胜。", "n": [1, 2], "deep": {"k": None}},
    {"id": "empty", "text": ""},
    {"id": "z", "text": "另一篇完全不同的文章，讲的是天气和农业。"},
]


@pytest.fixture(scope="module", params=["jsonl", "jsonl.zst"])
def done(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run with a broken row, in both formats."""
    folder = tmp_path_factory.mktemp("export")
    lines = [json.dumps(row, ensure_ascii=False) for row in ROWS] + ['{"text"']
    (folder / "rows.jsonl").write_text("\n".join(lines), "utf-8")
    report = build(Config.load(None, [f"output.format={request.param}"]), [folder / "rows.jsonl"], folder / "out")
    assert (report.fates["kept"], report.fates["dropped"], report.fates["fault"]) == (3, 2, 1)
    return folder / "out"


def corpus(done: Path) -> list[dict[str, Any]]:
    return list(records(done, "corpus"))


@pytest.mark.parametrize("to", [to for to in FORMATS if to not in ("tmx", "jsonl", "moses")])  # tests/translation
def test_every_format_is_written_whole_and_replaced_whole(done: Path, to: str) -> None:
    before = sorted(p.name for p in done.iterdir())
    place = done / FORMATS[to][0]
    assert export(done, to) == export(done, to) == place
    assert sorted(p.name for p in done.iterdir()) == sorted({*before, place.name})
    assert not verify(done).problems


def test_a_parquet_row_is_a_corpus_row(done: Path, tmp_path: Path) -> None:
    pyarrow = pytest.importorskip("pyarrow.parquet")
    table = pyarrow.read_table(export(done, "parquet", tmp_path / "sub/c.parquet")).to_pylist()
    for row, given in zip(table, corpus(done), strict=True):
        fields, other = json.loads(row.pop("fields") or "null"), json.loads(row.pop("other") or "{}")
        assert fields == given.pop("fields", None)
        assert {k: v for k, v in row.items() if v is not None} | other == given


def test_texts_are_files_named_by_id(done: Path, tmp_path: Path) -> None:
    folder = export(done, "txt", tmp_path / "texts")
    found = {p.relative_to(folder).as_posix(): p.read_bytes().decode() for p in folder.rglob("*") if p.is_file()}
    assert found == {file_name(row["id"]): row["text"] for row in corpus(done)}
    assert set(found) == {"a/b.txt", "https%3A/%/例.cn/%3Fq=1.txt", "a/b.txt%/c.txt"}


@pytest.mark.parametrize(("id", "name"), [
    ("../../etc/passwd", "%2E%2E/%2E%2E/etc/passwd.txt"), ("/a", "%/a.txt"), ("a//b", "a/%/b.txt"), ("", "%.txt"),
    (".txt", ".txt.txt"), (".", "%2E.txt"), ("a\0b\n", "a%00b%0A.txt"), ("50%", "50%25.txt"), ("a. /b", "a.%20/b.txt"),
    ("x\\y", "x%5Cy.txt"),
])
def test_no_id_leads_out_of_the_folder(id: str, name: str) -> None:
    assert file_name(id) == name


def test_long_ids_have_short_names_and_stay_apart() -> None:
    one, two = file_name("字" * 300 + "1"), file_name("字" * 300 + "2")
    assert one != two
    assert len(one.encode()) <= 255
    assert one.endswith(".txt")


def test_ids_that_differ_by_their_ending_have_files_of_their_own(tmp_path: Path) -> None:
    rows = [{"id": "a.txt", "text": "甲是一篇文章。"}, {"id": "a", "text": "乙是另外一篇。"}]
    (tmp_path / "r.jsonl").write_text("\n".join(json.dumps(row) for row in rows), "utf-8")
    build(Config.load(None, stages="decode"), [tmp_path / "r.jsonl"], tmp_path / "out")
    folder = export(tmp_path / "out", "txt")
    assert sorted(p.read_text("utf-8") for p in folder.iterdir()) == ["乙是另外一篇。", "甲是一篇文章。"]


def test_a_folder_of_other_files_is_not_replaced(done: Path, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/thesis.doc").write_text("x")
    with pytest.raises(InputError, match="holds other files"):
        export(done, "txt", tmp_path / "mine")
    assert (tmp_path / "mine/thesis.doc").read_text() == "x"


@pytest.mark.parametrize(("to", "column"), [("vert", 0), ("conllu", 1)])
def test_words_come_out_in_order(done: Path, to: str, column: int) -> None:
    rows = [line.split("\t") for line in export(done, to).read_text("utf-8").splitlines() if "\t" in line]
    assert [row[column] for row in rows] == [word for row in corpus(done) for word in row["segmented"].split()]
    assert "Alibaba Cloud" in export(done, to).read_text("utf-8")


def test_words_need_the_stage_that_makes_them(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("没有分词。", "utf-8")
    build(Config.load(None, stages="decode"), [tmp_path / "a.txt"], tmp_path / "out")
    with pytest.raises(InputError, match="run with the stage segment first"):
        export(tmp_path / "out", "vert")
    assert not (tmp_path / "out/corpus.vert").exists()


def test_croissant_names_files_fields_and_hashes(done: Path) -> None:
    card = json.loads(export(done, "croissant").read_text("utf-8"))
    (file,) = card["distribution"]
    assert hashlib.sha256((done / file["contentUrl"]).read_bytes()).hexdigest() == file["sha256"]
    (records_,) = card["recordSet"]
    assert {f["name"] for f in records_["field"]} == {"id", "text", "lang", "title", "date", "url", "segmented"}
    assert all(f["source"]["fileObject"]["@id"] == file["@id"] for f in records_["field"])
    assert card["conformsTo"] == "http://mlcommons.org/croissant/1.0"


def test_ro_crate_is_a_closed_graph_of_what_is_there(done: Path) -> None:
    graph = {e["@id"]: e for e in json.loads(export(done, "ro-crate").read_text("utf-8"))["@graph"]}
    assert graph["ro-crate-metadata.json"]["about"] == {"@id": "./"}
    parts = [p["@id"] for p in graph["./"]["hasPart"]]
    assert len(parts) == 3
    assert all((done / p).is_file() and graph[p]["@type"] == "File" for p in parts)
    for entity in graph.values():
        for value in entity.values():
            for one in value if isinstance(value, list) else [value]:
                if isinstance(one, dict) and not one["@id"].startswith("https://w3id.org/ro/crate"):
                    assert one["@id"] in graph


def test_prov_tells_every_document_and_refers_to_nothing_else(done: Path) -> None:
    prov = json.loads(export(done, "prov").read_text("utf-8"))
    entries = list(records(done, "manifest"))
    ids = [e["q:id"] for name, e in prov["entity"].items() if name.startswith("source:")]
    assert ids == [e["id"] for e in entries]
    assert len(prov["wasDerivedFrom"]) == 3
    assert sorted(i["q:why"] for i in prov["wasInvalidatedBy"].values())[0] == "empty"
    assert len(prov["wasInvalidatedBy"]) == 3
    assert len(prov["alternateOf"]) == 1
    names = {name for kind in ("entity", "activity", "agent") for name in prov[kind]}
    for relation in ("wasAssociatedWith", "wasDerivedFrom", "used", "wasInvalidatedBy", "alternateOf"):
        for body in prov[relation].values():
            assert {v for k, v in body.items() if k.startswith("prov:")} <= names


def test_the_command_says_where_it_wrote(done: Path, tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["export", str(done), "--to", "txt", "-o", str(tmp_path / "t")])
    assert (result.exit_code, result.stdout.strip()) == (0, str(tmp_path / "t"))
    for arguments, message in ((["--to", "docx"], "no such format"), (["--to", "vert", "x"], "")):
        assert CliRunner().invoke(main, ["export", str(done), *arguments]).exit_code == 2, message
    refused = CliRunner().invoke(main, ["export", str(tmp_path), "--to", "txt"])
    assert refused.exit_code == 2
    assert "is the output folder of a finished run?" in refused.stderr.replace(f"is {tmp_path} ", "is ")


# -- what other programs make of it ---------------------------------------------------------------

@pytest.mark.slow
def test_hugging_face_datasets_loads_parquet_and_corpus(done: Path, tmp_path: Path) -> None:
    datasets = pytest.importorskip("datasets")
    one = datasets.load_dataset("parquet", data_files=str(export(done, "parquet")), cache_dir=str(tmp_path))["train"]
    assert [row["text"] for row in one] == [row["text"] for row in corpus(done)]
    files = [str(p) for p in sorted(done.glob("corpus*.jsonl*"))]
    rows = datasets.load_dataset("json", data_files=files, cache_dir=str(tmp_path), streaming=True)["train"]
    assert [row["id"] for row in rows.remove_columns("fields")] == [row["id"] for row in corpus(done)]


@pytest.mark.slow
def test_the_croissant_library_finds_no_error_and_reads_the_texts(done: Path) -> None:
    mlcroissant = pytest.importorskip("mlcroissant")
    card = mlcroissant.Dataset(jsonld=str(export(done, "croissant")))
    assert not card.metadata.issues.errors
    if not (done / "corpus.jsonl.zst").exists():  # which the library cannot unpack
        assert [r["documents/text"].decode() for r in card.records("documents")] == [r["text"] for r in corpus(done)]


@pytest.mark.slow
def test_the_prov_and_ro_crate_libraries_read_theirs(done: Path, tmp_path: Path) -> None:
    model = pytest.importorskip("prov.model")
    document = model.ProvDocument.deserialize(str(export(done, "prov")), format="json")
    assert len(list(document.get_records(model.ProvEntity))) == 9
    assert len(list(document.get_records(model.ProvDerivation))) == 3
    crates = pytest.importorskip("rocrate.rocrate")
    export(done, "ro-crate")
    crate = crates.ROCrate(str(done))
    assert {e.id for e in crate.data_entities} == {p.name for p in done.iterdir() if "jsonl" in p.name} | {"run.json"}


def test_the_terms_are_those_of_the_corpus_and_a_glossary_again(done: Path, tmp_path: Path) -> None:
    from pipeline.cjk.glossary_files import read
    place = export(done, "terms", tmp_path / "terms.tsv")
    table = [line.split("\t") for line in place.read_text("utf-8").splitlines()]
    assert table[0] == ["zh", "en", "type", "count", "documents"]
    found = [term for row in corpus(done) for term in row.get("terms", ())]
    assert {row[0] for row in table[1:]} == {term["zh"] for term in found}
    assert sum(int(row[3]) for row in table[1:]) == len(found) > 0
    assert [(row.zh, "; ".join(row.en), row.type) for row in read(place)] == [tuple(row[:3]) for row in table[1:]]
