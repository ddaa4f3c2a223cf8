"""Lines that describe a picture, known by a mark before them or a credit behind them."""
from __future__ import annotations

import re
from functools import cache

from pipeline.cjk.rules import pattern

LONGEST = 150
_BYLINE = re.compile(r"(?:文|作者|撰文|记者|采访|文字|编辑) ?[/|:]")
_PARTS = re.compile(r"[图摄照影▲△▼▽]|photo|image credit")


def read_caption(line: str, folded: str) -> tuple[str, str] | None:
    """Return (rule, caption) if the line is a caption or a mere credit, else None.

    The credit stays in the caption: it belongs to the picture.

    >>> read_caption("▲傍晚的码头", "▲傍晚的码头")
    ('caption', '傍晚的码头')
    >>> read_caption("圖/視覺中國", "图/视觉中国")
    ('photo-credit', '')
    """
    if len(folded) > LONGEST or not _PARTS.search(folded):
        return None
    mark, position, alone, behind, told = _patterns()
    found = mark.match(folded) or position.match(folded)
    if found:
        value = line[found.end() :].strip()
        if folded[0] in "([【":
            value = value.rstrip(")）]】")
        return ("caption", value) if len(value) > 1 else None
    if alone.fullmatch(folded):
        return "photo-credit", ""
    if told.fullmatch(folded) or (behind.fullmatch(folded) and not _BYLINE.match(folded)):
        return "caption", line
    return None


@cache
def _patterns() -> tuple[re.Pattern[str], ...]:
    return tuple(pattern("metadata", key) for key in ("mark", "position", "credit_alone", "credit_behind", "told"))
