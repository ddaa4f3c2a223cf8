"""Whether a plain text file is a saved web page."""
from __future__ import annotations

import re

_HEAD = re.compile(r"\s*(?:<\?xml[^>]{0,200}>\s*|<!--(?:(?!-->).){0,2000}-->\s*){0,5}"
                   r"<(?:!doctype\s+html|html|head|body|title|meta)\b", re.I | re.S)
_TAG = re.compile(r"</?(?:a|article|b|br|center|div|em|font|form|h[1-6]|head|hr|i|img|input|li|link|meta|ol|p|pre|"
                  r"script|section|span|strong|style|sup|table|tbody|td|th|title|tr|u|ul)(?:\s[^<>]{0,500})?/?>", re.I)
_HAN = re.compile(r"[\u3400-\u9fff]")
FEW, SHARE = 10, 0.9
SAMPLE = 200_000


def is_html(text: str) -> bool:
    """Return whether `text` is HTML though nobody said so.

    It begins like a page, or it has at least ten known tags and nine tenths of its Han characters stand on
    lines with tags: a page saved without its head. An article that shows HTML has its sentences on lines of
    their own.

    >>> is_html("<!DOCTYPE html><title>一</title>"), is_html("用 <br> 换行，用 <p> 分段。")
    (True, False)
    """
    if _HEAD.match(text):
        return True
    sample = text[:SAMPLE]
    if sample.count("<") < FEW or "```" in sample or len(_TAG.findall(sample)) < FEW:
        return False
    tagged = total = 0
    for line in sample.splitlines():
        n = len(_HAN.findall(line))
        total += n
        tagged += n if _TAG.search(line) else 0
    return tagged >= SHARE * total
