"""datatrove on the rows of scale.py: of its steps those that come nearest to our default chain, in its own executor.

    python benchmarks/yardstick/datatrove_chain.py ROWS.jsonl FOLDER WORKERS

Needs ``pip install "datatrove[io,processing]" spacy jieba`` (0.10.1 was tried).  What it does: read JSONL, mend with
ftfy in datatrove's settings (full-width marks stay), drop lines of symbols only, cut words with jieba for MinHash
(5 words, 14 x 8 hashes, datatrove's defaults), keep one document of each cluster, write JSONL.

What of our chain it does not do: mojibake of GBK and Big5, boilerplate, metadata, spam, script conversion, words and
glossary terms in the output, shared passages, a comparison of the texts behind equal hashes, provenance.  Of its own
filters these are left out: language (fetches a model), C4's lines (takes only Latin end marks, so every Chinese line
goes), Gopher's and FineWeb's (drop documents for qualities our chain does not judge).
"""
from __future__ import annotations

import sys
from itertools import cycle
from pathlib import Path

from datatrove.executor import LocalPipelineExecutor
from datatrove.pipeline.base import PipelineStep
from datatrove.pipeline.dedup import MinhashDedupBuckets, MinhashDedupCluster, MinhashDedupFilter, MinhashDedupSignature
from datatrove.pipeline.dedup.minhash import MinhashConfig
from datatrove.pipeline.formatters import FTFYFormatter, SymbolLinesFormatter
from datatrove.pipeline.readers import JsonlReader
from datatrove.pipeline.writers import JsonlWriter

CONFIG = MinhashConfig()


def split(rows: Path, folder: Path, parts: int) -> None:
    """Deal the rows out to `parts` files: a task of datatrove reads whole files."""
    folder.mkdir(parents=True)
    files = [open(folder / f"{n:05}.jsonl", "wb") for n in range(parts)]  # noqa: SIM115
    with open(rows, "rb") as lines:
        for line, file in zip(lines, cycle(files)):
            file.write(line)
    for file in files:
        file.close()


def execute(steps: list[PipelineStep], tasks: int, workers: int, logs: Path) -> None:
    """Run steps to their end.  Forked, so that the CPU time of the workers is counted as this process's children's."""
    LocalPipelineExecutor(steps, tasks=tasks, workers=min(tasks, workers), start_method="fork",
                          logging_dir=str(logs)).run()


def main(rows: Path, folder: Path, workers: int) -> None:
    split(rows, folder / "in", workers)
    at = {name: str(folder / name) for name in ("in", "mended", "signatures", "buckets", "gone", "out")}
    execute([JsonlReader(at["in"]), FTFYFormatter(), SymbolLinesFormatter(),
             JsonlWriter(at["mended"], compression=None),
             MinhashDedupSignature(at["signatures"], CONFIG, language="zho_Hani")], workers, workers, folder / "logs1")
    execute([MinhashDedupBuckets(at["signatures"], at["buckets"], config=CONFIG)],
            CONFIG.num_buckets, workers, folder / "logs2")
    execute([MinhashDedupCluster(at["buckets"], at["gone"], CONFIG)], 1, 1, folder / "logs3")
    execute([JsonlReader(at["mended"]), MinhashDedupFilter(at["gone"]), JsonlWriter(at["out"], compression=None)],
            workers, workers, folder / "logs4")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))
