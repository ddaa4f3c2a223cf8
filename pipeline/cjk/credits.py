"""Where 著 means to write, so that it stays: behind an author's name, before 有 and what was written.

Either a line, a bracket or a space, a surname and the rest of the name, 著, an end: （沈從文著).  Or, between
a title, a bracket or a dash and a comma: 《邊城》，沈從文著，... — 沈從文著，...  Or with spaces around: 沈從文 著.
"""
from __future__ import annotations

import re

CREDIT_END = re.compile(
    r"著(?=$|[）)/／\]】|]|[，,][ \t]*(?:\d{4}|[^，,。\n]{2,12}(?:出版|書局|书局|書店|书店|書房|印書館|印书馆))"
    r"|(?P<comma>[，,]))", re.MULTILINE)
CREDIT = re.compile(r"(?:^|[（(/／》\s])(?P<surname>[\u4e00-\u9fff])[\u4e00-\u9fff·]{1,4}"
                    r"(?:[、，,][\u4e00-\u9fff·]{2,5}){0,3}[等合編编]?\Z", re.MULTILINE)
BETWEEN = re.compile(r"(?:[》」』][，,:：]?[ \t]*|[—–-][ \t]|[（(])(?P<surname>[\u4e00-\u9fff])[\u4e00-\u9fff]{1,2}"
                     r"(?:、[\u4e00-\u9fff]{2,3})*(?<![看笑說说想等站坐拿帶带走聽听望盯守抱握哭唱跟隨随對对])[等合編编]?\Z")
APART_END = re.compile(r"著(?=$|[ \u3000，,;；|）)])", re.MULTILINE)
APART = re.compile(r"(?:^|[：:（(/／》。，,\s])(?P<surname>[\u4e00-\u9fff])[\u4e00-\u9fff·]{1,3}[ \u3000]\Z",
                   re.MULTILINE)
WORKS = re.compile(r"著有(?=[^，,。；;\n]{0,8}?(?:《|〈|集|論|论|小說|小说|書|书|詩|诗|散文|作品|劇|剧|譯|译|文章))")
BEFORE_WORKS = frozenset("，,。；;、「（( \t\n\u3000曾並并另還还亦也他她氏者要尚又後后共")
LONGEST_CREDIT = 28  # characters of the names


def credits(text: str, surnames: frozenset[str]) -> list[int]:
    """Return the places of 著 that means to write.

    >>> credits("《邊城》（沈從文著），他說著", frozenset("沈"))
    [8]
    """
    if "著" not in text:
        return []
    # every pattern that runs over the whole text begins with 著 itself: a search finds that fast
    found = [m.start() for m in WORKS.finditer(text) if not m.start() or text[m.start() - 1] in BEFORE_WORKS]
    if " 著" in text or "\u3000著" in text:
        found += [end.start() for end in APART_END.finditer(text) if _credit(APART, text, end.start(), surnames)]
    for end in CREDIT_END.finditer(text):
        if _credit(BETWEEN, text, end.start(), surnames) or (
                not end["comma"] and _credit(CREDIT, text, end.start(), surnames)):
            found.append(end.start())
    return found


def _credit(pattern: re.Pattern[str], text: str, end: int, surnames: frozenset[str]) -> bool:
    found = pattern.search(text, max(0, end - LONGEST_CREDIT), end)
    return found is not None and found["surname"] in surnames
