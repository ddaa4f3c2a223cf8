"""The patches of a document in the fewest values, given the text they led to: what is written of it while it waits.

An edit need not say what it put where the text after it is at hand, and a recoding follows from its result.
So patches are packed as places, lengths and what was taken away, and unpacked from the last to the first, as
`pipeline.edits.undo` goes.
"""
from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any

from pipeline.edits import Edit, Patch, Tag, recode

Packed = tuple[tuple[str, int, tuple[Any, ...], tuple[Any, ...]], ...]


def pack(patches: Sequence[Patch]) -> Packed:
    """Return plain values that `unpack` makes the same patches of.

    >>> pack([Patch("spam", 6, (Edit(0, "广告", "", "ad"),))])
    (('spam', 6, (0, '广告', 0, 'ad', ''), ()),)
    """
    return tuple((stage, size, tuple(chain.from_iterable(map(_plain, edits))), tuple(chain.from_iterable(tags)))
                 for stage, size, edits, tags in patches)


def _plain(edit: Edit) -> tuple[Any, ...]:
    start, was, now, why, codec = edit
    return start, None if ">" in codec else was, len(now), why, codec


def unpack(text: str, packed: Packed) -> tuple[Patch, ...]:
    """Return the patches that were packed, given the text they led to."""
    patches: list[Patch] = []
    first = next((i for i, row in enumerate(packed) if row[2]), 0)
    for i in range(len(packed) - 1, -1, -1):
        stage, size, plain, tags = packed[i]
        edits, before = _unpacked(text, plain)
        patches.append(Patch(stage, size, edits, tuple(map(Tag._make, _by(4, tags)))))
        if edits and i > first:
            text = "".join(before)
    return tuple(reversed(patches))


def _unpacked(text: str, plain: Sequence[Any]) -> tuple[tuple[Edit, ...], list[str]]:
    """Return the edits that led to a text, and the pieces of the text before them."""
    edits: list[Edit] = []
    before: list[str] = []
    at = shift = 0
    for start, was, length, why, codec in _by(5, plain):
        here = start + shift
        now = text[here : here + length]
        if was is None:
            was = recode(now, codec)
        edits.append(Edit(start, was, now, why, codec))
        before += text[at:here], was
        at = here + length
        shift += length - len(was)
    before.append(text[at:])
    return tuple(edits), before


def _by(width: int, values: Sequence[Any]) -> Iterator[Any]:
    return zip(*[iter(values)] * width, strict=True)
