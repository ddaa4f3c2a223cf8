"""A group-by in tasks: records that share a key come together, though no process sees all of them.

Records are numpy arrays with named fields.  A *source* is called and gives records; a group-by turns many
sources into as many others as there are partitions, each of which gives what a reduction makes of all
records of its keys.  Sources are sent to other processes, so they are picklable; what is large goes by way
of files, one a task, in which its records stand by partitions.  Few records are not worth a file: one
partition needs none.
"""
from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from pipeline.cjk.shingles import distinct

Records = npt.NDArray[np.void]
Source = Callable[[], Records]
Reduce = Callable[[Records], Records]
Each = Callable[[Iterable[Callable[[], Any]]], Iterable[Any]]  # calls tasks, anywhere; results come in order

TOGETHER = 32  # sources that one task reads
TASKS = 4096  # tasks that scatter, at most: each reads more sources then, for each leaves a file to all that gather


@dataclass(frozen=True)
class Joined:
    """A source that reads others and reduces all their records at once."""

    sources: tuple[Source, ...]
    reduce: Reduce

    def __call__(self) -> Records:
        return self.reduce(np.concatenate([source() for source in self.sources]))


@dataclass(frozen=True)
class Gathered:
    """A source that reads partition `part` of all that was scattered, and reduces it; `stem` names the files."""

    stem: Path
    count: int
    part: int
    reduce: Reduce

    def __call__(self) -> Records:
        return self.reduce(np.concatenate([_slice(f"{self.stem}-{n}", self.part) for n in range(self.count)]))


@dataclass(frozen=True)
class Scatter:
    """A task: reads sources, and writes their records by partitions of the keys in `field`, one below the other."""

    sources: tuple[Source, ...]
    field: str
    partitions: int
    path: Path

    def __call__(self) -> None:
        records = np.concatenate([source() for source in self.sources])
        # the remainder of a scrambled key: band keys of one band would else crowd together
        part = (records[self.field] * np.uint64(0x9E3779B97F4A7C15) >> np.uint64(32)) % np.uint64(self.partitions)
        with open(f"{self.path}.npy", "wb") as file:
            np.save(file, records[np.argsort(part, kind="stable")])
        with open(f"{self.path}-starts.npy", "wb") as file:
            np.save(file, np.cumsum([0, *np.bincount(part.astype(np.int64), minlength=self.partitions)]))


def _slice(path: str, part: int) -> Records:
    """Return a partition of what a task has scattered."""
    start, end = np.load(f"{path}-starts.npy", mmap_mode="r")[part : part + 2].tolist()
    records: Records = np.load(f"{path}.npy", mmap_mode="r" if start < end else None)[start:end]
    return records


class GroupBy(NamedTuple):
    """Runs tasks with `each`, and keeps files in `folder`; `partitions` is how many parts the keys are cut into."""

    each: Each
    folder: Path
    partitions: int

    def __call__(self, sources: Sequence[Source], name: str, field: str, reduce: Reduce) -> list[Source]:
        """Return sources that give the reduced records of all keys in `field`, each key in one of them.

        `name` is what files are called that pass between the tasks.

        >>> from pipeline.cjk.shuffle import GroupBy
        >>> one = np.array([(1, 5), (2, 6)], [("key", "<u8"), ("text", "<u8")])
        >>> here = GroupBy(lambda tasks: (task() for task in tasks), Path(), 1)
        >>> [source().tolist() for source in here([lambda: one, lambda: one[:1]], "texts", "key", np.sort)]
        [[(1, 5), (1, 5), (2, 6)]]
        """
        if self.partitions == 1:
            return [Joined(tuple(sources), reduce)]
        together = max(TOGETHER, -(-len(sources) // TASKS))
        starts, stem = range(0, len(sources), together), self.folder / name
        for _ in self.each(Scatter(tuple(sources[at : at + together]), field, self.partitions, Path(f"{stem}-{n}"))
                           for n, at in enumerate(starts)):
            pass
        return [Gathered(stem, len(starts), n, reduce) for n in range(self.partitions)]

    def clear(self, name: str) -> None:
        """Delete the files of this name, when all of them were read."""
        for path in self.folder.glob(f"{name}-*.npy"):
            path.unlink()


def components(edges: Sequence[npt.NDArray[np.uint64]]) -> Iterator[list[int]]:
    """Yield the numbers that edges connect, straight or by way of others: each component sorted, in order.

    `edges` are arrays of pairs, one below the other.  Each number passes the smallest one it knows of on
    along all edges at once, and on to whom that one names.

    >>> list(components([np.array([[7, 3], [9, 7]], np.uint64), np.array([[5, 4]], np.uint64)]))
    [[3, 7, 9], [4, 5]]
    """
    numbers, name = _named(edges)
    ends = np.append(np.flatnonzero(np.diff(name)) + 1, len(numbers))
    del name
    start = 0
    for end in ends.tolist():
        if end > start:
            yield numbers[start:end].tolist()
        start = end


def _named(edges: Sequence[npt.NDArray[np.uint64]]) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.int64]]:
    """Return all numbers, and the names of their components, by these names."""
    pairs = np.concatenate([np.zeros((0, 2), np.uint64), *edges])
    numbers = distinct(pairs.ravel())
    one, other = numbers.searchsorted(pairs).T
    name = np.arange(len(numbers))
    while True:
        least = np.minimum(name[one], name[other])
        before = name.copy()
        for end in (one, other, before[one], before[other]):
            np.minimum.at(name, end, least)
        name = name[name]
        if np.array_equal(name, before):
            break
    order = np.argsort(name, kind="stable")
    return numbers[order], name[order]
