"""Each id is given once, whatever its number among the others; both places are named."""
from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pipeline import intake, store
from pipeline.build import build
from pipeline.config import Config
from pipeline.intake import Ids, Shards
from pipeline.keys import stage_keys
from pipeline.parts import id_hash
from pipeline.run import Leg
from pipeline.sources import InputError, blocks, find
from pipeline.store import open_past
from pipeline.work import Job
from tests.test_rebuild import texts


def test_hashes_are_compared_whenever_their_number_has_doubled() -> None:
    for first in range(40):
        for second in range(first + 1, 40):
            ids = Ids()
            found = [ids.add(np.array([first if n == second else n], np.uint64)) for n in range(40)]
            found.append(ids.twice())
            assert sorted(n for some in found for n in some) == [first]
            assert sum(map(bool, found[: second])) == 0
            assert any(found[: 2 * second + 2])
            assert not ids.twice()


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize(("one", "other"), [(0, 1), (3, 38), (38, 39), (0, 39)])
def test_an_id_given_twice_is_refused_naming_both_places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, workers: int,
                                                         one: int, other: int) -> None:
    monkeypatch.setattr(intake, "SHARD_DOCUMENTS", 3)
    rows = [{"id": f"r{one if n == other else n}", "text": f"第{n}行。"} for n in range(40)]
    for name, some in (("a", rows[:20]), ("b", rows[20:])):
        (tmp_path / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in some))
    places = " and ".join(rf".*/{'ab'[n // 20]}\.jsonl:{n % 20 + 1}" for n in (one, other))
    for stages in ("decode", "decode,dedup"):
        with pytest.raises(InputError, match=f"^the id 'r{one}' is given twice: {places}$"):
            build(Config.load(None, stages=stages), [tmp_path / "a.jsonl", tmp_path / "b.jsonl"], tmp_path / "out", workers)
    assert not (tmp_path / "out").exists()


def test_two_ids_of_one_hash_are_two(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intake, "id_hash", lambda id: id_hash(id) % 3)
    monkeypatch.setattr("pipeline.work.id_hash", lambda id: id_hash(id) % 3)
    path = tmp_path / "a.jsonl"
    path.write_text("".join(json.dumps({"id": str(n), "text": f"第{n}行。"}) + "\n" for n in range(9)))
    assert build(Config.load(None, stages="decode"), [path], tmp_path / "out").documents == 9


def test_shards_are_cut_inside_blocks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.sources.cutting.BLOCK_BYTES", 300)
    monkeypatch.setattr(intake, "SHARD_DOCUMENTS", 4)
    (tmp_path / "a.jsonl").write_text("".join(json.dumps({"text": f"{n:05}"}) + "\n" for n in range(40)))
    pieces = [[(piece.place, len(piece.shard)) for piece in Shards.by(Config.load())(block)]
              for block in blocks(find([tmp_path]).files)]
    assert [piece for some in pieces for piece in some] == [
        ((0, 0), 4), ((0, 1), 4), ((0, 2), 4), ((0, 3), 4), ((0, 4), 1),
        ((1, 0), 4), ((1, 1), 4), ((1, 2), 4), ((1, 3), 4), ((1, 4), 1), ((2, 0), 4), ((2, 1), 2)]


def test_an_id_that_comes_twice_because_a_file_changed_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"id": "x", "text": "第一行。"}\n{"id": "x", "text": "第二行。"}\n')
    refuse = intake._refuse

    def changed(twice: frozenset[int], *others: Any) -> None:
        path.write_text('{"id": "x", "text": "第一行。"}\n')
        refuse(twice, *others)

    monkeypatch.setattr(intake, "_refuse", changed)
    with pytest.raises(InputError, match="an id is given twice: one of the inputs changed while it was read"):
        build(Config.load(None, stages="decode"), [path], tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(("mine", "message"), [
    ('{"id": "y", "text": "第三行。"}', r"the id 'x' is given twice: .*a\.jsonl:1 and .*a\.jsonl:2"),
    ('{"id": "z", "text": "第三行。"}', r"the id 'z' is given twice: .*a\.jsonl:3 and standard input"),
])
def test_standard_input_is_named_only_if_it_is_one_of_the_places(tmp_path: Path, mine: str, message: str) -> None:
    rows = ["x", "x" if "y" in mine else "w", "z"]
    (tmp_path / "a.jsonl").write_text("".join(json.dumps({"id": id, "text": f"{n}行。"}) + "\n" for n, id in enumerate(rows)))
    command = [sys.executable, "-m", "pipeline", "run", "-", str(tmp_path / "a.jsonl"), "-o", str(tmp_path / "out"), "-j", "1"]
    done = subprocess.run(command, input=mine, capture_output=True, text=True, encoding="utf-8")
    assert done.returncode == 2
    assert re.search(message, done.stderr), done.stderr


def test_two_runs_in_one_process_with_another_earlier_corpus(tmp_path: Path) -> None:
    some = texts(40)
    for name, rows in (("one", some[:3]), ("two", [*some[20:], *some[:3]])):
        path = tmp_path / f"{name}.jsonl"
        path.write_text("".join(json.dumps({"id": f"{name}{n}", "text": text}) + "\n" for n, text in enumerate(rows)))
        build(Config.load(None, stages="decode,dedup"), [path], tmp_path / name)
    path = tmp_path / "new.jsonl"
    path.write_text("".join(json.dumps({"id": f"n{n}", "text": some[n] + "后来又添了一句。"}) + "\n" for n in (0, 1, 30, 35)))
    dropped = []
    for name in ("one", "two"):
        config = Config.load(None, (f"dedup.index=['{tmp_path / name}']",), "decode,dedup")
        dropped.append(build(config, [path], tmp_path / "out").fates["dropped"])
    assert dropped == [2, 4]


def test_a_worker_holds_no_earlier_index_between_shards(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("一行文字。", "utf-8")
    config = Config.load(None, stages="decode")
    build(config, [tmp_path / "a.txt"], tmp_path / "out")
    past, _ = open_past(tmp_path / "out", config.stages, stage_keys(config, config.build()))
    (block,) = blocks(find([tmp_path / "a.txt"]).files)
    (piece,) = Shards.by(config)(block)
    job = Job(Leg(tuple(config.build()), None), None, 0, tmp_path, past, "full", "jsonl")
    assert job(piece).out.reused == 1
    assert store._opened.cache_info().currsize == 0
