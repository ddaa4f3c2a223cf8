"""Hard negatives: texts that talk about, quote or look like furniture and spam, and are neither."""
from __future__ import annotations

from pathlib import Path

import pytest

from tests.stages.test_rules import clean

TABLE = Path(__file__).parent.parent / "tables" / "clean_pages.txt"


def texts() -> list[tuple[str, str]]:
    blocks = TABLE.read_text(encoding="utf-8").split("=== ")[1:]
    return [(kind, body.rstrip("\n")) for kind, body in (block.split("\n", 1) for block in blocks)]


@pytest.mark.parametrize(("kind", "text"), texts(), ids=lambda x: str(x)[:24])
@pytest.mark.parametrize("stage", ["boilerplate", "spam"])
def test_nothing_is_removed(kind: str, text: str, stage: str) -> None:
    assert clean(text, stage) == text


def test_there_are_enough_of_them() -> None:
    assert len(texts()) >= 60
