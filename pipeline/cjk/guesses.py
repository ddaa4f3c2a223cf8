"""Which of the characters that fit lost bytes is meant, and by how much it wins.

The search (byte_lattice.py) looks two characters back.  Here every guess is weighed again with what stands on both
sides: by the character model, by the words it makes, and by brackets that wait for their other half.  A guess that
wins by less than the margin becomes a mark, with its candidates.
"""
from __future__ import annotations

import math
import re
from typing import NamedTuple

from pipeline.cjk.byte_lattice import Edges, Found, Lattice
from pipeline.cjk.byte_places import MARK
from pipeline.cjk.likeliest_words import wordings
from pipeline.cjk.lookalikes import CANTONESE
from pipeline.cjk.model import score
from pipeline.cjk.model_rows import between

WINDOW = 6  # characters on each side of which the words are weighed
REACH = 40  # characters on each side in which a bracket may have its other half
BEST = 12  # candidates weighed by their words; the others are too unlikely
SHARE = 0.5  # of the character model and of the words: both tell much the same, so each counts half
NUMBERED = re.compile(" ?[0-9]")
ORDINAL, COUNTS = "第", 4.0  # nats for it where a number follows, as one nearly always does
SPOKEN = 3.0  # nats for a word of Cantonese where others stand around
NUMERALS, NUMBER = frozenset("一二三四五六七八九十兩两0123456789"), 2.0  # nats by which one must win where others fit
LISTED = 5  # candidates told
WORTHWHILE = 16  # candidates for which numpy is faster
HALF = 3.0  # nats for a bracket whose other half waits, and against one whose other half is there already
PAIRS = dict(zip("（「『《〈【“‘(", "）」』》〉】”’)", strict=True))
OPENING = {closing: opening for opening, closing in PAIRS.items()}


class Option(NamedTuple):
    """A character that may be meant, and its last byte."""

    text: str
    final: int


class Reading(NamedTuple):
    """A stretch of text: with a mark for each guess below the margin, with the likeliest candidates in their place;
    the margin (nats) of the least certain guess that stays; the candidates of each mark, the likeliest first."""

    shown: str
    full: str
    margin: float
    others: tuple[str, ...]


def decide(lattice: Lattice, steps: list[Found], span: tuple[int, int], around: tuple[Edges, float]) -> Reading:
    """Return the reading of `steps[span]`; `around` is what stands around all steps, and the margin wanted."""
    edges, wanted = around
    steps = list(steps)
    guesses = [i for i in range(*span) if steps[i].guess and steps[i].text != MARK]
    for i in guesses if len(guesses) > 1 else ():
        _choose(lattice, steps, i, edges)
    shown, least, others = dict[int, str](), math.inf, dict[int, str]()
    for i in guesses:
        ranked = _choose(lattice, steps, i, edges)
        odds = sum(math.exp(v - ranked[0][0]) for v, _ in ranked[1:])
        margin = -math.log(odds) if odds else math.inf
        if margin < (NUMBER if _counted(ranked) else 0.0) or margin < wanted:
            shown[i] = MARK * len(steps[i].text)
            others[i] = "".join(c for _, c in ranked[:LISTED])
        else:
            least = min(least, margin)
    full = [s.text for s in steps]
    told = tuple(others.get(i, "") for i in range(*span) if i in others or steps[i].text == MARK)
    return Reading("".join(shown.get(i, full[i]) for i in range(*span)), "".join(full[slice(*span)]), least, told)


def _counted(ranked: list[tuple[float, str]]) -> bool:
    """Is a numeral guessed where another would fit?  Text tells that there is a number, hardly ever which."""
    return ranked[0][1] in NUMERALS and any(c in NUMERALS for _, c in ranked[1:])


def _choose(lattice: Lattice, steps: list[Found], i: int, edges: Edges) -> list[tuple[float, str]]:
    """Put the best candidate at step `i`; return all with their log probability (nats), the best first."""
    left = (edges.before + "".join(s.text for s in steps[max(0, i - REACH) : i]))[-REACH:]
    right = ("".join(s.text for s in steps[i + 1 : i + 1 + REACH]) + edges.after)[:REACH]
    scored = _scored(lattice, steps, i, (left, right[:2].split(MARK)[0]))
    scored.sort(key=lambda o: -o[0])
    fitting = list({c.text: (value, c) for value, c in reversed(scored)}.values())[::-1]  # each character once
    fitting = fitting[:BEST]
    worded = wordings(left[-WINDOW:], tuple(c.text for _, c in fitting), right[:WINDOW])
    ranked = [(SHARE * (value + words) + _expected(left, c.text, right), c)
              for (value, c), words in zip(fitting, worded, strict=True)]
    ranked.sort(key=lambda o: -o[0])
    if ranked:
        steps[i] = steps[i]._replace(text=ranked[0][1].text)
        if i + 1 < len(steps):
            steps[i + 1] = steps[i + 1]._replace(last=ranked[0][1].final)
    return [(value, c.text) for value, c in ranked] or [(0.0, steps[i].text)]


def _scored(lattice: Lattice, steps: list[Found], i: int, around: tuple[str, str]) -> list[tuple[float, Option]]:
    """Return the characters that may stand at step `i`, between the texts `around`, with their log probabilities."""
    left, after = around
    singles, lots = lattice.alternatives(steps[i])
    out = [(score(c.text + after, left[-2:]) - c.cost, Option(c.text, c.final)) for c in singles]
    for lot in lots:
        chars = lot.found.chars
        if len(lot.costs) < WORTHWHILE:
            values = [score(c + after, left[-2:]) - cost
                      for c, cost in zip(chars.text, lot.costs.tolist(), strict=True)]
        else:
            values = (between(left[-2:], chars, after) - lot.costs).tolist()
        out += zip(values, map(Option, chars.text, lot.finals.tolist()), strict=True)
    if i + 1 < len(steps):
        ends = lattice.going_on(steps[i + 1], (c.final for _, c in out))
        out = [(value, c) for value, c in out if c.final in ends]
    return out


def _expected(left: str, c: str, right: str) -> float:
    """Return what speaks for a bracket, or against it, for 第 before a number, for Cantonese among Cantonese (nats)."""
    if c in PAIRS:
        return HALF if _waits(right, PAIRS[c], c) else 0.0
    if c == ORDINAL and NUMBERED.match(right):
        return COUNTS
    if c in CANTONESE and any(x in CANTONESE for x in left + right):
        return SPOKEN
    if c in OPENING:
        return HALF if _waits(left[::-1], OPENING[c], c) else -HALF
    return 0.0


def _waits(text: str, half: str, other: str) -> bool:
    """Does `half` stand in `text` before any `other`?"""
    at = text.find(half)
    return at >= 0 and other not in text[:at]
