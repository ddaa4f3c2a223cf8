"""Lines that stand in many texts and are text all the same: common headings, closing formulas, numbered headings."""
from __future__ import annotations

import re
from functools import cache, lru_cache

from pipeline.cjk.linefold import fold
from pipeline.cjk.rules import document

LONGEST = 24  # code points of a heading with what stands around it
_BRACKETS = re.compile(r"^[\s\[【〖(<《■●◆▎]+|[\s\]】〗)>》:]+$")


def is_formula(line: str) -> bool:
    """Tell whether a line is a heading or formula that texts share (``data/rules/sitewide.toml``).

    >>> is_formula("參考文獻"), is_formula("第一章 总则"), is_formula("江城晚报")
    (True, True, False)
    """
    return bool(_pattern().fullmatch(fold(line)))


@lru_cache(maxsize=1 << 12)
def is_heading(line: str) -> bool:
    """Tell whether a line is a heading that articles, product pages and encyclopedias have (`headings`).

    >>> is_heading("【內容簡介】"), is_heading("相关阅读")
    (True, False)
    """
    return len(line) <= LONGEST and _BRACKETS.sub("", fold(line)) in _headings()


@cache
def _headings() -> frozenset[str]:
    return frozenset(document("boilerplate")["headings"].split())


@cache
def _pattern() -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{p})" for p in document("sitewide")["keep"]))
