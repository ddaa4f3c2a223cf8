"""How well does a text fall into words?  The likeliest words of a short text, by jieba's counts.

The character model (model.py) sees three characters at a time; a guess that reads well to it may still make no word.
The best way through the word lattice (jieba 0.42.1, MIT: words with their frequencies) tells them apart: at two
wrong guesses in a hundred, both together decide 72 % of lost third bytes of UTF-8, the characters alone 63 %.
Traditional text is looked up in its Simplified form, character by character (OpenCC's table).

    >>> wording("在公园散步吧") > wording("在公园散此吧") + 4
    True
"""
from __future__ import annotations

from functools import cache, lru_cache
from math import log

from pipeline.cjk.jieba_tables import TOTAL, load
from pipeline.cjk.model import HAN_SHARE, share
from pipeline.cjk.model_tables import tables
from pipeline.cjk.opencc_data import choices
from pipeline.cjk.trie import BASE, BASE_MASK, PARENT, VALUE_MASK

UNKNOWN = -16.0  # nats for a Chinese character that is no word of its own
LONGEST = 5  # characters of a word; longer ones are mostly names of places
NEVER = -1e9


@cache
def _plain() -> dict[int, str]:
    """Return the Simplified form of each character that has one."""
    return {ord(full): now[0] for full, now in choices("TSCharacters.txt").items() if len(full) == 1}


@cache
def _tables() -> tuple[memoryview, list[int], list[float]]:
    tables = load()
    logs = [NEVER, *(log(n / TOTAL * HAN_SHARE) for n in tables.frequencies.tolist()[1:])]
    return memoryview(tables.links), tables.codes.tolist(), logs  # type: ignore[arg-type]


@lru_cache(1 << 14)
def _words(text: str) -> tuple[float, ...]:
    """Return the log probabilities of text[:1], text[:2], ... as long as the dictionary goes on."""
    links, codes, logs = _tables()
    slot, out = 0, []
    for c in text:
        code = codes[ord(c)] if ord(c) < 0x10000 else 0
        target = (links[slot] >> BASE & BASE_MASK) + code
        link = links[target] if code else 0
        if not link or link >> PARENT != slot:
            break
        out.append(logs[(link & VALUE_MASK) >> 1])
        slot = target
    return tuple(out)


def wording(text: str) -> float:
    """Return the log probability (nats) of the likeliest words of `text`; linear in its length."""
    text = text.translate(_plain())
    size, after_digit = len(text), tables().after_digit
    best = [0.0] + [NEVER] * size
    for i in range(size):
        here, c = best[i], text[i]
        known = _words(text[i : i + LONGEST]) if "\u3400" <= c <= "\u9fff" else ()
        alone = UNKNOWN if "\u3400" <= c <= "\u9fff" else share(c)
        if i and c in after_digit and text[:i].rstrip(" ")[-1:].isdigit():
            alone = after_digit[c]
        for k, value in enumerate(known, i + 1):
            if here + value > best[k]:
                best[k] = here + value
        if here + alone > best[i + 1]:
            best[i + 1] = here + alone
    return best[size]
