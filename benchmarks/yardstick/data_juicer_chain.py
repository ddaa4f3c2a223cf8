"""Data-Juicer on the rows of scale.py: of its operators the eight that come nearest to our default chain.

    python benchmarks/yardstick/data_juicer_chain.py ROWS.jsonl FOLDER WORKERS

Needs ``pip install py-data-juicer aiohttp ftfy opencc==1.1.9 ray scipy torch`` (1.6.1 was tried; it loads ray and torch
whether it uses them or not, and would fetch what is missing).  What it does: mend with ftfy, make all white space
spaces, take out links and the lines that stand in more than six documents, convert to Simplified with OpenCC (t2s),
drop short documents and those of many special characters, MinHash over runs of five characters (Data-Juicer's
defaults: 256 permutations, 0.7), write JSONL.  Its cache is off, as if for a first run.

What of our chain it does not do: mojibake of GBK and Big5, full-width marks kept (its ftfy rewrites them), furniture
that is rare, metadata, spam, the script of each segment, words and glossary terms in the output, shared passages, a
comparison of the texts behind equal hashes, provenance (its tracer is off, as by default).  Operators that fetch
models or word lists are left out.
"""
from __future__ import annotations

import json
import os
import sys
from importlib.util import find_spec
from pathlib import Path

NEEDS = ("aiohttp", "ftfy", "opencc", "ray", "scipy", "torch")
OPERATORS = [
    {"fix_unicode_mapper": {"normalization": "NFC"}},
    {"whitespace_normalization_mapper": {}},
    {"clean_links_mapper": {}},
    {"document_line_deduplicator": {}},
    {"chinese_convert_mapper": {"mode": "t2s"}},
    {"text_length_filter": {"min_len": 10}},
    {"special_characters_filter": {"max_ratio": 0.4}},  # punctuation and white space count, too
    {"document_minhash_deduplicator": {"tokenization": "character", "window_size": 5}},
]


def main(rows: Path, folder: Path, workers: int) -> None:
    missing = [name for name in NEEDS if find_spec(name) is None]
    if missing:  # Data-Juicer would install them as it runs
        sys.exit(f"data_juicer_chain.py needs {', '.join(missing)}")
    os.environ |= {"UV_OFFLINE": "1", "PIP_NO_INDEX": "1", "HF_HUB_OFFLINE": "1", "HF_DATASETS_OFFLINE": "1",
                   "HF_HOME": str(folder / "cache"), "DATA_JUICER_CACHE_HOME": str(folder / "cache")}
    from data_juicer.config import init_configs  # reads these variables
    from data_juicer.core import DefaultExecutor
    folder.mkdir(parents=True)
    recipe = folder / "recipe.yaml"  # JSON is YAML
    recipe.write_text(json.dumps({
        "project_name": "scale", "dataset_path": str(rows), "export_path": str(folder / "out.jsonl"),
        "work_dir": str(folder / "work"), "np": workers, "text_keys": "text", "use_cache": False,
        "process": OPERATORS}), encoding="utf-8")
    DefaultExecutor(init_configs(["--config", str(recipe)])).run()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))
