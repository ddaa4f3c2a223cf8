"""Moves of the search where many characters may stand: all states and all characters weighed at once.

Only what can be among the best states of the next place is handed on; of the rest a search of the same width would
follow nothing.
"""
from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from pipeline.cjk.byte_options import Candidate, Options, Place
from pipeline.cjk.byte_places import ENDED, MARK
from pipeline.cjk.lost_bytes import BOUND, following
from pipeline.cjk.model import conditional, score
from pipeline.cjk.model_rows import rows
from pipeline.cjk.model_tables import Ids, Nats

BEAM = 12  # states followed from each place
PRUNED = 10.0  # nats below the best character for the same bytes: not followed

State = tuple[bool, str, int]  # kept as shown?, the last two characters, the last byte
Step = tuple[int, int, str, bool, bool, Place, Place, int]  # the fields of byte_lattice.Found
Move = tuple[Place, State, float, State, Step]  # where to, the state there and its value, the state before, the step


class Active(NamedTuple):
    """A state that may go on re-decoding, its value and what going on costs (nats)."""

    key: State
    value: float
    charge: float


class Columns(NamedTuple):
    """What may come next: the characters, their last bytes, the places after them (by number in `places`), and how
    many of them, those of the lots, come first and are guesses."""

    texts: str
    finals: Ids
    ends: Ids
    places: list[Place]
    guesses: int


class Around(NamedTuple):
    """The wrong charset, the number of shown characters, the text after them, and whether that is misread, too."""

    read: str
    size: int
    after: str
    closes: bool


def many(place: Place, options: Options, active: list[Active], around: Around) -> Iterator[Move]:
    """Yield where one may go from a place."""
    columns, gains = _columns(options), _weighed(options, active, around.read)
    marks = np.array([c == MARK for c in columns.texts])
    values = np.array([state.value for state in active])[:, None]
    for number, end in enumerate(columns.places):
        places = np.flatnonzero(columns.ends == number)
        here = gains[:, places]
        followed = (here > here.max(axis=1, keepdims=True) - PRUNED) | (marks[places] & np.isfinite(here))
        row, at = np.nonzero(followed)
        moves = Moves((values + here)[row, at], row, places[at])
        ends = end[0] >= around.size
        for value, r, c in moves.to_the_end(active, columns, around) if ends else moves.first_few(active, columns):
            key, text = active[r].key, columns.texts[c]
            guess = c < columns.guesses or text == MARK
            yield (end, (False, key[1][-1:] + text, int(columns.finals[c])), value, key,
                   (place[0], end[0], text, False, guess, place, end, key[2]))


def _columns(options: Options) -> Columns:
    """Return the candidates of a place, those of the lots first."""
    ends = [*(lot.end for lot in options.lots), *(one.end for one in options.singles)]
    places = {end: i for i, end in enumerate(dict.fromkeys(ends))}
    texts = [lot.found.chars.text for lot in options.lots]
    return Columns("".join((*texts, *(one.text for one in options.singles))),
                   np.concatenate([*(lot.finals for lot in options.lots), [one.final for one in options.singles]]),
                   np.repeat([places[end] for end in ends], [*map(len, texts), *(1 for _ in options.singles)]),
                   list(places), sum(map(len, texts)))


def _weighed(options: Options, active: list[Active], read: str) -> Nats:
    """Return what each candidate gains (nats) in each state; minus infinity where it cannot stand."""
    contexts = [state.key[1] for state in active]
    weighed = {chars: rows(contexts, chars) for chars in {lot.found.chars for lot in options.lots}}
    gains = np.concatenate([weighed[lot.found.chars] - lot.costs for lot in options.lots], axis=1)
    at = 0
    for lot in options.lots:
        if lot.cell.rule in BOUND:
            for r, state in enumerate(active):
                fits = following(read, lot.cell, lot.found.data[:, 0], state.key[2])
                gains[r, at : at + len(lot.costs)][~fits] = -np.inf
        at += len(lot.costs)
    if options.singles:
        single = [[_single(one, state, read) for one in options.singles] for state in active]
        gains = np.concatenate([gains, single], axis=1)
    return np.asarray(gains - np.array([state.charge for state in active])[:, None])


def _single(one: Candidate, state: Active, read: str) -> float:
    if one.cell.rule in BOUND and not one.fits(read, state.key[2]):
        return -np.inf
    return (conditional(state.key[1], one.text) if one.text != MARK else one.open) - one.cost


class Moves(NamedTuple):
    """Moves to one place: the value (nats) after each, the states (by number) they start from, the columns."""

    values: Nats
    states: Ids
    columns: Ids

    def to_the_end(self, active: list[Active], columns: Columns, around: Around) -> Iterator[tuple[float, int, int]]:
        """Yield the moves to the end of the text that may be the best when what follows it is weighed, too: that
        can only cost."""
        able = np.arange(len(self.values))
        if around.closes:
            able = np.flatnonzero(columns.finals[self.columns] != ENDED)
        if not len(able):
            return self._some(able)
        best = able[np.argmax(self.values[able])]
        context = active[self.states[best]].key[1][-1:] + columns.texts[self.columns[best]]
        least = self.values[best] + (score(around.after[:2], context) if around.after else 0.0)
        return self._some(able[self.values[able] >= least])

    def first_few(self, active: list[Active], columns: Columns) -> Iterator[tuple[float, int, int]]:
        """Yield the moves to the best BEAM states, in order; further ones would not be followed."""
        if len(self.values) <= BEAM:
            return self._some(np.arange(len(self.values)))
        seen, chosen = set[tuple[str, str, int]](), list[int]()
        lasts = [state.key[1][-1:] for state in active]
        for i in np.argsort(-self.values, kind="stable").tolist():
            c = int(self.columns[i])
            key = (lasts[self.states[i]], columns.texts[c], int(columns.finals[c]))
            if key not in seen:
                seen.add(key)
                chosen.append(i)
                if len(seen) == BEAM:
                    break
        return self._some(np.array(sorted(chosen)))

    def _some(self, which: Ids) -> Iterator[tuple[float, int, int]]:
        return zip(self.values[which].tolist(), self.states[which].tolist(), self.columns[which].tolist(), strict=True)
