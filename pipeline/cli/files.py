"""qingyuan export and report: files made from a finished run."""
from __future__ import annotations

from pathlib import Path

import click

from pipeline.cli.plain import EXAMPLE, plain_errors


@click.command(epilog=EXAMPLE + "qingyuan export output --to parquet -o corpus.parquet")
@click.argument("dir")
@click.option("--to", required=True, metavar="FORMAT",
              help="parquet, txt, vert, conllu, terms, tmx, jsonl, moses, croissant, ro-crate or prov.")
@click.option("-o", "--output", metavar="FILE", help="Default: a name of the format's own, in DIR.")
def export(dir: str, to: str, output: str | None) -> None:
    """Write the corpus in another format, or describe it for catalogues and archives."""
    from pipeline.export import export as write

    with plain_errors():
        click.echo(write(dir, to, output))


@click.command(epilog=EXAMPLE + "qingyuan report output --documents 50")
@click.argument("dir", default="output")
@click.option("-o", "--output", type=click.Path(path_type=Path), metavar="FILE", help="Default: DIR/report.html.")
@click.option("--documents", default=200, show_default=True, metavar="N", help="How many documents side by side.")
def report(dir: str, output: Path | None, documents: int) -> None:
    """Write one HTML file that shows what a run did; it opens without a network."""
    from pipeline.report import write
    from pipeline.sources import InputError

    with plain_errors():
        if documents < 0:
            raise InputError("--documents: the number must be 0 or more")
        click.echo(write(dir, output, documents))
