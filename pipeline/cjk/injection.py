"""Injected pinyin: undoing a byte-wise search and replace that put readings behind characters.

Content farms replace the two GBK bytes of a character by the same bytes plus "(zhàn)".  The replacement
ignores character borders, so some hits fall on the last byte of one character and the first byte of the next,
and the text after them is read one byte off:

    演變為戰略  ->  演變?yōu)閼?zhàn)略

The inverse works on bytes, too: it rebuilds the GBK bytes of the original from left to right, drops each
piece that stands behind the character it names, and decodes again.  ``?yōu)`` means that ``(`` landed behind
the first byte of a character; that byte is lost but known, because with the byte before it it spells a
character read yōu.

    >>> undo_line("演變?yōu)閼?zhàn)略性", {"戰": "zhàn", "優": "yōu"})
    [Injected(start=2, end=14, now='為戰')]
"""
from __future__ import annotations

import re
from collections import Counter
from functools import cache
from typing import NamedTuple

from pipeline.cjk.damage import HAN, PINYIN
from pipeline.cjk.model import readings, score, share, traditional
from pipeline.cjk.slips import undo_injected

TONED = re.compile("[āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜńňǹḿ]")
WHOLE = re.compile(f"\\((?<=[{HAN}]\\()({PINYIN})\\)")  # the literal first: a fast scan
ORPHAN = re.compile(f"\\?({PINYIN})\\)")
PIECE = re.compile(f"[?(]({PINYIN})\\)")
BRANCHES = 12  # hypotheses kept when an orphan has several candidates
DENSE = 0.30  # a reader for learners annotates more than this share of the characters
DENSEST = 0.60  # where four or more characters are annotated and all differ from their Simplified form
TELLING, PROOF = 4, 8  # so many such characters are no reader for learners, or none however dense they are
SATURATED = 0.9  # injection marks (almost) every occurrence of a character
COMMON = -10.0  # nats; injection does not choose rare characters, glosses do
MID_WORD = 0.3
SHORT = 3  # characters, too few to tell whether they read well
READABLE = -9.5  # nats per character


class Injected(NamedTuple):
    """Characters [start, end) of the shown text were `now` before pieces were injected."""

    start: int
    end: int
    now: str


class Line(NamedTuple):
    """One hypothesis: the original's bytes so far, and for each the shown range it comes from."""

    data: tuple[int, ...]
    spans: tuple[tuple[int, int], ...]
    lossy: int


@cache
def by_lead(reading: str) -> dict[int, str]:
    """Return the characters with `reading` that differ from their Simplified form, by first GBK byte."""
    out: dict[int, str] = {}
    for c in readings().get(reading, ""):
        if c in traditional():
            lead = c.encode("gbk")[0]
            out[lead] = out.get(lead, "") + c
    return out


def page_table(text: str) -> dict[str, str]:
    """Return the character-reading table of an injected page, or an empty one if `text` is not injected.

    A page is injected when the readings are true, nearly every occurrence of an annotated character carries
    one, always the same, most of them common characters in the middle of sentences.  Readers for learners
    (many characters annotated), contrasts of several readings and glosses of rare characters stay.
    """
    found = [(text[m.start() - 1], m[1]) for m in WHOLE.finditer(text)]
    true = [(c, p) for c, p in found if c in readings().get(p, "")]
    table = dict(true)
    pieces, orphans = Counter(c for c, _ in true), len(ORPHAN.findall(text))
    if not pieces or len(true) < 0.8 * len(found) or len(set(true)) > len(table):
        return _orphans_only(text) if orphans and not found else {}
    occurring = sum(text.count(c) for c in pieces)
    han = sum(map(text.count, set(re.findall(f"[{HAN}]", text))))
    common = sum(share(c) > COMMON for c in pieces) / len(pieces)
    inside = len(re.findall(f"[{HAN}]\\({PINYIN}\\)(?=[{HAN}]|\\?{PINYIN}\\))", text)) / len(found)
    telling = len(table) * all(c in traditional() for c in table)
    dense = 1.0 if telling >= PROOF else DENSEST if telling >= TELLING else DENSE
    if len(true) > dense * han or len(true) < SATURATED * occurring or common < (0.5 if telling >= TELLING else 0.6):
        return {}
    if inside < MID_WORD and not (orphans and TONED.search(text)):  # no gloss stands over half a character
        return {}
    if orphans or (len(true) >= 3 and (len(true) >= 1.5 * len(pieces) or _traditional_only(table))):
        return table
    return table if len(true) >= 2 and len(true) == len(found) and inside >= 0.5 else {}


def _orphans_only(text: str) -> dict[str, str]:
    """A page whose only pieces are orphans: take it for injected, each orphan is proved by its bytes."""
    return {"": ""} if TONED.search(text) else {}


def _traditional_only(table: dict[str, str]) -> bool:
    return sum(c in traditional() for c in table) >= 0.8 * len(table)


def undo_line(line: str, table: dict[str, str]) -> list[Injected]:
    """Return what injection did to `line`, given the page's `table`; nothing if a byte cannot be explained."""
    if not ORPHAN.search(line):
        return _whole_pieces(line, table)
    best = max(_hypotheses(line, table), key=_worth, default=None)
    changes = _changes(line, best) if best is not None and not best.lossy else []
    if changes and all(_reads(line, one) for one in changes):
        return changes
    found = [Injected(s.start, s.end, s.now) for s in undo_injected(line, table)]
    whole = [w for w in _whole_pieces(line, table) if not any(s.start < w.end and w.start < s.end for s in found)]
    return sorted([*found, *whole])


def _reads(line: str, one: Injected) -> bool:
    return len(one.now) < SHORT or score(one.now, line[: one.start][-2:]) > READABLE * len(one.now)


def _whole_pieces(line: str, table: dict[str, str]) -> list[Injected]:
    return [Injected(m.start(), m.end(), "") for m in WHOLE.finditer(line) if table.get(line[m.start() - 1]) == m[1]]


def _hypotheses(line: str, table: dict[str, str]) -> list[Line]:
    beam, at = [Line((), (), 0)], 0
    while at < len(line):
        piece = PIECE.match(line, at)
        if piece and line[at] == "?":
            beam = [new for old in beam for new in _orphan(old, piece, table)]
        elif piece:
            beam = [new for old in beam for new in _behind(old, piece, table)]
        else:
            beam = [_append(old, line[at], (at, at + 1)) for old in beam]
        if len(beam) > BRANCHES:
            beam = sorted(beam, key=_worth, reverse=True)[:BRANCHES]
        at = piece.end() if piece else at + 1
    return [h for h in beam if _decode(h) is not None]


def _append(old: Line, shown: str, span: tuple[int, int]) -> Line:
    data = b"\x80" if shown == "€" else shown.encode("gb18030", "replace")  # as Windows has it
    return Line(old.data + tuple(data), old.spans + (span,) * len(data), old.lossy)


def _orphan(old: Line, piece: re.Match[str], table: dict[str, str]) -> list[Line]:
    """``?py)``: the last byte and a lost one spell a character read py."""
    reading, lead = piece[1], old.data[-1] if old.data else 0
    known = "".join(c for c, p in table.items() if p == reading and c.encode("gbk")[0] == lead)
    span = piece.span()
    found = [Line((*old.data, c.encode("gbk")[1]), (*old.spans, span), old.lossy)
             for c in known or by_lead(reading).get(lead, "")]
    if found:
        return found
    shown, places = piece[0].encode("gb18030"), tuple((i, i + 1) for i in _indices(piece))
    return [Line(old.data + tuple(shown), old.spans + places, old.lossy + 1)]


def _indices(piece: re.Match[str]) -> list[int]:
    return [i for i, c in enumerate(piece[0], piece.start()) for _ in c.encode("gb18030")]


def _behind(old: Line, piece: re.Match[str], table: dict[str, str]) -> list[Line]:
    """``(py)``: dropped when the last two bytes spell a character of the table read py."""
    try:
        character = bytes(old.data[-2:]).decode("gbk")
    except UnicodeDecodeError:
        character = ""
    if character and (table.get(character) == piece[1] or character in by_lead(piece[1]).get(old.data[-2], "")):
        return [Line(old.data, (*old.spans[:-1], (old.spans[-1][0], piece.end())), old.lossy)]
    new = old
    for i, c in enumerate(piece[0], piece.start()):
        new = _append(new, c, (i, i + 1))
    return [new]


def _decode(line: Line) -> str | None:
    try:
        return bytes(line.data).decode("gb18030")
    except UnicodeDecodeError:
        return None


def _worth(line: Line) -> float:
    text = bytes(line.data).decode("gb18030", "replace")
    return score(text) - 12.0 * text.count("\ufffd") - 20.0 * line.lossy


def _changes(line: str, found: Line) -> list[Injected]:
    """Return the ranges of `line` where the hypothesis differs, from byte borders that both share."""
    out: list[Injected] = []
    at = 0
    for c in _decode(found) or "":
        size = len(c.encode("gb18030"))
        start, end = found.spans[at][0], found.spans[at + size - 1][1]
        at += size
        if line[start:end] == c:
            continue
        if out and start < out[-1].end:
            out[-1] = Injected(out[-1].start, max(end, out[-1].end), out[-1].now + c)
        else:
            out.append(Injected(start, end, c))
    return [_trim(line, one) for one in out]


def _trim(line: str, one: Injected) -> Injected:
    """Leave out what stays: in ``戰(zhàn)`` -> ``戰`` only the piece goes."""
    start, end, now = one
    while now and line[start] == now[0]:
        start, now = start + 1, now[1:]
    return Injected(start, end, now)
