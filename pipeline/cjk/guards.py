"""What likelihood must not take: lines that belong together, and the line that could be the title.

A list is text or furniture as a whole; a speaker's name before three lines makes a dialogue; what stands above the
article and speaks of the same things is its title.
"""
from __future__ import annotations

import re
from collections import Counter
from collections.abc import Container, Iterator, Sequence

from pipeline.cjk.surroundings import kinship

BULLETS = "·・‧∙•●★◆■▲※▪▶►"
RUN, SPEECHES = 3, 3  # items that make a list, lines that make a dialogue
NAMED, SHORTEST = 6, 3  # code points a title that is doubted has at least, and one that is not
KINDRED = 3  # step of kinship of a title with its article
_SPEAKER = re.compile(r"[^:：\s]{1,8}[:：](?!//)")
_QUOTED = re.compile(r"[“「『‘《][^”」』’》]*[”」』’》]")
_MENU = re.compile(r"\s[|>/·]\s|[|>»›‹]")


def whole_lists(lines: Sequence[str], taken: Container[int]) -> Iterator[int]:
    """Yield the places of list items of which some would stay, or whose heading stays.

    >>> list(whole_lists(["职责", "·一", "·二", "·三"], {1, 2, 3}))
    [1, 2, 3]
    >>> list(whole_lists(["更多", "·一", "·二", "·三"], {0, 1, 2, 3}))
    []
    """
    start = 0
    while start < len(lines):
        mark, end = lines[start][:1], start + 1
        if mark and mark in BULLETS:
            while end < len(lines) and lines[end][:1] == mark:
                end += 1
            if end - start >= RUN and not all(n in taken for n in range(max(0, start - 1), end)):
                yield from range(start, end)
        start = end


def dialogue(lines: Sequence[str]) -> Iterator[int]:
    """Yield the places of lines of speakers who speak at least three times.

    >>> list(dialogue(["甲:来了?", "乙:来了。", "甲:坐。", "甲:喝茶。"]))
    [0, 2, 3]
    """
    speakers = [found[0] if (found := _SPEAKER.match(line)) else "" for line in lines]
    counts = Counter(filter(None, speakers))
    yield from (n for n, speaker in enumerate(speakers) if speaker and counts[speaker] >= SPEECHES)


def titles(head: Sequence[str], text: Sequence[float], taken: Container[int]) -> Iterator[int]:
    """Yield the place of the line above the article that is most probably its title, if every line would go.

    `text` tells how probably each line is text.
    """
    places = [n for n, line in enumerate(head) if able(line)]
    if places and all(n in taken for n, line in enumerate(head) if len(line) >= SHORTEST):
        yield max(places, key=text.__getitem__)


def kindred(head: Sequence[str], article: str) -> Iterator[int]:
    """Yield the places of lines above the article that could be its title and speak of the same."""
    yield from (n for n, line in enumerate(head) if able(line) and kinship(line, article) >= KINDRED)


def able(line: str) -> bool:
    """Tell whether a line has the form of a title that is doubted: not too short, and no menu."""
    return len(line) >= NAMED and not _MENU.search(_QUOTED.sub("", line))
