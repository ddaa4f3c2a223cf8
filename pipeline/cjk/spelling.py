"""Bytes read with one codec, as pieces that can be spelled back: what a recoding edit is made of.

A piece says that bytes [start, end) read as `now`. With a `codec`, every character of `now` encodes to its
own bytes, so offsets inside the piece are exact; without one the piece is a short block. What the codec
cannot read becomes U+FFFD, and what it reads but would spell differently (10 pairs of cp950, 16 of big5hkscs,
the duplicates of cp932) becomes a block of its own.
"""
from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

_ESCAPED = re.compile("[\ud800-\udfff]+")
CESU = re.compile(rb"\xed[\xa0-\xaf][\x80-\xbf]\xed[\xb0-\xbf][\x80-\xbf]")
ONE_SPELLING = ("utf-8", "gb18030")
WIDE = {"utf-16-le": 2, "utf-16-be": 2, "utf-32-le": 4, "utf-32-be": 4}


class Piece(NamedTuple):
    """Bytes [start, end) read as `now`; `why` is the codec or the rule; `codec` is empty for a block."""

    start: int
    end: int
    now: str
    why: str
    codec: str = ""


def read_tolerantly(data: bytes, codec: str) -> str:
    """Return the text with each byte that `codec` cannot read as a lone surrogate (as for surrogateescape)."""
    if unit := WIDE.get(codec):
        return data[: len(data) - len(data) % unit].decode(codec, "surrogatepass")
    return data.decode(codec, "surrogateescape")


def spell(data: bytes, codec: str, offset: int = 0) -> Iterator[Piece]:
    """Yield the pieces that bytes `data`, which stand at `offset`, read as; together they cover all of it.

    Raises:
        LookupError: no such codec.

    >>> [p.now for p in spell("中文".encode("gbk") + b"\\xff!", "gb18030")]
    ['中文', '\\ufffd', '!']
    """
    try:
        yield from _sound(data, data.decode(codec), codec, offset)
        return
    except UnicodeDecodeError:
        pass
    try:
        text = read_tolerantly(data, codec)
    except UnicodeDecodeError:  # a codec without lone bytes, of a charset that a page declared
        yield from _by_line(data, codec, offset)
        return
    yield from _damaged(data, text, codec, offset)


def _damaged(data: bytes, text: str, codec: str, offset: int) -> Iterator[Piece]:
    at = place = 0
    unit = WIDE.get(codec, 1)
    for bad in _ESCAPED.finditer(text):
        good = text[place : bad.start()]
        size = len(good.encode(codec))  # a character's spellings in one codec have equal lengths
        yield from _sound(data[at : at + size], good, codec, offset + at)
        at += size
        end = at + unit * (bad.end() - bad.start())
        yield from _undecodable(data, at, end, offset, codec)
        at, place = end, bad.end()
    tail = len(data) % unit
    yield from _sound(data[at : len(data) - tail], text[place:], codec, offset + at)
    if tail:
        yield Piece(offset + len(data) - tail, offset + len(data), "", "truncated")


def _undecodable(data: bytes, at: int, end: int, offset: int, codec: str) -> Iterator[Piece]:
    """Yield what to do with bytes that the codec cannot read."""
    if codec == "gb18030" and data[at:end] == b"\x80":
        yield Piece(offset + at, offset + end, "€", "cp936")  # the one byte that Windows added to GBK
        return
    if codec == "utf-8":
        for pair in CESU.finditer(data, at, end):  # CESU-8: each half of a surrogate pair written as UTF-8
            if at < pair.start():
                yield Piece(offset + at, offset + pair.start(), "\ufffd", "undecodable")
            joined = pair[0].decode("utf-8", "surrogatepass").encode("utf-16-le", "surrogatepass").decode("utf-16-le")
            yield Piece(offset + pair.start(), offset + pair.end(), joined, "cesu-8")
            at = pair.end()
    if at < end:
        yield Piece(offset + at, offset + end, "\ufffd", "undecodable")


def _sound(data: bytes, text: str, codec: str, offset: int) -> Iterator[Piece]:
    """Yield the pieces of bytes that `codec` reads without an error as `text`."""
    if not data:
        return
    try:
        if text.encode(codec) == data and (codec in ONE_SPELLING or _widths_add_up(text, codec, len(data))):
            yield Piece(offset, offset + len(data), text, codec, f"latin-1>{codec}")
            return
    except UnicodeEncodeError:
        pass
    yield from _odd_spellings(data, text, codec, offset)


def _widths_add_up(text: str, codec: str, size: int) -> bool:
    return sum(len(c.encode(codec)) * n for c, n in Counter(text).items()) == size


def _odd_spellings(data: bytes, text: str, codec: str, offset: int) -> Iterator[Piece]:
    """Yield pieces around the characters that `codec` may read from more than one spelling."""
    odd = odd_characters(codec)
    if odd is None:
        yield from _by_line(data, codec, offset)
        return
    done = at = place = 0  # bytes yielded, bytes seen, characters seen
    good: list[str] = []
    for found in odd.finditer(text):
        good.append(text[place : found.start()])
        at += len(good[-1].encode(codec))
        place = found.end()
        width = 2 if data[at] >= 0x80 else 1
        usual = len(found[0]) == 1 and found[0].encode(codec, "replace") == data[at : at + width]
        if usual:
            good.append(found[0])
        else:
            yield from _run(data, done, at, "".join(good), codec, offset)
            yield Piece(offset + at, offset + at + width, found[0], codec)
            good, done = [], at + width
        at += width
    yield from _run(data, done, len(data), "".join([*good, text[place:]]), codec, offset)


def _run(data: bytes, start: int, end: int, now: str, codec: str, offset: int) -> Iterator[Piece]:
    """Yield the piece [start, end), or blocks by line should it not spell back after all."""
    if start == end:
        return
    if now.encode(codec) == data[start:end]:
        yield Piece(offset + start, offset + end, now, codec, f"latin-1>{codec}")
    else:
        yield from _by_line(data[start:end], codec, offset + start)


def _by_line(data: bytes, codec: str, offset: int) -> Iterator[Piece]:
    """Yield one block a line, for codecs that do not work character by character."""
    at = 0
    for line in data.splitlines(keepends=True):
        yield Piece(offset + at, offset + at + len(line), line.decode(codec, "replace"), codec)
        at += len(line)


@cache
def odd_characters(codec: str) -> re.Pattern[str] | None:
    """Return a pattern of what two bytes of `codec` may read as but would be spelled otherwise; None: no such codec.

    >>> bool(odd_characters("big5hkscs").search("十"))
    True
    """
    odd = set()
    for lead in range(0x81, 0xFF):
        for trail in range(0x40, 0xFF):
            pair = bytes((lead, trail))
            try:
                text = pair.decode(codec)
                if text.encode(codec) != pair or (len(text) > 1 and sum(len(c.encode(codec)) for c in text) != 2):
                    odd.add(text)
            except UnicodeDecodeError:
                continue
            except UnicodeEncodeError:
                odd.add(text)
    return re.compile("|".join(sorted(map(re.escape, odd), key=len, reverse=True))) if odd else None
