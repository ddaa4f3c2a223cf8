"""Byte slips: text in GBK that was read one byte off, after a byte was overwritten or pinyin was pushed in.

The text is written and read in GBK, so the lattice of misreadings serves with both charsets the same.  A slip
begins at a ``?`` that stands for one byte; an injected piece over an odd border begins one, too, and says which
byte was lost.  Full-width marks may have been folded to ASCII afterwards, so ``?`` may also be ？, and ``,`` may
be ，.

    >>> [(s.start, s.end, s.now) for s in undo_slips("院長?⒏痹洪L,任期四年")]
    [(2, 7, '、副院長')]
"""
from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from pipeline.cjk.byte_lattice import Edges, Found, Lattice
from pipeline.cjk.byte_places import MARK
from pipeline.cjk.byte_units import Unit
from pipeline.cjk.damage import HAN, PINYIN
from pipeline.cjk.guesses import Reading, decide
from pipeline.cjk.lost_bytes import ANY, CHOSEN, FIRST, KNOWN, LAST, SECOND, Cell
from pipeline.cjk.misreading import explains, spellings
from pipeline.cjk.model import readings, score, share, simplified, traditional

ENTER = 9.0  # nats against a slip
GAIN = 9.0  # nats a repair must gain
RARE = -11.0  # nats; a slip shows at least one character rarer than this, or a mark
READABLE = {True: -8.5, False: -7.5}  # nats per character, beside injected pinyin and without
OPEN = 0.25  # of a reading may be marks
SURE = 1.0  # nats at least by which a guess must win
FOLDED = {"?": b"\xa3\xbf", "!": b"\xa3\xa1", ",": b"\xa3\xac", ":": b"\xa3\xba", ";": b"\xa3\xbb",
          "(": b"\xa3\xa8", ")": b"\xa3\xa9"}
FOLD_COST = 1.5
AROUND = 40  # characters before a slip that tell what fits
NEAR, AFTER = 8, 90  # characters after the first sign of a slip: where an odd one must stand; all that is read
SIGN = re.compile(f"\\?(?<=[{HAN}]\\?)\\?{{0,2}}(?=[^\\x00-\\x7f])")  # the literal first: a fast scan
PIECE = re.compile(f"([?(])({PINYIN})\\)")


class Slip(NamedTuple):
    """Characters [start, end) of the shown text were `now`; the least certain guess won by `margin` nats.

    A mark stands for a character that cannot be decided, `others` are the candidates for each, the likeliest first;
    `full` has these in place of the marks.
    """

    start: int
    end: int
    now: str
    full: str
    gain: float
    margin: float
    others: tuple[str, ...] = ()


def undo_slips(line: str, margin: float = 1.0) -> list[Slip]:
    """Return the byte slips of `line` that can be undone with certainty; each begins at a ``?``."""
    out: list[Slip] = []
    for m in SIGN.finditer(line):
        found = undo_slip(line, m, margin) if not out or m.start() >= out[-1].end else None
        if found:
            out.append(found)
    return out


def undo_slip(line: str, m: re.Match[str], margin: float = 1.0) -> Slip | None:
    """Return the byte slip of `line` that begins at the match `m` of SIGN, if there is one."""
    if reads_on(line, m):
        return None
    stop = min(len(line), m.end() + AFTER)
    shown = [(c, i, i + 1) for i, c in enumerate(line[m.start() : stop], m.start())]
    return next((s for s in _searched(line, shown, {}, (m.start(), margin)) if s.start == m.start()), None)


def reads_on(text: str, m: re.Match[str]) -> bool:
    """Is there nothing odd behind the ``?``, or something odd before it (then the slip began earlier)?"""
    return not _odd(text[m.end() : m.end() + NEAR]) or _odd(text[max(0, m.start() - NEAR) : m.start()])


def _odd(text: str) -> bool:
    return any(c > "\x7f" and share(c) < RARE for c in text)


def undo_injected(line: str, table: dict[str, str], margin: float = 1.0) -> list[Slip]:
    """Return what injection over odd borders and byte slips did to `line`, by one search over the whole line."""
    shown: list[tuple[str, int, int]] = []
    at, spoken = 0, set(table.values())
    while at < len(line):
        piece = PIECE.match(line, at)
        if piece and piece[1] == "?":
            shown.append((piece[0], at, piece.end()))
            at = piece.end()
        elif piece and shown and piece[2] in spoken:
            shown[-1] = (*shown[-1][:2], piece.end())  # goes with the character before it
            at = piece.end()
        else:
            shown.append((line[at], at, at + 1))
            at += 1
    return list(_searched(line, shown, table, (-1, margin)))


def _searched(line: str, shown: list[tuple[str, int, int]], table: dict[str, str],
              wanted: tuple[int, float]) -> Iterator[Slip]:
    entry, margin = wanted
    units = [_unit(c, table, start == entry or entry < 0) for c, start, _ in shown]
    if shown[-1][0] == "?":  # a pair cut by the end of the line
        units[-1] = Unit("?", (*units[-1].ways, (Cell(-1, LAST),)), (*units[-1].cost, 0.0))
    full, simple = sum(c in traditional() for c in line), sum(c in simplified() for c in line)
    lattice = Lattice(units, "gbk", "gbk", simplified() if full > simple else frozenset())
    before, after = line[max(0, shown[0][1] - 2) : shown[0][1]] or "\n", line[shown[-1][2] :][:2] or "\n"
    _, steps = lattice.search(Edges(before, after, 0.0), keep=entry >= 0)
    edges = Edges(line[: shown[0][1]][-AROUND:] or "\n", after, 0.0)
    for first, last in _blocks(steps, shown):
        start, end = shown[steps[first].start][1], shown[steps[last].until[0] - 1][2]
        reading, gain = _weighed(lattice, steps, (first, last), (edges, margin if table else max(margin, SURE)))
        slip = Slip(start, end, reading.shown, reading.full, gain, min(99.0, reading.margin), reading.others)
        if _believable(line, slip, bool(table)):
            yield slip


def _unit(c: str, table: dict[str, str], entry: bool) -> Unit:
    if len(c) > 1:  # ?py) over an odd border
        chosen = [x for x, p in table.items() if p == c[1:-1]]
        chosen += [x for x in readings().get(c[1:-1], "") if x in traditional() and x not in chosen]
        pairs = frozenset(int.from_bytes(x.encode("gbk"), "big") for x in chosen)
        return Unit(c, tuple((Cell(b, CHOSEN, pairs),) for b in sorted({p & 0xFF for p in pairs})))
    ways: list[tuple[Cell, ...]] = []
    cost: list[float] = []
    if (data := spellings("gbk").get(c)) is not None:
        ways, cost = [tuple(Cell(b, KNOWN) for b in data)], [0.0]
    if c in FOLDED:
        ways, cost = [*ways, tuple(Cell(b, KNOWN) for b in FOLDED[c])], [*cost, FOLD_COST]
    if c == "?":
        ways, cost = [*ways, (Cell(-1, FIRST), Cell(-1, SECOND))], [*cost, FOLD_COST]
        if entry:
            ways, cost = [*ways, (Cell(-1, ANY),)], [*cost, ENTER]
    return Unit(c, tuple(ways), tuple(cost))


def _blocks(steps: list[Found], shown: list[tuple[str, int, int]]) -> Iterator[tuple[int, int]]:
    """Yield the first and last step of each stretch that does not read as shown."""
    first = None
    for i, step in enumerate(steps):
        if first is None and not _as_shown(step, shown):
            first = i
        if first is not None and step.until[2] == 0 and (i + 1 == len(steps) or _as_shown(steps[i + 1], shown)):
            yield first, i
            first = None


def _as_shown(step: Found, shown: list[tuple[str, int, int]]) -> bool:
    if step.kept:
        return True
    return step.place[2] == 0 and step.until == (step.place[0] + 1, 0, 0) and shown[step.place[0]][0] == step.text


def _weighed(lattice: Lattice, steps: list[Found], span: tuple[int, int],
             around: tuple[Edges, float]) -> tuple[Reading, float]:
    """Return the reading of a stretch and what it gains (nats)."""
    first, last = span
    reading = decide(lattice, steps, (first, last + 1), around)
    was = "".join(u.shown for u in lattice.units[steps[first].place[0] : max(steps[last].until[0], 1)])
    before = "".join(s.text for s in steps[max(0, first - 2) : first])
    after = "".join(s.text for s in steps[last + 1 : last + 3])
    return reading, score(reading.full.replace(MARK, "") + after, before) - score(was + after, before)


def _believable(line: str, slip: Slip, injected: bool) -> bool:
    was, sure = line[slip.start : slip.end], slip.full.replace(MARK, "")
    if not sure or slip.now.count(MARK) > OPEN * len(slip.now):
        return False
    if not injected and (MARK in slip.full or not explains(slip.full, was, line[slip.end :][:4])):
        return False
    odd = _odd(was) or PIECE.search(was) is not None
    needed = GAIN if not injected else GAIN / 3
    return odd and slip.gain >= needed and score(sure, line[: slip.start][-2:]) > READABLE[injected] * len(sure)
