"""The tables of the character model, as sorted arrays: nothing in them is a Python object.

A known character is its number in the list of them; a pair or triple is one sorted key, made of numbers.  Values are
bytes, in steps of 1/12 nat.  All of it takes 9 MB, a tenth of what dictionaries would, and forked processes share it.
"""
from __future__ import annotations

from bisect import bisect_left
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

DATA = Path(__file__).parents[1] / "data" / "mojibake.npz"
STEP = 1 / 12
WIDTH = 14  # bits of a character's number
BEGIN, END, DIGIT, LINE = "<>0\n"  # in pairs: a word begins, ends; any digit; the end of a line
NATS = tuple(-STEP * q for q in range(256))
STEPS = np.array(NATS)
Ids = npt.NDArray[np.int64]
Nats = npt.NDArray[np.float64]


@cache
def table(name: str) -> npt.NDArray[np.generic]:
    """Return an array of the data file; each is unpacked when it is first needed."""
    with np.load(DATA) as data:
        return np.asarray(data[name])


def text_of(name: str) -> str:
    """Return an array of the data file that holds UTF-8 text."""
    return _unpacked(name).tobytes().decode()


def _unpacked(name: str) -> npt.NDArray[np.generic]:
    """Return an array that is needed once."""
    with np.load(DATA) as data:
        return np.asarray(data[name])


class Keys:
    """Sorted keys with their values: one number a character, WIDTH bits each, the first one highest.

    >>> pairs = Keys(np.array([3 << WIDTH | 7, 4 << WIDTH | 1], np.uint32), np.array([12, 24], np.uint8), WIDTH)
    >>> pairs.get(3, 3 << WIDTH | 7), pairs.get(3, 3 << WIDTH | 8)
    (-1.0, None)
    """

    def __init__(self, keys: npt.NDArray[np.unsignedinteger], values: npt.NDArray[np.uint8], below: int) -> None:
        """Take ascending `keys`; `below` is how many bits stand below the first character's."""
        self.keys, self.values = keys, values
        self.starts = np.searchsorted(keys >> keys.dtype.type(below), np.arange((1 << WIDTH) + 1)).astype(np.uint32)
        self._starts, self._keys, self._values = _view(self.starts), _view(keys), _view(values)

    def get(self, first: int, key: int) -> float | None:
        """Return the value (nats) of `key`, whose first character is `first`; None if it is not there."""
        stop = self._starts[first + 1]
        at = bisect_left(self._keys, key, self._starts[first], stop)
        return NATS[self._values[at]] if at < stop and self._keys[at] == key else None

    def put(self, keys: Ids, out: Nats) -> None:
        """Put the values (nats) of the `keys` that are there into `out`, at their places."""
        wanted = keys.astype(self.keys.dtype)
        at = np.searchsorted(self.keys, wanted)
        at[at == len(self.keys)] = 0
        there = np.flatnonzero(self.keys[at] == wanted)
        out[there] = STEPS[self.values[at[there]]]

    def put_after(self, first: int, keys: Ids, out: Nats) -> None:
        """Do as `put` does, where all keys have the same first character."""
        start, stop = self._starts[first], self._starts[first + 1]
        if start < stop:
            wanted = keys.astype(self.keys.dtype)
            row = self.keys[start:stop]
            at = np.searchsorted(row, wanted)
            at[at == stop - start] = 0
            there = np.flatnonzero(row[at] == wanted)
            out[there] = STEPS[self.values[at[there] + start]]


class Tables(NamedTuple):
    """The model.  `ids` numbers the known characters and the end of a line; `one`, `begins` and `ends` (nats, the
    latter two NaN where unknown) are by number, `after_digit` by character."""

    ids: dict[str, int]
    one: memoryview
    begins: memoryview
    ends: memoryview
    after_digit: dict[str, float]
    pairs: Keys
    triples: Keys
    words: Words


class Words(NamedTuple):
    """How likely one word ends with a character and the next begins with another: over all tags, the product of the
    weight of the tag at the end and of the weight of the beginning after this tag.

    The weights of the ends are sparse: those of character i stand at [starts[i], starts[i + 1]) of `tags` and
    `weights`.  `begins` has a row a tag and a column a character.
    """

    starts: npt.NDArray[np.int64]
    tags: npt.NDArray[np.int64]
    weights: npt.NDArray[np.float32]
    begins: npt.NDArray[np.float16]

    def across(self, a: Ids, b: Ids) -> Nats:
        """Return the chance that words go on with each of the characters `b` after the end of each of `a`, one row
        for each of `a`."""
        flat, sizes = self._flat(a)
        products = self.begins[self.tags[flat][:, None], b].astype(np.float32)
        products *= self.weights[flat][:, None]
        out = np.zeros((len(a), len(b)))
        some = np.flatnonzero(sizes)
        if len(some):
            out[some] = np.add.reduceat(products, (np.cumsum(sizes) - sizes)[some], axis=0)
        return out

    def each(self, a: Ids, b: Ids) -> Nats:
        """Return the chance that words go on with b[i] after the end with a[i]."""
        flat, sizes = self._flat(a)
        products = self.begins[self.tags[flat], np.repeat(b, sizes)].astype(np.float32) * self.weights[flat]
        return np.bincount(np.repeat(np.arange(len(a)), sizes), products, len(a)).astype(np.float64)

    def _flat(self, a: Ids) -> tuple[Ids, Ids]:
        """Return where the weights of the ends `a` stand, and how many each has."""
        starts = self.starts[a]
        sizes = self.starts[a + 1] - starts
        return np.repeat(starts - np.cumsum(sizes) + sizes, sizes) + np.arange(sizes.sum()), sizes


@cache
def characters() -> tuple[dict[str, int], memoryview]:
    """Return the numbers of the known characters, and their log shares (nats) by number."""
    ids = {c: i for i, c in enumerate(_unpacked("one").astype("<u4").tobytes().decode("utf-32-le"))}
    return ids, _view(STEPS[_unpacked("one_q").astype(np.uint8)])


@cache
def tables() -> Tables:
    """Return the model's tables; unpacking takes about 50 ms."""
    ids, one = characters()
    size = len(ids)
    points = _unpacked("one").ravel()
    numbers = np.zeros(int(points.max()) + 1, np.uint32)  # by code point
    numbers[points] = np.arange(size)
    numbers[ord(LINE)] = size
    two, values = _unpacked("two"), _unpacked("two_q").astype(np.uint8)
    begin, end, digit = two[0] == ord(BEGIN), two[1] == ord(END), two[0] == ord(DIGIT)
    begins, ends = np.full((2, size + 1), np.nan)
    begins[numbers[two[1][begin]]] = STEPS[values[begin]]
    ends[numbers[two[0][end]]] = STEPS[values[end]]
    plain = np.flatnonzero(~(begin | end | digit))
    pairs = numbers[two[0][plain]] << WIDTH | numbers[two[1][plain]]
    order = np.argsort(pairs, kind="stable")  # the end of a line has the highest number, and the lowest code point
    triples = np.zeros(_unpacked("three_q").size, np.uint64)
    for side in _unpacked("three"):
        triples <<= np.uint64(WIDTH)
        triples |= numbers[side]
    return Tables(ids | {LINE: size}, one, _view(begins), _view(ends),
                  dict(zip(map(chr, two[1][digit].tolist()), STEPS[values[digit]].tolist(), strict=True)),
                  Keys(pairs[order], values[plain][order], WIDTH),
                  Keys(triples, _unpacked("three_q").astype(np.uint8), 2 * WIDTH), _words())


def _words() -> Words:
    ends = _unpacked("ends")
    rows, tags = np.nonzero(ends.view(np.uint16))  # numbers of 16 bits are looked through faster
    return Words(np.searchsorted(rows, np.arange(len(ends) + 1)), tags, ends[rows, tags].astype(np.float32),
                 np.ascontiguousarray(_unpacked("begins").T, np.float16))


def _view(values: npt.NDArray[np.generic]) -> memoryview:
    return memoryview(values)  # type: ignore[arg-type]


class Logs:
    """What is known of characters, pairs and triples (nats); ``<c`` and ``c>``: c begins, ends a word; ``0c``: c
    after a digit.

    >>> "我们" in Logs(), "鎴戜" in Logs()
    (True, False)
    """

    def get(self, key: str) -> float | None:
        """Return the value of `key`, None if it is unknown."""
        known = tables()
        if len(key) == 2:
            return pair(key[0], key[1])
        numbers = [known.ids.get(c, -1) for c in key]
        if -1 in numbers or LINE in key or len(key) not in (1, 3):
            return None
        if len(key) == 1:
            return float(known.one[numbers[0]])
        return known.triples.get(numbers[0], (numbers[0] << WIDTH | numbers[1]) << WIDTH | numbers[2])

    def __contains__(self, key: str) -> bool:
        return self.get(key) is not None


def pair(a: str, b: str) -> float | None:
    """Return the value of the key ``a + b``, see Logs; None if it is unknown."""
    known = tables()
    if b == END or a == BEGIN:
        return by_number(known.ends, a) if b == END else by_number(known.begins, b)
    if a == DIGIT:
        return known.after_digit.get(b)
    first, second = known.ids.get(a), known.ids.get(b)
    return known.pairs.get(first, first << WIDTH | second) if first is not None and second is not None else None


def by_number(values: memoryview, c: str) -> float | None:
    """Return the value of a character in `begins` or `ends`, None if it is unknown."""
    number = tables().ids.get(c)
    if number is None:
        return None
    value: float = values[number]
    return value if value == value else None  # not NaN
