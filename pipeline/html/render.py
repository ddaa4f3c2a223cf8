"""The edits that turn a page into its text: what is kept, and what stands between."""
from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from pipeline.html import references
from pipeline.html.page import Break, Page, Run


class Change(NamedTuple):
    """Characters [start, end) of the page become `now`, because of rule `why`."""

    start: int
    end: int
    now: str
    why: str


class Atom(NamedTuple):
    """Kept characters [start, end), and what goes before them."""

    start: int
    end: int
    gap: Break
    columns: int
    pre: bool


_WHOLE = ("chrome", "comments", "hidden")  # such cuts take the tags between them along
_PLAIN = " \t\n\r\f"
_EDGE = (r"[ \t\n\r\f\v\xa0\u3000\u2002\u2003\u2009\u200b\ufeff]"
         r"|&(?:nbsp|ensp|emsp|thinsp|#0*160|#0*12288|#[xX]0*[aA]0|#[xX]3000);")
_LEAD = re.compile(rf"(?:{_EDGE})*+")
_TAIL = re.compile(rf"(?:{_EDGE})\Z")
_LONGEST_EDGE = 12
_INSIDE = re.compile(rf"(?:[ \t\n\r\f\xa0]|&nbsp;|&#160;)+|{references.PATTERN.pattern}")
_IN_PRE = re.compile(rf"\r\n?|{references.PATTERN.pattern}")
_LINK = re.compile(r"</?a\b", re.I)
_RAISED = re.compile(r"<sup\b[^<>]*>", re.I)
_POWER = re.compile(r"[-+\u2212\u2013]?\d{1,3}|n")
_BASE = re.compile(r"(?:\d|(?<![A-Za-z])[A-Za-z]{1,3})\Z")
_WIDE = re.compile("[\u2e80-\u9fff\uf900-\ufaff\ufe30-\ufe4f\uff00-\uffef\U00020000-\U0003ffff“”‘’…—]")


def changes(page: Page, whys: Sequence[str]) -> Iterator[Change]:
    """Yield the changes that leave the text of the runs whose why is empty, one line a block.

    >>> from pipeline.html.page import parse
    >>> [(c.now, c.why) for c in changes(parse("<p>A&amp;B</p>\\n<p>二</p>"), ["", ""])]
    [('', 'tag'), ('&', 'entity'), ('', 'tag'), ('', 'tag'), ('', 'tag')]
    """
    text, at = page.text, 0
    cuts = _Cuts(page, whys)
    for atom in _atoms(page, whys):
        yield from cuts.between(at, atom.start, _join(text, at, atom))
        yield from _within(text, atom)
        at = atom.end
    yield from cuts.between(at, len(text), "")


def _atoms(page: Page, whys: Sequence[str]) -> Iterator[Atom]:
    """Yield what is kept, trimmed at line ends, with the break before each."""
    atoms: list[Atom] = []
    gap, columns = Break.LINE, 0
    for run, why in zip(page.runs, whys, strict=True):
        columns += run.columns if run.gap is Break.CELL else 0
        gap = max(gap, run.gap)
        if why:
            continue
        if gap >= Break.CELL:
            gap = _end_line(page.text, atoms, gap)
            yield from atoms
            atoms.clear()
        start, end = _trim(page.text, run, gap)
        if run.start < start < run.end and gap is Break.NONE:
            gap = Break.SPACE
        if start < end:
            atoms.append(Atom(start, end, gap, max(columns, 1), run.pre))
            gap, columns = Break.NONE if end == run.end else Break.SPACE, 0
        else:
            gap = max(gap, Break.SPACE)
    _end_line(page.text, atoms, Break.LINE)
    yield from atoms


def _end_line(text: str, atoms: list[Atom], gap: Break) -> Break:
    """Trim the end of the last line; return the break that now stands before the next."""
    while atoms:
        last = atoms[-1]
        end = last.end
        while end > last.start and (space := _TAIL.search(text, max(last.start, end - _LONGEST_EDGE), end)):
            end = space.start()
        if end > last.start:
            atoms[-1] = last._replace(end=end)
            break
        gap = max(gap, atoms.pop().gap)
    return gap


def _trim(text: str, run: Run, gap: Break) -> tuple[int, int]:
    start, end = run.start, run.end
    if run.pre:
        if gap >= Break.CELL:
            while start < end and text[start] in "\r\n":
                start += 1
            if not text[start:end].strip():
                return end, end
        return start, end
    if gap >= Break.CELL:
        start = _LEAD.match(text, start, end).end()  # type: ignore[union-attr]
    else:
        while start < end and text[start] in _PLAIN:
            start += 1
    while end > start and text[end - 1] in _PLAIN:
        end -= 1
    return start, end


def _join(text: str, at: int, atom: Atom) -> str:
    """Return what goes between the text that ends at `at` and `atom`."""
    if not at:
        return ""
    if atom.gap is Break.NONE:
        return "^" if _is_power(text, at, atom) else ""
    if atom.gap is Break.LINE:
        return "\n"
    if atom.gap is Break.CELL:
        return "\t" * atom.columns
    between = text[at : atom.start]
    return _space(between, text[at - 1], text[atom.start])


def _is_power(text: str, at: int, atom: Atom) -> bool:
    """Is `atom` a raised number behind a number or a short unit?  10<sup>8</sup> must not become 108."""
    return bool(_RAISED.fullmatch(text, at, atom.start) and _POWER.fullmatch(text, atom.start, atom.end)
                and _BASE.search(text, max(0, at - 8), at))


def _space(between: str, before: str, after: str) -> str:
    """Return the space that stands for white space: none for a line end of the source between two wide characters."""
    wrapped = "\n" in between or "\r" in between
    if wrapped and not _LINK.search(between) and _WIDE.match(before) and _WIDE.match(after):
        return ""
    return " "


def _within(text: str, atom: Atom) -> Iterator[Change]:
    for found in (_IN_PRE if atom.pre else _INSIDE).finditer(text, atom.start, atom.end):
        was = found[0]
        if was == " ":
            continue
        if was[0] == "&" and not was.startswith(("&nbsp;", "&#160;")):
            now, why = references.read(was), "entity"
        elif atom.pre:
            now, why = "\n" if was[0] == "\r" else " ", "space"
        else:
            before, after = text[found.start() - 1], text[found.end() : found.end() + 1]
            now, why = _space(was, before, after), "entity" if "&" in was else "space"
        if now != was:
            yield Change(found.start(), found.end(), now, why)


class _Cuts:
    """What is cut between two kept pieces, by rule: dropped text, comments, scripts, and else tags."""

    def __init__(self, page: Page, whys: Sequence[str]) -> None:
        self.text = page.text
        dropped = [(run.start, run.end, why) for run, why in zip(page.runs, whys, strict=True) if why]
        self.cuts = sorted(page.cuts + dropped)
        self.next = 0

    def between(self, start: int, end: int, join: str) -> Iterator[Change]:
        """Yield the changes that make [start, end) into `join`."""
        if start == end or self.text[start:end] == join:
            return
        parts = self._parts(start, end)
        carrier = next((k for k in range(len(parts) - 1, -1, -1) if parts[k][2] in ("tag", "space")), len(parts) - 1)
        for k, (lo, hi, why) in enumerate(parts):
            if k == carrier and join:
                yield from self._carry(lo, hi, join, why)
            else:
                yield Change(lo, hi, "", why)

    def _carry(self, lo: int, hi: int, join: str, why: str) -> Iterator[Change]:
        """Yield the changes that make [lo, hi) into `join`: kept where it stands, else put for the first tag."""
        at = self.text.find(join, lo, hi)
        if at < 0:
            end = self.text.find(">", lo, hi) + 1 or hi
            yield Change(lo, end, join, why)
        else:
            end = at + len(join)
            if lo < at:
                yield Change(lo, at, "", why)
        if end < hi:
            yield Change(end, hi, "", why)

    def _parts(self, start: int, end: int) -> list[tuple[int, int, str]]:
        parts: list[tuple[int, int, str]] = []
        at = start
        while self.next < len(self.cuts) and self.cuts[self.next][0] < end:
            lo, hi, why = self.cuts[self.next]
            self.next += 1
            if hi <= at:
                continue
            if at < lo:
                self._add(parts, at, lo, "tag" if "<" in self.text[at:lo] else "space")
            self._add(parts, max(at, lo), hi, why)
            at = hi
        if at < end:
            self._add(parts, at, end, "tag" if "<" in self.text[at:end] else "space")
        return parts

    @staticmethod
    def _add(parts: list[tuple[int, int, str]], lo: int, hi: int, why: str) -> None:
        """Append a part; tags and white space inside one cut are part of it."""
        if len(parts) > 1 and parts[-1][2] in ("tag", "space") and parts[-2][2] == why and why in _WHOLE:
            lo = parts[-2][0]
            del parts[-2:]
        elif parts and (parts[-1][2] == why or "space" in (parts[-1][2], why)):
            why = why if parts[-1][2] == "space" else parts[-1][2]
            lo = parts.pop()[0]
        parts.append((lo, hi, why))
