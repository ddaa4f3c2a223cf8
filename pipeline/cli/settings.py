"""qingyuan stages, config and rules: what is in force."""
from __future__ import annotations

import json
from importlib import import_module
from pathlib import Path

import click

from pipeline.cli.plain import EXAMPLE, load, options_of_config, plain_errors


@click.command(epilog=EXAMPLE + "qingyuan stages -c my.toml")
@options_of_config
def stages(config: Path | None, settings: tuple[str, ...], stages: str) -> None:
    """List the stages in order, and which of them run."""
    from pipeline.config import ORDER

    with plain_errors():
        settled = load(config, settings, stages)
        for name in ORDER:
            module = import_module(f"pipeline.stages.{name}")
            first = (module.__doc__ or "").strip().split("\n")[0]
            click.echo(f"{'on ' if name in settled.stages else 'off'}  {name:<12} {first}")


@click.command(epilog=EXAMPLE + "qingyuan config --set dedup.similarity=0.9")
@options_of_config
@click.option("--json", "as_json", is_flag=True, help="JSON in place of TOML.")
def config(config: Path | None, settings: tuple[str, ...], stages: str, as_json: bool) -> None:
    """Print the effective settings."""
    from pipeline import render

    with plain_errors():
        effective = load(config, settings, stages).effective()
        click.echo(json.dumps(effective, ensure_ascii=False, indent=1) if as_json else render.toml(effective))


@click.command(epilog=EXAMPLE + "qingyuan rules --examples share-bar")
@click.argument("ids", nargs=-1, metavar="[ID...]")
@click.option("--examples", is_flag=True, help="Show what each must take and leave; both are run as tests.")
@options_of_config
def rules(ids: tuple[str, ...], examples: bool, config: Path | None, settings: tuple[str, ...], stages: str) -> None:
    """List the rules for page furniture, metadata and spam, and which of them are on.

    Switch one off with --set boilerplate.off=ID, on with --set boilerplate.on=ID.
    """
    from pipeline import render
    from pipeline.cjk.rules import rules as every
    from pipeline.sources import InputError

    with plain_errors():
        settled = load(config, settings, stages)
        known = {rule.id for rule in every()}
        for id in ids:
            if id not in known:
                raise InputError(f"no rule is called {id!r}; qingyuan rules lists them")
        for rule in every():
            if not ids or rule.id in ids:
                click.echo(render.rule(rule, settled.sections.get(rule.stage, {}), examples))
