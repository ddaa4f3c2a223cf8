"""What a run did, as sums: the library's report, and run.json."""
from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path
from typing import Any

from pipeline.config import Config
from pipeline.keys import PACKAGES, data_digests
from pipeline.parts import Done, Label
from pipeline.work import Tally


@dataclass
class Report:
    """What a run did; `ledger` is bytes by (kind, stage, rule), and adds up to `bytes_in`.

    `reused` documents stand as an earlier run left them; `resumed` counts, by stage, those that were
    taken up there and worked on from there; all others were worked on from the start.  `seconds` are
    CPU seconds by stage, over all workers.
    """

    output: Path
    documents: int = 0
    fates: Counter[str] = field(default_factory=Counter)
    faults: list[tuple[str, str]] = field(default_factory=list)
    bytes_in: int = 0
    bytes_unread: int = 0
    ledger: Counter[Label] = field(default_factory=Counter)
    terms: Counter[str] = field(default_factory=Counter)
    seconds: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))
    passed_over: int = 0
    reused: int = 0
    resumed: Counter[str] = field(default_factory=Counter)
    segments: Counter[str] = field(default_factory=Counter)
    dry_run: bool = False
    wall: float = 0.0

    @property
    def exit_code(self) -> int:
        """0, or 1 when documents were set aside with a fault or segments could not be translated."""
        return 1 if self.fates["fault"] or (self.segments["failed"] and not self.dry_run) else 0

    def tally(self, tally: Tally) -> None:
        """Take what a leg of a shard cost into the sums."""
        for stage, spent in tally.seconds.items():
            self.seconds[stage] += spent
        self.resumed.update(tally.resumed)

    def add(self, done: Done) -> None:
        """Take a finished shard into the sums."""
        self.documents += len(done.rows)
        self.fates.update(done.fates)
        self.faults += done.faults
        self.bytes_unread += done.unread
        self.reused += done.reused
        self.segments.update(done.segments)
        self.ledger.update(done.ledger)
        self.terms.update(done.terms)
        self.bytes_in += sum(done.ledger.values())


def record(config: Config, report: Report, files: dict[str, Any]) -> dict[str, Any]:
    """Return run.json; `files` are sizes, rows and hashes of what was written, by name."""
    return {
        "qingyuan": metadata.version("qingyuan") if _installed() else "0",
        "packages": {name: metadata.version(name) for name in PACKAGES},
        "config": config.effective(),
        "data": data_digests(config),
        "documents": {"in": report.documents, **{fate: report.fates[fate] for fate in ("kept", "dropped", "fault")}},
        "terms": dict(sorted(report.terms.items(), key=lambda term: (-term[1], term[0]))),
        "ledger": ledger(report.ledger, report.bytes_in, report.bytes_unread),
        **({"translation": dict(sorted(report.segments.items()))} if report.segments else {}),
        "files": files,
        "timings": {"wall_seconds": round(report.wall, 3),
                    "stage_seconds": {k: round(v, 3) for k, v in report.seconds.items()}},
    }


def ledger(totals: Counter[Label], bytes_in: int, unread: int) -> dict[str, Any]:
    """Return the ledger as JSON: bytes in = kept + changed + removed, by stage and rule."""
    out: dict[str, Any] = {"bytes_in": bytes_in, "kept": totals["kept", "", ""], "changed": {}, "removed": {}}
    for (kind, stage, why), size in sorted(totals.items()):
        if kind != "kept":
            out[kind].setdefault(stage, {})[why] = size
    if unread:
        out["unread"] = unread
    return out


def _installed() -> bool:
    try:
        metadata.version("qingyuan")
    except metadata.PackageNotFoundError:
        return False
    return True
