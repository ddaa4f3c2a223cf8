"""From inputs to shards: documents are read as the workers need them, and each id is seen once."""
from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pipeline.config import Config
from pipeline.document import Stage, Survey
from pipeline.manifest import describe
from pipeline.parts import id_hash
from pipeline.run import look, step
from pipeline.sources import STANDARD_INPUT, Block, Fields, Found, Raw, Row, given_twice, once, stretches, unparsed
from pipeline.store import Past, close
from pipeline.work import Piece, Result

SHARD_BYTES = 1 << 19
SHARD_DOCUMENTS = 200
TASTE, TASTE_BYTES = 40, 200_000

Cut = Callable[[Block], Iterable[Piece]]


@dataclass(frozen=True)
class Shards:
    """Cuts a block into shards of documents; rows are parsed later, but those that can be read only once.

    `limit` is the largest source in bytes that is taken in; a shard ends after `size` bytes or `documents`.
    """

    fields: Fields
    limit: int
    size: int
    documents: int

    @classmethod
    def by(cls, config: Config) -> Shards:
        """Return what cuts as the settings say."""
        return cls(config.fields, int(config.max_document_mb * 1_000_000), SHARD_BYTES, SHARD_DOCUMENTS)

    def __call__(self, block: Block) -> Iterator[Piece]:
        """Yield the shards of a block, read as they are asked for."""
        shard: list[Raw | Row] = []
        size = number = 0
        unread = unparsed(block.stretches, self.fields, self.limit)
        for one, _ in once(unread) if block.stretches[0].file.name == STANDARD_INPUT else unread:
            shard.append(one)
            size += one.size
            if size >= self.size or len(shard) >= self.documents:
                yield Piece((block.number, number), shard)
                number, shard, size = number + 1, [], 0
        if shard:
            yield Piece((block.number, number), shard)


def tasted(cut: Cut, stages: Sequence[Stage | Survey], past: Past) -> Cut:
    """Return `cut`, but the first documents go through the stages once, for nothing, before their shard is given.

    That loads what such documents need (tables, patterns, modules) before workers are forked: they
    share it, in place of loading it once each.  Documents an earlier run knows are left out, and so
    are stages that hold something open (a `finish` puts it down), which no process may inherit.
    """
    free = [stage for stage in stages if not hasattr(stage, "finish") and not getattr(stage, "costs", False)]
    fresh = [True]

    def first(block: Block) -> Iterator[Piece]:
        for piece in cut(block):
            if fresh:
                fresh.clear()
                _taste(piece.shard, free, past)
            yield piece

    return first


def _taste(shard: Sequence[Raw | Row], stages: Sequence[Stage | Survey], past: Past) -> None:
    size = 0
    for raw in (one.raw() if isinstance(one, Row) else one for one in shard[:TASTE]):
        if past.get(raw.id) is None:
            doc = raw.load()
            for stage in stages:
                doc = look(doc, stage)[0] if isinstance(stage, Survey) else step(doc, stage)
            describe(doc)
        size += raw.size
        if size > TASTE_BYTES:
            break
    close()
    gc.collect()
    gc.freeze()  # a collection would touch, and so copy, every object that is shared


class Ids:
    """Hashes of the ids that were given, 8 bytes each, sorted and compared as often as their number doubles."""

    def __init__(self) -> None:
        self._known: npt.NDArray[np.uint64] = np.empty(0, np.uint64)
        self._new: list[npt.NDArray[np.uint64]] = []
        self._count = 0

    def add(self, hashes: npt.NDArray[np.uint64]) -> frozenset[int]:
        """Take hashes in, and return those that were found to be given twice, if this is a time to compare."""
        self._new.append(hashes)
        self._count += len(hashes)
        return self.twice() if self._count > len(self._known) else frozenset()

    def twice(self) -> frozenset[int]:
        """Compare all; return the hashes that were given twice since that was done last."""
        every = np.concatenate([self._known, *self._new])
        every.sort()
        again = np.zeros(len(every), bool)
        again[1:] = every[1:] == every[:-1]
        self._known, self._new, self._count = every[~again] if again.any() else every, [], 0
        return frozenset(every[again].tolist())


def each_id_once(results: Iterable[Result], files: list[Found], fields: Fields) -> Iterator[Result]:
    """Pass results on as long as no id is given twice.

    Raises:
        InputError: two documents were given the same id; the message names both places.
    """
    ids = Ids()
    for result in results:
        _refuse(ids.add(np.frombuffer(result.ids, np.uint64)), files, fields)
        yield result
    _refuse(ids.twice(), files, fields)


def _refuse(twice: frozenset[int], files: list[Found], fields: Fields) -> None:
    """Read the inputs again for what is twice; if nothing is, two ids have one hash."""
    if not twice:
        return
    again = [file for file in files if file.name != STANDARD_INPUT]
    documents = unparsed((stretch for stretch, _ in stretches(again)), fields, 0)
    found = [(raw.id, place) for raw, place in once(documents, lambda id: id_hash(id) in twice)
             if id_hash(raw.id) in twice]
    if len(again) < len(files) and found:
        raise given_twice(*found[0], "standard input")


def clearing(results: Iterable[Result], groups: Iterable[Sequence[Piece]]) -> Iterator[Result]:
    """Pass results on, and delete what they were made from when those of a group, a worker's task, are all there."""
    left = iter(results)
    for group in groups:
        for piece in group:
            result = next(left, None)
            if result is None or result.place != piece.place:  # nothing that has no result is ever deleted
                raise AssertionError(f"the engine lost the order of its input at shard {piece.name}")
            yield result
        for piece in group:
            piece.shard.remove()
