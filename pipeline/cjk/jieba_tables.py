"""jieba's dictionary and hidden Markov model as arrays that map straight into memory.

``python -m pipeline.cjk.jieba_tables`` writes them from the installed jieba (0.42.1, MIT licence)
into pipeline/data/jieba, in about a minute.  At run time jieba itself is never imported, so that
nothing is parsed, no cache is written, and all worker processes share one copy of the pages.

* ``alphabet.npy``: uint16, the 21,019 characters that jieba looks up, the most frequent first; code = place + 1.
* ``links.npy``: the words, a double-array trie (see trie.py) whose values are ``rank * 2 + whole``.
* ``frequencies.npy``: int64, how often the words of each rank count; rank 0 is no word.
* ``tags.npy``, ``tags.txt``: for each slot of the trie the part of speech of its word, as a line of tags.txt.
* ``emit.npy``: float64 (4, 20950), the log probability that state B, E, M, S emits U+4E00...U+9FD5.

`whole` says that nothing inside the word is likelier than the word, by a margin that no rounding
reaches: where such a word stands and no other crosses its borders, it need not be weighed again.
"""
from __future__ import annotations

from collections import Counter
from functools import cache
from math import log
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from pipeline.cjk.trie import Links, build, locate

FOLDER = Path(__file__).parent.parent / "data" / "jieba"
HAN = (0x4E00, 0x9FD5)  # first and last character that jieba takes for Han
ASCII_WORD = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
ASCII_SIGN = "+#&._%-"
STATES = "BEMS"
NEVER = -3.14e100
TOTAL = 60101967  # the sum of all frequencies in dict.txt: jieba.dt.total
MARGIN = 1e-6


class Tables(NamedTuple):
    """What the segmenter reads: `codes` maps the 65,536 characters of the BMP, 0 for none."""

    codes: npt.NDArray[np.uint16]
    links: Links
    frequencies: npt.NDArray[np.int64]
    emit: npt.NDArray[np.float64]


@cache
def load() -> Tables:
    """Return the tables, mapped into memory once a process (about 1 ms)."""
    alphabet = np.load(FOLDER / "alphabet.npy")
    codes = np.zeros(0x10000, np.uint16)
    codes[alphabet] = np.arange(1, len(alphabet) + 1, dtype=np.uint16)
    links, emit = (np.asarray(np.load(FOLDER / f"{name}.npy", mmap_mode="r")) for name in ("links", "emit"))
    return Tables(codes, links, np.load(FOLDER / "frequencies.npy"), emit)


@cache
def load_tags() -> tuple[npt.NDArray[np.uint8], list[str]]:
    """Return the number of the part of speech of each slot of the trie, and the parts of speech."""
    numbers = np.asarray(np.load(FOLDER / "tags.npy", mmap_mode="r"))
    return numbers, (FOLDER / "tags.txt").read_text(encoding="utf-8").split("\n")


def segmentable(char: str) -> bool:
    """Return whether jieba looks `char` up at all (its ``re_han_default``); the rest stands alone."""
    return HAN[0] <= ord(char) <= HAN[1] or char in ASCII_WORD or char in ASCII_SIGN


def write(folder: Path) -> None:
    """Write the tables from the installed jieba."""
    import jieba

    words, total = jieba.Tokenizer.gen_pfdict(jieba.get_dict_file())
    if total != TOTAL:
        raise ValueError(f"this jieba's frequencies add up to {total}, not to the {TOTAL} of 0.42.1")
    words = {word: n for word, n in words.items() if n and all(map(segmentable, word))}
    alphabet = _alphabet(words)
    code = {char: i for i, char in enumerate(alphabet, 1)}
    frequencies = [0, *sorted(set(words.values()))]
    rank = {frequency: i for i, frequency in enumerate(frequencies)}
    entries = [(tuple(code[c] for c in word), rank[n] * 2 + _stays_whole(word, words)) for word, n in words.items()]
    folder.mkdir(parents=True, exist_ok=True)
    np.save(folder / "alphabet.npy", np.array([ord(c) for c in alphabet], np.uint16))
    links = build(entries, len(alphabet))
    np.save(folder / "links.npy", links)
    _write_tags(folder, links, code)
    np.save(folder / "frequencies.npy", np.array(frequencies))
    np.save(folder / "emit.npy", _emissions())


def _write_tags(folder: Path, links: Links, code: dict[str, int]) -> None:
    import jieba

    with jieba.get_dict_file() as lines:
        tagged = [line.decode().split() for line in lines]
    names = ["", *sorted({tag for _, _, tag in tagged})]
    number = {name: i for i, name in enumerate(names)}
    numbers = np.zeros(len(links), np.uint8)
    for word, _, tag in tagged:
        slot = locate(links, [code.get(c, 0) for c in word])
        if slot:
            numbers[slot] = number[tag]
    np.save(folder / "tags.npy", numbers)
    (folder / "tags.txt").write_text("\n".join(names), encoding="utf-8")


def _alphabet(words: dict[str, int]) -> list[str]:
    """Return every segmentable character, the most frequent in `words` first."""
    seen = Counter({chr(c): 1 for c in range(HAN[0], HAN[1] + 1)} | dict.fromkeys(ASCII_WORD + ASCII_SIGN, 1))
    for word, frequency in words.items():
        for char in word:
            seen[char] += frequency
    return sorted(seen, key=lambda c: (-seen[c], c))


def _stays_whole(word: str, words: dict[str, int]) -> bool:
    """Return whether `word` is clearly likelier than the best way to cut it."""
    size, whole = len(word), log(TOTAL)
    best = [0.0] * (size + 1)
    for at in range(size - 1, -1, -1):
        pieces = {end: words[word[at:end]] for end in range(at + 1, size + 1)
                  if word[at:end] in words and end - at < size} or {at + 1: 1}
        best[at] = max(log(n) - whole + best[end] for end, n in pieces.items())
    return log(words[word]) - whole > best[0] + MARGIN


def _emissions() -> npt.NDArray[np.float64]:
    from jieba.finalseg import emit_P

    emit = np.full((len(STATES), HAN[1] - HAN[0] + 1), NEVER)
    for row, state in zip(emit, STATES, strict=True):
        for char, probability in emit_P[state].items():
            if HAN[0] <= ord(char) <= HAN[1]:
                row[ord(char) - HAN[0]] = probability
    return emit


if __name__ == "__main__":
    write(FOLDER)
