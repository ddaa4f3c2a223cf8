"""Texts of earlier corpora, against which a new one is compared.

An index folder is either the output folder of an earlier run (its corpus is read, however it is laid out),
or the compact form of one, made once by ``python -m pipeline.cjk.earlier OUTPUT FOLDER``: the facts, ready
made, and the compressed texts.  Neither is ever written to by a run.
"""
from __future__ import annotations

import argparse
import json
import pickle
import re
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from struct import pack, unpack
from typing import IO, NamedTuple

import numpy as np
import zstandard

from pipeline.cjk.facts import Plan, facts
from pipeline.cjk.sketch import rows_for

CORPUS = re.compile(r"corpus(-\d{5})?\.jsonl(\.zst)?")
FACTS, TEXTS, ABOUT = "facts.bin", "texts.zst", "index.json"
READ = 1 << 20  # bytes of a file read at a time


class Part(NamedTuple):
    """Lines that stand together in a file: `size` bytes from `at` on, in one frame if the file is compressed."""

    path: Path
    at: int
    size: int


class Earlier:
    """The texts of earlier corpora, by number; their ids get the name of their folder in front.

    24 bytes a text are kept.

    Raises:
        ValueError: a folder is no index, or one made with other settings.
    """

    def __init__(self, folders: Sequence[Path], plan: Plan) -> None:
        for folder in folders:
            check_index(folder)
        self._folders, self._plan = folders, plan
        self._parts: list[Part] = []
        self._part, self._at, self._size = array("Q"), array("Q"), array("Q")

    def __len__(self) -> int:
        return len(self._at)

    def facts(self) -> Iterator[bytes]:
        """Yield the facts of all texts; only then their number is known, and their texts can be read."""
        head = self._plan.row_type.itemsize
        for folder in self._folders:
            prefix = f"{folder.name}:".encode()
            found = self._compact(folder) if (folder / ABOUT).is_file() else self._output(folder)
            for one in found:
                yield one[:head] + prefix + one[head:]

    def text(self, n: int) -> str:
        """Return a text."""
        part, at, size = self._parts[self._part[n]], self._at[n], self._size[n]
        if part.path.name == TEXTS:
            return zstandard.decompress(_bytes(part.path, at, size)).decode("utf-8", "surrogatepass")
        line = _frame(part)[at : at + size] if part.path.suffix == ".zst" else _bytes(part.path, part.at + at, size)
        return str(json.loads(line)["text"])

    def _note(self, part: Part, at: int, size: int) -> None:
        if not self._parts or self._parts[-1] != part:
            self._parts.append(part)
        self._part.append(len(self._parts) - 1)
        self._at.append(at)
        self._size.append(size)

    def _output(self, folder: Path) -> Iterator[bytes]:
        def texts() -> Iterator[tuple[str, str]]:
            for part, at, line in _lines(folder):
                self._note(part, at, len(line))
                row = json.loads(line)
                yield row["id"], row["text"]

        return facts(texts(), self._plan)

    def _compact(self, folder: Path) -> Iterator[bytes]:
        about = json.loads((folder / ABOUT).read_text("utf-8"))
        if about["version"] != self._plan.version:
            raise ValueError(f"dedup.index: {folder} was made with other settings ({about['version']}) than these "
                             f"({self._plan.version}); make it again from its corpus")
        start, whole = 0, Part(folder / TEXTS, 0, (folder / TEXTS).stat().st_size)
        with (folder / FACTS).open("rb") as file:
            while head := file.read(8):
                length, size = unpack("<II", head)
                self._note(whole, start, size)
                yield file.read(length)
                start += size

    def shelve(self, path: Path) -> Held:
        """Write all facts to a file and where the texts are to another, for other processes to read from."""
        starts = array("Q", [0])
        with path.open("wb") as file:
            for one in self.facts():
                file.write(one)
                starts.append(file.tell())
        np.save(f"{path}.starts.npy", np.array(starts))
        Path(f"{path}.places").write_bytes(pickle.dumps(self))
        return Held(path, len(self))


@dataclass(frozen=True)
class Held:
    """The facts and texts of earlier corpora, read from files (a `pipeline.cjk.apart.Shelf`)."""

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
        return _bytes(self.path, start, end - start)

    def text(self, n: int) -> str:
        """Return a text."""
        about = Path(f"{self.path}.places").stat()  # the next run in this process writes files of the same names
        return _earlier(self.path, (about.st_ino, about.st_mtime_ns, about.st_size)).text(n)


@lru_cache(maxsize=1)
def _earlier(path: Path, stamp: tuple[int, int, int]) -> Earlier:
    found: Earlier = pickle.loads(Path(f"{path}.places").read_bytes())
    return found


def check_index(folder: Path) -> None:
    """Refuse a folder that is no index.

    Raises:
        ValueError: it has neither a corpus nor a compact index in it.
    """
    if not (folder / ABOUT).is_file() and not _files(folder):
        raise ValueError(f"dedup.index: {folder} is no index: it has neither corpus.jsonl (or its parts) nor {ABOUT}")


def _files(folder: Path) -> list[Path]:
    """Return the files that hold the corpus of an output folder, in order."""
    return sorted(path for path in folder.iterdir() if CORPUS.fullmatch(path.name)) if folder.is_dir() else []


def _lines(folder: Path) -> Iterator[tuple[Part, int, bytes]]:
    """Yield the lines of a corpus, each with its part and where it begins in that."""
    for path in _files(folder):
        with path.open("rb") as file:
            whole = [(Part(path, 0, path.stat().st_size), file)] if path.suffix != ".zst" else (
                (part, _frame(part).splitlines(keepends=True)) for part in _frames(path, file))
            for part, lines in whole:
                at = 0
                for line in lines:
                    yield part, at, line
                    at += len(line)


def _frames(path: Path, file: IO[bytes]) -> Iterator[Part]:
    """Yield where the frames of a zstd file are."""
    start, data = 0, file.read(READ)
    while data:
        frame, size = zstandard.ZstdDecompressor().decompressobj(), 0
        while data and not frame.eof:
            frame.decompress(data)
            size += len(data) - len(frame.unused_data)
            data = frame.unused_data or file.read(READ)
        yield Part(path, start, size)
        start += size


@lru_cache(maxsize=4)
def _frame(part: Part) -> bytes:
    found: bytes = zstandard.ZstdDecompressor().decompressobj().decompress(_bytes(*part))
    return found


def _bytes(path: Path, at: int, size: int) -> bytes:
    with path.open("rb") as file:
        file.seek(at)
        return file.read(size)


def write_index(output: Path, folder: Path, plan: Plan) -> int:
    """Write the compact index of an output folder; return how many texts it holds."""
    earlier, press = Earlier((output,), plan), zstandard.ZstdCompressor(level=3)
    head, prefix = plan.row_type.itemsize, len(f"{output.name}:".encode())
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / FACTS).open("wb") as rows, (folder / TEXTS).open("wb") as texts:
        for n, one in enumerate(earlier.facts()):
            fact = one[:head] + one[head + prefix :]
            packed = press.compress(earlier.text(n).encode("utf-8", "surrogatepass"))
            rows.write(pack("<II", len(fact), len(packed)) + fact)
            texts.write(packed)
    (folder / ABOUT).write_text(json.dumps({"version": plan.version, "texts": len(earlier)}) + "\n", "utf-8")
    return len(earlier)


def main() -> None:
    """Write the compact index of an output folder, for the settings given."""
    parser = argparse.ArgumentParser(prog="python -m pipeline.cjk.earlier", description=main.__doc__)
    parser.add_argument("output", type=Path, help="the output folder of an earlier run")
    parser.add_argument("folder", type=Path, help="where the index goes")
    for name, kind, value in (("similarity", float, 0.8), ("shingle", int, 5), ("short", int, 20), ("body", int, 100)):
        parser.add_argument(f"--{name}", type=kind, default=value, help=f"dedup.{name} of the runs that will use it")
    args = parser.parse_args()
    try:
        plan = Plan(args.shingle, rows_for(args.similarity), args.short, args.body)
        print(write_index(args.output, args.folder, plan), "texts")
    except ValueError as error:
        parser.error(str(error))


if __name__ == "__main__":
    main()
