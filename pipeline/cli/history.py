"""qingyuan explain, verify and restore: what a manifest proves."""
from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import click

from pipeline.cli.plain import EXAMPLE, fail, plain_errors


@click.command(epilog=EXAMPLE + "qingyuan explain output 001_353f1514be4973cd.txt --line 3")
@click.argument("dir")
@click.argument("doc")
@click.option("--line", type=int, metavar="N", help="Only this line of the decoded source (from 1).")
@click.option("--at", type=int, metavar="OFFSET", help="Where this character of the clean text came from (from 0).")
def explain(dir: str, doc: str, line: int | None, at: int | None) -> None:
    """Say what happened to a document, and why."""
    from pipeline.sources import InputError
    from pipeline.verify import output_folder

    with plain_errors():
        if line is not None and at is not None:
            raise InputError("--line and --at ask about different things; give one of them")
        for row in _told(output_folder(dir), doc, line, at):
            click.echo(row)


def _told(folder: Path, doc: str, line: int | None, at: int | None) -> Iterator[str]:
    from pipeline import explain as telling
    from pipeline.manifest import is_lean
    from pipeline.sources import InputError
    from pipeline.verify import find_document, rebuild

    entry, _ = find_document(folder, doc)
    if is_lean(entry["patches"]):
        if line is not None or at is not None:
            raise InputError(f"{doc}: the manifest is lean: it holds no removed text, which --line and --at need; "
                             "without them explain tells what it does hold")
        yield from telling.explain_lean(entry)
        return
    story = telling.Story(rebuild(folder, doc))
    try:
        yield from (telling.explain_line(story, line) if line is not None else
                    telling.explain_at(story, at) if at is not None else telling.explain(story))
    except IndexError:
        what = f"the decoded source has {len(story.starts)} lines" if line is not None else (
            f"the clean text has {len(story.doc.text)} characters")
        raise InputError(f"{doc}: {what}") from None
    if story.doc.duplicate_of and line is None and at is None:
        try:
            _, keeper = find_document(folder, story.doc.duplicate_of)
        except InputError:
            return  # it is in an earlier corpus
        yield from telling.beside_keeper(story.doc, keeper["text"]) if keeper else ()


@click.command(epilog=EXAMPLE + "qingyuan verify output --sources seeds")
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
        click.echo(checked.summary(dir))


@click.command(epilog=EXAMPLE + "qingyuan restore output 001_353f1514be4973cd.txt -o original.txt")
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
