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
def _tables() -> tuple[memoryview, ...]:
    tables = load()
    return tuple(memoryview(side) for side in (tables.links, tables.codes, tables.frequencies))  # type: ignore[arg-type]


@lru_cache(1 << 12)
def _words(text: str) -> tuple[float, ...]:
    """Return the log probabilities of text[:1], text[:2], ... as long as the dictionary goes on."""
    links, codes, frequencies = _tables()
    slot, out = 0, []
    for c in text:
        code = codes[ord(c)] if ord(c) < 0x10000 else 0
        target = (links[slot] >> BASE & BASE_MASK) + code
        link = links[target] if code else 0
        if not link or link >> PARENT != slot:
            break
        rank = (link & VALUE_MASK) >> 1
        out.append(log(frequencies[rank] / TOTAL * HAN_SHARE) if rank else NEVER)
        slot = target
    return tuple(out)


def wording(text: str) -> float:
    """Return the log probability (nats) of the likeliest words of `text`; linear in its length."""
    return _heads(text.translate(_plain()))[-1]


@lru_cache(1 << 10)
def wordings(left: str, chars: tuple[str, ...], right: str) -> list[float]:
    """Return `wording` of ``left + c + right`` for each of `chars`; what does not depend on them is weighed once.

    >>> found = wordings("在公园散", ("步", "此"), "吧")
    >>> all(abs(a - wording("在公园散" + c + "吧")) < 1e-9 for c, a in zip("步此", found, strict=True))
    True
    """
    left, right = left.translate(_plain()), right.translate(_plain())
    heads, tails, size = _heads(left), _tails(right), len(left)
    open_ = [i for i in range(max(0, size - LONGEST + 1), size) if len(_known(left[i:])) == size - i]  # may go on
    out = []
    for c in chars:
        if c == " " or c.isdigit() or len(c) != 1:
            out.append(wording(left + c + right))
            continue
        c = c.translate(_plain())
        best = heads[-1] + _alone(left, c) + tails[0]
        for i in (*open_, size):
            known = _known(left[i:] + c + right[: LONGEST - 1 - size + i])
            for k in range(size - i, len(known)):  # words that hold `c`
                value = heads[i] + known[k] + tails[i + k - size]
                if value > best:
                    best = value
        out.append(best)
    return out


def _heads(text: str) -> list[float]:
    """Return the log probability of the likeliest words of text[:0], text[:1], ..."""
    best = [0.0] + [NEVER] * len(text)
    for i, c in enumerate(text):
        here = best[i]
        for k, value in enumerate(_known(text[i : i + LONGEST]), i + 1):
            if here + value > best[k]:
                best[k] = here + value
        alone = here + _alone(text[:i], c)
        if alone > best[i + 1]:
            best[i + 1] = alone
    return best


def _tails(text: str) -> list[float]:
    """Return the log probability of the likeliest words of text[0:], text[1:], ..., behind what is no digit."""
    best = [NEVER] * len(text) + [0.0]
    for i in reversed(range(len(text))):
        best[i] = _alone(text[:i], text[i]) + best[i + 1]
        for k, value in enumerate(_known(text[i : i + LONGEST]), i + 1):
            if value + best[k] > best[i]:
                best[i] = value + best[k]
    return best


def _known(text: str) -> tuple[float, ...]:
    return _words(text) if "\u3400" <= text[0] <= "\u9fff" else ()


def _alone(before: str, c: str) -> float:
    """Return the log probability of a character that is no word with others."""
    if c in tables().after_digit and before.rstrip(" ")[-1:].isdigit():
        return tables().after_digit[c]
    return UNKNOWN if "\u3400" <= c <= "\u9fff" else share(c)


def likeliest(text: str) -> list[str]:
    """Return the likeliest words of a Chinese `text`, in its own script.

    >>> likeliest("太魯閣國家公園")
    ['太魯閣', '國家', '公園']
    """
    plain, size = text.translate(_plain()), len(text)
    best = [(0.0, 0)] + [(NEVER, 0)] * size  # of the words up to a place, and where the last of them begins
    for i in range(size):
        here = best[i][0]
        for k, value in enumerate(_words(plain[i : i + LONGEST]), i + 1):
            best[k] = max(best[k], (here + value, i))
        best[i + 1] = max(best[i + 1], (here + UNKNOWN, i))
    out, end = list[str](), size
    while end:
        out.append(text[best[end][1] : end])
        end = best[end][1]
    return out[::-1]
