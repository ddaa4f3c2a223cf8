"""Measure deduplication on a corpus of which the truth is known, beside a plain datasketch script.

    python benchmarks/dedup.py [DATA] [--docs 10000] [--synthetic 1000000]

DATA (or QINGYUAN_DATA) is the folder of the evaluation data; without it texts are made from seeds/.
Times are CPU seconds of one process, so that other load matters less; a rate on two cores is derived
from them (looking runs on both, settling on one), and said to be.
"""
from __future__ import annotations

import argparse
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

sys.path.pop(0)  # this folder, whose html.py would stand for the library's html
sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.dedup_truth import CHANGES, FEET, FRAMES, HEADS, PILES, Truth, corpus, edit
from pipeline.build import build
from pipeline.cjk.facts import Plan, body, fact
from pipeline.cjk.fold import key
from pipeline.config import Config
from pipeline.document import Document
from pipeline.stages.dedup import Dedup

LEAST = 0.8


def clean(texts: dict[str, str], stage: Dedup) -> tuple[dict[str, Document], float, float]:
    """Return the documents after deduplication, and the CPU seconds of looking and settling."""
    docs = [Document(id, text) for id, text in texts.items()]
    began = time.process_time()
    facts = stage.many(docs)
    looked = time.process_time()
    answer = stage.settle(facts, texts.__getitem__)
    settled = time.process_time()
    return {doc.id: doc.after(answer) for doc in docs}, looked - began, settled - looked


def judge(texts: dict[str, str], planted: list[Any], out: dict[str, Document]) -> Iterator[tuple[str, str]]:
    """Yield what the truth says of a result: recall by kind, precision, families, passages."""
    plan = Plan()
    bodies = {id: "".join(map(chr, body(text, plan).folded.codes.tolist())) for id, text in texts.items()}
    truth = Truth(bodies)
    kept = {id for id, doc in out.items() if doc.fate == "kept"}
    pairs = truth.pairs(LEAST)
    missed = [p for p in pairs if p[0] in kept and p[1] in kept]
    exact = [p for p in pairs if bodies[p[0]] == bodies[p[1]]]
    yield "true pairs (exact similarity join)", f"{len(pairs):,}, of these {len(exact):,} of equal keys"
    yield "exact pairs of which both stayed", f"{sum(bodies[a] == bodies[b] for a, b, _ in missed)}"
    yield "near pairs of which both stayed", f"{sum(bodies[a] != bodies[b] for a, b, _ in missed)}"
    for kind in ("exact", "near", "twin", "damaged", "chain"):
        due = [p for p in planted if p.kind == kind and truth.similarity(p.id, p.base) >= LEAST]
        found = sum(not {p.id, p.base} <= kept for p in due)
        yield f"recall, {kind}", f"{found:,} of {len(due):,} ({100 * found / max(1, len(due)):.2f} %)"
    gone = [(id, doc) for id, doc in out.items() if doc.duplicate_of]
    wrong = sum(doc.duplicate_of not in kept or truth.similarity(id, doc.duplicate_of) < LEAST for id, doc in gone)
    claims = sum(abs(json.loads(doc.tagged("evidence")[0].value)["similarity"]
                     - truth.similarity(id, doc.duplicate_of)) > 1e-4 for id, doc in gone)
    yield "removals", f"{len(gone):,}, wrong {wrong}, similarity claimed wrongly {claims}"
    twice = [id for id in texts if id.startswith("twice")]
    right = sum(id not in kept or len(key(out[id].text)) < 0.7 * len(key(texts[id])) for id in twice)
    yield "bodies standing twice, cut", f"{right:,} of {len(twice):,} ({100 * right / max(1, len(twice)):.2f} %)"
    parts = [p for p in planted if p.kind == "reprint" and p.id in kept and p.base in kept]
    marked = sum(p.base in {json.loads(t.value)["id"] for t in out[p.id].tagged("shared")} for p in parts)
    yield "reprints marked", f"{marked:,} of {len(parts):,} ({100 * marked / max(1, len(parts)):.2f} %)"


def second(base: str, kind: str, rng: random.Random) -> str:
    """Return a second copy of a body as pages have them."""
    if kind == "other lines":
        return base.replace("\n", rng.choice(("", "\n\n", "\n\u3000\u3000")))
    if kind == "other head and foot":
        return HEADS[0].format(3) + base + FEET[0].format(7)
    if kind == "other script":
        return CHANGES["twin"](base, rng)
    if kind == "captions between":
        lines = base.split("\n")
        lines.insert(rng.randrange(len(lines)), "图为活动现场。新华社记者摄")
        return "\n".join(lines)
    if kind == "damaged":
        return CHANGES["damaged"](base, rng)
    return base[: -rng.randrange(20, 120)] + "……" if kind == "broken off" else base


def repeats(data: Path | None, count: int = 2000) -> Iterator[tuple[str, str]]:
    """Yield how many bodies that stand twice are cut, and what is cut from texts without any."""
    rng = random.Random(5)
    texts, _ = corpus(data, count, seed=9)
    bases = [text for id, text in texts.items() if id.startswith("plain") and not cut(text)]
    for kind in ("same", "other lines", "other head and foot", "other script", "captions between", "damaged",
                 "broken off"):
        right = lost = 0
        for base in bases:
            copy = second(base, kind, rng)
            whole = base + rng.choice(FRAMES) + copy
            left = key(without(whole))
            right += len(key(whole)) - len(left) >= 0.85 * len(key(copy)) - 20
            lost += any(key(said) not in left for said in base.split("。"))
        share = 100 * right / len(bases)
        yield f"twice, {kind}", f"cut in {right:,} of {len(bases):,} ({share:.2f} %), a sentence lost in {lost}"
    if data:
        import lzma

        found, total = [], 0
        for pile in PILES:
            with lzma.open(data / pile / "docs.jsonl.xz", "rt", encoding="utf-8") as file:
                for line in file:
                    row, total = json.loads(line), total + 1
                    if cut(row["text"]):
                        found.append(row["id"])
        yield "laws and articles without repeats: cut in", f"{len(found)} of {total:,} {found[:5]}"


def cut(text: str) -> list[Any]:
    """Return what is cut from a text because it stands in it twice."""
    return body(text, Plan()).cuts


def without(text: str) -> str:
    """Return a text without what stands in it twice."""
    out, at = "", 0
    for r in cut(text):
        out, at = out + text[at : r.start], r.end
    return out + text[at:]


def datasketch(texts: dict[str, str]) -> float:
    """Return the CPU seconds of the plain datasketch script: shingles as strings, MinHash, LSH."""
    from datasketch import MinHash, MinHashLSH

    began = time.process_time()
    lsh = MinHashLSH(threshold=LEAST, num_perm=120)
    for id, text in texts.items():
        m = MinHash(num_perm=120)
        m.update_batch([text[i : i + 5].encode() for i in range(max(1, len(text) - 4))])
        if not lsh.query(m):
            lsh.insert(id, m)
    return time.process_time() - began


def speed(texts: dict[str, str]) -> Iterator[tuple[str, str]]:
    """Yield rates of the whole and of its parts, beside datasketch."""
    mean = sum(len(t.encode()) for t in texts.values()) / len(texts)
    times: list[float] = []
    yield "texts", f"{len(texts):,} of {mean:,.0f} bytes on average"
    for name, stage in (("all", Dedup()), ('partial = "off"', Dedup(partial="off"))):
        _, look, settle = min((clean(texts, stage) for _ in range(3)), key=lambda r: r[1] + r[2])
        two = len(texts) / (look / 2 + settle)
        one = len(texts) / (look + settle)
        yield f"ours, {name}", (f"look {look:.2f} s, settle {settle:.2f} s: {one:,.0f} texts/s on one core, "
                                f"{two:,.0f} on two (derived)")
        times.append(look + settle)
    theirs = datasketch(texts)
    yield "datasketch, 120 permutations", f"{theirs:.2f} s: {len(texts) / theirs:,.0f} texts/s"
    yield "ours, all, is so many times as fast", f"{theirs / times[0]:.1f}"
    yield 'ours, partial = "off", is so many times as fast', f"{theirs / times[1]:.1f}"


def synthetic(count: int) -> None:
    """Settle `count` facts, of which a fifth come from texts that repeat each other; print time and memory."""
    plan = Plan()
    letters = [chr(c) for c in range(0x4E00, 0x5E00)]
    row = plan.row_type

    def text(id: str) -> str:
        number = int(id)
        base = "".join(random.Random(number // 2).choices(letters, k=700))
        return edit(base, random.Random(number), 0.01) if number % 2 and number % 4 == 1 else base

    def facts() -> Iterator[bytes]:
        for n in range(count // 5):
            yield fact(str(n), text(str(n)), plan)
        random_rows = np.random.default_rng(3)
        for n in range(count // 5, count, 10_000):
            rows = np.frombuffer(random_rows.bytes(row.itemsize * 10_000), row).copy()
            rows["flags"], rows["chars"] = 0, 700
            rows["anchors"] = np.sort(rows["anchors"] >> np.uint64(5), axis=1)
            for i in range(min(10_000, count - n)):
                yield rows[i].tobytes() + str(n + i).encode()

    began = time.process_time()
    for _ in facts():
        pass
    making = time.process_time() - began
    answer = Dedup().settle(facts(), text)
    took = time.process_time() - began - 2 * making
    fates = Counter(v.drop for v in answer.verdicts.values())
    print(f"  {count:,} facts of {row.itemsize} bytes settled in {took:.0f} s of CPU, {peak():,.0f} MB at most; "
          f"{fates['exact-duplicate']:,} exact, {fates['near-duplicate']:,} near")


def engine(texts: dict[str, str]) -> Iterator[tuple[str, str]]:
    """Yield what the whole program writes with several numbers of workers, and with the input the other way round."""
    written = {}
    with tempfile.TemporaryDirectory() as folder:
        for name, workers, back in (("1 worker", 1, False), ("2 workers", 2, False), ("3 workers", 3, False),
                                    ("2 workers, input reversed", 2, True)):
            rows = [json.dumps({"id": id, "text": text}, ensure_ascii=False) for id, text in texts.items()]
            source, out = Path(folder) / "in.jsonl", Path(folder) / name
            source.write_text("\n".join(reversed(rows) if back else rows) + "\n", "utf-8")
            began = time.process_time()
            report = build(Config.load(None, (), "decode,dedup"), [source], out, workers)
            spent = time.process_time() - began
            lines = [(out / f"{stem}.jsonl").read_bytes().splitlines() for stem in ("corpus", "manifest")]
            written[name] = [sorted(part) if back else part for part in lines]
            yield name, (f"{report.fates['dropped']:,} of {report.documents:,} dropped, "
                         f"{spent:.1f} s of CPU in the main process, {report.wall:.1f} s in all")
    first = written["1 worker"]
    yield "the same bytes", str(all(w == first for name, w in written.items() if "reversed" not in name))
    turned = written["2 workers, input reversed"] == [sorted(part) for part in first]
    yield "input reversed: the same lines", str(turned)


def peak() -> float:
    """Return the most memory (MB) this process held; what getrusage says includes the process that started it."""
    try:
        status = Path("/proc/self/status").read_text("ascii").splitlines()
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM")) / 1024
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def table(title: str, rows: Callable[[], Iterator[tuple[str, str]]]) -> None:
    """Print rows under a title as they come."""
    print(f"\n{title}")
    for name, value in rows():
        print(f"  {name:<60} {value}", flush=True)


def main() -> None:
    """Run all measurements."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", nargs="?", default=os.environ.get("QINGYUAN_DATA"))
    parser.add_argument("--docs", type=int, default=10_000)
    parser.add_argument("--synthetic", type=int, default=1_000_000)
    parser.add_argument("--only-synthetic", action="store_true", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.only_synthetic:
        synthetic(args.synthetic)
        return
    data = Path(args.data) if args.data else None
    texts, planted = corpus(data, args.docs)
    out, _, _ = clean(texts, Dedup())
    table(f"Truth corpus, {args.docs:,} texts", lambda: judge(texts, planted, out))
    table("Bodies that stand twice in one text", lambda: repeats(data))
    table("The whole program, stages decode and dedup", lambda: engine(texts))
    table("Speed", lambda: speed(texts))
    print("\nScale", flush=True)
    subprocess.run([sys.executable, __file__, "--only-synthetic", "--synthetic", str(args.synthetic)], check=True)


if __name__ == "__main__":
    main()
