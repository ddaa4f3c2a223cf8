"""Progress on standard error: a line a phase where that is a terminal, JSON where that is asked for."""
from __future__ import annotations

import json
import shutil
import sys
import time
from collections.abc import Callable
from typing import Any, NamedTuple

from pipeline.sources.find import total_bytes

EVERY = {"line": 0.1, "json": 2.0}  # seconds between two messages of a phase


class Total(NamedTuple):
    """All there is to do, as far as it is known; documents are known when all have been read once."""

    documents: int
    size: int


class Progress:
    """Tells how far each phase is: documents, documents/s, MB/s and, as far as the end is known, the time left.

    `how` is ``"line"``, ``"json"`` (one object a line) or ``""``.  Calling it is cheap; it writes ten
    times a second at most.
    """

    def __init__(self, files: Callable[[], list[Any]], how: str) -> None:
        self._how = how if how != "line" or sys.stderr.isatty() else ""
        self._files = files
        self._phase = ""
        self._began = self._told = 0.0
        self._now = Total(0, 0)
        self._total = Total(0, 0)

    def __enter__(self) -> Progress:
        if self._how:
            self._total = Total(0, total_bytes(self._files()))
        return self

    def __call__(self, phase: str, documents: int, size: int) -> None:
        """Say that `documents` with `size` bytes of input are done in `phase`."""
        if not self._how:
            return
        now = time.monotonic()
        if phase != self._phase:
            self._close()
            self._phase, self._began, self._told = phase, now, 0.0
        self._now = Total(documents, size)
        if now - self._told >= EVERY[self._how]:
            self._told = now
            self._tell(False)

    def _tell(self, done: bool) -> None:
        documents, size = self._now
        spent = time.monotonic() - self._began
        facts: dict[str, Any] = {"phase": self._phase, "done": done, "documents": documents, "bytes": size,
                                 "seconds": round(spent, 3)}
        if documents and spent > 0.05:
            facts["documents_per_second"] = round(documents / spent, 1)
            facts["mb_per_second"] = round(size / 1e6 / spent, 3)
            part = documents / self._total.documents if self._total.documents else size / (self._total.size or size)
            if not done and 0 < part < 1:
                facts["seconds_left"] = round(spent / part - spent, 1)
        if self._how == "json":
            print(json.dumps(facts), file=sys.stderr, flush=True)
        else:
            text = _line(facts)[: shutil.get_terminal_size().columns - 1]
            sys.stderr.write(f"\r\x1b[2K{text}" + ("\n" if done else ""))
            sys.stderr.flush()

    def _close(self) -> None:
        """End the line of a phase."""
        if self._phase:
            self._tell(True)
            if self._now.documents > self._total.documents:
                self._total = self._now

    def __exit__(self, *exc: object) -> None:
        if self._how:
            self._close()


def _line(facts: dict[str, Any]) -> str:
    parts = [f"{facts['phase']:<12}", f"{facts['documents']:>9,} documents"]
    if "mb_per_second" in facts:
        parts += [f"{facts['documents_per_second']:>6,.0f} documents/s", f"{facts['mb_per_second']:>6.2f} MB/s"]
    parts.append(f"{facts['seconds_left']:.0f} s left" if "seconds_left" in facts else f"{facts['seconds']:.1f} s")
    return "  ".join(parts)
