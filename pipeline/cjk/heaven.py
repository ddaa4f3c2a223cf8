"""When is 乾 heaven, which stays, and when is it dry, which becomes 干?

The corrections name the words of either kind.  Two more signs are left to this module, as no list of
words can hold them: the talk is of trigrams (乾為天，坤為地), or 乾 stands in a given name (高秉乾).
"""
from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import NamedTuple

REACH = 40  # characters to both sides, within the line, in which the talk of trigrams is looked for


class _Signs(NamedTuple):
    about: tuple[str, ...]
    before: frozenset[str]
    after: frozenset[str]
    given: frozenset[str]


def heavens(text: str, surnames: frozenset[str]) -> list[int]:
    """Return the places of 乾 that the company it keeps says is heaven.

    >>> heavens("乾為天，坤為地，晒乾了", frozenset()), heavens("高秉乾說水乾了", frozenset("高"))
    ([0], [2])
    """
    found = []
    at = text.find("乾")
    while at >= 0:
        if _is_heaven(text, at, surnames):
            found.append(at)
        at = text.find("乾", at + 1)
    return found


def _is_heaven(text: str, at: int, surnames: frozenset[str]) -> bool:
    signs = _signs()
    before, after = text[at - 1 : at] if at else "", text[at + 1 : at + 2]
    if before in signs.before or after in signs.after:
        return False
    named = text[at - 1 : at + 1] in signs.given and text[max(0, at - 2) : at - 1] in surnames if at > 1 else False
    if named or (text[at : at + 2] in signs.given and before in surnames):
        return True
    low = max(text.rfind("\n", 0, at) + 1, at - REACH)
    near = text[low : at + REACH].partition("\n")[0]
    return any(word in near for word in signs.about)


@cache
def _signs() -> _Signs:
    text = files("pipeline").joinpath("data/script/heaven.tsv").read_text(encoding="utf-8")
    rows = dict(line.split("\t") for line in text.splitlines() if line and not line.startswith("#"))
    return _Signs(tuple(rows["about"].split()), frozenset(rows["before"]), frozenset(rows["after"]),
                  frozenset(rows["given"].split()))
