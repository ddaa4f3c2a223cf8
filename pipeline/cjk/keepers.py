"""Who stays and who goes: every text that goes repeats one that stays, and never by way of a third.

Texts are taken in order of rank, best first.  One that is similar enough to a text already kept goes;
any other stays.  So no keeper is ever removed, each removed text names a kept one that it was compared
with, and texts A ~ B ~ C with A and C unrelated cannot pull each other out.
"""
from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from pipeline.cjk.facts import SHORT, Table
from pipeline.cjk.shingles import Agreement, Hashes
from pipeline.cjk.sketch import UNUSED, estimate

MARGIN = 0.15  # by which an estimate may be too low: four standard deviations with 120 bins
BLOCK = 1 << 15  # texts whose anchors are looked at together
SLICES = 16  # parts the anchors are sorted in, to need less memory
FEW = 8  # texts of a family that are all compared with each other, sketches that is
CROWD = 2_000  # keepers under one key that a text is compared with; more come from templates

EXACT, NEAR, CONTAINED = "exact-duplicate", "near-duplicate", "contained"  # rules

Numbers = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


class Measure(NamedTuple):
    """How alike two texts are, by number, and how similar they must be."""

    least: float
    of: Callable[[int, int], Agreement]


class Removal(NamedTuple):
    """Text `member` repeats the kept text `keeper`; `why` is the rule."""

    member: int
    keeper: int
    similarity: float
    why: str
    both: Agreement | None = None


def copies(table: Table) -> list[list[int]]:
    """Return the groups of texts with one digest, two or more of them each.

    >>> from pipeline.cjk.facts import Plan, fact
    >>> copies(Table([fact(i, "天下為公", Plan()) for i in "ab"] + [fact("c", "天下", Plan())], Plan()))
    [[0, 1]]
    """
    digests = table.column("digest")
    order = np.lexsort((table.by_id, digests[:, 1], digests[:, 0]))
    ordered = digests[order]
    new = np.concatenate(([True], (ordered[1:] != ordered[:-1]).any(axis=1))) if len(order) else np.zeros(0, bool)
    starts = np.flatnonzero(new)
    sizes = np.diff(np.concatenate((starts, [len(order)])))
    return [order[s : s + n].tolist() for s, n in zip(starts[sizes > 1], sizes[sizes > 1], strict=True)]


def crowded(table: Table, among: Flags, shard: tuple[int, int] = (0, 1)) -> Flags:
    """Return which of the texts `among` share a band's key with another of them.

    `shard` (i, n) looks at every n-th key only; what n machines find together is what one finds.
    """
    found = np.zeros(len(table), bool)
    numbers = np.flatnonzero(among)
    bands = table.column("bands")
    for band in range(bands.shape[1]):
        keys = bands[numbers, band]
        here = numbers
        if shard[1] > 1:
            mine = keys % shard[1] == shard[0]
            keys, here = keys[mine], here[mine]
        order = np.argsort(keys)
        same = keys[order][1:] == keys[order][:-1]
        found[here[order[1:][same]]] = True
        found[here[order[:-1][same]]] = True
    return found


def families(table: Table, among: Flags) -> list[list[int]]:
    """Return the texts `among` that share keys with each other, straight or by way of others, two or more a family.

    Whoever may be near a text stands in its family, so each family can be settled by itself.  Components are
    found by passing the smallest number on along all edges at once, and on to whom that one names.
    """
    numbers = np.flatnonzero(crowded(table, among))
    bands = table.column("bands")
    edges = []
    for band in range(bands.shape[1]):
        keys = bands[numbers, band]
        order = np.argsort(keys, kind="stable")
        same = keys[order][1:] == keys[order][:-1]
        edges.append(np.unique(order[:-1][same] << 32 | order[1:][same]))
    pairs = np.unique(np.concatenate(edges))
    one, other = pairs >> 32, pairs & 0xFFFFFFFF
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


def near(table: Table, order: list[int], settled: int, measure: Measure) -> Iterator[Removal]:
    """Yield the texts in `order` (best first) that are similar to one before them that was not yielded.

    The first `settled` of them stay whatever they are like: texts of an earlier corpus.
    """
    signatures = table.column("signature")[order]
    kept = _Few() if len(order) <= FEW else _Shelves(table.column("bands")[order])
    for place, n in enumerate(order):
        if place >= settled:
            best = _best(place, kept.others(place), signatures,
                         Measure(measure.least, lambda a, b: measure.of(order[a], order[b])))
            if best is not None:
                yield best._replace(member=n, keeper=order[best.keeper])
                continue
        kept.add(place)


class _Few:
    """Kept texts, so few that each is a candidate."""

    def __init__(self) -> None:
        self._places: list[int] = []

    def others(self, place: int) -> list[int]:
        """Return the kept texts that a text is compared with, in order."""
        return self._places

    def add(self, place: int) -> None:
        """Keep a text."""
        self._places.append(place)


class _Shelves:
    """Kept texts by the keys of their bands."""

    def __init__(self, bands: npt.NDArray[np.uint32]) -> None:
        self._bands = bands
        self._shelves: list[dict[int, list[int]]] = [{} for _ in range(bands.shape[1])]

    def others(self, place: int) -> list[int]:
        """Return the kept texts that share a key with a text, in order."""
        found = (shelf.get(key) for shelf, key in zip(self._shelves, self._bands[place].tolist(), strict=True))
        return sorted({m for places in found if places for m in places})

    def add(self, place: int) -> None:
        """Keep a text."""
        for shelf, key in zip(self._shelves, self._bands[place].tolist(), strict=True):
            places = shelf.setdefault(key, [])
            if len(places) < CROWD:
                places.append(place)


def _best(place: int, others: list[int], signatures: Any, measure: Measure) -> Removal | None:
    """Return the removal of a text in favour of the most similar of `others`, the best ranked one of several."""
    if not others:
        return None
    promising = np.array(others)[estimate(signatures[others], signatures[place]) >= measure.least - MARGIN]
    compared = ((m, measure.of(place, m)) for m in promising.tolist())
    found = [Removal(place, m, both.similarity, NEAR, both) for m, both in compared]
    return max((r for r in found if r.similarity >= measure.least), key=lambda r: r.similarity, default=None)


def neighbours(table: Table, among: Flags, places: Numbers, least: int) -> list[tuple[int, int]]:
    """Return pairs of texts that share at least `least` anchors, the better placed one first, most anchors first.

    Of the texts that share an anchor each is paired with the best placed one only, so that a passage
    that stands in a thousand texts makes a thousand pairs and not half a million.
    """
    numbers = np.flatnonzero(among & (table.column("flags") & SHORT == 0))
    pairs = [_stars(*_anchored(table.column("anchors"), numbers, part), places) for part in range(SLICES)]
    together, counts = np.unique(np.concatenate(pairs), return_counts=True)
    enough = np.flatnonzero(counts >= least)
    together = together[enough[np.argsort(-counts[enough], kind="stable")]]
    by_place = np.argsort(places)
    best, other = by_place[together >> np.uint64(32)], by_place[together & np.uint64(0xFFFFFFFF)]
    return list(zip(best.tolist(), other.tolist(), strict=True))


def _anchored(anchors: Hashes, numbers: Numbers, part: int) -> tuple[Hashes, Numbers]:
    """Return the anchors of one slice, and whose they are; looked for in blocks, as all at once take memory."""
    keys, owners = [np.zeros(0, np.uint64)], [np.zeros(0, np.int64)]
    for at in range(0, len(numbers), BLOCK):
        here = anchors[numbers[at : at + BLOCK]]
        row, column = np.nonzero((here % np.uint64(SLICES) == part) & (here != UNUSED))
        keys.append(here[row, column])
        owners.append(numbers[at + row])
    return np.concatenate(keys), np.concatenate(owners)


def _stars(keys: Hashes, owners: Numbers, places: Numbers) -> Hashes:
    """Return (best place, place) of each owner of a key that several own, as one number a pair."""
    order = np.lexsort((places[owners], keys))
    keys, ranks = keys[order], places[owners][order]
    new = np.concatenate((np.ones(min(1, len(keys)), bool), keys[1:] != keys[:-1]))
    best = ranks[np.flatnonzero(new)][np.cumsum(new) - 1] if len(keys) else ranks
    pairs: Hashes = (best[~new].astype(np.uint64) << np.uint64(32)) | ranks[~new].astype(np.uint64)
    return pairs
