"""Each id is given once, whatever its number among the others; both places are named."""
from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from pipeline import intake
from pipeline.build import build
from pipeline.config import Config
from pipeline.intake import Ids, Shards
from pipeline.parts import id_hash
from pipeline.sources import InputError, blocks, find


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
