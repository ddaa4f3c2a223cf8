"""The rounds of mojibake repair, one function each: text and its signs in, changes out."""
from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import NamedTuple

from pipeline.cjk import damage, injection, lookalikes, repair, slips
from pipeline.cjk.belief import Repair
from pipeline.cjk.changes import Change
from pipeline.cjk.escapes import escapes
from pipeline.cjk.gate import Signs
from pipeline.cjk.gate_tables import LOOKALIKE, LOST, SURROGATE, TONE
from pipeline.cjk.separators import separators

# UTF-8 read as Latin-1 or cp1252: what ftfy is asked about, after our own repairs.
ABOUT_ESCAPES = re.compile(repair.ABOUT.pattern + "|实体|實體|转义|轉義|escape|entit|unicode", re.IGNORECASE)
# Lines; of very long ones parts that end at a mark or in plain ASCII, which a byte order one off does not outlast.
LINES = re.compile("[^\n]{0,2000}(?:\n|\\Z)|[^\n]{2000,3000}?[，。！？；)](?![?(])|[^\n]{2001,3000}|\n")
VAIN = 100  # searches for a byte slip that found none: a text full of such signs is something else
FEW = 20  # escapes; text about escapes shows less
DENSE = re.compile("[\x80-\x9f\xa1-\xff\u0152-\u02dc\u2013-\u203a€™]{6}")  # GBK or Big5: not for ftfy
CHINESE = re.compile(f"[{damage.HAN}]")
CODE = re.compile(  # programs name damage on purpose: an assignment of a string, a named argument
    "^\\s*[\\w.]+\\s*=\\s*[rbuf]?[\"']|\\w\\(\\w+=[rbuf]?[\"']")
FTFY_GATE = re.compile("[\xc2-\xf4][\x80-\xbf\u0152-\u02dc\u2013-\u203a€™]")


class Settings(NamedTuple):
    """What the rounds need of the stage's settings."""

    misreadings: bool = True
    invisible: bool = True
    private_use: bool = True
    margin: float = 1.0


def undo_escapes(text: str, signs: Signs, settings: Settings) -> list[Change]:
    """Entities, percent-encoding, \\u escapes, surrogate halves."""
    if not ("&" in text or "%" in text or "\\u" in text or signs.bits & SURROGATE):
        return []
    found = escapes(text, bool(signs.bits & SURROGATE))
    if len(found) < FEW and any(ABOUT_ESCAPES.search(text, max(0, e.start - repair.AROUND), e.end + repair.AROUND)
                                for e in found):
        return []
    return [Change(e.start, e.end, e.now, e.why) for e in found]


def undo_injections(text: str, signs: Signs, settings: Settings) -> list[Change]:
    """Injected pinyin, with what it did to the bytes around it."""
    if not signs.bits & TONE or ")" not in text or not (injection.WHOLE.search(text) or injection.ORPHAN.search(text)):
        return []
    table = injection.page_table(text)
    if not table:
        return []
    out, start = [], 0
    for line in LINES.findall(text):
        if injection.PIECE.search(line):
            for i in injection.undo_line(line, table):
                why = "byte-level injection" if i.now else "injected pinyin"
                note = _note(Repair(0, 0, i.now, why, "", i.gain, i.margin, True, i.others)) if i.now else ""
                out.append(Change(start + i.start, start + i.end, i.now, why, "", note))
        start += len(line)
    return out


def undo_misreadings(text: str, signs: Signs, settings: Settings) -> list[Change]:
    """Text written in one charset and read in another."""
    if not signs.alarms and not signs.latin:
        return []
    return [Change(r.start, r.end, r.now, r.channel, r.codec, _note(r))
            for r in repair.repairs(text, signs, settings.margin)]


def _note(r: Repair) -> str:
    """Return what is recorded of a decision, as JSON."""
    told = {"channel": r.channel, "score": round(r.gain, 1), "margin": round(min(r.margin, 99.0), 1),
            "exact": r.exact, "candidates": list(r.others)}
    return json.dumps(told | ({"loss": r.policy} if r.policy else {}), ensure_ascii=False)


def take_sound(text: str, signs: Signs, settings: Settings) -> list[Change]:
    """Damaged passages that stand undamaged elsewhere in the document."""
    if "?" not in text and not signs.bits & LOST and not damage.dead(text):
        return []
    note = json.dumps({"channel": "consensus", "exact": True})
    return [Change(a, b, now, "sound copy", "", note) for a, b, now in damage.align_sound(text, text)
            if CHINESE.search(text[max(0, a - damage.ANCHOR) : a] + now + text[b : b + damage.ANCHOR])]


def undo_slips(text: str, signs: Signs, settings: Settings) -> list[Change]:
    """Text in GBK read one byte off behind a ``?``; after consensus, which needs no guess."""
    if "?" not in text or text.isascii():
        return []
    out, vain = list[Change](), 0
    for m in slips.SIGN.finditer(text):
        if (out and m.start() < out[-1].end) or vain > VAIN or slips.reads_on(text, m):
            continue
        near = max(0, m.start() - repair.AROUND)
        start = max(near, text.rfind("\n", near, m.start()) + 1)
        line = text[start : m.end() + repair.AROUND].split("\n", 1)[0]
        here = slips.SIGN.match(line, m.start() - start)
        s = slips.undo_slip(line, here, settings.margin) if here and not repair.ABOUT.search(line) else None
        vain += not s
        if s:
            told = Repair(0, 0, s.now, "gbk byte slip", "", s.gain, s.margin, True, s.others)
            out.append(Change(s.start + start, s.end + start, s.now, told.channel, "", _note(told)))
    return out


def undo_look_alikes(text: str, signs: Signs, settings: Settings) -> list[Change]:
    """Radicals, compatibility ideographs, private use, invisible characters."""
    if not signs.bits & LOOKALIKE:
        return []
    return [Change(*found) for found in lookalikes.look_alikes(text)
            if (settings.invisible or found.why != "invisible character")
            and (settings.private_use or not found.why.startswith("private"))]


def undo_separators(text: str, signs: Signs, settings: Settings) -> list[Change]:
    """Marks between all characters of a run."""
    return [Change(a, b, "", "separator") for a, b in separators(text)]


def ask_ftfy(text: str, signs: Signs, settings: Settings) -> list[Change]:
    """What ftfy repairs in European text; lines that our rounds would have repaired are done by now."""
    if not signs.latin or not FTFY_GATE.search(text):
        return []
    out, start = [], 0
    for line in text.split("\n"):
        if FTFY_GATE.search(line) and not (DENSE.search(line) or repair.ABOUT.search(line) or CODE.search(line)):
            import ftfy  # slow, and hardly ever needed

            now = ftfy.fix_encoding(line)
            if now != line:
                out.append(_narrowed(start, line, now))
        start += len(line) + 1
    return out


def _narrowed(start: int, was: str, now: str) -> Change:
    lo = 0
    while lo < min(len(was), len(now)) and was[lo] == now[lo]:
        lo += 1
    hi = 0
    while hi < min(len(was), len(now)) - lo and was[-1 - hi] == now[-1 - hi]:
        hi += 1
    return Change(start + lo, start + len(was) - hi, now[lo : len(now) - hi], "ftfy")


Round = Callable[[str, Signs, Settings], list[Change]]
ROUNDS: tuple[tuple[str, Round], ...] = (
    ("escapes", undo_escapes), ("injections", undo_injections), ("misreadings", undo_misreadings),
    ("consensus", take_sound), ("slips", undo_slips),
    ("look_alikes", undo_look_alikes), ("separators", undo_separators), ("ftfy", ask_ftfy))
