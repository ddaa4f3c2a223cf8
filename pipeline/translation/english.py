"""Finds the English of a glossary in English text, for translation into Chinese."""
from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

from ahocorasick_rs import AhoCorasick, MatchKind

from pipeline.cjk.glossary import Entry, load
from pipeline.translation.terms import Term


class EnglishTerms:
    """Finds the leftmost-longest English terms of a glossary, by whole words.

    Case does not count for type "term"; a name has its own.  Of several Chinese words with one English
    all are accepted, in the order of the glossary.
    """

    def __init__(self, entries: Iterable[Entry]) -> None:
        chinese: defaultdict[str, dict[str, Entry]] = defaultdict(dict)
        for entry in entries:
            for english in entry.en.split("; "):
                chinese[english].setdefault(entry.zh, entry)
        self._found = list(chinese.items())
        self._automaton = AhoCorasick([english.lower() for english, _ in self._found],
                                      matchkind=MatchKind.LeftmostLongest) if self._found else None

    def find(self, text: str) -> Iterator[Term]:
        """Yield the terms of `text` in order."""
        if self._automaton is None:
            return
        for place, start, end in self._automaton.find_matches_as_indexes(text.lower()):
            english, entries = self._found[place]
            kind = next(iter(entries.values())).type
            inside = (start and text[start - 1].isalnum()) or _goes_on(text, end, kind)
            if not inside and (kind == "term" or text[start:end] == english):
                yield Term(text[start:end], tuple(entries), kind)


def _goes_on(text: str, end: int, kind: str) -> bool:
    """Tell whether the word goes on behind a term; the plural of a common one is still the term."""
    rest = text[end : end + 3]
    if kind == "term" and rest[:1] == "s":
        rest = rest[1:]
    return rest[:1].isalnum()


@cache
def english_terms(files: tuple[Path, ...]) -> EnglishTerms:
    """Return the English side of glossary files.

    Raises:
        ValueError: a file is broken; the sentence names it and the line.
    """
    return EnglishTerms(load(files).values())
