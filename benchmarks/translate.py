"""Translation without a model: number check, checks on human translations, warm memory, term scores.

    python benchmarks/translate.py [DATA]

DATA (or QINGYUAN_DATA) is a folder with moj_law_parallel/articles.jsonl (Taiwanese law and its official
translation); without it the tables of the tests and text made from seeds/ are used.  With the extra
`translate` and a CTranslate2 folder in QINGYUAN_CT2, or a chat server in QINGYUAN_CHAT (its address, a
blank, the model's name), it also runs the model under no, proper and random glossaries and prints term
success and consistency, as the WMT terminology tasks do.
"""
from __future__ import annotations

import csv
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from importlib.util import find_spec
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from pipeline.api import Pipeline
from pipeline.cjk.glossary import load
from pipeline.config import Config
from pipeline.translation.backend import Backend
from pipeline.translation.checks import check
from pipeline.translation.ct2 import CT2, LocalModel
from pipeline.translation.memory import Memory, Row, close, memory
from pipeline.translation.numbers import compare
from pipeline.translation.openai import ChatServer, OpenAI
from pipeline.translation.segments import needs_translation, segments
from pipeline.translation.terms import Term, score
from pipeline.translation.translator import Translator

ROOT = Path(__file__).parent.parent
DOCUMENTS = 1_000  # of 100 segments and more


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


def warm(folder: Path) -> None:
    """Run the command on 100,000 segments that the memory has all of, and print how long it takes.

    With httpx the backend is `openai`, at an address where nobody listens: one request would fail its segment.
    """
    rng = random.Random(0)
    pieces = [s.text for path in sorted((ROOT / "seeds").glob("*.txt"))
              for s in segments(path.read_text("utf-8", "replace")) if needs_translation(s.text, "zh")]
    settings = [f"translate.tm={folder / 'tm.sqlite'}"]
    if find_spec("httpx"):
        settings += ["translate.backend=openai", "translate.openai.base_url=http://127.0.0.1:9/v1",
                     "translate.openai.model=none"]
    rows = [{"id": f"{n}", "text": "\n".join(f"第{n}篇第{k}条：{rng.choice(pieces)}" for k in range(100))}
            for n in range(DOCUMENTS)]
    (folder / "in.jsonl").write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")
    count = remember(rows, settings)
    stages = "decode,segment,glossary,translate"
    command = [sys.executable, "-m", "pipeline", "run", str(folder / "in.jsonl"), "-o", str(folder / "out"), "-q",
               "--stages", stages, *(part for setting in settings for part in ("--set", setting))]
    began, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, cwd=ROOT)
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    told = json.loads((folder / "out/run.json").read_text("utf-8"))
    segmented = told["timings"]["stage_seconds"]
    print(f"warm memory, qingyuan run: {count:,} segments in {time.perf_counter() - began:.1f} s, "
          f"{spent.ru_utime + spent.ru_stime - before.ru_utime - before.ru_stime:.1f} s CPU (of these translate "
          f"{segmented['translate']:.1f} s); {told['translation']}")


def remember(rows: list[dict[str, str]], settings: list[str]) -> int:
    """Put a translation of every segment into the memory; return how many there are."""
    config = Config.load(None, settings, "decode,segment,glossary,translate")
    stage = config.settings("translate")
    before, known = Pipeline(Config.load(None, (), "decode,segment,glossary")), memory(stage.tm)
    backend = ChatServer(stage.openai, ("zh", "en"), known) if stage.backend == "openai" else None
    translator, count = Translator(backend, known), 0
    for row in rows:
        doc = before.clean(row["text"], row["id"])
        pieces = list(segments(doc.text))
        for ask in stage._asks(doc, pieces, translator).values():
            known.put(Row(ask.key, ask.source, f"Sentence {count}.", "zh", "en", False, "[]", translator.judge_id(ask),
                          "{}", stage.backend))
            count += 1
    close(stage.tm)
    return count


def terms(model: Backend) -> None:
    """Print term success and consistency of a model under three glossaries, over sentences of seeds/."""
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
        terms(LocalModel(CT2(Path(os.environ["QINGYUAN_CT2"])), ("zh", "en")))
    if os.environ.get("QINGYUAN_CHAT"):
        address, _, model = os.environ["QINGYUAN_CHAT"].partition(" ")
        terms(ChatServer(OpenAI(address, model), ("zh", "en"), Memory(Path())))
