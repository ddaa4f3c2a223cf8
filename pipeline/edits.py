"""What happened to a text: small, ordered, reversible edits.

An `Edit` says: at `start`, `was` became `now`, because `why`.  A `Patch` is what one stage did to
one document: its edits and its tags, both in the coordinates of the text the stage received.

Bytes are text here.  A document starts as the latin-1 view of its bytes, so that a byte offset is
a text offset and decoding is an edit like any other.  There is one coordinate system, and offsets
are code points of the text at hand (bytes, for the first patch).

    >>> edit = Edit(2, "壞", "坏", "t2s")
    >>> apply("好 壞", [edit])
    '好 坏'
    >>> undo("好 坏", [edit])
    '好 壞'
"""
from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple


class Edit(NamedTuple):
    """At `start`, `was` became `now`, because `why` (the id of a rule, not a sentence).

    `codec` says how the two texts align.  ``""``: as one block.  ``"1:1"``: character by character,
    equal lengths.  ``"read>write"``: a recoding, ``now.encode(write).decode(read) == was``; the
    bytes that both spell say which characters belong together.
    """

    start: int
    was: str
    now: str
    why: str
    codec: str = ""

    @property
    def end(self) -> int:
        """Where the replaced text ended, in the coordinates of the text before."""
        return self.start + len(self.was)


class Tag(NamedTuple):
    """Points at text and never changes it: metadata, evidence, candidates, words, terms."""

    start: int
    end: int
    kind: str
    value: str = ""


class Patch(NamedTuple):
    """What one stage did; edits and tags are in the coordinates of the text it received."""

    stage: str
    size: int
    edits: tuple[Edit, ...] = ()
    tags: tuple[Tag, ...] = ()


class EditError(ValueError):
    """An edit does not fit its text: a bug in the stage that proposed it."""


def recode(now: str, codec: str) -> str:
    """Return the text that a ``"read>write"`` edit replaced by `now`.

    >>> recode("中", "latin-1>utf-8")
    'ä¸\\xad'
    """
    read, write = codec.split(">")
    return now.encode(write).decode(read)


ALWAYS_APART = frozenset(("utf-8", "gb18030", "gbk", "latin-1", "utf-16-le", "utf-16-be"))


def _fits_codec(edit: Edit) -> bool:
    """Tell whether a codec edit comes back, as one string and character by character.

    A stateful codec, or one that spells two characters with one pair (big5hkscs), may come back as
    a whole while its characters do not; offsets inside such an edit would lie.
    """
    if edit.codec == "1:1":
        return len(edit.was) == len(edit.now)
    try:
        read, write = edit.codec.split(">")
        data = edit.now.encode(write)
        return (data.decode(read) == edit.was and (read == "latin-1" or edit.was.encode(read) == data)
                and _spelled_apart(edit.now, write, len(data)) and _spelled_apart(edit.was, read, len(data)))
    except (UnicodeError, LookupError, ValueError):
        return False


def _spelled_apart(text: str, encoding: str, size: int) -> bool:
    if encoding in ALWAYS_APART:
        return True
    return sum(len(c.encode(encoding)) * n for c, n in Counter(text).items()) == size


def apply(text: str, edits: Sequence[Edit]) -> str:
    """Return `text` with the edits made; refuse any that does not fit.

    Raises:
        EditError: edits overlap, are out of order, do not find their `was`, or do not recode.
    """
    if not edits:
        return text
    out: list[str] = []
    at = 0
    for e in edits:
        if e.start < at or not text.startswith(e.was, e.start) or e.end > len(text):
            raise EditError(f"edit {e.why!r} at {e.start}+{len(e.was)} does not fit: previous ends at {at}, "
                            f"text has {len(text)}, expected {e.was[:20]!r}, found {text[e.start:e.start + 20]!r}")
        if e.codec and not _fits_codec(e):
            raise EditError(f"edit {e.why!r} at {e.start}+{len(e.was)} is no {e.codec} recoding of {e.now[:20]!r}")
        out += text[at : e.start], e.now
        at = e.end
    out.append(text[at:])
    return "".join(out)


def undo(text: str, edits: Sequence[Edit]) -> str:
    """Return the text the edits were made to; refuse a text they did not make.

    Raises:
        EditError: `text` does not hold an edit's `now` where the edit put it.
    """
    if not edits:
        return text
    out: list[str] = []
    at = shift = 0
    for e in edits:
        here = e.start + shift
        if here < at or not text.startswith(e.now, here) or here + len(e.now) > len(text):
            raise EditError(f"cannot undo {e.why!r}: expected {e.now[:20]!r} at {here}, "
                            f"found {text[here:here + 20]!r}")
        out += text[at:here], e.was
        at = here + len(e.now)
        shift += len(e.now) - len(e.was)
    out.append(text[at:])
    return "".join(out)


def rewind(text: str, patches: Sequence[Patch]) -> str:
    """Return the text before all `patches`, given the text after them."""
    for patch in reversed(patches):
        text = undo(text, patch.edits)
        if len(text) != patch.size:
            raise EditError(f"stage {patch.stage!r} worked on {patch.size} characters, undoing it leaves {len(text)}")
    return text
