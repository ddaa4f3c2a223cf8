"""Which encoding a file of bytes is in, and what it reads as: no byte is guessed away.

Order of evidence: a byte order mark; ASCII with or without seven-bit escapes; strict UTF-8; else every
candidate codec reads a sample and the reading with the lowest cost (charcosts.py) wins, where a declared
charset counts as much as one common character. The winner reads the file, and lines that it reads badly are
judged again by themselves (mixed.py), so two encodings in one file come apart.
"""
from __future__ import annotations

import codecs
import re
from typing import NamedTuple

import numpy as np

from pipeline.cjk import mixed, sevenbit
from pipeline.cjk.charcosts import ERROR, character_costs
from pipeline.cjk.spelling import CESU, WIDE, Piece, read_tolerantly, spell

BOMS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe\0\0", "utf-32-le"), (b"\0\0\xfe\xff", "utf-32-be"),
        (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"), (b"\x84\x31\x95\x33", "gb18030"))
# What a candidate must overcome before its reading counts, in tenths of a nat.
PRIORS = {"utf-8": 0, "gb18030": 0, "big5hkscs": 0, "cp950": 20, "utf-16-le": 80, "utf-16-be": 80, "cp1252": 40,
          "cp932": 80, "euc_jp": 80, "cp949": 100}
DECLARED = 60  # what a declaration is worth
SAMPLE = 1 << 16
JUNK_SHARE = 0.08  # of characters that no text has
JUNK_COST = 125  # mean cost of the characters of no UTF-16 text
_JUNK = re.compile("[\0-\x08\x0b\x0e-\x1a\x1c-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
_TELLING = re.compile(rb"[\x80-\xff\0]")
_NULS = re.compile(b"\0+")
_MAGIC = re.compile(
    rb"\x89PNG\r|\xff\xd8\xff|GIF8[79]a|%PDF-\d"
    rb"|PK(?:\x03\x04|\x05\x06)|\x1f\x8b\x08|BZh\d|7z\xbc\xaf|Rar!\x1a|\xfd7zXZ"
    rb"|\x28\xb5\x2f\xfd|\x7fELF"
    rb"|MZ.{1,60}\0|\xd0\xcf\x11\xe0|RIFF....(?:WAVE|WEBP|AVI )|ID3[\x02-\x04]|OggS\0|SQLite format 3\0"
    rb"|wOF[F2]|\0\0\0.ftyp|II\*\0|MM\0\*|\xca\xfe\xba\xbe|fLaC\0|BM.{4}\0{4}|.{257}ustar", re.S)
_ALIASES = {"gb2312": "gb18030", "gbk": "gb18030", "cp936": "gb18030", "big5": "big5hkscs", "iso8859-1": "cp1252",
            "ascii": "cp1252", "shift_jis": "cp932", "euc_kr": "cp949", "utf-16": "", "utf-32": "", "utf-7": "",
            "utf-8-sig": "utf-8"}
_LABELS = {"x-gbk": "gb18030", "x-x-big5": "big5hkscs", "big5-uao": "big5hkscs", "x-sjis": "cp932"}
_NO_CHARSETS = ("idna", "punycode", "raw-unicode-escape", "unicode-escape")


class Reading(NamedTuple):
    """What bytes read as: the name for the record, and pieces in order; bytes outside pieces are ASCII and stay.

    `name` is a codec, "mixed", or "binary" (then there are no pieces: nothing can be read).
    """

    name: str
    pieces: list[Piece]


def read(data: bytes, declared: str = "", certain: bool = False) -> Reading:
    """Return what `data` reads as.

    `declared` is the charset that a page or carrier names; if `certain`, the bytes are known to be UTF-8 (the
    row of a table).

    >>> read("漢字".encode("big5")).name
    'big5hkscs'
    >>> [p.now for p in read("汉字很多，很好".encode("gbk") + b"\\xb5").pieces]
    ['汉字很多，很好', '']
    """
    nul = b"\0" in data
    if data.isascii() and not nul:
        seven = "" if certain else sevenbit.detect(data)
        if _MAGIC.match(data) and not certain:
            return Reading("binary", [])
        return Reading(seven, list(sevenbit.pieces(data, seven))) if seven else Reading("utf-8", [])
    for mark, name in BOMS:
        if data.startswith(mark) and (found := _marked(data, mark, name)):
            return found
    if not certain and _MAGIC.match(data):
        return Reading("binary", [])
    if (certain or not nul) and (text := _strict_utf8(data)) is not None:
        pieces = [Piece(0, len(data), text, "utf-8", "latin-1>utf-8")]
        return Reading("utf-8", without_nul(pieces) if nul else pieces)
    return _judge(data, declared)


def _strict_utf8(data: bytes) -> str | None:
    try:
        return data.decode()
    except UnicodeDecodeError:
        return None


def _marked(data: bytes, mark: bytes, name: str) -> Reading | None:
    """Return the reading of bytes with a byte order mark, or None if the mark lies."""
    cut, rest = Piece(0, len(mark), "", "bom"), data[len(mark):]
    try:
        pieces = [Piece(len(mark), len(data), rest.decode(name), name, f"latin-1>{name}")] if rest else []
        return Reading(name, [cut, *without_nul(pieces)])
    except UnicodeDecodeError:
        if name.startswith("utf-32"):
            return None
    if name not in WIDE:
        found = _judge(data, name, len(mark))
        return found._replace(pieces=[cut, *found.pieces]) if found.pieces else found
    if junk(read_tolerantly(rest[:SAMPLE], name)):
        return None
    return Reading(name, [cut, *without_nul(list(spell(rest, name, len(mark))))])


def _judge(data: bytes, declared: str, after: int = 0) -> Reading:
    """Return the reading of bytes that are not plainly UTF-8, from `after` on."""
    first = _TELLING.search(data, after)
    start = max(after, (first.start() - 256) & ~1) if first else after
    sample = data[start : start + SAMPLE]
    name = best(sample, declared)
    text = read_tolerantly(sample if name in WIDE else _plain(sample, name), name)
    if name in WIDE and _improbable(text):  # any bytes read as some UTF-16
        name = best(sample, declared, tuple(name for name in PRIORS if name not in WIDE))
        text = read_tolerantly(_plain(sample, name), name)
    if not text:  # nothing but NULs
        return Reading("binary", [])
    if junk(text) and (name in WIDE or junk(_mixed(sample, name))):
        if name in WIDE or junk(sample.decode("cp1252", "surrogateescape")):
            return Reading("binary", [])
        name = "cp1252"  # an alphabet that nobody declared is no binary data
    pieces = list(spell(data[after:], name, after)) if name in WIDE else mixed.pieces(data, name, after)
    return Reading(_name(pieces, name), without_nul(pieces))


def _mixed(sample: bytes, name: str) -> str:
    """Return the sample as several encodings read it, what none can read as half surrogates."""
    return "".join(p.now.replace("\ufffd", "\udcff") for p in mixed.pieces(sample, name))


def best(sample: bytes, declared: str = "", candidates: tuple[str, ...] = tuple(PRIORS)) -> str:
    """Return the candidate codec whose reading of `sample` costs least.

    >>> best("第一條 為".encode("utf-16-le"))
    'utf-16-le'
    """
    costs = {name: reading_cost(sample, name) + PRIORS[name] for name in candidates}
    wanted = normalised(declared)
    if wanted:
        costs[wanted] = costs.get(wanted, reading_cost(sample, wanted)) - DECLARED
    return min(costs, key=costs.__getitem__)


def reading_cost(sample: bytes, name: str) -> int:
    """Return the cost of `sample` read with `name`, in tenths of a nat; a cut-off end and runs of NUL cost little."""
    if name in WIDE:
        text, tail = read_tolerantly(sample, name), len(sample) % WIDE[name]
    else:
        decoder = codecs.getincrementaldecoder(name)("surrogateescape")
        try:
            text = decoder.decode(_plain(sample, name))
        except UnicodeDecodeError:
            return ERROR * len(sample)
        tail = len(decoder.getstate()[0])
        tail += len(_NULS.findall(sample))
    return int(character_costs(text)[1].sum(dtype=np.int64)) + 100 * tail


def _plain(sample: bytes, name: str) -> bytes:
    """Return the sample without what is repaired later, whichever the codec: NULs, and in UTF-8 surrogate halves."""
    sample = sample.replace(b"\0", b"")
    return CESU.sub("一".encode(), sample) if name == "utf-8" else sample


def normalised(declared: str) -> str:
    """Return Python's name of a declared charset, with the superset that browsers use; "" if there is none.

    >>> normalised("GB2312"), normalised("x-user-defined")
    ('gb18030', '')
    """
    label = declared.strip().strip("\"'").lower()
    try:
        info = codecs.lookup(label)
    except (LookupError, ValueError):
        return _LABELS.get(label, "")
    text_codec = getattr(info, "_is_text_encoding", True) and info.name not in _NO_CHARSETS
    return _ALIASES.get(info.name, info.name) if text_codec else ""


def junk(text: str) -> bool:
    """Return whether the best reading of a sample is no text: it has too many controls and errors."""
    return len(_JUNK.findall(text)) > JUNK_SHARE * len(text) + 2


def _improbable(text: str) -> bool:
    return len(text) >= 32 and float(character_costs(text)[1].mean()) > JUNK_COST


def without_nul(pieces: list[Piece]) -> list[Piece]:
    """Return the pieces with NUL characters cut out of them."""
    out: list[Piece] = []
    for p in pieces:
        if "\0" not in p.now or not p.codec:
            out.append(p._replace(now=p.now.replace("\0", "")) if not p.codec else p)
            continue
        width, at, place = WIDE.get(p.why, 1), p.start, 0
        for nul in re.finditer("\0+", p.now):
            good = p.now[place : nul.start()]
            size = len(good.encode(p.why))
            if good:
                out.append(Piece(at, at + size, good, p.why, p.codec))
            at += size
            end = at + width * (nul.end() - nul.start())
            out.append(Piece(at, end, "", "nul"))
            at, place = end, nul.end()
        if place < len(p.now):
            out.append(Piece(at, p.end, p.now[place:], p.why, p.codec))
    return out


def _name(pieces: list[Piece], main: str) -> str:
    """Return the codec that the pieces share, or "mixed"."""
    used = {p.why for p in pieces if p.codec and not p.now.isascii()}
    return "mixed" if len(used) > 1 else used.pop() if used else main
