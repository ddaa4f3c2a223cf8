"""Characters that look right and are not, and characters that do not show at all.

Kangxi radicals and compatibility ideographs stand for ordinary characters in text copied from PDF files;
private-use characters stand for characters that Unicode did not have when the text was made; zero-width
characters and direction marks come from rich-text editors and copy protection.
"""
from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

from pipeline.cjk.damage import HAN
from pipeline.cjk.model import logs, share, simplified, traditional

GATE = re.compile("[\u2e80-\u2fd5\ue000-\uf848\uf900-\ufad9\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]+")
CJK = re.compile(f"[{HAN}\u3001-\u303f\uff00-\uff60“”]")
# Scripts that need joiners or direction marks, or use compatibility ideographs of their own.
COMPLEX = re.compile("[\u0590-\u08ff\u0900-\u0dff\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u1100-\u11ff\uac00-\ud7a3]")
KANA, LATIN = re.compile("[\u3041-\u30ff]"), re.compile("[\xc0-\u024f]")
ABOUT = re.compile("部首|部件|偏旁|康熙|radical|Radical|兼容汉字|相容漢字|U\\+[2F][0-9A-F]{3}")
# Radicals of the CJK supplement block that have no decomposition, and the character they are written as.
SUPPLEMENT = dict(zip("⺟⺠⻁⻄⻅⻆⻉⻋⻓⻔⻘⻙⻚⻛⻜⻝⻢⻣⻤⻥⻦⻨⻩⻬⻮⻰⻳",
                      "母民虎西见角贝车长门青韦页风飞食马骨鬼鱼鸟麦黄齐齿龙龟", strict=True))
CANTONESE = "嘅咗喺啲嚟冇嘢咁佢瞓揾攞嗰哋㗎囉嘥噉咩嗱啱喐氹嚿攰冚脷孭揼踎餸"
PRIVATE = re.compile(f"(?<=[{HAN}，。、])[\ue000-\uf848]{{1,2}}(?=[{HAN}，。、])")  # longer runs are signs of a form
BESIDE = re.compile(  # grammatical words may also stand at a mark, a number or a foreign word
    f"(?:(?<=[{HAN}])|(?<=[》」』”’]))[\ue000-\uf848](?=[{HAN}《「『“‘A-Za-z0-9])"
    f"|(?<=[A-Za-z0-9%])[\ue000-\uf848](?=[{HAN}])")
AMONG = re.compile(  # where the line is Cantonese
    f"(?<=[{HAN}])[\ue000-\uf848]{{1,2}}(?=[，。、！？：；”」』（）A-Za-z0-9])"
    f"|(?:(?<=[“「『：，。—])|^)[\ue000-\uf848]{{1,2}}(?=[{HAN}，A-Za-z0-9])|(?<= )[\ue000-\uf848](?=[{HAN}“「])")
FOREIGN = re.compile("(?<=[\u3041-\u30ff])[\ue000-\uf848](?=[\u3041-\u30ff])|(?<=[A-Za-z])[\ue000-\uf848](?=[A-Za-z])")
REST = re.compile(f"(?<=[{HAN}，。、：「『（“])[\ue000-\uf848](?=[{HAN}，。、；：」』）”])")  # where a text is proved
PROOFS = 2  # different characters of HKSCS that prove a text, if one is Cantonese or they are half of all private ones
HKSCS = "private use of hkscs"
EMOJI = range(0x1F000, 0x1FB00)


class LookAlike(NamedTuple):
    """Characters [start, end) become `now`; `why` names the kind."""

    start: int
    end: int
    now: str
    why: str


@cache
def radicals() -> dict[str, str]:
    """Return the Kangxi radicals and CJK radicals with the characters they look like."""
    table = {chr(o): unicodedata.normalize("NFKC", chr(o)) for o in (*range(0x2E80, 0x2EF4), *range(0x2F00, 0x2FD6))}
    return {k: v for k, v in (table | SUPPLEMENT).items() if k != v and v}


@cache
def compatibility() -> dict[str, str]:
    """Return the compatibility ideographs with the unified characters Unicode equates them with."""
    table = {chr(o): unicodedata.normalize("NFC", chr(o)) for o in range(0xF900, 0xFADA)}
    return {k: v for k, v in table.items() if k != v}


@cache
def private_use(charset: str) -> dict[str, str]:
    """Return the private-use characters of ``"gb18030"`` or ``"hkscs"`` with their assigned code points.

    Sources: GB18030-2000 and cp936 (GBK row FE is U+E815 to U+E864), the Big5 user-defined areas of cp950
    (FA40 is U+E000, 8E40 is U+E311, 8140 is U+EEB8, C6A1 is U+F6B1), Python's big5hkscs codec.
    """
    if charset == "gb18030":
        return _gb_private()
    out = {}
    for lead, first, code in ((0xFA, 0x40, 0xE000), (0x8E, 0x40, 0xE311), (0x81, 0x40, 0xEEB8), (0xC6, 0xA1, 0xF6B1)):
        stop = {0xE000: 0xE311, 0xE311: 0xEEB8, 0xEEB8: 0xF6B1, 0xF6B1: 0xF849}[code]
        pairs = ((a, b) for a in range(lead, 0xFF) for b in (*range(0x40, 0x7F), *range(0xA1, 0xFF))
                 if a > lead or b >= first)
        for pua, pair in zip(range(code, stop), pairs, strict=False):
            try:
                out[chr(pua)] = bytes(pair).decode("big5hkscs")
            except UnicodeDecodeError:
                continue
    return out


def _gb_private() -> dict[str, str]:
    out = {}
    seconds = (*range(0x50, 0x7F), *range(0x80, 0xA1))
    for pua, second in zip(range(0xE815, 0xE865), seconds, strict=True):
        now = bytes((0xFE, second)).decode("gb18030")
        if not "\ue000" <= now <= "\uf8ff":
            out[chr(pua)] = now
    rows = (Path(__file__).parents[1] / "data" / "gb18030_private.tsv").read_text("utf-8").splitlines()
    return out | {chr(int(a, 16)): chr(int(b, 16)) for a, b in (r.split("\t") for r in rows if r[0] != "#")}


def look_alikes(text: str) -> list[LookAlike]:
    """Return what looks like something else in `text`, in order.

    >>> look_alikes("调⽤量")
    [LookAlike(start=1, end=2, now='用', why='kangxi radical')]
    """
    out: list[LookAlike] = []
    seen = -1
    for m in GATE.finditer(text):
        if m.start() < seen:
            continue
        start, stop = text.rfind("\n", 0, m.start()) + 1, text.find("\n", m.start())
        seen = len(text) if stop < 0 else stop
        line = text[start:seen]
        found = sorted({*_shapes(line), *_private(line), *_invisible(line)})
        out += [LookAlike(e.start + start, e.end + start, e.now, e.why) for e in found]
    return sorted([*out, *_rest(text, out)])


def _rest(text: str, found: list[LookAlike]) -> Iterator[LookAlike]:
    """Yield the names and rare words of a text that others prove to be of HKSCS: icon fonts and it do not mix."""
    proofs = {e.start: text[e.start] for e in found if e.why == HKSCS}
    if len(set(proofs.values())) < PROOFS or (len(re.findall("[\ue000-\uf848]", text)) > 2 * len(proofs) and not any(
            e.now in CANTONESE for e in found)):
        return
    for m in REST.finditer(text):
        c = private_use("hkscs").get(m[0], "")
        if m.start() not in proofs and len(c) == 1:
            yield LookAlike(m.start(), m.end(), c, HKSCS)


def _shapes(line: str) -> Iterator[LookAlike]:
    if COMPLEX.search(line) or ABOUT.search(line) or not CJK.search(line):
        return
    listed = len(re.findall("[\u2e80-\u2fd5]", line)) > 0.5 * len(re.findall(f"[{HAN}\u2e80-\u2fd5]", line))
    for i, c in enumerate(line):
        if "\u2e80" <= c <= "\u2fd5" and c in radicals() and not listed:
            yield LookAlike(i, i + 1, radicals()[c], "kangxi radical")
        elif "\uf900" <= c <= "\ufad9" and c in compatibility() and not KANA.search(line):
            yield LookAlike(i, i + 1, compatibility()[c], "compatibility ideograph")


def _private(line: str) -> Iterator[LookAlike]:
    """Private-use characters between Chinese characters; icon fonts use the same code points."""
    full = sum(c in traditional() for c in line) - sum(c in simplified() for c in line)
    charset = "hkscs" if full > 0 else "gb18030"
    for m in PRIVATE.finditer(line) if full else ():
        now = [private_use(charset).get(c, "") for c in m[0]]
        around = [line[m.start() - 1], *now, line[m.end()]]
        if all(now) and all(_belongs(*around[i : i + 3]) for i in range(len(now))):
            for i, c in enumerate(now, m.start()):
                yield LookAlike(i, i + 1, c, f"private use of {charset}")
    if full > 0:
        yield from _cantonese(line)
    for m in FOREIGN.finditer(line):
        c = private_use("hkscs").get(m[0], "")
        if c and (KANA.match(c) or (full > 0 and LATIN.match(c))):
            yield LookAlike(m.start(), m.end(), c, HKSCS)
    for m in BESIDE.finditer(line) if full > 0 else ():
        c = private_use(charset).get(m[0], "")
        if c and c in CANTONESE and not PRIVATE.match(line, m.start()):
            yield LookAlike(m.start(), m.end(), c, f"private use of {charset}")


def _cantonese(line: str) -> Iterator[LookAlike]:
    """Grammatical words beside marks, where others in the line show that it is Cantonese."""
    known = private_use("hkscs")
    if not any(known.get(c, c) in CANTONESE for c in AMONG.sub("", line)):
        return
    for m in AMONG.finditer(line):
        if all(known.get(c, c) in CANTONESE for c in m[0]):
            for i, c in enumerate(m[0], m.start()):
                yield LookAlike(i, i + 1, known[c], HKSCS)


def _belongs(before: str, c: str, after: str) -> bool:
    """Is `c` a common character, or known to stand beside its neighbours?"""
    return share(c) > -11.5 or before + c in logs() or c + after in logs() or c in CANTONESE


def _invisible(line: str) -> Iterator[LookAlike]:
    if COMPLEX.search(line) or not re.search(f"[{HAN}]", line):
        return
    for m in INVISIBLE.finditer(line):
        before, after = line[m.start() - 1 : m.start()], line[m.end() : m.end() + 1]
        if "\u200d" in m[0] and (_emoji(before) or _emoji(after)):
            continue
        yield LookAlike(m.start(), m.end(), "", "invisible character")


def _emoji(c: str) -> bool:
    return c != "" and (ord(c) in EMOJI or c in "\ufe0f♂♀⚕❤")
