"""The files of an output folder: written part by part, read line by line or at one line.

Corpus and manifest are JSON lines, plain or zstd, in one file each or in several.  They are put
together from *parts*, the lines of one shard of documents.  A zstd file holds a frame a part, so that
parts can be compressed apart, joined by concatenation, and read apart; every zstd reader takes that
for one stream.  Where the parts end depends on the input and nothing else, so the bytes do, too.
"""
from __future__ import annotations

import hashlib
import io
import json
import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import IO, Any, NamedTuple

import zstandard

FORMATS = ("jsonl", "jsonl.zst")
LEVEL = 3  # of zstd: three times smaller at 160 MB/s
STEMS = ("corpus", "manifest")


class Layout(NamedTuple):
    """How corpus and manifest are written: `shard_mb` (10^6 bytes) is where a new file begins, 0: never."""

    format: str = "jsonl"
    shard_mb: float = 0.0


class Line(NamedTuple):
    """Where a line is: in the part at `part_at` of `file`, `size` bytes from `at` on (before compression)."""

    file: str
    part_at: int
    part_size: int
    at: int
    size: int


def pack(lines: bytes, format: str) -> bytes:
    """Return a part as it is written."""
    return zstandard.ZstdCompressor(level=LEVEL).compress(lines) if format == "jsonl.zst" else lines


def read_line(folder: Path, line: Line) -> bytes:
    """Return one line of a finished output folder."""
    if not line.size:
        return b""
    with open(folder / line.file, "rb") as file:
        if not line.file.endswith(".zst"):
            file.seek(line.part_at + line.at)
            return file.read(line.size)
        file.seek(line.part_at)
        whole = zstandard.ZstdDecompressor().decompress(file.read(line.part_size))
        return whole[line.at : line.at + line.size]


def names(folder: Path, stem: str) -> list[str]:
    """Return the names of the files that hold the corpus, or the manifest, in order."""
    run = json.loads((folder / "run.json").read_text("utf-8"))
    return sorted(name for name in run["files"] if name.startswith((f"{stem}.", f"{stem}-")))


def lines(folder: Path, stem: str) -> Iterator[tuple[bytes, str, int]]:
    """Yield the lines of the corpus, or the manifest, each with its file and its number in it."""
    for name in names(folder, stem):
        with reader(folder / name) as file:
            for number, raw in enumerate(file, 1):
                yield raw, name, number


def reader(path: Path) -> IO[bytes]:
    """Open a file that may be compressed (.zst, of one frame or many)."""
    file = open(path, "rb")  # noqa: SIM115 (closed by what is returned)
    if not path.name.lower().endswith(".zst"):
        return file
    stream = zstandard.ZstdDecompressor().stream_reader(file, read_across_frames=True, closefd=True)
    return io.BufferedReader(stream, 1 << 17)


class Join(NamedTuple):
    """A task: makes one file of parts, safe on disk."""

    parts: tuple[Path, ...]
    path: Path

    def __call__(self) -> tuple[int, str]:
        """Return the size of the file in bytes, and its SHA-256."""
        size, hash = 0, hashlib.sha256()
        with open(self.path, "wb") as out:
            for part in self.parts:
                for chunk in _chunks(part):
                    hash.update(chunk)
                    out.write(chunk)
                    size += len(chunk)
            out.flush()
            os.fsync(out.fileno())
        return size, hash.hexdigest()


class Growing:
    """The files of a corpus, or a manifest: of which parts each is made, told as these come.

    A single file is written as they come.  Several are put together in the end, all at once.
    """

    def __init__(self, folder: Path, stem: str, layout: Layout) -> None:
        self._folder, self._stem, self._layout = folder, stem, layout
        self._files: list[tuple[str, list[Path]]] = []
        self._rows: list[int] = []
        self._begin()
        self._one = None if layout.shard_mb else open(self._new(self._name), "wb")  # noqa: SIM115 (closed by `finish`)
        self._hash = hashlib.sha256()

    def _begin(self) -> None:
        number = f"-{len(self._files):05}" if self._layout.shard_mb else ""
        self._name = f"{self._stem}{number}.{self._layout.format}"
        self._size = 0
        self._files.append((self._name, []))
        self._rows.append(0)

    def _new(self, name: str) -> Path:
        return self._folder / f"new-{name}"

    def take_in(self, part: Path, rows: int) -> tuple[str, int, int]:
        """Take the file `part`, which holds `rows` lines, and say where it goes: file, place, size."""
        if self._layout.shard_mb and self._size >= self._layout.shard_mb * 1_000_000:
            self._begin()
        at, size = self._size, part.stat().st_size
        self._size += size
        self._rows[-1] += rows
        if self._one is None:
            self._files[-1][1].append(part)
        else:
            for chunk in _chunks(part):
                self._hash.update(chunk)
                self._one.write(chunk)
            part.unlink()
        return self._name, at, size

    def finish(self, each: Callable[[Iterable[Join]], Iterable[tuple[int, str]]]) -> dict[str, dict[str, Any]]:
        """Make the files, safe on disk, and return size (bytes), rows and SHA-256 of each by name.

        `each` does tasks, here or elsewhere, in order.
        """
        if self._one is not None:
            self._one.flush()
            os.fsync(self._one.fileno())
            self._one.close()
            return {self._name: {"bytes": self._size, "rows": self._rows[0], "sha256": self._hash.hexdigest()}}
        out = {}
        done = each(Join(tuple(parts), self._new(name)) for name, parts in self._files)
        for (name, parts), rows, (size, digest) in zip(self._files, self._rows, done, strict=True):
            out[name] = {"bytes": size, "rows": rows, "sha256": digest}
            for part in parts:
                part.unlink()
        return out


def _chunks(path: Path) -> Iterator[bytes]:
    with open(path, "rb") as file:
        while chunk := file.read(1 << 20):
            yield chunk


def publish(work: Path, output: Path, files: dict[str, Any]) -> None:
    """Put finished files and run.json in their places; those of another layout go."""
    for name in files:
        os.replace(work / f"new-{name}", output / name)
    os.replace(work / "run.json", output / "run.json")
    for path in output.iterdir():
        if path.name not in files and _is_ours(path.name):
            path.unlink()


def _is_ours(name: str) -> bool:
    stem, _, ending = name.partition(".")
    base, _, number = stem.partition("-")
    return base in STEMS and ending in FORMATS and (not number or (len(number) == 5 and number.isdigit()))


def digests(folder: Path) -> dict[str, str]:
    """Return the SHA-256 of each file of corpus and manifest in an output folder, by name."""
    found = {}
    for path in sorted(folder.iterdir()):
        if _is_ours(path.name):
            with open(path, "rb") as file:
                found[path.name] = hashlib.file_digest(file, "sha256").hexdigest()
    return found
