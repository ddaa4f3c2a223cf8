"""Exceptions of the user to the conversion: TSV files, one pair a line.

``from<TAB>to<TAB>note``; the note may be missing, empty lines and lines that start with ``#`` are skipped.
A later file wins over an earlier one.
"""
from __future__ import annotations

from functools import cache
from pathlib import Path

from pipeline.cjk.phrases import Match, Phrases, leftmost_longest, to_codes


class Exceptions:
    """The pairs of some files, ready to be looked for."""

    def __init__(self, pairs: dict[str, str]) -> None:
        self.pairs = pairs
        self._phrases = Phrases(pairs)

    def find(self, text: str) -> list[Match]:
        """Return the places of the keys in `text`, leftmost-longest."""
        return leftmost_longest(self._phrases.find(text, to_codes(text)))


@cache
def read_exceptions(paths: tuple[Path, ...]) -> Exceptions:
    """Read the files, once a process.

    Raises:
        ValueError: a line has no tab or an empty side, or a file says two things of one key.
        OSError: a file cannot be read.
    """
    pairs: dict[str, str] = {}
    for path in paths:
        own: dict[str, tuple[str, int]] = {}
        for number, line in enumerate(path.read_text(encoding="utf-8-sig").splitlines(), 1):
            if not line.strip() or line.startswith("#"):
                continue
            key, tab, rest = line.partition("\t")
            value = rest.split("\t")[0]
            if not key or not tab or not value:
                raise ValueError(f"{path}, line {number}: expected FROM, a tab, TO; found {line!r}")
            if own.setdefault(key, (value, number))[0] != value:
                raise ValueError(f"{path}, lines {own[key][1]} and {number}: {key} becomes two things")
        pairs |= {key: value for key, (value, _) in own.items()}
    return Exceptions(pairs)
