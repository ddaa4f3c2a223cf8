"""The lines of a text, and the edits in white space that leave one newline between paragraphs."""
from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

BREAKS = "\n\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"
_LINE = re.compile(rf"[^\s\u200b\ufeff\u2060](?:[^{BREAKS}]*[^\s\u200b\ufeff\u2060])?")
_CODE = re.compile(
    r"[#@]?(?:def|class|return|import|from|if|elif|else|for|while|try|except|finally|with|func|function|var|let|const|int|void|"
    r"char|float|double|public|private|static|switch|case|print|echo|end|do|done|fi|then|break|continue|include|select|insert|"
    r"update|where)\b.*[\w(){};:=,'\"\[\]>]$|.*[{};,\\(\[]$|[})\]]+[;,)]*$|[\w.\[\]\"']+ ?[-+*/|&]?=[= ]?.*|"
    r"[\w.:>-]+\(.*\)[;:{ ]*.*|(?://|#|/\*|\*|--|<!--|<\w|</).*|[\w\"'.-]+: ?.*|\$ .*|-{1,2}\w.*|"
    r"- [\x21-\x7e][\x20-\x7e]*")
_HAN = re.compile(r"[\u3400-\u9fff]")


class Line(NamedTuple):
    """A line without the blanks at its ends, [start, end); `fenced`: it stands in a ``` block or is code."""

    start: int
    end: int
    fenced: bool = False


class Cut(NamedTuple):
    """Replace [start, end) by `now`, because `why`."""

    start: int
    end: int
    now: str
    why: str


def split(text: str) -> list[Line]:
    """Return the lines of `text` that hold more than blanks.

    >>> [text[a:b] for text in ["　　甲 \\r\\n\\r\\n乙"] for a, b, _ in split(text)]
    ['甲', '乙']
    """
    lines = [Line(*found.span()) for found in _LINE.finditer(text)]
    if "```" in text or "~~~" in text:
        return list(_fence(text, lines))
    return lines


def _fence(text: str, lines: list[Line]) -> Iterator[Line]:
    marks = [i for i, (start, _, _) in enumerate(lines) if text.startswith(("```", "~~~"), start)]
    pairs = iter(zip(marks[::2], marks[1::2], strict=False))  # a fence that is never closed fences nothing
    first, last = next(pairs, (len(lines), len(lines)))
    for i, line in enumerate(lines):
        if i > last:
            first, last = next(pairs, (len(lines), len(lines)))
        yield line._replace(fenced=True) if first <= i <= last else line


def is_code(text: str, line: Line) -> bool:
    """Tell whether an indented line is evidently code, so that its indentation has a meaning."""
    if line.fenced:
        return True
    body = text[line.start : min(line.end, line.start + 200)]
    if len(_HAN.findall(body)) * 3 > len(body) and not body.startswith(("#", "//", "print", "echo")):
        return False
    return bool(_CODE.fullmatch(body.rstrip()))


def layout(text: str, lines: Sequence[Line], why: Sequence[str]) -> Iterator[Cut]:
    """Yield the cuts that take lines and needless white space away, in order.

    `why` names, for every line, the rule that removes it, or is empty for a line that stays.
    Paragraphs end up separated by exactly one newline, without one at the end.
    """
    at, kept = 0, False
    for (start, end, fenced), rule in zip(lines, why, strict=True):
        if rule:
            yield Cut(at, end, "", rule)
        elif not kept:
            kept = True
            if start > at:
                yield Cut(at, start, "", "blank-lines" if _breaks(text, at, start) else "indent")
        elif start == at + 2 and text.startswith("\n\n", at):
            yield Cut(at + 1, start, "", "blank-lines")
        elif start != at + 1 or text[at] != "\n":
            yield from _gap(text, at, Line(start, end, fenced))
        at = end
    if at < len(text):
        yield Cut(at, len(text), "", "blank-lines")


def _breaks(text: str, start: int, end: int) -> bool:
    return any(c in BREAKS for c in text[start:end])


def _gap(text: str, at: int, line: Line) -> Iterator[Cut]:
    """Yield the cuts between a line that stays, which ended at `at`, and `line`, which stays too."""
    gap = text[at : line.start]
    mark = gap.find("\n")
    if mark < 0:
        mark = next(i for i, c in enumerate(gap) if c in BREAKS)
    if mark:
        yield Cut(at, at + mark, "", "line-ends" if "\r" in gap[:mark] else "trailing-blanks")
    if gap[mark] != "\n":
        yield Cut(at + mark, at + mark + 1, "\n", "line-ends")
    rest = gap[mark + 1 :]
    indent = len(rest) - len(rest.lstrip(" \t")) if rest.strip(" \t") == "" else len(rest) - len(rest.rstrip(" \t"))
    keep = len(rest[len(rest) - indent :]) if indent and _indented(text, line, rest[len(rest) - indent :]) else 0
    cut = rest[: len(rest) - keep]
    if cut:
        here = at + mark + 1
        yield Cut(here, here + len(cut), "", "blank-lines" if _breaks(cut, 0, len(cut)) else "indent")


def _indented(text: str, line: Line, indent: str) -> bool:
    """Tell whether blanks before a line must stay: code, or the empty first cell of a table's row."""
    if indent.endswith("\t") and "\t" in text[line.start : line.end]:
        return True
    return is_code(text, line)
