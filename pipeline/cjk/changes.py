"""Changes to one text, made in several rounds and told in the coordinates of the first.

Repairs come in layers: an entity may spell a misread character.  Each round sees the text after the rounds
before; `compose` merges what touches and moves the rest.

    >>> both = compose("a-&#98;-c", [Change(2, 7, "b", "entity")], [Change(4, 5, "C", "case")])
    >>> [(c.start, c.end, c.now) for c in both]
    [(2, 7, 'b'), (8, 9, 'C')]
"""
from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple


class Change(NamedTuple):
    """Characters [start, end) become `now` because of the rule `why`; `note` is JSON about the decision, one line
    for each."""

    start: int
    end: int
    now: str
    why: str
    codec: str = ""
    note: str = ""


def applied(text: str, changes: Iterable[Change]) -> str:
    """Return `text` after the changes, which are in order and apart."""
    out: list[str] = []
    at = 0
    for c in changes:
        out += text[at : c.start], c.now
        at = c.end
    return "".join(out) + text[at:]


def compose(source: str, first: list[Change], second: list[Change]) -> list[Change]:
    """Return one list of changes to `source` that does what `first` and then `second` do.

    `first` is in coordinates of `source`, `second` in those of the text after `first`.  Where they touch, the
    result is one block, named after both rules.
    """
    if not first or not second:
        return first or second
    moved, shift = [], 0
    for c in first:  # in the coordinates of the text between
        moved.append((c.start + shift, c.start + shift + len(c.now), c))
        shift += len(c.now) - (c.end - c.start)
    between = applied(source, first)
    out: list[Change] = []
    shift = i = j = 0
    while i < len(moved) or j < len(second):
        lo = hi = min(moved[i][0] if i < len(moved) else len(between) + 1,
                      second[j].start if j < len(second) else len(between) + 1)
        old, new = i, j
        grown = True
        while grown:
            grown = False
            while i < len(moved) and (moved[i][0] < hi or (i == old and moved[i][0] == lo and j == new)):
                hi, i, grown = max(hi, moved[i][1]), i + 1, True
            while j < len(second) and (second[j].start < hi or (j == new and second[j].start == lo and i == old)):
                hi, j, grown = max(hi, second[j].end), j + 1, True
            if i == old and j == new:  # an insertion at lo
                j, grown = j + 1, True
        before = shift
        shift += sum(len(c.now) - (c.end - c.start) for _, _, c in moved[old:i])
        out.append(_merged(between, (lo, hi), (before, shift), [c for _, _, c in moved[old:i]], second[new:j]))
    return out


def _merged(between: str, span: tuple[int, int], shifts: tuple[int, int], old: list[Change],
            new: list[Change]) -> Change:
    """Return one change for a cluster of touching changes; `span` is its range in the text between."""
    lo, hi = span
    start, end = lo - shifts[0], hi - shifts[1]
    if not new and len(old) == 1:
        return old[0]
    if not old and len(new) == 1:
        return new[0]._replace(start=start, end=end)
    now = applied(between[lo:hi], [c._replace(start=c.start - lo, end=c.end - lo) for c in new])
    whys = dict.fromkeys(c.why for c in (*old, *new))
    return Change(start, end, now, ", ".join(whys), "", "\n".join(dict.fromkeys(
        note for c in (*old, *new) for note in c.note.split("\n") if note)))
