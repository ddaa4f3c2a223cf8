"""Cuts the text into words: exactly jieba's. Changes nothing; one tag holds all words."""
from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import ClassVar

from pipeline.cjk.glossary_files import read
from pipeline.cjk.postags import tags_of, user_tags
from pipeline.cjk.route import UserWord
from pipeline.cjk.segmenter import Segmenter
from pipeline.document import Document
from pipeline.edits import Tag

TYPE_TAGS = {"person": "nr", "org": "nt", "product": "nz", "term": "n"}  # glossary types as jieba's parts of speech
USER_WORD = re.compile(r"(.+?)( [0-9]+)?( [a-z]+)?")


@dataclass(frozen=True)
class Segment:
    """One tag ``segmented``: the words joined by one space, line by line; with `pos` a tag ``pos`` laid out alike.

    `glossary` is no setting of its own: with `use_glossary` it is the ``files`` of the stage glossary.

    >>> list(Segment()(Document("a", "我来到北京")))
    [Tag(start=0, end=5, kind='segmented', value='我 来到 北京')]
    """

    hmm: bool = True
    user_words: tuple[Path, ...] = ()
    use_glossary: bool = False
    pos: bool = False
    glossary: tuple[Path, ...] = field(default=(), metadata={"of": ("glossary", "files"), "if": "use_glossary"})

    name: ClassVar[str] = "segment"

    def check(self) -> None:
        """Read the user's words now rather than later.

        Raises:
            ValueError: one of their files is broken; the sentence names file and line.
        """
        if any(self._files):
            _segmenter(self.hmm, *self._files)

    @property
    def _files(self) -> tuple[tuple[Path, ...], tuple[Path, ...]]:
        return self.user_words, self.glossary if self.use_glossary else ()

    def __call__(self, doc: Document) -> Iterator[Tag]:
        if doc.text:
            words = _segmenter(self.hmm, *self._files).segmented(doc.text)
            if self.pos:
                yield Tag(0, len(doc.text), "pos", tags_of(words, user_tags(_user_words(*self._files))))
            yield Tag(0, len(doc.text), "segmented", words)

    def many(self, docs: Sequence[Document]) -> Iterator[list[Tag]]:
        """Yield for each document what the stage says of it, all cut in one go: a line break parts words."""
        if self.pos:
            yield from (list(self(doc)) for doc in docs)
            return
        lines = _segmenter(self.hmm, *self._files).segmented("\n".join(doc.text for doc in docs)).split("\n")
        at = 0
        for doc in docs:
            end = at + doc.text.count("\n") + 1
            yield [Tag(0, len(doc.text), "segmented", "\n".join(lines[at:end]))]
            at = end


@cache
def _segmenter(hmm: bool, user_words: tuple[Path, ...], glossary: tuple[Path, ...]) -> Segmenter:
    return Segmenter(hmm, _user_words(user_words, glossary))


@cache
def _user_words(user_words: tuple[Path, ...], glossary: tuple[Path, ...]) -> tuple[UserWord, ...]:
    words = [word for path in user_words for word in read_user_words(path)]
    return *words, *(UserWord(row.zh, None, TYPE_TAGS[row.type]) for path in glossary for row in read(path))


def read_user_words(path: Path) -> list[UserWord]:
    """Return the words of a file in jieba's format: ``word [frequency] [part of speech]`` a line.

    Raises:
        ValueError: the file cannot be read or is not UTF-8.
    """
    try:
        lines = path.read_bytes().decode("utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        raise ValueError(f"{path}: the word list is not UTF-8 (byte {error.start}); save it as UTF-8.") from None
    except OSError as error:
        raise ValueError(f"{path}: cannot read the word list: {error.strerror}.") from None
    words = []
    for line in filter(None, map(str.strip, lines)):
        found = USER_WORD.fullmatch(line)
        if found:
            word, frequency, tag = found.groups()
            words.append(UserWord(word, int(frequency) if frequency else None, (tag or "").strip()))
    return words
