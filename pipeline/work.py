"""One leg of one shard: what a worker process does.

A shard is a list of raw inputs in the first leg, and a spooled shard in later ones.  A document that
an earlier run left good as far as the leg goes passes through untouched, as `Reused`.
"""
from __future__ import annotations

import os
import time
from array import array
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from pipeline.document import Change, Document, Stage
from pipeline.parts import Done, Item, Part, id_hash, write
from pipeline.run import Leg
from pipeline.sources import Row
from pipeline.spool import Shard, put
from pipeline.store import Past, Reused, close, digest, given_digest


class Piece(NamedTuple):
    """A shard on its way: where it was cut (block, place in it), and its number among all, once that is known."""

    place: tuple[int, int]
    shard: Any
    number: int = -1

    @property
    def name(self) -> str:
        """What its files are called after."""
        return "-".join(map(str, self.place))


class Answers(Protocol):
    """The answer of a survey that is found shard by shard."""

    name: str

    def of(self, shard: int) -> Stage:
        """Return the answer for the documents of a shard."""


@dataclass(frozen=True)
class Job:
    """One leg, complete with what it needs but the shard: what an engine maps over the shards.

    `answer` is that of the survey before, None in the first leg; `first` is the number, among all
    stages, of the first stage of the leg, which is that answer if there is one.
    """

    leg: Leg
    answer: Stage | Answers | None
    first: int
    folder: Path
    past: Past
    provenance: str
    format: str

    def __call__(self, piece: Piece) -> Result:
        """Do this leg of one shard."""
        try:
            if self.answer is None:
                return work(self, piece)
            answer = self.answer.of(piece.number) if hasattr(self.answer, "of") else self.answer
            leg = Leg((answer, *self.leg.stages), self.leg.survey)
            return work(replace(self, leg=leg, answer=answer), piece)
        finally:
            close()  # a worker may outlive the run, and the index be replaced by another


@dataclass
class Tally:
    """What a leg of a shard cost: CPU seconds by stage, and documents taken up in the middle, by stage."""

    seconds: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))
    resumed: Counter[str] = field(default_factory=Counter)


class Waiting(NamedTuple):
    """A shard before a survey, bytes of its sources, and how many facts stand as an earlier run left them."""

    shard: Shard
    size: int
    untouched: int


@dataclass(frozen=True)
class Unchanged:
    """The answer of a survey that saw nothing but what it saw before: every decision stands."""

    name: str

    def __call__(self, doc: Document) -> Iterator[Change]:
        """Never asked: every document that has a fact is reused beyond the survey."""
        raise AssertionError(f"{doc.id} is not as the earlier run of {self.name} left it")


class Result(NamedTuple):
    """What comes of a shard that was cut at `place`; `ids` are hashes of the ids of documents that were read."""

    place: tuple[int, int]
    out: Waiting | Done
    tally: Tally
    ids: array[int]


def timed(task: Callable[[], Any]) -> tuple[Any, int, float]:
    """Do a task; return what it returns, in which process, and its CPU seconds."""
    began = time.thread_time()
    return task(), os.getpid(), time.thread_time() - began


def work(job: Job, piece: Piece) -> Result:
    """Do one leg of one shard: read it, run the stages, then spool it or write it out."""
    tally = Tally()
    items = _through(list(_items(job, piece.shard)), job, tally)
    began = time.thread_time()
    out: Waiting | Done
    if job.leg.survey:
        name = job.leg.survey.name
        seen = [item for item in items if item.facts.get(name) is not None]
        untouched = sum(isinstance(item.doc, Reused) for item in seen)
        facts = [item.facts.get(name) for item in items]
        shard = put(job.folder / f"{name}-{piece.name}", map(Item.wait, items), facts)
        out = Waiting(shard, sum(item.given.size for item in items), untouched)
    else:
        out = write(items, job.past, Part(piece.name, job.folder, job.provenance, job.format))
    tally.seconds["write"] += time.thread_time() - began
    ids = array("Q", () if isinstance(piece.shard, Shard) else (id_hash(item.id) for item in items))
    return Result(piece.place, out, tally, ids)


def _items(job: Job, shard: Any) -> Iterator[Item]:
    if isinstance(shard, Shard):
        yield from map(Item.again, shard.items())
        return
    for unread in shard:
        raw = unread.raw() if isinstance(unread, Row) else unread
        known = job.past.get(raw.id)
        doc = raw.load()
        if known and doc.given.sha256 == known.source and not doc.fault and given_digest(doc.given) == known.given:
            yield Item(job.past.reuse(known), doc.given, {}, {})
        else:
            yield Item(doc, doc.given, {}, {})


def _through(items: list[Item], job: Job, tally: Tally) -> list[Item]:
    """Return the items after the leg; those that are good to the leg's end are not touched."""
    out = list(items)
    groups: defaultdict[int, list[int]] = defaultdict(list)  # stages that are good already: numbers of items
    for number, item in enumerate(items):
        ready, good = _ready(_decided(item, job), job)
        out[number] = ready
        if not isinstance(ready.doc, Reused):
            groups[good].append(number)
            if isinstance(item.doc, Reused):
                at = job.first + good
                tally.resumed[job.past.stages[at] if at < len(job.past.stages) else "write"] += 1
    for good, numbers in groups.items():
        leg = Leg(job.leg.stages[good:], job.leg.survey)
        looked = leg([doc for number in numbers if not isinstance(doc := out[number].doc, Reused)])
        for stage, spent in looked.seconds.items():
            tally.seconds[stage] += spent
        facts = [{leg.survey.name: fact} for fact in looked.facts] if leg.survey else [{} for _ in numbers]
        for number, doc, fact in zip(numbers, looked.shard, facts, strict=True):
            out[number] = out[number]._replace(doc=doc, facts={**out[number].facts, **fact})
    return out


def _ready(item: Item, job: Job) -> tuple[Item, int]:
    """Return an item as the leg needs it, and how many of the leg's stages it is through already."""
    leg, doc = job.leg, item.doc
    if not isinstance(doc, Reused):
        return item, 0
    end = job.first + len(leg.stages)
    if leg.survey and doc.good > end:
        return item._replace(facts={**item.facts, leg.survey.name: doc.known.fact(leg.survey.name)}), 0
    if leg.survey is None and doc.good == end and job.past.exact:
        return item, 0
    return item._replace(doc=job.past.document(doc, item.given)), max(0, min(doc.good, end) - job.first)


def _decided(item: Item, job: Job) -> Item:
    """Return an item with the decision of the survey before, no longer good beyond it if that is another one."""
    doc = item.doc
    if job.answer is None:
        return item
    survey = job.answer.name
    if isinstance(job.answer, Unchanged) and isinstance(doc, Reused):
        mine = doc.known.decision(survey)
    else:
        only = getattr(job.answer, "only", None)
        mine = digest(repr(only((item.id,)) if only else job.answer))
    if isinstance(doc, Reused) and doc.known.decision(survey) != mine:
        doc = doc._replace(good=min(doc.good, job.first))
    return item._replace(doc=doc, decisions={**item.decisions, survey: mine})
