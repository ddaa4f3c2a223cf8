"""PROV-JSON: where each clean text came from, in the words of the W3C.

One entity a source and one a text, one activity a stage, derivations between them.  The file is
written piece by piece, so a corpus of any size fits.

Source: the PROV-JSON serialization, https://www.w3.org/submissions/prov-json/
"""
from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

from pipeline.manifest import Entry
from pipeline.verify import records

PREFIXES = {"q": "urn:qingyuan:vocabulary:", "source": "urn:qingyuan:source:", "text": "urn:qingyuan:text:",
            "stage": "urn:qingyuan:stage:", "run": "urn:qingyuan:run:"}
Record = tuple[str, dict[str, Any]]


def write(folder: Path, target: Path) -> None:
    """Write the provenance of all documents of an output folder as one PROV-JSON document."""
    run = json.loads((folder / "run.json").read_text("utf-8"))
    sections = {
        "agent": _agents(run), "activity": _activities(run), "wasAssociatedWith": _associations(run),
        "entity": _entities(folder), "wasDerivedFrom": _derivations(folder), "used": _usages(folder),
        "wasInvalidatedBy": _invalidations(folder), "alternateOf": _alternates(folder),
    }
    with open(target, "w", encoding="utf-8") as file:
        file.write('{"prefix": ' + json.dumps(PREFIXES))
        for name, items in sections.items():
            file.write(f',\n"{name}": {{')
            for n, (id, body) in enumerate(items):
                file.write((",\n" if n else "\n") + f"{json.dumps(id)}: {json.dumps(body, ensure_ascii=False)}")
            file.write("}")
        file.write("}\n")


def _name(prefix: str, id: str) -> str:
    """Return a qualified name; what may not stand in one is percent-encoded."""
    return f"{prefix}:{quote(id, safe='', errors='surrogatepass')}"


def _agents(run: dict[str, Any]) -> Iterator[Record]:
    yield "run:qingyuan", {"prov:type": {"$": "prov:SoftwareAgent", "type": "prov:QUALIFIED_NAME"},
                           "q:version": run["qingyuan"]}


def _activities(run: dict[str, Any]) -> Iterator[Record]:
    for stage in ("sources", *run["config"]["stages"]):
        settings = run["config"].get(stage)
        yield _name("stage", stage), {"q:settings": json.dumps(settings, ensure_ascii=False)} if settings else {}


def _associations(run: dict[str, Any]) -> Iterator[Record]:
    for stage in ("sources", *run["config"]["stages"]):
        yield f"_:by-{stage}", {"prov:activity": _name("stage", stage), "prov:agent": "run:qingyuan"}


def _entities(folder: Path) -> Iterator[Record]:
    for entry in records(folder, "manifest"):
        source = entry["source"]
        place = source.get("path") or source.get("url") or ""
        yield _name("source", entry["id"]), {"q:id": entry["id"], "prov:location": place, "q:bytes": source["bytes"],
                                             "q:sha256": source["sha256"] or "unread", "q:fate": entry["fate"]}
        if entry["output"]:
            yield _name("text", entry["id"]), {"q:id": entry["id"], "q:characters": entry["output"]["chars"],
                                               "q:sha256": entry["output"]["sha256"]}


def _changed_by(entry: Entry) -> list[str]:
    return [patch["stage"] for patch in entry["patches"] if patch.get("edits")]


def _derivations(folder: Path) -> Iterator[Record]:
    for entry in records(folder, "manifest"):
        if entry["output"]:
            last = (_changed_by(entry) or ["sources"])[-1]
            yield _blank("d", entry), {"prov:generatedEntity": _name("text", entry["id"]),
                                       "prov:usedEntity": _name("source", entry["id"]),
                                       "prov:activity": _name("stage", last)}


def _usages(folder: Path) -> Iterator[Record]:
    for entry in records(folder, "manifest"):
        for stage in _changed_by(entry):
            yield f"{_blank('u', entry)}-{stage}", {"prov:activity": _name("stage", stage),
                                                    "prov:entity": _name("source", entry["id"])}


def _invalidations(folder: Path) -> Iterator[Record]:
    for entry in records(folder, "manifest"):
        if not entry["output"]:
            stages = _changed_by(entry)
            yield _blank("i", entry), {"prov:entity": _name("source", entry["id"]),
                                       "prov:activity": _name("stage", stages[-1] if stages else "sources"),
                                       "q:why": entry.get("why") or entry.get("fault", {}).get("message", "")}


def _alternates(folder: Path) -> Iterator[Record]:
    for entry in records(folder, "manifest"):
        if entry.get("duplicate_of"):
            yield _blank("a", entry), {"prov:alternate1": _name("source", entry["id"]),
                                       "prov:alternate2": _name("source", entry["duplicate_of"])}


def _blank(kind: str, entry: Entry) -> str:
    return _name("_", f"{kind}-{entry['id']}")
