"""Parts of speech: those of jieba's dictionary and of the user's words.

A word of the dictionary has the tag that ``jieba.posseg`` gives it where it cuts the same word: the
one in the dictionary.  Numbers are ``m``, Latin words ``eng``, and everything else, words that only the
hidden Markov model found among it, is ``x``.

Source of the tags: https://github.com/fxsjy/jieba#4-part-of-speech-tagging (the ICTCLAS set).
"""
from __future__ import annotations

import re
from functools import lru_cache

from pipeline.cjk.jieba_tables import load, load_tags
from pipeline.cjk.route import UserWord
from pipeline.cjk.trie import locate

NUMBER, LATIN = re.compile(r"[.0-9]+%?"), re.compile(r"[a-zA-Z0-9]+")


def tags_of(words: str, user: dict[str, str]) -> str:
    """Return the parts of speech of words joined by spaces and new lines, laid out as they are.

    Args:
        words: as the segment stage has them.
        user: the parts of speech of the user's words.

    >>> tags_of("我 来到 北京\\n2025 年", {})
    'r v ns\\nm m'
    """
    return "\n".join(" ".join([user.get(word) or tag(word) for word in line.split(" ")]) if line else ""
                     for line in words.split("\n"))


@lru_cache(maxsize=8)
def user_tags(words: tuple[UserWord, ...]) -> dict[str, str]:
    """Return the parts of speech that the user gave."""
    return {word: tag for word, _, tag in words if tag}


@lru_cache(maxsize=1 << 16)
def tag(word: str) -> str:
    """Return the part of speech of a word in jieba's dictionary."""
    tables, (numbers, names) = load(), load_tags()
    slot = locate(tables.links, [int(tables.codes[ord(c)]) if ord(c) < 0x10000 else 0 for c in word])
    if slot and numbers[slot]:
        return names[int(numbers[slot])]
    if NUMBER.fullmatch(word):
        return "m"
    return "eng" if LATIN.fullmatch(word) else "x"
