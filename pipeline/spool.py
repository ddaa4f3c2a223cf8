"""Where documents wait on disk while a survey makes up its mind.

One file a shard: the pickled items one after the other, so that a single document can be read without its
neighbours; beside it the ids and where each begins, and the facts, each with the place of its item.
"""
from __future__ import annotations

import pickle
import sys
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import IO, Any, NamedTuple

import numpy as np

SIZE = 8  # bytes of the length before each item
PLACE = 8  # bytes of a place in a file


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
            return [pickle.load(file) for _ in range(self.facts)]

    def fact(self, n: int) -> Any:
        """Return fact number `n`."""
        return self._at(n, 0, ".facts", pickle.load)

    def about(self, n: int) -> Any:
        """Return the item that fact number `n` is about."""
        return self._at(n, 1, "", _read)

    def _at(self, n: int, column: int, ending: str, read: Callable[[IO[bytes]], Any]) -> Any:
        with open(f"{self.path}.places", "rb") as places, open(self.path + ending, "rb") as file:
            places.seek((2 * n + column) * PLACE)
            file.seek(int.from_bytes(places.read(PLACE), sys.byteorder))
            return read(file)

    def remove(self) -> None:
        """Delete the files."""
        for ending in ("", ".ids", ".facts", ".places"):
            Path(self.path + ending).unlink()


def put(path: Path, items: Iterable[Any], facts: Iterable[Any]) -> Shard:
    """Write items, each with an `id`, and a fact about each (None: there is none)."""
    ids, starts, places = [], array("Q"), array("Q")
    with open(path, "wb") as file, open(f"{path}.facts", "wb") as said:
        for item, fact in zip(items, facts, strict=True):
            ids.append(item.id)
            starts.append(file.tell())
            if fact is not None:
                places.extend((said.tell(), starts[-1]))
                pickle.dump(fact, said, protocol=5)
            data = pickle.dumps(item, protocol=5)
            file.write(len(data).to_bytes(SIZE, "little") + data)
    with open(f"{path}.ids", "wb") as file:
        pickle.dump(tuple(ids), file, protocol=5)
        pickle.dump(starts, file, protocol=5)
    Path(f"{path}.places").write_bytes(places.tobytes())
    return Shard(str(path), len(ids), len(places) // 2)


def _read(file: IO[bytes]) -> Any:
    size = int.from_bytes(file.read(SIZE), "little")
    return pickle.loads(file.read(size))


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
