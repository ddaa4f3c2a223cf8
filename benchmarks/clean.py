"""Measure boilerplate and spam: recall of furniture and spam, loss of text, harm on clean text, speed.

    python benchmarks/clean.py [DATA] [--half dev,test,unseen_dev,authors_dev,authors_test | --file PATH]
                               [--show] [--rules] [--kinds] [--piles MB]

The labelled pages are benchmarks/pages/*.txt; docs/boilerplate.md says who wrote them.
DATA (or QINGYUAN_DATA) is the folder with the
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
from pipeline.run import through  # noqa: E402
from pipeline.stages.boilerplate import Boilerplate  # noqa: E402
from pipeline.stages.spam import Spam  # noqa: E402

STAGES = (Boilerplate(), Spam())
SHARD = 60  # documents; about the megabyte that a run puts in one


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
    def kind_word(self) -> str:
        """The first word of the kind: news, blog, forum."""
        return next(word for word in self.kind.split() if not word.isdigit())

    @property
    def text(self) -> str:
        return "\n".join(line for _, line in self.lines)


def pages(half: str | Path) -> list[Page]:
    """Return the labelled pages of a half of ours, or of a file."""
    path = half if isinstance(half, Path) else HERE / "pages" / f"{half}.txt"
    found: list[tuple[str, list[tuple[str, str]]]] = []
    for row in path.read_text(encoding="utf-8").splitlines():
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


def count(found: list[Page], show: bool) -> Counter[str]:
    """Return how many lines of each label were seen and how many went; for T also how many characters."""
    counts: Counter[str] = Counter(pages=len(found))
    for page in found:
        doc = clean(page.text)
        flags, at = lost(doc), 0
        for label, line in page.lines:
            size = len(line.encode())
            cut = sum(flags[at : at + size])
            indent = size - len(line.strip().encode())  # blanks around a paragraph are no text
            whole = cut == size
            wrong = cut > indent if label == "T" else not whole
            counts[f"{label} seen"] += 1
            counts[f"{label} gone"] += wrong if label == "T" else whole
            if label == "T":
                counts["chars"] += len(line)
                counts["lost"] += round(len(line) * cut / size) if wrong else 0
            if show and wrong:
                why = {e.why for p in doc.patches[1:] for e in p.edits if line in e.was}
                print(f"  {label} {'lost' if label == 'T' else 'kept'} [{page.kind}] {line} {why or ''}")
            at += size + 1
    return counts


def told(counts: Counter[str]) -> str:
    """Return counts as one line."""
    parts = [f"{name} {counts[f'{label} gone']}/{counts[f'{label} seen']} = "
             f"{counts[f'{label} gone'] / max(1, counts[f'{label} seen']):.1%}"
             for label, name in (("B", "furniture"), ("M", "metadata"), ("S", "spam"))]
    return (f"{counts['pages']} pages; {', '.join(parts)}, text lost {counts['T gone']} of {counts['T seen']} lines, "
            f"{counts['lost']} of {counts['chars']} characters = {counts['lost'] / max(1, counts['chars']):.3%}")


def by_rule(paths: list[Path]) -> None:
    """Print, for each rule, how many labelled lines of each kind it took."""
    took: Counter[tuple[str, str]] = Counter()
    for page in (page for path in paths for page in pages(path)):
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
    """Print the speed, shard by shard as in a run, and what is removed from clean text, white space apart."""
    docs = [Document.read(str(i), t.encode()).after(Decode()) for i, t in enumerate(texts)]
    began = time.process_time()
    done = []
    for start in range(0, len(docs), SHARD):
        shard = docs[start : start + SHARD]
        for stage in STAGES:
            shard = through(shard, stage)
        done += shard
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
    parser.add_argument("--half", default="dev,test,unseen_dev,authors_dev,authors_test")
    parser.add_argument("--file", type=Path, action="append", help="labelled pages of your own, instead of the halves")
    parser.add_argument("--kinds", action="store_true", help="also by kind of page")
    parser.add_argument("--show", action="store_true")
    parser.add_argument("--rules", action="store_true", help="what each rule took from the labelled pages")
    parser.add_argument("--piles", type=float, default=7.0, help="megabytes of each pile; 0 for none")
    args = parser.parse_args()
    paths = args.file or [HERE / "pages" / f"{half}.txt" for half in args.half.split(",")]
    for path in filter(Path.exists, paths):
        found = pages(path)
        print(f"{path.stem}: {told(count(found, args.show))}")
        for kind in sorted({page.kind_word for page in found}) if args.kinds else ():
            print(f"  {kind}: {told(count([page for page in found if page.kind_word == kind], False))}")
    if args.rules:
        by_rule([path for path in paths if path.exists()])
    if args.piles:
        for name, texts in piles(args.data, args.piles):
            harm(name, texts, args.show)


if __name__ == "__main__":
    main()
