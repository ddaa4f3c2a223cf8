"""What is recorded of a repair, in words.

    >>> for line in told('{"channel": "utf-8 read as gbk", "score": 263.7, "margin": 1.7, "exact": true, '
    ...                  '"candidates": ["一不上"], "loss": "j1"}', 12): print(line)
    these 12 characters were UTF-8 read as GBK; bytes that mean nothing there showed U+FFFD one by one
    misread again, the result shows the same characters; it reads 263.7 nats better than they do
    the least certain guess won by 1.7 nats over all others together
    mark 1 may be 一, else 不 上
"""
from __future__ import annotations

import json
from collections.abc import Iterator

NAMES = {"utf-8": "UTF-8", "gbk": "GBK", "gb18030": "GB18030", "big5": "Big5", "latin-1": "Latin-1",
         "cp1252": "Windows-1252", "cp1250": "Windows-1250", "cp437": "code page 437", "mac-roman": "Mac Roman",
         "shift-jis": "Shift-JIS", "euc-kr": "EUC-KR"}
LOSSES = {"w1": "showed one ? for two", "w2": "showed one U+FFFD for two", "j1": "showed U+FFFD one by one",
          "del": "were deleted or showed U+FFFD", "w2?": "showed one ? for two, ASCII kept",
          "j1?": "showed ? one by one"}
SURE = 99.0  # nats: the margin of a repair that guessed nothing


def told(value: str, size: int) -> Iterator[str]:
    """Yield what a tag `repair` says of an edit that replaced `size` characters; other text is told as it is."""
    try:
        note = json.loads(value)
        channel = note["channel"]
    except (ValueError, TypeError, KeyError):
        yield value
        return
    yield f"these {size:,} characters {_damage(channel)}{_loss(note.get('loss', ''))}"
    if "score" in note:
        proof = ("misread again, the result shows the same characters" if note.get("exact")
                 else "misread again, the result does not show quite the same")
        yield proof + (f"; it reads {note['score']} nats better than they do" if note["score"] else "")
        margin = note.get("margin", SURE)
        yield ("no byte was guessed" if margin >= SURE and not note.get("candidates") else
               "nothing that stays was doubtful" if margin >= SURE else
               f"the least certain guess won by {margin} nats over all others together")
    for i, chosen in enumerate(note.get("candidates", ()), 1):
        yield f"mark {i} may be {chosen[0]}, else {' '.join(chosen[1:])}" if chosen else f"mark {i} may be anything"


def _damage(channel: str) -> str:
    if channel == "consensus":
        return "stand undamaged elsewhere in the document"
    if channel == "gbk byte slip":
        return "were GBK read one byte off, after a byte was overwritten"
    if channel == "byte-level injection":
        return "were GBK with pinyin pushed in between the bytes"
    if " read as " not in channel:
        return f"are a {channel}"
    layers = [layer.split(" read as ") for layer in channel.split(", ")]
    first = f"were {NAMES.get(layers[0][0], layers[0][0])} read as {NAMES.get(layers[0][1], layers[0][1])}"
    return first + "".join(f", written in {NAMES.get(w, w)} and read as {NAMES.get(r, r)}" for w, r in layers[1:])


def _loss(policy: str) -> str:
    return f"; bytes that mean nothing there {LOSSES[policy]}" if policy in LOSSES else ""
