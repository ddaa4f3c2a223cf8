"""Inputs to stretches: parts of files that can be read apart, and blocks of these, the work of one task.

Where the stretches of a file end depends on its bytes and nothing else.  A plain JSONL file is cut after every
16 MB, where the next line begins; a Parquet file between row groups; any other file is one stretch.
"""
from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any, NamedTuple

from pipeline.sources.find import STANDARD_INPUT, Found, InputError

BLOCK_BYTES = 16 << 20
BLOCK_FILES = 1000
CHUNK = 1 << 20  # bytes that are looked at together

Map = Callable[[Callable[[Any], Any], Iterable[Any]], Iterable[Any]]


class Stretch(NamedTuple):
    """The rows of a file that begin at byte `start` or later, and before `end` (0: to the end of the file).

    `line` is the number of the first row, from 1.  Of a Parquet file `start` and `end` are row groups.
    """

    file: Found
    start: int = 0
    end: int = 0
    line: int = 1


class Block(NamedTuple):
    """Stretches that one task reads, one after the other."""

    number: int
    stretches: tuple[Stretch, ...]


class Part(NamedTuple):
    """What is looked at before a file is cut: its line ends from byte `start` to `end`, or all its row groups."""

    file: Found
    start: int
    end: int

    def measure(self) -> list[tuple[int, int]] | None:
        """Return rows and bytes of each row group, or how many lines end here and where the first does (-1: nowhere).

        None: the file cannot be read.
        """
        try:
            return groups(self.file) if _is_parquet(self.file) else [self._line_ends()]
        except OSError:
            return None

    def _line_ends(self) -> tuple[int, int]:
        count, first = 0, -1
        with open(self.file.path, "rb", buffering=0) as file:
            at = file.seek(self.start)
            while at < self.end and (chunk := file.read(min(CHUNK, self.end - at))):
                if first < 0 and (found := chunk.find(b"\n")) >= 0:
                    first = at + found
                count += chunk.count(b"\n")
                at += len(chunk)
        return count, first


def blocks(files: Iterable[Found], parallel: Map = map) -> Iterator[Block]:
    """Yield the blocks of `files`: each of about 16 MB, 1000 files at most; `parallel` maps over what is looked at.

    Standard input is a block of its own.

    Raises:
        InputError: an extra is missing.
    """
    number = size = 0
    waiting: list[Stretch] = []
    for stretch, more in stretches(files, parallel):
        alone = stretch.file.name == STANDARD_INPUT
        if waiting and (alone or size >= BLOCK_BYTES or len(waiting) >= BLOCK_FILES):
            yield Block(number, tuple(waiting))
            number, size, waiting = number + 1, 0, []
        waiting.append(stretch)
        size += BLOCK_BYTES if alone else more
    if waiting:
        yield Block(number, tuple(waiting))


def stretches(files: Iterable[Found], parallel: Map = map) -> Iterator[tuple[Stretch, int]]:
    """Yield the stretches of `files`, each with its size in bytes (of Parquet, before compression).

    >>> from pathlib import Path
    >>> [(stretch, size)] = stretches([Found(Path("missing.txt"), "missing.txt")])
    >>> stretch[1:], size
    ((0, 0, 1), 0)
    """
    sized = [(file, size_of(file)) for file in files]
    measured = iter(parallel(Part.measure, (part for file, size in sized for part in _parts(file, size))))
    for file, size in sized:
        parts = _parts(file, size)
        seen = islice(measured, len(parts))
        if not parts:
            yield Stretch(file), size
        else:
            yield from _groups(file, seen) if _is_parquet(file) else _lines(file, (parts, size), seen)


def _parts(file: Found, size: int) -> list[Part]:
    """Return the parts of a file that are looked at: in each are the line ends before the lines of a stretch."""
    if _is_parquet(file):
        return [Part(file, 0, 0)] if size else []
    if not file.name.lower().endswith(".jsonl") or size <= BLOCK_BYTES:
        return []
    return [Part(file, max(0, at - 1), min(at + BLOCK_BYTES - 1, size)) for at in range(0, size, BLOCK_BYTES)]


def _lines(file: Found, cut: tuple[list[Part], int], measured: Iterable[list[tuple[int, int]] | None]
           ) -> Iterator[tuple[Stretch, int]]:
    """Yield the stretches of a file of lines: in each the lines that begin in it."""
    parts, size = cut
    before, last, long = 0, Stretch(file), 0
    for part, seen in zip(parts, measured, strict=True):
        if seen is None:  # reading on from the stretch before says why
            yield last._replace(end=0), size - last.start
            break
        (count, first), = seen
        if part.start and not 0 <= first < size - 1:
            before += count
            continue
        if part.start:
            yield last, long
        end = 0 if part is parts[-1] else part.end + 1
        last = Stretch(file, first + 1, end, before + 2) if part.start else Stretch(file, 0, end)
        long = (end or size) - (part.start and part.start + 1)
        before += count
    else:
        yield last, long
        return
    for _ in measured:
        pass


def _groups(file: Found, measured: Iterable[list[tuple[int, int]] | None]) -> Iterator[tuple[Stretch, int]]:
    """Yield the stretches of a Parquet file."""
    start, line, rows, size = 0, 1, 0, 0
    seen = next(iter(measured)) or []
    for number, (more, bytes_of) in enumerate(seen):
        if size >= BLOCK_BYTES:
            yield Stretch(file, start, number, line), size
            start, line, rows, size = number, line + rows, 0, 0
        rows, size = rows + more, size + bytes_of
    yield Stretch(file, start, 0, line), size


def groups(file: Found) -> list[tuple[int, int]]:
    """Return rows and bytes (before compression) of each row group of a Parquet file.

    Raises:
        InputError: the extra is missing.
        OSError: the file cannot be read.
    """
    about = parquet(file).metadata
    return [(about.row_group(n).num_rows, about.row_group(n).total_byte_size) for n in range(about.num_row_groups)]


def parquet(file: Found) -> Any:
    """Open a Parquet file.

    Raises:
        InputError: the extra is missing.
        OSError: the file cannot be read.
    """
    try:
        from pyarrow.parquet import ParquetFile
    except ImportError as error:
        raise InputError(f"{file.path}: Parquet needs an extra: pip install 'qingyuan[parquet]'") from error
    from pyarrow.lib import ArrowException
    try:
        return ParquetFile(file.path)
    except ArrowException as error:
        raise OSError(str(error).splitlines()[0]) from error


def size_of(file: Found) -> int:
    """Return the size of a file in bytes; of one that cannot be asked, 0."""
    try:
        return os.stat(file.path).st_size
    except OSError:
        return 0


def _is_parquet(file: Found) -> bool:
    return file.name.lower().endswith(".parquet")
