"""Deduplication that proves itself: copies, near copies, reprints, and bodies that stand twice in one text.

Each removal names one kept document and the similarity that was computed from both texts; sketches only
find candidates.  Where a removed copy is sound and its keeper damaged, the keeper takes the sound reading.
"""
from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from pathlib import Path

from pipeline.cjk.apart import Verdicts, settle_apart
from pipeline.cjk.connected import Question, Shelf
from pipeline.cjk.corpus import Corpus
from pipeline.cjk.earlier import Earlier, check_index
from pipeline.cjk.facts import Plan, Table, fact
from pipeline.cjk.facts import facts as facts_of
from pipeline.cjk.settle import WHOLE, Rules, Verdict, settle, without_repeats
from pipeline.cjk.shuffle import Each
from pipeline.cjk.sketch import rows_for
from pipeline.document import Change, Document
from pipeline.edits import Tag

PARTIAL = ("mark", "cut", "drop", "off")


@dataclass(frozen=True)
class Decisions:
    """The answer of the survey: a stage that acts on the documents it has a verdict on."""

    verdicts: Mapping[str, Verdict]
    plan: Plan
    name = "dedup"

    def __call__(self, doc: Document) -> Iterator[Change]:
        """Yield the edits and tags decided for `doc`."""
        verdict = self.verdicts.get(doc.id)
        if verdict is None:
            return
        if verdict.drop:
            yield doc.drop(verdict.drop)
        if verdict.again:
            verdict = without_repeats(verdict, doc.text, self.plan)
        for start, end, now, why in verdict.changes:
            yield doc.replace(start, end, now, why)
        for start, end, kind, value in verdict.marks:
            yield Tag(start, len(doc.text) if end == WHOLE else end, kind, value)

    def only(self, ids: Iterable[str]) -> Decisions:
        """Return the part that concerns these documents."""
        return Decisions({id: self.verdicts[id] for id in ids if id in self.verdicts}, self.plan)


@dataclass(frozen=True)
class Filed:
    """The answer of the survey, in files: they are read where the documents of a shard are worked on."""

    verdicts: Verdicts
    plan: Plan
    name = "dedup"

    def of(self, shard: int) -> Decisions:
        """Return what was decided on the documents of a shard."""
        return Decisions(self.verdicts.of(shard), self.plan)


@dataclass(frozen=True)
class Dedup:
    """Finds what repeats, across documents and inside them."""

    similarity: float = 0.8
    shingle: int = 5
    short: int = 20
    body: int = 100
    consensus: bool = True
    partial: str = "mark"
    containment: float = 0.8
    passage: int = 100
    index: tuple[Path, ...] = ()
    name = "dedup"

    def __post_init__(self) -> None:
        if not (0 < self.similarity <= 1 and 0 < self.containment <= 1):
            raise ValueError("dedup.similarity and dedup.containment lie above 0 and are at most 1")
        if self.shingle < 1 or self.short < 0 or self.body < 0 or self.passage < 1:
            raise ValueError("dedup.shingle and dedup.passage are at least 1, dedup.short and dedup.body at least 0")
        for folder in self.index:
            check_index(folder)
        if self.partial not in PARTIAL:
            raise ValueError(f"dedup.partial is {self.partial!r}; it must be one of {', '.join(PARTIAL)}")

    @cached_property
    def plan(self) -> Plan:
        """What facts depend on."""
        return Plan(self.shingle, rows_for(self.similarity), self.short, self.body)

    @property
    def rules(self) -> Rules:
        """What counts as near, and what is done about it."""
        return Rules(self.similarity, self.consensus, self.partial, self.containment, self.passage)

    def look(self, doc: Document) -> bytes | None:
        """Return the fact of a document; None for one without text."""
        return fact(doc.id, doc.text, self.plan) if doc.text else None

    def many(self, docs: Sequence[Document]) -> list[bytes | None]:
        """Return what `look` says of each document; half as dear."""
        found = facts_of(((doc.id, doc.text) for doc in docs if doc.text), self.plan)
        return [next(found) if doc.text else None for doc in docs]

    def settle(self, facts: Iterable[bytes | None], texts: Callable[[str], str]) -> Decisions:
        """Return what to do with each document that repeats another, or itself."""
        earlier = Earlier(self.index, self.plan)
        table = Table(chain(earlier.facts(), facts), self.plan)

        def read(n: int) -> str:
            return earlier.text(n) if n < len(earlier) else texts(table.id(n))

        return Decisions(settle(Corpus(table, read, len(earlier)), self.rules), self.plan)

    def spread(self, shelves: Sequence[Shelf], each: Each, folder: Path) -> Filed:
        """Return what `settle` returns, found in tasks that `each` calls; `folder` is for files."""
        held = [Earlier(self.index, self.plan).shelve(folder / "earlier")] if self.index else []
        question = Question(self.plan, self.rules, len(held))
        return Filed(settle_apart([*held, *shelves], question, each, folder), self.plan)
