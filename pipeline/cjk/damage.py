"""What looks damaged, and what a sound copy of the same passage says there.

Where a passage stands twice, once damaged and once not, no guess is needed: the words around the damage
are looked up in the other copy, and what stands between them there is the reading.

    >>> align_sound("滿足用戶的創作需求??淇藙t通過深化搜索來定位", "滿足用戶的創作需求。夸克則通過深化搜索來定位")
    [(9, 14, '。夸克則')]
"""
from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence

import numpy as np

from pipeline.cjk.gate import alarms, joined, rises
from pipeline.cjk.gate_tables import odds
from pipeline.cjk.misreading import explains

Span = tuple[int, int]
ANCHOR = 8  # characters on each side that must be the same in both copies
DRIFT = 8  # a damaged run may end up to so many characters after the last mark of damage
EFFORT = 50_000_000  # marks times code points; larger texts are not searched, so that time stays linear
COPIES = 30  # places compared for each mark; what stands more often is no passage
GROWTH = 3  # a reading is at most so many times as long as the damage, plus DRIFT
HAN = "\u3400-\u9fff"
PINYIN = "[a-züāáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜńňǹḿ]{1,6}"
DEAD = re.compile("\ufffd+|(?:锟斤拷|锟斤|斤拷)+|烫{3,}|屯{3,}")
SLIPS = re.compile(
    f"\\?(?:{PINYIN}\\)"  # a pinyin piece over an odd byte border
    "|[!?,]{0,2}\\?/[a-z]{1,6}\\d?>"  # a byte slip that ate the < of an end tag
    f"|(?<=[{HAN}]\\?)\\?{{0,2}}(?=[{HAN}]))"  # a question mark inside a sentence
)


NEAR = re.compile(f"\\?(?:{PINYIN}\\)|/[a-z]|\\?{{0,2}}[{HAN}])")  # what all of them hold


def dead(text: str) -> bool:
    """Does the text hold what damage that lost all bytes shows, but for U+FFFD?"""
    return "锟斤" in text or "烫烫烫" in text or "屯屯屯" in text


def marks(text: str) -> list[Span]:
    """Return the ranges of dead characters and of what byte slips leave, in order."""
    found = [m.span() for m in SLIPS.finditer(text)] if "?" in text and NEAR.search(text) else []
    if "\ufffd" in text or dead(text):
        found = sorted(found + [m.span() for m in DEAD.finditer(text)])
    return found


def damaged_spans(text: str) -> list[Span]:
    """Return the ranges of `text` that look damaged, in order, merged where they touch."""
    spans = sorted(marks(text) + alarms(text))
    out: list[Span] = []
    for start, end in spans:
        if out and start <= out[-1][1] + 2:
            out[-1] = (out[-1][0], max(end, out[-1][1]))
        else:
            out.append((start, end))
    return out


def calm(texts: Sequence[str]) -> list[bool]:
    """Return for each text whether nothing in it looks damaged, all texts tried at once.

    In a text longer than a block of the gate False may be said where `damaged_spans` finds nothing.

    >>> calm(["更好。”", "更好?!?/p>", "鐧惧害鍏徃鍙戝竷"])
    [True, False, False]
    """
    if not texts:
        return []
    codes, starts = joined(texts)
    found = rises(odds()[-1].take(codes), starts)
    loud = set((np.searchsorted(starts, [lo for lo, _ in found], "right") - 1).tolist())
    return [n not in loud and not marks(text) for n, text in enumerate(texts)]


def damage_score(text: str) -> float:
    """Return the share of the characters of `text` that look damaged, 0.0 (sound) to 1.0.

    Linear and cheap (about 100 MB/s); use it to choose between copies, not to decide that one is damaged.

    >>> damage_score("更好。”"), damage_score("更好?!?/p>") > 0.5
    (0.0, True)
    """
    return sum(end - start for start, end in damaged_spans(text)) / len(text) if text else 0.0


def align_sound(damaged: str, sound: str) -> list[tuple[int, int, str]]:
    """Return (start, end, replacement) for each damaged range that `sound` has an undamaged reading of.

    Both texts must agree on ANCHOR characters on either side, or up to the line's end; when `sound` has the
    passage several times, all its undamaged readings must agree.  `sound` may be `damaged` itself.
    Ranges are in code points of `damaged`, ordered, without overlap.  Linear for few damaged ranges.
    """
    out: list[tuple[int, int, str]] = []
    sure = marks(damaged)  # odd characters alone may be a rare word
    if len(sure) * len(sound) > EFFORT:
        return []
    spans = damaged_spans(sound) if sure else []
    for start, end in spans if damaged is sound else damaged_spans(damaged) if sure else ():
        if (out and start < out[-1][1]) or not any(start <= a < end for a, _ in sure):
            continue
        for stop in range(end, min(end + DRIFT, len(damaged)) + 1):
            readings = {r for r in _readings(damaged, (start, stop), (sound, spans))
                        if _likely(damaged, (start, stop), r)}
            if len(readings) == 1:
                found = _trim(damaged, (start, stop), readings.pop())
                if found[0] < found[1] or found[2]:
                    out.append(found)
                break
            if readings or damaged[stop : stop + 1] in ("\n", ""):
                break
    return out


def _readings(damaged: str, span: Span, copy: tuple[str, list[Span]]) -> set[str]:
    """Return the undamaged texts that stand in the copy between the words around `span`; with it go its damaged
    spans."""
    start, end = span
    sound, spans = copy
    line = damaged.rfind("\n", max(0, start - ANCHOR), start) + 1
    left = damaged[max(line, start - ANCHOR) : start]
    stop = damaged.find("\n", end, end + ANCHOR)
    right = damaged[end : end + ANCHOR] if stop < 0 else damaged[end : min(stop + 1, end + ANCHOR)]
    if len(left) < ANCHOR or (len(right) < ANCHOR and not (right == "" or right.endswith("\n"))):
        return set()
    found, at, seen = set(), sound.find(left), 0
    while at >= 0 and (seen := seen + 1) <= COPIES:
        begin = at + len(left)
        limit = begin + GROWTH * (end - start) + DRIFT + len(right)
        close = sound.find(right, begin, limit) if right else (len(sound) if len(sound) < limit else -1)
        if close < 0 and right == "\n" and len(sound) < limit and "\n" not in sound[begin:]:
            close = len(sound)
        if close >= 0 and "\n" not in sound[begin:close] and not _touches(spans, (at, close + len(right))):
            found.add(sound[begin:close])
        at = sound.find(left, at + 1)
    return found


def _touches(spans: list[Span], span: Span) -> bool:
    """Do any of the ordered `spans` overlap `span`?"""
    place = bisect_left(spans, (span[1], 0)) - 1
    return place >= 0 and spans[place][1] > span[0]


def _likely(damaged: str, span: Span, reading: str) -> bool:
    """Can the damage have come from `reading`?  A lone question mark must be what a byte slip leaves of it."""
    shown, follow = damaged[span[0] : span[1]], damaged[span[1] : span[1] + ANCHOR]
    return not shown.startswith("?") or shown.endswith(")") or explains(reading, shown, follow)


def _trim(damaged: str, span: Span, reading: str) -> tuple[int, int, str]:
    """Return the replacement without what both texts share at its borders."""
    start, end = span
    while start < end and reading and damaged[start] == reading[0]:
        start, reading = start + 1, reading[1:]
    while start < end and reading and damaged[end - 1] == reading[-1]:
        end, reading = end - 1, reading[:-1]
    return start, end, reading
