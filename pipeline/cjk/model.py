"""A small character model of Chinese: how likely is this character after those two?

The model is built from word lists alone (pipeline/cjk/build_mojibake.py): inside words it counts pairs
and triples of characters, between words it multiplies the chance that one word ends and the next begins.
Values are natural logs of probabilities ("nats").

    >>> score("我们的") > score("鎴戜滑鐨")
    True
"""
from __future__ import annotations

import math
import re
from functools import cache, lru_cache
from itertools import chain
from operator import add

import numpy as np
import numpy.typing as npt

from pipeline.cjk.model_tables import (
    BEGIN,
    DIGIT,
    END,
    WIDTH,
    Ids,
    Logs,
    Nats,
    by_number,
    characters,
    pair,
    tables,
    text_of,
)

FLOOR = -17.0
HAN_SHARE = 0.8
LONG = 48  # characters from which numpy is faster, if most are Chinese
SPECIAL = re.compile("[0-9<>]+")  # see tables().after_digit and Logs
CJK = "\u2e80"  # only behind such characters words are weighed
# Characters the word list knows nothing of: one share per block, from the first code point to before the second.
BLOCKS = ((0x0, 0x20, -15.0), (0x20, 0x80, -6.0), (0x80, 0xA0, FLOOR), (0xA0, 0xC0, -12.0), (0xC0, 0x180, -10.0),
          (0x391, 0x3CA, -11.0), (0x410, 0x450, -11.0), (0x2000, 0x2800, -12.5), (0x3041, 0x3100, -8.0),
          (0xAC00, 0xD7A4, -11.0), (0xFF10, 0xFF5F, -9.5), (0x1F300, 0x1FB00, -11.0))
SIGNS = (BEGIN, DIGIT)  # in the place of a character before, see Logs
RUNS = {"a": -3.2, "d": -2.5, "k": -4.2, "h": -5.0, "g": -4.0, "c": -4.0}


@cache
def readings() -> dict[str, str]:
    """Return the characters of GBK by reading, for example ``{"zhàn": "占戰战站..."}``."""
    return dict(line.split(" ") for line in text_of("readings").split("\n"))


@cache
def traditional() -> frozenset[str]:
    """Return the characters that only Traditional text has."""
    return frozenset(text_of("traditional"))


@cache
def simplified() -> frozenset[str]:
    """Return the characters that only Simplified text has."""
    return frozenset(text_of("simplified"))


@cache
def logs() -> Logs:
    """Return the model by its keys: characters, ``<c`` and ``c>`` (c begins, ends a word), pairs and triples."""
    return Logs()


@cache
def share(c: str) -> float:
    """Return the log share of `c` in running text."""
    ids, known = characters()
    if c in ids:
        return float(known[ids[c]])
    code = ord(c)
    if c.isascii() and c.isalnum():
        return -5.0
    if c in " \n\t":
        return -4.0
    return next((p for lo, hi, p in BLOCKS if lo <= code < hi), FLOOR)


@cache
def kind(c: str) -> str:
    """Return the script class of `c`, ``""`` for Han and everything else."""
    code = ord(c)
    if code < 0x80:
        return "a" if c.isalpha() else "d" if c.isdigit() else " "
    if 0x3041 <= code <= 0x30FF:
        return "k"
    if 0xAC00 <= code <= 0xD7A3:
        return "h"
    if 0x391 <= code <= 0x3C9:
        return "g"
    return "c" if 0x410 <= code <= 0x451 else ""


@lru_cache(1 << 12)
def across(a: str, b: str) -> float:
    """Return the log probability that a word ends with `a` and the next begins with `b`, given `a`."""
    known = tables()
    ends = by_number(known.ends, a) or 0.0
    begins = by_number(known.begins, b)
    if begins is None:
        raise KeyError(b)
    if a not in known.ids:
        return ends + begins
    follows = _chance(known.ids[a], known.ids[b]) * HAN_SHARE
    return math.log(0.8 * follows * math.exp(ends) + 0.2 * math.exp(ends + begins))


def _chance(a: int, b: int) -> float:
    """Return the chance that words go on with character `b` after the end with `a`."""
    tags, weights = _end(a)
    return float(tables().words.begins[tags, b].astype(np.float32).dot(weights))


@lru_cache(1 << 12)
def _end(a: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]]:
    words = tables().words
    here = slice(words.starts[a], words.starts[a + 1])
    return words.tags[here], words.weights[here]


@lru_cache(1 << 14)
def conditional(before: str, c: str) -> float:
    """Return the log probability of `c` after `before`, the one or two characters that stand there."""
    known, last = tables(), before[-1:] or "\n"
    if "0" <= (last if last != " " else before[-2:-1]) <= "9" and c in known.after_digit:
        return known.after_digit[c]
    found, b, number = None, known.ids.get(last), known.ids.get(c)
    if b is not None and number is not None:
        a = known.ids.get(before[-2:-1])
        if a is not None:
            found = known.triples.get(a, (a << WIDTH | b) << WIDTH | number)
        if found is None:
            found = known.pairs.get(b, b << WIDTH | number)
    elif last in SIGNS or c == END:
        found = pair(last, c)
    if found is not None:
        return found
    if number is not None and (begins := known.begins[number]) == begins:  # not NaN
        return max(across(last, c) if last > CJK else begins, FLOOR)
    group = kind(c)
    if group and group == kind(last) and group in RUNS:
        return RUNS[group]
    if last == "\n":
        return share(c)
    end = known.ends[b] if b is not None else 0.0
    return max(share(c) + (end if end == end else 0.0), FLOOR)


@lru_cache(1 << 10)
def score(text: str, before: str = "\n") -> float:
    """Return the log probability of `text` after `before`, in nats."""
    if len(text) >= LONG and len(text.encode("utf-8", "surrogatepass")) > 2 * len(text):
        return float(_each("\n" + text, 1).sum() if not before else _each(before[-2:] + text, len(before[-2:])).sum())
    if not text:
        return 0.0
    contexts = map(add, before[-1:] + text, text) if before else chain(text[0], map(add, text, text[1:]))
    return sum(map(conditional, contexts, text[1:]), conditional(before[-2:], text[0]))


def _each(text: str, start: int) -> Nats:
    """Return what `conditional` says of text[start:], character by character, all at once; 1 <= `start` <= 2."""
    known = tables()
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32).astype(np.int64)
    ids = np.array([known.ids.get(c, -1) for c in text])
    c, b, a = ids[start:], ids[start - 1 : -1], (np.append(-1, ids) if start == 1 else ids)[: len(ids) - start]
    last = codes[start - 1 : -1]
    ends = np.nan_to_num(np.asarray(known.ends)[b])  # of no known character, as of the end of a line: nothing
    begins = np.asarray(known.begins)[c]
    never = np.isnan(begins)
    out: Nats = np.maximum(begins, FLOOR)
    words = np.flatnonzero(~never & (last > ord(CJK)) & (b >= 0))
    chances = known.words.each(b[words], c[words])
    out[words] = np.maximum(crossing(chances, ends[words], begins[words]), FLOOR)
    for i in np.flatnonzero(never).tolist():
        out[i] = conditional(text[max(0, start + i - 2) : start + i], text[start + i])
    _counted(text, start, (a, b, c), out)
    return out


def crossing(chances: Nats, ends: Nats, begins: Nats) -> Nats:
    """Return the log probability that a word ends and the next begins, see `across`."""
    return np.asarray(np.log(0.8 * (chances * HAN_SHARE) * np.exp(ends) + 0.2 * np.exp(ends + begins)))


def _counted(text: str, start: int, ids: tuple[Ids, Ids, Ids], out: Nats) -> None:
    """Put the pairs and triples that are known into `out`, and what depends on signs and digits."""
    known, (a, b, c) = tables(), ids
    places = np.flatnonzero((b >= 0) & (c >= 0))
    pairs, triples = b[places] << WIDTH | c[places], a[places] >= 0
    values = out[places]
    known.pairs.put(pairs, values)
    behind = values[triples]
    known.triples.put(a[places][triples] << 2 * WIDTH | pairs[triples], behind)
    values[triples] = behind
    out[places] = values
    for m in SPECIAL.finditer(text):
        for i in range(max(m.start(), start), min(m.end() + 2, len(text))):
            out[i - start] = conditional(text[max(0, i - 2) : i], text[i])
