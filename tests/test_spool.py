"""Items wait on disk and are found again by id, also where hashes collide."""
from __future__ import annotations

import pickle
from pathlib import Path
from typing import NamedTuple

import pytest

from pipeline import spool
from pipeline.spool import Spooled, put


class Item(NamedTuple):
    id: str
    text: str


def shards(folder: Path) -> list[spool.Shard]:
    return [put(folder / f"s{n}", [Item(f"{n}-{i}", "字" * i) for i in range(n + 3)],
                [None, f"fact {n}".encode(), ("fact", n), *[None] * n]) for n in range(3)]


def test_a_shard_gives_back_what_was_put_in(tmp_path: Path) -> None:
    one = shards(tmp_path)[1]
    assert list(one.items()) == [Item(f"1-{i}", "字" * i) for i in range(4)]
    assert (one.ids(), one.seen(), one.documents, one.facts) == (
        ("1-0", "1-1", "1-2", "1-3"), [b"fact 1", ("fact", 1)], 4, 2)
    assert [one.fact(1), one.fact(0)] == [("fact", 1), b"fact 1"]
    assert [one.about(1).id, one.about(0).id] == ["1-2", "1-1"]
    assert pickle.loads(pickle.dumps(one)) == one
    one.remove()
    assert not list(tmp_path.glob("s1*"))


@pytest.mark.parametrize("mask", [(1 << 64) - 1, 1, 0])
def test_any_item_is_found_by_its_id(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mask: int) -> None:
    monkeypatch.setattr(spool, "_MASK", mask)
    find = Spooled(shards(tmp_path))
    assert [find(f"{n}-{i}").text for n in range(3) for i in range(n + 3)] == [
        "字" * i for n in range(3) for i in range(n + 3)]
    with pytest.raises(KeyError):
        find("3-0")
