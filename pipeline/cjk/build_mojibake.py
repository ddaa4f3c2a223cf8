"""Builds pipeline/data/mojibake.npz: the character model and the suspicion tables of mojibake repair.

    python -m pipeline.cjk.build_mojibake

Sources: the word list of jieba 0.42.1 (MIT; words with counts from running text, and its tag
model); the conversion tables of
opencc-python-reimplemented 0.1.7 (Apache-2.0; every word in both scripts, and which characters belong to one
script); the readings of pypinyin 0.55 (MIT); the marks of pipeline/data/mojibake_marks.tsv and the words of
pipeline/data/cantonese.tsv.  The same versions give the same file, byte for byte.
"""
from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

import numpy as np

from pipeline.cjk.misreading import misread

DATA = Path(__file__).parents[1] / "data"
STEP = 1 / 12  # nats per unit of a stored byte
HAN_SHARE = 0.8  # of running text; the rest is marks
CANTONESE = 0.02  # of running text in either script
LEARNT = 0.9  # weight of a counted continuation, the rest goes to the shorter context
RARE = 6  # continuations seen less often are left out
SAMPLE = 400_000  # words of made-up running text per channel
CHANNELS = (("utf-8", "gbk", "w2"), ("utf-8", "big5", "w2"), ("utf-8", "shift-jis", "j1"), ("utf-8", "euc-kr", "j1"),
            ("big5", "gbk", "w2"), ("gbk", "big5", "w2"), ("utf-8", "gbk", "latin-1"), ("utf-8", "gbk", "gb18030"))


class Word(NamedTuple):
    """One word of the list: its count in running text and its part of speech."""

    text: str
    seen: int
    tag: str


def words() -> list[Word]:
    """Return jieba's words in both scripts."""
    import opencc

    lines = (files("jieba") / "dict.txt").read_text("utf-8").splitlines()
    rows = [Word(w, int(n) + 1, tag) for w, n, tag in (line.split(" ") for line in lines)]
    text = "\n".join(w.text for w in rows)
    out: Counter[tuple[str, str]] = Counter()
    for config in ("s2t", "s2tw", "t2s"):
        for row, word in zip(rows, opencc.OpenCC(config).convert(text).split("\n"), strict=True):
            out[word, row.tag] += row.seen
    return [Word(w, n, tag) for (w, tag), n in out.items() if all(ord(c) > 0x2E80 for c in w)]


def cantonese(rows: list[Word]) -> list[Word]:
    """Return the words of pipeline/data/cantonese.tsv, as likely as a share of their counterparts."""
    lines = (DATA / "cantonese.tsv").read_text("utf-8").splitlines()
    known = {row.text: row for row in sorted(rows, key=lambda row: row.seen)}
    told = (line.split("\t") for line in lines if not line.startswith("#"))
    like = {word: known[other] for word, other in told if other in known}
    return [Word(word, math.ceil(CANTONESE * row.seen), row.tag) for word, row in like.items()]


def sequence(rows: list[Word], order: dict[str, int]) -> dict[str, np.ndarray]:
    """Return what the tag model of jieba.posseg says of two words in a row, for each character.

    ``ends``: the chance of each tag (once for words of several characters, once for single ones) given that the
    character ends a word.  ``begins``: the chance, given the tag before, that the next word begins with the
    character.  Their dot product is the chance of the second character after the first across words.
    """
    from jieba.posseg.prob_trans import P as transitions

    tags = sorted({t for state in transitions for t in [state[1]]})
    column = {("E", t): i for i, t in enumerate(tags)} | {("S", t): i + len(tags) for i, t in enumerate(tags)}
    begin = {("B", t): i for i, t in enumerate(tags)} | {("S", t): i + len(tags) for i, t in enumerate(tags)}
    ends = np.zeros((len(order), len(column)), np.float64)
    starts = np.zeros((len(begin), len(order)), np.float64)
    for word, n, tag in rows:
        if ("S", tag) in column:
            one = len(word) == 1
            ends[order[word[-1]], column["S" if one else "E", tag]] += n
            starts[begin["S" if one else "B", tag], order[word[0]]] += n
    ends /= np.maximum(ends.sum(1, keepdims=True), 1)
    starts /= np.maximum(starts.sum(1, keepdims=True), 1)
    steps = np.zeros((len(column), len(begin)))
    for state, after in transitions.items():
        for following, log in after.items():
            if state in column and following in begin:
                steps[column[state], begin[following]] = math.exp(log)
    begins = (steps / np.maximum(steps.sum(1, keepdims=True), 1e-9) @ starts).T
    return {"ends": ends.astype(np.float16), "begins": np.where(begins > 1e-7, begins, 0).astype(np.float16)}


def _order(table: dict[str, float]) -> dict[str, int]:
    return {c: i for i, c in enumerate(sorted(k for k in table if len(k) == 1))}


def marks() -> dict[str, float]:
    """Return the priors of punctuation."""
    rows = (DATA / "mojibake_marks.tsv").read_text("utf-8").splitlines()
    return {k.replace("\\n", "\n"): float(v) for k, v in (r.split("\t") for r in rows if r[0] != "#")}


class Counts:
    """How often characters, pairs and triples occur inside words, and characters at the border of words."""

    def __init__(self, rows: list[Word]) -> None:
        self.one: Counter[str] = Counter()
        self.two: Counter[str] = Counter()
        self.three: Counter[str] = Counter()
        self.begin: Counter[str] = Counter()
        self.end: Counter[str] = Counter()
        for word, n, _ in rows:
            self.begin[word[0]] += n
            self.end[word[-1]] += n
            for i in range(len(word)):
                self.one[word[i]] += n
                if i:
                    self.two[word[i - 1 : i + 1]] += n
                if i > 1:
                    self.three[word[i - 2 : i + 1]] += n
        self.total = sum(self.one.values())
        self.words = sum(self.begin.values())


def model(n: Counts) -> dict[str, float]:
    """Return natural logs: of characters, of begin/end of words (keys ``<c`` and ``c>``), of pairs, of triples."""
    out: dict[str, float] = {}
    for c, k in n.one.items():
        out[c] = math.log(HAN_SHARE * k / n.total)
        out["<" + c] = math.log((n.begin[c] + 0.3) / n.words * HAN_SHARE)
        out[c + ">"] = math.log((n.end[c] + 0.5) / (k + 1))

    def crossing(a: str, b: str) -> float:
        return math.exp(out[a + ">"] + out["<" + b])

    for ab, k in n.two.items():
        a = ab[0]
        cross = crossing(a, ab[1])
        if k >= RARE and LEARNT * k / n.one[a] > 0.5 * cross:
            out[ab] = math.log(LEARNT * k / n.one[a] + cross)
    for abc, k in n.three.items():
        if k >= RARE:
            p = 0.6 * k / n.two[abc[:2]] + 0.4 * math.exp(out.get(abc[1:], -16.0))
            if math.log(p) > out.get(abc[1:], -16.0) + 0.7:
                out[abc] = math.log(p)
    out.update(marks())
    return out


def running(rows: list[Word], rng: random.Random) -> Iterator[str]:
    """Yield made-up running text: words by frequency, with marks between them."""
    tally = {m: math.exp(v) for m, v in marks().items() if len(m) == 1}
    for chosen in (rows, [r for r in rows if r.seen >= 100]):
        pick = rng.choices([r.text for r in chosen], [r.seen for r in chosen], k=SAMPLE // 2)
        stops = rng.choices(["", *tally], [1 - sum(tally.values()), *tally.values()], k=SAMPLE // 2)
        for start in range(0, SAMPLE // 2, 20):
            yield "".join(w + s for w, s in zip(pick[start : start + 20], stops[start : start + 20], strict=True))


def suspicion(texts: list[str], channel: tuple[str, str, str]) -> Counter[str]:
    """Return how often each character is shown when `channel` misreads `texts`."""
    write, read, policy = channel
    shown: Counter[str] = Counter()
    for text in texts:
        if policy in ("latin-1", "gb18030"):  # a layer below
            text, policy_above = text.encode().decode(policy, "ignore"), "w2"
        else:
            policy_above = policy
        data = text.encode({"big5": "cp950"}.get(write, write), "ignore")
        for piece in (data, *([text[1:].encode()] if write == "utf-8" else [])):
            shown.update(misread(piece, read, policy_above))
    return shown


def pack(table: dict[str, float]) -> dict[str, np.ndarray]:
    """Return the model as arrays: keys joined by newline in code point order, values in steps of 1/12 nat."""
    out: dict[str, np.ndarray] = {}
    for size, name in ((1, "one"), (2, "two"), (3, "three")):
        keys = sorted(k for k in table if len(k) == size)
        codes = np.frombuffer("".join(keys).encode("utf-32-le"), np.uint32).reshape(-1, size)
        order = np.lexsort(codes.T[::-1])
        out[name] = codes[order].T.copy()
        values = np.array([table[k] for k in keys])[order]
        out[name + "_q"] = np.clip(np.rint(-values / STEP), 0, 255).astype(np.uint8)
    return out


def readings() -> dict[str, str]:
    """Return the characters of GBK by reading with tone mark (or none), in code point order."""
    from pypinyin.constants import PINYIN_DICT

    out: dict[str, str] = {}
    for code in sorted(PINYIN_DICT):
        try:
            if len(chr(code).encode("gbk")) == 2:
                for reading in PINYIN_DICT[code].split(","):
                    out[reading] = out.get(reading, "") + chr(code)
        except UnicodeEncodeError:
            continue
    return dict(sorted(out.items()))


def scripts() -> tuple[str, str]:
    """Return the characters that only Traditional text has, and those that only Simplified text has."""
    import opencc

    han = "".join(chr(c) for c in range(0x4E00, 0xA000))
    simple, full = (opencc.OpenCC(config).convert("\n".join(han)).split("\n") for config in ("t2s", "s2t"))
    return ("".join(c for c, s in zip(han, simple, strict=True) if s != c),
            "".join(c for c, t, s in zip(han, full, simple, strict=True) if t != c and s == c))


def text_array(text: str) -> np.ndarray:
    """Return `text` as UTF-8 bytes in an array."""
    return np.frombuffer(text.encode(), np.uint8)


def build() -> None:
    """Write the data file."""
    rows = words()
    spoken = rows + cantonese(rows)
    table = model(Counts(spoken))
    arrays = pack(table) | sequence(spoken, _order(table))
    texts = list(running(rows, random.Random(1)))
    clean = Counter(c for t in texts for c in t)
    total = sum(clean.values())
    codes, values = [], []
    for i, channel in enumerate(CHANNELS):
        shown = suspicion(texts, channel)
        size = sum(n for c, n in shown.items() if ord(c) > 0x7F)
        for c, n in sorted(shown.items()):
            if ord(c) > 0x7F and n / size > 2e-6:
                p = clean[c] / total if clean[c] else 3e-7
                codes.append((i, ord(c)))
                values.append(math.log(n / size) - math.log(max(p, 3e-7)))
    arrays["channel"] = np.array([c[0] for c in codes], np.uint8)
    arrays["shown"] = np.array([c[1] for c in codes], np.uint32)
    arrays["odds_q"] = np.clip(np.rint(np.array(values) * 8), -127, 127).astype(np.int8)
    arrays["channels"] = np.array([">".join((read, write)) for write, read, _ in CHANNELS])
    arrays["readings"] = text_array("\n".join(f"{k} {v}" for k, v in readings().items()))
    arrays["traditional"], arrays["simplified"] = map(text_array, scripts())
    np.savez_compressed(DATA / "mojibake.npz", **arrays)  # type: ignore[arg-type]


if __name__ == "__main__":
    build()
