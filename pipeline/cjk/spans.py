"""Stretches of a text that are taken out of a conversion."""
from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from pipeline.cjk.simplified import Change


class Span(NamedTuple):
    """[start, end) is taken out of the conversion; it becomes `now`, or stays if there is no `why`."""

    start: int
    end: int
    now: str = ""
    why: str = ""


def disjoint(spans: list[Span]) -> list[Span]:
    """Return the spans in order, without those that overlap one named before them."""
    if len(spans) < 2:
        return spans
    kept: list[Span] = []
    taken: set[int] = set()
    for span in spans:
        places = range(span.start, span.end)
        if taken.isdisjoint(places):
            taken.update(places)
            kept.append(span)
    return sorted(kept)


def without(text: str, gaps: list[tuple[int, int]]) -> str:
    """Return `text` with the characters of its gaps blanked."""
    parts: list[str] = []
    at = 0
    for start, end in gaps:
        parts += text[at:start], " " * (end - start)
        at = end
    return "".join([*parts, text[at:]]) if gaps else text


def around(changes: Iterable[Change], spans: list[Span]) -> Iterator[Change]:
    """Yield the parts of `changes` that lie outside `spans`; both are in order."""
    i = 0
    for start, end, why in changes:
        while i < len(spans) and spans[i].end <= start:
            i += 1
        j = i
        while j < len(spans) and spans[j].start < end:
            if start < spans[j].start:
                yield Change(start, spans[j].start, why)
            start = max(start, spans[j].end)
            j += 1
        if start < end:
            yield Change(start, end, why)
