"""Texts of earlier corpora, against which a new one is compared.

An index folder is either the output folder of an earlier run (its corpus.jsonl is read), or the compact
form of one, made once by ``python -m pipeline.cjk.earlier OUTPUT FOLDER``: the facts, ready made, and the
compressed texts.  Neither is ever written to by a run.
"""
from __future__ import annotations

import json
import pickle
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate, pairwise
from pathlib import Path
from struct import pack, unpack_from
from typing import NamedTuple

import numpy as np
import zstandard

from pipeline.cjk.facts import Plan, fact

CORPUS, FACTS, TEXTS, ABOUT = "corpus.jsonl", "facts.bin", "texts.zst", "index.json"


class Place(NamedTuple):
    """Where a text stands in a file."""

    path: Path
    start: int
    size: int


class Earlier:
    """The texts of earlier corpora, by number; their ids get the name of their folder in front.

    Raises:
        ValueError: a folder is no index, or one made with other settings.
    """

    def __init__(self, folders: Sequence[Path], plan: Plan) -> None:
        self.facts: list[bytes] = []
        self.places: list[Place] = []
        self._size = plan.row_type.itemsize
        for folder in folders:
            check_index(folder)
            prefix = f"{folder.name}:".encode()
            for one, place in _compact(folder, plan) if (folder / ABOUT).is_file() else _output(folder, plan):
                self.facts.append(one[: self._size] + prefix + one[self._size :])
                self.places.append(place)

    def __len__(self) -> int:
        return len(self.facts)

    def text(self, n: int) -> str:
        """Return a text."""
        return text_at(self.places[n])

    def shelve(self, path: Path) -> Held:
        """Write all facts and places to files, from which other processes read single ones."""
        starts = list(accumulate(map(len, self.facts), initial=0))
        path.write_bytes(b"".join(self.facts))
        np.save(f"{path}.starts.npy", np.array(starts, np.uint64))
        Path(f"{path}.places").write_bytes(pickle.dumps(self.places))
        return Held(path, len(self.facts))


@dataclass(frozen=True)
class Held:
    """The facts and texts of earlier corpora, in files (a `pipeline.cjk.apart.Shelf`)."""

    path: Path
    count: int

    def __len__(self) -> int:
        return self.count

    def facts(self) -> list[bytes]:
        """Return all facts."""
        data, starts = self.path.read_bytes(), np.load(f"{self.path}.starts.npy").tolist()
        return [data[a:b] for a, b in pairwise(starts)]

    def fact(self, n: int) -> bytes:
        """Return one fact."""
        start, end = np.load(f"{self.path}.starts.npy", mmap_mode="r")[n : n + 2].tolist()
        with self.path.open("rb") as file:
            file.seek(start)
            return file.read(end - start)

    def text(self, n: int) -> str:
        """Return a text."""
        return text_at(_places(self.path)[n])


@lru_cache(maxsize=1)
def _places(path: Path) -> list[Place]:
    places: list[Place] = pickle.loads(Path(f"{path}.places").read_bytes())
    return places


def text_at(place: Place) -> str:
    """Return the text that stands at a place."""
    with place.path.open("rb") as file:
        file.seek(place.start)
        data = file.read(place.size)
    if place.path.name == CORPUS:
        return str(json.loads(data)["text"])
    return zstandard.decompress(data).decode("utf-8", "surrogatepass")


def check_index(folder: Path) -> None:
    """Refuse a folder that is no index.

    Raises:
        ValueError: it has neither a corpus nor a compact index in it.
    """
    if not any((folder / name).is_file() for name in (CORPUS, ABOUT)):
        raise ValueError(f"dedup.index: {folder} is no index: it has neither {CORPUS} nor {ABOUT}")


def _output(folder: Path, plan: Plan) -> Iterator[tuple[bytes, Place]]:
    """Yield the facts of an output folder's texts."""
    path, at = folder / CORPUS, 0
    with path.open("rb") as file:
        for line in file:
            row = json.loads(line)
            yield fact(row["id"], row["text"], plan), Place(path, at, len(line))
            at += len(line)


def _compact(folder: Path, plan: Plan) -> Iterator[tuple[bytes, Place]]:
    """Yield the facts of a compact index."""
    about = json.loads((folder / ABOUT).read_text("utf-8"))
    if about["version"] != plan.version:
        raise ValueError(f"dedup.index: {folder} was made with other settings ({about['version']}) than these "
                         f"({plan.version}); make it again from its corpus")
    data, at, start = (folder / FACTS).read_bytes(), 0, 0
    while at < len(data):
        length, size = unpack_from("<II", data, at)
        yield data[at + 8 : at + 8 + length], Place(folder / TEXTS, start, size)
        at, start = at + 8 + length, start + size


def write_index(output: Path, folder: Path, plan: Plan) -> int:
    """Write the compact index of an output folder; return how many texts it holds."""
    folder.mkdir(parents=True, exist_ok=True)
    count, press = 0, zstandard.ZstdCompressor(level=3)
    with (folder / FACTS).open("wb") as facts, (folder / TEXTS).open("wb") as texts:
        for one, place in _output(output, plan):
            with place.path.open("rb") as file:
                file.seek(place.start)
                text = json.loads(file.read(place.size))["text"]
            packed = press.compress(text.encode("utf-8", "surrogatepass"))
            facts.write(pack("<II", len(one), len(packed)) + one)
            texts.write(packed)
            count += 1
    (folder / ABOUT).write_text(json.dumps({"version": plan.version, "texts": count}) + "\n", "utf-8")
    return count


if __name__ == "__main__":
    print(write_index(Path(sys.argv[1]), Path(sys.argv[2]), Plan()), "texts")
