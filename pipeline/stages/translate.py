"""Translates segments, Chinese to English or back. Changes nothing; tags stand beside the text. Off by default."""
from __future__ import annotations

import json
import os
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, ClassVar

from pipeline.cjk.census import census
from pipeline.document import Document
from pipeline.edits import Tag
from pipeline.translation.backend import Ask, Backend, Refused
from pipeline.translation.checks import CODES, Limits
from pipeline.translation.ct2 import CT2, LocalModel
from pipeline.translation.english import english_terms
from pipeline.translation.estimate import estimate
from pipeline.translation.memory import Row, close, key_of, memory
from pipeline.translation.openai import ChatServer, OpenAI
from pipeline.translation.segments import Segment, needs_translation, normalised, segments
from pipeline.translation.terms import Term, score
from pipeline.translation.tmx import read_tmx
from pipeline.translation.translator import FAILURES, Translator

CHOICES = {"backend": ("glossary", "openai", "ct2"), "source": ("zh", "en"), "target": ("zh", "en"),
           "unit": ("sentence", "paragraph"), "on_fail": ("keep-going", "stop")}


SURE = 100  # Latin letters from which the language of a text is sure


@dataclass(frozen=True)
class Translate:
    """For every segment a tag ``translation`` (for the corpus) and a tag ``translated`` (how it came about).

    Settings left out of the repr do not change what is written when all goes well.
    """

    backend: str = "glossary"
    source: str = "zh"
    target: str = "en"
    unit: str = "sentence"
    context_segments: int = 0
    max_source_chars: int = 400
    fuzzy_min: float = 0.85
    glossary: tuple[Path, ...] = ()
    tmx: tuple[Path, ...] = ()
    on_fail: str = field(default="keep-going", repr=False)
    tm: Path = field(default=Path(), repr=False)
    max_failures: int = field(default=0, repr=False)
    retry_failed: bool = field(default=False, repr=False)
    retry: tuple[str, ...] = field(default=(), repr=False)
    dry_run: bool = field(default=False, repr=False)
    openai: OpenAI = field(default_factory=OpenAI)
    ct2: CT2 = field(default_factory=CT2)
    qa: Limits = field(default_factory=Limits)

    name: ClassVar[str] = "translate"
    costs: ClassVar[bool] = True  # money or much time: not for trials

    def __post_init__(self) -> None:
        for setting, known in CHOICES.items():
            value = getattr(self, setting)
            if value not in known:
                raise ValueError(f"translate.{setting} is {value!r}; it must be one of {', '.join(known)}")
        if self.source == self.target:
            raise ValueError(f"translate.source and translate.target are both {self.source!r}")
        unknown = [code for code in self.retry if code not in CODES]
        if unknown:
            raise ValueError(f"translate.retry: there is no code {unknown[0]!r}; there are {', '.join(CODES)}")
        if self.max_failures < 0:
            raise ValueError("translate.max_failures must be 0 (no end) or more")
        if self.max_source_chars < 20 or self.context_segments < 0:
            raise ValueError("translate.max_source_chars must be 20 or more, context_segments 0 or more")
        if self.fuzzy_min > 1 or self.qa.untranslated > 1:
            raise ValueError("translate.fuzzy_min and translate.qa.untranslated are shares, at most 1")

    def check(self) -> None:
        """Refuse settings, a glossary or a model folder that cannot be used, before any request.

        Raises:
            ValueError: one sentence that names the setting or the file.
        """
        english_terms(self.glossary)
        if self.backend == "openai":
            self.openai.check()
        elif self.backend == "ct2":
            self.ct2.check()
        if self.tm != Path():
            self._take_in()
            memory(self.tm).count(FAILURES, -memory(self.tm).count(FAILURES, 0))
            close(self.tm)  # no connection may cross into a worker process

    def _take_in(self) -> None:
        """Put the translations of the TMX files into the memory."""
        known = memory(self.tm)
        for path in self.tmx:
            pairs = read_tmx(path, (self.source, self.target))
            known.take_in(((normalised(p.source), p.target) for p in pairs), self.source, self.target)

    def finish(self) -> None:
        """Close the memory after a run."""
        _translator.cache_clear()
        close(self.tm)

    def __call__(self, doc: Document) -> Iterator[Tag]:
        if not self._concerns(doc.text):
            return
        pieces = list(segments(doc.text, self.unit, self.max_source_chars))
        translator = _translator(self, os.getpid())
        asks = self._asks(doc, pieces, translator)
        if self.dry_run:
            yield Tag(0, len(doc.text), "tally", json.dumps(estimate(translator, list(asks.values()), len(pieces))))
            return
        before = Counter(translator.spent)
        rows = translator.translate(list(asks.values()))
        tally = translator.spent - before
        outcomes = [self._outcome(piece, asks.get(i), rows) for i, piece in enumerate(pieces)]
        for piece, (corpus, record) in zip(pieces, outcomes, strict=True):
            tally[corpus["status"]] += 1
            yield Tag(piece.start, piece.end, "translation", _compact(corpus))
            if record:
                yield Tag(piece.start, piece.end, "translated", _compact(record))
        tally["segments"] = len(pieces)
        if self.on_fail == "stop" and tally["failed"]:
            raise Refused(f"{doc.id}: a segment could not be translated, and translate.on_fail is \"stop\": "
                          f"{next(c for c, _ in outcomes if c['status'] == 'failed')['checks']}")
        yield Tag(0, len(doc.text), "translator", _compact(self._about(translator.backend, asks, rows)))
        yield Tag(0, len(doc.text), "tally", json.dumps(dict(sorted(tally.items()))))

    def _concerns(self, text: str) -> bool:
        """Tell whether a document is in the source language; a few Latin words cannot be told apart and are taken."""
        seen = census(text)
        return seen.lang.startswith(self.source) or (
            self.source == "en" and seen.script == "Latn" and seen.counts["latin"] < SURE)

    def _asks(self, doc: Document, pieces: Sequence[Segment], translator: Translator) -> dict[int, Ask]:
        """Return the requests for the segments that hold anything to translate, by their number."""
        terms = self._terms(doc, pieces)
        asks: dict[int, Ask] = {}
        for i, piece in enumerate(pieces):
            if needs_translation(piece.text, self.source):
                context = tuple(p.text for p in pieces[max(0, i - self.context_segments) : i])
                asks[i] = translator.ask(normalised(piece.text), terms[i], context)
        return asks

    def _terms(self, doc: Document, pieces: Sequence[Segment]) -> list[tuple[Term, ...]]:
        if self.source == "en":
            known = english_terms(self.glossary)
            return [tuple(dict.fromkeys(known.find(piece.text))) for piece in pieces]
        tags = doc.tagged("term")
        starts = [tag.start for tag in tags]
        out = []
        for piece in pieces:
            inside = tags[bisect_left(starts, piece.start) : bisect_left(starts, piece.end)]
            whole = [tag for tag in inside if tag.end <= piece.end]
            out.append(tuple(dict.fromkeys(_term(doc.text[tag.start : tag.end], tag.value) for tag in whole)))
        return out

    def _outcome(self, piece: Segment, ask: Ask | None, rows: dict[str, Row]) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return what the corpus and what the manifest say of a segment."""
        if ask is None:  # nothing in it is in the source language: it stands as it is
            return {self.target: piece.text, "status": "kept"}, {}
        row = rows.get(ask.key)
        if row is None:
            return self._without_row(ask)
        findings = json.loads(row.codes)
        status = "failed" if row.failed else "translated"
        corpus: dict[str, Any] = {self.target: None if row.failed else row.target, "status": status}
        record = {"key": row.key[:16], **json.loads(row.about)}
        if findings:
            corpus["checks"] = [code for code, *_ in findings]
            record["checks"] = [[code, detail] if detail else [code] for code, _, detail in findings]
        if row.failed and row.target:
            record["refused"] = row.target
        if ask.terms:
            record["terms"] = key_of(ask.terms)[:16]
        return corpus, record

    def _without_row(self, ask: Ask) -> tuple[dict[str, Any], dict[str, Any]]:
        whole = [t for t in ask.terms if t.source == ask.source and len(t.targets) == 1]
        if self.backend == "glossary" and whole:  # the segment is a term
            return {self.target: whole[0].targets[0], "status": "translated"}, {"backend": "glossary"}
        record: dict[str, Any] = {}
        if self.backend == "glossary" and self.fuzzy_min < 1:
            alike = memory(self.tm).similar(ask.source, (self.source, self.target), self.fuzzy_min)
            if alike:
                row, ratio = alike
                record = {"similar": {"source": row.source, "target": row.target, "ratio": round(ratio, 3)}}
        return {self.target: None, "status": "untranslated"}, record

    def _about(self, backend: Backend | None, asks: dict[int, Ask], rows: dict[str, Row]) -> dict[str, Any]:
        """Return what all translations of a document have in common, and how its terms came out."""
        good = [(row.target or "", ask.terms) for ask in asks.values() if (row := rows.get(ask.key)) and not row.failed]
        terms = score(good, self.target)
        about = {"source": self.source, "target": self.target, "unit": self.unit,
                 **(backend.provenance if backend else {"backend": "glossary"}),
                 "glossary": key_of(sorted({t for ask in asks.values() for t in ask.terms}))[:16]}
        return about | {"terms": {"expected": terms.expected, "rendered": terms.rendered, "repeated": terms.repeated,
                                  "consistent": terms.consistent}}


def _term(source: str, value: str) -> Term:
    told = json.loads(value)
    return Term(source, tuple(told["en"].split("; ")), told["type"])


def _compact(value: dict[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


@cache
def _translator(stage: Translate, pid: int) -> Translator:
    """Return this process's translator; connections and models do not cross into another process."""
    langs = stage.source, stage.target
    known = memory(stage.tm)
    if stage.tm == Path():
        stage._take_in()
    backend: Backend | None = None
    if stage.backend == "openai":
        backend = ChatServer(stage.openai, langs, known)
    elif stage.backend == "ct2":
        backend = LocalModel(stage.ct2, langs)
    return Translator(backend, known, langs, stage.qa, frozenset(CODES if stage.retry_failed else stage.retry),
                      stage.max_failures)
