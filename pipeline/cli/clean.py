"""qingyuan clean."""
from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipeline.cli.plain import EXAMPLE, fail, load, options_of_config, plain_errors

if TYPE_CHECKING:
    from pipeline.document import Document


@click.command(epilog=EXAMPLE + "curl -s https://example.org/page.html | qingyuan clean --html -")
@click.argument("file", default="-", metavar="[FILE|-]")
@click.option("--json", "as_json", is_flag=True, help='Both records: {"corpus": ..., "manifest": ...}.')
@click.option("--diff", is_flag=True, help="Show what was removed (red) and put in (green).")
@click.option("--html", is_flag=True, help="The input is HTML (files that end in .html are anyway).")
@options_of_config
def clean(file: str, as_json: bool, diff: bool, html: bool, config: Path | None,
          settings: tuple[str, ...], stages: str) -> None:
    """Clean one document; its text goes to standard output."""
    from pipeline.api import Pipeline
    from pipeline.sources import Found, InputError

    with plain_errors():
        if as_json and diff:
            raise InputError("--json and --diff are two ways to show one document; give one of them")
        pipeline = Pipeline(load(config, settings, stages))
        kind = "text" if file == "-" else Found(Path(file), file).kind
        if kind in ("rows", "archive"):
            raise InputError(f"{file}: holds many documents; use qingyuan run")
        if Path(file).is_dir():
            raise InputError(f"{file}: is a folder; use qingyuan run")
        data = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
        doc = pipeline.clean(data, "-" if file == "-" else Path(file).name, "html" if html else kind)
        if as_json:
            _records(doc, pipeline.config.provenance)
        elif diff:
            from pipeline.render import diff as differences
            click.echo(differences(doc, colour=sys.stdout.isatty()))
        elif doc.text:
            click.echo(doc.text, nl=not doc.text.endswith("\n"))
        if doc.fault:
            fail(f"{file}: stage {doc.fault.stage} failed: {doc.fault.message}", 1)
        if doc.fate == "dropped":
            click.echo(f"qingyuan: {file}: dropped: {doc.why}", err=True)


def _records(doc: Document, provenance: str) -> None:
    from pipeline.manifest import describe, line
    from pipeline.sinks import corpus_row

    entry = describe(doc, provenance)
    row = corpus_row(doc, entry["lang"]) if doc.fate == "kept" else None
    click.echo(line({"corpus": row, "manifest": entry}), nl=False)
