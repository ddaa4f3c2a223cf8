"""Where documents wait on disk while a survey makes up its mind.

One file a shard: of each document its text and the rest of it, pickled, so that a text can be read without its
neighbours and without the rest; beside it the ids and where each begins, and the facts, with the places of both.
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
import numpy.typing as npt

SIZE = 8  # bytes of the length before a text, and before the rest
NO_TEXT = (1 << 64) - 1  # in place of a length


class Kept(NamedTuple):
    """A document that waits: its id, its text (None: it follows from the rest), and whatever else there is of it."""

    id: str
    text: str | None
    rest: Any


class Shard(NamedTuple):
    """A spooled shard: its file, and how many documents and facts it holds."""

    path: str
    documents: int
    facts: int

    def items(self) -> Iterator[Kept]:
        """Yield the documents in order."""
        with open(self.path, "rb") as file:
            for _ in range(self.documents):
                yield _read(file)

    def ids(self) -> tuple[str, ...]:
        """Return the ids of the documents, in order."""
        with open(f"{self.path}.ids", "rb") as file:
            ids: tuple[str, ...] = pickle.load(file)
        return ids

    def seen(self) -> list[Any]:
        """Return the facts, in order."""
        with open(f"{self.path}.facts", "rb") as file:
            return [pickle.load(file) for _ in range(self.facts)]

    def places(self) -> npt.NDArray[np.uint64]:
        """Return for each fact where it is, and where the document is that it is about."""
        return np.fromfile(f"{self.path}.places", np.uint64).reshape(-1, 2)

    def fact(self, place: int) -> Any:
        """Return the fact at a place."""
        with open(f"{self.path}.facts", "rb") as file:
            file.seek(place)
            return pickle.load(file)

    def text(self, place: int) -> str | None:
        """Return the text of the document at a place; None if it follows from the rest."""
        with open(self.path, "rb") as file:
            file.seek(place)
            return _read_text(file)

    def about(self, place: int) -> Any:
        """Return the rest of the document at a place."""
        with open(self.path, "rb") as file:
            file.seek(place)
            return _read(file).rest

    def remove(self) -> None:
        """Delete the files."""
        for ending in ("", ".ids", ".facts", ".places"):
            Path(self.path + ending).unlink()


def put(path: Path, items: Iterable[Kept], facts: Iterable[Any]) -> Shard:
    """Write documents, and a fact about each (None: there is none)."""
    ids, starts, places = [], array("Q"), array("Q")
    with open(path, "wb") as file, open(f"{path}.facts", "wb") as said:
        for (id, text, rest), fact in zip(items, facts, strict=True):
            ids.append(id)
            starts.append(file.tell())
            if fact is not None:
                places.extend((said.tell(), starts[-1]))
                pickle.dump(fact, said, protocol=5)
            told = b"" if text is None else text.encode("utf-8", "surrogatepass")
            size = NO_TEXT if text is None else len(told)
            data = pickle.dumps((id, rest), protocol=5)
            file.write(b"".join((size.to_bytes(SIZE, "little"), told, len(data).to_bytes(SIZE, "little"), data)))
    with open(f"{path}.ids", "wb") as file:
        pickle.dump(tuple(ids), file, protocol=5)
        pickle.dump(starts, file, protocol=5)
    Path(f"{path}.places").write_bytes(places.tobytes())
    return Shard(str(path), len(ids), len(places) // 2)


def _read_text(file: IO[bytes]) -> str | None:
    size = int.from_bytes(file.read(SIZE), "little")
    return None if size == NO_TEXT else file.read(size).decode("utf-8", "surrogatepass")


def _read(file: IO[bytes]) -> Kept:
    text = _read_text(file)
    id, rest = pickle.loads(file.read(int.from_bytes(file.read(SIZE), "little")))
    return Kept(id, text, rest)


@dataclass(frozen=True)
class Spooled:
    """Reads any spooled document by its id; the shards are indexed when the first one is asked for."""

    shards: Sequence[Shard]

    def __call__(self, id: str) -> Kept:
        """Return the document `id` as it entered the survey."""
        hashes, places, starts = self._index
        wanted = hash(id) & _MASK
        at = int(np.searchsorted(hashes, wanted))
        while at < len(hashes) and hashes[at] == wanted:
            with open(self.shards[places[at]].path, "rb") as file:
                file.seek(starts[at])
                found = _read(file)
            if found.id == id:
                return found
            at += 1
        raise KeyError(id)

    @cached_property
    def _index(self) -> tuple[Any, Any, Any]:
        """Hashes of all ids, sorted; for each its shard, and where its document begins."""
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
