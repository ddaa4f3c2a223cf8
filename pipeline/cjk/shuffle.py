"""A group-by in tasks: records that share a key come together, though no process sees all of them.

Records are numpy arrays with named fields.  A *source* is called and gives records; a group-by turns many
sources into as many others as there are partitions, each of which gives what a reduction makes of all
records of its keys.  Sources are sent to other processes, so they are picklable; what is large goes by way
of files, one a task and partition.  Few records are not worth a file: one partition needs none.
"""
from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
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


@dataclass(frozen=True)
class Joined:
    """A source that reads others and reduces all their records at once."""

    sources: tuple[Source, ...]
    reduce: Reduce

    def __call__(self) -> Records:
        return self.reduce(np.concatenate([source() for source in self.sources]))


@dataclass(frozen=True)
class Saved:
    """A source that stands in a file."""

    path: Path

    def __call__(self) -> Records:
        records: Records = np.load(self.path)
        return records


@dataclass(frozen=True)
class Scatter:
    """A task: reads sources, and writes a file for each partition of the keys in `field`."""

    sources: tuple[Source, ...]
    field: str
    files: tuple[Path, ...]

    def __call__(self) -> None:
        records = np.concatenate([source() for source in self.sources])
        # the remainder of a scrambled key: band keys of one band would else crowd together
        part = (records[self.field] * np.uint64(0x9E3779B97F4A7C15) >> np.uint64(32)) % np.uint64(len(self.files))
        for n, path in enumerate(self.files):
            with path.open("wb") as file:
                np.save(file, records[part == n])


class GroupBy(NamedTuple):
    """Runs tasks with `each`, and keeps files in `folder`; `partitions` is how many parts the keys are cut into."""

    each: Each
    folder: Path
    partitions: int

    def __call__(self, sources: Iterable[Source], field: str, reduce: Reduce) -> list[Source]:
        """Return sources that give the reduced records of all keys in `field`, each key in one of them.

        >>> from pipeline.cjk.shuffle import GroupBy
        >>> one = np.array([(1, 5), (2, 6)], [("key", "<u8"), ("text", "<u8")])
        >>> here = GroupBy(lambda tasks: (task() for task in tasks), Path(), 1)
        >>> [source().tolist() for source in here([lambda: one, lambda: one[:1]], "key", np.sort)]
        [[(1, 5), (1, 5), (2, 6)]]
        """
        if self.partitions == 1:
            return [Joined(tuple(sources), reduce)]
        written: list[tuple[Path, ...]] = []
        for _ in self.each(self._scatters(iter(sources), field, written)):
            pass
        return [Joined(tuple(Saved(files[n]) for files in written), reduce) for n in range(self.partitions)]

    def _scatters(self, sources: Any, field: str, written: list[tuple[Path, ...]]) -> Iterable[Scatter]:
        while together := tuple(islice(sources, TOGETHER)):
            name = f"{field}-{len(written)}"
            written.append(tuple(self.folder / f"{name}-{n}.npy" for n in range(self.partitions)))
            yield Scatter(together, field, written[-1])


def components(edges: Sequence[npt.NDArray[np.uint64]]) -> list[list[int]]:
    """Return the numbers that edges connect, straight or by way of others: each component sorted, in order.

    `edges` are arrays of pairs, one below the other.  Each number passes the smallest one it knows of on
    along all edges at once, and on to whom that one names.

    >>> components([np.array([[7, 3], [9, 7]], np.uint64), np.array([[5, 4]], np.uint64)])
    [[3, 7, 9], [4, 5]]
    """
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
    parts = np.split(numbers[order], np.flatnonzero(np.diff(name[order])) + 1)
    return [part.tolist() for part in parts if len(part)]
