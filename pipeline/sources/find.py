"""Which files an input names, in an order that depends on nothing but their names."""
from __future__ import annotations

import glob
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

ROWS = (".jsonl", ".jsonl.gz", ".jsonl.zst", ".parquet")
ARCHIVES = (".warc", ".warc.gz", ".wet", ".wet.gz")
PAGES = (".html", ".htm", ".xhtml")
STANDARD_INPUT = "-"  # read as JSONL
KINDS = (".txt", *PAGES, *ROWS, *ARCHIVES)


class InputError(ValueError):
    """The inputs cannot be what the user meant; the message says why in one sentence."""


class Found(NamedTuple):
    """One input file; `name` is its path relative to the root of its input, with slashes."""

    path: Path
    name: str

    @property
    def kind(self) -> str:
        """``"rows"``, ``"archive"``, ``"html"`` or ``"text"``, by the ending of the name."""
        name = self.name.lower()
        if name.endswith(ROWS) or name == STANDARD_INPUT:
            return "rows"
        if name.endswith(ARCHIVES):
            return "archive"
        return "html" if name.endswith(PAGES) else "text"


class Listing(NamedTuple):
    """What the inputs hold: files to read, and how many files of other kinds were passed over."""

    files: list[Found]
    passed_over: int


def find(inputs: Sequence[str | os.PathLike[str]], leave_out: Path | None = None) -> Listing:
    """Return the files that `inputs` name, in the order given, inside each by code point.

    A folder is its own root, a file's root is its folder, a glob's the part before the first
    wildcard.  Folders give only files of known kinds and no hidden ones; a file named by itself is
    taken whatever its ending, ``-`` is standard input.  Nothing below `leave_out` (the output folder) is an input.

    Raises:
        InputError: an input does not exist, or holds no document.
    """
    files: list[Found] = []
    passed_over = 0
    for given in (str(os.fspath(i)) for i in inputs):
        path = Path(given)
        if given == STANDARD_INPUT:
            here, others = [Found(path, given)], 0
        elif path.is_dir():
            here, others = _folder(path, path, leave_out)
        elif path.exists() or path.is_symlink():
            here, others = [Found(path, _called(path.name))], 0
        elif any(c in given for c in "*?["):
            here, others = _glob(given, leave_out)
        else:
            raise InputError(f"{given}: no such file or folder")
        if not here:
            raise InputError(f"{given}: holds no documents (looked for {', '.join(KINDS)})")
        files += here
        passed_over += others
    return Listing(files, passed_over)


def _folder(folder: Path, root: Path, leave_out: Path | None) -> tuple[list[Found], int]:
    found, others = [], 0
    for at, folders, names in os.walk(folder):
        if at != os.fspath(folder) and ".store" in folders and "run.json" in names:
            folders.clear()  # the output of another run is no input, unless it is named
            others += len(names)
            continue
        folders[:] = [f for f in folders if not f.startswith(".") and not _is(Path(at, f), leave_out)]
        for name in names:
            path = Path(at, name)
            if name.lower().endswith(KINDS) and not name.startswith("."):
                found.append(Found(path, path.relative_to(root).as_posix()))
            else:
                others += 1
    return sorted(found, key=lambda f: f.name), others


def _glob(pattern: str, leave_out: Path | None) -> tuple[list[Found], int]:
    parts = Path(pattern).parts
    first = next(i for i, part in enumerate(parts) if any(c in part for c in "*?["))
    root = Path(*parts[:first])
    found: dict[str, Found] = {}
    others = 0
    for match in glob.iglob(pattern, recursive=True):
        path = Path(match)
        if path.is_dir() and not _is(path, leave_out):
            here, more = _folder(path, root, leave_out)
            others += more
        else:
            here = [] if path.is_dir() else [Found(path, _called(path.relative_to(root).as_posix()))]
        found.update((f.name, f) for f in here)
    return sorted(found.values(), key=lambda f: f.name), others


def _called(name: str) -> str:
    """Return the name of a file; one that is called as standard input is gets its folder."""
    return f"./{name}" if name == STANDARD_INPUT else name


def _is(path: Path, other: Path | None) -> bool:
    return other is not None and path.resolve() == other.resolve()


def total_bytes(files: Iterable[Found]) -> int:
    """Return the size of all files on disk, for progress; unreadable ones count as nothing."""
    return sum(f.path.stat().st_size for f in files if f.path.exists())
