"""Misreadings that lost nothing: undone by encoding and decoding again, no guess involved.

A strict run is a stretch of shown characters whose bytes in the wrong charset are valid in the right one and
whose borders are character borders in both.  UTF-8 is so redundant that a run of a few Chinese characters is
proof; GBK and Big5 are not, there the character model has to agree.
"""
from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import accumulate
from typing import NamedTuple

from pipeline.cjk.misreading import ONE_BYTE, one_byte, shown, spellings

MULTI = "(?:[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|\xf0[\x90-\xbf][\x80-\xbf]{2})"
UTF8 = re.compile(f"{MULTI}(?:[\x20-\x7e]{{0,60}}{MULTI})*")
TRAIL = {"gbk": "\\x40-\\x7e\\x80-\\xfe", "big5": "\\x40-\\x7e\\xa1-\\xfe"}
PAIRS = {(write, gap): re.compile(f"[\x81-\xfe][{trail}](?:[\x20-\x7e]{{0,{gap}}}[\x81-\xfe][{trail}])*")
         for write, trail in TRAIL.items() for gap in (12, 20)}  # ASCII characters inside a run
TWO_BYTE_UTF8, HANGUL = range(0x80, 0x800), range(0xAC00, 0xD7A4)
EURO_PAIR = b"\xa2\xe3"
BESIDE = "棗厖癈"  # what —— and …… of clean text, and °C, spell in GBK at the end of a run shown in cp1252
PYTHON = {"utf-8": "utf-8", "gbk": "gb18030", "big5": "cp950", "shift-jis": "cp932", "euc-kr": "cp949"}
SURROGATES = re.compile("[\ud800-\udbff][\udc00-\udfff]")


class Run(NamedTuple):
    """Characters [start, end) of the shown text are `now`, read in the wrong charset."""

    start: int
    end: int
    now: str


def byte_view(text: str, read: str, euro: bytes = b"") -> tuple[str, Sequence[int]]:
    """Return the bytes of `text` in `read` as a latin-1 string, and where each character begins in it.

    A character that `read` does not have counts as one zero byte; `euro` are other bytes for the euro sign.
    """
    if read in ONE_BYTE:
        return text.translate(_one_byte(read)), range(len(text) + 1)
    parts = list(map(_bytes_of(read).__getitem__, text))
    if euro:
        parts = [euro if c == "€" else part for c, part in zip(text, parts, strict=True)]
    starts = list(accumulate(map(len, parts), initial=0))
    return b"".join(parts).decode("latin-1"), starts


class _Bytes(dict[str, bytes]):
    """The bytes of characters in a charset, found as they are asked for."""

    read = "gb18030"

    def __missing__(self, c: str) -> bytes:
        self[c] = data = c.encode("gb18030") if self.read == "gb18030" else spellings(self.read).get(c) or b"\0"
        return data


class _View(dict[int, int]):
    """A table for str.translate: the byte of a character, 0 if it has none."""

    def __missing__(self, code: int) -> int:
        return 0


@cache
def _one_byte(read: str) -> _View:
    return _View({ord(c): data[0] for c, data in one_byte(read).items()})


@cache
def _bytes_of(read: str) -> _Bytes:
    table = _Bytes()
    table.read = read
    if read == "gb18030":
        table |= {"€": b"\x80", "\ufffd": b"\0"} | {chr(c): b"\0" for c in range(0xD800, 0xE000)}
    return table


def runs(text: str, read: str, write: str, gap: int = 20) -> Iterator[Run]:
    """Yield the strict runs of `text`, shown in `read` (see misreading), meant in `write`.

    `gap`, 12 or 20, is how many ASCII characters a run in GBK or Big5 may have in one piece.

    >>> list(runs("他说：鎴戜滑濂。", "gb18030", "utf-8"))
    [Run(start=3, end=6, now='我们')]
    """
    found = list(_runs(byte_view(text, read), read, write, gap))
    if read == "gb18030" and "€" in text:  # one byte to Windows, a pair in GB18030
        paired = list(_runs(byte_view(text, read, EURO_PAIR), read, write, gap))
        found = max(found, paired, key=lambda runs: sum(run.end - run.start for run in runs))
    yield from found


def _runs(seen: tuple[str, Sequence[int]], read: str, write: str, gap: int) -> Iterator[Run]:
    view, starts = seen
    for m in (UTF8 if write == "utf-8" else PAIRS[write, gap]).finditer(view):
        first, last = bisect_left(starts, m.start()), bisect_left(starts, m.end())
        if last < len(starts) and starts[last] > m.end() and not view[m.end() : starts[last]].isascii():
            last -= 1  # else an ASCII character went into a pair with the last byte: 、P in UTF-8 is 銆丳 in GBK
        while first < last:  # each turn gives up characters at an end
            run = _decoded(view, starts, (first, last), write)
            if isinstance(run, int):
                first, last = (first, run) if run > first else (first + 1, last)
            elif run.now[0].isascii() or (run.now[-1].isascii() and starts[last] - starts[last - 1] == 1):
                first, last = (first + 1, last) if run.now[0].isascii() else (first, last - 1)
            elif write == "gbk" and read in ONE_BYTE and run.now[-1] in BESIDE:
                last -= 2
            elif write == "gbk" and read in ONE_BYTE and run.now[0] in BESIDE:
                first += 2
            elif read in ONE_BYTE or not _two_byte_ends(run.now):
                yield run
                break
            else:
                first, last = (first + 1, last) if _accident(run.now[0], run.now) else (first, last - 1)


def _two_byte_ends(now: str) -> bool:
    """Does the text begin or end with a character that the bytes of clean CJK text happen to spell?

    GBK 同 is CD AC, which is valid UTF-8, too, and 項價 is ED 97 83 72: 헃r.  Text full of such characters is another
    layer of misreading, or Korean.
    """
    return _accident(now[0], now) or _accident(now[-1], now)


def _accident(c: str, now: str) -> bool:
    if ord(c) in HANGUL:
        return sum(ord(x) in HANGUL for x in now) < 0.3 * len(now)
    if ord(c) not in TWO_BYTE_UTF8:
        return False
    return ord(c) > 0xFF or len(now) < 3 or sum(ord(x) in TWO_BYTE_UTF8 for x in now) < 0.5 * len(now)


def _decoded(view: str, starts: Sequence[int], chars: tuple[int, int], write: str) -> Run | int:
    """Return the run, or up to where it may decode."""
    data = view[starts[chars[0]] : starts[chars[1]]].encode("latin-1")
    try:
        if write == "utf-8":
            now = data.decode("utf-8", "surrogatepass")
            now = SURROGATES.sub(lambda m: m[0].encode("utf-16", "surrogatepass").decode("utf-16"), now)
        else:
            now = data.decode(PYTHON[write])
    except UnicodeDecodeError as error:
        return min(chars[1] - 1, bisect_right(starts, starts[chars[0]] + error.start) - 1)
    return Run(chars[0], chars[1], now)


def shows(now: str, channel: str, was: str) -> bool:
    """Does `now` show as `was` after all layers of `channel`, innermost first?

    >>> shows("我们", "utf-8 read as gb18030", "鎴戜滑")
    True
    """
    return any(_through(form, channel) == was for form in dict.fromkeys((now, _halved(now))))


def _through(now: str, channel: str) -> str:
    for layer in channel.split(", "):
        write, _, read = layer.partition(" read as ")
        try:
            now = shown(now.encode(PYTHON[write], "surrogatepass" if write == "utf-8" else "strict"), read, "")
        except UnicodeError:
            return ""
    return now


def _halved(text: str) -> str:
    """Return the text with surrogate halves for characters beyond the basic plane: CESU-8 encodes these."""
    data = text.encode("utf-16-le", "surrogatepass")
    return "".join(chr(data[i] | data[i + 1] << 8) for i in range(0, len(data), 2))


def codec_of(was: str, now: str, read: str, write: str) -> str:
    """Return the ``"read>write"`` recoding that turns `now` back into `was`, or ``""`` if there is none.

    Each character must come back alone, so that offsets inside can be traced.
    """
    for wrong in dict.fromkeys((PYTHON.get(read, read).replace("mac-roman", "mac_roman"), "latin-1")):
        try:
            data = now.encode(PYTHON[write])
            if data.decode(wrong) != was or was.encode(wrong) != data:
                continue
            if all(sum(len(c.encode(e)) for c in t) == len(data) for t, e in ((now, PYTHON[write]), (was, wrong))):
                return f"{wrong}>{PYTHON[write]}"
        except (UnicodeError, LookupError):
            continue
    return ""
