"""One self-contained HTML file that shows what a run did: flow, rules, documents side by side, families."""
from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

from pipeline.edits import EditError
from pipeline.explain import Piece, pieces
from pipeline.manifest import Entry, restore
from pipeline.sinks import aligned
from pipeline.verify import output_folder, records

LIMIT = 200  # documents shown side by side, unless told
LONGEST = 200_000  # characters; longer documents are listed, but not shown side by side


def write(folder: str | Path, output: str | Path | None = None, limit: int = LIMIT) -> Path:
    """Write the report of a finished run and return where it is (default: ``DIR/report.html``).

    `limit` is the number of documents shown side by side: those set aside, dropped and most changed
    come first.

    Raises:
        InputError: `folder` does not hold a finished run.
        OSError: the file cannot be written.
    """
    path = output_folder(folder)
    run = json.loads((path / "run.json").read_text("utf-8"))
    entries = list(_summaries(path))
    shown = {e["id"] for e in sorted(entries, key=_interest)[:limit]}
    data = {"run": run, "rules": _rules(run), "documents": entries, "families": _families(entries),
            "shown": dict(_shown(path, shown))}
    template = files("pipeline").joinpath("data", "report", "report.html").read_text("utf-8")
    # "</" would end the script element that carries the data
    packed = json.dumps(data, ensure_ascii=False, separators=(",", ":")).replace("</", "<\\/")
    place = Path(output) if output else path / "report.html"
    place.write_text(template.replace("/*DATA*/null", packed, 1), "utf-8")
    return place


def _summaries(path: Path) -> Iterator[dict[str, Any]]:
    for entry in records(path, "manifest"):
        rules = Counter(f"{p['stage']} {_why(e)}" for p in entry["patches"] for e in p.get("edits", ())
                        if p["stage"] != "decode")
        yield {key: entry[key] for key in ("id", "fate", "why", "fault", "duplicate_of", "script", "lang", "meta")
               if entry.get(key)} | {"bytes": entry["source"]["bytes"], "encoding": entry["source"]["encoding"],
                                     "counts": entry["counts"], "rules": rules.most_common(12)}


def _why(edit: list[Any]) -> str:
    return str(edit[3] if isinstance(edit[1], str) else edit[2])


def _interest(summary: dict[str, Any]) -> tuple[int, float, str]:
    """Order documents by how much there is to see: faults, dropped ones, then the most changed."""
    rank = {"fault": 0, "dropped": 1}.get(summary["fate"], 2)
    kept = summary["counts"].get("bytes_kept", 0) / max(1, summary["bytes"])
    return rank if rank == 0 else 1, kept, summary["id"]


def _rules(run: dict[str, Any]) -> list[list[Any]]:
    """Return [kind, stage, rule, bytes], the largest first."""
    rows = [[kind, stage, why, size] for kind in ("removed", "changed")
            for stage, whys in run["ledger"][kind].items() for why, size in whys.items()]
    return sorted(rows, key=lambda row: -row[3])


def _families(summaries: list[dict[str, Any]]) -> list[list[str]]:
    """Return keeper and members of every family of repeated documents."""
    families: dict[str, list[str]] = {}
    for s in summaries:
        if s.get("duplicate_of"):
            families.setdefault(s["duplicate_of"], []).append(s["id"])
    return [[keeper, *members] for keeper, members in sorted(families.items())]


def _shown(path: Path, wanted: set[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    rows = records(path, "corpus")
    for entry in records(path, "manifest"):
        row = next(rows, None) if entry["output"] else None
        if entry["id"] in wanted and entry["source"]["bytes"] <= 4 * LONGEST:
            view = _view(entry, row)
            if view:
                yield entry["id"], view


def _view(entry: Entry, row: dict[str, Any] | None) -> dict[str, Any] | None:
    """Return a document as runs of [kind, source, clean text, stage, rule], and its terms."""
    try:
        doc = restore(entry, row["text"] if row else "")
    except EditError:
        return None  # a lean manifest, or a source that was never taken in
    return {"runs": [_run(p) for p in pieces(doc)], "terms": (row or {}).get("terms", []),
            "translation": aligned(row or {})}


def _run(piece: Piece) -> list[str]:
    return [piece.kind[0], piece.was, piece.now if piece.now != piece.was else "", piece.stage, piece.why]
