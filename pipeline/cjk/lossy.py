"""Misreadings that lost bytes: the lattice between and around what the exact inverses have undone."""
from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import NamedTuple

from pipeline.cjk.belief import Repair, believable
from pipeline.cjk.byte_lattice import MARK, Found, Lattice, units
from pipeline.cjk.gate import ALARM, channels, peak
from pipeline.cjk.misreading import ONE_BYTE
from pipeline.cjk.model import score, simplified, traditional

ENTER = 9.0  # nats: the price of doubting a text
RESUME = 2.0  # nats, between repairs
CONTEXT = 2
HOPELESS = 0.42  # of the shown characters are lost marks: not worth a guess
WORTH = 2.0  # nats of suspicion for which a gap is searched
SWAPPED = 20.0  # nats of suspicion before GBK and Big5 are taken for each other
UNMARKED = 16.0  # nats of suspicion where neither exact repairs nor marks of loss prove anything
UNREAD = 20.0  # nats against a reading for each mark, when loss policies compete
OPEN = 0.5  # of a reading may be marks, half as much where nothing around proves the misreading
SETTLED = 40  # nats by which one loss policy must lead to be the document's
GAP = 160  # characters searched as one
Channel = tuple[str, str, str, float, str]  # read, write, loss policy, margin, script
Others = tuple[str, ...]
Piece = tuple[int, int, str, float, Others]  # range, reading, margin, what the marks may stand for


class Habits(NamedTuple):
    """What a document's passages have in common: what each loss policy gained so far (nats), by channel."""

    margin: float
    gains: Counter[tuple[str, str, str]]


def complete(text: str, before: str, exact: list[Repair], habits: Habits) -> list[Repair]:
    """Return `exact` and the repairs of what it left over in `text`, in order; touching ones are joined."""
    best, gained = list[Repair](), 0.0
    if text.count(MARK) > HOPELESS * len(text):
        return _joined(exact)
    for read, write in _channels(text, exact):
        for channel in _settled([(read, write, p) for p in _policies(text, read)], habits.gains):
            if channel[2] == "del" and habits.gains[(read, write, "j1")] > habits.gains[(read, write, "w2")]:
                continue
            found = list(_gaps(text, before, exact, channel, habits.margin))
            gain = sum(r.gain - UNREAD * r.now.count(MARK) for r in found)
            habits.gains[channel] += round(gain)
            if gain > gained:
                best, gained = found, gain
    return _joined(sorted((*exact, *best)))


def _settled(channels: list[tuple[str, str, str]],
             gains: Counter[tuple[str, str, str]]) -> list[tuple[str, str, str]]:
    """Return the loss policy that the document's other passages speak for, or all while that is open."""
    ranked = sorted(channels, key=lambda c: -gains[c])
    if len(ranked) > 1 and gains[ranked[0]] - gains[ranked[1]] >= SETTLED:
        return ranked[:1]
    return channels


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
        return ["w2"]
    lost = ["w2", "j1"] if MARK in text else []
    return lost + (["w1"] if "?" in text or not lost else []) + (["del"] if read == "gbk" and "?" not in text else [])


def _gaps(text: str, before: str, exact: list[Repair], channel: tuple[str, str, str],
          margin: float) -> Iterator[Repair]:
    at, left = 0, before
    script = _script(before + "".join(r.now for r in exact))
    for i in range(len(exact) + 1):
        stop = exact[i].start if i < len(exact) else len(text)
        right = exact[i].now if i < len(exact) else "\n"
        inner = 0 < i < len(exact) and stop - at < 12
        if at < stop and _suspicious(text[at:stop], channel[0]):
            for piece in _searched(text[at:stop], left, right, (*channel, margin, script), inner):
                r = _decided(text, at, piece, channel, (left, bool(exact)))
                if r:
                    yield r
        if i < len(exact):
            at, left = exact[i].end, exact[i].now


def _suspicious(gap: str, read: str) -> bool:
    """Is anything in the gap worth a search?  Most gaps are the clean text around a repair."""
    if read in ONE_BYTE:
        return any("\x80" <= c < "\u0250" for c in gap)
    return MARK in gap or peak(gap, -1) >= WORTH


def _searched(gap: str, left: str, right: str, channel: Channel, inner: bool) -> list[Piece]:
    """Return the re-decoded stretches of one gap."""
    left, right = left[-CONTEXT:], right[:CONTEXT]
    if len(gap) <= GAP:
        return list(_search(gap, left, right, channel, RESUME if inner else ENTER))
    out: list[Piece] = []
    for start in range(0, len(gap), GAP):
        part = gap[start : start + GAP]
        before = gap[max(0, start - 2) : start] or left
        out += [(p[0] + start, p[1] + start, *p[2:]) for p in _search(part, before, "", channel, ENTER)]
    return out


@lru_cache(4096)
def _search(gap: str, left: str, right: str, channel: Channel, enter: float) -> tuple[Piece, ...]:
    read, write, policy, margin, script = channel
    lattice = Lattice(units(gap, read, policy), read, ENCODING[write], DISLIKED[script]())
    _, steps = lattice.search(left, right, enter)
    out: list[Piece] = []
    first = None
    for i, step in enumerate([*steps, Found(len(gap), len(gap), "", True, False)]):
        if not step.kept and first is None:
            first = i
        elif step.kept and first is not None:
            reading = _weighed(lattice, steps, (first, i), (left, right, margin))
            out.append((steps[first].place[0], steps[i - 1].until[0], *reading))
            first = None
    return tuple(out)


def _weighed(lattice: Lattice, steps: list[Found], span: tuple[int, int],
             around: tuple[str, str, float]) -> tuple[str, float, Others]:
    """Return the text of steps `span` with a mark for each guess below the margin; the least margin; the candidates."""
    left, right, wanted = around
    texts, least, others = [s.text for s in steps], math.inf, list[str]()
    for i in range(*span):
        step = steps[i]
        if not step.guess or step.text == MARK:
            continue
        before, after = (left + "".join(texts[max(0, i - 2) : i]))[-2:], ("".join(texts[i + 1 : i + 3]) + right)[:2]
        rivals = lattice.rivals(step, before, after.replace(MARK, ""))
        margin = -math.log(sum(math.exp(v) for v, _ in rivals)) if rivals else math.inf
        if margin < wanted:
            texts[i] = MARK * len(step.text)
            others.append(step.text + "".join(c for _, c in rivals[:4]))
        else:
            least = min(least, margin)
    return "".join(texts[slice(*span)]), least, tuple(others)


ENCODING = {"utf-8": "utf-8", "gbk": "gbk", "big5": "cp950"}


def _script(text: str) -> str:
    full, simple = sum(c in traditional() for c in text), sum(c in simplified() for c in text)
    return "Hant" if full > simple else "Hans" if simple > full else ""


DISLIKED: dict[str, Callable[[], frozenset[str]]] = {"Hant": simplified, "Hans": traditional, "": frozenset[str]}


def _decided(text: str, at: int, piece: Piece, channel: tuple[str, str, str],
             known: tuple[str, bool]) -> Repair | None:
    """Return the repair of one stretch, or nothing if too little of it is certain."""
    start, end, now, margin, others = piece
    left, proved = known
    was = text[at + start : at + end]
    before = text[max(0, at + start - 12) : at + start] or left
    read, write, _ = channel
    sure = now.replace(MARK, "")
    if now == was or not sure or now.count(MARK) > (OPEN if proved else OPEN / 2) * len(now):
        return None
    gain = believable(was, sure, before, (read, write), margin == math.inf and not others)
    if gain <= 0 and proved and write == "utf-8":
        gain = max(0.0, score(sure, before) - score(was, before) - RESUME)
    if gain <= 0:
        return None
    return Repair(at + start, at + end, now, f"{write} read as {read}", "", gain, margin, MARK not in now, others)


def _joined(found: list[Repair]) -> list[Repair]:
    out: list[Repair] = []
    for r in found:
        if out and out[-1].end == r.start and _same(out[-1].channel, r.channel):
            a = out[-1]
            out[-1] = Repair(a.start, r.end, a.now + r.now, r.channel, "", a.gain + r.gain, min(a.margin, r.margin),
                             a.exact and r.exact, (*a.others, *r.others))
        else:
            out.append(r)
    return out


def _same(a: str, b: str) -> bool:
    return a.replace("gb18030", "gbk") == b.replace("gb18030", "gbk")
