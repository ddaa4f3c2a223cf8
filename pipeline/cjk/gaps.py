"""What the exact inverses left over: stretches of a misread text where bytes were lost.

A gap is searched with what is known around it.  Beside an exact repair the misreading is proved, so the search may
go on re-decoding at no price; elsewhere the gain must prove it.  A guess below the margin becomes a mark, and
whatever is proposed must give the shown text back when it is misread again, with the likeliest candidates in place
of the marks.
"""
from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import NamedTuple

from pipeline.cjk.belief import CJK, NONSENSE, Repair, believable
from pipeline.cjk.byte_lattice import Edges, Found, Lattice
from pipeline.cjk.byte_places import MARK
from pipeline.cjk.byte_units import units
from pipeline.cjk.gate import peak
from pipeline.cjk.guesses import decide
from pipeline.cjk.lost_bytes import OPEN_END
from pipeline.cjk.misreading import ONE_BYTE, lost_mark, shown
from pipeline.cjk.model import logs, score, share, simplified, traditional

ENTER = 9.0  # nats: the price of doubting a text
BORDER = 1.5  # nats: the price of going on where an exact repair ends
RESUME = 2.0  # nats a proved channel must gain where it begins anew
CONTEXT = 12
WORTH = 2.0  # nats of suspicion for which a gap is searched
OPEN = 0.5  # of a reading may be marks, half as much where nothing around proves the misreading
READABLE = -7.5  # nats per character of text in GBK or Big5
ODD = -11.5  # nats; a rarer character must make a word with a neighbour
GAP = 160  # characters searched as one
ENCODING = {"utf-8": "utf-8", "gbk": "gbk", "big5": "cp950"}
Others = tuple[str, ...]


class Way(NamedTuple):
    """How a text was damaged, and how sure a guess must be: the loss policy, the margin (nats)."""

    read: str
    write: str
    policy: str
    margin: float
    script: str = ""


class Piece(NamedTuple):
    """Characters [start, end) of a gap read `now`; `full` has the likeliest candidate for each mark."""

    start: int
    end: int
    now: str
    full: str
    margin: float
    others: Others


def between(text: str, before: str, exact: list[Repair], way: Way) -> Iterator[Repair]:
    """Yield the repairs between and around `exact`, in order; `before` is what stands before `text`."""
    way = way._replace(script=_script(before + "".join(r.now for r in exact)))
    at, left = 0, before
    for i in range(len(exact) + 1):
        last = i == len(exact)
        stop, right = (len(text), "\n") if last else (exact[i].start, exact[i].now)
        if at < stop and _suspicious(text[at:stop], way, 0 < i < len(exact)):
            edges = Edges(left, right, ENTER, i > 0, not last, OPEN_END if last else _first_byte(right, way.write))
            for piece in _pieces(text[at:stop], edges, way):
                r = _decided((text, at, stop), piece, way, (edges, bool(exact)))
                if r:
                    yield r
        if not last:
            at, left = exact[i].end, exact[i].now


def _first_byte(text: str, write: str) -> int:
    try:
        return text[0].encode(ENCODING[write])[0]
    except UnicodeEncodeError:
        return OPEN_END


def _suspicious(gap: str, way: Way, inner: bool) -> bool:
    """Is anything in the gap worth a search?  Most gaps are the clean text around a repair."""
    if way.read in ONE_BYTE:
        return any("\x80" <= c < "\u0250" for c in gap)
    return MARK in gap or "?" in gap or (inner and not gap.isascii()) or peak(gap, -1) >= WORTH


def _pieces(gap: str, edges: Edges, way: Way) -> list[Piece]:
    """Return the re-decoded stretches of one gap."""
    edges = edges._replace(before=edges.before[-CONTEXT:], after=edges.after[:CONTEXT])
    out: list[Piece] = []
    for start in range(0, len(gap), GAP):
        part, end = gap[start : start + GAP], start + GAP
        here = edges if end >= len(gap) else edges._replace(after="", closes=False, follow=OPEN_END)
        if start:
            here = here._replace(before=gap[max(0, start - 2) : start], opens=bool(out and out[-1].end == start))
        mark = lost_mark(way.policy)
        lossless = way.policy != "del" and mark not in part  # then all policies with this mark come to the same
        found = _search(part, here, way._replace(policy="j1?" if mark == "?" else "j1") if lossless else way)
        out += [p._replace(start=p.start + start, end=p.end + start) for p in found]
    return out


@lru_cache(512)
def _search(gap: str, edges: Edges, way: Way) -> tuple[Piece, ...]:
    lattice = Lattice(units(gap, way.read, way.policy), way.read, ENCODING[way.write], DISLIKED[way.script]())
    _, steps = lattice.search(edges)
    out: list[Piece] = []
    first = None
    for i, step in enumerate([*steps, Found(len(gap), len(gap), "", True, False)]):
        if not step.kept and first is None:
            first = i
        elif step.kept and first is not None:
            reading = decide(lattice, steps, (first, i), (edges, way.margin))
            out.append(Piece(steps[first].place[0], steps[i - 1].until[0], *reading))
            first = None
    return tuple(out)


def _script(text: str) -> str:
    full, simple = sum(c in traditional() for c in text), sum(c in simplified() for c in text)
    return "Hant" if full > simple else "Hans" if simple > full else ""


DISLIKED: dict[str, Callable[[], frozenset[str]]] = {"Hant": simplified, "Hans": traditional, "": frozenset[str]}


def _decided(place: tuple[str, int, int], piece: Piece, way: Way, known: tuple[Edges, bool]) -> Repair | None:
    """Return the repair of one stretch, or nothing if too little of it is certain."""
    text, at, stop = place
    edges, proved = known
    start, end = at + piece.start, at + piece.end
    was, sure = text[start:end], piece.now.replace(MARK, "")
    if piece.now == was or not sure or piece.now.count(MARK) > (OPEN if proved else OPEN / 2) * len(piece.now):
        return None
    follow = edges.after if end == stop and edges.closes else text[end : end + 2]
    if not reproduces(piece.full, was, follow, way, end == stop and edges.closes):
        return None
    before = text[max(0, start - 12) : start] or edges.before
    gain = believable(was, sure, before, (way.read, way.write), piece.margin == math.inf and not piece.others)
    joined = (edges.opens and start == at) or (edges.closes and end == stop)
    if way.write != "utf-8" and not _plain(piece.full, before):
        return None
    if gain <= 0 and (joined or (proved and way.write == "utf-8" and CJK.search(sure))) and not NONSENSE.search(sure):
        gain = max(0.0, score(sure, before) - score(was, before) + (ENTER if joined else -RESUME))
    if gain <= 0:
        return None
    return Repair(start, end, piece.now, f"{way.write} read as {way.read}", "", gain, piece.margin,
                  MARK not in piece.full, piece.others, way.policy)


def _plain(now: str, before: str) -> bool:
    """Does the text read well?  GBK and Big5 spell something with almost any bytes, so nothing odd may be in it."""
    odd = any(share(c) < ODD and now[max(0, i - 1) : i + 1] not in logs() and now[i : i + 2] not in logs()
              for i, c in enumerate(now) if c != MARK)
    return not odd and score(now.replace(MARK, ""), before) > READABLE * len(now)


def reproduces(now: str, was: str, follow: str, way: Way, goes_on: bool = False) -> bool:
    """Does `now`, misread again, show `was`?  The bytes of `follow`, which comes after it, may take part, and must
    where the misread text `goes_on`.

    >>> reproduces("一", "涓\ufffd", "起", Way("gbk", "utf-8", "j1", 1.0))
    True
    >>> reproduces("不", "涓\ufffd", "起", Way("gbk", "utf-8", "j1", 1.0), True)
    False
    """
    if MARK in now:  # nothing is known to fit
        return True
    try:
        data, after = now.encode(ENCODING[way.write]), follow.encode(ENCODING[way.write])
    except UnicodeEncodeError:
        return False
    first = 1 if goes_on and after else 0
    return any(shown(data + after[:k], way.read, way.policy) == was + shown(after[:k], way.read, way.policy)
               for k in range(first, min(4, len(after)) + 1))
