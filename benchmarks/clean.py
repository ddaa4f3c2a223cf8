"""Measure boilerplate and spam: recall of furniture and spam, loss of text, harm on clean text, speed.

    python benchmarks/clean.py [DATA] [--half dev|test|unseen_dev] [--show] [--rules] [--piles MB]

The labelled pages are benchmarks/pages/{dev,test}.txt.  DATA (or QINGYUAN_DATA) is the folder with the
clean piles; without it the clean text is made from seeds/.
"""
from __future__ import annotations

import argparse
import json
import lzma
import os
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

from pipeline.document import Document  # noqa: E402
from pipeline.edits import Edit  # noqa: E402
from pipeline.stages.boilerplate import Boilerplate  # noqa: E402
from pipeline.stages.spam import Spam  # noqa: E402

STAGES = (Boilerplate(), Spam())


class Decode:
    """Reads UTF-8; stands in for the stages before."""

    name = "decode"

    def __call__(self, doc: Document) -> Iterator[Edit]:
        if doc.text:
            yield Edit(0, doc.text, doc.text.encode("latin-1").decode("utf-8"), "utf-8", "latin-1>utf-8")


class Page(NamedTuple):
    """A labelled page: its kind, and (label, line) for each line; labels are T, M, B and S."""

    kind: str
    lines: tuple[tuple[str, str], ...]

    @property
    def text(self) -> str:
        return "\n".join(line for _, line in self.lines)


def pages(half: str) -> list[Page]:
    """Return the labelled pages of a half."""
    found: list[tuple[str, list[tuple[str, str]]]] = []
    for row in (HERE / "pages" / f"{half}.txt").read_text(encoding="utf-8").splitlines():
        if row.startswith("=== "):
            found.append((row[4:], []))
        elif row[:2] in ("T ", "M ", "B ", "S ") and row[2:].strip():
            found[-1][1].append((row[0], row[2:]))
    return [Page(kind, tuple(lines)) for kind, lines in found]


def clean(text: str) -> Document:
    """Return the document after both stages."""
    doc = Document.read("page", text.encode()).after(Decode())
    for stage in STAGES:
        doc = doc.after(stage)
    return doc


def lost(doc: Document) -> bytearray:
    """Return one byte for each source byte: 1 where it was removed."""
    flags = bytearray(len(doc.source))
    for fate in doc.fates:
        if fate.kind == "removed":
            flags[fate.start : fate.end] = b"\1" * (fate.end - fate.start)
    return flags


def score(half: str, show: bool) -> None:
    """Print recall by label and body loss on the labelled pages."""
    seen: Counter[str] = Counter()
    gone: Counter[str] = Counter()
    for page in pages(half):
        doc = clean(page.text)
        flags, at = lost(doc), 0
        for label, line in page.lines:
            size = len(line.encode())
            cut = sum(flags[at : at + size])
            unit = len(line) if label == "T" else 1
            seen[label] += unit
            gone[label] += round(len(line) * cut / size) if label == "T" else cut == size
            if show and ((label == "T" and cut) or (label != "T" and cut < size)):
                why = {e.why for p in doc.patches[1:] for e in p.edits if line in e.was}
                print(f"  {label} {'lost' if label == 'T' else 'kept'} [{page.kind}] {line} {why or ''}")
            at += size + 1
    print(f"{half}: {len(pages(half))} pages; furniture {gone['B']}/{seen['B']} = {gone['B'] / max(1, seen['B']):.1%}, "
          f"metadata {gone['M']}/{seen['M']}, spam {gone['S']}/{seen['S']}, "
          f"text lost {gone['T']} of {seen['T']} characters = {gone['T'] / max(1, seen['T']):.3%}")


def by_rule(halves: list[str]) -> None:
    """Print, for each rule, how many labelled lines of each kind it took."""
    took: Counter[tuple[str, str]] = Counter()
    for page in (page for half in halves for page in pages(half)):
        labels = {line.strip(): label for label, line in page.lines}
        for edit in (e for p in clean(page.text).patches[1:] for e in p.edits):
            if not edit.now and edit.was.strip() in labels:
                took[edit.why, labels[edit.was.strip()]] += 1
    print("| rule | furniture or spam | metadata | text |\n|---|---|---|---|")
    for rule in sorted({rule for rule, _ in took}):
        print(f"| {rule} | {took[rule, 'B'] + took[rule, 'S']} | {took[rule, 'M']} | {took[rule, 'T']} |")


def piles(data: str | None, megabytes: float) -> Iterator[tuple[str, list[str]]]:
    """Yield (name, texts) of clean text, up to `megabytes` each."""
    if not data:
        texts = [p.read_text(encoding="utf-8") for p in sorted((HERE.parent / "seeds").glob("*.txt"))]
        clear = [clean(t).text for t in texts]
        yield "seeds, cleaned", clear * max(1, int(megabytes * 1e6 / sum(len(t.encode()) for t in clear)))
        return
    for name in ("pile_simp_law", "pile_trad_law_moj", "pile_trad_taiwanmd"):
        texts, size = [], 0
        with lzma.open(Path(data) / name / "docs.jsonl.xz", "rt", encoding="utf8") as rows:
            for row in rows:
                texts.append(json.loads(row)["text"])
                size += len(texts[-1].encode())
                if size > megabytes * 1e6:
                    break
        yield name, texts


def harm(name: str, texts: list[str], show: bool) -> None:
    """Print speed and what is removed from clean text, white space apart."""
    docs = [Document.read(str(i), t.encode()).after(Decode()) for i, t in enumerate(texts)]
    began = time.process_time()
    done = []
    for doc in docs:
        for stage in STAGES:
            doc = doc.after(stage)
        done.append(doc)
    seconds = time.process_time() - began
    size, chars = sum(len(t.encode()) for t in texts), sum(map(len, texts))
    cuts = [(e.why, e.was.strip()) for d in done for p in d.patches if p.stage != "decode" for e in p.edits
            if e.was.strip() and not e.now]
    removed = sum(len(was) for _, was in cuts)
    print(f"{name}: {len(texts)} documents, {size / 1e6:.1f} MB, {size / 1e6 / seconds:.1f} MB/s, "
          f"removed {removed} of {chars} characters = {1e6 * removed / chars:.1f} per million")
    if show:
        for (why, was), n in Counter(cuts).most_common():
            print(f"  {n}x {why}: {was[:150]!r}")


def main() -> None:
    """Read the arguments and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", nargs="?", default=os.environ.get("QINGYUAN_DATA"))
    parser.add_argument("--half", default="dev,test,unseen_dev")
    parser.add_argument("--show", action="store_true")
    parser.add_argument("--rules", action="store_true", help="what each rule took from the labelled pages")
    parser.add_argument("--piles", type=float, default=7.0, help="megabytes of each pile; 0 for none")
    args = parser.parse_args()
    for half in args.half.split(","):
        if (HERE / "pages" / f"{half}.txt").exists():
            score(half, args.show)
    if args.rules:
        by_rule(args.half.split(","))
    if args.piles:
        for name, texts in piles(args.data, args.piles):
            harm(name, texts, args.show)


if __name__ == "__main__":
    main()
