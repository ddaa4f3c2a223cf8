"""Segmentation and glossary: are the words jieba's, how fast, and are the terms found?

    python -m benchmarks.words [FOLDER] [--megabytes 20]

FOLDER (or the environment variable QINGYUAN_DATA) holds the evaluation data; without it, text made
from seeds/ is used and the tables that need data are left out.  Speeds are MB of UTF-8 per second of
processor time, the best of three runs for the fast engines.
"""
from __future__ import annotations

import argparse
import json
import logging
import lzma
import os
import random
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from pipeline.cjk.boundaries import Boundaries
from pipeline.cjk.glossary import Matcher, load, merge, spellings
from pipeline.cjk.glossary_files import Row
from pipeline.cjk.route import UserWord
from pipeline.cjk.segmenter import Segmenter

ROOT = Path(__file__).parent.parent
SHORT = 900  # code points, about 2.6 KB


def documents(folder: Path | None, name: str, size: int) -> list[str]:
    """Return about `size` bytes of documents."""
    if folder is None:
        seeds = [path.read_text(encoding="utf-8-sig") for path in sorted((ROOT / "seeds").glob("*.txt"))]
        return (seeds * (1 + size // sum(len(s.encode()) for s in seeds)))[: max(5, size // 16000)]
    found: list[str] = []
    with lzma.open(folder / name / "docs.jsonl.xz", "rt", encoding="utf-8") as rows:
        for row in rows:
            found.append(json.loads(row)["text"])
            size -= len(found[-1].encode())
            if size < 0:
                break
    return found


def speed(work: Callable[[str], object], texts: list[str], runs: int = 3) -> float:
    """Return MB of UTF-8 per second of processor time."""
    best = float("inf")
    for text in texts[:3]:
        work(text)
    for _ in range(runs):
        start = time.process_time()
        for text in texts:
            work(text)
        best = min(best, time.process_time() - start)
    return sum(len(text.encode()) for text in texts) / best / 1e6


def user_words(texts: list[str], count: int) -> list[UserWord]:
    """Return runs of characters from the texts, as a user's dictionary might hold them."""
    rng, words = random.Random(6), {}
    blocks = [block for text in rng.sample(texts, min(len(texts), 400)) for block in re.findall(r"[\w.+-]{2,}", text)]
    while len(words) < count:
        block = rng.choice(blocks)
        at = rng.randrange(len(block) - 1)
        words[block[at : at + rng.randrange(2, 6)]] = rng.choice([None, None, 5, 500])
    return [UserWord(word, frequency) for word, frequency in words.items()]


def jieba_lines(words: list[str]) -> list[list[str]]:
    """Return jieba's words line by line, without white space."""
    lines: list[list[str]] = [[]]
    for word in words:
        if word.isspace():
            lines += [[] for _ in range(word.count("\n"))]
        else:
            lines[-1].append(word)
    return lines


def exactness(folder: Path | None, size: int) -> None:
    import jieba

    jieba.setLogLevel(logging.ERROR)
    print("text, HMM, user words: MB, lines, lines that differ from jieba.lcut; MB/s here: documents, one text; jieba")
    for name in ("pile_simp_law", "pile_trad_law_moj", "pile_trad_taiwanmd"):
        texts = documents(folder, name, size)
        total = sum(len(text.encode()) for text in texts)
        for words in ([], user_words(texts, 5000)):
            slow = jieba.Tokenizer()
            for word, frequency, _ in words:
                slow.add_word(word, frequency)
            for hmm in (True, False):
                fast = Segmenter(hmm, words)
                start = time.process_time()
                told = [slow.lcut(text, HMM=hmm) for text in texts]
                spent = time.process_time() - start
                lines = differ = 0
                for text, expected in zip(texts, told, strict=True):
                    theirs = jieba_lines(expected)
                    ours = [line.split(" ") if line else [] for line in fast.segmented(text).split("\n")]
                    lines += len(theirs)
                    differ += len(theirs) != len(ours) or sum(a != b for a, b in zip(ours, theirs, strict=True))
                    differ += fast.words(text) != expected
                rates = speed(fast.segmented, texts), speed(fast.segmented, ["\n".join(texts)])
                print(f"  {name if folder else 'seeds':18} {'on' if hmm else 'off':3} {len(words):5}:",
                      f"{total / 1e6:5.1f} {lines:8} {differ:5} {rates[0]:6.1f} {rates[1]:6.1f}",
                      f"{total / spent / 1e6:5.2f}", flush=True)


def speeds(folder: Path | None) -> None:
    try:
        import rjieba
    except ImportError:
        rjieba = None
    print(f"MB/s, HMM on: whole documents, documents of {SHORT} characters, one text of 10 MB")
    for name in ("pile_simp_law", "pile_trad_law_moj"):
        texts = documents(folder, name, 2_000_000)
        kinds = (texts, [text[:SHORT] for text in texts if len(text) >= SHORT], ["\n".join(texts) * 5])
        engines: list[tuple[str, Callable[[str], object]]] = [("here", Segmenter().segmented)]
        if rjieba:
            engines.append(("rjieba", lambda text: " ".join(rjieba.cut(text, True))))
        for engine, work in engines:
            rates = (f"{speed(work, some):6.1f}" for some in kinds)
            print(f"  {name if folder else 'seeds':18} {engine:7}", *rates, flush=True)


def cold_start() -> None:
    code = "from pipeline.cjk.segmenter import Segmenter; Segmenter().segmented('我来到北京清华大学')"
    for name, what in (("here", code), ("jieba", "import jieba; jieba.lcut('我来到北京清华大学')")):
        with tempfile.TemporaryDirectory() as empty:
            start = time.perf_counter()
            subprocess.run([sys.executable, "-W", "ignore", "-c", what], cwd=ROOT, check=True, capture_output=True,
                           env={**os.environ, "TMPDIR": empty})
            print(f"  first words, {name}: {time.perf_counter() - start:.2f} s")


def matching(folder: Path | None) -> None:
    rng = random.Random(8)
    texts = documents(folder, "pile_simp_law", 2_000_000)
    words = [word for text in texts for word in Segmenter().words(text)]
    keys: set[str] = set()
    han = [chr(point) for point in range(0x4E00, 0x9FA5)]
    while len(keys) < 20_000 and len(words) > 100_000:  # a fifth stands in the text: one to three words of it
        at = rng.randrange(len(words) - 3)
        key = "".join(words[at : at + rng.randrange(1, 4)])
        if 3 <= len(key) <= 8 and all("\u4e00" <= char <= "\u9fff" for char in key):
            keys.add(key)
    while len(keys) < 100_000:
        keys.add("".join(rng.choices(han, k=rng.randrange(2, 7))))
    with tempfile.TemporaryDirectory() as place:
        file = Path(place) / "big.tsv"
        file.write_text("zh\ten\ttype\n" + "".join(f"{key}\tterm\tproduct\n" for key in sorted(keys)), encoding="utf-8")
        for path in (ROOT / "config" / "glossary.tsv", file):
            start = time.process_time()
            entries = load([path])
            matcher = Matcher(entries, spellings(entries))
            spent = time.process_time() - start
            hits = sum(1 for text in texts for _ in matcher.find(text, Boundaries(text, "", "any").admit))
            rates = [speed(lambda text: list(_hits(matcher, text, rule)), texts) for rule in ("any", "auto")]  # noqa: B023
            print(f"  {len(entries):6} entries: loaded in {spent:.2f} s, {hits} hits,",
                  f"{rates[0]:.1f} MB/s, with word borders {rates[1]:.1f} MB/s", flush=True)


def recall(folder: Path) -> None:
    with open(folder / "lctt_ruby_glossary" / "ruby.jsonl", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    matcher = Matcher(merge((Row(r["zh"], (r["en"],), "term", "", i) for i, r in enumerate(rows)), Path("ruby")), {})
    for rule in ("any", "auto"):
        exact = inside = 0
        for row, hits in ((row, list(_hits(matcher, row["sentence"], rule))) for row in rows):
            exact += (row["start"], row["end"]) in hits
            inside += any(start <= row["start"] and row["end"] <= end for start, end in hits)
        print(f"  boundary {rule}: of {len(rows)} annotated terms {100 * exact / len(rows):.2f} % found exactly, "
              f"{100 * inside / len(rows):.2f} % at least inside a longer term")


def _hits(matcher: Matcher, text: str, rule: str) -> Iterator[tuple[int, int]]:
    borders = Boundaries(text, "", rule)
    return ((hit.start, hit.end) for hit in matcher.find(text, borders.admit, borders.clear))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", default=os.environ.get("QINGYUAN_DATA"), type=lambda x: x and Path(x))
    parser.add_argument("--megabytes", type=float, default=1.0, help="text for each of three collections")
    options = parser.parse_args()
    speeds(options.folder)
    cold_start()
    print("glossary")
    matching(options.folder)
    if options.folder:
        recall(options.folder)
    exactness(options.folder, int(options.megabytes * 1e6))


if __name__ == "__main__":
    main()
