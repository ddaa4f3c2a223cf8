"""The command line: thin skins over the library, one file for what belongs together."""
from __future__ import annotations

from typing import Any

import click

from pipeline.cli.clean import clean
from pipeline.cli.files import export, report
from pipeline.cli.history import explain, restore, verify
from pipeline.cli.run import run
from pipeline.cli.settings import config, rules, stages


def _version(context: click.Context, _: click.Parameter, wanted: Any) -> None:
    if not wanted or context.resilient_parsing:
        return
    from importlib import metadata  # slow to import

    try:
        version = metadata.version("qingyuan")
    except metadata.PackageNotFoundError:
        version = "unreleased"
    click.echo(f"qingyuan, version {version}")
    context.exit()


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option("--version", is_flag=True, expose_value=False, is_eager=True, callback=_version,
              help="Show the version and exit.")
def main() -> None:
    """清源: clean Chinese text, and prove what became of every byte of it."""


for command in (run, clean, explain, verify, restore, export, stages, config, rules, report):
    main.add_command(command)

__all__ = ["main"]
