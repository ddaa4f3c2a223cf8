"""Glossary terms in translation: which are expected, whether they came out, and always the same way."""
from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple


class Term(NamedTuple):
    """A term that a segment holds: as it stands there, its accepted translations, its type."""

    source: str
    targets: tuple[str, ...]
    kind: str


class Score(NamedTuple):
    """How the terms of a document came out, as in the WMT terminology tasks.

    `success` is rendered / expected occurrences; `consistency` the share of the terms that occur more
    than once and came out one way each time, an accepted one (None: no such terms).
    """

    expected: int
    rendered: int
    repeated: int
    consistent: int

    @property
    def success(self) -> float | None:
        """Rendered occurrences of all expected ones; None without any."""
        return self.rendered / self.expected if self.expected else None

    @property
    def consistency(self) -> float | None:
        """Terms that came out one way of all that occur more than once; None without any."""
        return self.consistent / self.repeated if self.repeated else None


def missed(text: str, terms: Iterable[Term], target: str = "en") -> list[Term]:
    """Return the terms of which no accepted translation stands in `text`.

    >>> cloud = Term("云", ("cloud service",), "term")
    >>> missed("Cloud services grow.", [cloud]), missed("It grows.", [cloud]) == [cloud]
    ([], True)
    """
    return [term for term in dict.fromkeys(terms) if rendering(text, term, target) is None]


def rendering(text: str, term: Term, target: str = "en") -> str | None:
    """Return the accepted translation of `term` that stands in `text`, or None.

    English: case does not count for type "term", nor plural and possessive; a name has its own case
    and may have a possessive.  Chinese: the words themselves.
    """
    for wanted in term.targets:
        if (wanted in text) if target == "zh" else _pattern(wanted, term.kind == "term").search(text):
            return wanted
    return None


@lru_cache(100_000)
def _pattern(english: str, common: bool) -> re.Pattern[str]:
    words = re.split(r"[\s-]+", english.strip())
    last = re.escape(words[-1])
    if common and words[-1].endswith("y") and len(words[-1]) > 2:
        last = f"(?:{last}|{re.escape(words[-1][:-1])}ies)"
    plural = "(?:s|es)?" if common else ""
    body = r"[\s\-‑]+".join([*map(re.escape, words[:-1]), last])
    return re.compile(rf"(?<![A-Za-z0-9]){body}{plural}(?:['’]s?)?(?![A-Za-z0-9])", re.IGNORECASE if common else 0)


def score(pairs: Iterable[tuple[str, Iterable[Term]]], target: str = "en") -> Score:
    """Return how terms came out in a document.

    Args:
        pairs: for each translated segment its translation and the terms it should hold.
    """
    expected = rendered = 0
    ways: defaultdict[str, list[str | None]] = defaultdict(list)
    for text, terms in pairs:
        for term in dict.fromkeys(terms):
            way = rendering(text, term, target)
            ways[term.source].append(way)
            expected += 1
            rendered += way is not None
    repeated = [found for found in ways.values() if len(found) > 1]
    consistent = sum(len(set(found)) == 1 and found[0] is not None for found in repeated)
    return Score(expected, rendered, len(repeated), consistent)
