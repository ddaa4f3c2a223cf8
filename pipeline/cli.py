"""The command line: thin skins over the library."""
from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module, metadata
from pathlib import Path
from typing import Any

import click

EXAMPLE = "\b\nExample:\n  "


@contextmanager
def plain_errors() -> Iterator[None]:
    """Turn what a user can mend into one sentence and exit code 2."""
    from pipeline.config import ConfigError
    from pipeline.edits import EditError
    from pipeline.engines import EngineError, WorkerDied
    from pipeline.sinks import Busy
    from pipeline.sources import InputError
    from pipeline.store import Damaged

    try:
        yield
    except (ConfigError, InputError, Busy, Damaged, EngineError, WorkerDied) as error:
        fail(str(error))
    except EditError as error:
        fail(str(error), 1)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise SystemExit(1) from None
    except OSError as error:
        place = f"{error.filename}: " if error.filename else ""
        fail(f"{place}{error.strerror or error}")
    except KeyboardInterrupt:
        click.echo("\ninterrupted; the output folder is as it was", err=True)
        raise SystemExit(130) from None


def fail(message: str, code: int = 2) -> None:
    """Say what is wrong, and end."""
    click.echo(f"qingyuan: {message}", err=True)
    raise SystemExit(code)


def _version() -> str:
    try:
        return metadata.version("qingyuan")
    except metadata.PackageNotFoundError:
        return "unreleased"


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(_version(), prog_name="qingyuan")
def main() -> None:
    """清源: clean Chinese text, and prove what became of every byte of it."""


def options_of_config(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add -c, --stages and --set to a command."""
    for option in (
        click.option("--set", "settings", multiple=True, metavar="STAGE.KEY=VALUE",
                     help="Change one setting (a TOML value, else a string). May be repeated."),
        click.option("--stages", default="", metavar="A,B", help="Run only these stages."),
        click.option("-c", "--config", "config", type=click.Path(path_type=Path), metavar="FILE",
                     help="Settings in TOML. Default: config/default.toml here, else the packaged one."),
    ):
        command = option(command)
    return command


def _load(config: Path | None, settings: tuple[str, ...], stages: str) -> Any:
    from pipeline.config import Config

    here = Path("config/default.toml")
    return Config.load(config or (here if here.is_file() else None), settings, stages)


@main.command(epilog=EXAMPLE + "qingyuan run pages/ more.jsonl.gz -o corpus -j 2")
@click.argument("inputs", nargs=-1, type=click.Path(), metavar="[INPUT...]")
@click.option("-o", "--output", default="output", show_default=True, metavar="DIR", help="The output folder.")
@click.option("-j", "--jobs", default=0, metavar="N", help="Worker processes. Default: one a core.")
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
def run(inputs: tuple[str, ...], output: str, jobs: int, engine: str, quiet: bool, dry_run: bool, retry_failed: bool,
        retry: tuple[str, ...], log_json: bool, profile: bool, config: Path | None, settings: tuple[str, ...],
        stages: str) -> None:
    """Clean files, folders and globs into a corpus and its manifest.

    INPUT may be .txt, .html, .jsonl (.gz, .zst), .parquet, .warc (.gz), and - for JSONL on standard input.
    Default: seeds.

    \b
    Exit codes: 0 done, 1 some documents were set aside with a fault or some segments not translated,
    2 nothing was done, 130 Ctrl-C.
    """
    from pipeline import render
    from pipeline.build import build
    from pipeline.config import ConfigError
    from pipeline.progress import Progress
    from pipeline.sources import InputError, find

    with plain_errors():
        if jobs < 0:
            raise ConfigError("-j: the number of workers must be 1 or more")
        asked = [f"translate.{name}=true" for name, on in (("dry_run", dry_run), ("retry_failed", retry_failed)) if on]
        asked += [f"translate.retry={json.dumps(retry)}"] if retry else []
        settled = _load(config, (*settings, *asked), stages)
        if asked and "translate" not in settled.stages:
            raise ConfigError("--dry-run, --retry-failed and --retry are for the stage translate, "
                              "which is not among the stages")
        named = list(inputs) or ["seeds"]
        if not inputs and not Path("seeds").is_dir():
            raise InputError("no INPUT given, and there is no folder seeds here")
        if Path(output).exists() and not Path(output).is_dir():
            raise InputError(f"{output}: is a file; -o names a folder")
        how = "json" if log_json else "" if quiet else "line"
        with Progress(lambda: find(named, Path(output)).files, how) as progress:
            report = build(settled, named, output, jobs or os.cpu_count() or 1, progress, engine)
        if log_json:
            click.echo(json.dumps(render.counts(report), ensure_ascii=False), err=True)
        if dry_run:
            click.echo(render.translation(report, settled))
        elif not quiet:
            click.echo(render.summary(report))
            if report.segments:
                click.echo(render.translation(report, settled))
        if profile:
            click.echo(render.profile(report))
        raise SystemExit(report.exit_code)


@main.command(epilog=EXAMPLE + "curl -s https://example.org/page.html | qingyuan clean --html -")
@click.argument("file", default="-", metavar="[FILE|-]")
@click.option("--json", "as_json", is_flag=True, help='Both records: {"corpus": ..., "manifest": ...}.')
@click.option("--diff", is_flag=True, help="Show what was removed (red) and put in (green).")
@click.option("--html", is_flag=True, help="The input is HTML (files that end in .html are anyway).")
@options_of_config
def clean(file: str, as_json: bool, diff: bool, html: bool, config: Path | None,
          settings: tuple[str, ...], stages: str) -> None:
    """Clean one document; its text goes to standard output."""
    from pipeline import render
    from pipeline.api import Pipeline
    from pipeline.manifest import describe, line
    from pipeline.sinks import corpus_row
    from pipeline.sources import Found, InputError

    with plain_errors():
        pipeline = Pipeline(_load(config, settings, stages))
        kind = "text" if file == "-" else Found(Path(file), file).kind
        if kind in ("rows", "archive"):
            raise InputError(f"{file}: holds many documents; use qingyuan run")
        data = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
        doc = pipeline.clean(data, "-" if file == "-" else Path(file).name, "html" if html else kind)
        if as_json:
            entry = describe(doc, pipeline.config.provenance)
            row = corpus_row(doc, entry["lang"]) if doc.fate == "kept" else None
            click.echo(line({"corpus": row, "manifest": entry}), nl=False)
        elif diff:
            click.echo(render.diff(doc, colour=sys.stdout.isatty()))
        elif doc.text:
            click.echo(doc.text, nl=not doc.text.endswith("\n"))
        if doc.fault:
            fail(f"{file}: stage {doc.fault.stage} failed: {doc.fault.message}", 1)
        if doc.fate == "dropped":
            click.echo(f"qingyuan: {file}: dropped: {doc.why}", err=True)


@main.command(epilog=EXAMPLE + "qingyuan explain output 001_353f1514be4973cd.txt --line 3")
@click.argument("dir")
@click.argument("doc")
@click.option("--line", type=int, metavar="N", help="Only this line of the decoded source (from 1).")
@click.option("--at", type=int, metavar="OFFSET", help="Where this character of the clean text came from (from 0).")
def explain(dir: str, doc: str, line: int | None, at: int | None) -> None:
    """Say what happened to a document, and why."""
    from pipeline import explain as telling
    from pipeline.sources import InputError
    from pipeline.verify import find_document, output_folder, rebuild

    with plain_errors():
        folder = output_folder(dir)
        story = telling.Story(rebuild(folder, doc))
        try:
            told = (telling.explain_line(story, line) if line is not None else
                    telling.explain_at(story, at) if at is not None else telling.explain(story))
            for row in told:
                click.echo(row)
        except IndexError:
            what = f"the decoded source has {len(story.starts)} lines" if line is not None else (
                f"the clean text has {len(story.doc.text)} characters")
            raise InputError(f"{doc}: {what}") from None
        if story.doc.duplicate_of and line is None and at is None:
            try:
                _, keeper = find_document(folder, story.doc.duplicate_of)
            except InputError:
                keeper = None  # it is in an earlier corpus
            for row in telling.beside_keeper(story.doc, keeper["text"]) if keeper else ():
                click.echo(row)


@main.command(epilog=EXAMPLE + "qingyuan verify output --sources seeds")
@click.argument("dir", default="output")
@click.option("--sources", metavar="DIR", help="Compare with the source files themselves, too.")
def verify(dir: str, sources: str | None) -> None:
    """Rebuild every source from corpus and manifest, and check all hashes and the ledger."""
    from pipeline.verify import verify as check

    with plain_errors():
        checked = check(dir, sources)
        for problem in checked.problems[:50]:
            click.echo(problem, err=True)
        if checked.problems:
            fail(f"{dir}: {len(checked.problems)} problems in {checked.documents} documents", 1)
        click.echo(f"{dir}: all right: {checked.documents} documents, {checked.rebuilt} sources rebuilt "
                   f"({checked.bytes:,} bytes), every hash and the ledger agree")


@main.command(epilog=EXAMPLE + "qingyuan restore output 001_353f1514be4973cd.txt -o original.txt")
@click.argument("dir")
@click.argument("doc")
@click.option("-o", "--output", type=click.Path(path_type=Path), metavar="FILE", help="Default: standard output.")
def restore(dir: str, doc: str, output: Path | None) -> None:
    """Give the source bytes of a document again."""
    from pipeline.verify import output_folder, rebuild

    with plain_errors():
        data = rebuild(output_folder(dir), doc).source
        if output:
            output.write_bytes(data)
        else:
            sys.stdout.buffer.write(data)
            sys.stdout.buffer.flush()


@main.command(epilog=EXAMPLE + "qingyuan export output --to parquet -o corpus.parquet")
@click.argument("dir")
@click.option("--to", required=True, metavar="FORMAT", help="parquet, txt, vert, conllu, croissant, ro-crate or prov.")
@click.option("-o", "--output", metavar="FILE", help="Default: a name of the format's own, in DIR.")
def export(dir: str, to: str, output: str | None) -> None:
    """Write the corpus in another format, or describe it for catalogues and archives."""
    from pipeline.export import export as write

    with plain_errors():
        click.echo(write(dir, to, output))


@main.command(epilog=EXAMPLE + "qingyuan stages -c my.toml")
@options_of_config
def stages(config: Path | None, settings: tuple[str, ...], stages: str) -> None:
    """List the stages in order, and which of them run."""
    from pipeline.config import ORDER

    with plain_errors():
        settled = _load(config, settings, stages)
        for name in ORDER:
            module = import_module(f"pipeline.stages.{name}")
            first = (module.__doc__ or "").strip().split("\n")[0]
            click.echo(f"{'on ' if name in settled.stages else 'off'}  {name:<12} {first}")


@main.command(epilog=EXAMPLE + "qingyuan config --set dedup.threshold=0.9")
@options_of_config
@click.option("--json", "as_json", is_flag=True, help="JSON in place of TOML.")
def config(config: Path | None, settings: tuple[str, ...], stages: str, as_json: bool) -> None:
    """Print the effective settings."""
    from pipeline import render

    with plain_errors():
        effective = _load(config, settings, stages).effective()
        click.echo(json.dumps(effective, ensure_ascii=False, indent=1) if as_json else render.toml(effective))


@main.command(epilog=EXAMPLE + "qingyuan rules --examples share-bar")
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
        settled = _load(config, settings, stages)
        known = {rule.id for rule in every()}
        for id in ids:
            if id not in known:
                raise InputError(f"no rule is called {id!r}; qingyuan rules lists them")
        for rule in every():
            if not ids or rule.id in ids:
                click.echo(render.rule(rule, settled.sections.get(rule.stage, {}), examples))


@main.command(epilog=EXAMPLE + "qingyuan report output --documents 50")
@click.argument("dir", default="output")
@click.option("-o", "--output", type=click.Path(path_type=Path), metavar="FILE", help="Default: DIR/report.html.")
@click.option("--documents", default=200, show_default=True, metavar="N", help="How many documents side by side.")
def report(dir: str, output: Path | None, documents: int) -> None:
    """Write one HTML file that shows what a run did; it opens without a network."""
    from pipeline.report import write

    with plain_errors():
        click.echo(write(dir, output, documents))
