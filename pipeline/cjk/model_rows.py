"""The character model asked about many characters at once, in numpy.

Where bytes are lost some hundred characters may stand, and a search asks about all of them after each of a dozen
contexts.  `rows` and `between` say what `pipeline.cjk.model.conditional` would, but for the order in which float32
products are summed (differences below 1e-6 nats).

    >>> from pipeline.cjk.model import conditional
    >>> found = rows(["我们", "\\n"], several("的是在，"))
    >>> bool(np.allclose(found[0], [conditional("我们", c) for c in "的是在，"], atol=1e-5))
    True
"""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pipeline.cjk.model import CJK, FLOOR, conditional, crossing, share
from pipeline.cjk.model_tables import BEGIN, WIDTH, Ids, Nats, by_number, tables

KEPT = 1 << 18  # log probabilities remembered


@dataclass(frozen=True, eq=False)
class Several:
    """Characters that the model knows, and their numbers."""

    text: str
    ids: Ids

    def some(self, places: Ids) -> Several:
        """Return those at `places`."""
        return Several("".join(map(self.text.__getitem__, places.tolist())), self.ids[places])


def several(text: str) -> Several:
    """Return `text`, known characters all, prepared for `rows` and `between`."""
    known = tables()
    return Several(text, np.array([known.ids[c] for c in text], np.int64))


class _Memory:
    """What was asked before: a passage is searched under several loss policies, which ask much the same."""

    def __init__(self) -> None:
        self._known: dict[tuple[Several, str, str], Nats] = {}
        self._size = 0

    def get(self, chars: Several, before: str, after: str) -> Nats | None:
        """Return what was put."""
        return self._known.get((chars, before, after))

    def put(self, chars: Several, around: tuple[str, str], found: Nats) -> Nats:
        """Remember an answer; when there are too many, all are forgotten."""
        self._size += len(found)
        if self._size > KEPT:
            self._known.clear()
            self._size = len(found)
        self._known[chars, *around] = found
        return found


_memory = _Memory()


def rows(contexts: Sequence[str], chars: Several) -> Nats:
    """Return the log probability (nats) of each of `chars` after each of `contexts`, one row a context."""
    known = {context: _memory.get(chars, context, "") for context in contexts}
    asked = [context for context, row in known.items() if row is None]
    if asked:
        for context, row in zip(asked, _rows(asked, chars), strict=True):
            known[context] = _memory.put(chars, (context, ""), row)
    return np.array([known[context] for context in contexts])


def _rows(contexts: Sequence[str], chars: Several) -> Nats:
    lasts = list(dict.fromkeys(context[-1:] or "\n" for context in contexts))
    bases = dict(zip(lasts, _bases(lasts, chars), strict=True))
    out = np.array([bases[context[-1:] or "\n"] for context in contexts])
    known = tables()
    for row, context in zip(out, contexts, strict=True):
        a, b = (known.ids.get(c, -1) for c in context[-2:]) if len(context) > 1 else (-1, -1)
        if a >= 0 and b >= 0:
            known.triples.put_after(a, (a << WIDTH | b) << WIDTH | chars.ids, row)
        last = context[-1:]
        if "0" <= (last if last != " " else context[-2:-1]) <= "9":
            row[:] = [known.after_digit.get(c, value) for c, value in zip(chars.text, row.tolist(), strict=True)]
    return out


def _bases(lasts: Sequence[str], chars: Several) -> Nats:
    """Return what follows each of `lasts`, whatever stands before it."""
    known = tables()
    ends = np.array([by_number(known.ends, a) or 0.0 for a in lasts])[:, None]
    begins = np.asarray(known.begins)[chars.ids]
    never = np.isnan(begins)
    out = np.where(never, np.asarray(known.one)[chars.ids] + ends, begins)
    words = [i for i, a in enumerate(lasts) if a > CJK and a in known.ids]
    if words:
        chances = known.words.across(np.array([known.ids[lasts[i]] for i in words]), chars.ids)
        out[words] = np.where(never, out[words], crossing(chances, ends[words], begins))
    np.maximum(out, FLOOR, out=out)
    for i, a in enumerate(lasts):
        if a in known.ids:
            known.pairs.put_after(known.ids[a], known.ids[a] << WIDTH | chars.ids, out[i])
        elif a == BEGIN:
            out[i] = [conditional(a, c) for c in chars.text]
    return out


def between(before: str, chars: Several, after: str) -> Nats:
    """Return the log probability (nats) of each of `chars` and then `after` (at most two characters) behind `before`
    (its last two characters)."""
    found = _memory.get(chars, before, after)
    start = rows([before], chars)[0]
    return found if found is not None else _memory.put(chars, (before, after), _columns(before, chars, after, start))


def _columns(before: str, chars: Several, after: str, start: Nats) -> Nats:
    """Return `start` and what `after` adds to it."""
    if not after:
        return start
    known = tables()
    if not set(after) <= known.ids.keys():
        return np.array([sum(map(conditional, (before[-1:] + c, c + after[0]), after), value)
                         for c, value in zip(chars.text, start.tolist(), strict=True)])
    number = known.ids[after[0]]
    out = _next(chars, after[0])
    a = known.ids.get(before[-1:], -1)
    if a >= 0:
        known.triples.put_after(a, (a << WIDTH | chars.ids) << WIDTH | number, out)
    if len(after) == 1:
        return np.asarray(start + out)
    then = np.full(len(chars.text), conditional(after[0], after[1]))
    known.triples.put((chars.ids << WIDTH | number) << WIDTH | known.ids[after[1]], then)
    return np.asarray((start + out) + then)


def _next(chars: Several, c: str) -> Nats:
    """Return the log probability of `c` behind each of `chars`, whatever stands before them."""
    known = tables()
    number = known.ids[c]
    begins = known.begins[number]
    ends = np.nan_to_num(np.asarray(known.ends)[chars.ids])
    if begins != begins:  # NaN
        out: Nats = np.maximum(share(c) + ends, FLOOR)
    else:
        out = np.full(len(chars.text), begins)
        words = [i for i, x in enumerate(chars.text) if x > CJK]
        ids = chars.ids[words]
        chances = known.words.each(ids, np.full(len(ids), number))
        out[words] = crossing(chances, ends[words], np.full(len(ids), begins))
        out = np.maximum(out, FLOOR)
    known.pairs.put(chars.ids << WIDTH | number, out)
    return out
