"""What stays as it is inside text that is converted: quoted Japanese, addresses, and quoted Traditional.

An address with Traditional characters in it (…/wiki/臺灣) leads nowhere once it is converted.
"""
from __future__ import annotations

import re
from itertools import accumulate

from pipeline.cjk.census import count

KANA = "\u3041-\u3096\u30a1-\u30fa\u30fc"
IS_KANA = re.compile(f"[{KANA}]")
MARKS = "「」『』“”\"《》〈〉（）()【】"
KANA_TO_MARK = re.compile(rf"[{KANA}][^{MARKS}\n]*(?=[{MARKS}])")
LONGEST_QUOTATION = 100  # characters before the first kana
HAN = "\u3400-\u4dbf\u4e00-\u9fff"
STOPS = rf"\s{HAN}\u3000-\u303f\uff00-\uffef“”‘’…—<>\"'"
# both start with literal characters, which a search finds fast
ADDRESS = re.compile(rf"://[^{STOPS}]*(?:(?:(?<=[/=_#?&:-])|(?<=_\())[{HAN}]+[^{STOPS}]*)*")
QUOTATION = re.compile("(?=(「[^」\n]{1,60}」|『[^』\n]{1,60}』|“[^”\n]{1,60}”|‘[^’\n]{1,60}’))")  # also inside others
LINK = re.compile(r"\]\(([^\s()]*)\)")


def quoted_japanese(text: str) -> list[tuple[int, int]]:
    """Return the quotations in `text` that are Japanese: one character in five or more is kana.

    >>> quoted_japanese("他唱了「後の祭り」這首歌")
    [(4, 8)]
    """
    found = []
    for match in KANA_TO_MARK.finditer(text):
        before = text[max(0, match.start() - LONGEST_QUOTATION) : match.start()]
        opened = max(map(before.rfind, MARKS))
        quotation = before[opened + 1 :] + match[0]
        if opened >= 0 and "\n" not in quotation and 5 * len(IS_KANA.findall(quotation)) >= len(quotation):
            found.append((match.end() - len(quotation), match.end()))
    return found


def addresses(text: str) -> list[tuple[int, int]]:
    """Return where addresses stand in `text`, from the colon after http on, and where links of Markdown lead.

    Han characters are part of an address only after a slash or the like, or in a title such as 李昂_(作家).

    >>> text = "見https://zh.wikipedia.org/wiki/臺灣。"
    >>> [text[start:end] for start, end in addresses(text)]
    ['://zh.wikipedia.org/wiki/臺灣']
    """
    spans = [match.span(1) for match in LINK.finditer(text)]
    spans += [(match.start(), match.start() + len(_trimmed(match[0]))) for match in ADDRESS.finditer(text)]
    return [(start, end) for start, end in spans if start < end]


def _trimmed(address: str) -> str:
    """Return an address without the punctuation of the sentence behind it; a bracket of its own stays."""
    while address[-1:] in set(",;:!?.") or (address[-1:] == ")" and address.count(")") > address.count("(")):
        address = address[:-1]
    return address


def quoted_traditional(text: str) -> list[tuple[int, int]]:
    """Return the Traditional quotations of Simplified lines: such a line speaks *of* the other script.

    Only where the line has nothing Traditional outside its quotations, and something Simplified.

    >>> text = "繁体字“後”与“后”不同,这样写。"
    >>> [text[start:end] for start, end in quoted_traditional(text)]
    ['“後”']
    """
    found = []
    lines = text.split("\n")
    for start, line in zip(accumulate((len(line) + 1 for line in lines), initial=0), lines, strict=False):
        quoted = []
        for match in QUOTATION.finditer(line):
            counts = count(match[1])
            if counts.get("traditional") and not counts.get("simplified"):
                quoted.append(match.span(1))
        if quoted:
            inside = {at for span in quoted for at in range(*span)}
            rest = count("".join(c for at, c in enumerate(line) if at not in inside))
            if rest.get("simplified", 0) and not rest.get("traditional", 0):
                found += [(start + a, start + b) for a, b in quoted]
    return found
