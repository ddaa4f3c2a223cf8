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

from functools import cache

ONE_BYTE = ("latin-1", "cp1252", "cp437", "mac-roman", "cp1250")
TWO_BYTE = {"gbk": "gbk", "big5": "cp950", "shift-jis": "cp932", "euc-kr": "cp949"}
HALF_KANA = range(0xA1, 0xE0)
EURO_80 = ("gbk",)


@cache
def pair_table(codec: str) -> dict[int, str]:
    """Return what `codec` (a key of TWO_BYTE) shows for each legal pair, keyed by ``first << 8 | second``."""
    table = {}
    for first in range(0x81, 0xFF):
        if codec == "shift-jis" and first in HALF_KANA:
            continue
        pairs = b"".join(bytes((first, second, 0x0A)) for second in range(0x40, 0xFF))  # no pair holds a line's end
        for second, shown in enumerate(pairs.decode(TWO_BYTE[codec], "replace").split("\n")[:-1], 0x40):
            if len(shown) == 1 and shown != "\ufffd":
                table[first << 8 | second] = shown
    return table


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
        elif second > 0 and (shown := pairs.get(byte << 8 | second, "")):
            out.append(shown)
            i += 1
        elif way == "del" and second > 0 and user_defined(byte, second):
            i += 1
        else:
            out.append(lost)
            i += second >= 0 and (way == "w1" or (way != "j1" and second >= 0x80))
        i += 1
    return "".join(out)


@cache
def spellings(codec: str) -> dict[str, bytes]:
    """Return the bytes that each character shown by `codec` stands for.

    One-byte codecs show their undefined bytes as C1 controls, as Windows and browsers do.
    """
    if codec in ONE_BYTE:
        return _one_byte(codec)
    table: dict[str, bytes] = {chr(b): bytes((b,)) for b in range(0x80)}
    for key, shown in pair_table(codec).items():
        table.setdefault(shown, key.to_bytes(2, "big"))
    for byte in range(0x80, 0x100):
        if shown := single(byte, codec):
            table[shown] = bytes((byte,))
    return table


def _one_byte(codec: str) -> dict[str, bytes]:
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
    table = spellings(codec)
    try:
        return b"".join([table[c] for c in text])
    except KeyError:
        return None


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
