"""jieba's hidden Markov model for words the dictionary lacks, for many runs of characters at once.

Every character begins (B), is inside (M), ends (E) or is (S) a word.  The Viterbi recurrence is the
one of ``jieba.finalseg``, with the same additions in the same order on the same 64-bit numbers, and
of equal sums the state later in the alphabet wins, as there; so the states are equal, bit for bit.
"""
from __future__ import annotations

from itertools import pairwise

import numpy as np

from pipeline.cjk.jieba_tables import NEVER
from pipeline.cjk.lattice import EMPTY, Flags, Floats, Ints

# States are numbered in the order of their letters, B E M S, so that "later letter" is "larger number".
LONG = 256  # characters
START = np.array([-0.26268660809250016, NEVER, NEVER, -1.4652633398537678])[:, None]
BEFORE = np.array([[1, 0, 0, 1], [3, 2, 2, 3]])  # the two states that may come before B, E, M, S
STEP = np.array([[-0.5897149736854513, -0.51082562376599, -0.916290731874155, -0.8085250474669937],
                 [-0.7211965654669841, -0.33344856811948514, -1.2603623820268226, -0.6658631448798212]])[:, :, None]


def word_ends(han: Ints, emit: Floats, begins: Ints, lengths: Ints) -> tuple[Ints, Flags]:
    """Return the places of all characters of some runs, and for each whether a word ends there.

    Args:
        han: the characters, counted from U+4E00.
        emit: log probabilities of the 4 states, by character.
        begins, lengths: the runs, each at least 2 characters long.
    """
    if int(lengths.max()) > LONG:
        return _with_long(han, emit, begins, lengths)
    order = np.argsort(-lengths, kind="stable")
    begins = begins.take(order)
    counts = np.bincount(lengths)[:0:-1].cumsum()[::-1]  # counts[t]: runs of more than t characters
    edges = np.zeros(len(counts) + 1, np.int64)
    counts.cumsum(out=edges[1:])
    step = np.arange(len(counts)).repeat(counts)
    places = begins.take(np.arange(len(step)) - edges.take(step)) + step
    spoken = emit.take(han.take(places), axis=1)
    states = _states(spoken, edges.tolist())
    return places, states & 1 == 1  # E and S have the odd numbers


def _with_long(han: Ints, emit: Floats, begins: Ints, lengths: Ints) -> tuple[Ints, Flags]:
    """Do the long runs one by one: side by side with none, a step over all runs is slower than plain numbers."""
    long = lengths > LONG
    places, ends = [EMPTY], [np.zeros(0, np.bool_)]
    if not long.all():
        some = word_ends(han, emit, begins[~long], lengths[~long])
        places, ends = [some[0]], [some[1]]
    for begin, length in zip(begins[long].tolist(), lengths[long].tolist(), strict=True):
        places.append(np.arange(begin, begin + length))
        ends.append(np.array(_ends_of(emit.take(han[begin : begin + length], axis=1).tolist())))
    return np.concatenate(places), np.concatenate(ends)


def _ends_of(spoken: list[list[float]]) -> list[bool]:
    """Return for each character of one run whether a word ends there; `spoken` is by state."""
    (eb, be, bm, es), (sb, me, mm, ss) = STEP[:, :, 0].tolist()
    b, e, m, s = (float(start) + row[0] for start, row in zip(START[:, 0], spoken, strict=True))
    later = []  # for each character and state: was the later of its two states the better one before it
    for at_b, at_e, at_m, at_s in zip(*(row[1:] for row in spoken), strict=True):
        b0, b1, e0, e1 = e + eb + at_b, s + sb + at_b, b + be + at_e, m + me + at_e
        m0, m1, s0, s1 = b + bm + at_m, m + mm + at_m, e + es + at_s, s + ss + at_s
        later.append((b1 >= b0, e1 >= e0, m1 >= m0, s1 >= s0))
        b, e, m, s = b1 if b1 >= b0 else b0, e1 if e1 >= e0 else e0, m1 if m1 >= m0 else m0, s1 if s1 >= s0 else s0
    state = 3 if s >= e else 1
    ends = [True]
    before = BEFORE.tolist()
    for came in reversed(later):
        state = before[came[state]][state]
        ends.append(state & 1 == 1)
    return ends[::-1]


def _states(spoken: Floats, edges: list[int]) -> Ints:
    """Return the likeliest states; step t of all runs stands in columns edges[t] to edges[t + 1]."""
    score = START + spoken[:, : edges[1]]
    sums = np.empty((2, *spoken.shape))
    for low, high in pairwise(edges[1:]):
        step = np.add(score[:, : high - low].take(BEFORE, axis=0), STEP, out=sums[:, :, low:high])
        step += spoken[:, low:high]
        np.maximum(step[0], step[1], out=score[:, : high - low])
    before = np.where(sums[1] >= sums[0], BEFORE[1, :, None], BEFORE[0, :, None]).ravel()
    states = np.arange(edges[-1])
    state = 1 + 2 * (score[3] >= score[1])
    for low, high in pairwise(edges[:0:-1]):
        now = state[: low - high]
        place = now * len(states)
        place += states[high:low]
        states[high:low] = now
        before.take(place, out=now)
    states[: edges[1]] = state
    return states
