"""Many texts folded and hashed in one go: numpy takes a microsecond to begin, whatever the size of its input.

The texts are joined, worked on as one, and told apart again; what would reach over a border is left out.
Each text comes out as it would alone.
"""
from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate
from typing import NamedTuple

import numpy as np

from pipeline.cjk.fold import Folded, fold
from pipeline.cjk.shingles import Hashes, shingles, windows

BATCH = 1 << 15  # characters worked on at a time: their hashes stay in the processor's cache


class Key(NamedTuple):
    """A text's folded key, the hashes of its shingles and of its windows, each by place."""

    folded: Folded
    hashes: Hashes
    windows: Hashes


def keys(texts: Sequence[str], width: int, parts: int) -> Iterator[Key]:
    """Yield the key of each text, with shingles of `width` characters and windows of `parts` shingles.

    >>> [len(key.windows) for key in keys(["一二三四五六七", "", "八九"], 3, 2)]
    [2, 0, 0]
    """
    starts = list(accumulate(map(len, texts), initial=0))
    whole = fold("".join(texts))
    edges = np.searchsorted(whole.where, np.array(starts, whole.where.dtype)).tolist()
    hashes = shingles(whole.codes, width)
    long = windows(hashes, width, parts)
    for start, low, high in zip(starts, edges, edges[1:], strict=False):
        folded = Folded(whole.codes[low:high], whole.where[low:high] - np.int32(start))
        if high - low < width:
            yield Key(folded, shingles(folded.codes, width), long[:0])
        else:
            yield Key(folded, hashes[low : high - width + 1], long[low : max(low, high - width * parts + 1)])


def batches(texts: Iterable[str]) -> Iterator[list[str]]:
    """Yield the texts in lists of about `BATCH` characters; a longer text stands alone.

    >>> [len(batch) for batch in batches(["一" * 30_000] * 3)]
    [1, 1, 1]
    """
    batch: list[str] = []
    size = 0
    for text in texts:
        if batch and size + len(text) > BATCH:
            yield batch
            batch, size = [], 0
        batch.append(text)
        size += len(text)
    if batch:
        yield batch
