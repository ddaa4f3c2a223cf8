"""Inputs cut into stretches and blocks: read apart they give what they give together, line numbers and all."""
from __future__ import annotations

import gzip
import json
import random
from pathlib import Path

import pytest

from pipeline.sources import Fields, Row, blocks, find, read, stretches, unparsed
from pipeline.sources.cutting import Part

SIZE = 64


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.sources.cutting.BLOCK_BYTES", SIZE)
    monkeypatch.setattr("pipeline.sources.cutting.BLOCK_FILES", 5)
    monkeypatch.setattr("pipeline.sources.cutting.CHUNK", 10)


def lines(path: Path) -> list[tuple[int, bytes]]:
    """Return the number and bytes of each line that is read of a file, stretch by stretch."""
    found = [item for stretch, _ in stretches(find([path]).files) for item, _ in unparsed([stretch], Fields(), 0)]
    assert all(isinstance(item, Row) for item in found)
    return [(item.number, item.data) for item in found if isinstance(item, Row)]


def row(length: int, n: int = 0) -> bytes:
    """Return a row of `length` bytes without its line end."""
    return (b'{"text": "%d' % n).ljust(length - 2, b"x") + b'"}'


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
@pytest.mark.parametrize("last", [True, False], ids=["ended", "open"])
@pytest.mark.parametrize("lengths", [[20] * 20, [63] * 5, [64] * 5, [62, 66, 64], [500, 20], [20, 500], [20, 200, 20, 20],
                                     [30], [], [300], [31] * 2, [63 - 1] * 4])
def test_lines_keep_their_numbers(tmp_path: Path, end: bytes, last: bool, lengths: list[int]) -> None:
    rows = [row(length, n) for n, length in enumerate(lengths)]
    path = tmp_path / "a.jsonl"
    path.write_bytes(end.join(rows) + (end if last else b""))
    assert lines(path) == list(enumerate(rows, 1)) or not rows
    if path.stat().st_size > 4 * SIZE and max(lengths) < 2 * SIZE:
        assert len(list(stretches(find([path]).files))) >= 4


def test_a_byte_order_mark_and_blank_lines(tmp_path: Path) -> None:
    rows = [b"\xef\xbb\xbf" + row(30), b"", b" \t", *[row(30, n) for n in range(9)], b"", row(30), b"\xef\xbb\xbf" + row(30)]
    (tmp_path / "a.jsonl").write_bytes(b"\n".join(rows))
    assert lines(tmp_path / "a.jsonl") == [
        (n, line[3:] if n == 1 else line) for n, line in enumerate(rows, 1) if line.strip()]


def test_any_file_of_lines(tmp_path: Path) -> None:
    """Whatever the lengths: also where a line ends right at the border of a stretch, or spans several."""
    rng = random.Random(4)
    for turn in range(200):
        rows = [row(rng.choice((12, 13, 31, 63, 64, 65, rng.randrange(12, 300))), n) for n in range(rng.randrange(12))]
        rows = [b"" if rng.random() < 0.1 else one for one in rows]
        (tmp_path / f"{turn}.jsonl").write_bytes(b"\n".join(rows) + rng.choice((b"", b"\n", b"\n\n")))
        assert lines(tmp_path / f"{turn}.jsonl") == [(n, one) for n, one in enumerate(rows, 1) if one], turn


def test_faults_and_ids_name_the_line_of_the_whole_file(tmp_path: Path) -> None:
    rows = [row(30, n) for n in range(9)]
    rows[7] = b'{"text": '
    (tmp_path / "a.jsonl").write_bytes(b"\n".join(rows))
    docs = [raw.load() for raw in read(find([tmp_path]).files, Fields(), 100)]
    assert [doc.id for doc in docs] == [f"a.jsonl#{n}" for n in range(1, 10)]
    (fault,) = [doc.fault for doc in docs if doc.fault]
    assert fault.message.startswith("line 8: no JSON")


def test_a_file_that_changes_before_it_is_read_is_a_fault(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    whole = b"".join(row(29, n) + b"\n" for n in range(9))
    path.write_bytes(whole)
    cut = [stretch for stretch, _ in stretches(find([path]).files)]

    def faults() -> list[tuple[str, str]]:
        raws = [item.raw() if isinstance(item, Row) else item for item, _ in unparsed(cut, Fields(), 0)]
        return [(raw.id, raw.fault) for raw in raws if raw.fault]

    assert [stretch.line for stretch in cut] == [1, 4, 6, 8]
    assert not faults()
    path.write_bytes(whole + row(29, 9))
    assert not faults()
    path.write_bytes(whole[:100])
    assert faults() == [("a.jsonl#4", "line 4: no JSON: Unterminated string starting at: line 1 column 10 (char 9)"),
                        *[(f"a.jsonl@{stretch.start}", "cannot be read on: " + why) for stretch, why in zip(
                            cut[1:], ["the file became shorter while it was read",
                                      "line 6: the file was changed while it was read",
                                      "line 8: the file was changed while it was read"], strict=True)]]
    docs = [item.load() for item, _ in unparsed(cut, Fields(), 0) if not isinstance(item, Row)]
    assert [(doc.given.size, doc.given.sha256) for doc in docs] == [
        (stretch.end - stretch.start if stretch.end else 0, None) for stretch in cut[1:]]  # never the whole file again
    path.unlink()
    assert [id for id, _ in faults()] == ["a.jsonl", *[f"a.jsonl@{stretch.start}" for stretch in cut[1:]]]


def test_blocks_hold_much_or_many_and_split_no_packed_file(tmp_path: Path) -> None:
    for n in range(12):
        (tmp_path / f"b{n:02}.txt").write_bytes(b"x" * (1 if n < 7 else 40))
    (tmp_path / "a.jsonl").write_bytes(b"".join(row(29, n) + b"\n" for n in range(5)))
    (tmp_path / "c.jsonl.gz").write_bytes(gzip.compress(row(50_000)))
    files = find([tmp_path]).files
    found = list(blocks(files))
    assert [block.number for block in found] == list(range(len(found)))
    assert [[stretch.file.name for stretch in block.stretches] for block in found] == [
        ["a.jsonl"], ["a.jsonl"], ["b00.txt", "b01.txt", "b02.txt", "b03.txt", "b04.txt"],
        ["b05.txt", "b06.txt", "b07.txt", "b08.txt"], ["b09.txt", "b10.txt"], ["b11.txt", "c.jsonl.gz"]]
    assert [raw.id for block in found for raw, _ in unparsed(block.stretches, Fields(), 0) if not isinstance(raw, Row)] == [
        file.name for file in files if file.name.endswith(".txt")]
    assert list(blocks(find([tmp_path, "-"]).files))[-1].stretches[0].file.name == "-"


def test_row_groups_of_parquet(tmp_path: Path) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    from pyarrow import parquet
    path = tmp_path / "a.parquet"
    parquet.write_table(pyarrow.table({"text": [f"{n}".ljust(20, "x") for n in range(50)]}), path, row_group_size=3)
    cut = [stretch for stretch, _ in stretches(find([path]).files)]
    assert len(cut) > 5
    raws = [[item.raw() if isinstance(item, Row) else item for item, _ in unparsed([stretch], Fields(), 0)] for stretch in cut]
    assert [raw.id for some in raws for raw in some] == [f"a.parquet#{n}" for n in range(1, 51)]
    assert [raw.data for some in raws for raw in some] == [f"{n}".ljust(20, "x").encode() for n in range(50)]
    parquet.write_table(pyarrow.table({"text": ["x"]}), path)
    later = [item for item, _ in unparsed(cut[1:2], Fields(), 0)]
    assert [getattr(item, "fault", "") for item in later] == ["cannot be read on: the file became shorter while it was read"]
    path.write_bytes(b"PAR1 junk")
    assert [stretch[1:] for stretch, _ in stretches(find([path]).files)] == [(0, 0, 1)]
    (broken,) = [item for stretch, _ in stretches(find([path]).files) for item, _ in unparsed([stretch], Fields(), 0)]
    assert getattr(broken, "fault", "").startswith("cannot be read on: ")


def test_what_is_counted_may_be_counted_elsewhere_in_any_number_of_calls(tmp_path: Path) -> None:
    for name in "ab":
        (tmp_path / f"{name}.jsonl").write_text("".join(json.dumps({"text": "好" * n}) + "\n" for n in range(30)))
    files = find([tmp_path]).files
    assert list(blocks(files, lambda function, parts: [function(part) for part in list(parts)])) == list(blocks(files))


def test_where_counting_fails_reading_goes_on_from_the_stretch_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [row(30, n) for n in range(12)]
    path = tmp_path / "a.jsonl"
    path.write_bytes(b"\n".join(rows))
    count = Part._line_ends
    for bad in range(6):
        def failing(self: Part, bad: int = bad) -> tuple[int, int]:
            if self.start // SIZE == bad - (bad > 0):
                raise OSError(5, "Input/output error")
            return count(self)

        monkeypatch.setattr(Part, "_line_ends", failing)
        assert lines(path) == list(enumerate(rows, 1))
