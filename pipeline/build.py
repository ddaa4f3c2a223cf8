"""The whole program: inputs to an output folder.  The command line and the library call this."""
from __future__ import annotations

import gc
import json
import os
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from pipeline import engines
from pipeline.config import Config
from pipeline.document import Stage, Survey
from pipeline.engines import EngineError, Map
from pipeline.intake import Cut, Shards, clearing, each_id_once, tasted
from pipeline.keys import stage_keys
from pipeline.outputs import Growing, publish
from pipeline.parts import Done
from pipeline.record import Report, record
from pipeline.run import Leg, split
from pipeline.shelves import Shelved, Texts
from pipeline.sinks import workplace
from pipeline.sources import STANDARD_INPUT, InputError, blocks, find
from pipeline.spool import Shard, Spooled
from pipeline.store import Index, Past, close, open_past
from pipeline.work import Answers, Job, Piece, Result, Unchanged, Waiting, timed

AT_ONCE = 16  # shards that a worker of a cluster takes up
Progress = Callable[[str, int, int], None]  # phase, documents done, bytes of input done


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
    if engine == "ray" and any(file.name == STANDARD_INPUT for file in listing.files):
        raise EngineError("--engine ray reads files that every machine sees; standard input (-) is none")
    with _finished(stages), workplace(out) as folder, engines.start(engine, workers, folder) as parallel:
        past, seen = (open_past(out, config.stages, keys) if config.provenance == "full"
                      else (Past(out, config.stages), {}))
        past.retry = bool(translate.get("retry_failed") or translate.get("retry"))
        run = _Run(config, (folder, parallel), past, report, progress)
        cut: Cut = Shards.by(config)
        if engine == "local" and workers > 1:
            cut = tasted(cut, stages, past)
        pieces: list[Piece] = []
        answer: Stage | Answers | None = None
        first = 0
        try:
            for own, survey in split(stages):
                leg = Leg(tuple(own), survey)
                job = Job(leg, answer, first, folder, past, config.provenance, config.layout.format)
                if answer is None:
                    here = blocks(listing.files, map if engine == "local" else parallel)
                    results = each_id_once(parallel(job, here, cut), listing.files, config.fields)
                else:
                    results = clearing(parallel(job, _some(pieces), iter), _some(pieces))
                if survey is None:
                    run.collect(results, keys, began)
                    return report
                pieces, found = run.settle(results, survey, seen.get(survey.name, -1))
                first, answer = first + len(leg.stages) + (answer is not None), found
        finally:
            close()
            gc.unfreeze()
    return report


def _some(pieces: Sequence[Piece]) -> Iterator[Sequence[Piece]]:
    """Yield the shards, several at a time."""
    for at in range(0, len(pieces), AT_ONCE):
        yield pieces[at : at + AT_ONCE]


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

    def __init__(self, config: Config, place: tuple[Path, Map], past: Past, report: Report, progress: Progress) -> None:
        self.config, self.past, self.report, self.progress = config, past, report, progress
        self.folder, self.parallel = place
        self.seen: dict[str, int] = {}

    def settle(self, results: Iterable[Result], survey: Survey, before: int) -> tuple[list[Piece], Stage | Answers]:
        """Gather what a survey saw and return the spooled shards and the survey's answer.

        `before` is how many documents it saw in the earlier run.
        """
        pieces: list[Piece] = []
        documents = size = facts = untouched = 0
        self.progress(f"until {survey.name}", 0, 0)
        for result in results:
            waiting = result.out
            assert isinstance(waiting, Waiting)
            pieces.append(Piece(result.place, waiting.shard, len(pieces)))
            facts += waiting.shard.facts
            untouched += waiting.untouched
            documents += waiting.shard.documents
            size += waiting.size
            self.report.tally(result.tally)
            self.progress(f"until {survey.name}", documents, size)
        self.seen[survey.name] = facts
        if untouched == facts == before:
            return pieces, Unchanged(survey.name)
        self.progress(f"settle {survey.name}", 0, 0)
        answer = self._answer(survey, [piece.shard for piece in pieces])
        self.progress(f"settle {survey.name}", documents, size)
        return pieces, answer

    def _answer(self, survey: Survey, shards: list[Shard]) -> Stage | Answers:
        """Return the answer of a survey; in tasks, where it can do that."""
        label, start = f"{survey.name}, settling", time.process_time()
        spread = getattr(survey, "spread", None)
        answer: Stage | Answers
        if spread:
            answer = spread([Shelved(shard, self.past, survey.name) for shard in shards],
                            partial(self._each, label), self.folder)
        else:
            answer = survey.settle((fact for shard in shards for fact in shard.seen()),
                                   Texts(Spooled(shards), self.past, survey.name))
        self.report.seconds[label] += time.process_time() - start
        return answer

    def _each(self, label: str, tasks: Iterable[Callable[[], Any]]) -> Iterator[Any]:
        """Do tasks, and count what other processes spent on them under `label`."""
        for result, process, seconds in self.parallel(timed, tasks):
            if process != os.getpid():
                self.report.seconds[label] += seconds
            yield result

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
        if index.given_twice():
            raise InputError("an id is given twice: one of the inputs changed while it was read")
        files = corpus.finish(partial(self._each, "write")) | manifest.finish(partial(self._each, "write"))
        index.finish(keys, files, self.seen)
        report.wall = time.perf_counter() - began
        told = json.dumps(record(self.config, report, files), ensure_ascii=False, indent=1)
        (self.folder / "run.json").write_text(told + "\n", "utf-8")
        close()  # where a file that is open cannot be replaced
        publish(self.folder, report.output, files)
        os.replace(index.path, report.output / ".store" / index.path.name)
