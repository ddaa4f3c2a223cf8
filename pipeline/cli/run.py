"""qingyuan run."""
from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pipeline.cli.plain import EXAMPLE, load, options_of_config, plain_errors

if TYPE_CHECKING:
    from pipeline.config import Config
    from pipeline.record import Report


@click.command(epilog=EXAMPLE + "qingyuan run pages/ more.jsonl.gz -o corpus -j 2")
@click.argument("inputs", nargs=-1, type=click.Path(), metavar="[INPUT...]")
@click.option("-o", "--output", default="output", show_default=True, metavar="DIR", help="The output folder.")
@click.option("-j", "--jobs", default=0, metavar="N", help="Worker processes. Default (0): one a core.")
@click.option("--engine", default="local", show_default=True, metavar="NAME",
              help="local: processes of this machine; ray: a Ray cluster (RAY_ADDRESS, else one started here).")
@click.option("-q", "--quiet", is_flag=True, help="No progress and no summary.")
@click.option("--dry-run", is_flag=True, help="Only count what translate would ask for and what it would cost.")
@click.option("--retry-failed", is_flag=True, help="Ask again for segments that could not be translated before.")
@click.option("--retry", multiple=True, metavar="CODE",
              help="Ask again for segments that failed by this check (see docs/translate.md); may be given again.")
@click.option("--log-json", is_flag=True, help="Progress, and at the end the counts, as JSON lines on standard error.")
@click.option("--profile", is_flag=True, help="Say where the time went, by stage.")
@options_of_config
def run(inputs: tuple[str, ...], output: str, config: Path | None, settings: tuple[str, ...], stages: str,
        **flags: Any) -> None:
    """Clean files, folders and globs into a corpus and its manifest.

    INPUT may be .txt, .html, .jsonl (.gz, .zst), .parquet, .warc (.gz), and - for JSONL on standard input.
    Default: seeds.

    \b
    Exit codes: 0 done, 1 some documents were set aside with a fault or some segments not translated,
    2 nothing was done, 130 Ctrl-C.
    """
    from pipeline.build import build
    from pipeline.progress import Progress
    from pipeline.sources import find

    with plain_errors():
        asked = [f"translate.{name}=true" for name in ("dry_run", "retry_failed") if flags[name]]
        asked += [f"translate.retry={json.dumps(flags['retry'])}"] if flags["retry"] else []
        settled = load(config, (*settings, *asked), stages)
        _check(settled, inputs, output, flags)
        named = list(inputs) or ["seeds"]
        how = "json" if flags["log_json"] else "" if flags["quiet"] else "line"
        with Progress(lambda: find(named, Path(output)).files, how) as progress:
            report = build(settled, named, output, flags["jobs"] or os.cpu_count() or 1, progress, flags["engine"])
        _show(report, settled, flags)
        raise SystemExit(report.exit_code)


def _check(settled: Config, inputs: tuple[str, ...], output: str, flags: dict[str, Any]) -> None:
    from pipeline.config import ConfigError
    from pipeline.sources import InputError

    if flags["jobs"] < 0:
        raise ConfigError("-j: the number of workers must be 1 or more, or 0 for one a core")
    if (flags["dry_run"] or flags["retry_failed"] or flags["retry"]) and "translate" not in settled.stages:
        raise ConfigError("--dry-run, --retry-failed and --retry are for the stage translate, "
                          "which is not among the stages")
    if not inputs and not Path("seeds").is_dir():
        raise InputError("no INPUT given, and there is no folder seeds here")
    if Path(output).exists() and not Path(output).is_dir():
        raise InputError(f"{output}: is a file; -o names a folder")


def _show(report: Report, settled: Config, flags: dict[str, Any]) -> None:
    from pipeline import render

    if flags["log_json"]:
        click.echo(json.dumps(render.counts(report), ensure_ascii=False), err=True)
    if flags["dry_run"]:
        click.echo(render.translation(report, settled))
    elif not flags["quiet"]:
        click.echo(render.summary(report))
        if report.segments:
            click.echo(render.translation(report, settled))
    if flags["profile"]:
        click.echo(render.profile(report))
