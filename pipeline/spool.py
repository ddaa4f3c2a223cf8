"""Where documents wait on disk while a survey makes up its mind.

One file a shard: the pickled items one after the other, each compressed, so that a single document can be read
without its neighbours; beside it the ids and where each begins, and the facts.  The main process
holds twenty bytes a document and no more.
"""
from __future__ import annotations

import pickle
from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import IO, Any, NamedTuple

import numpy as np
import zstandard

SIZE = 8  # bytes of the length before each item


class Shard(NamedTuple):
    """A spooled shard: its file, and how many documents and facts it holds."""

    path: str
    documents: int
    facts: int

    def items(self) -> Iterator[Any]:
        """Yield the items in order."""
        with open(self.path, "rb") as file:
            for _ in range(self.documents):
                yield _read(file)

    def ids(self) -> tuple[str, ...]:
        """Return the ids of the items, in order."""
        with open(f"{self.path}.ids", "rb") as file:
            ids: tuple[str, ...] = pickle.load(file)
        return ids

    def seen(self) -> list[Any]:
        """Return the facts, in order."""
        with open(f"{self.path}.facts", "rb") as file:
            facts: list[Any] = pickle.load(file)
        return facts

    def remove(self) -> None:
        """Delete the files."""
        for ending in ("", ".ids", ".facts"):
            Path(self.path + ending).unlink()


def put(path: Path, items: Iterable[Any], facts: list[Any]) -> Shard:
    """Write items, each with an `id`, and facts about some of them."""
    ids, starts = [], array("Q")
    packer = zstandard.ZstdCompressor(level=-1)  # a text stands in its patches again and again: to a third
    with open(path, "wb") as file:
        for item in items:
            ids.append(item.id)
            starts.append(file.tell())
            data = packer.compress(pickle.dumps(item, protocol=5))
            file.write(len(data).to_bytes(SIZE, "little") + data)
    with open(f"{path}.ids", "wb") as file:
        pickle.dump(tuple(ids), file, protocol=5)
        pickle.dump(starts, file, protocol=5)
    with open(f"{path}.facts", "wb") as file:
        pickle.dump(facts, file, protocol=5)
    return Shard(str(path), len(ids), len(facts))


def _read(file: IO[bytes]) -> Any:
    size = int.from_bytes(file.read(SIZE), "little")
    return pickle.loads(zstandard.decompress(file.read(size)))


@dataclass(frozen=True)
class Spooled:
    """Reads any spooled item by its id; the shards are indexed when the first one is asked for."""

    shards: Sequence[Shard]

    def __call__(self, id: str) -> Any:
        """Return the item `id` as it entered the survey."""
        hashes, places, starts = self._index
        wanted = hash(id) & _MASK
        at = int(np.searchsorted(hashes, wanted))
        while at < len(hashes) and hashes[at] == wanted:
            with open(self.shards[places[at]].path, "rb") as file:
                file.seek(starts[at])
                item = _read(file)
            if item.id == id:
                return item
            at += 1
        raise KeyError(id)

    @cached_property
    def _index(self) -> tuple[Any, Any, Any]:
        """Hashes of all ids, sorted; for each its shard, and where its item begins."""
        count = sum(shard.documents for shard in self.shards)
        hashes, places, starts = np.empty(count, np.uint64), np.empty(count, np.uint32), np.empty(count, np.uint64)
        at = 0
        for n, shard in enumerate(self.shards):
            with open(f"{shard.path}.ids", "rb") as file:
                ids, begins = pickle.load(file), pickle.load(file)
            here = slice(at, at + shard.documents)
            hashes[here], places[here], starts[here] = [hash(id) & _MASK for id in ids], n, begins
            at += shard.documents
        order = np.argsort(hashes)
        return hashes[order], places[order], starts[order]


_MASK = (1 << 64) - 1  # Python's hash is signed
