"""Documents out: corpus rows, and an output folder that is whole or untouched."""
from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from pipeline.document import Document

OWN = ("title", "date", "site", "url")


def corpus_row(doc: Document, lang: str) -> dict[str, Any]:
    """Return the corpus row of a kept document; the row's own title, date, site and url win."""
    meta, row = doc.meta, doc.given.row
    out: dict[str, Any] = {"id": doc.id, "text": doc.text, "lang": lang}
    for key in OWN:
        value = row.get(key) or meta.get(key)
        if value:
            out[key] = value
    words = doc.segmented
    if words is not None:
        out["segmented"] = words
    for kind in ("pos", "rendered"):  # what the stages segment and glossary add if they are asked to
        if found := doc.tagged(kind):
            out[kind] = found[-1].value
    if terms := doc.terms:
        out["terms"] = terms
    if translation := doc.translation:
        out["translation"] = translation
    if doc.given.fields:
        out["fields"] = dict(doc.given.fields)
    return out


def aligned(row: Mapping[str, Any]) -> list[dict[str, Any]] | None:
    """Return the translated segments of a corpus row with both texts, ``zh`` and ``en``; None if it has none."""
    if "translation" not in row:
        return None
    return [{"zh" if "en" in segment else "en": row["text"][segment["start"] : segment["end"]],
             **{key: segment[key] for key in ("start", "end", "zh", "en", "status") if key in segment}}
            for segment in row["translation"]]


class Busy(RuntimeError):
    """Another run is writing to the same output folder."""


@contextmanager
def workplace(output: Path) -> Iterator[Path]:
    """Give an empty folder for unfinished work inside `output`, locked against a second run.

    The lock dies with its process.  What an interrupted run left is cleared away first, and nothing
    is left behind in the end.

    Raises:
        Busy: a second run holds the lock.
        OSError: `output` cannot be written.
    """
    store = output / ".store"
    new = [folder for folder in (store, output) if not folder.exists()]
    store.mkdir(parents=True, exist_ok=True)
    with open(store / "lock", "a+b") as lock:
        _lock(lock, output)
        work = store / "work"
        shutil.rmtree(work, ignore_errors=True)
        work.mkdir()
        try:
            yield work
        except BaseException:
            if store in new:
                shutil.rmtree(store, ignore_errors=True)
            if output in new and not any(output.iterdir()):
                output.rmdir()
            raise
        finally:
            shutil.rmtree(work, ignore_errors=True)


def _lock(file: IO[bytes], output: Path) -> None:
    try:
        try:
            import fcntl
        except ImportError:
            import msvcrt
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
        else:
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)  # not inherited by worker processes
    except OSError as error:
        raise Busy(f"{output}: another run is writing here; wait for it or choose another folder with -o") from error
