"""Half-width punctuation inside Chinese text, and its full-width form.

Source: GB/T 15834-2011 (General rules for punctuation).  Only what is beyond doubt: a mark changes if a Han
character, or a mark that is Chinese alone, stands at its side; never between letters or digits, in an
address, or in a bracket pair that touches no Han character.  Quotation marks and spaces stay.
"""
from __future__ import annotations

import re
from collections.abc import Iterator, Set
from typing import NamedTuple

from pipeline.cjk.kept import addresses

HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af"
CHINESE = HAN + "》〉」』】）、。，；：！？…"
FULL = {",": "，", ";": "；", ":": "：", "!": "！", "?": "？", "(": "（", ")": "）"}
TABLE = str.maketrans(FULL)
AFTER_CHINESE = rf"(?<=[{CHINESE}])[,;:!?]+(?![()\[\]/\\<>=_*^|-])"
BEFORE_CHINESE = rf"(?<![\s,;:!?&=/\\<>_*|-])[,;:!?]+(?=[{HAN}《「『“（])"
RUN = re.compile(f"{AFTER_CHINESE}|{BEFORE_CHINESE}")
STOP = re.compile(rf"(?<=[{HAN}）])(?:\.(?=[”’」』]?\s*$)|\.{{3,6}}(?!\.))", re.MULTILINE)
LONGEST_BRACKET = 100  # characters of a bracket looked through; brackets in brackets must not cost their square
BRACKET = re.compile(r"[()\n]")
MAIL = re.compile(r"[\w.+-]{1,64}@[\w.-]+\w|www\.[^\s,;()]*\w", re.ASCII)
ENTITY = re.compile(r"&#?\w{2,8};")
IS_HAN = re.compile(f"[{HAN}]")


class Mark(NamedTuple):
    """[start, end) should read `now`."""

    start: int
    end: int
    now: str


def full_width(text: str, kept: Set[int] = frozenset()) -> list[Mark]:
    """Return the half-width marks of `text` that should be full-width, in order; those at the places `kept` stay.

    >>> [mark.now for mark in full_width("今天,3:00见(老地方)!")]
    ['，', '（', '）', '！']
    """
    if not IS_HAN.search(text):
        return []
    spans = [*addresses(text), *(m.span() for pattern in (MAIL, ENTITY) for m in pattern.finditer(text))]
    fixed = {at for span in spans for at in range(*span)} | kept
    marks = [mark for pair in _brackets(text) if not any(mark.start in fixed for mark in pair) for mark in pair]
    now = list(text)
    for mark in marks:
        now[mark.start] = mark.now
    seen = "".join(now)  # what stands after a bracket is judged by the bracket it will be
    marks += [Mark(*m.span(), m[0].translate(TABLE)) for m in RUN.finditer(seen)]
    marks += [Mark(*m.span(), "。" if len(m[0]) == 1 else "……") for m in STOP.finditer(seen)]
    return sorted(mark for mark in marks if mark.start not in fixed)


def _brackets(text: str) -> Iterator[tuple[Mark, Mark]]:
    """Yield both brackets of each pair on one line that holds a Han character or touches one."""
    opened: list[int] = []
    for match in BRACKET.finditer(text):
        at = match.start()
        if match[0] == "\n":
            opened.clear()
        elif match[0] == "(":
            opened.append(at)
        elif opened:
            start = opened.pop()
            if _is_chinese(text, start, at):
                yield Mark(start, start + 1, "（"), Mark(at, at + 1, "）")


def _is_chinese(text: str, start: int, end: int) -> bool:
    before, after = text[max(start - 2, 0) : start], text[end + 1 : end + 2]
    if before.endswith(("]", "\\")):
        return False  # a link of Markdown, a formula
    touches = IS_HAN.match(before[-1:]) or (IS_HAN.match(after) and not before[-1:].strip())
    if before[-1:] == " " and not IS_HAN.match(before):
        return bool(touches)  # Latin text with a Chinese gloss
    return bool(touches or IS_HAN.search(text, start, min(end, start + LONGEST_BRACKET)))
