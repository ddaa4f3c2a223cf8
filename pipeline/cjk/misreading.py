"""Misreadings: bytes written in one charset and read in another, forwards and backwards.

`misread` is the forward direction, with the three ways in which programs treat bytes that mean
nothing in the wrong charset (a loss policy):

``w1``  Windows: an illegal pair shows one ``?`` and eats both bytes, even if the second is ASCII.
``w2``  browsers (WHATWG Encoding Standard): an illegal pair shows one U+FFFD; an ASCII second byte stays.
``j1``  Java, Python: one U+FFFD for each byte that starts nothing.
``del`` as w2, by a program that has the user-defined areas of GBK; their characters were deleted later.

``w2?`` and ``j1?`` show ``?`` for U+FFFD: the text was saved once more, in a charset that lacks it.

    >>> misread("中文网页".encode(), "gbk", "w1"), misread("中文网页".encode(), "gbk", "w2")
    ('涓?枃缃戦〉', '涓\ufffd枃缃戦〉')

`spellings` is the backward direction: the byte strings that a character may have been read from.
"""
from __future__ import annotations

from array import array
from collections.abc import Iterable
from functools import cache

ONE_BYTE = ("latin-1", "cp1252", "cp437", "mac-roman", "cp1250")
TWO_BYTE = {"gbk": "gbk", "big5": "cp950", "shift-jis": "cp932", "euc-kr": "cp949"}
HALF_KANA = range(0xA1, 0xE0)
EURO_80 = ("gbk",)
NONE = "\0"


@cache
def pair_table(codec: str) -> str:
    """Return what `codec` (a key of TWO_BYTE) shows for each pair: the character at ``first << 8 | second``, NONE if
    the pair is none.

    >>> pair_table("gbk")[0xC4E3], pair_table("gbk")[0xC420] == NONE
    ('你', True)
    """
    table = [NONE] * 0x10000
    for first in range(0x81, 0xFF):
        if codec == "shift-jis" and first in HALF_KANA:
            continue
        pairs = b"".join(bytes((first, second, 0x0A)) for second in range(0x40, 0xFF))  # no pair holds a line's end
        for second, shown in enumerate(pairs.decode(TWO_BYTE[codec], "replace").split("\n")[:-1], 0x40):
            if len(shown) == 1 and shown != "\ufffd":
                table[first << 8 | second] = shown
    return "".join(table)


def single(byte: int, codec: str) -> str:
    """Return what the two-byte codec shows for a high byte that stands alone, or ``""``."""
    if codec == "shift-jis" and byte in HALF_KANA:
        return chr(0xFF61 + byte - 0xA1)
    return "€" if byte == 0x80 and codec in EURO_80 else ""


def undefined(byte: int, codec: str) -> bool:
    """Does the one-byte codec leave the byte undefined?  A program that minds shows U+FFFD for it.

    >>> [hex(b) for b in range(256) if undefined(b, "cp1252")]
    ['0x81', '0x8d', '0x8f', '0x90', '0x9d']
    """
    return bytes((byte,)).decode(codec.replace("-", "_"), "replace") == "\ufffd"


def lost_mark(policy: str) -> str:
    """Return what a loss policy shows for bytes that mean nothing."""
    return "?" if policy == "w1" or policy.endswith("?") else "\ufffd"


def user_defined(first: int, second: int) -> bool:
    """Does the pair lie in one of the three areas that GBK leaves to users?"""
    high = second >= 0xA1
    return (high and (0xAA <= first <= 0xAF or first >= 0xF8)) or (not high and 0xA1 <= first <= 0xA7)


def misread(data: bytes, codec: str, policy: str) -> str:
    """Return `data` as a program shows it that believes in `codec` (a key of TWO_BYTE)."""
    pairs, out, i = pair_table(codec), [], 0
    lost, way = lost_mark(policy), policy.rstrip("?")
    while i < len(data):
        byte, second = data[i], data[i + 1] if i + 1 < len(data) else -1
        if byte < 0x80:
            out.append(chr(byte))
        elif (way != "j1" or codec == "shift-jis") and (shown := single(byte, codec)):
            out.append(shown)
        elif second > 0 and (shown := pairs[byte << 8 | second]) != NONE:
            out.append(shown)
            i += 1
        elif way == "del" and second > 0 and user_defined(byte, second):
            i += 1
        else:
            out.append(lost)
            i += second >= 0 and (way == "w1" or (way != "j1" and second >= 0x80))
        i += 1
    return "".join(out)


class Spellings:
    """The bytes that each character shown by a codec stands for, as numbers by code point: 0 for none."""

    def __init__(self, table: Iterable[tuple[str, bytes]]) -> None:
        self._table = array("H", bytes(0x20000))
        for c, data in table:
            self._table[ord(c)] = int.from_bytes(data, "big")

    def get(self, c: str) -> bytes | None:
        """Return the bytes of one character, None if the codec does not show it."""
        found = self._table[ord(c)] if c < "\U00010000" else 0
        if not found:
            return b"\0" if c == "\0" else None
        return found.to_bytes(1 if found < 0x100 else 2, "big")


@cache
def spellings(codec: str) -> Spellings:
    """Return the bytes that each character shown by `codec`, a key of TWO_BYTE or one of ONE_BYTE, stands for.

    >>> spellings("gbk").get("你"), spellings("latin-1").get("é"), spellings("gbk").get("é")
    (b'\xc4\xe3', b'\xe9', b'\xa8\xa6')
    """
    if codec in ONE_BYTE:
        return Spellings(one_byte(codec).items())
    known = enumerate(pair_table(codec))
    pairs = [(shown, key.to_bytes(2, "big")) for key, shown in known if shown != NONE]
    singles = ((single(byte, codec), bytes((byte,))) for byte in range(0x80, 0x100))
    return Spellings((*reversed(pairs), *((chr(b), bytes((b,))) for b in range(0x80)),  # of two pairs the first counts
                      *((c, data) for c, data in singles if c)))


@cache
def one_byte(codec: str) -> dict[str, bytes]:
    """Return the byte of each character that `codec`, one of ONE_BYTE, shows.

    Undefined bytes show as C1 controls, as on Windows and in browsers.
    """
    table = {}
    for byte in range(0x100):
        try:
            shown = bytes((byte,)).decode(codec.replace("-", "_"))
        except UnicodeDecodeError:
            shown = chr(byte)
        table[shown] = bytes((byte,))
    if codec.startswith("cp125"):
        for byte in range(0x80, 0xA0):
            table.setdefault(chr(byte), bytes((byte,)))
    return table


def unread(text: str, codec: str) -> bytes | None:
    """Return the bytes that `codec` showed as `text`, or None if it cannot show this.

    >>> unread("鏂囧瓧", "gb18030").decode()
    '文字'
    """
    if codec == "gb18030":
        try:
            return text.encode("gb18030")
        except UnicodeEncodeError:
            return None
    known = spellings(codec)
    parts = [known.get(c) for c in text]
    return None if None in parts else b"".join(part for part in parts if part)


def shown(data: bytes, read: str, policy: str) -> str:
    """Return `data` as a reader of `read` shows it: a key of TWO_BYTE, one of ONE_BYTE, or ``"gb18030"``.

    Undefined bytes of one-byte charsets show as C1 controls, or as U+FFFD if there is a loss policy.
    """
    if read in TWO_BYTE:
        return misread(data, read, policy or "w2")
    if read == "gb18030":
        return data.decode("gb18030", "replace")
    return data.decode("latin-1").translate(_signs(read, bool(policy)))


@cache
def _signs(read: str, strict: bool) -> dict[int, str]:
    """Return what a one-byte charset shows for each byte; a `strict` reader shows U+FFFD for undefined ones."""
    return {b: chr(b) if undefined(b, read) and not strict else bytes((b,)).decode(read.replace("-", "_"), "replace")
            for b in range(256)}


FULL_WIDTH = {c: c - 0xFEE0 for c in range(0xFF01, 0xFF5F)}


def slipped(text: str) -> str:
    """Return how Windows shows `text` in GBK after its first byte was overwritten with ``?``.

    The pairs stay one byte off until an ASCII byte ends the run.  The result is folded (full-width ASCII to
    half-width), as content farms do afterwards; fold before you compare.

    >>> slipped("。夸克則通")
    '??淇藙t通'
    """
    data = text.encode("gb18030", "replace")
    return "?" + misread(data[1:], "gbk", "w1").translate(FULL_WIDTH)


def explains(reading: str, damaged: str, follow: str) -> bool:
    """Would `reading`, followed by `follow`, have become `damaged` by a byte slip?

    >>> explains("。夸克則", "??淇藙t", "通過深化"), explains("。”", "?!?/p>", "\\n")
    (True, True)
    """
    tag = damaged[damaged.rfind("/") :] if damaged.endswith(">") and "/" in damaged else ""
    if tag and slipped(reading + "<" + tag) == damaged.translate(FULL_WIDTH):
        return True
    shown = damaged.translate(FULL_WIDTH)
    return any(slipped(reading + follow[:k]) == shown + follow[:k].translate(FULL_WIDTH) for k in range(5))
