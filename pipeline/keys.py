"""Digests of all that a run depends on, so that a later one can tell what changed."""
from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

from pipeline.config import Config, packaged
from pipeline.document import Stage, Survey
from pipeline.store import digest

PACKAGES = ("ahocorasick-rs", "ftfy", "jieba", "langdetect", "numpy", "opencc-python-reimplemented", "pypinyin",
            "rensa")


def stage_keys(config: Config, stages: Sequence[Stage | Survey]) -> list[str]:
    """Return a key a stage; it changes with anything that the work up to and with that stage depends on."""
    key = digest(sys.version, PACKAGES, [metadata.version(name) for name in PACKAGES], _code_digest(),
                 config.provenance, config.fields)
    keys = []
    for stage in stages:
        named = {**config.sections.get(stage.name, {}), **config.borrowed(stage.name)}
        files = [_digest_of(path) for path in _files_of(named)]
        key = digest(key, stage, files)
        keys.append(key)
    return keys


@cache
def _code_digest() -> str:
    root = Path(__file__).parent
    files = sorted(p for p in root.rglob("*") if p.is_file() and p.suffix != ".pyc" and "_config" not in p.parts)
    return digest(*(f"{p.relative_to(root).as_posix()} {_packaged(p)}" for p in files))


@cache
def _packaged(path: Path) -> str:
    """Return the digest of a file of the package; data files are asked for twice."""
    return _digest_of(path)


def _digest_of(path: Path) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _files_of(value: Any) -> Iterator[Path]:
    """Yield the files that settings name; the translation memory is no input."""
    if isinstance(value, Path):
        if value.is_file():
            yield value
        elif value != Path() and value.is_dir():
            yield from sorted(p for p in value.rglob("*") if p.is_file())
    elif isinstance(value, Mapping):
        for key, item in value.items():
            if key != "tm":
                yield from _files_of(item)
    elif isinstance(value, tuple):
        for item in value:
            yield from _files_of(item)
    elif is_dataclass(value):
        for setting in fields(value):
            yield from _files_of(getattr(value, setting.name))


def data_digests(config: Config) -> dict[str, str]:
    """Return the SHA-256 of every data file a run may read: packaged ones and those in settings."""
    root = Path(__file__).parent / "data"
    files = {f"data/{p.relative_to(root).as_posix()}": p for p in root.rglob("*") if p.is_file()}
    files |= {f"config/{p.name}": p for p in packaged().iterdir() if p.is_file()}
    for section in config.sections.values():
        files |= {p.as_posix(): p for p in _files_of(section) if packaged() not in p.parents}
    return {name: _packaged(path) if root in path.parents else _digest_of(path)
            for name, path in sorted(files.items()) if "__pycache__" not in name}
