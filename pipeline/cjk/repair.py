"""Finds misread spans and undoes them: exact inverses first, then the lattice where bytes were lost.

`repairs` is the whole byte side of mojibake repair.  It looks only where the gate raised an alarm or where a
one-byte charset shows the pattern of UTF-8, GBK or Big5; it never guesses below a margin, and it leaves short
examples alone where the text talks about charsets.
"""
from __future__ import annotations

import re
from collections import Counter
from functools import cache

from pipeline.cjk import lossy
from pipeline.cjk.belief import Repair, believable
from pipeline.cjk.exact import codec_of, runs, shows
from pipeline.cjk.gate import Signs, peak
from pipeline.cjk.gate_tables import ALARM, channels
from pipeline.cjk.misreading import ONE_BYTE, one_byte
from pipeline.cjk.model import score

ABOUT = re.compile("乱码|亂碼|mojibake|编码|編碼|字符集|字元集|文字化け|GBK|GB2312|GB18030|UTF-?8|Big5|encoding"
                   "|Latin-?1|ISO-8859", re.IGNORECASE)
AROUND = 300  # code points searched for talk about charsets
EXAMPLE = 40  # shorter spans are taken for examples there
DEPTH = 4  # layers of misreading undone
WINDOWS = re.compile("[\u0152-\u2122]")
CLEARLY = 0.6  # of the suspicion that the best channel so far explained; channels below are not tried
ONE_BYTE_HEIGHT = 1e6  # nats: one-byte charsets show a pattern of their own
SOUND = -9.0  # nats per character outside ASCII; of misread texts not one in a hundred reads so well
NOT_ASCII, LOST = re.compile("[\x00-\x7f]+"), "\ufffd"
PRIVATE = re.compile("[\ue000-\uf8ff]+")
SMALL = 5.0  # nats of suspicion below which no channel is tried
FLUENT = -7.0  # nats per character: text that reads so well is no other layer
REACH = 48  # code points looked at beyond an alarm


@cache
def latin() -> re.Pattern[str]:
    """Return what Chinese in UTF-8, GBK or Big5 looks like in a one-byte charset."""
    parts = []
    for read in ONE_BYTE:
        shown = [(c, data[0]) for c, data in one_byte(read).items()]  # cp1252 shows some bytes in two ways

        def one_of(*wanted: int, shown: list[tuple[str, int]] = shown) -> str:
            return f"[{''.join(re.escape(c) for c, byte in shown if byte in wanted)}]"

        trail = one_of(*range(0x80, 0xC0))
        parts.append(f"{one_of(*range(0xE2, 0xF0))}{trail}{{2}}")
        parts.append(f"{one_of(0xC3, 0xC2, 0xC5, 0xCB)}{trail}{one_of(0xC2, 0xC3)}")
    return re.compile("|".join(parts) + "|(?:[\xa1-\xfe][\x40-\x7e\xa1-\xfe\u0152-\u2122]){2}")


def repairs(text: str, signs: Signs, margin: float = 1.0) -> list[Repair]:
    """Return the repairs of `text` in order; `margin` (nats) is what a guess must win by.

    >>> from pipeline.cjk.gate import look
    >>> text = "今天鎴戜滑鍘诲叕鍥吧"
    >>> [r.now for r in repairs(text, look(text))]
    ['我们去公']
    """
    found = [(lo, hi) for lo, hi in signs.alarms if not _reads_well(text[lo:hi])]
    found += [m.span() for lo, hi in signs.latin for m in latin().finditer(text, lo, hi + 2)]
    out: list[Repair] = []
    habits = lossy.Habits(margin, Counter())
    for start, end in sorted(_regions(text, sorted(found)), key=lambda r: r[0] - r[1]):  # the longest tell most
        about = ABOUT.search(text, max(0, start - AROUND), end + AROUND) is not None
        part, before = text[start:end], text[max(0, start - 12) : start] or "\n"
        exact = _solve(part, before, DEPTH)
        out += [r._replace(start=r.start + start, end=r.end + start)
                for r in lossy.complete(part, before, exact, habits) if not (about and r.end - r.start < EXAMPLE)]
    return sorted(out)


def _reads_well(shown: str) -> bool:
    """Is the alarm about rare words (番薯, 玻璃)?  They make sense as they stand; misread text never does.

    Runs of private-use characters alone are signs of a form.
    """
    rest = NOT_ASCII.sub("", shown)
    letters = PRIVATE.sub("", rest)
    return LOST not in rest and (score(rest) > SOUND * len(rest) or len(letters) < len(rest) / 2)


def _regions(text: str, spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the spans with room on both sides, inside their lines, merged."""
    out: list[tuple[int, int]] = []
    for start, end in spans:
        lo = max(0, start - REACH, text.rfind("\n", max(0, start - REACH), start) + 1)
        stop = text.find("\n", end, end + REACH)
        hi = min(len(text), end + REACH) if stop < 0 else stop
        if out and lo <= out[-1][1]:
            out[-1] = (out[-1][0], max(hi, out[-1][1]))
        else:
            out.append((lo, hi))
    return out


def _solve(text: str, before: str, depth: int) -> list[Repair]:
    """Return the repairs of one region by the channel that gains most."""
    best: list[Repair] = []
    likely = 0.0
    for height, read, write in _channels(text):
        if best and height < CLEARLY * likely:
            break
        found = [r for run in runs(text, read, write) for r in _unravel(text, run, (read, write), before, depth)
                 or _apart(text, run, (read, write), before)]
        if sum(r.gain for r in found) > sum(r.gain for r in best):
            best, likely = found, height
        if read in ONE_BYTE and write == "utf-8" and found and not latin().search(_applied(text, found)):
            return found  # nothing is left that another charset could explain
    return best


def _channels(text: str) -> list[tuple[float, str, str]]:
    """Return the channels that may explain `text`: how strongly it speaks for each (nats), read, write.

    One-byte charsets come first, then the others, the likeliest first.
    """
    out = list[tuple[float, str, str]]()
    if latin().search(text):
        windows = WINDOWS.search(text) is not None  # without, cp1252 shows what Latin-1 shows
        out += [(ONE_BYTE_HEIGHT, read, write) for read in ONE_BYTE for write in ("utf-8", "gbk", "big5")
                if write == "utf-8" or read == "latin-1" or (read == "cp1252" and windows)]
    if peak(text, -1) >= ALARM:
        heights = dict[str, float]()
        for i, name in enumerate(channels()):
            heights[name] = max(peak(text, i), heights.get(name, 0.0))
        for name, height in sorted(heights.items(), key=lambda h: -h[1]):
            read, _, write = name.partition(">")
            out += [(height, "gb18030" if name == "gbk>utf-8" else read, write)] if height >= SMALL else []
    return out


def _unravel(text: str, run: tuple[int, int, str], channel: tuple[str, str], before: str, depth: int) -> list[Repair]:
    """Return the repair of one strict run, undoing the layers below it, or nothing."""
    start, end, now = run
    was = text[start:end]
    read, write = channel
    name = f"{write} read as {read}"
    direct = believable(was, now, before + text[max(0, start - 12) : start], channel)
    inner = _solve(now, before, depth - 1) if depth > 1 and write == "utf-8" and _layered(now, before) else []
    if inner:
        deep = _applied(now, inner)
        gain = score(deep, before) - score(was, before)
        if gain > 20 and gain > direct:
            whole = f"{inner[0].channel}, {name}"
            return [Repair(start, end, deep, whole, "", gain, min(r.margin for r in inner),
                           shows(deep, whole, was))]
    if direct <= 0:
        return []
    for reader in (read, *ONE_BYTE) if read in ONE_BYTE else (read,):  # C1 controls: what showed them was Latin-1
        if shows(now, named := f"{write} read as {reader}", was):
            return [Repair(start, end, now, named, codec_of(was, now, reader, write), direct)]
    return [Repair(start, end, now, name, codec_of(was, now, read, write), direct, exact=False)]


def _apart(text: str, run: tuple[int, int, str], channel: tuple[str, str], before: str) -> list[Repair]:
    """Return the repairs of the parts of a run that foreign words hold together; alone they may be believable."""
    start, end, _ = run
    if channel[1] == "utf-8":
        return []
    parts = [(a + start, b + start, now) for a, b, now in runs(text[start:end], *channel, 12)]
    return [r for part in parts for r in _unravel(text, part, channel, before, 1)] if len(parts) > 1 else []


def _layered(now: str, before: str) -> bool:
    shown = latin().search(now) is not None or peak(now, -1) >= ALARM
    return shown and score(now, before[-2:]) < FLUENT * len(now)


def _applied(text: str, found: list[Repair]) -> str:
    out: list[str] = []
    at = 0
    for r in found:
        out += text[at : r.start], r.now
        at = r.end
    return "".join(out) + text[at:]
