"""Which characters of the original may begin at a place among the shown characters."""
from __future__ import annotations

from collections.abc import Iterator
from functools import cache, lru_cache

import numpy as np

from pipeline.cjk.byte_options import Candidate, Lot, Options, Place
from pipeline.cjk.byte_units import Unit
from pipeline.cjk.lost_bytes import (
    ALONE,
    ANY,
    BOUND,
    KNOWN,
    LAST,
    LONELY,
    OPEN_END,
    SECOND,
    SINGLE,
    Cell,
    Fitting,
    chosen,
    fitting,
)
from pipeline.cjk.model import kind
from pipeline.cjk.model_tables import Ids, Nats, characters

MARK = "\ufffd"
ASCII_COST = -6.0  # nats for an ASCII character that is lost
MARK_COST = -20.0  # nats for a character left open
DISLIKE = 4.0  # nats against a character of the other script, and against a foreign one
ONSETS = frozenset("。，、；：？！“”（）《》")  # in all byte slips we know the first byte of a mark was overwritten
ELSEWHERE = 2.5  # nats against another character
FOREIGN = frozenset("khgc")  # kana, Hangul, Greek, Cyrillic
SYMBOLS = ("\u2190", "\u2bff")
ENDED = -9  # in place of the last byte: only text kept as shown may follow

Spelled = tuple[tuple[Cell, ...], Place, float]  # the bytes of one character, the place after it, the cost (nats)


class Places:
    """The places of one text; `read` is the wrong charset, `write` the right one (Python names for encoding).

    `follow` is the byte after the text.
    """

    def __init__(self, shown: list[Unit], read: str, write: str, disliked: frozenset[str]) -> None:
        self.units, self.read, self.write, self.disliked = shown, read, write, disliked
        self.follow = OPEN_END
        self._options: dict[Place, Options] = {}

    def options(self, place: Place) -> Options:
        """Return what may begin at `place`."""
        found = self._options.get(place)
        if found is None:
            known = self._known(place)
            spelled = list[Candidate | Lot](self._sure(*known)) if known else [
                one for cells, end, cost in self._spellings(place) for one in self._texts(cells, end, cost)]
            found = self._options[place] = Options(spelled)
        return found

    def _known(self, place: Place) -> Spelled | None:
        """Return the only bytes of one original character that may begin at `place`, or None if there are several."""
        u, way, inside = place
        cells: tuple[Cell, ...] = self.units[u].ways[way][inside:] if inside else ()
        size = self._length(cells[0].value) if inside else 5
        cost, at = 0.0, u if inside else u - 1
        while len(cells) < size:
            at, way = at + 1, 0
            if at >= len(self.units) or len(self.units[at].ways) != 1:
                return None
            cells += self.units[at].ways[0]
            cost += self.units[at].cost[0] if self.units[at].cost else 0.0
            size = self._length(cells[0].value)
        if any(cell.rule != KNOWN for cell in cells):
            return None
        left = len(cells) - size  # bytes of the last unit that belong to the next character
        return cells[:size], (at, way, len(self.units[at].ways[way]) - left) if left else (at + 1, 0, 0), cost

    def _sure(self, cells: tuple[Cell, ...], end: Place, cost: float) -> list[Candidate]:
        """Return the character that known bytes spell; none if they spell none."""
        data = bytes([cell.value for cell in cells])
        c = _decoded(data, self.write)
        if not c:
            return []
        return [Candidate(c, cells[0], data[0], True, False, cost + _dislike(c, self.disliked),
                          MARK_COST if len(cells) > 1 else ASCII_COST, data[-1], end)]

    def _texts(self, cells: tuple[Cell, ...], end: Place, cost: float) -> Iterator[Candidate | Lot]:
        """Yield the characters that a spelling may stand for."""
        key = [cell.value for cell in cells]
        first, final = cells[0], _final(cells[-1].rule, key[-1])
        sound = chosen(cells)
        bound = first.rule in BOUND and not sound  # then nothing can stand here
        open_ = MARK_COST if len(cells) > 1 else ASCII_COST
        if -1 not in key:
            c = _decoded(bytes(key), self.write)
            if c and not bound:
                own = cost + _dislike(c, self.disliked) + (ELSEWHERE if first.rule == ANY and c not in ONSETS else 0.0)
                yield Candidate(c, first, key[0], sound, False, own, open_, final, end)
            return
        after = self._byte_at(end) if cells[-1].rule in (ALONE, SINGLE) else OPEN_END  # to others it does not matter
        found, costs, finals = _lot(self.read, self.write, cells, after, self.disliked)
        if len(costs):
            yield Lot(found, first, cost + costs, finals, end)
        ascii_inside = self.write == "utf-8" and any(0 <= b < 0x80 for b in key)
        if not ascii_inside and not bound:  # ASCII is never part of a longer character
            own = cost + (ELSEWHERE if first.rule == ANY else 0.0)
            yield Candidate(MARK, first, key[0], sound, True, own, open_, final, end)

    def _spellings(self, place: Place) -> Iterator[Spelled]:
        """Yield the byte strings of one original character that may begin at `place`: the cells of the bytes, the
        place after them, the cost (nats)."""
        stack: list[tuple[tuple[Cell, ...], Place, float]] = [((), place, 0.0)]
        while stack:
            cells, at, cost = stack.pop()
            if cells and len(cells) == self._length(cells[0].value):
                yield cells, at, cost
                continue
            if cells and cells[-1].rule == LAST:
                continue
            if len(cells) == 1 and cells[0].rule == SECOND:  # an ASCII character went with the byte before it
                yield cells, at, cost
            u, way, inside = at
            if u >= len(self.units):
                continue
            _, ways, costs = self.units[u]
            for w in (way,) if inside else range(len(ways)):
                end = (u, w, inside + 1) if inside + 1 < len(ways[w]) else (u + 1, 0, 0)
                price = costs[w] if costs and not inside else 0.0
                stack.append(((*cells, ways[w][inside]), end, cost + price))

    def _length(self, lead: int) -> int:
        if 0 <= lead < 0x80:
            return 1
        if self.write != "utf-8":
            return 2
        return 2 if 0xC2 <= lead < 0xE0 else 4 if 0xF0 <= lead < 0xF5 else 3

    def _byte_at(self, place: Place) -> int:
        u, way, inside = place
        if u >= len(self.units):
            return self.follow
        if not self.units[u].ways:
            return OPEN_END
        return self.units[u].ways[way][inside].value


@lru_cache(1 << 10)
def _lot(read: str, write: str, cells: tuple[Cell, ...], after: int,
         disliked: frozenset[str]) -> tuple[Fitting, Nats, Ids]:
    """Return the characters that fit where bytes are lost before `after`, their costs and their last bytes."""
    found = fitting(read, write, cells, after)
    costs = _dislikes(disliked)[found.chars.ids]
    if cells[0].rule == ANY:
        costs += ELSEWHERE * np.array([c not in ONSETS for c in found.chars.text])
    finals = found.data[:, -1].astype(np.int64)
    if cells[-1].rule in (LAST, SINGLE):
        finals = finals | LONELY if cells[-1].rule == SINGLE else np.full(len(finals), ENDED)
    return found, costs, finals


@lru_cache(4)
def _dislikes(disliked: frozenset[str]) -> Nats:
    """Return what counts against each character the model knows, by its number."""
    return np.array([_dislike(c, disliked) for c in characters()[0]])


def _decoded(data: bytes, charset: str) -> str:
    try:
        text = data.decode(charset)
    except UnicodeDecodeError:
        return ""
    return text if len(text) == 1 else ""


def _dislike(c: str, disliked: frozenset[str]) -> float:
    return DISLIKE if c in disliked or _odd(c) else 0.0


@cache
def _odd(c: str) -> bool:
    return kind(c) in FOREIGN or SYMBOLS[0] <= c <= SYMBOLS[1]


def _final(rule: int, byte: int) -> int:
    return ENDED if rule == LAST else byte | LONELY if rule == SINGLE else byte
