"""From inputs to shards: documents are read as the workers need them, and each id is seen once."""
from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

from pipeline.config import Config
from pipeline.document import Stage, Survey
from pipeline.manifest import describe
from pipeline.run import look, step
from pipeline.sources import STANDARD_INPUT, Found, Raw, Row, read, unparsed
from pipeline.spool import Shard
from pipeline.store import Past, close
from pipeline.work import Result

SHARD_BYTES = 1 << 19
SHARD_DOCUMENTS = 200
TASTE, TASTE_BYTES = 40, 200_000


def documents(files: list[Found], config: Config) -> Iterator[Raw | Row]:
    """Yield the documents of the inputs; rows are parsed by the workers, but those that can be read only once."""
    limit = int(config.max_document_mb * 1_000_000)
    if any(file.name == STANDARD_INPUT for file in files):
        yield from read(files, config.fields, limit)
    else:
        yield from (item for item, _ in unparsed(files, config.fields, limit))


def tasted(unread: Iterator[Raw | Row], stages: Sequence[Stage | Survey], past: Past) -> Iterator[Raw | Row]:
    """Return `unread` again, after its first documents went through the stages once, for nothing.

    That loads what such documents need (tables, patterns, modules) before workers are forked: they
    share it, in place of loading it once each.  Documents an earlier run knows are left out, and so
    are stages that hold something open (a `finish` puts it down), which no process may inherit.
    """
    free = [stage for stage in stages if not hasattr(stage, "finish") and not getattr(stage, "costs", False)]
    taste: list[Raw | Row] = []
    for one in unread:
        taste.append(one)
        if len(taste) == TASTE or sum(t.size for t in taste) > TASTE_BYTES:
            break
    for raw in (one.raw() if isinstance(one, Row) else one for one in taste):
        if past.get(raw.id) is None:
            doc = raw.load()
            for stage in free:
                doc = look(doc, stage)[0] if isinstance(stage, Survey) else step(doc, stage)
            describe(doc)
    close()
    gc.collect()
    gc.freeze()  # a collection would touch, and so copy, every object that is shared
    return chain(taste, unread)


def in_shards(unread: Iterable[Raw | Row]) -> Iterator[list[Raw | Row]]:
    shard: list[Raw | Row] = []
    size = 0
    for one in unread:
        shard.append(one)
        size += one.size
        if size >= SHARD_BYTES or len(shard) >= SHARD_DOCUMENTS:
            yield shard
            shard, size = [], 0
    if shard:
        yield shard


def each_id_once(results: Iterable[Result], files: list[Found], config: Config) -> Iterator[Result]:
    """Pass results on as long as no id is given twice.

    Raises:
        InputError: two documents were given the same id; the message names both places.
    """
    seen: set[int] = set()
    for result in results:
        before = len(seen)
        seen.update(result.ids)
        if len(seen) < before + len(result.ids):
            for _ in read(files, config.fields, 0):
                pass  # says which; if it does not, two ids have one hash
        yield result


def clearing(results: Iterable[Result], shards: Iterable[Shard]) -> Iterator[Result]:
    """Pass results on, and delete what each was made from as soon as it is there."""
    for result, shard in zip(results, shards, strict=True):
        shard.remove()
        yield result
