"""Misreadings that lost bytes: which loss policy explains them, and the repairs it gives.

The exact inverses have undone what they can; gaps.py searches what is between and around.  Here the policies compete:
the one whose readings gain most is the passage's, and what a document's other passages gained counts, too.
"""
from __future__ import annotations

import math
from collections import Counter
from typing import NamedTuple

import numpy as np

from pipeline.cjk.belief import Repair
from pipeline.cjk.byte_places import MARK
from pipeline.cjk.gaps import Way, between, reproduces
from pipeline.cjk.gate import code_points, peak
from pipeline.cjk.gate_tables import ALARM, SCALE, channels, odds
from pipeline.cjk.misreading import ONE_BYTE, unread
from pipeline.cjk.model import share

HOPELESS = 0.42  # of the shown characters are lost marks: not worth a guess
RARE = -13.0  # nats
SWAPPED = 20.0  # nats of suspicion before GBK and Big5 are taken for each other
UNMARKED = 16.0  # nats of suspicion where neither exact repairs nor marks of loss prove anything
DOUBT, UNREAD = 8.0, 20.0  # nats against a reading for each mark, and for one nothing fits, when policies compete
LEFT = 2.0  # of the suspicion that a policy leaves standing counts against it
RARER = 30.0  # nats against a policy that shows ? for U+FFFD: that takes one more program than w1
SURER, DARING = 2.0, 0.3  # of the margin, where marks show least of what was lost and where they show most
SETTLED = 40  # nats by which one loss policy must lead to be the document's
Channel = tuple[str, str, str]  # read, write, loss policy


class Habits(NamedTuple):
    """What a document's passages have in common: what each loss policy gained so far (nats), by channel."""

    margin: float
    gains: Counter[Channel]


def complete(text: str, before: str, exact: list[Repair], habits: Habits) -> list[Repair]:
    """Return `exact` and the repairs of what it left over in `text`, in order; touching ones are joined."""
    best, gained = list[Repair](), -math.inf
    if text.count(MARK) > HOPELESS * len(text):
        return joined(exact)
    exact = [_certain(r, text) for r in exact]
    for read, write in _channels(text, exact):
        for channel in _settled([(read, write, p) for p in _policies(text, read)], habits.gains):
            if channel[2] == "del" and habits.gains[(read, write, "j1")] > habits.gains[(read, write, "w2")] + SETTLED:
                continue
            found = list(between(text, before, exact, Way(*channel, _wanted(channel, habits.margin))))
            gain = sum(r.gain - DOUBT * r.now.count(MARK) - UNREAD * r.whole.count(MARK) for r in found)
            gain -= RARER * channel[2].endswith("?")
            left = LEFT * _left(text, [*exact, *found]) if gain > 0 else 0.0
            habits.gains[channel] += round(gain - left)
            if gain > 0 and gain - left > gained:
                best, gained = found, gain - left
    return _lawful(sorted((*exact, *best)), text)


def _left(text: str, found: list[Repair]) -> float:
    """Return how suspicious (nats) the characters are that the repairs leave as they stand."""
    rest, at = list[str](), 0
    for start, end in (*sorted((r.start, r.end) for r in found), (len(text), len(text))):
        rest.append(text[at:start])
        at = end
    return float(np.maximum(odds()[-1].take(code_points("".join(rest))), 0).sum(dtype=np.int32)) / SCALE


def _wanted(channel: Channel, margin: float) -> float:
    """Return by how much (nats) a guess must win.

    A U+FFFD in UTF-8 says which bytes are lost, a ``?`` for two bytes may have taken an ASCII character with it, and
    deleted characters leave no sign.  Big5 loses so much that guesses lean on guesses; GBK and Big5 read as each other
    do not even prove that they were.
    """
    read, write, policy = channel
    if write != "utf-8" or read == "big5":
        return SURER * margin
    return DARING * margin if policy in ("w2", "j1") and read not in ONE_BYTE else margin


def _lawful(found: list[Repair], text: str) -> list[Repair]:
    """Return the repairs, touching ones joined; where the whole does not give the damage back, only exact ones."""
    out: list[Repair] = []
    for r in joined(found):
        write, _, read = r.channel.partition(" read as ")
        way = Way("gbk" if read == "gb18030" else read, write, r.policy, 0.0)
        if r.policy and not reproduces(r.whole, text[r.start : r.end], text[r.end :][:2], way):
            out += [part for part in found if r.start <= part.start < r.end and not part.policy]
        else:
            out.append(r)
    return out


def _certain(r: Repair, text: str) -> Repair:
    """Return an exact repair without a rare character at its end: the bytes of two others may spell it."""
    read, last = r.channel.partition(" read as ")[2], r.now[-1:]
    if "," in r.channel or read in ONE_BYTE or len(r.now) < 3 or share(last) > RARE:
        return r
    data, shown = last.encode("utf-8" if r.channel.startswith("utf-8") else "gb18030", "replace"), ""
    for c in reversed(text[r.start : r.end]):
        shown = c + shown
        if unread(shown, read) == data:
            return r._replace(end=r.end - len(shown), now=r.now[:-1], codec="")
    return r


def _settled(ways: list[Channel], gains: Counter[Channel]) -> list[Channel]:
    """Return the loss policy that the document's other passages speak for, or all while that is open."""
    ranked = sorted(ways, key=lambda c: -gains[c])
    if len(ranked) > 1 and gains[ranked[0]] - gains[ranked[1]] >= SETTLED:
        return ranked[:1]
    return ways


def _channels(text: str, exact: list[Repair]) -> list[tuple[str, str]]:
    if exact:
        longest = max(exact, key=lambda r: r.end - r.start).channel
        if "," in longest:
            return []
        write, _, read = longest.partition(" read as ")
        return [("gbk" if read == "gb18030" else read, write)]
    heights = sorted(((peak(text, i), name) for i, name in enumerate(channels())), reverse=True)
    needed = ALARM if MARK in text or "?" in text else UNMARKED
    named = dict.fromkeys(name for height, name in heights
                          if height >= (needed if name.endswith(">utf-8") else SWAPPED))
    return [(name.split(">")[0], name.split(">")[1]) for name in named]


def _policies(text: str, read: str) -> list[str]:
    if read in ONE_BYTE:
        return ["j1"]
    marked = ["w2", "j1"] if MARK in text else []
    asked = ["w1", "w2?", "j1?"] if "?" in text else []
    return (marked + asked or ["w1"]) + (["del"] if read == "gbk" and not asked else [])


def joined(found: list[Repair]) -> list[Repair]:
    """Return the repairs with touching ones of one channel as one, where one misreading explains both."""
    out: list[Repair] = []
    for r in found:
        both = _both(out[-1], r) if out and out[-1].end == r.start else None
        if both:
            out[-1] = both
        else:
            out.append(r)
    return out


def _both(a: Repair, b: Repair) -> Repair | None:
    if a.channel.replace("gb18030", "gbk") != b.channel.replace("gb18030", "gbk"):
        return None
    policies = {r.policy for r in (a, b) if r.policy}
    if len(policies) > 1:
        return None
    unknown = ("",) * (a.now.count(MARK) - len(a.others)) if b.others else ()  # each mark has its own candidates
    return Repair(a.start, b.end, a.now + b.now, b.channel if b.policy else a.channel, "", a.gain + b.gain,
                  min(a.margin, b.margin), a.exact and b.exact, (*a.others, *unknown, *b.others), "".join(policies))
