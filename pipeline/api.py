"""The library: what `from pipeline import Pipeline` gives."""
from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.config import Config
from pipeline.document import Document, Given, Stage, Survey
from pipeline.run import run
from pipeline.sources import InputError
from pipeline.sources.rows import from_mapping

if TYPE_CHECKING:
    from pipeline.build import Progress
    from pipeline.record import Report

Input = Document | Mapping[str, Any] | tuple[str, str | bytes]


class Pipeline:
    """Stages in order, ready for any number of documents.

    >>> doc = Pipeline().clean("這個軟體很好用,開發者也很用心。")
    >>> doc.text
    '这个软体很好用,开发者也很用心。'
    >>> doc.source.decode()
    '這個軟體很好用,開發者也很用心。'
    """

    def __init__(self, config: Config | None = None) -> None:
        self.config = config or Config.load()

    @classmethod
    def load(cls, file: str | Path, settings: Iterable[str] = ()) -> Pipeline:
        """Return a pipeline with the settings of a TOML file; what it leaves out has its default.

        Raises:
            ConfigError: the file cannot be used; the message is one sentence.
        """
        return cls(Config.load(file, settings))

    @cached_property
    def stages(self) -> list[Stage | Survey]:
        """The stages, built and checked on first use."""
        return self.config.build()

    def clean(self, source: str | bytes, id: str = "document", kind: str = "text") -> Document:
        """Return one document, cleaned as a corpus of one; `kind` is "text" or "html".

        A text is taken as its UTF-8 bytes.

        Raises:
            TypeError: `source` is neither text nor bytes.
            ValueError: a text holds half of a surrogate pair, which UTF-8 has not.
        """
        data, charset = _bytes(source, id)
        return next(run([Document.read(id, data, Given(kind=kind, charset=charset))], self.stages))

    def run(self, documents: Iterable[Input]) -> Iterator[Document]:
        """Yield every document, in order, dropped ones too (their `text` is empty).

        Takes documents, row mappings (as in JSONL) or pairs of id and text.  With a survey among
        the stages (dedup is one) all documents are read before the first comes out.

        Raises:
            InputError: two documents have the same id.
        """
        return run(self._each_id_once(documents), self.stages)

    def _each_id_once(self, documents: Iterable[Input]) -> Iterator[Document]:
        seen: dict[str, int] = {}
        for number, item in enumerate(documents, 1):
            doc = self._read(number, item)
            if doc.id in seen:
                raise InputError(f"the id {doc.id!r} is given twice: by documents {seen[doc.id]} and {number}")
            seen[doc.id] = number
            yield doc

    def build(self, inputs: Sequence[str | os.PathLike[str]] | str | os.PathLike[str], output: str | os.PathLike[str],
              workers: int = 1, progress: Progress = lambda phase, documents, size: None) -> Report:
        """Clean files and folders into a corpus folder; see `pipeline.build.build`."""
        from pipeline.build import build  # processes and databases, which `clean` has no need of

        several = [inputs] if isinstance(inputs, str | os.PathLike) else list(inputs)
        return build(self.config, several, output, workers, progress)

    def _read(self, number: int, item: Input) -> Document:
        if isinstance(item, Document):
            return item
        if isinstance(item, Mapping):
            return from_mapping(item, number, self.config.fields).load()
        id, text = item
        data, charset = _bytes(text, id)
        return Document.read(id, data, Given(charset=charset))


def _bytes(source: object, id: str) -> tuple[bytes, str]:
    """Return a source as bytes, and their charset if that is beyond doubt."""
    if isinstance(source, bytes | bytearray | memoryview):
        return bytes(source), ""
    if not isinstance(source, str):
        raise TypeError(f"{id}: a document is text (str) or bytes, not {type(source).__name__}")
    try:
        return source.encode("utf-8"), "utf-8"
    except UnicodeEncodeError as error:
        half = f"U+{ord(source[error.start]):04X}"
        raise ValueError(f"{id}: character {error.start} is half of a surrogate pair ({half}), "
                         "which no UTF-8 text can hold") from None


__all__ = ["Config", "Document", "Pipeline"]
