"""Marks put between all characters of a run to escape word filters: 我.们.今.天.去.公.园

Lists of single words look the same (衣/食/住/行), and so does text that somebody cut into words (我/不/想/去/餐厅).
What tells them apart is what the characters spell without the marks: words, of characters that lists are not made of.
"""
from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from itertools import pairwise

from pipeline.cjk.damage import HAN
from pipeline.cjk.likeliest_words import likeliest
from pipeline.cjk.model import logs, score

MARKS = ".·*_/|"
SEPARATED = re.compile(f"(?<![{HAN}.·*_/|])[{HAN}]([.·*_/|])[{HAN}](?:\\1[{HAN}]){{3,}}")
GATES = {mark: re.compile("M[H](?:M[H]){3}M".replace("M", re.escape(mark)).replace("H", HAN)) for mark in MARKS}
SHORTEST, CERTAIN = 6, 8  # characters of a run; of one that words alone may prove
READABLE = -9.0  # nats per character, where the run goes on without separators
SPOKEN, LONG = -8.5, 6  # nats per character, and characters, of a run that holds a word no list of single words holds
FLUENT = 0.4  # share of neighbours that stand together in words
WORDS, IDIOM = 0.75, 4  # share of characters in words
LISTED, LISTS = 0.34, 0.75  # share of characters that lists are made of: at most in text, and more in a list
NEXT = 6  # characters behind a run in which another mark shows that words are cut, not characters


def separators(text: str) -> Iterator[tuple[int, int]]:
    """Yield the ranges of separators to cut; lists, names, reduplication and text cut into words stay.

    >>> list(separators("我.们.今.天.去.公.园"))
    [(1, 2), (3, 4), (5, 6), (7, 8), (9, 10), (11, 12)]
    >>> list(separators("红/橙/黄/绿/青/蓝/紫/黑色"))
    []
    """
    if not any(mark in text and gate.search(text) for mark, gate in GATES.items()):
        return
    for m in SEPARATED.finditer(text):
        letters, behind = m[0][::2], text[m.end() : m.end() + NEXT]
        if len(letters) >= SHORTEST and m[1] not in behind and _is_text(letters, m[1], behind[:1]):
            yield from ((at, at + 1) for at in range(m.start() + 1, m.end(), 2))


def _is_text(letters: str, mark: str, after: str) -> bool:
    """Do the letters between the marks, `after` behind them, spell text?"""
    kinds = _kinds()
    spoken = bool(set(letters) & set(kinds["grammar"]))
    listed = sum(c in kinds["listed"] or c in kinds["counted"] for c in letters)
    if not set(letters) - set(kinds["counted"]) or (not spoken and listed > LISTS * len(letters)):
        return False
    if listed <= LISTED * len(letters) and _spells_words(letters):
        return True
    runs_on = mark not in "/|" and bool(re.match(f"[{HAN}]", after))
    if not (runs_on or spoken or mark in "*_"):  # 柴.米.油.盐.酱.醋 is a list
        return False
    written = letters.translate(_mandarin())
    pairs = [a + b for a, b in pairwise(written)]
    known, value = sum(p in logs() for p in pairs), score(written)
    readable = runs_on and bool(known or mark in "*_") and value > READABLE * len(letters)
    readable = readable or (spoken and len(letters) > LONG and value > SPOKEN * len(letters))
    return known >= FLUENT * len(pairs) or readable


def _spells_words(letters: str) -> bool:
    """Do the letters fall into words, not all of them as long as 喜怒哀樂, which lists are called by?"""
    words = [w for w in likeliest(letters) if len(w) > 1] if len(letters) >= CERTAIN else []
    return sum(map(len, words)) >= WORDS * len(letters) and not all(len(w) == IDIOM for w in words)


@cache
def _kinds() -> dict[str, str]:
    rows = files("pipeline").joinpath("data/separators.tsv").read_text("utf-8").splitlines()
    return dict(r.split("\t") for r in rows if not r.startswith("#"))


@cache
def _mandarin() -> dict[int, str]:
    pairs = _kinds()["cantonese"]
    return {ord(a): b for a, b in zip(pairs[::2], pairs[1::2], strict=True)}
