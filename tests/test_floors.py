"""Imports go strictly down the floors of docs/design.md."""
from __future__ import annotations

import ast
from pathlib import Path

import pytest

import pipeline

ROOT = Path(pipeline.__file__).parent
FLOORS = {
    "edits": 0, "cjk": 0, "html": 0, "outputs": 0,
    "lineage": 1, "packed": 1, "translation": 1,
    "document": 2,
    "stages": 3, "run": 3, "manifest": 3, "sources": 3, "sinks": 3, "engines": 3, "spool": 3,
    "store": 4, "config": 4, "progress": 4,
    "parts": 5, "keys": 5, "shelves": 5,
    "work": 6, "explain": 6,
    "record": 7, "intake": 7,
    "build": 8,
    "verify": 9, "api": 9,
    "render": 10, "export": 10, "report": 10,
    "cli": 11, "__main__": 12, "__init__": 12,
}
WITHIN = {("sources", "sources"), ("engines", "engines"), ("export", "export"), ("cli", "cli")}


def modules() -> list[Path]:
    return sorted(p for p in ROOT.rglob("*.py") if "_config" not in p.parts)


def room(parts: tuple[str, ...]) -> str:
    return parts[0].removesuffix(".py") if parts else "__init__"


@pytest.mark.parametrize("path", modules(), ids=lambda p: str(p.relative_to(ROOT)))
def test_imports_go_down(path: Path) -> None:
    relative = path.relative_to(ROOT)
    here = room(relative.parts)
    for node in ast.walk(ast.parse(path.read_text())):
        names = []
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "pipeline":
            names = [f"{node.module}.{a.name}" if node.module == "pipeline" else node.module for a in node.names]
        elif isinstance(node, ast.Import):
            names = [a.name for a in node.names if a.name.split(".")[0] == "pipeline"]
        for name in names:
            there = room(tuple(name.split(".")[1:]))
            if here == "stages":
                assert there not in ("stages",), f"{relative} imports another stage: {name}"
            if there == here and path.name != "__init__.py":
                continue
            assert FLOORS[there] < FLOORS[here] or (here, there) in WITHIN, f"{relative} imports {name}, not below it"
