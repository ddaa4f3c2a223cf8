"""How much damaged text the mojibake stage restores, class by class, beside ftfy, and how fast.

    python benchmarks/mojibake.py [DATA]
    python benchmarks/mojibake.py [DATA] --clean MB    (changes in clean text; fails if there are any)

DATA (or the environment variable QINGYUAN_DATA) is a folder of evaluation data with `pile_simp_law`,
`pile_trad_law_moj`, `pile_trad_taiwanmd` (docs.jsonl.xz) and `ntrex` (lines_0000_0999.jsonl); without it, sentences
of the seeds are damaged.  Cases are made with fixed seeds; documents are split into a development and a test half
by their hash, and the test half is scored unless --dev is given.
"""
from __future__ import annotations

import argparse
import hashlib
import json
import lzma
import os
import random
import re
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks import untouched
from benchmarks.damage import CLASSES, LOSSLESS, LOSSY, emoji
from pipeline.cjk.misreading import FULL_WIDTH
from pipeline.document import Document
from pipeline.stages.mojibake import Mojibake

SENTENCE = re.compile("[^\n。！？]{11,79}[。！？]”?")
PILES = ("pile_simp_law", "pile_trad_law_moj", "pile_trad_taiwanmd")
ASTRAL = ("cesu8_latin1", "surrogate_pairs")
WHOLE = ("pinyin_injection", "pinyin_odd", "gbk_slip", "separators", "hkscs_private", "gb18030_private", "zero_width",
         "bidi", "kangxi_radical", "compat_ideograph", "html_named", "surrogate_pairs", "cesu8_latin1")
DOCS_A_PILE = 250
PAGE = 40  # sentences of a page whose speed is measured


class Case(NamedTuple):
    """One damaged text."""

    kind: str
    damaged: str
    expected: str
    span: int  # damaged characters of the original


def documents(data: Path | None) -> Iterator[tuple[str, str]]:
    """Yield (id, text) of clean documents."""
    if data is None:
        for path in sorted((Path(__file__).parents[1] / "seeds").glob("*.txt")):
            if not path.name.startswith("001"):
                yield path.name, path.read_text("utf-8")
        return
    for pile in PILES:
        with lzma.open(data / pile / "docs.jsonl.xz", "rt", encoding="utf-8") as rows:
            for _, row in zip(range(DOCS_A_PILE), rows, strict=False):
                doc = json.loads(row)
                yield f"{pile}/{doc['id']}", doc["text"][:6000]
    with open(data / "ntrex" / "lines_0000_0999.jsonl", encoding="utf-8") as rows:
        for row in rows:
            line = json.loads(row)
            for script in ("zh_cn", "zh_tw", "yue"):
                yield f"ntrex/{script}/{line['doc']}", line[script]


def sentences(data: Path | None, dev: bool) -> list[str]:
    """Return the sentences of one half of the documents, the same number of each source."""
    found = defaultdict(list)
    for name, text in documents(data):
        if data is None or (hashlib.sha256(name.encode()).digest()[0] % 2 == 0) == dev:
            found["/".join(name.split("/")[:-1])] += [m[0].strip() for m in SENTENCE.finditer(text)]
    least = min(3000, *(len(v) for v in found.values())) if len(found) > 1 else 10**6
    rng = random.Random(7)
    return [s for _, pool in sorted(found.items()) for s in rng.sample(pool, min(len(pool), least))]


def cases(pool: list[str], count: int, seed: int) -> Iterator[Case]:
    """Yield `count` cases of each class; half of the byte classes damage a part of the sentence only."""
    for kind, damage in CLASSES.items():
        rng, made = random.Random(f"{seed}{kind}"), 0
        for sentence in rng.sample(pool, len(pool)):
            text = emoji(sentence, rng) if kind in ASTRAL else sentence
            lo, hi = 0, len(text)
            if kind not in WHOLE and rng.random() < 0.5:
                size = rng.randrange(4, len(text) + 1)
                lo = rng.randrange(0, len(text) - size + 1)
                hi = lo + size
            try:
                shown = damage(text[lo:hi], rng)
            except UnicodeError:
                continue
            if shown and shown != text[lo:hi]:
                yield Case(kind, text[:lo] + shown + text[hi:], text, hi - lo)
                made += 1
            if made == count:
                break


def distance(a: str, b: str) -> int:
    """Return the edit distance."""
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        row = [i, *row[1:]] if not b else _next_row(row, i, x, b)
    return row[-1]


def _next_row(row: list[int], i: int, x: str, b: str) -> list[int]:
    new = [i]
    for j, y in enumerate(b):
        new.append(min(row[j] + (x != y), row[j + 1] + 1, new[j] + 1))
    return new


def wrong(repaired: str, case: Case) -> int:
    """Return how many characters of the repair are silently wrong: changed by it, and neither right nor marked."""
    if repaired in (case.expected, case.damaged):
        return 0
    return max(0, distance(repaired, case.expected) - repaired.count("\ufffd") - _left(repaired, case.damaged))


def _left(repaired: str, damaged: str) -> int:
    """Return how many odd characters of the damage still stand in the repair: visible, not silent."""
    odd = re.compile("[?\ue000-\uf8ff\x80-\xff]|[^\u0000-\u00ff]")
    kept = set(odd.findall(damaged))
    return sum(c in kept and c not in COMMON for c in repaired)


def folded(text: str) -> str:
    """Return `text` with full-width marks as ASCII: a damage of its own, which the stage leaves on purpose."""
    return text.translate(FULL_WIDTH)


COMMON: set[str] = set()
FOLDED = ("gbk_slip",)  # the program that made the slips folds the width of all that follows


def score(found: list[Case], fix: Callable[[str], str]) -> dict[str, tuple[int, int, int, int]]:
    """Return by class: cases, exact, silently wrong characters, damaged characters."""
    rows: dict[str, tuple[int, int, int, int]] = {}
    for case in found:
        now = fix(case.damaged)
        n, exact, bad, size = rows.get(case.kind, (0, 0, 0, 0))
        if case.kind in FOLDED:
            now, case = folded(now), case._replace(damaged=folded(case.damaged), expected=folded(case.expected))
        rows[case.kind] = (n + 1, exact + (now == case.expected), bad + wrong(now, case), size + case.span)
    return rows


def stage(text: str) -> str:
    """Return the text as the stage leaves it."""
    return Document("x", text).after(Mojibake()).text


def ftfy_fair(text: str) -> str:
    """Return the text as ftfy leaves it, with the settings that spare Chinese punctuation."""
    import ftfy

    return ftfy.fix_text(text, uncurl_quotes=False, fix_character_width=False, fix_line_breaks=False,
                         normalization="NFC")


def table(ours: dict[str, tuple[int, int, int, int]], theirs: dict[str, tuple[int, int, int, int]]) -> None:
    """Print one row a class and the means."""
    print(f"{'class':22} {'cases':>5} {'exact %':>8} {'ftfy %':>7} {'wrong/1000':>11}")
    for kinds, name in ((LOSSLESS, "all kept"), (LOSSY, "lossy")):
        for kind in (k for k in kinds if k in ours):
            n, exact, bad, size = ours[kind]
            print(f"{kind:22} {n:5} {100 * exact / n:8.1f} {100 * theirs[kind][1] / n:7.1f} {1000 * bad / size:11.1f}")
        rows = [ours[k] for k in kinds if k in ours]
        if not rows:
            continue
        mean = sum(r[1] / r[0] for r in rows) / len(rows)
        rival = sum(theirs[k][1] / theirs[k][0] for k in kinds if k in ours) / len(rows)
        bad = 1000 * sum(r[2] for r in rows) / sum(r[3] for r in rows)
        print(f"{'mean, ' + name:22} {sum(r[0] for r in rows):5} {100 * mean:8.1f} {100 * rival:7.1f} {bad:11.1f}\n")
    mean = sum(r[1] / r[0] for r in ours.values()) / len(ours)
    print(f"{'mean of all classes':22} {sum(r[0] for r in ours.values()):5} {100 * mean:8.1f}")


def speeds(pool: list[str], found: list[Case]) -> None:
    """Print MB of UTF-8 per CPU second on clean text, on damaged sentences and on pages with one damaged sentence."""
    rng, kinds = random.Random(9), defaultdict(list)
    for case in found:
        kinds[case.kind].append(case.damaged)
    clean = ["".join(pool[i : i + PAGE]) for i in range(0, min(len(pool), 8000), PAGE)]
    for text in (*clean[:40], "鐧惧害鍏徃鍙戝竷", "鐧惧害鍏\ufffd徃鍙戝竷", "voilÃ\xa0 l’Ã©tÃ©"):  # loads the tables
        stage(text)
    print(f"{'clean':22} {_speed(clean):8.2f} MB/s")
    print(f"{'class':22} {'pages':>8} {'alone':>8} MB/s")
    for name, texts in sorted(kinds.items()):
        pages = ["\n".join((*rng.sample(pool, PAGE // 2), text, *rng.sample(pool, PAGE // 2))) for text in texts]
        print(f"{name:22} {_speed(pages):8.2f} {_speed(texts):8.2f}")


def _speed(texts: list[str]) -> float:
    """Return MB of UTF-8 per CPU second of the stage."""
    start = time.process_time()
    for text in texts:
        stage(text)
    return sum(len(t.encode("utf-8", "replace")) for t in texts) / 1e6 / max(time.process_time() - start, 1e-6)


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", nargs="?", default=os.environ.get("QINGYUAN_DATA"))
    parser.add_argument("--dev", action="store_true", help="score the development half")
    parser.add_argument("--cases", type=int, default=50, help="cases a class")
    parser.add_argument("--show", default="", help="print the failures of one class")
    parser.add_argument("--speed", action="store_true")
    parser.add_argument("--clean", type=float, metavar="MB", help="only count changes in so much of each clean source")
    args = parser.parse_args()
    if args.clean is not None:
        sys.exit(untouched.report(args.data and Path(args.data), args.clean) > 0)
    pool = sentences(args.data and Path(args.data), args.dev)
    found = [c for c in cases(pool, args.cases, 1) if not args.show or args.show in c.kind]
    COMMON.update(c for s in pool for c in s)
    if args.show:
        for case in found:
            now = stage(case.damaged)
            if now != case.expected:
                print(f"{case.kind}\n D {case.damaged!a:.200}\n D {case.damaged}\n O {now}\n E {case.expected}")
    table(score(found, stage), score(found, ftfy_fair))
    if args.speed:
        speeds(pool, list(cases(pool, args.cases, 2)))  # others: what was seen is remembered


if __name__ == "__main__":
    main()
