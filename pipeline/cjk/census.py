"""Which script and language a text is in, counted character by character.

A text is Traditional or Simplified by the characters that only one of the two writes: about 4,100 and
3,800, computed from the dictionaries of opencc-python-reimplemented.  No language model is asked about
Han text: langdetect takes Traditional Chinese for Korean more often than not.  It is asked about text
in Latin, Cyrillic, Arabic and Devanagari letters, with a fixed seed.

One lookup a character (numpy) gives each character a class; everything else works on the counts.
"""
from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from pipeline.cjk.batch import batches
from pipeline.cjk.opencc_data import choices
from pipeline.cjk.other_languages import likeliest
from pipeline.cjk.phrases import Codes, to_codes

CHUNK = 1 << 16  # characters looked at in one go, so that a huge text costs little memory
FEWEST_LETTERS = 20  # langdetect calls "Contact" Spanish and "Privacy policy" Polish
ENOUGH = 3000  # characters for langdetect
Classes = npt.NDArray[np.uint8]

RANGES = (  # attribute, first and last code point
    ("latin", 0x41, 0x5A), ("latin", 0x61, 0x7A), ("latin", 0xC0, 0xD6), ("latin", 0xD8, 0xF6),
    ("latin", 0xF8, 0x24F), ("latin", 0x1E00, 0x1EFF), ("latin", 0xFF21, 0xFF3A), ("latin", 0xFF41, 0xFF5A),
    ("greek", 0x370, 0x3FF), ("cyrillic", 0x400, 0x52F), ("hebrew", 0x590, 0x5FF), ("arabic", 0x600, 0x6FF),
    ("devanagari", 0x900, 0x97F), ("thai", 0xE00, 0xE7F),
    ("hiragana", 0x3041, 0x309F), ("katakana", 0x30A1, 0x30FA), ("katakana", 0x30FC, 0x30FF),
    ("katakana", 0x31F0, 0x31FF), ("katakana", 0xFF66, 0xFF9D),
    ("hangul", 0x1100, 0x11FF), ("hangul", 0x3130, 0x318F), ("hangul", 0xAC00, 0xD7A3),
    ("han", 0x3400, 0x4DBF), ("han", 0x4E00, 0x9FFF), ("han", 0xF900, 0xFAFF), ("han", 0x20000, 0x323AF),
)
ADDRESS = re.compile(r"[a-z]{2,8}://[!-~]*", re.I)
LETTERS = {"latin": "Latn", "greek": "Grek", "cyrillic": "Cyrl", "hebrew": "Hebr", "arabic": "Arab",
           "devanagari": "Deva", "thai": "Thai"}
ONE_LANGUAGE = {"Grek": "el", "Hebr": "he", "Thai": "th", "Jpan": "ja", "Kore": "ko"}


class Census(NamedTuple):
    """What a text is written in.

    `script` is the ISO 15924 code of the text as a whole (``"Hans"``, ``"Hant"``, ``"Jpan"``, ``"Kore"``,
    ``"Latn"``, ...), ``"mixed"`` for both kinds of Chinese, ``"neutral"`` for Han characters that both write
    alike, ``"none"`` for no letters.  `lang` is its BCP 47 tag.  `counts` has the characters by attribute.
    `han` is the script of its Han characters alone, and `form` tells Traditional texts apart: ``"TW"``,
    ``"HK"``, ``"OpenCC"``, ``"s2t"`` (made from Simplified character by character) or ``""``.  `classical`
    marks classical prose.
    """

    script: str
    lang: str
    counts: dict[str, int]
    han: str = "none"
    form: str = ""
    classical: bool = False


def census(text: str, ask: bool = True) -> Census:
    """Return what `text` is written in; without `ask`, langdetect is left out and such a text is ``"und"``.

    >>> census("后来大家都说这件事不难。")[:2], census("後來大家都說這件事不難。")[:2]
    (('Hans', 'zh-Hans'), ('Hant', 'zh-Hant'))
    """
    return _judged(text, count(text), ask)


def censuses(texts: Sequence[str], ask: bool = True) -> list[Census]:
    """Return the census of each text; half as dear as one after the other."""
    return [_judged(text, counts, ask) for text, counts in zip(texts, counts_of(texts), strict=True)]


def _judged(text: str, counts: dict[str, int], ask: bool) -> Census:
    han = han_script(counts)
    form = traditional_form(counts) if han in ("Hant", "mixed") else ""
    classical = _is_classical(counts)
    letters, script = _letters(counts)
    syllables = counts.get("han", 0) + counts.get("hiragana", 0) + counts.get("katakana", 0) + counts.get("hangul", 0)
    if 4 * syllables < letters and syllables and "://" in text:  # an address is in no language
        letters, script = _letters(count(ADDRESS.sub(" ", text)))
    if 4 * syllables >= letters and syllables:  # a syllable sign says about as much as four letters
        script = han
    elif not letters:
        return Census("none", "und", counts)
    if script == han:
        lang = _han_language(han, form, counts, classical)
    else:
        lang = ONE_LANGUAGE.get(script) or (_guess(text) if ask and letters >= FEWEST_LETTERS else "und")
    return Census(script, lang, counts, han, form, classical)


def _letters(counts: dict[str, int]) -> tuple[int, str]:
    """Return the number of letters of the alphabet that most letters belong to, and its code."""
    return max((counts.get(name, 0), code) for name, code in LETTERS.items())


def count(text: str) -> dict[str, int]:
    """Return how many characters of `text` have each attribute (``han``, ``traditional``, ``latin``, ...)."""
    return next(counts_of((text,)))


def counts_of(texts: Iterable[str]) -> Iterator[dict[str, int]]:
    """Yield what `count` says of each text; they are counted together."""
    tables = _tables()
    for group in batches(texts):
        bins = np.zeros((len(group), len(tables.names)), np.int64)
        if len(group) == 1:
            for at in range(0, len(group[0]), CHUNK):
                bins[0] += np.bincount(classify(to_codes(group[0][at : at + CHUNK])), minlength=bins.size)
        else:
            rows = np.repeat(np.arange(0, bins.size, len(tables.names)), [len(text) for text in group])
            rows += classify(to_codes("".join(group)))
            bins += np.bincount(rows, minlength=bins.size).reshape(bins.shape)
        for totals in (bins @ tables.members).tolist():
            yield {name: n for name, n in zip(tables.attributes, totals, strict=True) if n}


def han_script(counts: dict[str, int]) -> str:
    """Return the script that the Han characters (and kana, hangul) of a text with these counts are in."""
    def get(name: str) -> int:
        return counts.get(name, 0)

    han, trad, simp = get("han"), get("traditional"), get("simplified")
    if get("hangul") > get("hiragana") + get("katakana") and 3 * get("hangul") > han:
        return "Kore"
    if is_japanese(get) or (trad and simp and not get("chinese")):  # 東京都港区: both, as Japanese writes them
        return "Jpan"
    if not han:
        return "none"
    if not trad + simp:
        return "neutral"
    share = trad / (trad + simp)
    return "Hant" if share >= 0.8 else "mixed" if share >= 0.2 and trad >= 3 else "Hans"


def is_japanese(get: Callable[[str], Any]) -> Any:
    """Say whether text is Japanese; `get` returns the number, or numbers, of characters with an attribute.

    Japanese prose has at least as much kana as kanji, a headline one in four; Chinese prose has a quoted title.
    Forms of the Japanese reform (気, 駅) do not stand in Chinese text, nor 這 and 们 in Japanese.
    """
    kana, han = get("hiragana") + get("katakana"), get("han")
    written = (4 * kana > han) & (8 * get("hiragana") > han) | (kana > 0) & (han == 0)
    return written | (get("japanese") > 0) & (get("japanese") >= get("chinese"))


def traditional_form(counts: dict[str, int]) -> str:
    """Return which way of writing Traditional Chinese the counts show: TW, HK, OpenCC, s2t or unknown (empty)."""
    get = counts.get
    if get("merged", 0) >= 2 and get("merged", 0) > 1.5 * get("split", 0):
        return "s2t"
    if get("OpenCC", 0) > get("Taiwan", 0):
        return "OpenCC"
    if get("Hong-Kong", 0) > get("not-Hong-Kong", 0) or 40 * get("Cantonese", 0) > get("han", 0):
        return "HK"
    if get("li-hk", 0) > get("li-tw", 0) and get("zhe-hk", 0) > get("zhe-tw", 0) and get("Taiwan", 0):
        return "HK"
    return "TW" if get("Taiwan", 0) or get("li-tw", 0) + get("zhe-tw", 0) else ""


def _is_classical(counts: dict[str, int]) -> bool:
    han, get = counts.get("han", 0), counts.get
    return (han >= 20 and get("classical-particle", 0) * 60 >= han and get("modern", 0) * 60 <= han
            and (get("classical-particle", 0) + get("classical-word", 0)) * 14 >= han)


def _han_language(script: str, form: str, counts: dict[str, int], classical: bool) -> str:
    if script in ONE_LANGUAGE:
        return ONE_LANGUAGE[script]
    if script == "mixed":
        return "zh"
    written = "Hant" if script == "Hant" else "Hans"
    if counts.get("Cantonese", 0) * 40 > counts.get("han", 0):
        return f"yue-{written}"
    if classical:
        return f"lzh-{written}"
    return f"zh-{written}-{form}" if form in ("TW", "HK") else f"zh-{written}"


def _guess(text: str) -> str:
    """Return the language of a text that is not Han as langdetect sees it, ``"und"`` if it is not sure."""
    found = likeliest(text[:ENOUGH])
    if found is None:
        return "und"
    lang, sure = found
    return lang if sure >= 0.8 and lang[:2] not in ("zh", "ja", "ko") else "und"


class _Tables(NamedTuple):
    classes: Classes  # code point -> class
    names: list[frozenset[str]]  # class -> its attributes
    attributes: list[str]
    members: npt.NDArray[np.int64]  # class x attribute: 1 if the class has it


def classify(codes: Codes) -> Classes:
    """Return the class of each code point; classes are indices into ``members()``."""
    return _tables().classes.take(codes)


@cache
def members(attribute: str) -> Classes:
    """Return, for each class, 1 if its characters have `attribute`, else 0."""
    tables = _tables()
    return tables.members[:, tables.attributes.index(attribute)].astype(np.uint8)


@cache
def _tables() -> _Tables:
    ranges = np.zeros(0x110000, np.uint8)
    names: list[frozenset[str]] = [frozenset()]
    for attribute, first, last in RANGES:
        if frozenset({attribute}) not in names:
            names.append(frozenset({attribute}))
        ranges[first : last + 1] = names.index(frozenset({attribute}))
    by_char: dict[str, set[str]] = {}
    for attribute, chars in _marks().items():
        for char in chars:
            by_char.setdefault(char, set()).add(attribute)
    index = {name: i for i, name in enumerate(names)}
    for char, found in by_char.items():
        name = frozenset(found) | names[ranges[ord(char)]]
        ranges[ord(char)] = index.setdefault(name, len(index))
    names = list(index)
    attributes = sorted(set().union(*names))
    belongs = np.array([[int(a in name) for a in attributes] for name in names], np.int64)
    return _Tables(ranges, names, attributes, belongs)


@cache
def _marks() -> dict[str, set[str]]:
    """Return the characters of each attribute that does not follow from a range of code points."""
    marks: dict[str, set[str]] = {}
    text = files("pipeline").joinpath("data/script/marks.tsv").read_text(encoding="utf-8")
    for line in text.splitlines():
        if line and not line.startswith("#"):
            name, chars = line.split("\t")
            marks[name] = set(chars)
    to_simplified, to_traditional = choices("TSCharacters.txt"), choices("STCharacters.txt")
    regional = {v for file in ("TWVariants.txt", "HKVariants.txt") for vs in choices(file).values() for v in vs}
    traditional = {c for c, values in to_simplified.items() if c not in values} - marks.pop("weak-traditional")
    simplified = {c for c, values in to_traditional.items() if c not in values}
    reformed = choices("JPVariants.txt")
    japanese = {v for values in reformed.values() for v in values}
    marks["simplified"] = simplified - regional - marks.pop("weak-simplified") - traditional
    marks["traditional"] = traditional
    marks["chinese"] = {c for c in traditional | marks["simplified"] if c in reformed or not _is_everyday_kanji(c)}
    marks["weak"] = set(to_simplified) - traditional
    marks["japanese"] = {c for c in japanese - set(to_simplified) - set(to_traditional)
                         if not c.encode("gb2312", "ignore") and not c.encode("cp950", "ignore")}
    return marks


def _is_everyday_kanji(char: str) -> bool:
    """Say whether `char` is one of the 2,965 of JIS X 0208, level 1."""
    return 0x889F <= int.from_bytes(char.encode("shift_jis", "ignore"), "big") <= 0x9872
