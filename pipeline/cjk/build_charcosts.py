"""Make pipeline/data/character_costs.tsv: how surprising each character of Chinese text is, in tenths of a nat.

    python -m pipeline.cjk.build_charcosts DATA > pipeline/data/character_costs.tsv

The table mixes three counts: 70 % jieba's word list (MIT; each word counted with its frequency), 30 % running
text of laws (DATA/ pile_simp_law, pile_trad_law_moj: not subject to copyright), which also gives the
punctuation. Half of jieba's weight goes to the characters as they stand (Simplified), half to their
Traditional forms of mainland, Taiwan and Hong Kong in OpenCC's tables (Apache-2.0), so that the table is fair
to both scripts. A character's cost is -10 ln p, rounded; over 150 it is left out.
"""
from __future__ import annotations

import json
import lzma
import math
import sys
from collections import Counter, defaultdict
from pathlib import Path

import jieba
import opencc

HEAD = """# Costs of characters for the detection of encodings: -10 ln p, and the characters that cost it.
# Made by pipeline/cjk/build_charcosts.py from jieba's words (MIT), OpenCC's tables (Apache-2.0) and law text (free).
"""


def lexicon() -> Counter[str]:
    """Return how often each Simplified character occurs in jieba's words."""
    found: Counter[str] = Counter()
    for line in (Path(jieba.__file__).parent / "dict.txt").read_text("utf-8").splitlines():
        word, count, _ = line.split(" ")
        for c in word:
            if c >= "㐀":
                found[c] += int(count)
    return found


def mapping(name: str) -> dict[str, str]:
    """Return the first form that one of OpenCC's character tables gives."""
    rows = (Path(opencc.__file__).parent / "dictionary" / name).read_text("utf-8").splitlines()
    return {s: t.split(" ")[0] for s, t in (row.split("\t") for row in rows)}


def running_text(data: Path, pile: str) -> Counter[str]:
    """Return how often each character outside ASCII occurs in the first 1,500 documents of a pile."""
    found: Counter[str] = Counter()
    with lzma.open(data / pile / "docs.jsonl.xz", "rt", encoding="utf8") as lines:
        for _, line in zip(range(1500), lines, strict=False):
            found.update(json.loads(line)["text"])
    return Counter({c: n for c, n in found.items() if "\x80" <= c < "\ud800" or "\uf900" <= c <= "\uffee"})


def main(data: Path) -> None:
    """Print the table."""
    parts = [(0.35, lexicon())]
    traditional, mainland = mapping("STCharacters.txt"), dict[str, str]()
    for variant in (mainland, mapping("TWVariants.txt"), mapping("HKVariants.txt")):
        mapped: Counter[str] = Counter()
        for c, n in parts[0][1].items():
            form = traditional.get(c, c)
            mapped[variant.get(form, form)] += n
        parts.append((0.35 / 3, mapped))
    parts += [(0.15, running_text(data, pile)) for pile in ("pile_simp_law", "pile_trad_law_moj")]
    share: defaultdict[str, float] = defaultdict(float)
    for weight, counts in parts:
        total = sum(counts.values())
        for c, n in counts.items():
            share[c] += weight * n / total
    classes: defaultdict[int, list[str]] = defaultdict(list)
    for c, p in share.items():
        if (cost := round(-10 * math.log(p))) <= 150:
            classes[cost].append(c)
    print(HEAD + "\n".join(f"{cost}\t{''.join(sorted(classes[cost]))}" for cost in sorted(classes)))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
