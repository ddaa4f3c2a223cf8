"""Files and rows to documents: every input has its record, whatever is wrong with it."""
from __future__ import annotations

import gzip
import hashlib
import io
import json
import os
from pathlib import Path

import pytest
import zstandard

from pipeline.document import Document
from pipeline.sources import Fields, InputError, find, read


def load(*paths: Path, limit: int = 10_000, fields: Fields = Fields()) -> list[Document]:  # noqa: B008
    return [raw.load() for raw in read(find(paths).files, fields, limit)]


def rows(path: Path, *lines: object) -> Path:
    path.write_bytes(b"".join((line if isinstance(line, bytes) else json.dumps(line).encode()) + b"\n"
                              for line in lines))
    return path


def test_a_file_is_its_bytes(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"\xff\x00\xe4")
    (tmp_path / "b.html").write_bytes(b"<p>")
    a, b = load(tmp_path)
    assert (a.id, a.source, a.given.kind, a.given.path) == ("a.txt", b"\xff\x00\xe4", "text", "a.txt")
    assert (b.id, b.given.kind) == ("b.html", "html")
    assert a.given.sha256 == hashlib.sha256(b"\xff\x00\xe4").hexdigest()


def test_a_row_is_its_text_as_utf8_with_id_and_fields(tmp_path: Path) -> None:
    path = rows(tmp_path / "r.jsonl", {"id": "x", "text": "漢", "url": "u", "site": "s", "title": "t", "date": "d",
                                       "lang": "zh", "n": 1}, {"text": "二"}, {"id": 7, "html": "<b>"})
    one, two, three = load(path)
    assert (one.id, one.source, one.given.charset) == ("x", "漢".encode(), "utf-8")
    assert one.given.row == {"url": "u", "site": "s", "title": "t", "date": "d"}
    assert one.given.fields == {"lang": "zh", "n": 1}
    assert two.id == "r.jsonl#2"
    assert (three.id, three.given.kind, three.source) == ("7", "html", b"<b>")


def test_other_field_names_can_be_given(tmp_path: Path) -> None:
    path = rows(tmp_path / "r.jsonl", {"docid": "x", "content": "漢", "link": "u", "text": 1})
    (doc,) = load(path, fields=Fields(text="content", id="docid", url="link"))
    assert (doc.id, doc.source, doc.given.row, doc.given.fields) == ("x", "漢".encode(), {"url": "u"}, {"text": 1})


@pytest.mark.parametrize(("ending", "pack"), [(".jsonl.gz", gzip.compress),
                                              (".jsonl.zst", zstandard.ZstdCompressor().compress)])
def test_packed_rows(tmp_path: Path, ending: str, pack: object) -> None:
    data = b'\xef\xbb\xbf{"text": "a"}\n\n{"text": "b"}'
    (tmp_path / f"r{ending}").write_bytes(pack(data))  # type: ignore[operator]
    assert [(d.id, d.source) for d in load(tmp_path)] == [(f"r{ending}#1", b"a"), (f"r{ending}#3", b"b")]


def test_a_zstd_file_of_many_frames_is_read_to_its_end(tmp_path: Path) -> None:
    frames = [zstandard.ZstdCompressor().compress(b'{"text": "%d"}\n' % n) for n in range(3)]
    (tmp_path / "r.jsonl.zst").write_bytes(b"".join(frames))
    assert [d.source for d in load(tmp_path)] == [b"0", b"1", b"2"]


@pytest.mark.parametrize(("line", "message"), [
    (b'{"text": "a"', "no JSON"), (b"\xff\xfe", "no JSON"), (b"[1]", "no JSON object"), (b'"a"', "no JSON object"),
    (b'{"id": "x"}', "no 'text' or 'html' field"), (b'{"text": 5}', "no 'text'"),
    (b'{"text": "a", "id": ["x"]}', "neither a string"), (b'{"text": "a", "id": true}', "neither a string"),
    (b'{"text": "\\ud800"}', "surrogate"), (b'{"text": "a", "k": "\\udc00"}', "surrogate"),
    (b'{"text": "a", "id": "\\udc00"}', "surrogate"), (b"[" * 100_000, "no JSON"),
])
def test_a_broken_row_is_a_fault_that_keeps_its_line(tmp_path: Path, line: bytes, message: str) -> None:
    path = rows(tmp_path / "r.jsonl", {"text": "before"}, line, {"text": "after"})
    before, broken, after = load(path, limit=1_000_000)
    assert (before.source, after.source) == (b"before", b"after")
    assert broken.id == "r.jsonl#2"
    assert broken.fault is not None
    assert message in broken.fault.message
    assert "line 2" in broken.fault.message
    assert broken.source == line


def test_a_packed_file_that_breaks_off_gives_its_rows_and_a_fault(tmp_path: Path) -> None:
    data = gzip.compress(b"".join(json.dumps({"text": os.urandom(50).hex()}).encode() + b"\n" for _ in range(500)))
    (tmp_path / "r.jsonl.gz").write_bytes(data[: len(data) // 2])
    docs = load(tmp_path)
    assert len(docs) > 10
    assert all(d.fault is None for d in docs[:-1])
    assert docs[-1].fault is not None
    assert "cannot be read on" in docs[-1].fault.message


def test_the_same_id_twice_is_an_error_naming_both_places(tmp_path: Path) -> None:
    path = rows(tmp_path / "r.jsonl", {"id": "x", "text": "a"}, {"id": "y", "text": "a"}, {"id": "x", "text": "b"})
    with pytest.raises(InputError, match=r"'x' is given twice: .*r\.jsonl:1 and .*r\.jsonl:3"):
        load(path)


def test_a_file_over_the_limit_is_recorded_by_size_and_hash(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"x" * 50)
    (doc,) = load(tmp_path, limit=49)
    assert doc.fault is not None
    assert "max_document_mb" in doc.fault.message
    assert (doc.given.size, doc.given.sha256, doc.patches) == (50, hashlib.sha256(b"x" * 50).hexdigest(), ())


def test_an_unreadable_file_is_recorded(tmp_path: Path) -> None:
    os.symlink(tmp_path / "gone", tmp_path / "a.txt")
    (doc,) = load(tmp_path)
    assert doc.fault is not None
    assert "cannot be read: No such file" in doc.fault.message
    assert doc.given.sha256 is None


def test_parquet_rows(tmp_path: Path) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    from pyarrow import parquet
    table = pyarrow.table({"id": ["a", "b"], "text": ["漢", None], "n": [1, 2]})
    parquet.write_table(table, tmp_path / "r.parquet")
    a, b = load(tmp_path)
    assert (a.id, a.source, a.given.fields) == ("a", "漢".encode(), {"n": 1})
    assert b.fault is not None
    (tmp_path / "r.parquet").write_bytes(b"PAR1 junk")
    (broken,) = load(tmp_path)
    assert broken.fault is not None


def test_warc_responses_and_later_captures(tmp_path: Path) -> None:
    pytest.importorskip("warcio")
    from warcio.statusandheaders import StatusAndHeaders
    from warcio.warcwriter import WARCWriter
    body = "<p>漢".encode("big5")
    with open(tmp_path / "w.warc.gz", "wb") as out:
        writer = WARCWriter(out, gzip=True)
        for date, mime in (("2024-01-01T00:00:00Z", "text/html; charset=big5"),
                           ("2024-02-01T00:00:00Z", "text/html"), ("2024-02-01T00:00:00Z", "image/png")):
            headers = StatusAndHeaders("200 OK", [("Content-Type", mime), ("Content-Encoding", "gzip")],
                                       protocol="HTTP/1.0")
            writer.write_record(writer.create_warc_record(
                "http://a.cn/", "response", payload=io.BytesIO(gzip.compress(body)), http_headers=headers,
                warc_headers_dict={"WARC-Date": date}))
    first, second = load(tmp_path)
    assert (first.id, first.source, first.given.charset, first.given.kind) == ("http://a.cn/", body, "big5", "html")
    assert (second.id, second.given.url) == ("http://a.cn/#2024-02-01T00:00:00Z", "http://a.cn/")
    for junk in (b"junk", b"WARC/1.0", b"WARC/1.0\r\nWARC-Type: response\r\nContent-Length: 9\r\n\r\nHTTP/1.1 200 OK\r\n\r\na"):
        (tmp_path / "w.warc.gz").write_bytes(junk)
        (broken,) = load(tmp_path)
        assert broken.fault is not None
        assert broken.fault.message.startswith("cannot be read on: ")
        assert (broken.given.size, broken.given.sha256) == (len(junk), hashlib.sha256(junk).hexdigest())
