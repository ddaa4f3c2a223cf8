"""Translation without a model: number check, checks on human translations, warm memory, term scores.

    python benchmarks/translate.py [DATA]

DATA (or QINGYUAN_DATA) is a folder with moj_law_parallel/articles.jsonl (Taiwanese law and its official
translation); without it the tables of the tests and text made from seeds/ are used.  With the extra
`translate` and a CTranslate2 folder in QINGYUAN_CT2 it also runs the model under no, proper and random
glossaries and prints term success and consistency, as the WMT terminology tasks do.
"""
from __future__ import annotations

import csv
import json
import os
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from pipeline.api import Pipeline
from pipeline.cjk.glossary import load
from pipeline.config import Config
from pipeline.translation.checks import check
from pipeline.translation.ct2 import CT2, LocalModel
from pipeline.translation.memory import Memory, Row
from pipeline.translation.numbers import compare
from pipeline.translation.segments import segments
from pipeline.translation.terms import Term, score
from pipeline.translation.translator import Translator

ROOT = Path(__file__).parent.parent
SEGMENTS = 100_000


def numbers() -> None:
    """Print what the number check makes of its table."""
    with open(ROOT / "tests/tables/translation_numbers.tsv", encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    alarms = sum(compare(zh, en) is not None for kind, zh, en in rows if kind == "ok")
    wrong = [(zh, en) for kind, zh, en in rows if kind != "ok"]
    caught = sum(compare(zh, en) is not None for zh, en in wrong)
    print(f"number table: {len(rows)} pairs, {alarms} false alarms on {len(rows) - len(wrong)} right ones, "
          f"{caught} of {len(wrong)} wrong ones caught")


def human(data: Path) -> None:
    """Print what the checks say of human translations (what they report there is mostly a false alarm)."""
    found: Counter[str] = Counter()
    count = failed = 0
    began = time.process_time()
    with open(data / "moj_law_parallel/articles.jsonl", encoding="utf-8") as file:
        for line in file:
            row = json.loads(line)
            findings = check(row["zh"], row["en"], [])
            found.update(f.code for f in findings)
            failed += any(f.fails for f in findings)
            count += 1
    spent = time.process_time() - began
    print(f"checks on {count} human translations of law ({spent / count * 1e3:.2f} ms each): {failed} failed; "
          + ", ".join(f"{code} {n}" for code, n in found.most_common()))


class Counting:
    """A stand-in of a model for the memory's sake: it must never be asked."""

    identity = {"backend": "none"}  # noqa: RUF012
    provenance = identity
    sends_terms = True

    def answers(self, asks: Iterable[object]) -> Iterator[object]:
        raise AssertionError("the memory was warm, yet something was asked for")


def warm(folder: Path) -> None:
    """Print how long 100,000 segments take from a memory that has them all."""
    rng = random.Random(0)
    pieces = [s.text for path in sorted((ROOT / "seeds").glob("*.txt"))
              for s in segments(path.read_text("utf-8", "replace"))]
    sources = [f"{rng.choice(pieces)}{i}" for i in range(SEGMENTS)]
    known = Memory(folder / "tm.sqlite")
    translator = Translator(Counting(), known)  # type: ignore[arg-type]
    for i, source in enumerate(sources):
        asked = translator.ask(source)
        judged = translator.judge_id(asked)
        known.put(Row(asked.key, source, f"Sentence {i}.", "zh", "en", False, "[]", judged, "{}", "x"))
    began, wall = time.process_time(), time.perf_counter()
    for at in range(0, SEGMENTS, 100):
        rows = translator.translate([translator.ask(s) for s in sources[at : at + 100]])
        assert len(rows) == len(set(sources[at : at + 100]))
    print(f"warm memory: {SEGMENTS:,} segments in {time.process_time() - began:.1f} s CPU, "
          f"{time.perf_counter() - wall:.1f} s wall, 0 requests")


def terms(folder: Path) -> None:
    """Print term success and consistency of a model under three glossaries, over sentences of seeds/."""
    model = LocalModel(CT2(folder), ("zh", "en"))
    entries = list(load((ROOT / "config/glossary.tsv",)).values())
    shuffled = [entry.en for entry in entries]
    random.Random(0).shuffle(shuffled)
    other = {entry.en: en for entry, en in zip(entries, shuffled, strict=True)}
    pipeline = Pipeline(Config.load(None, (), "decode,segment,glossary"))
    pieces: list[tuple[str, list[dict[str, str]]]] = []
    for path in sorted((ROOT / "seeds").glob("*.txt")):
        doc = pipeline.clean(path.read_bytes(), path.name)
        pieces += [(piece.text, [t for t in doc.terms if piece.start <= t["start"] and t["end"] <= piece.end])
                   for piece in list(segments(doc.text))[:40]]
    with tempfile.TemporaryDirectory() as name:
        translator = Translator(model, Memory(Path(name) / "tm.sqlite"))
        for kind in ("no terms", "proper", "random"):
            english = {t["en"]: other.get(t["en"], "?") if kind == "random" else t["en"] for _, f in pieces for t in f}
            wanted = [tuple(dict.fromkeys(Term(t["zh"], tuple(english[t["en"]].split("; ")), t["type"]) for t in found))
                      for _, found in pieces]
            asks = [translator.ask(text, () if kind == "no terms" else terms)
                    for (text, _), terms in zip(pieces, wanted, strict=True)]
            rows = translator.translate(asks)
            told = score((rows[a.key].target or "", terms) for a, terms in zip(asks, wanted, strict=True))
            print(f"{kind:<9} success {told.rendered} of {told.expected} ({told.success or 0:.1%}), "
                  f"consistent {told.consistent} of {told.repeated} ({told.consistency or 0:.1%})")


if __name__ == "__main__":
    place = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(os.environ.get("QINGYUAN_DATA") or "none")
    numbers()
    if (place / "moj_law_parallel").is_dir():
        human(place)
    with tempfile.TemporaryDirectory() as scratch:
        warm(Path(scratch))
    if os.environ.get("QINGYUAN_CT2"):
        terms(Path(os.environ["QINGYUAN_CT2"]))
