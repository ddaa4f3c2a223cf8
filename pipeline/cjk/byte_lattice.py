"""The most likely original of a misread text: a beam search over the exact inverse of the misreading.

The shown text is a sequence of `Unit`s: what bytes each shown character may stand for.  A known character
stands for its bytes in the wrong charset; a ``?`` or U+FFFD stands for bytes that meant nothing there, so what
was lost is not arbitrary: the bytes must be illegal in that charset.  The search spells the original character
by character through these units; where bytes are lost it tries the characters that fit, and the character model
weighs them.  Whatever it returns, misread again, gives the shown text back.
"""
from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from pipeline.cjk.lost_bytes import (
    ALONE,
    ANY,
    BOUND,
    DELETED,
    FIRST,
    KNOWN,
    LAST,
    LONELY,
    OPEN_END,
    SECOND,
    SINGLE,
    Cell,
    fitting,
    lost_so,
)
from pipeline.cjk.misreading import lost_mark, spellings
from pipeline.cjk.model import conditional, kind, score

MARK = "\ufffd"
ASCII_COST = -6.0  # nats for an ASCII character that is lost
MARK_COST = -20.0  # nats for a character left open
BEAM = 12
PRUNED = 10.0  # nats below the best character for the same bytes: not followed
NEVER = float("-inf")
DISLIKE = 4.0  # nats against a character of the other script, and against a foreign one
ONSETS = frozenset("。，、；：？！“”（）《》")  # in all byte slips we know the first byte of a mark was overwritten
ELSEWHERE = 2.5  # nats against another character
FOREIGN = frozenset("khgc")  # kana, Hangul, Greek, Cyrillic
SYMBOLS = ("\u2190", "\u2bff")
ENDED = -9  # in place of the last byte: only text kept as shown may follow
END_COST, DELETED_COST = 3.0, 4.0  # nats


Place = tuple[int, int, int]  # unit, which of its ways, how many bytes of it are spelled
State = tuple[bool, str, int]  # kept as shown?, the last two characters, the last byte


class Unit(NamedTuple):
    """One shown character (or injected piece) and the alternatives of what it stands for."""

    shown: str
    ways: tuple[tuple[Cell, ...], ...]
    cost: tuple[float, ...] = ()


class Spelling(NamedTuple):
    """Which bytes may come next: values (-1 lost), their cells, the place after them, its cost."""

    cells: tuple[Cell, ...]
    end: Place
    cost: float


class Candidate(NamedTuple):
    """A character that may begin at a place, its bytes, and what the search needs to know of its spelling."""

    text: str
    data: tuple[int, ...]
    spelling: Spelling
    bound: bool  # depends on the byte before
    guess: bool
    cost: float  # nats
    open: float  # nats, if left open
    final: int  # its last byte, or ENDED


class Found(NamedTuple):
    """One step of the best path: units [start, end) became `text`; `guess` if bytes were lost."""

    start: int
    end: int
    text: str
    kept: bool
    guess: bool
    place: Place = (0, 0, 0)
    until: Place = (0, 0, 0)
    last: int = 0  # the byte before


class Edges(NamedTuple):
    """What stands around a searched text.

    `before` and `after` are decoded text for the model; `enter` (nats) is the price of beginning to re-decode.
    Where the text before it is misread as well (`opens`), the search may begin re-decoding at no price; where the
    text after it is (`closes`), ending in text kept as shown costs `enter`.  `follow` is the byte after it.
    """

    before: str
    after: str
    enter: float
    opens: bool = False
    closes: bool = False
    follow: int = OPEN_END


Places = dict[Place, dict[State, tuple[float, tuple[Place, State, Found] | None]]]


def units(text: str, read: str, policy: str) -> list[Unit]:
    """Return the units of `text` as shown by a program that believes in `read`, with a loss policy."""
    known, lost = spellings(read), lost_mark(policy)
    policy = policy.rstrip("?")
    gone = (Cell(-1, FIRST), Cell(-1, DELETED))
    out = []
    for i, c in enumerate(text):
        ways, costs = list[tuple[Cell, ...]](), list[float]()
        if c == lost:
            ways = [_lost(policy)]
            costs = [0.0]
            if policy in ("w2", "del"):
                ways, costs = [*ways, (Cell(-1, ALONE),)], [0.0, 0.0]
            if policy != "w1" or not text[i + 1 : i + 2].isascii() or i + 1 == len(text):
                ways, costs = [*ways, (Cell(-1, LAST),)], [*costs, END_COST]
        if c in known:
            ways.append(tuple(Cell(b, KNOWN) for b in known[c]))
            costs.append(0.0)
            if policy == "del" and not c.isascii():
                ways.append((*gone, *ways[-1]))
                costs.append(DELETED_COST)
                if i + 1 == len(text):
                    ways.append((*ways[-2], *gone))
                    costs.append(DELETED_COST)
        out.append(Unit(c, tuple(ways), tuple(costs)))
    return out


def _lost(policy: str) -> tuple[Cell, ...]:
    return (Cell(-1, SINGLE),) if policy == "j1" else (Cell(-1, FIRST), Cell(-1, SECOND))


@cache
def _odd(c: str) -> bool:
    return kind(c) in FOREIGN or SYMBOLS[0] <= c <= SYMBOLS[1]


def _final(rule: int, byte: int) -> int:
    return ENDED if rule == LAST else byte | LONELY if rule == SINGLE else byte


class Lattice:
    """Searches one text; `read` is the wrong charset, `write` the right one (Python names for encoding)."""

    def __init__(self, shown: list[Unit], read: str, write: str, disliked: frozenset[str] = frozenset()) -> None:
        self.units, self.write, self.read = shown, write, read
        self.disliked, self.follow = disliked, OPEN_END
        self._next: dict[Place, list[Candidate]] = {}

    def search(self, edges: Edges, keep: bool = True) -> tuple[float, list[Found]]:
        """Return the log probability of the best reading and its steps.

        With `keep` False the text is re-decoded from its start to its end.
        """
        places: Places = {}
        self.follow = edges.follow
        context = edges.before[-2:]
        places[0, 0, 0] = {(state, context, 0): (0.0, None) for state in {keep, keep and not edges.opens}}
        enter = edges.enter if keep else 0.0
        order = [(0, 0, 0)]
        done = 0
        while done < len(order):
            order[done:] = sorted(order[done:])
            place = order[done]
            done += 1
            states = places[place]
            if len(states) > BEAM:
                states = dict(sorted(states.items(), key=lambda s: -s[1][0])[:BEAM])
            for key, (value, _) in states.items():
                for end, new, gain, step in self._moves(place, key, enter, keep):
                    target = places.get(end)
                    if target is None:
                        target = places[end] = {}
                        order.append(end)
                    old = target.get(new)
                    if old is None or value + gain > old[0]:
                        target[new] = (value + gain, (place, key, step))
        return self._trace(places, edges)

    def _moves(self, place: Place, key: State, enter: float,
               keep: bool) -> Iterator[tuple[Place, State, float, Found]]:
        u, _, inside = place
        kept, context, last = key
        if u >= len(self.units):
            return
        shown = self.units[u].shown
        if keep and not inside:
            yield ((u + 1, 0, 0), (True, context[-1:] + shown, 0), conditional(context, shown),
                   Found(u, u + 1, shown, True, False))
            if kept and (shown.isascii() and shown != "?"):
                return
        if last == ENDED:
            return
        charge = enter if kept else 0.0
        scored, best = list[tuple[float, Candidate]](), dict[Place, float]()
        for one in self._candidates(place):
            if one.bound and not self._fits(one.data, one.spelling, last):
                continue
            gain = (conditional(context, one.text) if one.text != MARK else one.open) - one.cost - charge
            scored.append((gain, one))
            if gain > best.get(one.spelling.end, NEVER):
                best[one.spelling.end] = gain
        for gain, one in scored:
            end = one.spelling.end
            if gain > best[end] - PRUNED or one.text == MARK:
                yield (end, (False, context[-1:] + one.text, one.final), gain,
                       Found(u, end[0], one.text, False, one.guess, place, end, last))

    def _candidates(self, place: Place) -> list[Candidate]:
        """Return the characters that may begin at `place`."""
        found = self._next.get(place)
        if found is None:
            found = self._next[place] = [self._candidate(c, data, spelling) for spelling in self._spellings(place)
                                         for c, data in self._texts(spelling)]
        return found

    def _candidate(self, c: str, data: tuple[int, ...], spelling: Spelling) -> Candidate:
        cells = spelling.cells
        cost = DISLIKE if c in self.disliked or _odd(c) else 0.0
        if cells[0].rule == ANY and c not in ONSETS:
            cost += ELSEWHERE
        return Candidate(c, data, spelling, cells[0].rule in BOUND, any(cell.value < 0 for cell in cells),
                         spelling.cost + cost,
                         MARK_COST if len(data) > 1 else ASCII_COST, _final(cells[-1].rule, data[-1]))

    def _texts(self, spelling: Spelling) -> Iterator[tuple[str, tuple[int, ...]]]:
        """Yield the characters that a spelling may stand for, with their bytes; -1 is a byte nobody knows."""
        key = tuple(cell.value for cell in spelling.cells)
        if -1 not in key:
            yield from ((c, key) for c in self._decoded(key))
            return
        yield from fitting(self.read, self.write, spelling.cells, self._byte_at(spelling.end))
        if self.write != "utf-8" or not any(0 <= b < 0x80 for b in key):  # ASCII is never part of a longer character
            yield MARK, key

    def _decoded(self, key: tuple[int, ...]) -> str:
        try:
            text = bytes(key).decode(self.write)
        except UnicodeDecodeError:
            return ""
        return text if len(text) == 1 else ""

    def _spellings(self, place: Place) -> Iterator[Spelling]:
        """Yield the byte strings of one original character that may begin at `place`."""
        stack: list[tuple[tuple[Cell, ...], Place, float]] = [((), place, 0.0)]
        while stack:
            cells, at, cost = stack.pop()
            if cells and len(cells) == self._length(cells[0].value):
                yield Spelling(cells, at, cost)
                continue
            if cells and cells[-1].rule == LAST:
                continue
            if len(cells) == 1 and cells[0].rule == SECOND:  # an ASCII character went with the byte before it
                yield Spelling(cells, at, cost)
            u, way, inside = at
            if u >= len(self.units):
                continue
            unit = self.units[u]
            for w in (way,) if inside else range(len(unit.ways)):
                cell = unit.ways[w][inside]
                end = (u, w, inside + 1) if inside + 1 < len(unit.ways[w]) else (u + 1, 0, 0)
                price = unit.cost[w] if unit.cost and not inside else 0.0
                stack.append(((*cells, cell), end, cost + price))

    def _length(self, lead: int) -> int:
        if 0 <= lead < 0x80:
            return 1
        if self.write != "utf-8":
            return 2
        return 2 if 0xC2 <= lead < 0xE0 else 4 if 0xF0 <= lead < 0xF5 else 3

    def _fits(self, data: tuple[int, ...], spelling: Spelling, last: int) -> bool:
        return lost_so(self.read, data, (spelling.cells, self._byte_at(spelling.end)), last)

    def _byte_at(self, place: Place) -> int:
        u, way, inside = place
        if u >= len(self.units):
            return self.follow
        if not self.units[u].ways:
            return OPEN_END
        return self.units[u].ways[way][inside].value

    def alternatives(self, step: Found) -> list[Candidate]:
        """Return the characters that fit where `step` guessed one, its own among them."""
        return [o for o in self._candidates(step.place)
                if o.spelling.end == step.until and o.text != MARK and self._fits(o.data, o.spelling, step.last)]

    def goes_on(self, step: Found, last: int) -> bool:
        """May `step` follow a character that ends with the byte `last`?"""
        if step.kept or last == step.last:
            return True
        return last != ENDED and any(
            o.text == step.text and o.spelling.end == step.until and self._fits(o.data, o.spelling, last)
            for o in self._candidates(step.place))

    def _trace(self, places: Places, edges: Edges) -> tuple[float, list[Found]]:
        ends = {k: v for k, v in places.get((len(self.units), 0, 0), {}).items()
                if not (edges.closes and k[2] == ENDED)}
        if not ends:
            return float("-inf"), []
        closed = {k: (v[0] + (score(edges.after[:2], k[1]) if edges.after else 0.0)
                      - (edges.enter if edges.closes and k[0] else 0.0), v[1]) for k, v in ends.items()}
        value, back = max(closed.values(), key=lambda s: s[0])
        steps: list[Found] = []
        while back is not None:
            steps.append(back[2])
            back = places[back[0]][back[1]][1]
        steps.reverse()
        return value, steps
