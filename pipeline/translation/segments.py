"""Cuts a text into what is translated at a time: sentences or paragraphs, with their places."""
from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from pipeline.cjk.sentences import spans

HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
LATIN = re.compile(r"[A-Za-z]{2,}")
LINE = re.compile(r"[^\n]+")
CLAUSE = re.compile(r"[，；：、,;:]|\s")


class Segment(NamedTuple):
    """A piece of a text: code points [start, end), without white space around it."""

    start: int
    end: int
    text: str


def segments(text: str, unit: str = "sentence", limit: int = 400) -> Iterator[Segment]:
    """Yield the segments of `text` in order; all that is not white space stands in one of them.

    Args:
        unit: "sentence" or "paragraph" (a line).
        limit: code points of a segment; a longer one is cut behind its last clause mark.

    >>> [s.text for s in segments("云计算很重要。他说：“是的。”")]
    ['云计算很重要。', '他说：“是的。”']
    """
    places = spans(text) if unit == "sentence" else ((m.start(), m.end()) for m in LINE.finditer(text))
    for start, end in places:
        while end - start > limit:
            cut = start
            for mark in CLAUSE.finditer(text, start + limit // 2, start + limit):
                cut = mark.end()
            cut = cut if cut > start else start + limit
            yield from _trimmed(text, start, cut)
            start = cut
        yield from _trimmed(text, start, end)


def _trimmed(text: str, start: int, end: int) -> Iterator[Segment]:
    piece = text[start:end]
    if solid := piece.strip():
        start += len(piece) - len(piece.lstrip())
        yield Segment(start, start + len(solid), solid)


def needs_translation(text: str, source: str) -> bool:
    """Tell whether a segment holds anything in the source language ("zh" or "en").

    A web address, a number or an English line inside a Chinese text stands as it is.
    """
    if source == "zh":
        return bool(HAN.search(text))
    return bool(LATIN.search(re.sub(r"\S*(?:://|@|\.(?:com|org|net|cn)\b)\S*", " ", text))) and not HAN.search(text)


def normalised(text: str) -> str:
    """Return a source segment as the memory knows it: white space made one blank."""
    return " ".join(text.split())
