"""Taiwanese words and their mainland equivalents, from the phrases of opencc-python-reimplemented (tw2sp).

Words that the mainland uses as well (data/script/common_words.txt) are left alone.
"""
from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import NamedTuple

from pipeline.cjk.convert import Step
from pipeline.cjk.opencc_data import choices
from pipeline.cjk.phrases import to_codes
from pipeline.cjk.simplified import simplify


class Word(NamedTuple):
    """At [start, end) of the text stands a Taiwanese word; `now` is the mainland one, in Simplified characters."""

    start: int
    end: int
    now: str


def words(text: str) -> list[Word]:
    """Return the Taiwanese words of a Traditional text, longest first as the package takes them.

    >>> words("網路上的資訊")
    [Word(start=0, end=2, now='网络'), Word(start=4, end=6, now='信息')]
    """
    step, values = _table()
    return [Word(m.start, m.end, values[m.key]) for m in step.find(text, to_codes(text))]


@cache
def _table() -> tuple[Step, dict[str, str]]:
    lines = files("pipeline").joinpath("data/script/common_words.txt").read_text(encoding="utf-8").splitlines()
    common = {word for line in lines if not line.startswith("#") for word in line.split()}
    rows = choices("TWPhrasesRev.txt").items()
    table = {key: values[0] for key, values in rows if len(key) > 1 and key not in common}
    return Step([table]), {key: simplify(value).text for key, value in table.items()}
