"""A corpus of which it is known what repeats what: planted copies of real texts, and the true similarities.

The true pairs come from an exact similarity join (prefix filter, Chaudhuri, Ganti and Kaushik, ICDE 2006) over
the shingles themselves: no hashes, no sketches, and none of the code under test but the folded key.
"""
from __future__ import annotations

import json
import lzma
import math
import random
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from pipeline.cjk.fold import key

PILES = ("pile_simp_law", "pile_trad_taiwanmd", "pile_trad_law_moj")
SIZE = 700  # characters of a text: about 2 KB
FRAMES = (
    "\n评论\n暂无评论，快来评价一下吧！\n下载客户端\n", "\n相关阅读\n", "\n正在閱讀：\n", "\n分享到微博\n打印本页\n",
)
HEADS = ("来源：新闻网  2024年5月{}日  记者 王五\n", "【大字】 發佈時間：2023-11-{} 點擊：{}\n",
         "首页 > 新闻 > 正文 {}\n")
FEET = ("\n（责任编辑：李四{}）", "\n版權所有 轉載請註明出處 {}", "\n扫一扫，分享到朋友圈 {}")
SENTENCES = ("会后有关负责人回答了提问。", "天气预报说明天有雨。", "他没有再说什么。", "這個問題還沒有答案。",
             "工程预计明年完工。")


class Planted(NamedTuple):
    """Text `id` was made from the text `base`."""

    id: str
    base: str
    kind: str


def pieces(data: Path | None) -> Iterator[str]:
    """Yield real texts of about `SIZE` characters, at most three of one source."""
    for text in _sources(data):
        at = 0
        for _ in range(3):
            end = text.find("\n", at + SIZE)
            if end < 0 or end > at + 2 * SIZE:
                break
            yield text[at : at + SIZE] + text[at + SIZE : end][: SIZE // 4]
            at = end + 1


def _sources(data: Path | None) -> Iterator[str]:
    if data is None:
        yield from _scrambled()
        return
    for pile in PILES:
        with lzma.open(data / pile / "docs.jsonl.xz", "rt", encoding="utf-8") as file:
            for line in file:
                yield json.loads(line)["text"]


def _scrambled() -> Iterator[str]:
    """Yield texts made of the seeds' sentences in random order, some characters changed in each."""
    rng = random.Random(0)
    said = [p.read_text("utf-8") for p in sorted(Path("seeds").glob("*.txt"))]
    letters = [c for text in said for c in text if "\u4e00" <= c < "\ua000"]
    lines = [line for text in said for line in text.split("\n") if len(line) > 20]
    while True:
        text = "\n".join(rng.sample(lines, 60))
        yield "".join(rng.choice(letters) if rng.random() < 0.15 else c for c in text)


def corpus(data: Path | None, size: int, seed: int = 1) -> tuple[dict[str, str], list[Planted]]:
    """Return `size` texts by id, and what was planted among them."""
    rng, pool = random.Random(seed), list(_take(pieces(data), size))
    rng.shuffle(pool)
    texts: dict[str, str] = {}
    planted: list[Planted] = []

    def add(text: str, kind: str, base: str = "") -> str:
        texts[id := f"{kind}-{len(texts):06d}"] = text
        if base:
            planted.append(Planted(id, base, kind))
        return id

    for kind, share in (("exact", 0.1), ("near", 0.1), ("twin", 0.05), ("damaged", 0.05)):
        for _ in range(int(size * share)):
            base = pool.pop()
            add(CHANGES[kind](base, rng), kind, add(base, "plain"))
    for _ in range(int(size * 0.05)):
        add(_twice(base := pool.pop(), rng), "twice", add(base, "once") if rng.random() < 0.2 else "-")
    for _ in range(int(size * 0.03)):
        base = pool.pop()
        add(pool.pop() + "\n" + base, "reprint", add(base, "part"))
    for _ in range(int(size * 0.02)):
        a = pool.pop()
        b = edit(a, rng, 0.019)
        first = add(a, "chain")
        add(edit(b, rng, 0.019), "chain", add(b, "chain", first))
    for _ in range(int(size * 0.003)):
        base = pool.pop()
        for _ in range(10):
            add(edit(base, rng, 0.06), "template")
    while len(texts) < size:
        add(pool.pop(), "plain")
    ids = list(texts)
    rng.shuffle(ids)
    return {id: texts[id] for id in ids}, planted


def _take(texts: Iterator[str], count: int) -> Iterator[str]:
    for text, _ in zip(texts, range(count), strict=False):
        yield text


def _exact(text: str, rng: random.Random) -> str:
    wide = str.maketrans("abcdefgABCDEFG0123456789，：；（）", "ａｂｃｄｅｆｇＡＢＣＤＥＦＧ０１２３４５６７８９,:;()")
    return "\u3000\u3000" + text.replace("\n", "\n\n\u3000\u3000").translate(wide)


def _near(text: str, rng: random.Random) -> str:
    """Return the text with another head and foot, and up to five sentences changed, added or left out."""
    said = text.split("。")
    for _ in range(rng.randrange(1, 6)):
        at, how = rng.randrange(len(said)), rng.random()
        if how < 0.4:
            said[at] = edit(said[at], rng, 0.1)
        elif how < 0.8:
            said.insert(at, rng.choice(SENTENCES)[:-1])
        elif len(said[at]) < 40:
            said.pop(at)
    head, foot = rng.choice(HEADS), rng.choice(FEET)
    return head.format(rng.randrange(30), rng.randrange(9999)) + "。".join(said) + foot.format(rng.randrange(99))


def _twin(text: str, rng: random.Random) -> str:
    from opencc import OpenCC

    traditional = sum(c in "這國會為來說們個時學對發經" for c in text)
    simplified = sum(c in "这国会为来说们个时学对发经" for c in text)
    return str(OpenCC("t2s" if traditional > simplified else "s2t").convert(text))


def _damaged(text: str, rng: random.Random) -> str:
    """Return the text with one to five characters lost to a question mark or a replacement character."""
    out = list(text)
    for at in rng.sample(range(len(out)), rng.randrange(1, 6)):
        out[at] = rng.choice(("\ufffd\ufffd", "?", "\ufffd"))
    return "".join(out)


def _twice(text: str, rng: random.Random) -> str:
    return text + rng.choice(FRAMES) + text


def edit(text: str, rng: random.Random, share: float) -> str:
    """Return the text with a share of its characters replaced by others of it."""
    return "".join(rng.choice(text) if rng.random() < share else c for c in text)


CHANGES = {"exact": _exact, "near": _near, "twin": _twin, "damaged": _damaged}


class Truth:
    """The shingles of texts as small integers, exactly; similarities and all pairs from these."""

    def __init__(self, bodies: dict[str, str], width: int = 5) -> None:
        self.ids = list(bodies)
        points = [np.frombuffer(key(text).encode("utf-32-le"), np.uint32) for text in bodies.values()]
        slide = np.lib.stride_tricks.sliding_window_view
        views = [np.ascontiguousarray(slide(p, width)) for p in points if len(p) >= width]
        counts = [max(0, len(p) - width + 1) for p in points]
        _, inverse, often = np.unique(np.concatenate(views).view(f"V{4 * width}").ravel(), return_inverse=True,
                                      return_counts=True)
        rank = np.empty(len(often), np.int64)
        rank[np.argsort(often, kind="stable")] = np.arange(len(often))  # the rarest shingle is 0
        self.sets = [np.unique(s) for s in np.split(rank[inverse], np.cumsum(counts)[:-1])]
        self.number = {id: n for n, id in enumerate(self.ids)}

    def similarity(self, a: str, b: str) -> float:
        """Return Jaccard's similarity of two texts."""
        one, other = self.sets[self.number[a]], self.sets[self.number[b]]
        both = len(np.intersect1d(one, other, assume_unique=True))
        return both / max(1, len(one) + len(other) - both)

    def pairs(self, least: float) -> list[tuple[str, str, float]]:
        """Return all pairs of texts that are at least so similar."""
        shelves: dict[int, list[int]] = {}
        found = []
        for n in sorted(range(len(self.sets)), key=lambda n: len(self.sets[n])):
            size = len(self.sets[n])
            near = set()
            for shingle in self.sets[n][: size - math.ceil(least * size) + 1].tolist():
                shelf = shelves.setdefault(shingle, [])
                near.update(m for m in shelf if len(self.sets[m]) >= least * size)
                shelf.append(n)
            for m in near:
                similarity = self.similarity(self.ids[n], self.ids[m])
                if similarity >= least:
                    found.append((self.ids[n], self.ids[m], similarity))
        return found
