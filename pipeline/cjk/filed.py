"""Values by number in files: what tasks find out about texts, for other tasks to read.

A file holds pickled values by ascending number, and another beside it where each of them is, so that a few
are read without the rest.  Numbers are 8 bytes, places are in bytes.
"""
from __future__ import annotations

import pickle
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

PLACE = np.dtype([("number", "<u8"), ("start", "<u8"), ("end", "<u8")])
Pickled = tuple[int, bytes]


def put(path: Path, values: Mapping[int, Any]) -> None:
    """Write values by their numbers.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     put(Path(folder, "a"), {7: "seven", 3: "three", 9: "nine"})
    ...     get(Path(folder, "a"), [9, 4, 3]), [pickle.loads(value) for _, value in between(Path(folder, "a"), 3, 9)]
    ({3: 'three', 9: 'nine'}, ['three', 'seven'])
    """
    _write(path, [(number, pickle.dumps(values[number], protocol=5)) for number in sorted(values)])


def get(path: Path, numbers: Iterable[int]) -> dict[int, Any]:
    """Return those of the values that have one of these numbers."""
    places = _places(path)
    found = np.isin(places["number"], np.fromiter(numbers, np.uint64)).nonzero()[0]
    return {int(places["number"][n]): pickle.loads(data) for n in found.tolist() for _, data in _read(path, n, n + 1)}


def between(path: Path, first: int, end: int) -> Iterator[Pickled]:
    """Yield the values from number `first` on and below `end`, pickled, with their numbers."""
    numbers = _places(path)["number"]
    yield from _read(path, int(numbers.searchsorted(np.uint64(first))), int(numbers.searchsorted(np.uint64(end))))


@dataclass(frozen=True)
class Merge:
    """A task: takes what files hold between two numbers, and writes one file of it.

    The files are called `stem` with numbers below `count`; a number stands in one of them only.
    """

    stem: Path
    count: int
    first: int
    end: int
    path: Path

    def __call__(self) -> None:
        files = [Path(f"{self.stem}-{n}") for n in range(self.count)]
        _write(self.path, sorted(value for file in files for value in between(file, self.first, self.end)))


def _write(path: Path, values: Iterable[Pickled]) -> None:
    places, at = [], 0
    with open(path, "wb") as file:
        for number, data in values:
            file.write(data)
            places.append((number, at, at + len(data)))
            at += len(data)
    Path(f"{path}.places").write_bytes(np.array(places, PLACE).tobytes())


def _places(path: Path) -> np.ndarray[tuple[int], np.dtype[np.void]]:
    """Return the places of all values; of large files only what is looked at is read."""
    name = f"{path}.places"
    return np.memmap(name, PLACE, "r") if Path(name).stat().st_size else np.empty(0, PLACE)


def _read(path: Path, start: int, end: int) -> Iterator[Pickled]:
    """Yield the values from place number `start` on and below `end`."""
    if start == end:
        return
    places = _places(path)[start:end].tolist()
    with open(path, "rb") as file:
        file.seek(places[0][1])
        for number, at, after in places:
            yield number, file.read(after - at)
