"""The one loop: stages over documents, with surveys as the only barriers.

A *leg* is the work between two surveys: a few stages for one document after the other, then the
survey's look at what they left.  Legs run over *shards* (lists of documents), because a document is
too small to be the unit of traffic between processes.  An engine is anything shaped like `map`.
"""
from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from time import thread_time
from typing import Any, NamedTuple

from pipeline.document import Document, Stage, Survey


def step(doc: Document, stage: Stage) -> Document:
    """Return `doc` as `stage` would have it; a stage that fails sets the document aside."""
    if doc.fault or not doc.text:
        return doc
    try:
        return doc.after(stage)
    except OSError:
        raise  # a full disk or a missing data file is not this document's fault
    except Exception as error:
        return doc.set_aside(stage.name, f"{type(error).__name__}: {error}"[:300])


def through(docs: list[Document], stage: Stage) -> list[Document]:
    """Return all documents as `stage` would have them; all at once where the stage can do that."""
    many = getattr(stage, "many", None)
    alive = [doc for doc in docs if doc.text and not doc.fault]
    if many and len(alive) > 1:
        try:
            after = {id(doc): doc.changed(stage.name, changes) for doc, changes in zip(alive, many(alive), strict=True)}
            return [after.get(id(doc), doc) for doc in docs]
        except OSError:
            raise
        except Exception:
            pass  # one of them is at fault; asked one by one it will show which
    return [step(doc, stage) for doc in docs]


class Looked(NamedTuple):
    """A shard after a leg: its documents, what the survey saw of each (None: nothing), CPU seconds by stage."""

    shard: Any
    facts: list[Any]
    seconds: dict[str, float]


@dataclass(frozen=True)
class Leg:
    """The work on one shard between two surveys; picklable, so that it runs anywhere."""

    stages: tuple[Stage, ...]
    survey: Survey | None = None

    def __call__(self, docs: Iterable[Document]) -> Looked:
        seconds = dict.fromkeys([s.name for s in self.stages] + ([self.survey.name] if self.survey else []), 0.0)
        out = list(docs)
        for stage in self.stages:
            began = thread_time()
            out = through(out, stage)
            seconds[stage.name] += thread_time() - began
        facts: list[Any] = []
        if self.survey:
            began = thread_time()
            out, facts = looks(out, self.survey)
            seconds[self.survey.name] += thread_time() - began
        return Looked(out, facts, seconds)


def look(doc: Document, survey: Survey) -> tuple[Document, Any]:
    """Return the document and what the survey says of it (None for one that is gone already)."""
    if doc.fault or not doc.text:
        return doc, None
    try:
        return doc, survey.look(doc)
    except OSError:
        raise
    except Exception as error:
        return doc.set_aside(survey.name, f"{type(error).__name__}: {error}"[:300]), None


def looks(docs: list[Document], survey: Survey) -> tuple[list[Document], list[Any]]:
    """Return all documents and what the survey says of each; all at once where the survey can do that."""
    many = getattr(survey, "many", None)
    alive = [doc for doc in docs if doc.text and not doc.fault]
    if many and len(alive) > 1:
        try:
            said = {id(doc): fact for doc, fact in zip(alive, many(alive), strict=True)}
            return docs, [said.get(id(doc)) for doc in docs]
        except OSError:
            raise
        except Exception:
            pass  # one of them is at fault; asked one by one it will show which
    pairs = [look(doc, survey) for doc in docs]
    return [doc for doc, _ in pairs], [fact for _, fact in pairs]


def split(stages: Sequence[Stage | Survey]) -> list[tuple[list[Stage], Survey | None]]:
    """Cut a list of stages after each survey."""
    legs: list[tuple[list[Stage], Survey | None]] = [([], None)]
    for stage in stages:
        if isinstance(stage, Survey):
            legs[-1] = (legs[-1][0], stage)
            legs.append(([], None))
        else:
            legs[-1][0].append(stage)
    return legs


def run(docs: Iterable[Document], stages: Sequence[Stage | Survey]) -> Iterator[Document]:
    """Yield every document, changed by every stage; dropped ones come out with empty text.

    Without a survey documents stream through one by one; a survey reads all of them first.
    """
    carried: list[Stage] = []
    for own, survey in split(stages):
        leg = Leg((*carried, *own), survey)
        if survey is None:
            for doc in docs:
                yield leg((doc,)).shard[0]
            return
        looked = leg(docs)
        docs = looked.shard
        texts = {doc.id: doc.text for doc in looked.shard}
        carried = [survey.settle((fact for fact in looked.facts if fact is not None), texts.__getitem__)]
