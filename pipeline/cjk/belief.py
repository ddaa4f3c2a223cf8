"""What a repair is, and when it is believable."""
from __future__ import annotations

import re
from typing import NamedTuple

from pipeline.cjk.misreading import ONE_BYTE
from pipeline.cjk.model import score

DISTINCT = 4  # different characters, for GBK and Big5 read as each other
STRICT = 5  # characters of valid UTF-8 that are no accident
NONSENSE = re.compile("[\x80-\x9f\ue000-\uf8ff]")
CJK = re.compile("[\u2018-\u201d\u2014\u2026\u00b7\u3000-\u9fff\uac00-\ud7a3\uff00-\uffef]|[\U00020000-\U0002ffff]")
LATIN = re.compile("[A-Za-z\u00c0-\u024f]")
MANY = 6  # Chinese characters among which foreign words count one each
WORD = re.compile("[A-Za-z]+")
EMOJI = re.compile("[\U0001f000-\U0001faff]")


class Repair(NamedTuple):
    """Characters [start, end) were `now`; `channel` says what was read as what, innermost first."""

    start: int
    end: int
    now: str
    channel: str
    codec: str = ""
    gain: float = 0.0  # nats
    margin: float = 99.0  # nats over the runner-up of the least certain guess
    exact: bool = True  # misread again, it gives the shown text
    others: tuple[str, ...] = ()  # for each mark in `now` what it may stand for, the likeliest first
    policy: str = ""  # what became of bytes that mean nothing in the wrong charset; "" if there were none


def believable(was: str, now: str, before: str, channel: tuple[str, str], exact: bool = True) -> float:
    """Return how much (nats) the model prefers `now` to `was`, or 0.0 if the repair is not believable.

    UTF-8 proves itself by its form and needs little; GBK and Big5 need readable text.  `before` is what stands
    before it, a dozen characters for choice.
    """
    read, write = channel
    chinese = len(CJK.findall(now))
    if NONSENSE.search(now) or not (chinese or EMOJI.search(now)):
        return 0.0
    if read in ONE_BYTE and len(now) == 1 and (not CJK.search(before) or LATIN.match(before[-1:])):
        return 0.0  # é followed by a no-break space and » is French
    gain = score(now, before) - score(was, before)
    if write == "utf-8":
        return gain if _proves_itself(now, before, gain, (chinese, read, exact)) else 0.0
    letters = sum(not c.isascii() or c.isalpha() for c in now)
    odd = {c for c in was if not c.isascii()}
    quality = score(now, before) / len(now)
    if read in ONE_BYTE:
        if chinese >= MANY:
            letters = sum(not c.isascii() for c in now) + len(WORD.findall(now))
        good = chinese >= 2 and gain >= 14 and quality > (-9 if chinese >= 6 else -8.2) and chinese >= 0.6 * letters
    else:
        good = len(odd) >= DISTINCT and gain >= 20 and quality > -7.8 and chinese >= 0.8 * letters
    return gain if good else 0.0


def _proves_itself(now: str, before: str, gain: float, seen: tuple[int, str, bool]) -> bool:
    chinese, read, exact = seen
    letters = sum(not c.isascii() for c in now)
    quality = score(now, before) / len(now)
    if read in ONE_BYTE:
        return gain >= 9 and quality > (-13 if chinese < 3 else -10.5)
    return gain >= 12 and quality > (-10.5 if exact and chinese >= STRICT else -9) and chinese >= 0.6 * letters
