"""Errors in one plain sentence, and the options that several commands share."""
from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn

import click

EXAMPLE = "\b\nExample:\n  "


@contextmanager
def plain_errors() -> Iterator[None]:
    """Turn what a user can mend into one sentence and exit code 2."""
    try:
        yield
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise SystemExit(1) from None
    except OSError as error:
        place = f"{error.filename}: " if error.filename else ""
        fail(f"{place}{error.strerror or error}")
    except KeyboardInterrupt:
        click.echo("\ninterrupted; the output folder is as it was", err=True)
        raise SystemExit(130) from None
    except Exception as error:
        code = _exit_code(error)
        if not code:
            raise
        fail(str(error), code)


def _exit_code(error: Exception) -> int:
    """Return the exit code of an error that a user can mend, 0 for any other."""
    # imported when one was raised: all of them together take longer than cleaning a text
    from pipeline.config import ConfigError
    from pipeline.edits import EditError
    from pipeline.engines import EngineError, WorkerDied
    from pipeline.sinks import Busy
    from pipeline.sources import InputError
    from pipeline.store import Damaged

    if isinstance(error, ConfigError | InputError | Busy | Damaged | EngineError | WorkerDied):
        return 2
    return 1 if isinstance(error, EditError) else 0


def fail(message: str, code: int = 2) -> NoReturn:
    """Say what is wrong, and end."""
    click.echo(f"qingyuan: {message}", err=True)
    raise SystemExit(code)


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


def load(config: Path | None, settings: tuple[str, ...], stages: str) -> Any:
    """Return the effective settings of a command's -c, --set and --stages."""
    from pipeline.config import Config

    here = Path("config/default.toml")
    return Config.load(config or (here if here.is_file() else None), settings, stages)
