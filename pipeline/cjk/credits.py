"""Where 著 stands behind an author's name and means "written by", so that it stays.

Either a line, a bracket or a space, a surname and the rest of the name, 著, an end: （沈從文著).  Or, between
a title, a bracket or a dash and a comma: 《邊城》，沈從文著，... — 沈從文著，...
"""
from __future__ import annotations

import re

CREDIT_END = re.compile(
    r"著(?=$|[）)/／\]】|]|[，,][ \t]*(?:\d{4}|[^，,。\n]{2,12}(?:出版|書局|书局|書店|书店|書房|印書館|印书馆))"
    r"|(?P<comma>[，,]))", re.MULTILINE)
CREDIT = re.compile(r"(?:^|[（(/／》\s])(?P<surname>[\u4e00-\u9fff])[\u4e00-\u9fff·]{1,4}"
                    r"(?:[、，,][\u4e00-\u9fff·]{2,5}){0,3}[等合編编]?$", re.MULTILINE)
BETWEEN = re.compile(r"(?:[》」』][，,:：]?[ \t]*|[—–-][ \t]|[（(])(?P<surname>[\u4e00-\u9fff])[\u4e00-\u9fff]{1,2}"
                     r"(?:、[\u4e00-\u9fff]{2,3})*(?<![看笑說说想等站坐拿帶带走聽听望盯守抱握哭唱跟隨随對对])[等合編编]?$")
LONGEST_CREDIT = 28  # characters of the names


def credits(text: str, surnames: frozenset[str]) -> list[int]:
    """Return the places of 著 in credits.

    >>> credits("《邊城》（沈從文著），他說著", frozenset("沈"))
    [8]
    """
    found = []
    for end in CREDIT_END.finditer(text) if "著" in text else ():
        reach = max(0, end.start() - LONGEST_CREDIT), end.start()
        credit = BETWEEN.search(text, *reach) or (None if end["comma"] else CREDIT.search(text, *reach))
        if credit and credit["surname"] in surnames:
            found.append(end.start())
    return found
