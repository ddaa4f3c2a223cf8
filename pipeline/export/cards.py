"""Descriptions of a corpus that catalogues and archives read: Croissant and RO-Crate.

Sources: Croissant 1.0, https://docs.mlcommons.org/croissant/docs/croissant-spec.html; RO-Crate 1.1,
https://www.researchobject.org/ro-crate/specification/1.1/; the Process Run Crate profile,
https://www.researchobject.org/workflow-run-crate/profiles/process_run_crate/.
"""
from __future__ import annotations

import json
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from pipeline.outputs import names
from pipeline.verify import records

FIELDS = {  # of a corpus row: what it is, its type
    "id": ("Where the document came from: a path, a row's id, or a URL.", "sc:Text"),
    "text": ("The clean text; paragraphs are separated by one newline.", "sc:Text"),
    "lang": ("The language of the text, BCP 47.", "sc:Text"),
    "title": ("The title, if known.", "sc:Text"),
    "date": ("The date of publication, if known.", "sc:Date"),
    "site": ("The site, account or publisher, if known.", "sc:Text"),
    "url": ("The address, if known.", "sc:URL"),
    "segmented": ("The words of the text, joined by spaces.", "sc:Text"),
}
CONTEXT = Path(__file__).parent.parent / "data" / "export" / "croissant_context.json"


def write_croissant(folder: Path, target: Path) -> None:
    """Write the Croissant description of the corpus files of an output folder."""
    run = _run(folder)
    there = {key for row in records(folder, "corpus") for key in row}
    fields = {name: about for name, about in FIELDS.items() if name in there}
    files = [{"@type": "cr:FileObject", "@id": name, "name": name, "contentUrl": name,
              "encodingFormat": _mime(name), "contentSize": f"{about['bytes']} B", "sha256": about["sha256"]}
             for name, about in _files(folder, run, "corpus")]
    card: dict[str, Any] = {
        "@context": _context(), "@type": "sc:Dataset", "conformsTo": "http://mlcommons.org/croissant/1.0",
        "name": folder.resolve().name, "description": _description(run), "version": "1.0.0",
        "datePublished": _made(folder), "distribution": files,
        "recordSet": [{"@type": "cr:RecordSet", "@id": f"documents{n or ''}", "name": f"documents{n or ''}",
                       "description": "One record a document.",
                       "field": [_field(n, file["@id"], name, *about) for name, about in fields.items()]}
                      for n, file in enumerate(files)],
    }
    _write(target, card)


def _field(number: int, file: str, name: str, description: str, type: str) -> dict[str, Any]:
    return {"@type": "cr:Field", "@id": f"documents{number or ''}/{name}", "name": name, "description": description,
            "dataType": type, "source": {"fileObject": {"@id": file}, "extract": {"column": name}}}


@cache
def _context() -> dict[str, Any]:
    context: dict[str, Any] = json.loads(CONTEXT.read_text("utf-8"))
    return context


def write_ro_crate(folder: Path, target: Path) -> None:
    """Write the RO-Crate description of an output folder: its files, and the run that made them."""
    run, made = _run(folder), _made(folder)
    files: list[dict[str, Any]] = [
        {"@id": name, "@type": "File", "name": name, "encodingFormat": _mime(name), "contentSize": str(about["bytes"]),
         "sha256": about["sha256"]} for stem in ("corpus", "manifest") for name, about in _files(folder, run, stem)]
    files.append({"@id": "run.json", "@type": "File", "name": "run.json", "encodingFormat": "application/json",
                  "description": "Settings, digests of all data files, and the ledger in bytes."})
    parts = [{"@id": file["@id"]} for file in files]
    profile = "https://w3id.org/ro/wfrun/process/0.5"
    graph: list[dict[str, Any]] = [
        {"@id": "ro-crate-metadata.json", "@type": "CreativeWork", "about": {"@id": "./"},
         "conformsTo": {"@id": "https://w3id.org/ro/crate/1.1"}},
        {"@id": "./", "@type": "Dataset", "name": folder.resolve().name, "description": _description(run),
         "datePublished": made, "license": "The rights in the texts stay with those who hold them.",
         "conformsTo": {"@id": profile}, "hasPart": parts, "mentions": {"@id": "#run"}},
        {"@id": profile, "@type": "CreativeWork", "name": "Process Run Crate", "version": "0.5"},
        {"@id": "#run", "@type": "CreateAction", "name": "Cleaning of the corpus", "endTime": made,
         "instrument": {"@id": "#qingyuan"}, "result": parts},
        {"@id": "#qingyuan", "@type": "SoftwareApplication", "name": "qingyuan", "softwareVersion": run["qingyuan"],
         "softwareRequirements": [f"{name} {version}" for name, version in run["packages"].items()]},
        *files]
    _write(target, {"@context": "https://w3id.org/ro/crate/1.1/context", "@graph": graph})


def _run(folder: Path) -> dict[str, Any]:
    run: dict[str, Any] = json.loads((folder / "run.json").read_text("utf-8"))
    return run


def _files(folder: Path, run: dict[str, Any], stem: str) -> list[tuple[str, dict[str, Any]]]:
    return [(name, run["files"][name]) for name in names(folder, stem)]


def _mime(name: str) -> str:
    return "application/zstd" if name.endswith(".zst") else "application/jsonlines"


def _made(folder: Path) -> str:
    seconds = (folder / "run.json").stat().st_mtime
    return datetime.fromtimestamp(int(seconds), UTC).isoformat()


def _description(run: dict[str, Any]) -> str:
    counts, ledger = run["documents"], run["ledger"]
    stages = ", ".join(run["config"]["stages"])
    return (f"A corpus cleaned by qingyuan {run['qingyuan']} ({stages}): {counts['kept']:,} of {counts['in']:,} "
            f"documents were kept, {counts['dropped']:,} dropped, {counts['fault']:,} set aside; "
            f"{ledger['kept']:,} of {ledger['bytes_in']:,} bytes stand as they were.")


def _write(target: Path, card: dict[str, Any]) -> None:
    target.write_text(json.dumps(card, ensure_ascii=False, indent=1) + "\n", "utf-8")
