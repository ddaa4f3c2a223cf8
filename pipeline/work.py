"""One leg of one shard: what a worker process does.

A shard is a list of raw inputs in the first leg, and a spooled shard in later ones.  A document that
an earlier run left good as far as the leg goes passes through untouched, as `Reused`.
"""
from __future__ import annotations

import json
import os
import pickle
import time
from array import array
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path
from typing import Any, NamedTuple

from pipeline.document import Change, Document, Given
from pipeline.manifest import describe, line
from pipeline.outputs import pack
from pipeline.run import Leg
from pipeline.sinks import corpus_row
from pipeline.sources import Row
from pipeline.spool import Shard, put
from pipeline.store import Past, Reused, digest, given_digest

Label = tuple[str, str, str]

LASTING = ("segments", "translated", "kept", "untranslated", "failed")  # counts of a document; others are of a run


class Item(NamedTuple):
    """A document on its way, with what surveys saw and decided: what the spool holds."""

    doc: Document | Reused
    given: Given
    facts: dict[str, Any]
    decisions: dict[str, str]

    @property
    def id(self) -> str:
        """The document's id."""
        return self.doc.id


class Job(NamedTuple):
    """One leg of one shard, complete with what it needs: what an engine maps `work` over.

    `first` is the number, among all stages, of the leg's first stage; `survey_before` the name of
    the survey whose answer that first stage is.
    """

    number: int
    leg: Leg
    first: int
    survey_before: str
    shard: Any
    folder: Path
    past: Past
    provenance: str
    format: str


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


class Done(NamedTuple):
    """A shard after its last leg: two part files, and what they hold.

    `rows` are what the store knows of each document (`Known`, up to `part`); `ledger` is bytes by
    (kind, stage, rule), `terms` how often each glossary term was found, `unread` bytes of sources
    that were not taken in.
    """

    corpus: Path
    manifest: Path
    rows: list[tuple[Any, ...]]
    fates: Counter[str]
    ledger: Counter[Label]
    terms: Counter[str]
    faults: list[tuple[str, str]]
    unread: int
    reused: int
    segments: Counter[str]


class Result(NamedTuple):
    """What `work` returns; `ids` are hashes of the ids of documents that were read."""

    out: Waiting | Done
    tally: Tally
    ids: array[int]


@dataclass(frozen=True)
class Shelved:
    """What a survey saw of a shard, and the texts of these documents as it saw them, each by its number."""

    shard: Shard
    past: Past
    survey: str

    def __len__(self) -> int:
        return self.shard.facts

    def facts(self) -> list[Any]:
        """Return all facts."""
        return self.shard.seen()

    def fact(self, n: int) -> Any:
        """Return one fact."""
        return self.shard.fact(n)

    def text(self, n: int) -> str:
        """Return the text that fact `n` is about."""
        doc = self.shard.about(n).doc
        text: str = self.past.before(doc, self.survey).text if isinstance(doc, Reused) else doc.text
        return text


def timed(task: Callable[[], Any]) -> tuple[Any, int, float]:
    """Do a task; return what it returns, in which process, and its CPU seconds."""
    began = time.thread_time()
    return task(), os.getpid(), time.thread_time() - began


def work(job: Job) -> Result:
    """Do one leg of one shard: read it, run the stages, then spool it or write it out."""
    tally = Tally()
    items = _through(list(_items(job)), job, tally)
    began = time.thread_time()
    out: Waiting | Done
    if job.leg.survey:
        name = job.leg.survey.name
        seen = [item for item in items if item.facts.get(name) is not None]
        untouched = sum(isinstance(item.doc, Reused) for item in seen)
        shard = put(job.folder / f"{name}-{job.number}", items, [item.facts.get(name) for item in items])
        out = Waiting(shard, sum(item.given.size for item in items), untouched)
    else:
        out = _write(job, items)
    tally.seconds["write"] += time.thread_time() - began
    ids = array("Q") if isinstance(job.shard, Shard) else array("Q", (_hash(item.id) for item in items))
    return Result(out, tally, ids)


def _hash(id: str) -> int:
    return int.from_bytes(blake2b(id.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little")


def _items(job: Job) -> Iterator[Item]:
    if isinstance(job.shard, Shard):
        yield from job.shard.items()
        return
    for unread in job.shard:
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
    survey, doc = job.survey_before, item.doc
    if not survey:
        return item
    answer = job.leg.stages[0]
    if isinstance(answer, Unchanged) and isinstance(doc, Reused):
        mine = doc.known.decision(survey)
    else:
        only = getattr(answer, "only", None)
        mine = digest(repr(only((item.id,)) if only else answer))
    if isinstance(doc, Reused) and doc.known.decision(survey) != mine:
        doc = doc._replace(good=min(doc.good, job.first))
    return item._replace(doc=doc, decisions={**item.decisions, survey: mine})


def _write(job: Job, items: Iterable[Item]) -> Done:
    corpus, manifest = job.folder / f"corpus-{job.number}", job.folder / f"manifest-{job.number}"
    done = Done(corpus, manifest, [], Counter(), Counter(), Counter(), [], 0, 0, Counter())
    rows: list[bytes] = []
    entries: list[bytes] = []
    row_at = entry_at = unread = reused = 0
    for item in items:
        doc = item.doc
        if isinstance(doc, Reused):
            reused += 1
            row, entry = job.past.lines(doc.known)
            ledger, fate, mine = doc.known.ledger, doc.known.fate, json.loads(doc.known.segments)
        else:
            described = describe(doc, job.provenance)
            entry = line(described)
            row = line(corpus_row(doc, described["lang"])) if doc.text else b""
            ledger, fate, mine = _ledger(doc), doc.fate, _segments(doc)
            if doc.fault:
                done.faults.append((doc.id, f"{doc.fault.stage}: {doc.fault.message}"))
                unread += 0 if doc.patches else doc.given.size
        done.fates[fate] += 1
        done.segments.update(mine)
        totals, terms = json.loads(ledger)
        for kind, stage, why, size in totals:
            done.ledger[kind, stage, why] += size
        done.terms.update(terms)
        done.rows.append((item.id, "" if fate == "fault" else str(item.given.sha256), given_digest(item.given),
                          json.dumps(item.decisions), pickle.dumps(item.facts), ledger, fate,
                          json.dumps({k: n for k, n in mine.items() if k in LASTING}),
                          row_at, len(row), entry_at, len(entry), job.number))
        rows.append(row)
        entries.append(entry)
        row_at += len(row)
        entry_at += len(entry)
    corpus.write_bytes(pack(b"".join(rows), job.format))
    manifest.write_bytes(pack(b"".join(entries), job.format))
    return done._replace(unread=unread, reused=reused)


def _segments(doc: Document) -> dict[str, int]:
    """Return the counts of a document's translation: its segments by status, and what they cost."""
    found = doc.tagged("tally")
    counts: dict[str, int] = json.loads(found[-1].value) if found else {}
    return counts


def _ledger(doc: Document) -> str:
    """Return what a document adds to the sums of a run: bytes by fate and rule, and its terms."""
    if doc.fault and not doc.patches:
        return "[[],{}]"
    terms = Counter(doc.text[t.start : t.end] for t in doc.tagged("term"))
    return json.dumps([[[*label, n] for label, n in doc.fates.totals.items()], terms], ensure_ascii=False)
