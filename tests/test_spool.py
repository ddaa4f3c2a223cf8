"""Items wait on disk and are found again by id, also where hashes collide."""
from __future__ import annotations

import pickle
from pathlib import Path

import pytest

from pipeline import spool
from pipeline.spool import Kept, Spooled, put


def shards(folder: Path) -> list[spool.Shard]:
    return [put(folder / f"s{n}", [Kept(f"{n}-{i}", None if i == 3 else "字\ud800" * i, ("rest", i)) for i in range(n + 3)],
                [None, f"fact {n}".encode(), ("fact", n), *[None] * n]) for n in range(3)]


def test_a_shard_gives_back_what_was_put_in(tmp_path: Path) -> None:
    one = shards(tmp_path)[1]
    assert list(one.items()) == [Kept(f"1-{i}", None if i == 3 else "字\ud800" * i, ("rest", i)) for i in range(4)]
    assert (one.ids(), one.seen(), one.documents, one.facts) == (
        ("1-0", "1-1", "1-2", "1-3"), [b"fact 1", ("fact", 1)], 4, 2)
    places = one.places().tolist()
    assert [one.fact(fact) for fact, _ in places] == [b"fact 1", ("fact", 1)]
    assert [one.text(place) for _, place in places] == ["字\ud800", "字\ud800" * 2]
    assert [one.about(place) for _, place in places] == [("rest", 1), ("rest", 2)]
    assert pickle.loads(pickle.dumps(one)) == one
    one.remove()
    assert not list(tmp_path.glob("s1*"))


@pytest.mark.parametrize("mask", [(1 << 64) - 1, 1, 0])
def test_any_item_is_found_by_its_id(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mask: int) -> None:
    monkeypatch.setattr(spool, "_MASK", mask)
    find = Spooled(shards(tmp_path))
    assert [find(f"{n}-{i}")[::2] for n in range(3) for i in range(n + 3)] == [
        (f"{n}-{i}", ("rest", i)) for n in range(3) for i in range(n + 3)]
    with pytest.raises(KeyError):
        find("3-0")
