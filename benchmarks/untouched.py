"""Clean text from many sources, and what the mojibake stage changes in it: nothing but invisible characters.

    python benchmarks/mojibake.py DATA --clean MB

MB of UTF-8 from each source: laws in both scripts, Taiwanese prose, a dictionary, news in all languages of NTREX,
a treebank, Python's standard library.  Without DATA only the seeds but the damaged one and the standard library.
"""
from __future__ import annotations

import json
import lzma
import sysconfig
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from pipeline.document import Document
from pipeline.edits import Edit
from pipeline.stages.mojibake import Mojibake

PILES = ("pile_simp_law", "pile_trad_law_moj", "pile_trad_taiwanmd")
TOGETHER = 40  # lines of a corpus of sentences in one document
SPARED = "invisible character"


def _pile(path: Path) -> Iterator[str]:
    with lzma.open(path, "rt", encoding="utf-8") as rows:
        for row in rows:
            yield json.loads(row)["text"]


def _columns(path: Path) -> Iterator[str]:
    """Yield documents of one column each: the sentences of one language or script."""
    columns: dict[str, list[str]] = {}
    for row in path.read_text("utf-8").splitlines():
        for name, value in json.loads(row).items():
            if isinstance(value, str):
                columns.setdefault(name, []).append(value)
    for lines in columns.values():
        yield from ("\n".join(lines[i : i + TOGETHER]) for i in range(0, len(lines), TOGETHER))


def _dictionary(path: Path) -> Iterator[str]:
    with lzma.open(path, "rt", encoding="utf-8") as lines:
        yield lines.read()


def _files(folder: Path, pattern: str) -> Iterator[str]:
    for path in sorted(folder.rglob(pattern)):
        if "site-packages" not in path.parts:
            try:
                yield path.read_text("utf-8")
            except UnicodeDecodeError:
                continue  # tests of other encodings


def _seeds() -> Iterator[str]:
    for path in sorted((Path(__file__).parents[1] / "seeds").glob("*.txt")):
        if not path.name.startswith("001"):
            yield path.read_text("utf-8")


def sources(data: Path | None) -> dict[str, Callable[[], Iterator[str]]]:
    """Return what yields the documents of each source, by its name."""
    found: dict[str, Callable[[], Iterator[str]]] = {
        "standard library": lambda: _files(Path(sysconfig.get_path("stdlib")), "*.py")}
    if data is None:
        return {"seeds": _seeds} | found
    ntrex, gsd = data / "ntrex", data / "ud_gsd"
    return {name: (lambda name=name: _pile(data / name / "docs.jsonl.xz")) for name in PILES} | {
        "cc_cedict": lambda: _dictionary(data / "cc_cedict" / "cedict_ts.u8.xz"),
        "ntrex, Chinese and English": lambda: _columns(ntrex / "lines_0000_0999.jsonl"),
        "ntrex, other languages": lambda: _columns(ntrex / "others_0000_0999.jsonl"),
        "ud_gsd, pairs": lambda: _columns(gsd / "pairs_dev.jsonl"),
        "ud_gsd, treebank": lambda: _files(gsd, "*.conllu")} | found


def report(data: Path | None, most: float) -> int:
    """Print by source: MB, MB a CPU second, changes other than invisible characters; return their number.

    Args:
        most: MB of UTF-8 read from each source; its first document is read in any case.
    """
    stage, total, size = Mojibake(), 0, 0.0
    for text in ("鐧惧害鍏徃鍙戝竷", "鐧惧害鍏\ufffd徃鍙戝竷", "voilÃ\xa0 l’Ã©tÃ©"):  # loads the tables and ftfy
        list(stage(Document("x", text)))
    print(f"{'source':28} {'MB':>6} {'MB/s':>6} {'invisible':>9} {'changes':>8}")
    for name, texts in sources(data).items():
        read, spent, spared, found = 0.0, 0.0, 0, list[Edit]()
        for text in texts():
            if read >= most:
                break
            read += len(text.encode("utf-8", "surrogatepass")) / 1e6
            doc = Document(name, text)
            start = time.process_time()
            edits = [e for e in stage(doc) if isinstance(e, Edit)]
            spent += time.process_time() - start
            found += [e for e in edits if e.why != SPARED]
            spared += sum(e.why == SPARED for e in edits)
        print(f"{name:28} {read:6.1f} {read / max(spent, 1e-6):6.1f} {spared:9} {len(found):8}")
        for e in found[:5]:
            print(f"    {e.why}: {e.was!r:.60} -> {e.now!r:.60}")
        total, size = total + len(found), size + read
    print(f"{'all':28} {size:6.1f} {'':6} {'':9} {total:8}")
    return total
