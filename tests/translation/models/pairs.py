"""Sentence pairs made from templates and the glossary, for the toy models."""
from __future__ import annotations

import csv
import random
from functools import cache
from pathlib import Path

GLOSSARY = Path(__file__).parents[3] / "config" / "glossary.tsv"
TEMPLATES = [
    ("{o}发布新产品。", "{o} released a new product."),
    ("{o}推出{p}。", "{o} launched {p}."),
    ("{h}是{o}的首席执行官。", "{h} is the chief executive officer of {o}."),
    ("{h}表示，{o}将投入{n}亿元。", "{h} said {o} will invest {m} billion yuan."),
    ("{o}与{q}展开合作。", "{o} is working with {q}."),
    ("{p}的月活跃用户达到{n}万。", "{p} reached {k} monthly active users."),
    ("{o}需要更多{t}。", "{o} needs more {t}."),
    ("{t}的需求同比增长{c}%。", "Demand for {t} grew {c}% year on year."),
    ("{o}的市场份额为{c}%。", "The market share of {o} is {c}%."),
]


@cache
def entries(per_type: int) -> dict[str, list[tuple[str, str]]]:
    """Return the first entries (zh, en) of each type; few keep the vocabulary small enough to learn."""
    by_type: dict[str, list[tuple[str, str]]] = {}
    with open(GLOSSARY, encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            group = by_type.setdefault(row["type"], [])
            if len(group) < per_type:
                group.append((row["zh"], row["en"]))
    return by_type


def make(count: int, seed: int = 1, per_type: int = 8) -> list[tuple[str, str]]:
    """Return `count` (zh, en) pairs made of `per_type` entries a type."""
    rng, by_type = random.Random(seed), entries(per_type)
    out = [pair for group in by_type.values() for pair in group]
    while len(out) < count:
        zh, en = rng.choice(TEMPLATES)
        o, q = rng.sample(by_type["org"], 2)
        p, h, t = (rng.choice(by_type[kind]) for kind in ("product", "person", "term"))
        n, c = rng.choice([10, 20, 50, 100]), rng.choice([5, 10, 25, 40])
        numbers = {"n": n, "m": f"{n / 10:g}", "k": f"{n * 10000:,}", "c": c}
        out.append(tuple(  # type: ignore[arg-type]
            text.format(o=o[i], q=q[i], p=p[i], h=h[i], t=t[i], **numbers) for i, text in enumerate((zh, en))))
    return out
