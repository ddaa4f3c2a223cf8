"""Characters written out: entities, percent-encoding, \\u escapes, surrogate halves.

Each rule wants Chinese text around or inside what it decodes, and none touches code, addresses or text about
escapes.
"""
from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import unquote_to_bytes

from pipeline.cjk.damage import HAN
from pipeline.cjk.model import score

GATES = tuple((sign, re.compile(pattern)) for sign, pattern in (  # each begins with its sign: a fast scan
    ("&", "&(?:amp;)*(?:#[0-9xX]|[a-z]{2,6};)"), ("%", "%[0-9A-Fa-f]{2}%"), ("\\u", "\\\\u[0-9a-fA-F]{4}")))
NUMERIC = re.compile("&(?:amp;)*#(?:([0-9]{2,7})|[xX]([0-9a-fA-F]{2,6}));")
NAMED = re.compile("&(?:amp;)*(ldquo|rdquo|lsquo|rsquo|mdash|ndash|hellip|middot|nbsp|quot|times|bull|laquo|raquo|deg"
                   "|copy|reg|amp(?!;(?:#|[a-z]+;))|permil|yen|sect|para|plusmn|divide|trade|ensp|emsp|thinsp|larr|rarr|apos);")
UNICODE = re.compile("\\\\u([0-9a-fA-F]{4})")
HALVES = re.compile("\\\\u[dD][89abAB][0-9a-fA-F]{2}\\\\u[dD][c-fC-F][0-9a-fA-F]{2}")
SURROGATES = re.compile("[\ud800-\udbff][\udc00-\udfff]")
PERCENT = re.compile("(?:%[0-9A-Fa-f]{2}|[A-Za-z0-9.,~_ -](?=[A-Za-z0-9.,~_ -]{0,60}%[0-9A-Fa-f]{2}))*%[0-9A-Fa-f]{2}"
                     "[A-Za-z0-9.,~_^|`{}@\\[\\]-]?")
ADDRESS = re.compile("https?:|www\\.|(?:href|src)=|[?&][\\w.-]+=|\\.(?:com|cn|net|org|tw|hk)/|[\\w-]/%"
                     "|%[0-9A-Fa-f]{2}/")
CODE = re.compile(r"""["'`]|[;{}]\s*$|==|=>|->|\(\s*r?["']|^\s*(?:#|//|\*|import |from |def |return |self\.|if |for """
                  r"""|class )|\\x[0-9a-f]{2}|\w\(""")
QUOTED = re.compile("""["'`“「]&|&(?:amp;)*#\\w+;["'`”」]|=\\s*\\\\u|["'`“「]\\\\{1,2}u""")
SENTENCE = re.compile(f"[{HAN}]{{4}}")
LETTER = re.compile(f"[{HAN}]")
READABLE = {"utf-8": -11.0, "gbk": -8.5}  # nats per character


class Escape(NamedTuple):
    """Characters [start, end) spell `now`; `why` names the kind of escape."""

    start: int
    end: int
    now: str
    why: str


def escapes(text: str, halves: bool = False) -> list[Escape]:
    """Return the escapes of `text` that stand for Chinese text, in order; `halves`: it has surrogate halves.

    >>> [e.now for e in escapes("&#20013;&#25991;")]
    ['中', '文']
    """
    out: list[Escape] = []
    seen = -1
    places = sorted(m.start() for sign, gate in GATES if sign in text for m in gate.finditer(text))
    if halves:
        places = sorted((*places, *(m.start() for m in SURROGATES.finditer(text))))
    for place in places:
        if place < seen:
            continue
        start, stop = text.rfind("\n", 0, place) + 1, text.find("\n", place)
        seen = len(text) if stop < 0 else stop
        line = text[start:seen]
        out += [Escape(e.start + start, e.end + start, e.now, e.why) for e in _line(line)]
    return out


def _line(line: str) -> list[Escape]:
    found = [Escape(m.start(), m.end(), _joined(m[0]), "surrogate halves") for m in SURROGATES.finditer(line)]
    if "&" in line:
        found += _entities(line)
    if "%" in line:
        found += _percents(line)
    if "\\u" in line:
        found += _unicode(line)
    found.sort()
    return [e for i, e in enumerate(found) if not i or e.start >= found[i - 1].end]


def _joined(halves: str) -> str:
    return halves.encode("utf-16", "surrogatepass").decode("utf-16")


def _entities(line: str) -> Iterator[Escape]:
    values = [(m, int(m[1]) if m[1] else int(m[2], 16)) for m in NUMERIC.finditer(line)]
    sentence = SENTENCE.search(line) is not None
    han = sum(0x3000 <= v <= 0x9FFF for _, v in values)
    some = sentence or han >= 4 or (han >= 2 and not CODE.search(NUMERIC.sub("", line)))
    if han >= 8 or (han >= 4 and sentence) or (some and not QUOTED.search(line)):
        yield from (Escape(m.start(), m.end(), chr(v), "numeric entity") for m, v in values
                        if 0x80 <= v < 0x110000 and not 0xD800 <= v < 0xE000 and not 0x7F < v < 0xA0)
    chinese = sentence or han + len(LETTER.findall(line)) >= 4
    if chinese and not QUOTED.search(line) and "<" not in line and "&lt;" not in line:
        for m in NAMED.finditer(line):
            yield Escape(m.start(), m.end(), html.unescape(f"&{m[1]};").replace("\xa0", " "), "named entity")


def _percents(line: str) -> Iterator[Escape]:
    if ADDRESS.search(line):
        return
    for m in PERCENT.finditer(line):
        for end in (m.end(), m.end() - 1):
            data = unquote_to_bytes(m.string[m.start() : end])
            now, charset = _decoded(data)
            if sum("\u4e00" <= c <= "\u9fff" for c in now) >= 2 and score(now) / len(now) > READABLE[charset]:
                yield Escape(m.start(), end, now, f"percent-encoded {charset}")
                break


def _decoded(data: bytes) -> tuple[str, str]:
    for charset in ("utf-8", "gbk"):
        try:
            return data.decode(charset), charset
        except UnicodeDecodeError:
            continue
    return "", ""


def _unicode(line: str) -> Iterator[Escape]:
    codes = [int(m[1], 16) for m in UNICODE.finditer(line)]
    if sum(0x3000 <= c <= 0x9FFF for c in codes) >= 3 and not QUOTED.search(line) and "\\x" not in line:
        at = 0
        for m in UNICODE.finditer(line):
            pair = HALVES.match(line, m.start())
            if m.start() < at or (0xD800 <= int(m[1], 16) < 0xE000 and not pair) or int(m[1], 16) < 0x20:
                continue
            shown = pair[0] if pair else m[0]
            at = m.start() + len(shown)
            yield Escape(m.start(), at, _unescaped(shown), "\\u escape")
    elif SENTENCE.search(line) and not QUOTED.search(line):
        for m in HALVES.finditer(line):
            yield Escape(m.start(), m.end(), _unescaped(m[0]), "surrogate halves")


def _unescaped(shown: str) -> str:
    text = "".join(chr(int(c, 16)) for c in UNICODE.findall(shown))
    return _joined(text) if len(text) == 2 else text
