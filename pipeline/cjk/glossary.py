"""Finds glossary terms in text: leftmost-longest among all that may stand where they stand.

Letters are compared without case and width (千问App = 千问ＡＰＰ); the text itself stays as it is, and so do
its offsets.  A Traditional key is looked for in both forms.
"""
from __future__ import annotations

import gc
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from ahocorasick_rs import AhoCorasick, Implementation, MatchKind

from pipeline.cjk.batch import batches
from pipeline.cjk.glossary_files import Row, read
from pipeline.cjk.simplified import simplify

BORDER = re.compile("(?<=[a-z0-9]) ?(?=[\u3400-\u9fff])|(?<=[\u3400-\u9fff]) ?(?=[a-z0-9])")  # Latin and Han, folded
FEW = 1000  # keys: the quickest automaton takes some 10 kB for each
Admissible = Callable[[int, int, "Entry"], bool]
Clear = Callable[[npt.NDArray[np.int64], npt.NDArray[np.int64]], npt.NDArray[np.bool_]]


class Entry(NamedTuple):
    """A term: its English (alternatives joined by ``; ``), its type, whether it needs a human eye, and
    whether it begins or ends with a Latin letter or digit."""

    zh: str
    en: str
    type: str
    note: str
    ambiguous: bool
    latin: bool


class Seen(NamedTuple):
    """The terms in a text wherever they stand (which key, start, end), and the text folded, if there are any."""

    folded: str
    matches: list[tuple[int, int, int]]


class Hit(NamedTuple):
    """A term in a text: code points [start, end)."""

    start: int
    end: int
    entry: Entry


@cache
def _folding() -> npt.NDArray[np.uint32]:
    """Return what each character of the BMP is without case and width, if that is one character."""
    table = np.arange(0x10000, dtype=np.uint32)
    for point in (*range(0x80), *range(0xA0, 0x530), *range(0x1E00, 0x2000), *range(0x2160, 0x2180), 0x3000,
                  *range(0xFF01, 0xFF5F)):
        folded = unicodedata.normalize("NFKC", chr(point)).lower()
        if len(folded) == 1:
            table[point] = ord(folded)
    table[0xD800:0xE000] = 0xFFFD  # a lone surrogate is in no term, and no UTF-8
    return table


def fold(text: str) -> str:
    """Return `text` without the case and width of Latin, Greek and Cyrillic, every character in its place.

    >>> fold("千问ＡＰＰ")
    '千问app'
    """
    if text.isascii():
        return text.lower()
    points = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
    folded = _folding().take(points, mode="clip")
    beyond = points > 0xFFFF
    if beyond.any():
        folded[beyond] = points[beyond]
    return folded.tobytes().decode("utf-32-le")


def load(files: Iterable[Path]) -> dict[str, Entry]:
    """Return the entries of several glossaries by folded key; a later file replaces an entry.

    Raises:
        ValueError: a file is broken, or gives one term two types; the sentence names file and lines.
    """
    entries: dict[str, Entry] = {}
    collects = gc.isenabled()
    gc.disable()  # it would look at all rows again and again, a fifth of the time
    try:
        for path in files:
            entries.update(merge(read(path), path))
    finally:
        if collects:
            gc.enable()
    return entries


def merge(rows: Iterable[Row], path: Path) -> dict[str, Entry]:
    """Return the entries of one file: rows with the same Chinese are alternatives, in file order."""
    first: dict[str, Row] = {}
    more: dict[str, list[Row]] = {}
    rows = list(rows)
    for key, row in zip(fold("\n".join(row.zh for row in rows)).split("\n"), rows, strict=bool(rows)):
        known = first.setdefault(key, row)
        if known is not row:
            if known.type != row.type:
                raise ValueError(f"{path}, lines {known.line} and {row.line}: {row.zh} is both "
                                 f"{known.type} and {row.type}; give it one type.")
            more.setdefault(key, [known]).append(row)
    entries = {key: Entry(zh, en[0] if len(en) == 1 else "; ".join(en), kind, note,
                          bool(note) and "ambiguous" in note.lower(),
                          (zh[0] < "{" or zh[-1] < "{") and (_latin(zh[0]) or _latin(zh[-1])))
               for key, (zh, en, kind, note, _) in first.items()}
    entries.update((key, _alternatives(entries[key], group)) for key, group in more.items())
    return entries


def spellings(entries: dict[str, Entry]) -> dict[str, str]:
    """Return other spellings of the keys, each with its key.

    A Traditional key is also written in Simplified characters, and any key with and without a space
    between Latin and Han (AI芯片, AI 芯片).  The first key of several with the same spelling counts.
    """
    simple = simplify("\n".join(entries)).text.split("\n") if entries else []
    found: dict[str, str] = {}
    for key, form in zip(entries, simple, strict=True):
        for other in (form, *_spaced(key), *_spaced(form)) if BORDER.search(form) else (form,):
            if other not in entries:
                found.setdefault(other, key)
    return found


def _spaced(form: str) -> tuple[str, str]:
    return BORDER.sub(" ", form), BORDER.sub("", form)


def _alternatives(entry: Entry, group: list[Row]) -> Entry:
    """Return the entry that stands for several rows of the same term."""
    english = "; ".join(dict.fromkeys(en for row in group for en in row.en))
    note = "; ".join(dict.fromkeys(row.note for row in group if row.note))
    several = len({row.en[0].lower() for row in group}) > 1
    return entry._replace(en=english, note=note, ambiguous=several or "ambiguous" in note.lower())


def _latin(char: str) -> bool:
    return char < "{" and char.isalnum()


class Matcher:
    """Finds the terms of a glossary; build once, use often.

    Args:
        entries: by folded key.
        others: other spellings of keys, to their key.
    """

    def __init__(self, entries: dict[str, Entry], others: dict[str, str]) -> None:
        self.entries = {**{form: entries[key] for form, key in others.items()}, **entries}
        self._keys = list(self.entries)
        self._found = [self.entries[key] for key in self._keys]
        how = Implementation.DFA if len(self._keys) <= FEW else Implementation.ContiguousNFA
        self._automaton = AhoCorasick(self._keys, matchkind=MatchKind.LeftmostLongest,
                                      implementation=how) if self._keys else None
        self._lengths: dict[str, tuple[int, ...]] | None = None

    def seen(self, texts: Sequence[str]) -> Iterator[Seen]:
        """Yield for each text the leftmost-longest terms in it, wherever they stand; many are looked at in one go.

        They are joined by new lines, which no key holds.
        """
        for group in batches(texts):
            folded = fold("\n".join(group))
            matches = self._automaton.find_matches_as_indexes(folded) if self._automaton else []
            offset = at = 0
            for text in group:
                end, first = offset + len(text), at
                while at < len(matches) and matches[at][2] <= end:
                    at += 1
                own = [(place, start - offset, stop - offset) for place, start, stop in matches[first:at]]
                yield Seen(folded[offset:end] if own else "", own)
                offset = end + 1

    def find(self, text: str, admissible: Admissible, clear: Clear | None = None) -> Iterator[Hit]:
        """Yield the leftmost-longest terms among those that are admissible where they stand.

        Args:
            clear: says of many places at once where a term without Latin borders is admissible, to spare questions.
        """
        yield from self.chosen(next(self.seen((text,))), admissible, clear)

    def chosen(self, seen: Seen, admissible: Admissible, clear: Clear | None = None) -> Iterator[Hit]:
        """Yield what `find` yields, given what was seen in the text."""
        folded, matches = seen
        at = 0
        if clear and matches:
            places = np.array(matches)
            known = clear(places[:, 1], places[:, 2]).tolist()
        else:
            known = [False] * len(matches)
        for (place, start, end), told in zip(matches, known, strict=True):
            entry = self._found[place]
            if at <= start and ((told and not entry.latin) or admissible(start, end, entry)):
                yield Hit(start, end, entry)
                at = end
            elif end > at:  # refused, or overlapped by what stands in for a refused one: look here by hand
                at = max(at, start)
                while at < end:
                    hit = self._at(folded, at, admissible)
                    if hit:
                        yield hit
                    at = hit.end if hit else at + 1

    def _at(self, folded: str, at: int, admissible: Admissible) -> Hit | None:
        """Return the longest admissible term that starts at a place."""
        for length in self._by_first().get(folded[at], ()):
            entry = self.entries.get(folded[at : at + length])
            if entry and at + length <= len(folded) and admissible(at, at + length, entry):
                return Hit(at, at + length, entry)
        return None

    def _by_first(self) -> dict[str, tuple[int, ...]]:
        """Return the lengths of the keys by first character, longest first; made when first needed."""
        if self._lengths is None:
            lengths: dict[str, set[int]] = {}
            for key in self._keys:
                lengths.setdefault(key[0], set()).add(len(key))
            self._lengths = {first: tuple(sorted(some, reverse=True)) for first, some in lengths.items()}
        return self._lengths


def inline(text: str, hits: Iterable[Hit]) -> str:
    """Return the text with the English behind each term: ``通义千问⟦Qwen⟧``.

    Raises:
        ValueError: the text holds such a bracket itself.
    """
    if "⟦" in text or "⟧" in text:
        raise ValueError("the text holds ⟦ or ⟧ itself, so its terms cannot be shown between them")
    return _rendered(text, hits, "{zh}⟦{en}⟧", str)


def ruby(text: str, hits: Iterable[Hit]) -> str:
    """Return the text as HTML, the English above each term: ``<ruby>通义千问<rt>Qwen</rt></ruby>``."""
    from html import escape

    return _rendered(text, hits, "<ruby>{zh}<rt>{en}</rt></ruby>", escape)


def _rendered(text: str, hits: Iterable[Hit], form: str, escape: Callable[[str], str]) -> str:
    out: list[str] = []
    at = 0
    for hit in hits:
        zh = escape(text[hit.start : hit.end])
        out += escape(text[at : hit.start]), form.format(zh=zh, en=escape(hit.entry.en))
        at = hit.end
    return "".join([*out, escape(text[at:])])
