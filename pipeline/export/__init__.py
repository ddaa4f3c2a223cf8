"""A finished output folder in other formats."""
from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

from pipeline.export import cards, parquet, prov, terms, texts, translations, words
from pipeline.sources import InputError
from pipeline.verify import output_folder

Writer = Callable[[Path, Path], None]  # from an output folder, to a file (or folder) that does not exist

FORMATS: dict[str, tuple[str, Writer]] = {  # the default name of what is written, and its writer
    "parquet": ("corpus.parquet", parquet.write),
    "txt": ("txt", texts.write),
    "vert": ("corpus.vert", words.write_vertical),
    "conllu": ("corpus.conllu", words.write_conllu),
    "terms": ("terms.tsv", terms.write),
    "tmx": ("corpus.tmx", translations.write_tmx),
    "jsonl": ("aligned.jsonl", translations.write_jsonl),
    "moses": ("moses", translations.write_moses),
    "croissant": ("croissant.json", cards.write_croissant),
    "ro-crate": ("ro-crate-metadata.json", cards.write_ro_crate),
    "prov": ("prov.json", prov.write),
}


def export(folder: str | Path, to: str, target: str | Path | None = None) -> Path:
    """Write the corpus of an output folder in another format, and return where it went.

    Without `target` it goes into the folder, under the format's usual name.  What stood there is
    replaced when the new one is complete.

    Raises:
        InputError: the folder holds no finished run, or the corpus lacks what the format needs.
    """
    if to not in FORMATS:
        raise InputError(f"--to {to}: no such format; there are {', '.join(FORMATS)}")
    source = output_folder(folder)
    name, write = FORMATS[to]
    place = Path(target) if target else source / name
    if to == "txt" and place.is_dir() and any(p.suffix != ".txt" for p in place.rglob("*") if p.is_file()):
        raise InputError(f"{place}: holds other files than an earlier export; choose another folder with -o")
    new = place.with_name(f".{place.name}.{os.getpid()}")
    new.parent.mkdir(parents=True, exist_ok=True)
    try:
        write(source, new)
        _remove(place)
        os.replace(new, place)
    finally:
        _remove(new)
    return place


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
