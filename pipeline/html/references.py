"""Character references: which pieces of text are one, and what each says.

The table is the HTML standard's (html.entities).  A reference without a semicolon counts only for the names that the
standard allows, and not before a letter, digit or `=`: ``?a=1&copy=2`` in running text is an address.
"""
from __future__ import annotations

import html
import re
from html.entities import html5

PATTERN = re.compile(r"&#(?:[xX][0-9a-fA-F]{1,8}(?![0-9a-fA-F])|[0-9]{1,9}(?![0-9]));?"
                     r"(?:&#(?:[xX][dD][c-fC-F][0-9a-fA-F]{2}|5[67]\d{3});)?"
                     r"|&[a-zA-Z][a-zA-Z0-9]{1,31}(?:;|(?![a-zA-Z0-9=;]))")
_PAIR = re.compile(r"&#([^;&]+);&#([^;&]+);\Z")


def read(reference: str) -> str:
    """Return what a match of PATTERN says; the text itself where it is no reference.

    >>> read("&nbsp;") == "\\xa0", read("&#x4E2D;"), read("&#55357;&#56832;"), read("&nothing;")
    (True, '中', '😀', '&nothing;')
    """
    if reference.startswith("&#"):
        if pair := _PAIR.match(reference):
            high, low = (int(n[1:], 16) if n[0] in "xX" else int(n) for n in pair.groups())
            if 0xD800 <= high < 0xDC00 <= low < 0xE000:  # the halves of a surrogate pair, written one by one
                return chr(0x10000 + ((high - 0xD800) << 10) + low - 0xDC00)
        said = html.unescape(reference)
        return said if said else "\ufffd"
    return html5.get(reference[1:], reference)
