"""Deduplication in tasks: no process sees the facts of all texts of a corpus, and none compares them all.

Texts that share a digest or a band's key are connected; whoever may repeat a text is connected with it.  So a
group-by over these keys gives components that can be settled one by one (`settle.removals`).  A second
group-by, over the anchors of what stays, gives the pairs that may share passages, and with these other
components (`settle.verdicts`).  Reasons and verdicts go to files (`filed`), which are merged by shelf.  The answer
is that of `settle.settle` on the whole, whatever the sizes.

A text's number is the number of its shelf (shard) in the upper 32 bits, and its place there in the lower.
"""
from __future__ import annotations

import pickle
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from pipeline.cjk.connected import Decide, Numbers, Question, Remove, Shelf, Texts
from pipeline.cjk.facts import REPEATS, SHORT, Plan, Table
from pipeline.cjk.filed import Merge, between
from pipeline.cjk.partners import About, anchors, left, partners, stars, ties
from pipeline.cjk.settle import Verdict
from pipeline.cjk.shuffle import TASKS, Each, GroupBy, Records, components

KEYS = 8_000_000  # records of a partition, 16 to 32 bytes each
TEXTS = 400  # texts that one task compares, unless more of them are connected
SHELVES = 4096  # shelves whose verdicts stand in one file
KEY = np.dtype([("key", "<u8"), ("text", "<u8")])
EDGE = np.dtype([("one", "<u8"), ("other", "<u8")])
REMOVED = np.dtype([("member", "<u8"), ("keeper", "<u8"), ("task", "<u8")])
SCRAMBLE = np.uint64(0x9E3779B97F4A7C15)


@dataclass(frozen=True)
class Verdicts:
    """Verdicts in files called `stem`, each on the texts of some shelves; the first shelves are of earlier corpora."""

    stem: Path
    settled: int
    shelves: int

    def of(self, shelf: int) -> dict[str, Verdict]:
        """Return the verdicts on the texts of a shelf of this corpus, by id."""
        number = shelf + self.settled
        path = Path(f"{self.stem}-{number // self.shelves}")
        return dict(pickle.loads(data) for _, data in between(path, number << 32, number + 1 << 32))


def settle_apart(shelves: Sequence[Shelf], question: Question, each: Each, folder: Path) -> Verdicts:
    """Return a verdict for each text, by shelf, that there is something to say about.

    `each` calls tasks, in this process or in others; `folder` is for files that pass between them, and for the
    verdicts.  What this process holds is numbers: 16 bytes for each edge and each pair, 24 for each text that goes.
    """
    decided = _decided(shelves, question, each, folder) if any(map(len, shelves)) else 0
    out = Verdicts(folder / "verdicts", question.settled, SHELVES)
    for _ in each(Merge(folder / "decided", decided, at << 32, at + SHELVES << 32, Path(f"{out.stem}-{n}"))
                  for n, at in enumerate(range(0, len(shelves), SHELVES))):
        pass
    return out


def _decided(shelves: Sequence[Shelf], question: Question, each: Each, folder: Path) -> int:
    """Write verdicts to files, and return how many files."""
    count, row = sum(map(len, shelves)), question.plan.row_type
    keyed = GroupBy(each, folder, 1 + count * (1 + row["bands"].shape[0]) // KEYS)
    sources = [Keys(n, shelf, question.plan) for n, shelf in enumerate(shelves)]
    edges = list(each(keyed(sources, "keys", "key", _edges)))
    keyed.clear("keys")
    removed = _removed(each, _tasks([_pairs(e) for e in edges], shelves, question), folder)
    pairs = np.empty((0, 2), np.uint64)
    if question.rules.partial != "off":
        anchored = GroupBy(each, folder, 1 + count * row["anchors"].shape[0] // KEYS)
        stands = anchored(_kept(shelves, question, removed), "anchors", "key", stars)
        found = each(anchored(stands, "pairs", "other", partners))
        pairs = np.concatenate([np.stack((part["best"], part["other"]), 1) for part in found])
        pairs = pairs[np.argsort(pairs[:, 1], kind="stable")]
        anchored.clear("anchors")
        anchored.clear("pairs")
    again = np.concatenate([e["one"][e["one"] == e["other"]] for e in edges])
    links = [pairs, np.stack((removed["member"], removed["keeper"]), 1), np.stack((again, again), 1)]
    return sum(1 for _ in each(_decides(_tasks(links, shelves, question), (removed, pairs), folder)))


def _removed(each: Each, tasks: Iterable[Texts], folder: Path) -> Records:
    """Return who goes, sorted; the reasons stay in files, one a task."""
    found = [np.empty(0, REMOVED)]
    for task, removals in enumerate(each(Remove(texts, folder / f"partings-{n}") for n, texts in enumerate(tasks))):
        here = np.empty(len(removals), REMOVED)
        here["member"], here["keeper"], here["task"] = removals[:, 0], removals[:, 1], task
        found.append(here)
    removed = np.concatenate(found)
    return removed[np.argsort(removed["member"])]


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
    gone: Numbers

    def __call__(self) -> Records:
        table = Table(self.shelf.facts(), self.question.plan)
        kept = left(len(table), self.gone.astype(np.int64) & 0xFFFFFFFF)
        return anchors(table.rows, About(kept, np.uint64(self.number << 32) + kept.astype(np.uint64),
                                         ties(table.ids[n] for n in kept.tolist()),
                                         np.full(len(kept), self.number < self.question.settled)))


def _kept(shelves: Sequence[Shelf], question: Question, removed: Records) -> list[Anchors]:
    starts = removed["member"].searchsorted(np.arange(len(shelves) + 1, dtype=np.uint64) << np.uint64(32))
    return [Anchors(n, shelf, question, removed["member"][starts[n] : starts[n + 1]])
            for n, shelf in enumerate(shelves)]


def _tasks(links: Sequence[Numbers], shelves: Sequence[Shelf], question: Question) -> Iterator[Texts]:
    """Yield the texts of several components at a time."""
    most = max(TEXTS, sum(map(len, links)) // TASKS)
    numbers: list[int] = []
    for group in components(links):
        numbers += group
        if len(numbers) >= most:
            yield _texts(numbers, shelves, question)
            numbers = []
    if numbers:
        yield _texts(numbers, shelves, question)


def _texts(numbers: list[int], shelves: Sequence[Shelf], question: Question) -> Texts:
    return Texts(tuple(sorted(numbers)), {n >> 32: shelves[n >> 32] for n in numbers}, question)


def _decides(tasks: Iterable[Texts], found: tuple[Records, Numbers], folder: Path) -> Iterator[Decide]:
    removed, pairs = found
    for n, texts in enumerate(tasks):
        numbers = np.array(texts.numbers, np.uint64)
        mine = removed[_among(removed["member"], numbers)]
        partings = {folder / f"partings-{task}": mine["member"][mine["task"] == task]
                    for task in dict.fromkeys(mine["task"].tolist())}
        yield Decide(texts, partings, pairs[_among(pairs[:, 1], numbers)], folder / f"decided-{n}")


def _among(column: Numbers, numbers: Numbers) -> npt.NDArray[np.int64]:
    """Return where the numbers stand in a sorted column, each as often as it does."""
    starts, ends = column.searchsorted(numbers), column.searchsorted(numbers, "right")
    return np.repeat(ends - np.cumsum(ends - starts), ends - starts) + np.arange((ends - starts).sum())
