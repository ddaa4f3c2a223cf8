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

    @property
    def whole(self) -> str:
        """`now` with the likeliest candidate for each mark that has one.

        >>> Repair(0, 5, "散\ufffd", "utf-8 read as gbk", others=("步此",)).whole
        '散步'
        """
        likeliest = iter(self.others)
        return "".join(next(likeliest, "")[:1] or c if c == "\ufffd" else c for c in self.now)


def believable(was: str, now: str, before: str, channel: tuple[str, str], exact: bool = True) -> float:
    """Return how much (nats) the model prefers `now` to `was`, or 0.0 if the repair is not believable.

    UTF-8 proves itself by its form and needs little; GBK and Big5 need readable text.  `before` is what stands
    before it, a dozen characters for choice.
    """
    read = channel[0]
    chinese = len(CJK.findall(now))
    if NONSENSE.search(now) or not (chinese or EMOJI.search(now)):
        return 0.0
    if read in ONE_BYTE and len(now) == 1 and (not CJK.search(before) or LATIN.match(before[-1:])):
        return 0.0  # é followed by a no-break space and » is French
    if not _mostly_chinese(was, now, chinese, channel):
        return 0.0
    least, quality = _demands(chinese, channel, exact)
    told = score(now, before)
    if told / len(now) <= quality:
        return 0.0  # whatever was shown
    gain = told - score(was, before)
    return gain if gain >= least else 0.0


def _mostly_chinese(was: str, now: str, chinese: int, channel: tuple[str, str]) -> bool:
    read, write = channel
    foreign = len(now) - len(now.encode("ascii", "ignore"))
    if write == "utf-8":
        return read in ONE_BYTE or chinese >= 0.6 * foreign
    words = WORD.findall(now)
    if read in ONE_BYTE:
        return chinese >= 2 and chinese >= 0.6 * (foreign + (len(words) if chinese >= MANY else sum(map(len, words))))
    odd = {c for c in was if not c.isascii()}
    return len(odd) >= DISTINCT and chinese >= 0.8 * (foreign + sum(map(len, words)))


def _demands(chinese: int, channel: tuple[str, str], exact: bool) -> tuple[float, float]:
    """Return the least gain (nats), and the quality (nats per character) that must be exceeded."""
    read, write = channel
    if write == "utf-8":
        if read in ONE_BYTE:
            return 9.0, -13.0 if chinese < 3 else -10.5
        return 12.0, -10.5 if exact and chinese >= STRICT else -9.0
    return (14.0, -9.0 if chinese >= 6 else -8.2) if read in ONE_BYTE else (20.0, -7.8)
