"""The most likely original of a misread text: a beam search over the exact inverse of the misreading.

The shown text is a sequence of units (byte_units.py): what bytes each shown character may stand for.  A ``?`` or
U+FFFD stands for bytes that meant nothing in the wrong charset, so what was lost is not arbitrary: the bytes must be
illegal there.  The search spells the original character by character through these units; where bytes are lost it
tries the characters that fit (byte_places.py), and the character model weighs them, all at once where there are many.
Whatever it returns, misread again, gives the shown text back.
"""
from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from heapq import heappop, heappush
from typing import NamedTuple

from pipeline.cjk.byte_moves import BEAM, PRUNED, Active, Around, Move, State, Step, many
from pipeline.cjk.byte_options import Candidate, Lot, Place
from pipeline.cjk.byte_places import ENDED, MARK, Places
from pipeline.cjk.byte_units import Unit
from pipeline.cjk.lost_bytes import BOUND, OPEN_END
from pipeline.cjk.model import conditional, score

WORTHWHILE = 100  # weighings for which numpy is faster
NEVER = float("-inf")
START = (0, 0, 0)

Reached = dict[State, tuple[float, tuple[Place, State, Step] | None]]


class Found(NamedTuple):
    """One step of the best path: units [start, end) became `text`; `guess` if bytes were lost."""

    start: int
    end: int
    text: str
    kept: bool
    guess: bool
    place: Place = START
    until: Place = START
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


class Lattice:
    """Searches one text; `read` is the wrong charset, `write` the right one (Python names for encoding)."""

    def __init__(self, shown: list[Unit], read: str, write: str, disliked: frozenset[str] = frozenset()) -> None:
        self.units, self.read = shown, read
        self._places = Places(shown, read, write, disliked)

    def search(self, edges: Edges, keep: bool = True) -> tuple[float, list[Found]]:
        """Return the log probability of the best reading and its steps.

        With `keep` False the text is re-decoded from its start to its end.
        """
        self._places.follow = edges.follow
        context = edges.before[-2:]
        places: dict[Place, Reached] = {
            START: {(state, context, 0): (0.0, None) for state in {keep, keep and not edges.opens}}}
        queue = [START]
        while queue:
            place = heappop(queue)
            if place[0] >= len(self.units):
                continue
            states = [(key, value) for key, (value, _) in places[place].items()]
            if len(states) > BEAM:
                states = sorted(states, key=lambda s: -s[1])[:BEAM]
            target, at = None, None
            for end, new, value, key, step in self._moves(place, states, edges, keep):
                if end is not at:
                    target, at = places.get(end), end
                if target is None:
                    target = places[end] = {}
                    heappush(queue, end)
                old = target.get(new)
                if old is None or value > old[0]:
                    target[new] = (value, (place, key, step))
        return self._trace(places, edges)

    def _moves(self, place: Place, states: list[tuple[State, float]], edges: Edges,
               keep: bool) -> Iterator[Move]:
        """Yield where one may go from a place."""
        u, _, inside = place
        shown, active = self.units[u].shown, list[Active]()
        asis, after = shown.isascii() and shown != "?", (u + 1, 0, 0)
        step: Step = (u, u + 1, shown, True, False, START, START, 0)
        for key, value in states:
            kept, context, last = key
            if keep and not inside:
                yield after, (True, context[-1:] + shown, 0), value + conditional(context, shown), key, step
                if kept and asis:
                    continue
            if last != ENDED:
                active.append(Active(key, value, edges.enter if kept and keep else 0.0))
        if not active:
            return
        options = self._places.options(place)
        if options.size * len(active) > WORTHWHILE:
            yield from many(place, options, active, Around(self.read, len(self.units), edges.after, edges.closes))
        else:
            yield from self._few(place, options.each(), active)

    def _few(self, place: Place, options: Sequence[Candidate], active: list[Active]) -> Iterator[Move]:
        """Weigh the candidates of a place one by one."""
        if len(options) == 1:
            yield from self._one(place, options[0], active)
            return
        for key, value, charge in active:
            _, context, last = key
            scored, best = list[tuple[float, Candidate]](), dict[Place, float]()
            for one in options:
                if one.cell.rule in BOUND and not one.fits(self.read, last):
                    continue
                gain = (conditional(context, one.text) if one.text != MARK else one.open) - one.cost - charge
                scored.append((gain, one))
                if gain > best.get(one.end, NEVER):
                    best[one.end] = gain
            for gain, one in scored:
                if gain > best[one.end] - PRUNED or one.text == MARK:
                    yield (one.end, (False, context[-1:] + one.text, one.final), value + gain, key,
                           (place[0], one.end[0], one.text, False, one.guess, place, one.end, last))

    def _one(self, place: Place, one: Candidate, active: list[Active]) -> Iterator[Move]:
        """Weigh the only candidate of a place."""
        text, final, end = one.text, one.final, one.end
        bound = one.cell.rule in BOUND
        for key, value, charge in active:
            _, context, last = key
            if not bound or one.fits(self.read, last):
                gain = (conditional(context, text) if text != MARK else one.open) - one.cost - charge
                yield (end, (False, context[-1:] + text, final), value + gain, key,
                       (place[0], end[0], text, False, one.guess, place, end, last))

    def alternatives(self, step: Found) -> tuple[list[Candidate], list[Lot]]:
        """Return the characters that fit where `step` guessed one, its own among them."""
        options = self._places.options(step.place)
        singles = [one for one in options.singles
                   if one.end == step.until and one.text != MARK and one.fits(self.read, step.last)]
        return singles, [lot.behind(self.read, step.last) for lot in options.lots if lot.end == step.until]

    def going_on(self, step: Found, lasts: Iterable[int]) -> set[int]:
        """Return those of `lasts` that a character before `step` may end with, being bytes."""
        if step.kept:
            return set(lasts)
        ones = list(self._places.options(step.place).spelled(step.text, step.until))
        return {last for last in set(lasts)
                if last == step.last or (last != ENDED and any(one.fits(self.read, last) for one in ones))}

    def _trace(self, places: dict[Place, Reached], edges: Edges) -> tuple[float, list[Found]]:
        ends = [(value, key, back) for key, (value, back) in places.get((len(self.units), 0, 0), {}).items()
                if not (edges.closes and key[2] == ENDED)]
        if not ends:
            return NEVER, []
        best, back = NEVER, None
        for value, key, behind in sorted(ends, key=lambda e: -e[0]):
            if value <= best:  # what follows can only cost
                break
            closed = value + (score(edges.after[:2], key[1]) if edges.after else 0.0)
            closed -= edges.enter if edges.closes and key[0] else 0.0
            if closed > best:
                best, back = closed, behind
        steps: list[Found] = []
        while back is not None:
            steps.append(Found(*back[2]))
            back = places[back[0]][back[1]][1]
        steps.reverse()
        return best, steps
