"""A small character model of Chinese: how likely is this character after those two?

The model is built from word lists alone (pipeline/cjk/build_mojibake.py): inside words it counts pairs
and triples of characters, between words it multiplies the chance that one word ends and the next begins.
Values are natural logs of probabilities ("nats").

    >>> score("我们的") > score("鎴戜滑鐨")
    True
"""
from __future__ import annotations

import math
from functools import cache, lru_cache
from itertools import chain
from operator import add
from pathlib import Path

import numpy as np
import numpy.typing as npt

DATA = Path(__file__).parents[1] / "data" / "mojibake.npz"
STEP = 1 / 12
FLOOR = -17.0
HAN_SHARE = 0.8
# Characters the word list knows nothing of: one share per block, from the first code point to before the second.
BLOCKS = ((0x0, 0x20, -15.0), (0x20, 0x80, -6.0), (0x80, 0xA0, FLOOR), (0xA0, 0xC0, -12.0), (0xC0, 0x180, -10.0),
          (0x391, 0x3CA, -11.0), (0x410, 0x450, -11.0), (0x2000, 0x2800, -12.5), (0x3041, 0x3100, -8.0),
          (0xAC00, 0xD7A4, -11.0), (0xFF10, 0xFF5F, -9.5), (0x1F300, 0x1FB00, -11.0))
RUNS = {"a": -3.2, "d": -2.5, "k": -4.2, "h": -5.0, "g": -4.0, "c": -4.0}


@cache
def table(name: str) -> npt.NDArray[np.generic]:
    """Return an array of the data file; each is unpacked when it is first needed."""
    with np.load(DATA) as data:
        return np.asarray(data[name])


def text_of(name: str) -> str:
    """Return an array of the data file that holds UTF-8 text."""
    return table(name).tobytes().decode()


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
def logs() -> dict[str, float]:
    """Return the model: characters, ``<c`` and ``c>`` (c begins, ends a word), pairs and triples."""
    return _logs("one", 1) | _logs("two", 2) | _logs("three", 3)


@cache
def _alone() -> dict[str, float]:
    """Return the model's single characters: all that most texts ask for, and a fortieth of the whole."""
    return _logs("one", 1)


def _logs(name: str, size: int) -> dict[str, float]:
    values = [-STEP * q for q in range(256)]
    text = table(name).T.astype("<u4").tobytes().decode("utf-32-le")
    keys = [text[i : i + size] for i in range(0, len(text), size)] if size > 1 else list(text)
    return dict(zip(keys, [values[q] for q in table(name + "_q").tolist()], strict=True))


@cache
def share(c: str) -> float:
    """Return the log share of `c` in running text."""
    found = _alone().get(c)
    if found is not None:
        return found
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


@cache
def _places() -> dict[str, int]:
    return {chr(c): i for i, c in enumerate(table("one").ravel().tolist())}


@lru_cache(1 << 14)
def across(a: str, b: str) -> float:
    """Return the log probability that a word ends with `a` and the next begins with `b`, given `a`."""
    known = logs()
    apart = known.get(a + ">", 0.0) + known["<" + b]
    i, j = _places().get(a), _places().get(b)
    if i is None or j is None:
        return apart
    follows = float(np.dot(_weights("ends")[i], _weights("begins")[j])) * HAN_SHARE
    return math.log(0.8 * follows * math.exp(known.get(a + ">", 0.0)) + 0.2 * math.exp(apart))


@cache
def _weights(name: str) -> npt.NDArray[np.float32]:
    return table(name).astype(np.float32)


@lru_cache(1 << 15)
def conditional(before: str, c: str) -> float:
    """Return the log probability of `c` after `before`, the one or two characters that stand there."""
    known = logs()
    last = before[-1:] or "\n"
    found = known.get(before[-2:] + c) if len(before) > 1 else None
    if "0" <= (last if last != " " else before[-2:-1]) <= "9" and ("0" + c) in known:
        return known["0" + c]
    if found is None:
        found = known.get(last + c)
    if found is not None:
        return found
    if (begins := known.get("<" + c)) is not None:
        return max(across(last, c) if last > "\u2e80" else begins, FLOOR)
    group = kind(c)
    if group and group == kind(last) and group in RUNS:
        return RUNS[group]
    return share(c) if last == "\n" else max(share(c) + known.get(last + ">", 0.0), FLOOR)


@lru_cache(1 << 12)
def score(text: str, before: str = "\n") -> float:
    """Return the log probability of `text` after `before`, in nats."""
    if not text:
        return 0.0
    contexts = map(add, before[-1:] + text, text) if before else chain(text[0], map(add, text, text[1:]))
    return sum(map(conditional, contexts, text[1:]), conditional(before[-2:], text[0]))
