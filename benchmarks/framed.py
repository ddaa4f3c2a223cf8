"""Measure boilerplate and spam on real texts between the heads and feet of pages: what is found, what text is lost.

    python benchmarks/framed.py [DATA] [--documents N] [--show]

The frames are what stands above and below the article on the pages of benchmarks/pages/authors_test.txt, which nobody
reads and nothing is fitted to.  The texts are those of DATA (or QINGYUAN_DATA): laws, encyclopedic articles, news;
without it those of seeds/, cleaned.
"""
from __future__ import annotations

import argparse
import json
import lzma
import os
import random
import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

from benchmarks import clean  # noqa: E402

PILES = ("pile_simp_law", "pile_trad_law_moj", "pile_trad_taiwanmd")
NEWS, LINES = ("zh_cn", "zh_tw", "yue"), 12  # translations of the same news; lines of a page made of them
LONGEST, SEED = 6000, 7  # characters of a document that are taken
Lines = tuple[tuple[str, str], ...]


class Frame(NamedTuple):
    """What stands above and below an article: labels and lines."""

    head: Lines
    foot: Lines


def frames() -> list[Frame]:
    """Return the heads and feet of the pages kept apart, those of two lines and more."""
    found = []
    for page in clean.pages(HERE / "pages" / "authors_test.txt"):
        text = [n for n, (label, line) in enumerate(page.lines) if label == "T" and line.strip()]
        if text:
            frame = Frame(page.lines[: text[0]], page.lines[text[-1] + 1 :])
            found += [frame] if len(frame.head) + len(frame.foot) >= 2 else []
    return found


def texts(data: str | None, documents: int) -> Iterator[tuple[str, list[str]]]:
    """Yield (name of the source, lines) of each real text."""
    if not data:
        for path in sorted((HERE.parent / "seeds").glob("*.txt")):
            yield "seeds, cleaned", clean.clean(path.read_text(encoding="utf-8")).text.split("\n")
        return
    for name in PILES:
        with lzma.open(Path(data) / name / "docs.jsonl.xz", "rt", encoding="utf8") as rows:
            for row in islice(rows, documents):
                yield name, json.loads(row)["text"][:LONGEST].split("\n")[:-1]
    with (Path(data) / "ntrex" / "lines_0000_0999.jsonl").open(encoding="utf8") as stream:
        news = [json.loads(row) for row in stream]
    for language in NEWS:
        for start in range(0, len(news), LINES):
            yield f"ntrex, {language}", [row[language] for row in news[start : start + LINES]]


def composed(data: str | None, documents: int) -> dict[str, list[clean.Page]]:
    """Return pages of a head, a text and a foot, by the source of the text."""
    chance, known, found = random.Random(SEED), frames(), dict[str, list[clean.Page]]()
    for name, lines in texts(data, documents):
        frame = chance.choice(known)
        text = tuple(("T", line) for line in lines if line.strip())
        found.setdefault(name, []).append(clean.Page(name, (*frame.head, *text, *frame.foot)))
    return found


def main() -> None:
    """Read the arguments and print a line for each source."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", nargs="?", default=os.environ.get("QINGYUAN_DATA"))
    parser.add_argument("--documents", type=int, default=300, help="of each pile")
    parser.add_argument("--show", action="store_true", help="every line of text that is lost")
    args = parser.parse_args()
    for name, pages in composed(args.data, args.documents).items():
        print(f"{name}: {clean.told(clean.count(pages, False))}")
        for line in lost(pages) if args.show else ():
            print(f"  {line}")


def lost(pages: list[clean.Page]) -> Iterator[str]:
    """Yield the lines of text that are lost; lines of the frames are not to be read."""
    for page in pages:
        flags, at = clean.lost(clean.clean(page.text)), 0
        for label, line in page.lines:
            size = len(line.encode())
            if label == "T" and line.strip() and all(flags[at : at + size]):
                yield line
            at += size + 1


if __name__ == "__main__":
    main()
