"""What one line shows by itself, as named features: its words, its shape, how much of it is vocabulary.

The features are what `pipeline.cjk.learned` weighs.  They have names, so that a weight can be read and an
explanation can name what weighed most.  `=转载` is a sequence of units (a Han character, a Latin word, a
number, a sign), `act4` says that more than three quarters of the line are words of the group *act* of
``data/rules/page_words.txt``.
"""
from __future__ import annotations

import re
from bisect import bisect_right
from functools import cache
from importlib.resources import files

from ahocorasick_rs import AhoCorasick, Implementation, MatchKind

from pipeline.cjk import names
from pipeline.cjk.dates import match_date
from pipeline.cjk.rules import document, pattern

FURNITURE = ("act", "notice", "count", "column", "section", "link")
TRADES = ("gamble", "sex", "loan", "forge")
_KINDS = {**dict.fromkeys(FURNITURE, "frame"), **dict.fromkeys(TRADES, "trade")}
_LENGTHS = (2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96)
HEAD_UNITS, TAIL_UNITS = 40, 16  # of a longer line only the ends are read
_UNIT = re.compile(r"[a-z]+|\d+(?:[.,]\d+)*|\s+|.")
_LATIN = re.compile("[a-z]")
_SOLID = re.compile(r"[^\W_]")
_FUNCTION = re.compile(r"[的了是在他她我你它这那就都也会被把与和而但着过得地又还]")
_ENDS = {"。": "stop", "?": "ask", "!": "cry", ",": "comma", ";": "semi", ":": "colon", ")": "close", "]": "close",
         "】": "close", "》": "close", '"': "close", "」": "close", ">": "gt", "…": "dots", ".": "dot"}
_CELLS = re.compile(r"\s*[|/·>_\-,、\s]+\s*")


@cache
def words() -> dict[str, tuple[str, ...]]:
    """Return the words of ``data/rules/page_words.txt``, each with its groups."""
    group, found = "", dict[str, list[str]]()
    text = (files("pipeline") / "data" / "rules" / "page_words.txt").read_text(encoding="utf-8")
    for row in text.splitlines():
        if row.startswith("["):
            group = row[1 : row.index("]")]
        elif row and row[0] != "#":
            for word in row.split():
                found.setdefault(word.replace("_", " "), []).append(group)
    return {word: tuple(dict.fromkeys(groups)) for word, groups in found.items()}


@cache
def vocabulary() -> tuple[AhoCorasick, tuple[tuple[tuple[str, ...], int], ...]]:
    """Return a matcher of all words and, for each, its groups (*frame* and *trade* among them) and its letters."""
    matcher = AhoCorasick(list(words()), matchkind=MatchKind.LeftmostLongest, implementation=Implementation.DFA)
    return matcher, tuple(((*groups, *sorted({_KINDS[group] for group in groups if group in _KINDS})),
                           len(_SOLID.findall(word))) for word, groups in words().items())


@cache
def frame() -> AhoCorasick:
    """Return a matcher of the words of two characters and more that speak of furniture or of a trade."""
    telling = {*FURNITURE, *TRADES}
    found = [word for word, groups in words().items() if len(word) > 1 and telling & set(groups)]
    return AhoCorasick(found, matchkind=MatchKind.LeftmostLongest, implementation=Implementation.DFA)


def trades() -> list[str]:
    """Return the words of the trades that advertise which are rare in other texts."""
    return [word for word, groups in words().items()
            if len(word) > 1 and "common" not in groups and set(groups) & set(TRADES)]


def covered(folded: str) -> tuple[dict[str, int], set[str]]:
    """Return how many letters each group of words covers in a folded line, and the words."""
    matcher, groups = vocabulary()
    counts: dict[str, int] = {}
    seen = set()
    for index, start, end in matcher.find_matches_as_indexes(folded):
        word = folded[start:end]
        if word.isascii() and not _bounded(folded, start, end):
            continue
        own, size = groups[index]
        for group in own:
            counts[group] = counts.get(group, 0) + size
        seen.add(word)
    return counts, seen


def _bounded(text: str, start: int, end: int) -> bool:
    return not ((start and text[start - 1].isascii() and text[start - 1].isalnum() and text[start].isalnum())
                or (end < len(text) and text[end].isascii() and text[end].isalnum() and text[end - 1].isalnum()))


def units(folded: str) -> list[str]:
    """Return the units of a folded line: Han characters, Latin words, numbers by their length, signs.

    >>> units("已有 1234 人 share")
    ['已', '有', ' ', '0000', ' ', '人', ' ', 'share']
    """
    return [" " if u.isspace() else "0" * min(5, len(u)) if u[0].isdigit() and u[0].isascii() else u
            for u in _UNIT.findall(folded)]


def grams(folded: str) -> set[str]:
    """Return the sequences of one to three units in a line, with `^` and `$` at its ends."""
    found = units(folded)
    if len(found) > HEAD_UNITS + TAIL_UNITS:
        found = [*found[:HEAD_UNITS], "…", *found[-TAIL_UNITS:]]
    found = ["^", *found, "$"]
    ones = ["=" + unit for unit in found]
    twos = [one + unit for one, unit in zip(ones, found[1:], strict=False)]
    return {*ones, *twos, *(two + unit for two, unit in zip(twos, found[2:], strict=False))}


def _level(share: float) -> int:
    return 0 if share <= 0 else 1 + bisect_right((0.25, 0.5, 0.75, 1), share)


def shape(folded: str) -> list[str]:
    """Return the features of form: length, ends, signs, shares of scripts and of vocabulary."""
    size, solid = len(folded), max(1, len(_SOLID.findall(folded)))
    last = folded[-1]
    found = [f"len{bisect_right(_LENGTHS, size)}",
             "end:" + _ENDS.get(last, "digit" if last.isdigit() else "latin" if last.isascii() else "han")]
    found += [f"is:{name}" for name, mark in _marks() if mark.search(folded)]
    digits = sum(map(str.isdigit, folded))
    latin = len(_LATIN.findall(folded))
    found += [f"digits{_level(digits / solid)}", f"latin{_level(latin / solid)}",
              f"function{min(5, len(_FUNCTION.findall(folded)))}", f"commas{min(4, folded.count(','))}",
              f"stops{min(3, folded.count('。'))}"]
    counts, seen = covered(folded)
    found += [f"{group}{_level(counts[group] / solid)}" for group in counts if group != "common"]
    found += [f"cover{_level(counts.get('frame', 0) / solid)}", f"words{min(5, len(seen))}"]
    found += _offers(folded, counts, solid)
    if size <= 60:
        found += _bar(folded)
        if size <= 12 and names.person(folded):
            found.append("is:person")
        if names.outlet(folded):
            found.append("is:outlet")
        if folded[0].isdigit() and (dated := match_date(folded)) and dated[1] == size:
            found.append("is:onlydate")
    return found


def _offers(folded: str, counts: dict[str, int], solid: int) -> list[str]:
    """Return the features of advertisements: how many trades, how much of the line, contacts and disguises."""
    trade, lure = counts.get("trade", 0), counts.get("lure", 0)
    found = [f"is:{name}" for name, mark in _disguises() if mark.search(folded)]
    if trade or found:
        amount = min(4, trade // 2)
        found += [f"trades{sum(1 for group in TRADES if counts.get(group))}", f"offer{amount}lure{min(3, lure // 2)}",
                  f"offer{_level(min(solid, trade + lure) / solid)}l",
                  f"offer{amount}report{bool(counts.get('report')):d}"]
    return found


@cache
def _marks() -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple((name, re.compile(text)) for name, text in document("wording")["marks"].items())


@cache
def _disguises() -> tuple[tuple[str, re.Pattern[str]], ...]:
    own = tuple((name, re.compile(text)) for name, text in document("wording")["disguises"].items())
    return (*own, *((name, pattern("spam", name)) for name in ("disguised", "contact", "spaced")))


def _bar(folded: str) -> list[str]:
    cells = [c for c in _CELLS.split(folded) if c]
    if len(cells) < 3:
        return [f"cells{len(cells)}"]
    longest = max(map(len, cells))
    return [f"cells{min(9, len(cells))}", f"cell{min(6, longest // 2)}",
            f"bar{min(9, len(cells))}x{_level(longest / 20)}"]


def features(folded: str) -> list[str]:
    """Return all features of one folded line, which is not empty.

    >>> {"=分享", "act5"} <= set(features("分享"))
    True
    """
    return [*grams(folded), *shape(folded)]
