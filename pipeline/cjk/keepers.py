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

from pipeline.cjk.facts import Table
from pipeline.cjk.shingles import Agreement
from pipeline.cjk.shuffle import components
from pipeline.cjk.sketch import estimate

MARGIN = 0.15  # by which an estimate may be too low: four standard deviations with 120 bins
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


def _crowded(table: Table, among: Flags) -> Flags:
    """Return which of the texts `among` share a band's key with another of them."""
    found = np.zeros(len(table), bool)
    numbers = np.flatnonzero(among)
    bands = table.column("bands")
    for band in range(bands.shape[1]):
        keys = bands[numbers, band]
        order = np.argsort(keys)
        same = keys[order][1:] == keys[order][:-1]
        found[numbers[order[1:][same]]] = True
        found[numbers[order[:-1][same]]] = True
    return found


def families(table: Table, among: Flags) -> list[list[int]]:
    """Return the texts `among` that share keys with each other, straight or by way of others, two or more a family.

    Whoever may be near a text stands in its family, so each family can be settled by itself.
    """
    numbers = np.flatnonzero(_crowded(table, among))
    bands = table.column("bands")
    edges = []
    for band in range(bands.shape[1]):
        keys = bands[numbers, band]
        order = np.argsort(keys, kind="stable")
        same = keys[order][1:] == keys[order][:-1]
        edges.append(np.stack((numbers[order[:-1][same]], numbers[order[1:][same]]), 1).astype(np.uint64))
    return list(components(edges))


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
