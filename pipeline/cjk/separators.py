"""Marks put between all characters of a run to escape word filters: 我.们.今.天.去.公.园"""
from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from pipeline.cjk.damage import HAN
from pipeline.cjk.model import logs, score

MARKS = ".·*_/|"
SEPARATED = re.compile(f"(?<![{HAN}.·*_/|])[{HAN}]([.·*_/|])[{HAN}](?:\\1[{HAN}]){{3,}}")
GATES = {mark: re.compile(f"{re.escape(mark)}[{HAN}]" * 4 + re.escape(mark)) for mark in MARKS}
COUNTED = frozenset("一二三四五六七八九十甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未申酉戌亥金木水火土东東南西北中上下左右"
                    "前后後春夏秋冬")
# No list of single words holds these.
GRAMMAR = frozenset("的是了在之所及这這那也就都而被把将將对對从從于於个個们們与與为為以其得应應"
                    "此该該由各并並或者等到说說会會因若如但已仍")
READABLE = -9.0  # nats per character, where the run goes on without separators
SPOKEN, LONG = -8.5, 6  # nats per character, and characters, of a run that holds such a word
FLUENT = 0.4  # share of neighbours that stand together in words


def separators(text: str) -> Iterator[tuple[int, int]]:
    """Yield the ranges of separators to cut; lists, names and reduplication stay.

    >>> list(separators("我.们.今.天.去.公.园"))
    [(1, 2), (3, 4), (5, 6), (7, 8), (9, 10), (11, 12)]
    """
    if not any(mark in text and gate.search(text) for mark, gate in GATES.items()):
        return
    for m in SEPARATED.finditer(text):
        if len(m[0]) < 11:  # six characters
            continue
        letters = m[0][::2]
        pairs = [a + b for a, b in pairwise(letters)]
        known = sum(p in logs() for p in pairs)
        runs_on = m[1] not in "/|" and re.match(f"[{HAN}]", text[m.end() : m.end() + 1]) is not None
        spoken = bool(set(letters) & GRAMMAR)
        if not set(letters) - COUNTED or not (runs_on or spoken or m[1] in "*_"):  # 柴.米.油.盐.酱.醋 is a list
            continue
        readable = runs_on and bool(known or m[1] in "*_") and score(letters) > READABLE * len(letters)
        readable = readable or (spoken and len(letters) > LONG and score(letters) > SPOKEN * len(letters))
        if known >= FLUENT * len(pairs) or readable:
            yield from ((at, at + 1) for at in range(m.start() + 1, m.end(), 2))
