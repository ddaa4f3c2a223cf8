"""A second opinion on the main text, from trafilatura where it is installed (the extra ``html``).

It is only asked when the page's own heuristics cut many sentences, and it can only bring sentences back:
where most of what it takes for the main text was cut, the cut lines that it holds stay. Of its options,
`deduplicate` is never used: it remembers earlier pages, so the same page gives different texts.
"""
from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from html import unescape

from pipeline.html.lines import Line
from pipeline.html.page import Page

DOUBT = 0.7  # asked when less than this much of the page's sentences is kept
AGREEMENT = 0.6  # of its text; below, the two disagree on what the page is about
LARGEST = 2_000_000  # characters of a page: its tree takes many times that
GRAM = 8
_SPACE = re.compile(r"\s+")


def reconsider(page: Page, keep: Sequence[Line], whys: Sequence[str]) -> list[str]:
    """Return `whys`, but without those of lines that another extractor finds, should it find mostly cut lines."""
    total = sum(line.weight for line in keep)
    kept = sum(line.weight for line in keep if not whys[line.first])
    if kept >= DOUBT * total or len(page.text) > LARGEST:
        return list(whys)
    other = _SPACE.sub("", _extract(page.text))
    grams = {other[i : i + GRAM] for i in range(len(other) - GRAM + 1)}
    found = [(line, text) for line in keep if (text := _plain(page, line)) and _stands_in(text, grams)]
    agreed = sum(len(text) for line, text in found if not whys[line.first])
    out = list(whys)
    if agreed < AGREEMENT * len(other):
        for line, _ in found:
            if line.long:
                out[line.first : line.last] = ["" for _ in range(line.first, line.last)]
    return out


def _plain(page: Page, line: Line) -> str:
    runs = page.runs[line.first : line.last]
    return _SPACE.sub("", unescape("".join(page.text[run.start : run.end] for run in runs)))


def _stands_in(text: str, grams: set[str]) -> bool:
    """Return whether the beginning, middle and end of `text` stand in the text whose pieces are `grams`."""
    last = len(text) - GRAM
    return last >= 0 and all(text[i : i + GRAM] in grams for i in (0, last // 2, last))


def _extract(text: str) -> str:
    """Return trafilatura's text, or "" where it is not installed or fails."""
    try:
        import trafilatura
    except ImportError:
        return ""
    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)  # its complaints are answered here
    try:
        return trafilatura.extract(text, include_comments=False, include_tables=True, deduplicate=False) or ""
    except Exception:  # a page that breaks it is judged by the first opinion alone
        return ""
