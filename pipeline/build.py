"""The whole program: inputs to an output folder.  The command line and the library call this."""
from __future__ import annotations

import gc
import json
import os
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from importlib import metadata
from itertools import chain
from pathlib import Path
from typing import Any

from pipeline import engines
from pipeline.config import Config
from pipeline.document import Stage, Survey
from pipeline.keys import PACKAGES, data_digests, stage_keys
from pipeline.manifest import describe
from pipeline.outputs import Growing, publish
from pipeline.run import Leg, look, split, step
from pipeline.sinks import workplace
from pipeline.sources import STANDARD_INPUT, Found, InputError, Raw, Row, find, read, unparsed
from pipeline.spool import Shard, Spooled
from pipeline.store import Index, Past, Reused, close, open_past
from pipeline.work import Done, Job, Label, Result, Tally, Unchanged, Waiting, work

SHARD_BYTES = 1 << 20
SHARD_DOCUMENTS = 400
TASTE, TASTE_BYTES = 40, 200_000
Progress = Callable[[str, int, int], None]  # phase, documents done, bytes of input done


@dataclass
class Report:
    """What a run did; `ledger` is bytes by (kind, stage, rule), and adds up to `bytes_in`.

    `reused` documents stand as an earlier run left them; `resumed` counts, by stage, those that were
    taken up there and worked on from there; all others were worked on from the start.  `seconds` are
    CPU seconds by stage, over all workers.
    """

    output: Path
    documents: int = 0
    fates: Counter[str] = field(default_factory=Counter)
    faults: list[tuple[str, str]] = field(default_factory=list)
    bytes_in: int = 0
    bytes_unread: int = 0
    ledger: Counter[Label] = field(default_factory=Counter)
    terms: Counter[str] = field(default_factory=Counter)
    seconds: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))
    passed_over: int = 0
    reused: int = 0
    resumed: Counter[str] = field(default_factory=Counter)
    segments: Counter[str] = field(default_factory=Counter)
    dry_run: bool = False
    wall: float = 0.0

    @property
    def exit_code(self) -> int:
        """0, or 1 when documents were set aside with a fault or segments could not be translated."""
        return 1 if self.fates["fault"] or (self.segments["failed"] and not self.dry_run) else 0

    def tally(self, tally: Tally) -> None:
        """Take what a leg of a shard cost into the sums."""
        for stage, spent in tally.seconds.items():
            self.seconds[stage] += spent
        self.resumed.update(tally.resumed)

    def add(self, done: Done) -> None:
        """Take a finished shard into the sums."""
        self.documents += len(done.rows)
        self.fates.update(done.fates)
        self.faults += done.faults
        self.bytes_unread += done.unread
        self.reused += done.reused
        self.segments.update(done.segments)
        self.ledger.update(done.ledger)
        self.terms.update(done.terms)
        self.bytes_in += sum(done.ledger.values())


def build(config: Config, inputs: Sequence[str | os.PathLike[str]], output: str | os.PathLike[str], workers: int = 1,
          progress: Progress = lambda phase, documents, size: None, engine: str = "local") -> Report:
    """Clean `inputs` into ``output``/corpus.jsonl, manifest.jsonl and run.json.

    `engine` is "local" (processes of this machine) or "ray" (tasks of a Ray cluster that shares the
    folders).  The bytes written depend neither on it nor on `workers`.  Either all three files are new and complete, or
    the folder is as it was.

    Raises:
        ConfigError, InputError, Busy: nothing was done; the message says why in one sentence.
        OSError: a disk is full or a folder cannot be written.
    """
    began = time.perf_counter()
    out = Path(output)
    translate = config.sections.get("translate", {})
    stages = _remembering(config, out).build()
    keys = stage_keys(config, stages)
    listing = find(inputs, leave_out=out)
    report = Report(out, passed_over=listing.passed_over, dry_run=bool(translate.get("dry_run")))
    with _finished(stages), workplace(out) as folder, engines.start(engine, workers) as parallel:
        past, seen = (open_past(out, config.stages, keys) if config.provenance == "full"
                      else (Past(out, config.stages), {}))
        past.retry = bool(translate.get("retry_failed") or translate.get("retry"))
        run = _Run(config, folder, past, report, progress)
        unread = _unread(listing.files, config)
        shards: Iterable[Any] = _shards(tasted(unread, stages, past) if engine == "local" and workers > 1 else unread)
        carried: list[Stage] = []
        first, before = 0, ""
        try:
            for own, survey in split(stages):
                leg = Leg((*carried, *own), survey)
                results = parallel(work, run.jobs(leg, (first, before), shards))
                results = _clearing(results, shards) if first else _each_id_once(results, listing.files, config)
                if survey is None:
                    run.collect(results, keys, began)
                    return report
                shards, answer = run.settle(results, survey, seen.get(survey.name, -1))
                first, before, carried = first + len(leg.stages), survey.name, [answer]
        finally:
            close()
            gc.unfreeze()
    return report


@contextmanager
def _finished(stages: Sequence[Stage | Survey]) -> Iterator[None]:
    """Let stages that hold something open put it down, when all workers are gone."""
    try:
        yield
    finally:
        for stage in stages:
            finish = getattr(stage, "finish", None)
            if finish:
                finish()


def _remembering(config: Config, out: Path) -> Config:
    """Give the translation memory its place in the output folder, unless the settings name one."""
    section = config.sections.get("translate", {})
    if "translate" not in config.stages or section.get("tm", Path()) != Path():
        return config
    tm = out / ".store" / "translations.sqlite"
    return replace(config, sections={**config.sections, "translate": {**section, "tm": tm}})


class _Run:
    """What the legs of one run share."""

    def __init__(self, config: Config, folder: Path, past: Past, report: Report, progress: Progress) -> None:
        self.config, self.folder, self.past, self.report, self.progress = config, folder, past, report, progress
        self.seen: dict[str, int] = {}

    def jobs(self, leg: Leg, place: tuple[int, str], shards: Iterable[Any]) -> Iterator[Job]:
        """Yield the work of a leg, shard by shard, each with no more decisions than it needs."""
        for n, shard in enumerate(shards):
            mine = leg.only(shard.ids()) if isinstance(shard, Shard) else leg
            yield Job(n, mine, *place, shard, self.folder, self.past, self.config.provenance,
                      self.config.layout.format)

    def settle(self, results: Iterable[Result], survey: Survey, before: int) -> tuple[list[Shard], Stage]:
        """Gather what a survey saw and return the spooled shards and the survey's answer.

        `before` is how many documents it saw in the earlier run.
        """
        shards: list[Shard] = []
        documents = size = facts = untouched = 0
        self.progress(f"until {survey.name}", 0, 0)
        for result in results:
            waiting = result.out
            assert isinstance(waiting, Waiting)
            shards.append(waiting.shard)
            facts += waiting.shard.facts
            untouched += waiting.untouched
            documents += waiting.shard.documents
            size += waiting.size
            self.report.tally(result.tally)
            self.progress(f"until {survey.name}", documents, size)
        self.seen[survey.name] = facts
        if untouched == facts == before:
            return shards, Unchanged(survey.name)
        self.progress(f"settle {survey.name}", 0, 0)
        start = time.process_time()
        answer = survey.settle((fact for shard in shards for fact in shard.seen()),
                               Texts(Spooled(shards), self.past, survey.name))
        self.report.seconds[f"{survey.name}, settling"] += time.process_time() - start
        self.progress(f"settle {survey.name}", documents, size)
        return shards, answer

    def collect(self, results: Iterable[Result], keys: list[str], began: float) -> None:
        """Gather the parts into the files, and put them in their places."""
        report = self.report
        layout = self.config.layout
        corpus, manifest = Growing(self.folder, "corpus", layout), Growing(self.folder, "manifest", layout)
        index = Index(self.folder)
        self.progress("write", 0, 0)
        for number, result in enumerate(results):
            done = result.out
            assert isinstance(done, Done)
            kept = done.fates["kept"]
            index.add(done.rows, number, corpus.take_in(done.corpus, kept),
                      manifest.take_in(done.manifest, len(done.rows)))
            report.add(done)
            report.tally(result.tally)
            self.progress("write", report.documents, report.bytes_in)
        if not report.documents:
            raise InputError("the inputs hold no documents")
        report.wall = time.perf_counter() - began
        if report.dry_run:
            return
        files = corpus.finish() | manifest.finish()
        index.finish(keys, files, self.seen)
        report.wall = time.perf_counter() - began
        record = json.dumps(_record(self.config, report, files), ensure_ascii=False, indent=1)
        (self.folder / "run.json").write_text(record + "\n", "utf-8")
        publish(self.folder, report.output, files)
        os.replace(index.path, report.output / ".store" / index.path.name)


class Texts:
    """Gives a survey the text of any document as it looked at it."""

    def __init__(self, spooled: Spooled, past: Past, survey: str) -> None:
        self._spooled, self._past, self._survey = spooled, past, survey

    def __call__(self, id: str) -> str:
        """Return the text of document `id` as it entered the survey."""
        item = self._spooled(id)
        if isinstance(item.doc, Reused):
            return self._past.before(item.doc, self._survey).text
        text: str = item.doc.text
        return text


def _unread(files: list[Found], config: Config) -> Iterator[Raw | Row]:
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


def _shards(unread: Iterable[Raw | Row]) -> Iterator[list[Raw | Row]]:
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


def _each_id_once(results: Iterable[Result], files: list[Found], config: Config) -> Iterator[Result]:
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


def _clearing(results: Iterable[Result], shards: Iterable[Shard]) -> Iterator[Result]:
    """Pass results on, and delete what each was made from as soon as it is there."""
    for result, shard in zip(results, shards, strict=True):
        shard.remove()
        yield result


def _record(config: Config, report: Report, files: dict[str, Any]) -> dict[str, Any]:
    return {
        "qingyuan": metadata.version("qingyuan") if _installed() else "0",
        "packages": {name: metadata.version(name) for name in PACKAGES},
        "config": config.effective(),
        "data": data_digests(config),
        "documents": {"in": report.documents, **{fate: report.fates[fate] for fate in ("kept", "dropped", "fault")}},
        "terms": dict(sorted(report.terms.items(), key=lambda term: (-term[1], term[0]))),
        "ledger": ledger(report.ledger, report.bytes_in, report.bytes_unread),
        **({"translation": dict(sorted(report.segments.items()))} if report.segments else {}),
        "files": files,
        "timings": {"wall_seconds": round(report.wall, 3),
                    "stage_seconds": {k: round(v, 3) for k, v in report.seconds.items()}},
    }


def ledger(totals: Counter[Label], bytes_in: int, unread: int) -> dict[str, Any]:
    """Return the ledger as JSON: bytes in = kept + changed + removed, by stage and rule."""
    out: dict[str, Any] = {"bytes_in": bytes_in, "kept": totals["kept", "", ""], "changed": {}, "removed": {}}
    for (kind, stage, why), size in sorted(totals.items()):
        if kind != "kept":
            out[kind].setdefault(stage, {})[why] = size
    if unread:
        out["unread"] = unread
    return out


def _installed() -> bool:
    try:
        metadata.version("qingyuan")
    except metadata.PackageNotFoundError:
        return False
    return True
