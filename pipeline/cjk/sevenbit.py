"""Chinese, Japanese and Korean text in seven bits: HZ and ISO-2022, where escapes switch to pairs of ASCII bytes.

HZ (RFC 1843): ``~{`` to ``~}`` holds GB 2312 pairs, ``~~`` is a tilde, ``~`` before a line end joins lines.
ISO-2022-CN (RFC 1922; its GB 2312 part), -KR (RFC 1557) and -JP (RFC 1468): an escape names the character
set, SO and SI or the escape itself switch. A pair is its EUC pair without the high bits.
"""
from __future__ import annotations

import re
from collections.abc import Iterator

from pipeline.cjk.charcosts import cost
from pipeline.cjk.spelling import Piece

_PAIRS = rb"(?:[\x21-\x7e]{2})+"
_HZ = re.compile(rb"(?P<on>~\{)(?P<run>(?:[\x21-\x77][\x21-\x7e])+)(?P<off>~\}|(?=\r?\n)|\Z)"
                 rb"|(?P<tilde>~~)|(?P<join>~\r?\n)")
_SHIFT_OUT = rb"(?P<on>\x0e)(?P<run>" + _PAIRS + rb")(?P<off>\x0f|(?=[\r\n])|\Z)"
_ISO = {
    "iso-2022-cn": ("gb2312", re.compile(_SHIFT_OUT + rb"|(?P<cut>\x1b\$\)A)")),
    "iso-2022-kr": ("euc_kr", re.compile(_SHIFT_OUT + rb"|(?P<cut>\x1b\$\)C)")),
    "iso-2022-jp": ("euc_jp", re.compile(rb"(?P<on>\x1b\$[@B])(?P<run>" + _PAIRS
                                         + rb")(?P<off>\x1b\([BJ]|(?=[\r\n])|\Z)")),
}
_MARKS = ((b"\x1b$)A", "iso-2022-cn"), (b"\x1b$)C", "iso-2022-kr"), (b"\x1b$B", "iso-2022-jp"),
          (b"\x1b$@", "iso-2022-jp"))
_HIGH = bytes(b | 0x80 for b in range(256))
BLOCK = 16  # characters to a block: the escapes make the codec stateful, so blocks carry the offsets


def detect(data: bytes) -> str:
    """Return ``"hz"``, an ISO-2022 name, or ``""`` for ASCII bytes.

    >>> detect("~{VPND~}".encode())
    'hz'
    >>> detect(b"cp ~{alice,bob}/x")
    ''
    """
    if b"\x1b" in data and b"\x1b$" in data:  # one byte is found ten times as fast as two
        return next((name for mark, name in _MARKS if mark in data), "")
    if b"~" not in data or b"~{" not in data or not any(m["run"] for m in _HZ.finditer(data)):
        return ""
    sample = data[:65536]
    read = "".join(p.now for p in pieces(sample, "hz"))
    return "hz" if cost(read) + 40 < cost(sample.decode("latin-1")) and "\ufffd" not in read else ""


def pieces(data: bytes, name: str) -> Iterator[Piece]:
    """Yield a cut for each escape and a block for up to 16 characters; the bytes between stay as they are.

    >>> [p.now for p in pieces(b"~{VPND~}!", "hz")]
    ['', '中文', '']
    """
    codec, pattern = ("gb2312", _HZ) if name == "hz" else _ISO[name]
    for m in pattern.finditer(data):
        groups = m.groupdict()
        if groups.get("run"):
            yield Piece(m.start("on"), m.end("on"), "", name)
            yield from _blocks(m["run"], m.start("run"), codec, name)
            if m["off"]:
                yield Piece(m.start("off"), m.end("off"), "", name)
        else:
            yield Piece(m.start(), m.end(), "~" if groups.get("tilde") else "", name)


def _blocks(run: bytes, at: int, codec: str, name: str) -> Iterator[Piece]:
    high = run.translate(_HIGH)
    for i in range(0, len(high), 2 * BLOCK):
        block = high[i : i + 2 * BLOCK]
        yield Piece(at + i, at + i + len(block), block.decode(codec, "replace"), name)
