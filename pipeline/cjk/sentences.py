"""Splits Chinese and English text into sentences; a closing quote stays with its sentence.

A sentence ends at 。！？!? or ……, with all closing quotes and brackets behind it, unless what follows
goes on with it (，、；：的); and at an English full stop before white space and a capital or Han letter,
unless it stands behind an abbreviation, an initial or the number of a list.  A new line always ends one.

    >>> text = "他说：“好！”然后走了。真的？"
    >>> [text[start:end] for start, end in spans(text)]
    ['他说：“好！”', '然后走了。', '真的？']
"""
from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

CLOSERS = "”’」』）】》〉〕］｝)]}»"
CONTINUED = "，、；：,;:的）】"
TITLE_END = "》〉"  # what ends in a title ends no sentence
STOP = re.compile(
    rf"(?:[。！？｡]|…{{2,}}|[!?](?![A-Za-z0-9=&/_#.]))+[!?…]*(?P<close>[{re.escape(CLOSERS)}\"']*)"
    rf"|(?<=[A-Za-z0-9%{re.escape(CLOSERS)}\"'])\.(?P<shut>[{re.escape(CLOSERS)}\"']*)(?=\s+[\"'“‘(\[]?[A-Z\u4e00-\u9fff])"
    r"|\n")
BEFORE_DOT = re.compile(r"[A-Za-z.]+$|\d+$")
STRAIGHT = re.compile("[\"']+")
LONG = 2000  # characters of a sentence in which its quotes are counted
WORDS_BEFORE = 24  # characters looked back from a full stop


@cache
def _abbreviations() -> frozenset[str]:
    file = Path(__file__).parent.parent / "data" / "sentences" / "abbreviations.txt"
    return frozenset(line for line in file.read_text(encoding="utf-8").splitlines() if not line.startswith("#"))


def spans(text: str) -> Iterator[tuple[int, int]]:
    """Yield the sentences as [start, end) in code points, without the white space around them."""
    begin = 0
    for stop in STOP.finditer(text):
        end = stop.end()
        if text[stop.start()] != "\n":
            if text[stop.start()] == "." and _goes_on(text, begin, stop.start()):
                continue
            end = _without_opening(text, begin, stop)
            if (text[end : end + 1] and text[end] in CONTINUED) or text[end - 1] in TITLE_END:
                continue
        yield from _trimmed(text, begin, end)
        begin = end
    yield from _trimmed(text, begin, len(text))


def _trimmed(text: str, begin: int, end: int) -> Iterator[tuple[int, int]]:
    piece = text[begin:end]
    if solid := piece.strip():
        begin += len(piece) - len(piece.lstrip())
        yield begin, begin + len(solid)


def _goes_on(text: str, begin: int, dot: int) -> bool:
    """Return whether a full stop belongs to an abbreviation, an initial or the number of a list."""
    before = BEFORE_DOT.search(text, max(begin, dot - WORDS_BEFORE), dot)
    if not before:
        return False
    word = before[0].lower()
    if word.isdigit():
        return not text[begin : before.start()].strip()
    return len(word) == 1 or word in _abbreviations()


def _without_opening(text: str, begin: int, stop: re.Match[str]) -> int:
    """Return the end of a sentence: a straight quote behind it that opens the next one is not its own."""
    group = "close" if stop["close"] is not None else "shut"
    quotes = STRAIGHT.search(text, stop.start(group), stop.end(group))
    if quotes and text.count(quotes[0][0], max(begin, quotes.start() - LONG), quotes.start()) % 2 == 0:
        return quotes.start()
    return stop.end()
