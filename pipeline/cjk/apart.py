"""Deduplication in tasks: no process sees the facts of all texts, and none compares them all.

Texts that share a digest or a band's key are connected; whoever may repeat a text is connected with it.  So a
group-by over these keys gives components that can be settled one by one (`settle.removals`).  A second
group-by, over the anchors of what stays, gives the pairs that may share passages, and with these other
components (`settle.verdicts`).  The answer is that of `settle.settle` on the whole, whatever the sizes.

A text's number is the number of its shelf (shard) in the upper 32 bits, and its place there in the lower.
"""
from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from pipeline.cjk.corpus import Corpus
from pipeline.cjk.facts import REPEATS, SHORT, Plan, Table
from pipeline.cjk.partners import About, anchors, left, partners, stars, ties
from pipeline.cjk.settle import Parting, Rules, Verdict, removals, verdicts
from pipeline.cjk.shuffle import Each, GroupBy, Records, components

KEYS = 8_000_000  # records of a partition, 16 to 32 bytes each
TEXTS = 400  # texts that one task compares, unless more of them are connected
KEY = np.dtype([("key", "<u8"), ("text", "<u8")])
EDGE = np.dtype([("one", "<u8"), ("other", "<u8")])
SCRAMBLE = np.uint64(0x9E3779B97F4A7C15)
Numbers = npt.NDArray[np.uint64]


class Shelf(Protocol):
    """Some facts and the texts they are about, by number from 0; sent to other processes."""

    def __len__(self) -> int: ...

    def facts(self) -> list[bytes]: ...

    def fact(self, n: int) -> bytes: ...

    def text(self, n: int) -> str: ...


class Question(NamedTuple):
    """What is asked: facts of which plan, rules, and how many shelves, the first ones, are of earlier corpora."""

    plan: Plan
    rules: Rules
    settled: int


def settle_apart(shelves: Sequence[Shelf], question: Question, each: Each, folder: Path) -> dict[str, Verdict]:
    """Return a verdict for each text, by id, that there is something to say about.

    `each` calls tasks, in this process or in others; `folder` is for files that pass between them.
    """
    bands = question.plan.row_type["bands"].shape[0]
    count = sum(map(len, shelves))
    if not count:
        return {}
    keyed = GroupBy(each, folder, 1 + count * (1 + bands) // KEYS)
    edges = list(each(keyed([Keys(n, shelf, question.plan) for n, shelf in enumerate(shelves)], "key", _edges)))
    partings: dict[int, Parting] = {}
    tasks = _tasks(components([_pairs(e) for e in edges]), shelves, question)
    for found in each(Remove(texts) for texts in tasks):
        partings.update(found)
    anchored = GroupBy(each, folder, 1 + count * question.plan.row_type["anchors"].shape[0] // KEYS)
    sources = _kept(shelves, question, partings)
    pairs = [] if question.rules.partial == "off" else [
        pair for part in each(anchored(anchored(sources, "key", stars), "other", partners))
        for pair in zip(part["best"].tolist(), part["other"].tolist(), strict=True)]
    again = np.concatenate([e["one"][e["one"] == e["other"]] for e in edges])
    links = [(m, p.removal.keeper) for m, p in partings.items()]
    groups = components([np.array([*pairs, *links], np.uint64).reshape(-1, 2), np.stack((again, again), 1)])
    out: dict[str, Verdict] = {}
    for verdict in each(_decides(_tasks(groups, shelves, question), partings, pairs)):
        out.update(verdict)
    return out


@dataclass(frozen=True)
class Keys:
    """A source: the digest and the bands' keys of each text; one that repeats itself has a key of its own twice."""

    number: int
    shelf: Shelf
    plan: Plan

    def __call__(self) -> Records:
        rows = Table(self.shelf.facts(), self.plan).rows
        numbers = np.uint64(self.number << 32) + np.arange(len(rows), dtype=np.uint64)
        again, long = rows["flags"] & REPEATS != 0, rows["flags"] & SHORT == 0
        itself = np.repeat(numbers[again], 2)
        keyed = [(rows["digest"][:, 0], numbers), (itself * SCRAMBLE, itself)]
        keyed += [(np.uint64(band + 1 << 32) + rows["bands"][long, band], numbers[long])
                  for band in range(rows["bands"].shape[1])]
        out = np.empty(sum(len(keys) for keys, _ in keyed), KEY)
        out["key"] = np.concatenate([keys for keys, _ in keyed])
        out["text"] = np.concatenate([texts for _, texts in keyed])
        return out


def _edges(records: Records) -> Records:
    """Return which texts share a key; a text that has a key twice shares it with itself."""
    records = records[np.lexsort((records["text"], records["key"]))]
    same = records["key"][1:] == records["key"][:-1]
    one, other = records["text"][:-1][same], records["text"][1:][same]
    order = np.lexsort((other, one))
    out = np.empty(len(order), EDGE)
    out["one"], out["other"] = one[order], other[order]
    new = np.ones(len(out), bool)
    new[1:] = (out["one"][1:] != out["one"][:-1]) | (out["other"][1:] != out["other"][:-1])
    return out[new]


def _pairs(edges: Records) -> Numbers:
    mine = edges[edges["one"] != edges["other"]]
    return np.stack((mine["one"], mine["other"]), 1)


@dataclass(frozen=True)
class Anchors:
    """A source: the anchors of the texts of a shelf that stay."""

    number: int
    shelf: Shelf
    question: Question
    gone: tuple[int, ...]

    def __call__(self) -> Records:
        table = Table(self.shelf.facts(), self.question.plan)
        kept = left(len(table), self.gone)
        return anchors(table.rows, About(kept, np.uint64(self.number << 32) + kept.astype(np.uint64),
                                         ties(table.ids[n] for n in kept.tolist()),
                                         np.full(len(kept), self.number < self.question.settled)))


def _kept(shelves: Sequence[Shelf], question: Question, partings: Iterable[int]) -> Iterator[Anchors]:
    gone: defaultdict[int, list[int]] = defaultdict(list)
    for member in sorted(partings):
        gone[member >> 32].append(member & 0xFFFFFFFF)
    for n, shelf in enumerate(shelves):
        yield Anchors(n, shelf, question, tuple(gone[n]))


class Texts(NamedTuple):
    """Some texts of a corpus, by ascending number, with the shelves they stand on."""

    numbers: tuple[int, ...]
    shelves: Mapping[int, Shelf]
    question: Question

    def corpus(self) -> Corpus:
        """Return these texts as a corpus of their own; number n there is ``numbers[n]``."""
        places = [(self.shelves[n >> 32], n & 0xFFFFFFFF) for n in self.numbers]
        table = Table((shelf.fact(n) for shelf, n in places), self.question.plan)
        settled = sum(n >> 32 < self.question.settled for n in self.numbers)
        return Corpus(table, lambda n: places[n][0].text(places[n][1]), settled)


@dataclass(frozen=True)
class Remove:
    """A task: who of these texts goes, by number."""

    texts: Texts

    def __call__(self) -> dict[int, Parting]:
        numbers = self.texts.numbers
        found = removals(self.texts.corpus(), self.texts.question.rules)
        return {numbers[n]: _renumbered(parting, numbers) for n, parting in found.items()}


@dataclass(frozen=True)
class Decide:
    """A task: the verdicts on these texts, by id."""

    texts: Texts
    partings: Mapping[int, Parting]
    pairs: tuple[tuple[int, int], ...]

    def __call__(self) -> dict[str, Verdict]:
        place = {number: n for n, number in enumerate(self.texts.numbers)}
        partings = {place[n]: _renumbered(parting, place) for n, parting in self.partings.items()}
        pairs = [(place[better], place[worse]) for better, worse in self.pairs]
        return verdicts(self.texts.corpus(), self.texts.question.rules, partings, pairs)


def _renumbered(parting: Parting, names: Mapping[int, int] | Sequence[int]) -> Parting:
    removal = parting.removal
    return parting._replace(removal=removal._replace(member=names[removal.member], keeper=names[removal.keeper]))


def _tasks(groups: Iterable[list[int]], shelves: Sequence[Shelf], question: Question) -> Iterator[Texts]:
    """Yield the texts of several components at a time."""
    numbers: list[int] = []
    for group in groups:
        numbers += group
        if len(numbers) >= TEXTS:
            yield _texts(numbers, shelves, question)
            numbers = []
    if numbers:
        yield _texts(numbers, shelves, question)


def _texts(numbers: list[int], shelves: Sequence[Shelf], question: Question) -> Texts:
    return Texts(tuple(sorted(numbers)), {n >> 32: shelves[n >> 32] for n in numbers}, question)


def _decides(tasks: Iterable[Texts], partings: Mapping[int, Parting], pairs: Iterable[tuple[int, int]]
             ) -> Iterator[Decide]:
    of: defaultdict[int, list[tuple[int, int]]] = defaultdict(list)
    for better, worse in pairs:
        of[worse].append((better, worse))
    for texts in tasks:
        yield Decide(texts, {n: partings[n] for n in texts.numbers if n in partings},
                     tuple(pair for n in texts.numbers for pair in of[n]))
