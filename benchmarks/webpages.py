"""How well the main text of pages is found: character F1 of `markup` and of trafilatura alone, in one run.

    python benchmarks/webpages.py [--pages]

Characters are compared in order (longest common subsequence), white space left out. The gold text is the
article, with or without its title, whichever suits the system better; lines that hold only the date, the
author or the source count neither way.
"""
from __future__ import annotations

import importlib.util
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).parent.parent)

from benchmarks.compose_pages import AUTHOR, DATE, SITE, Sample, compose
from pipeline.document import Document, Given
from pipeline.stages.markup import Markup


def common(a: str, b: str) -> int:
    """Return the length of the longest common subsequence (bit-parallel, Hyyrö 2004)."""
    masks: dict[str, int] = defaultdict(int)
    for i, c in enumerate(a):
        masks[c] |= 1 << i
    full = (1 << len(a)) - 1
    row = full
    for c in b:
        found = row & masks.get(c, 0)
        row = ((row + found) | (row - found)) & full
    return len(a) - row.bit_count()


def squeeze(lines: list[str]) -> str:
    """Return the lines' characters without white space and without byline lines."""
    bylines = (AUTHOR, DATE, DATE[:10], SITE)
    kept = [line for line in lines if len(line) >= 60 or not any(mark in line for mark in bylines)]
    return "".join("".join(kept).split())


def f1(sample: Sample, text: str) -> tuple[float, float, float]:
    """Return F1, precision and recall of `text`, by characters."""
    found = squeeze(text.split("\n"))
    best = (0.0, 0.0, 0.0)
    for gold in (squeeze([sample.title, *sample.gold]), squeeze(sample.gold)):
        same = common(gold, found)
        precision, recall = same / max(len(found), 1), same / max(len(gold), 1)
        best = max(best, (2 * precision * recall / (precision + recall) if same else 0.0, precision, recall))
    return best


def by_markup(sample: Sample) -> str:
    """Return the text that the stage leaves."""
    return Document("a", sample.page, given=Given(kind="html")).after(Markup()).text


def without_extra(sample: Sample) -> str:
    """Return the text that the stage leaves where trafilatura is not installed."""
    return Document("a", sample.page, given=Given(kind="html")).after(Markup(second_opinion=False)).text


def by_trafilatura(sample: Sample) -> str:
    """Return what trafilatura alone extracts."""
    import trafilatura
    return trafilatura.extract(sample.page, include_comments=False, include_tables=True) or ""


def main() -> None:
    """Print F1, precision, recall and milliseconds a page for each system."""
    samples = list(compose())
    systems: dict[str, Callable[[Sample], str]] = {"markup": by_markup, "no extra": without_extra}
    if importlib.util.find_spec("trafilatura"):
        systems["trafilatura"] = by_trafilatura
    scores: dict[str, dict[str, list[tuple[float, float, float]]]] = {name: defaultdict(list) for name in systems}
    print(f"{len(samples)} pages, {sum(len(s.page) for s in samples) / 1e6:.1f} M characters")
    for name, system in systems.items():
        begin = time.process_time()
        texts = [system(sample) for sample in samples]
        each = (time.process_time() - begin) / len(samples) * 1000
        for sample, text in zip(samples, texts, strict=True):
            scores[name][sample.name.split("/")[0]].append(f1(sample, text))
        rows = [row for group in scores[name].values() for row in group]
        mean = [sum(column) / len(rows) for column in zip(*rows, strict=True)]
        print(f"{name:12} F1 {mean[0]:.4f}  precision {mean[1]:.4f}  recall {mean[2]:.4f}  "
              f"worst page {min(rows)[0]:.3f}  {each:.1f} ms a page")
    if "--pages" in sys.argv:
        for kind in scores["markup"]:
            rows_of = {name: [row[0] for row in scores[name][kind]] for name in systems}
            print(f"{kind:12}", *(f"{name} {sum(found) / len(found):.4f}" for name, found in rows_of.items()))


if __name__ == "__main__":
    main()
