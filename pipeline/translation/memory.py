"""The translation memory: every answer that was paid for, in SQLite, shared by processes.

A row is good (a translation) or failed (an answer that the checks refused: kept so that an
interrupted run does not pay for it again; it is never handed out as a translation).  Each row is
committed by itself, so that `kill -9` loses only what was in flight.  Nothing is ever deleted.
"""
from __future__ import annotations

import hashlib
import json
import os
import sqlite3
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from pipeline.translation.locks import Locks
from pipeline.translation.similar import Sources

SCHEMA = """
create table if not exists segments (
    key text primary key, source text not null, target text, source_lang text not null, target_lang text not null,
    failed integer not null, codes text not null, judged text not null, about text not null, origin text not null,
    made real not null) without rowid;
create index if not exists by_source on segments (source, target_lang, origin);
create table if not exists pace (name text primary key, at real not null) without rowid;
"""
BATCH = 500
IMPORTED = "import"


class Row(NamedTuple):
    """One remembered answer.

    `codes` are the findings of the checks as JSON, `judged` says by which checks, `about` is how the
    answer came about (backend, model, usage, attempts, finish) as JSON, `origin` "import" for a
    translation from a TMX file, else the backend.
    """

    key: str
    source: str
    target: str | None
    source_lang: str
    target_lang: str
    failed: bool
    codes: str
    judged: str
    about: str
    origin: str


def key_of(*parts: Any) -> str:
    """Return the key of an answer: a hash of everything that would change it."""
    return hashlib.sha256(json.dumps(parts, ensure_ascii=False, sort_keys=True).encode("utf-8", "surrogatepass")
                          ).hexdigest()


def import_key(source: str, source_lang: str, target_lang: str) -> str:
    """Return the key of an imported translation, which no backend made."""
    return key_of(IMPORTED, source, source_lang, target_lang)


_opened: dict[tuple[Path, int], Memory] = {}  # by path and process: SQLite must not cross a fork


def memory(path: Path) -> Memory:
    """Return this process's connection to the memory at `path`; ``Path()``: one that ends with the process."""
    place = (path.resolve() if path != Path() else path, os.getpid())
    if place not in _opened:
        _opened[place] = Memory(path)
    return _opened[place]


def close(path: Path) -> None:
    """Close this process's connection; SQLite tidies its working files away with the last one."""
    if path != Path() and path.exists():
        memory(path).close()
        del _opened[path.resolve(), os.getpid()]


class Memory:
    """One process's connection to a memory; safe for its threads."""

    def __init__(self, path: Path) -> None:
        stored = path != Path()
        if stored:
            path.parent.mkdir(parents=True, exist_ok=True)
        try:
            self._db = sqlite3.connect(path if stored else ":memory:", timeout=60, isolation_level=None,
                                       check_same_thread=False)
            self._db.execute("pragma journal_mode=wal")
            self._db.execute("pragma synchronous=normal")
            self._db.executescript(SCHEMA)
        except sqlite3.Error as error:
            raise OSError(f"{path}: cannot be used as a translation memory: {error}") from error
        self._guard = threading.RLock()
        self._sources: dict[tuple[str, str], Sources] = {}  # for `similar`, made when first asked
        self.locks = Locks(path.with_name(path.name + ".lock") if stored else None)

    def close(self) -> None:
        """Close the connection and let go of all locks."""
        with self._guard:
            self._db.close()
        self.locks.close()

    def get(self, keys: Sequence[str]) -> dict[str, Row]:
        """Return the rows of those keys that are known."""
        found: dict[str, Row] = {}
        with self._guard:
            for at in range(0, len(keys), BATCH):
                some = keys[at : at + BATCH]
                marks = ",".join("?" * len(some))
                for row in self._db.execute(f"select {COLUMNS} from segments where key in ({marks})", some):
                    found[row[0]] = _row(row)
        return found

    def any_of(self, source: str, source_lang: str, target_lang: str) -> Row | None:
        """Return a good translation of exactly this source, whoever made it; an imported one first."""
        with self._guard:
            row = self._db.execute(
                f"select {COLUMNS} from segments where source = ? and source_lang = ? and target_lang = ? "
                "and not failed order by origin <> 'import', key limit 1",
                (source, source_lang, target_lang)).fetchone()
        return _row(row) if row else None

    def put(self, row: Row) -> None:
        """Take an answer in; it is on disk when this returns (a later one replaces an earlier one)."""
        with self._guard:
            self._sources.clear()
            self._db.execute(INSERT, (*row, time.time()))

    def take_in(self, pairs: Iterable[tuple[str, str]], source_lang: str, target_lang: str) -> int:
        """Take in translations from elsewhere (source, target); return how many."""
        count = 0
        with self._guard:
            self._sources.clear()
            self._db.execute("begin")
            for source, target in pairs:
                row = (import_key(source, source_lang, target_lang), source, target, source_lang, target_lang, False,
                       "[]", "", '{"backend":"import"}', IMPORTED, time.time())
                self._db.execute(INSERT, row)
                count += 1
            self._db.execute("commit")
        return count

    def rows(self, failed: bool = False) -> Iterator[Row]:
        """Yield the good rows (or the failed ones) in the order of their sources."""
        with self._guard:
            found = self._db.execute(f"select {COLUMNS} from segments where failed = ? order by source, key",
                                     (failed,)).fetchall()
        return map(_row, found)

    def similar(self, source: str, langs: tuple[str, str], least: float) -> tuple[Row, float] | None:
        """Return the good row whose source is most like `source`, and how alike (1.0: equal), if at least `least`."""
        with self._guard:
            if langs not in self._sources:
                rows = self._db.execute("select distinct source from segments where source_lang = ? "
                                        "and target_lang = ? and not failed order by source", langs)
                self._sources[langs] = Sources([row[0] for row in rows])
            alike = self._sources[langs].nearest(source, least)
        found = self.any_of(alike[0], *langs) if alike else None
        return (found, alike[1]) if found and alike else None

    # -- pace -------------------------------------------------------------------------------------

    def reserve(self, name: str, seconds: float) -> float:
        """Take the next turn of a queue whose turns last `seconds`; return how long to wait for it.

        All processes that share the memory share the queue.
        """
        now = time.time()
        with self._guard:
            self._db.execute("begin immediate")
            row = self._db.execute("select at from pace where name = ?", (name,)).fetchone()
            turn = max(now, row[0]) if row and row[0] < now + 3600 else now  # a clock that was set back
            self._db.execute("insert or replace into pace values (?,?)", (name, turn + seconds))
            self._db.execute("commit")
        return turn - now

    def count(self, name: str, more: int = 1) -> int:
        """Add to a count that all processes share, and return it."""
        with self._guard:
            self._db.execute("begin immediate")
            self._db.execute("insert into pace values (?1,?2) on conflict (name) do update set at = at + ?2",
                             (name, more))
            row = self._db.execute("select at from pace where name = ?", (name,)).fetchone()
            self._db.execute("commit")
        return int(row[0])

    def delay(self, name: str, seconds: float) -> None:
        """Let no turn of a queue come before `seconds` from now."""
        with self._guard:
            self._db.execute("insert into pace values (?1,?2) on conflict (name) do update set at = max(at, ?2)",
                             (name, time.time() + seconds))


COLUMNS = ", ".join(Row._fields)
INSERT = f"insert or replace into segments ({COLUMNS}, made) values ({','.join('?' * (len(Row._fields) + 1))})"


def _row(values: tuple[Any, ...]) -> Row:
    return Row(*values)._replace(failed=bool(values[5]))
