"""Census and conversion: right answers and speed, beside the packages.

    python benchmarks/script.py [DATA] [prove|twice]

With `prove` the compiled conversions are compared with the package on 20 MB (t2s) and 4 MB (the others).  With `twice`
everything in DATA is converted, alone and file by file, and converted again; what changes then is printed.

DATA (or the environment variable QINGYUAN_DATA) is the folder of evaluation data; without it the seeds are the text.
The official OpenCC takes the same folder as opencc-python-reimplemented, so it is measured only if QINGYUAN_OPENCC
names the Python of an environment that has it.
"""
from __future__ import annotations

import json
import lzma
import os
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import opencc

from pipeline.cjk.census import census
from pipeline.cjk.convert import converter
from pipeline.cjk.opencc_data import choices
from pipeline.cjk.simplified import simplify
from pipeline.document import Document
from pipeline.run import through
from pipeline.stages.decode import Decode
from pipeline.stages.simplify import Simplify

ROOT = Path(__file__).parents[1]
OFFICIAL = """
import json, sys, time, opencc
made = {}
for line in sys.stdin:
    conversion, texts = json.loads(line)
    convert = made.setdefault(conversion, opencc.OpenCC(conversion)).convert
    start = time.process_time()
    now = [convert(text) for text in texts]
    print(json.dumps([now, time.process_time() - start]), flush=True)
"""


def main(data: Path | None) -> None:
    seeds = [path.read_text(encoding="utf-8", errors="replace") for path in sorted((ROOT / "seeds").iterdir())]
    texts = {"seeds": seeds}
    if data:
        texts = {name: read_pile(data / name, 12_000_000) for name in
                 ("pile_trad_law_moj", "pile_trad_taiwanmd", "pile_simp_law")}
    speed({**texts, "all in one text": ["\n".join(next(iter(texts.values())))]})
    careless(texts["pile_simp_law"][:250] if data else [text for text in seeds if census(text).han == "Hans"])
    if data:
        untouched(data)
        lines_by_region(data / "ntrex" / "lines_0000_0999.jsonl")
        cases(data / "opencc_testcases" / "t2s_only.jsonl")
        treebank(data / "ud_gsd" / "pairs_dev.jsonl")
        headwords(data / "cc_cedict" / "cedict_ts.u8.xz")


def speed(texts: dict[str, list[str]]) -> None:
    print("MB of UTF-8 a second of CPU time")
    print(f"{'text':22}{'census':>9}{'t2s':>9}{'corrected':>11}{'stage':>9}{'package':>9}{'official':>10}")
    stage, package = Simplify(), opencc.OpenCC("t2s")
    for name, docs in texts.items():
        row = [speed_of(work, docs) for work in (census, converter("t2s").convert, simplify)]
        row.append(megabytes(docs) * speed_of(lambda docs: through(docs, stage), [[Document("", d) for d in docs]]))
        row.append(speed_of(package.convert, [doc[:2000] for doc in docs[:40]]))
        _, official = official_convert("t2s", docs)
        row.append(megabytes(docs) / official if official else float("nan"))
        print(f"{name:22}{row[0]:9.0f}{row[1]:9.0f}{row[2]:11.0f}{row[3]:9.0f}{row[4]:9.1f}{row[5]:10.0f}")


def speed_of(work: Callable[[Any], object], docs: list[Any]) -> float:
    """Return the MB a second of the better of two runs, after one that loads the tables; of other things, the runs."""
    best = float("inf")
    work(docs[0])
    for _ in range(2):
        start = time.process_time()
        for doc in docs:
            work(doc)
        best = min(best, time.process_time() - start)
    return (megabytes(docs) if isinstance(docs[0], str) else 1) / best


def megabytes(docs: list[str]) -> float:
    return sum(len(doc.encode()) for doc in docs) / 1e6


def untouched(data: Path) -> None:
    stage = Simplify()
    for name, docs in (("Simplified law", read_pile(data / "pile_simp_law", 10**9)), ("Japanese and Korean lines", [
            row[lang] for row in rows(data / "ntrex" / "others_0000_0999.jsonl") for lang in ("ja", "ko")])):
        changed = sum(Document("", doc).after(stage).text != doc for doc in docs)
        print(f"{name}: {changed} of {len(docs)} documents changed, {megabytes(docs):.1f} MB")


def lines_by_region(path: Path) -> None:
    right, region, n = 0, 0, 0
    for row in rows(path):
        for key, mainland in (("zh_cn", True), ("zh_tw", False), ("yue", False)):
            found = census(row[key])
            n += 1
            right += (found.script in ("Hant", "mixed") or found.lang.startswith("yue")) != mainland
            region += found.lang.startswith("yue") == (key == "yue")
    print(f"NTREX lines: mainland told from Taiwan and Cantonese {right}/{n}")
    print(f"NTREX lines: Cantonese told from the rest {region}/{n}")


def careless(docs: list[str]) -> None:
    """Make Simplified text Traditional character by character, at random where there is a choice; convert it back."""
    table, rng, stage = choices("STCharacters.txt"), random.Random(1), Simplify()
    wrong: Counter[str] = Counter()
    for doc in docs:
        made = "".join(rng.choice(table[char]) if char in table else char for char in doc)
        back = Document("", made).after(stage).text
        wrong.update(f"{a}>{b} for {c}" for a, b, c in zip(made, back, doc, strict=True) if b != c)
    size = sum(map(len, docs))
    print(f"made Traditional at random and back: {wrong.total()} of {size} characters wrong: {wrong.most_common(12)}")


def cases(path: Path) -> None:
    tests = [row for row in rows(path) if row["config"] != "tw2sp"]
    mine = [simplify(row["src"], row["config"]).text for row in tests]
    package = [opencc.OpenCC(row["config"]).convert(row["src"]) for row in tests]
    official = [(official_convert(row["config"], [row["src"]])[0] or [""])[0] for row in tests]
    for name, got in (("qingyuan", mine), ("package", package), ("official", official)):
        right = sum(now == row["ref"] for now, row in zip(got, tests, strict=True))
        print(f"OpenCC cases, {name}: {right}/{len(tests)}")
    for row, now in zip(tests, mine, strict=True):
        if now != row["ref"]:
            print(f"  {row['config']} expected {row['ref']}\n       got      {now}")


def treebank(path: Path) -> None:
    pairs = [(row["trad"], row["simp"]) for row in rows(path) if len(row["trad"]) == len(row["simp"])]
    for name, convert in converters():
        wrong = [(a, b) for trad, simp in pairs for a, b in zip(convert(trad), simp, strict=True)
                 if a != b and a not in "「」『』"]
        size = sum(char not in "「」『』" for trad, _ in pairs for char in trad)
        print(f"UD dev, {name}: {100 - 100 * len(wrong) / size:.4f} % of {size} characters, wrong: {wrong}")


def headwords(path: Path) -> None:
    forms: dict[str, set[str]] = {}
    with lzma.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            if not line.startswith("#"):
                trad, simp = line.split(" ")[:2]
                if len(trad) == len(simp) >= 2 and all("\u3400" <= c <= "\u9fff" or c > "\U0001ffff" for c in trad):
                    forms.setdefault(trad, set()).add(simp)
    for name, convert in converters():
        right = sum(convert(trad) in simp for trad, simp in forms.items())
        print(f"CC-CEDICT headwords, {name}: {right}/{len(forms)}")


def converters() -> Iterator[tuple[str, Callable[[str], str]]]:
    for conversion in ("t2s", "tw2s"):
        yield f"qingyuan {conversion}", lambda text, to=conversion: simplify(text, to).text
        yield f"package {conversion}", converter(conversion).convert  # the same output: tests/cjk/test_convert.py


_official: list[subprocess.Popen[str]] = []


def official_convert(conversion: str, texts: list[str]) -> tuple[list[str] | None, float]:
    """Return what the official OpenCC makes of `texts`, and its seconds of CPU time."""
    python = os.environ.get("QINGYUAN_OPENCC")
    if not python:
        return None, 0.0
    if not _official:
        _official.append(subprocess.Popen([python, "-c", OFFICIAL], text=True, stdin=subprocess.PIPE,
                                          stdout=subprocess.PIPE))
    process = _official[0]
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(json.dumps([conversion, texts]) + "\n")
    process.stdin.flush()
    now, seconds = json.loads(process.stdout.readline())
    return now, seconds


def read_pile(folder: Path, size: int) -> list[str]:
    """Return documents of a pile up to `size` characters."""
    found = []
    with lzma.open(folder / "docs.jsonl.xz", "rt", encoding="utf-8") as lines:
        for line in lines:
            found.append(str(json.loads(line)["text"]))
            size -= len(found[-1])
            if size < 0:
                break
    return found


def rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def prove(data: Path) -> None:
    """Compare the compiled conversions with the package, document by document."""
    docs = [*read_pile(data / "pile_trad_taiwanmd", 10**9), *read_pile(data / "pile_trad_law_moj", 3_700_000),
            *read_pile(data / "pile_simp_law", 900_000)]
    for conversion in ("t2s", "tw2s", "hk2s", "s2t", "tw2sp"):
        some = docs if conversion == "t2s" else docs[::5]
        package = opencc.OpenCC(conversion)
        differ = sum(converter(conversion).convert(doc) != package.convert(doc) for doc in some)
        print(f"{conversion}: {differ} of {len(some)} documents differ, {megabytes(some):.1f} MB", flush=True)


def twice(data: Path) -> None:
    """Convert every text of every file, and all texts of a file as one; count what changes when converted again."""
    stages = [Simplify(), Simplify(variant="tw2s"), Simplify(vocabulary="mainland", punctuation="full")]
    for path in sorted(data.rglob("*")):
        texts = list(texts_of(path)) if path.is_file() else []
        if not texts:
            continue
        changed: Counter[str] = Counter()
        for stage in stages:
            for text in (*texts, "\n".join(texts)):
                once = Document("", text).after(stage).text
                for patch in Document("", once).after(stage).patches[-1:]:
                    changed.update(f"{e.was[:12]} > {e.now[:12]}" for e in patch.edits)
        size = megabytes(texts)
        print(f"{path.relative_to(data).as_posix():60}{len(texts):8}{size:9.2f} MB  {changed.total()}", flush=True)
        for what, number in changed.most_common(10):
            print(f"    {number} {what}")


def texts_of(path: Path) -> Iterator[str]:
    """Yield the strings of a JSONL file, or the text of another one, decoded as the pipeline would."""
    if path.name.endswith((".jsonl", ".jsonl.xz")):
        with lzma.open(path, "rt", encoding="utf-8") if path.suffix == ".xz" else path.open(encoding="utf-8") as lines:
            for line in lines:
                yield from (value for value in json.loads(line).values() if isinstance(value, str))
    else:
        source = lzma.decompress(path.read_bytes()) if path.suffix == ".xz" else path.read_bytes()
        yield Document.read(path.name, source).after(Decode()).text


if __name__ == "__main__":
    arguments = [argument for argument in sys.argv[1:] if argument not in ("prove", "twice")]
    given = arguments[0] if arguments else os.environ.get("QINGYUAN_DATA")
    if "prove" in sys.argv and given:
        prove(Path(given))
    elif "twice" in sys.argv and given:
        twice(Path(given))
    else:
        main(Path(given) if given else None)
    for process in _official:
        process.communicate()
