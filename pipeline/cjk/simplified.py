"""Traditional to Simplified Chinese as a mainland editor would have it.

The conversion is that of opencc-python-reimplemented; where it is known to be wrong, a named correction
from data/script/corrections.tsv says otherwise.  All conversions here keep the length of the text, so
character i of the result stands for character i of the text.
"""
from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from itertools import accumulate
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from pipeline.cjk.convert import converter
from pipeline.cjk.credits import credits
from pipeline.cjk.heaven import heavens
from pipeline.cjk.opencc_data import choices
from pipeline.cjk.phrases import Codes, Phrases, leftmost_longest, to_codes, to_text

Places = npt.NDArray[np.int64]


class Change(NamedTuple):
    """[start, end) became something else because of the rule `why`; between, nothing changed that matters."""

    start: int
    end: int
    why: str


class Simplified(NamedTuple):
    """The converted text, of the same length, and its changes in order."""

    text: str
    changes: list[Change]


def simplify(text: str, conversion: str = "t2s") -> Simplified:
    """Return `text` in Simplified characters; `conversion` is t2s, tw2s or hk2s.

    A change with the conversion's name as `why` may span characters that stay; one with the name of a
    correction is just the corrected characters.

    >>> simplify("隨著顯著的進步", "tw2s").text
    '随着显著的进步'
    """
    return simplify_all([text], conversion)[0]


def simplify_all(texts: Sequence[str], conversion: str = "t2s") -> list[Simplified]:
    """Return what `simplify` says of each text; several short ones are quicker together.

    They are joined by new lines, which no key holds and no rule looks across.
    """
    text = "\n".join(texts)
    before = to_codes(text)
    plain = converter(conversion).codes(text, before)
    after, rules = corrected(text, before, plain)
    differs = before != after
    changed, named = differs.nonzero()[0], (differs & (after != plain)).nonzero()[0]
    now, which = to_text(after), rules[named]
    ends = list(accumulate(len(text) + 1 for text in texts))
    starts = [0, *ends[:-1]]
    found = []
    places, names = [0, *changed.searchsorted(ends).tolist()], [0, *named.searchsorted(ends).tolist()]
    for i, (start, end) in enumerate(zip(starts, ends, strict=True)):
        own, rule = changed[places[i] : places[i + 1]], slice(names[i], names[i + 1])
        changes = _changes(own - start, (named[rule] - start, which[rule]), conversion) if len(own) else []
        found.append(Simplified(now[start : end - 1], changes))
    return found


def corrected(text: str, before: Codes, plain: Codes) -> tuple[Codes, npt.NDArray[np.uint8]]:
    """Return `plain` with the corrections made, and for each character which rule spoke (0: none)."""
    table = _corrections()
    after, rules = plain.copy(), table.rule_of.take(before)
    places = (rules != 0).nonzero()[0]
    after[places] = table.becomes[before[places]]
    for match in leftmost_longest(table.phrases.find(text, before)):
        after[match.start : match.end], rules[match.start : match.end] = table.words[match.key]
    for at in credits(text, table.surnames):
        after[at] = ord("著")
    for at in heavens(text, table.surnames):
        if not rules[at]:  # no word has decided
            after[at], rules[at] = ord("乾"), table.names.index("qian") + 1
    return after, rules


def _changes(places: Places, named: tuple[Places, npt.NDArray[np.uint8]], conversion: str) -> list[Change]:
    """Group all changed places: the `named` ones that adjoin under one rule, the others between two of those groups."""
    at, rule = named
    if not len(at):
        return [Change(int(places[0]), int(places[-1]) + 1, conversion)]
    groups: list[tuple[int, int, int]] = []
    for place, which in zip(at.tolist(), rule.tolist(), strict=True):
        if groups and groups[-1][1:] == (place, which):
            groups[-1] = groups[-1][0], place + 1, which
        else:
            groups.append((place, place + 1, which))
    starts, ends = [group[0] for group in groups], [group[1] for group in groups]
    firsts, lasts = places.searchsorted([0, *ends]), places.searchsorted([*starts, places[-1] + 1])
    names = _corrections().names
    changes = [Change(start, end, names[which - 1]) for start, end, which in groups]
    changes += [Change(int(places[first]), int(places[last - 1]) + 1, conversion)
                for first, last in zip(firsts.tolist(), lasts.tolist(), strict=True) if first < last]
    return sorted(changes)


class _Corrections(NamedTuple):
    names: list[str]  # rule n is names[n - 1]
    rule_of: npt.NDArray[np.uint8]
    becomes: Codes
    phrases: Phrases
    words: dict[str, tuple[Codes, int]]
    surnames: frozenset[str]


@cache
def _corrections() -> _Corrections:
    names: list[str] = []
    rule_of, becomes = np.zeros(0x110000, np.uint8), np.zeros(0x110000, np.uint32)
    words: dict[str, tuple[Codes, int]] = {}
    longer: list[tuple[str, str, int]] = []
    for line in _data("corrections.tsv").splitlines():
        if not line or line.startswith("#"):
            continue
        name, pairs = line.split("\t")
        if name not in names:
            names.append(name)
        for key, value in (pair.split(">") for pair in pairs.split(" ")):
            if len(key) == 1:
                rule_of[ord(key)], becomes[ord(key)] = names.index(name) + 1, ord(value)
            else:
                longer.append((key, value, names.index(name) + 1))
    keys, values = [key for key, _, _ in longer], [value for _, value, _ in longer]
    spellings = [set(row) for row in zip(keys, *_regional(keys), _half_simplified(keys, values), strict=True)]
    for (_, value, rule), found, simple in zip(longer, spellings, _plainly(values), strict=True):
        stays = value == simple and not any(rule_of[ord(char)] for char in value)
        for spelling in found | (set() if stays else {value}):
            words.setdefault(spelling, (to_codes(value), rule))
    return _Corrections(names, rule_of, becomes, Phrases(words), words, frozenset(_data("surnames.txt").strip()))


def _regional(keys: list[str]) -> list[list[str]]:
    """Return the keys as Taiwan, Hong Kong and OpenCC write them, but for the characters that the rules are about."""
    tables = [{ord(k): v[0] for k, v in choices(file).items() if k not in "著着么"} for file in
              ("TWVariants.txt", "HKVariants.txt", "TWVariantsRev.txt", "HKVariantsRev.txt")]
    return ["\n".join(keys).translate(table).split("\n") for table in tables]


def _half_simplified(keys: list[str], values: list[str]) -> list[str]:
    """Return the keys simplified, but for the characters that the rules are about: 随著 for 隨著."""
    return ["".join(b if b == c else a for a, b, c in zip(key, plain, value, strict=True))
            for key, plain, value in zip(keys, _plainly(keys), values, strict=True)]


def _plainly(words: list[str]) -> list[str]:
    return converter("t2s").convert("\n".join(words)).split("\n")


class Choice(NamedTuple):
    """A Traditional character whose Simplified form is a choice: what was taken, how often, where first."""

    char: str
    taken: str
    others: str
    times: int
    first: int


def choices_made(before: str, after: str) -> list[Choice]:
    """Return the one-to-many choices that a conversion of equal length made.

    >>> choices_made("吃餅乾和葡萄乾", "吃饼干和葡萄干")
    [Choice(char='乾', taken='干', others='乾', times=2, first=2)]
    """
    forms, flags = _ambiguous()
    places = flags.take(to_codes(before)).nonzero()[0].tolist()
    pairs = [(before[at], after[at]) for at in places]
    first = dict(zip(reversed(pairs), reversed(places), strict=True))
    return [Choice(char, taken, forms[char].replace(taken, ""), times, first[char, taken])
            for (char, taken), times in Counter(pairs).items()]


@cache
def _ambiguous() -> tuple[dict[str, str], npt.NDArray[np.bool_]]:
    rows = [line.split("\t") for line in _data("ambiguous.tsv").splitlines() if not line.startswith("#")]
    flags = np.zeros(0x110000, bool)
    flags[[ord(row[0]) for row in rows]] = True
    return {row[0]: row[1] for row in rows}, flags


def _data(name: str) -> str:
    return files("pipeline").joinpath("data/script", name).read_text(encoding="utf-8")
