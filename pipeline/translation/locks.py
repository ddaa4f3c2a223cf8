"""Locks between processes that die with their process: byte ranges of one small file.

A lock is a number.  POSIX gives byte-range locks to processes, not to threads, so threads of one
process are kept apart by a set beside it.  Without a path, or without `fcntl` (Windows), the locks
hold inside the process only.
"""
from __future__ import annotations

import hashlib
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

SLOTS = 1 << 12  # the first bytes are slots, the others stand for keys
POLL = 0.02  # seconds between two looks at a lock another one holds


class Locks:
    """The locks of one file; keep one for each process and path, as closing any handle frees them all."""

    def __init__(self, path: Path | None) -> None:
        self._held: set[int] = set()
        self._guard = threading.Lock()
        self._file = -1
        if path is not None and fcntl is not None:
            self._file = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)

    def close(self) -> None:
        """Let go of every lock."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def try_lock(self, number: int) -> bool:
        """Take lock `number` if nobody has it, and tell whether it was taken."""
        with self._guard:
            if number in self._held:
                return False
            if self._file >= 0:
                try:
                    fcntl.lockf(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, number)
                except OSError:
                    return False
            self._held.add(number)
            return True

    def unlock(self, number: int) -> None:
        """Give lock `number` back."""
        with self._guard:
            self._held.discard(number)
            if self._file >= 0:
                fcntl.lockf(self._file, fcntl.LOCK_UN, 1, number)

    @contextmanager
    def slot(self, count: int) -> Iterator[None]:
        """Hold one of `count` slots that all processes share; wait for one that is free."""
        while True:
            for number in range(min(count, SLOTS)):
                if self.try_lock(number):
                    try:
                        yield
                    finally:
                        self.unlock(number)
                    return
            time.sleep(POLL)

    def wait(self, number: int) -> None:
        """Take lock `number` as soon as nobody else has it."""
        while not self.try_lock(number):
            time.sleep(POLL)


def number_of(key: str) -> int:
    """Return the lock that stands for a key; two keys may share one, which only makes them wait."""
    return SLOTS + int.from_bytes(hashlib.sha256(key.encode()).digest()[:7], "big")
