"""One JSON line per document: enough, with the output, to rebuild the source.

An edit is written as a short list.  Text that follows from the output is not written twice:

    [start, was, now, why]                                   a block
    [start, length, why, "1:1", gaps, was]                   a 1:1 run: which characters changed, and what they were
    [start, length, why, "read>write", length of now]        a recoding: its bytes follow from `now`
    [start, length, why, codec, length of now, sha256[:12]]  any edit of a lean manifest: the removed text is gone
"""
from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from itertools import accumulate
from typing import Any

import orjson

from pipeline.document import Document
from pipeline.edits import Edit, EditError, Patch, Tag, recode, undo
from pipeline.lineage import differing

Entry = dict[str, Any]
ELSEWHERE = frozenset(  # tags with a field of their own
    ("segmented", "term", "translation", "tally", "encoding", "script"))
CENSUS = ("han", "traditional", "simplified", "hiragana", "katakana", "hangul", "latin")  # counts of every entry


def describe(doc: Document, provenance: str = "full") -> Entry:
    """Return the manifest entry of a document that went through all stages."""
    given, meta = doc.given, doc.meta
    seen = doc.census
    encodings, scripts = doc.tagged("encoding"), doc.tagged("script")
    encoding, script = encodings[0].value if encodings else None, scripts[0].value if scripts else seen.script
    place = {"path": given.path} if given.path else {"url": given.url} if given.url else {"path": doc.id}
    entry: Entry = {"id": doc.id, "source": {**place, "bytes": given.size, "sha256": given.sha256,
                                             "encoding": encoding}}
    entry["output"] = {"chars": len(doc.text), "sha256": sha256(doc.text)} if doc.text else None
    entry["fate"] = doc.fate
    if doc.fate == "dropped":
        entry["why"] = doc.why
    if doc.fault:
        entry["fault"] = {"stage": doc.fault.stage, "message": doc.fault.message}
    if doc.duplicate_of:
        entry["duplicate_of"] = doc.duplicate_of
    entry.update(script=script, lang=seen.lang, meta=meta, counts=_counts(doc, seen.counts))
    entry["patches"] = [_write_patch(p, provenance == "lean") for p in doc.patches]
    return entry


def sha256(text: str) -> str:
    """Return the SHA-256 of `text` as UTF-8, in hexadecimal."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def line(record: Mapping[str, Any]) -> bytes:
    """Return a record as one line of JSON."""
    try:
        return orjson.dumps(record, option=orjson.OPT_APPEND_NEWLINE)
    except TypeError:  # a lone surrogate, an integer of more than 64 bits
        return json.dumps(record, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass") + b"\n"


def _counts(doc: Document, seen: Mapping[str, int]) -> dict[str, int]:
    kinds = {"kept": 0, "changed": 0, "removed": 0}
    for (kind, _, _), n in doc.fates.totals.items():
        kinds[kind] += n
    counts = {f"bytes_{kind}": n for kind, n in kinds.items()}
    if doc.text:
        counts["paragraphs"] = doc.text.count("\n") + 1
        words = doc.segmented
        if words is not None:
            counts["words"] = words.count(" ") + words.count("\n") + 1 if words else 0
        counts["terms"] = len(doc.tagged("term"))
    return counts | {f"chars_{k}": int(seen[k]) for k in CENSUS if seen.get(k)}


# -- writing and reading of patches -------------------------------------------------------------

def _write_patch(patch: Patch, lean: bool) -> dict[str, Any]:
    out: dict[str, Any] = {"stage": patch.stage, "size": patch.size}
    if patch.edits:
        out["edits"] = ([_write_lean(e) for e in patch.edits] if lean else
                        [_write_aligned(e) if e[4] else e[:4] for e in patch.edits])
    tags = [t[:] for t in patch.tags if t[2] not in ELSEWHERE]  # plain tuples, which JSON knows
    if tags:
        out["tags"] = tags
    return out


def _write_lean(e: Edit) -> list[Any]:
    return [e.start, len(e.was), e.why, e.codec, len(e.now), sha256(e.was)[:12]]


def _write_aligned(e: Edit) -> list[Any]:
    if e.codec != "1:1":
        return [e.start, len(e.was), e.why, e.codec, len(e.now)]
    changed, was = differing(e.was, e.now)
    gaps = changed.copy()
    gaps[1:] -= changed[:-1]
    return [e.start, len(e.was), e.why, "1:1", gaps.tolist(), was]


def is_lean(patches: Iterable[Mapping[str, Any]]) -> bool:
    """Tell whether a manifest's patches were written without the removed text."""
    return any(len(e) == 6 and isinstance(e[4], int) for p in patches for e in p.get("edits", ()))


def check_spans(entry: Entry) -> None:
    """Check that the edits of a lean entry lead, by their lengths, from the source to the output.

    Raises:
        EditError: they do not, or overlap.
    """
    size = entry["source"]["bytes"]
    for patch in entry["patches"]:
        if patch["size"] != size:
            raise EditError(f"stage {patch['stage']!r} received {patch['size']} characters, but {size} were there")
        at = 0
        for start, length, _, _, now, _ in patch.get("edits", ()):
            if start < at or start + length > patch["size"]:
                raise EditError(f"the edits of stage {patch['stage']!r} overlap or lie outside of its text")
            at, size = start + length, size + now - length
    if size != (entry["output"]["chars"] if entry["output"] else 0):
        raise EditError(f"its edits leave {size} characters, its text has another length")


def read_patches(entry: Entry, text: str) -> tuple[Patch, ...]:
    """Return the patches of a manifest entry, given the document's output text.

    Raises:
        EditError: the entry does not lead to this text, or was written lean.
    """
    if is_lean(entry["patches"]):
        raise EditError("the manifest is lean: it holds no removed text, so the source cannot be rebuilt")
    patches = []
    for row in reversed(entry["patches"]):
        edits = tuple(_read_edits(row.get("edits", ()), text))
        patches.append(Patch(row["stage"], row["size"], edits, tuple(Tag(*t) for t in row.get("tags", ()))))
        text = undo(text, edits)
        if len(text) != row["size"]:
            raise EditError(f"stage {row['stage']!r} worked on {row['size']} characters, undoing it leaves {len(text)}")
    return tuple(reversed(patches))


def _read_edits(rows: Iterable[list[Any]], after: str) -> Iterable[Edit]:
    shift = 0
    for row in rows:
        edit = _read_edit(row, row[0] + shift, after)
        shift += len(edit.now) - len(edit.was)
        yield edit


def _read_edit(row: list[Any], here: int, after: str) -> Edit:
    start, was = row[0], row[1]
    if isinstance(was, str):
        return Edit(start, was, row[2], row[3])
    why, codec = row[2], row[3]
    if codec == "1:1":
        now = after[here : here + was]
        spelled = list(now)
        for at, c in zip(accumulate(row[4]), row[5], strict=True):
            spelled[at] = c
        return Edit(start, "".join(spelled), now, why, codec)
    now = after[here : here + row[4]]
    edit = Edit(start, recode(now, codec), now, why, codec)
    if len(edit.was) != was:
        raise EditError(f"{why!r} at {start} recoded {was} characters, going back gives {len(edit.was)}")
    return edit


def restore(entry: Entry, text: str) -> Document:
    """Return the document that `entry` and its output text describe; its `source` is the source.

    Raises:
        EditError: the two do not belong together, or one of them was altered.
    """
    try:
        patches = read_patches(entry, text)
    except (UnicodeError, LookupError, TypeError, ValueError) as error:
        raise EditError(str(error)) from error
    return Document(entry["id"], text, patches)
