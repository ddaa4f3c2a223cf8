"""What the command line shows: the table at the end of a run, settings, differences, rules."""
from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click

from pipeline.cjk.rules import Rule
from pipeline.config import Config
from pipeline.document import Document
from pipeline.explain import pieces, shown

if TYPE_CHECKING:
    from pipeline.record import Report  # processes and databases, which `clean` has no need of


def summary(report: Report) -> str:
    """Return the table at the end of a run: documents, and the ledger in bytes."""
    fates, total = report.fates, report.bytes_in
    out = [f"{report.documents:,} documents: {fates['kept']:,} kept, {fates['dropped']:,} dropped, "
           f"{fates['fault']:,} set aside"]
    rows = [("bytes in", "", total), ("kept", "", report.ledger["kept", "", ""])]
    for kind in ("changed", "removed"):
        stages: dict[str, int] = {}
        for (k, stage, _), size in report.ledger.items():
            if k == kind:
                stages[stage] = stages.get(stage, 0) + size
        rows += [(kind, f"by {stage}", size) for stage, size in stages.items()]
    for label, by, size in rows:
        out.append(f"  {label:<9}{by:<16}{size:>15,}  {100 * size / total if total else 0:6.2f} %")
    adds = sum(report.ledger.values())
    out.append(f"  kept + changed + removed = {adds:,}" + (" = bytes in" if adds == total else " IS NOT bytes in"))
    if report.reused or report.resumed:
        out.append(f"  {_rebuilt(report)}")
    if report.bytes_unread:
        out.append(f"  not taken in: {report.bytes_unread:,} bytes")
    if report.passed_over:
        out.append(f"  {report.passed_over:,} files of other kinds were passed over")
    for id, message in report.faults[:10]:
        out.append(f"  set aside: {id}: {message}")
    if len(report.faults) > 10:
        out.append(f"  ... and {len(report.faults) - 10:,} more (see \"fate\":\"fault\" in manifest.jsonl)")
    out.append(f"  {report.output}: corpus, manifest and run.json in {report.wall:.1f} s")
    return "\n".join(out)


def counts(report: Report) -> dict[str, Any]:
    """Return what a run did, as one JSON object: the last line of ``--log-json``."""
    return {"phase": "end", "documents": report.documents, **report.fates, "bytes": report.bytes_in,
            "reused": report.reused, "resumed": dict(report.resumed), "seconds": round(report.wall, 3),
            "exit_code": report.exit_code}


def profile(report: Report) -> str:
    """Return a table of CPU seconds by stage, over all processes."""
    total = sum(report.seconds.values()) or 1.0
    rows = [f"  {'CPU seconds':<20}{'':>9}{'share':>9}{'µs a document':>16}{'MB/s':>9}"]
    for stage, spent in [*report.seconds.items(), ("all", total)]:
        speed = f"{report.bytes_in / 1e6 / spent:9.1f}" if spent > 0.0005 else f"{'-':>9}"
        each = 1e6 * spent / (report.documents or 1)
        rows.append(f"  {stage:<20}{spent:>9.2f}{100 * spent / total:>7.1f} %{each:>16.0f}{speed}")
    return "\n".join(rows)


def _rebuilt(report: Report) -> str:
    """Say what of an earlier run still stands."""
    taken_up = [f"{n:,} taken up at {stage}" for stage, n in report.resumed.items()]
    anew = report.documents - report.reused - sum(report.resumed.values())
    return ", ".join([f"{report.reused:,} as the earlier run left them", *taken_up,
                      f"{anew:,} worked on from the start"])


def diff(doc: Document, colour: bool) -> str:
    """Return the decoded source with what was removed in red and what was put in in green.

    Without colour: ``[-removed-]`` and ``{+inserted+}``.
    """
    def gone(text: str) -> str:
        return (click.style(text, fg="red", strikethrough=True) if colour else f"[-{text}-]") if text else ""

    def come(text: str) -> str:
        return (click.style(text, fg="green") if colour else f"{{+{text}+}}") if text else ""

    return "".join(p.now if p.kind == "kept" else gone(p.was) + come(p.now) for p in pieces(doc))


def rule(rule: Rule, section: Mapping[str, Any], examples: bool) -> str:
    """Return a rule as a line, and with `examples` what it must take (-) and leave (=)."""
    on = (rule.on or rule.id in section.get("on", ())) and rule.id not in section.get("off", ())
    rows = [f"{'on ' if on else 'off'}  {rule.stage:<12} {rule.id:<18} {rule.about}"]
    if examples:
        rows += [f"       - {shown(text)}" for text in rule.catch] + [f"       = {shown(text)}" for text in rule.leave]
    return "\n".join(rows)


def toml(effective: dict[str, Any]) -> str:
    """Return settings as TOML: general ones first, then a section a stage."""
    rows = [f"{key} = {_value(value)}" for key, value in effective.items() if not isinstance(value, dict)]
    for section, values in effective.items():
        if isinstance(values, dict):
            rows += ["", f"[{section}]", *(f"{key} = {_value(value)}" for key, value in values.items())]
    return "\n".join(rows)


def _value(value: Any) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{json.dumps(k)} = {_value(v)}" for k, v in value.items()) + " }"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_value, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


def translation(report: Report, config: Config) -> str:
    """Return what was translated: segments by outcome, requests, tokens, and the cost if prices are set."""
    count = report.segments
    if report.dry_run:
        out = [f"{count['segments']:,} segments in {report.documents:,} documents: {count['reused']:,} in the memory, "
               f"{count['requests']:,} to ask for; nothing was asked for and nothing written"]
    else:
        kinds = ", ".join(f"{count[kind]:,} {kind}" for kind in ("translated", "kept", "untranslated", "failed")
                          if count[kind])
        out = [f"{count['segments']:,} segments: {kinds}; {count['reused']:,} from the memory, "
               f"{count['requests']:,} requests"]
    if count["tokens_in"] or count["tokens_out"]:
        prices = config.settings("translate").openai
        cost = (count["tokens_in"] * prices.price_in_per_m + count["tokens_out"] * prices.price_out_per_m) / 1e6
        about = "about " if report.dry_run else ""
        out.append(f"  tokens: {about}{count['tokens_in']:,} in, {about}{count['tokens_out']:,} out; "
                   f"cost: {f'{about}{cost:,.4f}' if cost else 'unknown (no prices set)'}")
    if count["failed"]:
        out.append(f"  {count['failed']:,} segments failed (\"status\":\"failed\" in corpus.jsonl); "
                   "run again with --retry-failed, or --retry CODE")
    return "\n".join(out)
