"""A text and its patches in the fewest values: what is pickled of a document.

An edit need not say what it replaced while the text it was made to is at hand.  So a document is packed as the text
it started from and the edits as places and lengths, and unpacked by making the edits again.  A decoding of all
bytes is packed as what it gave, which is shorter than the bytes as characters.
"""
from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any

from pipeline.edits import Edit, Patch, Tag, recode, rewind

Packed = tuple[Any, ...]


def pack(text: str, patches: Sequence[Patch]) -> Packed:
    """Return plain values that `unpack` makes the same text and patches of.

    Raises:
        EditError: the patches did not lead to this text.
    """
    decoded = next((p.edits[0] for p in patches[:1] if _decodes_all(p)), None)
    base = decoded.now if decoded else rewind(text, patches)
    return base, *((p.stage, p.size, tuple(chain.from_iterable(_plain(e, e is decoded) for e in p.edits)),
                    tuple(chain.from_iterable(p.tags))) for p in patches)


def unpack(packed: Packed) -> tuple[str, tuple[Patch, ...]]:
    """Return the text and the patches that were packed."""
    text, *rows = packed
    patches: list[Patch] = []
    for stage, size, edits, tags in rows:
        marks = tuple(map(Tag._make, _by(4, tags)))
        if edits and edits[1] is None:  # the decoding, which `text` is through already
            codec = edits[4]
            patches.append(Patch(stage, size, (Edit(0, recode(text, codec), text, edits[3], codec),), marks))
            continue
        made: list[Edit] = []
        out: list[str] = []
        at = 0
        for start, length, now, why, codec in _by(5, edits):
            end = start + length
            made.append(Edit(start, text[start:end], now, why, codec))
            out += text[at:start], now
            at = end
        patches.append(Patch(stage, size, tuple(made), marks))
        if made:
            out.append(text[at:])
            text = "".join(out)
    return text, tuple(patches)


def _decodes_all(patch: Patch) -> bool:
    return (len(patch.edits) == 1 and patch.edits[0].codec.startswith("latin-1>")
            and len(patch.edits[0].was) == patch.size)


def _plain(edit: Edit, is_base: bool) -> tuple[Any, ...]:
    start, was, now, why, codec = edit
    return (0, None, "", why, codec) if is_base else (start, len(was), now, why, codec)


def _by(width: int, values: Sequence[Any]) -> Iterator[Any]:
    return zip(*[iter(values)] * width, strict=True)
